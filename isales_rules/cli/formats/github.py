"""Workflow commands of GitHub Actions."""

from __future__ import annotations

from collections.abc import Iterator

from isales_rules._text import escape_nonprintable
from isales_rules.cli.findings import Finding
from isales_rules.cli.formats.base import Formatter
from isales_rules.cli.selection import relative_path


class GitHubFormatter(Formatter):
    """The commands by which GitHub Actions marks each finding in the file."""

    def finding(self, finding: Finding) -> Iterator[str]:
        where = f"line={finding.line},endLine={finding.end_line},col={finding.column},endColumn={finding.end_column}"
        file = escape_nonprintable(relative_path(finding.file, self.context.root))
        head = f"file={_property(file)},{where},title={_property(finding.code or finding.rule)}"
        yield f"::{finding.severity} {head}::{_data(f'{self.place(finding)}: {finding.message}')}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
