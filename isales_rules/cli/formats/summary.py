"""The last lines for people: counts, and the rules that were skipped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from string import Template
from textwrap import wrap

from isales_rules.cli.excerpts import WIDTH
from isales_rules.cli.formats.base import Summary
from isales_rules.report import counted


def closing(summary: Summary, words: Mapping[str, str]) -> Iterator[str]:
    """Yield the counts of a check, whether it stopped early, and how to state the facts of the rules that were skipped."""
    unit = "file" if summary.texts == summary.files else "text"
    checked = [_count(summary.files, "file", words)]
    if unit == "text":
        checked.append(_count(summary.texts, unit, words))
    found = [_count(number, one, words) for number, one in ((summary.errors, "error"), (summary.warnings, "warning")) if number]
    told = []
    if found:
        told.append(_phrase("found-in", words, found=words["separator"].join(found), where=_count(summary.invalid, unit, words)))
    elif not summary.failures:
        told.append(words["passed"])
    told += [_count(number, one, words) for number, one in ((summary.known, "known"), (summary.fixed, "gone")) if number]
    if summary.failures:
        told.append(_count(len(summary.failures), "trouble", words))
    yield _phrase("summary", words, checked=words["separator"].join(checked), told=words["between"].join(told))
    if summary.stopped:
        yield words["stopped"]
    if summary.unchecked:
        skipped = _phrase("skipped", words, rules=words["separator"].join(summary.unchecked))
        yield from wrap(skipped, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
        yield words["state-facts"]


def _count(number: int, unit: str, words: Mapping[str, str]) -> str:
    return counted(words[unit], number)


def _phrase(name: str, words: Mapping[str, str], **values: str) -> str:
    return Template(words[name]).substitute(values)
