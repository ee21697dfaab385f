"""Explanations of codes, rules and parameters, with examples."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from isales_rules.cli.reference import (
    WORDS,
    describe_rules,
    format_provenance,
    format_rule,
    part_name,
)
from isales_rules.engine.values import DuplicateKey
from isales_rules.language.model import PARTS, REQUEST, Rule
from isales_rules.ruleset import RuleSet

if TYPE_CHECKING:
    from isales_rules import Locale

MAX_DIFF = 24
"""Maximum number of lines of a diff between two examples."""


class Example(NamedTuple):
    """JSON text of one part of a request, and facts of the campaign."""

    part: str
    text: str
    facts: dict[str, Any]


def explain_code(rule_set: RuleSet, code: str, locale: Locale) -> Iterator[str]:
    """Explain a result code: its meaning, and the rules with this code."""
    yield f"{code}: {rule_set.codes(locale)[code]}"
    for described in describe_rules(rule_set, locale):
        if described["code"] == code:
            yield from format_rule(described, locale)
    yield from format_provenance(rule_set, locale)


def explain_rule(rule_set: RuleSet, rule: str, locale: Locale) -> Iterator[str]:
    """Explain a rule: its expectation, source, code, and examples."""
    rules = [
        described for described in describe_rules(rule_set, locale) if described["rule"] == rule
    ]
    for described in rules:
        yield from format_rule(described, locale)
    for code in dict.fromkeys(
        described["code"] for described in rules if described["code"] is not None
    ):
        yield f"{code}: {rule_set.codes(locale)[code]}"
    yield from format_provenance(rule_set, locale)
    valid, invalid = rule_examples(rule_set, rule)
    if invalid is not None:
        yield from _diff(valid, invalid, WORDS[locale])


def explain_parameters(rule_set: RuleSet, paths: list[str], locale: Locale) -> Iterator[str]:
    """Explain the parameters at some paths by their rules."""
    for described in describe_rules(rule_set, locale):
        if described["path"] in paths:
            yield from format_rule(described, locale)
    yield from format_provenance(rule_set, locale)


def _diff(valid: Example | None, invalid: Example, words: dict[str, str]) -> Iterator[str]:
    from difflib import unified_diff

    part = "" if invalid.part == "body" else f" (/{invalid.part})"
    if valid is None:
        yield from (f"{words['fails']}{part}:", *_example_lines(invalid, words))
        return
    names = f"{words['passes']}{part}", f"{words['fails']}{part}"
    lines = list(
        unified_diff(
            _example_lines(valid, words), _example_lines(invalid, words), *names, n=2, lineterm=""
        )
    )
    yield from lines if len(lines) <= MAX_DIFF else [*lines[: MAX_DIFF - 4], " …", *lines[-3:]]


def _example_lines(example: Example, words: dict[str, str]) -> list[str]:
    lines = example.text.split("\n")
    if not example.facts:
        return lines
    return [*lines, f"{words['facts']} {json.dumps(example.facts, ensure_ascii=False)}"]


def rule_examples(rule_set: RuleSet, rule_id: str) -> tuple[Example | None, Example | None]:
    """Return a valid and an invalid example of a rule, if they exist.

    They just satisfy and just violate the rule. If possible, neither violates another rule. An
    object with only mandatory parameters, for instance, cannot have an unknown parameter without
    another violation.
    """
    from isales_rules.testing.examples import examples

    rule = next(rule for rule in rule_set.rules() if rule.id == rule_id)
    pair = _ExamplePair(rule)
    for example in examples(rule_set, rule_id):
        if rule_id in example["breaks"]:
            pair.add_invalid(example)
        elif not example["expect"]:
            pair.add_valid(example)
            if pair.is_final():
                break
            if text := _invalid_text(rule, example):
                return _to_example(example), Example(part_name(rule.path), text, {})
    return pair.examples()


class _ExamplePair:
    """The best examples of a rule so far."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._valid: dict[str, dict[str, Any]] = {}
        self._invalid: dict[str, Any] | None = None

    def add_invalid(self, example: dict[str, Any]) -> None:
        """Consider an example that violates the rule."""
        self._invalid = _fewest_violations(self._invalid, example)

    def add_valid(self, example: dict[str, Any]) -> None:
        """Consider an example without errors."""
        path, _, purpose = example["name"].partition(": ")
        # An example made to satisfy the rule is better than one that happens to satisfy it.
        keys = (
            (self._rule.id,) if purpose == f"{self._rule.id}, kept" else (path, path.split("/")[1])
        )
        for key in keys:
            self._valid[key] = _fewest_violations(self._valid.get(key), example)

    def is_final(self) -> bool:
        """Return whether no later example is better."""
        if self._invalid is None or self._invalid["breaks"] != [self._rule.id]:
            return False
        return any(key in self._valid for key in self._keys(self._invalid)[:2])

    def examples(self) -> tuple[Example | None, Example | None]:
        """Return the valid and the invalid example."""
        if self._invalid is None:
            return None, None
        valid = next(
            (self._valid[key] for key in self._keys(self._invalid) if key in self._valid), None
        )
        return None if valid is None else _to_example(valid), _to_example(self._invalid)

    def _keys(self, invalid: dict[str, Any]) -> tuple[str, str, str]:
        """Return the keys of valid examples, the most similar first."""
        return self._rule.id, invalid["name"].partition(": ")[0], part_name(self._rule.path)


def _fewest_violations(example: dict[str, Any] | None, other: dict[str, Any]) -> dict[str, Any]:
    return other if example is None or len(other["breaks"]) < len(example["breaks"]) else example


def _to_example(example: dict[str, Any]) -> Example:
    part = next(part for part in (REQUEST, *PARTS) if part in example)
    return Example(part, _format_json(example[part]), example.get("facts", {}))


def _format_json(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2)


def _invalid_text(rule: Rule, example: dict[str, Any]) -> str | None:
    """Change a valid example to violate a rule about its text.

    The rule is about duplicate keys or invalid JSON. Returns `None` for other rules, and for an
    example without the object of the rule.
    """
    if not rule.id.endswith((".invalid-json", ".duplicate-key")) or example["breaks"]:
        return None
    document = copy.deepcopy(example.get(part_name(rule.path)))
    member = document
    for name in [name for name in rule.path[1:] if name is not None]:
        member = member.get(name) if isinstance(member, dict) else None
    if not isinstance(member, dict) or not member:
        return None
    if rule.id.endswith(".invalid-json"):
        return _format_json(document)[:-1].rstrip()
    key = next(iter(member))
    member[DuplicateKey(key)] = member[key]
    return _format_json(document)
