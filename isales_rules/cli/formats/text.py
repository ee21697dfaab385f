"""For people: each finding with its line, a mark under what is wrong, and how to correct it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from isales_rules.cli.excerpts import columns
from isales_rules.cli.findings import ChunkResult, Finding
from isales_rules.cli.formats.base import Formatter, FormatterContext, Summary
from isales_rules.cli.formats.summary import closing

_BOLD, _RED, _YELLOW, _BLUE, _PLAIN = "\033[1m", "\033[1;31m", "\033[1;33m", "\033[1;34m", "\033[0m"


class TextFormatter(Formatter):
    """A paragraph for each excerpt with its findings, and at the end a summary."""

    excerpts = True

    def __init__(self, setting: FormatterContext) -> None:
        super().__init__(setting)
        self._help = setting.words["help"]
        self._empty = True

    def chunk(self, outcome: ChunkResult) -> Iterator[str]:
        name = self.name(outcome.file)
        for (line, excerpt), findings in groupby(outcome.findings, lambda one: (one.line, one.excerpt and one.excerpt[0])):
            if not self._empty:
                yield ""
            self._empty = False
            yield from self._paragraph(name, line, excerpt, [*findings])

    def _paragraph(self, name: str, line: int, excerpt: str | None, findings: list[Finding]) -> Iterator[str]:
        for one in findings:
            where = self._in(_BOLD, f"{name}:{line}:{one.column}:")
            yield f"{where} {self._in(_alarm(one), self.label(one))} {self.place(one)}: {one.message}"
        margin = " " * len(str(line))
        if excerpt is not None:
            yield f"{self._in(_BLUE, f'{line} |')} {excerpt}".rstrip()
            yield f"{self._in(_BLUE, f'{margin} |')} {self._marks(findings)}"
        for one in findings:
            yield f"{margin} {self._in(_BLUE, '=')} {one.rule} ({self.source(one)})"
            if one.hint:
                first, *more = one.hint.split("\n")
                yield f"{margin} {self._in(_BLUE, '=')} {self._help}{first}"
                yield from (f"{margin}   {' ' * columns(self._help)}{option}" for option in more)

    def _marks(self, findings: list[Finding]) -> str:
        """Mark what is wrong in an excerpt, each column once."""
        marks, column = "", 0
        for one in findings:
            _, before, under = one.excerpt or ("", 0, 0)
            start, end = max(before, column), before + under
            if start < end:
                marks += " " * (start - column) + self._in(_alarm(one), "^" * (end - start))
                column = end
        return marks

    def end(self, summary: Summary) -> Iterator[str]:
        if self.context.quiet:
            return
        if not self._empty:
            yield ""
        first, *more = closing(summary, self.context.words)
        yield self._in(_RED if summary.errors else _YELLOW if summary.warnings else "", first)
        yield from more

    def _in(self, colour: str, text: str) -> str:
        return f"{colour}{text}{_PLAIN}" if colour and self.context.colour else text


def _alarm(finding: Finding) -> str:
    return _RED if finding.severity == "error" else _YELLOW
