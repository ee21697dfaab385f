"""Output of `check`: layout, languages, and secrets that are never shown."""

from __future__ import annotations

import json
import re
import tracemalloc
from itertools import accumulate
from pathlib import Path
from typing import Any
from unicodedata import category, east_asian_width

import pytest
from hypothesis import given
from hypothesis import strategies as st

import isales_rules
from isales_rules.cli.chunks import Chunk
from isales_rules.cli.findings import Checker, CheckOptions
from isales_rules.cli.formats import FORMATS, make_formatter
from isales_rules.cli.formats.base import FormatterContext, Summary
from isales_rules.cli.main import main
from isales_rules.language.catalog import load_catalog
from tests.support.command import BEFORE, BODY, REQUEST, Printed, backwards, body
from tests.support.rule_sets import load, rule, rule_set

RULES = isales_rules.load("campaign-modify-v1")
TOKEN = "s3cr3t-T0ken"  # noqa: S105  # of nobody


def columns(text: str) -> int:
    return sum(
        0 if category(one) in ("Mn", "Me") else 1 + (east_asian_width(one) in "WF") for one in text
    )


# --- Layout ---


def test_hint_lists_options_below_finding(file: Any, capsys: Printed) -> None:
    assert main(["check", file(body(deviceType=4)), *BEFORE]) == 1
    out = capsys.readouterr().out
    assert ": deviceType must be one of 1, 2, 3, 5, 6; found 4\n" in out
    assert (
        "\n  = help: 1: IVR, intelligent calls\n          2: skill queue, predicted calls\n          3: "
        in out
    )


def test_findings_in_a_line_share_its_excerpt(file: Any, capsys: Printed) -> None:
    assert (
        main(
            [
                "check",
                file(b'{"name": 1, "callerNo": "x"}\r\n'),
                "--select",
                "02000002,02000006,02000001",
            ]
        )
        == 1
    )
    out = capsys.readouterr().out
    assert "\r" not in out
    assert out.count('1 | {"name": 1, "callerNo": "x"}\n  | ^        ^              ^^^\n') == 1
    assert out.count("1 | ") == 1


def test_chinese_output_has_no_english_sentence(file: Any, capsys: Printed) -> None:
    names = [
        file({**backwards(), "deviceType": 4, "name": "", "odd": "x" * 200}, "a.json"),
        file(b"[]", "b.json"),
        file(b"[", "c.ndjson"),
    ]
    file(b'{"version": 1, "findings": [{"fingerprint": "0", "file": "a.json"}]}', "known.json")
    for format_ in ("text", "concise"):
        assert (
            main(
                [
                    "check",
                    *names,
                    "--locale",
                    "zh_CN",
                    "--format",
                    format_,
                    "--baseline",
                    "known.json",
                    "--max-errors",
                    "9",
                ]
            )
            == 1
        )
        out = re.sub(r"--[a-z-]+ [A-Z]+", "", capsys.readouterr().out)
        lines = [line for line in out.splitlines() if not re.match(r"\d+ \|", line)]
        assert [line for line in lines if re.search(r"[A-Za-z]{2,} [A-Za-z]{2,} ", line)] == []
        assert lines[-3:][0].startswith("共检查 3 个文件：")
        assert ": 警告 /scheduleParam/workdayEndTime1: " in out


