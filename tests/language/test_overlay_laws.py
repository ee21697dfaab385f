"""Properties that hold for every overlay."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from isales_rules import RuleSet, Violation
from tests.support.random_rule_sets import CHANGES, documents, extended, overlays, rule_sets, stated


@given(rule_sets())
def test_empty_overlay_changes_nothing(rules: RuleSet) -> None:
    assert extended(rules, {})._data == rules._data
    assert extended(rules, {"tables": {}, "rules": []})._data == rules._data


@given(st.data())
def test_overlay_of_overlay_equals_overlay_of_whole(data: st.DataObject) -> None:
    rules = data.draw(rule_sets())
    first = data.draw(overlays(rules))
    whole = extended(rules, first)
    second = data.draw(overlays(whole))
    assert extended(rules, first, second)._data == extended(whole, second)._data


@given(st.data())
def test_disabled_rule_reports_nothing_else_changes(data: st.DataObject) -> None:
    rules = data.draw(rule_sets())
    names = sorted({one.id for one in rules.rules() if "." not in one.id})
    if not names:
        return
    off = data.draw(st.sampled_from(names))
    overlay = extended(rules, {"rules": [{"id": off, "enabled": False}]})
    body, facts = data.draw(documents(rules)), data.draw(stated(rules))
    before, after = rules.validate(body, facts), overlay.validate(body, facts)
    assert list(after.violations) == [one for one in before.violations if one.rule != off]
    assert after.unchecked == tuple(one for one in before.unchecked if one != off)


@given(st.data())
def test_changed_rule_reports_at_the_same_paths(data: st.DataObject) -> None:
    rules = data.draw(rule_sets())
    name = data.draw(st.sampled_from(sorted({one.id for one in rules.rules()})))
    change: dict[str, Any] = data.draw(st.sampled_from(CHANGES))
    overlay = extended(rules, {"rules": [{"id": name, **change}]})
    body, facts = data.draw(documents(rules)), data.draw(stated(rules))

    def shown(one: Violation, change: dict[str, Any]) -> list[Any]:
        severity = change.get("severity", one.severity)
        code = None if severity == "warning" else change.get("code", one.code)
        return [one.path, one.rule, severity, code, change.get("source", one.source)]

    before, after = rules.validate(body, facts), overlay.validate(body, facts)
    assert [shown(one, {}) for one in after] == [
        shown(one, change if one.rule == name else {}) for one in before
    ]


@given(st.data())
def test_origin_of_every_rule_is_known(data: st.DataObject) -> None:
    rules = data.draw(rule_sets())
    overlay = extended(rules, data.draw(overlays(rules)))
    known = {one.id for one in rules.rules()}
    for one in overlay.rules():
        assert overlay.origin(one.id) in ("base", "overlay")
        assert one.id in known or overlay.origin(one.id) == "overlay"
