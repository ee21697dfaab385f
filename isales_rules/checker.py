"""From a block of text to what is told of it: findings, each with its place in the file, its sentence and its identity."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any, NamedTuple
from unicodedata import category, east_asian_width

from isales_rules.model import PARTS
from isales_rules.positions import Position, positions, span
from isales_rules.report import Report, Violation, printable
from isales_rules.ruleset import RuleSet
from isales_rules.selection import Selectors
from isales_rules.sources import Block

WIDEST = 100
"""So many characters of a line of a file are shown, around what is wrong in it."""

KINDS: dict[str, Callable[[RuleSet], Callable[[str | bytes, Mapping[str, Any]], Report]]] = {
    "body": lambda rules: rules.validate_json,
    "request": lambda rules: rules.validate_request_json,
    "reply": lambda rules: rules.validate_reply_json,
}
"""What a text can be: a request body, a whole request, or a reply of the query interface; each with its check."""


class Finding(NamedTuple):
    """One thing that is wrong in a file, told in one language.

    `excerpt` is the line that it is in, or a part of it, with the columns of a terminal before the mark and under it; there is none where what is
    secret might stand in it, or no value may be shown. The `fingerprint` stays while the finding stays, wherever in the file it moves.
    """

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    code: str | None
    rule: str
    severity: str
    path: str
    source: str
    message: str
    hint: str
    fingerprint: str
    excerpt: tuple[str, int, int] | None


class Outcome(NamedTuple):
    """What a block gave: how many texts there were and how many of them had findings, the findings, and the fingerprints of those that are known."""

    size: int
    file: str
    texts: int
    wrong: int
    findings: list[Finding]
    known: list[str]
    unchecked: tuple[str, ...]


class Choice(NamedTuple):
    """Which findings are told: those that `select` matches (all, where it is empty) and `ignore` does not.

    `per_file` has more to ignore in the files whose path from the folder `base`, or whose name alone, matches a pattern; `*` stands for any
    characters, `/` too. `prefix` comes before the paths of a body's parameters in findings.
    """

    select: Selectors = Selectors()
    ignore: Selectors = Selectors()
    per_file: tuple[tuple[str, Selectors], ...] = ()
    base: str = "."
    prefix: str = ""

    def ignored(self, file: str) -> Selectors:
        """Give what is to be ignored in a file."""
        if not self.per_file:
            return self.ignore
        path = from_root(file, self.base)
        name = path.rpartition("/")[2]
        return self.ignore.union(*(names for pattern, names in self.per_file if fnmatchcase(path, pattern) or fnmatchcase(name, pattern)))

    def takes(self, rule: str, code: str | None, path: str, ignored: Selectors) -> bool:
        """Return whether a finding is to be told."""
        if not (ignored or self.select):
            return True
        texts = rule, code, path, path.removeprefix(self.prefix)
        return not ignored.match(*texts) and (not self.select or self.select.match(*texts))


class Plan(NamedTuple):
    """All that checking needs, so that other processes can do it too. Paths in reports and fingerprints begin at `root`."""

    rules: RuleSet
    facts: Mapping[str, Any]
    kind: str
    locale: str
    root: str
    choice: Choice = Choice()
    known: frozenset[str] = frozenset()
    values: bool = True


class Checker:
    """Checks blocks as a plan says."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._look = KINDS[plan.kind](plan.rules)
        self._facts = plan.rules.state(plan.facts)

    def check(self, block: Block) -> Outcome:
        """Check the text of a block, or each of its lines that has more than white space in it."""
        look, facts = self._look, self._facts
        told = _Told(self._plan, block)
        blank = wrong = 0
        unchecked: dict[str, None] = {}
        clean: Report | None = None
        for index, text in enumerate(block.texts):
            report = look(text, facts)
            if report is clean:  # the report of what passes is one and the same where the facts are
                continue
            unchecked |= dict.fromkeys(report.unchecked)
            if not report.violations:
                clean = report
            elif block.several and not text.strip(b" \t\r"):
                blank += 1
            else:
                wrong += told.tell(report, text, index)
        return Outcome(block.size, block.file, len(block.texts) - blank, wrong, told.findings, told.known, tuple(unchecked))


class _Base(NamedTuple):
    """Where a text starts in its file: the line and the column, and the path of its entry if the file is an array."""

    line: int
    column: int = 1
    path: str = ""


