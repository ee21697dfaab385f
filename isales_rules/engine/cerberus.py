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

from isales_rules.engine.python_values import to_plain
from isales_rules.engine.runtime import floor_to_day, normalize_key_case, parse_decimal
from isales_rules.engine.values import ABSENT, DuplicateKey, RawViolation, is_missing, path_segment
from isales_rules.language.keywords import KEYWORDS, Keyword
from isales_rules.language.model import Assertion, Bound, Clause, Parameter

DocumentPath: TypeAlias = tuple[Any, ...]
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
        if value is not None and keyword.is_violated(value, constraint):
            self._error(field, definition)

    validate.__doc__ = "{'nullable': False}"
    return validate


def _validator(schema: dict[str, Any]) -> Validator:
    """Make a validator that knows every keyword: Cerberus' own ones by Cerberus' own rules, the others by their `broken`."""
    own = {f"_validate_{name}": _handler(name, keyword) for name, keyword in KEYWORDS.items() if keyword.operand == "value" and not keyword.cerberus}
    return type("_Rules", (_Validator,), own)(schema)


def _schema(parameter: Parameter) -> dict[str, Any]:
    rules: dict[str, Any] = {"type": parameter.type, "required": parameter.definition.get("required", False)}
    rules |= {name: parameter.definition[name] for name in parameter.keywords}
    if parameter.has_members:
        rules["schema"] = {name: _schema(member) for name, member in parameter.members.items()}
        rules["allow_unknown"] = parameter.definition.get("allow_unknown", False)
    if parameter.item is not None:
        rules["schema"] = _schema(parameter.item)
    return rules


class CerberusEngine:
    """Runs one part of a rule set on documents. A Cerberus validator serves one check at a time, so each thread has its own."""

    def __init__(self, root: Parameter) -> None:
        self._root = root
        self._threads = threading.local()

    def __call__(self, document: Any, facts: Mapping[str, Any]) -> list[RawViolation]:
        validators: dict[Any, Validator] = self._threads.__dict__
        if not validators:
            validators["root"] = _validator({"document": _schema(self._root)})
        return list(_Run(self._root, validators, facts).check(to_plain(document, self._root)))


