"""The values that tell whether a rule is kept: for each keyword those that just pass and just fail, computed from the rule set alone."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any

from isales_rules.model import Parameter
from isales_rules.runtime import decimal
from isales_rules.times import sort, write
from isales_rules.vocabulary import KEYWORDS, texts

SEVERAL = 100
"""Maximum number of options, prefixes or characters of one rule that have values of their own."""

LONGEST = 100_000
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
_MOMENTS = [datetime(2030, 1, 1), datetime(2028, 2, 29, 12, 30, 59), datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59)]
_STEPS = [step * sign for step in (timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)) for sign in (1, -1)]
_DAY = 24 * 60 * 60
_TIMES = [0, 8 * 3600 + 1800, _DAY - 1]
_STRANGE = ["\n", " ", "A", "z", "0", "\uff10", "\u00e9", "\U0001f600"]


def mistakes(parameter: Parameter, value: Any) -> list[str]:
    """Name what a given value breaks of its own parameter's rules, in order: keywords, or `type` or `coerce`. What is inside it is not looked at."""
    was, value = value, number(parameter, value)
    if type(value) is not _PYTHON[parameter.type]:
        return ["coerce" if "coerce" in parameter.row and type(was) is str else "type"]
    broken = {name for name, rule in parameter.rules.items() if rule.broken(value, parameter.row[name])}
    narrower = {rule.narrows: name for name, rule in parameter.rules.items() if rule.narrows}
    return [narrower[name] if narrower.get(name) in broken else name for name in parameter.rules if name in broken - set(narrower.values())]


def number(parameter: Parameter, value: Any) -> Any:
    """Read what may come as the text of a whole number."""
    return decimal(value) if "coerce" in parameter.row and type(value) is str else value


def comparable(parameter: Parameter, value: Any) -> Any:
    """Give what a clean value is compared as: a time as a `datetime`, or as seconds since midnight."""
    return parameter.reader(value) if parameter.reader else number(parameter, value)


def written(parameter: Parameter, moment: Any) -> list[str]:
    """Write a `datetime`, or seconds since midnight, in each of a parameter's formats."""
    if isinstance(moment, int):
        moment = datetime(2030, 1, 1) + timedelta(seconds=moment)
    return [write(format, moment) for format in texts(parameter.row["format"])]


def candidates(parameter: Parameter, near: Iterable[Any] = (), asked: Mapping[str, Any] | None = None) -> list[Any]:
    """List values of a scalar that just keep and just break its rules, the simplest first.

    `near` has values that it is compared with, `asked` what a case asks of it in the rules' own words.
    """
    rules = [{name: parameter.row[name] for name in parameter.rules}, *([asked] if asked else [])]
    return list(dict.fromkeys(_near(parameter, rules, list(near))))


def passing(parameter: Parameter, near: Iterable[Any] = (), asked: Mapping[str, Any] | None = None) -> list[Any]:
    """List candidates that keep every rule of the parameter."""
    return list(_passing(parameter, tuple(near))) if not asked else _right(parameter, candidates(parameter, near, asked))


