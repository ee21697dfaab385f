"""Keywords of strings: their beginning, characters, pattern and format."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from isales_rules.language.keywords.base import (
    NONEMPTY,
    ONE_OR_MORE,
    STRING,
    Bind,
    Comparison,
    Definition,
    Expression,
    Keyword,
    Sample,
    Truth,
    alphabet,
    as_tuple,
    violated_keywords,
)
from isales_rules.language.patterns import refused
from isales_rules.language.time_formats import (
    format_time,
    format_type,
    parse,
    times,
)


class Prefix(Keyword):
    name = "prefix"
    description = "The value must begin with one of these."
    argument_schema = ONE_OR_MORE
    types = STRING
    template = "prefix"
    sample = Sample("string", ["a:", "b:"], passes="a:1", fails="1", contradiction={"maxlength": 1})

    def violated_expr(self, value: str, argument: Any, bind: Bind) -> Expression:
        return Truth(f"{value}.startswith({as_tuple(argument)!r})", expected=False)

    def is_violated(self, value: str, argument: Any) -> bool:
        return not value.startswith(as_tuple(argument))

    def boundary_values(self, argument: Any, definition: Definition) -> Iterable[Any]:
        letter = alphabet(definition)[:1] or "a"
        for start in as_tuple(argument):
            yield from (
                f"{start}{letter}",
                f"{start[:-1]}{letter}",
                f"{start.swapcase()}{letter}",
                f" {start}{letter}",
            )

    def adjust(self, value: Any, argument: Any) -> Any:
        return value if value.startswith(as_tuple(argument)) else as_tuple(argument)[0] + value

    def problems(self, argument: Any, definition: Definition) -> Iterator[str]:
        yield from _obeyed_by_none(as_tuple(argument), definition)


class AllowedCharacters(Keyword):
    name = "allowed_characters"
    description = "The value may contain only these characters."
    argument_schema = NONEMPTY
    types = STRING
    template = "invalid-character"
    sample = Sample(
        "string", "01*", passes="10", fails="12", contradiction={"forbidden_characters": "*01"}
    )

    def violated_expr(self, value: str, argument: str, bind: Bind) -> Expression:
        return Truth(f"{value}.strip({argument!r})")

    def is_violated(self, value: str, argument: str) -> bool:
        return not set(value) <= set(argument)

    def boundary_values(self, argument: str, definition: Definition) -> Iterable[Any]:
        size = definition.get("maxlength", 10)
        yield from (argument[start : start + size] for start in range(0, len(argument), size))
        yield from (argument[0] + other + argument[0] for other in _UNUSUAL_CHARACTERS)

    def adjust(self, value: str, argument: str) -> str:
        return "".join(one for one in value if one in argument) or argument[0]

    def problems(self, argument: str, definition: Definition) -> Iterator[str]:
        if set(argument) <= set(definition.get("forbidden_characters", "")):
            yield "has only characters that forbidden_characters has"


class ForbiddenCharacters(Keyword):
    name = "forbidden_characters"
    description = "The value must not contain any of these characters."
    argument_schema = NONEMPTY
    types = STRING
    template = "forbidden-character"
    sample = Sample(
        "string", "<>", passes="a", fails="a<", contradiction={"allowed_characters": "<"},
        at="allowed_characters",
    )  # fmt: skip

    def violated_expr(self, value: str, argument: str, bind: Bind) -> Expression:
        # For short values and few characters, one search each is faster than a pattern.
        if len(argument) == 1:
            return Comparison(repr(argument), "in", value)
        if len(argument) <= 8:
            return Truth(f"({' or '.join(f'{character!r} in {value}' for character in argument)})")
        search = bind("SEARCH", re.compile(f"[{re.escape(argument)}]").search, argument)
        return Comparison(f"{search}({value})", "is not", "None")

    def is_violated(self, value: str, argument: str) -> bool:
        return not set(value).isdisjoint(argument)

    def boundary_values(self, argument: str, definition: Definition) -> Iterable[Any]:
        letter = alphabet(definition)[:1] or "a"
        yield from (
            f"{letter}{character}{letter}" for character in (*argument, *_UNUSUAL_CHARACTERS)
        )

    def adjust(self, value: str, argument: str) -> str:
        return "".join(one for one in value if one not in argument)


_UNUSUAL_CHARACTERS = ["\n", " ", "A", "z", "0", "\uff10", "\u00e9", "\U0001f600"]
"""Characters that a careless pattern takes for others: a line end, full-width digits, ..."""


class _Pattern(Keyword):
    """Match the whole value with a regular expression."""

    types = STRING

    def is_match_expr(self, value: str, argument: str, bind: Bind) -> Comparison:
        match = bind("MATCH", re.compile(argument, re.ASCII).fullmatch, argument)
        return Comparison(f"{match}({value})", "is not", "None")

    def is_match(self, value: str, argument: str) -> bool:
        return re.compile(argument, re.ASCII).fullmatch(value) is not None

    def problems(self, argument: str, definition: Definition) -> Iterator[str]:
        try:
            if reason := refused(argument):
                yield reason
        except (re.error, ValueError, OverflowError, RecursionError) as error:
            yield f"is not a regular expression: {error}"


class Regex(_Pattern):
    name = "regex"
    description = "The whole value must match this pattern; digits and letters are ASCII."
    argument_schema = NONEMPTY
    template = "pattern"
    sample = Sample("string", "[a-z]{2}", passes="ab", fails="ab1", beside={"example": "ab"})

    def violated_expr(self, value: str, argument: str, bind: Bind) -> Expression:
        return self.is_match_expr(value, argument, bind).negated()

    def is_violated(self, value: str, argument: str) -> bool:
        return not self.is_match(value, argument)

    def boundary_values(self, argument: str, definition: Definition) -> Iterable[Any]:
        example: str = definition.get("example", "")
        if example:
            yield from (example, f"{example}\n", f" {example}", example[:-1], f"{example}x")
            yield from (example.swapcase(), example.replace(" ", ""))


class Format(Keyword):
    name = "format"
    description = "The value must be a real date or time in one of these formats."
    argument_schema = ONE_OR_MORE
    types = STRING
    template = "format"
    sample = Sample(
        "string", "yyyy-MM-dd", passes="2028-02-29", fails="2027-02-29",
        contradiction={"maxlength": 8},
    )  # fmt: skip

    def violated_expr(self, value: str, argument: Any, bind: Bind) -> Expression:
        return Comparison(parse_expr(value, argument, bind), "is", "None")

    def is_violated(self, value: str, argument: Any) -> bool:
        return parse(value, as_tuple(argument)) is None

    def boundary_values(self, argument: Any, definition: Definition) -> Iterable[Any]:
        formats = as_tuple(argument)
        for moment in _DATETIMES:
            yield from (format_time(one, moment) for one in formats)
        for one in formats:
            valid = format_time(one, _DATETIMES[0])
            yield from (
                f"{valid}\n",
                f" {valid}",
                valid.translate({ord("0"): "\uff10"}),
                valid[:-1],
                one,
                "x",
            )
            yield from (
                format_time(one.replace(field, wrong), _DATETIMES[0])
                for field, wrong in _WRONG_FIELDS
                if field in one
            )
            if format_type(one) != "time":
                yield format_time(one.replace("MM", "02").replace("dd", "30"), _DATETIMES[0])

    def problems(self, argument: Any, definition: Definition) -> Iterator[str]:
        types = {format_type(one) for one in as_tuple(argument)}
        if None in types or len(types) > 1:
            yield (
                "must consist of yyyy MM dd HH mm ss, each at most once: a date (year and time are"
                " optional), or a time; several formats must be of one kind"
            )
            return
        yield from _obeyed_by_none(
            [format_time(one, _DATETIMES[0]) for one in as_tuple(argument)], definition
        )


_DATETIMES = [
    datetime(2030, 1, 1),
    datetime(2030, 1, 1, 8, 30),
    datetime(2028, 2, 29, 12, 30, 59),
    datetime(1, 1, 1),
    datetime(9999, 12, 31, 23, 59, 59),
]
_WRONG_FIELDS = [
    ("MM", "13"), ("MM", "00"), ("dd", "32"), ("HH", "24"), ("mm", "60"), ("ss", "60"), ("HH", "8"), ("dd", "1"),
]  # fmt: skip


def parse_expr(value: str, argument: str | Sequence[str], bind: Bind) -> str:
    """Write the expression that parses the text in the variable `value`.

    `None` if it is invalid.
    """
    formats = as_tuple(argument)
    return f"{bind('TIMES', times(formats), formats)}[{value}]"


class PartialPattern(_Pattern):
    name = "partial_pattern"
    description = (
        "If the value is not a valid time and matches this pattern, the time is incomplete."
    )
    argument_schema = {"type": "string", "empty": False, "dependencies": "format"}
    template = "incomplete-time"
    sample = Sample("string", "[0-9]{2}", passes="08:30", fails="08", beside={"format": "HH:mm"})
    refines = "format"

    def violated_expr(self, value: str, argument: str, bind: Bind) -> Expression:
        return self.is_match_expr(value, argument, bind)

    def is_violated(self, value: str, argument: str) -> bool:
        return self.is_match(value, argument)

    def boundary_values(self, argument: str, definition: Definition) -> Iterable[Any]:
        for one in as_tuple(definition["format"]):
            valid = format_time(one, _DATETIMES[0])
            yield from (valid[:2], valid[:3], valid[2:])


def _obeyed_by_none(texts: Sequence[str], definition: Definition) -> Iterator[str]:
    """Yield the reason if each of some texts is too short or too long for a definition."""
    names = ("maxlength", "maxbytes")
    violated = [violated_keywords(text, definition, names) for text in texts]
    if all(violated):
        yield f"is longer than {violated[0][0]}, {definition[violated[0][0]]}"
