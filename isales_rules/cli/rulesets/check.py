"""The command `ruleset check`."""

from __future__ import annotations

import argparse
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, suppress
from hashlib import sha256
from types import MappingProxyType
from typing import Any, NamedTuple

from isales_rules._text import escape_nonprintable
from isales_rules.cli.errors import CommandError, SourceError, UsageError, print_error
from isales_rules.cli.excerpts import Excerpts
from isales_rules.cli.findings import ChunkResult, Finding
from isales_rules.cli.formats.base import FormatterContext
from isales_rules.cli.locations import Located, Region
from isales_rules.cli.options import FAIL_LEVELS
from isales_rules.cli.output import refuse_overwriting
from isales_rules.cli.reporting import finish, open_writers, parse_outputs
from isales_rules.cli.rulesets.regions import TomlRegions, locate_syntax_error
from isales_rules.cli.runner import RunResult
from isales_rules.cli.selection import relative_path
from isales_rules.cli.settings import current_folder, gather_options, repository_root
from isales_rules.language.catalog import MessageTemplate
from isales_rules.language.model import Rule
from isales_rules.ruleset import RuleSetError, load

SOURCE = "rulesets/README.md"
INVALID = "invalid-rule-set"
_ABOUT_KEY = ("unknown keyword", "is not for ", "applies only to ")
"""Beginnings of reasons whose region is the key, not the value."""


class _Kinds(NamedTuple):
    """Kinds of findings, as a table of rules."""

    texts: Mapping[str, str]
    name: str = ""

    def codes(self, locale: str) -> Mapping[str, str]:  # noqa: ARG002  # rule sets have codes
        return MappingProxyType({})

    def expectations(self, locale: str) -> Iterator[tuple[Rule, str]]:  # noqa: ARG002  # likewise
        for kind, text in self.texts.items():
            severity = "error" if kind == INVALID else "warning"
            template = MessageTemplate(None, {}, "none")
            yield Rule(kind, None, severity, SOURCE, (), "", "", template, {}), text


KINDS = _Kinds({INVALID: "The rule set must be valid."})


class Problem(NamedTuple):
    """Something invalid or useless at a location of a rule set."""

    kind: str
    severity: str
    location: str
    message: str
    hint: str = ""


def run_ruleset_check(arguments: argparse.Namespace) -> int:
    """Check rule sets, write the reports, and return the exit code."""
    settings = gather_options(arguments)
    locale, level = settings.values["locale"], FAIL_LEVELS[settings.values["fail-level"]]
    root = repository_root(current_folder())
    outputs = parse_outputs(arguments)
    result = RunResult()
    try:
        refuse_overwriting([output.file for output in outputs], arguments.files, [])
        with ExitStack() as stack:
            context = FormatterContext(KINDS, locale, root, level, format_path=escape_nonprintable)
            writers = open_writers(arguments, settings.values["format"], context, outputs, stack)
            for writer in writers:
                writer.write(writer.formatter.begin())
            for file in arguments.files:
                try:
                    checked = result.add(check_file(file, root), None)
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


def check_file(file: str, root: str) -> ChunkResult:
    """Find the problems of a rule set in a file. Raise `SourceError` if it cannot be read."""
    try:
        with open(file, "rb") as opened:
            raw = opened.read()
    except OSError as error:
        raise SourceError("unreadable", file=file, reason=str(error.strerror)) from None
    text = raw.decode("utf-8", "replace")
    findings = _findings(file, root, text, list(_problems(file)))
    return ChunkResult(len(raw), file, 1, bool(findings), findings, [], (), secret_below=False)


def _problems(file: str) -> Iterator[Problem]:
    try:
        load(file if os.path.dirname(file) else os.path.join(os.curdir, file))
    except RuleSetError as error:
        for location, reason in error.problems:
            yield Problem(INVALID, "error", location, reason)


def _findings(file: str, root: str, text: str, problems: Iterable[Problem]) -> list[Finding]:
    """Return findings with regions, in the order of the text."""
    locate, data = _locator(text)
    excerpts = Excerpts(text, 0, [])
    path = relative_path(file, root)
    findings = []
    for problem in problems:
        located = locate(problem)
        location = name_rule(problem.location, data)
        region = Region(1, 1, 1, 1) if located is None else located.region
        identity = f"{path}\0{problem.kind}\0{location}\0{problem.message}"
        findings.append(
            Finding(
                file,
                *region,
                None,
                problem.kind,
                problem.severity,
                location,
                "" if problem.kind == INVALID else SOURCE,
                problem.message,
                problem.hint,
                sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:32],
                None if located is None else excerpts.cut(*located),
            )
        )
    return sorted(findings, key=lambda finding: finding[1:5])


def _locator(text: str) -> tuple[Callable[[Problem], Located | None], Mapping[str, Any]]:
    """Return a function that locates a problem in a text, and the parsed text.

    The location is unknown without the extra `toml`.
    """
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError):
        return lambda problem: locate_syntax_error(text, problem.message), {}
    try:
        regions = TomlRegions(text)
    except ImportError:
        print_error("lines and columns need the extra toml: pip install 'isales-rules[toml]'")
        return lambda _: None, data
    return lambda problem: regions.locate(problem.location, at_key=_is_about_key(problem)), data


def _is_about_key(problem: Problem) -> bool:
    """Return whether to mark the key: its name, or that it is there, is the problem."""
    name = problem.location.rpartition(".")[2]
    return (
        problem.severity == "warning"
        or problem.message.startswith(_ABOUT_KEY)
        or repr(name) in problem.message
    )


def name_rule(location: str, data: Mapping[str, Any]) -> str:
    """Replace the index of a rule in a location by its id, if it has one."""

    def named(index: re.Match[str]) -> str:
        with suppress(LookupError, TypeError):
            if isinstance(name := data["rules"][int(index[1])]["id"], str):
                return f"rules[{name}]"
        return index[0]

    return re.sub(r"^rules\[(\d+)\]", named, location)
