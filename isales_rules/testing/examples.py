"""Examples of a rule set: for every rule, minimal documents that just obey and just violate it.

They are deterministic, and computed without an engine.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from itertools import islice
from typing import Any

from isales_rules._text import quote
from isales_rules.engine.semantics import DocumentPath
from isales_rules.language.model import PARTS, REQUEST, Parameter, Rule
from isales_rules.ruleset import RuleSet
from isales_rules.testing.boundary_values import invalid_values, lengths, valid_values
from isales_rules.testing.builder import DocumentBuilder, Unsatisfiable
from isales_rules.testing.clause_examples import clause_examples
from isales_rules.testing.document import Document
from isales_rules.testing.starting_points import (
    StartingPoints,
    starting_points,
    with_value,
    without_warnings,
)

MAX_PARAMETERS = 8
"""Maximum number of parameters with examples for one rule."""


def examples(rules: RuleSet, rule: str | None = None) -> Iterator[dict[str, Any]]:
    """Iterate over the examples of a rule set, in its order.

    With `rule`, only over those of the first parameters that have this rule, and of their members.

    Each has a `name`, a document under the name of its part (`body`, `path`, `headers`, or
    `request` for all three), the `facts` to state where a rule needs them, the errors to `expect`
    as `[path, code]`, and the warnings under `warn` as `[path, rule]`, both sorted. Paths are
    JSON Pointers into the document. `breaks` has the ids of the violated rules, each once.
    """
    for part in reversed(PARTS):
        root = rules.root(part)
        for chain in _chains(root, rule):
            yield from _parameter_examples(rules, part, chain, starting_points(root, chain))
    root = rules.root(REQUEST)
    points = starting_points(root, (root,))
    for document, _ in points.first():
        yield _example(REQUEST, "", "complete", document)
    yield from _value_examples(REQUEST, root, points)
    yield from _unknown_member_examples(REQUEST, root, points)


def _chains(root: Parameter, rule: str | None) -> Iterator[tuple[Parameter, ...]]:
    """Yield all parameters, each after those that contain it, or those near a rule."""
    chains = _walk((root,))
    if rule is None:
        return chains
    return islice(
        (chain for chain in chains if any(_has(one, rule) for one in chain[-2:])), MAX_PARAMETERS
    )


def _walk(chain: tuple[Parameter, ...]) -> Iterator[tuple[Parameter, ...]]:
    yield chain
    for inner in chain[-1].children():
        yield from _walk((*chain, inner))


def _has(parameter: Parameter, rule: str) -> bool:
    return any(one.id == rule for one in parameter.rules.values()) or any(
        clause.rule_id == rule for clause in parameter.clauses
    )


def _parameter_examples(
    rules: RuleSet, part: str, chain: tuple[Parameter, ...], points: StartingPoints
) -> Iterator[dict[str, Any]]:
    parameter = chain[-1]
    yield from _value_examples(part, parameter, points)
    if parameter.has_members:
        yield from _unknown_member_examples(part, parameter, points)
    quiet = without_warnings(parameter, points)
    for clause in parameter.clauses:
        for rule, outcome, document in clause_examples(clause, rules.facts, points, quiet):
            yield _example(part, rule.pointer, f"{clause.rule_id}, {outcome}", document)


def _value_examples(
    part: str, parameter: Parameter, points: StartingPoints
) -> Iterator[dict[str, Any]]:
    """Yield an example for each boundary value of a parameter, and for a missing one."""
    pointer = parameter.rules["type"].pointer
    for value in valid_values(parameter):
        valid = next(
            (found for document, path in points if (found := with_value(document, path, value))),
            None,
        )
        if valid is not None:
            yield _example(part, pointer, _format(value), valid)
    for document, path in points.first():
        yield from _nested_example(part, parameter, document)
        for value, names in _invalid(parameter, document):
            violated = [parameter.rules[name] for name in names]
            corrupted = document.copy()
            corrupted.corrupt(path, value, violated)
            what = f"{_format(value)}, {' and '.join(names)}"
            yield _example(part, violated[0].pointer, what, corrupted)
        yield from _duplicate_example(part, parameter, document, path)
        yield from _missing_examples(part, parameter, document, path)


def _nested_example(
    part: str, parameter: Parameter, document: DocumentBuilder
) -> Iterator[dict[str, Any]]:
    """Yield an example of an object or a list as JSON text."""
    if parameter.definition.get("coerce") == "json":
        example = _example(part, parameter.rules["type"].pointer, "JSON text", document)
        nested = document.copy()
        for path in nested.nested():
            nested.put(path, json.dumps(nested.value(path)))
        yield {**example, part: nested.content}


def _invalid(parameter: Parameter, document: DocumentBuilder) -> Iterator[tuple[Any, list[str]]]:
    """Yield invalid values of a parameter, and lists of valid items, with violated keywords."""
    yield from invalid_values(parameter)
    for count, violated in lengths(parameter).items() if parameter.type == "list" else ():
        with suppress(Unsatisfiable):
            if violated:
                yield document.items(parameter, count), violated


def _duplicate_example(
    part: str, parameter: Parameter, document: DocumentBuilder, path: DocumentPath
) -> Iterator[dict[str, Any]]:
    """Yield an example of a list whose second item equals the first."""
    if parameter.unique:
        repeated = document.copy()
        with suppress(Unsatisfiable):
            count = max(2, parameter.definition.get("minitems", 0))
            repeated.put(path, repeated.items(parameter, count))
            repeated.repeat_item(parameter, path)
            yield _example(part, parameter.rules["unique"].pointer, "unique", repeated)


def _missing_examples(
    part: str, parameter: Parameter, document: DocumentBuilder, path: DocumentPath
) -> Iterator[dict[str, Any]]:
    """Yield an example for each way in which a parameter can be missing."""
    required = parameter.definition.get("required")
    for value in _missing_values(parameter, path):
        missing = document.copy()
        missing.corrupt(path, None, [parameter.rules["required"]] if required else [])
        if not path:
            missing.content = value
        elif value is not _ABSENT:
            missing.value(path[:-1])[path[-1]] = value
        how = "absent" if value is _ABSENT else _format(value)
        what = f"{how}{', required' if required else ''}"
        yield _example(part, parameter.rules["type"].pointer, what, missing)


def _missing_values(parameter: Parameter, path: DocumentPath) -> list[Any]:
    """Return what counts as missing: only a member of an object can be absent."""
    values = [None] if parameter.is_part else [None, ""]
    return [_ABSENT, *values] if path and isinstance(path[-1], str) else values


_ABSENT = object()


def _unknown_member_examples(
    part: str, parameter: Parameter, points: StartingPoints
) -> Iterator[dict[str, Any]]:
    """Yield examples of an object with one unknown member, and with too many members."""
    for document, path in points.first():
        for count in dict.fromkeys((1, len(parameter.members) + 1)):
            changed = document.copy()
            if count == 1 and len(changed.value(path)) == len(parameter.members) > 0:
                last = [*parameter.members.values()][-1]
                required = last.definition.get("required")
                violated = [last.rules["required"]] if required else []
                changed.corrupt((*path, last.name), None, violated)
            names = [f"unknown{number}" for number in range(1, count + 1)]
            found = changed.add_unknown_members(parameter, path, names)
            yield _example(
                part, parameter.rules["type"].pointer, f"{count} unknown", changed, found
            )


def _example(
    part: str,
    path: str,
    what: str,
    document: Document,
    more: list[tuple[str, Rule]] | None = None,
) -> dict[str, Any]:
    """Return an example whose answer is the violations of a document, and *more*."""
    found = [*document.violations(), *(more or [])]
    example: dict[str, Any] = {"name": f"/{part}{path}: {what}", part: document.content}
    if document.facts:
        example["facts"] = {fact: _to_json(value) for fact, value in document.facts.items()}
    errors = [[path, rule.code] for path, rule in found if rule.code is not None]
    warnings = [[path, rule.id] for path, rule in found if rule.code is None]
    violated = {rule.id for _, rule in found}
    return {
        **example,
        "expect": sorted(errors),
        "warn": sorted(warnings),
        "breaks": sorted(violated),
    }


def _to_json(fact: Any) -> Any:
    if isinstance(fact, frozenset):
        return sorted(fact)
    return fact.isoformat() if isinstance(fact, datetime) else fact


def _format(value: Any) -> str:
    return quote(value) if isinstance(value, str) else json.dumps(value)[:60]
