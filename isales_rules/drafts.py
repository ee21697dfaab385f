"""Documents drafted from a rule set: right ones, and ones whose every mistake is known. Nothing here asks an evaluator.

A draft holds what is given alone. Where cases between parameters do not hold, it is changed until they do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol, TypeAlias

from isales_rules.model import Case, Check, Parameter, Reference, Test, pointer
from isales_rules.runtime import empty, midnight
from isales_rules.values import comparable, mistakes, number, passing
from isales_rules.vocabulary import KEYWORDS

Place: TypeAlias = tuple[Any, ...]
"""The way to a value: names and indexes."""

PATIENCE = 30
"""So many changes are made to a draft before it is given up."""


MOST_ENTRIES = 1000
"""Maximum length of a list that is made for its bound."""

ALL_ENTRIES = 100_000
"""Maximum number of entries that are made for a draft before it is given up; lists in lists are soon too large."""


class Chooser(Protocol):
    """Makes the choices that a draft leaves open."""

    def one(self, options: list[Any]) -> Any:
        """Choose one of the options, of which the first is the simplest."""

    def value(self, parameter: Parameter) -> Any:
        """Choose a value of a scalar parameter that keeps its rules. Raises `StuckError` where there is none."""


class StuckError(Exception):
    """No document is found that does what is asked of it."""


class Goal(NamedTuple):
    """A case that is to be broken in the object at a place, and which of the things that follow from it; `None`: any."""

    case: Case
    place: Place
    number: int | None = None

    def is_of(self, case: Case, place: Place) -> bool:
        return case is self.case and place == self.place


class Draft:
    """A document in the making. `facts` are what is stated, in comparable form."""

    def __init__(self, root: Parameter, chooser: Chooser) -> None:
        self.root = root
        self.chooser = chooser
        self.facts: Mapping[str, Any] = {}
        self.pinned: set[Place] = set()
        self.wrong: dict[Place, list[Check]] = {}
        self.entries_left = ALL_ENTRIES
        self.document: Any = self.build(root)

    # Values

    def build(self, parameter: Parameter) -> Any:
        """Make a value that keeps the rules of a parameter and of everything inside it."""
        if parameter.type == "dict":
            members = parameter.members.values()
            return {one.name: self.build(one) for one in members if one.row.get("required") or self.chooser.one([False, True])}
        if parameter.type == "list":
            most = parameter.row.get("maxitems", 2)
            most = 2 if most > MOST_ENTRIES else most
            return self.entries(parameter, self.chooser.one(sorted({0, min(1, most), most})))
        return self.chooser.value(parameter)

    def entries(self, parameter: Parameter, count: int) -> list[Any]:
        """Make `count` entries of a list. Raises `StuckError` if that is too many."""
        self.entries_left -= count
        if count > MOST_ENTRIES + 1 or self.entries_left < 0:
            raise StuckError
        return [self.build(parameter.entry) if parameter.entry else None for _ in range(count)]

    def value(self, place: Place) -> Any:
        """Return what stands at a place: `None` where nothing is given."""
        value = self.document
        for step in place:
            if isinstance(value, dict):
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                return None
        return None if empty(value) else value

    def put(self, place: Place, value: Any) -> None:
        """Put a value at a place; `None` takes away what stands there."""
        if not place:
            self.document = value
            return
        around = self.value(place[:-1])
        if value is None and isinstance(around, dict):
            around.pop(place[-1], None)
        else:
            around[place[-1]] = value

    def each(self, parameter: Parameter | None = None, place: Place = ()) -> Iterator[tuple[Parameter, Place]]:
        """Go through the parameters that could be given where they stand: those that are, and the members of the objects that are."""
        parameter = parameter or self.root
        yield parameter, place
        value = self.value(place)
        if isinstance(value, dict):
            for member in parameter.members.values():
                yield from self.each(member, (*place, member.name))
        elif isinstance(value, list) and parameter.entry is not None:
            for index in range(len(value)):
                yield from self.each(parameter.entry, (*place, index))

    # Cases between parameters

    def cases(self) -> Iterator[tuple[Case, Place]]:
        """Go through the cases of the objects that are given."""
        for parameter, place in self.each():
            if parameter.closed and isinstance(self.value(place), dict):
                yield from ((case, place) for case in parameter.cases)

    def broken(self, case: Case, place: Place) -> list[tuple[Place, Check]]:
        """List what a case of the object at a place finds wrong."""
        if not case.needs <= self.facts.keys() or (case.when and not any(self.all_hold(tests, place) for tests in case.when)):
            return []
        if any(KEYWORDS[name].broken(self.facts[fact], argument) for fact, name, argument in case.facts):
            return []
        if case.together:
            here, there = ((*place, test.chain[0].name) for test in case.together)
            sides = ((here, there, case.together[0]), (there, here, case.together[1]))
            return [(one, test.check) for one, other, test in sides if self.value(one) is None and self.value(other) is not None]
        if case.then:
            return [(way_of(test, place), test.check) for test in case.then if self.holds(test, place) is False]
        return [(place if case.check.kind.shown == "nothing" else (*place, case.at.name), case.check)]

    def all_hold(self, tests: tuple[Test, ...], place: Place) -> bool:
        return all(self.holds(test, place) is True for test in tests)

    def holds(self, test: Test, place: Place) -> bool | None:
        """Say whether a test holds: `None` where it cannot be put."""
        way = way_of(test, place)
        if not all(isinstance(self.value(way[:-steps]), dict) for steps in range(1, len(test.chain))):
            return None
        value = self.value(way)
        if test.keyword.reads == "given":
            return (value is not None) is (test.name == "required")
        if value is None or way in self.wrong:
            return None
        if not isinstance(test.argument, Reference):
            return not test.keyword.broken(number(test.chain[-1], value), test.argument)
        bound = self.bound(test.argument, way)
        return None if bound is None else not test.keyword.broken(comparable(test.chain[-1], value), bound)

    def bound(self, reference: Reference, way: Place) -> Any:
        """Give what a value at `way` is compared with: `None` where that is not known."""
        if reference.fact is not None:
            value = self.facts.get(reference.fact)
        else:
            there = _target(reference, way)
            value = None if there in self.wrong else self.value(there)
            value = None if value is None else comparable(reference.chain[-1], value)
        if value is None:
            return None
        value = midnight(value) if reference.floor else value
        return value + reference.plus if reference.plus else value

    # Changing it until it is as it should be

    def settle(self, goal: Goal | None = None, *, advisories: bool = False) -> None:
        """Change the draft until all cases hold that could give an error, or an advisory too, but for a goal, which is broken instead.

        Raises `StuckError` where no way to do that is found.
        """
        for _ in range(PATIENCE // 3 if advisories else PATIENCE):
            cases = ((case, place) for case, place in self.cases() if advisories or case.check.code is not None)
            broken = next((one for one in cases if not (goal and goal.is_of(*one)) and self.broken(*one)), None)
            if broken is not None:
                self.repair(*broken)
            elif goal is None or self.broken(goal.case, goal.place):
                return
            else:
                self.provoke(goal)
        raise StuckError

    def provoke(self, goal: Goal) -> None:
        """Break a case: let everything be that it follows from, and something not be that follows."""
        case, place, number = goal
        if case.together:
            missing, given = (test.chain[0] for test in (self.turned(list(case.together)) if number is None else case.together[:: 1 - 2 * number]))
            if self.value((*place, given.name)) is None:
                self.put((*place, given.name), self.build(given))
            if not self.give(missing, (*place, missing.name), wanted=False):
                raise StuckError
            return
        alternatives = self.turned(list(case.when))
        if alternatives and not all(self.make(test, place, True) for test in alternatives[0]):
            raise StuckError
        follows = self.turned(list(case.then)) if number is None else case.then[number : number + 1]
        if follows and not any(self.make(test, place, False) for test in follows):
            raise StuckError

    def repair(self, case: Case, place: Place) -> None:
        """Make a case hold: what follows from it first, else what it follows from."""
        if case.together:
            missing, given = sorted((test.chain[0] for test in case.together), key=lambda one: self.value((*place, one.name)) is not None)
            if self.chooser.one([True, False]) or not self.give(given, (*place, given.name), wanted=False):
                self.put((*place, missing.name), self.build(missing))
            return
        follows = [test for test in case.then if self.holds(test, place) is False]
        if follows and all(self.make(test, place, True) for test in follows):
            return
        for tests in case.when:
            if self.all_hold(tests, place) and not any(self.make(test, place, False) for test in self.turned(list(tests))):
                raise StuckError

    def turned(self, options: list[Any]) -> list[Any]:
        """Let the first of some options be chosen; the others follow."""
        first = self.chooser.one(list(range(len(options)))) if len(options) > 1 else 0
        return options[first:] + options[:first]

    def make(self, test: Test, place: Place, wanted: bool) -> bool:
        """Make a test hold, or fail; say whether that worked."""
        way = way_of(test, place)
        self.hold(test.chain, way)
        if self.holds(test, place) is wanted:
            return True
        parameter = test.chain[-1]
        if test.keyword.reads == "given":
            return self.give(parameter, way, (test.name == "required") is wanted)

        def done() -> bool:
            return self.holds(test, place) is wanted

        if not isinstance(test.argument, Reference):
            return self.search(parameter, way, {test.name: test.argument}, [], done)
        return self.compare(parameter, test.argument, way, done)

    def hold(self, chain: tuple[Parameter, ...], way: Place) -> None:
        """Let the objects be there that the last of a chain stands in."""
        for steps, container in zip(range(len(chain) - 1, 0, -1), chain[:-1], strict=True):
            if not isinstance(self.value(way[:-steps]), dict):
                self.put(way[:-steps], self.build(container))

    def give(self, parameter: Parameter, way: Place, wanted: bool) -> bool:
        """Let a parameter be given, or not; say whether that worked."""
        if way in self.pinned or (not wanted and parameter.row.get("required")):
            return False
        self.put(way, self.build(parameter) if wanted else None)
        return True

    def compare(self, parameter: Parameter, reference: Reference, way: Place, done: Callable[[], bool]) -> bool:
        """Make a comparison come out as wanted, by the value that is compared, or by the one that sets the bound."""
        there = _target(reference, way) if reference.chain else None
        if there is not None and self.value(there) is None:
            self.hold(reference.chain, there)
            self.put(there, self.build(reference.chain[-1]))
        if self.value(way) is None:
            self.put(way, self.build(parameter))
        bound = self.bound(reference, way)
        if bound is None:  # a fact that is not stated
            return False
        near = list(bound) if isinstance(bound, frozenset) else [bound]
        if done() or self.search(parameter, way, None, near, done):
            return True
        if there is None:
            return False
        own = comparable(parameter, self.value(way))
        return self.search(reference.chain[-1], there, None, [own - reference.plus if reference.plus else own], done)

    def search(self, parameter: Parameter, way: Place, asked: Mapping[str, Any] | None, near: list[Any], done: Callable[[], bool]) -> bool:
        """Try values for a parameter until one does; say whether one did."""
        before = self.value(way)
        for value in () if way in self.pinned else self.tries(parameter, asked, near):
            self.put(way, value)
            if done():
                return True
        self.put(way, before)
        return False

    def tries(self, parameter: Parameter, asked: Mapping[str, Any] | None, near: list[Any]) -> list[Any]:
        if parameter.type != "list":
            return passing(parameter, near, asked)
        lists = [self.entries(parameter, count) for most in (asked or {}).values() for count in (most, most + 1)]
        return [one for one in lists if not mistakes(parameter, one)]

    # Mistakes

    def spoil(self, place: Place, value: Any, broken: list[Check]) -> None:
        """Put a wrong value, or none, at a place, and note what is wrong with it."""
        self.wrong = {where: checks for where, checks in self.wrong.items() if where[: len(place)] != place}
        self.put(place, value)
        if broken:
            self.wrong[place] = broken

    def found(self) -> list[tuple[str, Check]]:
        """List everything that is wrong with the draft, by its path."""
        own = [(place, check) for place, checks in self.wrong.items() for check in checks]
        between = [one for case, place in self.cases() for one in self.broken(case, place)]
        return [(pointer(str(step) for step in place), check) for place, check in (*own, *between)]


def way_of(test: Test, place: Place) -> Place:
    """Give the way to what a test of a case of the object at a place looks at."""
    return (*place, *(one.name for one in test.chain))


def _target(reference: Reference, way: Place) -> Place:
    return reference.chain[-1].path if reference.absolute else (*way[:-1], *(one.name for one in reference.chain))


def undocument(draft: Draft, parameter: Parameter, place: Place, names: list[str]) -> list[tuple[str, Check]]:
    """Give an object parameters that its table does not have, and list what is then wrong with it."""
    members = draft.value(place)
    names = [name for name in names if name not in parameter.members]
    members.update(dict.fromkeys(names))
    if parameter.row.get("allow_unknown"):
        return []
    if len(members) > len(parameter.members):
        return [(pointer(map(str, place)), parameter.checks["crowded"])]
    return [(pointer(map(str, (*place, name))), parameter.checks["undocumented"]) for name in names]
