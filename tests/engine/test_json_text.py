"""JSON texts: strictness, positions of errors, and duplicate keys."""

from __future__ import annotations

import inspect
import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from isales_rules import Report, RuleSet
from isales_rules.engine.json_text import JsonSyntaxError, parse_json
from tests.support.cases import bases, some_cases
from tests.support.rule_sets import load, rule_set

BODY = bases()["ivr-intelligent"] | {"name": "活动 é 😀"}
VALID = json.dumps(BODY, ensure_ascii=False)


def path_codes(report: Report) -> list[tuple[str, str | None]]:
    return sorted((one.path, one.code) for one in report.violations)


def with_member(member: str, inside: str = "") -> str:
    """Add a member, as text, at the end of the valid body or of one of its objects."""
    end = json.dumps(BODY[inside])[1:] if inside else "}"
    text = json.dumps(BODY)
    at = text.rindex(end) + len(end) - 1
    return f"{text[:at]}, {member}{text[at:]}"


@pytest.mark.parametrize(
    "text",
    [
        VALID,
        VALID.encode(),
        json.dumps(BODY),
        json.dumps(BODY, indent="\t").replace("\n", "\r\n"),
        f"\ufeff{VALID}",
        f"\ufeff \n{VALID}\t\r\n".encode(),
    ],
    ids=["str", "bytes", "escaped", "indented", "byte order mark", "byte order mark in bytes"],
)
def test_valid_body_is_parsed_from_str_and_bytes(
    text: str | bytes, rules: RuleSet, engine: str
) -> None:
    assert rules.validate_json(text, engine=engine).violations == ()


def test_worked_answers_hold_for_json_text(rules: RuleSet, engine: str) -> None:
    for case in some_cases(engine):
        text = json.dumps(case.body)
        assert rules.validate_json(text, case.facts, engine=engine) == rules.validate(
            case.body, case.facts, engine=engine
        ), case.name


@pytest.mark.parametrize(
    "text", ["", " ", " \t\r\n", b"", b"\n", "\ufeff", b"\xef\xbb\xbf \n", "null", b" null\n"]
)
def test_blank_text_and_null_are_a_missing_body(
    text: str | bytes, rules: RuleSet, engine: str
) -> None:
    assert path_codes(rules.validate_json(text, engine=engine)) == [("", "02000001")]


@pytest.mark.parametrize("text", ["[]", "1", "-0.5", "true", "false", '"text"', b"[{}]"])
def test_json_that_is_not_an_object_has_wrong_type(
    text: str | bytes, rules: RuleSet, engine: str
) -> None:
    assert path_codes(rules.validate_json(text, engine=engine)) == [("", "02000006")]


