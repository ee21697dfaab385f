"""Format `junit`: XML for Jenkins, GitLab and most other servers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from tempfile import SpooledTemporaryFile
from xml.sax.saxutils import escape, quoteattr

from isales_rules.cli.findings import ChunkResult, Finding
from isales_rules.cli.formats.base import Formatter, FormatterContext, Summary

IN_MEMORY = 1 << 20
"""Maximum size in bytes of test cases in memory; larger ones are in a temporary file."""


class JUnitFormatter(Formatter):
    """Writes a suite for each file, and a test case for each finding.

    A finding that does not make the command fail is a passed test case, and so is a file without
    findings. Counts precede test cases in this format, so test cases are buffered until the end.
    """

    def __init__(self, context: FormatterContext) -> None:
        super().__init__(context)
        self._cases = SpooledTemporaryFile(  # noqa: SIM115  # closed at the end
            IN_MEMORY, "w+", encoding="ascii", errors="xmlcharrefreplace", newline="\n"
        )  # `end` closes it
        self._counts: dict[str, list[int]] = {}

    def chunk(self, result: ChunkResult) -> Iterable[str]:
        counts = self._counts.setdefault(result.file, [0, 0])
        name = self.name(result.file)
        for finding in result.findings:
            fails = finding.severity in self.context.fails
            counts[0] += 1
            counts[1] += fails
            self._cases.write(f"  {self._case(finding, name, fails)}\n")
        return ()

    def _case(self, finding: Finding, name: str, fails: bool) -> str:
        label, path = self.label(finding), self.path(finding)
        message = f"{path}: {finding.message}"
        position = f"{name}:{finding.line}:{finding.column}"
        title = quoteattr(f"{label} {path}")
        attributes = f'name={title} classname={quoteattr(finding.rule)} file={quoteattr(name)} line="{finding.line}"'
        if fails:
            lines = [f"{position}: {message}", f"{finding.rule}, {self.source(finding)}"]
            text = "\n".join([*lines, finding.hint] if finding.hint else lines)
            head = f"type={quoteattr(label)} message={quoteattr(message)}"
            result = f"<failure {head}>{escape(text, _LINE_FEED)}</failure>"
        else:
            result = f"<system-out>{escape(f'{position}: {message}')}</system-out>"
        return f"<testcase {attributes}>{result}</testcase>"

    def end(self, summary: Summary) -> Iterable[str]:
        return (
            line.encode("ascii", "xmlcharrefreplace").decode("ascii")
            for line in self._lines(summary)
        )

    def _lines(self, summary: Summary) -> Iterator[str]:
        names = [quoteattr(failure) for failure in summary.failures]
        errors = [
            f'<testcase name={name} classname="isales-rules"><error message={name} /></testcase>'
            for name in names
        ]
        tests = sum(max(count, 1) for count, _ in self._counts.values()) + len(errors)
        failures = sum(failed for _, failed in self._counts.values())
        yield '<?xml version="1.0" encoding="us-ascii"?>'
        yield f'<testsuites name="isales-rules" tests="{tests}" failures="{failures}" errors="{len(errors)}">'
        with self._cases as cases:
            cases.seek(0)
            for file, (count, failed) in self._counts.items():
                name = quoteattr(self.name(file))
                yield _suite(name, max(count, 1), failed, 0)
                yield from (line.removesuffix("\n") for line in islice(cases, count))
                if not count:
                    yield f'  <testcase name={name} classname="isales-rules" file={name} />'
                yield " </testsuite>"
        if errors:
            yield _suite('"isales-rules"', len(errors), 0, len(errors))
            yield from (f"  {error}" for error in errors)
            yield " </testsuite>"
        yield "</testsuites>"


_LINE_FEED = {"\n": "&#10;"}


def _suite(name: str, tests: int, failures: int, errors: int) -> str:
    return f' <testsuite name={name} tests="{tests}" failures="{failures}" errors="{errors}" skipped="0">'
