"""Facts: their violations, rules unchecked without them, and invalid facts."""

from __future__ import annotations

import copy
import json
import time
from datetime import UTC, date, datetime, timedelta, timezone
from enum import IntEnum
from pathlib import Path
from typing import Any

import pytest

from isales_rules import FactError, Report, RuleSet
from tests.support.cases import bases, put
from tests.support.rule_sets import load, rule_set

RULES = {
    "now": {"begin-not-past", "ends-in-the-past"},
    "campaign_exists": {"campaign-exists"},
    "campaign_expired": {"campaign-not-expired"},
    "device_type": {"device-type-kept"},
    "campaign_names": {"name-unique"},
    "skill_ids": {"skill-queue-known"},
}
NOON = datetime(2030, 9, 10, 12)
MIDNIGHT = datetime(2030, 9, 11)
BEFORE = MIDNIGHT - timedelta(seconds=1)
FACTS: dict[str, Any] = {
    "now": NOON,
    "campaign_exists": True,
    "campaign_expired": False,
    "device_type": 2,
    "campaign_names": ["other"],
    "skill_ids": {5},
}


class Device(IntEnum):
    SKILL = 2
    PREVIEWED = 5


class Name(str):
    __slots__ = ()


class Moment(datetime):
    pass


def at(hours: int, moment: datetime) -> datetime:
    return moment.replace(tzinfo=timezone(timedelta(hours=hours)))


def answer(
    rules: RuleSet, engine: str, changes: dict[str, Any], facts: dict[str, Any]
) -> list[tuple[str, str | None]]:
    body = bases()["predicted-offhook"]
    for pointer, value in changes.items():
        put(body, pointer, value)
    return [
        (one.path, one.code)
        for one in rules.validate(body, facts, engine=engine).violations
        if one.severity == "error"
    ]


PAST = [("/strBeginTime", "0200002")]


@pytest.mark.parametrize(
    ("begin", "now", "expected"),
    [
        ("2030-09-10 00:00:00", NOON, []),
        ("2030-09-10 00:00:00", datetime(2030, 9, 10), []),
        ("2030-09-10 00:00:00", MIDNIGHT - timedelta(microseconds=1), []),
        ("2030-09-10 23:59:59", MIDNIGHT, PAST),
        ("2030-09-10 00:00:00", MIDNIGHT.replace(tzinfo=UTC), PAST),
        ("2030-09-10 00:00:00", at(8, datetime(2030, 9, 11, 7, 59, 59)), []),
        ("2030-09-10 00:00:00", at(8, datetime(2030, 9, 11, 8)), PAST),
        ("2030-09-10 00:00:00", at(-5, datetime(2030, 9, 10, 18, 59, 59)), []),
        ("2030-09-10 00:00:00", at(-5, datetime(2030, 9, 10, 19)), PAST),
        ("2030-09-10 00:00:00", Moment(2030, 9, 11), PAST),
        ("0001-01-01 00:00:00", datetime.min, []),
        ("2030-09-31 00:00:00", MIDNIGHT, [("/strBeginTime", "02000008")]),
        (20300910, MIDNIGHT, [("/strBeginTime", "02000006")]),
        ("", MIDNIGHT, []),
        (None, MIDNIGHT, []),
    ],
)
def test_begin_before_today_in_utc_is_past(
    begin: Any, now: datetime, expected: list[tuple[str, str]], rules: RuleSet, engine: str
) -> None:
    assert answer(rules, engine, {"/strBeginTime": begin}, {"now": now}) == expected


LONG = "n" * 101


