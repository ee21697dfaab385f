"""Examples of a rule set: for every rule, minimal documents that just obey and just violate it.

They are deterministic, and computed without an engine.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from itertools import chain, islice, pairwise, tee
from typing import Any

from isales_rules._text import quote
from isales_rules.engine.semantics import assertion_path, to_comparable
from isales_rules.language.model import COLLECTIONS, PARTS, REQUEST, Bound, Clause, Parameter, Rule
from isales_rules.ruleset import RuleSet
from isales_rules.testing.boundary_values import (
    invalid_values,
    lengths,
    valid_values,
    violated_keywords,
)
from isales_rules.testing.builder import (
    DocumentBuilder,
    DocumentPath,
    Target,
    Unsatisfiable,
    add_unknown_members,
)

MAX_ATTEMPTS = 8
"""Maximum number of ways that are tried to build a document for an example."""

MAX_FACTS = 24
"""Maximum number of facts, or combinations of facts, that are tried for an example."""


class _First:
    """Make every choice by number.

    Number 0 takes the first option of each, which is the simplest.
    """

    def __init__(self, variation: int) -> None:
        self._left = variation

    def one(self, options: list[Any]) -> Any:
        self._left, number = divmod(self._left, len(options))
        return options[number]

    def value(self, parameter: Parameter) -> Any:
        values = valid_values(parameter)
        if not values:
            raise Unsatisfiable
        return self.one(values)


MAX_PARAMETERS = 8
"""Maximum number of parameters whose cases are generated for one rule."""


def examples(rules: RuleSet, rule: str | None = None) -> Iterator[dict[str, Any]]:
    """Go through the cases of a rule set, in its order.

    Or through those of the first parameters that have a rule, and of their members.

    Each has a `name`, a document under the name of its part (`body`, `path`, `headers`, or
    `request` for all three), the `facts` to state where a rule needs them, the errors to `expect`
    as `[path, code]`, and the advisories under `warn` as `[path, rule]`, both sorted. Paths are
    JSON Pointers into the document. `breaks` has the ids of the rules that are broken, each once.
    """
    for part in reversed(PARTS):
        root = rules.root(part)
        places = _ways(root, ())
        if rule is not None:
            places = islice(
                (
                    (one, way)
                    for one, way in places
                    if any(_has(near, rule) for near in (one, *way[-1:]))
                ),
                MAX_PARAMETERS,
            )
        for parameter, way in places:
            drafts = _Drafts(_drafted(root, (*way, parameter)))
            yield from _values(part, parameter, drafts)
            if parameter.has_members:
                yield from _unknown_members(part, parameter, drafts)
            if parameter.clauses:
                others = _Drafts(
                    other
                    for draft, place in drafts.first()
                    for other in _others(parameter, draft, place)
                )
                for case in parameter.clauses:
                    yield from _case(part, rules.facts, case, drafts, others)
    root = rules.root(REQUEST)
    drafts = _Drafts(_drafted(root, (root,)))
    for draft, _ in drafts.first():
        yield _example(REQUEST, "", "complete", draft)
    yield from _values(REQUEST, root, drafts)
    yield from _unknown_members(REQUEST, root, drafts)


def _has(parameter: Parameter, rule: str) -> bool:
    return any(check.id == rule for check in parameter.rules.values()) or any(
        case.rule_id == rule for case in parameter.clauses
    )


class _Drafts:
    """Documents with the path of their parameter, built on demand and once."""

    def __init__(self, drafts: Iterable[tuple[DocumentBuilder, DocumentPath]]) -> None:
        (self._kept,) = tee(drafts, 1)

    def __iter__(self) -> Iterator[tuple[DocumentBuilder, DocumentPath]]:
        return copy.copy(self._kept)

    def first(self) -> Iterator[tuple[DocumentBuilder, DocumentPath]]:
        return islice(self, 1)


def _ways(
    parameter: Parameter, way: tuple[Parameter, ...]
) -> Iterator[tuple[Parameter, tuple[Parameter, ...]]]:
    """Yield all parameters, each with those that contain it."""
    yield parameter, way
    for inner in parameter.children():
        yield from _ways(inner, (*way, parameter))


def _drafted(
    root: Parameter, way: tuple[Parameter, ...]
) -> Iterator[tuple[DocumentBuilder, DocumentPath]]:
    """Yield minimal documents that have the last parameter of *way*.

    If no value of it is valid, the documents do not have it.
    """
    given = False
    for variation in range(MAX_ATTEMPTS):
        with suppress(Unsatisfiable):
            draft = DocumentBuilder(root, _First(variation))
            place = _reach(draft, way)
            draft = _settled(draft)
            given = True
            if draft.violations():
                yield from islice(_others(way[-1], draft, place), 1)
            yield draft, place
    if not given and len(way) > 1 and way[-2].has_members and not way[-1].children():
        yield from ((draft, (*place, way[-1].name)) for draft, place in _drafted(root, way[:-1]))


def _others(
    parameter: Parameter, draft: DocumentBuilder, place: DocumentPath
) -> Iterator[tuple[DocumentBuilder, DocumentPath]]:
    """Yield documents without warnings, one for each value and each condition of a clause."""
    for decided in _decided(parameter, draft, place):
        with suppress(Unsatisfiable):
            decided.solve(advisories=True)
            yield decided, place


def _decided(
    parameter: Parameter, draft: DocumentBuilder, place: DocumentPath
) -> Iterator[DocumentBuilder]:
    for value in valid_values(parameter):
        decided = _copied(draft)
        decided.put(place, value)
        yield decided
    for case, there in draft.clauses():
        for test in chain.from_iterable(case.when):
            decided = _copied(draft)
            with suppress(Unsatisfiable):
                if decided.force(test, there, True):
                    decided.pinned = {*draft.pinned, assertion_path(test, there)}
                    yield decided


def _reach(draft: DocumentBuilder, way: tuple[Parameter, ...]) -> DocumentPath:
    """Add the last parameter of *way*, pin it, and return its path."""
    place: DocumentPath = ()
    for outer, inner in pairwise(way):
        place = (*place, 0 if outer.type == "list" else inner.name)
        if draft.value(place) is None:
            new = draft.build(inner)
            draft.put(*(place, new) if outer.type == "dict" else (place[:-1], [new]))
        if outer.type == "list" and violated_keywords(outer, draft.value(place[:-1])):
            raise Unsatisfiable
        draft.pinned.add(place)
    return place


def _copied(draft: DocumentBuilder) -> DocumentBuilder:
    draft = copy.copy(draft)
    draft.document = copy.deepcopy(draft.document)
    return draft


def _settled(draft: DocumentBuilder) -> DocumentBuilder:
    """Return a document whose clauses hold, without warnings if that is possible."""
    without_warnings = _copied(draft)
    try:
        without_warnings.solve(advisories=True)
    except Unsatisfiable:
        draft.solve()
        return draft
    return without_warnings


def _with(draft: DocumentBuilder, place: DocumentPath, value: Any) -> DocumentBuilder | None:
    """Return a copy with a value whose clauses hold, or `None`."""
    draft = _copied(draft)
    draft.put(place, value)
    draft.pinned = {*draft.pinned, place}
    try:
        return _settled(draft)
    except Unsatisfiable:
        return None


def _values(part: str, parameter: Parameter, drafts: _Drafts) -> Iterator[dict[str, Any]]:
    """Yield an example for each boundary value of a parameter, and for a missing one."""
    for value in valid_values(parameter):
        right = next(
            (found for draft, place in drafts if (found := _with(draft, place, value))), None
        )
        if right is not None:
            yield _example(part, parameter.rules["type"].pointer, _shown(value), right)
    for draft, place in drafts.first():
        if parameter.definition.get("coerce") == "json":
            yield _as_text(part, parameter, draft)
        broken = [*invalid_values(parameter), *_invalid_lists(draft, parameter)]
        for value, names in broken:
            checks = [parameter.rules[name] for name in names]
            yield _example(
                part,
                checks[0].pointer,
                f"{_shown(value)}, {' and '.join(names)}",
                _spoilt(draft, place, value, checks),
            )
        yield from _repeated(part, parameter, draft, place)
        missing = [parameter.rules["required"]] if parameter.definition.get("required") else []
        hows: list[dict[str, Any]] = [{"": None}] if parameter.is_part else [{"": None}, {"": ""}]
        for how in [{}, *hows] if place and isinstance(place[-1], str) else hows:
            less = _spoilt(draft, place, None, missing)
            if how and place:
                less.value(place[:-1])[place[-1]] = how[""]
            elif how:
                less.document = how[""]
            name = f"{_shown(how['']) if how else 'left out'}{', required' if missing else ''}"
            yield _example(part, parameter.rules["type"].pointer, name, less)


def _invalid_lists(
    draft: DocumentBuilder, parameter: Parameter
) -> Iterator[tuple[list[Any], list[str]]]:
    """Yield lists of valid entries that violate keywords of the list, with those keywords."""
    for count, violated in lengths(parameter).items() if parameter.type == "list" else ():
        with suppress(Unsatisfiable):
            if violated:
                yield draft.items(parameter, count), violated


def _as_text(part: str, parameter: Parameter, draft: DocumentBuilder) -> dict[str, Any]:
    """Return an example of an object or a list as JSON text."""
    draft = _copied(draft)
    example = _example(part, parameter.rules["type"].pointer, "JSON text", draft)
    for nested in draft.nested():
        draft.put(nested, json.dumps(draft.value(nested)))
    return {**example, part: draft.document}


def _repeated(
    part: str, parameter: Parameter, draft: DocumentBuilder, place: DocumentPath
) -> Iterator[dict[str, Any]]:
    """Yield an example of a list with an entry equal to an earlier one."""
    if parameter.unique:
        draft = _copied(draft)
        with suppress(Unsatisfiable):
            draft.put(
                place, draft.items(parameter, max(2, parameter.definition.get("minitems", 0)))
            )
            draft.repeat_entry(parameter, place)
            yield _example(part, parameter.rules["unique"].pointer, "unique", draft)


def _spoilt(
    draft: DocumentBuilder, place: DocumentPath, value: Any, broken: list[Rule]
) -> DocumentBuilder:
    draft = _copied(draft)
    draft.corrupt(place, value, broken)
    return draft


def _unknown_members(part: str, parameter: Parameter, drafts: _Drafts) -> Iterator[dict[str, Any]]:
    """Yield examples of an object with one unknown member, and with too many members."""
    for draft, place in drafts.first():
        for count in dict.fromkeys((1, len(parameter.members) + 1)):
            more = _copied(draft)
            if count == 1 and len(more.value(place)) == len(parameter.members) > 0:
                last = [*parameter.members.values()][-1]
                more.corrupt(
                    (*place, last.name),
                    None,
                    [last.rules["required"]] if last.definition.get("required") else [],
                )
            found = add_unknown_members(
                more, parameter, place, [f"undocumented{number}" for number in range(1, count + 1)]
            )
            yield _example(
                part, parameter.rules["type"].pointer, f"{count} undocumented", more, found
            )


def _case(
    part: str, facts: Mapping[str, Any], case: Clause, drafts: _Drafts, others: _Drafts
) -> Iterator[dict[str, Any]]:
    """Yield examples of a clause: violated, satisfied, and not applicable.

    Each assertion of `then` has its own.
    """

    def tried() -> Iterator[tuple[DocumentBuilder, DocumentPath, bool]]:
        yield from ((*one, True) for one in drafts)
        yield from ((*one, True) for one in others)
        yield from ((*one, False) for one in drafts)

    for number, test in enumerate(case.then or case.required_together or (None,)):
        check = test.rule if test else case.rule
        for wanted in (_broken, _kept, _off):
            for stated in _stated(case, facts):
                brought = (
                    _attempt(
                        wanted,
                        _copied(draft),
                        stated,
                        Target(case, place, number),
                        without_warnings,
                    )
                    for draft, place, without_warnings in tried()
                )
                found = next((draft for draft in brought if draft is not None), None)
                if found is not None:
                    yield _example(part, check.pointer, f"{case.rule_id}, {_WANTED[wanted]}", found)
                    break


def _attempt(
    wanted: Callable[[DocumentBuilder, Target, bool], bool],
    draft: DocumentBuilder,
    facts: Mapping[str, Any],
    goal: Target,
    without_warnings: bool,
) -> DocumentBuilder | None:
    draft.facts = facts
    try:
        return draft if wanted(draft, goal, without_warnings) else None
    except Unsatisfiable:
        return None


def _broken(draft: DocumentBuilder, goal: Target, without_warnings: bool) -> bool:
    draft.solve(goal, advisories=without_warnings)
    return True


def _kept(draft: DocumentBuilder, goal: Target, without_warnings: bool) -> bool:
    case, place, number = goal
    if not (case.then or case.required_together or case.facts) or not all(
        draft.force(test, place, True) for test in (case.when or ((),))[0]
    ):
        return False
    follows = case.required_together or case.then[number : (number or 0) + 1]
    if not all(draft.force(test, place, True) for test in follows):
        return False
    draft.solve(advisories=without_warnings)
    return not draft.violations_of(case, place) and (
        not case.when or any(draft.all_hold(tests, place) for tests in case.when)
    )


def _off(draft: DocumentBuilder, goal: Target, without_warnings: bool) -> bool:
    case, place, number = goal
    if (
        not case.when
        or number
        or not all(any(draft.force(test, place, False) for test in tests) for tests in case.when)
    ):
        return False
    draft.solve(advisories=without_warnings)
    return not any(draft.all_hold(tests, place) for tests in case.when)


_WANTED = {_broken: "broken", _kept: "kept", _off: "of no concern"}


def _stated(case: Clause, facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return facts to try for a clause: values of its parameters, and those next to them."""
    stated: list[dict[str, Any]] = [{}]
    tests = [*case.then, *(test for tests in case.when for test in tests)]
    for fact in sorted(case.required_facts):
        marks: list[Any] = []
        for test in tests:
            if isinstance(test.argument, Bound) and test.argument.fact == fact:
                near = _comparable_values(test.chain[-1], test.argument.formats)
                # Where the beginning of a day is the bound, its end is stated, for only then it
                # matters that the beginning is taken.
                marks += (
                    [moment.replace(hour=23, minute=59, second=59) for moment in near]
                    if test.argument.floor
                    else near
                )
        kind = facts[fact]["type"]
        if kind == "boolean":
            marks = [False, True]
        elif kind in COLLECTIONS:
            marks = [frozenset(), *(frozenset([mark]) for mark in marks)]
        elif kind == "integer":
            marks += [
                argument
                for name, _, options in case.facts
                if name == fact
                for argument in (options if isinstance(options, list) else [options])
            ]
            marks += [mark + step for mark in marks for step in (1, -1)]
        stated = [{**one, fact: mark} for one in stated for mark in marks][:MAX_FACTS]
    return stated


def _comparable_values(parameter: Parameter, formats: tuple[str, ...]) -> list[Any]:
    asked = {"format": formats} if formats else None
    values = [
        to_comparable(parameter, value, formats) for value in valid_values(parameter, (), asked)
    ]
    return [value for value in values if value is not None]


def _example(
    part: str,
    path: str,
    what: str,
    draft: DocumentBuilder,
    more: list[tuple[str, Rule]] | None = None,
) -> dict[str, Any]:
    found = [*draft.violations(), *(more or [])]
    case: dict[str, Any] = {"name": f"/{part}{path}: {what}", part: draft.document}
    if draft.facts:
        case["facts"] = {fact: _plain(value) for fact, value in draft.facts.items()}
    case["expect"] = sorted([path, check.code] for path, check in found if check.code is not None)
    case["warn"] = sorted([path, check.id] for path, check in found if check.code is None)
    case["breaks"] = sorted({check.id for _, check in found})
    return case


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    return value.isoformat() if isinstance(value, datetime) else value


def _shown(value: Any) -> str:
    return quote(value) if isinstance(value, str) else json.dumps(value)[:60]
