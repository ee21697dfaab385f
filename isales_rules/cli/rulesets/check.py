"""The command `ruleset check`."""

from __future__ import annotations

import argparse
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from isales_rules.cli.errors import print_error
from isales_rules.cli.findings import ChunkResult
from isales_rules.cli.locations import Located
from isales_rules.cli.rulesets.cases import KINDS as CASE_KINDS
from isales_rules.cli.rulesets.cases import check_cases, load_file
from isales_rules.cli.rulesets.lint import KINDS as LINTS
from isales_rules.cli.rulesets.lint import lint
from isales_rules.cli.rulesets.regions import TomlRegions, locate_syntax_error
from isales_rules.cli.rulesets.reports import File, Kinds, Problem, write_reports
from isales_rules.cli.settings import gather_options
from isales_rules.language.model import BASE_REASON, PARTS
from isales_rules.ruleset import RuleSetError, load

INVALID = "invalid-rule-set"
KINDS = Kinds({INVALID: "error", **dict.fromkeys(LINTS, "warning"), **CASE_KINDS.severities})
CASES = ".ndjson"
_ABOUT_KEY = ("unknown keyword", "is not for ", "applies only to ")
"""Beginnings of reasons whose region is the key, not the value."""


def run_ruleset_check(arguments: argparse.Namespace) -> int:
    """Check rule sets, write the reports, and return the exit code."""
    if arguments.test:
        arguments.files = [*_with_cases(arguments.files)]
    return write_reports(arguments, gather_options(arguments), KINDS, check_file)


def _with_cases(files: Iterable[str]) -> Iterator[str]:
    """Yield rule sets, each with the worked answers beside it if there are any."""
    for name in dict.fromkeys(file.removesuffix(CASES).removesuffix(".toml") for file in files):
        yield f"{name}.toml"
        if os.path.exists(name + CASES):
            yield name + CASES


def check_file(file: File) -> ChunkResult:
    """Find the problems of a rule set, or the differences from worked answers."""
    if file.name.endswith(CASES):
        with suppress(RuleSetError):
            return check_cases(load_file(f"{file.name.removesuffix(CASES)}.toml"), file)
        return file.result([])
    text = file.raw.decode("utf-8", "replace")
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError):
        data = None
    problems = [*_problems(file.name, data or {})]
    locate = _locator(text, is_valid=data is not None) if problems else None
    return file.result(
        (problem._replace(path=name_rule(problem.path, data or {})), locate and locate(problem))
        for problem in problems
    )


def _problems(file: str, data: Mapping[str, Any]) -> Iterator[Problem]:
    try:
        rules = load_file(file)
    except RuleSetError as error:
        found = _base_problems(file) if _is_base(error) else _located(error)
        for name, location, reason in found:
            if name in (file, error.file, os.path.abspath(file)):
                yield Problem(INVALID, location, {"reason": reason}, "error")
            else:
                reasons = ": ".join(text for text in (name, location, reason) if text)
                yield Problem(INVALID, "extends", {"reason": reasons}, "error")
    else:
        yield from lint(rules, data)


def _located(error: RuleSetError) -> list[tuple[str, str, str]]:
    """Return the file, the location and the reason of each problem."""
    return [(name, *problem) for name, problem in zip(error.files, error.problems, strict=True)]


def _is_base(error: RuleSetError) -> bool:
    """Return whether a rule set has neither title nor request, so that only others extend it."""
    reasons = dict(error.problems)
    return reasons.get("request") == BASE_REASON and "title" in reasons


def _base_problems(file: str) -> list[tuple[str, str, str]]:
    """Find the problems of a base, extended by a request without parameters."""
    request = {part: {"type": "dict", "source": "?"} for part in PARTS}
    overlay = {"extends": os.path.abspath(file), "title": "?", "request": request, "tables": {}}
    try:
        load(overlay)
    except RuleSetError as error:
        return [
            (name, location, reason)
            for name, location, reason in _located(error)
            if name != error.file and not _is_left_open(location, reason)
        ]
    return []


def _is_left_open(location: str, reason: str) -> bool:
    """Return whether a rule set that extends a base may solve a problem.

    It adds codes, tables, and a source to definitions without one.
    """
    left_open = re.search(r"\.(code|tables)$|\.error_codes\.", location)
    return reason == "required field" or left_open is not None


def _locator(text: str, *, is_valid: bool) -> Callable[[Problem], Located | None]:
    """Return a function that locates a problem in a text.

    The location is unknown without the extra `toml`.
    """
    if not is_valid:
        return lambda problem: locate_syntax_error(text, problem.values["reason"])
    try:
        regions = TomlRegions(text)
    except ImportError:
        print_error("lines and columns need the extra toml: pip install 'isales-rules[toml]'")
        return lambda _: None
    return lambda problem: regions.locate(problem.path, at_key=_is_about_key(problem))


def _is_about_key(problem: Problem) -> bool:
    """Return whether to mark the key: its name, or that it is there, is the problem."""
    name, reason = problem.path.rpartition(".")[2], problem.values.get("reason", "")
    return reason.startswith(_ABOUT_KEY) or repr(name) in reason


def name_rule(location: str, data: Mapping[str, Any]) -> str:
    """Replace the index of a rule in a location by its id, if it has one."""

    def named(index: re.Match[str]) -> str:
        with suppress(LookupError, TypeError):
            if isinstance(name := data["rules"][int(index[1])]["id"], str):
                return f"rules[{name}]"
        return index[0]

    return re.sub(r"^rules\[(\d+)\]", named, location)
