"""Format `concise`: one line for each finding, for editors."""

from __future__ import annotations

from collections.abc import Iterable

from isales_rules.cli.findings import ChunkResult
from isales_rules.cli.formats.base import Formatter, Summary, file_name
from isales_rules.cli.formats.summary import closing


class ConciseFormatter(Formatter):
    """Writes `file:line:column: CODE path: message`, and a summary."""

    def chunk(self, result: ChunkResult) -> Iterable[str]:
        name, describe = file_name(result.file), self.describe
        return [
            f"{name}:{finding.line}:{finding.column}: {describe(finding)}"
            for finding in result.findings
        ]

    def end(self, summary: Summary) -> Iterable[str]:
        return () if self.context.quiet else closing(summary, self.context.phrases)
