"""Closing lines for people: counts and skipped rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from string import Template
from textwrap import wrap

from isales_rules.cli.excerpts import WIDTH
from isales_rules.cli.formats.base import Summary
from isales_rules.messages import format_count


def closing(summary: Summary, phrases: Mapping[str, str]) -> Iterator[str]:
    """Yield the counts of a check, and the skipped rules."""
    unit = "file" if summary.texts == summary.files else "text"
    checked = [_count(summary.files, "file", phrases)]
    if unit == "text":
        checked.append(_count(summary.texts, unit, phrases))
    separator = phrases["separator"]
    results = phrases["between"].join(_results(summary, unit, phrases))
    yield _phrase("summary", phrases, checked=separator.join(checked), found=results)
    if summary.stopped:
        yield phrases["stopped"]
    if summary.unchecked:
        skipped = _phrase("skipped", phrases, rules=separator.join(summary.unchecked))
        yield from wrap(
            skipped, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
        )
        yield phrases["state-facts"]


def _results(summary: Summary, unit: str, phrases: Mapping[str, str]) -> Iterator[str]:
    counts = ((summary.errors, "error"), (summary.warnings, "warning"))
    found = [_count(number, name, phrases) for number, name in counts if number]
    if found:
        invalid = _count(summary.invalid, unit, phrases)
        yield _phrase("found-in", phrases, found=phrases["separator"].join(found), where=invalid)
    elif not summary.failures:
        yield phrases["passed"]
    more = (
        (summary.known, "known"),
        (summary.fixed, "gone"),
        (summary.others, "other"),
        (len(summary.failures), "trouble"),
    )
    yield from (_count(number, name, phrases) for number, name in more if number)


def _count(number: int, unit: str, phrases: Mapping[str, str]) -> str:
    return format_count(phrases[unit], number)


def _phrase(name: str, phrases: Mapping[str, str], **values: str) -> str:
    return Template(phrases[name]).substitute(values)
