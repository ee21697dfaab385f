"""What a caller states about the campaign: checked, and brought into the form that rules compare with."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from isales_rules.model import hint


class FactError(ValueError):
    """A fact that the rule set does not declare, or that is of another type: the caller's mistake, not the data's."""


NO_FACTS: Mapping[str, Any] = {}


def state(facts: Mapping[str, Any], declared: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Check `facts` and bring them into comparable form: a `datetime` naive in UTC, a collection as a `frozenset`.

    Raises `FactError`, naming the fact and what it should be.
    """
    if not isinstance(facts, Mapping):
        raise FactError(f"facts must be a mapping of names to values, not {type(facts).__name__}")
    stated = {}
    for name, value in facts.items():
        if name not in declared:
            raise FactError(f"there is no fact {str(name)[:64]!r}{hint(name, declared)}; the facts are {', '.join(declared)}")
        try:
            stated[name] = _FORMS[declared[name]["type"]](value)
        except (OverflowError, ValueError):
            raise FactError(f"the fact {name!r} is a time that UTC has no date for") from None
        except TypeError:
            raise FactError(f"the fact {name!r} must be {_NEEDED[declared[name]['type']]}, not {type(value).__name__}") from None
    return stated


def _exactly(wanted: type, value: object) -> Any:
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        raise TypeError
    return value


def _moment(value: object) -> datetime:
    moment: datetime = _exactly(datetime, value)
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


def _collection(wanted: type, value: object) -> frozenset[Any]:
    if not isinstance(value, Collection) or isinstance(value, str | bytes):
        raise TypeError
    return frozenset(_exactly(wanted, one) for one in value)


_FORMS: dict[str, Callable[[object], Any]] = {
    "datetime": _moment,
    "boolean": lambda value: _exactly(bool, value),
    "integer": lambda value: int(_exactly(int, value)),
    "strings": lambda value: _collection(str, value),
    "integers": lambda value: _collection(int, value),
}

_NEEDED = {
    "datetime": "a datetime",
    "boolean": "a bool",
    "integer": "an int",
    "strings": "a collection of str",
    "integers": "a collection of int",
}
