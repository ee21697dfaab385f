"""Reports: contents, messages, immutability, equality and pickling."""

from __future__ import annotations

import copy
import json
import pickle
import re
from collections import UserDict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

import isales_rules
from isales_rules import Report, RuleSet, Violation, ruleset
from tests.support.cases import bases, cases, some_cases
from tests.support.rule_sets import fact, load, rule, rule_set, toml

LOCALES = ("en_US", "zh_CN")
VALID = bases()["previewed"]
INVALID = VALID | {
    "name": "",
    "maxAlertingTime": 121,
    "callerNo": None,
    "strEndTime": "2030-10-0723:59:59",
    "odd": 1,
}
SUCCESS = {"resultCode": "0200000", "resultDesc": "", "returnCode": "0200000", "returnDesc": ""}


@pytest.fixture
def invalid_report(rules: RuleSet, engine: str) -> Report:
    return rules.validate(INVALID, engine=engine)


def test_violations_and_distinct_codes_in_order(invalid_report: Report) -> None:
    assert [
        (one.path, one.code, one.severity) for one in invalid_report.violations if one.code
    ] == [
        ("/name", "02000001", "error"),
        ("/callerNo", "02000001", "error"),
        ("/maxAlertingTime", "02000007", "error"),
        ("/odd", "0200001", "error"),
    ]
    assert list(invalid_report.codes) == ["02000001", "02000007", "0200001"]
    assert invalid_report.ok is False
    assert isinstance(invalid_report.violations, tuple)
    assert isinstance(invalid_report.unchecked, tuple)


def test_report_of_valid_body_is_empty(rules: RuleSet, engine: str) -> None:
    report = rules.validate(VALID, engine=engine)
    assert (report.ok, list(report.codes), report.violations) == (True, [], ())


def test_valid_bodies_share_one_report(rules: RuleSet, engine: str) -> None:
    reports = [rules.validate(body, engine=engine) for body in bases().values()]
    assert all(report is reports[0] for report in reports)
    assert rules.validate_json(json.dumps(VALID), engine=engine) is reports[0]


@pytest.mark.parametrize(
    ("body", "path", "source"),
    [
        (VALID | {"name": None}, "/name", "Table 3, No. 1"),
        (VALID | {"maxAlertingTime": 0}, "/maxAlertingTime", "Table 3, No. 7"),
        (
            VALID | {"scheduleParam": VALID["scheduleParam"] | {"holidayEndTime3": "x"}},
            "/scheduleParam/holidayEndTime3",
            "Table 4, No. 8.12",
        ),
        (
            VALID | {"ivrParam": {"deviceSign": "1", "callInterval": 3}},
            "/ivrParam/callCount",
            "Table 5, No. 9.2",
        ),
        (VALID | {"skillParam": {"outBoundType": 6}}, "/skillParam/skillId", "Table 6, No. 10.1"),
        (
            VALID | {"skillParam": VALID["skillParam"] | {"previewParam": {}}},
            "/skillParam/previewParam/autoCallTime",
            "Table 7, No. 10.5.3",
        ),
        (
            VALID | {"skillParam": VALID["skillParam"] | {"predictParam": {}}},
            "/skillParam/predictParam/predictMethod",
            "Table 8, No. 10.4.1",
        ),
    ],
)
def test_violation_has_its_source(
    body: Any, path: str, source: str, rules: RuleSet, engine: str
) -> None:
    assert source in [
        one.source for one in rules.validate(body, engine=engine).violations if one.path == path
    ]


def test_messages_are_complete_in_both_languages(rules: RuleSet, engine: str) -> None:
    for case in some_cases(engine):
        for one in rules.validate(case.body, case.facts, engine=engine).violations:
            assert re.fullmatch(r"[\w.-]+", one.rule), case.name
            assert one.source.startswith(("Table ", "V2 interface")), case.name
            english, chinese = (one.message(locale) for locale in LOCALES)
            assert "$" not in english + chinese, case.name
            assert re.search(r"[\u4e00-\u9fff]", chinese), case.name
            assert not re.search(r"[\u4e00-\u9fff]", english), case.name


