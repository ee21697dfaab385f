"""The function that accepts valid documents: what it accepts has no violations."""

from __future__ import annotations

import copy
import json
from collections import OrderedDict, UserDict
from collections.abc import Callable, Iterator
from itertools import count
from types import MappingProxyType
from typing import Any, NoReturn

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import isales_rules
from isales_rules import Report, RuleSet
from isales_rules.engine import json_text
from isales_rules.engine.accept import compile_accept
from isales_rules.engine.compiler import compile_part
from isales_rules.engine.json_text import parse_json
from isales_rules.engine.values import Accept
from isales_rules.language.catalog import load_catalog
from isales_rules.language.model import PARTS, REQUEST
from isales_rules.testing import strategies
from tests.support.cases import bases
from tests.support.random_rule_sets import documents, rule_sets, stated
from tests.support.rule_sets import fact, rule, rule_set

SHIPPED = isales_rules.load("campaign-modify-v1")
EXAMPLE = bases()["previewed"]


class Text(str):
    __slots__ = ()


class EqualToAll(str):
    """A string that equals everything."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = str.__hash__


class Raising:
    """An object all of whose methods raise."""

    def fail(self, *_: object) -> NoReturn:
        raise ArithmeticError

    __bool__ = __eq__ = __hash__ = __len__ = __iter__ = __getitem__ = __contains__ = fail


class Object(dict[Any, Any]):
    """A dict that says that it has every member."""

    def __missing__(self, key: object) -> str:
        return "a"


HOSTILE: list[Callable[[Any], Any]] = [
    lambda value: Raising(),
    lambda value: Text(value) if isinstance(value, str) else Text("a"),
    lambda value: EqualToAll("a"),
    lambda value: Object(value) if isinstance(value, dict) else Object(),
    lambda value: OrderedDict(value) if isinstance(value, dict) else OrderedDict(),
    lambda value: UserDict(value) if isinstance(value, dict) else UserDict(),
    lambda value: MappingProxyType(value) if isinstance(value, dict) else (value,),
    lambda value: {**value, EqualToAll("a"): 1} if isinstance(value, dict) else [value],
    lambda value: {**value, Text("a"): "a"} if isinstance(value, dict) else {"a": value},
    lambda value: float(value) if type(value) is int and value < 9 else 1.0,
    lambda value: bool(value) if isinstance(value, int) else object,
]


def accepts(accept: Accept, document: Any, facts: Any) -> int:
    try:
        return accept(document, facts)
    except Exception:  # noqa: BLE001  # it declines by any exception
        return False


def positions(document: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each container of a document, with each of its keys or indexes."""
    if isinstance(document, dict | list):
        keys = list(document) if isinstance(document, dict) else range(len(document))
        for key in keys:
            yield document, key
            yield from positions(document[key])


def count_strings(value: Any) -> int:
    if isinstance(value, dict):
        return len(value) + sum(map(count_strings, value.values()))
    return sum(map(count_strings, value)) if isinstance(value, list) else isinstance(value, str)


@given(st.data())
def test_accepted_document_has_no_violations(data: st.DataObject) -> None:
    rules = data.draw(rule_sets())
    part = data.draw(st.sampled_from(PARTS))
    facts = rules.prepare_facts(data.draw(stated(rules)))
    accept = compile_accept(rules.root(part), "a")[0]
    run = compile_part(rules.root(part), "a").function
    for _ in range(5):
        document = data.draw(documents(rules, part))
        if accepts(accept, copy.deepcopy(document), facts):
            assert run(document, facts) == []


@given(st.data())
def test_accepted_objects_have_no_violations(data: st.DataObject) -> None:
    rules = data.draw(rule_sets() | st.just(SHIPPED))
    document = data.draw(documents(rules) if rules is not SHIPPED else st.just(EXAMPLE))
    root = {"": copy.deepcopy(document)}
    container, key = data.draw(st.sampled_from(list(positions(root))))
    container[key] = data.draw(st.sampled_from(HOSTILE))(container[key])
    accept = compile_accept(rules.root("body"), "a")[0]
    if accepts(accept, root[""], rules.prepare_facts({})):
        assert list(rules.validate(root[""], engine="cerberus").violations) == []


