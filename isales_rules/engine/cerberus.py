"""The reference engine: a rule set run by Cerberus, slow and plain.

Cerberus validates every parameter by its own definition. It sees the document without missing
values, so that its `required` is about values, not keys. Its errors are then reported in the order
of the rule set, and the rules between parameters are interpreted on what it found valid. The
compiled function must return the same violations in the same order.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from cerberus import TypeDefinition, Validator
from cerberus.errors import BAD_TYPE, ErrorDefinition

from isales_rules.engine import semantics
from isales_rules.engine.python_values import to_plain
from isales_rules.engine.runtime import normalize_key_case
from isales_rules.engine.semantics import DocumentPath
from isales_rules.engine.values import ABSENT, DuplicateKey, RawViolation, is_missing, path_segment
from isales_rules.language.keywords import KEYWORDS, Keyword
from isales_rules.language.model import Clause, Parameter
from isales_rules.language.types import TYPES

_OWN_CODE = 1 << 8
"""The code of the errors of our keywords. Cerberus gives the lower bits a meaning."""

_UNKNOWN = "unknown"
"""The rule that an unknown parameter violates, for which Cerberus has no name."""


class _Validator(Validator):  # type: ignore[misc]  # Cerberus has no types
    types_mapping: ClassVar = {
        name: TypeDefinition(name, one.python_types, ()) for name, one in TYPES.items()
    }

    def _validate_type(self, data_type: str, field: Any, value: Any) -> None:
        """Check the type; for Cerberus a boolean is an integer, and NaN is a number.

        The rule's arguments are validated against this schema:
        {'type': 'string', 'check_with': 'type'}
        """
        if value is not None and not TYPES[data_type].includes(value):
            self._error(field, BAD_TYPE)
            self._drop_remaining_rules()

    def _error(self, *args: Any) -> None:
        """Add errors without sorting all of them, which Cerberus does for each one."""
        if len(args) == 1:
            self._errors.extend(args[0])
        else:
            super()._error(*args)


def _handler(keyword: Keyword) -> Any:
    definition = ErrorDefinition(_OWN_CODE, keyword.name)

    def validate(self: Validator, constraint: Any, field: Any, value: Any) -> None:
        # After a null value Cerberus still calls the rules that it does not know.
        if value is not None and keyword.is_violated(value, constraint):
            self._error(field, definition)

    validate.__doc__ = "{'nullable': False}"
    return validate


def _validator(schema: dict[str, Any]) -> Validator:
    """Return a validator with our keywords beside Cerberus' own rules."""
    own = {
        f"_validate_{name}": _handler(keyword)
        for name, keyword in KEYWORDS.items()
        if keyword.operand == "value" and not keyword.native
    }
    return type("_Rules", (_Validator,), own)(schema)


def _schema(parameter: Parameter) -> dict[str, Any]:
    definition = parameter.definition
    rules = {"type": parameter.type, "required": definition.get("required", False)}
    rules |= {name: definition[name] for name in parameter.keywords}
    if parameter.has_members:
        rules["schema"] = {name: _schema(member) for name, member in parameter.members.items()}
        rules["allow_unknown"] = definition.get("allow_unknown", False)
    if parameter.item is not None:
        rules["schema"] = _schema(parameter.item)
    return rules


def _is_missing(parameter: Parameter, value: object) -> bool:
    """Check whether a value is missing; an empty string is not, as a part of a request."""
    return value is None if parameter.is_part else is_missing(value)


class CerberusEngine:
    """Run one part of a rule set on documents.

    A Cerberus validator is not re-entrant, so each thread has its own.
    """

    def __init__(self, root: Parameter) -> None:
        self._root = root
        self._threads = threading.local()

    def __call__(self, document: Any, facts: Mapping[str, Any]) -> list[RawViolation]:
        if not hasattr(self._threads, "validator"):
            self._threads.validator = _validator({"document": _schema(self._root)})
        run = _Run(self._root, self._threads.validator, facts)
        return list(run.violations(to_plain(document, self._root)))


