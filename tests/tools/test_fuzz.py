"""The fuzzing corpus: no exceptions, equal engines, correct positions.

The fuzzer itself is not needed.
"""

from __future__ import annotations

import pytest

from tests.tools.fuzz.corpus import corpus_inputs
from tests.tools.fuzz.targets import TARGETS

INPUTS = list(corpus_inputs())


@pytest.mark.filterwarnings(
    "ignore::FutureWarning"
)  # regular expressions that will change their meaning
@pytest.mark.parametrize("target", TARGETS)
def test_corpus_inputs_raise_nothing(target: str) -> None:
    inputs = [data for name, data in INPUTS if name == target]
    assert inputs
    for data in inputs:
        try:
            TARGETS[target].check(data, thorough=True)
        except Exception as error:
            error.add_note(f"of the input {data!r}")
            raise
