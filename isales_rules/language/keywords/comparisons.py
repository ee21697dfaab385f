"""Keywords that compare a value, its length or its number of entries with a limit."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from isales_rules.language.keywords.base import (
    INTEGER,
    NUMBER,
    ONE_OR_MORE,
    OPERATORS,
    SCALAR,
    STRING,
    Bind,
    Comparison,
    Definition,
    Expression,
    Keyword,
    Sample,
    Schema,
    alphabet,
    as_tuple,
)
from isales_rules.language.patterns import MAX_LENGTH

MAX_STRING = 100_000
"""Maximum length of a string that is made for a limit."""


class Measure(NamedTuple):
    """What is compared of a value: the expression for the variable `{}`, and its meaning."""

    expr: str
    of: Callable[[Any], Any]


VALUE = Measure("{}", lambda value: value)
LENGTH = Measure("len({})", len)
# A lone surrogate, which JSON can escape, has three bytes like its neighbours.
BYTES = Measure(
    'len({}.encode("utf-8", "surrogatepass"))',
    lambda value: len(value.encode("utf-8", "surrogatepass")),
)


class _Comparison(Keyword):
    """Compare a measure of the value with the argument.

    `violated_if` is the operator that is true for a violation.
    """

    violated_if: str
    measure = VALUE

    def violated_expr(self, value: str, argument: Any, bind: Bind) -> Expression:
        right = argument if self.operand == "bound" else repr(argument)
        return Comparison(self.measure.expr.format(value), self.violated_if, right)

    def is_violated(self, value: Any, argument: Any) -> bool:
        return OPERATORS[self.violated_if](self.measure.of(value), argument)


class _Limit(_Comparison):
    """Compare with one end of a range.

    `excludes` is the other end. Definitions that have both use the message `both`, if there is one.
    """

    both = ""

    def message(self, definition: Definition) -> str:
        return self.both if self.both and self.excludes in definition else self.template

    def boundary_values(self, argument: Any, definition: Definition) -> Iterable[Any]:
        numbers = [argument, argument + 1 if self.violated_if == ">" else argument - 1]
        if definition["type"] == "number":
            numbers.append((numbers[0] + numbers[1]) / 2)
        return numbers

    def adjust(self, value: Any, argument: Any) -> Any:
        return min(value, argument) if self.violated_if == ">" else max(value, argument)

    def problems(self, argument: Any, definition: Definition) -> Iterator[str]:
        high = self.excludes or ""
        if isinstance(argument, float) and definition.get("type", "number") != "number":
            yield "must be of integer type, except for the type number"
        elif isinstance(argument, float) and not math.isfinite(argument):
            yield "must be finite"
        elif self.violated_if == "<" and high in definition and argument > definition[high]:
            yield f"is greater than {high}, {definition[high]}"


class Min(_Limit):
    name = "min"
    description = "The value must be at least this."
    argument_schema = {"type": ["integer", "float"]}
    types = NUMBER
    template = "minimum"
    excludes = "max"
    both = "range"
    violated_if = "<"
    native = True
    sample = Sample("integer", 3, passes=3, fails=2, contradiction={"max": 2})


class Max(_Limit):
    name = "max"
    description = "The value must be at most this."
    argument_schema = {"type": ["integer", "float"]}
    types = NUMBER
    template = "maximum"
    excludes = "min"
    both = "range"
    violated_if = ">"
    native = True
    sample = Sample("integer", 3, passes=3, fails=4, contradiction={"min": 4}, at="min")


class MultipleOf(Keyword):
    name = "multipleof"
    description = "The value must be a multiple of this."
    argument_schema = {"type": "integer", "min": 1}
    types = INTEGER
    template = "not-a-multiple"
    sample = Sample("integer", 5, passes=10, fails=12, contradiction={"min": 6, "max": 9})

    def violated_expr(self, value: str, argument: int, bind: Bind) -> Expression:
        return Comparison(f"{value} % {argument!r}", "!=", "0")

    def is_violated(self, value: int, argument: int) -> bool:
        return value % argument != 0

    def boundary_values(self, argument: int, definition: Definition) -> Iterable[int]:
        first = -(-definition.get("min", argument) // argument) * argument
        last = definition.get("max", first) // argument * argument
        yield from (first, last, first + argument, first + 1, last - 1)

    def adjust(self, value: int, argument: int) -> int:
        return value - value % argument

    def problems(self, argument: int, definition: Definition) -> Iterator[str]:
        if {"min", "max"} <= definition.keys():
            low, high = definition["min"], definition["max"]
            if low <= high and high // argument * argument < low:
                yield f"has no multiple from {low} to {high}"


class _StringLimit(_Limit):
    types = STRING
    argument_schema = {"type": "integer", "min": 1}

    def boundary_values(self, argument: Any, definition: Definition) -> Iterable[Any]:
        lengths = [*super().boundary_values(argument, definition)]
        letter = alphabet(definition)[:1] or "a"
        for start in (*as_tuple(definition.get("prefix", "")), ""):
            yield from (
                start + letter * (length - len(start))
                for length in lengths
                if 0 < length <= MAX_STRING
            )


class MinLength(_StringLimit):
    name = "minlength"
    description = "The value must have at least this number of characters (code points)."
    argument_schema = {"type": "integer", "min": 1, "max": MAX_LENGTH}
    template = "too-short"
    excludes = "maxlength"
    both = "length"
    violated_if = "<"
    measure = LENGTH
    native = True
    sample = Sample("string", 3, passes="abc", fails="ab", contradiction={"maxlength": 2})

    def adjust(self, value: str, argument: int) -> str:
        return value + value[-1:] * (argument - len(value))


class MaxLength(_StringLimit):
    name = "maxlength"
    description = "The value must have at most this number of characters (code points)."
    template = "too-long"
    excludes = "minlength"
    both = "length"
    violated_if = ">"
    measure = LENGTH
    native = True
    sample = Sample(
        "string", 3, passes="abc", fails="abcd", contradiction={"minlength": 4}, at="minlength"
    )

    def adjust(self, value: str, argument: int) -> str:
        return value[:argument]


class MaxBytes(_StringLimit):
    name = "maxbytes"
    description = "The value must have at most this number of bytes in UTF-8."
    template = "too-many-bytes"
    violated_if = ">"
    measure = BYTES
    sample = Sample("string", 3, passes="é1", fails="éé", contradiction={"minlength": 4})

    def boundary_values(self, argument: int, definition: Definition) -> Iterable[str]:
        yield from super().boundary_values(argument, definition)
        if argument <= MAX_STRING:
            yield from ("\u00e9" * count for count in (argument // 2, argument // 2 + 1) if count)

    def adjust(self, value: str, argument: int) -> str:
        cut = value.encode("utf-8", "surrogatepass")[:argument]
        return cut.decode("utf-8", "ignore")

    def problems(self, argument: int, definition: Definition) -> Iterator[str]:
        if definition.get("minlength", 0) > argument:
            yield f"is less than minlength, {definition['minlength']}"


class _ItemsLimit(_Limit):
    types = frozenset({"list"})
    measure = LENGTH


class MinItems(_ItemsLimit):
    name = "minitems"
    description = "The list must have at least this number of entries."
    argument_schema = {"type": "integer", "min": 1, "max": MAX_LENGTH}
    template = "too-few"
    excludes = "maxitems"
    violated_if = "<"
    sample = Sample("list", 1, passes=[1], fails=[], contradiction={"maxitems": 0})


class MaxItems(_ItemsLimit):
    name = "maxitems"
    description = "The list must have at most this number of entries."
    argument_schema = {"type": "integer", "min": 0}
    template = "too-many"
    excludes = "minitems"
    violated_if = ">"
    sample = Sample(
        "list", 1, passes=[1], fails=[1, 1], contradiction={"minitems": 2}, at="minitems"
    )


class _Bound(_Comparison):
    """Compare with a bound that another parameter or a fact sets."""

    argument_schema: Schema = {
        "type": "dict",
        "schema": {
            "parameter": {"type": "string", "required": True, "excludes": "fact"},
            "fact": {"type": "string", "required": True, "excludes": "parameter"},
            "offset": {"type": ["integer", "string"]},
            "floor": {"type": "string", "allowed": ["day"]},
            "format": ONE_OR_MORE,
        },
    }
    types = NUMBER | STRING
    template = "conflict"
    operand = "bound"
    in_definitions = False


class Ge(_Bound):
    name = "ge"
    description = "The value must be at least the bound."
    violated_if = "<"
    sample = Sample("integer", {"parameter": "other"}, passes=2, fails=1, other=2)


class Le(_Bound):
    name = "le"
    description = "The value must be at most the bound."
    violated_if = ">"
    sample = Sample("integer", {"parameter": "other"}, passes=2, fails=3, other=2)


class Gt(_Bound):
    name = "gt"
    description = "The value must be greater than the bound."
    violated_if = "<="
    sample = Sample("integer", {"parameter": "other"}, passes=3, fails=2, other=2)


class Lt(_Bound):
    name = "lt"
    description = "The value must be less than the bound."
    violated_if = ">="
    sample = Sample("integer", {"parameter": "other"}, passes=1, fails=2, other=2)


class Eq(_Bound):
    name = "eq"
    description = "The value must equal the bound."
    types = SCALAR
    violated_if = "!="
    sample = Sample("integer", {"parameter": "other"}, passes=2, fails=3, other=2)


class In(_Bound):
    name = "in"
    description = "The value must be in the collection."
    types = SCALAR
    violated_if = "not in"
    sample = Sample("integer", {"fact": "known"}, passes=1, fails=2, other=[1])


class NotIn(_Bound):
    name = "not_in"
    description = "The value must not be in the collection."
    types = SCALAR
    violated_if = "in"
    sample = Sample("integer", {"fact": "known"}, passes=2, fails=1, other=[1])
