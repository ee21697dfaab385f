"""Generated examples: their answers are correct, and every rule has some."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from isales_rules import Report, RuleSet
from isales_rules.cli.explain import rule_examples
from isales_rules.cli.main import main
from isales_rules.testing import strategies
from isales_rules.testing.examples import examples
from tests.support.random_rule_sets import rule_sets
from tests.support.rule_sets import Data, errors, fact, load, rule, rule_set, write

VALID_PATH = {"vdnId": 1, "campaignId": 1}
VALID_HEADERS = {"Content-Type": "application/json; charset=UTF-8", "Authorization": "x"}


@pytest.fixture(scope="module")
def generated(rules: RuleSet) -> list[dict[str, Any]]:
    return list(examples(rules))


def answer(rules: RuleSet, example: dict[str, Any], engine: str = "compiled") -> Report:
    facts = {
        name: datetime.fromisoformat(value) if isinstance(value, str) else value
        for name, value in example.get("facts", {}).items()
    }
    if "body" in example:
        return rules.validate(example["body"], facts, engine=engine)
    request = {"path": VALID_PATH, "headers": VALID_HEADERS} | {
        part: example[part] for part in ("path", "headers") if part in example
    }
    return rules.validate_request_json(
        json.dumps(example.get("request", request)), facts, engine=engine
    )


def outcome(report: Report, example: dict[str, Any]) -> tuple[list[list[str]], list[list[str]]]:
    part = next(part for part in ("body", "path", "headers", "request") if part in example)
    base = "" if part in ("body", "request") else f"/{part}"
    here = [one for one in report.violations if one.path.startswith(base)]
    expect = sorted([one.path.removeprefix(base), one.code] for one in here if one.code is not None)
    return expect, sorted(
        [one.path.removeprefix(base), one.rule] for one in here if one.code is None
    )


def test_example_has_the_expected_answer(
    generated: list[dict[str, Any]], rules: RuleSet, engine: str
) -> None:
    for example in generated:
        assert outcome(answer(rules, example, engine), example) == (
            example["expect"],
            example["warn"],
        ), example["name"]


def test_every_rule_has_an_example(generated: list[dict[str, Any]], rules: RuleSet) -> None:
    violated = {one.rule for example in generated for one in answer(rules, example).violations}
    text_rules = {
        one.id
        for one, _ in rules.expectations()
        if one.id.endswith((".duplicate-key", ".invalid-json"))
    }
    assert violated == {one.id for one, _ in rules.expectations()} - text_rules


def test_names_are_unique(generated: list[dict[str, Any]], tmp_path: Path) -> None:
    for some in (generated, list(examples(load(tmp_path, rule_set({}))))):
        assert len({example["name"] for example in some}) == len(some)


@pytest.mark.parametrize(
    ("name", "expect"),
    [
        ("/body/maxAlertingTime: 5", []),
        ("/body/maxAlertingTime: 4, min", [["/maxAlertingTime", "02000007"]]),
        ("/body/maxAlertingTime: 121, max", [["/maxAlertingTime", "02000007"]]),
        ("/body/deviceType: 6", []),
        ("/body/deviceType: 4, allowed", [["/deviceType", "02000007"]]),
        ("/body/deviceType: absent, required", [["/deviceType", "02000001"]]),
        (
            '/body/scheduleParam/workdayBeginTime1: "00:", partial_pattern',
            [["/scheduleParam/workdayBeginTime1", "02000010"]],
        ),
        ("/body/scheduleParam: one-workday-segment, violated", [["/scheduleParam", "02000001"]]),
        ("/body: campaign-exists, violated", [["", "0200007"]]),
        ("/body: campaign-exists, satisfied", []),
        ('/path/vdnId: "9999"', []),
        ('/path/vdnId: "x", coerce', [["/vdnId", "02000008"]]),
        ("/headers/Authorization: null, required", [["/Authorization", "02000001"]]),
    ],
)
def test_bounds_and_options_have_examples(
    name: str, expect: list[list[str]], generated: list[dict[str, Any]]
) -> None:
    [example] = [example for example in generated if example["name"] == name]
    assert example["expect"] == expect


def test_document_is_minimal(generated: list[dict[str, Any]], rules: RuleSet) -> None:
    [example] = [
        example for example in generated if example["name"] == "/body/maxAlertingTime: 120"
    ]
    for name in example["body"]:
        assert not rules.validate(
            {key: value for key, value in example["body"].items() if key != name}
        ).ok


def test_example_has_no_other_warning(generated: list[dict[str, Any]]) -> None:
    others = set()
    for example in generated:
        path, _, subject = example["name"].partition(": ")
        rule, _, aspect = subject.rpartition(", ")
        if aspect in ("violated", "satisfied", "not applicable") and any(
            warned != rule for _, warned in example["warn"]
        ):
            others.add((path, subject))
    assert others == set()


def test_every_parameter_has_a_valid_example(generated: list[dict[str, Any]]) -> None:
    has_valid: dict[str, bool] = {}
    for example in generated:
        path = example["name"].partition(": ")[0]
        has_valid[path] = has_valid.get(path, False) or example["expect"] == example["warn"] == []
    assert [path for path, valid in has_valid.items() if not valid] == [
        "/path"
    ]  # its rules need no valid example


def test_command_output_is_deterministic(generated: list[dict[str, Any]]) -> None:
    command = [sys.executable, "-m", "isales_rules", "examples"]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "7"},
    )
    assert done.stdout == "".join(f"{json.dumps(example)}\n" for example in generated)


def test_command_accepts_any_rule_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path, rule_set({"a": {"type": "integer", "required": True}}))
    assert main(["examples", "--ruleset", str(file)]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {
        "name": "/body/a: absent, required",
        "body": {},
        "expect": [["/a", "02000001"]],
        "warn": [],
        "breaks": ["body.a.required"],
    } in lines


def test_request_satisfies_rules_of_its_body(tmp_path: Path, engine: str) -> None:
    whole = {"type": "integer", "required": True}
    bound = rule({"tables": ["o"], "then": {"x": {"le": {"parameter": "/limit"}}}})
    definitions = {
        "limit": whole | {"max": 3},
        "o": {"type": "dict", "required": True, "schema": "o"},
    }
    rules = load(
        tmp_path, rule_set(definitions, tables={"o": {"x": whole | {"max": 7}}}, rules=[bound])
    )
    for example in examples(rules):
        if "request" in example:
            assert outcome(answer(rules, example, engine), example) == (
                example["expect"],
                example["warn"],
            ), example["name"]


@settings(
    max_examples=2 if settings().max_examples < 1000 else 300, phases=[Phase.generate]
)  # unsatisfiable rule sets are slow, and shrinking finds many
@given(rule_sets())
def test_random_rule_sets(rules: RuleSet) -> None:
    for example in examples(rules):
        if "body" in example:
            assert outcome(answer(rules, example), example) == (
                example["expect"],
                example["warn"],
            ), example["name"]


def test_lists_comparisons_and_facts_have_examples(tmp_path: Path, engine: str) -> None:
    body: dict[str, Any] = {
        "xs": {"type": "list", "maxitems": 2, "schema": {"type": "integer", "min": 3}},
        "items": {"type": "list", "schema": {"type": "dict", "schema": "item"}},
        "from": {"type": "string", "format": "HH:mm"},
        "to": {"type": "string", "format": ["HH:mm", "HH:mm:ss"]},
        "limit": {"type": "integer", "min": 1},
    }
    rule_list = [
        rule({"then": {"to": {"gt": {"parameter": "from"}}}}, id="in-order"),
        rule(
            {"tables": ["item"], "then": {"a": {"le": {"fact": "most", "offset": -1}}}},
            id="at-most",
        ),
        rule({"when": {"xs": {"maxitems": 1}}, "then": {"limit": {"max": 9}}}, id="few"),
    ]
    data = rule_set(
        body,
        tables={"item": {"a": {"type": "integer", "required": True}}},
        facts={"most": fact("integer")},
        rules=rule_list,
    )
    rules = load(tmp_path, data)
    made = list(examples(rules))
    for example in made:
        if "body" in example:
            assert outcome(answer(rules, example, engine), example) == (
                example["expect"],
                example["warn"],
            ), example["name"]
    codes = {(path, code) for example in made for path, code in example["expect"]}
    assert {
        ("/xs", "02000011"),
        ("/xs/0", "02000007"),
        ("/items/0/a", "02000009"),
        ("/to", "02000009"),
        ("/limit", "02000009"),
    } <= codes


def test_unsatisfiable_rules_have_no_example(tmp_path: Path) -> None:
    body: dict[str, Any] = {
        "mark": {"type": "string", "regex": "q{7}", "example": "q" * 7, "maxlength": 3},
        "none": {"type": "list", "maxitems": 0, "schema": {"type": "integer"}},
        "always": {"type": "integer", "required": True, "max": 5},
        "least": {"type": "integer", "required": True, "min": 4},
        "o": {"type": "dict", "schema": "o"},
    }
    rule_list = [
        rule({"when": {"always": {"max": 9}}, "then": {"least": {"max": 4}}}, id="always-on"),
        rule({"then": {"least": {"le": {"parameter": "always"}}}}, id="narrow"),
        rule({"then": {"always": {"required": True}}}, id="never-broken"),
        rule({"required_together": ["always", "least"]}, id="never-apart"),
        rule({"tables": ["o"], "then": {"a": {"required": True}}}, id="all-of-it"),
    ]
    rules = load(
        tmp_path, rule_set(body, tables={"o": {"a": {"type": "integer"}}}, rules=rule_list)
    )
    made = [example for example in examples(rules) if "body" in example]
    for example in made:
        assert outcome(answer(rules, example), example) == (example["expect"], example["warn"]), (
            example["name"]
        )
    names = {example["name"] for example in made}
    assert {"/body: 1 unknown", "/body/o: 1 unknown"} <= names
    assert {"/body/always: 5", "/body/least: 4"} <= names
    assert (
        not {
            "/body/always: 3",
            "/body/least: 6",
            "/body/least: always-on, not applicable",
            "/body/always: never-broken, violated",
        }
        & names
    )


TIME: Data = {"type": "string", "format": "HH:mm", "partial_pattern": "[0-9]{2}:"}


@pytest.mark.parametrize(
    ("definition", "then"),
    [
        (TIME, {"regex": "1[0-9]:.*"}),
        (TIME | {"regex": "1[0-9]:.*", "example": "10:00"}, {"required": True}),
        (TIME, {"maxlength": 4}),
        (TIME, {"regex": "[a-z]"}),
    ],
)
def test_clause_hides_no_violation_of_a_time(definition: Data, then: Data, tmp_path: Path) -> None:
    rules = load(tmp_path, rule_set({"a": definition}, rules=[rule({"then": {"a": then}})]))
    made = [example for example in examples(rules) if "body" in example]
    for example in made:
        assert outcome(answer(rules, example), example) == (example["expect"], example["warn"]), (
            example["name"]
        )
    assert {rule for example in made for rule in example["breaks"]} >= {
        "body.a.type",
        "body.a.format",
        "body.a.partial_pattern",
        "together",
    }


@pytest.fixture
def little_memory() -> Iterator[None]:
    """Limit further memory to one gigabyte; more raises `MemoryError`."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + 2**30, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


