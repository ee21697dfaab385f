"""Time formats, as the interface writes them: `yyyy-MM-dd HH:mm:ss`, `HH:mm`."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache

_FIELDS = {
    "yyyy": "[0-9]{4}",
    "MM": "0[1-9]|1[0-2]",
    "dd": "0[1-9]|[12][0-9]|3[01]",
    "HH": "[01][0-9]|2[0-3]",
    "mm": "[0-5][0-9]",
    "ss": "[0-5][0-9]",
}
_ORDER = list(_FIELDS)
_FIELD = re.compile("|".join(_FIELDS))
_USUAL = "[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?)?"
_ISO = "yyyy-MM-dd HH:mm:ss"
LEAP_YEAR = "2000"
"""The year of a day without one, so that 29 February is valid."""

_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}

MAX_TIMES = 4096
"""Maximum number of strings whose times are kept for some formats."""

Parser = Callable[[str], "datetime | int | None"]


def format_type(format: str) -> str | None:
    """Return what a format describes: a `"moment"`, a `"day"` of every year, or a `"time"`.

    Return `None` if it is not a format. A moment has year, month and day, a day its month and day,
    both with or without a time; a time has hour and minute. Each field occurs once.
    """
    found = _FIELD.findall(format)
    present = [field for field in _ORDER if field in found]
    if len(found) != len(present) or re.search("[yMdHms]", _FIELD.sub("", format)):
        return None
    if present in (["HH", "mm"], ["HH", "mm", "ss"]):
        return "time"
    if len(present) >= 2 and present == _ORDER[1 : len(present) + 1]:
        return "day"
    return "moment" if len(present) >= 3 and present == _ORDER[: len(present)] else None


class Times(dict[str, "datetime | int | None"]):
    """The times of strings in some formats, each parsed when it is first looked up.

    A naive `datetime`, seconds since midnight, or `None` for a string in none of the formats.
    """

    __slots__ = ("_lengths", "_parsers", "formats")

    def __init__(self, formats: tuple[str, ...]) -> None:
        super().__init__()
        self.formats = formats
        self._lengths = {len(format) for format in formats}
        self._parsers = [_make_parser(format) for format in formats]

    def __missing__(self, text: str) -> datetime | int | None:
        if len(text) not in self._lengths:
            return None
        times = (parser(text) for parser in self._parsers)
        time = next((time for time in times if time is not None), None)
        if len(self) >= MAX_TIMES:
            self.clear()
        self[text] = time
        return time


@cache
def times(formats: tuple[str, ...]) -> Times:
    """Return the times of strings in one of *formats*."""
    return Times(formats)


def parse(text: str, formats: tuple[str, ...]) -> datetime | int | None:
    """Parse a string in one of *formats*."""
    return times(formats)[text]


def parse_duration(text: str) -> timedelta | None:
    """Parse a duration, such as `30d` or `-12h`; return `None` if it is not one."""
    found = re.fullmatch(r"(-?[0-9]{1,8})([dhms])", text)
    return timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None


def from_iso(text: str) -> datetime:
    """Return the time of an ISO 8601 text with a whole date.

    Raise `ValueError` for any other text: a year or a month only is more likely a mistake.
    """
    if not re.match("[0-9]{4}-?[0-9]{2}-?[0-9]{2}", text):
        raise ValueError(text)
    if re.fullmatch(_USUAL, text):  # `dateutil` takes longer to import than most commands run
        with suppress(ValueError):
            return datetime.fromisoformat(text)
    from dateutil.parser import isoparse

    moment: datetime = isoparse(text)
    return moment


def example(format: str) -> str:
    """Return a time in a format, far in the future so that it can be one to come."""
    return format_time(format, datetime(2099, 1, 1, 8, 30))


def format_time(format: str, moment: datetime) -> str:
    """Format a `datetime`. Text that is not a field stays as it is."""
    fields = {
        "yyyy": moment.year,
        "MM": moment.month,
        "dd": moment.day,
        "HH": moment.hour,
        "mm": moment.minute,
        "ss": moment.second,
    }
    for field, value in fields.items():
        format = format.replace(field, f"{value:0{len(field)}}")
    return format


def _make_parser(format: str) -> Parser:
    if format == _ISO:
        return _parse_iso
    match = re.compile(
        _FIELD.sub(lambda field: f"(?P<{field[0]}>{_FIELDS[field[0]]})", re.escape(format))
    ).fullmatch

    def read_time(text: str) -> int | None:
        if (found := match(text)) is None:
            return None
        fields = {"ss": "0", **found.groupdict()}
        return int(fields["HH"]) * 3600 + int(fields["mm"]) * 60 + int(fields["ss"])

    def read_moment(text: str) -> datetime | None:
        if (found := match(text)) is None:
            return None
        return _parse_iso(
            "{yyyy}-{MM}-{dd} {HH}:{mm}:{ss}".format(
                **{"yyyy": LEAP_YEAR, "HH": "00", "mm": "00", "ss": "00", **found.groupdict()}
            )
        )

    return read_time if format_type(format) == "time" else read_moment


def _parse_iso(text: str) -> datetime | None:
    """Parse `yyyy-MM-dd HH:mm:ss`.

    `fromisoformat` takes many shapes, and 24:00 on some interpreters, so that the separators are
    compared first.
    """
    if len(text) != len(_ISO) or text[4::3] != "-- ::" or text[11:13] == "24":
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
