"""Every keyword, run by both engines on small rule sets."""

from __future__ import annotations

import json
import pickle
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from isales_rules import Report, RuleSetError
from isales_rules.language import keywords
from tests.support.rule_sets import Data, changed, errors, fact, load, rule, rule_set

TEXT: Data = {"type": "string"}
WHOLE: Data = {"type": "integer"}

# --- Definitions of single parameters ------------------------------------------------------

SINGLE: list[tuple[Data, list[tuple[Any, list[str]]]]] = [
    (
        TEXT | {"minlength": 3},
        [
            ("ab", ["02000004"]),
            ("abc", []),
            ("abc" * 99, []),
            ("", []),
            (None, []),
            (3, ["02000006"]),
            ("\U0001f600" * 2, ["02000004"]),
        ],
    ),
    (
        TEXT | {"minlength": 2, "maxlength": 4},
        [
            ("a", ["02000005"]),
            ("ab", []),
            ("abcd", []),
            ("abcde", ["02000005"]),
            ("\U0001f600" * 4, []),
            ("\U0001f600" * 5, ["02000005"]),
        ],
    ),
    (
        TEXT | {"minlength": 3, "maxlength": 3},
        [("abc", []), ("ab", ["02000005"]), ("abcd", ["02000005"])],
    ),
    (
        TEXT | {"maxlength": 3},
        [
            ("abc", []),
            ("abcd", ["02000003"]),
            ("中文字", []),
            ("中文字符", ["02000003"]),
            ("\U0001f600" * 3, []),
            ("e\u0301e\u0301", ["02000003"]),
        ],
    ),
    (
        WHOLE | {"min": 3},
        [
            (2, ["02000007"]),
            (3, []),
            (10**30, []),
            (-(10**30), ["02000007"]),
            ("3", ["02000006"]),
            (3.0, ["02000006"]),
        ],
    ),
    (WHOLE | {"max": 3}, [(3, []), (4, ["02000007"]), (-(10**30), []), (True, ["02000006"])]),
    (WHOLE | {"min": -3, "max": -1}, [(-4, ["02000007"]), (-3, []), (-1, []), (0, ["02000007"])]),
    (
        WHOLE | {"min": 3, "allowed": [3, 5]},
        [(2, ["02000007", "02000007"]), (4, ["02000007"]), (5, [])],
    ),
    (
        TEXT | {"required": True},
        [
            ("", ["02000001"]),
            (None, ["02000001"]),
            (" ", []),
            ("0", []),
            (False, ["02000006"]),
            (0, ["02000006"]),
        ],
    ),
    (
        WHOLE | {"required": True},
        [
            ("", ["02000001"]),
            (None, ["02000001"]),
            (0, []),
            ("0", ["02000006"]),
            ([], ["02000006"]),
        ],
    ),
    (TEXT | {"required": False}, [("", []), (None, []), (1, ["02000006"])]),
    (
        {"type": "boolean", "required": True},
        [(False, []), (True, []), ("", ["02000001"]), (0, ["02000006"]), ("true", ["02000006"])],
    ),
    (
        {"type": "boolean", "allowed": [True]},
        [(True, []), (False, ["02000007"]), (1, ["02000006"]), (1.0, ["02000006"])],
    ),
    ({"type": "boolean", "allowed": [True, False]}, [(True, []), (False, []), (0, ["02000006"])]),
    (
        WHOLE | {"allowed": [0, 1]},
        [
            (0, []),
            (1, []),
            (2, ["02000007"]),
            (True, ["02000006"]),
            (False, ["02000006"]),
            (1.0, ["02000006"]),
        ],
    ),
    (WHOLE | {"allowed": [7]}, [(7, []), (8, ["02000007"])]),
    (
        TEXT | {"allowed": ["a", "b c"]},
        [
            ("a", []),
            ("b c", []),
            ("A", ["02000007"]),
            ("ab", ["02000007"]),
            ("a\n", ["02000007"]),
            ("", []),
        ],
    ),
    (TEXT | {"allowed": ["only"]}, [("only", []), ("onl", ["02000007"])]),
    (
        TEXT | {"prefix": "x-"},
        [
            ("x-", []),
            ("x-1", []),
            ("X-1", ["02000007"]),
            ("-x-", ["02000007"]),
            ("x", ["02000007"]),
        ],
    ),
    (
        TEXT | {"prefix": ["http://", "https://"]},
        [("http://", []), ("https://a", []), ("ftp://a", ["02000007"]), (" http://", ["02000007"])],
    ),
    (
        TEXT | {"allowed_characters": "0123456789*#"},
        [
            ("12*#", []),
            ("1a2", ["02000002"]),
            ("a", ["02000002"]),
            ("１２", ["02000002"]),
            ("12\n", ["02000002"]),
            ("1 2", ["02000002"]),
        ],
    ),
    (TEXT | {"allowed_characters": "a-c]^\\"}, [("]a-c^\\", []), ("b", ["02000002"])]),
    (
        TEXT | {"forbidden_characters": "<>"},
        [("ab", []), ("a<b", ["02000002"]), (">", ["02000002"]), ("<>", ["02000002"]), ("＜", [])],
    ),
    (
        TEXT | {"forbidden_characters": "a-c]^\\\"'xyz"},
        [
            ("b", []),
            ("w", []),
            ("-", ["02000002"]),
            ("b]", ["02000002"]),
            ("b\\", ["02000002"]),
            ("^", ["02000002"]),
        ],
    ),
    (
        TEXT | {"regex": "[a-z]{2}_[A-Z]{2}", "example": "zh_CN"},
        [
            ("zh_CN", []),
            ("zh_CN\n", ["02000007"]),
            ("xzh_CN", ["02000007"]),
            ("zh_CNx", ["02000007"]),
            ("\nzh_CN", ["02000007"]),
        ],
    ),
    (TEXT | {"regex": "a|ab", "example": "ab"}, [("a", []), ("ab", []), ("abc", ["02000007"])]),
    (TEXT | {"regex": "^a$", "example": "a"}, [("a", []), ("a\n", ["02000007"])]),
    (
        TEXT | {"regex": r"\d+", "example": "12"},
        [("12", []), ("١٢", ["02000007"]), ("１２", ["02000007"]), ("²", ["02000007"])],
    ),
    (
        TEXT | {"regex": r"\w+", "example": "ab"},
        [("ab_1", []), ("é", ["02000007"]), ("中", ["02000007"])],
    ),
    (TEXT | {"regex": "(?i:k)", "example": "k"}, [("k", []), ("K", []), ("\u212a", ["02000007"])]),
    (
        TEXT | {"format": "HH:mm"},
        [
            ("00:00", []),
            ("23:59", []),
            ("24:00", ["02000008"]),
            ("8:00", ["02000008"]),
            ("08:60", ["02000008"]),
            ("08:00\n", ["02000008"]),
        ],
    ),
    (
        TEXT | {"format": "HH:mm:ss"},
        [
            ("00:00:00", []),
            ("23:59:59", []),
            ("24:00:00", ["02000008"]),
            ("23:59:60", ["02000008"]),
            ("23:60:00", ["02000008"]),
            ("1:02:03", ["02000008"]),
            ("01:02", ["02000008"]),
            ("01:02:03\n", ["02000008"]),
            ("０1:02:03", ["02000008"]),
            ("01:02:0３", ["02000008"]),
        ],
    ),
    (
        TEXT | {"format": "yyyy-MM-dd"},
        [
            ("2024-02-29", []),
            ("2023-02-29", ["02000008"]),
            ("2024-02-30", ["02000008"]),
            ("2024-13-01", ["02000008"]),
            ("2024-1-01", ["02000008"]),
            ("0000-01-01", ["02000008"]),
            ("0001-01-01", []),
            ("9999-12-31", []),
            ("2024-02-29 00:00:00", ["02000008"]),
            ("2024-02-29\n", ["02000008"]),
            ("２024-02-29", ["02000008"]),
            ("20240229", ["02000008"]),
            ("2024-W09-4", ["02000008"]),
        ],
    ),
    (
        TEXT | {"format": "yyyy-MM-dd HH:mm:ss"},
        [
            ("2024-02-29 23:59:59", []),
            ("2024-02-29T23:59:59", ["02000008"]),
            ("2024-02-29 24:00:00", ["02000008"]),
            ("2024-02-29 23:59:60", ["02000008"]),
            ("2024-02-29 23:59", ["02000008"]),
            ("2024-02-2923:59:59", ["02000008"]),
            ("2024-02-29 23:59:5９", ["02000008"]),
        ],
    ),
    (
        TEXT | {"format": ["yyyy-MM-dd HH:mm:ss", "yyyy-MM-ddHH:mm:ss", "dd/MM/yyyy HH:mm"]},
        [
            ("2024-02-29 23:59:59", []),
            ("2024-02-2923:59:59", []),
            ("29/02/2024 23:59", []),
            ("02/29/2024 23:59", ["02000008"]),
            ("29.02.2024 23:59", ["02000008"]),
            ("2024-02-29", ["02000008"]),
            ("2024-02-29 24:00:00", ["02000008"]),
        ],
    ),
    (
        TEXT | {"format": ["HH:mm", "HH.mm"]},
        [
            ("08:30", []),
            ("08.30", []),
            ("08-30", ["02000008"]),
            ("0830", ["02000008"]),
            ("08x30", ["02000008"]),
        ],
    ),
    (
        TEXT | {"format": "HH:mm", "partial_pattern": "[0-9]{1,2}:?|:[0-9]{1,2}"},
        [
            ("08:30", []),
            ("08", ["02000010"]),
            ("8:", ["02000010"]),
            (":30", ["02000010"]),
            ("08\n", ["02000008"]),
            ("٠٨", ["02000008"]),
            ("08:30:00", ["02000008"]),
            ("noon", ["02000008"]),
        ],
    ),
    (
        TEXT | {"maxlength": 3, "allowed_characters": "12", "prefix": "1"},
        [
            ("12", []),
            ("2", ["02000007"]),
            ("13", ["02000002"]),
            ("2345", ["02000003", "02000002", "02000007"]),
            (12, ["02000006"]),
        ],
    ),
    (TEXT | {"prefix": "1", "maxlength": 3}, [("2345", ["02000007", "02000003"])]),
    (
        {"type": "list", "maxitems": 0},
        [([], []), ([None], ["02000011"]), ("", []), ({}, ["02000006"])],
    ),
    (
        {"type": "list", "maxitems": 2},
        [
            ([1, "x"], []),
            ([1, 2, 3], ["02000011"]),
            ("abc", ["02000006"]),
            ((1, 2, 3), ["02000011"]),
        ],
    ),
    (
        {"type": "list", "required": True},
        [([], []), (None, ["02000001"]), ("", ["02000001"]), ({}, ["02000006"])],
    ),
    (
        {"type": "dict"},
        [({}, []), ({"any": 1}, []), ([], ["02000006"]), ("", []), ("{}", ["02000006"])],
    ),
    (
        WHOLE | {"coerce": "decimal", "min": 1, "max": 99},
        [
            ("7", []),
            (7, []),
            ("007", []),
            ("", []),
            ("0", ["02000007"]),
            ("100", ["02000007"]),
            ("x", ["02000008"]),
            ("-7", ["02000008"]),
            ("+7", ["02000008"]),
            (" 7", ["02000008"]),
            ("7\n", ["02000008"]),
            ("7.0", ["02000008"]),
            ("1_0", ["02000008"]),
            ("٧", ["02000008"]),
            ("²", ["02000008"]),
            ("9" * 6000, ["02000007"]),
            (7.0, ["02000006"]),
            (True, ["02000006"]),
        ],
    ),
    (
        WHOLE | {"coerce": "decimal", "required": True},
        [("", ["02000001"]), (None, ["02000001"]), ("x", ["02000008"]), ("0", [])],
    ),
    (WHOLE | {"coerce": "decimal", "allowed": [1, 2]}, [("1", []), ("3", ["02000007"])]),
    (
        WHOLE | {"multipleof": 5, "min": 0},
        [(0, []), (10, []), (7, ["02000007"]), (-5, ["02000007"]), ("5", ["02000006"])],
    ),
    (
        {"type": "number", "min": 0.5, "max": 2},
        [
            (0.5, []),
            (1, []),
            (2.0, []),
            (0.4999, ["02000007"]),
            (3, ["02000007"]),
            (True, ["02000006"]),
            ("1", ["02000006"]),
            (float("nan"), ["02000006"]),
            (float("inf"), ["02000006"]),
        ],
    ),
    ({"type": "number", "required": True}, [(0, []), (0.0, []), ("", ["02000001"])]),
    (
        {"type": "any"},
        [
            (0, []),
            (False, []),
            ({}, []),
            ([None], []),
            ("x", []),
            ("", []),
            (None, []),
            (1.5, []),
            (float("inf"), ["02000006"]),
            ({1}, ["02000006"]),
            ((1, 2), []),
        ],
    ),
    (
        {"type": "any", "required": True},
        [(0, []), (False, []), ([], []), ("", ["02000001"]), (None, ["02000001"])],
    ),
    (
        TEXT | {"maxbytes": 6},
        [
            ("abcdef", []),
            ("abcdefg", ["02000003"]),
            ("中文", []),
            ("中文a", ["02000003"]),
            ("\ud800\ud800", []),
            ("\ud800\ud800a", ["02000003"]),
        ],
    ),
    (
        {"type": "list", "minitems": 1},
        [([], ["02000001"]), ([1], []), (None, []), ({}, ["02000006"])],
    ),
    (
        {"type": "list", "minitems": 1, "maxitems": 1},
        [([], ["02000001"]), ([1], []), ([1, 2], ["02000011"])],
    ),
    (
        TEXT | {"format": "MM-dd"},
        [("02-29", []), ("02-30", ["02000008"]), ("2-29", ["02000008"]), ("02-29\n", ["02000008"])],
    ),
    (
        TEXT
        | {
            "required": True,
            "maxlength": 2,
            "allowed_characters": "12",
            "error_codes": {"required": "0200005", "maxlength": "0200007", "type": "0200016"},
        },
        [
            ("", ["0200005"]),
            (None, ["0200005"]),
            ("123", ["0200007", "02000002"]),
            (1, ["0200016"]),
            ("12", []),
        ],
    ),
    (
        WHOLE
        | {"coerce": "decimal", "min": 1, "error_codes": {"coerce": "0200001", "min": "0200002"}},
        [("x", ["0200001"]), ("0", ["0200002"]), (0, ["0200002"]), (None, []), ([], ["02000006"])],
    ),
    (
        {"type": "list", "maxitems": 1, "error_codes": {"maxitems": "0200017"}},
        [([1, 2], ["0200017"])],
    ),
    (
        TEXT
        | {
            "format": "HH:mm",
            "partial_pattern": "[0-9]+",
            "error_codes": {"partial_pattern": "0200017", "format": "0200016"},
        },
        [("08", ["0200017"]), ("x", ["0200016"])],
    ),
]


