"""Patterns with catastrophic backtracking are rejected, usual ones are not."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from isales_rules.language.patterns import SLOW, refused

SLOW_PATTERNS = [
    "(a+)+b", "(a*)*", "(a|a)*b", "(a|aa)+", "(.*)*x", r"(\w+\s?)*", "(a{1,10}){1,10}b", "(a?){40}a{40}", "a?" * 30 + "a" * 30, ".*.*.*x",
    "(a+?)+?b", "((a+)+b)*+", "(?>(a+)+b)", "(?=(a+)+b)a", "(?<!b)(?!(a|a)*b)a", "(a)?(?(1)(b+)+c|d)", "(?i:(a+)+)b", "(([a-z]+,)+;)*", "(a|ab)*c",
    "(a*a*){2}b", "x*(y*|z)*", "(?:a{0,1000}){5}",
]  # fmt: skip
GOOD_PATTERNS = [
    "[1-7](,[1-7])*", r"[0-9]{1,3}(\.[0-9]{1,3}){3}", "([0-9a-f]{1,4}:){7}[0-9a-f]{1,4}", "[^@]+@[^@]+", "https?://[^/]+/.*", "(a++)+b", "(?>a|ab)*c",
    "(?:a++b)*+c", "[a-z]{2}_[A-Z]{2}", "(GET|POST|PUT)", "(?:(?>GET|PUT),)*x", "a{1000}", "(a{10}){10}", "(?=a+b)a", ".*", "",
    "x?" * 19, r"(a)?b\1",
]  # fmt: skip


@pytest.mark.parametrize("pattern", SLOW_PATTERNS)
def test_slow_pattern_is_rejected(pattern: str) -> None:
    assert refused(pattern) == SLOW


@pytest.mark.parametrize("pattern", GOOD_PATTERNS)
def test_usual_pattern_is_accepted(pattern: str) -> None:
    assert refused(pattern) == ""


def patterns(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (
            value[name] for name in ("regex", "partial_pattern") if isinstance(value.get(name), str)
        )
    for inner in (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        yield from patterns(inner)


def test_shipped_patterns_are_accepted() -> None:
    files = (Path(__file__).parents[2] / "rulesets").glob("*.toml")
    shipped = [
        pattern for file in files for pattern in patterns(tomllib.loads(file.read_text("utf-8")))
    ]
    assert len(shipped) >= 3
    assert [pattern for pattern in shipped if refused(pattern)] == []


def test_invalid_pattern_raises() -> None:
    with pytest.raises(re.error):
        refused("(")
