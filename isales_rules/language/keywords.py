"""The rule keywords: each in one place, with its argument's shape, its meaning, its source form, and its kind of mistake.

A keyword is about one parameter. It stands in the parameter's own row, or in a case between parameters (`when`, `then`), or in both. To add
one, add it here: the grammar, the reference, the compiler, the explanations and the generated data all read `KEYWORDS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from isales_rules.language.time_formats import accepted_lengths, make_parser, parse

Definition = Mapping[str, Any]
Schema = dict[str, Any]


class Bind(Protocol):
    """Give a value a name that the compiled source may use, and return that name. `note` is what a reader of the source is told of it."""

    def __call__(self, hint: str, value: object, note: object) -> str: ...


class Keyword(NamedTuple):
    """What one keyword is.

    - `about`: what it asks for, in one sentence.
    - `shape`: the Cerberus schema of its argument.
    - `types`: the types of parameter that it is for.
    - `kind`: given the parameter's row, its kind of mistake in `codes.toml`.
    - `source`: given the source of a clean value, the argument and a `Bind`, an expression that is true where the rule is broken; nothing in it
      binds less than `or`.
    - `broken`: the same as a function of value and argument, for the reference and for generated data. It is not asked where `reads` is `given`.
    - `cerberus`: whether Cerberus has the rule under this name, so that the reference leaves it to Cerberus.
    - `reads`: what it looks at: the `value` of a clean parameter, whether a parameter was `given`, or the value beside a `bound` that another
      parameter or a fact sets (its argument is then a reference, and its `source` gets the source of that bound).
    - `narrows`: the keyword whose violation this one replaces. It is looked at only where that one is broken.
    - `against`: the keyword that cannot be broken by the same value.
    - `rows`: whether it may stand in a row.
    """

    description: str
    argument_schema: Schema
    types: frozenset[str]
    message: Callable[[Definition], str]
    violated_expr: Callable[[str, Any, Bind], str]
    is_violated: Callable[[Any, Any], bool] = lambda value, argument: True
    operand: str = "value"
    refines: str | None = None
    excludes: str | None = None
    in_definitions: bool = True
    cerberus: bool = False


def as_tuple(argument: str | list[str]) -> tuple[str, ...]:
    """Take an argument that is one text or several."""
    return (argument,) if isinstance(argument, str) else tuple(argument)


def parse_expr(value: str, argument: str | list[str], bind: Bind) -> str:
    """Write the expression of what a text reads as in one of the formats: `None` where it is no such time."""
    formats = as_tuple(argument)
    known = accepted_lengths(formats)
    call = f"{bind('READ', make_parser(formats), formats)}({value})"
    fits = f"== {known[0]}" if len(known) == 1 else f"in {tuple(known)}"
    return f"{call} if len({value}) {fits} else None" if known else call


def _without(value: str, argument: str, bind: Bind) -> str:
    # One search each is the fastest for a short value and few characters, and a pattern for many.
    if len(argument) <= 8:
        return " or ".join(f"{character!r} in {value}" for character in argument)
    return f"{bind('SEARCH', re.compile(f'[{re.escape(argument)}]').search, argument)}({value}) is not None"


def _allowed(value: str, argument: list[Any]) -> str:
    if len(argument) == 1:
        return f"{value} != {argument[0]!r}"
    return f"{value} not in {{{', '.join(map(repr, argument))}}}"


def _compared(operator: str) -> Callable[[str, Any, Bind], str]:
    return lambda value, bound, bind: f"{value} {operator} {bound}"


MAX_LENGTH = 1000
"""Maximum length that a rule may demand of a text, so that there are examples of it."""

INTEGER = frozenset({"integer"})
STRING = frozenset({"string"})
SCALAR = frozenset({"integer", "string", "boolean"})
ANY_TYPE = frozenset({"integer", "string", "boolean", "dict", "list"})

_ONE_OR_MORE: Schema = {"type": ["string", "list"], "empty": False, "schema": {"type": "string", "empty": False}}
_BOUND: Schema = {
    "type": "dict",
    "schema": {
        "parameter": {"type": "string", "required": True, "excludes": "fact"},
        "fact": {"type": "string", "required": True, "excludes": "parameter"},
        "plus": {"type": "integer"},
        "floor": {"type": "string", "allowed": ["day"]},
    },
}


def _bound(about: str, operator: str, broken: Callable[[Any, Any], bool], types: frozenset[str]) -> Keyword:
    return Keyword(
        about, _BOUND, types, lambda row: "combination", violated_expr=_compared(operator), is_violated=broken, operand="bound", in_definitions=False
    )  # fmt: skip


KEYWORDS: dict[str, Keyword] = {
    "required": Keyword(
        "It must be given.",
        {"type": "boolean"},
        ANY_TYPE,
        lambda row: "empty",
        operand="given",
        violated_expr=lambda value, argument, bind: f"{value} is None",
        cerberus=True,
    ),
    "absent": Keyword(
        "It must not be given.",
        {"type": "boolean", "allowed": [True]},
        ANY_TYPE,
        lambda row: "combination",
        operand="given",
        violated_expr=lambda value, argument, bind: f"{value} is not None",
        in_definitions=False,
    ),
    "min": Keyword(
        "It must not be less.",
        {"type": "integer"},
        INTEGER,
        lambda row: "range" if "max" in row else "minimum",
        violated_expr=lambda value, argument, bind: f"{value} < {argument!r}",
        is_violated=lambda value, argument: value < argument,
        cerberus=True,
    ),
    "max": Keyword(
        "It must not be greater.",
        {"type": "integer"},
        INTEGER,
        lambda row: "range" if "min" in row else "maximum",
        violated_expr=lambda value, argument, bind: f"{value} > {argument!r}",
        is_violated=lambda value, argument: value > argument,
        cerberus=True,
        excludes="min",
    ),
    "minlength": Keyword(
        "It must not have fewer code points.",
        {"type": "integer", "min": 1, "max": MAX_LENGTH},
        STRING,
        lambda row: "length" if "maxlength" in row else "too-short",
        violated_expr=lambda value, argument, bind: f"len({value}) < {argument!r}",
        is_violated=lambda value, argument: len(value) < argument,
        cerberus=True,
    ),
    "maxlength": Keyword(
        "It must not have more code points.",
        {"type": "integer", "min": 1},
        STRING,
        lambda row: "length" if "minlength" in row else "too-long",
        violated_expr=lambda value, argument, bind: f"len({value}) > {argument!r}",
        is_violated=lambda value, argument: len(value) > argument,
        cerberus=True,
        excludes="minlength",
    ),
    "maxitems": Keyword(
        "It must not have more entries.",
        {"type": "integer", "min": 0},
        frozenset({"list"}),
        lambda row: "too-many",
        violated_expr=lambda value, argument, bind: f"len({value}) > {argument!r}",
        is_violated=lambda value, argument: len(value) > argument,
    ),
    "allowed": Keyword(
        "It must be one of these, in value and in type.",
        {"type": "list", "minlength": 1},
        SCALAR,
        lambda row: "option",
        violated_expr=lambda value, argument, bind: _allowed(value, argument),
        is_violated=lambda value, argument: not any(type(value) is type(option) and value == option for option in argument),
        cerberus=True,
    ),
    "prefix": Keyword(
        "It must begin with one of these.",
        _ONE_OR_MORE,
        STRING,
        lambda row: "prefix",
        violated_expr=lambda value, argument, bind: f"not {value}.startswith({as_tuple(argument)!r})",
        is_violated=lambda value, argument: not value.startswith(as_tuple(argument)),
    ),
    "characters": Keyword(
        "It may have these characters alone.",
        {"type": "string", "empty": False},
        STRING,
        lambda row: "characters",
        violated_expr=lambda value, argument, bind: f"{value}.strip({argument!r})",
        is_violated=lambda value, argument: not set(value) <= set(argument),
    ),
    "without": Keyword(
        "It must have none of these characters.",
        {"type": "string", "empty": False},
        STRING,
        lambda row: "without",
        violated_expr=_without,
        is_violated=lambda value, argument: not set(value).isdisjoint(argument),
    ),
    "regex": Keyword(
        "The whole of it must match this pattern; digits and letters are ASCII ones.",
        {"type": "string", "empty": False},
        STRING,
        lambda row: "pattern",
        violated_expr=lambda value, argument, bind: f"{bind('MATCH', re.compile(argument, re.ASCII).fullmatch, argument)}({value}) is None",
        is_violated=lambda value, argument: re.compile(argument, re.ASCII).fullmatch(value) is None,
    ),
    "format": Keyword(
        "It must be a real time in one of these formats.",
        _ONE_OR_MORE,
        STRING,
        lambda row: "format",
        violated_expr=lambda value, argument, bind: f"({parse_expr(value, argument, bind)}) is None",
        is_violated=lambda value, argument: parse(value, as_tuple(argument)) is None,
    ),
    "half": Keyword(
        "Where it is no time, and matches this pattern, only half of the time was set.",
        {"type": "string", "empty": False, "dependencies": "format"},
        STRING,
        lambda row: "half",
        violated_expr=lambda value, argument, bind: f"{bind('MATCH', re.compile(argument, re.ASCII).fullmatch, argument)}({value}) is not None",
        is_violated=lambda value, argument: re.compile(argument, re.ASCII).fullmatch(value) is not None,
        refines="format",
    ),
    "atleast": _bound("It must not be less than the bound.", "<", lambda value, bound: value < bound, INTEGER | STRING),
    "atmost": _bound("It must not be greater than the bound.", ">", lambda value, bound: value > bound, INTEGER | STRING),
    "after": _bound("It must be greater than the bound.", "<=", lambda value, bound: value <= bound, INTEGER | STRING),
    "before": _bound("It must be less than the bound.", ">=", lambda value, bound: value >= bound, INTEGER | STRING),
    "equals": _bound("It must be the same.", "!=", lambda value, bound: value != bound, SCALAR),
    "among": _bound("It must be one of the collection.", "not in", lambda value, bound: value not in bound, SCALAR),
    "notamong": _bound("It must be none of the collection.", "in", lambda value, bound: value in bound, SCALAR),
}
"""Every rule keyword, in no order that matters: a parameter's rules are looked at in the order in which its row has them."""

ATTRIBUTES: dict[str, Schema] = {
    "source": {"type": "string", "required": True, "empty": False},
    "type": {"type": "string", "allowed": sorted(ANY_TYPE)},
    "use": {"type": "string"},
    "schema": {"type": ["string", "dict"]},
    "coerce": {"type": "string", "allowed": ["decimal"]},
    "allow_unknown": {"type": "boolean"},
    "anycase": {"type": "boolean"},
    "secret": {"type": "boolean"},
    "default": {"nullable": False},
    "example": {"type": "string"},
    "labels": {"type": "dict"},
    "codes": {"type": "dict", "keysrules": {"type": "string"}, "valuesrules": {"type": "string"}},
}
"""What else a row may say, and in which shape: what the parameter is and how its mistakes are told."""
