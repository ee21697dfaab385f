"""Reports of validations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal, overload

from isales_rules.engine.values import RawViolation
from isales_rules.errors import IsalesRulesError
from isales_rules.language.catalog import Catalog, resolve_locale
from isales_rules.messages import format_path
from isales_rules.violations import Violation

if TYPE_CHECKING:
    from isales_rules._types import (
        Locale,
        ProblemDict,
        PydanticErrorDict,
        ReportDict,
    )


class ValidationError(IsalesRulesError, ValueError):
    """Raised by `Report.raise_for_errors`; its text has one line for each violation.

    `report` is the report.
    """

    def __init__(self, report: Report) -> None:
        super().__init__(report)
        self.report = report

    def __str__(self) -> str:
        return "\n".join(
            f"{one.code or one.severity} {format_path(one.path)}".rstrip() + f": {one.message()}"
            for one in self.report.violations
        )


class Report:
    """The result of a validation: the violations, errors and warnings. Immutable.

    A report is true if it has no error, like `ok`, so that `if not report:` handles invalid data.
    Iteration and `len` are over all violations: a report may be true and have warnings. (pydantic
    and marshmallow raise, jsonschema returns a truth value: all proceed on true. Only a
    marshmallow user's `if errors:` is about the opposite: write `if report.errors:`.)
    """

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
    def errors(self) -> tuple[Violation, ...]:
        """The violations that the service refuses the data for."""
        return tuple([one for one in self.violations if one.severity == "error"])

    @property
    def warnings(self) -> tuple[Violation, ...]:
        """The violations that are only likely mistakes."""
        return tuple([one for one in self.violations if one.severity == "warning"])

    @property
    def unchecked(self) -> tuple[str, ...]:
        """Ids of the rules skipped for lack of a fact, in the rule set's order."""
        return self._unchecked

    def by_path(self) -> dict[str, tuple[Violation, ...]]:
        """Group the violations by path, in the order of the first one at each."""
        groups: dict[str, list[Violation]] = {}
        for one in self.violations:
            groups.setdefault(one.path, []).append(one)
        return {path: tuple(group) for path, group in groups.items()}

    def raise_for_errors(self) -> None:
        """Raise `ValidationError` if the report has an error."""
        if not self.ok:
            raise ValidationError(self)

    @overload
    def errors_as(
        self,
        format: Literal["pydantic"],
        locale: Locale = ...,
        *,
        prefix: tuple[str | int, ...] = ...,
    ) -> list[PydanticErrorDict]: ...

    @overload
    def errors_as(
        self,
        format: Literal["problem"],
        locale: Locale = ...,
        *,
        prefix: tuple[str | int, ...] = ...,
    ) -> ProblemDict: ...

    @overload
    def errors_as(
        self,
        format: Literal["nested"],
        locale: Locale = ...,
        *,
        prefix: tuple[str | int, ...] = ...,
    ) -> dict[str, Any]: ...

    def errors_as(
        self, format: str, locale: Locale = "en_US", *, prefix: tuple[str | int, ...] = ()
    ) -> Any:
        """Return the errors, without warnings, in the shape that a framework expects.

        - `"pydantic"`: a list of dicts with `type` (the keyword), `loc`, `msg` and `ctx` (code, rule,
          source and the arguments), as FastAPI answers them.
        - `"problem"`: problem details (RFC 9457) with the status 422 and `errors`, each with
          `detail`, `pointer`, `code` and `rule`.
        - `"nested"`: lists of messages by field, in dicts by object or index, as Django REST
          framework and form libraries show them. Errors of an object itself are in
          `non_field_errors`.

        `prefix` comes before each location: `("body",)` for FastAPI. Raises `ValueError` for another
        format or locale.
        """
        from isales_rules.error_formats import format_errors

        return format_errors(
            format, self.errors, resolve_locale(locale, self._catalog.locales), prefix
        )

    def response(self, locale: Locale = "zh_CN") -> dict[str, str]:
        """Return the first error, or success, in the format of the service's answer.

        The codes are the service's. The description, which is the path and the message, and the
        meaning of the code are worded by this package. The rule set names the members. Raises `ValueError` for an unknown locale.
        """
        locale = resolve_locale(locale, self._catalog.locales)
        for violation in self.violations:
            if violation.code is not None:
                description = f"{format_path(violation.path)}: {violation.message(locale)}"
                contents = {
                    "code": violation.code,
                    "description": description.removeprefix(": "),
                    "meaning": self._catalog.meanings[locale][violation.code],
                }
                break
        else:
            contents = {"code": self._catalog.success, "description": "", "meaning": ""}
        return {name: contents[content] for name, content in self._catalog.response.items()}

    def to_dict(self, locale: Locale = "en_US") -> ReportDict:
        """Return all as JSON values: `ok`, `codes`, `violations`, `unchecked`.

        `locale` is `en_US` or `zh_CN`. Raises `ValueError` for another locale.
        """
        locale = resolve_locale(locale, self._catalog.locales)
        return {
            "ok": self.ok,
            "codes": list(self.codes),
            "violations": [violation.to_dict(locale) for violation in self.violations],
            "unchecked": list(self.unchecked),
        }

    def __bool__(self) -> bool:
        return self.ok

    def __len__(self) -> int:
        return len(self._raw)

    def __iter__(self) -> Iterator[Violation]:
        return iter(self.violations)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Report):
            return NotImplemented
        return self.violations == other.violations and self.unchecked == other.unchecked

    def __hash__(self) -> int:
        return hash((self.violations, self.unchecked))

    def __repr__(self) -> str:
        return f"<Report {'ok' if self.ok else ', '.join(self.codes)}, {len(self._raw)} violations>"

    def __rich_repr__(self) -> Iterator[tuple[str, object]]:
        yield "ok", self.ok
        yield "violations", self.violations
        if self.unchecked:
            yield "unchecked", self.unchecked

    def __reduce__(self) -> tuple[Any, ...]:
        return Report, (
            self._catalog,
            [violation.__reduce__()[1][1] for violation in self.violations],
            self.unchecked,
        )


__all__ = ["Report", "ValidationError", "Violation"]