HUGE = 10**12
WHOLE: Data = {"type": "integer", "max": 9}
LONG: Data = {"type": "list", "maxitems": 1000}


@pytest.mark.parametrize(
    "definition",
    [
        {"type": "string", "maxlength": HUGE},
        {"type": "string", "maxlength": HUGE, "minlength": 1000, "allowed_characters": "ab"},
        {"type": "string", "maxlength": HUGE, "prefix": "ab"},
        {"type": "list", "maxitems": HUGE, "schema": WHOLE},
        {
            "type": "list",
            "maxitems": 1000,
            "schema": {
                "type": "list",
                "maxitems": 1000,
                "schema": {"type": "list", "maxitems": 1000, "schema": WHOLE},
            },
        },
    ],
)
@pytest.mark.usefixtures("little_memory")
def test_huge_bounds_cost_little(definition: Data, tmp_path: Path) -> None:
    clauses = [
        {
            "then": {
                "a": {"maxitems": HUGE} if definition["type"] == "list" else {"maxlength": HUGE}
            },
            "when": {"b": {"min": 2}},
        }
    ]
    rules = load(tmp_path, rule_set({"a": definition, "b": WHOLE}, rules=[rule(*clauses)]))
    made = [example for example in examples(rules) if "body" in example]
    for example in made:
        assert outcome(answer(rules, example), example) == (example["expect"], example["warn"]), (
            example["name"]
        )
    assert {"body.a.type", "body.b.max"} <= {
        rule_id for example in made for rule_id in example["breaks"]
    }
    for rule_id in {one.id for one in rules.rules()}:
        rule_examples(rules, rule_id)

    @settings(max_examples=30, suppress_health_check=list(HealthCheck))
    @given(strategies.valid(rules), strategies.invalid(rules))
    def draw(body: Any, invalid: Any) -> None:
        assert rules.validate(body).ok
        assert not rules.validate(invalid[0]).ok

    draw()


