"""Format `text`: findings with excerpts, marks and hints, for people."""

from __future__ import annotations

from collections.abc import Iterable

from isales_rules.cli.excerpts import columns
from isales_rules.cli.findings import ChunkResult, Finding
from isales_rules.cli.formats.base import Formatter, FormatterContext, Summary
from isales_rules.cli.formats.summary import closing

_BOLD, _RED, _YELLOW, _BLUE, _RESET = "\033[1m", "\033[1;31m", "\033[1;33m", "\033[1;34m", "\033[0m"


class TextFormatter(Formatter):
    """Writes a paragraph for each excerpt with its findings, and a summary."""

    excerpts = True

    def __init__(self, context: FormatterContext) -> None:
        super().__init__(context)
        self._help = context.phrases["help"]
        self._is_empty = True
        self._equals = self._coloured(_BLUE, "=")

    def chunk(self, result: ChunkResult) -> Iterable[str]:
        name = self.name(result.file)
        lines: list[str] = []
        group: list[Finding] = []
        latest: tuple[int, str | None] | None = None
        for finding in result.findings:
            excerpt = finding.line, finding.excerpt and finding.excerpt[0]
            if group and excerpt != latest:
                self._add_paragraph(lines, name, group)
                group = []
            latest = excerpt
            group.append(finding)
        if group:
            self._add_paragraph(lines, name, group)
        return lines

    def _add_paragraph(self, lines: list[str], name: str, findings: list[Finding]) -> None:
        """Add the lines for findings with the same excerpt."""
        if not self._is_empty:
            lines.append("")
        self._is_empty = False
        number, excerpt = str(findings[0].line), findings[0].excerpt
        margin = " " * len(number)
        for finding in findings:
            position = self._coloured(_BOLD, f"{name}:{number}:{finding.column}:")
            label = self._coloured(_severity_colour(finding), self.label(finding))
            lines.append(f"{position} {label} {self.path(finding)}: {finding.message}")
        if excerpt is not None:
            lines.append(f"{self._coloured(_BLUE, f'{number} |')} {excerpt[0]}".rstrip())
            lines.append(f"{self._coloured(_BLUE, f'{margin} |')} {self._marks(findings)}")
        bullet = f"{margin} {self._equals}"
        for finding in findings:
            if finding.source:
                lines.append(f"{bullet} {finding.rule} ({self.source(finding)})")
            if finding.hint:
                first, *more = finding.hint.split("\n")
                lines.append(f"{bullet} {self._help}{first}")
                if more:
                    indent = " " * columns(self._help)
                    lines += [f"{margin}   {indent}{option}" for option in more]

    def _marks(self, findings: list[Finding]) -> str:
        """Return the marks below an excerpt. Each column is marked once."""
        marks, column = "", 0
        for finding in findings:
            _, before, width = finding.excerpt or ("", 0, 0)
            start, end = max(before, column), before + width
            if start < end:
                marks += " " * (start - column) + self._coloured(
                    _severity_colour(finding), "^" * (end - start)
                )
                column = end
        return marks

    def end(self, summary: Summary) -> Iterable[str]:
        if self.context.quiet:
            return []
        first, *more = closing(summary, self.context.phrases)
        colour = _RED if summary.errors else _YELLOW if summary.warnings else ""
        return [*[""] * (not self._is_empty), self._coloured(colour, first), *more]

    def _coloured(self, colour: str, text: str) -> str:
        return f"{colour}{text}{_RESET}" if colour and self.context.colour else text


def _severity_colour(finding: Finding) -> str:
    return _RED if finding.severity == "error" else _YELLOW
