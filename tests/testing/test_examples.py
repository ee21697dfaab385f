"""The cases that the command makes of a rule set: each has the answer that it says, and each rule has some."""

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
from tests.support.rule_sets import Data, condition, fact, load, rule_set, write

RIGHT_PATH = {"vdnId": 1, "campaignId": 1}
RIGHT_HEADERS = {"Content-Type": "application/json; charset=UTF-8", "Authorization": "x"}


@pytest.fixture(scope="module")
def generated(rules: RuleSet) -> list[dict[str, Any]]:
    return list(examples(rules))


def answer(rules: RuleSet, case: dict[str, Any], engine: str = "compiled") -> Report:
    facts = {name: datetime.fromisoformat(value) if isinstance(value, str) else value for name, value in case.get("facts", {}).items()}
    if "body" in case:
        return rules.validate(case["body"], facts, engine=engine)
    request = {"path": RIGHT_PATH, "headers": RIGHT_HEADERS} | {part: case[part] for part in ("path", "headers") if part in case}
    return rules.validate_request_json(json.dumps(case.get("request", request)), facts, engine=engine)


def found(report: Report, case: dict[str, Any]) -> tuple[list[list[str]], list[list[str]]]:
    part = next(part for part in ("body", "path", "headers", "request") if part in case)
    base = "" if part in ("body", "request") else f"/{part}"
    here = [one for one in report.violations if one.path.startswith(base)]
    expect = sorted([one.path.removeprefix(base), one.code] for one in here if one.code is not None)
    return expect, sorted([one.path.removeprefix(base), one.rule] for one in here if one.code is None)


def test_each_case_has_the_answer_that_it_says(generated: list[dict[str, Any]], rules: RuleSet, engine: str) -> None:
    for case in generated:
        assert found(answer(rules, case, engine), case) == (case["expect"], case["warn"]), case["name"]


def test_each_rule_has_a_case_that_breaks_it(generated: list[dict[str, Any]], rules: RuleSet) -> None:
    broken = {one.rule for case in generated for one in answer(rules, case).violations}
    texts_alone = {check.id for check, _ in rules.expectations() if check.id.endswith((".duplicate", ".json"))}
    assert broken == {check.id for check, _ in rules.expectations()} - texts_alone


def test_no_two_cases_have_one_name(generated: list[dict[str, Any]], tmp_path: Path) -> None:
    for some in (generated, list(examples(load(tmp_path, rule_set({}))))):
        assert len({case["name"] for case in some}) == len(some)


@pytest.mark.parametrize(
    ("name", "expect"),
    [
        ("/body/maxAlertingTime: 5", []),
        ("/body/maxAlertingTime: 4, min", [["/maxAlertingTime", "02000007"]]),
        ("/body/maxAlertingTime: 121, max", [["/maxAlertingTime", "02000007"]]),
        ("/body/deviceType: 6", []),
        ("/body/deviceType: 4, allowed", [["/deviceType", "02000007"]]),
        ("/body/deviceType: left out, required", [["/deviceType", "02000001"]]),
        ('/body/scheduleParam/workdayBeginTime1: "00:", half', [["/scheduleParam/workdayBeginTime1", "02000010"]]),
        ("/body/scheduleParam: one-workday-segment, broken", [["/scheduleParam", "02000001"]]),
        ("/body: campaign-exists, broken", [["", "0200007"]]),
        ("/body: campaign-exists, kept", []),
        ('/path/vdnId: "9999"', []),
        ('/path/vdnId: "x", coerce', [["/vdnId", "02000008"]]),
        ("/headers/Authorization: null, required", [["/Authorization", "02000001"]]),
    ],
)
def test_a_reader_finds_each_bound_and_option(name: str, expect: list[list[str]], generated: list[dict[str, Any]]) -> None:
    [case] = [case for case in generated if case["name"] == name]
    assert case["expect"] == expect


def test_a_document_is_as_small_as_it_can_be(generated: list[dict[str, Any]], rules: RuleSet) -> None:
    [case] = [case for case in generated if case["name"] == "/body/maxAlertingTime: 120"]
    for name in case["body"]:
        assert not rules.validate({key: value for key, value in case["body"].items() if key != name}).ok


def test_a_case_warns_of_nothing_else_where_it_need_not(generated: list[dict[str, Any]]) -> None:
    others = set()
    for case in generated:
        place, _, what = case["name"].partition(": ")
        rule, _, how = what.rpartition(", ")
        if how in ("broken", "kept", "of no concern") and any(warned != rule for _, warned in case["warn"]):
            others.add((place, what))
    # Two conditions forbid it, of which one alone is broken; so the outbound type is not the one of the device type.
    assert others == {("/body/maxAlertingTime", "previewed-ringing, broken")}


