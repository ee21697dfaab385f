"""What was found: violations, each with its code, place and reason, and the report that holds them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from isales_rules._text import MAX_SHOWN, quote
from isales_rules.engine.values import ABSENT, NonJsonValue, RawViolation, path_segment, snapshot
from isales_rules.language.catalog import Catalog, resolve_locale
from isales_rules.language.keywords import as_tuple
from isales_rules.language.model import Rule, json_pointer
from isales_rules.language.time_formats import example

MAX_EXPECTATIONS = 10_000
"""Texts of expectations that are kept."""


@lru_cache(1024)
def format_path(path: str) -> str:
    """Show a path with each of its parts shortened and escaped."""
    return "/".join(quote(part)[1:-1] for part in path.split("/"))


def format_value(value: object, words: Mapping[str, str]) -> str:
    """Show any value in few words: a scalar as JSON has it, everything else by its kind alone."""
    if value is None:
        return words["none"]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, int):
        bits = value.bit_length()
        return str(int(value)) if bits < 200 else words["digits"].replace("$digits", str(bits * 30103 // 100000 + 1))
    if isinstance(value, float):
        return repr(float(value))
    if isinstance(value, dict):
        return words["dict"]
    if isinstance(value, list):
        return words["list"]
    foreign = value if isinstance(value, NonJsonValue) else NonJsonValue(value)
    return words[foreign.word].replace("$type", quote(foreign.name)[1:-1])


class Violation:
    """One thing that is wrong, or, with the severity `warning`, surely not meant. It cannot be changed."""

    __slots__ = ("_catalog", "_path", "_raw")

    def __init__(self, texts: Catalog, record: RawViolation) -> None:
        self._catalog = texts
        self._raw = record
        self._path: str | None = record[0].pointer if len(record) < 4 else None

    @property
    def code(self) -> str | None:
        """The result code, as the document's Table 14 lists them; an advisory has none."""
        code: str | None = self._raw[0].code
        return code

    @property
    def path(self) -> str:
        """A JSON Pointer (RFC 6901) to the value, or to where a missing one should stand."""
        if self._path is None:
            where = iter(self._raw[3])
            self._path = json_pointer(path_segment(next(where)) if part is None else part for part in self._raw[0].path)
        return self._path

    @property
    def rule(self) -> str:
        """The stable id of the rule."""
        rule: str = self._raw[0].id
        return rule

    @property
    def severity(self) -> str:
        """`"error"` or `"warning"`."""
        severity: str = self._raw[0].severity
        return severity

    @property
    def source(self) -> str:
        """The table and number of the interface document that the rule is from."""
        source: str = self._raw[0].source
        return source

    def message(self, locale: str = "en_US", *, values: bool = True) -> str:
        """Say in `en_US` or `zh_CN` what was expected and, shortened and escaped, what was found.

        Without `values` nothing of what was found is in it but the names of parameters. Raises `ValueError` for another locale.
        """
        locale = resolve_locale(locale)
        words = self._catalog.phrases[locale]
        check, found, other, where = self._snapshot()
        hidden = (check.definition.get("secret") or not values) and check.template.shows != "nothing" and not _is_missing(found)
        known = {"name": _name(check, where)}
        if check.suggestions:
            known["hint"] = _suggestion(found, check.suggestions, words)
        if not hidden:
            known["found"] = format_value(found, words)
        if isinstance(other, dict):
            known |= {key: words.get(text, text) for key, text in other.items()}
        elif other is not None and (values or isinstance(other, tuple)):
            known["other"] = _format_argument("other", other, words)
        text = known["expected"] = expectation(check, self._catalog, locale, known, labels=False)
        if check.template.shows == "nothing":
            return text
        if check.template.shows != "found" and isinstance(found, str | int):
            known["found"] = counted(words[check.template.shows], found if isinstance(found, int) else len(found))
        return _fill(words["secret" if hidden else "absent" if found is ABSENT else "found"], known)

    def masked(self, is_secret: Callable[[str], bool]) -> Violation:
        """Give the same violation with `…` in place of each text and each undocumented name in it that is secret."""

        def mask(value: Any) -> Any:
            return "…" if isinstance(value, str) and is_secret(value) else tuple(map(mask, value)) if isinstance(value, tuple) else value

        return Violation(self._catalog, (self._raw[0], *map(mask, self._raw[1:])))

    def with_line_offset(self, lines: int) -> Violation:
        """Give the same violation of a text that stands in a larger one, below so many other lines: its message may name a line."""
        other = self._raw[2] if len(self._raw) > 2 else None
        if not isinstance(other, dict) or "line" not in other:
            return self
        return Violation(self._catalog, (*self._raw[:2], {**other, "line": str(int(other["line"]) + lines)}, *self._raw[3:]))

    def hint(self, locale: str = "en_US") -> str:
        """Say in `en_US` or `zh_CN` how to correct it; options are one a line. It is empty if nothing is known, and shows nothing of what was found.

        Raises `ValueError` for another locale.
        """
        words = self._catalog.phrases[resolve_locale(locale)]
        check, found, other = (*self._raw, None)[:3]
        if isinstance(other, dict) and other.get("reason") == "extra-lines":
            return words["use-ndjson"]
        kind, row = check.id.rpartition(".")[2], check.definition
        if kind == "required" and "default" in row:
            return _fill(words["default"], {"default": format_value(row["default"], words)})
        if kind == "allowed" and "labels" in row:
            return "\n".join(f"{option}: {label}" for option, label in _labelled(row, words, locale))
        if kind in ("format", "half"):
            return _fill(words["example"], {"example": quote(example(as_tuple(row["format"])[0]))})
        if kind == "type" and row["type"] == "integer" and isinstance(found, str) and found.isascii() and found.removeprefix("-").isdigit():
            return words["unquoted"]
        if kind == "type" and type(found) is list and not self.path:
            return words["use-array"]
        if kind == "type" and row["type"] == "string" and type(found) is int:
            return words["in-quotes"]
        return ""

    def to_dict(self, locale: str = "en_US") -> dict[str, str | None]:
        """Give everything as text, ready for JSON: `code`, `path`, `rule`, `severity`, `source`, `message`."""
        return {
            "code": self.code,
            "path": self.path,
            "rule": self.rule,
            "severity": self.severity,
            "source": self.source,
            "message": self.message(locale),
        }

    def _snapshot(self) -> RawViolation:
        """Give the whole record, and of what was found only what may be shown: nothing secret, and nothing that the caller may change."""
        check, found, other, where = (*self._raw, None, ())[:4] if len(self._raw) < 3 else (*self._raw, ())[:4]
        return check, "…" if check.definition.get("secret") and not _is_missing(found) else snapshot(found), other, where

    def __reduce__(self) -> tuple[Any, ...]:
        return Violation, (self._catalog, self._snapshot())

    def __eq__(self, other: object) -> bool:
        return self.to_dict() == other.to_dict() if isinstance(other, Violation) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.rule, self.path))

    def __repr__(self) -> str:
        return f"<Violation {self.code or self.severity} at {format_path(self.path)!r}: {self.message()}>"


