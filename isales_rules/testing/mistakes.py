"""Mistakes in documents, with the errors that they cause."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from hypothesis import reject
from hypothesis import strategies as st

from isales_rules.engine.semantics import DocumentPath
from isales_rules.language.model import OBJECT_RULES, Clause, Parameter, Rule
from isales_rules.testing.boundary_values import invalid_values
from isales_rules.testing.builder import DocumentBuilder, Target, Unsatisfiable
from isales_rules.testing.selection import Selects, clause_rules

NAMES = st.text(min_size=1)
"""Names of parameters that are not documented."""


def make_mistakes(
    document: DocumentBuilder, draw: st.DrawFn, selects: Selects
) -> Callable[[], list[tuple[str, Rule]]]:
    """Make one to three mistakes that violate selected rules.

    Returns the last step, which adds unknown members and returns their violations: nothing else may
    change the document after it.
    """
    possible = _mistakes(document, selects)
    if not possible:
        reject()
    kinds = draw(st.lists(st.sampled_from(possible), min_size=1, max_size=3))
    for make in (_violate_clause, _repeat_item, _corrupt, _remove):
        for _ in range(kinds.count(make)):
            make(document, draw, selects)
    return lambda: _add_unknown(document, draw, selects) if _add_unknown in kinds else []


def any_of(options: list[Any]) -> st.SearchStrategy[Any]:
    """Draw one of some options; without options nothing is drawn."""
    return st.sampled_from(options) if options else st.nothing()


def _mistakes(document: DocumentBuilder, selects: Selects) -> list[Any]:
    """Return the functions that make a mistake in a document, simplest first."""
    places: dict[Any, Callable[[DocumentBuilder, Selects], Any]] = {
        _corrupt: _corruptible,
        _add_unknown: _objects,
        _repeat_item: _unique_lists,
        _remove: _required,
        _violate_clause: _violable,
    }
    return [make for make, found in places.items() if found(document, selects)]


def _corrupt(document: DocumentBuilder, draw: st.DrawFn, selects: Selects) -> None:
    """Set an invalid value.

    The keyword is drawn first, since some keywords have few parameters.
    """
    by_keyword = _corruptible(document, selects)
    name = draw(any_of(list(by_keyword)))
    parameter, path = draw(st.sampled_from(by_keyword[name]))
    value, names = draw(st.sampled_from(_selected_values(parameter, name, selects)))
    document.corrupt(path, copy.copy(value), [parameter.rules[name] for name in names])


def _corruptible(
    document: DocumentBuilder, selects: Selects
) -> dict[str, list[tuple[Parameter, DocumentPath]]]:
    """Return the parameters that can have an invalid value, by the keyword that it violates."""
    by_keyword: dict[str, list[tuple[Parameter, DocumentPath]]] = {}
    for parameter, path in document.each():
        for name in _invalid_values(parameter):
            if _selected_values(parameter, name, selects):
                by_keyword.setdefault(name, []).append((parameter, path))
    return by_keyword


def _selected_values(
    parameter: Parameter, name: str, selects: Selects
) -> list[tuple[Any, list[str]]]:
    """Return the values that violate a keyword first, and only selected rules."""
    return [
        (value, names)
        for value, names in _invalid_values(parameter)[name]
        if all(selects(parameter.rules[one]) for one in names)
    ]


@lru_cache(10_000)
def _invalid_values(parameter: Parameter) -> dict[str, list[tuple[Any, list[str]]]]:
    """Return the invalid values of a parameter by the first keyword that each violates."""
    found: dict[str, list[tuple[Any, list[str]]]] = {}
    for value, names in invalid_values(parameter):
        found.setdefault(names[0], []).append((value, names))
    return found


def _remove(document: DocumentBuilder, draw: st.DrawFn, selects: Selects) -> None:
    parameter, path = draw(any_of(_required(document, selects)))
    document.corrupt(path, None, [parameter.rules["required"]])


def _required(document: DocumentBuilder, selects: Selects) -> list[tuple[Parameter, DocumentPath]]:
    return [
        (parameter, path)
        for parameter, path in document.each()
        if parameter.definition.get("required") and selects(parameter.rules["required"])
    ]


def _repeat_item(document: DocumentBuilder, draw: st.DrawFn, selects: Selects) -> None:
    parameter, path = draw(any_of(_unique_lists(document, selects)))
    try:
        document.repeat_item(parameter, path)
    except Unsatisfiable:
        reject()


def _unique_lists(
    document: DocumentBuilder, selects: Selects
) -> list[tuple[Parameter, DocumentPath]]:
    return [
        (parameter, path)
        for parameter, path in document.each()
        if parameter.unique and document.value(path) and selects(parameter.rules["unique"])
    ]


def _violate_clause(document: DocumentBuilder, draw: st.DrawFn, selects: Selects) -> None:
    clause, path = draw(any_of(_violable(document, selects)))
    try:
        document.solve(Target(clause, path))
    except Unsatisfiable:
        reject()


def _violable(document: DocumentBuilder, selects: Selects) -> list[tuple[Clause, DocumentPath]]:
    return [
        (clause, path)
        for clause, path in document.clauses()
        if not clause.required_facts and clause.rule.severity == "error"
        if any(map(selects, clause_rules(clause)))
    ]


def _objects(document: DocumentBuilder, selects: Selects) -> list[tuple[Parameter, DocumentPath]]:
    """Return the objects that may get an unknown member: a violation, or allowed."""
    found = []
    for parameter, path in document.each():
        if parameter.has_members and isinstance(document.value(path), dict):
            rules = [parameter.rules[name] for name in OBJECT_RULES[:2] if name in parameter.rules]
            if not rules or any(map(selects, rules)):
                found.append((parameter, path))
    return found


def _add_unknown(
    document: DocumentBuilder, draw: st.DrawFn, selects: Selects
) -> list[tuple[str, Rule]]:
    """Add an unknown member, or enough that the object has too many."""
    objects = _objects(document, selects)
    if not objects:
        return []
    parameter, path = draw(st.sampled_from(objects))
    room = len(parameter.members) - len(document.value(path))
    least, most = 1, len(parameter.members) + 1
    if "unknown-parameter" in parameter.rules:
        if not selects(parameter.rules["too-many-parameters"]):
            most = room
        if not selects(parameter.rules["unknown-parameter"]):
            least = room + 1
    if most < least:
        reject()
    names = draw(st.lists(NAMES, min_size=least, max_size=most, unique=True))
    return document.add_unknown_members(parameter, path, names)
