"""From a block of text to what is told of it: findings, each with its place in the file, its sentence and its identity."""

from __future__ import annotations

import os
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from itertools import accumulate
from typing import Any, NamedTuple, TypeAlias
from unicodedata import category, east_asian_width

from isales_rules.model import PARTS
from isales_rules.positions import Position, locate
from isales_rules.report import Report, Violation, printable
from isales_rules.ruleset import RuleSet
from isales_rules.selection import Selectors
from isales_rules.sources import Block

WIDTH = 80
"""Columns of a terminal that an excerpt fits into, with the number of its line."""

_TAB = "    "

KINDS: dict[str, Callable[[RuleSet], Callable[[str | bytes, Mapping[str, Any]], Report]]] = {
    "body": lambda rules: rules.validate_json,
    "request": lambda rules: rules.validate_request_json,
    "reply": lambda rules: rules.validate_reply_json,
}
"""What a text can be: a request body, a whole request, or a reply of the query interface; each with its check."""


Excerpt: TypeAlias = tuple[str, int, int]
"""A line of a file, or a piece of it, and the columns of a terminal before the mark and under it."""


class Finding(NamedTuple):
    """One thing that is wrong in a file, told in one language.

    There is no `excerpt` if no format shows it, no value may be shown, or the line may have something secret in it. The `fingerprint` stays while
    the finding stays, wherever in the file it moves.
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
    excerpt: Excerpt | None


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
    """All that checking needs, so that other processes can do it too. Paths in reports and fingerprints begin at `root`.

    `excerpts` says whether some format shows lines of the files.
    """

    rules: RuleSet
    facts: Mapping[str, Any]
    kind: str
    locale: str
    root: str
    choice: Choice = Choice()
    known: frozenset[str] = frozenset()
    values: bool = True
    excerpts: bool = False


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
    """Findings of a block."""

    def __init__(self, plan: Plan, block: Block) -> None:
        self._plan = plan
        self._block = block
        self._path = from_root(block.file, plan.root)
        self._ignored = plan.choice.ignored(block.file)
        self._secrets = _secrets(plan.rules)
        self._secret_above = False
        self.findings: list[Finding] = []
        self.known: list[str] = []

    def tell(self, report: Report, raw: bytes, index: int) -> bool:
        """Add the findings of the text at this index; say whether there are any."""
        from hashlib import sha256

        plan, several, starts = self._plan, self._block.several, self._block.starts
        base = _Base(*starts[index], f"/{index}") if starts else _Base(self._block.line + index)
        text = raw.decode("utf-8", "replace").removeprefix("\ufeff")
        # A line that is not an object may be a piece of a larger text that was not meant to be read by lines.
        whole = not several or text.lstrip()[:1] == "{"
        secret = self._mentions_secret(text)
        readable = not report.violations[0].rule.endswith(".json")
        self._secret_above |= several and secret and not (whole and readable)
        violations = [one for one in report.violations if plan.choice.takes(one.rule, one.code, one.path, self._ignored)]
        if not violations:
            return False
        values = plan.values and whole and not self._secret_above
        parts = self._secrets if secret and plan.kind == "request" else ()
        located, spans = locate(text, violations, parts)
        excerpts = _Excerpts(text, base.line - 1, self._hidden(text, spans) if secret else []) if values and plan.excerpts else None
        # A line may move as a whole, so that it is known by what is in it. Two that are alike have findings that are alike.
        where = sha256("\0".join([self._path, text.strip(" \t\r"), ""] if several else [self._path, ""]).encode("utf-8", "surrogatepass"))
        seen: dict[tuple[str, str], int] = {}
        masks = secret or self._secret_above
        findings: list[tuple[Position, int, int, Violation, str]] = []
        for one, (at, begin) in zip(violations, located, strict=True):
            same = seen[one.rule, one.path] = seen.get((one.rule, one.path), 0) + 1
            fingerprint = _fingerprint(where, one.rule, one.path, str(same))
            if fingerprint in plan.known:
                self.known.append(fingerprint)
            else:
                findings.append((at, len(findings), begin, one.masked(self._is_secret) if masks else one, fingerprint))
        findings.sort()  # by position, then in the order of the rule set
        for at, _, begin, one, fingerprint in findings:
            excerpt = excerpts.cut(at, begin) if excerpts else None
            self.findings.append(self._finding(one, at, base, fingerprint, excerpt, values=values))
        return bool(findings)

    def _finding(self, one: Violation, at: Position, base: _Base, fingerprint: str, excerpt: Excerpt | None, *, values: bool) -> Finding:
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

    def _hidden(self, text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Give the offsets of the lines of a text that are not shown, because it names something secret.

        Those are the lines of the parts of a request that have secrets, if it is named only there, or else all lines.
        """
        spans = [(text.rfind("\n", 0, start) + 1, text.find("\n", end) % (len(text) + 1)) for start, end in sorted(spans)]
        begins = [0, *(end for _, end in spans)]
        rest = "\n".join([text[begin:start] for begin, start in zip(begins, [*(start for start, _ in spans), len(text)], strict=True)])
        return spans if spans and not self._mentions_secret(rest) else [(0, len(text))]

    def _mentions_secret(self, text: str) -> bool:
        """Say whether a text has the name of something secret, however it is written."""
        text = text.replace("\0", "")  # a text in UTF-16 is not JSON, but can be read by people
        if "\\u" in text:
            text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda escape: chr(int(escape[1], 16)), text)
        text = text.lower()
        return any(name in text for names in self._secrets.values() for name in names)

    def _is_secret(self, text: str) -> bool:
        """Say whether a text has more than the name of something secret, or may be a piece of it."""
        if self._secret_above:
            return True
        return self._mentions_secret(text) and not any(text.lower() == name for names in self._secrets.values() for name in names)