INVALID: dict[str, str | bytes] = {
    "NaN": "NaN",
    "a member that is NaN": '{"maxAlertingTime": NaN}',
    "Infinity": '{"maxAlertingTime": Infinity}',
    "minus Infinity": '{"maxAlertingTime": -Infinity}',
    "trailing comma in an object": '{"name": "x",}',
    "trailing comma in an array": '{"name": ["x",]}',
    "single quotes": "{'name': 'x'}",
    "key without quotes": '{name: "x"}',
    "no colon": '{"name" "x"}',
    "no comma": '{"name": "x" "description": "y"}',
    "not closed": '{"name": "x"',
    "text not closed": '{"name": "x',
    "leading zero": '{"maxAlertingTime": 020}',
    "leading plus": '{"maxAlertingTime": +20}',
    "no digit after the point": '{"maxAlertingTime": 20.}',
    "no digit before the point": '{"maxAlertingTime": .5}',
    "no digit in the exponent": '{"maxAlertingTime": 2e}',
    "hexadecimal": '{"maxAlertingTime": 0x14}',
    "digits of another script": '{"maxAlertingTime": ２０}',
    "Python's constants": '{"name": None}',
    "control character in a text": '{"name": "\x01"}',
    "line feed in a text": '{"name": "a\nb"}',
    "unknown escape": r'{"name": "\x41"}',
    "half an escape": r'{"name": "\u12"}',
    "comment": "{} // done",
    "two values": "{} {}",
    "two byte order marks": "\ufeff\ufeff{}",
    "byte order mark inside": "{\ufeff}",
    "form feed before": "\f{}",
    "no UTF-8": b'{"name": "\xff"}',
    "overlong UTF-8": b'{"name": "\xc1\x81"}',
    "cut off UTF-8": b'{"name": "\xe4\xb8',
    "surrogate in UTF-8": b'{"name": "\xed\xa0\x80"}',
    "UTF-16": '{"name": "x"}'.encode("utf-16"),
    "UTF-16 without a mark": '{"name": "x"}'.encode("utf-16-le"),
    "float too large": '{"maxAlertingTime": 1e400}',
    "negative float too large": '{"maxAlertingTime": -1.5E+400}',
    "integer of 6,000 digits": '{"maxAlertingTime": ' + "9" * 6000 + "}",
    "negative integer of 6,000 digits": "-" + "9" * 6000,
    "100,000 arrays": "[" * 100_000 + "]" * 100_000,
    "100,000 arrays not closed": b"[" * 100_000,
    "100,000 objects": '{"name": ' * 100_000 + "1" + "}" * 100_000,
}


@pytest.mark.parametrize("text", INVALID.values(), ids=INVALID)
def test_invalid_json_has_line_and_column(text: str | bytes, rules: RuleSet, engine: str) -> None:
    report = rules.validate_json(text, engine=engine)
    assert path_codes(report) == [("", "02000008")]
    for locale in ("en_US", "zh_CN"):
        message = report.violations[0].message(locale)
        assert len(line_and_column(message)) == 2
        assert message.isprintable()
        assert len(message) < 300


def line_and_column(message: str) -> list[int]:
    """Extract line and column: the first numbers except that of the standard."""
    return [int(number) for number in re.findall(r"\d+", message.replace("RFC 8259", ""))][:2]


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("NaN", 1, 1),
        ("\n\n  -Infinity", 3, 3),
        ("\nNaN", 2, 1),
        ('{\n "name": NaN}', 2, 10),
        ('{"name": "NaN 1e400 \\" [[",\r\n "é😀": Infinity}', 2, 8),
        ('{"name": "a\\\\",\n"b": 1E400, "c": NaN}', 2, 6),
        ('{\n "a": 1.25, "b": ' + "9" * 6000 + "}", 2, 18),
        ('{\n "name": nul}', 2, 10),
        ('{"a": [1, "[[[["],\n "b": ' + "[" * 3000 + "]" * 3000 + "}", 2, 506),
        ("\n" + '[{"a": ' * 2000, 2, 7 * 250 + 1),
        ("nul" + "[" * 600, 1, 1),
        ("{} " + "[" * 600, 1, 4),
        ('{\'a": "' + "[" * 600, 1, 2),
        ("[" * 600 + "nul", 1, 501),
        ("[" * 100 + "nul", 1, 101),
        ('{"a": ["[["]}\n' * 100, 2, 1),
        ('{\n "name": "x"\n "description": 1}', 3, 2),
        (b'{\n "\xc3\xa9": "\xff"}', 2, 8),
        (b'{"a": 1,\n\n\xfe', 3, 1),
    ],
)
def test_line_and_column_of_syntax_errors(
    text: str | bytes, line: int, column: int, rules: RuleSet
) -> None:
    violation = rules.validate_json(text).violations[0]
    assert [line_and_column(violation.message(locale)) for locale in ("en_US", "zh_CN")] == [
        [line, column]
    ] * 2