class _Told:
    """What is told of the texts of a block."""

    def __init__(self, plan: Plan, block: Block) -> None:
        self._plan = plan
        self._block = block
        self._path = from_root(block.file, plan.root)
        self._ignored = plan.choice.ignored(block.file)
        self.findings: list[Finding] = []
        self.known: list[str] = []

    def tell(self, report: Report, text: bytes, index: int) -> bool:
        """Tell what a report has of the text at this index; say whether there was something."""
        plan, starts = self._plan, self._block.starts
        base = _Base(*starts[index], f"/{index}") if starts else _Base(self._block.line + index)
        violations = [one for one in report.violations if plan.choice.takes(one.rule, one.code, one.path, self._ignored)]
        if not violations:
            return False
        lines = text.decode("utf-8", "replace").removeprefix("\ufeff").split("\n")
        # A line that is no object may be a piece of a larger text that was not meant to be read by lines.
        whole = not self._block.several or lines[0].lstrip()[:1] == "{"
        values = plan.values and whole
        shown = self._shown(violations, lines) if values else ()
        # A line may move as a whole, so that it is known by what is in it. Two that are alike have findings that are alike.
        where = (self._path, "\n".join(lines).strip(" \t\r")) if self._block.several else (self._path,)
        seen: dict[tuple[str, str], int] = {}
        before = len(self.findings)
        for one, at in zip(violations, positions(text, violations), strict=True):
            same = seen[one.rule, one.path] = seen.get((one.rule, one.path), 0) + 1
            fingerprint = _fingerprint(*where, one.rule, one.path, str(same))
            if fingerprint in plan.known:
                self.known.append(fingerprint)
                continue
            excerpt = _excerpt(lines[at.line - 1], at) if at.line in shown else None
            self.findings.append(self._finding(one, at, base, fingerprint, excerpt, values=values))
        return len(self.findings) > before

    def _finding(self, one: Violation, at: Position, base: _Base, fingerprint: str, excerpt: tuple[str, int, int] | None, *, values: bool) -> Finding:
        plan = self._plan
        return Finding(
            file=self._block.file,
            line=at.line + base.line - 1,
            column=at.column + (base.column - 1 if at.line == 1 else 0),
            end_line=at.end_line + base.line - 1,
            end_column=at.end_column + (base.column - 1 if at.end_line == 1 else 0),
            code=one.code,
            rule=one.rule,
            severity=one.severity,
            path=base.path + one.path,
            source=one.source,
            message=one.below(base.line - 1).message(plan.locale, values=values),
            hint=one.hint(plan.locale) if one.path or not self._block.several else "",  # no hint at several texts among several
            fingerprint=fingerprint,
            excerpt=excerpt,
        )

    def _shown(self, violations: list[Violation], lines: list[str]) -> set[int]:
        """Give the numbers of the lines that have nothing secret in them.

        Where something secret is named, those are the lines of a request that none of the parts with secrets is in, if it is named there alone.
        """
        every = range(1, len(lines) + 1)
        if not self._mentions_secret(lines):
            return {*every}
        if self._plan.kind != "request" or violations[0].rule.endswith(".json"):
            return set()
        text = "\n".join(lines)
        spans = [at for part in _secrets(self._plan.rules) if (at := span(text, part)) is not None]
        shown = {line for line in every if not any(at.line <= line <= at.end_line for at in spans)}
        return set() if self._mentions_secret([lines[line - 1] for line in shown]) else shown

    def _mentions_secret(self, lines: list[str]) -> bool:
        """Say whether a text has the name of something secret, however it is written."""
        # A text in UTF-16 is no JSON, but can be read by people.
        text = "\n".join(lines).replace("\0", "")
        text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda escape: chr(int(escape[1], 16)), text).lower()
        return any(name in text for names in _secrets(self._plan.rules).values() for name in names)


@lru_cache(4)
def _secrets(rules: RuleSet) -> dict[str, list[str]]:
    """Give of each part of a request that has something secret the names of that, in lower case."""
    names = {part: [one.name.lower() for one in rules.root(part).walk() if one.row.get("secret")] for part in PARTS}
    return {part: some for part, some in names.items() if some}


def from_root(file: str, root: str) -> str:
    """Name a file by its path from a folder, with slashes; standard input as it is."""
    try:
        path = file if file == "-" else os.path.relpath(file, root)
    except ValueError:  # another drive of Windows
        path = file
    return path.replace(os.sep, "/")


def _fingerprint(*parts: str) -> str:
    from hashlib import sha256

    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _excerpt(line: str, at: Position) -> tuple[str, int, int]:
    """Cut a stretch with what is wrong out of a line, and count the columns before that and under it."""
    start = max(0, at.column - 1 - WIDEST // 2) if len(line) > WIDEST else 0
    end = len(line) if at.end_line > at.line else at.end_column - 1
    before, wrong, after = line[start : at.column - 1], line[at.column - 1 : end], line[end:]
    wrong = wrong[: WIDEST - len(before)]
    after = after[: WIDEST - len(before) - len(wrong)]
    shown = f"{printable(before)}{printable(wrong)}{printable(after)}".rstrip()
    return shown, _columns(printable(before)), max(_columns(printable(wrong.rstrip())), 1)


def _columns(text: str) -> int:
    """Count the columns of a terminal that a text takes which prints."""
    return sum(0 if category(character) in ("Mn", "Me") else 2 if east_asian_width(character) in "WF" else 1 for character in text)