def test_each_parameter_stands_in_a_document_that_nothing_is_said_about(generated: list[dict[str, Any]]) -> None:
    places: dict[str, bool] = {}
    for case in generated:
        place = case["name"].partition(": ")[0]
        places[place] = places.get(place, False) or case["expect"] == case["warn"] == []
    assert [place for place, calm in places.items() if not calm] == ["/path"]  # which has no rule that a right document would show


def test_the_command_prints_the_same_lines_in_every_process(generated: list[dict[str, Any]]) -> None:
    command = [sys.executable, "-m", "isales_rules", "cases"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONHASHSEED": "7"})
    assert done.stdout == "".join(f"{json.dumps(case)}\n" for case in generated)


def test_the_command_takes_any_rule_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path, rule_set({"a": {"type": "integer", "required": True}}))
    assert main(["cases", "--ruleset", str(file)]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"name": "/body/a: left out, required", "body": {}, "expect": [["/a", "02000001"]], "warn": [], "breaks": ["body.a.required"]} in lines


def test_a_request_keeps_the_conditions_of_its_body(tmp_path: Path, engine: str) -> None:
    whole = {"type": "integer", "required": True}
    bound = condition({"in": ["o"], "then": {"x": {"atmost": {"parameter": "/limit"}}}})
    rows = {"limit": whole | {"max": 3}, "o": {"type": "dict", "required": True, "schema": "o"}}
    rules = load(tmp_path, rule_set(rows, tables={"o": {"x": whole | {"max": 7}}}, conditions=[bound]))
    for case in examples(rules):
        if "request" in case:
            assert found(answer(rules, case, engine), case) == (case["expect"], case["warn"]), case["name"]


@settings(
    max_examples=2 if settings().max_examples < 1000 else 300, phases=[Phase.generate]
)  # a rule set that cannot be kept takes long, and shrinking finds many
@given(rule_sets())
def test_so_it_is_for_any_rule_set(rules: RuleSet) -> None:
    for case in examples(rules):
        if "body" in case:
            assert found(answer(rules, case), case) == (case["expect"], case["warn"]), case["name"]


def test_lists_comparisons_and_facts_have_cases(tmp_path: Path, engine: str) -> None:
    body: dict[str, Any] = {
        "xs": {"type": "list", "maxitems": 2, "schema": {"type": "integer", "min": 3}},
        "items": {"type": "list", "schema": {"type": "dict", "schema": "item"}},
        "from": {"type": "string", "format": "HH:mm"},
        "to": {"type": "string", "format": ["HH:mm", "HH:mm:ss"]},
        "limit": {"type": "integer", "min": 1},
    }
    conditions = [
        condition({"then": {"to": {"after": {"parameter": "from"}}}}, id="in-order"),
        condition({"in": ["item"], "then": {"a": {"atmost": {"fact": "most", "plus": -1}}}}, id="at-most"),
        condition({"when": {"xs": {"maxitems": 1}}, "then": {"limit": {"max": 9}}}, id="few"),
    ]
    data = rule_set(body, tables={"item": {"a": {"type": "integer", "required": True}}}, facts={"most": fact("integer")}, conditions=conditions)
    rules = load(tmp_path, data)
    made = list(examples(rules))
    for case in made:
        if "body" in case:
            assert found(answer(rules, case, engine), case) == (case["expect"], case["warn"]), case["name"]
    codes = {(path, code) for case in made for path, code in case["expect"]}
    assert {("/xs", "02000011"), ("/xs/0", "02000007"), ("/items/0/a", "02000009"), ("/to", "02000009"), ("/limit", "02000009")} <= codes


def test_what_no_document_can_do_has_no_case(tmp_path: Path) -> None:
    body: dict[str, Any] = {
        "mark": {"type": "string", "regex": "q{7}", "example": "1"},
        "none": {"type": "list", "maxitems": 0, "schema": {"type": "integer"}},
        "always": {"type": "integer", "required": True, "max": 5},
        "least": {"type": "integer", "required": True, "min": 4},
        "o": {"type": "dict", "schema": "o"},
    }
    conditions = [
        condition({"when": {"always": {"max": 9}}, "then": {"least": {"max": 4}}}, id="always-on"),
        condition({"then": {"least": {"atmost": {"parameter": "always"}}}}, id="narrow"),
        condition({"then": {"always": {"required": True}}}, id="never-broken"),
        condition({"together": ["always", "least"]}, id="never-apart"),
        condition({"in": ["o"], "then": {"a": {"required": True}}}, id="all-of-it"),
    ]
    rules = load(tmp_path, rule_set(body, tables={"o": {"a": {"type": "integer"}}}, conditions=conditions))
    made = [case for case in examples(rules) if "body" in case]
    for case in made:
        assert found(answer(rules, case), case) == (case["expect"], case["warn"]), case["name"]
    names = {case["name"] for case in made}
    assert {"/body: 1 undocumented", "/body/o: 1 undocumented"} <= names
    assert {"/body/always: 4", "/body/always: 5", "/body/least: 4"} <= names
    assert not {"/body/always: 3", "/body/least: 6", "/body/least: always-on, of no concern", "/body/always: never-broken, broken"} & names


