"""Values that engines exchange: raw violations, and stand-ins for what JSON does not have."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

RawViolation: TypeAlias = tuple[Any, ...]
"""A violation as engines return it: the rule, the value, the bound that its message names, and the
indexes and names for `None` in its path.
"""


Engine: TypeAlias = Callable[[Any, Mapping[str, Any]], list[RawViolation]]
"""Take a document and the prepared facts; return the raw violations."""


Accept: TypeAlias = Callable[[Any, Mapping[str, Any]], int]
"""Take a document and the prepared facts; return a true value if it is plainly valid."""


_CONVERTIBLE = {"model_dump": "model", "__dataclass_fields__": "dataclass"}
"""Attributes of types whose instances can be converted to JSON values, with the phrase for each."""


class NonJsonValue:
    """A Python object that is not a JSON value.

    `name` is the name of its type, `word` the key of its description in the phrases of the catalog.
    """

    __slots__ = ("name", "word")

    def __init__(self, value: object) -> None:
        kind = type(value)
        # A metaclass may define anything, `__name__` included.
        self.name = str.__str__(type.__dict__["__name__"].__get__(kind))
        try:
            self.word = next(
                (word for attribute, word in _CONVERTIBLE.items() if hasattr(kind, attribute)),
                "foreign",
            )
        except Exception:  # noqa: BLE001  # whatever a metaclass raises
            self.word = "foreign"


class _Absent:
    """The value of a parameter that its object does not have."""

    __slots__ = ()

    def __reduce__(self) -> str:
        return "ABSENT"


ABSENT = _Absent()


class DuplicateKey(str):
    """A key that a JSON object has more than once.

    It equals no string, so that it takes the place of no key.
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return self is other

    def __ne__(self, other: object) -> bool:
        return self is not other

    __hash__ = object.__hash__


def path_segment(part: object) -> str:
    """Write a key or an index as a segment of a path; a key that is not a string as in JSON."""
    if isinstance(part, str):
        return str.__str__(part)
    if isinstance(part, int | float) or part is None:
        return (
            json.dumps(part) if not isinstance(part, int) or part.bit_length() < 200 else hex(part)
        )
    return f"<{part.name if isinstance(part, NonJsonValue) else type(part).__name__}>"


def snapshot(value: object) -> object:
    """Keep of a found value what a message shows.

    So that no report holds on to what the caller may change or cannot pickle.
    """
    if value is None or type(value) in (str, int, float, bool, DuplicateKey, NonJsonValue, _Absent):
        return value
    return type(value)() if type(value) in (dict, list) else NonJsonValue(value)


def is_missing(value: object) -> bool:
    """Check whether a value counts as missing: absent, null or an empty string."""
    return value is None or value is ABSENT or (type(value) is str and value == "")
