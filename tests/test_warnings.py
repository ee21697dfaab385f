"""Advisories: when each is reported, and that reports stay valid."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import product
from typing import Any

import pytest

from isales_rules import Report, RuleSet
from tests.support.cases import bases, put

END = datetime(2030, 10, 7, 23, 59, 59)
SEGMENTS = [f"{day}{{}}Time{number}" for day in ("workday", "holiday") for number in (1, 2, 3)]
PREVIEW = {"failInterval": 3, "obCallCount": 1, "autoCallTime": 5}
AVERAGE = {"maxAvgCallTime": 120, "minAvgCallTime": 60}
METHODS = {
    1: ("expPredictParam", AVERAGE | {"outBoundRate": 70}),
    2: ("agentPredictParam", AVERAGE | {"lossRate": 3, "utilRate": 70, "utilRateMethod": 1}),
    3: ("connectPredictParam", AVERAGE | {"lossRate": 3, "waitTime": 5, "connRate": 50}),
    5: ("offhookPredictParam", {"offHookRate": 100}),
}
PREDICT = {"predictMethod": 5, "offhookPredictParam": {"offHookRate": 100}}
IVR = bases()["ivr-intelligent"]["ivrParam"]
SKILL = bases()["preempted"]["skillParam"]


def validate(
    rules: RuleSet,
    engine: str,
    base: str,
    changes: dict[str, Any],
    facts: dict[str, Any] | None = None,
) -> Report:
    body = bases()[base]
    for pointer, value in changes.items():
        put(body, pointer, value)
    return rules.validate(body, facts, engine=engine)


def warned(report: Report) -> list[str]:
    return [one.rule for one in report.violations if one.severity == "warning"]


def schedule(*segments: str, day: str = "workday") -> dict[str, Any]:
    """Convert segments such as `08:00-11:30` to a `scheduleParam`."""
    times: dict[str, str] = (
        {} if day == "workday" else {"workdayBeginTime1": "00:00", "workdayEndTime1": "23:59"}
    )
    for number, segment in enumerate(segments, 1):
        times[f"{day}BeginTime{number}"], times[f"{day}EndTime{number}"] = segment.split("-")
    return {"/scheduleParam": times}


@pytest.mark.parametrize("base", bases())
def test_valid_bodies_have_no_warning(base: str, rules: RuleSet, engine: str) -> None:
    assert validate(rules, engine, base, {}, {"now": datetime(2030, 9, 10)}).violations == ()


@pytest.mark.parametrize(
    ("rule", "path", "base", "changes", "facts"),
    [
        ("ivr-pacing", "/ivrParam", "ivr-intelligent", {"/ivrParam/callCount": 1}, {}),
        ("segment-backwards", "/scheduleParam", "ivr-intelligent", schedule("11:30-08:00"), {}),
        ("ringing-above-60", "/maxAlertingTime", "preempted", {"/maxAlertingTime": 61}, {}),
        (
            "segments-overlap",
            "/scheduleParam",
            "ivr-intelligent",
            schedule("08:00-12:00", "11:59-13:00"),
            {},
        ),
        ("mode-mismatch", "/skillParam/outBoundType", "preempted", {"/deviceType": 2}, {}),
        ("block-unused", "/ivrParam", "preempted", {"/ivrParam": IVR}, {}),
        (
            "end-time-without-space",
            "/strEndTime",
            "preempted",
            {"/strEndTime": "2030-10-0723:59:59"},
            {},
        ),
        (
            "ends-in-the-past",
            "/strEndTime",
            "preempted",
            {"/strBeginTime": None},
            {"now": END + timedelta(seconds=1)},
        ),
    ],
)
def test_advisory_has_no_code_and_report_is_ok(
    rule: str,
    path: str,
    base: str,
    changes: dict[str, Any],
    facts: dict[str, Any],
    rules: RuleSet,
    engine: str,
) -> None:
    report = validate(rules, engine, base, changes, facts)
    [violation] = report.violations
    assert (violation.rule, violation.severity, violation.code) == (rule, "warning", None)
    assert violation.path.startswith(path)
    assert violation.source.startswith(("Table ", "V2 interface"))
    assert violation.message("en_US") != violation.message("zh_CN")
    assert report.ok is True
    assert list(report.codes) == []
    assert report.response()["resultCode"] == "0200000"
    with_error = validate(rules, engine, base, changes | {"/callerNo": None}, facts)
    assert [one.code for one in with_error.violations if one.severity == "error"] == ["02000001"]
    assert warned(with_error) == [rule]
    assert (with_error.ok, list(with_error.codes)) == (False, ["02000001"])


def test_ivr_pacing_uses_exact_arithmetic(rules: RuleSet, engine: str) -> None:
    for count, interval in product((1, 2, 3, 99, 100), (1, 2, 3, 4, 5, 9999)):
        expected = ["ivr-pacing"] if math.ceil(Fraction(count, min(interval, 3)) * 3) <= 1 else []
        report = validate(
            rules,
            engine,
            "ivr-automatic",
            {"/ivrParam/callCount": count, "/ivrParam/callInterval": interval},
        )
        assert warned(report) == expected, (count, interval)


@pytest.mark.parametrize(
    ("count", "interval"),
    [(0, 3), (True, 3), (1.0, 3), ("1", 3), (None, 3), (1, 10_000), (1, "3"), (1, None)],
)
def test_ivr_pacing_ignores_invalid_numbers(
    count: Any, interval: Any, rules: RuleSet, engine: str
) -> None:
    report = validate(
        rules,
        engine,
        "ivr-automatic",
        {"/ivrParam/callCount": count, "/ivrParam/callInterval": interval},
    )
    assert len(report.violations) == 1
    assert warned(report) == []


@pytest.mark.parametrize("segment", SEGMENTS)
@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [
        ("08:00", "08:01", False),
        ("08:00", "08:00", True),
        ("08:00", "07:59", True),
        ("23:59", "00:00", True),
        ("00:00", "23:59", False),
        ("08:00", "07:60", False),
        ("08:00", "07", False),
        ("08:00", "", False),
        (None, "00:00", False),
    ],
)
def test_segment_must_end_after_its_begin(
    segment: str, begin: Any, end: Any, expected: bool, rules: RuleSet, engine: str
) -> None:
    changes = schedule(day=segment[:7])
    changes["/scheduleParam"] |= {segment.format("Begin"): begin, segment.format("End"): end}
    assert warned(validate(rules, engine, "preempted", changes)) == ["segment-backwards"] * expected


def test_each_backwards_segment_is_reported(rules: RuleSet, engine: str) -> None:
    report = validate(
        rules, engine, "preempted", schedule("09:00-08:00", "10:00-10:00", "20:00-19:00")
    )
    assert warned(report) == ["segment-backwards"] * 3
    assert len({one.path for one in report.violations}) == 3


@pytest.mark.parametrize("day", ["workday", "holiday"])
@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        (["08:00-12:00", "12:00-13:00"], []),
        (["12:00-13:00", "08:00-12:00"], []),
        (["08:00-12:00", "11:59-13:00"], ["segments-overlap"]),
        (["11:59-13:00", "08:00-12:00"], ["segments-overlap"]),
        (["08:00-12:00", "08:00-12:00"], ["segments-overlap"]),
        (["08:00-12:00", "09:00-10:00"], ["segments-overlap"]),
        (["09:00-10:00", "08:00-12:00"], ["segments-overlap"]),
        (["08:00-09:00", "09:00-10:00", "10:00-11:00"], []),
        (["08:00-10:00", "11:00-12:00", "09:00-11:00"], ["segments-overlap"]),
        (["11:00-12:00", "08:00-10:00", "09:00-11:00"], ["segments-overlap"]),
        (["08:00-10:00", "09:00-12:00", "11:00-13:00"], ["segments-overlap"] * 2),
        (["12:00-08:00", "09:00-10:00"], ["segment-backwards"]),
        (["09:00-10:00", "12:00-08:00"], ["segment-backwards"]),
        (["08:00-12:00", "10:00-10:00"], ["segment-backwards"]),
        (["12:00-08:00", "11:00-09:00"], ["segment-backwards"] * 2),
        (["08:00-12:00", "11:00-24:00"], []),
        (["08:00-12:00", "11:00-"], []),
    ],
    ids=" ".join,
)
def test_segments_overlap_if_they_share_a_minute(
    segments: list[str], expected: list[str], day: str, rules: RuleSet, engine: str
) -> None:
    assert warned(validate(rules, engine, "preempted", schedule(*segments, day=day))) == expected


def test_overlaps_are_reported_once(rules: RuleSet, engine: str) -> None:
    report = validate(
        rules, engine, "preempted", schedule("08:00-12:00", "09:00-13:00", "10:00-14:00")
    )
    assert set(warned(report)) == {"segments-overlap"}
    assert len(report.violations) == len(set(report.violations))


def test_segments_of_other_day_types_do_not_overlap(rules: RuleSet, engine: str) -> None:
    assert (
        warned(validate(rules, engine, "preempted", schedule("08:00-12:00", day="holiday"))) == []
    )


@pytest.mark.parametrize(
    ("device", "mode"), list(product([1, 2, 3, 5, 6, 4, "2", None], [2, 5, 6, 4, "6", None]))
)
def test_mode_must_match_device_type(device: Any, mode: Any, rules: RuleSet, engine: str) -> None:
    report = validate(
        rules, engine, "preempted", {"/deviceType": device, "/skillParam/outBoundType": mode}
    )
    expected = device in (2, 5, 6) and mode in (2, 5, 6) and device != mode
    assert [rule for rule in warned(report) if rule == "mode-mismatch"] == [
        "mode-mismatch"
    ] * expected


def unused(report: Report) -> list[str]:
    return [one.path for one in report.violations if one.rule == "block-unused"]


@pytest.mark.parametrize("device", [1, 2, 3, 5, 6])
def test_block_unused_by_device_type(device: int, rules: RuleSet, engine: str) -> None:
    report = validate(
        rules, engine, "preempted", {"/deviceType": device, "/ivrParam": IVR, "/skillParam": SKILL}
    )
    assert unused(report) == ["/skillParam" if device in (1, 3) else "/ivrParam"]


@pytest.mark.parametrize(
    ("mode", "blocks"),
    [(2, ["previewParam"]), (5, ["predictParam"]), (6, ["predictParam", "previewParam"])],
)
def test_block_unused_by_mode(mode: int, blocks: list[str], rules: RuleSet, engine: str) -> None:
    changes = {
        "/deviceType": mode,
        "/skillParam/outBoundType": mode,
        "/skillParam/predictParam": PREDICT,
        "/skillParam/previewParam": PREVIEW,
    }
    report = validate(rules, engine, "preempted", changes)
    assert unused(report) == [f"/skillParam/{block}" for block in blocks]
    assert report.ok


@pytest.mark.parametrize("method", METHODS)
def test_block_unused_by_method(method: int, rules: RuleSet, engine: str) -> None:
    predict = {"predictMethod": method} | dict(METHODS.values())
    report = validate(rules, engine, "predicted-offhook", {"/skillParam/predictParam": predict})
    assert unused(report) == [
        f"/skillParam/predictParam/{block}"
        for other, (block, _) in METHODS.items()
        if other != method
    ]
    assert report.ok


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"/ivrParam": None}, []),
        ({"/ivrParam": ""}, []),
        ({"/ivrParam": {}}, ["/ivrParam"]),
        ({"/ivrParam": 5}, ["/ivrParam"]),
        ({"/ivrParam": IVR, "/deviceType": 4}, []),
        ({"/ivrParam": IVR, "/deviceType": None}, []),
        ({"/ivrParam": IVR, "/deviceType": 6.0}, []),
    ],
)
def test_unused_block_needs_valid_device_type(
    changes: dict[str, Any], expected: list[str], rules: RuleSet, engine: str
) -> None:
    assert unused(validate(rules, engine, "preempted", changes)) == expected


@pytest.mark.parametrize(
    ("end", "codes", "warnings"),
    [
        ("2030-10-07 23:59:59", [], []),
        ("2030-10-0723:59:59", [], ["end-time-without-space"]),
        ("2030-09-0923:59:59", ["02000009"], ["end-time-without-space"]),
        ("2030-10-07T23:59:59", ["02000008"], []),
        ("2030-10-0724:00:00", ["02000008"], []),
        ("2030-10-0723:59:59\n", ["02000008"], []),
        (None, [], []),
    ],
)
def test_end_time_without_space_is_a_warning(
    end: Any, codes: list[str], warnings: list[str], rules: RuleSet, engine: str
) -> None:
    report = validate(rules, engine, "preempted", {"/strEndTime": end})
    assert list(report.codes) == codes
    assert warned(report) == warnings


def test_begin_time_without_space_is_invalid(rules: RuleSet, engine: str) -> None:
    report = validate(rules, engine, "preempted", {"/strBeginTime": "2030-09-1000:00:00"})
    assert [(one.path, one.code) for one in report.violations] == [("/strBeginTime", "02000008")]


@pytest.mark.parametrize(
    ("end", "facts", "warnings"),
    [
        ("2030-10-07 23:59:59", {"now": END}, []),
        ("2030-10-07 23:59:59", {"now": END - timedelta(days=1)}, []),
        ("2030-10-07 23:59:59", {"now": END + timedelta(microseconds=1)}, ["ends-in-the-past"]),
        (
            "2030-10-07 23:59:59",
            {"now": (END + timedelta(seconds=1)).replace(tzinfo=UTC)},
            ["ends-in-the-past"],
        ),
        (
            "2030-10-0723:59:59",
            {"now": END + timedelta(days=1)},
            ["end-time-without-space", "ends-in-the-past"],
        ),
        ("2030-10-07 23:59:60", {"now": END + timedelta(days=1)}, []),
        ("2030-10-07 23:59:59", {}, []),
        ("", {"now": END}, []),
    ],
)
def test_end_before_now_is_in_the_past(
    end: str, facts: dict[str, Any], warnings: list[str], rules: RuleSet, engine: str
) -> None:
    report = validate(
        rules, engine, "preempted", {"/strBeginTime": None, "/strEndTime": end}, facts
    )
    assert sorted(warned(report)) == warnings
    assert ("ends-in-the-past" in report.unchecked) is (not facts)
