"""Whole requests: path, headers and body, paths with a prefix, and hidden secrets."""

from __future__ import annotations

import email.message
import json
import pickle
import pickletools
import re
from collections import UserDict
from collections.abc import Iterator, Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Any

import pytest

from isales_rules import Report, RuleSet
from tests.support.cases import bases, drop, put, some_cases

PATH = {"vdnId": 1, "campaignId": 10000000001}
HEADERS = {"Content-Type": "application/json; charset=UTF-8", "Authorization": "Digest 0123"}
BODY = bases()["ivr-intelligent"]
HIDDEN = "s3cr3t-T0ken"
NUMBER = 918273645546372819


class Vdn(IntEnum):
    FIRST = 1


class Text(str):
    __slots__ = ()


def path_codes(report: Report) -> list[tuple[str, str | None]]:
    return [(one.path, one.code) for one in report.violations]


def test_valid_request_has_no_violation(rules: RuleSet, engine: str) -> None:
    assert (
        rules.validate_request(path=PATH, headers=HEADERS, body=BODY, engine=engine).violations
        == ()
    )


@pytest.mark.parametrize("mapping", [dict, UserDict, MappingProxyType])
def test_parts_may_be_any_mapping(mapping: Any, rules: RuleSet, engine: str) -> None:
    assert (
        rules.validate_request(
            path=mapping(PATH), headers=mapping(HEADERS), body=mapping(BODY), engine=engine
        ).violations
        == ()
    )


@pytest.mark.parametrize("value", [1, 9999, "1", "9999", Vdn.FIRST, Text("42")])
def test_vdn_id_is_an_integer_or_decimal_text(value: Any, rules: RuleSet, engine: str) -> None:
    assert (
        path_codes(
            rules.validate_request(
                path=PATH | {"vdnId": value}, headers=HEADERS, body=BODY, engine=engine
            )
        )
        == []
    )


@pytest.mark.parametrize(
    "value",
    [
        1,
        10**30,
        "1",
        "1" * 30,
        pytest.param("9" * 4301, id="4,301 digits"),
        pytest.param("9" * 10**6, id="a million digits"),
    ],
)
def test_campaign_id_has_no_range(value: Any, rules: RuleSet, engine: str) -> None:
    assert (
        path_codes(
            rules.validate_request(
                path=PATH | {"campaignId": value}, headers=HEADERS, body=BODY, engine=engine
            )
        )
        == []
    )


@pytest.mark.parametrize(
    "value",
    [
        0,
        -1,
        10000,
        pytest.param(10**5000, id="huge"),
        "0",
        "10000",
        pytest.param("9" * 6000, id="6,000 digits"),
    ],
)
def test_vdn_id_out_of_range_is_invalid(value: Any, rules: RuleSet, engine: str) -> None:
    report = rules.validate_request(
        path=PATH | {"vdnId": value}, headers=HEADERS, body=BODY, engine=engine
    )
    assert path_codes(report) == [("/path/vdnId", "02000007")]
    assert len(report.violations[0].message()) < 300


def test_leading_zeros_are_not_counted(rules: RuleSet, engine: str) -> None:
    report = rules.validate_request(
        path=PATH | {"vdnId": "0" * 5000 + "9999"}, headers=HEADERS, body=BODY, engine=engine
    )
    assert report.violations == ()


def test_message_counts_digits_of_a_huge_number(rules: RuleSet, engine: str) -> None:
    report = rules.validate_request(
        path=PATH | {"vdnId": "9" * 6000}, headers=HEADERS, body=BODY, engine=engine
    )
    assert re.search(r"an integer of some 600[01] digits$", report.violations[0].message())


