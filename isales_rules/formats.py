"""The forms in which the command prints what it found."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

from isales_rules.report import Report, escaped, place
from isales_rules.ruleset import RuleSet


class Result(NamedTuple):
    """What was found in one file."""

    file: str
    report: Report


def text(results: list[Result], locale: str) -> Iterator[str]:
    """Write a verdict for each file, each finding below it, and at the end what no fact was stated for."""
    for file, report in results:
        violations = report.violations
        errors = sum(one.severity == "error" for one in violations)
        counts = [_count(errors, "error"), _count(len(violations) - errors, "warning")]
        yield f"{escaped(file)}: {', '.join(count for count in counts if count) or 'ok'}"
        for one in violations:
            yield f"  {one.code or one.severity} {place(one.path) or '(whole)'}: {one.message(locale)} [{one.rule}; {one.source}]"
    unchecked = dict.fromkeys(rule for result in results for rule in result.report.unchecked)
    if unchecked:
        yield f"not checked, because no fact was stated: {', '.join(unchecked)}"


def as_json(results: list[Result], locale: str) -> Iterator[str]:
    """Write one JSON document: a list with an object for each file, `file` beside what a report's `to_dict` gives."""
    yield json.dumps([{"file": file, **report.to_dict(locale)} for file, report in results], indent=2)


def reference(rules: RuleSet, locale: str, code: str | None = None) -> Iterator[str]:
    """Write every rule, or those that give one code: id, code, place, source, and what it expects."""
    for check, expected in rules.expectations(locale):
        if code is None or check.code == code:
            path = "/".join("*" if part is None else part for part in ("", *check.path))
            yield f"{check.rule}  {check.code or check.severity}  {path}  [{check.source}]"
            yield f"    {expected}"
            if "default" in check.row and check.rule.endswith(".required"):
                yield f"    the document names the default {check.row['default']!r}; the parameter must be sent all the same"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'s' if number > 1 else ''}" if number else ""


FORMATS = {"text": text, "json": as_json}
