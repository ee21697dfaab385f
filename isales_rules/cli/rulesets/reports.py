"""Reports of findings about rule sets and worked answers."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from hashlib import sha256
from string import Template
from types import MappingProxyType
from typing import NamedTuple

from isales_rules._text import escape_nonprintable
from isales_rules.cli.errors import CommandError, SourceError, UsageError, print_error
from isales_rules.cli.excerpts import Excerpts
from isales_rules.cli.findings import ChunkResult, Finding
from isales_rules.cli.formats.base import FormatterContext
from isales_rules.cli.locations import Located, Region
from isales_rules.cli.options import FAIL_LEVELS
from isales_rules.cli.output import refuse_overwriting
from isales_rules.cli.reporting import finish, open_writers, parse_outputs
from isales_rules.cli.runner import RunResult
from isales_rules.cli.selection import relative_path
from isales_rules.cli.settings import Settings, current_folder, repository_root
from isales_rules.language.catalog import MessageTemplate, load_catalog
from isales_rules.language.model import Rule

SOURCE = "rulesets/README.md"


class Problem(NamedTuple):
    """Something invalid or useless in a file.

    `kind` names a phrase, and `values` are those of its placeholders; `nearest` is suggested.
    """

    kind: str
    path: str
    values: Mapping[str, str] = MappingProxyType({})
    severity: str = "warning"
    code: str | None = None
    hint: str = ""

    def message(self, locale: str) -> str:
        """Return the message in a language."""
        phrases = load_catalog().phrases[locale]
        nearest = self.values.get("nearest")
        hint = Template(phrases["hint"]).substitute(hint=nearest) if nearest else ""
        return Template(phrases[self.kind]).substitute(self.values) + hint


class Kinds(NamedTuple):
    """Kinds of problems with their severities, as a table of rules."""

    severities: Mapping[str, str]
    name: str = ""

    def codes(self, locale: str) -> Mapping[str, str]:  # noqa: ARG002  # codes belong to rule sets
        return MappingProxyType({})

    def expectations(self, locale: str) -> Iterator[tuple[Rule, str]]:
        phrases = load_catalog().phrases[locale]
        template = MessageTemplate(None, {}, "none")
        for kind, severity in self.severities.items():
            yield Rule(kind, None, severity, SOURCE, (), "", "", template, {}), phrases[kind]


class File(NamedTuple):
    """File to find problems in. Paths in reports are relative to `root`."""

    name: str
    raw: bytes
    root: str
    locale: str

    def result(
        self, problems: Iterable[tuple[Problem, Located | None]], texts: int = 1
    ) -> ChunkResult:
        """Return findings in the order of the text. A file without texts has one."""
        text = self.raw.decode("utf-8", "replace")
        excerpts = Excerpts(text, 0, [])
        findings = [self._finding(excerpts, *problem) for problem in problems]
        findings.sort(key=lambda finding: finding[1:5])
        invalid = len({finding.line for finding in findings}) if texts > 1 else bool(findings)
        return ChunkResult(
            len(self.raw), self.name, texts, invalid, findings, [], (), secret_below=False
        )

    def _finding(self, excerpts: Excerpts, problem: Problem, located: Located | None) -> Finding:
        message = problem.message(self.locale)
        identity = "\0".join(
            [relative_path(self.name, self.root), problem.kind, problem.path, message]
        )
        return Finding(
            self.name,
            *(Region(1, 1, 1, 1) if located is None else located.region),
            problem.code,
            problem.kind,
            problem.severity,
            problem.path,
            SOURCE if problem.severity == "warning" else "",
            message,
            problem.hint,
            sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:32],
            None if located is None else excerpts.cut(*located),
        )


def write_reports(
    arguments: argparse.Namespace,
    settings: Settings,
    kinds: Kinds,
    check: Callable[[File], ChunkResult],
    others: Iterable[str] = (),
) -> int:
    """Check each file, write the reports, and return the exit code.

    `others` are further files that the command reads.
    """
    locale, level = settings.values["locale"], FAIL_LEVELS[settings.values["fail-level"]]
    root = repository_root(current_folder())
    outputs = parse_outputs(arguments)
    result = RunResult()
    try:
        refuse_overwriting([output.file for output in outputs], arguments.files, others)
        with ExitStack() as stack:
            context = FormatterContext(kinds, locale, root, level, format_path=escape_nonprintable)
            writers = open_writers(arguments, settings.values["format"], context, outputs, stack)
            for writer in writers:
                writer.write(writer.formatter.begin())
            for name in arguments.files:
                try:
                    checked = result.add(check(File(name, _read(name), root, locale)), None)
                except SourceError as error:
                    result.summary.failures.append(error.message(locale))
                    print_error(error.message(locale))
                    continue
                for writer in writers:
                    writer.write(writer.formatter.chunk(checked))
            finish(writers, result.summary, locale)
    except CommandError as error:
        raise UsageError(error.message(locale)) from None
    return result.exit_code(level, writers)


def _read(name: str) -> bytes:
    try:
        with open(name, "rb") as opened:
            return opened.read()
    except OSError as error:
        raise SourceError("unreadable", file=name, reason=str(error.strerror)) from None
