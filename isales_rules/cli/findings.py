"""Findings of a chunk, each with region, message and fingerprint."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from isales_rules.cli.chunks import Chunk
from isales_rules.cli.excerpts import Excerpt, Excerpts
from isales_rules.cli.facts import own_facts
from isales_rules.cli.routed import HAR_ENTRIES, ROUTED, Routed, Router
from isales_rules.cli.selection import RuleSelection, matching, relative_path
from isales_rules.language.catalog import load_catalog
from isales_rules.language.model import PARTS
from isales_rules.report import Report
from isales_rules.ruleset import RuleSet
from isales_rules.violations import Violation

if TYPE_CHECKING:
    from hashlib import _Hash

    from isales_rules import Locale
    from isales_rules.cli.locations import Located

VALIDATORS: dict[str, Callable[[RuleSet], Callable[[str | bytes, Mapping[str, Any]], Report]]] = {
    "body": lambda rules: rules.validate_json,
    "request": lambda rules: rules.validate_request_json,
    "reply": lambda rules: rules.validate_reply_json,
    "har": lambda rules: rules.validate_request_json,
}
"""The method that validates each type of text: body, request, or reply of the query interface."""


class Finding(NamedTuple):
    """A violation in a file, with texts in one language.

    `path` is a JSON Pointer, and lines and columns count from 1; the end is one past the last
    character. `excerpt` is `None` if no format shows it, values are hidden, or the line may contain
    a secret. `fingerprint` identifies the finding wherever it moves in its file. `ruleset` is the
    name of the rule set.
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
    ruleset: str = ""


class ChunkResult(NamedTuple):
    """Findings of a chunk.

    `others` names the requests that no rule set covers.

    `size` is in bytes, `texts` the number of texts, `invalid` the number of texts with findings,
    and `known` has the fingerprints of the findings that the baseline contains. `secret_below` is
    whether the rest of the file may contain a secret that is named up to here.
    """

    size: int
    file: str
    texts: int
    invalid: int
    findings: list[Finding]
    known: list[str]
    unchecked: tuple[str, ...]
    secret_below: bool
    others: tuple[str, ...] = ()


class CheckOptions(NamedTuple):
    """Options of checks; worker processes receive a copy.

    `rules` apply to files that match no pattern of `by_pattern`; the first match wins. `routed`
    apply to requests with a method and a URL. Each rule set uses the `facts` that it declares.
    Paths in reports and fingerprints are relative to `root`. `known` has the fingerprints of a
    baseline. Without `values` findings contain no value of a file, and without `excerpts` no line
    of it.
    """

    rules: RuleSet
    facts: Mapping[str, Any]
    kind: str
    locale: Locale
    root: str
    selection: RuleSelection = RuleSelection()
    known: frozenset[str] = frozenset()
    values: bool = True
    excerpts: bool = False
    by_pattern: tuple[tuple[str, RuleSet], ...] = ()
    routed: tuple[RuleSet, ...] = ()

    def rule_sets(self) -> list[RuleSet]:
        """Return all rule sets, the one without a pattern first."""
        by_pattern = (rules for _, rules in self.by_pattern)
        return [*dict.fromkeys([self.rules, *by_pattern, *self.routed])]


class Checker:
    """Checks chunks with the same options."""

    def __init__(self, options: CheckOptions) -> None:
        self._options = options
        self._checkers: dict[RuleSet, _RuleSetChecker] = {}

    def check(self, chunk: Chunk) -> ChunkResult:
        """Check each text of a chunk with the rule set of its file."""
        options = self._options
        rules = options.rules
        if options.by_pattern:
            rules = next(matching(chunk.file, options.by_pattern, options.selection.base), rules)
        if rules not in self._checkers:
            self._checkers[rules] = _RuleSetChecker(options._replace(rules=rules))
        return self._checkers[rules].check(chunk)


