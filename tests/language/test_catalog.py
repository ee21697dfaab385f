"""Codes, messages and phrases of a rule set beside those of the catalog."""

from __future__ import annotations

import pickle
import tomllib
from pathlib import Path
from typing import Any

import pytest

import isales_rules
from isales_rules import RuleSetError
from isales_rules.language.catalog import LOCALES, load_catalog, shipped_path
from tests.support.rule_sets import Data, changed, errors, load, rule, rule_set

SHARED = sorted(load_catalog().error_codes)
BODY: Data = {
    "a": {"type": "integer", "max": 3},
    "b": {"type": "string", "format": "HH:mm", "partial_pattern": "[0-9]{2}"},
}
PAIR = rule({"required_together": ["a", "b"]})
BASE = changed(rule_set(BODY, rules=[PAIR]), {"codes": {}})
OWN = {"en_US": "Our error.", "zh_CN": "我方错误。"}


def problems(folder: Path, data: Data) -> list[tuple[str, str]]:
    with pytest.raises(RuleSetError) as error:
        load(folder, data)
    return list(error.value.problems)


def test_interface_lists_own_and_shared_codes(tmp_path: Path) -> None:
    codes = load(tmp_path, changed(BASE, {"codes": {"0200007": OWN}})).codes("zh_CN")
    assert sorted(codes) == sorted(["0200000", "0200007", *SHARED])
    assert codes["0200007"] == "我方错误。"


def test_shared_codes_are_selected(tmp_path: Path) -> None:
    codes = load(tmp_path, changed(BASE, {"shared_codes": ["02000006", "02000001"]})).codes()
    assert list(codes) == ["0200000", "0200001", "02000001", "02000006"]


def test_interface_gives_a_shared_code_its_meaning(tmp_path: Path) -> None:
    rules = load(tmp_path, changed(BASE, {"codes": {"02000007": {"en_US": "Ours."}}}))
    assert rules.codes()["02000007"] == "Ours."
    assert rules.codes("zh_CN")["02000007"] == load_catalog().meanings["zh_CN"]["02000007"]
    assert rules.validate({"a": 4}).response("en_US")["returnDesc"] == "Ours."


@pytest.mark.parametrize(
    ("shared", "expected"),
    [
        (["02000007", "02000008", "02000009", "02000010"], ["02000007", "02000010", "02000010"]),
        (["02000007", "02000009"], ["02000007", "02000009", "02000009"]),
        (["02000010"], ["0200001", "02000010", "02000010"]),
        ([], ["0200001", "0200001", "0200001"]),
    ],
)
def test_default_code_falls_back(
    shared: list[str], expected: list[str], tmp_path: Path, engine: str
) -> None:
    rules = load(tmp_path, changed(BASE, {"shared_codes": shared}))
    reports = [
        rules.validate(body, engine=engine)
        for body in ({"a": 4, "b": "08:00"}, {"b": "08:00"}, {"a": 1, "b": "08"})
    ]
    assert [code for report in reports for _, code in errors(report)] == expected


@pytest.mark.parametrize(
    ("changes", "location", "reason"),
    [
        ({"rules[0].code": "02000012"}, "rules[0].code", "'02000012' is not an error code of this interface"),
        ({"rules[0].code": "02000003", "shared_codes": ["02000001"]}, "rules[0].code", "'02000003' is not an error code of this interface"),
        ({"tables.body.a.error_codes": {"max": "0200007"}}, "tables.body.a.error_codes.max", "'0200007' is not an error code of this interface"),
        ({"shared_codes": ["02000001", "0300001"]}, "shared_codes[1]", "'0300001' is not a shared code; did you mean"),
        ({"messages": {"typ": {"en_US": "x"}}}, "messages.typ", "unknown message; did you mean 'type'?"),
        ({"messages": {"type": {"code": "9"}}}, "messages.type.code", "'9' is not an error code of this interface"),
        ({"messages": {"type": {"en": "x"}}}, "messages.type.en", "unknown keyword"),
        ({"messages": {"type": {}}}, "messages.type", "min length is 1"),
        ({"phrases": {"en_US": {"secre": "x"}}}, "phrases.en_US.secre", "unknown phrase; did you mean 'secret'?"),
        ({"phrases": {"german": {}}}, "phrases.german", "must match the pattern"),
        ({"codes": {"0200007": {}}}, "codes.0200007", "min length is 1"),
        ({"codes": {"x": OWN}}, "codes.x", "must match the pattern"),
        ({"edition": "May 2025"}, "edition", "must match the pattern"),
        ({"gaps": [{"en_US": "a\nb"}]}, "gaps[0].en_US", "has a character that does not print, and a message is one line"),
    ],
)  # fmt: skip
def test_problems_of_codes_and_texts(
    changes: Data, location: str, reason: str, tmp_path: Path
) -> None:
    found = problems(tmp_path, changed(BASE, changes))
    assert [place for place, _ in found] == [location]
    assert found[0][1].startswith(reason)


