"""Formats `json` and `jsonl`: findings for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from isales_rules import __version__
from isales_rules.cli.findings import ChunkResult, Finding
from isales_rules.cli.formats.base import Formatter, FormatterContext, Summary

VERSION = 1
"""Version of the formats. It changes if a member is removed or changes its meaning."""


def _plain(finding: Finding) -> dict[str, Any]:
    members = finding._asdict()
    del members["excerpt"]
    return members


class JsonLinesFormatter(Formatter):
    """Writes an object for each finding, one a line."""

    def finding(self, finding: Finding) -> str:
        return json.dumps({"version": VERSION, **_plain(finding)})


class JsonArrayFormatter(Formatter):
    """Writes a document with an array, one item a line.

    The array is never in memory as a whole.
    """

    def __init__(self, context: FormatterContext) -> None:
        super().__init__(context)
        self._latest: list[str] = []

    def item(self, finding: Finding) -> dict[str, Any]:
        """Return the item for a finding."""
        raise NotImplementedError

    def chunk(self, result: ChunkResult) -> Iterable[str]:
        # Every item but the last one ends with a comma, so the latest one waits.
        items = [
            *self._latest,
            *(f" {json.dumps(self.item(finding))}" for finding in result.findings),
        ]
        self._latest = items[-1:]
        return [f"{item}," for item in items[:-1]]

    def end(self, summary: Summary) -> Iterable[str]:  # noqa: ARG002  # subclasses use the summary
        return self._latest


class JsonFormatter(JsonArrayFormatter):
    """Writes a document: version, tool, rule set, findings and summary."""

    def begin(self) -> Iterable[str]:
        head = {
            "version": VERSION,
            "tool": f"isales-rules {__version__}",
            "ruleset": self.context.rules.name,
        }
        return [f'{json.dumps(head)[:-1]}, "findings": [']

    def item(self, finding: Finding) -> dict[str, Any]:
        return _plain(finding)

    def end(self, summary: Summary) -> Iterable[str]:
        counts = {**vars(summary), "unchecked": list(summary.unchecked)}
        return [*super().end(summary), f'], "summary": {json.dumps(counts)}}}']
