"""Selection, fail levels, redaction, settings files, and baselines."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from isales_rules.cli.main import main
from isales_rules.cli.options import OPTIONS
from tests.support.command import (
    BEFORE,
    BODY,
    HEADERS,
    PATH,
    Printed,
    backwards,
    body,
    check_before,
    finding_codes,
    raising,
)
from tests.support.rule_sets import rule_set, write

BOTH = {**backwards(), "callerNo": "x" * 25}
"""Body with two errors in one parameter, and a warning."""

TOO_LONG, CHARACTER, WARNING = (
    ("/callerNo", "02000003"),
    ("/callerNo", "02000002"),
    ("/scheduleParam/workdayEndTime1", "segment-backwards"),
)


# --- Selection -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argv", "code", "expected"),
    [
        ([], 1, [TOO_LONG, CHARACTER, WARNING]),
        (["--select", "02000002"], 1, [CHARACTER]),
        (["--select", "body.callerNo.maxlength, segment-backwards"], 1, [TOO_LONG, WARNING]),
        (["--select", "02000002", "--select", "02000003"], 1, [TOO_LONG, CHARACTER]),
        (["--ignore", "02000002"], 1, [TOO_LONG, WARNING]),
        (["--ignore", "02000002,body.callerNo.maxlength"], 0, [WARNING]),
        (["--select", "02000002", "--ignore", "body.callerNo.allowed_characters"], 0, []),
        (["--per-file-ignores", "*.json=02000002"], 1, [TOO_LONG, WARNING]),
        (["--per-file-ignores", "drafts/*=02000002,02000003"], 0, [WARNING]),
        (
            ["--per-file-ignores", "autumn.json=02000002", "--per-file-ignores", "d*s/*=02000003"],
            0,
            [WARNING],
        ),
        (["--per-file-ignores", "other/*=02000002"], 1, [TOO_LONG, CHARACTER, WARNING]),
        (["--select", "callerNo"], 1, [TOO_LONG, CHARACTER]),
        (["--select", "/callerNo,segment-backwards"], 1, [TOO_LONG, CHARACTER, WARNING]),
        (["--select", "/body/callerNo"], 1, [TOO_LONG, CHARACTER]),
        (["--ignore", "callerNo"], 0, [WARNING]),
        (["--ignore", "/scheduleParam/workdayEndTime1"], 1, [TOO_LONG, CHARACTER]),
        (["--ignore", "/scheduleParam/workdayEndTime2"], 1, [TOO_LONG, CHARACTER, WARNING]),
        (["--ignore", "/scheduleParam/*"], 1, [TOO_LONG, CHARACTER]),
        (["--select", "0200*"], 1, [TOO_LONG, CHARACTER]),
        (["--select", "segment*"], 0, [WARNING]),
        (["--ignore", "*.callerNo.*"], 0, [WARNING]),
        (["--per-file-ignores", "drafts/*=callerNo"], 0, [WARNING]),
    ],
)
def test_findings_are_selected_and_ignored(
    argv: list[str], code: int, expected: Any, file: Any, capsys: Printed
) -> None:
    exit_code, document = check_before(capsys, file(BOTH, "drafts/autumn.json"), *argv)
    assert sorted(finding_codes(document)) == sorted(expected)
    assert exit_code == code


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (
            ["--select", "02000020"],
            "select: unknown code, rule or parameter '02000020'; did you mean '0200002'?",
        ),
        (
            ["--ignore", "body.callerNo.maxlen"],
            "ignore: unknown code, rule or parameter 'body.callerNo.maxlen'; did you mean 'body.callerNo.maxlength'?",
        ),
        (
            ["--select", "callerno"],
            "select: unknown code, rule or parameter 'callerno'; did you mean 'callerNo'?",
        ),
        (
            ["--ignore", "/skillParam/callerNo"],
            "ignore: unknown code, rule or parameter '/skillParam/callerNo'",
        ),
        (["--ignore", "03*"], "ignore: unknown code, rule or parameter '03*'"),
        (["--ignore", "/odd"], "ignore: unknown code, rule or parameter '/odd'"),
        (
            ["--per-file-ignores", "*=segments"],
            "per-file-ignores: unknown code, rule or parameter 'segments'",
        ),
    ],
)
def test_unknown_selector_suggests_the_nearest(
    argv: list[str], message: str, file: Any, capsys: Printed
) -> None:
    assert main(["check", file(BOTH), *argv]) == 2
    assert f"isales-rules: {message}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flag", "value", "message"),
    [
        ("--per-file-ignores", "x", "must be PATTERN=NAMES, such as 'drafts/*=body.*', not 'x'"),
        *(
            ("--max-errors", value, f"must be a whole number from 1, not {value!r}")
            for value in ("0", "x", "\uff13", "1000000000")
        ),
    ],
)
def test_invalid_argument_exits_with_2(
    flag: str, value: str, message: str, file: Any, capsys: Printed
) -> None:
    assert main(["check", file(BODY), flag, value]) == 2
    assert capsys.readouterr().err.startswith(f"isales-rules: argument {flag}: {message}; see ")


def test_selection_works_in_requests_and_replies(file: Any, capsys: Printed) -> None:
    request = {
        "path": PATH,
        "headers": {**HEADERS, "Content-Type": "x"},
        "body": body(callerNo="x"),
    }
    for name, expected in (
        ("callerNo", ["/body/callerNo"]),
        ("/body/callerNo", ["/body/callerNo"]),
        ("/headers/*", ["/headers/Content-Type"]),
    ):
        _, document = check_before(capsys, file(request), "--request", "--select", name)
        assert [path for path, _ in finding_codes(document)] == expected
    _, document = check_before(
        capsys,
        file({"returnObject": {"id": 1, **body(callerNo="x", name="")}}),
        "--query-reply",
        "--ignore",
        "/callerNo",
    )
    assert finding_codes(document) == [("/returnObject/name", "02000001")]


def test_list_items_are_selected_by_pattern(file: Any, tmp_path: Path, capsys: Printed) -> None:
    rules = write(
        tmp_path,
        rule_set({"a": {"type": "list", "schema": {"type": "integer"}}, "b": {"type": "integer"}}),
    )
    for name in ("/a/*", "/body/a/*"):
        _, document = check_before(
            capsys, file({"a": [1, "x", "y"], "b": "x"}), "--ruleset", str(rules), "--select", name
        )
        assert [path for path, _ in finding_codes(document)] == ["/a/1", "/a/2"]


def test_pattern_matches_a_name_in_any_folder(file: Any, capsys: Printed) -> None:
    assert finding_codes(
        check_before(capsys, file(BOTH, "a/b/c.json"), "--per-file-ignores", "c.json=02000002")[1]
    ) == [TOO_LONG, WARNING]


def test_pattern_and_output_accept_an_equals_sign(file: Any, capsys: Printed) -> None:
    name = file(BOTH, "a=b.json")
    assert finding_codes(check_before(capsys, name, "--per-file-ignores", "a=*=02000002")[1]) == [
        TOO_LONG,
        WARNING,
    ]
    main(["check", name, "--output", "json=c=d.json"])
    assert json.loads(Path("c=d.json").read_text("utf-8"))["findings"]


def test_undecodable_name_is_the_same_in_all_outputs(file: Any, capsys: Printed) -> None:
    name = file(BOTH, os.fsdecode(b"\xff.json"))
    main(["check", name, "--output", "concise=report", "--format", "concise"])
    assert Path("report").read_text("utf-8").splitlines() == capsys.readouterr().out.splitlines()
    main(["check", name, "--output", "github=report"])
    assert "file=\\udcff.json," in Path("report").read_text("utf-8")


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (
            ["check", "x", "--output", "xml=y"],
            "the formats are text, concise, json, jsonl, sarif, junit, github, gitlab",
        ),
        (
            ["check", "-", "--files-from", "-"],
            "isales-rules: standard input cannot be both a file to check and the list of files",
        ),
        (["explain", "0200009"], "the codes are 0200000, 0200001, 0200002, 0200005, "),
    ],
)
def test_errors_list_all_choices(argv: list[str], message: str, capsys: Printed) -> None:
    assert main(argv) == 2
    assert message in capsys.readouterr().err


def test_ignored_rules_are_not_listed_as_skipped(file: Any, capsys: Printed) -> None:
    every = check_before(capsys, file(BODY))[1]["summary"]["unchecked"]
    assert "name-unique" in every
    assert check_before(capsys, file(BODY), "--ignore", "name-unique")[1]["summary"][
        "unchecked"
    ] == [rule for rule in every if rule != "name-unique"]
    assert check_before(capsys, file(BODY), "--select", "name-unique")[1]["summary"][
        "unchecked"
    ] == ["name-unique"]
    assert check_before(capsys, file(BODY), "--ignore", "0200005")[1]["summary"]["unchecked"] == [
        rule for rule in every if rule != "name-unique"
    ]


# --- Fail levels, limits, redaction ----------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "on_warning", "on_error"),
    [("error", 0, 1), ("warning", 1, 1), ("never", 0, 0)],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_fail_level_sets_the_failing_severities(
    level: str, on_warning: int, on_error: int, file: Any, capsys: Printed
) -> None:
    assert check_before(capsys, file(backwards()), "--fail-level", level)[0] == on_warning
    assert check_before(capsys, file({}), "--fail-level", level)[0] == on_error
    assert check_before(capsys, "missing", "--fail-level", level)[0] == 2


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_max_errors_stops_the_check(jobs: str, file: Any, capsys: Printed) -> None:
    names = [file({}, f"{number}.json") for number in range(5)]
    _, document = check_before(capsys, *names, "--max-errors", "8", "--jobs", jobs)
    assert len(document["findings"]) == document["summary"]["errors"] == 8
    assert document["summary"]["stopped"] is True
    assert document["findings"][-1]["file"] == names[1]
    assert check_before(capsys, *names, "--max-errors", "31")[1]["summary"]["stopped"] is False
    assert main(["check", *names, "--max-errors", "8"]) == 1
    assert "stopped at the maximum number of errors" in capsys.readouterr().out


def test_warnings_do_not_count_as_errors(file: Any, capsys: Printed) -> None:
    assert finding_codes(check_before(capsys, file(backwards()), "--max-errors", "1")[1]) == [
        WARNING
    ]


@pytest.mark.parametrize(
    "format_name", ["text", "concise", "json", "jsonl", "sarif", "junit", "github", "gitlab"]
)
def test_redact_hides_all_values(format_name: str, file: Any, capsys: Printed) -> None:
    invalid = body(
        callerNo="s3cr3t",
        name="N4me" * 40,
        strBeginTime="2031-01-02 00:00:00",
        strEndTime="2031-01-01 00:00:00",
        odd="v4lue",
    )
    for argv in ([], ["--locale", "zh_CN"]):
        assert (
            main(["check", file(invalid), "--redact", "--format", format_name, *BEFORE, *argv]) == 1
        )
        out = capsys.readouterr().out
        assert not any(value in out for value in ("s3cr3t", "N4me", "2031", "v4lue"))
        assert "odd" in out
    assert main(["check", file(invalid), "--format", format_name, *BEFORE]) == 1
    assert "s3cr3t" in capsys.readouterr().out


# --- Settings --------------------------------------------------------------------------------


def settings(text: str, name: str = ".isales-rules.toml") -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text, "utf-8")


def test_settings_apply_and_arguments_override_them(file: Any, capsys: Printed) -> None:
    name = file(BOTH, "drafts/a.json")
    settings(
        '[tool.isales-rules]\nignore = ["02000002"]\nfail-level = "never"\nlocale = "zh_CN"\n',
        "pyproject.toml",
    )
    code, document = check_before(capsys, name)
    assert (code, sorted(finding_codes(document))) == (0, sorted([TOO_LONG, WARNING]))
    assert "最多" in document["findings"][0]["message"]
    # Arguments override settings.
    code, document = check_before(
        capsys, name, "--ignore", "02000003", "--fail-level", "error", "--locale", "en_US"
    )
    assert (code, sorted(finding_codes(document))) == (1, sorted([CHARACTER, WARNING]))
    assert finding_codes(check_before(capsys, name, "--no-config")[1]) == [
        TOO_LONG,
        CHARACTER,
        WARNING,
    ]


def test_own_settings_file_precedes_pyproject(file: Any, capsys: Printed) -> None:
    name = file(BOTH)
    settings("[tool.other]\n", "pyproject.toml")
    assert len(finding_codes(check_before(capsys, name)[1])) == 3
    settings('[tool.isales-rules]\nignore = ["02000002"]\n', "pyproject.toml")
    settings("max-errors = 1\n")
    assert finding_codes(check_before(capsys, name)[1]) == [TOO_LONG]


def test_nearest_settings_in_the_repository_apply(
    file: Any, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    file(BOTH, "repo/drafts/a.json")
    settings('select = ["02000003"]\n')
    settings('[per-file-ignores]\n"drafts/*" = ["02000002"]\n', "repo/.isales-rules.toml")
    monkeypatch.chdir("repo/drafts")
    assert sorted(finding_codes(check_before(capsys, "a.json")[1])) == sorted([TOO_LONG, WARNING])
    Path("../.isales-rules.toml").unlink()
    assert finding_codes(check_before(capsys, "a.json")[1]) == [TOO_LONG]
    Path("../.git").mkdir()
    assert len(finding_codes(check_before(capsys, "a.json")[1])) == 3


def test_pyproject_without_a_table_is_skipped(
    file: Any, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    file(BOTH, "drafts/a.json")
    settings('[tool.isales-rules]\nselect = ["02000003"]\n', "pyproject.toml")
    settings("[tool.other]\n", "drafts/pyproject.toml")
    monkeypatch.chdir("drafts")
    assert finding_codes(check_before(capsys, "a.json")[1]) == [TOO_LONG]


def test_ruleset_setting_is_a_name_or_relative_path(
    file: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    file({"a": "b"}, "drafts/a.json")
    write(tmp_path, rule_set({"a": {"type": "integer"}}))
    settings('ruleset = "small.toml"\n')
    monkeypatch.chdir("drafts")
    assert finding_codes(check_before(capsys, "a.json")[1]) == [("/a", "02000006")]
    settings('ruleset = "campaign-modify-v1"\n')
    assert ("/a", "0200001") in finding_codes(check_before(capsys, "a.json")[1])


def test_paths_are_relative_to_the_settings_file(
    file: Any, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    file(body(name="taken"), "inner/a.json")
    file({"campaign_names": ["taken"]}, "known/facts.json")
    settings('facts = "known/facts.json"\n')
    monkeypatch.chdir("inner")
    assert finding_codes(check_before(capsys, "a.json")[1]) == [("/name", "0200005")]


def test_config_names_another_settings_file(file: Any, capsys: Printed) -> None:
    settings('select = ["02000002"]\n', "other/strict.toml")
    assert finding_codes(check_before(capsys, file(BOTH), "--config", "other/strict.toml")[1]) == [
        CHARACTER
    ]
    assert main(["check", file(BOTH), "--config", "missing.toml"]) == 2
    assert (
        capsys.readouterr().err
        == "isales-rules: missing.toml: cannot be read: No such file or directory\n"
    )


def test_rules_and_explain_use_the_settings(file: Any, capsys: Printed) -> None:
    file(BODY)
    settings('locale = "zh_CN"\nformat = "json"\n')
    assert main(["explain", "02000001"]) == 0
    assert "参数为空" in capsys.readouterr().out
    assert main(["rules"]) == 0
    assert "必填" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            'ignored = ["02000002"]',
            "unknown setting 'ignored'; did you mean 'ignore'?; the settings are ruleset, ",
        ),
        (
            'ignore = ["02000020"]',
            "ignore: unknown code, rule or parameter '02000020'; did you mean '0200002'?",
        ),
        (
            '[per-file-ignores]\n"*" = ["segments-overlaps"]',
            "unknown code, rule or parameter 'segments-overlaps'; did you mean 'segments-overlap'?",
        ),
        ('ignore = "02000002"', "ignore must be an array of strings"),
        ("ignore = [2]", "ignore must be an array of strings"),
        ('fail-level = "warn"', "fail-level must be one of error, warning, never"),
        (
            'format = "xml"',
            "format must be one of text, concise, json, jsonl, sarif, junit, github, gitlab",
        ),
        (
            'now = "10"',
            "now must be an ISO 8601 date or time, such as 2030-09-01 or 2030-09-01T08:00:00Z, or `clock`",
        ),
        ("now = 5", "now must be an ISO 8601 date or time"),
        ("now = 08:30:00", "now must be an ISO 8601 date or time"),
        ("jobs = 0", "jobs must be a whole number from 1, or `auto`"),
        ("max-errors = 0", "max-errors must be a whole number from 1"),
        ("max-errors = true", "max-errors must be a whole number from 1"),
        ('redact = "yes"', "redact must be true or false"),
        ("ruleset = 5", "ruleset must be a string"),
        (
            'per-file-ignores = ["x"]',
            "per-file-ignores must be a table of arrays of strings, by pattern",
        ),
        ("x = [", "is not TOML: "),
        (
            "[tool.isales-rules]",
            "settings must be at the top level; only pyproject.toml has [tool.isales-rules]",
        ),
    ],
)
def test_invalid_setting_exits_with_2(text: str, message: str, file: Any, capsys: Printed) -> None:
    settings(text)
    assert main(["check", file(BODY)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("isales-rules: ")
    assert message in err


@pytest.mark.parametrize(
    ("text", "message"),
    [("tool = 5", ""), ("[tool]\nisales-rules = 5", "tool.isales-rules must be a table")],
)
def test_invalid_pyproject_tables_are_handled(
    text: str, message: str, file: Any, capsys: Printed
) -> None:
    settings(text, "pyproject.toml")
    assert main(["check", file(BODY), *BEFORE]) == (2 if message else 0)
    assert message in capsys.readouterr().err


def test_every_setting_is_a_flag(capsys: Printed) -> None:
    assert main(["check", "--help"]) == 0
    out = capsys.readouterr().out
    assert [
        name
        for name in OPTIONS
        if f"--{name} " not in out and f"--{name}]" not in out and f"--{name}\n" not in out
    ] == []


def test_texts_after_max_errors_are_not_counted(file: Any, capsys: Printed) -> None:
    content = b"\n".join([json.dumps(BOTH).encode()] * 2)
    _, document = check_before(capsys, file(content, "all.ndjson"), "--max-errors", "2")
    assert (
        document["summary"]["errors"],
        document["summary"]["invalid"],
        document["summary"]["stopped"],
    ) == (2, 1, True)


def test_text_with_only_ignored_findings_is_valid(file: Any, capsys: Printed) -> None:
    _, document = check_before(
        capsys, file(BOTH), "--ignore", "02000002,02000003,segment-backwards"
    )
    assert (
        finding_codes(document),
        document["summary"]["texts"],
        document["summary"]["invalid"],
    ) == ([], 1, 0)


# --- Baseline --------------------------------------------------------------------------------


def test_baseline_hides_known_findings_only(file: Any, capsys: Printed) -> None:
    name = file(BOTH, "drafts/a.json")
    assert main(["check", name, "--write-baseline", "known.json", *BEFORE]) == 0
    assert "2 errors, 1 warning" in capsys.readouterr().out
    written = json.loads(Path("known.json").read_text("utf-8"))
    assert [(one["file"], one["path"], one["rule"]) for one in written["findings"]] == [
        ("drafts/a.json", "/callerNo", "body.callerNo.allowed_characters"),
        ("drafts/a.json", "/callerNo", "body.callerNo.maxlength"),
        ("drafts/a.json", "/scheduleParam/workdayEndTime1", "segment-backwards"),
    ]
    code, document = check_before(capsys, name, "--baseline", "known.json", "--strict")
    assert (
        code,
        finding_codes(document),
        document["summary"]["known"],
        document["summary"]["invalid"],
    ) == (0, [], 3, 0)
    # A known finding stays known in another line and with another invalid value.
    moved = json.dumps({"odd": 1, **BOTH, "callerNo": "yy" * 20}, indent=4).encode()
    code, document = check_before(capsys, file(moved, name), "--baseline", "known.json", "--strict")
    assert (code, finding_codes(document), document["summary"]["known"]) == (
        1,
        [("/odd", "0200001")],
        3,
    )
    assert main(["check", name, "--baseline", "known.json", *BEFORE]) == 1
    assert "1 file: 1 error in 1 file; 3 known from the baseline\n" in capsys.readouterr().out


def test_baseline_paths_are_relative_to_the_root(
    file: Any, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    file(BOTH, "drafts/a.json")
    Path(".git").mkdir()
    monkeypatch.chdir("drafts")
    assert main(["check", "a.json", "--write-baseline", "../known.json", *BEFORE]) == 0
    assert {
        one["file"] for one in json.loads(Path("../known.json").read_text("utf-8"))["findings"]
    } == {"drafts/a.json"}
    file(BODY, "drafts/a.json")
    assert check_before(capsys, "a.json", "--baseline", "../known.json")[1]["summary"]["fixed"] == 3
    file(BOTH, "drafts/a.json")
    monkeypatch.chdir("..")
    assert finding_codes(check_before(capsys, "drafts", "--baseline", "known.json")[1]) == []


def test_failed_baseline_leaves_no_file(
    file: Any, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    name = file(BOTH)
    monkeypatch.setattr("os.replace", raising(PermissionError(13, "Permission denied")))
    assert main(["check", name, "--write-baseline", "known.json", *BEFORE]) == 2
    assert (
        capsys.readouterr().err
        == "isales-rules: known.json: cannot be written: Permission denied\n"
    )
    assert os.listdir() == [name]


def test_fixed_findings_of_checked_files_are_counted(file: Any, capsys: Printed) -> None:
    names = [file(BOTH, "a.json"), file(BOTH, "b.json")]
    assert main(["check", *names, "--write-baseline", "known.json", *BEFORE]) == 0
    assert check_before(capsys, *names, "--baseline", "known.json")[1]["summary"]["known"] == 6
    file({**BOTH, "callerNo": "1" * 25}, "a.json")
    capsys.readouterr()
    assert main(["check", "a.json", "--baseline", "known.json", *BEFORE]) == 0
    assert (
        "1 file: ok; 2 known from the baseline; 1 of the baseline is gone\n"
        in capsys.readouterr().out
    )
    file(BODY, "a.json")
    assert main(["check", "a.json", "--baseline", "known.json", *BEFORE]) == 0
    assert "1 file: ok; 3 of the baseline are gone\n" in capsys.readouterr().out


def test_writing_a_baseline_ignores_the_previous_one(file: Any) -> None:
    name = file(BOTH)
    settings('baseline = "known.json"\n')
    for _ in range(2):
        assert main(["check", name, "--write-baseline", "known.json", *BEFORE]) == 0
        assert len(json.loads(Path("known.json").read_text("utf-8"))["findings"]) == 3
    assert main(["check", name, "--strict", *BEFORE]) == 0


def test_baseline_follows_moved_lines(file: Any, capsys: Printed) -> None:
    name = file(json.dumps(BOTH).encode() + b"\n", "all.ndjson")
    assert main(["check", name, "--write-baseline", "known.json", *BEFORE]) == 0
    file(
        json.dumps(BODY).encode()
        + b"\n"
        + json.dumps(BOTH).encode()
        + b"\n"
        + json.dumps({**BOTH, "name": "x"}).encode(),
        name,
    )
    for jobs in ("1", "2"):
        _, document = check_before(capsys, name, "--baseline", "known.json", "--jobs", jobs)
        assert {one["line"] for one in document["findings"]} == {3}
        assert document["summary"]["known"] == 3


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read: No such file or directory; create it with --write-baseline"),
        (b"{", "is not a baseline; create one with --write-baseline"),
        (b"[]", "is not a baseline; create one with --write-baseline"),
        (
            b'{"version": 1, "findings": [{}]}',
            "is not a baseline; create one with --write-baseline",
        ),
        (
            b'{"version": 2, "findings": []}',
            "is a baseline of version 2, not 1; rewrite it with --write-baseline",
        ),
        (b"[" * 100_000, "is not a baseline; create one with --write-baseline"),
    ],
)
def test_invalid_baseline_exits_with_2(
    content: bytes | None, message: str, file: Any, capsys: Printed
) -> None:
    if content is not None:
        file(content, "known.json")
    assert main(["check", file(BODY), "--baseline", "known.json"]) == 2
    assert capsys.readouterr().err == f"isales-rules: known.json: {message}\n"


# --- Replies and requests --------------------------------------------------------------------


def test_query_reply_is_checked_as_a_request(file: Any, capsys: Printed) -> None:
    valid = {"resultCode": "0200000", "returnObject": {"id": 7, "status": 2, **BODY}}
    assert check_before(capsys, file(valid), "--query-reply")[0] == 0
    assert finding_codes(check_before(capsys, file(valid))[1]) != []
    invalid = json.dumps(
        {"returnObject": {"id": 7, "status": 4, **BODY, "name": ""}}, indent=1
    ).encode()
    code, document = check_before(capsys, file(invalid), "--query-reply")
    assert (code, finding_codes(document)) == (
        1,
        [("/returnObject", "0200016"), ("/returnObject/name", "02000001")],
    )
    assert document["findings"][1]["line"] == 1 + next(
        number for number, line in enumerate(invalid.splitlines()) if b'"name"' in line
    )
    assert main(["check", "x", "--query-reply", "--request"]) == 2


def test_lines_may_be_requests_or_replies(file: Any, capsys: Printed) -> None:
    request = {"path": PATH, "headers": HEADERS, "body": BODY}
    content = b"\n".join(json.dumps(one).encode() for one in (request, {**request, "path": {}}))
    assert {
        one["line"]
        for one in check_before(capsys, file(content), "--ndjson", "--request")[1]["findings"]
    } == {2}
    content = b"\n".join(
        json.dumps({"returnObject": {"id": 1, **one}}).encode() for one in (BODY, body(name=None))
    )
    assert {
        one["line"]
        for one in check_before(capsys, file(content), "--ndjson", "--query-reply")[1]["findings"]
    } == {2}
