"""JSON for programs: one document, one object a line, and GitLab's Code Quality report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from isales_rules import __version__
from isales_rules.cli.findings import Finding
from isales_rules.cli.formats.base import Formatter, FormatterContext, Summary

VERSION = 1
"""The version of what `json` and `jsonl` write: another one where a member is gone or means something else, the same where one is new."""


def _plain(finding: Finding) -> dict[str, Any]:
    told = finding._asdict()
    del told["excerpt"]
    return told


class JsonLinesFormatter(Formatter):
    """An object for each finding, one a line."""

    def finding(self, finding: Finding) -> Iterator[str]:
        yield json.dumps({"version": VERSION, **_plain(finding)})


class JsonArrayFormatter(Formatter):
    """A document with an array in it, one entry a line, which is never held as a whole."""

    def __init__(self, setting: FormatterContext) -> None:
        super().__init__(setting)
        self._latest: str | None = None

    def entry(self, finding: Finding) -> dict[str, Any]:
        """Make the entry of a finding."""
        raise NotImplementedError

    def finding(self, finding: Finding) -> Iterator[str]:
        if self._latest is not None:
            yield f"{self._latest},"
        self._latest = f" {json.dumps(self.entry(finding))}"

    def end(self, summary: Summary) -> Iterator[str]:  # noqa: ARG002  # what follows the array is written by those that have a use for it
        if self._latest is not None:
            yield self._latest


class JsonFormatter(JsonArrayFormatter):
    """One document: the version of this form, who wrote it, the findings, and a summary."""

    def begin(self) -> Iterator[str]:
        head = {"version": VERSION, "tool": f"isales-rules {__version__}", "ruleset": self.context.rules.name}
        yield f'{json.dumps(head)[:-1]}, "findings": ['

    def entry(self, finding: Finding) -> dict[str, Any]:
        return _plain(finding)

    def end(self, summary: Summary) -> Iterator[str]:
        yield from super().end(summary)
        yield f'], "summary": {json.dumps({**vars(summary), "unchecked": list(summary.unchecked)})}}}'
