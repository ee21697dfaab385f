"""Regions of violations: in examples, and in texts whose writer noted them."""

from __future__ import annotations

import inspect
import json
import pickle
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import isales_rules
from isales_rules import Report, RuleSet, Violation
from isales_rules.cli.locations import Region, regions
from isales_rules.language.model import PARTS, Parameter
from tests.support.cases import bases
from tests.support.random_rule_sets import documents, rule_sets, stated
from tests.support.rule_sets import load, rule_set

SHIPPED = isales_rules.load("campaign-modify-v1")
BASES = list(bases().values())
PATH = {"vdnId": 1, "campaignId": 2}
HEADERS = {
    "Content-Type": "application/json; charset=UTF-8",
    "Authorization": "Digest 0123",
    "locale": "zh_CN",
}

many = settings(max_examples=min(settings().max_examples, 10_000))


def position_at(text: str, offset: int) -> tuple[int, int]:
    lines = text[:offset].split("\n")
    return len(lines), len(lines[-1]) + 1


def region_between(text: str, start: int, end: int) -> Region:
    """Return the region between offsets; it ends in the line of its last character."""
    line, column = position_at(text, max(start, end - 1))
    return Region(*position_at(text, start), line, column + (end > start))


def cut(text: str, position: Region) -> str:
    """Return the text in a region."""
    lines = [0, *(found.end() for found in re.finditer("\n", text))]
    start, end = (
        lines[position.line - 1] + position.column - 1,
        lines[position.end_line - 1] + position.end_column - 1,
    )
    assert 0 <= start <= end <= len(text)
    assert region_between(text, start, end) == position
    return text[start:end]


def at(text: str | bytes, report: Report, rule: str, path: str | None = None) -> Region:
    """Return the region of the only violation of a rule, or of a rule with a path."""
    found = zip(regions(text, report.violations), report.violations, strict=True)
    (position,) = (
        one for one, violation in found if violation.rule == rule and path in (None, violation.path)
    )
    return position


