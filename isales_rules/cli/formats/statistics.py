"""Counts instead of findings, for an overview of many files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from isales_rules.cli.findings import ChunkResult
from isales_rules.cli.formats.base import FormatterContext, Summary
from isales_rules.cli.formats.text import TextFormatter


class Statistics(TextFormatter):
    """One line for each rule with its number of findings, the most frequent first."""

    excerpts = False

    def __init__(self, setting: FormatterContext) -> None:
        super().__init__(setting)
        self._counts: Counter[tuple[str, str]] = Counter()

    def chunk(self, outcome: ChunkResult) -> Iterator[str]:
        self._counts.update((self.label(finding), finding.rule) for finding in outcome.findings)
        yield from ()

    def end(self, summary: Summary) -> Iterator[str]:
        for (name, rule), count in self._counts.most_common():
            yield f"{count:>8,}  {name:8}  {rule}"
        yield from super().end(summary)
