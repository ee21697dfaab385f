"""From what a caller hands over to plain JSON values: strict JSON text, and Python objects of any kind."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from isales_rules.model import Parameter
from isales_rules.report import Duplicate, Foreign

_SPACE = " \t\n\r"
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|-?(?:Infinity|[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)|NaN|[\[{]++|[\]}]++', re.DOTALL)


class TextError(Exception):
    """A text that is no JSON. `reason` is a word of `codes.toml`; line and column count from 1, the column in characters."""

    def __init__(self, reason: str, text: str, offset: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = text.count("\n", 0, offset) + 1
        self.column = offset - text.rfind("\n", 0, offset)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[Any, Any]:
    members: dict[Any, Any] = dict(pairs)
    if len(members) == len(pairs):
        return members
    # The last value counts, and stands where it stands in the text.
    members = {}
    twice: dict[str, Duplicate] = {}
    for key, value in pairs:
        if key in members:
            twice.setdefault(key, Duplicate(key))
            del members[key]
        members[key] = value
    return members | dict.fromkeys(twice.values())


def _number(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise OverflowError(text)
    return number


def _constant(name: str) -> float:
    raise OverflowError(name)


_decoder = json.JSONDecoder(object_pairs_hook=_pairs, parse_float=_number, parse_constant=_constant)
_scan = _decoder.scan_once  # type: ignore[attr-defined]  # a plain attribute since 3.1, which the stubs leave out


def read(text: str | bytes | bytearray) -> Any:
    """Read JSON as RFC 8259 has it. A key that an object has twice leaves its last value, and a `Duplicate` among the keys.

    `text` is a `str`, or UTF-8 `bytes`; a byte order mark is tolerated. Nothing but white space reads as the empty string. Raises `TextError` for
    what is no JSON, and `TypeError` for an argument that is no text.
    """
    if isinstance(text, bytes | bytearray):
        try:
            decoded = text.decode("utf-8")
        except UnicodeDecodeError as error:
            before = text[: error.start].decode("utf-8").removeprefix("\ufeff")
            raise TextError("utf-8", before, len(before)) from None
    elif isinstance(text, str):
        decoded = text
    else:
        raise TypeError(f"the text must be str or bytes, not {type(text).__name__}")
    decoded = decoded.removeprefix("\ufeff")
    # `decode` would look for white space at both ends with patterns, which takes as long as a fifth of the reading.
    start = 0 if decoded[:1] == "{" else len(decoded) - len(decoded.lstrip(_SPACE))
    try:
        value, end = _scan(decoded, start)
    except StopIteration as stop:
        if start == len(decoded):
            return ""
        raise TextError("syntax", decoded, stop.value) from None
    except json.JSONDecodeError as error:
        raise TextError("syntax", decoded, error.pos) from None
    except (ValueError, OverflowError, RecursionError) as error:
        raise _unreadable(decoded, deep=isinstance(error, RecursionError)) from None
    if end != len(decoded) and (rest := decoded[end:].lstrip(_SPACE)):
        raise TextError("syntax", decoded, len(decoded) - len(rest))
    return value


def _unreadable(text: str, deep: bool) -> TextError:
    """Find the place of what the parser refuses without naming it: the deepest bracket, or the first number that cannot be held."""
    depth = deepest = place = 0
    for token in _TOKEN.finditer(text):
        word = token[0]
        if word[0] in "[{":
            depth += len(word)
            if deep and depth > deepest:
                deepest, place = depth, token.end() - 1
        elif word[0] in "]}":
            depth -= len(word)
        elif not deep and word[0] != '"':
            if word.endswith(("y", "N")):
                return TextError("constant", text, token.start())
            try:
                _number(word) if token[1] or token[2] else int(word)
            except (ValueError, OverflowError):
                return TextError("number", text, token.start())
    return TextError("depth", text, place)


def plain(value: object, parameter: Parameter) -> Any:
    """Copy a value as plain JSON, as far as a rule looks at it: mappings as `dict`, subclasses as what they are, anything else as `Foreign`.

    A key that is equal to a documented name counts as that name. Nothing that the object's own methods raise gets out of here.
    """
    if value is None or type(value) in (str, int, float, bool):
        return value
    try:
        if isinstance(value, str):
            return str.__str__(value)
        if isinstance(value, int):
            return int.__int__(value)
        if isinstance(value, float):
            return float.__float__(value)
        if isinstance(value, Mapping):
            return _members(value, parameter)
        if isinstance(value, list | tuple):
            return [plain(one, parameter.entry) if parameter.entry else None for one in value]
    except Exception:  # noqa: BLE001, S110  # whatever a caller's object raises, it is no JSON value
        pass
    return Foreign(value)


def _members(value: Mapping[Any, Any], parameter: Parameter) -> dict[Any, Any]:
    documented = {name: name for name in parameter.members}
    any_case = {name.lower(): name for name in parameter.members} if parameter.row.get("anycase") else {}
    members = {}
    for key in value if parameter.closed else ():
        known = documented.get(key)
        spelled = _key(key) if known is None else known
        member = parameter.members.get(known or any_case.get(spelled.lower() if isinstance(spelled, str) else "", ""))
        members[spelled] = None if member is None else plain(value[key], member)
    return members


def _key(key: object) -> object:
    if type(key) is Duplicate:
        return key
    if isinstance(key, str):
        return str.__str__(key)
    return key if key is None or type(key) in (int, float, bool) else Foreign(key)
