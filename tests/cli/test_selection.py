"""Choosing what is told: codes and rules, files, levels, values; the project's settings; and the baseline of a repository that is not clean yet."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from isales_rules.cli.main import main
from isales_rules.cli.options import OPTIONS
from tests.support.command import BEFORE, BODY, HEADERS, PATH, Printed, backwards, body, found, raising, told
from tests.support.rule_sets import rule_set, write

BOTH = {**backwards(), "callerNo": "x" * 25}
"""A body that is too long and badly spelled in one parameter, and has an advisory."""

LONG, SPELLED, ADVICE = ("/callerNo", "02000003"), ("/callerNo", "02000002"), ("/scheduleParam/workdayEndTime1", "segment-backwards")


# --- Codes and rules -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argv", "code", "expected"),
    [
        ([], 1, [LONG, SPELLED, ADVICE]),
        (["--select", "02000002"], 1, [SPELLED]),
        (["--select", "body.callerNo.maxlength, segment-backwards"], 1, [LONG, ADVICE]),
        (["--select", "02000002", "--select", "02000003"], 1, [LONG, SPELLED]),
        (["--ignore", "02000002"], 1, [LONG, ADVICE]),
        (["--ignore", "02000002,body.callerNo.maxlength"], 0, [ADVICE]),
        (["--select", "02000002", "--ignore", "body.callerNo.characters"], 0, []),
        (["--per-file-ignores", "*.json=02000002"], 1, [LONG, ADVICE]),
        (["--per-file-ignores", "drafts/*=02000002,02000003"], 0, [ADVICE]),
        (["--per-file-ignores", "autumn.json=02000002", "--per-file-ignores", "d*s/*=02000003"], 0, [ADVICE]),
        (["--per-file-ignores", "other/*=02000002"], 1, [LONG, SPELLED, ADVICE]),
        (["--select", "callerNo"], 1, [LONG, SPELLED]),
        (["--select", "/callerNo,segment-backwards"], 1, [LONG, SPELLED, ADVICE]),
        (["--select", "/body/callerNo"], 1, [LONG, SPELLED]),
        (["--ignore", "callerNo"], 0, [ADVICE]),
        (["--ignore", "/scheduleParam/workdayEndTime1"], 1, [LONG, SPELLED]),
        (["--ignore", "/scheduleParam/workdayEndTime2"], 1, [LONG, SPELLED, ADVICE]),
        (["--ignore", "/scheduleParam/*"], 1, [LONG, SPELLED]),
        (["--select", "0200*"], 1, [LONG, SPELLED]),
        (["--select", "segment*"], 0, [ADVICE]),
        (["--ignore", "*.callerNo.*"], 0, [ADVICE]),
        (["--per-file-ignores", "drafts/*=callerNo"], 0, [ADVICE]),
    ],
)
def test_findings_are_chosen_by_code_and_rule_and_file(argv: list[str], code: int, expected: Any, file: Any, capsys: Printed) -> None:
    given, document = told(capsys, file(BOTH, "drafts/autumn.json"), *argv)
    assert sorted(found(document)) == sorted(expected)
    assert given == code


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--select", "02000020"], "select: unknown code, rule or parameter '02000020'; did you mean '0200002'?"),
        (
            ["--ignore", "body.callerNo.maxlen"],
            "ignore: unknown code, rule or parameter 'body.callerNo.maxlen'; did you mean 'body.callerNo.maxlength'?",
        ),
        (["--select", "callerno"], "select: unknown code, rule or parameter 'callerno'; did you mean 'callerNo'?"),
        (["--ignore", "/skillParam/callerNo"], "ignore: unknown code, rule or parameter '/skillParam/callerNo'"),
        (["--ignore", "03*"], "ignore: unknown code, rule or parameter '03*'"),
        (["--ignore", "/odd"], "ignore: unknown code, rule or parameter '/odd'"),
        (["--per-file-ignores", "*=segments"], "per-file-ignores: unknown code, rule or parameter 'segments'"),
    ],
)
def test_an_unknown_code_or_rule_exits_with_2_and_the_nearest(argv: list[str], words: str, file: Any, capsys: Printed) -> None:
    assert main(["check", file(BOTH), *argv]) == 2
    assert f"isales-rules: {words}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flag", "value", "words"),
    [
        ("--per-file-ignores", "x", "must be a pattern and codes or rules, as 'drafts/*=02000001', not 'x'"),
        *(("--max-errors", value, f"must be a whole number from 1, not {value!r}") for value in ("0", "x", "\uff13", "1000000000")),
    ],
)
def test_what_cannot_be_asked_for_exits_with_2(flag: str, value: str, words: str, file: Any, capsys: Printed) -> None:
    assert main(["check", file(BODY), flag, value]) == 2
    assert capsys.readouterr().err.startswith(f"isales-rules: argument {flag}: {words}; see ")


def test_parameters_are_selected_in_requests_and_replies_too(file: Any, capsys: Printed) -> None:
    request = {"path": PATH, "headers": {**HEADERS, "Content-Type": "x"}, "body": body(callerNo="x")}
    for name, expected in (("callerNo", ["/body/callerNo"]), ("/body/callerNo", ["/body/callerNo"]), ("/headers/*", ["/headers/Content-Type"])):
        _, document = told(capsys, file(request), "--request", "--select", name)
        assert [path for path, _ in found(document)] == expected
    _, document = told(capsys, file({"returnObject": {"id": 1, **body(callerNo="x", name="")}}), "--from-query", "--ignore", "/callerNo")
    assert found(document) == [("/returnObject/name", "02000001")]


def test_a_parameter_of_a_list_is_selected_in_every_entry(file: Any, tmp_path: Path, capsys: Printed) -> None:
    rules = write(tmp_path, rule_set({"a": {"type": "list", "schema": {"type": "integer"}}, "b": {"type": "integer"}}))
    for name in ("/a/*", "/body/a/*"):
        _, document = told(capsys, file({"a": [1, "x", "y"], "b": "x"}), "--ruleset", str(rules), "--select", name)
        assert [path for path, _ in found(document)] == ["/a/1", "/a/2"]


def test_a_pattern_may_be_the_name_of_a_file_in_any_folder(file: Any, capsys: Printed) -> None:
    assert found(told(capsys, file(BOTH, "a/b/c.json"), "--per-file-ignores", "c.json=02000002")[1]) == [LONG, ADVICE]


def test_a_pattern_and_the_name_of_an_output_may_have_an_equals_sign(file: Any, capsys: Printed) -> None:
    name = file(BOTH, "a=b.json")
    assert found(told(capsys, name, "--per-file-ignores", "a=*=02000002")[1]) == [LONG, ADVICE]
    main(["check", name, "--output", "json=c=d.json"])
    assert json.loads(Path("c=d.json").read_text("utf-8"))["findings"]


def test_a_name_that_does_not_print_stands_in_an_output_as_on_the_screen(file: Any, capsys: Printed) -> None:
    name = file(BOTH, os.fsdecode(b"\xff.json"))
    main(["check", name, "--output", "concise=told", "--format", "concise"])
    assert Path("told").read_text("utf-8").splitlines() == capsys.readouterr().out.splitlines()
    main(["check", name, "--output", "github=told"])
    assert "file=\\udcff.json," in Path("told").read_text("utf-8")


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["check", "x", "--output", "xml=y"], "the formats are text, concise, json, jsonl, sarif, junit, github, gitlab"),
        (["check", "-", "--files-from", "-"], "isales-rules: standard input cannot be both a file to check and the list of files"),
        (["explain", "0200009"], "the codes are 0200000, 0200001, 0200002, 0200005, "),
    ],
)
def test_what_there_is_to_choose_from_is_told_in_full(argv: list[str], words: str, capsys: Printed) -> None:
    assert main(argv) == 2
    assert words in capsys.readouterr().err


def test_an_ignored_rule_is_not_named_among_the_unchecked_either(file: Any, capsys: Printed) -> None:
    every = told(capsys, file(BODY))[1]["summary"]["unchecked"]
    assert "name-unique" in every
    assert told(capsys, file(BODY), "--ignore", "name-unique")[1]["summary"]["unchecked"] == [rule for rule in every if rule != "name-unique"]
    assert told(capsys, file(BODY), "--select", "name-unique")[1]["summary"]["unchecked"] == ["name-unique"]
    assert told(capsys, file(BODY), "--ignore", "0200005")[1]["summary"]["unchecked"] == [rule for rule in every if rule != "name-unique"]


# --- Levels, ends, values ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "advice", "error"), [("error", 0, 1), ("warning", 1, 1), ("never", 0, 0)], ids=lambda one: one if isinstance(one, str) else ""
)
def test_the_fail_level_says_which_findings_let_the_command_fail(level: str, advice: int, error: int, file: Any, capsys: Printed) -> None:
    assert told(capsys, file(backwards()), "--fail-level", level)[0] == advice
    assert told(capsys, file({}), "--fail-level", level)[0] == error
    assert told(capsys, "missing", "--fail-level", level)[0] == 2


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_after_as_many_errors_as_asked_for_nothing_more_is_checked(jobs: str, file: Any, capsys: Printed) -> None:
    names = [file({}, f"{number}.json") for number in range(5)]
    _, document = told(capsys, *names, "--max-errors", "8", "--jobs", jobs)
    assert len(document["findings"]) == document["summary"]["errors"] == 8
    assert document["summary"]["stopped"] is True
    assert document["findings"][-1]["file"] == names[1]
    assert told(capsys, *names, "--max-errors", "31")[1]["summary"]["stopped"] is False
    assert main(["check", *names, "--max-errors", "8"]) == 1
    assert "stopped at the maximum number of errors" in capsys.readouterr().out


def test_advisories_do_not_count_as_errors(file: Any, capsys: Printed) -> None:
    assert found(told(capsys, file(backwards()), "--max-errors", "1")[1]) == [ADVICE]


@pytest.mark.parametrize("form", ["text", "concise", "json", "jsonl", "sarif", "junit", "github", "gitlab"])
def test_without_values_nothing_of_what_a_file_holds_is_shown(form: str, file: Any, capsys: Printed) -> None:
    wrong = body(callerNo="s3cr3t", name="N4me" * 40, strBeginTime="2031-01-02 00:00:00", strEndTime="2031-01-01 00:00:00", odd="v4lue")
    for argv in ([], ["--locale", "zh_CN"]):
        assert main(["check", file(wrong), "--no-values", "--format", form, *BEFORE, *argv]) == 1
        out = capsys.readouterr().out
        assert not any(value in out for value in ("s3cr3t", "N4me", "2031", "v4lue"))
        assert "odd" in out
    assert main(["check", file(wrong), "--format", form, *BEFORE]) == 1
    assert "s3cr3t" in capsys.readouterr().out


# --- Settings ------------------------------------------------------------------------------------------------------------------------------


def settings(text: str, name: str = ".isales-rules.toml") -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text, "utf-8")


def test_a_project_sets_what_arguments_else_say(file: Any, capsys: Printed) -> None:
    name = file(BOTH, "drafts/a.json")
    settings('[tool.isales-rules]\nignore = ["02000002"]\nfail-level = "never"\nlocale = "zh_CN"\n', "pyproject.toml")
    code, document = told(capsys, name)
    assert (code, sorted(found(document))) == (0, sorted([LONG, ADVICE]))
    assert "最多" in document["findings"][0]["message"]
    # What the arguments say counts before it.
    code, document = told(capsys, name, "--ignore", "02000003", "--fail-level", "error", "--locale", "en_US")
    assert (code, sorted(found(document))) == (1, sorted([SPELLED, ADVICE]))
    assert found(told(capsys, name, "--no-config")[1]) == [LONG, SPELLED, ADVICE]


def test_the_own_file_counts_before_pyproject_and_a_pyproject_without_a_table_is_none(file: Any, capsys: Printed) -> None:
    name = file(BOTH)
    settings("[tool.other]\n", "pyproject.toml")
    assert len(found(told(capsys, name)[1])) == 3
    settings('[tool.isales-rules]\nignore = ["02000002"]\n', "pyproject.toml")
    settings("max-errors = 1\n")
    assert found(told(capsys, name)[1]) == [LONG]


def test_settings_are_those_of_the_nearest_folder_above_within_the_repository(file: Any, monkeypatch: pytest.MonkeyPatch, capsys: Printed) -> None:
    file(BOTH, "repo/drafts/a.json")
    settings('select = ["02000003"]\n')
    settings('[per-file-ignores]\n"drafts/*" = ["02000002"]\n', "repo/.isales-rules.toml")
    monkeypatch.chdir("repo/drafts")
    assert sorted(found(told(capsys, "a.json")[1])) == sorted([LONG, ADVICE])
    Path("../.isales-rules.toml").unlink()
    assert found(told(capsys, "a.json")[1]) == [LONG]
    Path("../.git").mkdir()
    assert len(found(told(capsys, "a.json")[1])) == 3


def test_a_pyproject_of_a_folder_above_counts_where_a_nearer_one_says_nothing(file: Any, monkeypatch: pytest.MonkeyPatch, capsys: Printed) -> None:
    file(BOTH, "drafts/a.json")
    settings('[tool.isales-rules]\nselect = ["02000003"]\n', "pyproject.toml")
    settings("[tool.other]\n", "drafts/pyproject.toml")
    monkeypatch.chdir("drafts")
    assert found(told(capsys, "a.json")[1]) == [LONG]


def test_a_rule_set_that_settings_name_is_a_shipped_one_or_a_path_from_their_folder(
    file: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    file({"a": "b"}, "drafts/a.json")
    write(tmp_path, rule_set({"a": {"type": "integer"}}))
    settings('ruleset = "small.toml"\n')
    monkeypatch.chdir("drafts")
    assert found(told(capsys, "a.json")[1]) == [("/a", "02000006")]
    settings('ruleset = "campaign-modify-v1"\n')
    assert ("/a", "0200001") in found(told(capsys, "a.json")[1])


def test_paths_in_settings_begin_at_their_folder(file: Any, monkeypatch: pytest.MonkeyPatch, capsys: Printed) -> None:
    file(body(name="taken"), "inner/a.json")
    file({"campaign_names": ["taken"]}, "known/facts.json")
    settings('facts = "known/facts.json"\n')
    monkeypatch.chdir("inner")
    assert found(told(capsys, "a.json")[1]) == [("/name", "0200005")]


def test_another_file_with_settings_may_be_named(file: Any, capsys: Printed) -> None:
    settings('select = ["02000002"]\n', "other/strict.toml")
    assert found(told(capsys, file(BOTH), "--config", "other/strict.toml")[1]) == [SPELLED]
    assert main(["check", file(BOTH), "--config", "missing.toml"]) == 2
    assert capsys.readouterr().err == "isales-rules: missing.toml: cannot be read: No such file or directory\n"


def test_rules_and_explanations_are_those_of_the_settings(file: Any, capsys: Printed) -> None:
    file(BODY)
    settings('locale = "zh_CN"\nformat = "json"\n')
    assert main(["explain", "02000001"]) == 0
    assert "参数为空" in capsys.readouterr().out
    assert main(["rules"]) == 0
    assert "必填" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('ignored = ["02000002"]', "there is no setting 'ignored'; did you mean 'ignore'?; the settings are ruleset, "),
        ('ignore = ["02000020"]', "ignore: unknown code, rule or parameter '02000020'; did you mean '0200002'?"),
        ('[per-file-ignores]\n"*" = ["segments-overlaps"]', "unknown code, rule or parameter 'segments-overlaps'; did you mean 'segments-overlap'?"),
        ('ignore = "02000002"', "ignore must be an array of strings"),
        ("ignore = [2]", "ignore must be an array of strings"),
        ('fail-level = "warn"', "fail-level must be one of error, warning, never"),
        ('format = "xml"', "format must be one of text, concise, json, jsonl, sarif, junit, github, gitlab"),
        ('now = "10"', "now must be an ISO 8601 date or time, such as 2030-09-01 or 2030-09-01T08:00:00Z, or `clock`"),
        ("now = 5", "now must be an ISO 8601 date or time"),
        ("now = 08:30:00", "now must be an ISO 8601 date or time"),
        ("jobs = 0", "jobs must be a whole number from 1, or `auto`"),
        ("max-errors = 0", "max-errors must be a whole number from 1"),
        ("max-errors = true", "max-errors must be a whole number from 1"),
        ('no-values = "yes"', "no-values must be true or false"),
        ("ruleset = 5", "ruleset must be a string"),
        ('per-file-ignores = ["x"]', "per-file-ignores must be a table of arrays of strings, by pattern"),
        ("x = [", "is not TOML: "),
        ("[tool.isales-rules]", "its settings stand at the top, not in [tool.isales-rules] as in pyproject.toml"),
    ],
)
def test_a_wrong_setting_exits_with_2_and_the_remedy(text: str, words: str, file: Any, capsys: Printed) -> None:
    settings(text)
    assert main(["check", file(BODY)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("isales-rules: ")
    assert words in err


@pytest.mark.parametrize(("text", "words"), [("tool = 5", ""), ("[tool]\nisales-rules = 5", "tool.isales-rules must be a table")])
def test_a_pyproject_of_another_shape_is_none_or_told(text: str, words: str, file: Any, capsys: Printed) -> None:
    settings(text, "pyproject.toml")
    assert main(["check", file(BODY), *BEFORE]) == (2 if words else 0)
    assert words in capsys.readouterr().err


def test_every_setting_is_a_flag_too(capsys: Printed) -> None:
    assert main(["check", "--help"]) == 0
    out = capsys.readouterr().out
    assert [name for name in OPTIONS if f"--{name} " not in out and f"--{name}]" not in out and f"--{name}\n" not in out] == []


def test_texts_after_the_last_error_that_is_asked_for_are_not_counted_as_wrong(file: Any, capsys: Printed) -> None:
    several = b"\n".join([json.dumps(BOTH).encode()] * 2)
    _, document = told(capsys, file(several, "all.ndjson"), "--max-errors", "2")
    assert (document["summary"]["errors"], document["summary"]["invalid"], document["summary"]["stopped"]) == (2, 1, True)


def test_a_text_whose_every_finding_is_ignored_is_not_wrong(file: Any, capsys: Printed) -> None:
    _, document = told(capsys, file(BOTH), "--ignore", "02000002,02000003,segment-backwards")
    assert (found(document), document["summary"]["texts"], document["summary"]["invalid"]) == ([], 1, 0)


# --- Baseline ------------------------------------------------------------------------------------------------------------------------------


def test_what_a_baseline_has_is_not_told_again_and_what_is_new_is(file: Any, capsys: Printed) -> None:
    name = file(BOTH, "drafts/a.json")
    assert main(["check", name, "--write-baseline", "known.json", *BEFORE]) == 0
    assert "2 errors, 1 warning" in capsys.readouterr().out
    written = json.loads(Path("known.json").read_text("utf-8"))
    assert [(one["file"], one["path"], one["rule"]) for one in written["findings"]] == [
        ("drafts/a.json", "/callerNo", "body.callerNo.characters"),
        ("drafts/a.json", "/callerNo", "body.callerNo.maxlength"),
        ("drafts/a.json", "/scheduleParam/workdayEndTime1", "segment-backwards"),
    ]
    code, document = told(capsys, name, "--baseline", "known.json", "--strict")
    assert (code, found(document), document["summary"]["known"], document["summary"]["invalid"]) == (0, [], 3, 0)
    # A known finding stays known wherever it moves, and with another value that is as wrong.
    moved = json.dumps({"odd": 1, **BOTH, "callerNo": "yy" * 20}, indent=4).encode()
    code, document = told(capsys, file(moved, name), "--baseline", "known.json", "--strict")
    assert (code, found(document), document["summary"]["known"]) == (1, [("/odd", "0200001")], 3)
    assert main(["check", name, "--baseline", "known.json", *BEFORE]) == 1
    assert "1 file: 1 error in 1 file; 3 known from the baseline\n" in capsys.readouterr().out


def test_a_baseline_names_files_from_the_repository(file: Any, monkeypatch: pytest.MonkeyPatch, capsys: Printed) -> None:
    file(BOTH, "drafts/a.json")
    Path(".git").mkdir()
    monkeypatch.chdir("drafts")
    assert main(["check", "a.json", "--write-baseline", "../known.json", *BEFORE]) == 0
    assert {one["file"] for one in json.loads(Path("../known.json").read_text("utf-8"))["findings"]} == {"drafts/a.json"}
    file(BODY, "drafts/a.json")
    assert told(capsys, "a.json", "--baseline", "../known.json")[1]["summary"]["fixed"] == 3
    file(BOTH, "drafts/a.json")
    monkeypatch.chdir("..")
    assert found(told(capsys, "drafts", "--baseline", "known.json")[1]) == []


def test_a_baseline_that_cannot_be_put_in_its_place_leaves_nothing_behind(file: Any, monkeypatch: pytest.MonkeyPatch, capsys: Printed) -> None:
    name = file(BOTH)
    monkeypatch.setattr("os.replace", raising(PermissionError(13, "Permission denied")))
    assert main(["check", name, "--write-baseline", "known.json", *BEFORE]) == 2
    assert capsys.readouterr().err == "isales-rules: known.json: cannot be written: Permission denied\n"
    assert os.listdir() == [name]


def test_what_is_gone_is_counted_in_the_files_that_were_checked(file: Any, capsys: Printed) -> None:
    names = [file(BOTH, "a.json"), file(BOTH, "b.json")]
    assert main(["check", *names, "--write-baseline", "known.json", *BEFORE]) == 0
    assert told(capsys, *names, "--baseline", "known.json")[1]["summary"]["known"] == 6
    file({**BOTH, "callerNo": "1" * 25}, "a.json")
    capsys.readouterr()
    assert main(["check", "a.json", "--baseline", "known.json", *BEFORE]) == 0
    assert "1 file: ok; 2 known from the baseline; 1 of the baseline is gone\n" in capsys.readouterr().out
    file(BODY, "a.json")
    assert main(["check", "a.json", "--baseline", "known.json", *BEFORE]) == 0
    assert "1 file: ok; 3 of the baseline are gone\n" in capsys.readouterr().out


def test_a_baseline_is_written_anew_as_if_there_were_none(file: Any) -> None:
    name = file(BOTH)
    settings('baseline = "known.json"\n')
    for _ in range(2):
        assert main(["check", name, "--write-baseline", "known.json", *BEFORE]) == 0
        assert len(json.loads(Path("known.json").read_text("utf-8"))["findings"]) == 3
    assert main(["check", name, "--strict", *BEFORE]) == 0


def test_a_baseline_of_lines_knows_a_line_wherever_it_stands(file: Any, capsys: Printed) -> None:
    name = file(json.dumps(BOTH).encode() + b"\n", "all.ndjson")
    assert main(["check", name, "--write-baseline", "known.json", *BEFORE]) == 0
    file(json.dumps(BODY).encode() + b"\n" + json.dumps(BOTH).encode() + b"\n" + json.dumps({**BOTH, "name": "x"}).encode(), name)
    for jobs in ("1", "2"):
        _, document = told(capsys, name, "--baseline", "known.json", "--jobs", jobs)
        assert {one["line"] for one in document["findings"]} == {3}
        assert document["summary"]["known"] == 3


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read: No such file or directory; --write-baseline makes one"),
        (b"{", "is no baseline; --write-baseline makes one"),
        (b"[]", "is no baseline; --write-baseline makes one"),
        (b'{"version": 1, "findings": [{}]}', "is no baseline; --write-baseline makes one"),
        (b'{"version": 2, "findings": []}', "is a baseline of version 2, not 1; write it anew"),
        (b"[" * 100_000, "is no baseline; --write-baseline makes one"),
    ],
)
def test_what_is_no_baseline_exits_with_2_and_the_remedy(content: bytes | None, words: str, file: Any, capsys: Printed) -> None:
    if content is not None:
        file(content, "known.json")
    assert main(["check", file(BODY), "--baseline", "known.json"]) == 2
    assert capsys.readouterr().err == f"isales-rules: known.json: {words}\n"


# --- What is checked -----------------------------------------------------------------------------------------------------------------------


def test_a_reply_of_the_query_interface_is_checked_as_if_it_were_sent_back(file: Any, capsys: Printed) -> None:
    right = {"resultCode": "0200000", "returnObject": {"id": 7, "status": 2, **BODY}}
    assert told(capsys, file(right), "--from-query")[0] == 0
    assert found(told(capsys, file(right))[1]) != []
    wrong = json.dumps({"returnObject": {"id": 7, "status": 4, **BODY, "name": ""}}, indent=1).encode()
    code, document = told(capsys, file(wrong), "--from-query")
    assert (code, found(document)) == (1, [("/returnObject", "0200016"), ("/returnObject/name", "02000001")])
    assert document["findings"][1]["line"] == 1 + next(number for number, line in enumerate(wrong.splitlines()) if b'"name"' in line)
    assert main(["check", "x", "--from-query", "--request"]) == 2


def test_lines_may_be_whole_requests_or_replies_too(file: Any, capsys: Printed) -> None:
    request = {"path": PATH, "headers": HEADERS, "body": BODY}
    several = b"\n".join(json.dumps(one).encode() for one in (request, {**request, "path": {}}))
    assert {one["line"] for one in told(capsys, file(several), "--ndjson", "--request")[1]["findings"]} == {2}
    several = b"\n".join(json.dumps({"returnObject": {"id": 1, **one}}).encode() for one in (BODY, body(name=None)))
    assert {one["line"] for one in told(capsys, file(several), "--ndjson", "--from-query")[1]["findings"]} == {2}