def test_default_locales(invalid_report: Report) -> None:
    assert all(
        one.message() == one.message("en_US") == one.message(locale="en_US")
        for one in invalid_report.violations
    )
    assert (
        invalid_report.to_dict()
        == invalid_report.to_dict(locale="en_US")
        != invalid_report.to_dict("zh_CN")
    )
    assert (
        invalid_report.response()
        == invalid_report.response(locale="zh_CN")
        != invalid_report.response("en_US")
    )


@pytest.mark.parametrize("locale", LOCALES)
def test_response_describes_first_error(locale: str, invalid_report: Report) -> None:
    response = invalid_report.response(locale)
    assert list(response) == ["resultCode", "resultDesc", "returnCode", "returnDesc"]
    assert response["resultCode"] == response["returnCode"] == "02000001"
    assert "name" in response["resultDesc"]
    assert response["returnDesc"]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    "body", [VALID, VALID | {"strEndTime": "2030-10-0723:59:59"}], ids=["valid", "advisory"]
)
def test_response_without_errors_is_success(
    body: Any, locale: str, rules: RuleSet, engine: str
) -> None:
    assert rules.validate(body, engine=engine).response(locale) == SUCCESS


def test_warning_is_not_the_response(rules: RuleSet, engine: str) -> None:
    schedule = VALID["scheduleParam"] | {"workdayEndTime1": "07:00"}
    report = rules.validate(VALID | {"scheduleParam": schedule, "callBackUrl": "x"}, engine=engine)
    assert [one.severity for one in report.violations] == ["warning", "error"]
    assert report.response()["resultCode"] == "02000007"
    assert "callBackUrl" in report.response()["resultDesc"]


@pytest.mark.parametrize("locale", LOCALES)
def test_dict_of_report_is_json(locale: str, rules: RuleSet, engine: str) -> None:
    bodies: tuple[Any, ...] = (
        VALID,
        INVALID,
        {"odd": {1: 2}, 3: b"", "deviceType": object()},
        None,
    )
    for body in bodies:
        report = rules.validate(body, engine=engine)
        whole = report.to_dict(locale)
        assert json.loads(json.dumps(whole)) == whole
        assert whole["ok"] is report.ok
        assert whole["codes"] == list(report.codes)
        assert whole["unchecked"] == list(report.unchecked)
        for violation, one in zip(whole["violations"], report.violations, strict=True):
            expected = {
                "code": one.code,
                "path": one.path,
                "rule": one.rule,
                "severity": one.severity,
                "source": one.source,
            }
            assert expected.items() <= violation.items()
            assert one.message(locale) in violation.values()


def test_results_are_new_objects(invalid_report: Report) -> None:
    for give in (
        invalid_report.response,
        invalid_report.to_dict,
        invalid_report.violations[0].to_dict,
    ):
        given: Any = give()
        given.clear()
        assert give() != given


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickled_report_is_equal(protocol: int, rules: RuleSet, engine: str) -> None:
    bodies: tuple[Any, ...] = (
        VALID,
        INVALID,
        {"odd": object(), (1, 2): lambda: 0, "deviceType": len, "name": iter("")},
        [],
        "text",
    )
    for body in bodies:
        report = rules.validate(body, engine=engine)
        again = pickle.loads(pickle.dumps(report, protocol))  # noqa: S301  # made here
        assert again == report
        assert all(
            again.to_dict(locale) == report.to_dict(locale)
            and again.response(locale) == report.response(locale)
            for locale in LOCALES
        )
        for one in report.violations:
            assert pickle.loads(pickle.dumps(one, protocol)) == one  # noqa: S301  # made here
            assert copy.deepcopy(one) == one


