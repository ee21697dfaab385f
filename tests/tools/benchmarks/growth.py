"""Inputs of any size that are made to cost more than their size explains, each in as little around it as can be."""

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

ENTRY = {"type": "dict", "schema": "entry"}
LISTS = rule_set(
    {
        "xs": {"type": "list", "schema": {"type": "integer", "max": 5}},
        "days": {"type": "list", "schema": {"type": "string", "format": ["yyyy-MM-dd", "dd.MM.yyyy"]}},
        "entries": {"type": "list", "schema": ENTRY},
        "many": {"type": "string", "without": "ABCDEFGHIJKLMNOP"},
    },
    tables={"entry": {"a": {"type": "integer", "max": 5}, "b": {"type": "string"}, "c": {"type": "string", "format": "HH:mm:ss"}}},
)


class Input(NamedTuple):
    """A text, given its size in characters; and the Python objects, where they are not what the text reads as."""

    text: Callable[[int], str]
    rules: RuleSet
    request: bool = False
    objects: Callable[[int], Any] | None = None


def _times(unit: str, before: str = "", after: str = "", between: str = "") -> Callable[[int], str]:
    """Repeat a unit, in which `#` is a number of its own, until the size is come to."""

    def text(size: int) -> str:
        room = max(1, (size - len(before) - len(after) + len(between)) // (len(unit.replace("#", "00000")) + len(between)))
        return before + between.join(unit.replace("#", f"{number:05}") for number in range(room)) + after

    return text


def _value(name: str, value: Callable[[int], str], inside: str = "") -> Callable[[int], str]:
    """Give a text of that size to a parameter."""

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
    """Give all of them by name."""
    shipped, lists = isales_rules.load(RULES), RuleSet("lists", LISTS, load_catalog())
    body, end = '{"deviceType": 5, ', "}"
    made: dict[str, Callable[[int], str]] = {
        "time: many digits": _value("strBeginTime", _times("0", "2030-01-01 00:00:0")),
        "time, two formats: real times in a row": _value("strEndTime", _times("2030-01-01 00:00:00")),
        "half a time: many digits": _value("workdayBeginTime1", _times("0", after=":"), "scheduleParam"),
        "prefix: right, then long": _value("callBackUrl", _times("x", "https://")),
        "prefix: nearly right, again and again": _value("callBackUrl", _times("https:/")),
        "name: long": _value("name", _times("\u6d3b")),
        "name: all escaped": lambda size: body + '"name": "' + "\\u0007" * (size // 6) + '"}',
        "forbidden characters: one at the end": _value("description", _times("x", after=">")),
        "forbidden characters: no other": _value("description", _times("<")),
        "permitted characters: one other in the middle": _value("callerNo", lambda size: "1" * (size // 2) + "x" + "1" * (size // 2)),
        "permitted characters: no other": _value("callerNo", _times("*#0")),
        "undocumented keys": _times('"key#": 0', body, end, ", "),
        "undocumented keys, long": lambda size: body + f'"{"/~" * (size // 2)}": 0' + end,
        "a documented key again and again": _times('"name": 0', body, end, ", "),
        "an undocumented key again and again": _times('"key": 0', body, end, ", "),
        "undocumented keys, each twice": _times('"key#": 0, "key#": 0', body, end, ", "),
        "all keys again and again": _times(body[1:-2], "{", end, ", "),
        "nested lists": _nested("[", "]", body + '"a": ', end),
        "nested lists, more than can be read, not closed": _times("["),
        "nested objects": _nested('{"name": ', "}"),
        "nested lists, and then a text that is not closed": lambda size: "[" * (size // 2) + '"' + '\\"' * (size // 4),
        "a list of texts of brackets": _times('"[{\\"]"', body + '"a": [', "]" + end, ", "),
        "a list of lists": _times("[[0]]", body + '"a": [', "]" + end, ","),
        "a list of objects where a text is due": _times('{"name": {}}', body + '"name": [', "]" + end, ","),
        "white space": lambda size: " \n" * (size // 4) + body + "\t" * (size // 4) + '"a":' + "\r\n" * (size // 8) + "0" + end + " " * (size // 4),
        "line feeds before a mistake": _times("\n", after="x"),
        "line feeds in a body": _times("\n", body, end),
        "backslashes": lambda size: body + '"a": "' + "\\\\" * (size // 2) + '"' + end,
        "digits of an integer": _times("1", body + '"deviceType": ', end),
        "digits of a fraction": _times("1", body + '"deviceType": 1.', end),
        "digits of an exponent": _times("0", body + '"deviceType": 1e', "1" + end),
        "a number too large, after many": lambda size: "[" + "-1.5e-5, " * (size // 9) + "1e400]",
        "a number too large, after backslashes": lambda size: '["' + '\\"' * (size // 2) + '", 1e400]',
        "minus signs": _times("-"),
        "a text that is not closed": _times('\\"', '{"'),
    }
    made_of_lists: dict[str, Callable[[int], str]] = {
        "entries": _times("0", '{"xs": [', "]}", ","),
        "entries, each wrong": _times("9", '{"xs": [', "]}", ","),
        "entries, each of a wrong type": _times('"9"', '{"xs": [', "]}", ",\n"),
        "entries that are times": _times('"#.2030"', '{"days": [', "]}", ","),
        "entries that are objects, each wrong": _times('{"a": 9, "b": 0, "c": "#"}', '{"entries": [', "]}", ","),
        "entries with an undocumented key each": _times('{"a": 5, "d#": 0}', '{"entries": [', "]}", ","),
        "entries with a key twice each": _times('{"a": 5, "a": 9}', '{"entries": [', "]}", ","),
        "entries with too many keys each": _times('{"d": 5, "e": 9, "f": 0, "g#": 0}', '{"entries": [', "]}", ","),
        "many forbidden characters": lambda size: json.dumps({"many": "x" * size}),
    }
    made_of_requests: dict[str, Callable[[int], str]] = {
        "pattern: spaces": _value("Content-Type", _times(" ", "application/json", "charset=utf-8"), "headers"),
        "pattern: tabs, then nearly right": lambda size: json.dumps(
            {"headers": {"Content-Type": "application/json;" + "\t" * (size // 2) + "charset=utf-9"}}
        ),
        "pattern: nearly right, again and again": _value("Content-Type", _times("application/json; charset=utf-"), "headers"),
        "pattern, another: right, then long": _value("locale", _times("zh_CN"), "headers"),
        "secret: long": _value("Authorization", _times("x"), "headers"),
        "decimal text": _value("vdnId", _times("1"), "path"),
        "decimal text, then nearly": _value("vdnId", _times("1", after="x"), "path"),
        "headers": lambda size: json.dumps({"headers": {f"X-{number:05}": "x" for number in range(size // 14)}}),
        "headers, in two cases each": lambda size: json.dumps({"headers": {f"{x}-{number:05}": "x" for number in range(size // 28) for x in "xX"}}),
        "undocumented parts": _times('"key#": 0', "{", "}", ", "),
    }
    return {
        **{name: Input(text, shipped) for name, text in made.items()},
        "nested objects and lists, as Python objects": Input(_nested('{"a": [', "]}", body + '"skillParam": ', end), shipped, objects=_deep),
        **{name: Input(text, lists) for name, text in made_of_lists.items()},
        **{name: Input(text, shipped, request=True) for name, text in made_of_requests.items()},
    }


def runs(one: Input, size: int) -> dict[str, Run]:
    """Give what is timed of an input: both ways to check it, all that its report tells, where it stands, and the findings of a file of it."""
    text = one.text(size)
    assert abs(len(text) - size) <= size / 2, len(text)
    of_text = partial(one.rules.validate_request_json if one.request else one.rules.validate_json, text)
    found: dict[str, Run] = {}
    with suppress(ValueError, RecursionError):
        objects = one.objects(size) if one.objects else json.loads(text)
        if one.request:
            found["validate"] = partial(one.rules.validate_request, path=objects.get("path"), headers=objects.get("headers"))
        else:
            found["validate"] = partial(one.rules.validate, objects)
    report = of_text()
    checker = Checker(CheckOptions(one.rules, {}, "request" if one.request else "body", "en_US", "."))
    return {
        **found,
        "validate_json": of_text,
        "every message": partial(_read, report),
        "positions": partial(regions, text, report.violations),
        "findings": partial(checker.check, Chunk("-", [text.encode()], 1, several=False)),
    }


def _read(report: Report) -> None:
    report.to_dict("zh_CN")
    report.response()