def marked(text: str) -> tuple[str, Region]:
    """Return a text without the marks « and », and the region between them."""
    plain = text.replace("«", "").replace("»", "")
    return plain, region_between(plain, text.index("«"), text.index("»") - 1)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ('{"name": «1»}', "body.name.type"),
        ('{"callBackUrl": «"\\u0068\\\\"»}', "body.callBackUrl.prefix"),
        ('{"deviceType":«-4.0e+1»,"name":1}', "body.deviceType.type"),
        ('{"deviceType":«true»}', "body.deviceType.type"),
        ('{"name": «null», "deviceType": 1}', "body.name.required"),
        ('{"name": «""»}', "body.name.required"),
        ('{"name": «["]", {"a": "}"}]»}', "body.name.type"),
        ('{"name": «[]», "a": []}', "body.name.type"),
        ('{"name": «[[], {"a": [1, "[[", {}]}, "\\"]"]» }', "body.name.type"),
        ('{"a": [{"name": 2}], "name": «1», "b": {"name": 3}}', "body.name.type"),
        ('{"a": {"b": {"name": [4]}}, "name": «1»}', "body.name.type"),
        ('{"a": "\\"name\\": \\\\", "name": «1»}', "body.name.type"),
        (
            '{"ivrParam": {"a": "callCount", "callCount": «0»}, "callCount": 0}',
            "ivrParam.callCount.min",
        ),
        (
            '{"skillParam": {"predictParam": {"predictMethod": «9»}}}',
            "predictParam.predictMethod.allowed",
        ),
        ('{"ivrParam": «"{}"»}', "body.ivrParam.type"),
        ("«[{}]»", "body.type"),
        (" «[1, [2]]»\n", "body.type"),
        ('\t«"a: \\", b"» ', "body.type"),
        ("«-1.5E3»", "body.type"),
        (" «null»", "body.required"),
        ("«» \n ", "body.required"),
        ("«»", "body.required"),
        ('«{»"description": ""}', "body.name.required"),
        ('«{»"Name": "x"}', "body.name.required"),
        (
            "«{»" + json.dumps({"Name": "x"} | {str(one): one for one in range(20)}, indent=1)[1:],
            "body.name.required",
        ),
        (
            '{"name": 1, "ivrParam": «{»"callCount": 3}, "a": {"deviceSign": ""}}',
            "ivrParam.deviceSign.required",
        ),
        ('«{»"deviceType": 1}', "ivr-param-needed"),
        ('{"scheduleParam": «{»"workdayBeginTime1": "08:00"}}', "segment-times-in-pairs"),
        (
            '{"scheduleParam": {"workdayBeginTime1": "08:00", "workdayEndTime1": «""»}}',
            "segment-times-in-pairs",
        ),
        ('{"ivrParam": {"callCount": «1», "callInterval": 9}}', "ivr-pacing"),
        ('{«"a"»: 1}', "body.unknown-parameter"),
        ('{"ivrParam": {«"a"»: {"b": ["c"]}}}', "ivrParam.unknown-parameter"),
        ('{«"a\\/b~1"» : "a/b~1"}', "body.unknown-parameter"),
        ('{«"\\u0061"»: 1}', "body.unknown-parameter"),
        ('{«"\\ud800"»: 1}', "body.unknown-parameter"),
        ('{«""»: 1}', "body.unknown-parameter"),
        ('{"a": 1, «"a"»: 2}', "body.unknown-parameter"),
        ('{"ivrParam": «{"a": 1, "b": 2, "c": 3, "d": 4}»}', "ivrParam.too-many-parameters"),
        ('{"name": 1, «"name"»: 2}', "body.duplicate-key"),
        ('{"name": 1, "name": 2, «"n\\u0061me"»: 3, "a": {"name": 4}}', "body.duplicate-key"),
        ('{"name": 1, "name": "a", "name": «2»}', "body.name.type"),
        ('{"name": 1, «"name"»: 2, "Name": 3}', "body.duplicate-key"),
        (
            '{"ivrParam": {"callCount": 0}, "ivrParam": {"callCount": 1, "callCount": «0»}}',
            "ivrParam.callCount.min",
        ),
        (
            '{"ivrParam": {"callCount": 1, "callCount": 0}, "ivrParam": {"callCount": 1, «"callCount"»: 0}}',
            "ivrParam.duplicate-key",
        ),
        ('{"ivrParam": {"deviceSign": ""}, "ivrParam": «{»}}', "ivrParam.deviceSign.required"),
        ('{"ivrParam": {"deviceSign": ""}, "ivrParam": «0»}', "body.ivrParam.type"),
    ],
)
def test_regions_of_values_keys_and_missing(
    text: str, rule: str, rules: RuleSet, engine: str
) -> None:
    plain, position = marked(text)
    for source in (plain, plain.encode(), f"\ufeff{plain}", f"\ufeff{plain}".encode()):
        assert at(source, rules.validate_json(source, engine=engine), rule) == position


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ('{"headers": {"content-type": «""», "locale": ""}}', "headers.Content-Type.required"),
        ('{"headers": {"content-type": "", "CONTENT-TYPE": «1»}}', "headers.Content-Type.type"),
        ('{"headers": {"Content-Type": "", "content-type": «1»}}', "headers.Content-Type.type"),
        (
            '{"headers": {"content-type": "", "Content-Type": «1», "name": ""}}',
            "headers.Content-Type.type",
        ),
        (
            '{"headers": {"Content-Type": 1, "content-type": 2, "Content-Type": «3»}}',
            "headers.Content-Type.type",
        ),
        ('{"headers": {"Content-Type": "", «"content-type"»: 1}}', "headers.duplicate-key"),
        ('{"headers": {"content-type": "", «"Content-Type"»: 1}}', "headers.duplicate-key"),
        (
            '{"headers": {"CONTENT-TYPE": ""}, "headers": «{»"AUTHORIZATION": ""}}',
            "headers.Content-Type.required",
        ),
        ('{"headers": {"\\u0041UTHORIZATION": «7»}}', "headers.Authorization.type"),
        ('{"headers": «[{"locale": "zh"}]»}', "headers.type"),
        ('{"headers": {"locale": «"zh"»}}', "locale-unknown-shape"),
        ('{"body": {"name": «1», "Name": 2}, "name": 3}', "body.name.type"),
        ('«{»"Body": {"name": 1}}', "body.required"),
        ('«{»"body": {}}', "path.required"),
        ('{"path": «""»}', "path.type"),
        ('{"path": {"vdnId": «"x"», "campaignId": 1}}', "path.vdnId.coerce"),
        ('{"body": {"name": 1}, «"body"»: {}}', "request.duplicate-key"),
        ('{"body": {"name": 1, "name": 2, "a": {"name": 3}, «"name"»: {}}}', "body.duplicate-key"),
        ('{«"BODY"»: {"name": 1}, "body": {}}', "request.unknown-parameter"),
        ('{"body": {«"body"»: {"body": 1}}}', "body.unknown-parameter"),
        ("«[]»", "request.type"),
        ("«»\n", "request.required"),
    ],
)
def test_regions_in_parts_of_a_request(text: str, rule: str, rules: RuleSet) -> None:
    plain, position = marked(text)
    assert at(plain, rules.validate_request_json(plain), rule) == position


