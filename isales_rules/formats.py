"""The forms in which the command prints what it found."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple
from unicodedata import east_asian_width

from isales_rules.positions import Position, positions
from isales_rules.report import Report, Violation, escaped, place, printable
from isales_rules.ruleset import RuleSet

WIDEST = 100
"""So many characters of a line of a file are shown, around what is wrong in it."""


class Result(NamedTuple):
    """What was found in one file. `secrets` has the names, in lower case, of what is secret in a request."""

    file: str
    report: Report
    text: bytes
    secrets: set[str]

    def placed(self) -> Iterator[tuple[Violation, Position]]:
        """Go through the violations, each with where it stands in the file."""
        violations = self.report.violations
        return zip(violations, positions(self.text, violations) if violations else (), strict=True)


def text(results: list[Result], locale: str) -> Iterator[str]:
    """Write a verdict for each file, each finding below it with the line that it is in, and at the end what no fact was stated for."""
    for result in results:
        violations = result.report.violations
        lines = result.text.decode("utf-8", "replace").removeprefix("\ufeff").split("\n") if violations else []
        shows = bool(violations) and not _mentions(lines, result.secrets)
        errors = sum(one.severity == "error" for one in violations)
        counts = [_count(errors, "error"), _count(len(violations) - errors, "warning")]
        yield f"{escaped(result.file)}: {', '.join(count for count in counts if count) or 'ok'}"
        for one, at in result.placed():
            yield f"  {one.code or one.severity} {place(one.path) or '(whole)'}: {one.message(locale)} [{one.rule}; {one.source}]"
            yield from _excerpt(lines[at.line - 1], at) if shows else [f"      {at.line}:{at.column}"]
    unchecked = dict.fromkeys(rule for result in results for rule in result.report.unchecked)
    if unchecked:
        yield f"not checked, because no fact was stated: {', '.join(unchecked)}"


def _mentions(lines: list[str], names: set[str]) -> bool:
    """Say whether a text has one of these names, however it is written: no line of it is shown then, for what is secret may be in it."""
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda escape: chr(int(escape[1], 16)), "\n".join(lines)).lower()
    return any(name in text for name in names)


def _excerpt(line: str, at: Position) -> Iterator[str]:
    """Show a line with a mark under what is wrong in it; a long one around that."""
    start = max(0, at.column - 1 - WIDEST // 2) if len(line) > WIDEST else 0
    end = len(line) if at.end_line > at.line else at.end_column - 1
    before, wrong, after = line[start : at.column - 1], line[at.column - 1 : end], line[end:]
    wrong = wrong[: WIDEST - len(before)]
    after = after[: WIDEST - len(before) - len(wrong)]
    head = f"      {at.line}:{at.column} | "
    yield f"{head}{printable(before)}{printable(wrong)}{printable(after)}".rstrip()
    yield f"{' ' * (len(head) - 2)}| {' ' * _columns(printable(before))}{'^' * max(_columns(printable(wrong.rstrip())), 1)}"


def _columns(text: str) -> int:
    """Count the columns of a terminal that a text takes."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def concise(results: list[Result], locale: str) -> Iterator[str]:
    """Write one line for each finding, as editors and their problem matchers read it."""
    for result in results:
        for one, at in result.placed():
            yield f"{escaped(result.file)}:{at.line}:{at.column}: {one.code or one.severity} {place(one.path) or '(whole)'}: {one.message(locale)}"


def github(results: list[Result], locale: str) -> Iterator[str]:
    """Write the commands by which GitHub Actions marks each finding in the file."""
    for result in results:
        for one, at in result.placed():
            where = f"line={at.line},endLine={at.end_line},col={at.column},endColumn={at.end_column}"
            head = f"file={_property(result.file)},{where},title={_property(one.code or one.rule)}"
            yield f"::{one.severity} {head}::{_data(f'{place(one.path)}: {one.message(locale)}')}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def as_json(results: list[Result], locale: str) -> Iterator[str]:
    """Write one JSON document: a list with an object for each file, `file` beside what a report's `to_dict` gives, each violation with its place."""
    files = []
    for result in results:
        told = result.report.to_dict(locale)
        for violation, (_, at) in zip(told["violations"], result.placed(), strict=True):
            violation.update(at._asdict())
        files.append({"file": result.file, **told})
    yield json.dumps(files, indent=2)


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


FORMATS = {"text": text, "concise": concise, "json": as_json, "github": github}
