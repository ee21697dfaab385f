"""Rule sets by pattern of file: setting `rulesets`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import isales_rules
from isales_rules.cli.main import main
from isales_rules.language.catalog import default_ruleset
from isales_rules.ruleset import names
from tests.cli.test_formats import published
from tests.support.command import Printed, stdin
from tests.support.rule_sets import fact, rule, rule_set, toml, write

DAYS = rule_set(
    {"day": {"type": "string", "required": True, "maxlength": 3}, "n": {"type": "integer"}},
    facts={"limit": fact("integer"), "closed": fact("boolean")},
    rules=[
        rule({"then": {"n": {"le": {"fact": "limit"}}}}, id="limited"),
        rule({"facts": {"closed": {"allowed": [True]}}}, id="open"),
    ],
)
CALLS = rule_set(
    {"call": {"type": "string", "required": True}, "n": {"type": "integer"}},
    facts={"limit": fact("integer")},
    rules=[rule({"then": {"n": {"le": {"fact": "limit"}}}}, id="limited")],
)
FILES = {
    "days/a.json": {"day": "long", "n": 5},
    "days/b.ndjson": {"day": "Mon", "x": 1},
    "calls/a.json": {"day": "Mon"},
    "calls/valid.json": {"call": "x"},
}


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    (tmp_path / "sets").mkdir()
    write(Path("sets"), DAYS, "days.toml")
    write(Path("sets"), CALLS, "calls.toml")
    for name, content in FILES.items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(json.dumps(content) + "\n", "utf-8")
    settings(**{"days/*": "sets/days.toml"})


def settings(**rule_sets: str) -> None:
    lines = {"ruleset": "sets/calls.toml", "rulesets": rule_sets}
    Path(".isales-rules.toml").write_text(
        "".join(f"{name} = {toml(value)}\n" for name, value in lines.items()), "utf-8"
    )


def check(capsys: Printed, *argv: str) -> dict[str, Any]:
    capsys.readouterr()
    main(["check", "--format", "json", *argv])
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def rules(document: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(one["file"], Path(one["ruleset"]).stem, one["rule"]) for one in document["findings"]]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_each_file_has_its_rule_set(jobs: str, capsys: Printed) -> None:
    document = check(capsys, "days", "calls", "--jobs", jobs)
    found = rules(document)
    assert sorted(file for file, _, _ in found) == [
        "calls/a.json", "calls/a.json", "days/a.json", "days/b.ndjson",
    ]  # fmt: skip
    assert all(Path(file).parent.name == name for file, name, _ in found)
    assert document["summary"]["unchecked"] == ["limited", "open"]


def test_first_matching_pattern_wins(capsys: Printed) -> None:
    settings(
        **{"days/b.*": "sets/calls.toml", "b.ndjson": "sets/days.toml", "d*/*": "sets/days.toml"}
    )
    found = rules(check(capsys, "days"))
    assert {(file, name) for file, name, _ in found} == {
        ("days/a.json", "days"),
        ("days/b.ndjson", "calls"),
    }


def test_flag_overrides_the_patterns(capsys: Printed) -> None:
    found = rules(check(capsys, "days", "calls", "--ruleset", "sets/days.toml"))
    assert {name for _, name, _ in found} == {"days"}


def test_flags_for_patterns_and_the_rest(capsys: Printed) -> None:
    document = check(
        capsys,
        "days",
        "calls",
        "--rulesets",
        "a.json=sets/calls.toml",
        "--ruleset",
        "sets/days.toml",
    )
    assert {(file, name) for file, name, _ in rules(document)} == {
        ("days/a.json", "calls"),
        ("calls/a.json", "calls"),
        ("calls/valid.json", "days"),
        ("days/b.ndjson", "days"),
    }
    assert main(["check", "calls", "--rulesets", "sets/calls.toml"]) == 2
    assert "must be PATTERN=NAME" in capsys.readouterr().err


def test_name_of_standard_input_selects(capsys: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    stdin(monkeypatch, b'{"day": "long"}')
    document = check(capsys, "-", "--stdin-filename", "days/new.json")
    assert [one["rule"] for one in document["findings"]] == ["body.day.maxlength"]


def test_rule_set_has_only_the_facts_that_it_declares(capsys: Printed) -> None:
    Path("facts.json").write_text('{"limit": 3, "closed": false}', "utf-8")
    document = check(capsys, "days", "calls", "--facts", "facts.json")
    assert ("days/a.json", "days", "limited") in rules(document)
    assert document["summary"]["unchecked"] == []


def test_fact_that_no_rule_set_declares_is_an_error(capsys: Printed) -> None:
    Path("facts.json").write_text('{"limt": 3}', "utf-8")
    assert main(["check", "calls", "--facts", "facts.json"]) == 2
    assert "did you mean 'limit'?" in capsys.readouterr().err


def test_selectors_may_name_rules_of_any_rule_set(capsys: Printed) -> None:
    document = check(capsys, "calls", "days", "--select", "day,call")
    assert [one["path"] for one in document["findings"]] == ["/call", "/day", "/day"]
    assert check(capsys, "calls", "--ignore", "open")["findings"] != []
    assert main(["check", "calls", "--select", "dya"]) == 2
    assert "did you mean 'day'?" in capsys.readouterr().err


def test_unused_rule_set_is_not_loaded(capsys: Printed) -> None:
    settings(**{"days/*": "sets/missing.toml"})
    assert main(["check", "calls/valid.json"]) == 0
    assert main(["check", "days"]) == 2
    assert "sets/missing.toml: cannot be read" in capsys.readouterr().err


def test_baseline_has_findings_of_all_rule_sets(capsys: Printed) -> None:
    assert main(["check", "days", "calls", "--write-baseline", "known.json"]) == 0
    document = check(capsys, "days", "calls", "--baseline", "known.json")
    assert document["findings"] == []
    assert document["summary"]["known"] == 4


def test_sarif_has_a_table_of_rules_for_each_rule_set(capsys: Printed) -> None:
    main(["check", "days", "calls", "--format", "sarif"])
    log = json.loads(capsys.readouterr().out)
    jsonschema.validate(log, published(b"(SARIF) Version 2.1.0 JSON Schema"))
    [run] = log["runs"]
    [extension] = run["tool"]["extensions"]
    assert extension["name"].endswith("days.toml")
    for result in run["results"]:
        component = result.get("rule", {}).get("toolComponent")
        table = run["tool"]["driver"] if component is None else extension
        rule = table["rules"][result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert (component is not None) is uri.startswith("days/")
        assert ("--ruleset" in rule["help"]["text"]) is uri.startswith("days/")


def test_text_names_the_rule_set_of_a_finding(capsys: Printed) -> None:
    main(["check", "days/a.json", "calls/a.json"])
    assert "sets/days.toml, Table body, day)" in capsys.readouterr().out
    main(["check", "calls/a.json"])
    assert "sets/" not in capsys.readouterr().out


def test_statistics_separate_rule_sets(capsys: Printed) -> None:
    main(["check", "days", "calls", "--statistics"])
    out = capsys.readouterr().out
    assert out.count("body.unknown-parameter") == 2


def test_explain_finds_rules_of_any_rule_set(capsys: Printed) -> None:
    assert main(["explain", "body.call.required"]) == 0
    assert main(["explain", "body.day.maxlength"]) == 0
    assert main(["explain", "open", "--ruleset", "sets/calls.toml"]) == 2
    assert "unknown code, rule or parameter 'open'" in capsys.readouterr().err


def test_rule_sets_are_not_overwritten(capsys: Printed) -> None:
    assert main(["check", "calls", "--output", "json=sets/days.toml"]) == 2
    assert "sets/days.toml: cannot be written" in capsys.readouterr().err


def test_default_rule_set_is_data(capsys: Printed) -> None:
    assert main(["rules", "--no-config", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["ruleset"] == default_ruleset()
    assert default_ruleset() in names()
    for file in Path(isales_rules.__file__).parent.rglob("*.py"):
        text = file.read_text("utf-8")
        assert not [name for name in names() if name in text], file