TIME: Data = {"type": "string", "format": "HH:mm", "half": "[0-9]{2}:"}


@pytest.mark.parametrize(
    ("row", "then"),
    [
        (TIME, {"regex": "1[0-9]:.*"}),
        (TIME | {"regex": "1[0-9]:.*", "example": "10:00"}, {"required": True}),
        (TIME, {"maxlength": 4}),
        (TIME, {"regex": "[a-z]"}),
    ],
)
def test_a_clause_hides_no_violation_of_a_time(row: Data, then: Data, tmp_path: Path) -> None:
    rules = load(tmp_path, rule_set({"a": row}, conditions=[condition({"then": {"a": then}})]))
    made = [case for case in examples(rules) if "body" in case]
    for case in made:
        assert found(answer(rules, case), case) == (case["expect"], case["warn"]), case["name"]
    assert {rule for case in made for rule in case["breaks"]} >= {"body.a.type", "body.a.format", "body.a.half", "together"}


@pytest.fixture
def little_memory() -> Iterator[None]:
    """Let what needs more than a gigabyte more than now fail with `MemoryError`."""
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
    "row",
    [
        {"type": "string", "maxlength": HUGE},
        {"type": "string", "maxlength": HUGE, "minlength": 1000, "characters": "ab"},
        {"type": "string", "maxlength": HUGE, "prefix": "ab"},
        {"type": "list", "maxitems": HUGE, "schema": WHOLE},
        {
            "type": "list",
            "maxitems": 1000,
            "schema": {"type": "list", "maxitems": 1000, "schema": {"type": "list", "maxitems": 1000, "schema": WHOLE}},
        },
    ],
)
@pytest.mark.usefixtures("little_memory")
def test_huge_bounds_cost_little(row: Data, tmp_path: Path) -> None:
    clauses = [{"then": {"a": {"maxitems": HUGE} if row["type"] == "list" else {"maxlength": HUGE}}, "when": {"b": {"min": 2}}}]
    rules = load(tmp_path, rule_set({"a": row, "b": WHOLE}, conditions=[condition(*clauses)]))
    made = [case for case in examples(rules) if "body" in case]
    for case in made:
        assert found(answer(rules, case), case) == (case["expect"], case["warn"]), case["name"]
    assert {"body.a.type", "body.b.max"} <= {rule for case in made for rule in case["breaks"]}
    for rule in {check.id for check in rules.rules()}:
        rule_examples(rules, rule)

    @settings(max_examples=30, suppress_health_check=list(HealthCheck))
    @given(strategies.valid(rules), strategies.invalid(rules))
    def draw(body: Any, broken: Any) -> None:
        assert rules.validate(body).ok
        assert not rules.validate(broken[0]).ok

    draw()


def test_many_options_cost_little(tmp_path: Path) -> None:
    many = [f"{number}" for number in range(20_000)]
    row = {"type": "string", "allowed": many, "without": "".join(map(chr, range(0x4E00, 0x9000))), "characters": "0123456789"}
    prefixes = {"type": "string", "prefix": [f"{one}:" for one in many]}
    rules = load(tmp_path, rule_set({"a": row, "b": {"type": "integer", "allowed": [*range(20_000)]}, "c": prefixes}))
    assert 500 < sum(1 for _ in examples(rules)) < 5000


def test_a_bound_two_objects_deep_is_given_with_both_of_them(tmp_path: Path) -> None:
    rows = {"o": {"type": "dict", "schema": "o"}, "a": {"type": "integer"}}
    tables = {"o": {"p": {"type": "dict", "schema": "p"}}, "p": {"x": {"type": "integer"}}}
    rules = load(tmp_path, rule_set(rows, tables=tables, conditions=[condition({"then": {"a": {"atmost": {"parameter": "/o/p/x"}}}})]))
    [broken] = [case for case in examples(rules) if case["breaks"] == ["together"]]
    assert broken["expect"] == [["/a", "02000009"]]
    assert broken["body"]["o"]["p"].keys() == {"x"}
