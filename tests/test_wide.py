"""What becomes of a rule set with something of everything is what was read and written down (`tests.wide`)."""

from __future__ import annotations

import json

import pytest

from isales_rules import RuleSet
from tests.cases import DATA
from tests.small import load
from tests.test_generated_cases import answer, found
from tests.wide import WIDE, derived


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> RuleSet:
    return load(tmp_path_factory.mktemp("wide"), WIDE)


@pytest.fixture(scope="module")
def made(wide: RuleSet) -> dict[str, str]:
    return derived(wide)


@pytest.mark.parametrize("file", ["wide.py.txt", "wide.cases.ndjson", "wide.reference.json", "wide.reference.zh_CN.md"])
def test_what_is_derived_from_a_rule_set_changes_only_where_somebody_reads_the_change(file: str, made: dict[str, str]) -> None:
    assert made[file].splitlines() == (DATA / file).read_text("utf-8").splitlines()


def test_each_case_that_is_written_down_has_the_answer_that_it_says(wide: RuleSet, engine: str) -> None:
    for line in (DATA / "wide.cases.ndjson").read_text("utf-8").splitlines():
        case = json.loads(line)
        assert found(answer(wide, case, engine), case) == (case["expect"], case["warn"]), case["name"]
