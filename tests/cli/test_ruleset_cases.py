"""The commands `ruleset test` and `ruleset new`, and `ruleset check --test`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from isales_rules import load
from isales_rules.cli.main import main
from isales_rules.language.catalog import shipped_path
from tests.support.cases import DATA
from tests.support.command import Printed
from tests.support.rule_sets import fact, rule, rule_set, write

DATA_SET = rule_set(
    {"name": {"type": "string", "required": True, "maxlength": 3}, "end": {"type": "integer"}},
    facts={"now": {**fact("datetime"), "default": "now"}, "limit": fact("integer")},
    rules=[
        rule({"then": {"end": {"le": {"fact": "limit"}}}}, id="limited"),
        rule({"facts": {"limit": {"min": 9}}}, id="too-high"),
    ],
)
BASES = {"valid": {"name": "a", "end": 1}}


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(Path(), DATA_SET)
    Path("small.bases.json").write_text(json.dumps(BASES), "utf-8")


def write_cases(*cases: Any) -> None:
    lines = [case if isinstance(case, str) else json.dumps(case) for case in cases]
    Path("small.ndjson").write_text("".join(f"{line}\n" for line in lines), "utf-8")


def run(capsys: Printed, *argv: str) -> tuple[int, dict[str, Any]]:
    code = main(
        ["ruleset", "test", "small.toml", "small.ndjson", "--no-config", "--format", "json", *argv]
    )
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return code, document


RIGHT: list[dict[str, Any]] = [
    {"case": "valid", "base": "valid", "expect": []},
    {"base": "valid", "set": {"/name": "long"}, "expect": [["/name", "02000003"]]},
    {"base": "valid", "drop": ["/name"], "expect": [["/name", "02000001"]]},
    {"body": {"name": "a", "end": 5}, "facts": {"limit": 4}, "expect": [["/end", "02000009"]]},
    {"body": [], "expect": [["", "02000006"]]},
    {"ruleset": "small", "body": None, "expect": [["", "02000001"]]},
    {"base": "valid", "facts": {"now": "2030-09-01T08:00:00Z"}, "expect": []},
    {"base": "valid", "request": {"headers": {"locale": 1}}, "expect": [["/headers/locale", "02000006"]]},
]  # fmt: skip


@pytest.mark.parametrize("case", RIGHT, ids=json.dumps)
def test_right_answer_is_no_difference(case: dict[str, Any], capsys: Printed) -> None:
    write_cases(case)
    code, document = run(capsys)
    assert document["findings"] == []
    assert code == 0


def test_answers_of_the_repository_are_right(capsys: Printed) -> None:
    rules, cases = shipped_path("campaign-modify-v1.toml"), DATA / "campaign-modify-v1.ndjson"
    assert main(["ruleset", "test", rules, str(cases), "--no-config"]) == 0
    assert capsys.readouterr().out == "1 file, 875 texts: ok\n"


def test_missing_and_surplus_errors_are_differences(capsys: Printed) -> None:
    write_cases(
        {"case": "valid", "base": "valid", "expect": []},
        {"case": "é", "base": "valid", "set": {"/name": "long"}, "expect": [["/x", "02000001"]]},
    )
    code, document = run(capsys)
    assert [(one["rule"], one["code"], one["path"]) for one in document["findings"]] == [
        ("missing-error", "02000001", "/x"),
        ("unexpected-error", "02000003", "/name"),
    ]
    assert {one["line"] for one in document["findings"]} == {2}
    assert "body.name.maxlength" in document["findings"][1]["message"]
    assert document["summary"]["invalid"] == 1
    assert code == 1


def test_repeated_error_is_a_difference(capsys: Printed) -> None:
    case = RIGHT[1]
    write_cases({**case, "expect": case["expect"] * 2})
    _, document = run(capsys)
    assert [one["rule"] for one in document["findings"]] == ["missing-error"]


def test_case_of_another_rule_set_is_skipped(capsys: Printed) -> None:
    write_cases({"ruleset": "other", "body": {}, "expect": []}, "", RIGHT[0])
    code, document = run(capsys)
    assert (code, document["summary"]["texts"]) == (0, 1)


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("{", "Expecting"),
        ("[]", "must be an object"),
        ({"base": "valid"}, "array of [path, code]"),
        ({"base": "valid", "expct": [], "expect": []}, "did you mean 'expect'?"),
        ({"base": "valid", "expect": [1]}, "array of [path, code]"),
        ({"base": "vald", "expect": []}, "did you mean 'valid'?"),
        ({"base": "valid", "drop": ["/nam"], "expect": []}, "unknown path '/nam'"),
        ({"body": [1], "drop": ["/1"], "expect": []}, "unknown path '/1'"),
        ({"body": [1], "drop": ["/x"], "expect": []}, "unknown path '/x'"),
        ({"base": "valid", "set": {"/name/b": 1}, "expect": []}, "unknown path '/name/b'"),
        ({"base": "valid", "set": {"": 1}, "expect": []}, "unknown path ''"),
        ({"base": "valid", "set": {"/a/b": 1}, "expect": []}, "unknown path '/a/b'"),
        ({"base": "valid", "facts": {"limt": 1}, "expect": []}, "did you mean 'limit'"),
        ({"base": "valid", "facts": {"now": "soon"}, "expect": []}, "ISO 8601"),
    ],
)
def test_invalid_case_is_an_error_at_its_line(case: Any, words: str, capsys: Printed) -> None:
    write_cases(RIGHT[0], case)
    code, document = run(capsys)
    [finding] = document["findings"]
    assert (finding["rule"], finding["line"]) == ("invalid-case", 2)
    assert words in finding["message"]
    assert code == 1


def test_difference_shows_the_expected_errors(capsys: Printed) -> None:
    write_cases({"case": "short", "base": "valid", "expect": [["/name", "02000001"]]})
    assert main(["ruleset", "test", "small.toml", "small.ndjson", "--no-config"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "small.ndjson:1:36: 02000001 /name: is expected, but not reported (short)",
        '1 | {"case": "short", "base": "valid", "expect": [["/name", "02000001"]]}',
        f"  | {' ' * 35}{'^' * 34}",
        "",
        "1 file: 1 error in 1 file",
    ]


def test_check_runs_the_answers_beside_a_rule_set(capsys: Printed) -> None:
    write_cases({"base": "valid", "expect": [["/name", "02000001"]]})
    command = ["ruleset", "check", "--no-config", "--format", "concise"]
    assert main([*command, "small.toml"]) == 0
    assert main([*command, "--test", "small.toml"]) == 1
    capsys.readouterr()
    assert main([*command, "--test", "small.ndjson"]) == 1
    assert capsys.readouterr().out.count("small.ndjson:1:") == 1


def test_new_rule_set_passes_the_check(capsys: Printed) -> None:
    assert main(["ruleset", "new", "first"]) == 0
    assert capsys.readouterr().out == "first.toml\n"
    assert main(["ruleset", "check", "first.toml", "--no-config", "--strict"]) == 0
    assert load("first.toml").title == "first"


def test_new_rule_set_does_not_overwrite(capsys: Printed) -> None:
    assert main(["ruleset", "new", "small.toml"]) == 2
    assert capsys.readouterr().err == "isales-rules: small.toml: exists already\n"
    assert load("small.toml").title == DATA_SET["title"]