@pytest.mark.parametrize(
    ("facts", "changes", "expected"),
    [
        ({"campaign_exists": True}, {}, []),
        ({"campaign_exists": False}, {}, [("", "0200007")]),
        ({"campaign_expired": False}, {}, []),
        ({"campaign_expired": True}, {}, [("", "0200016")]),
        ({"device_type": 2}, {}, []),
        ({"device_type": Device.SKILL}, {}, []),
        ({"device_type": 1}, {}, [("/deviceType", "02000007")]),
        ({"device_type": Device.PREVIEWED}, {}, [("/deviceType", "02000007")]),
        ({"device_type": 10**30}, {}, [("/deviceType", "02000007")]),
        ({"device_type": 1}, {"/deviceType": 4}, [("/deviceType", "02000007")]),
        ({"device_type": 1}, {"/deviceType": True}, [("/deviceType", "02000006")]),
        ({"device_type": 1}, {"/deviceType": None}, [("/deviceType", "02000001")]),
        ({"campaign_names": ["other", "campaign 2"]}, {}, [("/name", "0200005")]),
        ({"campaign_names": ("campaign 2",)}, {}, [("/name", "0200005")]),
        ({"campaign_names": {"campaign 2": 1}.keys()}, {}, [("/name", "0200005")]),
        ({"campaign_names": frozenset({Name("campaign 2")})}, {}, [("/name", "0200005")]),
        ({"campaign_names": ["Campaign 2", "campaign 2 ", "campaign"]}, {}, []),
        ({"campaign_names": []}, {}, []),
        ({"campaign_names": [LONG]}, {"/name": LONG}, [("/name", "02000003")]),
        ({"campaign_names": [""]}, {"/name": ""}, [("/name", "02000001")]),
        ({"skill_ids": {5, 6}}, {}, []),
        ({"skill_ids": range(1, 9)}, {}, []),
        ({"skill_ids": [Device.PREVIEWED]}, {}, []),
        ({"skill_ids": [6]}, {}, [("/skillParam/skillId", "0200017")]),
        ({"skill_ids": ()}, {}, [("/skillParam/skillId", "0200017")]),
        ({"skill_ids": [5]}, {"/skillParam/skillId": 0}, [("/skillParam/skillId", "02000007")]),
        ({"skill_ids": [1]}, {"/skillParam/skillId": True}, [("/skillParam/skillId", "02000006")]),
        ({"skill_ids": [5]}, {"/skillParam/skillId": 5.0}, [("/skillParam/skillId", "02000006")]),
        ({"skill_ids": [6]}, {"/skillParam": None}, [("/skillParam", "02000009")]),
        (
            {"skill_ids": [6]},
            {"/deviceType": 1, "/ivrParam": {"deviceSign": "1", "callCount": 3, "callInterval": 3}},
            [("/skillParam/skillId", "0200017")],
        ),
        (
            {
                "campaign_exists": False,
                "campaign_expired": True,
                "device_type": 1,
                "campaign_names": ["campaign 2"],
                "skill_ids": [],
                "now": MIDNIGHT,
            },
            {},
            [
                ("/skillParam/skillId", "0200017"),
                ("/strBeginTime", "0200002"),
                ("", "0200007"),
                ("", "0200016"),
                ("/deviceType", "02000007"),
                ("/name", "0200005"),
            ],
        ),
    ],
)
def test_stated_fact_is_compared_with_parameters(
    facts: dict[str, Any],
    changes: dict[str, Any],
    expected: list[tuple[str, str]],
    rules: RuleSet,
    engine: str,
) -> None:
    assert sorted(answer(rules, engine, changes, facts)) == sorted(expected)


EXPIRED = {"campaign_exists": False, "campaign_expired": True, "device_type": 1, "skill_ids": []}


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("null", "02000001"),
        (" ", "02000001"),
        ("[]", "02000006"),
        ('""', "02000006"),
        ("7", "02000006"),
        ("{", "02000008"),
    ],
)
def test_campaign_rules_apply_to_any_body(text: str, own: str, rules: RuleSet, engine: str) -> None:
    expected = [("", own), ("", "0200007"), ("", "0200016")]
    report = rules.validate_json(text, EXPIRED, engine=engine)
    assert [(one.path, one.code) for one in report.violations] == expected
    if own not in ("02000008", "02000001") or text == "null":
        assert rules.validate(json.loads(text), EXPIRED, engine=engine) == report
    in_body = [(f"/body{path}", code) for path, code in expected]
    report = rules.validate_request(body=text, facts=EXPIRED, engine=engine)
    assert [
        (one.path, one.code) for one in report.violations if one.path.startswith("/body")
    ] == in_body
    assert "campaign-exists" not in report.unchecked


