"""Regions of violations in the text of a JSON file.

One scan follows only the paths of the violations, and skips other values with one pattern. The text
was parsed before, and its report says whether it is JSON, so the scan does not validate syntax.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from json import loads
from typing import NamedTuple, TypeAlias

from isales_rules.engine.values import RawViolation
from isales_rules.violations import Violation

# All repetitions are possessive (`++`, `*+`): without backtracking, none needs memory for its
# steps. No step of a `*+` fails partway through JSON: the `re` of early releases of Python 3.11
# would continue from there.
_STRING = r'"(?:[^"\\]++|\\.)*+"'
_RUN = rf'(?:[^"\[\]{{}}]++|{_STRING})*+'
_FLAT = rf"[\[{{]{_RUN}[\]}}]"
_MEMBER = re.compile(
    rf"[ \t\n\r,]*+(?:({_STRING})[ \t\n\r]*+:[ \t\n\r]*+|)"
    rf'({_STRING}|{_FLAT}|([\[{{])|[\]}}]|[^][{{}}",: \t\n\r]++)',
    re.DOTALL,
)
"""A member or an item: key (1) and value (2), which is a scalar, a flat object or list, or one
bracket; an opening one is group 3."""

_BRACKET = re.compile(rf"{_RUN}(?:{_FLAT}|([\[\]{{}}]))", re.DOTALL)
_DEPTH = {None: 0, "[": 1, "{": 1, "]": -1, "}": -1}

_Requested: TypeAlias = "dict[str, _Requested]"
"""The segments of requested paths, in lower case, each with the segments that follow it."""


class Region(NamedTuple):
    """A region of a text.

    Lines and columns count from 1, columns in code points, and the end is one past the last
    character. Only a line feed ends a line. A byte order mark does not count as a column.
    """

    line: int
    column: int
    end_line: int
    end_column: int


class _Value:
    """A value in the text: its offsets, its key and requested members.

    Members are by name in lower case, then by name as written.
    """

    __slots__ = ("end", "key", "members", "start")

    def __init__(self, key: tuple[int, int], start: int, end: int) -> None:
        self.key = key
        self.start = start
        self.end = end
        self.members: dict[str, dict[str, _Value]] = {}


class Located(NamedTuple):
    """A region in a text, and the offset of the beginning of its first line."""

    region: Region
    begin: int


def regions(text: str | bytes, violations: Sequence[Violation]) -> list[Region]:
    """Return the region of each violation in the text.

    The text is `str`, or UTF-8 `bytes`, with or without a byte order mark. The violations must be
    those, or some of those, that `validate_json` or `validate_request_json` returned for this text.

    The region of an undocumented parameter or a duplicate key is its key, quotes included; of
    duplicates, the last one, whose value was validated. The region of a missing parameter is the
    opening bracket of its object, and of any other violation the value. The region of a syntax
    error is the character that its message names. In an empty text, regions have no width.
    """
    text = (text if isinstance(text, str) else text.decode("utf-8", "replace")).removeprefix(
        "\ufeff"
    )
    return [one.region for one in locate_regions(text, violations)[0]]


def locate_regions(
    text: str,
    violations: Sequence[Violation],
    members: Iterable[str] = (),
    pointers: Sequence[str] | None = None,
) -> tuple[list[Located], list[tuple[int, int]]]:
    """Locate violations in a text without a byte order mark.

    The same scan returns the offsets of the values of `members` of the document, in any case. There
    are none if the text is not JSON. `pointers` are the paths of the violations in a document that
    contains the validated one.
    """
    raws: list[RawViolation] = [one._raw for one in violations]  # noqa: SLF001  # no property has the template, the definition and the line
    if not raws:
        return [], []
    if pointers is None and raws[0][0].template.name == "invalid-json":
        return [_locate_syntax_error(text, raws[0][2])] * len(raws), []
    any_case = _case_insensitive(violations, raws)
    paths = pointers or [one.path for one in violations]
    document = _scan(text, _requested(paths, members))
    spans = [
        _span(text, document, one, path, any_case)
        for one, path in zip(violations, paths, strict=True)
    ]
    # The end counts from the last character, because the next one may be in another line.
    positions = _positions(
        text, {offset for start, end in spans for offset in (start, max(start, end - 1))}
    )
    found_members = [
        (value.start, value.end)
        for member in members
        for value in document.members.get(member.lower(), {}).values()
    ]
    located = [
        _located(positions[start], positions[max(start, end - 1)], end > start)
        for start, end in spans
    ]
    return located, found_members


def _span(
    text: str, document: _Value, violation: Violation, path: str, any_case: dict[str, bool]
) -> tuple[int, int]:
    """Return the offsets of the region of a violation."""
    template = violation._raw[0].template.name  # noqa: SLF001  # no property has the template
    is_undocumented = template == "unknown-parameter"
    value, exists = _resolve(document, path, any_case, as_written=is_undocumented)
    if not exists and path != violation.path:
        return value.start, value.end
    if is_undocumented or template == "duplicate-key":
        return value.key
    if exists or text[value.start : value.start + 1] not in ("{", "["):
        return value.start, value.end
    return value.start, value.start + 1


def _requested(paths: Iterable[str], members: Iterable[str]) -> _Requested:
    """Return the paths that a scan follows."""
    document: _Requested = {member.lower(): {} for member in members}
    for path in paths:
        inside = document
        for part in path.split("/")[1:]:
            inside = inside.setdefault(_name(part).lower(), {})
    return {"0": document}


def _case_insensitive(
    violations: Sequence[Violation], raws: Sequence[RawViolation]
) -> dict[str, bool]:
    """Return by path of an object whether its names match in any case."""
    any_case: dict[str, bool] = {}
    for one, (rule, *_) in zip(violations, raws, strict=True):
        if rule.template.name == "too-many-parameters":
            any_case[one.path] = rule.definition.get("case_insensitive", False)
        elif rule.template.name in ("unknown-parameter", "duplicate-key"):
            any_case[one.path.rpartition("/")[0]] = rule.definition.get("case_insensitive", False)
    return any_case


def entries(text: str, path: Sequence[str] = ()) -> list[tuple[str, int, int]] | None:
    """Split the array at a path, in a text without a byte order mark, into its items.

    Each item has the line and the column of its first character. Returns `None` if there is no
    array.
    """
    requested: _Requested = {}
    for name in reversed(path):
        requested = {name: requested}
    array, exists = _resolve(
        _scan(text, {"0": requested}), "".join(f"/{name}" for name in path), {}, as_written=True
    )
    if not exists or text[array.start : array.start + 1] != "[":
        return None
    spans = []
    end = array.start + 1
    while (step := _MEMBER.match(text, end)) and text[step.start(2)] != "]":
        start, end = step.span(2)
        if step[3]:
            end = _end(text, start)
        spans.append((start, end))
    positions = _positions(text, (start for start, _ in spans))
    return [(text[start:end], *positions[start][:2]) for start, end in spans]


def _located(first: tuple[int, int, int], last: tuple[int, int, int], width: int) -> Located:
    return Located(Region(*first[:2], last[0], last[1] + width), first[2])


def _locate_syntax_error(text: str, details: Mapping[str, str]) -> Located:
    line, column = int(details["line"]), int(details["column"])
    begin = bisect_left(range(len(text) + 1), line - 1, key=lambda end: text.count("\n", 0, end))
    return _located((line, column, begin), (line, column, begin), begin + column <= len(text))


def _name(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")


def _scan(text: str, requested: _Requested) -> _Value:
    """Return the document with its requested values.

    The text is scanned as if it were the content of a list. Blank text is an empty document.
    """
    container = root = _Value((0, 0), 0, 0)
    outer: list[tuple[_Value, _Requested, int]] = []
    index = position = 0
    while step := _MEMBER.match(text, position):
        start, position = step.span(2)
        if text[start] in "]}":
            container.end = position
            container, requested, index = outer.pop()
            continue
        key = step[1]
        if key is None:
            name = str(index)
            index += 1
        else:
            name = loads(key) if "\\" in key else key[1:-1]
        lower = name.lower()
        inside = requested.get(lower)
        if step[3] and not inside:
            position = _end(text, start)
        if inside is None:
            continue
        value = _Value(step.span(1), start, position)
        spellings = container.members.setdefault(lower, {})
        spellings.pop(name, None)  # so that the last one comes last
        spellings[name] = value
        if inside and text[start] in "[{":
            outer.append((container, requested, index))
            container, requested, index, position = value, inside, 0, start + 1
    return root.members.get("0", {"0": root})["0"]


def _end(text: str, start: int) -> int:
    """Return the offset after the object or list that starts at an offset."""
    depth = 0
    return next(
        step.end()
        for step in _BRACKET.finditer(text, start)
        if not (depth := depth + _DEPTH[step[1]])
    )


def _resolve(
    value: _Value, path: str, any_case: dict[str, bool], *, as_written: bool
) -> tuple[_Value, bool]:
    """Return the last value on a path, and whether the path ends there.

    `any_case` maps paths of objects to whether their names match in any case; then the last match
    counts. In other objects an exact match precedes one in another case, because the path has the
    documented spelling. `as_written` means that the last name in the path is spelled as in the
    text.
    """
    reached = ""
    for part in path.split("/")[1:]:
        parent, reached, name = reached, f"{reached}/{part}", _name(part)
        spellings = value.members.get(name.lower(), {})
        if any_case.get(parent, name not in spellings) and not (as_written and reached == path):
            name = next(reversed(spellings), name)
        if name not in spellings:
            return value, False
        value = spellings[name]
    return value, True


def _positions(text: str, offsets: Iterable[int]) -> dict[int, tuple[int, int, int]]:
    """Return line, column and beginning of the line for each offset."""
    positions = {}
    line, begin, before = 1, 0, 0
    for offset in sorted(offsets):
        if lines := text.count("\n", before, offset):
            line += lines
            begin = text.rfind("\n", before, offset) + 1
        before = offset
        positions[offset] = line, offset - begin + 1, begin
    return positions
