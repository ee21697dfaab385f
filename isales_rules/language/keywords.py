"""The rule keywords: one class per keyword, with everything that the package knows about it.

A keyword constrains one parameter. It is used in the definition of the parameter, in a clause of a
rule between parameters, or in both. Validation, the compiler, the reference engine, explanations
and generated test data read `KEYWORDS`, so that a new keyword is added here and nowhere else; its
message is in `rulesets/catalog.toml`.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias

from isales_rules.language.patterns import MAX_LENGTH, refused
from isales_rules.language.time_formats import (
    accepted_lengths,
    format_time,
    format_type,
    make_parser,
    parse,
)

Definition: TypeAlias = Mapping[str, Any]
"""The table that defines a parameter: its type, its keywords and its attributes."""

Schema: TypeAlias = dict[str, Any]
"""A Cerberus schema."""

INTEGER = frozenset({"integer"})
STRING = frozenset({"string"})
SCALAR = frozenset({"integer", "string", "boolean"})
ANY_TYPE = frozenset({"integer", "string", "boolean", "dict", "list"})


class Bind(Protocol):
    """Bind a value to a name that compiled source may use, and return the name.

    A comment at the top of the source shows `comment` for the name.
    """

    def __call__(self, hint: str, value: object, comment: object) -> str: ...


class Comparison(NamedTuple):
    """A source expression that compares two operands."""

    left: str
    operator: str
    right: str

    def negated(self) -> Comparison:
        return self._replace(operator=_NEGATED[self.operator])

    def __str__(self) -> str:
        return f"{self.left} {self.operator} {self.right}"


class Truth(NamedTuple):
    """A source expression that is used for its truth value; an atom, or in parentheses."""

    text: str
    expected: bool = True

    def negated(self) -> Truth:
        return self._replace(expected=not self.expected)

    def __str__(self) -> str:
        return self.text if self.expected else f"not {self.text}"


Expression: TypeAlias = Comparison | Truth

_NEGATED = {
    "<": ">=", ">=": "<", ">": "<=", "<=": ">", "==": "!=", "!=": "==",
    "in": "not in", "not in": "in", "is": "is not", "is not": "is",
}  # fmt: skip

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "!=": operator.ne,
    "in": lambda value, bound: value in bound,
    "not in": lambda value, bound: value not in bound,
}


class Keyword:
    """What a keyword means.

    - `operand`: what it is applied to. `"value"`: the value of a parameter of the right type.
      `"presence"`: whether the parameter is present. `"bound"`: the value and a bound that another
      parameter or a fact sets.
    - `refines`: the keyword whose violation this one replaces; it is evaluated only if that one is
      violated.
    - `excludes`: the keyword that no value violates together with this one.
    - `native`: whether Cerberus has the rule under the same name.
    """

    name: str
    description: str
    argument_schema: Schema
    types: frozenset[str]
    template: str = ""
    operand: Literal["value", "presence", "bound"] = "value"
    refines: str | None = None
    excludes: str | None = None
    in_definitions: bool = True
    native: bool = False

    def message(self, definition: Definition) -> str:
        """Return the name of the message template for a violation."""
        return self.template

    def violated_expr(self, value: str, argument: Any, bind: Bind) -> Expression:
        """Write the expression that is true if the value in the variable `value` is a violation."""
        raise NotImplementedError

    def is_violated(self, value: Any, argument: Any) -> bool:
        """Check whether *value* violates the keyword.

        This is the meaning; the compiler follows it.
        """
        raise NotImplementedError

    def boundary_values(self, argument: Any, definition: Definition) -> Iterable[Any]:
        """Yield values at which the keyword changes its verdict, simplest first.

        A list is given by its number of entries. The values may violate any keyword.
        """
        return ()

    def adjust(self, value: Any, argument: Any) -> Any:
        """Return a value near *value* that obeys the keyword, if there is an obvious one."""
        return value

    def problems(self, argument: Any, definition: Definition) -> Iterator[str]:
        """Yield the reasons why an argument of the right shape makes no sense in *definition*."""
        yield from ()


def as_tuple(argument: str | list[str]) -> tuple[str, ...]:
    """Return an argument that is one string or a list of strings as a tuple."""
    return (argument,) if isinstance(argument, str) else tuple(argument)


def alphabet(definition: Definition) -> str:
    """Return characters that a string may contain according to its definition."""
    import string

    characters: str = definition.get("allowed_characters", string.ascii_lowercase + string.digits)
    return "".join(
        one for one in characters if one not in definition.get("forbidden_characters", "")
    )


class _Presence(Keyword):
    types = ANY_TYPE
    operand = "presence"


class _Required(_Presence):
    name = "required"
    description = "The parameter must be present."
    argument_schema = {"type": "boolean"}
    template = "missing"
    native = True

    def violated_expr(self, value: str, argument: Any, bind: Bind) -> Expression:
        return Comparison(value, "is", "None")


class _Absent(_Presence):
    name = "absent"
    description = "The parameter must be missing."
    argument_schema = {"type": "boolean", "allowed": [True]}
    template = "conflict"
    in_definitions = False

    def violated_expr(self, value: str, argument: Any, bind: Bind) -> Expression:
        return Comparison(value, "is not", "None")


class _Compare(Keyword):
    """Compare a value, its length or its number of entries with the argument.

    `violated_if` is the operator that is true for a violation. With `partner` the keyword is one
    end of a range: definitions that have both use the message `both`.
    """

    def __init__(
        self,
        name: str,
        description: str,
        violated_if: str,
        types: frozenset[str],
        argument_schema: Schema,
        template: str,
        *,
        measured: bool = False,
        partner: str | None = None,
        both: str = "",
        native: bool = False,
        bound: bool = False,
    ) -> None:
        self.name = name
        self.description = description
        self.types = types
        self.argument_schema = argument_schema
        self.template = template
        self.native = native
        self.excludes = partner
        self.operand = "bound" if bound else "value"
        self.in_definitions = not bound
        self._operator = violated_if
        self._measured = measured
        self._both = both

    def message(self, definition: Definition) -> str:
        return self._both if self.excludes in definition else self.template

    def violated_expr(self, value: str, argument: Any, bind: Bind) -> Expression:
        left = f"len({value})" if self._measured else value
        return Comparison(
            left, self._operator, argument if self.operand == "bound" else repr(argument)
        )

    def is_violated(self, value: Any, argument: Any) -> bool:
        return _OPERATORS[self._operator](len(value) if self._measured else value, argument)

    def boundary_values(self, argument: Any, definition: Definition) -> Iterable[Any]:
        numbers = (argument, argument + 1 if self._operator == ">" else argument - 1)
        if not (self._measured and definition["type"] == "string"):
            return numbers
        return _strings_of_length(numbers, definition)

    def adjust(self, value: Any, argument: Any) -> Any:
        if isinstance(value, str):
            return (
                value[:argument]
                if self._operator == ">"
                else value + value[-1:] * (argument - len(value))
            )
        return min(value, argument) if self._operator == ">" else max(value, argument)

    def problems(self, argument: Any, definition: Definition) -> Iterator[str]:
        high = self.excludes or ""
        if self._operator == "<" and high in definition and argument > definition[high]:
            yield f"is greater than {high}, {definition[high]}"


MAX_STRING = 100_000
"""Maximum length of a string that is made for a bound."""


def _strings_of_length(lengths: Iterable[int], definition: Definition) -> Iterator[str]:
    letter = alphabet(definition)[:1] or "a"
    for start in (*as_tuple(definition.get("prefix", "")), ""):
        yield from (
            start + letter * (length - len(start)) for length in lengths if 0 < length <= MAX_STRING
        )


_PYTHON_TYPES = {"integer": int, "string": str, "boolean": bool}


class _Allowed(Keyword):
    name = "allowed"
    description = "The value must be one of these, in value and in type."
    argument_schema = {"type": "list", "minlength": 1}
    types = SCALAR
    template = "not-allowed"
    native = True

    def violated_expr(self, value: str, argument: list[Any], bind: Bind) -> Expression:
        if len(argument) == 1:
            return Comparison(value, "!=", repr(argument[0]))
        return Comparison(value, "not in", f"{{{', '.join(map(repr, argument))}}}")

    def is_violated(self, value: Any, argument: list[Any]) -> bool:
        return not any(type(value) is type(option) and value == option for option in argument)

    def boundary_values(self, argument: list[Any], definition: Definition) -> Iterable[Any]:
        yield from argument
        for option in argument if definition["type"] != "boolean" else ():
            yield from (
                (f"{option}x", option[:-1], option.swapcase())
                if isinstance(option, str)
                else (option + 1, option - 1)
            )

    def problems(self, argument: list[Any], definition: Definition) -> Iterator[str]:
        type_name = definition.get("type", "")
        others = [name for name in definition if name in KEYWORDS and name != self.name]
        others = [
            name
            for name in others
            if KEYWORDS[name].operand == "value" and not KEYWORDS[name].refines
            if not any(KEYWORDS[name].problems(definition[name], definition))
        ]
        for option in argument:
            if type_name and type(option) is not _PYTHON_TYPES[type_name]:
                yield f"the option {option!r} is not of the type {type_name}"
                continue
            for name in others if type_name else ():
                if KEYWORDS[name].is_violated(option, definition[name]):
                    yield f"the option {option!r} violates {name}"


_ONE_OR_MORE: Schema = {
    "type": ["string", "list"],
    "empty": False,
    "schema": {"type": "string", "empty": False},
}
_NONEMPTY: Schema = {"type": "string", "empty": False}


class _Prefix(Keyword):
    name = "prefix"
    description = "The value must begin with one of these."
    argument_schema = _ONE_OR_MORE
    types = STRING
    template = "prefix"

    def violated_expr(self, value: str, argument: Any, bind: Bind) -> Expression:
        return Truth(f"{value}.startswith({as_tuple(argument)!r})", expected=False)

    def is_violated(self, value: str, argument: Any) -> bool:
        return not value.startswith(as_tuple(argument))

    def boundary_values(self, argument: Any, definition: Definition) -> Iterable[Any]:
        letter = alphabet(definition)[:1] or "a"
        for start in as_tuple(argument):
            yield from (
                f"{start}{letter}",
                f"{start[:-1]}{letter}",
                f"{start.swapcase()}{letter}",
                f" {start}{letter}",
            )

    def adjust(self, value: Any, argument: Any) -> Any:
        return value if value.startswith(as_tuple(argument)) else as_tuple(argument)[0] + value


class _AllowedCharacters(Keyword):
    name = "allowed_characters"
    description = "The value may contain only these characters."
    argument_schema = _NONEMPTY
    types = STRING
    template = "invalid-character"

    def violated_expr(self, value: str, argument: str, bind: Bind) -> Expression:
        return Truth(f"{value}.strip({argument!r})")

    def is_violated(self, value: str, argument: str) -> bool:
        return not set(value) <= set(argument)

    def boundary_values(self, argument: str, definition: Definition) -> Iterable[Any]:
        size = definition.get("maxlength", 10)
        yield from (argument[start : start + size] for start in range(0, len(argument), size))
        yield from (argument[0] + other + argument[0] for other in _UNUSUAL_CHARACTERS)

    def adjust(self, value: str, argument: str) -> str:
        return "".join(one for one in value if one in argument) or argument[0]


class _ForbiddenCharacters(Keyword):
    name = "forbidden_characters"
    description = "The value must not contain any of these characters."
    argument_schema = _NONEMPTY
    types = STRING
    template = "forbidden-character"

    def violated_expr(self, value: str, argument: str, bind: Bind) -> Expression:
        # For short values and few characters, one search each is faster than a pattern.
        if len(argument) == 1:
            return Comparison(repr(argument), "in", value)
        if len(argument) <= 8:
            return Truth(f"({' or '.join(f'{character!r} in {value}' for character in argument)})")
        search = bind("SEARCH", re.compile(f"[{re.escape(argument)}]").search, argument)
        return Comparison(f"{search}({value})", "is not", "None")

    def is_violated(self, value: str, argument: str) -> bool:
        return not set(value).isdisjoint(argument)

    def boundary_values(self, argument: str, definition: Definition) -> Iterable[Any]:
        letter = alphabet(definition)[:1] or "a"
        yield from (
            f"{letter}{character}{letter}" for character in (*argument, *_UNUSUAL_CHARACTERS)
        )

    def adjust(self, value: str, argument: str) -> str:
        return "".join(one for one in value if one not in argument)


_UNUSUAL_CHARACTERS = ["\n", " ", "A", "z", "0", "\uff10", "\u00e9", "\U0001f600"]
"""Characters that a careless pattern takes for others: a line end, full-width digits, ..."""


class _Pattern(Keyword):
    """Match the whole value with a regular expression."""

    types = STRING

    def is_match_expr(self, value: str, argument: str, bind: Bind) -> Comparison:
        match = bind("MATCH", re.compile(argument, re.ASCII).fullmatch, argument)
        return Comparison(f"{match}({value})", "is not", "None")

    def is_match(self, value: str, argument: str) -> bool:
        return re.compile(argument, re.ASCII).fullmatch(value) is not None

    def problems(self, argument: str, definition: Definition) -> Iterator[str]:
        try:
            if reason := refused(argument):
                yield reason
        except (re.error, ValueError, OverflowError, RecursionError) as error:
            yield f"is not a regular expression: {error}"


class _Regex(_Pattern):
    name = "regex"
    description = "The whole value must match this pattern; digits and letters are ASCII."
    argument_schema = _NONEMPTY
    template = "pattern"

    def violated_expr(self, value: str, argument: str, bind: Bind) -> Expression:
        return self.is_match_expr(value, argument, bind).negated()

    def is_violated(self, value: str, argument: str) -> bool:
        return not self.is_match(value, argument)

    def boundary_values(self, argument: str, definition: Definition) -> Iterable[Any]:
        example: str = definition.get("example", "")
        if example:
            yield from (example, f"{example}\n", f" {example}", example[:-1], f"{example}x")
            yield from (example.swapcase(), example.replace(" ", ""))


class _Format(Keyword):
    name = "format"
    description = "The value must be a real date or time in one of these formats."
    argument_schema = _ONE_OR_MORE
    types = STRING
    template = "format"

    def violated_expr(self, value: str, argument: Any, bind: Bind) -> Expression:
        return Comparison(f"({parse_expr(value, argument, bind)})", "is", "None")

    def is_violated(self, value: str, argument: Any) -> bool:
        return parse(value, as_tuple(argument)) is None

    def boundary_values(self, argument: Any, definition: Definition) -> Iterable[Any]:
        formats = as_tuple(argument)
        for moment in _DATETIMES:
            yield from (format_time(one, moment) for one in formats)
        for one in formats:
            valid = format_time(one, _DATETIMES[0])
            yield from (
                f"{valid}\n",
                f" {valid}",
                valid.translate({ord("0"): "\uff10"}),
                valid[:-1],
                one,
                "x",
            )
            yield from (
                format_time(one.replace(field, wrong), _DATETIMES[0])
                for field, wrong in _WRONG_FIELDS
                if field in one
            )
            if format_type(one) == "moment":
                yield format_time(one.replace("MM", "02").replace("dd", "30"), _DATETIMES[0])

    def problems(self, argument: Any, definition: Definition) -> Iterator[str]:
        types = {format_type(one) for one in as_tuple(argument)}
        if None in types or len(types) > 1:
            yield (
                "must consist of yyyy MM dd HH mm ss, each at most once: a date, a date with a time, or a time; several formats must be of one kind"
            )


_DATETIMES = [
    datetime(2030, 1, 1),
    datetime(2030, 1, 1, 8, 30),
    datetime(2028, 2, 29, 12, 30, 59),
    datetime(1, 1, 1),
    datetime(9999, 12, 31, 23, 59, 59),
]
_WRONG_FIELDS = [
    ("MM", "13"), ("MM", "00"), ("dd", "32"), ("HH", "24"), ("mm", "60"), ("ss", "60"), ("HH", "8"), ("dd", "1"),
]  # fmt: skip


def parse_expr(value: str, argument: str | list[str], bind: Bind) -> str:
    """Write the expression that parses the text in the variable `value`.

    `None` if it is invalid.
    """
    formats = as_tuple(argument)
    lengths = accepted_lengths(formats)
    call = f"{bind('PARSE', make_parser(formats), formats)}({value})"
    fits = f"== {lengths[0]}" if len(lengths) == 1 else f"in {tuple(lengths)}"
    return f"{call} if len({value}) {fits} else None" if lengths else call


class _PartialPattern(_Pattern):
    name = "partial_pattern"
    description = (
        "If the value is not a valid time and matches this pattern, the time is incomplete."
    )
    argument_schema = {"type": "string", "empty": False, "dependencies": "format"}
    template = "incomplete-time"
    refines = "format"

    def violated_expr(self, value: str, argument: str, bind: Bind) -> Expression:
        return self.is_match_expr(value, argument, bind)

    def is_violated(self, value: str, argument: str) -> bool:
        return self.is_match(value, argument)

    def boundary_values(self, argument: str, definition: Definition) -> Iterable[Any]:
        for one in as_tuple(definition["format"]):
            valid = format_time(one, _DATETIMES[0])
            yield from (valid[:2], valid[:3], valid[2:])


_BOUND: Schema = {
    "type": "dict",
    "schema": {
        "parameter": {"type": "string", "required": True, "excludes": "fact"},
        "fact": {"type": "string", "required": True, "excludes": "parameter"},
        "offset": {"type": "integer"},
        "floor": {"type": "string", "allowed": ["day"]},
    },
}


def _bound(
    name: str, description: str, violated_if: str, types: frozenset[str] = INTEGER | STRING
) -> Keyword:
    return _Compare(name, description, violated_if, types, _BOUND, "conflict", bound=True)


_ALL: list[Keyword] = [
    _Required(),
    _Absent(),
    _Compare(
        "min",
        "The value must be at least this.",
        "<",
        INTEGER,
        {"type": "integer"},
        "minimum",
        partner="max",
        both="range",
        native=True,
    ),
    _Compare(
        "max",
        "The value must be at most this.",
        ">",
        INTEGER,
        {"type": "integer"},
        "maximum",
        partner="min",
        both="range",
        native=True,
    ),
    _Compare(
        "minlength",
        "The value must have at least this number of characters (code points).",
        "<",
        STRING,
        {"type": "integer", "min": 1, "max": MAX_LENGTH},
        "too-short",
        measured=True,
        partner="maxlength",
        both="length",
        native=True,
    ),
    _Compare(
        "maxlength",
        "The value must have at most this number of characters (code points).",
        ">",
        STRING,
        {"type": "integer", "min": 1},
        "too-long",
        measured=True,
        partner="minlength",
        both="length",
        native=True,
    ),
    _Compare(
        "maxitems",
        "The list must have at most this number of entries.",
        ">",
        frozenset({"list"}),
        {"type": "integer", "min": 0},
        "too-many",
        measured=True,
    ),
    _Allowed(),
    _Prefix(),
    _AllowedCharacters(),
    _ForbiddenCharacters(),
    _Regex(),
    _Format(),
    _PartialPattern(),
    _bound("ge", "The value must be at least the bound.", "<"),
    _bound("le", "The value must be at most the bound.", ">"),
    _bound("gt", "The value must be greater than the bound.", "<="),
    _bound("lt", "The value must be less than the bound.", ">="),
    _bound("eq", "The value must equal the bound.", "!=", SCALAR),
    _bound("in", "The value must be in the collection.", "not in", SCALAR),
    _bound("not_in", "The value must not be in the collection.", "in", SCALAR),
]

KEYWORDS: dict[str, Keyword] = {keyword.name: keyword for keyword in _ALL}
"""Every keyword by its name."""

ATTRIBUTES: dict[str, Schema] = {
    "source": {"type": "string", "required": True, "empty": False},
    "type": {"type": "string", "allowed": sorted(ANY_TYPE)},
    "ref": {"type": "string"},
    "schema": {"type": ["string", "dict"]},
    "coerce": {"type": "string", "allowed": ["decimal"]},
    "allow_unknown": {"type": "boolean"},
    "case_insensitive": {"type": "boolean"},
    "secret": {"type": "boolean"},
    "default": {"nullable": False},
    "example": {"type": "string"},
    "allowed_labels": {"type": "dict"},
    "error_codes": {
        "type": "dict",
        "keysrules": {"type": "string"},
        "valuesrules": {"type": "string"},
    },
}
"""What a definition may say beside keywords: the type, and how violations are reported."""
