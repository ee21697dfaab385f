"""Source expressions for parameters, assertions and bounds."""

from __future__ import annotations

from datetime import timedelta

from isales_rules.engine.source import SourceBuilder
from isales_rules.language.keywords import Expression
from isales_rules.language.model import Assertion, Bound, Parameter
from isales_rules.language.types import TYPES


class Expressions:
    """Expressions of one function, whose source is built in *out*.

    A parameter has up to two variables. Its own name holds what the document has, and `valid_NAME`
    what it can be compared with.
    """

    def __init__(self, out: SourceBuilder) -> None:
        self._out = out
        self._names: dict[Parameter, str] = {}
        self._valid_names: dict[Parameter, str] = {}
        self._parsed_names: dict[tuple[Parameter, tuple[str, ...]], str] = {}

    def _variable(self, parameter: Parameter) -> str:
        if parameter not in self._names:
            self._names[parameter] = self._out.name(parameter.name)
        return self._names[parameter]

    def _valid(self, parameter: Parameter) -> str:
        if parameter not in self._valid_names:
            name = self._out.name(f"valid_{self._variable(parameter)}")
            self._valid_names[parameter] = name
        return self._valid_names[parameter]

    def _has_type(self, parameter: Parameter) -> str:
        """Write that a parameter has a value of its type."""
        value, value_type = self._variable(parameter), TYPES[parameter.type]
        if len(value_type.python_types) == 1:
            return f"type({value}) is {value_type.python_types[0].__name__}"
        return f"{self._out.bind(f'IS_{parameter.type.upper()}', value_type.includes)}({value})"

    def _parsed(self, parameter: Parameter, formats: tuple[str, ...]) -> str:
        """Return the variable of the valid value, as a time if it is a string in *formats*."""
        if not formats or parameter.comparison_type != "string":
            return self._valid(parameter)
        if (parameter, formats) not in self._parsed_names:
            name = self._out.name(f"{self._variable(parameter)}_as_time")
            self._parsed_names[parameter, formats] = name
        return self._parsed_names[parameter, formats]

    def _violated(self, assertion: Assertion) -> Expression:
        """Write the expression that is true if a decidable assertion does not hold."""
        parameter, keyword, argument = assertion.chain[-1], assertion.keyword, assertion.argument
        if isinstance(argument, Bound):
            value = self._parsed(parameter, argument.formats)
            return keyword.violated_expr(value, self._bound(argument), self._out.bind)
        raw = "format" in parameter.definition or keyword.operand == "presence"
        value = self._variable(parameter) if raw else self._valid(parameter)
        return keyword.violated_expr(value, argument, self._out.bind)

    def _bound(self, bound: Bound) -> str:
        fact = f"facts[{bound.fact!r}]"
        text = self._parsed(bound.chain[-1], bound.formats) if bound.fact is None else fact
        if bound.floor:
            text = f"floor_to_day({text})"
        if isinstance(bound.offset, timedelta):
            return f"shift({text}, {self._out.bind('OFFSET', bound.offset, str(bound.offset))})"
        return (
            f"{text} {'+' if bound.offset > 0 else '-'} {abs(bound.offset)}"
            if bound.offset
            else text
        )