@given(st.data())
def test_number_of_strings_is_not_too_great(data: st.DataObject) -> None:
    rules = data.draw(rule_sets())
    accept = compile_accept(rules.root("body"), "a", counting=True)[0]
    for _ in range(3):
        document = data.draw(documents(rules))
        assert accepts(accept, document, {}) <= 1 + count_strings(document)


@pytest.mark.parametrize("counting", [False, True])
def test_accepts_plainly_valid_documents(counting: bool) -> None:
    errors = [rule for rule in SHIPPED._data["rules"] if rule.get("severity") != "warning"]
    rules = RuleSet("errors", {**SHIPPED._data, "rules": errors}, load_catalog())
    accept = compile_accept(rules.root("body"), "a", counting=counting)[0]
    verdicts = []

    @given(strategies.valid(rules))
    def collect(body: Any) -> None:
        expected = 1 + count_strings(body) if counting else True
        verdicts.append(accepts(accept, body, {}) == expected)

    collect()
    assert sum(verdicts) > 0.99 * len(verdicts)


def test_accepts_most_valid_random_documents() -> None:
    verdicts = []

    @given(st.data())
    def collect(data: st.DataObject) -> None:
        rules = data.draw(rule_sets())
        facts = rules.prepare_facts(data.draw(stated(rules)))
        accept = compile_accept(rules.root("body"), "a")[0]
        run = compile_part(rules.root("body"), "a").function
        for _ in range(8):
            document = data.draw(documents(rules))
            if not run(document, facts):
                verdicts.append(bool(accepts(accept, document, facts)))

    collect()
    assert sum(verdicts) > 0.99 * len(verdicts) > 0


