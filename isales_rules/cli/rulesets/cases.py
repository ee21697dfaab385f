"""The command `ruleset test`: worked answers, and the differences from them."""

from __future__ import annotations

import argparse
import copy
import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from isales_rules._text import suggest
from isales_rules.cli.errors import UsageError
from isales_rules.cli.facts import parse_times
from isales_rules.cli.findings import ChunkResult
from isales_rules.cli.locations import Located, Region
from isales_rules.cli.rulesets.reports import File, Kinds, Problem, write_reports
from isales_rules.cli.settings import gather_options
from isales_rules.report import Report
from isales_rules.ruleset import RuleSet, load

KINDS = Kinds(dict.fromkeys(("missing-error", "unexpected-error", "invalid-case"), "error"))

MEMBERS = ("case", "ruleset", "base", "body", "set", "drop", "request", "facts", "expect")
"""Members of a worked answer."""


def run_ruleset_test(arguments: argparse.Namespace) -> int:
    """Validate worked answers, report the differences, and return the exit code."""
    rules = load_file(arguments.ruleset_file)
    check = partial(check_cases, rules)
    return write_reports(
        arguments, gather_options(arguments), KINDS, check, [arguments.ruleset_file]
    )


def load_file(file: str) -> RuleSet:
    """Load a rule set from a file, whatever its name."""
    return load(file if os.path.dirname(file) else os.path.join(os.curdir, file))


def check_cases(rules: RuleSet, file: File) -> ChunkResult:
    """Find the differences of a file of worked answers, skipping other rule sets."""
    name = os.path.basename(rules.name).removesuffix(".toml")
    bases = _read_bases(os.path.join(os.path.dirname(file.name), f"{name}.bases.json"))
    problems: list[tuple[Problem, Located]] = []
    begin = texts = 0
    for number, line in enumerate(file.raw.decode("utf-8", "replace").split("\n"), 1):
        if line.strip():
            found = list(_check_case(rules, name, bases, line))
            texts += found != [None]
            located = _locate(line, number, begin)
            problems += [(problem, located) for problem in found if problem is not None]
        begin += len(line) + 1
    return file.result(problems, texts)


def _read_bases(file: str) -> dict[str, Any]:
    try:
        with open(file, "rb") as opened:
            bases = json.loads(opened.read())
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UsageError("unreadable", file=file, reason=str(error.strerror)) from None
    except ValueError as error:
        raise UsageError(f"{file}: is not JSON: {error}") from None
    if not isinstance(bases, dict):
        raise UsageError(f"{file}: must hold a JSON object of bodies by name")
    return bases


def _check_case(
    rules: RuleSet, name: str, bases: Mapping[str, Any], line: str
) -> Iterator[Problem | None]:
    """Yield the differences of a case; `None` if it is about another rule set."""
    try:
        case = _parse(line)
        if case.get("ruleset", name) != name:
            yield None
            return
        title = f" ({case['case']})" if "case" in case else ""
        expected = Counter((path, code) for path, code in case["expect"])
        report = _validate(rules, case, bases)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        reason = (
            f"{type(error).__name__}: {error}" if isinstance(error, LookupError) else str(error)
        )
        yield Problem("invalid-case", "", {"reason": reason}, "error")
        return
    errors = [one for one in report.violations if one.code is not None]
    reported = Counter((one.path, one.code) for one in errors)
    for path, code in expected - reported:
        yield Problem("missing-error", path, {"case": title}, "error", code)
    surplus = reported - expected
    for one in errors:
        if surplus[one.path, one.code] > 0:
            surplus[one.path, one.code] -= 1
            values = {"case": title, "rule": one.rule}
            yield Problem("unexpected-error", one.path, values, "error", one.code)


def _parse(line: str) -> dict[str, Any]:
    """Parse a case, and check its members."""
    case = json.loads(line)
    if not isinstance(case, dict):
        raise TypeError("must be an object")
    for name in case:
        if name not in MEMBERS:
            raise ValueError(f"unknown member {name!r}{suggest(name, MEMBERS)}")
    expected = case.get("expect")
    if not isinstance(expected, list) or not all(
        isinstance(one, list) and len(one) == 2 for one in expected
    ):
        raise ValueError("expect must be an array of [path, code]")
    return case


def _validate(rules: RuleSet, case: Mapping[str, Any], bases: Mapping[str, Any]) -> Report:
    facts = parse_times(case.get("facts", {}), rules.facts)
    body = _body(case, bases)
    if "request" in case:
        request = {"path": None, "headers": None, "body": body, **case["request"]}
        return rules.validate_request(**request, facts=facts)
    return rules.validate(body, facts)


def _body(case: Mapping[str, Any], bases: Mapping[str, Any]) -> Any:
    """Return the body of a case: `body`, or the base named `base`, with `set` and `drop`."""
    base = case.get("base")
    if base is not None and base not in bases:
        raise ValueError(f"unknown base {base!r}{suggest(base, bases)}")
    body = copy.deepcopy(case.get("body") if base is None else bases[base])
    for pointer, value in case.get("set", {}).items():
        with _checked_path(pointer):
            holder, key = _resolve(body, pointer)
            holder[key] = value
    for pointer in case.get("drop", ()):
        with _checked_path(pointer):
            holder, key = _resolve(body, pointer)
            del holder[key]
    return body


@contextmanager
def _checked_path(pointer: str) -> Iterator[None]:
    try:
        yield
    except (LookupError, TypeError, ValueError):
        raise ValueError(f"unknown path {pointer!r}") from None


def _resolve(body: Any, pointer: str) -> tuple[Any, Any]:
    """Return the holder and the key or index that a JSON Pointer names."""
    *parents, last = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    for part in parents:
        body = body[int(part) if isinstance(body, list) else part]
    return body, int(last) if isinstance(body, list) else last


def _locate(line: str, number: int, begin: int) -> Located:
    """Return the region of the expected errors in a line."""
    start = max(line.find('"expect"'), 0)
    return Located(Region(number, start + 1, number, len(line.rstrip()) + 1), begin)
