"""Valid time formats, and parsing with them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from isales_rules.language.time_formats import format_type, parse, parse_duration


@pytest.mark.parametrize(
    "format",
    [
        "yyyy-MM-dd",
        "dd/MM/yyyy",
        "yyyyMMdd",
        "yyyy-MM-dd HH",
        "yyyy-MM-dd HH:mm",
        "ss.mm.HH dd.MM.yyyy",
    ],
)
def test_format_with_full_date_is_a_moment(format: str) -> None:
    assert format_type(format) == "moment"


@pytest.mark.parametrize("format", ["MM-dd", "ddMM", "MM-dd HH:mm"])
def test_format_without_a_year_is_a_day(format: str) -> None:
    assert format_type(format) == "day"


def test_day_of_every_year_may_be_29_february() -> None:
    days = ("MM-dd",)
    assert [parse(text, days) for text in ("02-30", "13-01", "2-29", "02-29\n")] == [None] * 4
    first, last = parse("02-29", days), parse("12-31", days)
    assert isinstance(first, datetime)
    assert isinstance(last, datetime)
    assert first < last


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("30d", timedelta(30)),
        ("-12h", timedelta(hours=-12)),
        ("5m", timedelta(minutes=5)),
        ("0s", timedelta()),
    ],
)
def test_duration_has_a_unit(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize(
    "text", ["", "30", "d", "1.5d", "1w", "30 d", "30d\n", "+1d", "１d", "9" * 9 + "d"]
)
def test_other_text_is_not_a_duration(text: str) -> None:
    assert parse_duration(text) is None


@pytest.mark.parametrize("format", ["HH:mm", "HH:mm:ss", "mmHH", "ss mm HH", "at HH.mm"])
def test_format_of_hour_and_minute_is_a_time(format: str) -> None:
    assert format_type(format) == "time"


@pytest.mark.parametrize(
    "format",
    [
        "",
        "x",
        "yyyy",
        "yyyy-MM",
        "MM",
        "HH",
        "mm:ss",
        "HH:ss",
        "yyyy-MM-dd mm",
        "yyyy-MM-dd HH:ss",
        "MM-dd mm",
    ],
)
def test_format_with_missing_field_is_invalid(format: str) -> None:
    assert format_type(format) is None


@pytest.mark.parametrize("letter", ["y", "M", "d", "H", "m", "s", "yyy", "dd", "HH"])
def test_format_with_repeated_field_is_invalid(letter: str) -> None:
    assert format_type(f"yyyy-MM-dd HH:mm:ss {letter}") is None


def test_time_parses_to_seconds_since_midnight() -> None:
    for minute in range(24 * 60):
        text = f"{minute // 60:02}:{minute % 60:02}"
        assert parse(text, ("HH:mm",)) == parse(f"{text}:00", ("HH:mm:ss",)) == minute * 60
    assert parse("00:00:59", ("HH:mm:ss",)) == 59


@pytest.mark.parametrize("text", ["24:00", "24:01", "00:60", "23:60", "1:00", "001:00"])
def test_out_of_range_time_is_invalid(text: str) -> None:
    assert parse(text, ("HH:mm",)) is None
    assert parse(f"{text}:00", ("HH:mm:ss",)) is None


@pytest.mark.parametrize(
    "format", ["yyyy-MM-dd HH:mm:ss", "yyyy-MM-ddHH:mm:ss", "ss.mm.HH dd.MM.yyyy"]
)
def test_moment_parses_all_fields(format: str) -> None:
    text = format
    for field, value in {
        "yyyy": "2031",
        "MM": "04",
        "dd": "05",
        "HH": "16",
        "mm": "07",
        "ss": "08",
    }.items():
        text = text.replace(field, value)
    assert parse(text, (format,)) == datetime(2031, 4, 5, 16, 7, 8)


@pytest.mark.parametrize(
    ("format", "text"),
    [
        ("yyyy-MM-dd", "2031-04-05"),
        ("yyyy-MM-dd HH", "2031-04-05 00"),
        ("HH:mm dd.MM.yyyy", "00:00 05.04.2031"),
    ],
)
def test_missing_time_fields_are_zero(format: str, text: str) -> None:
    assert parse(text, (format,)) == datetime(2031, 4, 5)


def test_first_matching_format_is_used() -> None:
    assert parse("02/03/2031", ("dd/MM/yyyy", "MM/dd/yyyy")) == datetime(2031, 3, 2)
    assert parse("02/13/2031", ("dd/MM/yyyy", "MM/dd/yyyy")) == datetime(2031, 2, 13)
