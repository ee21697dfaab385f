"""Properties that hold for every rule set, body and engine."""

from __future__ import annotations

import copy
import json
import math
import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from isales_rules import Report, RuleSet, ViolationDict
from isales_rules.language.catalog import load_catalog
from tests.support.random_rule_sets import documents, rule_sets, stated

ENGINES = st.sampled_from(["compiled", "cerberus"])


@st.composite
def situations(draw: st.DrawFn) -> tuple[RuleSet, Any, dict[str, Any]]:
    """Draw a rule set, a body for it and facts."""
    rules = draw(rule_sets())
    return rules, draw(documents(rules)), draw(stated(rules))


def is_json(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and is_json(one) for key, one in value.items())
    if isinstance(value, list):
        return all(map(is_json, value))
    return not isinstance(value, float) or math.isfinite(value)


def to_dicts(report: Report) -> list[Any]:
    return [report.to_dict("en_US"), report.to_dict("zh_CN")]


def resolve(body: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        body = json.loads(body) if isinstance(body, str) else body
        name = part.replace("~1", "/").replace("~0", "~")
        body = body[int(name)] if isinstance(body, list) else body[name]
    return body


@given(situations(), ENGINES)
def test_validation_does_not_change_input(
    situation: tuple[RuleSet, Any, dict[str, Any]], engine: str
) -> None:
    rules, body, facts = situation
    before = copy.deepcopy([body, facts])
    rules.validate(body, facts, engine=engine)
    assert repr([body, facts]) == repr(before)


@given(situations(), ENGINES)
def test_validation_is_deterministic(
    situation: tuple[RuleSet, Any, dict[str, Any]], engine: str
) -> None:
    rules, body, facts = situation
    assert rules.validate(body, facts, engine=engine) == rules.validate(body, facts, engine=engine)


@given(situations(), ENGINES, st.randoms(use_true_random=False))
def test_key_order_does_not_change_violations(
    situation: tuple[RuleSet, Any, dict[str, Any]], engine: str, random: Any
) -> None:
    rules, body, facts = situation

    def shuffled(value: Any) -> Any:
        if isinstance(value, dict):
            items = [(key, shuffled(one)) for key, one in value.items()]
            random.shuffle(items)
            return dict(items)
        return [shuffled(one) for one in value] if isinstance(value, list) else value

    def of_documented(report: Report) -> list[ViolationDict]:
        of_unknown = (".unknown-parameter", ".too-many-parameters")
        return [one.to_dict() for one in report.violations if not one.rule.endswith(of_unknown)]

    assert of_documented(rules.validate(body, facts, engine=engine)) == of_documented(
        rules.validate(shuffled(body), facts, engine=engine)
    )


@given(situations(), ENGINES)
def test_fact_adds_only_violations_of_its_rules(
    situation: tuple[RuleSet, Any, dict[str, Any]], engine: str
) -> None:
    rules, body, facts = situation
    bare, full = rules.validate(body, engine=engine), rules.validate(body, facts, engine=engine)
    waiting = set(bare.unchecked)
    seen = list(bare.violations)
    for violation in full.violations:
        if violation in seen:
            seen.remove(violation)
        else:
            assert violation.rule in waiting
    assert seen == []
    assert set(full.unchecked) <= waiting


@given(situations(), ENGINES)
def test_unknown_parameter_adds_one_violation(
    situation: tuple[RuleSet, Any, dict[str, Any]], engine: str
) -> None:
    rules, body, facts = situation
    room = len(rules.root("body").members) - 1
    less = dict(list(body.items())[:room]) if isinstance(body, dict) else {}
    without = list(rules.validate(less, facts, engine=engine).violations)
    full = list(
        rules.validate({**less, "an undocumented parameter": body}, facts, engine=engine).violations
    )
    (added,) = [one for one in full if one.path == "/an undocumented parameter"]
    full.remove(added)
    assert full == without
    assert added.code == "0200001"


@given(situations(), ENGINES)
def test_text_and_value_give_equal_reports(
    situation: tuple[RuleSet, Any, dict[str, Any]], engine: str
) -> None:
    rules, body, facts = situation
    assume(is_json(body))
    text = json.dumps(body)
    assert to_dicts(rules.validate_json(text, facts, engine=engine)) == to_dicts(
        rules.validate(json.loads(text), facts, engine=engine)
    )
    assert to_dicts(rules.validate_json(text.encode(), facts, engine=engine)) == to_dicts(
        rules.validate_json(text, facts, engine=engine)
    )


@given(situations(), ENGINES)
def test_report_survives_json_and_pickle(
    situation: tuple[RuleSet, Any, dict[str, Any]], engine: str
) -> None:
    rules, body, facts = situation
    report = rules.validate(body, facts, engine=engine)
    assert json.loads(json.dumps(report.to_dict())) == report.to_dict()
    again = pickle.loads(pickle.dumps(report))  # noqa: S301  # what was just made
    assert again == report
    assert to_dicts(again) == to_dicts(report)


@given(situations(), ENGINES)
def test_rule_set_survives_pickle(
    situation: tuple[RuleSet, Any, dict[str, Any]], engine: str
) -> None:
    rules, body, facts = situation
    again = pickle.loads(pickle.dumps(rules))  # noqa: S301  # what was just made
    assert again == rules
    assert again.validate(body, facts, engine=engine) == rules.validate(body, facts, engine=engine)


@settings(max_examples=settings().max_examples // 4)  # each example validates many bodies
@given(st.data(), ENGINES)
def test_threads_share_a_rule_set(data: st.DataObject, engine: str) -> None:
    rules = data.draw(rule_sets())
    bodies = data.draw(st.lists(documents(rules), min_size=1, max_size=4)) * 8
    facts = data.draw(stated(rules))
    shared = RuleSet(
        rules.name, rules._data, load_catalog()
    )  # not compiled yet: the threads compile it
    with ThreadPoolExecutor(8) as pool:
        reports = list(
            pool.map(lambda body: to_dicts(shared.validate(body, facts, engine=engine)), bodies)
        )
    assert reports == [to_dicts(rules.validate(body, facts, engine=engine)) for body in bodies]


@given(situations(), ENGINES)
def test_violation_path_resolves(
    situation: tuple[RuleSet, Any, dict[str, Any]], engine: str
) -> None:
    rules, body, facts = situation
    assume(is_json(body))
    for violation in rules.validate(body, facts, engine=engine).violations:
        try:
            resolve(body, violation.path)
        except KeyError:
            parent, _, name = violation.path.rpartition("/")
            assert name.replace("~1", "/").replace("~0", "~") not in resolve(body, parent)
