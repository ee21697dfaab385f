"""Rules between parameters, interpreted on a document.

The Cerberus engine and the document builder share this interpreter; each shows it the document
through a `View`. The compiled source is the only other implementation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, NamedTuple, Protocol, TypeAlias

from isales_rules.engine.runtime import COERCIONS, floor_to_day, shift
from isales_rules.language.keywords import KEYWORDS
from isales_rules.language.model import Assertion, Bound, Clause, Parameter, Rule
from isales_rules.language.time_formats import parse

DocumentPath: TypeAlias = tuple[Any, ...]
"""The path to a value in a document: names and indexes."""


class View(Protocol):
    """A document, as far as clauses need it."""

    @property
    def root(self) -> Parameter:
        """The parameter that the document is a value of."""

    @property
    def facts(self) -> Mapping[str, Any]:
        """The stated facts, in comparable form."""

    def value(self, path: DocumentPath) -> Any:
        """Return the value at a path; `None` if it is missing."""

    def is_valid(self, path: DocumentPath) -> bool:
        """Check whether a present value has no violation of its own keywords."""


class ClauseViolation(NamedTuple):
    """A violated clause: its rule, the path of the violation, and the bound of the message."""

    rule: Rule
    path: DocumentPath
    bound: Any = None


def violations(clause: Clause, owner: DocumentPath, view: View) -> Iterator[ClauseViolation]:
    """Yield what a clause of the object at *owner* reports."""
    if not applies(clause, owner, view):
        return
    if clause.required_together:
        for assertion, other in zip(
            clause.required_together, reversed(clause.required_together), strict=True
        ):
            path = assertion_path(assertion, owner)
            if view.value(path) is None and view.value(assertion_path(other, owner)) is not None:
                yield ClauseViolation(assertion.rule, path)
    elif clause.then:
        for assertion in clause.then:
            if holds(assertion, owner, view) is False:
                shown = _shown_bound(assertion, owner, view)
                yield ClauseViolation(assertion.rule, assertion_path(assertion, owner), shown)
    else:
        yield ClauseViolation(
            clause.rule,
            owner if clause.rule.template.shows == "none" else (*owner, clause.report_at.name),
        )


def applies(clause: Clause, owner: DocumentPath, view: View) -> bool:
    """Check whether the facts of a clause are stated and its conditions hold."""
    if not clause.required_facts <= view.facts.keys():
        return False
    if any(
        KEYWORDS[name].is_violated(view.facts[fact], argument)
        for fact, name, argument in clause.facts
    ):
        return False
    return not clause.when or any(all_hold(alternative, owner, view) for alternative in clause.when)


def all_hold(assertions: tuple[Assertion, ...], owner: DocumentPath, view: View) -> bool:
    """Check whether every assertion holds."""
    return all(holds(assertion, owner, view) is True for assertion in assertions)


def holds(assertion: Assertion, owner: DocumentPath, view: View) -> bool | None:
    """Check an assertion; return `None` if a value that it needs is missing or invalid."""
    path = assertion_path(assertion, owner)
    if not all(type(view.value(path[:-steps])) is dict for steps in range(1, len(assertion.chain))):
        return None
    value = view.value(path)
    if assertion.keyword.operand == "presence":
        return (value is not None) is (assertion.name == "required")
    if value is None or not view.is_valid(path):
        return None
    if not isinstance(assertion.argument, Bound):
        return not assertion.keyword.is_violated(
            coerce(assertion.chain[-1], value), assertion.argument
        )
    limit = bound(assertion.argument, path, view)
    own = to_comparable(assertion.chain[-1], value, assertion.argument.formats)
    if limit is None or own is None:
        return None
    return not assertion.keyword.is_violated(own, limit)


def bound(reference: Bound, path: DocumentPath, view: View) -> Any:
    """Return the bound for the value at *path*; `None` if what sets it is missing or invalid."""
    if reference.fact is not None:
        value = view.facts.get(reference.fact)
    else:
        value = _bound_value(reference, path, view)
        value = (
            None if value is None else to_comparable(reference.chain[-1], value, reference.formats)
        )
    if value is None:
        return None
    value = floor_to_day(value) if reference.floor else value
    return add(value, reference.offset) if reference.offset else value


def add(value: Any, offset: int | timedelta) -> Any:
    """Add the offset of a bound."""
    return shift(value, offset) if isinstance(offset, timedelta) else value + offset


def _bound_value(reference: Bound, path: DocumentPath, view: View) -> Any:
    """Return the value that sets a bound, as it is in the document."""
    target = bound_path(reference, path, view.root)
    return view.value(target) if view.is_valid(target) else None


def _shown_bound(assertion: Assertion, owner: DocumentPath, view: View) -> Any:
    """Return the bound that a message shows; the value of a parameter as it was written."""
    reference = assertion.argument
    if not isinstance(reference, Bound) or not reference.shown:
        return None
    path = assertion_path(assertion, owner)
    if reference.offset or reference.floor or reference.fact is not None:
        return bound(reference, path, view)
    return coerce(reference.chain[-1], _bound_value(reference, path, view))


def duplicates(parameter: Parameter, path: DocumentPath, view: View) -> Iterator[DocumentPath]:
    """Yield the paths of what `unique` compares in a list and is equal to an earlier one."""
    target = parameter.unique
    entries = None if target is None else view.value(path)
    if target is None or type(entries) is not list:
        return
    seen = set()
    for index in range(len(entries)):
        place = unique_path(parameter, (*path, index))
        value = view.value(place)
        if value is not None and view.is_valid(place):
            value = coerce(target, value)
            if value in seen:
                yield place
            seen.add(value)


def unique_path(parameter: Parameter, path: DocumentPath) -> DocumentPath:
    """Return the path of what must be unique in the item of a list at *path*."""
    target = parameter.unique
    return path if target is None or target is parameter.item else (*path, target.name)


def assertion_path(assertion: Assertion, owner: DocumentPath) -> DocumentPath:
    """Return the path of the value that an assertion is about.

    *owner* is the path of its object, or of the item of a list that it is about itself.
    """
    members = (one.name for one in assertion.chain if one.path[-1:] != (None,))
    return (*owner, *members)


def bound_path(reference: Bound, path: DocumentPath, root: Parameter) -> DocumentPath:
    """Return the path of the value that sets the bound of the value at *path*."""
    if reference.absolute:
        return reference.chain[-1].path[len(root.path) :]
    return (*path[:-1], *(parameter.name for parameter in reference.chain))


def coerce(parameter: Parameter, value: Any) -> Any:
    """Return a value as the parameter takes it: coerced if it is a string to coerce."""
    coercion = parameter.definition.get("coerce")
    return COERCIONS[coercion](value) if coercion and type(value) is str else value


def to_comparable(parameter: Parameter, value: Any, formats: tuple[str, ...] = ()) -> Any:
    """Return what a valid value is compared as.

    A time is a `datetime`, or seconds since midnight; `None` if it is not in one of *formats*.
    """
    if parameter.times is not None:
        return parameter.times[value]
    if formats and type(value) is str:
        return parse(value, formats)
    return coerce(parameter, value)