class _RuleSetChecker:
    """Checks chunks with one rule set."""

    def __init__(self, options: CheckOptions) -> None:
        rules, kind = options.rules, options.kind
        base = {"body": "", "reply": f"/{rules.reply_member}"}.get(kind, "/body")
        self._options = options._replace(selection=options.selection._replace(prefix=base))
        self._validate = VALIDATORS[kind](rules)
        self._facts = rules.prepare_facts(own_facts(options.facts, rules))
        self._router = Router(kind, options.facts) if kind in ROUTED else None

    def check(self, chunk: Chunk) -> ChunkResult:
        """Check each text of a chunk; among several texts, skip blank ones."""
        validate, facts = self._validate, self._facts
        collector = _FindingCollector(self._options, chunk)
        blank = invalid = 0
        unchecked: dict[str, None] = {}
        valid: Report | None = None
        others: list[str] = []
        for index, text in enumerate(chunk.texts):
            routed = self._router.route(text) if self._router else None
            report = validate(text, facts) if routed is None else routed.report
            if report is None:
                others.append(collector.name(routed, index))
                continue
            if report is valid:  # all valid texts with the same facts share one report
                continue
            unchecked |= dict.fromkeys(report.unchecked)
            if not report.violations:
                valid = report
            elif chunk.several and not text.strip(b" \t\r"):
                blank += 1
            else:
                invalid += collector.add(report, text, index, routed)
        texts = len(chunk.texts) - blank - len(others)
        return ChunkResult(
            chunk.size,
            chunk.file,
            texts,
            invalid,
            collector.findings,
            collector.known,
            tuple(unchecked),
            collector.secret_above,
            tuple(others),
        )


class _Text(NamedTuple):
    """Data that the findings of a text share.

    Columns are offset only in the first line. Without `hints`, a finding of the whole text has no
    hint. `entry` has the number and the request of an entry of an archive.
    """

    hash: _Hash
    line_offset: int
    column_offset: int
    path: str
    hints: bool
    values: bool
    mask: bool
    excerpts: Excerpts | None
    entry: Mapping[str, str] | None = None


