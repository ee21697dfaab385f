"""Clauses about the items of a list of scalars."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from isales_rules import RuleSetError
from isales_rules.testing.examples import examples
from tests.support.rule_sets import Data, errors, fact, load, rule, rule_set

NUMBERS: Data = {"type": "list", "schema": {"type": "integer", "min": 0}}
WORDS: Data = {"type": "list", "maxitems": 3, "schema": {"type": "string", "maxlength": 3}}
LISTED: Data = {"not_in": {"fact": "listed"}}
FACTS: Data = {"listed": fact("strings"), "strict": fact("boolean")}


def rules_of(clause: Data, definitions: Data, tmp_path: Path) -> Any:
    return load(tmp_path, rule_set(definitions, rules=[rule(clause)], facts=FACTS))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["a"], []),
        (["b"], ["/words/0"]),
        (["a", "b", "b"], ["/words/1", "/words/2"]),
        ([None, "", 1, ["b"]], []),
        (["long", "b"], ["/words/1"]),
        ("b", []),
    ],
)
def test_each_valid_item_is_compared(
    words: Any, expected: list[str], tmp_path: Path, engine: str
) -> None:
    rules = rules_of({"then": {"words": {"items": LISTED}}}, {"words": WORDS}, tmp_path)
    report = rules.validate({"words": words}, {"listed": ["b", "long"]}, engine=engine)
    found = [one for one in report.violations if one.rule == "together"]
    assert [one.path for one in found] == expected
    assert [one.message() for one in found] == [
        f'words[{path[-1]}] is wrong beside the others; found "b"' for path in expected
    ]


def test_items_are_unchecked_without_the_fact(tmp_path: Path, engine: str) -> None:
    rules = rules_of({"then": {"words": {"items": LISTED}}}, {"words": WORDS}, tmp_path)
    report = rules.validate({"words": ["b"]}, engine=engine)
    assert (report.violations, report.unchecked) == ((), ("together",))


def test_list_and_items_have_clauses(tmp_path: Path, engine: str) -> None:
    clause = {
        "facts": {"strict": {"allowed": [True]}},
        "then": {
            "words": {"maxitems": 1, "items": {"prefix": "a"}},
            "numbers": {"items": {"le": {"parameter": "/limit"}}},
        },
    }
    definitions = {"limit": {"type": "integer"}, "words": WORDS, "numbers": NUMBERS}
    rules = rules_of(clause, definitions, tmp_path)
    body = {"limit": 2, "words": ["a", "b"], "numbers": [1, 2, 3]}
    report = rules.validate(body, {"strict": True}, engine=engine)
    assert errors(report) == [
        ("/words/1", "02000009"),
        ("/numbers/2", "02000009"),
        ("/words", "02000009"),
    ]
    assert rules.validate(body, {"strict": False}, engine=engine).ok


def test_item_in_an_item_has_both_indexes(tmp_path: Path, engine: str) -> None:
    rules = load(
        tmp_path,
        rule_set(
            {"rows": {"type": "list", "schema": {"type": "dict", "schema": "row"}}},
            tables={"row": {"words": WORDS}},
            rules=[rule({"tables": ["row"], "then": {"words": {"items": LISTED}}})],
            facts=FACTS,
        ),
    )
    body = {"rows": [{}, {"words": ["a", "b"]}]}
    report = rules.validate(body, {"listed": ["b"]}, engine=engine)
    assert errors(report) == [("/rows/1/words/1", "02000009")]


def test_examples_of_items(tmp_path: Path) -> None:
    rules = rules_of({"then": {"words": {"items": LISTED}}}, {"words": WORDS}, tmp_path)
    broken = [case for case in examples(rules) if "together" in case["breaks"]]
    assert broken
    for case in broken:
        report = rules.validate(case["body"], case["facts"])
        assert [[path, code] for path, code in errors(report)] == case["expect"]


@pytest.mark.parametrize(
    ("clause", "location", "reason"),
    [
        (
            {"when": {"flag": {"required": True}}, "then": {"words": {"items": LISTED}}},
            "then.words.items",
            "is evaluated before a when; leave out one of them",
        ),
        (
            {"then": {"flag": {"items": {"max": 1}}}},
            "then.flag.items",
            "applies only to lists of strings, integers or booleans",
        ),
        (
            {"then": {"rows": {"items": {"max": 1}}}},
            "then.rows.items",
            "applies only to lists of strings, integers or booleans",
        ),
        (
            {"when": {"words": {"items": {"max": 1}}}},
            "when.words.items",
            "is not for a condition, nor inside an object",
        ),
        (
            {"then": {"words": {"items": {"required": True}}}},
            "then.words.items.required",
            "unknown keyword",
        ),
        (
            {"then": {"words": {"items": {"max": 1}}}},
            "then.words.items.max",
            "is not for a parameter of the type string",
        ),
        (
            {"then": {"word": {"items": {"prefix": "a"}}}},
            "then.word",
            "there is no parameter 'word' here; did you mean 'words'?",
        ),
        ({"then": {"words": {"items": {}}}}, "then.words.items", "empty values not allowed"),
    ],
)
def test_misplaced_items_are_rejected(
    clause: Data, location: str, reason: str, tmp_path: Path
) -> None:
    definitions = {
        "flag": {"type": "boolean"},
        "words": WORDS,
        "rows": {"type": "list", "schema": {"type": "dict", "schema": "row"}},
    }
    data = rule_set(
        definitions,
        tables={"row": {"x": {"type": "integer"}}},
        rules=[rule(clause)],
        facts=FACTS,
    )
    with pytest.raises(RuleSetError) as caught:
        load(tmp_path, data)
    assert caught.value.problems == ((f"rules[0].clauses[0].{location}", reason),)
