"""The compiled engine gives the reports of the reference engine."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import isales_rules
from isales_rules import Report, ReportDict, RuleSet
from isales_rules.language.catalog import load_catalog
from isales_rules.language.validation import validate_rule_set
from tests.support.random_rule_sets import documents, overlaid, rule_sets, stated

SHIPPED = isales_rules.load("campaign-modify-v1")


def to_dicts(report: Report) -> list[ReportDict]:
    return [report.to_dict("en_US"), report.to_dict("zh_CN")]


@settings(max_examples=20)
@given(rule_sets() | overlaid())
def test_random_rule_sets_are_valid(rules: RuleSet) -> None:
    assert validate_rule_set(rules._data, load_catalog()) == []


@given(st.data())
def test_engines_agree_on_random_rule_sets(data: st.DataObject) -> None:
    rules: RuleSet = data.draw(rule_sets() | overlaid())
    facts = data.draw(stated(rules))
    for _ in range(3):
        body = data.draw(documents(rules))
        assert to_dicts(rules.validate(body, facts)) == to_dicts(
            rules.validate(body, facts, engine="cerberus")
        )


@given(st.data())
def test_engines_agree_on_random_requests(data: st.DataObject) -> None:
    rules: RuleSet = data.draw(rule_sets())
    request = {part: data.draw(documents(rules, part)) for part in ("path", "headers", "body")}
    facts = data.draw(stated(rules))
    assert to_dicts(rules.validate_request(**request, facts=facts)) == to_dicts(
        rules.validate_request(**request, facts=facts, engine="cerberus")
    )


@given(documents(SHIPPED), stated(SHIPPED))
def test_engines_agree_on_shipped_rule_set(body: Any, facts: dict[str, Any]) -> None:
    assert to_dicts(SHIPPED.validate(body, facts)) == to_dicts(
        SHIPPED.validate(body, facts, engine="cerberus")
    )