@pytest.mark.parametrize("part", ["vdnId", "campaignId"])
@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, "02000001"),
        ("", "02000001"),
        (True, "02000006"),
        (1.0, "02000006"),
        (b"1", "02000006"),
        ([], "02000006"),
        ({}, "02000006"),
    ]
    + [
        (text, "02000008")
        for text in (
            "１",
            "٣",
            "²",
            "+1",
            "-1",
            " 1",
            "1 ",
            "1\n",
            "1_0",
            "1.0",
            "1e3",
            "0x1",
            "one",
            "\ud800",
        )
    ]
    + [pytest.param("9" * 6000 + "x", "02000008", id="6,000 digits and a letter")],
)
def test_invalid_path_parameters(
    part: str, value: Any, code: str, rules: RuleSet, engine: str
) -> None:
    report = rules.validate_request(
        path=PATH | {part: value}, headers=HEADERS, body=BODY, engine=engine
    )
    assert path_codes(report) == [(f"/path/{part}", code)]
    assert report.violations[0].message().isprintable()
    assert len(report.violations[0].message()) < 300


def test_decimal_text_in_body_is_not_an_integer(rules: RuleSet, engine: str) -> None:
    report = rules.validate_request(
        path=PATH, headers=HEADERS, body=BODY | {"maxAlertingTime": "20"}, engine=engine
    )
    assert path_codes(report) == [("/body/maxAlertingTime", "02000006")]


@pytest.mark.parametrize("text", ["{}", '{"path": null, "headers": null, "body": null}'])
def test_each_missing_part_is_reported(text: str, rules: RuleSet, engine: str) -> None:
    report = rules.validate_request(engine=engine)
    assert path_codes(report) == [
        ("/path", "02000001"),
        ("/headers", "02000001"),
        ("/body", "02000001"),
    ]
    assert path_codes(rules.validate_request_json(text, engine=engine)) == path_codes(report)


@pytest.mark.parametrize("value", ["", [1], 1, "text", True])
def test_json_part_must_be_an_object(value: Any, rules: RuleSet, engine: str) -> None:
    report = rules.validate_request_json(
        json.dumps({"path": value, "headers": value, "body": value}), engine=engine
    )
    assert path_codes(report) == [
        ("/path", "02000006"),
        ("/headers", "02000006"),
        ("/body", "02000006"),
    ]


@pytest.mark.parametrize("value", [1, True, object(), {1}])
def test_part_must_be_an_object(value: Any, rules: RuleSet, engine: str) -> None:
    report = rules.validate_request(path=value, headers=value, body=value, engine=engine)
    assert path_codes(report) == [
        ("/path", "02000006"),
        ("/headers", "02000006"),
        ("/body", "02000006"),
    ]


def test_missing_parameter_has_own_path(rules: RuleSet, engine: str) -> None:
    report = rules.validate_request(path={}, headers={}, body=BODY | {"name": None}, engine=engine)
    paths = [
        "/path/vdnId",
        "/path/campaignId",
        "/headers/Content-Type",
        "/headers/Authorization",
        "/body/name",
    ]
    assert path_codes(report) == [(path, "02000001") for path in paths]


def test_unknown_path_parameter(rules: RuleSet, engine: str) -> None:
    report = rules.validate_request(
        path={"vdnId": 1, "campaignID": 2}, headers=HEADERS, body=BODY, engine=engine
    )
    assert path_codes(report) == [("/path/campaignId", "02000001"), ("/path/campaignID", "0200001")]
    assert "campaignId" in report.violations[1].message()
    report = rules.validate_request(
        path=PATH | {"odd": 1}, headers=HEADERS, body=BODY, engine=engine
    )
    assert path_codes(report) == [("/path", "02000011")]


@pytest.mark.parametrize("spell", [str.lower, str.upper, str.swapcase, Text])
def test_header_names_ignore_case(spell: Any, rules: RuleSet, engine: str) -> None:
    headers = {spell(name): value for name, value in (HEADERS | {"locale": "en_US"}).items()}
    assert (
        rules.validate_request(path=PATH, headers=headers, body=BODY, engine=engine).violations
        == ()
    )


@pytest.mark.parametrize(
    "value",
    [
        "application/json; charset=UTF-8",
        "application/json;charset=utf-8",
        "APPLICATION/JSON ; CHARSET=Utf-8",
        "Application/Json\t;\tcharset=UTF-8",
        "application/json  ;  charset=UTF-8",
        Text("application/json; charset=UTF-8"),
    ],
)
def test_content_type_ignores_case_and_space(value: str, rules: RuleSet, engine: str) -> None:
    assert (
        path_codes(
            rules.validate_request(
                path=PATH, headers=HEADERS | {"Content-Type": value}, body=BODY, engine=engine
            )
        )
        == []
    )