@pytest.mark.parametrize(
    "again",
    [lambda rules: pickle.loads(pickle.dumps(rules)), copy.copy, copy.deepcopy],  # noqa: S301  # our own
)  # made here
def test_copied_rule_set_is_equal(again: Any, rules: RuleSet, engine: str) -> None:
    rules.validate(INVALID, engine=engine)
    other = again(rules)
    assert other == rules
    assert hash(other) == hash(rules)
    assert other.validate(INVALID, engine=engine) == rules.validate(INVALID, engine=engine)


def test_unpickled_rule_set_is_shared() -> None:
    text = "".join(
        f"{key} = {toml(value)}\n" for key, value in rule_set({"a": {"type": "integer"}}).items()
    )
    rules = RuleSet.from_toml(text, "shared")
    pickled = pickle.dumps(rules)
    assert pickle.loads(pickled) is rules  # noqa: S301  # made here
    ruleset._shared.cache_clear()  # as in another process
    first, second = pickle.loads(pickled), pickle.loads(pickled)  # noqa: S301  # made here
    assert first is second
    assert first is not rules
    assert first == rules


def test_shipped_rule_set_is_loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = isales_rules.load("campaign-modify-v1")
    monkeypatch.setattr(ruleset, "read_layer", None)
    assert isales_rules.load("campaign-modify-v1") is rules


def test_equality_of_rule_sets(rules: RuleSet) -> None:
    again = isales_rules.load("campaign-modify-v1")
    assert again == rules
    assert len({again, rules}) == 1
    assert rules != "campaign-modify-v1"
    assert repr(rules).isprintable()


def test_equality_of_reports_and_violations(rules: RuleSet) -> None:
    compiled, cerberus = (
        rules.validate(INVALID, engine=engine) for engine in ("compiled", "cerberus")
    )
    assert compiled == cerberus
    assert hash(compiled) == hash(cerberus)
    assert len({*compiled.violations, *cerberus.violations}) == len(compiled.violations)
    assert compiled != rules.validate(INVALID | {"maxAlertingTime": 7})
    assert compiled != rules.validate(INVALID, {"device_type": 5})
    assert compiled != rules.validate(VALID)
    assert compiled != compiled.violations
    assert compiled.violations[0] != compiled.violations[1]
    assert compiled.violations[0] != "02000001"


@pytest.mark.parametrize("name", ["name", "title", "facts", "validate", "new"])
def test_rule_set_is_immutable(name: str, rules: RuleSet) -> None:
    with pytest.raises((AttributeError, TypeError)):
        setattr(rules, name, "x")
    with pytest.raises((AttributeError, TypeError)):
        delattr(rules, name)


def leaves(value: object) -> Iterator[object]:
    """Yield the value and everything inside it."""
    yield value
    inner = (
        value.values()
        if isinstance(value, Mapping)
        else value
        if isinstance(value, list | tuple)
        else ()
    )
    for one in inner:
        yield from leaves(one)


def test_facts_and_meanings_are_read_only(rules: RuleSet) -> None:
    for value in leaves((rules.facts, rules.codes())):
        assert isinstance(value, str | bool | int | tuple | MappingProxyType)


@pytest.mark.parametrize("locale", ["xx", "", None, 5])
def test_rule_set_rejects_unknown_locale(locale: Any, rules: RuleSet) -> None:
    for method in (rules.codes, rules.expectations):
        with pytest.raises(ValueError, match="use one of en_US, zh_CN"):
            method(locale)


@pytest.mark.parametrize("name", ["ok", "codes", "violations", "unchecked", "response", "new"])
@pytest.mark.parametrize("body", [VALID, INVALID], ids=["valid", "invalid"])
def test_report_is_immutable(body: Any, name: str, rules: RuleSet) -> None:
    report = pickle.loads(pickle.dumps(rules.validate(body)))  # noqa: S301  # a copy, so that the shared report stays as it is
    with pytest.raises(AttributeError):
        setattr(report, name, ())
    with pytest.raises(AttributeError):
        delattr(report, name)


