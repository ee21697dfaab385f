"""What becomes of a rule set with something of everything is what was read and written down (`tests.wide`)."""

from __future__ import annotations

import pytest

from tests.cases import DATA
from tests.wide import derived


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return derived(tmp_path_factory.mktemp("wide"))


@pytest.mark.parametrize("file", ["wide.py.txt", "wide.cases.ndjson", "wide.reference.json", "wide.reference.zh_CN.md"])
def test_what_is_derived_from_a_rule_set_changes_only_where_somebody_reads_the_change(file: str, made: dict[str, str]) -> None:
    assert made[file].splitlines() == (DATA / file).read_text("utf-8").splitlines()