class Report:
    """What a check found. Nothing of it is made before someone asks for it."""

    __slots__ = ("_catalog", "_raw", "_unchecked", "_violations")

    def __init__(self, texts: Catalog, records: list[RawViolation], unchecked: tuple[str, ...]) -> None:
        self._catalog = texts
        self._raw = records
        self._unchecked = unchecked
        self._violations: tuple[Violation, ...] | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong; advisories do not count."""
        for record in self._raw:  # noqa: SIM110  # `all` of a generator takes five times as long, and a service asks this of every request
            if record[0].code is not None:
                return False
        return True

    @property
    def codes(self) -> tuple[str, ...]:
        """The distinct codes of the errors, in the order of the violations."""
        codes: list[str] = []
        for record in self._raw:
            code = record[0].code
            if code is not None and code not in codes:
                codes.append(code)
        return tuple(codes)

    @property
    def violations(self) -> tuple[Violation, ...]:
        """All errors and warnings, in the rule set's order."""
        if self._violations is None:
            texts = self._catalog
            self._violations = tuple([Violation(texts, record) for record in self._raw])
        return self._violations

    @property
    def unchecked(self) -> tuple[str, ...]:
        """The ids of the rules that were not looked at because a fact of theirs was not stated, in the rule set's order."""
        return self._unchecked

    def response(self, locale: str = "zh_CN") -> dict[str, str]:
        """Return the first error, or success, in the form of the service's answer (Table 13).

        The codes are the service's. `resultDesc`, the path and the message, and `returnDesc`, the meaning of the code, are our own wording, not the
        service's text. Raise `ValueError` for a locale other than `en_US` and `zh_CN`.
        """
        locale = resolve_locale(locale)
        for violation in self.violations:
            if violation.code is not None:
                return {
                    "resultCode": violation.code,
                    "resultDesc": f"{format_path(violation.path)}: {violation.message(locale)}".removeprefix(": "),
                    "returnCode": violation.code,
                    "returnDesc": self._catalog.meanings[locale][violation.code],
                }
        return {"resultCode": self._catalog.success, "resultDesc": "", "returnCode": self._catalog.success, "returnDesc": ""}

    def to_dict(self, locale: str = "en_US") -> dict[str, Any]:
        """Give the whole report, ready for JSON: `ok`, `codes`, `violations`, `unchecked`. Raises `ValueError` for another locale."""
        locale = resolve_locale(locale)
        return {
            "ok": self.ok,
            "codes": list(self.codes),
            "violations": [violation.to_dict(locale) for violation in self.violations],
            "unchecked": list(self.unchecked),
        }

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Report):
            return NotImplemented
        return self.violations == other.violations and self.unchecked == other.unchecked

    def __hash__(self) -> int:
        return hash((self.violations, self.unchecked))

    def __repr__(self) -> str:
        return f"<Report {'ok' if self.ok else ', '.join(self.codes)}, {len(self._raw)} violations>"

    def __reduce__(self) -> tuple[Any, ...]:
        return Report, (self._catalog, [violation.__reduce__()[1][1] for violation in self.violations], self.unchecked)


