"""Strict JSON text to plain values."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import suppress
from itertools import accumulate, count
from typing import Any, NamedTuple

from isales_rules.engine.values import DuplicateKey

MAX_DEPTH = 500
"""Maximum nesting of arrays and objects in a text."""

_SCANNER_DEPTH = 64
"""Maximum nesting for json's scanner, which recurses in C.

64 levels fit in the smallest stack that a thread can have.
"""

FAST_AFTER = 1000
"""Number of texts after which msgspec reads them, if it is installed: its import takes 10 ms."""

_fast: list[Callable[[str | bytes], Any]] = []
_texts = count()

_TEXTS = (str, bytes, bytearray)
_SPACE = " \t\n\r"
_SPACES = re.compile(r"[ \t\n\r]*+")
_STRING_PART = re.compile(r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}|\Z)|([\\\x00-\x1f])')
"""A valid escape, or, as group 1, a character that a string cannot have."""

_LEVELS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")
_NO_BRACKETS = bytes({*range(256)} - {*b"[{]}"})


class JsonSyntaxError(Exception):
    """A text that is not JSON.

    `reason` is a phrase of the catalog; line and column count from 1, the column in characters.
    """

    def __init__(self, reason: str, text: str, offset: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = text.count("\n", 0, offset) + 1
        self.column = offset - text.rfind("\n", 0, offset)

    def details(self) -> dict[str, str]:
        """Return what the message of a violation shows."""
        return {"line": str(self.line), "column": str(self.column), "reason": self.reason}


def _pairs(pairs: list[tuple[str, Any]]) -> dict[Any, Any]:
    members: dict[Any, Any] = dict(pairs)
    if len(members) == len(pairs):
        return members
    # The last value counts, at its position in the text.
    members = {}
    twice: dict[str, DuplicateKey] = {}
    for key, value in pairs:
        if key in members:
            twice.setdefault(key, DuplicateKey(key))
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


_quick_scan = json.JSONDecoder(parse_float=_number, parse_constant=_constant).scan_once  # type: ignore[attr-defined]  # as above


def is_text(value: object) -> bool:
    """Return whether `read` accepts a value, whatever the value says of itself."""
    return issubclass(type(value), _TEXTS)


def parse_json(text: str | bytes | bytearray) -> Any:
    """Read JSON (RFC 8259).

    A key that an object has twice leaves its last value, and a `Duplicate` among the keys.

    `text` is a `str`, or UTF-8 `bytes`; a byte order mark is tolerated. Only white space reads as
    `None`. Raises `TextError` at the first error in a text that is not JSON, and `TypeError` for an
    argument that is not a text.
    """
    if type(text) is str:
        return _read(text)
    if type(text) is not bytes:
        # Methods of a subclass are not called: they may do anything.
        if issubclass(type(text), str):
            return _read(str.__str__(text))
        if not isinstance(text, bytes | bytearray):
            raise TypeError(f"the text must be str or bytes, not {type(text).__name__}")
        text = memoryview(text).tobytes()
    try:
        return _read(text.decode("utf-8"))
    except (UnicodeDecodeError, JsonSyntaxError) as error:
        encoding = json.detect_encoding(text)[: len("utf-16")]
        if encoding in ("utf-16", "utf-32"):
            raise JsonSyntaxError(encoding, "", 0) from None
        if isinstance(error, JsonSyntaxError):
            raise
        before = text[: error.start].decode("utf-8").removeprefix("\ufeff")
        raise JsonSyntaxError("utf-8", before, len(before)) from None


def scan_json(text: str | bytes) -> Any:
    """Read JSON quickly, but not strictly: of a key that an object has twice, one value is left.

    For a caller that accepts only values that strict JSON has, and compares the number of their
    strings with `count_strings`. Raises any exception, even for unusual JSON.
    """
    if not _is_shallow(text):
        raise ValueError
    if _fast:
        return _fast[0](text)
    if next(_texts) == FAST_AFTER:
        with suppress(ImportError):
            from msgspec.json import Decoder

            _fast.append(Decoder().decode)
    if isinstance(text, bytes):
        text = text.decode("utf-8")
    value, end = _quick_scan(text, 0)
    if end != len(text) and text[end:].strip(_SPACE):
        raise ValueError
    return value


def count_strings(text: str | bytes) -> int:
    """Count the strings of a JSON text, keys included; raise `ValueError` if that takes long.

    If a value that was read from the text has this number of strings, no key was dropped: a member
    has one string at least.
    """
    if isinstance(text, bytes):
        if b"\\" in text and b'\\"' in text:
            raise ValueError
        return text.count(b'"') // 2
    if "\\" in text and '\\"' in text:
        raise ValueError
    return text.count('"') // 2


def _is_shallow(text: str | bytes) -> bool:
    """Return whether a scanner that recurses in C can read a text on any stack."""
    if isinstance(text, bytes):
        brackets = text.count(b"{") + (text.count(b"[") if b"[" in text else 0)
        return brackets <= _SCANNER_DEPTH or _depth(text.decode("utf-8")) <= _SCANNER_DEPTH
    # Most texts have no array, which `in` finds in a tenth of the time of `count`.
    brackets = text.count("{") + (text.count("[") if "[" in text else 0)
    return brackets <= _SCANNER_DEPTH or _depth(text) <= _SCANNER_DEPTH


def _read(text: str) -> Any:
    start = 0
    if text[:1] != "{":
        text = text.removeprefix("\ufeff")
        # `decode` would look for white space at both ends with patterns, which takes as long as a
        # fifth of the reading.
        start = len(text) - len(text.lstrip(_SPACE))
    if _is_shallow(text):
        try:
            value, end = _scan(text, start)
        except (StopIteration, ValueError, OverflowError, RecursionError):
            # Either the text is not JSON, and `_parse` finds why; or the caller is close to the
            # recursion limit, which `_parse` does not need.
            if start == len(text):
                return None
        else:
            if end == len(text) or not text[end:].strip(_SPACE):
                return value
    return _parse(text, start)


def _depth(text: str) -> int:
    """Count the levels of nesting of a text, up to its first error at least."""
    outside = "".join(text.replace(r"\\", "").replace(r"\"", "").split('"')[::2])
    return max(
        accumulate(
            memoryview(outside.encode("ascii", "replace").translate(_LEVELS, _NO_BRACKETS)).cast(
                "b"
            )
        ),
        default=0,
    )


def _parse(text: str, index: int) -> Any:
    """Parse JSON without recursion, and raise `JsonSyntaxError` at the first error.

    Slower than json's scanner, but the same on every interpreter and in every thread.
    """
    levels: list[_Level] = []
    while True:
        opening = text[index : index + 1]
        if opening in ("[", "{"):
            if len(levels) == MAX_DEPTH:
                raise JsonSyntaxError("depth", text, index)
            levels.append(_Level("]" if opening == "[" else "}", []))
            index = _skip(text, index + 1)
        else:
            value, index = _scalar(text, index)
            if levels:
                levels[-1].items.append(value)
        while levels and text.startswith(levels[-1].closing, index):
            value = levels.pop().value()
            if levels:
                levels[-1].items.append(value)
            index = _skip(text, index + 1)
        if not levels:
            break
        index = _next_value(text, index, *levels[-1])
    if index != len(text):
        raise _extra_data(text, index)
    return value


class _Level(NamedTuple):
    """An open array or object: its closing bracket, and its items, or keys and values in turn."""

    closing: str
    items: list[Any]

    def value(self) -> Any:
        return (
            self.items
            if self.closing == "]"
            else _pairs(list(zip(self.items[::2], self.items[1::2], strict=True)))
        )


def _next_value(text: str, index: int, closing: str, items: list[Any]) -> int:
    """Skip what is between two values of an array or object and keep the key.

    Return the index of the value after it.
    """
    if items:
        if not text.startswith(",", index):
            raise _unexpected(
                "comma-in-array" if closing == "]" else "comma-in-object", text, index
            )
        comma, index = index, _skip(text, index + 1)
        if text.startswith(closing, index):
            raise JsonSyntaxError("trailing-comma", text, comma)
    if closing == "}":
        if not text.startswith('"', index):
            raise _unexpected("property-name", text, index)
        key, index = _scalar(text, index)
        items.append(key)
        if not text.startswith(":", index):
            raise _unexpected("colon", text, index)
        index = _skip(text, index + 1)
    return index


def _skip(text: str, index: int) -> int:
    spaces = _SPACES.match(text, index)
    return spaces.end() if spaces else index


def _scalar(text: str, index: int) -> tuple[Any, int]:
    """Read a string, a number or a literal, and the white space after it."""
    try:
        value, end = _scan(text, index)
    except StopIteration:
        raise _unexpected("value", text, index) from None
    except (ValueError, OverflowError):
        if text[index] == '"':
            raise _string_error(text, index) from None
        raise JsonSyntaxError(
            "constant" if text.startswith(("N", "I", "-I"), index) else "too-large-number",
            text,
            index,
        ) from None
    return value, _skip(text, end)


def _string_error(text: str, start: int) -> JsonSyntaxError:
    for part in _STRING_PART.finditer(text, start + 1):
        if part[1]:
            reason = (
                "invalid-escape"
                if part[1] == "\\"
                else "line-break"
                if part[1] in "\r\n"
                else "control-character"
            )
            return JsonSyntaxError(reason, text, part.start())
    return JsonSyntaxError("unterminated-string", text, start)


def _extra_data(text: str, index: int) -> JsonSyntaxError:
    """Return the error of a text with data after its value; a value per line is a case of it."""
    value = text[:index].strip(_SPACE)
    is_line = "\n" not in value and "\n" in text[len(value) : index]
    return _unexpected("extra-lines" if is_line else "extra-data", text, index)


def _unexpected(reason: str, text: str, index: int) -> JsonSyntaxError:
    """Return why a text has an error at an index: a common error, or what was expected."""
    if index == len(text):
        reason = "end-of-text"
    elif text[index] in "'‘’“”":
        reason = "double-quotes"
    elif text.startswith(("//", "/*", "#"), index):
        reason = "comment"
    return JsonSyntaxError(reason, text, index)