REASONS: list[tuple[str | bytes, int, str]] = [
    ('{"a": nul}', 7, "expected a value"),
    ('{"a": }', 7, "expected a value"),
    ("{a: 1}", 2, "expected a property name in double quotation marks"),
    ("{1: 1}", 2, "expected a property name in double quotation marks"),
    ('{"a" 1}', 6, "expected ':' after the property name"),
    ('{"a": 1 "b": 2}', 9, "expected ',' or '}'"),
    ('{"a": 020}', 8, "expected ',' or '}'"),
    ("[1 2]", 4, "expected ',' or ']'"),
    ("[1}", 3, "expected ',' or ']'"),
    ('{"a": 1, }', 8, "trailing comma; remove it"),
    ("[1 ,\r\n]", 4, "trailing comma; remove it"),
    ("{'a': 1}", 2, "write strings and property names in double quotation marks"),
    ("{“a”: 1}", 2, "write strings and property names in double quotation marks"),
    ("{\"a\": 'b'}", 7, "write strings and property names in double quotation marks"),
    ("// note\n{}", 1, "JSON does not allow comments"),
    ('{"a": 1 /* note */}', 9, "JSON does not allow comments"),
    ('{"a": 1, # note\n"b": 2}', 10, "JSON does not allow comments"),
    ("{} // note", 4, "JSON does not allow comments"),
    ('{"a": "b}', 7, "the string that starts here is not terminated"),
    ('["a", "b\\', 7, "the string that starts here is not terminated"),
    ('["a\n"]', 4, "line break in a string; terminate the string, or write \\n"),
    ('["a\x01"]', 4, "control character in a string; write it as \\u and four hexadecimal digits"),
    ('["a\\n\\x41"]', 6, "invalid escape; write a backslash as \\\\"),
    ('["\\u00e9\\u12"]', 9, "invalid escape; write a backslash as \\\\"),
    ("{}x", 3, "unexpected text after the JSON value"),
    ("{}\u00a0", 3, "unexpected text after the JSON value"),
    ("[", 2, "the text ends before the value is complete"),
    ('{"a": [1,', 10, "the text ends before the value is complete"),
    (b'{"a": "\xff"}', 8, "the bytes are not UTF-8"),
    ("{}".encode("utf-16"), 1, "the text is in UTF-16; save it as UTF-8"),
    ("{}".encode("utf-16-be"), 1, "the text is in UTF-16; save it as UTF-8"),
    ("{}".encode("utf-32"), 1, "the text is in UTF-32; save it as UTF-8"),
    ("[NaN]", 2, "NaN and Infinity are not JSON numbers"),
    ("[-Infinity]", 2, "NaN and Infinity are not JSON numbers"),
    ("[1e400]", 2, "the number is too large to represent"),
    ("9" * 6000, 1, "the number is too large to represent"),
    ("[" * 501, 501, "the text is nested more than 500 levels deep"),
    ("[" * 500 + "{}" + "]" * 500, 501, "the text is nested more than 500 levels deep"),
]


@pytest.mark.parametrize(("text", "column", "reason"), REASONS)
def test_reason_of_syntax_errors(
    text: str | bytes, column: int, reason: str, rules: RuleSet
) -> None:
    [violation] = rules.validate_json(text).violations
    assert violation.message().endswith(f"line 1, column {column}: {reason}")
    assert re.search("[\u4e00-\u9fff]", violation.message("zh_CN").rpartition("：")[2])


@pytest.mark.parametrize(
    ("before", "after"),
    [("[" * 499, "]" * 499), ('{"a":' * 499, "}" * 499), ('"' + "[{" * 600, '"')],
)
def test_500_levels_are_parsed(before: str, after: str, rules: RuleSet, engine: str) -> None:
    assert path_codes(
        rules.validate_json(
            with_member(f'"odd": {before}{after}'.replace(":}", ":0}")), engine=engine
        )
    ) == [("/odd", "0200001")]


