"""What fuzzing came to is answered without an exception, alike by both engines, and with right positions. The fuzzer itself is not needed."""

from __future__ import annotations

import pytest

from tests.tools.fuzz.corpus import kept
from tests.tools.fuzz.targets import TARGETS

INPUTS = list(kept())


@pytest.mark.filterwarnings("ignore::FutureWarning")  # of patterns that mean something else one day
@pytest.mark.parametrize("target", TARGETS)
def test_every_input_that_is_kept_is_answered(target: str) -> None:
    inputs = [data for name, data in INPUTS if name == target]
    assert inputs
    for data in inputs:
        try:
            TARGETS[target].check(data, thorough=True)
        except Exception as error:
            error.add_note(f"of the input {data!r}")
            raise