@pytest.mark.parametrize(
    ("definition", "values"), [pytest.param(*one, id=ascii(one[0])) for one in SINGLE]
)
def test_value_violates_its_keywords(
    definition: Data, values: list[tuple[Any, list[str]]], tmp_path: Path, engine: str
) -> None:
    rules = load(tmp_path, rule_set({"value": definition}))
    actual = [
        (value, errors(rules.validate({"value": value}, engine=engine))) for value, _ in values
    ]
    assert actual == [(value, [("/value", code) for code in codes]) for value, codes in values]


def test_every_definition_keyword_is_tested() -> None:
    assert {name for definition, _ in SINGLE for name in definition} >= {
        name
        for name, keyword in keywords.KEYWORDS.items()
        if keyword.in_definitions and keyword.operand != "entries"
    }


MESSAGES: list[tuple[Data, Any, str, str]] = [
    (
        TEXT | {"minlength": 3},
        "ab",
        "value must have at least 3 characters; found 2 characters",
        "value 至少 3 个字符；实际为 2 个字符",
    ),
    (
        TEXT | {"minlength": 3, "maxlength": 4},
        "ab",
        "value must have 3 to 4 characters; found 2 characters",
        "value 必须有 3 到 4 个字符；实际为 2 个字符",
    ),
    (
        TEXT | {"maxlength": 1},
        "ab",
        "value must have at most 1 characters; found 2 characters",
        "value 最多 1 个字符；实际为 2 个字符",
    ),
    (
        {"type": "list", "maxitems": 1},
        [1, 2, 3],
        "value must have at most 1 entries; found 3 entries",
        "value 最多 1 项；实际为 3 项",
    ),
    (WHOLE | {"min": 1}, 0, "value must be at least 1; found 0", "value 不能小于 1；实际为 0"),
    (WHOLE | {"max": 1}, 2, "value must be at most 1; found 2", "value 不能大于 1；实际为 2"),
    (
        WHOLE | {"min": 1, "max": 2},
        3,
        "value must be from 1 to 2; found 3",
        "value 必须在 1 到 2 之间；实际为 3",
    ),
    (
        {"type": "boolean", "allowed": [True]},
        False,
        "value must be one of true; found false",
        "value 必须是以下之一：true；实际为 false",
    ),
    (TEXT, 7, "value must be a string; found 7", "value 必须是字符串；实际为 7"),
    (
        TEXT | {"format": ["HH:mm", "HH.mm"]},
        "x",
        'value must be a real time in the format HH:mm, HH.mm; found "x"',
        'value 必须是 HH:mm、HH.mm 格式的真实时间；实际为 "x"',
    ),
    (
        TEXT | {"prefix": ["a:", "b:"]},
        "x",
        'value must begin with one of "a:", "b:"; found "x"',
        'value 必须以下列之一开头："a:"、"b:"；实际为 "x"',
    ),
    (
        TEXT | {"allowed_characters": "ab"},
        "x",
        'value may only have these characters: "ab"; found "x"',
        'value 只能包含这些字符："ab"；实际为 "x"',
    ),
    (
        TEXT | {"regex": "x+", "example": "xx"},
        "y",
        'value must be like xx; found "y"',
        'value 的写法应如 xx；实际为 "y"',
    ),
    (
        WHOLE
        | {"allowed": [1, 2], "allowed_labels": {"en_US": ["one", "two"], "zh_CN": ["一", "二"]}},
        3,
        "value must be one of 1, 2; found 3",
        "value 必须是以下之一：1、2；实际为 3",
    ),
    (
        TEXT | {"secret": True, "maxlength": 2},
        "hush",
        "value must have at most 2 characters; what was found is not shown",
        "value 最多 2 个字符；实际值不显示",
    ),
]


@pytest.mark.parametrize(("definition", "value", "english", "chinese"), MESSAGES)
def test_message_has_expectation_and_value(
    definition: Data, value: Any, english: str, chinese: str, tmp_path: Path, engine: str
) -> None:
    [violation] = (
        load(tmp_path, rule_set({"value": definition}))
        .validate({"value": value}, engine=engine)
        .violations
    )
    assert (violation.message("en_US"), violation.message("zh_CN")) == (english, chinese)


# --- Lists and objects ---------------------------------------------------------------------

NUMBERS: Data = {"type": "list", "maxitems": 3, "schema": {"type": "integer", "min": 1}}
OWN_CODE: Data = {
    "type": "list",
    "schema": {"type": "integer", "error_codes": {"required": "02000007"}},
}
TEXTS: Data = {"type": "list", "schema": {"type": "string", "required": True, "minlength": 2}}
NESTED: Data = {
    "type": "list",
    "maxitems": 2,
    "schema": {"type": "list", "maxitems": 1, "schema": {"type": "string", "maxlength": 1}},
}
OBJECTS: Data = {"type": "list", "schema": {"type": "dict", "required": True, "schema": "item"}}
ITEM: Data = {
    "key": {"type": "string", "required": True, "maxlength": 2},
    "size": {"type": "integer"},
    "more": {"type": "dict", "schema": "deep"},
}
DEEP: Data = {"on": {"type": "boolean", "required": True}}

