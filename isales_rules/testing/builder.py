"""Documents built from a rule set: valid ones, and ones that violate a chosen clause.

No engine is used. A document is changed until the clauses of its objects hold.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from isales_rules.engine import semantics
from isales_rules.engine.semantics import DocumentPath
from isales_rules.language.model import Assertion, Bound, Clause, Parameter
from isales_rules.testing.boundary_values import MAX_ITEMS, distinct_values, lengths, valid_values
from isales_rules.testing.document import Document

MAX_REPAIRS = 30
"""Maximum number of changes to a document before it is given up."""

MAX_ALL_ITEMS = 100_000
"""Maximum number of items that are made for a document before it is given up.

Lists in lists are soon too large.
"""


class Unsatisfiable(Exception):  # noqa: N818  # as Hypothesis names it
    """Raised if no document is found that has the wanted violations."""


class Picker:
    """Make the choices that a document leaves open."""

    def one(self, options: list[Any]) -> Any:
        """Choose one of the options, of which the first is the simplest."""
        raise NotImplementedError

    def value(self, parameter: Parameter) -> Any:
        """Choose a valid value of a scalar; raises `Unsatisfiable` if there are none."""
        values = valid_values(parameter)
        if not values:
            raise Unsatisfiable
        return self.one(values)


class Target(NamedTuple):
    """A clause to be violated in the object at a path.

    `number` is the index of the assertion that is to fail; `None`: any.
    """

    clause: Clause
    path: DocumentPath
    number: int | None = None


class DocumentBuilder(Document):
    """A document being built."""

    def __init__(self, root: Parameter, picker: Picker) -> None:
        super().__init__(root)
        self.picker = picker
        self._items_left = MAX_ALL_ITEMS
        self.content = self.build(root)

    # Building

    def build(self, parameter: Parameter) -> Any:
        """Build a valid value of a parameter, with everything inside it."""
        if parameter.type == "dict":
            return {
                member.name: self.build(member)
                for member in parameter.members.values()
                if member.definition.get("required") or self.picker.one([False, True])
            }
        if parameter.type == "list":
            counts = [count for count, violated in lengths(parameter).items() if not violated]
            if not counts:
                raise Unsatisfiable
            return self.items(parameter, self.picker.one(sorted(counts)))
        return self.picker.value(parameter)

    def items(self, parameter: Parameter, count: int) -> list[Any]:
        """Build *count* items of a list, which differ as far as they must.

        Raises `Unsatisfiable` if that is too many.
        """
        self._items_left -= count
        if count > MAX_ITEMS + 1 or self._items_left < 0:
            raise Unsatisfiable
        items = [self.build(parameter.item) if parameter.item else 1 for _ in range(count)]
        if parameter.unique:
            _make_distinct(items, parameter, parameter.unique)
        return items

    def rotated(self, options: list[Any]) -> list[Any]:
        """Return the options in their order, but from a chosen one on."""
        first = self.picker.one(list(range(len(options)))) if len(options) > 1 else 0
        return options[first:] + options[:first]

    # Solving

    def solve(self, target: Target | None = None, *, warnings: bool = False) -> None:
        """Change the document until no clause is violated but that of the target.

        Clauses of warnings may be violated, unless *warnings*. Raises `Unsatisfiable` if that is
        not found to be possible.
        """
        for _ in range(MAX_REPAIRS // 3 if warnings else MAX_REPAIRS):
            if (violated := self._violated_clause(target, warnings)) is not None:
                self.satisfy(*violated)
            elif (duplicate := next(self.duplicates(), None)) is not None:
                self._replace_duplicate(*duplicate)
            elif target is None or self.violations_of(target.clause, target.path):
                return
            else:
                self.violate(target)
        raise Unsatisfiable

    def _violated_clause(
        self, target: Target | None, warnings: bool
    ) -> tuple[Clause, DocumentPath] | None:
        for clause, path in self.clauses():
            if target is not None and clause is target.clause and path == target.path:
                continue
            if (warnings or clause.rule.code is not None) and self.violations_of(clause, path):
                return clause, path
        return None

    def violate(self, target: Target) -> None:
        """Make a clause apply and an assertion of its `then` fail."""
        clause, path, number = target
        if clause.required_together:
            pair = clause.required_together
            missing, present = self.rotated([*pair]) if number is None else pair[:: 1 - 2 * number]
            self._separate(missing.chain[0], present.chain[0], path)
            return
        alternatives = self.rotated(list(clause.when))
        if alternatives and not self.force_all(alternatives[0], path):
            raise Unsatisfiable
        then = (
            self.rotated(list(clause.then)) if number is None else clause.then[number : number + 1]
        )
        if then and not any(self.force(assertion, path, False) for assertion in then):
            raise Unsatisfiable

    def _separate(self, missing: Parameter, present: Parameter, path: DocumentPath) -> None:
        """Make one of two parameters present and the other missing."""
        if self.value((*path, present.name)) is None:
            self.put((*path, present.name), self.build(present))
        if not self.set_presence(missing, (*path, missing.name), wanted=False):
            raise Unsatisfiable

    def satisfy(self, clause: Clause, path: DocumentPath) -> None:
        """Make a clause hold: its `then` if that is possible, or else make it not apply."""
        if clause.required_together:
            self._put_together(clause, path)
            return
        failing = [one for one in clause.then if semantics.holds(one, path, self) is False]
        if failing and self.force_all(failing, path):
            return
        for alternative in clause.when:
            if semantics.all_hold(alternative, path, self) and not any(
                self.force(one, path, False) for one in self.rotated(list(alternative))
            ):
                raise Unsatisfiable

    def _put_together(self, clause: Clause, path: DocumentPath) -> None:
        """Make both parameters present, or both missing."""
        missing, present = sorted(
            (assertion.chain[0] for assertion in clause.required_together),
            key=lambda one: self.value((*path, one.name)) is not None,
        )
        if self.picker.one([True, False]) or not self.set_presence(
            present, (*path, present.name), wanted=False
        ):
            self.put((*path, missing.name), self.build(missing))

    def _replace_duplicate(self, parameter: Parameter, path: DocumentPath) -> None:
        """Set a value that no other item of the list has."""
        unique = parameter.unique
        for value in distinct_values(unique) if unique and path not in self.pinned else ():
            self.put(path, value)
            if all(path != other for _, other in self.duplicates()):
                return
        raise Unsatisfiable

    def repeat_item(self, parameter: Parameter, path: DocumentPath) -> None:
        """Make what must be unique in the second item of a list equal to that in the first.

        Raises `Unsatisfiable` if the list cannot have two items.
        """
        unique, items = parameter.unique, self.value(path)
        if unique is None or not items or self.invalid:
            raise Unsatisfiable
        if len(items) == 1:
            items.append(self.build(parameter.item) if parameter.item else None)
        first, second = (semantics.unique_path(parameter, (*path, index)) for index in (0, 1))
        if self.value(first) is None:
            self.put(first, self.build(unique))
        self.put(second, copy.copy(self.value(first)))
        if parameter.violated(items):
            raise Unsatisfiable

    # Assertions

    def force_all(
        self, assertions: tuple[Assertion, ...] | list[Assertion], path: DocumentPath
    ) -> bool:
        """Make all assertions hold; return whether that succeeded."""
        return all(self.force(assertion, path, True) for assertion in assertions)

    def force(self, assertion: Assertion, owner: DocumentPath, wanted: bool) -> bool:
        """Make an assertion hold or fail; return whether that succeeded."""
        path = semantics.assertion_path(assertion, owner)
        self._ensure_parents(assertion.chain, path)
        parameter, argument = assertion.chain[-1], assertion.argument

        def done() -> bool:
            return semantics.holds(assertion, owner, self) is wanted

        if done():
            return True
        if assertion.keyword.operand == "presence":
            return self.set_presence(parameter, path, (assertion.name == "required") is wanted)
        if isinstance(argument, Bound):
            return self._force_comparison(parameter, argument, path, done)
        return self._try_values(parameter, path, {assertion.name: argument}, [], done)

    def _ensure_parents(self, chain: tuple[Parameter, ...], path: DocumentPath) -> None:
        """Add the objects that contain the last parameter of a chain."""
        for steps, parent in zip(range(len(chain) - 1, 0, -1), chain[:-1], strict=True):
            if not isinstance(self.value(path[:-steps]), dict):
                self.put(path[:-steps], self.build(parent))

    def set_presence(self, parameter: Parameter, path: DocumentPath, wanted: bool) -> bool:
        """Add or remove a parameter; return whether that succeeded."""
        if path in self.pinned or (not wanted and parameter.definition.get("required")):
            return False
        self.put(path, self.build(parameter) if wanted else None)
        return True

    def _force_comparison(
        self, parameter: Parameter, bound: Bound, path: DocumentPath, done: Callable[[], bool]
    ) -> bool:
        """Make a comparison have the wanted result, by its value or by that of the bound."""
        constraints = {"format": bound.formats} if bound.formats else None
        limit = self._ensure_bound(bound, path, constraints)
        if self.value(path) is None:
            self.put(path, self.build(parameter))
        if limit is None:  # a fact that is not stated
            return False
        anchors = list(limit) if isinstance(limit, frozenset) else [limit]
        if done() or self._try_values(parameter, path, constraints, anchors, done):
            return True
        own = semantics.to_comparable(parameter, self.value(path), bound.formats)
        if not bound.chain or own is None:
            return False
        own = semantics.add(own, -bound.offset) if bound.offset else own
        source = semantics.bound_path(bound, path, self.root)
        return self._try_values(bound.chain[-1], source, constraints, [own], done)

    def _ensure_bound(
        self, bound: Bound, path: DocumentPath, constraints: Mapping[str, Any] | None
    ) -> Any:
        """Return the bound, after setting the parameter that it is the value of."""
        if bound.chain:
            source = semantics.bound_path(bound, path, self.root)
            if self.value(source) is None:
                self._ensure_parents(bound.chain, source)
                self.put(source, self.build(bound.chain[-1]))
            if constraints and semantics.bound(bound, path, self) is None:

                def is_time() -> bool:
                    return semantics.bound(bound, path, self) is not None

                self._try_values(bound.chain[-1], source, constraints, [], is_time)
        return semantics.bound(bound, path, self)

    def _try_values(
        self,
        parameter: Parameter,
        path: DocumentPath,
        constraints: Mapping[str, Any] | None,
        anchors: list[Any],
        done: Callable[[], bool],
    ) -> bool:
        """Try values of a parameter until one satisfies *done*; return whether one did."""
        if path in self.pinned:
            return False
        before = self.value(path)
        for value in self._values_to_try(parameter, constraints, anchors):
            self.put(path, value)
            if done():
                return True
        self.put(path, before)
        return False

    def _values_to_try(
        self, parameter: Parameter, constraints: Mapping[str, Any] | None, anchors: list[Any]
    ) -> list[Any]:
        if parameter.type != "list":
            values = valid_values(parameter, anchors, constraints)
            # A value at a bound violates fewest other clauses.
            return [*(value for value in anchors if value in values), *values]
        counts = lengths(parameter, constraints)
        return [self.items(parameter, count) for count, violated in counts.items() if not violated]


def _make_distinct(items: list[Any], parameter: Parameter, unique: Parameter) -> None:
    """Replace equal values of what must be unique; raises `Unsatisfiable` if they are too few."""
    others = distinct_values(unique)
    seen: set[Any] = set()
    for index, item in enumerate(items):
        is_member = unique is not parameter.item
        holder: Any
        key: Any
        holder, key = (item, unique.name) if is_member else (items, index)
        if is_member and key not in holder:
            continue
        value = semantics.coerce(unique, holder[key])
        while value in seen:
            value = holder[key] = next(others, None)
            if value is None:
                raise Unsatisfiable
        seen.add(value)
