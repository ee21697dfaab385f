"""Base class of formatters, and their context."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol

from isales_rules._text import escape_json
from isales_rules.cli.findings import ChunkResult, Finding
from isales_rules.language.model import Rule
from isales_rules.messages import format_path

if TYPE_CHECKING:
    from isales_rules import Locale


class RuleTable(Protocol):
    """Rules that findings refer to, such as a rule set."""

    @property
    def name(self) -> str: ...

    def codes(self, locale: Locale) -> Mapping[str, str]:
        """Return the meaning of each result code."""

    def expectations(self, locale: Locale) -> Iterable[tuple[Rule, str]]:
        """Iterate over all rules, each with its expectation."""

    def phrases(self, locale: Locale) -> Mapping[str, str]:
        """Return the phrases of messages by name."""


class FormatterContext(NamedTuple):
    """Options of formatters.

    `rules` and `others` are the rules of the findings. Paths are relative to `root`. `fails` contains the severities that make the command fail. With
    `quiet` only findings are written.
    """

    rules: RuleTable
    locale: Locale
    root: str
    fails: frozenset[str] = frozenset({"error"})
    colour: bool = False
    quiet: bool = False
    format_path: Callable[[str], str] = format_path
    others: tuple[RuleTable, ...] = ()

    @property
    def phrases(self) -> Mapping[str, str]:
        """The phrases of the language."""
        return self.rules.phrases(self.locale)


class Summary:
    """Counts of a check.

    `texts` counts bodies, requests or replies, `known` the findings that the baseline contains, and
    `fixed` the findings of the baseline that are gone. `stopped` means that the check ended at the
    maximum number of errors. `others` counts the requests to other services. `failures` has a message for each file that could not be checked.
    """

    def __init__(self) -> None:
        self.files = self.texts = self.invalid = self.errors = self.warnings = self.known = (
            self.fixed
        ) = self.others = 0
        self.stopped = False
        self.unchecked: dict[str, None] = {}
        self.failures: list[str] = []


class Formatter:
    """Formats findings as lines without line ends.

    `excerpts` is whether the format shows lines of files.
    """

    excerpts = False

    def __init__(self, context: FormatterContext) -> None:
        self.context = context
        self._sources: dict[str, str] = {}
        phrases = context.phrases
        self._labels = {level: phrases[f"{level}-label"] for level in ("error", "warning")}
        self._whole = phrases["whole"]

    def begin(self) -> Iterable[str]:
        """Return the lines before all findings."""
        return ()

    def chunk(self, result: ChunkResult) -> Iterable[str]:
        """Return the lines for the findings of a chunk."""
        return [self.finding(finding) for finding in result.findings]

    def finding(self, finding: Finding) -> str:
        """Return the line for a finding."""
        raise NotImplementedError

    def end(self, summary: Summary) -> Iterable[str]:  # noqa: ARG002  # most formats end without counts
        """Return the lines after all findings."""
        return ()

    def label(self, finding: Finding) -> str:
        """Return the code of a finding, or the word for its severity."""
        return finding.code or self._labels[finding.severity]

    def path(self, finding: Finding) -> str:
        """Return the path of a finding as it is shown."""
        return self.context.format_path(finding.path) or self._whole

    def describe(self, finding: Finding) -> str:
        """Return the label, the path and the message of a finding."""
        return f"{self.label(finding)} {self.path(finding)}: {finding.message}"

    def source(self, described: Finding | Rule) -> str:
        """Return the source of a rule, or of a finding's, in the language of the messages.

        The source of a finding begins with its rule set if there are several.
        """
        if described.source not in self._sources:
            self._sources[described.source] = _translate(described.source, self.context.phrases)
        source = self._sources[described.source]
        if self.context.others and isinstance(described, Finding):
            return f"{escape_json(described.ruleset)}{self.context.phrases['separator']}{source}"
        return source

    def name(self, file: str) -> str:
        """Return the name of a file as it is shown."""
        return self.context.phrases["standard-input"] if file == "-" else file_name(file)


def file_name(file: str) -> str:
    """Escape the name of a file.

    A line that begins with the result is not a workflow command of GitHub Actions.
    """
    name = escape_json(file)
    return f"./{name}" if name.lstrip().startswith("::") else name


def _translate(source: str, phrases: Mapping[str, str]) -> str:
    parts = []
    for part in source.split(", "):
        head, space, rest = part.partition(" ")
        parts.append(
            phrases.get(f"source {part}") or f"{phrases.get(f'source {head}', head)}{space}{rest}"
        )
    return phrases.get("source ,", ", ").join(parts)
