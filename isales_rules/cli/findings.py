"""From a block of text to what is told of it: findings, each with its place in the file, its sentence and its identity."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from isales_rules.cli.chunks import Chunk
from isales_rules.cli.excerpts import Excerpt, _Excerpts
from isales_rules.cli.locations import Region, locate_regions
from isales_rules.cli.selection import RuleSelection, relative_path
from isales_rules.language.model import PARTS
from isales_rules.report import Report, Violation
from isales_rules.ruleset import RuleSet

VALIDATORS: dict[str, Callable[[RuleSet], Callable[[str | bytes, Mapping[str, Any]], Report]]] = {
    "body": lambda rules: rules.validate_json,
    "request": lambda rules: rules.validate_request_json,
    "reply": lambda rules: rules.validate_reply_json,
}
"""What a text can be: a request body, a whole request, or a reply of the query interface; each with its check."""


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


class ChunkResult(NamedTuple):
    """What a block gave: how many texts there were and how many of them had findings, the findings, and the fingerprints of those that are known."""

    size: int
    file: str
    texts: int
    invalid: int
    findings: list[Finding]
    known: list[str]
    unchecked: tuple[str, ...]


class CheckOptions(NamedTuple):
    """All that checking needs, so that other processes can do it too. Paths in reports and fingerprints begin at `root`.

    `excerpts` says whether some format shows lines of the files.
    """

    rules: RuleSet
    facts: Mapping[str, Any]
    kind: str
    locale: str
    root: str
    selection: RuleSelection = RuleSelection()
    known: frozenset[str] = frozenset()
    values: bool = True
    excerpts: bool = False


class Checker:
    """Checks blocks as a plan says."""

    def __init__(self, plan: CheckOptions) -> None:
        self._plan = plan
        self._look = VALIDATORS[plan.kind](plan.rules)
        self._facts = plan.rules.prepare_facts(plan.facts)

    def check(self, block: Chunk) -> ChunkResult:
        """Check the text of a block, or each of its lines that has more than white space in it."""
        look, facts = self._look, self._facts
        told = _FindingCollector(self._plan, block)
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
        return ChunkResult(block.size, block.file, len(block.texts) - blank, wrong, told.findings, told.known, tuple(unchecked))


class _Base(NamedTuple):
    """Where a text starts in its file: the line and the column, and the path of its entry if the file is an array."""

    line: int
    column: int = 1
    path: str = ""


class _FindingCollector:
    """Findings of a block."""

    def __init__(self, plan: CheckOptions, block: Chunk) -> None:
        self._plan = plan
        self._block = block
        self._path = relative_path(block.file, plan.root)
        self._ignored = plan.selection.ignored(block.file)
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
        violations = [one for one in report.violations if plan.selection.includes(one.rule, one.code, one.path, self._ignored)]
        if not violations:
            return False
        values = plan.values and whole and not self._secret_above
        parts = self._secrets if secret and plan.kind == "request" else ()
        located, spans = locate_regions(text, violations, parts)
        excerpts = _Excerpts(text, base.line - 1, self._hidden(text, spans) if secret else []) if values and plan.excerpts else None
        # A line may move as a whole, so that it is known by what is in it. Two that are alike have findings that are alike.
        where = sha256("\0".join([self._path, text.strip(" \t\r"), ""] if several else [self._path, ""]).encode("utf-8", "surrogatepass"))
        seen: dict[tuple[str, str], int] = {}
        masks = secret or self._secret_above
        findings: list[tuple[Region, int, int, Violation, str]] = []
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

    def _finding(self, one: Violation, at: Region, base: _Base, fingerprint: str, excerpt: Excerpt | None, *, values: bool) -> Finding:
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
            message=one.with_line_offset(base.line - 1).message(plan.locale, values=values),
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


@lru_cache(4)
def _secrets(rules: RuleSet) -> dict[str, list[str]]:
    """Give of each part of a request that has something secret the names of that, in lower case."""
    names = {part: [one.name.lower() for one in rules.root(part).walk() if one.definition.get("secret")] for part in PARTS}
    return {part: some for part, some in names.items() if some}


def _fingerprint(where: Any, *parts: str) -> str:
    """Continue a hash of where a finding is with its other parts."""
    digest = where.copy()
    digest.update("\0".join(parts).encode("utf-8", "surrogatepass"))
    return str(digest.hexdigest()[:32])
