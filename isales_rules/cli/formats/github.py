"""Format `github`: workflow commands of GitHub Actions."""

from __future__ import annotations

from isales_rules._text import escape_nonprintable
from isales_rules.cli.findings import Finding
from isales_rules.cli.formats.base import Formatter
from isales_rules.cli.selection import relative_path


class GitHubFormatter(Formatter):
    """Writes the command that annotates the file for each finding."""

    def finding(self, finding: Finding) -> str:
        region = f"line={finding.line},endLine={finding.end_line},col={finding.column},endColumn={finding.end_column}"
        file = _property(escape_nonprintable(relative_path(finding.file, self.context.root)))
        title = _property(finding.code or finding.rule)
        message = _data(f"{self.path(finding)}: {finding.message}")
        return f"::{finding.severity} file={file},{region},title={title}::{message}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