LISTS: list[tuple[Data, Any, list[tuple[str, str]]]] = [
    (NUMBERS, [], []),
    (NUMBERS, [1, 2, 3], []),
    (
        NUMBERS,
        [0, 1, "1", True],
        [("/xs", "02000011"), ("/xs/0", "02000007"), ("/xs/2", "02000006"), ("/xs/3", "02000006")],
    ),
    (
        NUMBERS,
        [None, "", 0],
        [("/xs/0", "02000001"), ("/xs/1", "02000001"), ("/xs/2", "02000007")],
    ),
    (NUMBERS, {"0": 1}, [("/xs", "02000006")]),
    (NUMBERS, None, []),
    (NUMBERS, (1, 0), [("/xs/1", "02000007")]),
    (
        OWN_CODE,
        [1, None, "", 2, "x"],
        [("/xs/1", "02000007"), ("/xs/2", "02000007"), ("/xs/4", "02000006")],
    ),
    (
        TEXTS,
        ["", "a", "ab", 1, None],
        [
            ("/xs/0", "02000001"),
            ("/xs/1", "02000004"),
            ("/xs/3", "02000006"),
            ("/xs/4", "02000001"),
        ],
    ),
    (
        NESTED,
        [["a"], ["a", "bb"], 1],
        [
            ("/xs", "02000011"),
            ("/xs/1", "02000011"),
            ("/xs/1/1", "02000003"),
            ("/xs/2", "02000006"),
        ],
    ),
    (NESTED, [["bb"], []], [("/xs/0/0", "02000003")]),
    (OBJECTS, [{"key": "a"}, {"key": "b", "size": 1, "more": {"on": False}}], []),
    (
        OBJECTS,
        [None, {}, 1, ""],
        [
            ("/xs/0", "02000001"),
            ("/xs/1/key", "02000001"),
            ("/xs/2", "02000006"),
            ("/xs/3", "02000001"),
        ],
    ),
    (
        OBJECTS,
        [{"key": "abc"}, {"key": "a"}, {"key": "", "more": {}}],
        [("/xs/0/key", "02000003"), ("/xs/2/key", "02000001"), ("/xs/2/more/on", "02000001")],
    ),
    (OBJECTS, [{"key": "a", "sise": 1}], [("/xs/0/sise", "0200001")]),
    (OBJECTS, [{"key": "a"}, {"key": "a", "size": 1, "b": 1, "c": 1}], [("/xs/1", "02000011")]),
    (OBJECTS, [{"key": "a", "more": {"on": True, "off": 1}}], [("/xs/0/more", "02000011")]),
]


NESTED_JSON: Data = {"type": "dict", "coerce": "json", "schema": "item"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('{"key": "a"}', []),
        ({"key": "a"}, []),
        ("", []),
        ('{"key": "abc", "more": {"on": 1}}', [("/o/key", "02000003"), ("/o/more/on", "02000006")]),
        ("{}", [("/o/key", "02000001")]),
        ('{"key": "a", "key": "b"}', [("/o/key", "0200001")]),
        ("[]", [("/o", "02000006")]),
        (1, [("/o", "02000006")]),
        *((text, [("/o", "02000008")]) for text in ("{", "null", "1", " ", "'{}'", "{} x", '"{}"')),
    ],
)
def test_json_text_is_validated_inside(
    value: Any, expected: list[tuple[str, str]], tmp_path: Path, engine: str
) -> None:
    rules = load(tmp_path, rule_set({"o": NESTED_JSON}, tables={"item": ITEM, "deep": DEEP}))
    assert errors(rules.validate({"o": value}, engine=engine)) == expected


def test_json_text_may_be_in_json_text(tmp_path: Path, engine: str) -> None:
    definition = {"type": "list", "coerce": "json", "schema": NESTED_JSON}
    rules = load(tmp_path, rule_set({"xs": definition}, tables={"item": ITEM, "deep": DEEP}))
    text = json.dumps([json.dumps({"key": "abc"}), "{"])
    report = rules.validate({"xs": text}, engine=engine)
    assert errors(report) == [("/xs/0/key", "02000003"), ("/xs/1", "02000008")]
    assert report.violations[1].message() == 'xs[1] must be the JSON text of an object; found "{"'


def test_clause_reads_inside_json_text(tmp_path: Path, engine: str) -> None:
    clause = {"when": {"o": {"schema": {"size": {"min": 1}}}}, "then": {"a": {"required": True}}}
    rules = load(
        tmp_path,
        rule_set(
            {"o": NESTED_JSON, "a": WHOLE},
            tables={"item": ITEM, "deep": DEEP},
            rules=[rule(clause)],
        ),
    )
    report = rules.validate({"o": '{"key": "a", "size": 2}'}, engine=engine)
    assert errors(report) == [("/a", "02000009")]


UNIQUE: list[tuple[Data, Any, list[tuple[str, str]]]] = [
    (
        {"type": "list", "unique": True, "schema": {"type": "string", "maxlength": 2}},
        ["a", "b", "a", "A", "abc", "abc", "", "", 1, 1, "a"],
        [
            ("/xs/4", "02000003"),
            ("/xs/5", "02000003"),
            ("/xs/6", "02000001"),
            ("/xs/7", "02000001"),
            ("/xs/8", "02000006"),
            ("/xs/9", "02000006"),
            ("/xs/2", "02000007"),
            ("/xs/10", "02000007"),
        ],
    ),
    (
        {"type": "list", "unique": True, "schema": {"type": "integer", "coerce": "decimal"}},
        [1, "01", 2],
        [("/xs/1", "02000007")],
    ),
    (
        {
            "type": "list",
            "unique": True,
            "schema": {"type": "string", "format": ["HH:mm", "HH.mm"]},
        },
        ["08:30", "08.30", "08:30"],
        [("/xs/2", "02000007")],
    ),
    (
        {"type": "list", "unique": True, "schema": {"type": "boolean"}},
        [True, False, 1, True],
        [("/xs/2", "02000006"), ("/xs/3", "02000007")],
    ),
    (
        OBJECTS | {"unique": "key", "error_codes": {"unique": "02000009"}},
        [{"key": "a"}, {}, {"key": "b"}, None, 5, {"key": "a"}, {"key": "abc"}, {"key": "abc"}],
        [
            ("/xs/1/key", "02000001"),
            ("/xs/3", "02000001"),
            ("/xs/4", "02000006"),
            ("/xs/6/key", "02000003"),
            ("/xs/7/key", "02000003"),
            ("/xs/5/key", "02000009"),
        ],
    ),
    (
        {"type": "list", "schema": {"type": "list", "unique": True, "schema": {"type": "integer"}}},
        [[1, 2], [1, 1], [2, 1, 2]],
        [("/xs/1/1", "02000007"), ("/xs/2/2", "02000007")],
    ),
]


@pytest.mark.parametrize(("definition", "value", "expected"), UNIQUE)
def test_unique_reports_each_later_duplicate(
    definition: Data, value: Any, expected: list[tuple[str, str]], tmp_path: Path, engine: str
) -> None:
    rules = load(tmp_path, rule_set({"xs": definition}, tables={"item": ITEM, "deep": DEEP}))
    assert errors(rules.validate({"xs": value}, engine=engine)) == expected


def test_unique_names_the_entry(tmp_path: Path, engine: str) -> None:
    definition = OBJECTS | {"unique": "key"}
    rules = load(tmp_path, rule_set({"xs": definition}, tables={"item": ITEM, "deep": DEEP}))
    [violation] = rules.validate({"xs": [{"key": "a"}] * 2}, engine=engine).violations
    assert violation.message() == 'key must differ from that of every earlier entry; found "a"'
    assert violation.rule == "body.xs.unique"


@pytest.mark.parametrize(
    ("definition", "reason"),
    [
        ({"unique": "ky"}, "there is no parameter 'ky' in an entry; did you mean 'key'?"),
        ({"unique": "more"}, "compares no values of the type dict"),
        ({"unique": True}, "compares no values of the type dict"),
        ({"unique": False}, "must not be false; leave it out"),
    ],
)
def test_unique_needs_a_scalar(definition: Data, reason: str, tmp_path: Path) -> None:
    tables = {"item": ITEM, "deep": DEEP}
    with pytest.raises(RuleSetError) as error:
        load(tmp_path, rule_set({"xs": OBJECTS | definition}, tables=tables))
    assert error.value.problems == (("tables.body.xs.unique", reason),)


@pytest.mark.parametrize(("definition", "value", "expected"), LISTS)
def test_list_items_are_validated_at_their_index(
    definition: Data, value: Any, expected: list[tuple[str, str]], tmp_path: Path, engine: str
) -> None:
    rules = load(tmp_path, rule_set({"xs": definition}, tables={"item": ITEM, "deep": DEEP}))
    assert errors(rules.validate({"xs": value}, engine=engine)) == expected


def test_item_inherits_source_of_its_list(tmp_path: Path, engine: str) -> None:
    own = {"type": "list", "schema": {"type": "integer", "source": "Table 9"}, "source": "Table 8"}
    rules = load(tmp_path, rule_set({"xs": NUMBERS | {"source": "Table 7"}, "ys": own}))
    report = rules.validate({"xs": ["x"], "ys": ["y"]}, engine=engine)
    assert [one.source for one in report.violations] == ["Table 7", "Table 9"]


def test_item_path_in_request_starts_with_part(tmp_path: Path, engine: str) -> None:
    report = load(tmp_path, rule_set({"xs": NUMBERS})).validate_request(
        body={"xs": [1, 0]}, engine=engine
    )
    assert errors(report) == [("/body/xs/1", "02000007")]


@pytest.mark.parametrize(
    "root",
    [{"type": "list", "schema": {"type": "integer", "min": 1}}, {"type": "dict", "schema": "none"}],
)
def test_request_body_may_have_no_parameters(root: Data, tmp_path: Path, engine: str) -> None:
    data = rule_set({"a": WHOLE}, tables={"none": {}})
    data["request"]["body"] = root | {"source": "Table 3"}
    report = load(tmp_path, data).validate_request_json(
        '{"bdy": 1, "body": null, "body": null}', engine=engine
    )
    assert errors(report) == [("/bdy", "0200001"), ("/body", "0200001")]


