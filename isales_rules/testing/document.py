"""Documents of a rule set: their values by path, and their violations, without an engine."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any, Self

from isales_rules.engine import semantics
from isales_rules.engine.semantics import DocumentPath
from isales_rules.engine.values import is_missing
from isales_rules.language.model import Clause, Parameter, Rule, json_pointer


class Document:
    """A document for a part of a request.

    - `content`: the document. Its objects and lists are never JSON text.
    - `facts`: the stated facts, in comparable form.
    - `pinned`: paths of values that must not change.
    - `invalid`: paths of invalid and of missing values, with the rules that they violate.
    """

    def __init__(self, root: Parameter) -> None:
        self.root = root
        self.content: Any = None
        self.facts: Mapping[str, Any] = {}
        self.pinned: set[DocumentPath] = set()
        self.invalid: dict[DocumentPath, list[Rule]] = {}

    def copy(self) -> Self:
        """Return a copy whose content can be changed; changes replace its other attributes."""
        copied = copy.copy(self)
        copied.content = copy.deepcopy(self.content)
        return copied

    # Values

    def value(self, path: DocumentPath) -> Any:
        """Return the value at a path; `None` if it is missing."""
        value = self.content
        for step in path:
            if isinstance(value, dict):
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                return None
        return None if is_missing(value) else value

    def is_valid(self, path: DocumentPath) -> bool:
        return path not in self.invalid

    def put(self, path: DocumentPath, value: Any) -> None:
        """Set the value at a path; `None` removes it."""
        if not path:
            self.content = value
            return
        parent = self.value(path[:-1])
        if value is None and isinstance(parent, dict):
            parent.pop(path[-1], None)
        else:
            parent[path[-1]] = value

    def each(
        self, parameter: Parameter | None = None, path: DocumentPath = ()
    ) -> Iterator[tuple[Parameter, DocumentPath]]:
        """Yield the parameters that the objects of the document can have, with their paths."""
        parameter = parameter or self.root
        yield parameter, path
        value = self.value(path)
        if isinstance(value, dict):
            for member in parameter.members.values():
                yield from self.each(member, (*path, member.name))
        elif isinstance(value, list) and parameter.item is not None:
            for index in range(len(value)):
                yield from self.each(parameter.item, (*path, index))

    def nested(self) -> list[DocumentPath]:
        """Return the paths of the objects and lists that may be JSON text, innermost first."""
        paths = [
            path
            for parameter, path in self.each()
            if parameter.definition.get("coerce") == "json" and self.value(path) is not None
        ]
        return paths[::-1]

    # Violations

    def clauses(self) -> Iterator[tuple[Clause, DocumentPath]]:
        """Yield the clauses of the objects of the document, with the paths of the objects."""
        for parameter, path in self.each():
            if not parameter.has_members or isinstance(self.value(path), dict):
                yield from ((clause, path) for clause in parameter.clauses)

    def duplicates(self) -> Iterator[tuple[Parameter, DocumentPath]]:
        """Yield the lists with equal entries, with the path of each value equal to an earlier one."""
        for parameter, path in self.each():
            for duplicate in semantics.duplicates(parameter, path, self):
                yield parameter, duplicate

    def violations_of(self, clause: Clause, path: DocumentPath) -> list[tuple[DocumentPath, Rule]]:
        """Return the violations of a clause of the object at a path."""
        return [(one.path, one.rule) for one in semantics.violations(clause, path, self)]

    def violations(self) -> list[tuple[str, Rule]]:
        """Return all violations of the document with their paths."""
        found = [(path, rule) for path, rules in self.invalid.items() for rule in rules]
        for clause, path in self.clauses():
            found += self.violations_of(clause, path)
        found += [(path, parameter.rules["unique"]) for parameter, path in self.duplicates()]
        return [(json_pointer(map(str, path)), rule) for path, rule in found]

    def corrupt(self, path: DocumentPath, value: Any, violated: list[Rule]) -> None:
        """Set an invalid value, or none, and record the rules that it violates."""
        self.invalid = {
            other: rules for other, rules in self.invalid.items() if other[: len(path)] != path
        }
        self.put(path, value)
        if violated:
            self.invalid[path] = violated

    def add_unknown_members(
        self, parameter: Parameter, path: DocumentPath, names: list[str]
    ) -> list[tuple[str, Rule]]:
        """Add unknown members to an object and return the violations."""
        members = self.value(path)
        names = [name for name in names if name not in parameter.members]
        members.update(dict.fromkeys(names))
        if parameter.definition.get("allow_unknown"):
            return []
        if len(members) > len(parameter.members):
            return [(json_pointer(map(str, path)), parameter.rules["too-many-parameters"])]
        return [
            (json_pointer(map(str, (*path, name))), parameter.rules["unknown-parameter"])
            for name in names
        ]