@pytest.mark.parametrize(
    ("value", "code"),
    [(None, "02000001"), ("", "02000001"), (1, "02000006"), (["application/json"], "02000006")]
    + [
        (text, "02000007")
        for text in (
            "application/json",
            "application/json;",
            "application/json; charset=GBK",
            "application/json; charset=UTF-80",
            "application/json; charset=UTF8",
            "application/json charset=UTF-8",
            "application/json, charset=UTF-8",
            "application/json; charset = UTF-8",
            "application/json; charset=UTF-8; q=1",
            "text/json; charset=UTF-8",
            "application/jsonl; charset=UTF-8",
            "application/json; charset=UTF-8\n",
            " application/json; charset=UTF-8",
            "application/j\u017fon; charset=UTF-8",
        )
    ],
)
def test_other_content_types_are_invalid(
    value: Any, code: str, rules: RuleSet, engine: str
) -> None:
    report = rules.validate_request(
        path=PATH, headers=HEADERS | {"Content-Type": value}, body=BODY, engine=engine
    )
    assert path_codes(report) == [("/headers/Content-Type", code)]


@pytest.mark.parametrize(
    "others",
    [
        {"Accept": "*/*", "accept": object()},
        {f"X-{number}": "" for number in range(50)},
        {1: "x", None: "y", b"Authorisation": "z"},
        {"\ud800": "x", "": "y"},
    ],
)
def test_undocumented_headers_are_ignored(others: Any, rules: RuleSet, engine: str) -> None:
    assert (
        rules.validate_request(
            path=PATH, headers=others | HEADERS, body=BODY, engine=engine
        ).violations
        == ()
    )


class Message(email.message.Message):
    """The headers of `http.client` and `http.server`."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        super().__init__()
        for name, value in pairs:
            self[name] = value


class Fields:
    """Like headers of Werkzeug: has `items()`, but is not a mapping."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs

    def items(self) -> Iterator[tuple[str, str]]:
        return iter(self._pairs)


def asgi(pairs: list[tuple[str, str]]) -> list[list[bytes]]:
    return [[name.lower().encode("latin-1"), value.encode("latin-1")] for name, value in pairs]


FRAMEWORKS = {
    "pairs": list,
    "iterator": iter,
    "tuples": tuple,
    "items()": Fields,
    "email": Message,
    "ASGI": asgi,
}


@pytest.mark.parametrize(
    "kind", [*FRAMEWORKS.values(), lambda pairs: dict(asgi(pairs))], ids=[*FRAMEWORKS, "bytes"]
)
def test_headers_of_any_framework_are_read(kind: Any, rules: RuleSet, engine: str) -> None:
    def answer(headers: dict[str, str]) -> list[tuple[str, str | None]]:
        return path_codes(
            rules.validate_request(
                path=PATH,
                headers=kind([*headers.items(), ("Cookie", "a\xe9")]),
                body=BODY,
                engine=engine,
            )
        )

    assert answer(HEADERS | {"locale": "en_US"}) == []
    assert answer(HEADERS | {"Content-Type": "text/json"}) == [
        ("/headers/Content-Type", "02000007")
    ]
    assert answer({"Content-Type": HEADERS["Content-Type"]}) == [
        ("/headers/Authorization", "02000001")
    ]


@pytest.mark.parametrize("kind", FRAMEWORKS.values(), ids=FRAMEWORKS)
def test_repeated_header_values_are_joined(kind: Any, rules: RuleSet, engine: str) -> None:
    pairs = [
        *HEADERS.items(),
        ("content-type", "x"),
        ("AUTHORIZATION", HIDDEN),
        ("accept", "a"),
        ("Accept", "b"),
    ]
    [violation] = rules.validate_request(
        path=PATH, headers=kind(pairs), body=BODY, engine=engine
    ).violations
    assert (violation.path, violation.code) == ("/headers/Content-Type", "02000007")
    assert '"application/json; charset=UTF-8, x"' in violation.message()