@pytest.mark.parametrize("text", ["[]", "null", "{"])
def test_campaign_rules_apply_without_a_request(text: str, rules: RuleSet, engine: str) -> None:
    report = rules.validate_request_json(text, EXPIRED, engine=engine)
    assert [(one.path, one.code) for one in report.violations][1:] == [
        ("/body", "0200007"),
        ("/body", "0200016"),
    ]


def test_campaign_rules_apply_once(rules: RuleSet, engine: str) -> None:
    report = rules.validate({}, EXPIRED, engine=engine)
    assert [one.code for one in report.violations if one.path == ""] == ["0200007", "0200016"]


def test_matching_facts_leave_nothing_unchecked(rules: RuleSet, engine: str) -> None:
    report = rules.validate(bases()["predicted-offhook"], FACTS, engine=engine)
    assert (report.violations, report.unchecked) == ((), ())


@pytest.mark.parametrize("body", [bases()["predicted-offhook"], bases()["preempted"], {}, None, []])
def test_rules_of_missing_facts_are_unchecked(body: Any, rules: RuleSet, engine: str) -> None:
    all_rules = set().union(*RULES.values())
    assert set(rules.validate(body, engine=engine).unchecked) == all_rules
    assert rules.validate(body, {}, engine=engine) == rules.validate(body, engine=engine)
    for fact, value in FACTS.items():
        unchecked = rules.validate(body, {fact: value}, engine=engine).unchecked
        assert len(unchecked) == len(set(unchecked))
        assert set(unchecked) == all_rules - RULES[fact]


@pytest.mark.parametrize("text", ["{}", "", "[", '{"a": 1e400}'])
def test_texts_and_requests_list_unchecked_rules(text: str, rules: RuleSet, engine: str) -> None:
    expected = set().union(*RULES.values()) - RULES["now"]
    assert set(rules.validate_json(text, {"now": NOON}, engine=engine).unchecked) == expected
    assert (
        set(rules.validate_request(body=text, facts={"now": NOON}, engine=engine).unchecked)
        == expected
    )


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("nwo", "now"),
        ("device-type", "device_type"),
        ("campaign_name", "campaign_names"),
        ("deviceType", "device_type"),
        ("zzz", None),
        (1, None),
        (None, None),
    ],
)
def test_undeclared_fact_suggests_the_nearest(name: Any, near: str | None, rules: RuleSet) -> None:
    for facts in ({name: True}, {"now": NOON, name: True}):
        with pytest.raises(FactError) as caught:
            rules.validate({}, facts)
        assert str(name) in str(caught.value)
        assert near is None or f"{near!r}?" in str(caught.value)


def test_undeclared_fact_lists_declared_facts(rules: RuleSet) -> None:
    with pytest.raises(FactError) as caught:
        rules.validate({}, {"q" * 100: True})
    assert str(caught.value) == f"unknown fact '{'q' * 64}'; use one of {', '.join(rules.facts)}"


@pytest.mark.parametrize("moment", [at(8, datetime.min), at(-5, datetime.max)])
def test_time_outside_utc_range_is_rejected(moment: datetime, rules: RuleSet) -> None:
    with pytest.raises(FactError, match="'now' is out of range in UTC"):
        rules.validate({}, {"now": moment})


