"""What a keyword is: the base class, and the source expressions that keywords write."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias

from isales_rules.language.types import TYPES

Definition: TypeAlias = Mapping[str, Any]
"""The table that defines a parameter: its type, its keywords and its attributes."""

Schema: TypeAlias = dict[str, Any]
"""A Cerberus schema."""

INTEGER = frozenset({"integer"})
NUMBER = frozenset({"integer", "number"})
STRING = frozenset({"string"})
SCALAR = frozenset({"integer", "string", "boolean"})
ALL_TYPES = frozenset(TYPES)

ONE_OR_MORE: Schema = {
    "type": ["string", "list"],
    "empty": False,
    "schema": {"type": "string", "empty": False},
}
NONEMPTY: Schema = {"type": "string", "empty": False}


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

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "!=": operator.ne,
    "in": lambda value, bound: value in bound,
    "not in": lambda value, bound: value not in bound,
}


class Sample(NamedTuple):
    """An argument of a keyword for a parameter of a type, with a value that passes and one that fails.

    - `beside`: other keywords of the definition.
    - `other`: the value of the parameter or fact that a bound names.
    - `contradiction`: keywords beside which no value passes, so that the rule set is refused at
      the location of the keyword `at`, by default the keyword itself.
    """

    type: str
    argument: Any
    passes: Any
    fails: Any
    beside: Definition = MappingProxyType({})
    other: Any = None
    contradiction: Definition = MappingProxyType({})
    at: str = ""


class Keyword:
    """What a keyword means.

    - `operand`: what it is applied to. `"value"`: the value of a parameter of the right type.
      `"presence"`: whether the parameter is present. `"bound"`: the value and a bound that another
      parameter or a fact sets. `"entries"`: the valid entries of a list.
    - `sample`: a use of the keyword, for documentation and tests.
    - `refines`: the keyword whose violation this one replaces; it is evaluated only if that one is
      violated.
    - `excludes`: the keyword that no value violates together with this one.
    - `native`: whether Cerberus has the rule under the same name.
    """

    name: str
    description: str
    argument_schema: Schema
    types: frozenset[str]
    sample: Sample
    template: str = ""
    operand: Literal["value", "presence", "bound", "entries"] = "value"
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


def as_tuple(argument: str | Iterable[str]) -> tuple[str, ...]:
    """Return an argument that is one string or a list of strings as a tuple."""
    return (argument,) if isinstance(argument, str) else tuple(argument)


def alphabet(definition: Definition) -> str:
    """Return characters that a string may contain according to its definition."""
    import string

    characters: str = definition.get("allowed_characters", string.ascii_lowercase + string.digits)
    return "".join(
        one for one in characters if one not in definition.get("forbidden_characters", "")
    )


KEYWORDS: dict[str, Keyword] = {}
"""Every keyword by its name; the package fills it."""


def violated_keywords(value: Any, definition: Definition, names: Iterable[str]) -> list[str]:
    """Return the keywords among *names* that a definition has and a value violates."""
    return [
        name
        for name in names
        if name in definition and KEYWORDS[name].is_violated(value, definition[name])
    ]