def test_body_may_be_a_list(tmp_path: Path, engine: str) -> None:
    data = rule_set({})
    data["request"]["body"] = {
        "type": "list",
        "required": True,
        "maxitems": 2,
        "schema": {"type": "integer", "min": 1},
        "source": "Table 3",
    }
    rules = load(tmp_path, data)
    assert errors(rules.validate([1, 0, "x"], engine=engine)) == [
        ("", "02000011"),
        ("/1", "02000007"),
        ("/2", "02000006"),
    ]
    assert errors(rules.validate_json("[1, 0]", engine=engine)) == [("/1", "02000007")]
    assert errors(rules.validate({}, engine=engine)) == [("", "02000006")]
    assert errors(rules.validate(None, engine=engine)) == [("", "02000001")]


UNKNOWN = [
    ({"allow_unknown": True}, {"key": "a", "b": 1, "c": 1, "d": 1, "e": 1}, []),
    ({"allow_unknown": True}, {"key": "abc", "b": None}, [("/one/key", "02000003")]),
    ({"allow_unknown": False}, {"key": "a", "b": 1}, [("/one/b", "0200001")]),
    ({}, {"key": "a", "b": None}, [("/one/b", "0200001")]),
    ({}, {"KEY": "a"}, [("/one/key", "02000001"), ("/one/KEY", "0200001")]),
    ({"case_insensitive": True}, {"KEY": "a", "SiZe": "x"}, [("/one/size", "02000006")]),
    (
        {"case_insensitive": True},
        {"Key": "a", "key": "abc"},
        [("/one/key", "02000003"), ("/one/key", "0200001")],
    ),
    (
        {"case_insensitive": True},
        {"Key": "a", "key": "b", "SIZE": 1, "size": 2},
        [("/one/key", "0200001"), ("/one/size", "0200001")],
    ),
    (
        {"case_insensitive": True},
        {"other": 1},
        [("/one/key", "02000001"), ("/one/other", "0200001")],
    ),
    (
        {"case_insensitive": True, "allow_unknown": True},
        {"kEY": 1, "other": 1},
        [("/one/key", "02000006")],
    ),
]


@pytest.mark.parametrize(("attributes", "value", "expected"), UNKNOWN)
def test_object_allows_unknown_or_any_key_case(
    attributes: Data, value: Any, expected: list[tuple[str, str]], tmp_path: Path, engine: str
) -> None:
    rules = load(
        tmp_path,
        rule_set(
            {"one": {"type": "dict", "schema": "item", **attributes}},
            tables={"item": ITEM, "deep": DEEP},
        ),
    )
    assert errors(rules.validate({"one": value}, engine=engine)) == expected


def test_body_allows_unknown_parameters(tmp_path: Path, engine: str) -> None:
    data = rule_set({"a": {"type": "integer"}})
    data["request"]["body"]["allow_unknown"] = True
    rules = load(tmp_path, data)
    assert errors(rules.validate({"a": 1, "b": 1, "c": 1}, engine=engine)) == []
    assert errors(rules.validate({"a": "", "b": 1}, engine=engine)) == []
    assert errors(rules.validate_json('{"b": 1, "a": 1, "a": 2}', engine=engine)) == [
        ("/a", "0200001")
    ]
    assert errors(rules.validate_request_json('{"body": {"b": 1}, "c": {}}', engine=engine)) == [
        ("/c", "0200001")
    ]


def test_object_without_parameters_must_be_empty(tmp_path: Path, engine: str) -> None:
    rules = load(
        tmp_path, rule_set({"none": {"type": "dict", "schema": "none"}}, tables={"none": {}})
    )
    assert errors(rules.validate({"none": {}}, engine=engine)) == []
    assert errors(rules.validate({"none": {"a": 1}}, engine=engine)) == [("/none", "02000011")]


def test_definition_overrides_its_ref(tmp_path: Path, engine: str) -> None:
    shared = {
        "rate": {"type": "integer", "required": True, "min": 0, "max": 100, "source": "Table 5"}
    }
    body = {
        "a": {"ref": "rate"},
        "b": {"ref": "rate", "max": 10, "required": False, "source": "Table 6"},
    }
    report = load(tmp_path, rule_set(body, definitions=shared)).validate(
        {"a": 50, "b": 50}, engine=engine
    )
    assert [(one.path, one.code, one.source, one.message()) for one in report.violations] == [
        ("/b", "02000007", "Table 6", "b must be from 0 to 10; found 50")
    ]
    assert errors(
        load(tmp_path, rule_set(body, definitions=shared)).validate({}, engine=engine)
    ) == [("/a", "02000001")]


NAMES = [
    "plain",
    "a b",
    "a/b~c",
    "if",
    "None",
    "mistakes",
    "facts",
    "ünï",
    "1",
    "'\"\\",
    "get",
    "check",
    "\n",
    "type",
    "str",
    "clean_plain",
    "日本",
    "a_b",
]


def test_parameter_may_have_any_name(tmp_path: Path, engine: str) -> None:
    definition = {"type": "integer", "required": True, "min": 1}
    rules = load(tmp_path, rule_set(dict.fromkeys(NAMES, definition)))
    assert errors(rules.validate(dict.fromkeys(NAMES, 1), engine=engine)) == []
    pointers = ["/" + name.replace("~", "~0").replace("/", "~1") for name in NAMES]
    assert errors(rules.validate(dict.fromkeys(NAMES, 0), engine=engine)) == [
        (pointer, "02000007") for pointer in pointers
    ]
    assert errors(rules.validate({}, engine=engine)) == [
        (pointer, "02000001") for pointer in pointers
    ]


# --- Rules between parameters --------------------------------------------------------------

PARAMETERS: Data = {
    "a": WHOLE | {"max": 100},
    "b": WHOLE | {"max": 100},
    "c": TEXT,
    "o": {"type": "dict", "schema": "inner"},
}
INNER: Data = {"x": WHOLE | {"max": 100}, "y": WHOLE | {"max": 100}}