ANY_CASE = rule_set(
    {
        "obj": {"type": "dict", "schema": "inner", "case_insensitive": True},
        "list": {
            "type": "list",
            "schema": {"type": "dict", "schema": "inner", "case_insensitive": True},
        },
        "Open": {"type": "dict", "schema": "leaf", "allow_unknown": True},
    },
    tables={
        "inner": {
            "a": {"type": "integer"},
            "b": {"type": "integer"},
            "sub": {"type": "dict", "schema": "leaf", "case_insensitive": True},
        },
        "leaf": {"c": {"type": "integer", "required": True}, "d": {"type": "integer"}},
    },
)


@pytest.mark.parametrize(
    ("text", "path", "rule"),
    [
        ('{"obj": {"X": 1, «"x"»: 2}}', "/obj/x", "inner.unknown-parameter"),
        ('{"obj": {"x": 1, «"X"»: 2}}', "/obj/X", "inner.unknown-parameter"),
        ('{"obj": {"X": 1, «"x"»: 2, "X": 3}}', "/obj/x", "inner.unknown-parameter"),
        (
            '{"obj": {"sub": {"x": 1}, "SUB": {«"x"»: 2, "X": 3}}}',
            "/obj/sub/x",
            "leaf.unknown-parameter",
        ),
        ('{"obj": {"Sub": «{»}, "x": 2}}', "/obj/sub/c", "leaf.c.required"),
        ('{"obj": {"SUB": {"C": 1}, "sub": «{»"cc": 1}, "x": 2}}', "/obj/sub/c", "leaf.c.required"),
        ('{"obj": {"A": «true», "u": 1, "v": 2, "w": 3, "x": 4}}', "/obj/a", "inner.a.type"),
        (
            '{"obj": «{"A": 0, "u": 1, "v": 2, "w": 3, "x": 4}»}',
            "/obj",
            "inner.too-many-parameters",
        ),
        ('{"list": [{"a": 0}, {"B": 0}, {"A": «true»}]}', "/list/2/a", "inner.a.type"),
        ('{"list": [{"a": {}}, {"b": 0}, «[{"a": 0}]»]}', "/list/2", "body.list.item.type"),
        ('{"list": [[[]], {"Sub": «{»}}]}', "/list/1/sub/c", "leaf.c.required"),
        ('{"Open": {"d": «true», "D": 1, "c": 1}}', "/Open/d", "leaf.d.type"),
        ('{"Open": «{»"d": 1}}', "/Open/c", "leaf.c.required"),
        (
            '{"Open": {"C": «1»}}',
            "/Open/c",
            "leaf.c.required",
        ),  # the report does not have the spelling
        ('{"Open": «{»"C": 1, "d": 2, "d": 3}}', "/Open/c", "leaf.c.required"),
    ],
)
def test_last_of_case_insensitive_names_counts(
    text: str, path: str, rule: str, tmp_path: Path
) -> None:
    plain, position = marked(text)
    assert at(plain, load(tmp_path, ANY_CASE).validate_json(plain), rule, path) == position


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ('{"name": 1}', (1, 10, 1, 11)),
        ('{\n "name": 12\n}', (2, 10, 2, 12)),
        ('{\r\n "name": 1}', (2, 10, 2, 11)),
        ('{\r "name":\r\n\r\n\r1}', (3, 2, 3, 3)),
        ('{\t"name"\t:\t1}', (1, 12, 1, 13)),
        ('{"a": "😀", "name": 1}', (1, 20, 1, 21)),
        ('{"😀":\n"😀", "name": {"😀😀": "é"}}', (2, 14, 2, 25)),
        ('{"name": [\n"",\r\n {}\n]}', (1, 10, 4, 2)),
        ('\ufeff{"name": 1}', (1, 10, 1, 11)),
        ('\ufeff\n{"name": 1}', (2, 10, 2, 11)),
        ('{"a": "\ufeff\u2028\x85", "name": 1}', (1, 22, 1, 23)),
    ],
    ids=[
        "one line",
        "lines",
        "CRLF",
        "CR",
        "tabs",
        "not BMP",
        "not BMP, lines",
        "over lines",
        "BOM",
        "BOM, lines",
        "other line ends",
    ],
)
def test_lines_and_columns(text: str, position: tuple[int, int, int, int], rules: RuleSet) -> None:
    for source in (text, text.encode()):
        assert at(source, rules.validate_json(source), "body.name.type") == position