@pytest.mark.parametrize("levels", [60, 400])
def test_nesting_is_independent_of_recursion_limit(levels: int, rules: RuleSet) -> None:
    text = with_member('"odd": ' + "[" * levels + "]" * levels)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 30)
    try:
        report = rules.validate_json(text)
    finally:
        sys.setrecursionlimit(limit)
    assert path_codes(report) == [("/odd", "0200001")]


SMALL_STACK = """
import threading, isales_rules
rules = isales_rules.load("campaign-modify-v1")
rules.validate_json("{}").violations
def run():
    for text in ("[" * 200_000, '{"a":' * 200_000, "[" * 500 + "]" * 500, '{"a":' * 500 + "1" + "}" * 500, "[" * 64 + "]" * 64):
        print(rules.validate_json(text).codes[0])
threading.stack_size(1 << 16)
thread = threading.Thread(target=run)
thread.start()
thread.join()
"""


def test_small_stack_is_enough() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", SMALL_STACK], capture_output=True, check=False, timeout=60
    )
    assert (ran.returncode, ran.stdout.split()) == (
        0,
        [b"02000008", b"02000008", b"02000006", b"02000001", b"02000006"],
    )


CHARACTERS = "[]{}\":,0123456789.-+eE \n\t\\/unlfalsetrNI'#\x01é"

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4)
    ),
)


@st.composite
def nearly_json(draw: st.DrawFn) -> str:
    """Draw a JSON text with a few characters changed."""
    text = json.dumps(
        draw(json_values), ensure_ascii=draw(st.booleans()), indent=draw(st.sampled_from([None, 1]))
    )
    start = draw(st.integers(0, len(text)))
    return (
        text[:start]
        + draw(st.text(CHARACTERS, max_size=3))
        + text[draw(st.integers(start, start + 3)) :]
    )


def reject(name: str) -> None:
    raise ValueError(name)


@example('{"a": 1, "a": 2}', 0)
@given(nearly_json() | st.text(CHARACTERS, max_size=20), st.sampled_from([0, 100]))
def test_parser_agrees_with_json_module(text: str, levels: int) -> None:
    text = '{"a":' * levels + text + "}" * levels
    try:
        expected = json.loads(text, parse_constant=reject)
    except ValueError:
        expected = JsonSyntaxError
    try:
        value = parse_json(text)
    except JsonSyntaxError:
        assert expected is JsonSyntaxError or "Infinity" in json.dumps(expected)
    else:
        # A `DuplicateKey` follows the key and its value.
        plainly = json.loads(
            json.dumps(value), object_pairs_hook=lambda pairs: dict(reversed(pairs))
        )
        assert (plainly if text.strip() else JsonSyntaxError) == expected