@pytest.mark.parametrize("pair", ["ab", ("a",), ("a", "b", "c"), None, {"a": "b"}])
def test_headers_that_are_not_pairs_have_wrong_type(pair: Any, rules: RuleSet, engine: str) -> None:
    headers = [*HEADERS.items(), pair]
    assert path_codes(
        rules.validate_request(path=PATH, headers=headers, body=BODY, engine=engine)
    ) == [("/headers", "02000006")]


@pytest.mark.parametrize("encode", [str, str.encode, lambda text: bytearray(text.encode()), Text])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (json.dumps(BODY), []),
        ("\ufeff" + json.dumps(BODY), []),
        (json.dumps(BODY)[:-1], [("/body", "02000008")]),
        (json.dumps(BODY)[:-1] + ', "name": "again"}', [("/body/name", "0200001")]),
        ("", [("/body", "02000001")]),
        (" \n", [("/body", "02000001")]),
        ("null", [("/body", "02000001")]),
        ('""', [("/body", "02000006")]),
        ("[]", [("/body", "02000006")]),
    ],
)
def test_body_may_be_json_text(
    encode: Any, text: str, expected: list[tuple[str, str]], rules: RuleSet, engine: str
) -> None:
    report = rules.validate_request(path=PATH, headers=HEADERS, body=encode(text), engine=engine)
    assert path_codes(report) == expected
    assert [(path.removeprefix("/body"), code) for path, code in expected] == path_codes(
        rules.validate_json(encode(text), engine=engine)
    )


def test_truncated_body_has_line_and_column(rules: RuleSet, engine: str) -> None:
    [violation] = rules.validate_request(
        path=PATH, headers=HEADERS, body='{\n "name": }', engine=engine
    ).violations
    assert (violation.rule, violation.source) == ("body.invalid-json", "Table 3")
    assert "line 2, column 10" in violation.message()


@pytest.mark.parametrize(
    ("value", "expected"),
    [(value, []) for value in ("zh_CN", "en_US", "fr_FR", None, "")]
    + [
        (value, [("locale-unknown-shape", "warning", None)])
        for value in (
            "zh-CN",
            "zh",
            "english",
            "ZH_cn",
            "zh_CN\n",
            " zh_CN",
            "zh_CN.UTF-8",
            "ｚh_CN",
        )
    ]
    + [(value, [("headers.locale.type", "error", "02000006")]) for value in (1, True, ["zh_CN"])],
)
def test_locale_of_unknown_form_is_a_warning(
    value: Any, expected: list[tuple[str, str, str | None]], rules: RuleSet, engine: str
) -> None:
    report = rules.validate_request(
        path=PATH, headers=HEADERS | {"locale": value}, body=BODY, engine=engine
    )
    assert [(one.rule, one.severity, one.code) for one in report.violations] == expected
    assert all(one.path == "/headers/locale" for one in report.violations)
    assert report.ok is all(severity == "warning" for _, severity, _ in expected)


def shown(report: Report) -> str:
    """Join everything that a report shows, including the values in its pickle."""
    locales = ("en_US", "zh_CN")
    views: list[object] = [
        repr(report),
        str(report),
        report.violations,
        [str(one) for one in report.violations],
    ]
    views += [
        [one.message(locale), one.path, one.rule] for one in report.violations for locale in locales
    ]
    views += [
        [report.response(locale), json.dumps(report.to_dict(locale), ensure_ascii=False)]
        for locale in locales
    ]
    views += [argument for _, argument, _ in pickletools.genops(pickle.dumps(report))]
    return repr(views)


