"""JSON arrays of texts, and hints for files with several texts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from isales_rules.cli.main import main
from tests.support.command import BEFORE, BODY, REQUEST, Printed, body, check_before, finding_codes

INVALID = body(deviceType=4)
TEXTS = [
    json.dumps(BODY),
    '{"name": 1, "name": "é😀"}',
    json.dumps({**INVALID, "odd": [[1], {"a": "]"}]}, indent=2),
    "[1, []]",
    "null",
    '"x"',
]


def regions(name: str, document: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return the path, the rule and the text in the region of each finding."""
    with open(name, encoding="utf-8-sig", newline="") as opened:
        lines = opened.read().split("\n")
    cut = []
    for one in document["findings"]:
        part = lines[one["line"] - 1 : one["end_line"]]
        part[-1] = part[-1][: one["end_column"] - 1]
        part[0] = part[0][one["column"] - 1 :]
        cut.append((one["path"], one["rule"], "\n".join(part)))
    return cut


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize(
    ("before", "between", "after"),
    [("[", ",", "]"), (" \n[\n  ", " ,\n\n  ", "\n]\n"), ("\ufeff[\r\n", ",\r\n", "\r\n]\r\n")],
    ids=["minified", "pretty", "CRLF"],
)
def test_each_item_is_checked_in_its_region(
    before: str, between: str, after: str, jobs: str, file: Any, capsys: Printed
) -> None:
    expected = []
    for index, text in enumerate(TEXTS):
        single = file(text.encode(), "single.json")
        expected += [
            (f"/{index}{path}", *rest)
            for path, *rest in regions(single, check_before(capsys, single)[1])
        ]
    array = file(f"{before}{between.join(TEXTS)}{after}".encode(), "array.json")
    code, document = check_before(capsys, array, "--array", "--jobs", jobs)
    assert (code, document["summary"]["texts"], document["summary"]["invalid"]) == (
        1,
        len(TEXTS),
        len(TEXTS) - 1,
    )
    assert regions(array, document) == expected


def test_baseline_follows_moved_items(file: Any, capsys: Printed) -> None:
    name = file(json.dumps([INVALID], indent=1).encode(), "array.json")
    assert main(["check", name, "--array", *BEFORE, "--write-baseline", "known.json"]) == 0
    file(json.dumps([BODY, INVALID], indent=1).encode(), "array.json")
    assert check_before(capsys, name, "--array", "--baseline", "known.json")[0] == 0
    file(json.dumps([BODY, {**INVALID, "name": "other"}], indent=1).encode(), "array.json")
    assert check_before(capsys, name, "--array", "--baseline", "known.json")[0] == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"[]", []),
        (json.dumps(BODY).encode(), []),
        (json.dumps(INVALID).encode(), [("/deviceType", "02000007")]),
        (b"[{},\n{},]", [("", "02000008")]),
        (b'[{"a": "\xff"}]', [("", "02000008")]),
        (b"", [("", "02000001")]),
    ],
)
def test_file_without_an_array_is_one_text(
    text: bytes, expected: list[tuple[str, str]], file: Any, capsys: Printed
) -> None:
    assert finding_codes(check_before(capsys, file(text, "one.json"), "--array")[1]) == expected


def test_item_shows_no_secret_of_another(file: Any, capsys: Printed) -> None:
    without_headers = {**REQUEST, "headers": {}}
    name = file(
        json.dumps([REQUEST, {**without_headers, "body": INVALID}, REQUEST]).encode(), "array.json"
    )
    assert main(["check", name, "--array", "--request", *BEFORE]) == 1
    out = capsys.readouterr().out
    assert "/1/headers/Authorization" in out
    assert "s3cr3t" not in out


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (b"[{}]", "check each entry of an array separately with --array"),
        (b"{}\n{}\n", "check each line separately with --ndjson"),
        (b"\n1\r\n\r\n 2", "check each line separately with --ndjson"),
        (b"{} {}\n", ""),
        (b"{\n}\n{\n}", ""),
        (b'{"a": {}\n"b": 1}', ""),
    ],
)
def test_hint_for_several_texts(text: bytes, hint: str, file: Any, capsys: Printed) -> None:
    [finding] = check_before(capsys, file(text, "several.json"))[1]["findings"]
    assert finding["hint"] == hint
    document = check_before(capsys, file(b"[{}]\n", "lines.ndjson"))[1]
    assert [one["hint"] for one in document["findings"]] == [""]


def test_lines_and_array_exclude_each_other(capsys: Printed) -> None:
    assert main(["check", "a.json", "--array", "--ndjson"]) == 2
    assert "not allowed with argument" in capsys.readouterr().err