@pytest.mark.parametrize(
    "argv",
    [
        ["missing.json"],
        ["a.json/b.json"],
        ["\0"],
        ["empty"],
        ["x*.json"],
        ["--files-from", "missing"],
        ["a.json", "--facts", "missing.json"],
        ["a.json", "--current", "missing.json"],
        ["a.json", "--baseline", "missing.json"],
        ["a.json", "--output", "json=empty/missing/a"],
        ["a.json", "--output", "json=a.json"],
        ["a.json", "--output", "json=b", "--output", "sarif=b"],
        ["a.json", "--output", "json=facts.json", "--facts", "facts.json"],
        ["a.json", "--output", "json=/dev/full"],
    ],
)
def test_chinese_errors_have_no_english_sentence(
    argv: list[str], file: Any, capsys: Printed
) -> None:
    file({}, "a.json")
    file({}, "facts.json")
    Path("empty").mkdir()
    assert main(["check", *argv, "--locale", "zh_CN"]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert re.search("[\u4e00-\u9fff]", line)
    assert not re.search(r"[A-Za-z]{2,} [A-Za-z]{2,}", line)


def test_chinese_reports_have_chinese_failures_and_sources(capsys: Printed) -> None:
    failure = "missing.json: 无法读取：文件或文件夹不存在"
    argv = ["check", "missing.json", "--locale", "zh_CN", "--format"]
    assert main([*argv, "json"]) == 2
    out, err = capsys.readouterr()
    assert json.loads(out)["summary"]["failures"] == [failure]
    assert err == f"isales-rules: {failure}\n"
    assert main([*argv, "sarif"]) == 2
    [log] = json.loads(capsys.readouterr().out)["runs"]
    [notification] = log["invocations"][0]["toolExecutionNotifications"]
    assert notification["message"]["text"] == failure
    texts = [one["fullDescription"]["text"] for one in log["tool"]["driver"]["rules"]]
    assert not any("Table" in text or "Campaign (" in text for text in texts)


def test_every_phrase_is_in_chinese() -> None:
    phrases = load_catalog().phrases
    more = phrases["zh_CN"].keys() - phrases["en_US"].keys()
    assert phrases["en_US"].keys() <= phrases["zh_CN"].keys()
    assert [name for name in more if not name.startswith(("source ", "reason "))] == []


@given(
    st.text(
        st.sampled_from("ab\t中é\u0301\x07\r ") | st.characters(exclude_categories=["Cs"]),
        max_size=300,
    ),
    st.integers(0, 300),
)
def test_excerpt_fits_terminal_and_marks_value(text: str, before: int) -> None:
    content = json.dumps(
        {"a" * before: 0, "name": 1, "callerNo": text}, ensure_ascii=False
    ).encode()
    checker = Checker(CheckOptions(RULES, {}, "body", "en_US", ".", excerpts=True))
    [name] = [
        one
        for one in checker.check(Chunk("a.json", [content], 1, several=False)).findings
        if one.rule == "body.name.type"
    ]
    assert name.excerpt is not None
    line, start, width = name.excerpt
    assert columns(f"1 | {line}") <= 80
    assert width == 1
    assert [
        cell
        for cell, column in zip(line, accumulate(map(columns, line), initial=0), strict=False)
        if column == start
    ] == ["1"]


def test_blank_lines_separate_paragraphs(file: Any, capsys: Printed) -> None:
    assert (
        main(
            [
                "check",
                file(b'{\n"x": 1,\n"y": 2}', "a.json"),
                file(b"[]", "b.json"),
                "--select",
                "0200001,02000006",
            ]
        )
        == 1
    )
    paragraphs = capsys.readouterr().out.split("\n\n")
    assert [one.partition(" ")[0] for one in paragraphs] == [
        "a.json:2:1:",
        "a.json:3:1:",
        "b.json:1:1:",
        "2",
    ]


def test_findings_in_one_region_share_a_mark(file: Any, capsys: Printed) -> None:
    assert (
        main(
            [
                "check",
                file(b'{"callerNo": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}'),
                "--select",
                "02000002,02000003",
            ]
        )
        == 1
    )
    out = capsys.readouterr().out.splitlines()
    assert [line.count("^") for line in out[:6]] == [0, 0, 0, 33, 0, 0]


def test_long_junit_is_buffered_in_a_file(
    file: Any, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    names = [
        file(b'{"x": 1, "callerNo": "x"}\n' * 5, "a.ndjson"),
        file(BODY, "b.json"),
        file({}, "c.json"),
    ]
    assert main(["check", *names, "--format", "junit"]) == 1
    expected = capsys.readouterr().out
    monkeypatch.setattr("isales_rules.cli.formats.junit.IN_MEMORY", 1)
    assert main(["check", *names, "--format", "junit"]) == 1
    assert capsys.readouterr().out == expected


@pytest.mark.parametrize("format_", [name for name in FORMATS if name != "sarif"])
def test_formatters_use_constant_memory(format_: str) -> None:
    formatter = make_formatter(format_, FormatterContext(RULES, "en_US", "."))
    chunk = Chunk("a.ndjson", [b'{"name": 1}'] * 50, 1, several=True)
    result = Checker(CheckOptions(RULES, {}, "body", "en_US", ".", excerpts=True)).check(chunk)
    held = []
    for _ in range(3):
        tracemalloc.start()
        for _ in range(10):
            for _ in formatter.chunk(result):
                pass
        held.append(tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
    assert min(held) < 200_000
    written = sum("a.ndjson" in line for line in formatter.end(Summary()))
    assert format_ != "junit" or written == 1 + 3 * 10 * len(result.findings)


# --- Secrets ---


SECRETS = {
    "a pretty-printed request": json.dumps(
        {**REQUEST, "headers": {"Authorization": {"token": TOKEN}}}, indent=1
    ),
    "its lines without indentation": re.sub(
        r"\n +",
        "\n",
        json.dumps({**REQUEST, "headers": {"Authorization": {"token": TOKEN}}}, indent=1),
    ),
    "an object below the name": '"headers": {"Authorization":\n{"token": "'
    + TOKEN
    + '"}\n{"x": "'
    + TOKEN
    + '"}',
    "a header below the name": f'Authorization: Digest\n {{"{TOKEN}": 1}}',
    "a header in place of the body": json.dumps(
        {**REQUEST, "body": f"Authorization: Digest {TOKEN}"}
    ),
    "a header in place of the headers": json.dumps(
        {**REQUEST, "headers": f"authorization: {TOKEN}"}
    ),
    "a header in place of all": json.dumps(f"Authorization: Digest {TOKEN}"),
    "a header as a value": json.dumps({**BODY, "callerNo": f"AUTHORIZATION={TOKEN}"}),
    "a header as a name": json.dumps({**BODY, f"Authorization: {TOKEN}": 1}),
    "headers as names": json.dumps(
        {**BODY, **{f"{one} \\u0041uthorization: {TOKEN}": 1 for one in range(30)}}
    ),
    "lines below the name": '{"path": {},\n"headers": {\n"AUTHORIZATION"\n:\n"'
    + TOKEN
    + '"},\n"body": {"name": 1}}',
    "an object in the chunk below the name": '{"headers": {"Authorization":'
    + "\n" * 1500
    + json.dumps({"callerNo": TOKEN}),
}


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("content", SECRETS.values(), ids=SECRETS)
def test_token_is_never_shown(content: str, format_: str, file: Any, capsys: Printed) -> None:
    name = file(content.encode(), "a.json")
    for argv in ([], ["--request"], ["--ndjson"], ["--ndjson", "--request"], ["--query-reply"]):
        assert main(["check", name, "--format", format_, *argv]) == 1
        out, err = capsys.readouterr()
        assert "T0ken" not in out + err


def test_excerpts_of_lines_without_secrets(file: Any, capsys: Printed) -> None:
    lines = ['{"name": 1}', '{"headers": {"Authorization":', '{"name": 2}', '{"Authorization": 3}']
    assert (
        main(
            ["check", file("\n".join(lines).encode()), "--ndjson", "--select", "02000006,02000008"]
        )
        == 1
    )
    out = capsys.readouterr().out
    assert '1 | {"name": 1}' in out
    assert not any(line in out for line in lines[1:])


def test_no_values_hides_value_in_rule_message(tmp_path: Path) -> None:
    message = {"en_US": "$name must not be $found", "zh_CN": "$name 不能是 $found"}
    case = rule({"report_at": "a", "when": {"a": {"allowed": ["hush"]}}}, message=message)
    data = rule_set({"a": {"type": "string"}}, rules=[case])
    [violation] = load(tmp_path, data).validate({"a": "hush"}).violations
    assert violation.message() == 'a must not be "hush"; found "hush"'
    assert violation.message(values=False) == "a must not be …; what was found is not shown"


@pytest.mark.parametrize("format_", ["text", "concise", "github"])
@pytest.mark.parametrize(
    "name",
    [
        "::error file=x,line=1::hello.json",
        " ::warning::y.json",
        "a\u202egpj.json",
        "b\x1b[31m\n::error::.json",
    ],
)
def test_file_names_are_escaped(name: str, format_: str, file: Any, capsys: Printed) -> None:
    assert main(["check", file({}, name), "--format", format_, *BEFORE]) == 1
    out = capsys.readouterr().out
    assert out.replace("\n", "").isprintable()
    commands = [line for line in out.splitlines() if line.lstrip().startswith("::")]
    assert commands == [
        line
        for line in commands
        if format_ == "github"
        and line.startswith(("::error file=", "::warning file="))
        and "hello" not in line[:14]
    ]
