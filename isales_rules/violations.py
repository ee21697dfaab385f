"""Violations, each with code, path and message."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from isales_rules.engine.values import RawViolation, is_missing, path_segment, snapshot
from isales_rules.language.catalog import Catalog, resolve_locale
from isales_rules.language.model import Path, Rule, json_pointer
from isales_rules.messages import format_path, rule_texts

if TYPE_CHECKING:
    from isales_rules._types import JsonValue, Locale, Severity, ViolationDict


class _ReadOnlyDict(dict[str, Any]):
    """A dict that `json.dumps` accepts and nobody can change."""

    __slots__ = ()

    def _refuse(self, *_: object, **__: object) -> Any:
        raise TypeError("the parameters of a violation cannot be changed")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return _ReadOnlyDict, (dict(self),)


class Violation:
    """An error, or, with the severity `warning`, a likely mistake. Immutable."""

    __slots__ = ("_catalog", "_path", "_raw")

    def __init__(self, catalog: Catalog, raw: RawViolation) -> None:
        self._catalog = catalog
        self._raw = raw
        self._path: str | None = raw[0].pointer if len(raw) < 4 else None

    @property
    def code(self) -> str | None:
        """The result code; `None` for a warning."""
        code: str | None = self._raw[0].code
        return code

    @property
    def path(self) -> str:
        """The JSON Pointer (RFC 6901) to the value, or to a missing parameter."""
        if self._path is None:
            self._path = self._pointer(self._raw[0].path)
        return self._path

    @property
    def location(self) -> tuple[str | int, ...]:
        """The path as names of members and indexes of items."""
        rule, _, _, indexes = self._fields()
        filled = iter(indexes)
        location = [next(filled) if part is None else part for part in rule.path]
        if rule.keyword in _MEMBER_RULES:  # the last one is a key, which may be a number
            location[-1] = path_segment(location[-1])
        return tuple(one if type(one) is int else path_segment(one) for one in location)

    @property
    def rule(self) -> str:
        """The stable id of the rule."""
        rule: str = self._raw[0].id
        return rule

    @property
    def keyword(self) -> str:
        """The violated keyword of the rule language, such as `max`.

        Rules that every object has are named like the last part of their id: `unknown-parameter`.
        """
        keyword: str = self._raw[0].keyword
        return keyword

    @property
    def params(self) -> Mapping[str, JsonValue]:
        """The arguments of the keyword as JSON values; read-only.

        `{"max": 120}`, for a bound `{"parameter": "/path"}` or `{"fact": "name"}` with its `offset`
        and `floor`, and for a condition on facts `{"facts": ["name"]}`. No value of the document is
        among them.
        """
        rule, _, other, _ = self._fields()
        keyword, definition = rule.keyword, rule.definition
        params: dict[str, Any] = {}
        if isinstance(other, dict):  # the position and the reason of invalid JSON
            params = {name: int(one) if one.isdecimal() else one for name, one in other.items()}
        elif keyword == "too-many-parameters":
            params = {"documented": definition["documented"]}
        elif isinstance(argument := definition.get(keyword), Mapping):
            params = dict(argument)
        elif argument is not None:
            params = {keyword: [*argument] if isinstance(argument, list | tuple) else argument}
        elif keyword == "when" and "facts" in definition:
            params = {"facts": [*definition["facts"]]}
        if rule.other:
            params["parameter"] = self._pointer(rule.other)
        return _ReadOnlyDict(params)

    @property
    def severity(self) -> Severity:
        """`"error"` or `"warning"`."""
        severity: Severity = self._raw[0].severity
        return severity

    @property
    def source(self) -> str:
        """The table and number of the rule in the interface document."""
        source: str = self._raw[0].source
        return source

    def message(self, locale: Locale = "en_US", *, values: bool = True) -> str:
        """Return what was expected and, shortened and escaped, what was found.

        `locale` is `en_US`, `zh_CN`, or another one of the rule set. Without `values` the message
        contains no value of the document, but names of parameters. Raises `ValueError` for another
        locale.
        """
        rule, value, other, indexes = self._fields()
        return rule_texts(
            rule, self._catalog, resolve_locale(locale, self._catalog.locales)
        ).message(value, other, indexes, values=values)

    def hint(self, locale: Locale = "en_US") -> str:
        """Return how to correct it; empty if that is not known.

        `locale` is `en_US` or `zh_CN`. Options are one a line. A hint contains no value of the
        document. Raises `ValueError` for another locale.
        """
        rule, value, other, _ = self._fields()
        return rule_texts(rule, self._catalog, resolve_locale(locale, self._catalog.locales)).hint(
            value, other, self.path
        )

    def masked(self, is_secret: Callable[[str], bool]) -> Violation:
        """Return a copy with `…` for secret texts and undocumented names."""

        def mask(value: Any) -> Any:
            if isinstance(value, tuple):
                return tuple(map(mask, value))
            return "…" if isinstance(value, str) and is_secret(value) else value

        return Violation(self._catalog, (self._raw[0], *map(mask, self._raw[1:])))

    def with_line_offset(self, lines: int) -> Violation:
        """Return a copy whose message counts this number of lines before the text."""
        other = self._raw[2] if len(self._raw) > 2 else None
        if not isinstance(other, dict) or "line" not in other:
            return self
        moved = {**other, "line": str(int(other["line"]) + lines)}
        return Violation(self._catalog, (*self._raw[:2], moved, *self._raw[3:]))

    def to_dict(self, locale: Locale = "en_US") -> ViolationDict:
        """Return all as JSON values: every property, the message and the hint.

        `locale` is `en_US` or `zh_CN`. Raises `ValueError` for another locale.
        """
        return {
            "code": self.code,
            "path": self.path,
            "location": [*self.location],
            "rule": self.rule,
            "keyword": self.keyword,
            "params": dict(self.params),
            "severity": self.severity,
            "source": self.source,
            "message": self.message(locale),
            "hint": self.hint(locale),
        }

    def _pointer(self, path: Path) -> str:
        """Write the path of a parameter, with the indexes of this violation."""
        indexes = iter(self._fields()[3])
        return json_pointer(path_segment(next(indexes)) if part is None else part for part in path)

    def _fields(self) -> tuple[Rule, object, Any, Iterable[object]]:
        """Return the rule, the value, the other value and the indexes of the path."""
        raw = self._raw
        if len(raw) == 2:
            return raw[0], raw[1], None, ()
        return raw if len(raw) == 4 else (*raw, ())

    def __reduce__(self) -> tuple[Any, ...]:
        # Without secrets, and without objects that the caller may change or that cannot be pickled.
        rule, value, other, indexes = self._fields()
        shown = "…" if rule.definition.get("secret") and not is_missing(value) else snapshot(value)
        return Violation, (self._catalog, (rule, shown, other, indexes))

    def __eq__(self, other: object) -> bool:
        return self.to_dict() == other.to_dict() if isinstance(other, Violation) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.rule, self.path))

    def __repr__(self) -> str:
        return f"<Violation {self.code or self.severity} at {format_path(self.path)!r}: {self.message()}>"

    def __rich_repr__(self) -> Iterator[tuple[str, object]]:
        yield "code", self.code
        yield "path", format_path(self.path)
        yield "rule", self.rule
        yield "message", self.message()


_MEMBER_RULES = ("unknown-parameter", "duplicate-key")
"""Rules of an object whose violations are at a key, which may be any text."""