class Bearer:
    def __repr__(self) -> str:
        return HIDDEN

    __str__ = __repr__


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        (HEADERS | {"Authorization": HIDDEN}, None),
        (HEADERS | {"Authorization": HIDDEN.encode()}, None),
        (HEADERS | {"Authorization": [HIDDEN]}, "02000006"),
        (HEADERS | {"Authorization": {HIDDEN: HIDDEN}}, "02000006"),
        (HEADERS | {"Authorization": NUMBER}, "02000006"),
        (HEADERS | {"Authorization": NUMBER / 2**60}, "02000006"),
        (HEADERS | {"Authorization": Bearer()}, "02000006"),
        (HEADERS | {"Authorization": Text(HIDDEN), "Content-Type": None}, "02000001"),
        (HEADERS | {"authorization": [HIDDEN]}, "02000006"),
        (HEADERS | {"authorization": HIDDEN, "AUTHORIZATION": HIDDEN}, None),
        ({"Authorisation": HIDDEN}, "02000001"),
        (UserDict(HEADERS | {"Authorization": [HIDDEN]}), "02000006"),
        (f"Authorization: {HIDDEN}", "02000006"),
        (f"Authorization: {HIDDEN}".encode(), "02000006"),
        ([("Authorization", HIDDEN)], "02000001"),
        ([("Authorization", [HIDDEN])], "02000006"),
        ([HIDDEN], "02000006"),
    ],
)
def test_report_never_shows_the_authorization(
    headers: object, code: str | None, rules: RuleSet, engine: str, caplog: pytest.LogCaptureFixture
) -> None:
    report = rules.validate_request(path=PATH, headers=headers, body=BODY, engine=engine)
    assert (code in report.codes) if code else report.ok
    views = shown(report) + caplog.text
    assert HIDDEN not in views
    assert str(NUMBER) not in views
    assert str(NUMBER / 2**60) not in views


@pytest.mark.parametrize("part", ["path", "body"])
def test_misplaced_authorization_is_not_shown(part: str, rules: RuleSet, engine: str) -> None:
    parts: dict[str, Any] = {"path": PATH, "headers": HEADERS, "body": BODY}
    parts[part] = parts[part] | {"Authorization": HIDDEN}
    report = rules.validate_request(**parts, engine=engine)
    assert not report.ok
    assert HIDDEN not in shown(report)


@pytest.mark.parametrize(
    ("base", "changes", "dropped", "facts", "expected"),
    [
        (
            "ivr-intelligent",
            {"/ivrParam/callCount": 0},
            [],
            {},
            ("/body/ivrParam/callCount", "02000007"),
        ),
        ("ivr-intelligent", {}, ["/ivrParam"], {}, ("/body/ivrParam", "02000009")),
        (
            "ivr-intelligent",
            {"/ivrParam/a~0": 1},
            ["/ivrParam/callCount"],
            {},
            ("/body/ivrParam/callCount", "02000001"),
        ),
        (
            "previewed",
            {"/skillParam/previewParam/autoCallTime": 18},
            [],
            {},
            ("/body/skillParam/previewParam/autoCallTime", "02000009"),
        ),
        ("previewed", {}, [], {"campaign_exists": False}, ("/body", "0200007")),
        ("previewed", {}, [], {"device_type": 2}, ("/body/deviceType", "02000007")),
    ],
)
def test_body_paths_begin_with_body(
    base: str,
    changes: Mapping[str, Any],
    dropped: list[str],
    facts: dict[str, Any],
    expected: tuple[str, str],
    rules: RuleSet,
    engine: str,
) -> None:
    body = bases()[base]
    for pointer, value in changes.items():
        put(body, pointer, value)
    for pointer in dropped:
        drop(body, pointer)
    assert (
        path_codes(
            rules.validate_request(
                path=PATH, headers=HEADERS, body=body, facts=facts, engine=engine
            )
        )[0]
        == expected
    )


