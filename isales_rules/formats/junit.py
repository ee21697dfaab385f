"""JUnit's XML, as Jenkins, GitLab and most other servers show it."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from isales_rules.checker import Outcome
from isales_rules.formats.form import Form, Setting, Summary, label, name, place


class JUnit(Form):
    """A suite for each file, a test case for each finding. What lets nothing fail is a case that passed, as is a file without findings.

    The counts come first in this form, so that all of it is held until the end.
    """

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._suites: dict[str, list[str]] = {}
        self._failures: dict[str, int] = {}

    def tell(self, outcome: Outcome) -> Iterator[str]:
        cases = self._suites.setdefault(outcome.file, [])
        for one in outcome.findings:
            told = f"{place(one)}: {one.message}"
            where = f"{name(one.file)}:{one.line}:{one.column}"
            attributes = f"name={quoteattr(f'{label(one)} {place(one)}')} classname={quoteattr(one.rule)}"
            attributes += f" file={quoteattr(name(one.file))} line={quoteattr(str(one.line))}"
            if one.severity in self.setting.fails:
                self._failures[outcome.file] = self._failures.get(outcome.file, 0) + 1
                text = f"{where}: {told}\n{one.rule}, {one.source}{f'{chr(10)}{one.hint}' if one.hint else ''}"
                inside = f"<failure type={quoteattr(label(one))} message={quoteattr(told)}>{escape(text)}</failure>"
            else:
                inside = f"<system-out>{escape(f'{where}: {told}')}</system-out>"
            cases.append(f"  <testcase {attributes}>{inside}</testcase>")
        yield from ()

    def end(self, summary: Summary) -> Iterator[str]:
        for line in self._lines(summary):
            yield line.encode("ascii", "xmlcharrefreplace").decode("ascii")

    def _lines(self, summary: Summary) -> Iterator[str]:
        for file, cases in self._suites.items():
            if not cases:
                cases.append(f'  <testcase name={quoteattr(name(file))} classname="isales-rules" file={quoteattr(name(file))} />')
        names = [quoteattr(trouble) for trouble in summary.troubles]
        troubles = [f'  <testcase name={one} classname="isales-rules"><error message={one} /></testcase>' for one in names]
        tests = sum(map(len, self._suites.values())) + len(troubles)
        yield '<?xml version="1.0" encoding="us-ascii"?>'
        yield f'<testsuites name="isales-rules" tests="{tests}" failures="{sum(self._failures.values())}" errors="{len(troubles)}">'
        for file, cases in self._suites.items():
            yield from _suite(name(file), cases, self._failures.get(file, 0), 0)
        if troubles:
            yield from _suite("isales-rules", troubles, 0, len(troubles))
        yield "</testsuites>"


def _suite(title: str, cases: list[str], failures: int, errors: int) -> Iterator[str]:
    yield f' <testsuite name={quoteattr(title)} tests="{len(cases)}" failures="{failures}" errors="{errors}" skipped="0">'
    yield from cases
    yield " </testsuite>"
