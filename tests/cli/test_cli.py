"""The command: its output and its exit codes."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import isales_rules
from isales_rules.__main__ import main as start
from isales_rules.cli.main import main
from isales_rules.language.catalog import shipped_path
from isales_rules.testing.examples import examples
from tests.support.cases import bases, drop
from tests.support.command import (
    BEFORE,
    BODY,
    COMMAND,
    HEADERS,
    PATH,
    REQUEST,
    Printed,
    backwards,
    body,
    check_before,
    finding_codes,
    raising,
    run,
    stdin,
)
from tests.support.rule_sets import fact, rule, rule_set, write

EXAMPLE = Path(shipped_path("examples/campaign-modify-v1.json"))


# --- check -----------------------------------------------------------------------------------


def test_documented_example_is_valid(capsys: Printed) -> None:
    assert main(["check", str(EXAMPLE), *BEFORE]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[0] == "1 file: ok"
    assert err == ""


def test_skipped_rules_come_last(capsys: Printed) -> None:
    main(["check", str(EXAMPLE), *BEFORE])
    _, first, *more, last = capsys.readouterr().out.splitlines()
    assert first.startswith("skipped (fact not stated): campaign-exists, ")
    assert all(line.startswith("  ") and len(line) <= 80 for line in more)
    assert "begin-not-past" not in "".join([first, *more])
    assert last == "state facts with --facts FILE, --current FILE or --now TIME"


def test_text_shows_excerpt_rule_and_help(file: Any, capsys: Printed) -> None:
    name = file(
        json.dumps(body(maxAlertingTime=3, callerNo="1x", deviceType="1"), indent=1).encode()
    )
    assert main(["check", name, *BEFORE]) == 1
    assert capsys.readouterr().out.splitlines()[:15] == [
        f'{name}:6:16: 02000006 /deviceType: deviceType must be an integer; found "1"',
        '6 |  "deviceType": "1",',
        "  |                ^^^",
        "  = body.deviceType.type (Table 3, No. 5)",
        "  = help: write the number without quotation marks",
        "",
        f'{name}:7:14: 02000002 /callerNo: callerNo may only have these characters: "0123456789*#"; found "1x"',
        '7 |  "callerNo": "1x",',
        "  |              ^^^^",
        "  = body.callerNo.allowed_characters (Table 3, No. 6)",
        "",
        f"{name}:8:21: 02000007 /maxAlertingTime: maxAlertingTime must be from 5 to 120; found 3",
        '8 |  "maxAlertingTime": 3,',
        "  |                     ^",
        "  = body.maxAlertingTime.min (Table 3, No. 7)",
    ]


def test_help_is_translated(file: Any, capsys: Printed) -> None:
    name = file(body(maxAlertingTime="30"))
    for locale, text in (
        ("en_US", "help: write the number without quotation marks"),
        ("zh_CN", "提示：数字不要加引号"),
    ):
        assert main(["check", name, *BEFORE, "--locale", locale]) == 1
        assert f"\n  = {text}\n" in capsys.readouterr().out


def test_marks_align_with_tabs_and_wide_characters(file: Any, capsys: Printed) -> None:
    name = file('\ufeff{"name": "中文",\t"callerNo": "1\U0001f600x", "x":\n {}}\r\n'.encode())
    assert main(["check", name]) == 1
    out = capsys.readouterr().out
    assert (
        '1 | {"name": "中文",    "callerNo": "1\U0001f600x", "x":\n  | ^'
        + " " * 31
        + "^" * 6
        + " " * 2
        + "^" * 3
        + "\n"
        in out
    )


def test_long_line_is_cut_around_the_finding(file: Any, capsys: Printed) -> None:
    name = file(body(name="n" * 101, description="d" * 5000, callerNo="1x"))
    assert main(["check", name, *BEFORE]) == 1
    excerpts = [
        line for line in capsys.readouterr().out.splitlines() if re.match(r" *\d* \| ", line)
    ]
    assert max(map(len, excerpts)) == 80
    assert all(
        line.startswith("1 | …") or line.endswith("…") for line in excerpts if line[0] == "1"
    )


def test_concise_has_one_line_per_finding(file: Any, capsys: Printed) -> None:
    name = file(b'{\n "name": 1,\n "x": 2}')
    assert main(["check", name, "--format", "concise", "--locale", "zh_CN"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{name}:1:1: 02000001 /deviceType: ")
    assert any(line.startswith(f"{name}:2:10: 02000006 /name: name 必须是") for line in lines)
    assert lines[-4].startswith(f"{name}:3:2: 0200001 /x: ")
    assert lines[-3].startswith("共检查 1 个文件：")
    assert main(["check", file(b"", "empty.json"), "--format", "concise"]) == 1
    assert capsys.readouterr().out.startswith("empty.json:1:1: 02000001 (whole): ")


def test_github_annotates_each_finding(file: Any, capsys: Printed) -> None:
    name = file(
        json.dumps({**backwards(), "name": "n" * 101, "100%": 1}, indent=1).encode(), "a,b:c%.json"
    )
    assert main(["check", name, "--format", "github", *BEFORE]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(
        "::error file=a%2Cb%3Ac%25.json,line=2,endLine=2,col=10,endColumn=113,title=02000003::/name: name must"
    )
    assert any(
        line.startswith("::warning file=")
        and ",title=segment-backwards::/scheduleParam/workdayEndTime1: " in line
        for line in lines
    )
    assert any('::/100%25: "100%25" is not a documented parameter' in line for line in lines)


def test_file_name_is_shown_as_given(file: Any, tmp_path: Path, capsys: Printed) -> None:
    name = file({}, f"{'long' * 30}.json")
    for path in (name, str(tmp_path / name)):
        assert {one["file"] for one in check_before(capsys, path)[1]["findings"]} == {path}
        assert main(["check", path]) == 1
        assert capsys.readouterr().out.startswith(f"{path}:1:1: 02000001 ")


@pytest.mark.parametrize("locale", ["zh_CN", "zh-CN", "zh", "zh-cn"])
def test_messages_are_in_the_chosen_language(locale: str, file: Any, capsys: Printed) -> None:
    name = file(body(maxAlertingTime=3))
    assert main(["check", name, *BEFORE, "--locale", locale]) == 1
    assert "maxAlertingTime 必须在 5 到 120 之间；实际为 3" in capsys.readouterr().out
    file(f'locale = "{locale}"\n'.encode(), ".isales-rules.toml")
    assert main(["check", name, *BEFORE]) == 1
    assert "maxAlertingTime 必须在 5 到 120 之间；实际为 3" in capsys.readouterr().out


def test_one_error_is_singular(file: Any, capsys: Printed) -> None:
    name = file(body(maxAlertingTime=3))
    main(["check", name, *BEFORE])
    assert "\n1 file: 1 error in 1 file\n" in capsys.readouterr().out


@pytest.mark.parametrize(("strict", "code"), [([], 0), (["--strict"], 1)])
def test_warning_fails_only_with_strict(
    strict: list[str], code: int, file: Any, capsys: Printed
) -> None:
    name = file(backwards())
    assert main(["check", name, *BEFORE, *strict]) == code
    out = capsys.readouterr().out
    assert out.startswith(f"{name}:1:")
    assert ": warning /scheduleParam/workdayEndTime1: " in out
    assert "= segment-backwards (" in out


def test_errors_and_warnings_are_counted(file: Any, capsys: Printed) -> None:
    name = file({**backwards(), "name": "", "callerNo": None})
    assert main(["check", name, *BEFORE]) == 1
    assert "\n1 file: 2 errors, 1 warning in 1 file\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "02000001"),
        (b"{", "02000008"),
        (b"{} x", "02000008"),
        (b"NaN", "02000008"),
        (b"\xff\xfe", "02000008"),
        (b"[]", "02000006"),
        (b"null", "02000001"),
        (b"[" * 100_000, "02000008"),
        (b'{"name": ' + b"9" * 6000 + b"}", "02000008"),
        (b'\xef\xbb\xbf{"name": "a", "name": "b"}', "0200001"),
        (b'{"name": "\\ud800"}', "02000001"),
    ],
    ids=lambda one: ascii(one)[:20],
)
def test_malformed_json_is_a_finding(content: bytes, code: str, file: Any, capsys: Printed) -> None:
    assert main(["check", file(content)]) == 1
    out, err = capsys.readouterr()
    assert f": {code} " in out
    assert err == ""


def test_unreadable_file_does_not_stop_the_check(
    file: Any, tmp_path: Path, capsys: Printed
) -> None:
    valid, invalid = file(BODY, "valid.json"), file(b"{", "invalid.json")
    (tmp_path / "folder").mkdir()
    missing, folder = "missing.json", "folder"
    assert main(["check", missing, valid, folder, invalid, *BEFORE]) == 2
    out, err = capsys.readouterr()
    assert "2 files: 1 error in 1 file; 2 more could not be checked\n" in out
    assert err.splitlines() == [
        f"isales-rules: {missing}: cannot be read: No such file or directory",
        f"isales-rules: {folder}: no file in this folder ends with .json, .ndjson, .jsonl, except excluded ones",
    ]


@pytest.mark.parametrize(
    ("contents", "code"), [([BODY, BODY], 0), ([BODY, {}], 1), ([{}, BODY], 1)]
)
def test_one_invalid_file_is_enough(
    contents: list[Any], code: int, file: Any, capsys: Printed
) -> None:
    names = [file(content, f"{number}.json") for number, content in enumerate(contents)]
    exit_code, document = check_before(capsys, *names)
    assert exit_code == code
    assert {one["file"] for one in document["findings"]} == {
        name for name, content in zip(names, contents, strict=True) if not content
    }


def test_unreadable_file_exits_with_2(
    file: Any, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    real, name = open, file(BODY)

    def refusing(path: Any, *args: Any, **more: Any) -> Any:
        if path == name:
            raise PermissionError(13, "Permission denied")
        return real(path, *args, **more)

    monkeypatch.setattr("builtins.open", refusing)
    assert main(["check", name]) == 2
    assert capsys.readouterr().err == f"isales-rules: {name}: cannot be read: Permission denied\n"


def test_dash_is_standard_input(
    file: Any, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    stdin(monkeypatch, json.dumps(BODY).encode())
    assert main(["check", "-", *BEFORE]) == 0
    assert capsys.readouterr().out.startswith("1 file: ok\n")
    stdin(monkeypatch, b"{}")
    assert main(["check", file(BODY), "-", *BEFORE]) == 1
    out = capsys.readouterr().out
    assert out.startswith("(standard input):1:1: 02000001 /name: ")
    assert "\n2 files: 6 errors in 1 file\n" in out


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["check"],
        ["chekc"],
        ["check", "x", "--format", "xml"],
        ["check", "x", "--locale", "de_DE"],
        ["check", "--unknown", "x"],
        ["explain"],
        ["check", "x", "--jobs", "0"],
        ["check", "x", "--jobs", "many"],
        ["check", "x", "--max-errors"],
        ["check", "x", "--request", "--query-reply"],
        ["examples", "campaign-modify-v1"],
    ],
)
def test_usage_error_refers_to_help(argv: list[str], capsys: Printed) -> None:
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("isales-rules: ")
    assert re.search(r"`isales-rules[a-z ]* --help`", err)
    assert err.count("\n") == 1
    assert "None" not in err


def test_help_and_version(capsys: Printed) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"isales-rules {isales_rules.__version__}\n"
    assert main(["check", "--help"]) == 0
    assert "--strict" in capsys.readouterr().out


# --- Facts and the time ----------------------------------------------------------------------

CAMPAIGN = body(strBeginTime="2024-03-10 12:00:00", strEndTime="2024-03-12 12:00:00")
PAST = [
    ("2024-03-10", 0),
    ("2024-03-11", 1),
    ("20240311", 1),
    ("2024-03-10 23:59:59", 0),
    ("2024-03-10T24:00", 1),
    ("2024-03-11T00:00:00Z", 1),
    ("2024-03-10T23:30:00-01:00", 1),
    ("2024-03-11T00:30+01:00", 0),
    ("clock", 1),
]
NO_TIMES = [
    *(
        "",
        " ",
        "yesterday",
        "May",
        "10",
        "2024",
        "2024-03",
        "202403",
        "2024-W10",
        "10.03.2024",
        "3/11/2024",
        "08:30",
        "11 March 2024",
        "1e400",
    ),
    *(
        "2024-02-30",
        "99999-99-99",
        "2024-03-11T25:00",
        "2024-03-11 00:00 +99:99",
        "2024-03-10 12:00 XYZ",
        "x" * 5000,
        "9" * 5000,
        "\ud800",
        "Clock",
    ),
    "2024-03-1\u0661",
]


@pytest.mark.parametrize(("now", "code"), PAST)
@pytest.mark.parametrize("by", ["flag", "setting", "facts"])
def test_now_is_an_iso_8601_time(by: str, now: str, code: int, file: Any, capsys: Printed) -> None:
    if by == "setting":
        file(f'now = "{now}"\n'.encode(), ".isales-rules.toml")
    facts = ["--facts", file({"now": now}, "facts.json")] if by == "facts" else []
    argv = ["--now", now] if by == "flag" else facts
    expected = 2 if now == "clock" and by == "facts" else code
    assert main(["check", file(CAMPAIGN), *argv]) == expected
    assert ("0200002 /strBeginTime" in capsys.readouterr().out) is (expected == 1)


@pytest.mark.parametrize("now", NO_TIMES, ids=lambda now: ascii(now)[:30])
@pytest.mark.parametrize("by", ["flag", "facts"])
def test_invalid_time_exits_with_2(by: str, now: str, file: Any, capsys: Printed) -> None:
    argv = ["--now", now] if by == "flag" else ["--facts", file({"now": now}, "facts.json")]
    assert main(["check", file(CAMPAIGN), *argv]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert re.match(
        r"isales-rules: .*now: must be an ISO 8601 date or time, such as 2030-09-01.*, not ", err
    )
    assert err.count("\n") == 1
    assert len(err) < 600


def test_time_outside_utc_range_exits_with_2(file: Any, capsys: Printed) -> None:
    assert main(["check", file(CAMPAIGN), "--now", "0001-01-01T00:00+14:00"]) == 2
    assert "the fact 'now' is out of range in UTC" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("now", "code"),
    [("2024-03-10", 0), ("2024-03-11", 1), ("2024-03-11T00:00:00Z", 1), ("2024-03-10 23:59:59", 0)],
)
def test_now_setting_accepts_toml_times(now: str, code: int, file: Any) -> None:
    file(f"now = {now}\n".encode(), ".isales-rules.toml")
    assert main(["check", file(CAMPAIGN)]) == code
    assert main(["check", file(CAMPAIGN), "--now", "2024-03-10"]) == 0


def test_clock_is_not_read_by_default(file: Any, capsys: Printed) -> None:
    for year in ("2019", "2999"):
        _, document = read = check_json(
            capsys,
            file(body(strBeginTime=f"{year}-01-01 00:00:00", strEndTime=f"{year}-01-02 00:00:00")),
        )
        assert read[0] == 0
        assert document["findings"] == []
        assert {"begin-not-past", "ends-in-the-past"} <= set(document["summary"]["unchecked"])
    assert main(["check", str(EXAMPLE)]) == 0


def test_now_clock_reads_the_clock(file: Any) -> None:
    for year, code in (("2019", 1), ("2999", 0)):
        assert (
            main(
                [
                    "check",
                    file(body(strBeginTime=f"{year}-01-01 00:00:00", strEndTime="")),
                    "--now",
                    "clock",
                ]
            )
            == code
        )
    today = datetime.now(UTC).strftime("%Y-%m-%d 00:00:00")
    assert main(["check", file(body(strBeginTime=today, strEndTime="")), "--now", "clock"]) == 0


def check_json(capsys: Printed, *argv: str) -> tuple[int, dict[str, Any]]:
    """Run `check --format json`; return the exit code and the document."""
    capsys.readouterr()
    code = main(["check", "--format", "json", *argv])
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return code, document


def test_facts_are_read_from_a_file(file: Any, capsys: Printed) -> None:
    facts = {
        "campaign_exists": False,
        "campaign_expired": True,
        "device_type": 3,
        "campaign_names": [BODY["name"]],
        "skill_ids": [],
    }
    code, document = check_before(capsys, file(BODY), "--facts", file(facts, "facts.json"))
    assert code == 1
    assert [one["code"] for one in document["findings"]] == [
        "0200007",
        "0200016",
        "0200005",
        "02000007",
    ]
    assert document["summary"]["unchecked"] == []


def test_now_overrides_the_facts_file(file: Any) -> None:
    facts = file({"now": "2024-03-11"}, "facts.json")
    assert main(["check", file(CAMPAIGN), "--facts", facts]) == 1
    assert main(["check", file(CAMPAIGN), "--facts", facts, "--now", "2024-03-10"]) == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "is not JSON"),
        (b"", "is not JSON"),
        (b"\xff", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b'{"device_type": ' + b"9" * 6000 + b"}", "is not JSON"),
        (b"[]", "must hold a JSON object"),
        (b"null", "must hold a JSON object"),
        (b'"now"', "must hold a JSON object"),
        (
            b'{"campaign_exist": true}',
            "unknown fact 'campaign_exist'; did you mean 'campaign_exists'?",
        ),
        (b'{"xyzzy": true}', "unknown fact 'xyzzy'"),
        (b'{"\\ud800": true}', "unknown fact"),
        (b'{"campaign_exists": 1}', "'campaign_exists' must be"),
        (b'{"device_type": "2"}', "'device_type' must be"),
        (b'{"device_type": true}', "'device_type' must be"),
        (b'{"device_type": 2.0}', "'device_type' must be"),
        (b'{"campaign_names": "x"}', "'campaign_names' must be"),
        (b'{"campaign_names": [1]}', "'campaign_names' must be"),
        (b'{"skill_ids": [[1]]}', "'skill_ids' must be"),
        (b'{"skill_ids": null}', "'skill_ids' must be"),
        (b'{"now": 5}', "'now' must be"),
        (b'{"now": null}', "'now' must be"),
    ],
    ids=lambda one: ascii(one)[:40],
)
def test_invalid_facts_exit_with_2(
    content: bytes, message: str, file: Any, capsys: Printed
) -> None:
    assert main(["check", file(BODY), "--facts", file(content, "facts.json")]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("isales-rules: ")
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("name", ["missing.json", "."])
def test_unreadable_facts_exit_with_2(
    name: str, file: Any, tmp_path: Path, capsys: Printed
) -> None:
    facts = str(tmp_path / name)
    assert main(["check", file(BODY), "--facts", facts]) == 2
    assert capsys.readouterr().err.startswith(f"isales-rules: {facts}: cannot be read: ")


# --- Whole requests --------------------------------------------------------------------------


def test_request_is_checked_with_url_and_headers(file: Any, capsys: Printed) -> None:
    assert main(["check", file(REQUEST), "--request", *BEFORE]) == 0
    capsys.readouterr()
    invalid = {
        "path": {**PATH, "vdnId": "x"},
        "headers": {**HEADERS, "Content-Type": "text/plain"},
        "body": body(name=""),
    }
    assert finding_codes(check_before(capsys, file(invalid), "--request")[1]) == [
        ("/path/vdnId", "02000008"),
        ("/headers/Content-Type", "02000007"),
        ("/body/name", "02000001"),
    ]


@pytest.mark.parametrize("part", ["path", "headers", "body"])
def test_missing_part_of_a_request_is_a_finding(part: str, file: Any, capsys: Printed) -> None:
    request = {name: value for name, value in REQUEST.items() if name != part}
    assert main(["check", file(request), "--request", *BEFORE]) == 1
    assert f": 02000001 /{part}: " in capsys.readouterr().out


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"5", b"null", b'{"path": 1}', b'{"body": {}, "body": {}}']
)
def test_invalid_request_is_a_finding(content: bytes, file: Any, capsys: Printed) -> None:
    assert main(["check", file(content), "--request"]) == 1
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "argv",
    [["--request"], [], ["--request", "--format", "json"], ["--request", "--locale", "zh_CN"]],
)
@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "s3cr3t-T0ken"},
        {"authorization": "s3cr3t-T0ken", "AUTHORIZATION": "s3cr3t-T0ken"},
        {"Authorization": ["s3cr3t-T0ken"]},
        {"Authorization": {"s3cr3t-T0ken": "s3cr3t-T0ken"}},
    ],
)
def test_authorization_is_never_printed(
    argv: list[str], headers: Any, file: Any, capsys: Printed
) -> None:
    assert main(["check", file({**REQUEST, "headers": headers}), *argv]) == 1
    out, err = capsys.readouterr()
    assert "s3cr3t" not in out + err
    assert "T0ken" not in out + err


SECRET = json.dumps(
    {**REQUEST, "headers": {"Authorization": "s3cr3t-T0ken"}, "body": {**BODY, "deviceType": 4}},
    indent=1,
)


@pytest.mark.parametrize(
    "content",
    [
        SECRET.encode("utf-16"),
        SECRET.encode("utf-16-le"),
        SECRET.encode("utf-32"),
        '{"headers":{"Authorization":"s3cr3t-T0ken"}}'.encode("utf-16-le"),
        SECRET.replace("headers", "header").encode(),
        SECRET.replace('"body"', '"headers": {}, "body"').encode(),
        SECRET.replace("Authorization", "\\u0041uthorization").encode(),
        SECRET[:-3].encode(),
        SECRET.replace(': "s3cr3t', ':\n"s3cr3t').encode(),
        json.dumps(json.loads(SECRET)).encode(),
    ],
)
@pytest.mark.parametrize(
    "argv", [["--request"], [], ["--request", "--ndjson"], ["--ndjson"], ["--query-reply"]]
)
def test_authorization_is_hidden_in_any_encoding(
    content: bytes, argv: list[str], file: Any, capsys: Printed
) -> None:
    assert main(["check", file(content), *argv]) == 1
    out = capsys.readouterr().out
    assert "s3cr3t" not in out.replace("\\u0000", "")
    assert "T0ken" not in out.replace("\\u0000", "")


def test_only_header_lines_are_hidden(file: Any, capsys: Printed) -> None:
    assert main(["check", file(SECRET.encode()), "--request", *BEFORE]) == 1
    out = capsys.readouterr().out
    assert '|   "deviceType": 4,\n' in out
    assert "/headers/Content-Type: " in out
    assert out.count("\n  |") + out.count("\n   |") + out.count("\n    |") == 1


# --- Rule sets -------------------------------------------------------------------------------


def test_rule_set_is_loaded_from_a_path(file: Any, tmp_path: Path, capsys: Printed) -> None:
    data = rule_set(
        {"size": {"type": "integer", "max": 5}},
        facts={"today": fact("datetime") | {"default": "now"}, "limit": fact("integer")},
        rules=[rule({"then": {"size": {"le": {"fact": "limit"}}}})],
    )
    rules = str(write(tmp_path, data))
    assert main(["check", file({"size": 6}), "--ruleset", rules]) == 1
    assert ": 02000007 /size: size must be at most 5; found 6\n" in capsys.readouterr().out
    assert main(["check", file({"size": 5}), "--ruleset", rules]) == 0
    assert (
        main(
            [
                "check",
                file({"size": 5}),
                "--ruleset",
                rules,
                "--facts",
                file({"limit": 4, "today": "2024-01-01"}, "facts.json"),
            ]
        )
        == 1
    )
    assert (
        main(
            [
                "check",
                file({"size": 5}),
                "--ruleset",
                rules,
                "--facts",
                file({"now": "2024-01-01"}, "facts.json"),
            ]
        )
        == 2
    )
    capsys.readouterr()
    assert main(["rules", "--ruleset", rules]) == 0
    out = capsys.readouterr().out
    assert "body.size.max  02000007  /size  [Table body, size]\n    size must be at most 5\n" in out
    assert out.endswith("fact limit (integer): a fact of the type integer\n")


@pytest.mark.parametrize(
    "command",
    [
        ["check", "x.json", "--ruleset"],
        ["explain", "0200001", "--ruleset"],
        ["rules", "--ruleset"],
        ["compile", "--ruleset"],
    ],
)
def test_invalid_rule_set_lists_all_errors(
    command: list[str], tmp_path: Path, capsys: Printed
) -> None:
    bad = str(
        write(tmp_path, rule_set({"a": {"type": "integer", "mx": 5}, "b": {"type": "strin"}}))
    )
    for rules, messages in (
        (bad, [f"{bad}: tables.body.a.mx: unknown keyword", f"{bad}: tables.body.b.type: "]),
        ("campaigns", ["unknown rule set"]),
    ):
        assert main([*command, rules]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert all(message in err for message in messages)
        assert [line.partition(": ")[0] for line in err.splitlines()][-len(messages) :] == (
            ["isales-rules", bad] if rules == bad else ["isales-rules"]
        )


def test_explain_code_shows_meaning_and_rules(capsys: Printed) -> None:
    assert main(["explain", "02000010"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "02000010: The two halves of a time must be set together."
    rules = [line for line in lines[1:-2] if not line.startswith("    ")]
    assert all("  02000010  /scheduleParam/" in line for line in rules)
    assert sum(line.startswith("segment-times-in-pairs  ") for line in rules) == 12
    assert sum(".partial_pattern  " in line for line in rules) == 12
    assert len(rules) == 24
    assert main(["explain", "02000010", "--locale", "zh_CN"]) == 0
    assert capsys.readouterr().out.startswith("02000010: 小时与分钟")


@pytest.mark.parametrize("locale", ["en_US", "zh_CN"])
def test_explain_knows_every_code(
    locale: str, rules: isales_rules.RuleSet, capsys: Printed
) -> None:
    for code, meaning in rules.codes(locale).items():
        assert main(["explain", code, "--locale", locale]) == 0
        assert capsys.readouterr().out.splitlines()[0] == f"{code}: {meaning}"


@pytest.mark.parametrize("code", ["0200003", "2", "", "x", "０2000001", "\ud800"])
def test_unknown_code_lists_known_codes(code: str, capsys: Printed) -> None:
    assert main(["explain", code]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("isales-rules: unknown code, rule or parameter ")
    assert "02000011" in err


def test_unknown_code_suggests_the_nearest(capsys: Printed) -> None:
    main(["explain", "02000099"])
    assert "did you mean '02000009'?" in capsys.readouterr().err


def test_rules_lists_every_rule_with_source(rules: isales_rules.RuleSet, capsys: Printed) -> None:
    assert main(["rules"]) == 0
    lines = capsys.readouterr().out.splitlines()
    heads = [line for line in lines[2:] if not line.startswith((" ", "fact "))]
    assert [head.partition("  ")[0] for head in heads] == [
        check.id for check, _ in rules.expectations()
    ]
    assert all(
        re.fullmatch(r"\S+  (\d+|warning)  (/\S+|\(whole\))  \[.+\]", head) for head in heads
    )
    assert "body.maxAlertingTime.max  02000007  /maxAlertingTime  [Table 3, No. 7]" in heads
    assert "    the document names the default 70; the parameter must be sent all the same" in lines
    assert {line.split()[1] for line in lines if line.startswith("fact ")} == set(rules.facts)
    assert main(["rules", "--locale", "zh_CN"]) == 0
    assert "事实 campaign_exists (布尔值): 外呼活动是否存在" in capsys.readouterr().out


def test_compile_prints_python_source(
    tmp_path: Path, rules: isales_rules.RuleSet, capsys: Printed
) -> None:
    assert main(["compile"]) == 0
    source = capsys.readouterr().out
    assert source == rules.to_python()
    compile(source, "campaign-modify-v1", "exec")
    assert source.count("def violations_of(") == 3
    injection = rule_set(
        {
            '"""\n#': {
                "type": "string",
                "source": "\r\nimport os\n",
                "maxlength": 2,
                "regex": "'\"\\\\",
                "example": "'\"\\",
            }
        }
    )
    assert main(["compile", "--ruleset", str(write(tmp_path, injection))]) == 0
    compile(capsys.readouterr().out, "injection", "exec")


