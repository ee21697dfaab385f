"""One line for each finding: for editors, and for GitHub Actions."""

from __future__ import annotations

from collections.abc import Iterator

from isales_rules.cli.findings import Finding
from isales_rules.cli.formats.base import Formatter, Summary, file_name
from isales_rules.cli.formats.summary import closing


class ConciseFormatter(Formatter):
    """`file:line:column: CODE message`, as editors and their problem matchers read it, and a summary."""

    def finding(self, finding: Finding) -> Iterator[str]:
        yield f"{file_name(finding.file)}:{finding.line}:{finding.column}: {self.told(finding)}"

    def end(self, summary: Summary) -> Iterator[str]:
        if not self.context.quiet:
            yield from closing(summary, self.context.words)
