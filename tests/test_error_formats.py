"""Errors of a report in the shapes of frameworks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import isales_rules
from isales_rules import RuleSet
from tests.support.cases import bases
from tests.support.rule_sets import load, rule_set

VALID = bases()["previewed"]
FORMATS: tuple[Any, ...] = ("pydantic", "problem", "nested")
KEYS = st.sampled_from(["a", "0", "a/b~", "é ", "%", "non_field_errors"])


def of_lists(tmp_path: Path) -> RuleSet:
    inner = {"type": "list", "maxitems": 1, "schema": {"type": "integer", "max": 5}}
    return load(tmp_path, rule_set({"a/b": {"type": "list", "schema": inner}}))


def test_pydantic_errors(rules: RuleSet, engine: str) -> None:
    report = rules.validate(VALID | {"maxAlertingTime": 300}, engine=engine)
    assert report.errors_as("pydantic", prefix=("body",)) == [
        {
            "type": "max",
            "loc": ("body", "maxAlertingTime"),
            "msg": "maxAlertingTime must be from 5 to 120; found 300",
            "ctx": {
                "code": "02000007",
                "rule": "body.maxAlertingTime.max",
                "source": "Table 3, No. 7",
                "max": 120,
            },
        }
    ]


def test_problem_details(engine: str, tmp_path: Path) -> None:
    report = of_lists(tmp_path).validate({"a/b": [[9]], "é %": 1}, engine=engine)
    problem = report.errors_as("problem", prefix=("body",))
    assert (problem["type"], problem["status"]) == ("about:blank", 422)
    assert [one["pointer"] for one in problem["errors"]] == ["#/body", "#/body/a~1b/0/0"]
    report = of_lists(tmp_path).validate({"é %": 1}, engine=engine)
    assert [one["pointer"] for one in report.errors_as("problem")["errors"]] == ["#/%C3%A9%20%25"]


def test_nested_errors(engine: str, tmp_path: Path) -> None:
    report = of_lists(tmp_path).validate({"a/b": [[9, 1], "x"]}, engine=engine)
    first, second, third = [one.message() for one in report]
    assert report.errors_as("nested") == {
        "a/b": {"0": {"non_field_errors": [first], "0": [second]}, "1": [third]}
    }
    whole = of_lists(tmp_path).validate(None, engine=engine)
    assert whole.errors_as("nested") == {"non_field_errors": [whole.violations[0].message()]}


@pytest.mark.parametrize("name", FORMATS)
def test_warnings_are_not_errors(name: Any, rules: RuleSet, engine: str) -> None:
    report = rules.validate(VALID | {"strEndTime": "2030-10-0723:59:59"}, engine=engine)
    assert report.warnings
    formatted = report.errors_as(name)
    assert not (formatted["errors"] if name == "problem" else formatted)


@pytest.mark.parametrize("name", FORMATS)
def test_errors_are_in_the_locale(name: Any, rules: RuleSet) -> None:
    report = rules.validate(VALID | {"name": None})
    english, chinese = (json.dumps(report.errors_as(name, one)) for one in ("en", "zh-CN"))
    assert report.violations[0].message("en") in english
    assert json.dumps(report.violations[0].message("zh"))[1:-1] in chinese
    unknown: Any = "de"
    with pytest.raises(ValueError, match="unknown locale"):
        report.errors_as(name, unknown)


def test_unknown_format_is_value_error(rules: RuleSet) -> None:
    name: Any = "problems"
    with pytest.raises(ValueError, match=r"did you mean 'problem'.*use one of pydantic, problem"):
        rules.validate(VALID).errors_as(name)


def leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for one in value.values() for leaf in leaves(one)]
    return [*value]


ITEM: dict[str, Any] = {"type": "dict", "schema": "item"}
LEAVES = {"a": {"type": "string"}, "%": {"type": "string", "required": True}}
NESTED = isales_rules.load(
    rule_set(
        {"a": ITEM, "0": {"type": "list", "schema": ITEM}, "non_field_errors": ITEM},
        tables={"item": LEAVES},
    )
)


@given(st.recursive(st.just(1), lambda inner: st.dictionaries(KEYS, inner) | st.lists(inner)))
def test_no_error_is_lost(body: Any) -> None:
    report = NESTED.validate(body)
    messages = sorted(one.message() for one in report.errors)
    assert sorted(one["msg"] for one in report.errors_as("pydantic")) == messages
    assert sorted(one["detail"] for one in report.errors_as("problem")["errors"]) == messages
    assert sorted(leaves(report.errors_as("nested"))) == messages
    for name in FORMATS:
        json.dumps(report.errors_as(name))
