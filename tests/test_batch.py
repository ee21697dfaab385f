"""Many texts: results that fit a table, and ranges of a file."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from itertools import islice, repeat
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isales_rules import FactError, RuleSet, batch
from tests.support.cases import bases

VALID = bases()["previewed"]
LINE = json.dumps(VALID)
INVALID = json.dumps(VALID | {"maxAlertingTime": 300, "strEndTime": "2030-10-0723:59:59"})


def test_result_of_each_line(rules: RuleSet) -> None:
    lines = [LINE, INVALID.encode(), "", None, "["]
    results = [*batch.validate_lines(rules, lines)]
    assert [(one["ok"], one["codes"]) for one in results] == [
        (True, []),
        (False, ["02000007"]),
        (False, ["02000001"]),
        (False, ["02000001"]),
        (False, ["02000008"]),
    ]
    for line, result in zip(lines, results, strict=True):
        report = rules.validate_json(line or "")
        assert json.loads(result["violations"]) == report.to_dict()["violations"]


def test_results_use_facts_and_locale(rules: RuleSet) -> None:
    facts = {"campaign_names": {VALID["name"]}}
    [result] = batch.validate_lines(rules, [LINE], facts, locale="zh_CN")
    assert result["codes"] == ["0200005"]
    assert "不能与其他外呼活动重名" in result["violations"]


def test_invalid_arguments_raise_at_once(rules: RuleSet) -> None:
    locale: Any = "de"
    with pytest.raises(FactError, match="unknown fact"):
        batch.validate_lines(rules, [], {"odd": 1})
    with pytest.raises(ValueError, match="unknown locale"):
        batch.validate_lines(rules, [], locale=locale)


def test_lines_are_read_lazily(rules: RuleSet) -> None:
    def lines() -> Iterator[str]:
        yield LINE
        raise AssertionError

    assert next(batch.validate_lines(rules, lines()))["ok"]


def test_memory_is_constant(rules: RuleSet) -> None:
    def peak(count: int) -> int:
        tracemalloc.start()
        try:
            for _ in islice(batch.validate_lines(rules, repeat(INVALID)), count):
                pass
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(10)  # fills caches
    assert peak(500) < 200_000  # the results have 0.5 MB


TEXTS = st.lists(st.sampled_from([b"", b"a", b"\xff\xff", b"longer\r", b"x" * 50, b" \x0b"]))


@given(TEXTS, st.booleans(), st.integers(1, 120))
def test_ranges_are_the_lines_of_the_file(texts: list[bytes], ends: bool, size: int) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "lines"
        file.write_bytes(b"\n".join(texts) + (b"\n" if ends else b""))
        content = file.read_bytes()
        parts = [*batch.ranges(file, size)]
        pieces = [content[start : start + length] for start, length in parts]
        assert b"".join(pieces) == content
        assert all(piece.endswith(b"\n") for piece in pieces[:-1])
        # No range could end one line earlier.
        assert all(len(piece[:-1].rpartition(b"\n")[0]) < size for piece in pieces)
        lines = [line for part in parts for line in batch.read_lines(file, *part)]
        assert lines == [*batch.read_lines(file)]
        expected = content.split(b"\n")[: None if content[-1:] not in (b"", b"\n") else -1]
        assert lines == [line.rstrip(b"\r") for line in expected]


@pytest.mark.parametrize("size", [0, -1])
def test_range_has_a_positive_size(size: int, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        [*batch.ranges(tmp_path / "none", size)]
