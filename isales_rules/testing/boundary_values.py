"""Values at which the keywords of a parameter change their verdict, from the rule set only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import chain, islice
from typing import Any

from isales_rules.engine.semantics import coerce
from isales_rules.language.keywords import KEYWORDS, alphabet, as_tuple
from isales_rules.language.model import Parameter
from isales_rules.language.time_formats import format_time, format_type
from isales_rules.language.types import TYPES

MAX_VALUES = 400
"""Maximum number of boundary values of one keyword."""

MAX_ITEMS = 1000
"""Maximum length of a list that obeys its bounds; longer ones are not made."""

_NOT_COERCED = {
    "decimal": ("x", "1 ", "+1", "1.0", "\uff11"),
    "json": ("x", "{", "1", "null", '"{}"', "{}x", " "),
}
_STEPS = [
    step * sign
    for step in (timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1))
    for sign in (1, -1)
]
_DAY = 24 * 60 * 60
_NEW_YEAR = datetime(2030, 1, 1)

Keywords = Mapping[str, Any]
"""Keywords by name with their arguments."""


def violated_keywords(parameter: Parameter, value: Any) -> list[str]:
    """Return the keywords of its own that a present value violates, or `["type"]` or `["coerce"]`.

    Members and entries are not validated.
    """
    coerced = coerce(parameter, value)
    if not TYPES[parameter.type].includes(coerced):
        return ["coerce" if "coerce" in parameter.definition and type(value) is str else "type"]
    return parameter.violated(coerced)


def boundary_values(
    parameter: Parameter, anchors: Iterable[Any] = (), constraints: Keywords | None = None
) -> list[Any]:
    """List values of a scalar that just obey and just violate its keywords, simplest first.

    *anchors* are values that it is compared with, in comparable form; *constraints* are keywords
    that a clause adds.
    """
    return [*dict.fromkeys(_candidates(parameter, list(anchors), constraints or {}))]


def valid_values(
    parameter: Parameter, anchors: Iterable[Any] = (), constraints: Keywords | None = None
) -> list[Any]:
    """List the boundary values that obey every keyword of the parameter."""
    if not constraints:
        return list(_valid_values(parameter, tuple(anchors)))
    return _only_valid(parameter, boundary_values(parameter, anchors, constraints))


@lru_cache(4096)
def _valid_values(parameter: Parameter, anchors: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(_only_valid(parameter, boundary_values(parameter, anchors)))


def _only_valid(parameter: Parameter, values: list[Any]) -> list[Any]:
    return [value for value in values if value != "" and not violated_keywords(parameter, value)]


def invalid_values(parameter: Parameter) -> Iterator[tuple[Any, list[str]]]:
    """Yield values of any type that violate keywords of a parameter, with those keywords."""
    scalars = boundary_values(parameter) if parameter.type not in ("dict", "list") else []
    others = TYPES[parameter.type].others
    if "coerce" in parameter.definition:
        others = (*_NOT_COERCED[parameter.definition["coerce"]], *others[1:])
    for value in (*scalars, *others):
        if value not in ("", None) and (violated := violated_keywords(parameter, value)):
            yield value, violated


def lengths(parameter: Parameter, constraints: Keywords | None = None) -> dict[int, list[str]]:
    """Return numbers of entries of a list, simplest first, with the keywords that each violates."""
    numbers = [*_candidates(parameter, [], constraints or {}), *TYPES["list"].values]
    return {
        number: parameter.violated(range(number))
        for number in dict.fromkeys(numbers)
        if 0 <= number <= MAX_ITEMS + 1
    }


def adjusted(value: Any, keywords: Keywords) -> Any:
    """Return a value near *value* that obeys the keywords, as far as they can say one."""
    for name, argument in keywords.items():
        value = KEYWORDS[name].adjust(value, argument)
    return value


def own_keywords(parameter: Parameter) -> Keywords:
    """Return the keywords of a parameter's definition with their arguments."""
    return {name: parameter.definition[name] for name in parameter.keywords}


def _candidates(parameter: Parameter, anchors: list[Any], constraints: Keywords) -> Iterator[Any]:
    for value in _raw_candidates(parameter, anchors, constraints):
        yield value
        if parameter.definition.get("coerce") == "decimal" and value >= 0:
            yield str(value)


def _raw_candidates(
    parameter: Parameter, anchors: list[Any], constraints: Keywords
) -> Iterator[Any]:
    own = own_keywords(parameter)
    if parameter.type == "string":
        yield adjusted("a", own)  # the simplest one, unless it has options or a pattern
    values = [
        value
        for keywords in (own, constraints)
        for name, argument in _options_first(keywords)
        for value in _boundary_values(name, argument, {**parameter.definition, **keywords})
    ]
    if not values or parameter.type == "boolean":
        values += TYPES[parameter.type].values
    values += _near(parameter, anchors, as_tuple(own.get("format", constraints.get("format", ()))))
    yield from values
    for keywords in (own, constraints, {**own, **constraints}):
        yield from (adjusted(value, keywords) for value in values if value != "")
    if "format" in own:
        yield from times(parameter, [own, constraints], 3)


