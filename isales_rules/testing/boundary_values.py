"""The values that tell whether a rule is kept: for each keyword those that just pass and just fail, computed from the rule set alone."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any

from isales_rules.engine.runtime import parse_decimal
from isales_rules.language.keywords import KEYWORDS, as_tuple
from isales_rules.language.model import Parameter
from isales_rules.language.time_formats import format_time, format_type

MAX_PER_KEYWORD = 100
"""Maximum number of options, prefixes or characters of one rule that have values of their own."""

MAX_LENGTH = 100_000
"""Maximum length of a text that is made for a bound."""

_PYTHON = {"integer": int, "string": str, "boolean": bool, "dict": dict, "list": list}
_OTHER_TYPES: dict[str, list[Any]] = {
    "integer": ["1", 2.0, 1.5, True, [], {}],
    "string": [1, 0.5, True, [], {}],
    "boolean": [1, 0, "true", [], {}],
    "dict": ["x", 1, True, []],
    "list": ["x", 1, True, {}],
}
_NO_DECIMAL = ["x", "1 ", "+1", "1.0", "\uff11"]
_DATETIMES = [datetime(2030, 1, 1), datetime(2028, 2, 29, 12, 30, 59), datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59)]
_STEPS = [step * sign for step in (timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)) for sign in (1, -1)]
_DAY = 24 * 60 * 60
_TIMES = [0, 8 * 3600 + 1800, _DAY - 1]
_UNUSUAL_CHARACTERS = ["\n", " ", "A", "z", "0", "\uff10", "\u00e9", "\U0001f600"]


def violated_keywords(parameter: Parameter, value: Any) -> list[str]:
    """Name what a given value breaks of its own parameter's rules, in order: keywords, or `type` or `coerce`. What is inside it is not looked at."""
    was, value = value, coerce(parameter, value)
    if type(value) is not _PYTHON[parameter.type]:
        return ["coerce" if "coerce" in parameter.definition and type(was) is str else "type"]
    broken = {name for name, rule in parameter.keywords.items() if rule.is_violated(value, parameter.definition[name])}
    narrower = {rule.refines: name for name, rule in parameter.keywords.items() if rule.refines}
    return [narrower[name] if narrower.get(name) in broken else name for name in parameter.keywords if name in broken - set(narrower.values())]


def coerce(parameter: Parameter, value: Any) -> Any:
    """Read what may come as the text of a whole number."""
    return parse_decimal(value) if "coerce" in parameter.definition and type(value) is str else value


def to_comparable(parameter: Parameter, value: Any) -> Any:
    """Give what a clean value is compared as: a time as a `datetime`, or as seconds since midnight."""
    return parameter.parser(value) if parameter.parser else coerce(parameter, value)


def formatted(parameter: Parameter, moment: Any) -> list[str]:
    """Write a `datetime`, or seconds since midnight, in each of a parameter's formats."""
    if isinstance(moment, int):
        moment = datetime(2030, 1, 1) + timedelta(seconds=moment)
    return [format_time(format, moment) for format in as_tuple(parameter.definition["format"])]


def boundary_values(parameter: Parameter, anchors: Iterable[Any] = (), constraints: Mapping[str, Any] | None = None) -> list[Any]:
    """List values of a scalar that just keep and just break its rules, the simplest first.

    `near` has values that it is compared with, `asked` what a case asks of it in the rules' own words.
    """
    rules = [{name: parameter.definition[name] for name in parameter.keywords}, *([constraints] if constraints else [])]
    return list(dict.fromkeys(_near(parameter, rules, list(anchors))))


def valid_values(parameter: Parameter, anchors: Iterable[Any] = (), constraints: Mapping[str, Any] | None = None) -> list[Any]:
    """List candidates that keep every rule of the parameter."""
    return (
        list(_valid_values(parameter, tuple(anchors)))
        if not constraints
        else _only_valid(parameter, boundary_values(parameter, anchors, constraints))
    )