class _Run:
    """One document, and what Cerberus found in it; the `View` that clauses are evaluated on."""

    def __init__(self, root: Parameter, validator: Validator, facts: Mapping[str, Any]) -> None:
        self.root = root
        self.facts = facts
        self._validator = validator
        self._too_many: dict[DocumentPath, tuple[int, tuple[str, ...]]] = {}
        self._violated: dict[DocumentPath, set[str]] = {}
        self._values: dict[DocumentPath, Any] = {}
        self._missing: dict[DocumentPath, Any] = {}

    def violations(self, document: Any) -> Iterator[RawViolation]:
        self._missing[()] = document
        present = {} if document is None else {"document": self._present(self.root, document, ())}
        self._validator.validate(present, normalize=False)
        self._collect(self._validator._errors)  # noqa: SLF001  # the public `errors` is text only
        yield from self._parameter(self.root, present.get("document"), (), ())

    def value(self, path: DocumentPath) -> Any:
        return self._values.get(path)

    def is_valid(self, path: DocumentPath) -> bool:
        return path not in self._violated

    # Before Cerberus: remove missing values

    def _present(self, parameter: Parameter, value: Any, path: DocumentPath) -> Any:
        """Copy a value without missing members; a missing entry of a list becomes `None`."""
        value = semantics.coerce(parameter, value)
        if parameter.item is not None and type(value) is list:
            self._missing |= {(*path, index): entry for index, entry in enumerate(value)}
            return [
                None if is_missing(entry) else self._present(parameter.item, entry, (*path, index))
                for index, entry in enumerate(value)
            ]
        if parameter.has_members and type(value) is dict:
            return self._present_members(parameter, value, path)
        return value

    def _present_members(
        self, parameter: Parameter, value: dict[Any, Any], path: DocumentPath
    ) -> Any:
        members = parameter.members
        if parameter.definition.get("case_insensitive"):
            value = normalize_key_case(value, {name.lower(): name for name in members})
        keys = [key for key in value if type(key) is not DuplicateKey]
        unknown = [key for key in keys if key not in members]
        if len(keys) > len(members) and not parameter.definition.get("allow_unknown"):
            self._too_many[path] = len(keys), tuple(path_segment(key) for key in unknown[:5])
            value = {key: member for key, member in value.items() if key not in unknown}
        self._missing |= {(*path, key): value[key] for key in members if key in value}
        return {
            key: self._present(members[key], member, (*path, key)) if key in members else member
            for key, member in value.items()
            if key not in members or not _is_missing(members[key], member)
        }

    # After Cerberus: violated keywords by path

    def _collect(self, errors: Any) -> None:
        for error in errors:
            if error.is_group_error:
                self._collect(error.child_errors)
            else:
                path = error.document_path[1:]
                self._violated.setdefault(path, set()).add(error.rule or _UNKNOWN)

    # In the order of the rule set

    def _parameter(
        self, parameter: Parameter, value: Any, path: DocumentPath, indexes: DocumentPath
    ) -> Iterator[RawViolation]:
        self._values[path] = value
        violated = self._violated.get(path, set())
        if value is None:
            # An entry of a list is always there; Cerberus reports a missing one as null.
            if "required" in violated or (
                "nullable" in violated and parameter.definition.get("required")
            ):
                yield parameter.rules["required"], self._found(path), None, indexes
        elif "type" in violated:
            coerced = "coerce" in parameter.definition and type(value) is str
            yield parameter.rules["coerce" if coerced else "type"], value, None, indexes
        else:
            yield from self._typed(parameter, value, path, indexes)
            return
        for clause in parameter.fact_clauses():
            yield from self._clause(clause, path, indexes)

    def _typed(
        self, parameter: Parameter, value: Any, path: DocumentPath, indexes: DocumentPath
    ) -> Iterator[RawViolation]:
        """Yield the violations of a value of the right type, and of what it contains."""
        if path in self._too_many:
            yield parameter.rules["too-many-parameters"], *self._too_many[path], indexes
        found = len(value) if type(value) is list else value
        for name in parameter.reported(self._violated.get(path, set())):
            yield parameter.rules[name], found, None, indexes
        if parameter.item is not None:
            yield from self._items(parameter, parameter.item, value, path, indexes)
        if parameter.has_members:
            for name, member in parameter.members.items():
                yield from self._parameter(member, value.get(name), (*path, name), indexes)
            for clause in parameter.clauses:
                yield from self._clause(clause, path, indexes)
            yield from self._unknown_members(parameter, value, path, indexes)

    def _items(
        self,
        parameter: Parameter,
        item: Parameter,
        value: list[Any],
        path: DocumentPath,
        indexes: DocumentPath,
    ) -> Iterator[RawViolation]:
        for index, entry in enumerate(value):
            there = (*path, index), (*indexes, index)
            yield from self._parameter(item, entry, *there)
            if not item.has_members:
                for clause in item.clauses:
                    yield from self._clause(clause, *there)
        for place in semantics.duplicates(parameter, path, self):
            index = place[len(path)]
            yield parameter.rules["unique"], self.value(place), None, (*indexes, index)

    def _unknown_members(
        self, parameter: Parameter, value: dict[Any, Any], path: DocumentPath, indexes: DocumentPath
    ) -> Iterator[RawViolation]:
        for key in value:
            if type(key) is DuplicateKey:
                if str.__str__(key) in parameter.members:
                    yield parameter.rules["duplicate-key"], key, None, (*indexes, key)
            elif _UNKNOWN in self._violated.get((*path, key), ()):
                yield parameter.rules["unknown-parameter"], key, None, (*indexes, key)

    def _clause(
        self, clause: Clause, path: DocumentPath, indexes: DocumentPath
    ) -> Iterator[RawViolation]:
        for violation in semantics.violations(clause, path, self):
            of_object = violation.path == path and not clause.then
            found = None if of_object else self._found(violation.path)
            yield violation.rule, found, violation.bound, indexes

    def _found(self, path: DocumentPath) -> Any:
        """Return a value, or what the document has in the place of a missing one."""
        value = self._values.get(path)
        return self._missing.get(path, ABSENT) if value is None else value