@pytest.mark.parametrize("name", ["code", "path", "rule", "severity", "source", "message", "new"])
def test_violation_is_immutable(name: str, invalid_report: Report) -> None:
    violation: Violation = invalid_report.violations[0]
    with pytest.raises(AttributeError):
        setattr(violation, name, "x")
    with pytest.raises(AttributeError):
        delattr(violation, name)


@pytest.mark.parametrize("locale", ["fr_FR", "en_GB", "zh_CN ", "z", "", None, []])
def test_unknown_locale_is_value_error(
    locale: Any, invalid_report: Report, rules: RuleSet, engine: str
) -> None:
    good = rules.validate(VALID, engine=engine)
    for ask in (
        invalid_report.violations[0].message,
        invalid_report.violations[0].to_dict,
        invalid_report.to_dict,
        invalid_report.response,
        good.response,
        good.to_dict,
        rules.codes,
        rules.expectations,
    ):
        with pytest.raises(ValueError, match="locale"):
            ask(locale)


@pytest.mark.parametrize(
    ("tag", "locale"),
    [
        ("en", "en_US"),
        ("en-US", "en_US"),
        ("EN-us", "en_US"),
        ("zh", "zh_CN"),
        ("zh-CN", "zh_CN"),
        ("zh_cn", "zh_CN"),
    ],
)
def test_language_tags_are_locales(
    tag: str, locale: str, invalid_report: Report, rules: RuleSet
) -> None:
    one = invalid_report.violations[0]
    good = rules.validate(VALID)
    for ask in (
        one.message,
        one.hint,
        one.to_dict,
        invalid_report.to_dict,
        invalid_report.response,
        good.response,
        good.to_dict,
        rules.codes,
    ):
        assert ask(tag) == ask(locale)
    assert list(rules.expectations(tag)) == list(rules.expectations(locale))


@pytest.mark.parametrize("engine", ["", "Compiled", "jsonschema"])
def test_unknown_engine_is_value_error(engine: str, rules: RuleSet) -> None:
    for text in (json.dumps(VALID), "[", ""):
        with pytest.raises(ValueError, match="engine"):
            rules.validate_json(text, engine=engine)
    with pytest.raises(ValueError, match="engine"):
        rules.validate(VALID, engine=engine)
    with pytest.raises(ValueError, match="engine"):
        rules.validate_request(engine=engine)


def test_threads_share_a_rule_set(engine: str) -> None:
    rules = isales_rules.load("campaign-modify-v1")
    some = list(cases())[::25]
    with ThreadPoolExecutor(8) as pool:
        reports = list(
            pool.map(lambda case: rules.validate(case.body, case.facts, engine=engine), some * 4)
        )
    for case, report in zip(some * 4, reports, strict=True):
        assert sorted([one.path, one.code] for one in report.violations if one.code) == sorted(
            case.expect
        ), case.name


def test_representations_are_one_short_line(rules: RuleSet, engine: str) -> None:
    report = rules.validate(INVALID | {"maxAlertingTime": "\n" * 10_000}, engine=engine)
    for shown in (repr(report), str(report), *map(repr, report.violations)):
        assert shown.isprintable()
        assert len(shown) < 500


