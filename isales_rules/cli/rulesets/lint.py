"""Rules and definitions that are valid but useless."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from string import Template
from typing import Any

from isales_rules._text import nearest
from isales_rules.cli.rulesets.examples import useless_clauses
from isales_rules.cli.rulesets.reports import Problem
from isales_rules.language.model import REQUEST, Parameter
from isales_rules.ruleset import RuleSet
from isales_rules.testing.boundary_values import valid_values, violated_keywords

KINDS = (
    "unused",
    "unknown-placeholder",
    "refused-value",
    "no-valid-value",
    "never-violated",
    "never-satisfied",
    "shadowed",
)
"""Kinds of problems, each the name of a phrase."""

_VALUES = ("name", "found", "other")
"""Placeholders of the message of a rule that a violation fills in."""


def lint(rules: RuleSet, data: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield the useless parts of a valid rule set. `data` is the content of its file."""
    yield from _unused(data, rules._data)  # noqa: SLF001  # what an overlay extends may use it
    yield from _unused_messages(rules, data)
    parameters = dict(_parameters(rules, data))
    for location, parameter in parameters.items():
        yield from _useless_values(location, parameter)
    yield from _unknown_placeholders(rules, data)
    yield from useless_clauses(rules, data)


def _unused(data: Mapping[str, Any], merged: Mapping[str, Any]) -> Iterator[Problem]:
    used = {name: set(_values(merged, name)) for name in ("ref", "schema", "fact")}
    used["fact"].update(
        fact
        for rule in merged.get("rules", ())
        for clause in rule.get("clauses", ())
        for fact in clause.get("facts", ())
    )
    for section, key in (("definitions", "ref"), ("tables", "schema"), ("facts", "fact")):
        for name in data.get(section, ()):
            if name not in used[key]:
                yield Problem("unused", f"{section}.{name}")


def _unused_messages(rules: RuleSet, data: Mapping[str, Any]) -> Iterator[Problem]:
    used = {rule.template.name for rule in rules.rules()}
    for name in data.get("messages", ()):
        if name not in used:
            yield Problem("unused", f"messages.{name}")


def _values(value: Any, name: str) -> Iterator[str]:
    """Yield every string with a name, at any depth."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key == name and isinstance(inner, str):
                yield inner
            yield from _values(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _values(inner, name)


def _parameters(rules: RuleSet, data: Mapping[str, Any]) -> Iterator[tuple[str, Parameter]]:
    """Yield the parameters that the file defines, with their locations."""
    for parent in rules.root(REQUEST).walk():
        table = parent.definition.get("schema")
        for name, parameter in parent.members.items():
            location = f"tables.{table}.{name}"
            if isinstance(table, str) and name in data.get("tables", {}).get(table, {}):
                yield from _with_items(location, parameter)


def _with_items(location: str, parameter: Parameter) -> Iterator[tuple[str, Parameter]]:
    yield location, parameter
    if parameter.item is not None:
        yield from _with_items(f"{location}.schema", parameter.item)


def _useless_values(location: str, parameter: Parameter) -> Iterator[Problem]:
    """Yield values that their own keywords refuse, and keywords that refuse every value."""
    for attribute in ("example", "default"):
        value = parameter.definition.get(attribute)
        if value is not None and (violated := violated_keywords(parameter, value)):
            yield Problem("refused-value", f"{location}.{attribute}", {"keyword": violated[0]})
    if parameter.type not in ("dict", "list", "any") and not valid_values(parameter):
        yield Problem("no-valid-value", location, {"keywords": ", ".join(parameter.keywords)})


def _unknown_placeholders(rules: RuleSet, data: Mapping[str, Any]) -> Iterator[Problem]:
    known: dict[str, set[str]] = {}
    for rule in rules.rules():
        if rule.message is not None:
            known.setdefault(rule.id, {*_VALUES}).update(rule.definition)
    for index, rule_table in enumerate(data.get("rules", ())):
        names = known.get(rule_table["id"], ())
        for locale, text in rule_table.get("message", {}).items() if names else ():
            for name in dict.fromkeys(Template(text).get_identifiers()):
                if name not in names:
                    values = {"name": name, "nearest": nearest(name, names)}
                    yield Problem("unknown-placeholder", f"rules[{index}].message.{locale}", values)