@pytest.mark.skipif(
    not hasattr(time, "tzset"), reason="the zone of a process cannot be changed here"
)
def test_facts_ignore_the_local_time_zone(
    rules: RuleSet, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = {"/strBeginTime": "2030-09-10 00:00:00"}
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "UTC-08:00")
        time.tzset()
        actual = [
            answer(rules, engine, begin, {"now": now})
            for now in (BEFORE, MIDNIGHT, BEFORE.replace(tzinfo=UTC), MIDNIGHT.replace(tzinfo=UTC))
        ]
    time.tzset()
    assert actual == [[], PAST] * 2


class NotATime(datetime):
    """Like `pandas.NaT`: an instance of `datetime` that does not equal itself."""

    def __eq__(self, other: object) -> bool:
        return False

    def __ne__(self, other: object) -> bool:
        return True

    __hash__ = datetime.__hash__


INVALID: dict[str, list[Any]] = {
    "now": [
        NotATime(2030, 9, 10),
        date(2030, 9, 10),
        "2030-09-10 12:00:00",
        1915358400,
        None,
        True,
        NOON.time(),
    ],
    "campaign_exists": [1, 0, "true", None],
    "campaign_expired": [4, 0.0, "", None],
    "device_type": [True, 1.0, "1", None, [1]],
    "campaign_names": [
        "campaign 2",
        b"campaign 2",
        None,
        5,
        [1],
        ["a", None],
        [b"a"],
        [["a"]],
        iter(["a"]),
    ],
    "skill_ids": [5, "5", b"\x05", None, ["5"], [5.0], [5, True], [None], [[5]]],
}


@pytest.mark.parametrize(
    ("fact", "value"), [(fact, value) for fact, values in INVALID.items() for value in values]
)
def test_fact_of_wrong_type_is_named(fact: str, value: object, rules: RuleSet) -> None:
    with pytest.raises(FactError, match=rf"\b{fact}\b"):
        rules.validate({}, {fact: value})


@pytest.mark.parametrize("facts", [{"nwo": NOON}, {"now": "today"}, {"device_type": True}])
def test_every_method_rejects_invalid_facts(
    facts: dict[str, Any], rules: RuleSet, engine: str
) -> None:
    with pytest.raises(FactError):
        rules.validate(None, facts, engine=engine)
    with pytest.raises(FactError):
        rules.validate_json("[", facts, engine=engine)
    with pytest.raises(FactError):
        rules.validate_request(facts=facts, engine=engine)


def test_facts_are_read_during_validation(rules: RuleSet, engine: str) -> None:
    names = ["campaign 2"]
    facts = {"campaign_names": names}
    report: Report = rules.validate(bases()["predicted-offhook"], facts, engine=engine)
    names.clear()
    assert [one.code for one in report.violations] == ["0200005"]
    assert facts == {"campaign_names": []}


@pytest.mark.parametrize("locale", ["en_US", "zh_CN"])
def test_message_shows_the_stated_fact(locale: str, rules: RuleSet, engine: str) -> None:
    body = bases()["predicted-offhook"]
    begin, device = rules.validate(
        body, {"now": MIDNIGHT, "device_type": 3}, engine=engine
    ).violations
    assert "2030-09-11" in begin.message(locale)
    assert "3" in device.message(locale)


# --- The reply of the query interface --------------------------------------------------------

CAMPAIGN = {"id": 5, "status": 2, "name": "Autumn", "deviceType": 2, "description": None}


def reply(campaign: Any) -> dict[str, Any]:
    return {"resultCode": "0200000", "resultDesc": "", "returnObject": campaign}


@pytest.mark.parametrize(
    ("campaign", "expected"),
    [
        (CAMPAIGN, {"campaign_exists": True, "campaign_expired": False, "device_type": 2}),
        (
            CAMPAIGN | {"status": 3},
            {"campaign_exists": True, "campaign_expired": False, "device_type": 2},
        ),
        (
            CAMPAIGN | {"status": 4},
            {"campaign_exists": True, "campaign_expired": True, "device_type": 2},
        ),
        (
            CAMPAIGN | {"status": 4.0, "deviceType": 5},
            {"campaign_exists": True, "campaign_expired": False, "device_type": 5},
        ),
        (CAMPAIGN | {"status": None, "deviceType": ""}, {"campaign_exists": True}),
        ({"id": "5"}, {"campaign_exists": True}),
        ({"id": None, "status": 4}, {"campaign_exists": False, "campaign_expired": True}),
        (None, {"campaign_exists": False}),
    ],
)
def test_reply_states_facts(campaign: Any, expected: dict[str, Any], rules: RuleSet) -> None:
    assert rules.facts_of_reply(reply(campaign)) == expected