def test_rule_set_changes_messages_and_phrases(tmp_path: Path) -> None:
    texts = {"messages": {"maximum": {"en_US": "$name: no more than $max", "code": "02000009"}}}
    rules = load(
        tmp_path,
        changed(BASE, texts | {"phrases": {"en_US": {"found": "$expected, but it is $found"}}}),
    )
    report = rules.validate({"a": 4})
    assert report.violations[0].message() == "a: no more than 3, but it is 4"
    assert report.violations[0].message("zh_CN") == "a 不能大于 3；实际为 4"
    assert report.codes == ("02000009", "02000010")
    assert pickle.loads(pickle.dumps(report)) == report  # noqa: S301  # made in the line itself
    assert isales_rules.load("campaign-modify-v1").phrases()["found"] == "$expected; found $found"


GERMAN = {
    "phrases": {"de_DE": {"found": "$expected; gefunden: $found"}},
    "messages": {"maximum": {"de_DE": "$name darf höchstens $max sein"}},
}


def test_rule_set_adds_a_locale(tmp_path: Path) -> None:
    rules = load(tmp_path, changed(BASE, GERMAN))
    assert rules.locales == (*LOCALES, "de_DE")
    above, together = rules.validate({"a": 4}).violations
    assert above.message("de") == "a darf höchstens 3 sein; gefunden: 4"
    assert together.message("de-DE") == together.message("en_US").replace("found", "gefunden:")
    assert rules.codes("de_DE") == rules.codes("en_US")
    with pytest.raises(ValueError, match="use one of en_US, zh_CN, de_DE"):
        above.message("fr")


@pytest.mark.parametrize("locale", LOCALES)
def test_text_in_one_language_serves_all(locale: str, tmp_path: Path) -> None:
    fact = {"type": "boolean", locale: "the fact"}
    labels = {"allowed": [1], "allowed_labels": {locale: ["one"]}}
    change: Data = {
        "rules[0].message": {locale: "one text"},
        "codes": {"0200099": {locale: "the code"}},
        "facts": {"f": fact},
        "tables.body.a": {"type": "integer", "source": "x", **labels},
    }
    rules = load(tmp_path, changed(BASE, change))
    for other in LOCALES:
        assert rules.validate({"a": 1}).violations[0].message(other).startswith("one text")
        assert rules.codes(other)["0200099"] == "the code"
        assert any("(one)" in text for _, text in rules.expectations(other))


@pytest.mark.parametrize("name", ["campaign-modify-v1", "catalog"])
def test_shipped_texts_are_in_both_languages(name: str) -> None:
    with open(shipped_path(f"{name}.toml"), "rb") as file:
        data = tomllib.load(file)

    def check(value: Any) -> None:
        if isinstance(value, dict):
            assert not value.keys() & set(LOCALES) or value.keys() >= set(LOCALES), value
        for inner in (
            value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        ):
            check(inner)

    phrases = data.pop("phrases", {})
    check(data)
    named = [
        {one for one in phrases.get(locale, ()) if not one.startswith(("source ", "reason "))}
        for locale in LOCALES
    ]
    assert named[0] == named[1]