CLAUSES: list[tuple[str, Data, list[tuple[Any, list[str]]]]] = [
    (
        "required",
        {"when": {"a": {"allowed": [1]}}, "then": {"c": {"required": True}}},
        [
            ({"a": 1}, ["/c"]),
            ({"a": 1, "c": ""}, ["/c"]),
            ({"a": 1, "c": "x"}, []),
            ({"a": 1, "c": 5}, ["!/c"]),
            ({"a": 2}, []),
            ({}, []),
            ({"a": "1"}, ["!/a"]),
        ],
    ),
    (
        "absent",
        {"when": {"a": {"allowed": [1]}}, "then": {"c": {"absent": True}}},
        [
            ({"a": 1}, []),
            ({"a": 1, "c": ""}, []),
            ({"a": 1, "c": "x"}, ["/c"]),
            ({"a": 1, "c": 5}, ["!/c", "/c"]),
            ({"c": "x"}, []),
        ],
    ),
    (
        "required and absent in when",
        {"when": {"a": {"required": True}, "b": {"absent": True}}},
        [
            ({"a": 1}, [""]),
            ({"a": 1, "b": 1}, []),
            ({"a": "x"}, ["!/a", ""]),
            ({"a": 1, "b": None}, [""]),
            ({}, []),
        ],
    ),
    (
        "alternatives",
        {
            "when": [{"a": {"allowed": [1]}}, {"b": {"min": 5}, "c": {"allowed": ["x"]}}],
            "then": {"o": {"required": True}},
        },
        [
            ({"a": 1}, ["/o"]),
            ({"a": 2}, []),
            ({"b": 5, "c": "x"}, ["/o"]),
            ({"b": 4, "c": "x"}, []),
            ({"b": 5}, []),
            ({"a": 1, "b": 5, "c": "x"}, ["/o"]),
        ],
    ),
    (
        "a range in when",
        {"when": {"a": {"min": 2, "max": 4}}, "then": {"b": {"max": 10}}},
        [
            ({"a": 3, "b": 11}, ["/b"]),
            ({"a": 1, "b": 11}, []),
            ({"a": 5, "b": 11}, []),
            ({"a": 3, "b": 10}, []),
            ({"a": 3}, []),
            ({"a": 3, "b": 101}, ["!/b"]),
        ],
    ),
    (
        "several assertions in then",
        {
            "when": {"a": {"allowed": [1]}},
            "then": {"b": {"min": 3}, "c": {"required": True, "prefix": "x"}},
        },
        [
            ({"a": 1, "b": 2}, ["/b", "/c"]),
            ({"a": 1, "b": 2, "c": "y"}, ["/b", "/c"]),
            ({"a": 1, "b": 3, "c": "x"}, []),
            ({"b": 2}, []),
        ],
    ),
    (
        "at",
        {"report_at": "b", "when": {"a": {"allowed": [1]}, "b": {"allowed": [1]}}},
        [({"a": 1, "b": 1}, ["/b"]), ({"a": 1, "b": 2}, []), ({"a": 1}, [])],
    ),
    (
        "report_at, of an object",
        {"report_at": "o", "when": {"a": {"allowed": [1]}}},
        [({"a": 1, "o": {}}, ["/o"]), ({"a": 1}, ["/o"]), ({"a": 2}, [])],
    ),
    (
        "together",
        {"required_together": ["a", "c"]},
        [
            ({"a": 1}, ["+/c"]),
            ({"c": "x"}, ["+/a"]),
            ({"a": 1, "c": "x"}, []),
            ({}, []),
            ({"a": "x"}, ["!/a", "+/c"]),
            ({"a": None, "c": "x"}, ["+/a"]),
        ],
    ),
    (
        "together with when",
        {"when": {"b": {"allowed": [1]}}, "required_together": ["a", "c"]},
        [
            ({"a": 1}, []),
            ({"a": 1, "b": 1}, ["+/c"]),
            ({"c": "x", "b": 1}, ["+/a"]),
            ({"b": 1}, []),
        ],
    ),
    (
        "inside an object",
        {"when": {"o": {"schema": {"x": {"allowed": [1]}}}}, "then": {"a": {"required": True}}},
        [
            ({"o": {"x": 1}}, ["/a"]),
            ({"o": {"x": 1}, "a": 1}, []),
            ({"o": {"x": 2}}, []),
            ({"o": {}}, []),
            ({"o": 1}, ["!/o"]),
            ({}, []),
        ],
    ),
    (
        "then inside an object",
        {
            "when": {"a": {"allowed": [1]}},
            "then": {"o": {"schema": {"x": {"required": True}, "y": {"max": 5}}}},
        },
        [
            ({"a": 1}, []),
            ({"a": 1, "o": {}}, ["/o/x"]),
            ({"a": 1, "o": {"x": 1, "y": 6}}, ["/o/y"]),
            ({"a": 1, "o": 5}, ["!/o"]),
            ({"o": {}}, []),
        ],
    ),
    (
        "ge",
        {"then": {"a": {"ge": {"parameter": "b"}}}},
        [
            ({"a": 1, "b": 2}, ["/a"]),
            ({"a": 2, "b": 2}, []),
            ({"a": 3, "b": 2}, []),
            ({"a": 1}, []),
            ({"b": 1}, []),
            ({"a": 1, "b": 101}, ["!/b"]),
        ],
    ),
    (
        "le",
        {"then": {"a": {"le": {"parameter": "b"}}}},
        [({"a": 3, "b": 2}, ["/a"]), ({"a": 2, "b": 2}, []), ({"a": 101, "b": 2}, ["!/a"])],
    ),
    (
        "gt",
        {"then": {"a": {"gt": {"parameter": "b"}}}},
        [({"a": 2, "b": 2}, ["/a"]), ({"a": 3, "b": 2}, []), ({"a": 1, "b": 2}, ["/a"])],
    ),
    (
        "lt",
        {"then": {"a": {"lt": {"parameter": "b"}}}},
        [({"a": 2, "b": 2}, ["/a"]), ({"a": 1, "b": 2}, []), ({"a": 3, "b": 2}, ["/a"])],
    ),
    (
        "eq",
        {"then": {"a": {"eq": {"parameter": "b"}}}},
        [({"a": 2, "b": 2}, []), ({"a": 1, "b": 2}, ["/a"]), ({"a": 1}, [])],
    ),
    (
        "offset",
        {"then": {"a": {"le": {"parameter": "b", "offset": 3}}}},
        [
            ({"a": 5, "b": 2}, []),
            ({"a": 6, "b": 2}, ["/a"]),
            ({"a": 0, "b": -3}, []),
            ({"a": 1, "b": -3}, ["/a"]),
        ],
    ),
    (
        "minus",
        {"then": {"a": {"le": {"parameter": "b", "offset": -3}}}},
        [({"a": 2, "b": 5}, []), ({"a": 3, "b": 5}, ["/a"])],
    ),
    (
        "plus nothing",
        {"then": {"a": {"le": {"parameter": "b", "offset": 0}}}},
        [({"a": 2, "b": 2}, []), ({"a": 3, "b": 2}, ["/a"])],
    ),
    (
        "equals, plus",
        {"then": {"a": {"eq": {"parameter": "b", "offset": 1}}}},
        [({"a": 3, "b": 2}, []), ({"a": 2, "b": 2}, ["/a"])],
    ),
    (
        "a bound in when",
        {"when": {"a": {"gt": {"parameter": "b"}}}, "then": {"c": {"required": True}}},
        [
            ({"a": 2, "b": 1}, ["/c"]),
            ({"a": 1, "b": 1}, []),
            ({"a": 1}, []),
            ({"a": 2, "b": 1, "c": "x"}, []),
        ],
    ),
    (
        "an absolute reference from an inner object",
        {"tables": ["inner"], "then": {"x": {"le": {"parameter": "/a", "offset": -1}}}},
        [
            ({"a": 5, "o": {"x": 4}}, []),
            ({"a": 5, "o": {"x": 5}}, ["/o/x"]),
            ({"o": {"x": 5}}, []),
            ({"a": 101, "o": {"x": 5}}, ["!/a"]),
        ],
    ),
    (
        "a relative reference in an inner object",
        {"then": {"o": {"schema": {"x": {"lt": {"parameter": "y"}}}}}},
        [
            ({"o": {"x": 1, "y": 2}}, []),
            ({"o": {"x": 2, "y": 2}}, ["/o/x"]),
            ({"o": {"x": 1}}, []),
            ({"o": 1}, ["!/o"]),
        ],
    ),
    (
        "forbidden characters in then",
        {"when": {"a": {"allowed": [1]}}, "then": {"c": {"forbidden_characters": "<>"}}},
        [
            ({"a": 1, "c": "a>"}, ["/c"]),
            ({"a": 1, "c": "<"}, ["/c"]),
            ({"a": 2, "c": ">"}, []),
            ({"c": "<>"}, []),
            ({"a": 1}, []),
            ({"a": 1, "c": "b"}, []),
        ],
    ),
    (
        "forbidden characters in when",
        {
            "when": {"c": {"forbidden_characters": "<>"}, "b": {"allowed": [1]}},
            "then": {"a": {"required": True}},
        },
        [({"b": 1, "c": "x"}, ["/a"]), ({"b": 1, "c": ">"}, []), ({"b": 1}, []), ({"c": "x"}, [])],
    ),
    (
        "a format that the definition lacks",
        {"then": {"c": {"format": ["HH:mm", "HH.mm"]}}},
        [
            ({"c": "08:30"}, []),
            ({"c": "08.30"}, []),
            ({"c": "8:30"}, ["/c"]),
            ({"c": ""}, []),
            ({}, []),
            ({"c": 1}, ["!/c"]),
        ],
    ),
    (
        "one of two options",
        {"when": {"c": {"allowed": ["x", "y"]}}, "then": {"a": {"allowed": [1, 2]}}},
        [
            ({"c": "x", "a": 3}, ["/a"]),
            ({"c": "y", "a": 2}, []),
            ({"c": "z", "a": 3}, []),
            ({"c": "x"}, []),
            ({"c": "x", "a": True}, ["!/a"]),
        ],
    ),
    (
        "a prefix, a pattern and characters",
        {
            "when": {"c": {"prefix": "x"}},
            "then": {"c": {"regex": "[a-z]+", "allowed_characters": "xyz"}},
        },
        [
            ({"c": "xy"}, []),
            ({"c": "xa"}, ["/c"]),
            ({"c": "x\n"}, ["/c", "/c"]),
            ({"c": "ab"}, []),
            ({"c": "x1"}, ["/c", "/c"]),
        ],
    ),
    (
        "lengths in code points",
        {"then": {"c": {"minlength": 2, "maxlength": 3, "forbidden_characters": " "}}},
        [
            ({"c": "a"}, ["/c"]),
            ({"c": "\U0001f600"}, ["/c"]),
            ({"c": "ab"}, []),
            ({"c": "abcd"}, ["/c"]),
            ({"c": "a b"}, ["/c"]),
            ({"c": ""}, []),
        ],
    ),
]


def rule_codes(report: Report) -> list[tuple[str, str | None]]:
    return [(one.path, one.code if one.rule == "together" else None) for one in report.violations]


def parse_expected(paths: list[str]) -> list[tuple[str, str | None]]:
    """Parse `/a` (violates the rule), `+/a` (a pair) or `!/a` (the definition).

    The code of the last is not compared.
    """
    codes = {"!": None, "+": "02000010"}
    return [(path.lstrip("!+"), codes.get(path[:1], "02000009")) for path in paths]


@pytest.mark.parametrize(
    ("clause", "answers"),
    [pytest.param(clause, answers, id=name) for name, clause, answers in CLAUSES],
)
def test_clause_compares_valid_values(
    clause: Data, answers: list[tuple[Any, list[str]]], tmp_path: Path, engine: str
) -> None:
    rules = load(tmp_path, rule_set(PARAMETERS, tables={"inner": INNER}, rules=[rule(clause)]))
    actual = [(body, rule_codes(rules.validate(body, engine=engine))) for body, _ in answers]
    assert actual == [(body, parse_expected(expected)) for body, expected in answers]


def test_clause_counts_list_items(tmp_path: Path, engine: str) -> None:
    one_rule = rule({"when": {"n": {"allowed": [1]}}, "then": {"xs": {"maxitems": 1}}})
    rules = load(tmp_path, rule_set({"n": WHOLE, "xs": {"type": "list"}}, rules=[one_rule]))
    actual = [
        errors(rules.validate({"n": number, "xs": items}, engine=engine))
        for number, items in ((1, [1, 2]), (1, [1]), (2, [1, 2]), (1, None))
    ]
    assert actual == [[("/xs", "02000009")], [], [], []]


@pytest.mark.parametrize(("value", "shown"), [("x", '"x"'), (9, "9"), (3, "3"), (None, "null")])
def test_clause_message_shows_even_invalid_value(
    value: Any, shown: str, tmp_path: Path, engine: str
) -> None:
    rule_list = [
        rule({"report_at": "a", "when": {"b": {"allowed": [1]}}}),
        rule({"then": {"a": {"max": 99}}}, id="other"),
    ]
    report = load(
        tmp_path, rule_set({"a": WHOLE | {"max": 5}, "b": WHOLE}, rules=rule_list)
    ).validate({"a": value, "b": 1}, engine=engine)
    assert [one.message() for one in report.violations if one.rule == "together"] == [
        f"a is wrong beside the others; found {shown}"
    ]