SYNTAX_ERRORS: dict[str, tuple[str | bytes, tuple[int, int, int, int]]] = {
    "syntax": ('{\n "name": nul}', (2, 10, 2, 11)),
    "nothing follows": ('{"name": "x"', (1, 13, 1, 13)),
    "nothing follows the line": ('{"name":\n', (2, 1, 2, 1)),
    "nothing follows the lines": ('{\n\n"name":\n', (4, 1, 4, 1)),
    "text not closed": ('{"name": "', (1, 10, 1, 11)),
    "line feed in a text": ('{"name": "a\nb"}', (1, 12, 1, 13)),
    "two values": ("\ufeff{}\t{}", (1, 4, 1, 5)),
    "constant": ('["NaN",\r\n NaN]', (2, 2, 2, 3)),
    "number": ('{"😀": 1, "b": 1e999}', (1, 15, 1, 16)),
    "depth": ("[\n" * 100_000, (0, 1, 0, 2)),
    "utf-8": (b'{\n"\xc3\xa9\xf0\x9f\x98\x80": "\xff\xff"}', (2, 8, 2, 9)),
    "utf-8 cut off": (b'"\xe4\xb8', (1, 2, 1, 3)),
    "utf-16": ("{}".encode("utf-16"), (1, 1, 1, 2)),
}


@pytest.mark.parametrize(("text", "position"), SYNTAX_ERRORS.values(), ids=SYNTAX_ERRORS)
@pytest.mark.parametrize("request_", [False, True], ids=["body", "request"])
def test_syntax_error_is_where_its_message_says(
    text: str | bytes, position: tuple[int, int, int, int], request_: bool, rules: RuleSet
) -> None:
    report = (rules.validate_request_json if request_ else rules.validate_json)(text)
    found = at(text, report, "request.invalid-json" if request_ else "body.invalid-json")
    assert numbers(report.violations[0]) == found[:2]
    # The maximum nesting is that of the json module.
    assert (found.line - found.end_line, *found[1::2]) == (0, *position[1::2])
    assert found.line == position[0] or (not position[0] and found.line > 100)


def numbers(violation: Violation) -> tuple[int, int]:
    """Return line and column of a message: the first numbers except that of the RFC."""
    line, column, *_ = re.findall(r"\d+", violation.message().replace("RFC 8259", ""))
    return int(line), int(column)


def test_regions_are_in_order_of_violations(rules: RuleSet) -> None:
    text = '{"deviceType": 0, "name": 1, "a": 2}'
    violations = rules.validate_json(text).violations
    found = regions(text, violations)
    assert len(found) == len(violations) > 5
    assert [cut(text, one) for one in found if cut(text, one) != "{"] == ["1", "0", '"a"']
    assert regions(text, violations[::-1] + violations) == found[::-1] + found
    assert regions(text, []) == regions("", ()) == []


