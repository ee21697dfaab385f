"""Documents built from a rule set: valid ones, and ones whose violations are known.

No engine is used. A document is changed until the clauses of its objects hold.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol, TypeAlias

from isales_rules.engine import semantics
from isales_rules.engine.values import is_missing
from isales_rules.language.model import Assertion, Bound, Clause, Parameter, Rule, json_pointer
from isales_rules.testing.boundary_values import MAX_ITEMS, distinct_values, lengths, valid_values

DocumentPath: TypeAlias = tuple[Any, ...]
"""The way to a value: names and indexes."""

MAX_REPAIRS = 30
"""Maximum number of changes to a document before it is given up."""


MAX_ALL_ITEMS = 100_000
"""Maximum number of entries that are made for a draft before it is given up.

Lists in lists are soon too large.
"""


class Picker(Protocol):
    """Make the choices that a document leaves open."""

    def one(self, options: list[Any]) -> Any:
        """Choose one of the options, of which the first is the simplest."""

    def value(self, parameter: Parameter) -> Any:
        """Choose a valid value of a scalar.

        Raises `Unsatisfiable` if there are none.
        """


class Unsatisfiable(Exception):  # noqa: N818  # as Hypothesis names it
    """Raised if no document is found that has the wanted violations."""


class Target(NamedTuple):
    """A case that is to be broken in the object at a place.

    Which of the things that follow from it; `None`: any.
    """

    clause: Clause
    path: DocumentPath
    number: int | None = None

    def is_of(self, case: Clause, place: DocumentPath) -> bool:
        return case is self.clause and place == self.path


class DocumentBuilder:
    """A document being built. `facts` are the stated facts, in comparable form."""

    def __init__(self, root: Parameter, chooser: Picker) -> None:
        self.root = root
        self.picker = chooser
        self.facts: Mapping[str, Any] = {}
        self.pinned: set[DocumentPath] = set()
        self.invalid: dict[DocumentPath, list[Rule]] = {}
        self.entries_left = MAX_ALL_ITEMS
        self.document: Any = self.build(root)

    # Values

    def build(self, parameter: Parameter) -> Any:
        """Build a valid value of a parameter, with everything inside it."""
        if parameter.type == "dict":
            members = parameter.members.values()
            return {
                one.name: self.build(one)
                for one in members
                if one.definition.get("required") or self.picker.one([False, True])
            }
        if parameter.type == "list":
            counts = [count for count, violated in lengths(parameter).items() if not violated]
            if not counts:
                raise Unsatisfiable
            return self.items(parameter, self.picker.one(sorted(counts)))
        return self.picker.value(parameter)

    def items(self, parameter: Parameter, count: int) -> list[Any]:
        """Build *count* items of a list.

        Raises `Unsatisfiable` if that is too many.
        """
        self.entries_left -= count
        if count > MAX_ITEMS + 1 or self.entries_left < 0:
            raise Unsatisfiable
        entries = [self.build(parameter.item) if parameter.item else 1 for _ in range(count)]
        if parameter.unique:
            _make_distinct(entries, parameter, parameter.unique)
        return entries

    def value(self, place: DocumentPath) -> Any:
        """Return the value at a path; `None` if it is missing."""
        value = self.document
        for step in place:
            if isinstance(value, dict):
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                return None
        return None if is_missing(value) else value

    def put(self, place: DocumentPath, value: Any) -> None:
        """Set the value at a path; `None` removes it."""
        if not place:
            self.document = value
            return
        around = self.value(place[:-1])
        if value is None and isinstance(around, dict):
            around.pop(place[-1], None)
        else:
            around[place[-1]] = value

    def each(
        self, parameter: Parameter | None = None, place: DocumentPath = ()
    ) -> Iterator[tuple[Parameter, DocumentPath]]:
        """Yield the parameters that the objects of the document can have, with their paths."""
        parameter = parameter or self.root
        yield parameter, place
        value = self.value(place)
        if isinstance(value, dict):
            for member in parameter.members.values():
                yield from self.each(member, (*place, member.name))
        elif isinstance(value, list) and parameter.item is not None:
            for index in range(len(value)):
                yield from self.each(parameter.item, (*place, index))

    # Cases between parameters

    def clauses(self) -> Iterator[tuple[Clause, DocumentPath]]:
        """Yield the clauses of the objects of the document, with the paths of the objects."""
        for parameter, place in self.each():
            if not parameter.has_members or isinstance(self.value(place), dict):
                yield from ((case, place) for case in parameter.clauses)

    def violations_of(self, case: Clause, place: DocumentPath) -> list[tuple[DocumentPath, Rule]]:
        """Return the violations of a clause of the object at a path."""
        return [
            (violation.path, violation.rule)
            for violation in semantics.violations(case, place, self)
        ]

    def is_valid(self, path: DocumentPath) -> bool:
        return path not in self.invalid

    def all_hold(self, tests: tuple[Assertion, ...], place: DocumentPath) -> bool:
        return semantics.all_hold(tests, place, self)

    def holds(self, test: Assertion, place: DocumentPath) -> bool | None:
        """Check an assertion; return `None` if it cannot be decided."""
        return semantics.holds(test, place, self)

    def bound(self, reference: Bound, way: DocumentPath) -> Any:
        """Return the bound of the value at a path; `None` if it is unknown."""
        return semantics.bound(reference, way, self)

    # Changing it until it is as it should be

    def solve(self, goal: Target | None = None, *, advisories: bool = False) -> None:
        """Change the draft until all cases hold that could give an error.

        An advisory too, but for a goal, which is broken instead.

        Raises `StuckError` where no way to do that is found.
        """
        for _ in range(MAX_REPAIRS // 3 if advisories else MAX_REPAIRS):
            cases = (
                (case, place)
                for case, place in self.clauses()
                if advisories or case.rule.code is not None
            )
            broken = next(
                (
                    one
                    for one in cases
                    if not (goal and goal.is_of(*one)) and self.violations_of(*one)
                ),
                None,
            )
            if broken is not None:
                self.satisfy_clause(*broken)
            elif (duplicate := next(self.duplicates(), None)) is not None:
                self.replace_duplicate(*duplicate)
            elif goal is None or self.violations_of(goal.clause, goal.path):
                return
            else:
                self.violate(goal)
        raise Unsatisfiable

    def violate(self, goal: Target) -> None:
        """Break a case: let everything be that it follows from.

        Something not be that follows.
        """
        case, place, number = goal
        if case.required_together:
            missing, given = (
                test.chain[0]
                for test in (
                    self.rotated(list(case.required_together))
                    if number is None
                    else case.required_together[:: 1 - 2 * number]
                )
            )
            if self.value((*place, given.name)) is None:
                self.put((*place, given.name), self.build(given))
            if not self.set_presence(missing, (*place, missing.name), wanted=False):
                raise Unsatisfiable
            return
        alternatives = self.rotated(list(case.when))
        if alternatives and not all(self.force(test, place, True) for test in alternatives[0]):
            raise Unsatisfiable
        follows = (
            self.rotated(list(case.then)) if number is None else case.then[number : number + 1]
        )
        if follows and not any(self.force(test, place, False) for test in follows):
            raise Unsatisfiable

    def satisfy_clause(self, case: Clause, place: DocumentPath) -> None:
        """Make a case hold: what follows from it first, else what it follows from."""
        if case.required_together:
            missing, given = sorted(
                (test.chain[0] for test in case.required_together),
                key=lambda one: self.value((*place, one.name)) is not None,
            )
            if self.picker.one([True, False]) or not self.set_presence(
                given, (*place, given.name), wanted=False
            ):
                self.put((*place, missing.name), self.build(missing))
            return
        follows = [test for test in case.then if self.holds(test, place) is False]
        if follows and all(self.force(test, place, True) for test in follows):
            return
        for tests in case.when:
            if self.all_hold(tests, place) and not any(
                self.force(test, place, False) for test in self.rotated(list(tests))
            ):
                raise Unsatisfiable

    def duplicates(self) -> Iterator[tuple[Parameter, DocumentPath]]:
        """Yield the lists with equal entries, with the path of what equals an earlier one."""
        for parameter, place in self.each():
            for duplicate in semantics.duplicates(parameter, place, self):
                yield parameter, duplicate

    def replace_duplicate(self, parameter: Parameter, place: DocumentPath) -> None:
        """Give the value at a path another value than those of the other entries."""
        unique = parameter.unique
        for value in distinct_values(unique) if unique and place not in self.pinned else ():
            self.put(place, value)
            if all(place != other for _, other in self.duplicates()):
                return
        raise Unsatisfiable

    def rotated(self, options: list[Any]) -> list[Any]:
        """Return the options in their order, but from a chosen one on."""
        first = self.picker.one(list(range(len(options)))) if len(options) > 1 else 0
        return options[first:] + options[:first]

    def force(self, test: Assertion, place: DocumentPath, wanted: bool) -> bool:
        """Make an assertion hold or fail; return whether that succeeded."""
        way = semantics.assertion_path(test, place)
        self.ensure_parents(test.chain, way)
        if self.holds(test, place) is wanted:
            return True
        parameter = test.chain[-1]
        if test.keyword.operand == "presence":
            return self.set_presence(parameter, way, (test.name == "required") is wanted)

        def done() -> bool:
            return self.holds(test, place) is wanted

        if not isinstance(test.argument, Bound):
            return self.try_values(parameter, way, {test.name: test.argument}, [], done)
        return self.force_comparison(parameter, test.argument, way, done)

    def ensure_parents(self, chain: tuple[Parameter, ...], way: DocumentPath) -> None:
        """Add the objects that contain the last parameter of a chain."""
        for steps, container in zip(range(len(chain) - 1, 0, -1), chain[:-1], strict=True):
            if not isinstance(self.value(way[:-steps]), dict):
                self.put(way[:-steps], self.build(container))

    def set_presence(self, parameter: Parameter, way: DocumentPath, wanted: bool) -> bool:
        """Add or remove a parameter; return whether that succeeded."""
        if way in self.pinned or (not wanted and parameter.definition.get("required")):
            return False
        self.put(way, self.build(parameter) if wanted else None)
        return True

    def force_comparison(
        self, parameter: Parameter, reference: Bound, way: DocumentPath, done: Callable[[], bool]
    ) -> bool:
        """Make a comparison come out as wanted, by the value that is compared.

        By the one that sets the bound.
        """
        there = semantics.bound_path(reference, way, self.root) if reference.chain else None
        if there is not None and self.value(there) is None:
            self.ensure_parents(reference.chain, there)
            self.put(there, self.build(reference.chain[-1]))
        if self.value(way) is None:
            self.put(way, self.build(parameter))
        bound = self.bound(reference, way)
        asked = {"format": reference.formats} if reference.formats else None
        if bound is None and there is not None and asked:

            def is_time() -> bool:
                return self.bound(reference, way) is not None

            self.try_values(reference.chain[-1], there, asked, [], is_time)
            bound = self.bound(reference, way)
        if bound is None:  # a fact that is not stated
            return False
        near = list(bound) if isinstance(bound, frozenset) else [bound]
        if done() or self.try_values(parameter, way, asked, near, done):
            return True
        own = semantics.to_comparable(parameter, self.value(way), reference.formats)
        if there is None or own is None:
            return False
        if reference.offset:
            own = semantics.add(own, -reference.offset)
        return self.try_values(reference.chain[-1], there, asked, [own], done)

    def try_values(
        self,
        parameter: Parameter,
        way: DocumentPath,
        asked: Mapping[str, Any] | None,
        near: list[Any],
        done: Callable[[], bool],
    ) -> bool:
        """Try values of a parameter until one satisfies *done*; return whether one did."""
        before = self.value(way)
        for value in () if way in self.pinned else self.values_to_try(parameter, asked, near):
            self.put(way, value)
            if done():
                return True
        self.put(way, before)
        return False

    def values_to_try(
        self, parameter: Parameter, asked: Mapping[str, Any] | None, near: list[Any]
    ) -> list[Any]:
        if parameter.type != "list":
            return valid_values(parameter, near, asked)
        counts = lengths(parameter, asked)
        return [self.items(parameter, count) for count, violated in counts.items() if not violated]

    # Mistakes

    def corrupt(self, place: DocumentPath, value: Any, broken: list[Rule]) -> None:
        """Set an invalid value, or none, and record the rules that it violates."""
        self.invalid = {
            where: checks for where, checks in self.invalid.items() if where[: len(place)] != place
        }
        self.put(place, value)
        if broken:
            self.invalid[place] = broken

    def nested(self) -> list[DocumentPath]:
        """Return the paths of the objects and lists that may be JSON text, innermost first."""
        places = [
            place
            for parameter, place in self.each()
            if parameter.definition.get("coerce") == "json" and self.value(place) is not None
        ]
        return places[::-1]

    def repeat_entry(self, parameter: Parameter, place: DocumentPath) -> None:
        """Make what must be unique in the second entry of a list equal to that of the first."""
        unique, entries = parameter.unique, self.value(place)
        if unique is None or not isinstance(entries, list) or not entries:
            raise Unsatisfiable
        if len(entries) == 1:
            entries.append(self.build(parameter.item) if parameter.item else None)
        first, second = (
            (*place, index) if unique is parameter.item else (*place, index, unique.name)
            for index in (0, 1)
        )
        if self.value(first) is None:
            self.put(first, self.build(unique))
        self.put(second, copy.copy(self.value(first)))
        if parameter.violated(entries) or self.invalid:
            raise Unsatisfiable

    def violations(self) -> list[tuple[str, Rule]]:
        """Return all violations of the document with their paths."""
        own = [(place, check) for place, checks in self.invalid.items() for check in checks]
        between = [one for case, place in self.clauses() for one in self.violations_of(case, place)]
        repeated = [(place, parameter.rules["unique"]) for parameter, place in self.duplicates()]
        return [
            (json_pointer(str(step) for step in place), check)
            for place, check in (*own, *between, *repeated)
        ]


def _make_distinct(entries: list[Any], parameter: Parameter, unique: Parameter) -> None:
    """Replace equal values of what must be unique; raises `Unsatisfiable` if they are too few."""
    others = distinct_values(unique)
    seen: set[Any] = set()
    for index, entry in enumerate(entries):
        holder: Any
        key: Any
        holder, key = (entries, index) if unique is parameter.item else (entry, unique.name)
        if key not in holder and isinstance(holder, dict):
            continue
        value = semantics.coerce(unique, holder[key])
        while value in seen:
            value = holder[key] = next(others, None)
            if value is None:
                raise Unsatisfiable
        seen.add(value)


def add_unknown_members(
    draft: DocumentBuilder, parameter: Parameter, place: DocumentPath, names: list[str]
) -> list[tuple[str, Rule]]:
    """Add unknown members to an object and return the violations."""
    members = draft.value(place)
    names = [name for name in names if name not in parameter.members]
    members.update(dict.fromkeys(names))
    if parameter.definition.get("allow_unknown"):
        return []
    if len(members) > len(parameter.members):
        return [(json_pointer(map(str, place)), parameter.rules["too-many-parameters"])]
    return [
        (json_pointer(map(str, (*place, name))), parameter.rules["unknown-parameter"])
        for name in names
    ]
