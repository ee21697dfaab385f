"""Clauses that no generated document violates or satisfies."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import Any, NamedTuple, TypeAlias

from isales_rules.cli.facts import parse_times
from isales_rules.cli.rulesets.reports import Problem
from isales_rules.engine import semantics
from isales_rules.engine.values import is_missing
from isales_rules.language.model import PARTS, Assertion, Clause, Parameter
from isales_rules.ruleset import RuleSet, load
from isales_rules.testing.boundary_values import violated_keywords
from isales_rules.testing.examples import examples

MAX_SHOWN = 400
"""Maximum number of characters of a document in a hint."""

_WIDTH = 70

_Clauses: TypeAlias = dict[tuple[str, int], "_Outcomes"]
"""Outcomes by id of the rule and index of the clause."""


class _Outcomes:
    """Documents to which a clause applies: one that violates it, and one that satisfies it."""

    def __init__(self) -> None:
        self.violated: str | None = None
        self.satisfied: str | None = None


class _Document(NamedTuple):
    """View of a generated document."""

    root: Parameter
    document: Any
    facts: Mapping[str, Any]

    def value(self, path: semantics.DocumentPath) -> Any:
        value = self.document
        for step in path:
            is_item = type(value) is list and type(step) is int
            value = value[step] if is_item else value.get(step) if type(value) is dict else None
        return None if is_missing(value) else value

    def is_valid(self, path: semantics.DocumentPath) -> bool:
        parameter: Parameter | None = self.root
        for step in path:
            if parameter is not None:
                parameter = parameter.members.get(step) if type(step) is str else parameter.item
        return parameter is not None and not violated_keywords(parameter, self.value(path))

    def objects(
        self, parameter: Parameter, path: semantics.DocumentPath = ()
    ) -> Iterator[tuple[Parameter, semantics.DocumentPath]]:
        """Yield each object that has members, with its path."""
        value = self.value(path)
        if type(value) is dict and parameter.has_members:
            yield parameter, path
            for name, member in parameter.members.items():
                yield from self.objects(member, (*path, name))
        elif type(value) is list and parameter.item is not None:
            for index in range(len(value)):
                yield from self.objects(parameter.item, (*path, index))


def useless_clauses(rules: RuleSet, data: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield the clauses of a file that no document violates, or that none satisfies."""
    outcomes = _outcomes(rules, data)
    for index, rule in enumerate(data.get("rules", ())):
        for number in range(len(rule.get("clauses", ()))):
            found = outcomes.get((rule["id"], number))
            location = f"rules[{index}].clauses[{number}]"
            if found is None:
                continue
            if found.violated is None:
                yield _explain(data, rule["id"], number, found)._replace(path=location)
            elif found.satisfied is None:
                yield Problem("never-satisfied", location, hint=found.violated)


def _explain(data: Mapping[str, Any], rule: str, number: int, found: _Outcomes) -> Problem:
    """Return why no document violates a clause: possibly because of another rule."""
    others = [] if "extends" in data else data["rules"]
    for other in others:
        if other["id"] == rule:
            continue
        less = {**data, "rules": [one for one in data["rules"] if one is not other]}
        outcomes = _outcomes(load(less), less, rule)
        if (rule, number) in outcomes and (shown := outcomes[rule, number].violated):
            return Problem("shadowed", "", {"rule": other["id"]}, hint=shown)
    return Problem("never-violated", "", hint=found.satisfied or "")


def _outcomes(rules: RuleSet, data: Mapping[str, Any], rule: str | None = None) -> _Clauses:
    """Return the outcomes of all clauses in generated documents.

    With `rule`, only documents for this rule are generated.
    """
    tables: dict[str, dict[str, list[int]]] = {}
    for one in data.get("rules", ()):
        for number, clause in enumerate(one.get("clauses", ())):
            for table in clause["tables"]:
                tables.setdefault(table, {}).setdefault(one["id"], []).append(number)
    found: _Clauses = {}
    for example in examples(rules, rule):
        for part in PARTS:
            if part in example:
                _evaluate(rules, part, example, tables, found)
    return found


def _evaluate(
    rules: RuleSet,
    part: str,
    example: Mapping[str, Any],
    tables: Mapping[str, Mapping[str, list[int]]],
    found: _Clauses,
) -> None:
    """Evaluate all clauses on a document."""
    facts = rules.prepare_facts(parse_times(example.get("facts", {}), rules.facts))
    document = _Document(rules.root(part), example[part], facts)
    for parameter, path in document.objects(document.root):
        numbers = {
            rule: iter(indexes)
            for rule, indexes in tables.get(parameter.definition["schema"], {}).items()
        }
        for clause in parameter.clauses:
            number = next(numbers.get(clause.rule_id, iter(())), None)
            if number is None:  # a clause of the rule set that the file extends
                continue
            if not all(map(_has_values, clause.assertions())):
                continue
            outcomes = found.setdefault((clause.rule_id, number), _Outcomes())
            if any(semantics.violations(clause, path, document)):
                outcomes.violated = outcomes.violated or _show(example, part)
            elif _is_satisfied(clause, path, document):
                outcomes.satisfied = outcomes.satisfied or _show(example, part)


def _has_values(assertion: Assertion) -> bool:
    """Return whether values are generated for an assertion; not for a pattern."""
    if assertion.keyword.operand != "value":
        return True
    definition = {**assertion.chain[-1].definition, "example": ""}
    return any(True for _ in assertion.keyword.boundary_values(assertion.argument, definition))


def _is_satisfied(clause: Clause, path: semantics.DocumentPath, document: _Document) -> bool:
    """Return whether a clause without a violation is satisfied, not only irrelevant."""
    if not clause.then:
        return clause.required_facts <= document.facts.keys()
    return semantics.applies(clause, path, document) and any(
        semantics.holds(assertion, path, document) for assertion in clause.then
    )


def _show(example: Mapping[str, Any], part: str) -> str:
    """Return a document and its facts as lines of a hint."""
    shown = json.dumps(example[part], ensure_ascii=False)
    if facts := example.get("facts"):
        shown += f" {json.dumps(facts, ensure_ascii=False)}"
    if len(shown) > MAX_SHOWN:
        shown = f"{shown[:MAX_SHOWN]}…"
    return "\n".join(wrap(shown, _WIDTH, break_on_hyphens=False))
