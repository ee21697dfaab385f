"""Functions that compiled source calls.

They handle missing and invalid values, so that their speed matters little.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from isales_rules.engine.json_text import JsonSyntaxError, parse_json
from isales_rules.engine.values import ABSENT, DuplicateKey, RawViolation, path_segment
from isales_rules.language.model import Rule

_EXACT = 640
"""Number of leading digits that are converted exactly.

The least limit that `sys.set_int_max_str_digits` accepts.
"""


def found_missing(members: Mapping[Any, Any], name: str) -> Any:
    """Return what an object has in the place of a missing parameter: null, "" or `ABSENT`."""
    return members.get(name, ABSENT)


def parse_decimal(text: str) -> int | str:
    """Read a whole number in ASCII digits; return any other text unchanged.

    Python refuses to convert more than some thousand digits, because that takes quadratic time. Of
    such a number only the magnitude is kept: the leading digits, followed by binary zeros. This is
    enough to compare it with any bound.
    """
    if not (text.isascii() and text.isdigit()):
        return text
    try:
        return int(text)
    except ValueError:
        digits = text.lstrip("0")
        return int(digits[:_EXACT] or "0") << len(digits[_EXACT:]) * 3322 // 1000


def parse_nested(text: str) -> Any:
    """Parse the JSON text of an object or a list; return any other text unchanged."""
    try:
        value = parse_json(text)
    except JsonSyntaxError:
        return text
    return value if type(value) in (dict, list) else text


COERCIONS: dict[str, Callable[[str], Any]] = {"decimal": parse_decimal, "json": parse_nested}
"""The function for each kind of coercion; text that it returns is a violation."""


def normalize_key_case(members: dict[Any, Any], spellings: Mapping[str, str]) -> dict[Any, Any]:
    """Rename members to their documented spelling, whatever their case.

    *spellings* has each name by its lower-case form.
    """
    renamed: dict[Any, Any] = {}
    duplicates: dict[Any, DuplicateKey] = {}
    for key, value in members.items():
        name = (
            spellings.get(str.__str__(key).lower(), str.__str__(key))
            if isinstance(key, str)
            else key
        )
        if name in renamed:
            duplicates.setdefault(name, DuplicateKey(name))
        if type(key) is not DuplicateKey:
            renamed[name] = value
    return renamed | dict.fromkeys(duplicates.values())


def _count(members: Mapping[Any, Any]) -> int:
    """Count the parameters of an object, each once."""
    if DuplicateKey not in set(map(type, members)):
        return len(members)
    return sum(type(key) is not DuplicateKey for key in members)


def report_too_many_members(
    violations: list[RawViolation],
    rule: Rule,
    members: Mapping[Any, Any],
    names: frozenset[str],
    indexes: tuple[Any, ...],
) -> None:
    """Report an object with more members than its table, with up to five unknown ones."""
    count = _count(members)
    if count > len(names):
        unknown = (
            path_segment(key)
            for key in members
            if type(key) is not DuplicateKey and key not in names
        )
        violations.append(
            (rule, count, tuple(name for name, _ in zip(unknown, range(5), strict=False)), indexes)
        )


def report_unknown_members(
    violations: list[RawViolation],
    unknown_rule: Rule | None,
    duplicate_rule: Rule,
    members: Mapping[Any, Any],
    names: frozenset[str],
    indexes: tuple[Any, ...],
) -> None:
    """Report unknown members, unless there are too many of them, and duplicate keys."""
    count = _count(members)
    if count > len(names):
        unknown_rule = None
    for key in members if unknown_rule is not None or count < len(members) else ():
        if type(key) is DuplicateKey:
            if str.__str__(key) in names:
                violations.append((duplicate_rule, key, None, (*indexes, key)))
        elif unknown_rule is not None and key not in names:
            violations.append((unknown_rule, key, None, (*indexes, key)))


def has_duplicates(members: Mapping[Any, Any]) -> bool:
    """Return whether the text of an object has a key twice."""
    return DuplicateKey in set(map(type, members))


def shift(moment: datetime, duration: timedelta) -> datetime:
    """Add a duration; beyond the years 1 to 9999 the result is the nearest time in them."""
    try:
        return moment + duration
    except OverflowError:
        return datetime.max if duration > timedelta() else datetime.min


@lru_cache(16)
def floor_to_day(moment: Any) -> Any:
    """Return the beginning of the day of a `datetime`.

    The result is cached: a fact is the same for a million requests.
    """
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
