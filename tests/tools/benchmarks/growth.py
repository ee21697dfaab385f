"""Hostile inputs of any size, designed to cost more than linear time."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

import isales_rules
from isales_rules import Report, RuleSet
from isales_rules.cli.chunks import Chunk
from isales_rules.cli.findings import Checker, CheckOptions
from isales_rules.cli.locations import regions
from isales_rules.language.catalog import load_catalog
from tests.support.rule_sets import rule_set
from tests.tools.benchmarks.competitors import RULES
from tests.tools.benchmarks.timing import Run

ITEM = {"type": "dict", "schema": "entry"}
LISTS = rule_set(
    {
        "xs": {"type": "list", "schema": {"type": "integer", "max": 5}},
        "days": {
            "type": "list",
            "schema": {"type": "string", "format": ["yyyy-MM-dd", "dd.MM.yyyy"]},
        },
        "items": {"type": "list", "schema": ITEM},
        "many": {"type": "string", "forbidden_characters": "ABCDEFGHIJKLMNOP"},
    },
    tables={
        "entry": {
            "a": {"type": "integer", "max": 5},
            "b": {"type": "string"},
            "c": {"type": "string", "format": "HH:mm:ss"},
        }
    },
)


class Input(NamedTuple):
    """A function from size in characters to text; `objects` if they differ from the parsed text."""

    text: Callable[[int], str]
    rules: RuleSet
    request: bool = False
    objects: Callable[[int], Any] | None = None


def _times(unit: str, before: str = "", after: str = "", between: str = "") -> Callable[[int], str]:
    """Repeat a unit up to the size, replacing `#` by consecutive numbers."""

    def text(size: int) -> str:
        room = max(
            1,
            (size - len(before) - len(after) + len(between))
            // (len(unit.replace("#", "00000")) + len(between)),
        )
        return (
            before
            + between.join(unit.replace("#", f"{number:05}") for number in range(room))
            + after
        )

    return text


def _value(name: str, value: Callable[[int], str], inside: str = "") -> Callable[[int], str]:
    """Set a parameter to a text of the size."""

    def text(size: int) -> str:
        document = {name: value(size)}
        return json.dumps({inside: document} if inside else document, ensure_ascii=False)

    return text


def _nested(opening: str, closing: str, before: str = "", after: str = "") -> Callable[[int], str]:
    def text(size: int) -> str:
        depth = size // len(opening + closing)
        return before + opening * depth + closing * depth + after

    return text


def _deep(size: int) -> Any:
    value: Any = {}
    for _ in range(size // 6):
        value = {"a": [value]}
    return {"undocumented": value, "skillParam": value}


def inputs() -> dict[str, Input]:
    """Return all inputs by name."""
    shipped, lists = isales_rules.load(RULES), RuleSet("lists", LISTS, load_catalog())
    body, end = '{"deviceType": 5, ', "}"
    made: dict[str, Callable[[int], str]] = {
        "time: many digits": _value("strBeginTime", _times("0", "2030-01-01 00:00:0")),
        "time, two formats: real times in a row": _value(
            "strEndTime", _times("2030-01-01 00:00:00")
        ),
        "incomplete time: many digits": _value(
            "workdayBeginTime1", _times("0", after=":"), "scheduleParam"
        ),
        "prefix: valid, then long": _value("callBackUrl", _times("x", "https://")),
        "prefix: repeatedly almost valid": _value("callBackUrl", _times("https:/")),
        "name: long": _value("name", _times("\u6d3b")),
        "name: all escaped": lambda size: body + '"name": "' + "\\u0007" * (size // 6) + '"}',
        "forbidden characters: one at the end": _value("description", _times("x", after=">")),
        "forbidden characters: no other": _value("description", _times("<")),
        "permitted characters: one other in the middle": _value(
            "callerNo", lambda size: "1" * (size // 2) + "x" + "1" * (size // 2)
        ),
        "permitted characters: no other": _value("callerNo", _times("*#0")),
        "undocumented keys": _times('"key#": 0', body, end, ", "),
        "undocumented keys, long": lambda size: body + f'"{"/~" * (size // 2)}": 0' + end,
        "a documented key, repeated": _times('"name": 0', body, end, ", "),
        "an undocumented key, repeated": _times('"key": 0', body, end, ", "),
        "undocumented keys, each twice": _times('"key#": 0, "key#": 0', body, end, ", "),
        "all keys, repeated": _times(body[1:-2], "{", end, ", "),
        "nested lists": _nested("[", "]", body + '"a": ', end),
        "nested lists above the limit, not closed": _times("["),
        "nested objects": _nested('{"name": ', "}"),
        "nested lists, then an unterminated text": lambda size: (
            "[" * (size // 2) + '"' + '\\"' * (size // 4)
        ),
        "a list of texts of brackets": _times('"[{\\"]"', body + '"a": [', "]" + end, ", "),
        "a list of lists": _times("[[0]]", body + '"a": [', "]" + end, ","),
        "a list of objects instead of a text": _times(
            '{"name": {}}', body + '"name": [', "]" + end, ","
        ),
        "white space": lambda size: (
            " \n" * (size // 4)
            + body
            + "\t" * (size // 4)
            + '"a":'
            + "\r\n" * (size // 8)
            + "0"
            + end
            + " " * (size // 4)
        ),
        "line feeds before an error": _times("\n", after="x"),
        "line feeds in a body": _times("\n", body, end),
        "backslashes": lambda size: body + '"a": "' + "\\\\" * (size // 2) + '"' + end,
        "digits of an integer": _times("1", body + '"deviceType": ', end),
        "digits of a fraction": _times("1", body + '"deviceType": 1.', end),
        "digits of an exponent": _times("0", body + '"deviceType": 1e', "1" + end),
        "a number too large, after many": lambda size: "[" + "-1.5e-5, " * (size // 9) + "1e400]",
        "a number too large, after backslashes": lambda size: (
            '["' + '\\"' * (size // 2) + '", 1e400]'
        ),
        "minus signs": _times("-"),
        "an unterminated text": _times('\\"', '{"'),
    }
    made_of_lists: dict[str, Callable[[int], str]] = {
        "items": _times("0", '{"xs": [', "]}", ","),
        "invalid items": _times("9", '{"xs": [', "]}", ","),
        "items of the wrong type": _times('"9"', '{"xs": [', "]}", ",\n"),
        "items that are times": _times('"#.2030"', '{"days": [', "]}", ","),
        "items that are invalid objects": _times(
            '{"a": 9, "b": 0, "c": "#"}', '{"items": [', "]}", ","
        ),
        "items with an undocumented key each": _times(
            '{"a": 5, "d#": 0}', '{"items": [', "]}", ","
        ),
        "items with a duplicate key each": _times('{"a": 5, "a": 9}', '{"items": [', "]}", ","),
        "items with too many keys each": _times(
            '{"d": 5, "e": 9, "f": 0, "g#": 0}', '{"items": [', "]}", ","
        ),
        "many forbidden characters": lambda size: json.dumps({"many": "x" * size}),
    }
    made_of_requests: dict[str, Callable[[int], str]] = {
        "pattern: spaces": _value(
            "Content-Type", _times(" ", "application/json", "charset=utf-8"), "headers"
        ),
        "pattern: tabs, then almost valid": lambda size: json.dumps(
            {
                "headers": {
                    "Content-Type": "application/json;" + "\t" * (size // 2) + "charset=utf-9"
                }
            }
        ),
        "pattern: repeatedly almost valid": _value(
            "Content-Type", _times("application/json; charset=utf-"), "headers"
        ),
        "another pattern: valid, then long": _value("locale", _times("zh_CN"), "headers"),
        "secret: long": _value("Authorization", _times("x"), "headers"),
        "decimal text": _value("vdnId", _times("1"), "path"),
        "decimal text, then a letter": _value("vdnId", _times("1", after="x"), "path"),
        "headers": lambda size: json.dumps(
            {"headers": {f"X-{number:05}": "x" for number in range(size // 14)}}
        ),
        "headers in upper and lower case": lambda size: json.dumps(
            {"headers": {f"{x}-{number:05}": "x" for number in range(size // 28) for x in "xX"}}
        ),
        "undocumented parts": _times('"key#": 0', "{", "}", ", "),
    }
    return {
        **{name: Input(text, shipped) for name, text in made.items()},
        "nested objects and lists, as Python objects": Input(
            _nested('{"a": [', "]}", body + '"skillParam": ', end), shipped, objects=_deep
        ),
        **{name: Input(text, lists) for name, text in made_of_lists.items()},
        **{name: Input(text, shipped, request=True) for name, text in made_of_requests.items()},
    }


def runs(one: Input, size: int) -> dict[str, Run]:
    """Return the timed functions: validation, messages, regions, and findings of a file."""
    text = one.text(size)
    assert abs(len(text) - size) <= size / 2, len(text)
    validate_text = partial(
        one.rules.validate_request_json if one.request else one.rules.validate_json, text
    )
    validated: dict[str, Run] = {}
    with suppress(ValueError, RecursionError):
        objects = one.objects(size) if one.objects else json.loads(text)
        if one.request:
            validated["validate"] = partial(
                one.rules.validate_request, path=objects.get("path"), headers=objects.get("headers")
            )
        else:
            validated["validate"] = partial(one.rules.validate, objects)
    report = validate_text()
    checker = Checker(
        CheckOptions(one.rules, {}, "request" if one.request else "body", "en_US", ".")
    )
    return {
        **validated,
        "validate_json": validate_text,
        "every message": partial(_read, report),
        "positions": partial(regions, text, report.violations),
        "findings": partial(checker.check, Chunk("-", [text.encode()], 1, several=False)),
    }


def _read(report: Report) -> None:
    report.to_dict("zh_CN")
    report.response()
