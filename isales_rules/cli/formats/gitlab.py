"""Format `gitlab`: GitLab's Code Quality report."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from isales_rules.cli.findings import Finding
from isales_rules.cli.formats.base import Summary
from isales_rules.cli.formats.json import JsonArrayFormatter
from isales_rules.cli.selection import relative_path


class GitLabFormatter(JsonArrayFormatter):
    """Writes an array of issues."""

    def begin(self) -> Iterable[str]:
        return ["["]

    def item(self, finding: Finding) -> dict[str, Any]:
        return {
            "type": "issue",
            "description": self.describe(finding),
            "check_name": finding.rule,
            "fingerprint": finding.fingerprint,
            "severity": "major" if finding.severity == "error" else "minor",
            "categories": ["Bug Risk"],
            "location": {
                "path": relative_path(finding.file, self.context.root),
                "positions": {
                    "begin": {"line": finding.line, "column": finding.column},
                    "end": {"line": finding.end_line, "column": finding.end_column},
                },
            },
        }

    def end(self, summary: Summary) -> Iterable[str]:
        return [*super().end(summary), "]"]