class _Excerpts:
    """Cuts pieces out of the lines of a text, each as wide as a terminal, and shared by the findings that are in it."""

    def __init__(self, text: str, above: int, hidden: list[tuple[int, int]]) -> None:
        self._text = text
        self._above = above
        self._hidden = hidden
        self._latest: _Piece | None = None

    def cut(self, at: Position, begin: int) -> Excerpt | None:
        """Show the line that begins at this offset, or a piece of it; give the columns before the position and under it, too."""
        if any(start <= begin <= end for start, end in self._hidden):
            return None
        offset = begin + at.column - 1
        piece = self._latest
        end = begin + at.end_column - 1 if at.line == at.end_line else None
        if piece is None or piece.begin != begin or not piece.shows(offset, end):
            piece = self._latest = _Piece(self._text, begin, offset, WIDTH - len(f"{at.line + self._above} | "))
        return piece.line, *piece.mark(offset, end)


class _Piece:
    """A piece of a line that has some offset in it and fits into some columns of a terminal."""

    def __init__(self, text: str, begin: int, offset: int, width: int) -> None:
        line_end = len(text) if (line_end := text.find("\n", begin)) < 0 else line_end
        line_end -= text.endswith("\r", begin, line_end)
        start, stop = max(begin, offset - width), min(line_end, offset + width)
        part = text[start:stop]
        cells = list(part) if part.isprintable() else [_TAB if character == "\t" else printable(character) for character in part]
        widths = [1] * len(cells) if part.isascii() and part.isprintable() else [*map(columns, cells)]
        sums = [*accumulate(widths, initial=0)]
        first, last = 0, len(cells)
        if start > begin or stop < line_end or sums[-1] > width:
            room = width - 2  # for … at both ends
            first = bisect_left(sums, sums[min(offset - start, last)] - room // 3)
            last = bisect_right(sums, sums[first] + room) - 1
            first = bisect_left(sums, sums[last] - room)
        cut = int(start + first > begin)
        self.begin = begin
        self._line_end = line_end
        self._first, self._last = start + first, start + last
        self._edges = [one - sums[first] + cut for one in sums[first : last + 1]]
        self.line = f"{'…' * cut}{''.join(cells[first:last])}{'…' * (self._last < line_end)}".rstrip()

    def shows(self, offset: int, end: int | None) -> bool:
        """Say whether a position in the same line can be marked here."""
        return self._first <= offset and (min(self._line_end, offset if end is None else end) <= self._last or offset == self._first)

    def mark(self, offset: int, end: int | None) -> tuple[int, int]:
        """Give the columns before a position and under it; it reaches to the end of the line if it has no end."""
        edges = self._edges
        first, last = (edges[min(max(one - self._first, 0), len(edges) - 1)] for one in (offset, self._line_end if end is None else end))
        return first, max(last - first, 1)


def columns(text: str) -> int:
    """Count the columns of a terminal that a text takes which prints."""
    return sum(0 if category(character) in ("Mn", "Me") else 2 if east_asian_width(character) in "WF" else 1 for character in text)


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


def _fingerprint(where: Any, *parts: str) -> str:
    """Continue a hash of where a finding is with its other parts."""
    digest = where.copy()
    digest.update("\0".join(parts).encode("utf-8", "surrogatepass"))
    return str(digest.hexdigest()[:32])
