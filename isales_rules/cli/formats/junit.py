"""JUnit's XML, as Jenkins, GitLab and most other servers show it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from tempfile import SpooledTemporaryFile
from xml.sax.saxutils import escape, quoteattr

from isales_rules.cli.findings import ChunkResult, Finding
from isales_rules.cli.formats.base import Formatter, FormatterContext, Summary

IN_MEMORY = 1 << 20
"""Bytes of test cases that are kept in memory; more go into a temporary file."""


class JUnitFormatter(Formatter):
    """A suite for each file, a test case for each finding. What lets nothing fail is a case that passed, as is a file without findings.

    The counts come first in this form, so that the test cases, one a line, wait in a temporary file until the end.
    """

    def __init__(self, setting: FormatterContext) -> None:
        super().__init__(setting)
        self._cases = SpooledTemporaryFile(IN_MEMORY, "w+", encoding="ascii", errors="xmlcharrefreplace", newline="\n")  # noqa: SIM115  # `end` closes it
        self._counts: dict[str, list[int]] = {}

    def chunk(self, outcome: ChunkResult) -> Iterator[str]:
        counts = self._counts.setdefault(outcome.file, [0, 0])
        for one in outcome.findings:
            fails = one.severity in self.context.fails
            counts[0] += 1
            counts[1] += fails
            self._cases.write(f"  {self._case(one, fails)}\n")
        yield from ()

    def _case(self, one: Finding, fails: bool) -> str:
        name, place = self.name(one.file), self.place(one)
        told = f"{place}: {one.message}"
        where = f"{name}:{one.line}:{one.column}"
        attributes = f'name={quoteattr(f"{self.label(one)} {place}")} classname={quoteattr(one.rule)} file={quoteattr(name)} line="{one.line}"'
        if fails:
            text = f"{where}: {told}\n{one.rule}, {self.source(one)}{f'{chr(10)}{one.hint}' if one.hint else ''}"
            inside = f"<failure type={quoteattr(self.label(one))} message={quoteattr(told)}>{escape(text, _LINE_FEED)}</failure>"
        else:
            inside = f"<system-out>{escape(f'{where}: {told}')}</system-out>"
        return f"<testcase {attributes}>{inside}</testcase>"

    def end(self, summary: Summary) -> Iterator[str]:
        for line in self._lines(summary):
            yield line.encode("ascii", "xmlcharrefreplace").decode("ascii")

    def _lines(self, summary: Summary) -> Iterator[str]:
        names = [quoteattr(trouble) for trouble in summary.failures]
        troubles = [f'<testcase name={one} classname="isales-rules"><error message={one} /></testcase>' for one in names]
        tests = sum(max(count, 1) for count, _ in self._counts.values()) + len(troubles)
        failures = sum(failed for _, failed in self._counts.values())
        yield '<?xml version="1.0" encoding="us-ascii"?>'
        yield f'<testsuites name="isales-rules" tests="{tests}" failures="{failures}" errors="{len(troubles)}">'
        with self._cases as cases:
            cases.seek(0)
            for file, (count, failed) in self._counts.items():
                name = quoteattr(self.name(file))
                yield _suite(name, max(count, 1), failed, 0)
                yield from (line.removesuffix("\n") for line in islice(cases, count))
                if not count:
                    yield f'  <testcase name={name} classname="isales-rules" file={name} />'
                yield " </testsuite>"
        if troubles:
            yield _suite('"isales-rules"', len(troubles), 0, len(troubles))
            yield from (f"  {trouble}" for trouble in troubles)
            yield " </testsuite>"
        yield "</testsuites>"


_LINE_FEED = {"\n": "&#10;"}


def _suite(name: str, tests: int, failures: int, errors: int) -> str:
    return f' <testsuite name={name} tests="{tests}" failures="{failures}" errors="{errors}" skipped="0">'
