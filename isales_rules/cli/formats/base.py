"""What every format is given and gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from isales_rules._text import escape_json
from isales_rules.cli.findings import ChunkResult, Finding
from isales_rules.language.catalog import load_catalog
from isales_rules.report import format_path as shown_path
from isales_rules.ruleset import RuleSet


class FormatterContext(NamedTuple):
    """What a form may need to know: the rules, the language, the folder that paths are told from, and whether there is colour.

    `fails` says which severities let the command fail; `quiet` leaves out all but the findings.
    """

    rules: RuleSet
    locale: str
    root: str
    fails: frozenset[str] = frozenset({"error"})
    colour: bool = False
    quiet: bool = False

    @property
    def words(self) -> Mapping[str, str]:
        """The phrases of the language."""
        return load_catalog().phrases[self.locale]


class Summary:
    """Counts of what was checked and told: `texts` are bodies, requests or replies, `known` findings that the baseline has.

    `stopped` says that the check ended early, at so many errors as were asked for; `troubles` has what could not be checked, and why.
    `gone` counts what the baseline has of the files that were checked and was not found again.
    """

    def __init__(self) -> None:
        self.files = self.texts = self.invalid = self.errors = self.warnings = self.known = self.fixed = 0
        self.stopped = False
        self.unchecked: dict[str, None] = {}
        self.failures: list[str] = []


class Formatter:
    """A way to write findings down. Each method yields lines, without their ends. `excerpts` says whether it shows lines of the files."""

    excerpts = False

    def __init__(self, setting: FormatterContext) -> None:
        self.context = setting

    def begin(self) -> Iterator[str]:
        """Write what comes first."""
        yield from ()

    def chunk(self, outcome: ChunkResult) -> Iterator[str]:
        """Write what one block of a file gave."""
        for finding in outcome.findings:
            yield from self.finding(finding)

    def finding(self, finding: Finding) -> Iterator[str]:
        """Write one finding."""
        raise NotImplementedError

    def end(self, summary: Summary) -> Iterator[str]:  # noqa: ARG002  # most forms end without counts
        """Write what comes last."""
        yield from ()

    def label(self, finding: Finding) -> str:
        """Name what a finding is: its code, or `warning`."""
        return finding.code or self.context.words["warning-label"]

    def place(self, finding: Finding) -> str:
        """Name the place of a finding inside its text."""
        return shown_path(finding.path) or self.context.words["whole"]

    def told(self, finding: Finding) -> str:
        """Say what a finding is, where in its text, and why."""
        return f"{self.label(finding)} {self.place(finding)}: {finding.message}"

    def source(self, finding: Finding) -> str:
        """Name the source of a finding's rule; the words of the document's structure are in the language of the messages."""
        return _source(finding.source, self.context.locale)

    def name(self, file: str) -> str:
        """Name a file to people."""
        return self.context.words["standard-input"] if file == "-" else file_name(file)


def file_name(file: str) -> str:
    """Write the name of a file as it prints, so that no line that begins with it is a command to GitHub Actions."""
    name = escape_json(file)
    return f"./{name}" if name.lstrip().startswith("::") else name


@lru_cache(1024)
def _source(source: str, locale: str) -> str:
    words = load_catalog().phrases[locale]
    parts = []
    for part in source.split(", "):
        head, space, rest = part.partition(" ")
        parts.append(words.get(f"source {part}") or f"{words.get(f'source {head}', head)}{space}{rest}")
    return words.get("source ,", ", ").join(parts)
