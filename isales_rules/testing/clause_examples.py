"""Examples of the clauses of rules between parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Any, TypeAlias

from isales_rules.engine import semantics
from isales_rules.engine.semantics import DocumentPath
from isales_rules.language.model import COLLECTIONS, Assertion, Bound, Clause, Rule
from isales_rules.testing.boundary_values import valid_values
from isales_rules.testing.builder import DocumentBuilder, Target, Unsatisfiable
from isales_rules.testing.starting_points import StartingPoints

MAX_FACTS = 24
"""Maximum number of facts, or combinations of facts, that are tried for an example."""

Outcome: TypeAlias = Callable[[DocumentBuilder, Target, bool], bool]
"""Change a document until a clause has an outcome in it; return whether that succeeded."""


def clause_examples(
    clause: Clause,
    declared: Mapping[str, Any],
    points: StartingPoints,
    quiet_points: StartingPoints,
) -> Iterator[tuple[Rule, str, DocumentBuilder]]:
    """Yield documents that violate a clause, that satisfy it, and to which it does not apply.

    Each assertion of `then` has its own. Yields the rule, the outcome and the document.
    """
    facts = _facts_to_state(clause, declared)
    for number, assertion in enumerate(clause.then or clause.required_together or (None,)):
        rule = assertion.rule if assertion else clause.rule
        for name, outcome in _OUTCOMES.items():
            attempts = (
                _attempt(outcome, document.copy(), stated, Target(clause, path, number), warnings)
                for stated in facts
                for document, path, warnings in _starts(points, quiet_points)
            )
            found = next((document for document in attempts if document is not None), None)
            if found is not None:
                yield rule, name, found


def _starts(
    points: StartingPoints, quiet_points: StartingPoints
) -> Iterator[tuple[DocumentBuilder, DocumentPath, bool]]:
    """Yield documents with their paths; first those in which clauses of warnings must hold, too."""
    yield from ((*one, True) for one in points)
    yield from ((*one, True) for one in quiet_points)
    yield from ((*one, False) for one in points)


def _attempt(
    outcome: Outcome,
    document: DocumentBuilder,
    facts: Mapping[str, Any],
    target: Target,
    warnings: bool,
) -> DocumentBuilder | None:
    document.facts = facts
    try:
        return document if outcome(document, target, warnings) else None
    except Unsatisfiable:
        return None


def _violated(document: DocumentBuilder, target: Target, warnings: bool) -> bool:
    document.solve(target, warnings=warnings)
    return True


def _satisfied(document: DocumentBuilder, target: Target, warnings: bool) -> bool:
    clause, path, number = target
    then = clause.required_together or clause.then[number : (number or 0) + 1]
    if not (then or clause.facts):
        return False
    first = clause.when[0] if clause.when else ()
    if not document.force_all(first, path) or not document.force_all(then, path):
        return False
    document.solve(warnings=warnings)
    return not document.violations_of(clause, path) and (
        not clause.when or _applies(document, clause, path)
    )


def _not_applicable(document: DocumentBuilder, target: Target, warnings: bool) -> bool:
    clause, path, number = target
    if not clause.when or number:
        return False
    for alternative in clause.when:
        if not any(document.force(assertion, path, False) for assertion in alternative):
            return False
    document.solve(warnings=warnings)
    return not _applies(document, clause, path)


def _applies(document: DocumentBuilder, clause: Clause, path: DocumentPath) -> bool:
    return any(semantics.all_hold(alternative, path, document) for alternative in clause.when)


_OUTCOMES: dict[str, Outcome] = {
    "violated": _violated,
    "satisfied": _satisfied,
    "not applicable": _not_applicable,
}


def _facts_to_state(clause: Clause, declared: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return facts to try for a clause: values of its parameters, and those next to them."""
    stated: list[dict[str, Any]] = [{}]
    for fact in sorted(clause.required_facts):
        values = _fact_values(clause, fact, declared[fact]["type"])
        stated = [{**one, fact: value} for one in stated for value in values][:MAX_FACTS]
    return stated


def _fact_values(clause: Clause, fact: str, fact_type: str) -> list[Any]:
    if fact_type == "boolean":
        return [False, True]
    values = [
        value
        for assertion in chain(clause.then, *clause.when)
        if isinstance(assertion.argument, Bound) and assertion.argument.fact == fact
        for value in _compared_values(assertion, assertion.argument)
    ]
    if fact_type in COLLECTIONS:
        return [frozenset(), *(frozenset([value]) for value in values)]
    if fact_type == "integer":
        values += _stated_arguments(clause, fact)
        values += [value + step for value in values for step in (1, -1)]
    return values


def _stated_arguments(clause: Clause, fact: str) -> list[Any]:
    """Return the values that the assertions about a fact have as arguments."""
    arguments = [argument for name, _, argument in clause.facts if name == fact]
    return [*chain.from_iterable(one if isinstance(one, list) else [one] for one in arguments)]


def _compared_values(assertion: Assertion, bound: Bound) -> list[Any]:
    """Return the valid values of a parameter as they are compared with a fact."""
    constraints = {"format": bound.formats} if bound.formats else None
    parameter = assertion.chain[-1]
    values = [
        semantics.to_comparable(parameter, value, bound.formats)
        for value in valid_values(parameter, (), constraints)
    ]
    values = [value for value in values if value is not None]
    # Where the beginning of a day is the bound, its end is stated, for only then it matters that
    # the beginning is taken.
    return [one.replace(hour=23, minute=59, second=59) for one in values] if bound.floor else values