FORMATS = [
    (["HH:mm", "HH.mm"], "HH:mm", "08:30", []),
    (["HH:mm", "HH.mm"], "HH:mm", "08.30", [("/t", "02000009")]),
    (["HH:mm", "HH:mm:ss"], "HH:mm", "08:30", []),
    (["HH:mm", "HH:mm:ss"], "HH:mm", "08:30:00", [("/t", "02000009")]),
    (["HH:mm", "HH:mm:ss"], "HH:mm", "08:3", [("/t", "02000008")]),
    (["HH:mm", "HH:mm:ss"], ["HH:mm:ss", "HH:mm"], "08:30", []),
    (["HH:mm", "HH:mm:ss", "HH.mm.ss"], ["HH:mm:ss", "HH.mm.ss"], "08:30", [("/t", "02000009")]),
    (["HH:mm", "HH:mm:ss", "HH.mm.ss"], ["HH:mm", "HH.mm.ss"], "08:30:00", [("/t", "02000009")]),
    ("yyyy-MM-dd", "yyyy/MM/dd", "2024-01-01", [("/t", "02000009")]),
    ("yyyy-MM-dd", "yyyy-dd-MM", "2024-01-02", []),
    ("yyyy-MM-dd", "yyyy-dd-MM", "2024-01-13", [("/t", "02000009")]),
]


@pytest.mark.parametrize(("own", "narrowed", "value", "expected"), FORMATS)
def test_clause_narrows_formats(
    own: Any,
    narrowed: Any,
    value: str,
    expected: list[tuple[str, str]],
    tmp_path: Path,
    engine: str,
) -> None:
    rules = load(
        tmp_path,
        rule_set(
            {"t": TEXT | {"format": own}}, rules=[rule({"then": {"t": {"format": narrowed}}})]
        ),
    )
    assert errors(rules.validate({"t": value}, engine=engine)) == expected


SECRET = {"en_US": "$name must be $other", "zh_CN": "$name 必须是 $other"}


@pytest.mark.parametrize(
    "body",
    [
        {"o": "hush"},
        {"o": {"i": "hush"}},
        {"o": {"i": ["hush", "hush"]}},
        {"o": {"i": [{"x": "hush"}]}},
        "hush",
    ],
)
def test_value_containing_a_secret_is_not_shown(body: Any, tmp_path: Path, engine: str) -> None:
    tables: dict[str, Any] = {
        "o": {"i": {"type": "list", "maxitems": 1, "schema": {"type": "dict", "schema": "i"}}},
        "i": {"x": TEXT | {"secret": True}},
    }
    tables["i"]["x"]["maxlength"] = 2
    report = load(
        tmp_path, rule_set({"o": {"type": "dict", "schema": "o"}}, tables=tables)
    ).validate(body, engine=engine)
    assert report.violations
    assert "hush" not in repr(report.to_dict()) + repr(report.violations) + repr(
        pickle.dumps(report)
    )


@pytest.mark.parametrize("changes", [{"tables.body.x.secret": True}, {"request.body.secret": True}])
def test_unknown_parameter_beside_a_secret_is_named(
    changes: Data, tmp_path: Path, engine: str
) -> None:
    rules = load(tmp_path, changed(rule_set({"x": TEXT, "y": TEXT}), changes))
    report = rules.validate({"x": "a", "strange": "hush"}, engine=engine)
    assert [one.message() for one in report.violations] == [
        '"strange" is not a documented parameter'
    ]


def test_secret_is_not_shown_as_a_bound(tmp_path: Path, engine: str) -> None:
    one_rule = rule({"then": {"b": {"eq": {"parameter": "a"}}}}, message=SECRET)
    report = load(
        tmp_path, rule_set({"a": TEXT | {"secret": True}, "b": TEXT}, rules=[one_rule])
    ).validate({"a": "hush", "b": "x"}, engine=engine)
    assert errors(report) == [("/b", "02000009")]
    assert "hush" not in str(report.to_dict()) + str(report.to_dict("zh_CN")) + str(
        report.response()
    )


TIMES: list[tuple[Any, Any, Data, Any, Any, bool]] = [
    ("HH:mm", "HH:mm", {"gt": {"parameter": "b"}}, "10:00", "09:59", True),
    ("HH:mm", "HH:mm", {"gt": {"parameter": "b"}}, "10:00", "10:00", False),
    ("HH:mm", "HH:mm:ss", {"gt": {"parameter": "b"}}, "10:00", "10:00:00", False),
    ("HH:mm", "HH:mm:ss", {"gt": {"parameter": "b"}}, "10:01", "10:00:59", True),
    ("HH:mm:ss", "HH:mm", {"eq": {"parameter": "b"}}, "10:00:00", "10:00", True),
    ("HH:mm:ss", "HH:mm", {"eq": {"parameter": "b"}}, "10:00:01", "10:00", False),
    (
        "yyyy-MM-dd",
        "yyyy-MM-dd HH:mm:ss",
        {"ge": {"parameter": "b"}},
        "2024-03-01",
        "2024-03-01 00:00:00",
        True,
    ),
    (
        "yyyy-MM-dd",
        "yyyy-MM-dd HH:mm:ss",
        {"ge": {"parameter": "b"}},
        "2024-03-01",
        "2024-03-01 00:00:01",
        False,
    ),
    (
        "yyyy-MM-dd",
        "yyyy-MM-dd HH:mm:ss",
        {"ge": {"parameter": "b", "floor": "day"}},
        "2024-03-01",
        "2024-03-01 23:59:59",
        True,
    ),
    (
        "yyyy-MM-dd",
        "yyyy-MM-dd HH:mm:ss",
        {"ge": {"parameter": "b", "floor": "day"}},
        "2024-02-29",
        "2024-03-01 00:00:00",
        False,
    ),
    ("dd.MM.yyyy", "yyyy-MM-dd", {"lt": {"parameter": "b"}}, "31.12.2023", "2024-01-01", True),
    ("dd.MM.yyyy", "yyyy-MM-dd", {"lt": {"parameter": "b"}}, "01.01.2024", "2024-01-01", False),
    (
        ["yyyy-MM-dd", "dd.MM.yyyy"],
        "yyyy-MM-dd",
        {"eq": {"parameter": "b"}},
        "01.02.2024",
        "2024-02-01",
        True,
    ),
    (None, None, {"gt": {"parameter": "b"}}, "b", "a", True),
    (None, None, {"gt": {"parameter": "b"}}, "B", "a", False),
    (None, None, {"eq": {"parameter": "b"}}, "a", "a", True),
    (None, None, {"eq": {"parameter": "b"}}, "a", "A", False),
]


@pytest.mark.parametrize(("own", "other", "bound", "value", "beside", "holds"), TIMES)
def test_times_compare_across_formats(
    own: Any,
    other: Any,
    bound: Data,
    value: str,
    beside: str,
    holds: bool,
    tmp_path: Path,
    engine: str,
) -> None:
    body = {
        name: TEXT | ({"format": format} if format else {})
        for name, format in (("a", own), ("b", other))
    }
    report = load(tmp_path, rule_set(body, rules=[rule({"then": {"a": bound}})])).validate(
        {"a": value, "b": beside}, engine=engine
    )
    assert errors(report) == ([] if holds else [("/a", "02000009")])


def test_invalid_time_is_not_compared(tmp_path: Path, engine: str) -> None:
    body = {name: TEXT | {"format": "HH:mm", "maxlength": 5} for name in ("a", "b")}
    rules = load(
        tmp_path, rule_set(body, rules=[rule({"then": {"a": {"gt": {"parameter": "b"}}}})])
    )
    assert errors(rules.validate({"a": "08:00", "b": "25:00"}, engine=engine)) == [
        ("/b", "02000008")
    ]
    assert errors(rules.validate({"a": "8", "b": "09:00"}, engine=engine)) == [("/a", "02000008")]


FACTS: list[tuple[Data, Data, Data, Any, list[str]]] = [
    (
        {"then": {"n": {"le": {"fact": "limit"}}}},
        {"limit": fact("integer")},
        {"limit": 5},
        {"n": 6},
        ["/n"],
    ),
    (
        {"then": {"n": {"le": {"fact": "limit"}}}},
        {"limit": fact("integer")},
        {"limit": 5},
        {"n": 5},
        [],
    ),
    (
        {"then": {"n": {"le": {"fact": "limit", "offset": 2}}}},
        {"limit": fact("integer")},
        {"limit": 5},
        {"n": 7},
        [],
    ),
    (
        {"then": {"n": {"le": {"fact": "limit", "offset": -2}}}},
        {"limit": fact("integer")},
        {"limit": 5},
        {"n": 4},
        ["/n"],
    ),
    (
        {"then": {"n": {"eq": {"fact": "limit"}}}},
        {"limit": fact("integer")},
        {"limit": 5},
        {"n": "x"},
        ["!/n"],
    ),
    (
        {"then": {"f": {"eq": {"fact": "on"}}}},
        {"on": fact("boolean")},
        {"on": True},
        {"f": False},
        ["/f"],
    ),
    (
        {"then": {"f": {"eq": {"fact": "on"}}}},
        {"on": fact("boolean")},
        {"on": True},
        {"f": True},
        [],
    ),
    (
        {"then": {"n": {"in": {"fact": "ids"}}}},
        {"ids": fact("integers")},
        {"ids": [1, 2]},
        {"n": 3},
        ["/n"],
    ),
    (
        {"then": {"n": {"in": {"fact": "ids"}}}},
        {"ids": fact("integers")},
        {"ids": []},
        {"n": 3},
        ["/n"],
    ),
    (
        {"then": {"n": {"in": {"fact": "ids"}}}},
        {"ids": fact("integers")},
        {"ids": {3}},
        {"n": 3},
        [],
    ),
    (
        {"then": {"s": {"not_in": {"fact": "names"}}}},
        {"names": fact("strings")},
        {"names": ["x"]},
        {"s": "x"},
        ["/s"],
    ),
    (
        {"then": {"s": {"not_in": {"fact": "names"}}}},
        {"names": fact("strings")},
        {"names": ["x"]},
        {"s": "X"},
        [],
    ),
    ({"facts": {"on": {"allowed": [False]}}}, {"on": fact("boolean")}, {"on": False}, {}, [""]),
    ({"facts": {"on": {"allowed": [False]}}}, {"on": fact("boolean")}, {"on": True}, {}, []),
    (
        {"facts": {"limit": {"min": 2, "max": 3}}, "when": {"n": {"allowed": [1]}}},
        {"limit": fact("integer")},
        {"limit": 3},
        {"n": 1},
        [""],
    ),
    (
        {"facts": {"limit": {"min": 2, "max": 3}}, "when": {"n": {"allowed": [1]}}},
        {"limit": fact("integer")},
        {"limit": 4},
        {"n": 1},
        [],
    ),
    (
        {"facts": {"limit": {"min": 2, "max": 3}}, "when": {"n": {"allowed": [1]}}},
        {"limit": fact("integer")},
        {"limit": 3},
        {"n": 2},
        [],
    ),
    (
        {"facts": {"on": {"allowed": [True]}}, "then": {"s": {"required": True}}},
        {"on": fact("boolean")},
        {"on": True},
        {},
        ["/s"],
    ),
    (
        {"then": {"t": {"ge": {"fact": "now"}}}},
        {"now": fact("datetime")},
        {"now": datetime(2024, 1, 1, 12)},
        {"t": "2024-01-01"},
        ["/t"],
    ),
    (
        {"then": {"t": {"ge": {"fact": "now", "floor": "day"}}}},
        {"now": fact("datetime")},
        {"now": datetime(2024, 1, 1, 12)},
        {"t": "2024-01-01"},
        [],
    ),
    (
        {"then": {"t": {"ge": {"fact": "now", "floor": "day"}}}},
        {"now": fact("datetime")},
        {"now": datetime(2024, 1, 1, 23, tzinfo=timezone(timedelta(hours=-2)))},
        {"t": "2024-01-01"},
        ["/t"],
    ),
]