def _boundary_values(name: str, argument: Any, definition: Keywords) -> Iterator[Any]:
    return islice(KEYWORDS[name].boundary_values(argument, definition), MAX_VALUES)


def _options_first(keywords: Keywords) -> list[tuple[str, Any]]:
    """Return keywords with `allowed` first: an option is the simplest value."""
    return sorted(keywords.items(), key=lambda pair: pair[0] != "allowed")


def _near(parameter: Parameter, anchors: list[Any], formats: tuple[str, ...]) -> Iterator[Any]:
    for anchor in anchors:
        if formats:
            for moment in (anchor, *_around(anchor)):
                yield from formatted(formats, moment)
        elif parameter.type in ("integer", "number"):
            yield from (anchor, anchor + 1, anchor - 1)
        elif parameter.type == "string":
            yield from (anchor, f"{anchor}0")


def _around(moment: Any) -> Iterator[Any]:
    """Yield the moments next to one, or the times of the same day."""
    for step in _STEPS:
        if not isinstance(moment, int):
            with suppress(OverflowError):
                yield moment + step
        elif 0 <= (other := moment + int(step.total_seconds())) < _DAY:
            yield other


def formatted(formats: tuple[str, ...], moment: datetime | int) -> list[str]:
    """Format a `datetime`, or seconds since midnight, in each of some formats."""
    if isinstance(moment, int):
        moment = _NEW_YEAR + timedelta(seconds=moment)
    return [format_time(one, moment) for one in formats]


def distinct_values(parameter: Parameter) -> Iterator[Any]:
    """Yield valid values of a scalar, no two of them equal, simplest first."""
    own, seen = own_keywords(parameter), set()
    for value in chain(valid_values(parameter), _more_values(parameter)):
        near = coerce(parameter, adjusted(value, own))
        if near not in seen and near != "" and not violated_keywords(parameter, near):
            seen.add(near)
            yield near


def _more_values(parameter: Parameter) -> Iterator[Any]:
    definition = parameter.definition
    if "format" in definition:
        formats = as_tuple(definition["format"])
        for moment in islice(_every_time(formats[0]), MAX_ITEMS):
            yield from formatted(formats, moment)
    elif parameter.type == "string":
        letters = alphabet(definition) or "a"
        yield from (_in_letters(number, letters) for number in range(MAX_ITEMS))
    elif parameter.type in ("integer", "number"):
        bases = [value for value in valid_values(parameter) if not isinstance(value, str)]
        for number in range(MAX_ITEMS if bases else 0):
            yield from (bases[0] + number, bases[0] - number)


def _in_letters(number: int, letters: str) -> str:
    """Write a number with letters as digits."""
    number, digit = divmod(number, len(letters))
    return (_in_letters(number, letters) if number and len(letters) > 1 else "") + letters[digit]


def times(parameter: Parameter, constraints: Iterable[Keywords], count: int) -> tuple[str, ...]:
    """List times in a parameter's formats that obey other keywords: at most *count*.

    As many that violate one follow.
    """
    pairs = [pair for keywords in constraints for pair in keywords.items()]
    others = tuple(
        (name, tuple(argument) if isinstance(argument, list) else argument)
        for name, argument in pairs
        if name != "format" and not KEYWORDS[name].refines
    )
    return _times(as_tuple(parameter.definition["format"]), others, count) if others else ()


@lru_cache(1024)
def _times(
    formats: tuple[str, ...], others: tuple[tuple[str, Any], ...], count: int
) -> tuple[str, ...]:
    valid: list[str] = []
    invalid: list[str] = []
    for moment in _every_time(formats[0]):
        for one in formats:
            text = format_time(one, moment)
            violated = any(KEYWORDS[name].is_violated(text, argument) for name, argument in others)
            alike = invalid if violated else valid
            if len(alike) < count:
                alike.append(text)
        if len(valid) == count:
            break
    return (*valid, *invalid)


def _every_time(format: str) -> Iterator[datetime]:
    """Yield the times of a day; or the half hours of a leap year, and then the years."""
    if format_type(format) == "time":
        step = 1 if "ss" in format else 60
        yield from (_NEW_YEAR + timedelta(seconds=second) for second in range(0, _DAY, step))
        return
    count = 366 * 48 if "HH" in format else 366
    yield from (datetime(2028, 1, 1) + timedelta(minutes=30 * half) for half in range(count))
    yield from (datetime(year, 1, 1) for year in range(1, 10_000))