def test_facts_of_reply_are_used(rules: RuleSet, engine: str) -> None:
    expired = rules.facts_of_reply(reply(CAMPAIGN | {"status": 4, "deviceType": 5}))
    assert answer(rules, engine, {}, expired) == [("", "0200016"), ("/deviceType", "02000007")]
    assert answer(rules, engine, {}, rules.facts_of_reply(reply(None))) == [("", "0200007")]


@pytest.mark.parametrize(
    ("invalid", "words"),
    [
        (None, "must be an object with the member 'returnObject'"),
        ([], "must be an object with the member 'returnObject'"),
        ({}, "must be an object with the member 'returnObject'"),
        (reply([]), "must be an object, not list"),
        (reply({"id": 5, "deviceType": "2"}), "'device_type' must be an int, not str"),
        (reply(None) | {"resultCode": "0200003"}, "reports a failure, '0200003'"),
        (reply(None) | {"resultCode": "9" * 100}, f"reports a failure, '{'9' * 64}'"),
    ],
)
def test_invalid_or_failed_reply_raises(invalid: Any, words: str, rules: RuleSet) -> None:
    with pytest.raises(FactError, match=words):
        rules.facts_of_reply(invalid)


@pytest.mark.parametrize("facts", [[("now", NOON)], "now", 5])
def test_facts_must_be_a_mapping(facts: Any, rules: RuleSet) -> None:
    with pytest.raises(
        FactError, match=f"must be a mapping of names to values, not {type(facts).__name__}"
    ):
        rules.validate({}, facts)


def test_rule_set_without_reply_raises(tmp_path: Path) -> None:
    with pytest.raises(FactError, match="does not describe replies"):
        load(tmp_path, rule_set({})).facts_of_reply(reply(CAMPAIGN))


# --- A returned campaign, sent back ----------------------------------------------------------


VALID = bases()["predicted-offhook"]


def returned(
    rules: RuleSet, whole: Any, engine: str = "compiled", **facts: Any
) -> list[tuple[str, str]]:
    text = whole if isinstance(whole, str) else json.dumps(whole)
    return [
        (one.path, one.code or one.rule)
        for one in rules.validate_reply_json(text, facts, engine=engine).violations
    ]


@pytest.mark.parametrize(
    ("whole", "expected"),
    [
        (reply({**VALID, "id": 7, "status": 2}), []),
        (reply({**VALID, "id": 7, "status": 4}), [("/returnObject", "0200016")]),
        (reply({**VALID, "id": 7, "name": None}), [("/returnObject/name", "02000001")]),
        (reply(None), [("/returnObject", "02000001")]),
        (reply([]), [("/returnObject", "02000006")]),
        ({}, [("/returnObject", "02000001")]),
        ([], [("", "02000006")]),
        (None, [("", "02000001")]),
        ("", [("", "02000001")]),
        ("{", [("", "02000008")]),
        (reply(None) | {"resultCode": "0200007"}, [("/returnObject", "02000001")]),
    ],
)
def test_campaign_in_reply_is_validated(
    whole: Any, expected: Any, engine: str, rules: RuleSet
) -> None:
    assert [
        one for one in returned(rules, whole, engine) if one != ("/returnObject", "0200007")
    ] == expected


