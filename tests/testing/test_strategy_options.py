"""Strategies with options: fixed parameters, no warnings, selected mistakes, requests, replies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

import isales_rules
from isales_rules.testing import strategies
from tests.support.rule_sets import load, rule_set

RULES = isales_rules.load("campaign-modify-v1")
FEW = settings(max_examples=max(20, settings().max_examples // 5))
LONG = pytest.mark.skipif(
    settings().max_examples < 1000, reason="shrinking takes long: HYPOTHESIS_PROFILE=thorough"
)
SMALLEST = settings(max_examples=30, database=None, suppress_health_check=list(HealthCheck))
BLOCK = {"skillId": 1, "outBoundType": 6}


@FEW
@given(strategies.valid(RULES, without_warnings=True, deviceType=2))
def test_valid_body_without_warnings(body: dict[str, Any]) -> None:
    assert [*RULES.validate(body)] == []
    assert body["deviceType"] == 2


@FEW
@given(strategies.valid(RULES, name="x", skillParam=BLOCK))
def test_parameters_are_fixed(body: dict[str, Any]) -> None:
    assert RULES.validate(body).ok
    assert (body["name"], body["skillParam"]) == ("x", BLOCK)


@pytest.mark.parametrize(
    ("fixed", "message"),
    [
        ({"devicetype": 1}, "unknown parameter 'devicetype'; did you mean 'deviceType'?"),
        ({"deviceType": 4, "nam": 1}, "unknown parameter 'nam'.*deviceType must be one of"),
        ({"skillParam": {"skillId": "1"}}, "skillId must be an integer.*outBoundType is mandatory"),
    ],
)
def test_invalid_fixed_parameters_raise(fixed: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        strategies.valid(RULES, **fixed)


SELECTIONS = [
    ("02000010",),
    ("callerNo",),
    ("preview-shorter-than-ringing",),
    ("/skillParam/predictParam/connectPredictParam/waitTime", "body.name.maxlength"),
    ("body.unknown-parameter",),
]


@pytest.mark.parametrize("select", SELECTIONS, ids=str)
def test_selected_errors_are_drawn(select: tuple[str, ...]) -> None:
    @FEW
    @given(strategies.invalid(RULES, select=select))
    def check(drawn: tuple[Any, strategies.Expected]) -> None:
        body, expected = drawn
        errors = RULES.validate(body).errors
        assert sorted((one.path, one.code) for one in errors) == expected != []
        for one in errors:
            assert {one.code, one.rule, one.path, one.path.rpartition("/")[2]} & {*select}

    check()


def test_selection_reaches_entries_of_lists(tmp_path: Path) -> None:
    item = {"type": "dict", "schema": "item"}
    data = rule_set(
        {"xs": {"type": "list", "schema": item}}, tables={"item": {"a": {"type": "integer"}}}
    )
    rules = load(tmp_path, data)
    body, expected = find(
        strategies.invalid(rules, select=["/xs/*/a"]), lambda _: True, settings=SMALLEST
    )
    assert expected == [("/xs/0/a", "02000006")]
    assert rules.validate(body).codes == ("02000006",)


def test_unknown_selection_raises() -> None:
    with pytest.raises(ValueError, match=r"'calerNo'; did you mean 'callerNo'\?, '0200005'"):
        strategies.invalid(RULES, select=["calerNo", "0200005", "02000007"])


@FEW
@given(strategies.requests(RULES), st.sampled_from(["compiled", "cerberus"]))
def test_requests_are_valid(request: dict[str, Any], engine: Any) -> None:
    assert RULES.validate_request(**request, engine=engine).ok
    assert request.keys() == {"path", "headers", "body"}


@FEW
@given(strategies.replies(RULES))
def test_replies_state_facts(reply: dict[str, Any]) -> None:
    facts = RULES.facts_of_reply(reply)
    assert facts["campaign_exists"] is True
    assert facts["campaign_expired"] is (reply["returnObject"]["status"] == 4)
    assert {*RULES.validate_reply_json(json.dumps(reply)).codes} <= {"0200016"}


def test_replies_need_their_description(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="does not describe replies"):
        strategies.replies(load(tmp_path, rule_set({})))


@pytest.mark.parametrize(
    "strategy",
    [
        strategies.valid(RULES, without_warnings=True, deviceType=2),
        pytest.param(strategies.invalid(RULES, select=["callerNo"]), marks=LONG),
        pytest.param(strategies.requests(RULES), marks=LONG),
        pytest.param(strategies.replies(RULES), marks=LONG),
    ],
    ids=["valid", "invalid", "requests", "replies"],
)
def test_smallest_body_is_readable(strategy: st.SearchStrategy[Any]) -> None:
    smallest = json.dumps(find(strategy, lambda _: True, settings=SMALLEST))
    assert len(smallest) < 450
    assert smallest.isascii()
    assert "null" not in smallest
    assert '""' not in smallest