@pytest.mark.parametrize("text", ['{"name": 1, "name": 2}', '{"name": 1', '{"a": {"b": ""}}'])
def test_pickled_report_has_the_same_regions(text: str, rules: RuleSet) -> None:
    report = rules.validate_json(text)
    assert regions(text, pickle.loads(pickle.dumps(report)).violations) == regions(  # noqa: S301  # our own
        text, report.violations
    )  # it is our own


def test_500_levels_need_no_recursion(rules: RuleSet) -> None:
    text = (
        '{"a": '
        + '[{"name": ' * 249
        + "0"
        + "}]" * 249
        + ', "name": '
        + "[" * 499
        + "]" * 499
        + "}"
    )
    report = rules.validate_json(text)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 50)
    try:
        position = at(text, report, "body.name.type")
    finally:
        sys.setrecursionlimit(limit)
    assert cut(text, position) == "[" * 499 + "]" * 499


# A writer that notes the offsets of values. Objects are tuples of pairs, so they may have duplicate
# keys.


class Written(NamedTuple):
    """A value in a text. Members of objects and lists have names and offsets of keys."""

    start: int
    end: int
    members: list[tuple[str, tuple[int, int], Written]]


class Writer:
    SPACES = (
        (),
        (" ",),
        ("", "", " "),
        ("\n", "\r\n", "\t", " ", "  ", "", "\n\n"),
        ("\r\n",),
        ("\t", "\r"),
    )

    def __init__(self, random: Random, *, utf8: bool) -> None:
        self.random = random
        self.utf8 = utf8
        self.text = ""
        self.indented = random.random() < 0.3
        self.spaces = random.choice(self.SPACES)
        self.escaped = random.choice((0, 0.1, 1))

    def space(self, depth: int) -> None:
        self.text += ("\n" + "  " * depth if self.indented else "") + (
            self.random.choice(self.spaces) if self.spaces else ""
        )

    def token(self, token: str) -> tuple[int, int]:
        start = len(self.text)
        self.text += token
        return start, len(self.text)

    def string(self, text: str) -> str:
        return '"' + "".join(self.character(one) for one in text) + '"'

    def character(self, one: str) -> str:
        surrogate = "\ud800" <= one <= "\udfff"
        if (
            one in '"\\'
            or one < " "
            or (surrogate and self.utf8)
            or self.random.random() < self.escaped
        ):
            units = one.encode("utf-16-be", "surrogatepass")
            escaped = "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
            return self.random.choice(
                [escaped, escaped.upper().replace("U", "u"), json.dumps(one)[1:-1]]
            )
        return one

    def write(self, value: object, depth: int = 0) -> Written:
        self.space(depth)
        start = len(self.text)
        members: list[tuple[str, tuple[int, int], Written]] = []
        if isinstance(value, tuple | list):
            is_object = isinstance(value, tuple)
            self.token("{" if is_object else "[")
            for number, one in enumerate(value):
                self.token("," if number else "")
                name, inner, key = str(number), one, (0, 0)
                if is_object:
                    name, inner = one
                    self.space(depth + 1)
                    key = self.token(self.string(name))
                    self.space(depth + 1)
                    self.token(":")
                members.append((name, key, self.write(inner, depth + 1)))
                self.space(depth)
            self.token("}" if is_object else "]")
        else:
            self.token(self.string(value) if isinstance(value, str) else json.dumps(value))
        written = Written(start, len(self.text), members)
        self.space(0)
        return written


WRONG = [
    None,
    "",
    "a",
    "<",
    0,
    1,
    5,
    10**30,
    -1.5,
    True,
    [],
    [0, ["]"]],
    (),
    (("a", 1), ("a", (("b", 2),))),
    (("\ud800", "\ud800"),),
]
ODD = [
    "a/b",
    "~",
    "~1",
    "m~0n/",
    "",
    "é",
    "😀",
    '"',
    "\\",
    "\ud800",
    "0",
    "new\nline",
    "{",
    "]",
    ":",
    ",",
    "NAME",
    "name",
]


