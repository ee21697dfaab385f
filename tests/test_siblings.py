"""The rule sets of the other interfaces: worked answers, own cases, whole requests, provenance."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import isales_rules
from isales_rules import RuleSetError
from isales_rules.cli.main import main
from isales_rules.language.catalog import LOCALES, shipped_path
from isales_rules.ruleset import endpoints
from isales_rules.testing import examples, strategies
from tests.support import interfaces, siblings
from tests.support.cases import facts_of
from tests.support.command import Printed

NAMES = isales_rules.names()
FOLDER = Path(shipped_path("catalog.toml")).parent
ROOT = Path(__file__).parent.parent
BASES = {"common", "campaign", "existing-campaign", "special-date"}
OWN = siblings.own_cases()
OF_TEXTS = (".duplicate-key", ".invalid-json")
"""Rules about texts, which have no examples."""

NOT_GENERATED = {"ends-in-the-past", "week-repeated"}
"""Warnings whose examples need two values, or two parts of a value, that fit each other."""


def violations(report: isales_rules.Report) -> list[list[str | None]]:
    return [[one.path, one.code or one.rule] for one in report.violations]


def errors(report: isales_rules.Report) -> list[list[str | None]]:
    return sorted([one.path, one.code] for one in report.violations if one.severity == "error")


def test_ten_interfaces_are_shipped() -> None:
    assert sorted(["campaign-modify-v1", *siblings.SIBLINGS]) == NAMES
    assert sum(map(len, siblings.worked_answers().values())) == 446


@pytest.mark.parametrize("name", siblings.SIBLINGS)
def test_worked_answers(name: str, engine: str) -> None:
    rules = isales_rules.load(name)
    for case in siblings.worked_answers()[name]:
        report = rules.validate(case["body"], case["facts"], engine=engine)
        assert errors(report) == sorted(case["expect"]), case["body"]


@pytest.mark.parametrize("name", siblings.SIBLINGS)
def test_own_cases(name: str, engine: str) -> None:
    rules = isales_rules.load(name)
    cases = [case for case in OWN if case["ruleset"] == name]
    assert cases
    for case in cases:
        report = rules.validate(case["body"], facts_of(case), engine=engine)
        assert violations(report) == case["expect"], case["case"]


def test_names_of_own_cases_are_unique() -> None:
    assert [
        name for name, count in Counter(case["case"] for case in OWN).items() if count > 1
    ] == []


@pytest.mark.parametrize("name", siblings.SIBLINGS)
def test_urls_and_headers(name: str, engine: str) -> None:
    rules = isales_rules.load(name)
    for case, request, expect, hidden in siblings.request_cases(name):
        report = rules.validate_request(**request, engine=engine)
        assert violations(report) == expect, case
        if hidden:
            assert hidden not in json.dumps(report.to_dict())
    for case, text, expect in siblings.text_cases(name):
        assert violations(rules.validate_request_json(text, engine=engine)) == expect, case


def test_adding_answers_like_modifying(engine: str) -> None:
    rules = isales_rules.load("campaign-add-v1")
    cases = list(siblings.campaign_cases())
    assert len(cases) > 900
    for name, body, facts, expect, ordered in cases[:: 1 if engine == "compiled" else 7]:
        report = rules.validate(body, facts, engine=engine)
        assert (violations(report) if ordered else errors(report)) == expect, name


@pytest.mark.parametrize("name", NAMES)
def test_example_is_valid(name: str, capsys: Printed) -> None:
    file = FOLDER / "examples" / f"{name}.json"
    report = isales_rules.load(name).validate_json(file.read_bytes())
    assert report.violations == ()
    assert main(["check", "--no-config", "--ruleset", name, str(file)]) == 0
    assert capsys.readouterr().out


def test_examples_belong_to_rule_sets() -> None:
    assert sorted(file.stem for file in (FOLDER / "examples").iterdir()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_commands_work(name: str, capsys: Printed) -> None:
    rules = isales_rules.load(name)
    ids = list(dict.fromkeys(rule.id for rule in rules.rules()))
    for command in (["rules"], ["compile"], ["examples"], ["explain", ids[-1]]):
        for locale in LOCALES if command[0] in ("rules", "explain") else LOCALES[:1]:
            extra = ["--locale", locale] if command[0] in ("rules", "explain") else []
            assert main([*command, "--ruleset", name, *extra]) == 0, command
            assert capsys.readouterr().out


@pytest.mark.parametrize("name", siblings.SIBLINGS)
def test_generated_examples_are_answered(name: str, engine: str) -> None:
    rules = isales_rules.load(name)
    broken = set()
    for number, case in enumerate(examples.examples(rules)):
        if engine == "cerberus" and number % 7:
            continue
        facts = facts_of({"facts": case.get("facts", {})})
        broken |= set(case["breaks"])
        if "body" in case:
            report = rules.validate(case["body"], facts, engine=engine)
        elif "request" in case:
            report = rules.validate_request_json(json.dumps(case["request"]), facts, engine=engine)
        else:
            continue
        assert errors(report) == case["expect"], case["name"]
    if engine == "compiled":
        unbroken = {rule.id for rule in rules.rules()} - broken
        assert {one for one in unbroken if not one.endswith(OF_TEXTS)} <= NOT_GENERATED


@pytest.mark.parametrize("name", NAMES)
def test_strategies_draw_bodies(name: str) -> None:
    from hypothesis import given, settings

    rules = isales_rules.load(name)

    @settings(max_examples=10)
    @given(strategies.valid(rules), strategies.invalid(rules))
    def check(valid: Any, invalid: Any) -> None:
        assert rules.validate(valid).ok
        body, expected = invalid
        assert errors(rules.validate(body)) == sorted(map(list, expected))

    check()


@pytest.mark.parametrize("name", siblings.SIBLINGS)
def test_sources_are_the_interface_and_the_parameter(name: str) -> None:
    for rule in isales_rules.load(name).rules():
        if rule.id.startswith("request.") or rule.id == "ringing-above-60":
            continue
        interface, _, parameter = rule.source.partition(", ")
        assert interface == name
        assert parameter in ("", *rule.path, rule.name), rule.id


@pytest.mark.parametrize("name", siblings.SIBLINGS)
def test_provenance_is_shown(name: str, capsys: Printed) -> None:
    rules = isales_rules.load(name)
    assert re.fullmatch("20[0-9]{2}-[0-9]{2}", rules.edition)
    for locale in LOCALES:
        assert main(["rules", "--ruleset", name, "--locale", locale]) == 0
        out = " ".join(capsys.readouterr().out.split())
        assert rules.edition in out
        assert rules.document[locale] in out
        assert [gap[locale] for gap in rules.gaps if gap[locale] not in out] == []


@pytest.mark.parametrize("name", sorted(BASES))
def test_bases_are_not_interfaces(name: str) -> None:
    data = tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))
    assert data.keys().isdisjoint({"request", "codes", "shared_codes", "facts", "title"})
    with pytest.raises(RuleSetError, match="can only be extended"):
        isales_rules.load(name)


def test_each_file_is_a_rule_set_or_a_base() -> None:
    files = {file.stem for file in FOLDER.glob("*.toml")}
    assert files == {"catalog", *BASES, *NAMES}


def test_unlisted_code_is_refused() -> None:
    data = {"extends": "call-batch-create-v1", "rules": [{"id": "name-unique", "code": "02000009"}]}
    with pytest.raises(RuleSetError) as caught:
        isales_rules.load(data)
    assert caught.value.problems[0][0] == "rules[0].code"


@pytest.mark.parametrize("name", NAMES)
def test_codes_have_meanings_in_both_languages(name: str) -> None:
    rules = isales_rules.load(name)
    english, chinese = rules.codes("en_US"), rules.codes("zh_CN")
    assert english.keys() == chinese.keys()
    assert all(not text.isascii() for text in chinese.values())
    used = {rule.code for rule in rules.rules()} - {None}
    assert used <= english.keys()


def test_meaning_of_a_code_belongs_to_the_interface() -> None:
    meanings = {
        isales_rules.load(name).codes()["0200007"]
        for name in NAMES
        if "0200007" in isales_rules.load(name).codes()
    }
    assert meanings == {"There is no such campaign.", "A number is on the blocklist already."}


@pytest.mark.parametrize("name", NAMES)
def test_request_is_routed_and_validated(name: str) -> None:
    request = endpoints()[name]
    path = siblings.path_of(name)
    url = re.sub(r"\{(\w+)\}", lambda part: str(path[part[1]]), request["url"])
    body = (FOLDER / "examples" / f"{name}.json").read_bytes()
    result = isales_rules.validate_http(request["method"], url, siblings.HEADERS, body)
    assert result.rules is isales_rules.load(name)
    assert result.report is not None
    assert result.report.violations == ()
    for other in (url.replace("/v1/", "/v2/"), f"{url}/", url.upper()):
        assert isales_rules.match(request["method"], other) is None


@pytest.mark.parametrize("locale", LOCALES)
def test_readme_has_the_interfaces(locale: str) -> None:
    text = (ROOT / interfaces.READMES[locale]).read_text("utf-8")
    assert interfaces.with_table(text, locale) == text, "run python -m tests.tools.snapshots"
    assert interfaces.table(locale) in text


def test_package_names_no_interface_parameter_or_code() -> None:
    words = set(NAMES) | BASES
    for name in NAMES:
        rules = isales_rules.load(name)
        words |= rules.codes().keys()
        words |= {one.name for one in rules.root("request").walk()}
    # Other words are also those of the package itself, such as `name` and `type`.
    own = {word for word in words if re.search("[A-Z0-9-]", word[1:])} - {"Content-Type"}
    pattern = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, sorted(own)))})(?![\w-])")
    package = ROOT / "isales_rules"
    named = {
        f"{file.relative_to(ROOT)}: {found}"
        for file in package.rglob("*.py")
        for found in pattern.findall(file.read_text("utf-8"))
    }
    assert sorted(named) == []
