"""Fuzzing targets: functions of bytes that raise on any error.

`thorough` also runs the reference engine.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import isales_rules
from isales_rules import Report, RuleSet, RuleSetError
from isales_rules.engine.json_text import MAX_DEPTH
from isales_rules.language.catalog import LOCALES, load_catalog
from isales_rules.language.model import PARTS
from isales_rules.testing.examples import examples
from tests.cli.test_locations import Written, compare, inspected
from tests.engine.test_python_values import (
    NON_JSON,
    Device,
    LyingNumber,
    LyingText,
    Number,
    Pair,
    Text,
)
from tests.language.test_validation import BASE, BODIES, STATED
from tests.testing.test_examples import answer, outcome

SHIPPED = isales_rules.load("campaign-modify-v1")
LISTS = RuleSet("lists", BASE, load_catalog())
"""A rule set with features that the shipped one lacks, such as lists."""

FACTS = {
    "now": datetime(2030, 1, 1),
    "campaign_exists": False,
    "campaign_expired": True,
    "device_type": 1,
    "campaign_names": ["x"],
    "skill_ids": [1],
}

ODD_OBJECTS: list[Any] = [
    *NON_JSON.values(),
    Device.PREVIEWED,
    LyingText("x"),
    Number(5),
    Text("x"),
    Text(),
    LyingNumber(5),
]
"""Python objects that are not JSON values."""

MAX_LENGTH = 10_000
"""Maximum length for which examples are generated, to save time."""

EXTRA_LEVELS = 100
"""Levels added around a text: deeper than where the parser uses the scanner of `json`."""


def _views(report: Report) -> list[Any]:
    """Read all views of a report."""
    views: list[Any] = [report.to_dict(locale) for locale in LOCALES]
    views += [report.response(locale) for locale in LOCALES]
    json.dumps(views)
    for texts in views[: len(LOCALES)]:
        assert all(one["message"].isprintable() for one in texts["violations"])
        assert all(one["path"][:1] in ("", "/") for one in texts["violations"])
    assert repr(report).isprintable()
    return views


def _rule_paths(report: Report) -> list[Any]:
    return [(one.rule, one.code, one.path) for one in report.violations]


def _validate(
    check: Callable[..., Report], *arguments: Any, thorough: bool, **named: Any
) -> Report:
    report = check(*arguments, **named)
    if thorough:
        assert _views(report) == _views(check(*arguments, **named, engine="cerberus"))
    return report


def _scenarios(thorough: bool) -> list[tuple[RuleSet, dict[str, Any] | None]]:
    bare, stated = [(SHIPPED, None), (LISTS, STATED)], [(SHIPPED, FACTS), (LISTS, None)]
    return [*bare, *stated] if thorough else bare


class _DuplicateKeyError(Exception):
    """Raised for a duplicate key."""


def _unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise _DuplicateKeyError
    return members


def _reject(name: str) -> None:
    raise ValueError(name)


def _standard_parse(text: str) -> Any:
    """Parse JSON with the standard library; raise `ValueError` for invalid JSON."""
    return json.loads(text, parse_constant=_reject, object_pairs_hook=_unique_members)


def fuzz_json(data: bytes, *, thorough: bool) -> None:
    """A body as `str` and as `bytes`: `validate_json`."""
    text = data.decode("utf-8", "surrogateescape")
    for rules, facts in _scenarios(thorough):
        report = _validate(rules.validate_json, text, facts, thorough=thorough)
        of_bytes = rules.validate_json(data, facts)
        assert _rule_paths(of_bytes) == _rule_paths(report) or not _is_utf8(data)
        _compare_with_standard_library(rules, text, facts, report)


def _is_utf8(data: bytes) -> bool:
    try:
        return bool(data.decode()) or True
    except UnicodeDecodeError:
        return False


def _is_rejected(text: str) -> bool:
    try:
        return _is_infinite(json.loads(text, parse_constant=_reject))
    except ValueError:
        return True


def _is_infinite(value: Any) -> bool:
    """Check whether a JSON value contains a number that JSON cannot express."""
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return True
    return False


def _compare_with_standard_library(
    rules: RuleSet, text: str, facts: Mapping[str, Any] | None, report: Report
) -> None:
    if text.count("[") + text.count("{") > MAX_DEPTH - EXTRA_LEVELS:
        return
    rejected = any(one.rule == "body.invalid-json" for one in report.violations)
    nested = "[" * EXTRA_LEVELS + text.removeprefix("\ufeff") + "]" * EXTRA_LEVELS
    assert (rules.validate_json(nested).violations[0].rule == "body.invalid-json") == _is_rejected(
        nested
    )
    try:
        value = _standard_parse(text.removeprefix("\ufeff"))
    except _DuplicateKeyError:
        return
    except ValueError:
        assert rejected or not text.removeprefix("\ufeff").strip(" \t\n\r")
        return
    if rejected:
        assert _is_infinite(value)
    else:
        assert _rule_paths(report) == _rule_paths(rules.validate(value, facts))


def _to_objects(value: Any) -> Any:
    """Replace placeholders by Python objects.

    `{"py": 3}` is an object that is not a JSON value, and `{"py": [[key, value], ...]}` a mapping
    with any keys.
    """
    if isinstance(value, list):
        return [_to_objects(one) for one in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"py"} and type(value["py"]) is int:
        return ODD_OBJECTS[value["py"] % len(ODD_OBJECTS)]
    if set(value) == {"py"} and isinstance(value["py"], list):
        members = {}
        for pair in value["py"]:
            key, inner = pair if isinstance(pair, list) and len(pair) == 2 else (pair, pair)
            try:
                members[_to_objects(key)] = _to_objects(inner)
            except (TypeError, ValueError):  # unhashable
                continue
        return members
    members = {key: _to_objects(one) for key, one in value.items()}
    return {"Mapping": Pair, "proxy": MappingProxyType}.get(
        str(value.get("py")), lambda same: same
    )(members)


def fuzz_request(data: bytes, *, thorough: bool) -> None:
    """A whole request, as text and as Python objects.

    `validate_request_json` and `validate_request`.
    """
    try:
        request = _standard_parse(data.decode())
        objects = _to_objects(request)
    except (ValueError, RecursionError, _DuplicateKeyError):
        request = objects = None
    for rules, facts in _scenarios(thorough):
        report = _validate(rules.validate_request_json, data, facts, thorough=thorough)
        if not isinstance(request, dict):
            continue
        parts: dict[str, Any] = {part: request.get(part) for part in PARTS}
        of_parts = rules.validate_request(facts=facts, **parts)
        assert (
            _rule_paths(of_parts) == _rule_paths(report)
            or not _is_comparable(request)
            or _is_infinite(request)
        )
        odd_parts = (
            {part: objects.get(part) for part in PARTS}
            if isinstance(objects, Mapping)
            else {"body": objects}
        )
        _validate(rules.validate_request, facts=facts, thorough=thorough, **odd_parts)
        _rule_paths(rules.validate(odd_parts["body"], facts))


def _is_comparable(request: dict[str, Any]) -> bool:
    """Return whether a request means the same as text and as Python objects.

    It does not if its body is JSON text or a header is repeated.
    """
    headers = request.get("headers")
    unique_headers = not isinstance(headers, list | dict) or (
        isinstance(headers, dict) and len({name.lower() for name in headers}) == len(headers)
    )
    return (
        set(request) <= set(PARTS) and not isinstance(request.get("body"), str) and unique_headers
    )


def fuzz_positions(data: bytes, *, thorough: bool) -> None:  # noqa: ARG001  # both engines give these reports
    """Regions of the violations of a text, as a body and as a whole request."""
    decoded = data.decode("utf-8", "surrogateescape")
    text = decoded.removeprefix("\ufeff")
    for rules in (SHIPPED, LISTS):
        for report, root in (
            (rules.validate_json(decoded), rules.root("body")),
            (rules.validate_request_json(decoded), {part: rules.root(part) for part in PARTS}),
        ):
            if any(
                one.rule.endswith(".invalid-json") for one in report.violations
            ) or not text.strip(" \t\n\r"):
                inspected(decoded, report)
            else:
                compare(decoded, text, _locate(text), report, root)
    inspected(data, SHIPPED.validate_json(data), whole=False)


_decoder = json.JSONDecoder()


def _locate(text: str) -> Written:
    """Locate every value of a JSON text, independently: with the standard decoder."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(limit + 5000)  # one frame for each level of nesting
    try:
        return _value(text, 0)
    finally:
        sys.setrecursionlimit(limit)