@pytest.mark.parametrize(
    ("whole", "path", "message"),
    [
        (
            reply(None) | {"resultCode": "0200007"},
            "/returnObject",
            "the result code 0200007, so there is no campaign to check",
        ),
        (
            {"resultCode": "0200003"},
            "/returnObject",
            "the result code 0200003, so there is no campaign to check",
        ),
        (reply(None), "/returnObject", "returnObject is mandatory"),
        ([], "", "reply must be an object"),
        (None, "", "reply is mandatory"),
    ],
)
def test_reply_without_campaign_explains_why(
    whole: Any, path: str, message: str, rules: RuleSet, engine: str
) -> None:
    violation = rules.validate_reply_json(json.dumps(whole), engine=engine).violations[0]
    assert violation.path == path
    assert message in violation.message()
    assert "body" not in violation.message("en_US") + violation.message("zh_CN")


def test_reply_only_member_may_be_duplicated(rules: RuleSet) -> None:
    text = json.dumps(reply({**VALID, "status": 2})).replace(
        '"status": 2', '"status": 2, "id": 1, "id": 2'
    )
    assert returned(rules, text) == []


def test_invalid_device_type_in_reply_is_reported(rules: RuleSet) -> None:
    assert ("/returnObject/deviceType", "02000006") in returned(
        rules, reply({**VALID, "id": 7, "deviceType": "2"})
    )


def test_caller_facts_override_reply_facts(rules: RuleSet) -> None:
    whole = reply({**VALID, "id": 7, "status": 4})
    assert returned(rules, whole, campaign_expired=False) == []
    assert returned(rules, whole, campaign_expired=False, campaign_names=[VALID["name"]]) == [
        ("/returnObject/name", "0200005")
    ]


def test_reply_without_own_members_is_validated(tmp_path: Path, engine: str) -> None:
    rules = load(
        tmp_path, rule_set({"a": {"type": "integer"}}, query_reply={"campaign_member": "found"})
    )
    report = rules.validate_reply_json('{"found": {"a": "1", "id": 5}}', engine=engine)
    assert [(one.path, one.code) for one in report.violations] == [
        ("/found", "02000011"),
        ("/found/a", "02000006"),
    ]


def test_optional_campaign_may_be_missing_in_reply(tmp_path: Path, engine: str) -> None:
    data = rule_set({"a": {"type": "integer"}}, query_reply={"campaign_member": "found"})
    data["request"]["body"]["required"] = False
    rules = load(tmp_path, data)
    assert rules.validate_reply_json('{"found": null}', engine=engine).violations == ()
    assert rules.validate_reply_json('{"resultCode": "1"}', engine=engine).codes == ("02000001",)


def test_rule_set_without_reply_validates_none(tmp_path: Path) -> None:
    with pytest.raises(FactError, match="does not describe replies"):
        load(tmp_path, rule_set({})).validate_reply_json("{}")


# --- Prepared facts --------------------------------------------------------------------------


def test_prepared_facts_give_equal_reports(rules: RuleSet) -> None:
    facts = {"now": NOON, "skill_ids": [1], "campaign_exists": False}
    stated = rules.prepare_facts(facts)
    assert rules.validate(VALID, stated) == rules.validate(VALID, facts)
    assert rules.prepare_facts(stated) is stated
    assert rules.validate(VALID, copy.deepcopy(stated)) == rules.validate(VALID, facts)
    with pytest.raises(FactError, match="unknown fact 'later'"):
        rules.prepare_facts({"later": True})


def test_prepared_facts_are_rule_set_specific(rules: RuleSet, tmp_path: Path) -> None:
    other = load(tmp_path, rule_set({"a": {"type": "integer"}}))
    with pytest.raises(FactError, match="unknown fact 'now'"):
        other.validate({}, rules.prepare_facts({"now": NOON}))


def test_invalid_item_of_collection_is_named(rules: RuleSet) -> None:
    with pytest.raises(
        FactError,
        match=r"'skill_ids' must be a collection of int, not one with an entry of the type str$",
    ):
        rules.validate({}, {"skill_ids": ["1"]})
