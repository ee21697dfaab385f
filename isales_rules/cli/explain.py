"""Explanations of codes and rules, with examples."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from isales_rules.cli.reference import _WORDS, _paragraph, _part, _rows
from isales_rules.engine.values import DuplicateKey
from isales_rules.language.model import PARTS, REQUEST, Rule
from isales_rules.ruleset import RuleSet


def explain_code(rules: RuleSet, name: str, locale: str) -> Iterator[str]:
    """Explain a result code: what it means, and which rules give it."""
    yield f"{name}: {rules.codes(locale)[name]}"
    for one in _rows(rules, locale):
        if one["code"] == name:
            yield from _paragraph(one, locale)


def explain_rule(rules: RuleSet, name: str, locale: str) -> Iterator[str]:
    """Explain a rule: what it expects, where and by which source, what its code means, and a request that passes it and one that fails it."""
    words = _WORDS[locale]
    rows = [one for one in _rows(rules, locale) if one["rule"] == name]
    for one in rows:
        yield from _paragraph(one, locale)
    for given in dict.fromkeys(one["code"] for one in rows if one["code"] is not None):
        yield f"{given}: {rules.codes(locale)[given]}"
    passes, fails = rule_examples(rules, name)
    if fails is not None:
        yield from _diff(passes, fails, words)


def parameter(rules: RuleSet, paths: list[str], locale: str) -> Iterator[str]:
    """Explain the parameters at these paths: every rule that reports there."""
    for one in _rows(rules, locale):
        if one["path"] in paths:
            yield from _paragraph(one, locale)


MAX_DIFF = 24
"""Maximum number of lines of a diff between two examples."""


def _diff(passes: Example | None, fails: Example, words: dict[str, str]) -> Iterator[str]:
    from difflib import unified_diff

    part = "" if fails.part == "body" else f" (/{fails.part})"
    if passes is None:
        yield from (f"{words['fails']}{part}:", *_example_lines(fails, words))
        return
    names = f"{words['passes']}{part}", f"{words['fails']}{part}"
    lines = list(unified_diff(_example_lines(passes, words), _example_lines(fails, words), *names, n=2, lineterm=""))
    yield from lines if len(lines) <= MAX_DIFF else [*lines[: MAX_DIFF - 4], " …", *lines[-3:]]


def _example_lines(example: Example, words: dict[str, str]) -> list[str]:
    lines = example.text.split("\n")
    return [*lines, f"{words['facts']} {json.dumps(example.facts, ensure_ascii=False)}"] if example.facts else lines


class Example(NamedTuple):
    """A request: the JSON text of one part of it, and the facts that are stated about the campaign, as JSON has them."""

    part: str
    text: str
    facts: dict[str, Any]


def rule_examples(rules: RuleSet, rule: str) -> tuple[Example | None, Example | None]:
    """Give a request that just passes a rule and one that just fails it; `None` where there is none.

    Neither breaks another rule where that can be: an object whose every parameter is mandatory has no undocumented one without another mistake.
    """
    from isales_rules.testing.examples import examples

    check = next(check for check in rules.rules() if check.id == rule)
    passes: dict[str, dict[str, Any]] = {}
    fails: dict[str, Any] | None = None
    for case in examples(rules, rule):
        place, _, what = case["name"].partition(": ")
        if rule in case["breaks"]:
            fails = _calmer(fails, case)
        elif not case["expect"]:
            # What is said to keep a condition shows more of it than what happens not to break it.
            for key in (rule,) if what == f"{rule}, kept" else (place, place.split("/")[1]):
                passes[key] = _calmer(passes.get(key), case)
            if fails is not None and fails["breaks"] == [rule] and {rule, fails["name"].partition(": ")[0]} & passes.keys():
                break
            if _only_in_text(check) and (text := _wrong_text(check, case)):
                return _example(case), Example(_part(check.path), text, {})
    if fails is None:
        return None, None
    kept = next((passes[key] for key in (rule, fails["name"].partition(": ")[0], _part(check.path)) if key in passes), None)
    return None if kept is None else _example(kept), _example(fails)


def _calmer(case: dict[str, Any] | None, other: dict[str, Any]) -> dict[str, Any]:
    """Choose the case that breaks fewer rules, the first one where they break as many."""
    return other if case is None or len(other["breaks"]) < len(case["breaks"]) else case


def _example(case: dict[str, Any]) -> Example:
    part = next(part for part in (REQUEST, *PARTS) if part in case)
    return Example(part, _formatted(case[part]), case.get("facts", {}))


def _formatted(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2)


def _only_in_text(check: Rule) -> bool:
    return check.id.endswith((".json", ".duplicate"))


def _wrong_text(check: Rule, case: dict[str, Any]) -> str | None:
    """Spoil what passes as only a text can be wrong: an object with a key twice, or no JSON. `None` where it does not have that object."""
    document = copy.deepcopy(case.get(_part(check.path)))
    inner = document
    for name in [name for name in check.path[1:] if name is not None]:
        inner = inner.get(name) if isinstance(inner, dict) else None
    if not isinstance(inner, dict) or not inner or case["breaks"]:
        return None
    if check.id.endswith(".json"):
        return _formatted(document)[:-1].rstrip()
    key = next(iter(inner))
    inner[DuplicateKey(key)] = inner[key]
    return _formatted(document)