@pytest.mark.parametrize(("clause", "declared", "stated", "body", "expected"), FACTS)
def test_stated_fact_is_compared_with_valid_values(
    clause: Data,
    declared: Data,
    stated: Data,
    body: Any,
    expected: list[str],
    tmp_path: Path,
    engine: str,
) -> None:
    definitions = {
        "n": WHOLE,
        "s": TEXT,
        "f": {"type": "boolean"},
        "t": TEXT | {"format": "yyyy-MM-dd"},
    }
    rules = load(tmp_path, rule_set(definitions, facts=declared, rules=[rule(clause)]))
    report = rules.validate(body, facts=stated, engine=engine)
    assert rule_codes(report) == parse_expected(expected)
    assert report.unchecked == ()
    without = rules.validate(body, engine=engine)
    assert (errors(without), without.unchecked) == (
        errors(report) if expected == ["!/n"] else [],
        ("together",),
    )


def test_rule_has_own_code_severity_and_source(tmp_path: Path, engine: str) -> None:
    rule_list = [
        rule({"when": {"a": {"min": 1}}}, id="own", code="0200007", source="Table 8"),
        rule({"when": {"a": {"min": 1}}, "report_at": "a"}, id="advice", severity="warning"),
        rule({"then": {"a": {"max": 0}}}, id="plain", severity="error"),
    ]
    report = load(
        tmp_path, rule_set({"a": WHOLE | {"source": "Table 6"}}, rules=rule_list)
    ).validate({"a": 1}, engine=engine)
    assert [
        (one.rule, one.path, one.code, one.severity, one.source) for one in report.violations
    ] == [
        ("own", "", "0200007", "error", "Table 8"),
        ("advice", "/a", None, "warning", "Table 6"),
        ("plain", "/a", "02000009", "error", "Table 6"),
    ]
    assert report.codes == ("0200007", "02000009")


MONTH: Data = {"le": {"parameter": "begin", "offset": "30d"}}


@pytest.mark.parametrize(
    ("format", "bound", "begin", "end", "valid"),
    [
        ("yyyy-MM-dd", MONTH, "2024-01-01", "2024-01-31", True),
        ("yyyy-MM-dd", MONTH, "2024-01-01", "2024-02-01", False),
        ("yyyy-MM-dd", MONTH, "9999-12-31", "9999-12-31", True),
        ("yyyy-MM-dd HH:mm:ss", MONTH, "2024-01-01 00:00:01", "2024-01-31 00:00:02", False),
        ("MM-dd", MONTH, "02-01", "03-02", True),
        ("MM-dd", MONTH, "02-01", "03-03", False),
        ("HH:mm", {"ge": {"parameter": "begin", "offset": "1h"}}, "08:00", "09:00", True),
        ("HH:mm", {"ge": {"parameter": "begin", "offset": "1h"}}, "08:00", "08:59", False),
        (
            "yyyy-MM-dd",
            {"ge": {"parameter": "begin", "offset": "-1d"}},
            "0001-01-01",
            "0001-01-01",
            True,
        ),
    ],
)
def test_offset_of_times_has_a_unit(
    format: str, bound: Data, begin: str, end: str, valid: bool, tmp_path: Path, engine: str
) -> None:
    time = TEXT | {"format": format}
    rules = load(
        tmp_path, rule_set({"begin": time, "end": time}, rules=[rule({"then": {"end": bound}})])
    )
    assert rules.validate({"begin": begin, "end": end}, engine=engine).ok is valid


def test_message_shows_the_bound_with_its_offset(tmp_path: Path, engine: str) -> None:
    time = TEXT | {"format": "yyyy-MM-dd"}
    message = {"en_US": "$name, $other", "zh_CN": "$name"}
    rules = load(
        tmp_path,
        rule_set(
            {"begin": time, "end": time},
            rules=[rule({"then": {"end": MONTH}}, message=message)],
        ),
    )
    body = {"begin": "2024-01-01", "end": "2024-02-01"}
    [violation] = rules.validate(body, engine=engine).violations
    assert violation.message() == 'end, 2024-01-31 00:00:00; found "2024-02-01"'


FORMAT_OF_TYPE: list[Data] = [
    {
        "when": {"type": {"allowed": [2]}},
        "then": {"begin": {"format": "yyyy-MM-dd"}, "end": {"format": "yyyy-MM-dd"}},
    },
    {
        "when": {"type": {"allowed": [3]}},
        "then": {"begin": {"format": "dd/MM"}, "end": {"format": "dd/MM"}},
    },
]
ORDER_OF_TYPE: list[Data] = [
    {
        "when": {"type": {"allowed": [2]}},
        "then": {"end": {"ge": {"parameter": "begin", "format": "yyyy-MM-dd"}}},
    },
    {
        "when": {"type": {"allowed": [3]}},
        "then": {"end": {"ge": {"parameter": "begin", "format": "dd/MM"}}},
    },
]


@pytest.mark.parametrize(
    ("kind", "begin", "end", "expected"),
    [
        (2, "2024-01-01", "2024-01-01", []),
        (2, "2024-01-02", "2024-01-01", [("/end", "02000009")]),
        (2, "2024-01-02", "01/02", [("/end", "02000008")]),
        (2, "9999", "2024-02-30", [("/begin", "02000008"), ("/end", "02000008")]),
        (3, "01/02", "29/02", []),
        (3, "02/01", "01/02", []),
        (3, "01/02", "02/01", [("/end", "02000009")]),
        (1, "x", "a", []),
        (3, None, "02/01", []),
    ],
)
def test_format_may_depend_on_another_parameter(
    kind: int, begin: Any, end: Any, expected: list[tuple[str, str]], tmp_path: Path, engine: str
) -> None:
    rules = load(
        tmp_path,
        rule_set(
            {"type": WHOLE, "begin": TEXT, "end": TEXT},
            rules=[
                rule(*FORMAT_OF_TYPE, id="format", code="02000008"),
                rule(*ORDER_OF_TYPE, id="order"),
            ],
        ),
    )
    report = rules.validate({"type": kind, "begin": begin, "end": end}, engine=engine)
    assert errors(report) == expected


@pytest.mark.parametrize(
    ("definition", "bound", "location", "reason"),
    [
        (TEXT, {"offset": "30"}, "offset", "must be a number and a unit"),
        (TEXT, {"offset": "1d"}, "offset", "with a unit applies only to dates and times"),
        (WHOLE, {"offset": "1d"}, "offset", "with a unit applies only to dates and times"),
        (TEXT | {"format": "HH:mm"}, {"offset": 1}, "offset", "without a unit applies only to"),
        (TEXT | {"format": "HH:mm"}, {"format": "HH:mm"}, "format", "only to strings without a"),
        (WHOLE, {"format": "HH:mm"}, "format", "applies only to strings"),
        (TEXT, {"format": "HH"}, "format", "must consist of yyyy MM dd"),
    ],
)
def test_offset_and_format_need_times(
    definition: Data, bound: Data, location: str, reason: str, tmp_path: Path
) -> None:
    clause = {"then": {"a": {"ge": {"parameter": "b", **bound}}}}
    with pytest.raises(RuleSetError) as error:
        load(tmp_path, rule_set({"a": definition, "b": definition}, rules=[rule(clause)]))
    [(actual, text)] = error.value.problems
    assert actual == f"rules[0].clauses[0].then.a.ge.{location}"
    assert reason in text


def test_message_fills_name_other_and_argument(tmp_path: Path, engine: str) -> None:
    message = {"en_US": "$name, $other, $max", "zh_CN": "$name／$other／$max"}
    clauses: list[Data] = [
        {"then": {"a": {"le": {"parameter": "b", "offset": 1}}}},
        {"then": {"a": {"max": 3}}},
    ]
    report = load(
        tmp_path, rule_set({"a": WHOLE, "b": WHOLE}, rules=[rule(*clauses, message=message)])
    ).validate({"a": 9, "b": 4}, engine=engine)
    assert [one.message() for one in report.violations] == ["a, 5, …; found 9", "a, …, 3; found 9"]
    assert report.violations[0].message("zh_CN") == "a／5／…；实际为 9"


