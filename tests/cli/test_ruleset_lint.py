"""Warnings of `ruleset check` about what is valid but useless."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from isales_rules.cli.main import main
from isales_rules.cli.rulesets.lint import lint
from isales_rules.language.catalog import LOCALES
from tests.support.command import Printed
from tests.support.random_rule_sets import documents, rule_sets, stated
from tests.support.rule_sets import Data, changed, fact, rule, rule_set, write

BASE: Data = rule_set(
    {
        "name": {"type": "string", "required": True, "maxlength": 9},
        "kind": {"ref": "small"},
        "other": {"type": "integer"},
        "code": {"type": "string", "regex": "[a-z]{3}", "example": "abc"},
        "day": {"type": "string", "format": "yyyy-MM-dd"},
        "xs": {"type": "list", "schema": {"type": "string", "maxlength": 5}},
    },
    definitions={"small": {"type": "integer", "min": 1, "max": 9}},
    facts={"limit": fact("integer")},
    rules=[
        rule({"then": {"kind": {"le": {"fact": "limit"}}}}, id="limited"),
        rule({"when": {"kind": {"min": 5}}, "then": {"other": {"required": True}}}, id="needed"),
    ],
)
SOURCE = "Table 9"
BODY = "tables.body"
CONFLICT = {"kind": {"max": 4}}

USELESS: dict[str, tuple[Data, str, str]] = {
    "definition": ({"definitions.big": {"type": "integer"}}, "unused", "definitions.big"),
    "table": (
        {"tables.more": {"x": {"type": "integer", "source": SOURCE}}},
        "unused",
        "tables.more",
    ),
    "fact": ({"facts.extra": fact("integer")}, "unused", "facts.extra"),
    "message": ({"messages.too-many": {"en_US": "$name is long"}}, "unused", "messages.too-many"),
    "placeholder": (
        {"rules[0].message.en_US": "$nam must not exceed $other"},
        "unknown-placeholder",
        "rules[limited].message.en_US",
    ),
    "example": ({f"{BODY}.code.example": "abcd"}, "refused-value", f"{BODY}.code.example"),
    "default": ({f"{BODY}.name.default": "a" * 10}, "refused-value", f"{BODY}.name.default"),
    "default of a definition": (
        {f"{BODY}.kind.default": 10},
        "refused-value",
        f"{BODY}.kind.default",
    ),
    "default of another type": (
        {f"{BODY}.other.default": "1"},
        "refused-value",
        f"{BODY}.other.default",
    ),
    "format": ({f"{BODY}.day.forbidden_characters": "-"}, "no-valid-value", f"{BODY}.day"),
    "keywords": (
        {f"{BODY}.name.prefix": "x", f"{BODY}.name.forbidden_characters": "x"},
        "no-valid-value",
        f"{BODY}.name",
    ),
    "item of a list": (
        {f"{BODY}.xs.schema.allowed_characters": "x", f"{BODY}.xs.schema.prefix": "a"},
        "no-valid-value",
        f"{BODY}.xs.schema",
    ),
    "clause never violated": (
        {"rules[1].clauses[0].then": {"kind": {"min": 2}}},
        "never-violated",
        "rules[needed].clauses[0]",
    ),
    "clause never satisfied": (
        {"rules[1].clauses[0].then": {"kind": {"max": 4}}},
        "never-satisfied",
        "rules[needed].clauses[0]",
    ),
    "clause that never applies": (
        {"rules[1].clauses[0].when": {"kind": {"min": 10}}},
        "never-violated",
        "rules[needed].clauses[0]",
    ),
}


def check(data: Data, capsys: Printed, *argv: str) -> list[dict[str, Any]]:
    write(Path(), data)
    main(["ruleset", "check", "small.toml", "--no-config", "--format", "json", *argv])
    findings: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["findings"]
    return findings


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_useful_rule_set_has_no_warning(capsys: Printed) -> None:
    assert check(BASE, capsys) == []


@pytest.mark.parametrize(("changes", "kind", "location"), USELESS.values(), ids=USELESS)
def test_useless_part_is_a_warning(
    changes: Data, kind: str, location: str, capsys: Printed
) -> None:
    [finding] = check(changed(BASE, changes), capsys)
    assert (finding["rule"], finding["path"]) == (kind, location)
    assert finding["severity"] == "warning"


def test_pattern_without_generated_values_is_no_warning(capsys: Printed) -> None:
    clause = {"rules[1].clauses[0].then": {"name": {"regex": "[a-z]{2}_[0-9]"}}}
    assert check(changed(BASE, clause), capsys) == []


def test_rule_is_shadowed_by_an_equal_one(capsys: Printed) -> None:
    findings = check(changed(BASE, {"rules[2]": {**BASE["rules"][1], "id": "again"}}), capsys)
    assert [(one["rule"], one["path"]) for one in findings] == [
        ("shadowed", "rules[needed].clauses[0]"),
        ("shadowed", "rules[again].clauses[0]"),
    ]
    assert "violates again" in findings[0]["message"]
    assert json.loads(findings[0]["hint"].replace("\n", " "))["kind"] >= 5


def test_never_satisfied_clause_shows_a_document(capsys: Printed) -> None:
    data = changed(BASE, {"rules[1].clauses[0].then": CONFLICT})
    [finding] = check(data, capsys)
    assert json.loads(finding["hint"].replace("\n", " "))["kind"] >= 5


def test_warnings_fail_only_with_strict() -> None:
    write(Path(), changed(BASE, {"facts.extra": fact("integer")}))
    assert main(["ruleset", "check", "small.toml", "--no-config"]) == 0
    assert main(["ruleset", "check", "small.toml", "--no-config", "--strict"]) == 1


@pytest.mark.parametrize("locale", LOCALES)
def test_every_kind_has_a_message(locale: str, capsys: Printed) -> None:
    for changes, _, _ in USELESS.values():
        [finding] = check(changed(BASE, changes), capsys, "--locale", locale)
        assert "$" not in finding["message"].replace("$nam", "")
        assert finding["message"].isascii() is (locale == "en_US")


@settings(max_examples=6, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_document_violates_a_clause_that_none_violates(data: st.DataObject) -> None:
    rules = data.draw(rule_sets())
    content = json.loads(rules.__reduce__()[1][1])
    useless = {
        content["rules"][int(found.path.split("[")[1].split("]")[0])]["id"]
        for found in lint(rules, content)
        if found.kind == "never-violated"
    } - {one["id"] for one in content.get("rules", ()) if len(one["clauses"]) > 1}
    for _ in range(5 if useless else 0):
        report = rules.validate(data.draw(documents(rules)), data.draw(stated(rules)))
        assert useless.isdisjoint(one.rule for one in report.violations)
