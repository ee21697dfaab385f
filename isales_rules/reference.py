"""A rule set run by Cerberus: what the rules mean, slow and plain. The compiled function must give the same records in the same order.

Cerberus looks at every parameter by its own row. It sees the document without what is empty, so that its `required` is about values. What it
reports is told in the rule set's order afterwards, and the cases between parameters are put to what it left clean.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, TypeAlias

from cerberus import TypeDefinition, Validator
from cerberus.errors import ErrorDefinition

from isales_rules.documents import plain
from isales_rules.model import Case, Parameter, Test
from isales_rules.model import Reference as Bound
from isales_rules.report import ABSENT, Duplicate, Record, step
from isales_rules.runtime import any_case, decimal, empty, midnight
from isales_rules.vocabulary import KEYWORDS, Keyword

Place: TypeAlias = tuple[Any, ...]
"""The way to a value in a document: names and indexes."""

_OWN_CODE = 1 << 8
"""The code of the errors of our keywords: Cerberus reads meaning into the lower bits, and nobody reads the others."""


_UNKNOWN = "unknown"
"""The rule that an undocumented parameter breaks, for which Cerberus has no name."""


class _Validator(Validator):  # type: ignore[misc]  # Cerberus has no types
    types_mapping: ClassVar = {
        "string": TypeDefinition("string", (str,), ()),
        "integer": TypeDefinition("integer", (int,), (bool,)),
        "boolean": TypeDefinition("boolean", (bool,), ()),
        "dict": TypeDefinition("dict", (dict,), ()),
        "list": TypeDefinition("list", (list,), ()),
    }

    def _error(self, *args: Any) -> None:
        """Add errors without sorting all of them again, which Cerberus does at each one."""
        if len(args) == 1:
            self._errors.extend(args[0])
        else:
            super()._error(*args)


def _handler(name: str, keyword: Keyword) -> Any:
    definition = ErrorDefinition(_OWN_CODE, name)

    def validate(self: Validator, constraint: Any, field: Any, value: Any) -> None:
        # Cerberus goes on with rules that it does not know after it found a null.
        if value is not None and keyword.broken(value, constraint):
            self._error(field, definition)

    validate.__doc__ = "{'nullable': False}"
    return validate


def _validator(schema: dict[str, Any]) -> Validator:
    """Make a validator that knows every keyword: Cerberus' own ones by Cerberus' own rules, the others by their `broken`."""
    own = {f"_validate_{name}": _handler(name, keyword) for name, keyword in KEYWORDS.items() if keyword.reads == "value" and not keyword.cerberus}
    return type("_Rules", (_Validator,), own)(schema)


def _schema(parameter: Parameter) -> dict[str, Any]:
    rules: dict[str, Any] = {"type": parameter.type, "required": parameter.row.get("required", False)}
    rules |= {name: parameter.row[name] for name in parameter.rules}
    if parameter.closed:
        rules["schema"] = {name: _schema(member) for name, member in parameter.members.items()}
        rules["allow_unknown"] = parameter.row.get("allow_unknown", False)
    if parameter.entry is not None:
        rules["schema"] = _schema(parameter.entry)
    return rules


class Reference:
    """Runs one part of a rule set on documents. A Cerberus validator serves one check at a time, so each thread has its own."""

    def __init__(self, root: Parameter) -> None:
        self._root = root
        self._threads = threading.local()

    def __call__(self, document: Any, facts: Mapping[str, Any]) -> list[Record]:
        validators: dict[Any, Validator] = self._threads.__dict__
        if not validators:
            validators["root"] = _validator({"document": _schema(self._root)})
        return list(_Run(self._root, validators, facts).check(plain(document, self._root)))


class _Run:
    """One check of one document."""

    def __init__(self, root: Parameter, validators: dict[Any, Validator], facts: Mapping[str, Any]) -> None:
        self._root = root
        self._validators = validators
        self._facts = facts
        self._crowds: dict[Place, tuple[int, tuple[str, ...]]] = {}
        self._broken: dict[Place, set[str]] = {}
        self._values: dict[Place, Any] = {}
        self._missing: dict[Place, Any] = {}

    def check(self, document: Any) -> Iterator[Record]:
        self._missing["document",] = document
        given = {} if document is None else {"document": self._given(self._root, document, ("document",))}
        validator = self._validators["root"]
        validator.validate(given, normalize=False)
        self._collect(validator._errors)  # noqa: SLF001  # the public `errors` is text; what is needed here is the list
        yield from self._parameter(self._root, given, ("document",), ())

    # Before Cerberus: what is empty goes

    def _given(self, parameter: Parameter, value: Any, place: Place) -> Any:
        """Copy a value without its empty members; what a list has empty is `None`, so that the others keep their index."""
        if "coerce" in parameter.row and type(value) is str:
            return decimal(value)
        if parameter.entry is not None and type(value) is list:
            self._missing |= {(*place, index): one for index, one in enumerate(value)}
            return [None if empty(one) else self._given(parameter.entry, one, (*place, index)) for index, one in enumerate(value)]
        if not parameter.closed or type(value) is not dict:
            return value
        if parameter.row.get("anycase"):
            value = any_case(value, {name.lower(): name for name in parameter.members})
        keys = [key for key in value if type(key) is not Duplicate]
        unknown = {key: None for key in keys if key not in parameter.members}
        if len(keys) > len(parameter.members) and not parameter.row.get("allow_unknown"):
            self._crowds[place] = len(keys), tuple(step(key) for key, _ in zip(unknown, range(5), strict=False))
            value = {key: one for key, one in value.items() if key not in unknown}
        self._missing |= {(*place, key): value[key] for key in parameter.members if key in value}
        return {
            key: self._given(parameter.members[key], one, (*place, key)) if key in parameter.members else one
            for key, one in value.items()
            if key not in parameter.members or not (one is None if parameter.members[key].is_part else empty(one))
        }

    # After Cerberus: what is broken, by place

    def _collect(self, errors: Any) -> None:
        for error in errors:
            if error.is_group_error:
                self._collect(error.child_errors)
            else:
                self._broken.setdefault(error.document_path, set()).add(error.rule or _UNKNOWN)

    # In the rule set's order

    def _parameter(self, parameter: Parameter, around: Any, place: Place, where: Place) -> Iterator[Record]:
        value = around[place[-1]] if not isinstance(around, dict) or place[-1] in around else None
        self._values[place] = value
        broken = self._broken.get(place, set())
        if value is None:
            # An entry of a list is always there, so that Cerberus finds it null instead.
            if "required" in broken or ("nullable" in broken and parameter.row.get("required")):
                yield self._record(parameter, "required", self._found(place), where)
        elif "type" in broken:
            yield self._record(parameter, "coerce" if "coerce" in parameter.row and type(value) is str else "type", value, where)
        else:
            yield from self._typed(parameter, value, place, where)
            return
        for case in parameter.fact_cases():
            yield from self._case(case, place, where)

    def _typed(self, parameter: Parameter, value: Any, place: Place, where: Place) -> Iterator[Record]:
        """Tell what is wrong with a value of the right type, and with what is inside it."""
        if place in self._crowds:
            count, names = self._crowds[place]
            yield parameter.checks["crowded"], count, names, where
        for name in self._told_rules(parameter, self._broken.get(place, set())):
            yield self._record(parameter, name, len(value) if type(value) is list else value, where)
        if parameter.entry is not None:
            for index in range(len(value)):
                yield from self._parameter(parameter.entry, value, (*place, index), (*where, index))
        if parameter.closed:
            for name, member in parameter.members.items():
                yield from self._parameter(member, value, (*place, name), where)
            for case in parameter.cases:
                yield from self._case(case, place, where)
            yield from self._strange(parameter, value, place, where)

    def _told_rules(self, parameter: Parameter, broken: set[str]) -> Iterator[str]:
        """Give the broken rules in order, a narrower one in the place of the one that it narrows."""
        narrower = {rule.narrows: name for name, rule in parameter.rules.items()}
        for name, rule in parameter.rules.items():
            if name in broken and not rule.narrows:
                yield narrower[name] if narrower.get(name) in broken else name

    def _record(self, parameter: Parameter, keyword: str, found: Any, where: Place) -> Record:
        return parameter.checks[keyword], found, None, where

    def _strange(self, parameter: Parameter, value: dict[Any, Any], place: Place, where: Place) -> Iterator[Record]:
        for key in value:
            if type(key) is Duplicate:
                if str.__str__(key) in parameter.members:
                    yield parameter.checks["duplicate"], key, None, (*where, key)
            elif _UNKNOWN in self._broken.get((*place, key), ()):
                yield parameter.checks["undocumented"], key, None, (*where, key)

    # Between parameters

    def _case(self, case: Case, place: Place, where: Place) -> Iterator[Record]:
        if not case.needs <= self._facts.keys():
            return
        if not all(self._passes(name, argument, self._facts[fact]) for fact, name, argument in case.facts):
            return
        if case.when and not any(all(self._holds(test, place) is True for test in tests) for tests in case.when):
            return
        if case.together:
            for test, other in zip(case.together, reversed(case.together), strict=True):
                if self._value(test, place) is None and self._value(other, place) is not None:
                    yield test.check, self._found((*place, test.chain[-1].name)), None, where
        elif not case.then:
            found = self._found((*place, case.at.name)) if case.check.kind.shown != "nothing" else None
            yield case.check, found, None, where
        for test in case.then:
            if self._holds(test, place) is False:
                bound = test.argument if isinstance(test.argument, Bound) else None
                found = self._found((*place, *(one.name for one in test.chain)))
                yield test.check, found, self._told(bound, test, place) if bound else None, where

    def _found(self, place: Place) -> Any:
        """Give a value, or what is found of one that is missing."""
        value = self._values.get(place)
        return self._missing.get(place, ABSENT) if value is None else value

    def _value(self, test: Test, place: Place) -> Any:
        return self._values.get((*place, *(one.name for one in test.chain)))

    def _holds(self, test: Test, place: Place) -> bool | None:
        """Say whether a test holds; `None` where it cannot be put, because something that it looks at is not there or not clean."""
        way = (*place, *(one.name for one in test.chain))
        containers = [way[: len(way) - number] for number in range(1, len(test.chain))]
        if not all(type(self._values.get(one)) is dict for one in containers):
            return None
        value = self._values.get(way)
        if test.keyword.reads == "given":
            return (value is not None) is (test.name == "required")
        if value is None or way in self._broken:
            return None
        if not isinstance(test.argument, Bound):
            return self._passes(test.name, test.argument, value)
        bound = self._bound(test.argument, test, place)
        own = test.argument.own
        return None if bound is None else not test.keyword.broken(own(value) if own else value, bound)

    def _passes(self, name: str, argument: Any, value: Any) -> bool:
        """Put one keyword to one value, with Cerberus."""
        key = name, repr(argument)
        if key not in self._validators:
            self._validators[key] = _validator({"value": {name: argument}})
        return bool(self._validators[key].validate({"value": value}, normalize=False))

    def _raw(self, bound: Bound, test: Test, place: Place) -> Any:
        """Find the value that sets a bound: `None` where it is not there or not clean."""
        if bound.fact is not None:
            return self._facts[bound.fact]
        if bound.absolute:
            way: Place = ("document", *bound.chain[-1].path[len(self._root.path) :])
        else:
            way = (*place, *(one.name for one in test.chain[:-1]), *(one.name for one in bound.chain))
        return None if way in self._broken else self._values.get(way)

    def _bound(self, bound: Bound, test: Test, place: Place) -> Any:
        value: Any = self._raw(bound, test, place)
        if value is None:
            return None
        value = bound.read(value) if bound.read is not None else value
        value = midnight(value) if bound.floor else value
        return value + bound.plus if bound.plus else value

    def _told(self, bound: Bound, test: Test, place: Place) -> Any:
        """Say which value a message shows as the bound: a parameter's as it was written."""
        if not bound.shown:
            return None
        return self._bound(bound, test, place) if bound.plus or bound.floor else self._raw(bound, test, place)
