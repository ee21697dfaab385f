"""Keywords of presence, of options, and of the entries of lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from isales_rules.language.keywords.base import (
    ALL_TYPES,
    KEYWORDS,
    SCALAR,
    Bind,
    Comparison,
    Definition,
    Expression,
    Keyword,
    Sample,
    violated_keywords,
)
from isales_rules.language.types import TYPES


class Required(Keyword):
    name = "required"
    description = "The parameter must be present."
    argument_schema = {"type": "boolean"}
    types = ALL_TYPES
    operand = "presence"
    template = "missing"
    native = True
    sample = Sample("string", True, passes="x", fails="")

    def violated_expr(self, value: str, argument: Any, bind: Bind) -> Expression:
        return Comparison(value, "is", "None")


class Absent(Keyword):
    name = "absent"
    description = "The parameter must be missing."
    argument_schema = {"type": "boolean", "allowed": [True]}
    types = ALL_TYPES
    operand = "presence"
    template = "conflict"
    in_definitions = False
    sample = Sample("string", True, passes="", fails="x", contradiction={"required": True})

    def violated_expr(self, value: str, argument: Any, bind: Bind) -> Expression:
        return Comparison(value, "is not", "None")

    def problems(self, argument: Any, definition: Definition) -> Iterator[str]:
        if "required" in definition:
            yield "contradicts required"


class Allowed(Keyword):
    name = "allowed"
    description = "The value must be one of these, in value and in type."
    argument_schema = {"type": "list", "minlength": 1}
    types = SCALAR
    template = "not-allowed"
    native = True
    sample = Sample("integer", [1, 2], passes=2, fails=3, contradiction={"max": 1})

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
        others = [
            name
            for name, keyword in KEYWORDS.items()
            if name in definition and keyword.operand == "value" and not keyword.refines
            if keyword is not self and not any(keyword.problems(definition[name], definition))
        ]
        for option in argument if type_name else ():
            if not TYPES[type_name].includes(option):
                yield f"the option {option!r} is not of the type {type_name}"
                continue
            for name in violated_keywords(option, definition, others):
                yield f"the option {option!r} violates {name}"


class Unique(Keyword):
    name = "unique"
    description = (
        "No entry may equal an earlier one; or, with the name of a member, no entry may have the"
        " same value of it. Only valid values are compared."
    )
    argument_schema = {"type": ["boolean", "string"], "empty": False}
    types = frozenset({"list"})
    operand = "entries"
    template = "duplicate"
    sample = Sample(
        "list", True, passes=[1, 2], fails=[1, 1], beside={"schema": {"type": "integer"}},
        contradiction={"schema": {"type": "list"}},
    )  # fmt: skip

    def problems(self, argument: bool | str, definition: Definition) -> Iterator[str]:
        if argument is False:
            yield "must not be false; leave it out"
        elif "schema" not in definition:
            yield "needs a schema of the entries"