_expectations: dict[tuple[int, str, bool], tuple[Rule, tuple[str, ...]]] = {}
"""What checks expect, with all filled in that their rows have, by the check's identity; a check is a part of its entry, so that it stays alive."""


def _is_missing(found: object) -> bool:
    return found is None or found is ABSENT or found == ""


def _name(check: Rule, where: Iterable[object] = ()) -> str:
    """Name a parameter; an entry of a list by its index, if that is known."""
    name = quote(check.name)[1:-1]
    if check.path[-1:] != (None,):
        return name
    indexes = [*where]
    depth = next((depth for depth, part in enumerate(reversed(check.path)) if part is not None), len(check.path))
    return name + "".join(f"[{index}]" for index in (indexes[len(indexes) - depth :] if indexes else "…" * depth)) if name else name


def counted(template: str, number: int) -> str:
    """Fill in a number; a template has its singular first where a plural follows."""
    singular, _, plural = template.partition("|")
    return _fill(plural if plural and number != 1 else singular, {"count": f"{number:,}"})


def expectation(check: Rule, texts: Catalog, locale: str, known: Mapping[str, str] = MappingProxyType({}), *, labels: bool = True) -> str:
    """Say what a check expects. `known` has what only a violation knows; what is not known shows as `…`. `labels` shows what each option means."""
    key = id(check), locale, labels
    cached = _expectations.get(key)
    if cached is None or cached[0] is not check:
        if len(_expectations) >= MAX_EXPECTATIONS:
            _expectations.clear()
        cached = _expectations[key] = check, _expectation(check, texts.phrases[locale], locale, labels)
    return _join(cached[1], known if "name" in known else {**known, "name": _name(check)})


def _expectation(check: Rule, words: Mapping[str, str], locale: str, labels: bool) -> tuple[str, ...]:
    """Fill in the parts of a check's text that do not depend on a violation."""
    row = check.definition

    def fill(template: str, message: str | None) -> Iterator[str]:
        for part in _parts(template):
            if not isinstance(part, _Name):
                yield part
            elif part == "message" and message is not None:
                yield from fill(message, None)
            elif part == "name" and check.path[-1:] != (None,):
                yield _name(check)
            elif part == "allowed" and labels and "labels" in row:
                yield words["separator"].join(f"{option} ({label})" for option, label in _labelled(row, words, locale))
            else:
                yield _format_argument(part, row[part], words) if part in row else part

    parts: list[str] = []
    for part in fill(check.template.texts[locale], None if check.message is None else check.message[locale]):
        if parts and not isinstance(part, _Name) and not isinstance(parts[-1], _Name):
            parts[-1] += part
        else:
            parts.append(part)
    return tuple(parts)


def _labelled(row: Mapping[str, Any], words: Mapping[str, str], locale: str) -> Iterator[tuple[str, str]]:
    """Give each option of a parameter, as it is shown, with its meaning."""
    return ((format_value(option, words), label) for option, label in zip(row["allowed"], row["labels"][locale], strict=True))


class _Name(str):
    """A name in a template that is still to be filled in."""

    __slots__ = ()


@lru_cache(1024)
def _parts(template: str) -> tuple[str, ...]:
    """Split a template into texts and names, as `string.Template` reads it."""
    from string import Template

    parts: list[str] = []
    end = 0
    for found in Template.pattern.finditer(template):
        name = found["named"] or found["braced"]
        parts += [template[end : found.start()], _Name(name) if name else "$"]
        end = found.end()
    return tuple(part for part in (*parts, template[end:]) if part)


def _join(parts: tuple[str, ...], values: Mapping[str, str]) -> str:
    if len(parts) == 1 and type(parts[0]) is str:
        return parts[0]
    return "".join([values.get(part, "" if part == "hint" else "…") if type(part) is _Name else part for part in parts])


def _fill(template: str, values: Mapping[str, str]) -> str:
    return _join(_parts(template), values)


def _format_argument(key: str, value: object, words: Mapping[str, str]) -> str:
    """Show an argument of a row; names, formats and types are clearer without quotes."""
    if key == "type":
        return words[str(value)]
    if isinstance(value, list | tuple | set | frozenset):
        return words["separator"].join(_format_argument(key, one, words) for one in value)
    if isinstance(value, datetime):
        return str(value.replace(microsecond=0))
    if isinstance(value, str) and key in ("format", "example", "other"):
        return quote(value)[1:-1]
    return format_value(value, words)


def _suggestion(found: object, near: tuple[str, ...], words: Mapping[str, str]) -> str:
    name = _nearest(found[:MAX_SHOWN], near) if near and isinstance(found, str) else ""
    return _fill(words["hint"], {"hint": quote(name)[1:-1]}) if name else ""


@lru_cache(1024)
def _nearest(name: str, known: tuple[str, ...]) -> str:
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, known, 1)), "")
