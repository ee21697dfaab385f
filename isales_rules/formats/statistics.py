"""Counts instead of findings, for an overview of many files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from isales_rules.checker import Outcome
from isales_rules.formats.form import Setting, Summary
from isales_rules.formats.text import Text


class Statistics(Text):
    """One line for each rule with its number of findings, the most frequent first."""

    excerpts = False

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._counts: Counter[tuple[str, str]] = Counter()

    def tell(self, outcome: Outcome) -> Iterator[str]:
        self._counts.update((self.label(finding), finding.rule) for finding in outcome.findings)
        yield from ()

    def end(self, summary: Summary) -> Iterator[str]:
        for (name, rule), count in self._counts.most_common():
            yield f"{count:>8,}  {name:8}  {rule}"
        yield from super().end(summary)