def test_many_options_cost_little(tmp_path: Path) -> None:
    many = [f"{number}" for number in range(20_000)]
    definition = {
        "type": "string",
        "allowed": many,
        "forbidden_characters": "".join(map(chr, range(0x4E00, 0x9000))),
        "allowed_characters": "0123456789",
    }
    prefixes = {"type": "string", "prefix": [f"{one}:" for one in many]}
    rules = load(
        tmp_path,
        rule_set(
            {"a": definition, "b": {"type": "integer", "allowed": [*range(20_000)]}, "c": prefixes}
        ),
    )
    assert 500 < sum(1 for _ in examples(rules)) < 5000


def test_nested_bound_has_its_parents(tmp_path: Path) -> None:
    definitions = {"o": {"type": "dict", "schema": "o"}, "a": {"type": "integer"}}
    tables = {"o": {"p": {"type": "dict", "schema": "p"}}, "p": {"x": {"type": "integer"}}}
    rules = load(
        tmp_path,
        rule_set(
            definitions,
            tables=tables,
            rules=[rule({"then": {"a": {"le": {"parameter": "/o/p/x"}}}})],
        ),
    )
    [violating] = [example for example in examples(rules) if example["breaks"] == ["together"]]
    assert violating["expect"] == [["/a", "02000009"]]
    assert violating["body"]["o"]["p"].keys() == {"x"}


