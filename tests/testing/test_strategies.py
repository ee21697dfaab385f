"""Strategies: valid bodies are valid, invalid ones have exactly the expected errors."""

from __future__ import annotations

import importlib
import re
import string
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

import isales_rules
from isales_rules import Report, RuleSet
from isales_rules.testing import strategies
from tests.support.random_rule_sets import overlaid, rule_sets
from tests.support.rule_sets import fact, load, rule, rule_set

RULES = isales_rules.load("campaign-modify-v1")
ENGINES = st.sampled_from(["compiled", "cerberus"])
SEEN = settings(
    max_examples=2000,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
SMALLEST = settings(max_examples=100, database=None, suppress_health_check=list(HealthCheck))

LONG = pytest.mark.skipif(
    settings().max_examples < 1000, reason="shrinking takes long: HYPOTHESIS_PROFILE=thorough"
)


def test_import_without_hypothesis_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    monkeypatch.delitem(sys.modules, "isales_rules.testing.strategies")
    with pytest.raises(
        ModuleNotFoundError,
        match=r"isales_rules.testing.strategies needs hypothesis; .*isales-rules\[hypothesis\]",
    ):
        importlib.import_module("isales_rules.testing.strategies")


def errors(report: Report) -> list[tuple[str, str]]:
    return sorted((one.path, one.code) for one in report.violations if one.code is not None)


def reached(body: dict[str, Any], pointer: str) -> Any:
    value: Any = body
    for part in pointer.split("/")[1:]:
        value = value.get(part) if isinstance(value, dict) else None
    return value


@given(strategies.valid(RULES), ENGINES)
def test_valid_body_has_no_errors(body: dict[str, Any], engine: str) -> None:
    assert errors(RULES.validate(body, engine=engine)) == []


@given(strategies.invalid(RULES), ENGINES)
def test_invalid_body_has_the_expected_errors(
    drawn: tuple[Any, strategies.Expected], engine: str
) -> None:
    body, expected = drawn
    assert errors(RULES.validate(body, engine=engine)) == expected != []


@settings(
    max_examples=20 if settings().max_examples < 1000 else 10_000,
    suppress_health_check=[HealthCheck.filter_too_much],
)  # a random rule set may have no valid body at all
@given(st.data(), ENGINES)
def test_random_rule_sets(data: st.DataObject, engine: str) -> None:
    rules: RuleSet = data.draw(rule_sets() | overlaid())
    assert errors(rules.validate(data.draw(strategies.valid(rules)), engine=engine)) == []
    body, expected = data.draw(strategies.invalid(rules))
    assert errors(rules.validate(body, engine=engine)) == expected


@given(strategies.valid(RULES), strategies.facts(RULES))
def test_drawn_facts_are_valid(body: dict[str, Any], facts: dict[str, Any]) -> None:
    report = RULES.validate(body, facts)
    assert report == RULES.validate(body, facts, engine="cerberus")
    assert (report.unchecked == ()) is (facts.keys() == RULES.facts.keys())


# Documented options and bounds that must be drawn.
POINTS: list[tuple[str, Any]] = [
    *(("/deviceType", option) for option in (1, 2, 3, 5, 6)),
    *(("/skillParam/predictParam/predictMethod", option) for option in (1, 2, 3, 5)),
    ("/maxAlertingTime", 5),
    ("/maxAlertingTime", 120),
    ("/scheduleParam/workdayBeginTime1", "23:59"),
    ("/description", ""),
    ("/description", None),
]


def drawn(strategy: st.SearchStrategy[Any], count: int) -> list[Any]:
    samples: list[Any] = []

    @settings(SEEN, max_examples=count)
    @given(strategy)
    def collect(one: Any) -> None:
        samples.append(one)

    collect()
    return samples


def test_every_option_and_bound_is_drawn() -> None:
    bodies = drawn(strategies.valid(RULES), 400)
    assert [
        point for point in POINTS if not any(reached(body, point[0]) == point[1] for body in bodies)
    ] == []
    assert {len(body["name"]) for body in bodies} >= {1, 100}


def test_every_error_code_is_drawn() -> None:
    codes = {code for _, expected in drawn(strategies.invalid(RULES), 600) for _, code in expected}
    facts_and_lengths = {
        "0200000",
        "0200002",
        "0200005",
        "0200007",
        "0200016",
        "0200017",
        "02000004",
        "02000005",
    }
    assert codes == RULES.codes().keys() - facts_and_lengths


@LONG
def test_smallest_valid_body_is_minimal() -> None:
    body = find(strategies.valid(RULES), lambda body: True, settings=SMALLEST)
    assert RULES.validate(body).ok
    for name in body:
        less = {key: value for key, value in body.items() if key != name}
        assert not RULES.validate(less).ok, name


@LONG
def test_invalid_body_shrinks_to_one_error() -> None:
    body, expected = find(
        strategies.invalid(RULES),
        lambda drawn: "02000008" in [code for _, code in drawn[1]],
        settings=SMALLEST,
    )
    assert len(expected) == 1
    assert len(body) <= len(find(strategies.valid(RULES), lambda body: True, settings=SMALLEST)) + 1


DEFINITIONS: dict[str, Any] = {
    "mark": {"type": "string", "regex": "[a-z]+", "example": "abc", "maxlength": 4},
    "number": {"type": "integer", "coerce": "decimal", "min": 1},
    "flag": {"type": "boolean"},
    "xs": {
        "type": "list",
        "maxitems": 2,
        "schema": {
            "type": "string",
            "prefix": ["a", "http://"],
            "maxlength": 9,
            "forbidden_characters": "b",
        },
    },
    "any": {"type": "dict"},
    "o": {"type": "dict", "schema": "o", "allow_unknown": True},
}
SMALL = rule_set(
    DEFINITIONS,
    tables={
        "o": {
            "report_at": {"type": "string", "format": "HH:mm:ss"},
            "to": {"type": "string", "format": ["dd.MM.yyyy", "yyyy-MM-dd"]},
        }
    },
    rules=[
        rule({"when": {"xs": {"maxitems": 1}}, "then": {"flag": {"required": True}}}, id="flagged"),
        rule(
            {"when": [{"number": {"min": 5}}, {"flag": {"allowed": [True]}}], "report_at": "mark"},
            id="neither",
        ),
    ],
)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> RuleSet:
    return load(tmp_path_factory.mktemp("small"), SMALL)


@given(st.data())
def test_all_types_are_drawn_valid_and_invalid(small: RuleSet, data: st.DataObject) -> None:
    assert errors(small.validate(data.draw(strategies.valid(small)))) == []
    body, expected = data.draw(strategies.invalid(small))
    assert errors(small.validate(body)) == expected


def test_interface_without_parameters(tmp_path: Path) -> None:
    data = rule_set({})
    data["request"]["body"]["required"] = False
    rules = load(tmp_path, data)
    assert find(strategies.valid(rules), lambda body: True, settings=SEEN) == {}
    samples = drawn(strategies.invalid(rules), 60)
    assert {code for _, expected in samples for _, code in expected} >= {"02000006", "02000011"}
    for body, expected in samples:
        assert errors(rules.validate(body)) == expected


PAIR: dict[str, Any] = {"required_together": ["a", "b"]}
CHOICE: dict[str, Any] = {
    "when": [{"a": {"allowed": [1]}}, {"b": {"allowed": [2]}}],
    "then": {"c": {"required": True}, "o": {"schema": {"d": {"required": True}}}},
}


def conditional(folder: Path, clause: dict[str, Any]) -> RuleSet:
    definitions: dict[str, Any] = {name: {"type": "integer", "allowed": [1, 2]} for name in "abc"}
    tables = {"o": {"d": {"type": "integer"}}}
    return load(
        folder,
        rule_set(
            {**definitions, "o": {"type": "dict", "required": True, "schema": "o"}},
            tables=tables,
            rules=[rule(clause)],
        ),
    )


def test_either_side_of_a_pair_is_missing(tmp_path: Path) -> None:
    expected = [one for _, one in drawn(strategies.invalid(conditional(tmp_path, PAIR)), 200)]
    assert all([(path, "02000010")] in expected for path in ("/a", "/b"))


def test_each_alternative_is_violated(tmp_path: Path) -> None:
    samples = [
        (body, expected)
        for body, expected in drawn(strategies.invalid(conditional(tmp_path, CHOICE)), 400)
        if isinstance(body, dict)
    ]
    for expected in (
        [("/c", "02000009")],
        [("/o/d", "02000009")],
        [("/c", "02000009"), ("/o/d", "02000009")],
    ):
        chosen = {
            (body.get("a") == 1, body.get("b") == 2) for body, one in samples if one == expected
        }
        assert chosen >= {(True, False), (False, True)}, expected


def test_optional_values_and_lengths_vary(tmp_path: Path) -> None:
    definition = {"type": "list", "schema": {"type": "integer"}}
    rules = load(
        tmp_path,
        rule_set(
            {"a": {"type": "integer"}, "few": definition, "most": {**definition, "maxitems": 3}}
        ),
    )
    bodies = drawn(strategies.valid(rules), 300)
    assert {"a" in body for body in bodies} == {True, False}
    assert {len(body["few"]) for body in bodies if body.get("few") not in (None, "")} == {0, 1, 2}
    assert {len(body["most"]) for body in bodies if body.get("most") not in (None, "")} == {
        0,
        1,
        2,
        3,
    }


def test_facts_often_match_parameter_values(tmp_path: Path) -> None:
    definitions: dict[str, Any] = {
        "size": {"type": "integer", "max": 7},
        "word": {"type": "string", "allowed": ["abc"]},
        "day": {"type": "string", "format": "yyyy-MM-dd"},
        "on": {"type": "boolean"},
    }
    types = {
        "when": "datetime",
        "is": "boolean",
        "number": "integer",
        "names": "strings",
        "ids": "integers",
    }
    rules = load(
        tmp_path, rule_set(definitions, facts={name: fact(type) for name, type in types.items()})
    )
    samples = drawn(strategies.facts(rules), 300)
    for one in samples:
        rules.prepare_facts(one)  # raises for invalid facts
    assert {frozenset(one) for one in samples} >= {frozenset(), frozenset(types)}
    values = {name: [one[name] for one in samples if name in one] for name in types}
    assert {moment.tzinfo is None for moment in values["when"]} == {True, False}
    assert set(values["is"]) == {True, False}
    assert 7 in values["number"]
    assert set(values["number"]) - {6, 7}
    for name, mark in (("names", "abc"), ("ids", 7)):
        inside = [entry for entries in values[name] for entry in entries]
        assert mark in inside
        assert set(inside) - {mark, 6}
        assert {len(entries) for entries in values[name]} == {0, 1, 2, 3}
    assert not any("2030-01-01" in names for names in values["names"])
    no_marks = load(tmp_path, rule_set({}, facts={"names": fact("strings")}))
    assert any(one.get("names") for one in drawn(strategies.facts(no_marks), 30))


TEXTS: dict[str, tuple[dict[str, Any], str]] = {
    "of a length": ({"minlength": 30, "maxlength": 32}, r"(?s).{30,32}"),
    "of a least length": ({"minlength": 25}, r"(?s).{25,}"),
    "of characters": ({"allowed_characters": "xyz", "maxlength": 9}, r"[xyz]{1,9}"),
    "without characters": (
        {"forbidden_characters": string.ascii_letters + string.digits, "maxlength": 9},
        r"(?s)[^a-zA-Z0-9]{1,9}",
    ),
    "with a beginning": (
        {"prefix": ["ab://", "c:"], "minlength": 25, "maxlength": 30},
        r"(?s)(?=.{25,30}\Z)(ab://|c:).*",
    ),
    "with a pattern": ({"regex": "[0-9]+ \\w", "example": "1 a"}, r"[0-9]+ [a-zA-Z0-9_]"),
    "of a time": ({"format": "HH:mm:ss"}, r"[0-2][0-9]:[0-5][0-9]:[0-5][0-9]"),
    "of a moment": (
        {"format": ["yyyy-MM-dd HH:mm:ss", "dd.MM.yyyy"]},
        r"[0-9]{4}(-[0-9]{2}){2} [0-9]{2}(:[0-9]{2}){2}|([0-9]{2}\.){2}[0-9]{4}",
    ),
}


@pytest.mark.parametrize("of", TEXTS)
def test_texts_are_drawn_without_filtering(of: str, tmp_path: Path) -> None:
    definition, pattern = TEXTS[of]
    rules = load(tmp_path, rule_set({"a": {"type": "string", "required": True, **definition}}))
    seen: set[str] = set()

    # Filtering would fail a health check, or leave only the boundary values.
    @settings(
        max_examples=150,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=(),
    )
    @given(strategies.valid(rules))
    def collect(body: dict[str, Any]) -> None:
        seen.add(body["a"])

    collect()
    assert len(seen) > 100
    assert [one for one in seen if not re.fullmatch(pattern, one)] == []
    assert len({one[-1] for one in seen}) > 2 or "allowed_characters" in definition
    assert not any("\ud800" <= character <= "\udfff" for one in seen for character in one)
    assert len({one[:4] for one in seen}) > 20 or of != "of a moment"


@pytest.mark.parametrize(
    ("definition", "regex"),
    [
        ({"format": "HH:mm"}, "1[0-9]:.*"),
        ({"format": "HH:mm:ss", "minlength": 8}, "23:59:[0-9]5|00:0.*"),
        ({"format": ["yyyy-MM-dd", "dd.MM.yyyy"]}, ".*12-2[0-9]|2[0-9].12.*|19.*"),
        ({"format": "yyyy-MM-dd HH:mm:ss"}, "2028-07-.*"),
        ({"maxlength": 9}, "[0-9]{6,}"),
        ({"regex": "[0-9]+", "example": "1"}, ".*42"),
    ],
)
def test_many_values_match_the_pattern_of_a_clause(
    definition: dict[str, Any], regex: str, tmp_path: Path
) -> None:
    definition = {"type": "string", "required": True, **definition}
    rules = load(
        tmp_path, rule_set({"a": definition}, rules=[rule({"then": {"a": {"regex": regex}}})])
    )
    seen = {body["a"] for body in drawn(strategies.valid(rules), 200)}
    assert [one for one in seen if not re.fullmatch(regex, one)] == []
    assert len(seen) >= 6


def test_missing_and_unknown_are_drawn(tmp_path: Path) -> None:
    rules = load(
        tmp_path,
        rule_set(
            {
                "a": {"type": "integer", "required": True},
                "b": {"type": "boolean", "allowed": [True]},
            }
        ),
    )
    samples = drawn(strategies.invalid(rules), 300)
    expected = [one for _, one in samples]
    assert all(
        one in expected
        for one in (
            [("/a", "02000001")],
            [("/b", "02000007")],
            [("", "02000011")],
            [("", "02000006")],
        )
    )
    unknown = {
        name for body, _ in samples if isinstance(body, dict) for name in body if name not in "ab"
    }
    assert {len(name) for name in unknown} >= {1, 2, 3}
    for body, one in samples:
        assert errors(rules.validate(body)) == one


def test_invalid_body_is_never_valid(tmp_path: Path) -> None:
    tables = {"o": {"a": {"type": "integer", "required": True}}}
    rules = load(
        tmp_path,
        rule_set({"o": {"type": "dict", "schema": "o", "allow_unknown": True}}, tables=tables),
    )
    for body, expected in drawn(strategies.invalid(rules), 200):
        assert errors(rules.validate(body)) == expected != []
