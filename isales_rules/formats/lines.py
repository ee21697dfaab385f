"""One line for each finding: for editors, and for GitHub Actions."""

from __future__ import annotations

from collections.abc import Iterator

from isales_rules.checker import Finding, from_root
from isales_rules.formats.form import Form, label, place
from isales_rules.report import escaped


class Concise(Form):
    """`file:line:column: CODE message`, as editors and their problem matchers read it."""

    def finding(self, finding: Finding) -> Iterator[str]:
        yield f"{escaped(finding.file)}:{finding.line}:{finding.column}: {label(finding)} {place(finding)}: {finding.message}"


class GitHub(Form):
    """The commands by which GitHub Actions marks each finding in the file."""

    def finding(self, finding: Finding) -> Iterator[str]:
        where = f"line={finding.line},endLine={finding.end_line},col={finding.column},endColumn={finding.end_column}"
        head = f"file={_property(from_root(finding.file, self.setting.root))},{where},title={_property(finding.code or finding.rule)}"
        yield f"::{finding.severity} {head}::{_data(f'{place(finding)}: {finding.message}')}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