class _Run:
    """One check of one document."""

    def __init__(self, root: Parameter, validators: dict[Any, Validator], facts: Mapping[str, Any]) -> None:
        self._root = root
        self._validators = validators
        self._facts = facts
        self._too_many: dict[DocumentPath, tuple[int, tuple[str, ...]]] = {}
        self._violated: dict[DocumentPath, set[str]] = {}
        self._values: dict[DocumentPath, Any] = {}
        self._missing: dict[DocumentPath, Any] = {}

    def check(self, document: Any) -> Iterator[RawViolation]:
        self._missing["document",] = document
        given = {} if document is None else {"document": self._present(self._root, document, ("document",))}
        validator = self._validators["root"]
        validator.validate(given, normalize=False)
        self._collect(validator._errors)  # noqa: SLF001  # the public `errors` is text; what is needed here is the list
        yield from self._parameter(self._root, given, ("document",), ())

    # Before Cerberus: what is empty goes

    def _present(self, parameter: Parameter, value: Any, place: DocumentPath) -> Any:
        """Copy a value without its empty members; what a list has empty is `None`, so that the others keep their index."""
        if "coerce" in parameter.definition and type(value) is str:
            return parse_decimal(value)
        if parameter.item is not None and type(value) is list:
            self._missing |= {(*place, index): one for index, one in enumerate(value)}
            return [None if is_missing(one) else self._present(parameter.item, one, (*place, index)) for index, one in enumerate(value)]
        if not parameter.has_members or type(value) is not dict:
            return value
        if parameter.definition.get("anycase"):
            value = normalize_key_case(value, {name.lower(): name for name in parameter.members})
        keys = [key for key in value if type(key) is not DuplicateKey]
        unknown = {key: None for key in keys if key not in parameter.members}
        if len(keys) > len(parameter.members) and not parameter.definition.get("allow_unknown"):
            self._too_many[place] = len(keys), tuple(path_segment(key) for key, _ in zip(unknown, range(5), strict=False))
            value = {key: one for key, one in value.items() if key not in unknown}
        self._missing |= {(*place, key): value[key] for key in parameter.members if key in value}
        return {
            key: self._present(parameter.members[key], one, (*place, key)) if key in parameter.members else one
            for key, one in value.items()
            if key not in parameter.members or not (one is None if parameter.members[key].is_part else is_missing(one))
        }

    # After Cerberus: what is broken, by place

    def _collect(self, errors: Any) -> None:
        for error in errors:
            if error.is_group_error:
                self._collect(error.child_errors)
            else:
                self._violated.setdefault(error.document_path, set()).add(error.rule or _UNKNOWN)

    # In the rule set's order

    def _parameter(self, parameter: Parameter, around: Any, place: DocumentPath, where: DocumentPath) -> Iterator[RawViolation]:
        value = around[place[-1]] if not isinstance(around, dict) or place[-1] in around else None
        self._values[place] = value
        broken = self._violated.get(place, set())
        if value is None:
            # An entry of a list is always there, so that Cerberus finds it null instead.
            if "required" in broken or ("nullable" in broken and parameter.definition.get("required")):
                yield self._record(parameter, "required", self._found(place), where)
        elif "type" in broken:
            yield self._record(parameter, "coerce" if "coerce" in parameter.definition and type(value) is str else "type", value, where)
        else:
            yield from self._typed(parameter, value, place, where)
            return
        for case in parameter.fact_clauses():
            yield from self._clause(case, place, where)

    def _typed(self, parameter: Parameter, value: Any, place: DocumentPath, where: DocumentPath) -> Iterator[RawViolation]:
        """Tell what is wrong with a value of the right type, and with what is inside it."""
        if place in self._too_many:
            count, names = self._too_many[place]
            yield parameter.rules["crowded"], count, names, where
        for name in self._violated_keywords(parameter, self._violated.get(place, set())):
            yield self._record(parameter, name, len(value) if type(value) is list else value, where)
        if parameter.item is not None:
            for index in range(len(value)):
                yield from self._parameter(parameter.item, value, (*place, index), (*where, index))
        if parameter.has_members:
            for name, member in parameter.members.items():
                yield from self._parameter(member, value, (*place, name), where)
            for case in parameter.clauses:
                yield from self._clause(case, place, where)
            yield from self._unknown_members(parameter, value, place, where)

    def _violated_keywords(self, parameter: Parameter, broken: set[str]) -> Iterator[str]:
        """Give the broken rules in order, a narrower one in the place of the one that it narrows."""
        narrower = {rule.refines: name for name, rule in parameter.keywords.items()}
        for name, rule in parameter.keywords.items():
            if name in broken and not rule.refines:
                yield narrower[name] if narrower.get(name) in broken else name

    def _record(self, parameter: Parameter, keyword: str, found: Any, where: DocumentPath) -> RawViolation:
        return parameter.rules[keyword], found, None, where

    def _unknown_members(self, parameter: Parameter, value: dict[Any, Any], place: DocumentPath, where: DocumentPath) -> Iterator[RawViolation]:
        for key in value:
            if type(key) is DuplicateKey:
                if str.__str__(key) in parameter.members:
                    yield parameter.rules["duplicate"], key, None, (*where, key)
            elif _UNKNOWN in self._violated.get((*place, key), ()):
                yield parameter.rules["undocumented"], key, None, (*where, key)

    # Between parameters

    def _clause(self, case: Clause, place: DocumentPath, where: DocumentPath) -> Iterator[RawViolation]:
        if not case.required_facts <= self._facts.keys():
            return
        if not all(self._passes(name, argument, self._facts[fact]) for fact, name, argument in case.facts):
            return
        if case.when and not any(all(self._holds(test, place) is True for test in tests) for tests in case.when):
            return
        if case.required_together:
            for test, other in zip(case.required_together, reversed(case.required_together), strict=True):
                if self._value(test, place) is None and self._value(other, place) is not None:
                    yield test.rule, self._found((*place, test.chain[-1].name)), None, where
        elif not case.then:
            found = self._found((*place, case.report_at.name)) if case.rule.template.shows != "nothing" else None
            yield case.rule, found, None, where
        for test in case.then:
            if self._holds(test, place) is False:
                bound = test.argument if isinstance(test.argument, Bound) else None
                found = self._found((*place, *(one.name for one in test.chain)))
                yield test.rule, found, self._shown_bound(bound, test, place) if bound else None, where

    def _found(self, place: DocumentPath) -> Any:
        """Give a value, or what is found of one that is missing."""
        value = self._values.get(place)
        return self._missing.get(place, ABSENT) if value is None else value

    def _value(self, test: Assertion, place: DocumentPath) -> Any:
        return self._values.get((*place, *(one.name for one in test.chain)))

    def _holds(self, test: Assertion, place: DocumentPath) -> bool | None:
        """Say whether a test holds; `None` where it cannot be put, because something that it looks at is not there or not clean."""
        way = (*place, *(one.name for one in test.chain))
        containers = [way[: len(way) - number] for number in range(1, len(test.chain))]
        if not all(type(self._values.get(one)) is dict for one in containers):
            return None
        value = self._values.get(way)
        if test.keyword.operand == "given":
            return (value is not None) is (test.name == "required")
        if value is None or way in self._violated:
            return None
        if not isinstance(test.argument, Bound):
            return self._passes(test.name, test.argument, value)
        bound = self._bound(test.argument, test, place)
        own = test.argument.parse_value
        return None if bound is None else not test.keyword.is_violated(own(value) if own else value, bound)

    def _passes(self, name: str, argument: Any, value: Any) -> bool:
        """Put one keyword to one value, with Cerberus."""
        key = name, repr(argument)
        if key not in self._validators:
            self._validators[key] = _validator({"value": {name: argument}})
        return bool(self._validators[key].validate({"value": value}, normalize=False))

    def _raw(self, bound: Bound, test: Assertion, place: DocumentPath) -> Any:
        """Find the value that sets a bound: `None` where it is not there or not clean."""
        if bound.fact is not None:
            return self._facts[bound.fact]
        if bound.absolute:
            way: DocumentPath = ("document", *bound.chain[-1].path[len(self._root.path) :])
        else:
            way = (*place, *(one.name for one in test.chain[:-1]), *(one.name for one in bound.chain))
        return None if way in self._violated else self._values.get(way)

    def _bound(self, bound: Bound, test: Assertion, place: DocumentPath) -> Any:
        value: Any = self._raw(bound, test, place)
        if value is None:
            return None
        value = bound.parse_bound(value) if bound.parse_bound is not None else value
        value = floor_to_day(value) if bound.floor else value
        return value + bound.offset if bound.offset else value

    def _shown_bound(self, bound: Bound, test: Assertion, place: DocumentPath) -> Any:
        """Say which value a message shows as the bound: a parameter's as it was written."""
        if not bound.shown:
            return None
        return self._bound(bound, test, place) if bound.offset or bound.floor else self._raw(bound, test, place)