@pytest.fixture(params=["json", "msgspec"])
def decoder(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read texts with json's scanner, or with msgspec."""
    fast = []
    if request.param == "msgspec":
        fast = [pytest.importorskip("msgspec").json.Decoder().decode]
    monkeypatch.setattr(json_text, "_fast", fast)


@pytest.mark.usefixtures("decoder")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_text_with_duplicate_key_is_not_accepted(data: st.DataObject) -> None:
    rules = data.draw(rule_sets() | st.just(SHIPPED))
    document = data.draw(documents(rules) if rules is not SHIPPED else st.just(EXAMPLE))
    text = json.dumps(document, ensure_ascii=data.draw(st.booleans()))
    begins = [index for index, one in enumerate(text) if one in "{,"]
    if begins:
        begin = data.draw(st.sampled_from(begins)) + 1
        name = data.draw(st.sampled_from(["name", "a", "b", r"na\u006de", "skillId", r"x\"y"]))
        value = data.draw(st.sampled_from(["1", '"a"', "null", "{}", '{"a": "b"}', "NaN", "1e999"]))
        text = f'{text[:begin]}"{name}": {value}, {text[begin:]}'
    assert (
        rules.validate_json(text).to_dict()
        == rules.validate_json(text, engine="cerberus").to_dict()
    )


@pytest.mark.parametrize(
    ("before", "after"), [("", " \n"), ("\ufeff", ""), (" ", ""), ("", "x"), ("", '""'), ("[", "]")]
)
@pytest.mark.usefixtures("decoder")
def test_text_around_a_document_is_read_strictly(before: str, after: str) -> None:
    text = before + json.dumps(EXAMPLE) + after
    for one in (text, text.encode()):
        report = SHIPPED.validate_json(one)
        assert report == SHIPPED.validate_json(one, engine="cerberus")
        assert report.ok is (after.strip() == "")


@pytest.mark.usefixtures("decoder")
def test_number_out_of_range_is_reported_where_anything_is_allowed() -> None:
    part = {"type": "dict", "schema": "body", "source": "T", "allow_unknown": True}
    data = rule_set({"a": {"type": "string"}})
    data["request"]["body"] |= part
    rules = RuleSet("open", data, load_catalog())
    for text in ('{"x": 1}', '{"x": NaN}', '{"x": 1e999}', '{"x": {"y": 1, "y": 2}}'):
        assert (
            rules.validate_json(text).to_dict()
            == rules.validate_json(text, engine="cerberus").to_dict()
        )


def test_accept_is_not_called_after_an_invalid_document() -> None:
    rules = RuleSet("fresh", SHIPPED._data, load_catalog())
    part = rules._prepare("body", (), "compiled")
    calls: list[tuple[Callable[[Any], Report], Any, Any]] = [
        (rules.validate, EXAMPLE, {}),
        (rules.validate_json, json.dumps(EXAMPLE), "{}"),
    ]
    for validate, valid, invalid in calls:
        states = []
        for one in (valid, invalid, invalid, valid, valid):
            validate(one)
            states.append(part.accepting)
        assert states == [True, False, False, True, True]


def test_valid_documents_share_a_report() -> None:
    facts = {"campaign_exists": True}
    text = json.dumps(EXAMPLE)
    assert SHIPPED.validate(EXAMPLE) is SHIPPED.validate_json(text)
    assert SHIPPED.validate(EXAMPLE, facts) is SHIPPED.validate_json(text, facts)
    assert "campaign-exists" in SHIPPED.validate(EXAMPLE).unchecked
    assert "campaign-exists" not in SHIPPED.validate(EXAMPLE, facts).unchecked


def test_source_names_each_rule() -> None:
    for part in (*PARTS, REQUEST):
        root = SHIPPED.root(part)
        source = compile_accept(root, "a")[1]
        for parameter in root.walk():
            assert not parameter.path or f"# {parameter.definition['source']}\n" in source
            for clause in parameter.clauses:
                assert clause.rule_id in source


def test_source_is_in_document_order() -> None:
    root = SHIPPED.root("body")
    comments = [f"# {one.definition['source']}" for one in root.walk() if one.path]
    lines = map(str.strip, compile_accept(root, "a")[1].splitlines())
    assert [line for line in lines if line in comments] == comments


def test_unknown_attribute_is_declined() -> None:
    rules = RuleSet("fresh", SHIPPED._data, load_catalog())
    root = rules.root("body")
    root.members["description"].definition = {"type": "string", "source": "T", "later": 1}
    accept = compile_accept(root, "a")[0]
    assert accept({**EXAMPLE, "description": ""}, {})
    assert not accept({**EXAMPLE, "description": "a"}, {})


def test_optional_part_may_be_missing() -> None:
    data = rule_set(
        {"a": {"type": "string", "required": True}},
        rules=[rule({"facts": {"on": {"allowed": [False]}}})],
        facts={"on": fact("boolean")},
    )
    data["request"]["body"] = {**data["request"]["body"], "required": False}
    rules = RuleSet("optional", data, load_catalog())
    for body in ({"a": "x"}, None, {}, ""):
        for facts in ({}, {"on": True}, {"on": False}):
            expected = rules.validate(body, facts, engine="cerberus")
            assert RuleSet("optional", data, load_catalog()).validate(body, facts) == expected


@pytest.mark.usefixtures("decoder")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text() | st.sampled_from(['{"a": "\\""}', '{"a": "\\\\"}', '{"a": "\ud800"}']))
def test_any_text_has_the_report_of_the_reference(text: str) -> None:
    rules = SHIPPED
    assert (
        rules.validate_json(text).to_dict()
        == rules.validate_json(text, engine="cerberus").to_dict()
    )


def test_example_with_null_is_accepted_as_text() -> None:
    part = SHIPPED._prepare("body", (), "compiled")
    document = {**EXAMPLE, "description": None}
    assert part.accept_text(parse_json(json.dumps(document)), {}) == 1 + count_strings(document)


def test_msgspec_reads_many_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("msgspec")
    fast: list[Any] = []
    monkeypatch.setattr(json_text, "_fast", fast)
    monkeypatch.setattr(json_text, "_texts", count(json_text.FAST_AFTER - 1))
    for expected in (0, 0, 1, 1):
        assert len(fast) == expected
        assert json_text.scan_json('{"a": [1]}') == {"a": [1]}