def test_worked_answers_hold_within_a_request(rules: RuleSet, engine: str) -> None:
    for case in some_cases(engine):
        body_report = rules.validate(case.body, case.facts, engine=engine)
        report = rules.validate_request(
            path=PATH, headers=HEADERS, body=case.body, facts=case.facts, engine=engine
        )
        assert path_codes(report) == [
            (f"/body{path}", code) for path, code in path_codes(body_report)
        ], case.name
        assert report.unchecked == body_report.unchecked


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            {"path": PATH, "headers": HEADERS, "body": BODY, "extra": 1, "other": 2},
            [("", "02000011")],
        ),
        ({"path": PATH, "headers": HEADERS, "body": BODY, "extra": 1}, [("", "02000011")]),
        (
            {"path": PATH, "headers": HEADERS, "other": 1},
            [("/body", "02000001"), ("/other", "0200001")],
        ),
        ([], [("", "02000006")]),
        ("", [("", "02000006")]),
        (None, [("", "02000001")]),
    ],
)
def test_request_violation_is_not_in_the_body(
    text: Any, expected: list[tuple[str, str]], rules: RuleSet, engine: str
) -> None:
    report = rules.validate_request_json(json.dumps(text), engine=engine)
    assert path_codes(report) == expected
    for violation in report.violations:
        if violation.path != "/body":
            assert violation.rule.startswith("request.")
            assert violation.source == rules.title
            for locale in ("en_US", "zh_CN"):
                assert "body" not in violation.message(locale)


def test_too_many_members_of_a_request_are_named(rules: RuleSet, engine: str) -> None:
    text = json.dumps({"path": PATH, "headers": HEADERS, "body": BODY, "extra": 1, "Body": 2})
    assert "extra, Body" in rules.validate_request_json(text, engine=engine).violations[0].message()


@pytest.mark.parametrize(
    ("headers", "twice", "empty"),
    [
        ('"authorization": "x", "authorization": "y"', 1, False),
        ('"Authorization": "x", "authorization": "y", "Authorization": "z"', 1, False),
        ('"Authorization": "x", "authorization": "z", "Authorization": ""', 1, True),
        ('"Authorization": "", "authorization": "z"', 1, False),
        ('"authorization": "z", "X": 1, "X": 2', 0, False),
    ],
)
def test_duplicate_header_is_reported_once(
    headers: str, twice: int, empty: bool, rules: RuleSet, engine: str
) -> None:
    text = f'{{"path": {json.dumps(PATH)}, "headers": {{"Content-Type": "application/json; charset=UTF-8", {headers}}}, "body": {json.dumps(BODY)}}}'
    expected = [("/headers/Authorization", "02000001")] * empty + [
        ("/headers/Authorization", "0200001")
    ] * twice
    assert path_codes(rules.validate_request_json(text, engine=engine)) == expected


def test_non_object_request_is_not_shown(rules: RuleSet, engine: str) -> None:
    [violation] = rules.validate_request_json(
        f'"Authorization: {HIDDEN}"', engine=engine
    ).violations
    assert (violation.path, violation.code) == ("", "02000006")
    assert HIDDEN not in violation.message() + repr(violation)


def test_request_messages_name_the_parts(rules: RuleSet, engine: str) -> None:
    text = json.dumps({"path": PATH, "headers": HEADERS, "boddy": BODY})
    messages = [
        one.message() for one in rules.validate_request_json(text, engine=engine).violations
    ]
    assert messages[-1] == '"boddy" is not a documented parameter; did you mean body?'
    text = json.dumps({"path": PATH, "headers": HEADERS, "body": BODY, "boddy": BODY})
    messages = [
        one.message() for one in rules.validate_request_json(text, engine=engine).violations
    ]
    assert messages == [
        "request has more parameters than are documented (3); not documented: boddy; found 4 parameters"
    ]


def test_unknown_engine_lists_engines(rules: RuleSet) -> None:
    with pytest.raises(ValueError, match=r"^unknown engine 'fast'; use one of compiled, cerberus$"):
        rules.validate({}, engine="fast")


def test_request_uses_compiled_engine_by_default(rules: RuleSet) -> None:
    text = json.dumps({"path": PATH, "headers": HEADERS, "body": BODY})
    assert rules.validate_request(path=PATH, headers=HEADERS, body=BODY).ok
    assert rules.validate_request_json(text).ok


def test_request_text_is_checked_with_facts(rules: RuleSet, engine: str) -> None:
    text = json.dumps({"path": PATH, "headers": HEADERS, "body": BODY})
    report = rules.validate_request_json(text, {"campaign_exists": False}, engine=engine)
    assert [(one.path, one.code) for one in report.violations] == [("/body", "0200007")]
    assert "campaign-exists" not in report.unchecked