def test_huge_integer_is_not_the_overflow(rules: RuleSet) -> None:
    text = "[" + "9" * 400 + ", 0.5, -7, 1e400]"
    assert line_and_column(rules.validate_json(text).violations[0].message()) == [
        1,
        text.index("1e400") + 1,
    ]


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("1e-400", "02000006"),
        ("2e1", "02000006"),
        ("20.0", "02000006"),
        ("-0", "02000007"),
        ("9" * 4000, "02000007"),
        ("-" + "9" * 4000, "02000007"),
    ],
    ids=["tiny", "exponent", "fraction", "minus zero", "4,000 digits", "minus 4,000 digits"],
)
def test_extreme_number_is_validated(number: str, code: str, rules: RuleSet, engine: str) -> None:
    report = rules.validate_json(
        json.dumps(BODY | {"maxAlertingTime": 0}).replace(
            '"maxAlertingTime": 0', f'"maxAlertingTime": {number}'
        ),
        engine=engine,
    )
    assert path_codes(report) == [("/maxAlertingTime", code)]
    assert len(report.violations[0].message()) < 200


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (with_member('"name": "b"'), [("/name", "0200001")]),
        (with_member('"name": "b", "name": "c"'), [("/name", "0200001")]),
        (with_member(r'"n\u0061me": "b"'), [("/name", "0200001")]),
        (with_member('"name": ""'), [("/name", "02000001"), ("/name", "0200001")]),
        ('{"name": "", ' + VALID[1:], [("/name", "0200001")]),
        ('{"ivrParam": {"odd": 0, "callCount": 0}, ' + VALID[1:], [("/ivrParam", "0200001")]),
        (with_member('"callCount": 5', "ivrParam"), [("/ivrParam/callCount", "0200001")]),
        (
            with_member('"callCount": 0', "ivrParam"),
            [("/ivrParam/callCount", "02000007"), ("/ivrParam/callCount", "0200001")],
        ),
        (
            with_member(
                '"holidayBeginTime3": "", "holidayEndTime3": "", "holidayEndTime3": ""',
                "scheduleParam",
            ),
            [("/scheduleParam/holidayEndTime3", "0200001")],
        ),
        (with_member('"odd": 1, "odd": 2'), [("/odd", "0200001")]),
        (
            with_member('"odd": 1, "odd": 2, "name": "b"'),
            [("/name", "0200001"), ("/odd", "0200001")],
        ),
        (with_member('"": 1, "": 2'), [("/", "0200001")]),
        (with_member('"a/b~": 1, "a/b~": 2'), [("/a~1b~0", "0200001")]),
        (with_member('"odd": {"a": 1, "a": {"b": 1, "b": 2}}'), [("/odd", "0200001")]),
        (with_member('"odd": [{"a": 1, "a": 2}]'), [("/odd", "0200001")]),
    ],
)
def test_duplicate_key_is_one_violation(
    text: str, expected: list[tuple[str, str]], rules: RuleSet, engine: str
) -> None:
    assert path_codes(rules.validate_json(text, engine=engine)) == expected


def test_duplicate_key_among_too_many_parameters(tmp_path: Path, engine: str) -> None:
    rules = load(tmp_path, rule_set({"key": {"type": "string"}, "size": {"type": "integer"}}))
    too_many, duplicate = rules.validate_json(
        '{"key": "a", "x": 1, "key": "b", "y": 2}', engine=engine
    ).violations
    assert (too_many.code, duplicate.path) == ("02000011", "/key")
    assert "not documented: x, y; found 3" in too_many.message()
    assert path_codes(rules.validate_json('{"key": "a", "x": 1, "key": "b"}', engine=engine)) == [
        ("/key", "0200001"),
        ("/x", "0200001"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        r'{"\ud800": 1}',
        r'{"deviceType": "\udfff"}',
        '{"deviceType": "\ud800"}',
        r'{"deviceType": "\u001b[0m\u202e"}',
    ],
)
def test_messages_of_nonprintable_texts_print(text: str, rules: RuleSet, engine: str) -> None:
    report = rules.validate_json(text, engine=engine)
    assert all(
        one.message(locale).isprintable()
        for one in report.violations
        for locale in ("en_US", "zh_CN")
    )
    assert report.response()["resultDesc"].isprintable()


@pytest.mark.parametrize("argument", [None, 1, {}, ["{}"], io.StringIO("{}"), io.BytesIO(b"{}")])
def test_text_must_be_str_or_bytes(argument: Any, rules: RuleSet, engine: str) -> None:
    with pytest.raises(
        TypeError, match=f"the text must be str or bytes, not {type(argument).__name__}"
    ):
        rules.validate_json(argument, engine=engine)


def test_duplicate_key_equals_only_itself() -> None:
    (first, duplicate) = parse_json('{"a": 1, "a": 3}')
    assert str.__str__(duplicate) == first == "a"
    assert duplicate != first
    assert duplicate == duplicate  # noqa: PLR0124  # the subject of the test


def test_byte_order_mark_is_not_a_column(rules: RuleSet, engine: str) -> None:
    [violation] = rules.validate_json(b'\xef\xbb\xbf{"a": "\xff"}', engine=engine).violations
    assert "line 1, column 8" in violation.message()
