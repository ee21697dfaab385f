"""One line for each finding: for editors, and for GitHub Actions."""

from __future__ import annotations

from collections.abc import Iterator

from isales_rules.checker import Finding, from_root
from isales_rules.formats.form import Form, Summary, file_name
from isales_rules.formats.summary import closing
from isales_rules.report import printable


class Concise(Form):
    """`file:line:column: CODE message`, as editors and their problem matchers read it, and a summary."""

    def finding(self, finding: Finding) -> Iterator[str]:
        yield f"{file_name(finding.file)}:{finding.line}:{finding.column}: {self.told(finding)}"

    def end(self, summary: Summary) -> Iterator[str]:
        if not self.setting.quiet:
            yield from closing(summary, self.setting.words)


class GitHub(Form):
    """The commands by which GitHub Actions marks each finding in the file."""

    def finding(self, finding: Finding) -> Iterator[str]:
        where = f"line={finding.line},endLine={finding.end_line},col={finding.column},endColumn={finding.end_column}"
        file = printable(from_root(finding.file, self.setting.root))
        head = f"file={_property(file)},{where},title={_property(finding.code or finding.rule)}"
        yield f"::{finding.severity} {head}::{_data(f'{self.place(finding)}: {finding.message}')}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