def test_json_text_has_an_example(tmp_path: Path) -> None:
    definitions = {"o": {"type": "dict", "coerce": "json", "schema": "o"}}
    rules = load(tmp_path, rule_set(definitions, tables={"o": {"a": {"type": "integer"}}}))
    texts = {
        example["body"]["o"]: example["expect"]
        for example in examples(rules)
        if isinstance(example.get("body"), dict) and isinstance(example["body"].get("o"), str)
    }
    assert texts["{}"] == []
    assert texts["{"] == [["/o", "02000008"]]
    for text, expected in texts.items():
        assert [*map(list, errors(rules.validate({"o": text})))] == expected


def test_unique_entries_have_examples(tmp_path: Path) -> None:
    entry = {"n": {"type": "string", "allowed_characters": "01", "maxlength": 3}}
    definitions = {
        "xs": {
            "type": "list",
            "minitems": 9,
            "maxitems": 12,
            "unique": "n",
            "schema": {"type": "dict", "schema": "entry"},
        }
    }
    rules = load(tmp_path, rule_set(definitions, tables={"entry": entry}))
    made = [one for one in examples(rules) if "body" in one]
    [duplicate] = [one for one in made if one["breaks"] == ["body.xs.unique"]]
    assert duplicate["expect"] == [["/xs/1/n", "02000007"]]
    for one in made:
        assert outcome(answer(rules, one), one) == (one["expect"], one["warn"])
