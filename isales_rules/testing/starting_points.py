"""Documents that examples start from: minimal, and valid as far as that is possible."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain as chained
from itertools import islice, pairwise, tee
from typing import Any, TypeAlias

from isales_rules.engine.semantics import DocumentPath, assertion_path
from isales_rules.language.model import Parameter
from isales_rules.testing.boundary_values import valid_values, violated_keywords
from isales_rules.testing.builder import DocumentBuilder, Picker, Unsatisfiable

MAX_ATTEMPTS = 8
"""Maximum number of variations that are tried to build a document."""

Start: TypeAlias = tuple[DocumentBuilder, DocumentPath]
"""A document, and the path of the parameter that it was built for."""


class NumberedPicker(Picker):
    """Make every choice by a number; 0 takes the first option of each, which is the simplest."""

    def __init__(self, number: int) -> None:
        self._left = number

    def one(self, options: list[Any]) -> Any:
        self._left, index = divmod(self._left, len(options))
        return options[index]


class StartingPoints:
    """Documents that are built on demand and once."""

    def __init__(self, starts: Iterable[Start]) -> None:
        (self._starts,) = tee(starts, 1)

    def __iter__(self) -> Iterator[Start]:
        return copy.copy(self._starts)

    def first(self) -> Iterator[Start]:
        return islice(self, 1)


def starting_points(root: Parameter, chain: tuple[Parameter, ...]) -> StartingPoints:
    """Return minimal documents that have the last parameter of *chain*.

    If no value of it is valid, the documents do not have it.
    """
    return StartingPoints(_minimal(root, chain))


def without_warnings(parameter: Parameter, points: StartingPoints) -> StartingPoints:
    """Return documents without warnings for each value and condition of the first document."""
    return StartingPoints(
        other for document, path in points.first() for other in _variants(parameter, document, path)
    )


def _minimal(root: Parameter, chain: tuple[Parameter, ...]) -> Iterator[Start]:
    parameter, parents = chain[-1], chain[:-1]
    found = False
    for number in range(MAX_ATTEMPTS):
        with suppress(Unsatisfiable):
            document = DocumentBuilder(root, NumberedPicker(number))
            path = _reach(document, chain)
            document = solved(document)
            found = True
            if document.violations():
                yield from islice(_variants(parameter, document, path), 1)
            yield document, path
    if not found and parents and parents[-1].has_members and not parameter.children():
        for document, path in _minimal(root, parents):
            yield document, (*path, parameter.name)


def _variants(
    parameter: Parameter, document: DocumentBuilder, path: DocumentPath
) -> Iterator[Start]:
    """Yield documents without warnings, one for each value and each condition of a clause."""
    for variant in chained(_with_values(parameter, document, path), _with_conditions(document)):
        with suppress(Unsatisfiable):
            variant.solve(warnings=True)
            yield variant, path


def _with_values(
    parameter: Parameter, document: DocumentBuilder, path: DocumentPath
) -> Iterator[DocumentBuilder]:
    for value in valid_values(parameter):
        variant = document.copy()
        variant.put(path, value)
        yield variant


def _with_conditions(document: DocumentBuilder) -> Iterator[DocumentBuilder]:
    for clause, owner in document.clauses():
        for assertion in chained.from_iterable(clause.when):
            variant = document.copy()
            with suppress(Unsatisfiable):
                if variant.force(assertion, owner, True):
                    variant.pinned = {*document.pinned, assertion_path(assertion, owner)}
                    yield variant


def _reach(document: DocumentBuilder, chain: tuple[Parameter, ...]) -> DocumentPath:
    """Add the last parameter of *chain*, pin it and its parents, and return its path."""
    path: DocumentPath = ()
    for outer, inner in pairwise(chain):
        is_list = outer.type == "list"
        path = (*path, 0 if is_list else inner.name)
        if document.value(path) is None:
            value = document.build(inner)
            document.put(*(path[:-1], [value]) if is_list else (path, value))
        if is_list and violated_keywords(outer, document.value(path[:-1])):
            raise Unsatisfiable
        document.pinned.add(path)
    return path


def solved(document: DocumentBuilder) -> DocumentBuilder:
    """Return a document whose clauses hold, without warnings if that is possible.

    Raises `Unsatisfiable` if it is not found to be possible at all.
    """
    quiet = document.copy()
    try:
        quiet.solve(warnings=True)
    except Unsatisfiable:
        document.solve()
        return document
    return quiet


def with_value(document: DocumentBuilder, path: DocumentPath, value: Any) -> DocumentBuilder | None:
    """Return a copy with a value whose clauses hold, or `None`."""
    changed = document.copy()
    changed.put(path, value)
    changed.pinned = {*document.pinned, path}
    try:
        return solved(changed)
    except Unsatisfiable:
        return None