def test_message_without_values(rules: RuleSet, engine: str) -> None:
    times = {"strBeginTime": "2030-10-08 00:00:00", "strEndTime": "2030-10-07 00:00:00"}
    wrong = VALID | {"callerNo": "s3cret", "maxAlertingTime": 47111, **times, "odd": 1}
    assert [
        one.message(values=False) for one in rules.validate(wrong, engine=engine).violations
    ] == [
        'callerNo may only have these characters: "0123456789*#"; what was found is not shown',
        "maxAlertingTime must be from 5 to 120; what was found is not shown",
        "strEndTime must be later than strBeginTime, …; what was found is not shown",
        '"odd" is not a documented parameter',
    ]
    assert (
        rules.validate({"name": "a" * 101}, engine=engine)
        .violations[0]
        .message("zh_CN", values=False)
        == "name 最多 100 个字符；实际值不显示"
    )


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        ({"maxAlertingTime": "30"}, "write the number without quotation marks"),
        ({"maxAlertingTime": "-30"}, "write the number without quotation marks"),
        ({"maxAlertingTime": "x"}, ""),
        ({"maxAlertingTime": "\uff13"}, ""),
        ({"callerNo": 10085}, "write it in quotation marks"),
        ({"callerNo": True}, ""),
        ({"strBeginTime": "2030-9-1"}, 'for example "2099-01-01 08:30:00"'),
        (
            {"scheduleParam": VALID["scheduleParam"] | {"workdayBeginTime1": "8"}},
            'for example "08:30"',
        ),
        ({"callerNo": "x"}, ""),
        ({"odd": 1}, ""),
    ],
)
def test_hint_suggests_correction(change: dict[str, Any], hint: str, engine: str) -> None:
    [one] = (
        isales_rules.load("campaign-modify-v1").validate(VALID | change, engine=engine).violations
    )
    assert one.hint() == hint
    assert bool(one.hint("zh_CN")) is bool(hint)
    with pytest.raises(ValueError, match="unknown locale"):
        one.hint("de_DE")


def test_messages_distinguish_absent_null_and_empty(rules: RuleSet, engine: str) -> None:
    body = {
        **VALID,
        "callBackUrl": "",
        "callerNo": None,
        "scheduleParam": {"workdayBeginTime1": "08:00", "workdayEndTime1": ""},
    }
    del body["name"]
    expected = ["; name is missing", "; found null", '; found ""', '; found ""']
    for values in (True, False):
        messages = [
            one.message(values=values) for one in rules.validate(body, engine=engine).violations
        ]
        assert sorted(
            one.partition(";")[0] and one[one.index(";") :] for one in messages
        ) == sorted(expected)
    assert (
        rules.validate(body, engine=engine).violations[0].message("zh_CN")
        == "name 为必填，不能为空；缺少 name"
    )


def test_missing_secret_is_reported_as_missing(rules: RuleSet, engine: str) -> None:
    for headers, end in (
        ({}, "Authorization is missing"),
        ({"Authorization": None}, "found null"),
        ({"Authorization": 5}, "is not shown"),
    ):
        report = rules.validate_request(
            path={"vdnId": 1, "campaignId": 1},
            headers={"Content-Type": "application/json", **headers},
            body=VALID,
            engine=engine,
        )
        [message] = [
            one.message() for one in report.violations if one.path == "/headers/Authorization"
        ]
        assert message.endswith(end)
        assert message == pickle.loads(pickle.dumps(report)).violations[-1].message()  # noqa: S301  # made in the line itself


def test_name_of_item_has_its_index(tmp_path: Path, engine: str) -> None:
    inner = {"type": "list", "maxitems": 1, "schema": {"type": "integer", "max": 5}}
    rules = load(tmp_path, rule_set({"xs": {"type": "list", "schema": inner}}))
    assert [
        one.message() for one in rules.validate({"xs": [[1], [7, "a"]]}, engine=engine).violations
    ] == [
        "xs[1] must have at most 1 entries; found 2 entries",
        "xs[1][0] must be at most 5; found 7",
        'xs[1][1] must be an integer; found "a"',
    ]
    assert "xs[…][…] must be at most 5" in [text for _, text in rules.expectations()]


def test_hint_lists_options_with_labels(tmp_path: Path, engine: str) -> None:
    labels = {"en_US": ["one", "two"], "zh_CN": ["一", "二"]}
    rules = load(
        tmp_path,
        rule_set({"kind": {"type": "integer", "allowed": [1, 2], "allowed_labels": labels}}),
    )
    [one] = rules.validate({"kind": 3}, engine=engine).violations
    assert (one.hint(), one.hint("zh_CN")) == ("1: one\n2: two", "1: 一\n2: 二")


