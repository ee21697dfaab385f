"""Selection of rules by code, rule id or parameter."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from isales_rules._text import suggest
from isales_rules.language.model import Clause, Parameter, Path, Rule, json_pointer

Selects: TypeAlias = Callable[[Rule], bool]


def selected_rules(root: Parameter, names: Iterable[str]) -> tuple[Selects, list[Path]]:
    """Return whether a rule is selected, and the paths of the parameters that have selected rules.

    Only rules that give an error without facts are selected. `names` are codes, rule ids, names and
    paths of parameters; `*` in a path is an index. Raises `ValueError` for names that select
    nothing.
    """
    rules = [*_rules(root)]
    known: dict[str, None] = {}
    for rule, _ in rules:
        known.update(dict.fromkeys(_names(rule)))
    wanted = [*names]
    if unknown := [name for name in wanted if name not in known]:
        reasons = [f"{name!r}{suggest(name, known)}" for name in unknown]
        raise ValueError(
            "no code, rule or parameter with an error without facts: " + ", ".join(reasons)
        )

    def selects(rule: Rule) -> bool:
        return not wanted or not _names(rule).isdisjoint(wanted)

    paths = [path for rule, path in rules if selects(rule)] if wanted else []
    return selects, [*dict.fromkeys(paths)]


def _names(rule: Rule) -> set[str]:
    path = json_pointer("*" if part is None else part for part in rule.path)
    return {name for name in (rule.code, rule.id, rule.name, path) if name}


def _rules(root: Parameter) -> Iterable[tuple[Rule, Path]]:
    """Yield the rules that give an error without facts, with the path of what they are about."""
    for parameter in root.walk():
        for rule in parameter.rules.values():
            yield rule, parameter.path
        for clause in parameter.clauses:
            if not clause.required_facts and clause.rule.severity == "error":
                for rule in clause_rules(clause):
                    yield rule, parameter.path


def clause_rules(clause: Clause) -> list[Rule]:
    """Return the rules of the violations that a clause reports."""
    return [one.rule for one in (*clause.then, *clause.required_together)] or [clause.rule]