class _FindingCollector:
    """Collects the findings of a chunk."""

    def __init__(self, options: CheckOptions, chunk: Chunk) -> None:
        self._options = options
        self._chunk = chunk
        self._path = relative_path(chunk.file, options.root)
        self._ignored = options.selection.ignored(chunk.file)
        self._selects_all = not (options.selection.select or self._ignored)
        self.secret_above = chunk.secret_above
        self.findings: list[Finding] = []
        self.known: list[str] = []

    @property
    def _secrets(self) -> dict[str, list[str]]:
        return _secrets(self._options.rules)

    def name(self, routed: Routed | None, index: int) -> str:
        """Return the file, the line or entry, and the URL of a request."""
        place = f"{index + 1}" if self._chunk.starts is not None else ""
        if self._chunk.several and not place:
            place = f"{self._chunk.line + index}"
        return ":".join(filter(None, [self._path, place])) + f": {routed.shown if routed else ''}"

    def add(self, report: Report, raw: bytes, index: int, routed: Routed | None = None) -> bool:
        """Add the findings of the text with this index; return whether it has any."""
        # Its patterns take a while to compile, and most files are valid.
        from isales_rules.cli.locations import locate_regions

        options, several = self._options, self._chunk.several
        text = raw.decode("utf-8", "replace").removeprefix("\ufeff")
        # A line that is not an object may be a part of a longer text that is not NDJSON.
        is_whole = not several or text.lstrip()[:1] == "{"
        is_json = routed is not None or not report.violations[0].rule.endswith(".invalid-json")
        has_secret = self._mentions_secret(text)
        if several and has_secret and not (is_whole and is_json):
            self.secret_above = True
        violations = self._select(report.violations)
        if not violations:
            return False
        members = self._secrets if has_secret and options.kind == "request" else ()
        pointers = [*map(routed.pointer, violations)] if routed else None
        located, spans = locate_regions(text, violations, members, pointers)
        hidden = self._hidden(text, spans) if has_secret else []
        shared = self._shared(text, index, is_whole, has_secret, hidden)
        if routed and options.kind == "har":
            shown = routed.shown if shared.values else routed.endpoint
            shared = shared._replace(entry={"number": str(index + 1), "request": shown})
        if not is_json:  # no other message contains a line
            violations = [
                violation.with_line_offset(shared.line_offset) for violation in violations
            ]
        before = len(self.findings)
        # By region, then in the order of the rule set.
        self._append(sorted(zip(located, violations, strict=True), key=itemgetter(0)), shared)
        return len(self.findings) > before

    def _shared(
        self, text: str, index: int, is_whole: bool, has_secret: bool, hidden: list[tuple[int, int]]
    ) -> _Text:
        options = self._options
        line_offset, column_offset, path = self._start(index)
        values = options.values and is_whole and not self.secret_above
        # A line of an archive may have other secrets, such as those of cookies.
        excerpts = values and options.excerpts and options.kind != "har"
        return _Text(
            hash=self._hash(text),
            line_offset=line_offset,
            column_offset=column_offset,
            path=path,
            hints=not self._chunk.several,
            values=values,
            mask=has_secret or self.secret_above,
            excerpts=Excerpts(text, line_offset, hidden) if excerpts else None,
        )

    def _append(self, violations: Iterable[tuple[Located, Violation]], text: _Text) -> None:
        text_hash, line_offset, column_offset, base, hints, values, mask, excerpts, entry = text
        file, locale, known = self._chunk.file, self._options.locale, self._options.known
        ruleset = self._options.rules.name
        occurrences: dict[str, int] = {}
        for (region, begin), violation in violations:
            rule, path = violation.rule, violation.path
            identity = f"{rule}\0{path}"
            occurrence = occurrences[identity] = occurrences.get(identity, 0) + 1
            digest = text_hash.copy()
            digest.update(f"{identity}\0{occurrence}".encode("utf-8", "surrogatepass"))
            fingerprint = digest.hexdigest()[:32]
            if fingerprint in known:
                self.known.append(fingerprint)
                continue
            if mask:
                violation = violation.masked(self._is_secret)  # noqa: PLW2901  # the original must not be used below
                path = violation.path
            line, column, end_line, end_column = region
            finding = Finding(
                file,
                line + line_offset,
                column + column_offset if line == 1 else column,
                end_line + line_offset,
                end_column + column_offset if end_line == 1 else end_column,
                violation.code,
                rule,
                violation.severity,
                base + path,
                violation.source,
                self._message(violation.message(locale, values=values), entry),
                violation.hint(locale) if path or hints else "",
                fingerprint,
                None if excerpts is None else excerpts.cut(region, begin),
                ruleset,
            )
            self.findings.append(finding)

    def _message(self, message: str, entry: Mapping[str, str] | None) -> str:
        """Return a message with the request that it is about, if there are several in a file."""
        if entry is None:
            return message
        from string import Template

        template = load_catalog().phrases[self._options.locale]["entry"]
        return Template(template).substitute(entry, message=message)

    def _select(self, violations: Iterable[Violation]) -> list[Violation]:
        """Return the selected violations."""
        if self._selects_all:
            return [*violations]
        includes, ignored = self._options.selection.includes, self._ignored
        return [one for one in violations if includes(one.rule, one.code, one.path, ignored)]

    def _start(self, index: int) -> tuple[int, int, str]:
        """Return the line and column before a text, and its path in an array."""
        if self._chunk.starts is None:
            return self._chunk.line + index - 1, 0, ""
        line, column = self._chunk.starts[index]
        base = "".join(f"/{name}" for name in HAR_ENTRIES) if self._options.kind == "har" else ""
        return line - 1, column - 1, f"{base}/{index}"

    def _hash(self, text: str) -> _Hash:
        """Return the hash that the fingerprints of a text begin with.

        A line of NDJSON is identified by its content, because it may move as a whole. Equal lines
        have equal fingerprints.
        """
        from hashlib import sha256

        identity = f"{self._path}\0"
        if self._chunk.several:
            identity += text.strip(" \t\r") + "\0"
        return sha256(identity.encode("utf-8", "surrogatepass"))

    def _hidden(self, text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Return the offsets of the lines that may contain a secret.

        These are the lines of the parts of a request that have secrets, if secrets are named only
        in these parts, or else all lines.
        """
        spans = [
            (text.rfind("\n", 0, start) + 1, text.find("\n", end) % (len(text) + 1))
            for start, end in sorted(spans)
        ]
        begins, ends = [0, *(end for _, end in spans)], [*(start for start, _ in spans), len(text)]
        rest = "\n".join([text[begin:end] for begin, end in zip(begins, ends, strict=True)])
        return spans if spans and not self._mentions_secret(rest) else [(0, len(text))]

    def _mentions_secret(self, text: str) -> bool:
        """Return whether a text contains the name of a secret, in any case."""
        text = text.replace("\0", "")  # a text in UTF-16 is not JSON, but people can read it
        if "\\u" in text:
            text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda escape: chr(int(escape[1], 16)), text)
        text = text.lower()
        return any(name in text for names in self._secrets.values() for name in names)

    def _is_secret(self, text: str) -> bool:
        """Return whether a text may contain a secret, not only the name of one."""
        if self.secret_above:
            return True
        return self._mentions_secret(text) and not any(
            text.lower() == name for names in self._secrets.values() for name in names
        )


@lru_cache(4)
def _secrets(rules: RuleSet) -> dict[str, list[str]]:
    """Return the names of secrets in lower case, by part of a request."""
    names = {
        part: [
            parameter.name.lower()
            for parameter in rules.root(part).walk()
            if parameter.definition.get("secret")
        ]
        for part in PARTS
    }
    return {part: secrets for part, secrets in names.items() if secrets}
