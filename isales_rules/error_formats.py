"""Errors of a report in the shapes that frameworks expect."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from isales_rules._text import suggest

if TYPE_CHECKING:
    from isales_rules._types import Locale, ProblemDict, ProblemErrorDict, PydanticErrorDict
    from isales_rules.violations import Violation

_WHOLE = "non_field_errors"
"""The key for errors of an object itself, as in Django REST framework."""


def format_errors(
    name: str, errors: Iterable[Violation], locale: Locale, prefix: tuple[str | int, ...]
) -> Any:
    """Return errors in the named format.

    Raises `ValueError` for an unknown name.
    """
    formatter = _FORMATS.get(name)
    if formatter is None:
        raise ValueError(
            f"unknown format {str(name)[:64]!r}{suggest(name, _FORMATS)}; use one of {', '.join(_FORMATS)}"
        )
    return formatter(errors, locale, prefix)


def _pydantic(
    errors: Iterable[Violation], locale: Locale, prefix: tuple[str | int, ...]
) -> list[PydanticErrorDict]:
    return [
        {
            "type": one.keyword,
            "loc": (*prefix, *one.location),
            "msg": one.message(locale),
            "ctx": {"code": one.code, "rule": one.rule, "source": one.source, **one.params},
        }
        for one in errors
    ]


def _problem(
    errors: Iterable[Violation], locale: Locale, prefix: tuple[str | int, ...]
) -> ProblemDict:
    details: list[ProblemErrorDict] = [
        {
            "detail": one.message(locale),
            "pointer": _fragment((*prefix, *one.location)),
            "code": one.code,
            "rule": one.rule,
        }
        for one in errors
    ]
    return {
        "type": "about:blank",
        "title": "Unprocessable Content",
        "status": 422,
        "detail": "\n".join(one["detail"] for one in details),
        "errors": details,
    }


def _fragment(location: tuple[str | int, ...]) -> str:
    """Write a location as a JSON Pointer in a URI fragment (RFC 6901, section 6)."""
    from urllib.parse import quote

    from isales_rules.language.model import json_pointer

    return "#" + quote(json_pointer(map(str, location)), safe="/~!$&'()*+,;=:@?", errors="replace")


def _nested(
    errors: Iterable[Violation], locale: Locale, prefix: tuple[str | int, ...]
) -> dict[str, Any]:
    root: dict[str, Any] = {}
    for one in errors:
        *parents, key = map(str, (*prefix, *one.location) or (_WHOLE,))
        parent = root
        for name in parents:
            parent = _members(parent, name)
        messages = parent.setdefault(key, [])
        if isinstance(messages, dict):
            messages = messages.setdefault(_WHOLE, [])
        messages.append(one.message(locale))
    return root


def _members(parent: dict[str, Any], key: str) -> dict[str, Any]:
    """Return the errors of the members of a field; move its own errors among them."""
    found = parent.setdefault(key, {})
    if isinstance(found, list):
        found = parent[key] = {_WHOLE: found}
    members: dict[str, Any] = found
    return members


_FORMATS: dict[str, Callable[..., Any]] = {
    "pydantic": _pydantic,
    "problem": _problem,
    "nested": _nested,
}