ITEM_CLAUSES: list[tuple[Data, Any, list[tuple[str, str]]]] = [
    (
        {"when": {"x": {"allowed": [1]}}, "then": {"y": {"required": True}}},
        [{"x": 1}, {"x": 2}, {"x": 1, "y": 1}, {"x": 1}],
        [("/xs/0/y", "02000009"), ("/xs/3/y", "02000009")],
    ),
    (
        {"then": {"x": {"lt": {"parameter": "y"}}}},
        [{"x": 1, "y": 2}, {"x": 2, "y": 2}, {"y": 1}],
        [("/xs/1/x", "02000009")],
    ),
    (
        {"then": {"x": {"le": {"parameter": "/top"}}}},
        [{"x": 5}, {"x": 6}],
        [("/xs/1/x", "02000009")],
    ),
    (
        {"required_together": ["x", "y"]},
        [{"x": 1}, {}, {"y": 1}, {"x": 1, "y": 1}],
        [("/xs/0/y", "02000010"), ("/xs/2/x", "02000010")],
    ),
    (
        {"when": {"x": {"allowed": [1]}, "y": {"absent": True}}},
        [{"x": 1}, {"x": 1, "y": 1}, None],
        [("/xs/0", "02000009"), ("/xs/2", "02000001")],
    ),
    (
        {"report_at": "y", "when": {"x": {"allowed": [1]}}},
        [{}, {"x": 1}],
        [("/xs/1/y", "02000009")],
    ),
    (
        {"then": {"x": {"required": True}}},
        [{}, 5, None, {"x": "5"}],
        [
            ("/xs/0/x", "02000009"),
            ("/xs/1", "02000006"),
            ("/xs/2", "02000001"),
            ("/xs/3/x", "02000006"),
        ],
    ),
    (
        {"then": {"deep": {"schema": {"z": {"required": True}}}}},
        [{"deep": {}}, {}, {"deep": {"z": 1}}, {"deep": {}}],
        [("/xs/0/deep/z", "02000009"), ("/xs/3/deep/z", "02000009")],
    ),
    (
        {"when": {"deep": {"schema": {"z": {"allowed": [1]}}}}, "then": {"y": {"required": True}}},
        [{"deep": {"z": 1}}, {}, {"deep": 1}],
        [("/xs/0/y", "02000009"), ("/xs/2/deep", "02000006")],
    ),
]


@pytest.mark.parametrize(("clause", "items", "expected"), ITEM_CLAUSES)
def test_clause_applies_to_each_item(
    clause: Data, items: Any, expected: list[tuple[str, str]], tmp_path: Path, engine: str
) -> None:
    tables = {
        "entry": {"x": WHOLE, "y": WHOLE, "deep": {"type": "dict", "schema": "deep"}},
        "deep": {"z": WHOLE},
    }
    definitions = {
        "top": WHOLE,
        "xs": {"type": "list", "schema": {"type": "dict", "schema": "entry"}},
    }
    rules = load(
        tmp_path,
        rule_set(definitions, tables=tables, rules=[rule({**clause, "tables": ["entry"]})]),
    )
    assert errors(rules.validate({"top": 5, "xs": items}, engine=engine)) == expected


def test_clause_applies_to_each_of_its_tables(tmp_path: Path, engine: str) -> None:
    definitions = {
        "one": {"type": "dict", "schema": "t"},
        "two": {"type": "dict", "schema": "t"},
        "three": {"type": "dict", "schema": "u"},
    }
    one_rule = rule({"tables": ["t", "u"], "then": {"a": {"lt": {"parameter": "b"}}}})
    rules = load(
        tmp_path,
        rule_set(
            definitions,
            tables={"t": {"a": WHOLE, "b": WHOLE}, "u": {"a": WHOLE, "b": WHOLE}},
            rules=[one_rule],
        ),
    )
    invalid, valid = {"a": 2, "b": 1}, {"a": 1, "b": 2}
    assert errors(
        rules.validate({"one": invalid, "two": valid, "three": invalid}, engine=engine)
    ) == [
        ("/one/a", "02000009"),
        ("/three/a", "02000009"),
    ]
    assert errors(rules.validate({"one": valid, "two": invalid}, engine=engine)) == [
        ("/two/a", "02000009")
    ]


ORDERED = {
    "a": {"type": "string", "required": True},
    "o": {"type": "dict", "schema": "o"},
    "xs": {"type": "list", "maxitems": 0, "schema": {"type": "integer"}},
    "b": {"type": "integer"},
}


def test_violations_follow_rule_set_order(tmp_path: Path, engine: str) -> None:
    rule_list = [
        rule({"when": {"a": {"absent": True}}}, id="last"),
        rule({"tables": ["o"], "then": {"p": {"required": True}}}, id="inner"),
        rule({"when": {"a": {"absent": True}}, "report_at": "b"}, id="latest"),
    ]
    rules = load(
        tmp_path, rule_set(ORDERED, tables={"o": {"q": WHOLE, "p": WHOLE}}, rules=rule_list)
    )
    report = rules.validate({"z": 1, "b": "x", "xs": ["y"], "o": {"y": 1, "q": "x"}}, engine=engine)
    assert [(one.path, one.rule) for one in report.violations] == [
        ("/a", "body.a.required"),
        ("/o/q", "o.q.type"),
        ("/o/p", "inner"),
        ("/o/y", "o.unknown-parameter"),
        ("/xs", "body.xs.maxitems"),
        ("/xs/0", "body.xs.item.type"),
        ("/b", "body.b.type"),
        ("", "last"),
        ("/b", "latest"),
        ("/z", "body.unknown-parameter"),
    ]


# --- Adding a keyword ----------------------------------------------------------------------


class _DivisibleBy(keywords.Keyword):
    name = "divisibleby"
    description = "The value must be a multiple of this."
    argument_schema: keywords.Schema = {"type": "integer", "min": 1}
    types = frozenset({"integer"})
    template = "not-allowed"

    def violated_expr(self, value: str, argument: int, bind: keywords.Bind) -> keywords.Expression:
        return keywords.Comparison(f"{value} % {argument!r}", "!=", "0")

    def is_violated(self, value: int, argument: int) -> bool:
        return value % argument != 0

    def boundary_values(self, argument: int, definition: keywords.Definition) -> list[int]:
        return [argument, argument + 1]

    def adjust(self, value: int, argument: int) -> int:
        return value - value % argument


# The schema modules read the keywords when they are imported, so they are imported again.
@pytest.fixture
def divisibleby(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(keywords.KEYWORDS, "divisibleby", _DivisibleBy())
    for module in ("schema", "validation"):
        monkeypatch.delitem(sys.modules, f"isales_rules.language.{module}", raising=False)


@pytest.mark.usefixtures("divisibleby")
@pytest.mark.parametrize(
    ("value", "codes"),
    [
        (10, []),
        (0, []),
        (7, ["02000007"]),
        (-5, []),
        ("5", ["02000006"]),
        (101, ["02000007", "02000007"]),
    ],
)
def test_keyword_is_added_in_one_class(
    value: Any, codes: list[str], tmp_path: Path, engine: str
) -> None:
    definitions = {"n": {"type": "integer", "max": 100, "divisibleby": 5}}
    report = load(tmp_path, rule_set(definitions)).validate({"n": value}, engine=engine)
    assert errors(report) == [("/n", code) for code in codes]
    assert not codes or report.violations[-1].rule in {"body.n.divisibleby", "body.n.type"}


@pytest.mark.usefixtures("divisibleby")
def test_added_keyword_works_in_clauses(tmp_path: Path, engine: str) -> None:
    one_rule = rule({"when": {"n": {"divisibleby": 2}}, "then": {"m": {"divisibleby": 4}}})
    rules = load(tmp_path, rule_set({"n": WHOLE, "m": WHOLE}, rules=[one_rule]))
    assert errors(rules.validate({"n": 2, "m": 2}, engine=engine)) == [("/m", "02000009")]
    assert errors(rules.validate({"n": 1, "m": 2}, engine=engine)) == []
    assert errors(rules.validate({"n": 2, "m": 8}, engine=engine)) == []


@pytest.mark.usefixtures("divisibleby")
@pytest.mark.parametrize(
    ("definition", "location"),
    [
        ({"type": "integer", "divisibleby": 0}, "tables.body.n.divisibleby"),
        ({"type": "integer", "divisibleby": "5"}, "tables.body.n.divisibleby"),
        ({"type": "string", "divisibleby": 5}, "tables.body.n.divisibleby"),
        ({"type": "integer", "divisiblebyy": 5}, "tables.body.n.divisiblebyy"),
    ],
)
def test_added_keyword_is_in_the_schema(definition: Data, location: str, tmp_path: Path) -> None:
    with pytest.raises(RuleSetError) as error:
        load(tmp_path, rule_set({"n": definition}))
    assert [actual for actual, _ in error.value.problems] == [location]


def test_removed_keyword_is_unknown(tmp_path: Path) -> None:
    with pytest.raises(RuleSetError, match="unknown keyword"):
        load(tmp_path, rule_set({"n": {"type": "integer", "divisibleby": 5}}))


def test_naive_and_utc_datetimes_are_equal(tmp_path: Path, engine: str) -> None:
    one_rule = rule({"then": {"t": {"ge": {"fact": "now"}}}})
    rules = load(
        tmp_path,
        rule_set(
            {"t": TEXT | {"format": "yyyy-MM-dd HH:mm"}},
            facts={"now": fact("datetime")},
            rules=[one_rule],
        ),
    )
    for moment in (datetime(2024, 1, 1, 12, 1), datetime(2024, 1, 1, 12, 1, tzinfo=UTC)):
        assert errors(
            rules.validate({"t": "2024-01-01 12:00"}, facts={"now": moment}, engine=engine)
        ) == [("/t", "02000009")]


def test_items_of_invalid_list_are_validated(tmp_path: Path, engine: str) -> None:
    one_rule = rule({"when": {"xs": {"maxitems": 1}}, "then": {"a": {"max": 5}}})
    data = rule_set(
        {
            "xs": {"type": "list", "maxitems": 2, "schema": WHOLE | {"min": 3, "source": "x"}},
            "a": WHOLE,
        },
        rules=[one_rule],
    )
    rules = load(tmp_path, data)
    assert errors(rules.validate({"xs": [3, 2, 3], "a": 9}, engine=engine)) == [
        ("/xs", "02000011"),
        ("/xs/1", "02000007"),
    ]
    assert errors(rules.validate({"xs": [3], "a": 9}, engine=engine)) == [("/a", "02000009")]
