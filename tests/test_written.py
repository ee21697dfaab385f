"""What becomes of a rule set, and what findings look like, is what was read and written down (`tests.written`)."""

from __future__ import annotations

import json

import pytest

from tests.small import load
from tests.test_generated_cases import answer, found
from tests.written import WIDE, WRITTEN, of_findings, of_rule_set


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("written")
    return dict([*of_rule_set(folder), *of_findings(folder)])


@pytest.mark.parametrize("file", sorted(file.name for file in WRITTEN.iterdir()))
def test_what_is_written_changes_only_where_somebody_reads_the_change(file: str, made: dict[str, str]) -> None:
    assert made[file].split("\n") == (WRITTEN / file).read_bytes().decode().split("\n")


def test_all_that_is_written_is_written_down(made: dict[str, str]) -> None:
    assert sorted(made) == sorted(file.name for file in WRITTEN.iterdir())


def test_each_case_that_is_written_down_has_the_answer_that_it_says(engine: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    wide = load(tmp_path_factory.mktemp("wide"), WIDE)
    for line in (WRITTEN / "cases.ndjson").read_text("utf-8").splitlines():
        case = json.loads(line)
        assert found(answer(wide, case, engine), case) == (case["expect"], case["warn"]), case["name"]