def corrupt(value: Any, random: Random, often: float) -> Any:
    """Corrupt a document: remove and change values; duplicate, recase and add keys."""
    if isinstance(value, list):
        return [corrupt(one, random, often) for one in value]
    if isinstance(value, float):
        return value if value == value else 1.5  # noqa: PLR0124  # a NaN
    if not isinstance(value, dict):
        return value
    pairs = []
    for key, one in value.items():
        name, inner = str(key), corrupt(one, random, often)
        if random.random() < often:
            inner = random.choice(WRONG)
        if random.random() >= often:
            pairs.append((name, inner))
        if random.random() < often:
            pairs.append(
                (
                    random.choice([name, name.upper(), name.swapcase()]),
                    random.choice([inner, *WRONG]),
                )
            )
        if random.random() < often / 4:
            pairs.append((random.choice(ODD), random.choice(WRONG)))
    if random.random() < often:
        random.shuffle(pairs)
    return tuple(pairs)


def text_of(document: Any, seed: int) -> tuple[str | bytes, str, Written]:
    """Corrupt and write a document; return source, text without byte order mark, and offsets."""
    random = Random(seed)  # noqa: S311  # not for cryptography
    writer = Writer(random, utf8=random.random() < 0.5)
    written = writer.write(corrupt(document, random, random.choice([0.02, 0.1, 0.3])))
    text = random.choice(["", "\ufeff"]) + writer.text
    return text.encode() if writer.utf8 else text, writer.text, written


def expected(
    text: str,
    written: Written,
    violation: Violation,
    root: Parameter | Mapping[str, Parameter],
    reported: set[str],
) -> tuple[int, int]:
    """Return the offsets of a violation by the writer.

    `reported` has the paths of objects with violations of their keys.
    """
    parameter: Any = root
    key = (-1, -1)
    reached, end = "", violation.path
    for part in end.split("/")[1:]:
        parent, reached, name = (
            reached,
            f"{reached}/{part}",
            part.replace("~1", "/").replace("~0", "~"),
        )
        exact = [(one, inner) for other, one, inner in written.members if other == name]
        alike = [
            (one, inner) for other, one, inner in written.members if other.lower() == name.lower()
        ]
        row = parameter.definition if isinstance(parameter, Parameter) else {}
        if row.get("case_insensitive") and not (
            reached == end and violation.rule.endswith(".unknown-parameter")
        ):
            exact = alike
        elif parent not in reported:
            exact = exact or alike  # the report does not have the spelling
        if not exact and row.get("coerce") == "json" and text[written.start] == '"':
            return written.start, written.end  # the path continues inside a string
        if not exact:
            assert reached == end
            return written.start, written.start + 1  # the opening of the object that lacks it
        key, written = exact[-1]
        if isinstance(parameter, Parameter):
            parameter = parameter.item or parameter.members.get(name)
        elif parameter is not None:
            parameter = parameter.get(name)
    return (
        key
        if violation.rule.endswith((".unknown-parameter", ".duplicate-key"))
        else (written.start, written.end)
    )


def compare(
    source: str | bytes,
    text: str,
    written: Written,
    report: Report,
    root: Parameter | Mapping[str, Parameter],
) -> None:
    strange = [
        one.path.rpartition("/")[0]
        for one in report.violations
        if one.rule.endswith((".unknown-parameter", ".duplicate-key"))
    ]
    reported = {
        *strange,
        *(one.path for one in report.violations if one.rule.endswith(".too-many-parameters")),
    }
    wanted = [
        region_between(text, *expected(text, written, one, root, reported))
        for one in report.violations
    ]
    assert regions(source, report.violations) == wanted


seeds = st.integers(0, 2**64)


@many
@given(st.sampled_from(BASES) | documents(SHIPPED), seeds)
def test_regions_in_written_campaigns(document: Any, seed: int) -> None:
    source, text, written = text_of(document, seed)
    compare(source, text, written, SHIPPED.validate_json(source), SHIPPED.root("body"))


