"""Reports and their violations, each with code, path and message."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from isales_rules.engine.values import RawViolation, path_segment, snapshot
from isales_rules.language.catalog import Catalog, resolve_locale
from isales_rules.language.model import Rule, json_pointer
from isales_rules.messages import format_path, is_missing, rule_texts


class Violation:
    """An error, or, with the severity `warning`, a likely mistake. Immutable."""

    __slots__ = ("_catalog", "_path", "_raw")

    def __init__(self, catalog: Catalog, raw: RawViolation) -> None:
        self._catalog = catalog
        self._raw = raw
        self._path: str | None = raw[0].pointer if len(raw) < 4 else None

    @property
    def code(self) -> str | None:
        """The result code (Table 14); `None` for a warning."""
        code: str | None = self._raw[0].code
        return code

    @property
    def path(self) -> str:
        """The JSON Pointer (RFC 6901) to the value, or to a missing parameter."""
        if self._path is None:
            segments = iter(self._raw[3])
            path = self._raw[0].path
            self._path = json_pointer(
                path_segment(next(segments)) if part is None else part for part in path
            )
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
        """The table and number of the rule in the interface document."""
        source: str = self._raw[0].source
        return source

    def message(self, locale: str = "en_US", *, values: bool = True) -> str:
        """Return what was expected and, shortened and escaped, what was found.

        `locale` is `en_US` or `zh_CN`. Without `values` the message contains no value of the
        document, but names of parameters. Raises `ValueError` for another locale.
        """
        rule, value, other, indexes = self._fields()
        return rule_texts(rule, self._catalog, resolve_locale(locale)).message(
            value, other, indexes, values=values
        )

    def hint(self, locale: str = "en_US") -> str:
        """Return how to correct it; empty if that is not known.

        `locale` is `en_US` or `zh_CN`. Options are one a line. A hint contains no value of the
        document. Raises `ValueError` for another locale.
        """
        rule, value, other, _ = self._fields()
        return rule_texts(rule, self._catalog, resolve_locale(locale)).hint(value, other, self.path)

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

    def to_dict(self, locale: str = "en_US") -> dict[str, str | None]:
        """Return all as texts: code, path, rule, severity, source, message.

        `locale` is `en_US` or `zh_CN`. Raises `ValueError` for another locale.
        """
        return {
            "code": self.code,
            "path": self.path,
            "rule": self.rule,
            "severity": self.severity,
            "source": self.source,
            "message": self.message(locale),
        }

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


class Report:
    """The result of a validation. Immutable."""

    __slots__ = ("_catalog", "_raw", "_unchecked", "_violations")

    def __init__(
        self, catalog: Catalog, raw: list[RawViolation], unchecked: tuple[str, ...]
    ) -> None:
        self._catalog = catalog
        self._raw = raw
        self._unchecked = unchecked
        self._violations: tuple[Violation, ...] | None = None

    @property
    def ok(self) -> bool:
        """Whether the report has no error; warnings do not count."""
        for raw in self._raw:  # noqa: SIM110  # `all` of a generator takes five times as long
            if raw[0].code is not None:
                return False
        return True

    @property
    def codes(self) -> tuple[str, ...]:
        """The distinct codes of the errors, in the order of the violations."""
        codes: list[str] = []
        for raw in self._raw:
            code = raw[0].code
            if code is not None and code not in codes:
                codes.append(code)
        return tuple(codes)

    @property
    def violations(self) -> tuple[Violation, ...]:
        """All errors and warnings, in the rule set's order."""
        if self._violations is None:
            catalog = self._catalog
            self._violations = tuple([Violation(catalog, raw) for raw in self._raw])
        return self._violations

    @property
    def unchecked(self) -> tuple[str, ...]:
        """Ids of the rules skipped for lack of a fact, in the rule set's order."""
        return self._unchecked

    def response(self, locale: str = "zh_CN") -> dict[str, str]:
        """Return the first error, or success, in the service's format (Table 13).

        The codes are the service's. `resultDesc`, the path and the message, and `returnDesc`, the
        meaning of the code, are worded by this package. Raises `ValueError` for a locale other than
        `en_US` and `zh_CN`.
        """
        locale = resolve_locale(locale)
        for violation in self.violations:
            if violation.code is not None:
                description = f"{format_path(violation.path)}: {violation.message(locale)}"
                return {
                    "resultCode": violation.code,
                    "resultDesc": description.removeprefix(": "),
                    "returnCode": violation.code,
                    "returnDesc": self._catalog.meanings[locale][violation.code],
                }
        success = self._catalog.success
        return {"resultCode": success, "resultDesc": "", "returnCode": success, "returnDesc": ""}

    def to_dict(self, locale: str = "en_US") -> dict[str, Any]:
        """Return all as JSON values: `ok`, `codes`, `violations`, `unchecked`.

        `locale` is `en_US` or `zh_CN`. Raises `ValueError` for another locale.
        """
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
        return Report, (
            self._catalog,
            [violation.__reduce__()[1][1] for violation in self.violations],
            self.unchecked,
        )
