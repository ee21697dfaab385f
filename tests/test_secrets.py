"""Values of secret parameters are never shown."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest

from isales_rules import Report, RuleSet
from tests.support.rule_sets import Data, errors, fact, load, rule, rule_set

HIDDEN = "s3cr3t-T0ken"
NUMBER = 918273645546
VALUES: list[Any] = [
    HIDDEN,
    NUMBER,
    str(NUMBER),
    -NUMBER,
    NUMBER + 0.5,
    HIDDEN.encode(),
    [HIDDEN],
    [NUMBER],
    [[NUMBER] * 3],
    {"k": HIDDEN},
]
VALUES += [{"k": NUMBER}, {"p": {"q": NUMBER}}, {"p": [NUMBER]}, [{"k": HIDDEN}]]
MESSAGE = dict.fromkeys(("en_US", "zh_CN"), "$name: $found, $other, $min, $default, ${found}")
WORD: Data = {"type": "string", "secret": True, "maxlength": 5}
DEFINITIONS: Data = {
    "word": WORD
    | {"regex": "[a-z]+", "example": "abc", "allowed_characters": "abc", "prefix": "a"},
    "used": {"ref": "token"},
    "pin": {"type": "integer", "secret": True, "coerce": "decimal", "max": 9},
    "day": {"type": "string", "secret": True, "format": "HH:mm", "partial_pattern": "s3.*"},
    "xs": {"type": "list", "secret": True, "schema": {"type": "string", "maxlength": 5}},
    "xss": {
        "type": "list",
        "secret": True,
        "schema": {"type": "list", "maxitems": 2, "schema": {"type": "integer", "max": 9}},
    },
    "o": {"type": "dict", "secret": True, "schema": "o"},
}
CLAUSES: list[Data] = [
    {"then": {"b": {"eq": {"parameter": "word"}}}},
    {"then": {"word": {"eq": {"parameter": "b"}, "in": {"fact": "tokens"}}}},
    {"then": {"n": {"lt": {"parameter": "used"}}, "used": {"gt": {"parameter": "n"}}}},
    {
        "then": {
            "m": {"le": {"parameter": "pin", "offset": -1}},
            "pin": {"lt": {"parameter": "m"}},
        }
    },
    {
        "then": {
            "o": {"schema": {"k": {"regex": "x"}, "p": {"schema": {"q": {"max": 8}}}}},
            "day": {"absent": True},
        }
    },
    {"when": {"word": {"minlength": 1}}, "report_at": "word"},
    {"when": {"b": {"required": True}}},
]


def secret_rule_set(folder: Path) -> RuleSet:
    data = rule_set(
        DEFINITIONS | {"b": {"type": "string"}, "n": {"type": "string"}, "m": {"type": "integer"}},
        tables={
            "o": {"k": {"type": "string", "maxlength": 5}, "p": {"type": "dict", "schema": "p"}},
            "p": {"q": {"type": "integer", "max": 9}},
        },
        definitions={"token": WORD},
        facts={"tokens": fact("strings"), "pin": fact("integer")},
        rules=[
            rule(clause, id=f"c{number}", message=MESSAGE) for number, clause in enumerate(CLAUSES)
        ],
    )
    return load(folder, data)


def views(report: Report) -> str:
    texts = [
        report.to_dict(),
        report.to_dict("zh_CN"),
        report.response(),
        report,
        report.violations,
        pickle.dumps(report),
    ]
    for one in report.violations:
        texts += [
            one.message(),
            one.message("zh_CN"),
            one.message(values=False),
            one.hint(),
            one,
            pickle.dumps(one),
        ]
    return " ".join(map(repr, texts))


@pytest.mark.parametrize("value", VALUES, ids=str)
@pytest.mark.parametrize("name", DEFINITIONS)
def test_secret_is_not_shown(name: str, value: Any, tmp_path: Path, engine: str) -> None:
    body = {"b": "x", "n": "x", "m": 1, name: value}
    report = secret_rule_set(tmp_path).validate(body, {"tokens": ["a"]}, engine=engine)
    assert report.violations
    assert not any(hidden in views(report) for hidden in (HIDDEN, str(NUMBER)))


def test_fact_about_a_secret_is_not_shown(tmp_path: Path, engine: str) -> None:
    one_rule = rule({"then": {"pin": {"eq": {"fact": "pin"}}}}, message=MESSAGE)
    data = rule_set(
        {"pin": {"type": "integer", "secret": True}},
        facts={"pin": fact("integer")},
        rules=[one_rule],
    )
    report = load(tmp_path, data).validate({"pin": 1}, {"pin": NUMBER}, engine=engine)
    assert errors(report) == [("/pin", "02000009")]
    assert str(NUMBER) not in views(report)


def test_message_without_values_omits_the_value(tmp_path: Path, engine: str) -> None:
    one_rule = rule({"then": {"b": {"absent": True}}}, message=MESSAGE)
    [violation] = (
        load(tmp_path, rule_set({"b": {"type": "string"}}, rules=[one_rule]))
        .validate({"b": "value"}, engine=engine)
        .violations
    )
    assert violation.message().count("value") == 3
    assert "value" not in violation.message(values=False)
