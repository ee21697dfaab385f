"""The types of parameters, and the Python values that have them."""

from __future__ import annotations

import math
from typing import Any, NamedTuple


class ValueType(NamedTuple):
    """A type of parameters.

    `values` are values of it and `others` are values of other types, simplest first; a list is
    given by its number of entries.
    """

    name: str
    python_types: tuple[type, ...]
    values: tuple[Any, ...]
    others: tuple[Any, ...]

    def includes(self, value: object) -> bool:
        """Check whether a plain JSON value has the type; NaN and infinity are not JSON."""
        kind = type(value)
        return kind in self.python_types and (kind is not float or math.isfinite(value))  # type: ignore[arg-type]  # mypy does not narrow by `kind`


_ALL = (
    ValueType("integer", (int,), (1, 0, -1, 2**63), ("1", 2.0, 1.5, True, [], {})),
    ValueType(
        "number",
        (int, float),
        (1, 0, -1, 0.5, 1.0, -1.5, 1e300),
        ("1", True, math.nan, math.inf, [], {}),
    ),
    ValueType(
        "string",
        (str,),
        ("a", "a\n", " a", "aA", "a0", "a\uff10", "a\u00e9", "a\U0001f600"),
        (1, 0.5, True, [], {}),
    ),
    ValueType("boolean", (bool,), (False, True), (1, 0, "true", [], {})),
    ValueType("dict", (dict,), (), ("x", 1, True, [])),
    ValueType("list", (list,), (0, 1, 2), ("x", 1, True, {})),
    ValueType(
        "any",
        (str, int, float, bool, dict, list),
        ("a", 1, 0, 0.5, False, True),
        (math.nan, math.inf),
    ),
)

TYPES: dict[str, ValueType] = {one.name: one for one in _ALL}
"""Every type by its name."""
