"""What every format is given and gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from isales_rules.checker import Finding, Outcome
from isales_rules.report import escaped
from isales_rules.report import place as shown_path
from isales_rules.ruleset import RuleSet


class Setting(NamedTuple):
    """What a form may need to know: the rules, the language, the folder that paths are told from, and whether there is colour.

    `fails` says which severities let the command fail, and `quiet` that there are no closing lines.
    """

    rules: RuleSet
    locale: str
    root: str
    fails: frozenset[str] = frozenset({"error"})
    colour: bool = False
    quiet: bool = False


class Summary:
    """Counts of what was checked and told: `texts` are bodies, requests or replies, `known` findings that the baseline has.

    `stopped` says that the check ended early, at so many errors as were asked for; `troubles` has what could not be checked, and why.
    `gone` counts what the baseline has of the files that were checked and was not found again.
    """

    def __init__(self) -> None:
        self.files = self.texts = self.wrong = self.errors = self.warnings = self.known = self.gone = 0
        self.stopped = False
        self.unchecked: dict[str, None] = {}
        self.troubles: list[str] = []


class Form:
    """A way to write findings down. Each method yields lines, without their ends."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting

    def begin(self) -> Iterator[str]:
        """Write what comes first."""
        yield from ()

    def tell(self, outcome: Outcome) -> Iterator[str]:
        """Write what one block of a file gave."""
        for finding in outcome.findings:
            yield from self.finding(finding)

    def finding(self, finding: Finding) -> Iterator[str]:
        """Write one finding."""
        raise NotImplementedError

    def end(self, summary: Summary) -> Iterator[str]:  # noqa: ARG002  # most forms end without counts
        """Write what comes last."""
        yield from ()


def label(finding: Finding) -> str:
    """Name what a finding is: its code, or `warning`."""
    return finding.code or finding.severity


def place(finding: Finding) -> str:
    """Name the place of a finding inside its text."""
    return shown_path(finding.path) or "(whole)"


def name(file: str) -> str:
    """Name a file to people."""
    return "(standard input)" if file == "-" else escaped(file)