@lru_cache(4096)
def _valid_values(parameter: Parameter, near: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(_only_valid(parameter, boundary_values(parameter, near)))


def _only_valid(parameter: Parameter, values: list[Any]) -> list[Any]:
    return [one for one in values if one != "" and not violated_keywords(parameter, one)]


def invalid_values(parameter: Parameter) -> Iterator[tuple[Any, list[str]]]:
    """List values of any type that break rules of the parameter, each with what it breaks."""
    scalars = boundary_values(parameter) if parameter.type in ("integer", "string", "boolean") else []
    wrong = _OTHER_TYPES[parameter.type]
    if "coerce" in parameter.definition:
        wrong = [*_NO_DECIMAL, *wrong[1:]]
    for value in (*scalars, *wrong):
        if value not in ("", None) and (broken := violated_keywords(parameter, value)):
            yield value, broken


def _near(parameter: Parameter, rules: list[Mapping[str, Any]], near: list[Any]) -> Iterator[Any]:
    if parameter.type == "boolean":
        yield from (False, True)
    elif parameter.type == "integer":
        numbers = list(_integers(rules, near))
        yield from numbers
        if "coerce" in parameter.definition:
            yield from (str(one) for one in numbers if one >= 0)
    elif "format" in parameter.definition:
        yield from _times(parameter, near)
        yield from times(parameter, rules, 3)
    else:
        for one in rules:
            yield from _texts({**parameter.definition, **one})
        yield from (other for one in near for other in (one, f"{one}0"))


def _integers(rules: list[Mapping[str, Any]], near: list[int]) -> Iterator[int]:
    marks = [bound for one in rules for name in ("min", "max") if (bound := one.get(name)) is not None]
    options = [option for one in rules for option in one.get("allowed", ())[:MAX_PER_KEYWORD]]
    yield from options or marks
    for mark in (*marks, *options, *near):
        yield from (mark, mark + 1, mark - 1)
    if not marks and not options:
        yield from (1, 0, -1, 2**63)


def _times(parameter: Parameter, near: list[Any]) -> Iterator[str]:
    for moment in (*near, *(_DATETIMES if parameter.comparison_type == "moment" else _TIMES)):
        for other in (moment, *(_around(moment) if moment in near else ())):
            yield from formatted(parameter, other)
    for format in as_tuple(parameter.definition["format"]):
        right = format_time(format, _DATETIMES[0])
        yield from (f"{right}\n", f" {right}", right.translate({ord("0"): "\uff10"}), right[:-1], right[:2], right[:3], right[2:], format, "x")
        for field, wrong in (("MM", "13"), ("MM", "00"), ("dd", "32"), ("HH", "24"), ("mm", "60"), ("ss", "60"), ("HH", "8"), ("dd", "1")):
            if field in format:
                yield format_time(format.replace(field, wrong), _DATETIMES[0])
        if format_type(format) == "moment":
            yield format_time(format.replace("MM", "02").replace("dd", "30"), _DATETIMES[0])


def times(parameter: Parameter, rules: Iterable[Mapping[str, Any]], count: int) -> tuple[str, ...]:
    """List times in the formats of a parameter that keep other keywords, at most `count`, and as many that do not."""
    pairs = [pair for one in rules for pair in one.items() if pair[0] not in ("format", "half")]
    others = tuple((name, tuple(argument) if isinstance(argument, list) else argument) for name, argument in pairs)
    return _some_times(as_tuple(parameter.definition["format"]), others, count) if others else ()


@lru_cache(1024)
def _some_times(formats: tuple[str, ...], others: tuple[tuple[str, Any], ...], count: int) -> tuple[str, ...]:
    found: dict[bool, list[str]] = {True: [], False: []}
    for moment in _every_time(formats[0]):
        for format in formats:
            text = format_time(format, moment)
            alike = found[not any(KEYWORDS[name].is_violated(text, argument) for name, argument in others)]
            alike += [text] if len(alike) < count else []
        if len(found[True]) == count:
            break
    return (*found[True], *found[False])


def _every_time(format: str) -> Iterator[datetime]:
    """Go through the seconds of a day; or through the days of a leap year, each with the half hours, and then the years."""
    if format_type(format) == "time":
        yield from (_DATETIMES[0] + timedelta(seconds=second) for second in range(0, _DAY, 1 if "ss" in format else 60))
    else:
        yield from (datetime(2028, 1, 1) + timedelta(minutes=30 * half) for half in range(366 * 48 if "HH" in format else 366))
        yield from (datetime(year, 1, 1) for year in range(1, 10_000))


def _around(moment: Any) -> Iterator[Any]:
    """Give the moments next to one, or the times of the same day."""
    for step in _STEPS:
        if not isinstance(moment, int):
            with suppress(OverflowError):
                yield moment + step
        elif 0 <= (other := moment + int(step.total_seconds())) < _DAY:
            yield other


def letters(row: Mapping[str, Any]) -> str:
    """List characters that a text may have."""
    return "".join(one for one in row.get("characters", string.ascii_lowercase + string.digits) if one not in row.get("without", ""))


def _texts(row: Mapping[str, Any]) -> Iterator[str]:
    for option in row.get("allowed", ())[:MAX_PER_KEYWORD]:
        yield from (option, f"{option}x", option[:-1], option.swapcase())
    if "regex" in row and "example" in row:
        example: str = row["example"]
        yield from (example, f"{example}\n", f" {example}", example[:-1], f"{example}x", example.swapcase(), example.replace(" ", ""))
    letter = letters(row)[:1] or "a"
    least, most = row.get("minlength", 1), row.get("maxlength")
    lengths = [length for length in (least, most, least - 1, None if most is None else most + 1, least + 1) if length and length <= MAX_LENGTH]
    for start in (*as_tuple(row.get("prefix", ""))[:MAX_PER_KEYWORD], ""):
        for length in lengths:
            yield start + letter * (length - len(start))
        yield from (f"{start[:-1]}{letter}", f"{start.swapcase()}{letter}", f" {start}{letter}", f"{start}{letter}")
    start = next(iter(as_tuple(row.get("prefix", ""))))
    several = most or 10
    inside = letters(row) if "characters" in row else ""
    yield from islice((start + inside[at : at + several] for at in range(0, len(inside), several)), MAX_PER_KEYWORD)
    for other in (*row.get("without", "")[:MAX_PER_KEYWORD], *_UNUSUAL_CHARACTERS):
        yield f"{start}{letter}{other}{letter}"
