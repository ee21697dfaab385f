"""Where in the text of a JSON file each violation stands.

The text is gone through once, along the paths of the violations alone; what stands beside them is passed over by one pattern. The text was read
before, as its report says, so that nothing here has to ask whether it is JSON.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from json import loads
from typing import NamedTuple, TypeAlias

from isales_rules.engine.values import RawViolation
from isales_rules.language.catalog import load_catalog
from isales_rules.report import Violation

# No repetition here can be gone back into (`++`, `*+`), so that none takes memory for its steps. And no step of a `*+` fails halfway through JSON:
# the `re` of early releases of Python 3.11 would go on from there.
_STRING = r'"(?:[^"\\]++|\\.)*+"'
_RUN = rf'(?:[^"\[\]{{}}]++|{_STRING})*+'
_FLAT = rf"[\[{{]{_RUN}[\]}}]"
_MEMBER = re.compile(rf'[ \t\n\r,]*+(?:({_STRING})[ \t\n\r]*+:[ \t\n\r]*+|)({_STRING}|{_FLAT}|([\[{{])|[\]}}]|[^][{{}}",: \t\n\r]++)', re.DOTALL)
"""A member of an object with its key (1), or an entry of a list: a scalar, something with no bracket in it, or one bracket, where it opens as 3."""

_BRACKET = re.compile(rf"{_RUN}(?:{_FLAT}|([\[\]{{}}]))", re.DOTALL)
_DEPTH = {None: 0, "[": 1, "{": 1, "]": -1, "}": -1}

_Wanted: TypeAlias = "dict[str, _Wanted]"
"""The parts of the paths to look at, in lower case, each with those that follow it."""


class Region(NamedTuple):
    """A stretch of a text. Lines and columns count from 1, columns in characters (code points), and the end is one past the last character.

    A line ends at a line feed alone, and a byte order mark is no column.
    """

    line: int
    column: int
    end_line: int
    end_column: int


class _Found:
    """A value in the text: the offsets of its key and its own, and the members looked at, by name in lower case, then by name as it is written."""

    __slots__ = ("end", "key", "members", "start")

    def __init__(self, key: tuple[int, int], start: int, end: int) -> None:
        self.key = key
        self.start = start
        self.end = end
        self.members: dict[str, dict[str, _Found]] = {}


class Located(NamedTuple):
    """A position in a text, and the offset at which its line begins."""

    at: Region
    begin: int


def regions(text: str | bytes, violations: Sequence[Violation]) -> list[Region]:
    """Find for each violation where it stands in the text: `str`, or UTF-8 `bytes`, with or without a byte order mark.

    The violations, or some of them, are those that `validate_json` or `validate_request_json` gave for this very text; nothing raises then.
    An undocumented parameter and a duplicate key stand at their key, in quotes: a duplicate at the last one, whose value was checked. A missing
    parameter stands at the opening of the object that lacks it; everything else at its value, an object or a list from bracket to bracket. Where a
    text is not JSON, its violation stands at the character that its message names. An empty text has a position without a width.
    """
    text = (text if isinstance(text, str) else text.decode("utf-8", "replace")).removeprefix("\ufeff")
    return [one.at for one in locate_regions(text, violations)[0]]


def locate_regions(text: str, violations: Sequence[Violation], members: Iterable[str] = ()) -> tuple[list[Located], list[tuple[int, int]]]:
    """Find the violations in a text without a byte order mark, as `positions` does.

    In the same scan, find the offsets of the values of some `members` of the document, in any case; there are none if the text is not JSON.
    """
    records: list[RawViolation] = [one._raw for one in violations]  # noqa: SLF001  # the kind, the object's row and a text's line are in no property
    if not records:
        return [], []
    kinds = load_catalog().messages
    if records[0][0].template == kinds["text"]:
        return [_unreadable(text, records[0][2])] * len(records), []
    inside: _Wanted = {member.lower(): {} for member in members}
    wanted: _Wanted = {"0": inside}
    any_case: dict[str, bool] = {}
    for one, (check, *_) in zip(violations, records, strict=True):
        inside = wanted["0"]
        for part in one.path.split("/")[1:]:
            inside = inside.setdefault(_name(part).lower(), {})
        if check.template == kinds["crowded"]:
            any_case[one.path] = check.definition.get("anycase", False)
        elif check.template in (kinds["undocumented"], kinds["duplicate"]):
            any_case[one.path.rpartition("/")[0]] = check.definition.get("anycase", False)
    document = _scan(text, wanted)
    spans = []
    for one, (check, *_) in zip(violations, records, strict=True):
        undocumented = check.template == kinds["undocumented"]
        found, exists = _resolve(document, one.path, any_case, written=undocumented)
        if undocumented or check.template == kinds["duplicate"]:
            spans.append(found.key)
        else:
            spans.append((found.start, found.end if exists or text[found.start : found.start + 1] not in ("{", "[") else found.start + 1))
    # The end is counted from the last character, which stands in its line even where the next one does not.
    places = _places(text, {offset for start, end in spans for offset in (start, max(start, end - 1))})
    found_members = [(value.start, value.end) for member in members for value in document.members.get(member.lower(), {}).values()]
    return [_located(places[start], places[max(start, end - 1)], end > start) for start, end in spans], found_members


def entries(text: str) -> list[tuple[str, int, int]]:
    """Split the text of an array, without a byte order mark, into its entries, each with the line and the column where it starts."""
    spans = []
    end = text.index("[") + 1
    while (step := _MEMBER.match(text, end)) and text[step.start(2)] != "]":
        start, end = step.span(2)
        if step[3]:
            end = _end(text, start)
        spans.append((start, end))
    places = _places(text, (start for start, _ in spans))
    return [(text[start:end], *places[start][:2]) for start, end in spans]


def _located(first: tuple[int, int, int], last: tuple[int, int, int], width: int) -> Located:
    return Located(Region(*first[:2], last[0], last[1] + width), first[2])


def _unreadable(text: str, told: Mapping[str, str]) -> Located:
    line, column = int(told["line"]), int(told["column"])
    begin = bisect_left(range(len(text) + 1), line - 1, key=lambda end: text.count("\n", 0, end))
    return _located((line, column, begin), (line, column, begin), begin + column <= len(text))


def _name(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")


def _scan(text: str, wanted: _Wanted) -> _Found:
    """Find the values that are wanted, and give the document with them in it. The text counts as a list of it alone; blank text as the document."""
    found = whole = _Found((0, 0), 0, 0)
    around: list[tuple[_Found, _Wanted, int]] = []
    index = position = 0
    while step := _MEMBER.match(text, position):
        start, position = step.span(2)
        if text[start] in "]}":
            found.end = position
            found, wanted, index = around.pop()
            continue
        key = step[1]
        if key is None:
            name = str(index)
            index += 1
        else:
            name = loads(key) if "\\" in key else key[1:-1]
        lower = name.lower()
        inside = wanted.get(lower)
        if step[3] and not inside:
            position = _end(text, start)
        if inside is None:
            continue
        value = _Found(step.span(1), start, position)
        spellings = found.members.setdefault(lower, {})
        spellings.pop(name, None)  # so that the last one comes last
        spellings[name] = value
        if inside and text[start] in "[{":
            around.append((found, wanted, index))
            found, wanted, index, position = value, inside, 0, start + 1
    return whole.members.get("0", {"0": whole})["0"]


def _end(text: str, start: int) -> int:
    """Find the end of an object or a list."""
    depth = 0
    return next(step.end() for step in _BRACKET.finditer(text, start) if not (depth := depth + _DEPTH[step[1]]))


def _resolve(found: _Found, path: str, any_case: dict[str, bool], *, written: bool) -> tuple[_Found, bool]:
    """Go from the document along a path, as far as there is something; say whether that is all of it.

    `written` says that the last name is in the text as it is in the path.

    `any_case` says of some objects whether their names count in any case; the last one does then. Another object has a name in the path as it is,
    or else in another case, because the path has the documented spelling of what was checked.
    """
    way = ""
    for part in path.split("/")[1:]:
        object_, way, name = way, f"{way}/{part}", _name(part)
        spellings = found.members.get(name.lower(), {})
        if any_case.get(object_, name not in spellings) and not (written and way == path):
            name = next(reversed(spellings), name)
        if name not in spellings:
            return found, False
        found = spellings[name]
    return found, True


def _places(text: str, offsets: Iterable[int]) -> dict[int, tuple[int, int, int]]:
    """Give line and column of each offset, and the offset at which the line begins."""
    places = {}
    line, begin, before = 1, 0, 0
    for offset in sorted(offsets):
        if lines := text.count("\n", before, offset):
            line += lines
            begin = text.rfind("\n", before, offset) + 1
        before = offset
        places[offset] = line, offset - begin + 1, begin
    return places