def test_hint_shows_default_or_format(tmp_path: Path, engine: str) -> None:
    defaults: dict[str, Any] = {"integer": 70, "string": "a\n", "boolean": False}
    rows = {
        type: {"type": type, "required": True, "default": default}
        for type, default in defaults.items()
    }
    rows["list"] = {"type": "list", "required": True, "default": [1], "schema": {"type": "integer"}}
    day = {"type": "string", "format": ["dd.MM.yyyy", "yyyy-MM-dd"]}
    report = load(tmp_path, rule_set(rows | {"day": day})).validate({"day": "x"}, engine=engine)
    defaults_shown = ["70", '"a\\n"', "false", "an array"]
    assert [one.hint() for one in report.violations] == [
        *(f"the document names the default {one}" for one in defaults_shown),
        'for example "01.01.2099"',
    ]


def test_hint_shows_documented_default(rules: RuleSet, engine: str) -> None:
    body = bases()["predicted-experience"]
    del body["skillParam"]["predictParam"]["expPredictParam"]["outBoundRate"]
    [one] = rules.validate(body, engine=engine).violations
    assert (one.hint(), one.hint("zh_CN")) == (
        "the document names the default 70",
        "文档给出的默认值为 70",
    )


def test_dict_of_violation(invalid_report: Report) -> None:
    for one in invalid_report.violations:
        named: Any = {
            "code": one.code,
            "path": one.path,
            "location": [*one.location],
            "rule": one.rule,
            "keyword": one.keyword,
            "params": one.params,
            "severity": one.severity,
            "source": one.source,
            "message": one.message("zh_CN"),
            "hint": one.hint("zh_CN"),
        }
        assert one.to_dict("zh_CN") == named


def test_representations(rules: RuleSet, engine: str, invalid_report: Report) -> None:
    assert (
        repr(invalid_report)
        == f"<Report {', '.join(invalid_report.codes)}, {len(invalid_report.violations)} violations>"
    )
    assert repr(rules.validate(VALID, engine=engine)) == "<Report ok, 0 violations>"
    error = next(one for one in invalid_report.violations if one.path == "/name")
    advisory = next(one for one in invalid_report.violations if one.severity == "warning")
    assert repr(error) == f"<Violation 02000001 at '/name': {error.message()}>"
    assert repr(advisory) == f"<Violation warning at '/strEndTime': {advisory.message()}>"


def test_response_to_invalid_body_has_no_path(rules: RuleSet, engine: str) -> None:
    assert (
        rules.validate(None, engine=engine).response("en_US")["resultDesc"]
        == "body is mandatory and must not be empty; found null"
    )


def test_error_lists_known_locales(invalid_report: Report) -> None:
    with pytest.raises(ValueError, match=r"unknown locale 'de_DE'; use one of en_US, zh_CN$"):
        invalid_report.to_dict("de_DE")


def test_message_shows_bound_after_pickling(tmp_path: Path, engine: str) -> None:
    data = rule_set(
        {
            "a": {"type": "integer"},
            "b": {"type": "integer"},
            "first": {"type": "string", "format": "yyyy-MM-dd"},
        },
        facts={"now": fact("datetime")},
        rules=[
            rule(
                {
                    "then": {
                        "a": {"le": {"parameter": "b"}},
                        "first": {"ge": {"fact": "now"}},
                    }
                },
                message={"en_US": "$name is against $other", "zh_CN": "$name 与 $other 不符"},
            )
        ],
    )
    stated = {"now": datetime(2031, 1, 2, 3, 4, 5, 6)}
    report = load(tmp_path, data).validate(
        {"a": 2, "b": 1, "first": "2031-01-01"}, stated, engine=engine
    )
    for one in (report, pickle.loads(pickle.dumps(report))):  # noqa: S301  # made in the line itself
        assert [violation.path for violation in one.violations] == ["/a", "/first"]
        assert [violation.message() for violation in one.violations] == [
            "a is against 1; found 2",
            'first is against 2031-01-02 03:04:05; found "2031-01-01"',
        ]


