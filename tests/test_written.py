"""What becomes of a rule set, and what findings look like, is what was read and written down (`tests.written`)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.small import Data, load
from tests.test_generated_cases import answer, found
from tests.written import EXPLAINED, WIDE, WRITERS, WRITTEN


@pytest.mark.parametrize("file", WRITERS)
def test_what_is_written_changes_only_where_somebody_reads_the_change(file: str, tmp_path: Path) -> None:
    assert WRITERS[file](tmp_path).split("\n") == (WRITTEN / file).read_bytes().decode().split("\n")


@pytest.mark.parametrize(("file", "data"), [("cases.ndjson", WIDE), ("cases.small.ndjson", EXPLAINED)])
def test_each_case_that_is_written_down_has_the_answer_that_it_says(file: str, data: Data, engine: str, tmp_path: Path) -> None:
    rules = load(tmp_path, data)
    for line in (WRITTEN / file).read_text("utf-8").splitlines():
        case = json.loads(line)
        assert found(answer(rules, case, engine), case) == (case["expect"], case["warn"]), case["name"]