@many
@given(st.sampled_from(BASES), seeds)
def test_regions_in_written_requests(document: Any, seed: int) -> None:
    source, text, written = text_of({"path": PATH, "headers": HEADERS, "body": document}, seed)
    compare(
        source,
        text,
        written,
        SHIPPED.validate_request_json(source),
        {part: SHIPPED.root(part) for part in PARTS},
    )


def is_json(value: Any) -> bool:
    """Check whether all numbers of a value are finite."""
    try:
        return bool(json.dumps(value, allow_nan=False))
    except ValueError:
        return False


@many
@given(st.data())
def test_regions_with_random_rule_sets(data: st.DataObject) -> None:
    rules: RuleSet = data.draw(rule_sets())
    facts = data.draw(stated(rules))
    parts = {part: data.draw(documents(rules, part)) for part in PARTS}
    assume(is_json(parts))
    for document in parts.values():
        source, text, written = text_of(document, data.draw(seeds))
        compare(source, text, written, rules.validate_json(source, facts), rules.root("body"))
    source, text, written = text_of(parts, data.draw(seeds))
    compare(
        source,
        text,
        written,
        rules.validate_request_json(source, facts),
        {part: rules.root(part) for part in PARTS},
    )


# Any text at all


CHARACTERS = '{}[]",:\\/ntfu0123.-eEa \n\r\t\ufeff\ud800é😀'


def corrupt_text(text: str, random: Random) -> str:
    for _ in range(random.choice([1, 1, 1, 2, 5])):
        start = random.randrange(len(text) + 1)
        end = min(len(text), start + random.choice([0, 0, 1, 1, 1, 2, 20, 1000]))
        put = random.choice(
            ["", *CHARACTERS, "null", '"a": 1, ', text[end : end + 20], text[start:end] * 2]
        )
        text = text[:start] + put + text[end:]
    return text


@many
@given(seeds)
def test_regions_in_corrupt_text_agree_with_json(seed: int) -> None:
    random = Random(seed)  # noqa: S311  # not for cryptography
    _, text, _ = text_of(random.choice(BASES), seed)
    text = corrupt_text(text, random)
    source: str | bytes = text
    if random.random() < 0.3:
        octets = text.encode("utf-8", "surrogatepass")
        start = random.randrange(len(octets) + 1)
        source = octets[:start] + random.randbytes(1) + octets[start:]
    inspected(source, SHIPPED.validate_json(source))


@many
@given(
    st.text(st.sampled_from(CHARACTERS) | st.characters())
    | st.binary()
    | st.text(st.sampled_from('{}[]",:\\a1 \n'))
)
def test_every_violation_in_any_text_has_a_region(source: str | bytes) -> None:
    inspected(source, SHIPPED.validate_json(source))
    inspected(source, SHIPPED.validate_request_json(source), whole=False)


def test_facts_are_located_at_syntax_error(rules: RuleSet) -> None:
    report = rules.validate_json('{\n"name"', {"campaign_exists": False})
    assert [one.rule for one in report.violations] == ["body.invalid-json", "campaign-exists"]
    assert len(set(regions('{\n"name"', report.violations))) == 1


def inspected(source: str | bytes, report: Report, *, whole: bool = True) -> None:
    text = (source if isinstance(source, str) else source.decode("utf-8", "replace")).removeprefix(
        "\ufeff"
    )
    pieces = [cut(text, one) for one in regions(source, report.violations)]
    for violation, piece in zip(report.violations, pieces, strict=True):
        if violation.rule.endswith(".invalid-json"):
            assert len(piece) <= 1
        elif violation.rule.endswith((".unknown-parameter", ".duplicate-key")):
            assert piece[0] == piece[-1] == '"'
            assert violation.path.endswith(
                "/" + json.loads(piece).replace("~", "~0").replace("/", "~1")
            )
        elif whole and text.strip(" \t\n\r"):
            value = json.loads(text)
            for part in violation.path.split("/")[1:]:
                value = value.get(part, "{")
            assert piece == value == "{" or json.loads(piece) == value