# --- As a process ----------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "code"), [(json.dumps(BODY).encode(), 0), (b"{", 1)])
def test_process_exits_with_the_code(text: bytes, code: int) -> None:
    assert run("check", "-", *BEFORE, text=text).returncode == code
    assert run("check", "no such file").returncode == 2


@pytest.mark.parametrize("argv", [("rules",), ("compile",), ("check", "-", "--format", "json")])
def test_closed_pipe_prints_no_traceback(argv: tuple[str, ...]) -> None:
    text = json.dumps(
        {f"{number}": {} for number in range(5)}
        | {"scheduleParam": {f"k{number}": 1 for number in range(8)}}
    )
    process = subprocess.Popen(
        [*COMMAND, *argv], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    with process:
        process.stdout.close()
        process.stdin.write(text.encode())
        process.stdin.close()
        err = process.stderr.read()
    assert b"Traceback" not in err
    assert b"BrokenPipe" not in err


def test_head_works() -> None:
    done = subprocess.run(  # noqa: S602  # our own
        f'"{sys.executable}" -m isales_rules rules | head -1',
        shell=True,
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.count(b"\n") == 1
    assert done.stderr == b""


STRANGE = json.dumps(
    {"中文": 1, "\ud800\x1b[31m": "\udfff", "name": "名" * 101, "callerNo": "\x00\x07\u202e中"},
    ensure_ascii=True,
).encode()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8", "gbk"])
@pytest.mark.parametrize(
    "argv", [(), ("--locale", "zh_CN"), ("--format", "json", "--locale", "zh_CN")]
)
def test_any_output_encoding_works(encoding: str, argv: tuple[str, ...]) -> None:
    done = run("check", "-", *argv, text=STRANGE, PYTHONIOENCODING=encoding)
    assert done.returncode == 1
    assert done.stderr == b""
    assert b"\x1b" not in done.stdout
    assert "\u202e" not in done.stdout.decode(encoding)


def test_ascii_output_works_for_all_commands() -> None:
    for argv, code in (
        (("rules", "--locale", "zh_CN"), 0),
        (("explain", "0200001", "--locale", "zh_CN"), 0),
        (("check", "没有.json"), 2),
        (("explain", "中"), 2),
    ):
        done = run(*argv, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
        assert done.returncode == code
        assert b"Traceback" not in done.stderr
        assert (done.stdout + done.stderr).isascii()


def test_undecodable_file_name_is_checked(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/\xff\n.json"
    with open(name, "wb") as opened:  # `Path` does not accept bytes
        opened.write(json.dumps(BODY).encode())
    for argv in ([], [b"--format", b"json"]):
        done = subprocess.run(
            [*COMMAND, "check", name, *argv, "--now", "2020-09-01"],
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0
        assert done.stderr == b""
    missing = subprocess.run(
        [*COMMAND, "check", name + b"x"], capture_output=True, check=False, timeout=60
    )
    assert missing.returncode == 2
    assert b"Traceback" not in missing.stderr


def test_missing_parameter_has_its_own_path(file: Any, capsys: Printed) -> None:
    document = bases()["ivr-intelligent"]
    drop(document, "/ivrParam/deviceSign")
    assert main(["check", file(document), *BEFORE]) == 1
    assert ": 02000001 /ivrParam/deviceSign: deviceSign is mandatory" in capsys.readouterr().out


def test_current_reply_states_facts(file: Any, capsys: Printed) -> None:
    current = file(
        {
            "resultCode": "0200000",
            "returnObject": {"id": 5, "status": 4, "deviceType": BODY["deviceType"] + 1},
        },
        "current.json",
    )
    assert finding_codes(check_before(capsys, file(BODY), "--current", current)[1]) == [
        ("", "0200016"),
        ("/deviceType", "02000007"),
    ]
    facts = file({"campaign_expired": False, "device_type": BODY["deviceType"]}, "facts.json")
    assert main(["check", file(BODY), "--current", current, "--facts", facts, *BEFORE]) == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [("[]", "must be an object"), ("{", "is not JSON"), ('{"returnObject": 5}', "not int")],
)
def test_invalid_current_reply_exits_with_2(
    content: str, message: str, file: Any, capsys: Printed
) -> None:
    current = file(content.encode(), "current.json")
    assert main(["check", file(BODY), "--current", current]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"isales-rules: {current}: ")
    assert message in err


def test_full_disk_on_standard_output_exits_with_2(
    file: Any, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        monkeypatch.setattr("sys.stdout", full)
        assert main(["check", file(BODY), *BEFORE]) == 2
    assert (
        capsys.readouterr().err
        == "isales-rules: standard output: cannot be written: No space left on device\n"
    )


def test_printing_fails_on_full_disk_not_closed_pipe(
    monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full, monkeypatch.context() as once:
        once.setattr("sys.stdout", full)
        assert main(["rules"]) == 2
    assert (
        capsys.readouterr().err
        == "isales-rules: standard output: cannot be written: No space left on device\n"
    )
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as closed, monkeypatch.context() as once:
        once.setattr("sys.stdout", closed)
        assert main(["rules"]) == 0
    assert capsys.readouterr().err == ""


# More warnings than fit into the buffer of a stream, so that writing them fails at once.
MANY = b"\n".join([json.dumps(backwards()).encode()] * 60)


@pytest.mark.parametrize(
    ("contents", "code"), [([BODY, BODY], 0), ([{}, BODY], 1), ([MANY, {}], 1)]
)
def test_closed_pipe_keeps_the_exit_code(
    contents: list[Any], code: int, file: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as closed:
        monkeypatch.setattr("sys.stdout", closed)
        names = [file(content, f"{number}.ndjson") for number, content in enumerate(contents)]
        assert main(["check", *names, *BEFORE]) == code


class Endless(io.RawIOBase):
    """Endless stream of one line, which fails after a thousand reads."""

    def __init__(self, line: bytes) -> None:
        self.line = line
        self.reads = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.reads += 1
        assert self.reads < 1000, "the check did not stop"
        buffer[: len(self.line)] = self.line
        return len(self.line)


@pytest.mark.parametrize(
    ("line", "device", "code"),
    [(b"{}\n", None, 1), (json.dumps(backwards()).encode() + b"\n", "/dev/full", 2)],
)
def test_check_stops_when_nobody_reads(
    line: bytes, device: str | None, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with (
        os.fdopen(writing, "w") as closed,
        open(device or os.devnull, "w", encoding="utf-8") as opened,
        monkeypatch.context() as once,
    ):
        once.setattr("isales_rules.cli.chunks.READ_SIZE", 30)
        once.setattr(
            "sys.stdin", io.TextIOWrapper(io.BufferedReader(Endless(line)), encoding="utf-8")
        )
        once.setattr("sys.stdout", opened if device else closed)
        assert main(["check", "--ndjson", "-", "--format", "concise"]) == code


def test_any_stream_encoding_takes_any_name(file: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    streams = {
        name: io.TextIOWrapper(io.BytesIO(), encoding="ascii") for name in ("stdout", "stderr")
    }
    file(body(deviceType=4), "é.json")
    with monkeypatch.context() as once:
        for name, stream in streams.items():
            once.setattr(f"sys.{name}", stream)
        assert main(["check", "é.json", "ü.json", "--format", "concise"]) == 2
    written = {}
    for name, stream in streams.items():
        stream.flush()
        written[name] = stream.buffer.getvalue()
    assert written["stdout"].startswith(b"\\xe9.json:1:")
    assert (
        written["stderr"]
        == b"isales-rules: \\xfc.json: cannot be read: No such file or directory\n"
    )


def test_dash_is_accepted_after_flags(
    file: Any, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    stdin(monkeypatch, json.dumps(BODY).encode())
    assert main(["check", file(BODY), "--now", "2020-09-01", "-"]) == 0
    assert capsys.readouterr().out.startswith("2 files: ok\n")


def test_examples_are_printed_one_per_line(tmp_path: Path, capsys: Printed) -> None:
    path = write(tmp_path, rule_set({"a": {"type": "integer", "max": 1}}))
    assert main(["examples", "--ruleset", str(path)]) == 0
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == list(
        examples(isales_rules.load(path))
    )


def test_every_command_uses_the_ruleset_setting(file: Any, tmp_path: Path, capsys: Printed) -> None:
    write(tmp_path, rule_set({"odd": {"type": "integer", "max": 1}}))
    file(b'ruleset = "small.toml"\n', ".isales-rules.toml")
    for argv in (["examples"], ["compile"], ["rules"], ["explain", "body.odd.max"]):
        assert main(argv) == 0
        assert "odd" in capsys.readouterr().out
        assert main([*argv[:1], "--no-config", *argv[1:]]) == (2 if argv[0] == "explain" else 0)
        assert "odd" not in capsys.readouterr().out


def test_output_can_be_redirected_by_callers(file: Any) -> None:
    with contextlib.redirect_stdout(io.StringIO()) as caught:
        assert main(["check", file(BODY), *BEFORE]) == 0
    assert "ok" in caught.getvalue()


def test_module_runs_the_command() -> None:
    # In a process of its own: pytest's import hook, which reads a plugin's package, has no code.
    done = subprocess.run(
        [sys.executable, "-m", "isales_rules", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"isales-rules {isales_rules.__version__}\n"


def test_interrupt_during_import_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    monkeypatch.setattr("isales_rules.cli.main.main", raising(KeyboardInterrupt()))
    assert start() == 130
    assert capsys.readouterr().err == "isales-rules: interrupted\n"


def test_internal_value_error_is_raised(file: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("isales_rules.cli.check.run", raising(ValueError("internal")))
    with pytest.raises(ValueError, match="internal"):
        main(["check", file(BODY)])


def test_package_has_only_public_names() -> None:
    assert dir(isales_rules) == sorted(isales_rules.__all__)
    assert all(getattr(isales_rules, name) is not None for name in isales_rules.__all__)
    with pytest.raises(AttributeError, match="module 'isales_rules' has no attribute 'laod'"):
        isales_rules.laod  # type: ignore[attr-defined]  # noqa: B018  # checks the error