def test_undocumented_parameter_suggests_name(tmp_path: Path, engine: str) -> None:
    rules = load(
        tmp_path,
        rule_set(
            {"first": {"type": "string"}, "last": {"type": "string"}, "x": {"type": "string"}}
        ),
    )
    messages = {
        one.path: one.message()
        for one in rules.validate({"zzzzz": 1, "firts": 2}, engine=engine).violations
    }
    assert messages == {
        "/zzzzz": '"zzzzz" is not a documented parameter',
        "/firts": '"firts" is not a documented parameter; did you mean first?',
    }
    assert "… is not a documented parameter" in [text for _, text in rules.expectations()]


class Foreign:
    pass


LONG_NAME = type("T" * 61, (), {})
SHOWN: list[tuple[Any, str]] = [
    (None, "null"),
    (True, "true"),
    (1.5, "1.5"),
    (float("nan"), "nan"),
    (-7, "-7"),
    (2**199 - 1, str(2**199 - 1)),
    (2**199, "an integer of some 61 digits"),
    (-(2**199), "an integer of some 61 digits"),
    (10**40_000, "an integer of some 40001 digits"),
    ({"a": 1}, "an object"),
    ([1], "an array"),
    ("x" * 60, f'"{"x" * 60}"'),
    ("x" * 61, f'"{"x" * 59}…"'),
    ('a"b\\c\n\u202eé😀', r'"a\"b\\c\n\u202eé😀"'),
    (Foreign(), "a value of the Python type Foreign"),
    (LONG_NAME(), f"a value of the Python type {'T' * 59}…"),
]


@pytest.mark.parametrize(("value", "shown"), SHOWN, ids=[shown[:40] for _, shown in SHOWN])
def test_value_is_shown_short_and_printable(
    value: Any, shown: str, tmp_path: Path, engine: str
) -> None:
    rules = load(
        tmp_path,
        rule_set(
            {"value": {"type": "integer" if isinstance(value, str) else "string", "required": True}}
        ),
    )
    [violation] = rules.validate({"value": value}, engine=engine).violations
    assert violation.message().endswith(f"; found {shown}")
    assert pickle.loads(pickle.dumps(violation)).message() == violation.message()  # noqa: S301  # made in the line itself


KEYS: list[tuple[Any, str]] = [
    (7, "7"),
    (2**199 - 1, str(2**199 - 1)),
    (2**199, "0x8" + "0" * 49),
    (1.5, "1.5"),
    (True, "true"),
    (None, "null"),
    ((1,), "<tuple>"),
    (LONG_NAME(), f"<{'T' * 61}>"),
]


@pytest.mark.parametrize("kind", [dict, UserDict])
@pytest.mark.parametrize(("key", "part"), KEYS, ids=[part[:20] for _, part in KEYS])
def test_path_with_key_that_is_not_a_string(
    key: Any, part: str, kind: type, rules: RuleSet, engine: str
) -> None:
    [violation] = rules.validate(kind(VALID | {key: 1}), engine=engine).violations
    assert (violation.code, violation.path) == ("0200001", f"/{part}")
    assert violation.message().endswith(" is not a documented parameter")
    assert pickle.loads(pickle.dumps(violation)).path == violation.path  # noqa: S301  # made in the line itself


def test_response_shortens_and_escapes_path(rules: RuleSet, engine: str) -> None:
    first = rules.validate(VALID | {"n" * 60 + "\n": {}}, engine=engine).response("en_US")
    assert first["resultDesc"].startswith(f"/{'n' * 59}…: ")
    assert (
        rules.validate(VALID | {"a\nb": {}}, engine=engine)
        .response("en_US")["resultDesc"]
        .startswith("/a\\nb: ")
    )
    inner = VALID | {"scheduleParam": VALID["scheduleParam"] | {"a/b": 1}}
    assert (
        rules.validate(inner, engine=engine)
        .response("en_US")["resultDesc"]
        .startswith("/scheduleParam/a~1b: ")
    )