@lru_cache(4096)
def _passing(parameter: Parameter, near: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(_right(parameter, candidates(parameter, near)))


def _right(parameter: Parameter, values: list[Any]) -> list[Any]:
    return [one for one in values if one != "" and not mistakes(parameter, one)]


def failing(parameter: Parameter) -> Iterator[tuple[Any, list[str]]]:
    """List values of any type that break rules of the parameter, each with what it breaks."""
    scalars = candidates(parameter) if parameter.type in ("integer", "string", "boolean") else []
    wrong = _OTHER_TYPES[parameter.type]
    if "coerce" in parameter.row:
        wrong = [*_NO_DECIMAL, *wrong[1:]]
    for value in (*scalars, *wrong):
        if value not in ("", None) and (broken := mistakes(parameter, value)):
            yield value, broken


def _near(parameter: Parameter, rules: list[Mapping[str, Any]], near: list[Any]) -> Iterator[Any]:
    if parameter.type == "boolean":
        yield from (False, True)
    elif parameter.type == "integer":
        numbers = list(_integers(rules, near))
        yield from numbers
        if "coerce" in parameter.row:
            yield from (str(one) for one in numbers if one >= 0)
    elif "format" in parameter.row:
        yield from _times(parameter, near)
        yield from some_times(parameter, rules, 3)
    else:
        for one in rules:
            yield from _texts({**parameter.row, **one})
        yield from (other for one in near for other in (one, f"{one}0"))


def _integers(rules: list[Mapping[str, Any]], near: list[int]) -> Iterator[int]:
    marks = [bound for one in rules for name in ("min", "max") if (bound := one.get(name)) is not None]
    options = [option for one in rules for option in one.get("allowed", ())[:SEVERAL]]
    yield from options or marks
    for mark in (*marks, *options, *near):
        yield from (mark, mark + 1, mark - 1)
    if not marks and not options:
        yield from (1, 0, -1, 2**63)


def _times(parameter: Parameter, near: list[Any]) -> Iterator[str]:
    for moment in (*near, *(_MOMENTS if parameter.sort == "moment" else _TIMES)):
        for other in (moment, *(_around(moment) if moment in near else ())):
            yield from written(parameter, other)
    for format in texts(parameter.row["format"]):
        right = write(format, _MOMENTS[0])
        yield from (f"{right}\n", f" {right}", right.translate({ord("0"): "\uff10"}), right[:-1], right[:2], right[:3], right[2:], format, "x")
        for field, wrong in (("MM", "13"), ("MM", "00"), ("dd", "32"), ("HH", "24"), ("mm", "60"), ("ss", "60"), ("HH", "8"), ("dd", "1")):
            if field in format:
                yield write(format.replace(field, wrong), _MOMENTS[0])
        if sort(format) == "moment":
            yield write(format.replace("MM", "02").replace("dd", "30"), _MOMENTS[0])


def some_times(parameter: Parameter, rules: Iterable[Mapping[str, Any]], count: int) -> tuple[str, ...]:
    """List times in the formats of a parameter that keep other keywords, at most `count`, and as many that do not."""
    pairs = [pair for one in rules for pair in one.items() if pair[0] not in ("format", "half")]
    others = tuple((name, tuple(argument) if isinstance(argument, list) else argument) for name, argument in pairs)
    return _some_times(texts(parameter.row["format"]), others, count) if others else ()


@lru_cache(1024)
def _some_times(formats: tuple[str, ...], others: tuple[tuple[str, Any], ...], count: int) -> tuple[str, ...]:
    found: dict[bool, list[str]] = {True: [], False: []}
    for moment in _every_time(formats[0]):
        for format in formats:
            text = write(format, moment)
            alike = found[not any(KEYWORDS[name].broken(text, argument) for name, argument in others)]
            alike += [text] if len(alike) < count else []
        if len(found[True]) == count:
            break
    return (*found[True], *found[False])


def _every_time(format: str) -> Iterator[datetime]:
    """Go through the seconds of a day; or through the days of a leap year, each with the half hours, and then the years."""
    if sort(format) == "time":
        yield from (_MOMENTS[0] + timedelta(seconds=second) for second in range(0, _DAY, 1 if "ss" in format else 60))
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
    for option in row.get("allowed", ())[:SEVERAL]:
        yield from (option, f"{option}x", option[:-1], option.swapcase())
    if "regex" in row and "example" in row:
        example: str = row["example"]
        yield from (example, f"{example}\n", f" {example}", example[:-1], f"{example}x", example.swapcase(), example.replace(" ", ""))
    letter = letters(row)[:1] or "a"
    least, most = row.get("minlength", 1), row.get("maxlength")
    lengths = [length for length in (least, most, least - 1, None if most is None else most + 1, least + 1) if length and length <= LONGEST]
    for start in (*texts(row.get("prefix", ""))[:SEVERAL], ""):
        for length in lengths:
            yield start + letter * (length - len(start))
        yield from (f"{start[:-1]}{letter}", f"{start.swapcase()}{letter}", f" {start}{letter}", f"{start}{letter}")
    start = next(iter(texts(row.get("prefix", ""))))
    several = most or 10
    inside = letters(row) if "characters" in row else ""
    yield from islice((start + inside[at : at + several] for at in range(0, len(inside), several)), SEVERAL)
    for other in (*row.get("without", "")[:SEVERAL], *_STRANGE):
        yield f"{start}{letter}{other}{letter}"
