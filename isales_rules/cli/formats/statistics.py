"""Option `--statistics`: counts instead of findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from isales_rules.cli.findings import ChunkResult
from isales_rules.cli.formats.base import FormatterContext, Summary
from isales_rules.cli.formats.text import TextFormatter


class StatisticsFormatter(TextFormatter):
    """Writes the number of findings of each rule, the most frequent first."""

    excerpts = False

    def __init__(self, context: FormatterContext) -> None:
        super().__init__(context)
        self._counts: Counter[tuple[str, str]] = Counter()

    def chunk(self, result: ChunkResult) -> Iterable[str]:
        several = bool(self.context.others)
        self._counts.update(
            (self.label(finding), f"{finding.ruleset} {finding.rule}" if several else finding.rule)
            for finding in result.findings
        )
        return ()

    def end(self, summary: Summary) -> Iterable[str]:
        counts = [
            f"{count:>8,}  {label:8}  {rule}" for (label, rule), count in self._counts.most_common()
        ]
        return [*counts, *super().end(summary)]