def _value(text: str, start: int) -> Written:
    start = _space(text, start)
    if text[start] not in "[{":
        return Written(start, _decoder.raw_decode(text, start)[1], [])
    members: list[tuple[str, tuple[int, int], Written]] = []
    end = _space(text, start + 1)
    while text[end] not in "]}":
        name, key = str(len(members)), (0, 0)
        if text[start] == "{":
            name, after = _decoder.raw_decode(text, end)
            key = end, after
            end = _space(text, after) + 1
        member = _value(text, end)
        members.append((name, key, member))
        end = _space(text, member.end)
        end = _space(text, end + 1) if text[end] == "," else end
    return Written(start, end + 1, members)


def _space(text: str, start: int) -> int:
    while text[start : start + 1] in (" ", "\t", "\n", "\r"):
        start += 1
    return start


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory()


def _check_error(error: RuleSetError) -> None:
    assert error.problems
    assert all(reason for _, reason in error.problems)
    assert str(error)


def fuzz_load(data: bytes, *, thorough: bool) -> None:
    """The text of a rule set: `load`, and reports if it is valid."""
    file = Path(_folder().name) / "fuzzed.toml"
    file.write_bytes(data)
    try:
        rules = isales_rules.load(file)
    except RuleSetError as error:
        _check_error(error)
        return
    facts = {
        name: STATED[kind]
        for name, fact in rules.facts.items()
        for kind in STATED
        if BASE["facts"][kind]["type"] == fact["type"]
    }
    compile(rules.to_python(), "source", "exec")
    for locale in LOCALES:
        assert all(text for _, text in rules.expectations(locale))
    for body in BODIES:
        for stated in (None, facts):
            _validate(rules.validate, body, stated, thorough=thorough)
            _validate(
                rules.validate_request,
                path=body,
                headers=body,
                body=body,
                facts=stated,
                thorough=thorough,
            )
    parameters = [one for part in PARTS for one in rules.root(part).walk()]
    lengths = [
        one.definition.get(name, 0)
        for one in parameters
        for name in ("minlength", "maxlength", "maxitems")
    ]
    if max(lengths) <= MAX_LENGTH:
        for example in islice(examples(rules), 20):
            assert outcome(answer(rules, example), example) == (
                example["expect"],
                example["warn"],
            ), example["name"]
            if thorough and "body" in example:
                assert outcome(answer(rules, example, "cerberus"), example) == (
                    example["expect"],
                    example["warn"],
                ), example["name"]


class Target(NamedTuple):
    """A target: its function, its maximum input length, and how rarely it is thorough.

    Every `each`-th input is also run with the reference engine.
    """

    check: Callable[..., None]
    longest: int
    each: int


TARGETS = {
    "json": Target(fuzz_json, 4096, 20),
    "request": Target(fuzz_request, 4096, 20),
    "positions": Target(fuzz_positions, 4096, 1),
    "load": Target(fuzz_load, 30_000, 3),
}
