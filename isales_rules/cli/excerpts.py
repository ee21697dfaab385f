"""Excerpts: the lines of a file that findings show."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, TypeAlias
from unicodedata import category, east_asian_width

from isales_rules._text import escape_nonprintable

if TYPE_CHECKING:
    from isales_rules.cli.locations import Region

WIDTH = 80
"""Width of an excerpt in terminal columns, line number included."""

_TAB = "    "

Excerpt: TypeAlias = tuple[str, int, int]
"""A line or a piece of it, the terminal columns before the mark, and the width of the mark."""


class Excerpts:
    """Cuts pieces of terminal width out of the lines of a text."""

    def __init__(self, text: str, line_offset: int, hidden: list[tuple[int, int]]) -> None:
        self._text = text
        self._line_offset = line_offset
        self._hidden = hidden
        self._latest: _Piece | None = None

    def cut(self, region: Region, begin: int) -> Excerpt | None:
        """Return the excerpt for a region in the line that begins at an offset."""
        if self._hidden and any(start <= begin <= end for start, end in self._hidden):
            return None
        line, column, end_line, end_column = region
        offset = begin + column - 1
        end = begin + end_column - 1 if line == end_line else None
        piece = self._latest
        if piece is None or piece.begin != begin or not piece.contains(offset, end):
            width = WIDTH - len(f"{line + self._line_offset} | ")
            piece = self._latest = _Piece(self._text, begin, offset, width)
        return piece.excerpt(offset, end)


class _Piece:
    """A piece of a line around an offset, with a maximum width."""

    __slots__ = ("_first", "_last", "_line_end", "_shift", "_start", "_sums", "begin", "line")

    def __init__(self, text: str, begin: int, offset: int, width: int) -> None:
        line_end = len(text) if (line_end := text.find("\n", begin)) < 0 else line_end
        line_end -= text.endswith("\r", begin, line_end)
        start, stop = max(begin, offset - width), min(line_end, offset + width)
        cells: Sequence[str] = text[start:stop]
        sums: Sequence[int] = range(len(cells) + 1)
        if not (text.isascii() and text[start:stop].isprintable()):
            cells = [
                _TAB if character == "\t" else escape_nonprintable(character) for character in cells
            ]
            sums = [*accumulate(map(columns, cells), initial=0)]
        first, last = 0, len(cells)
        if start > begin or stop < line_end or sums[-1] > width:
            room = width - 2  # for … at both ends
            first = bisect_left(sums, sums[min(offset - start, last)] - room // 3)
            last = bisect_right(sums, sums[first] + room) - 1
            first = bisect_left(sums, sums[last] - room)
        is_cut = start + first > begin
        self.begin = begin
        self._line_end = line_end
        self._start = start
        self._first, self._last = start + first, start + last
        self._sums = sums
        self._shift = is_cut - sums[first]
        shown = "".join(cells[first:last])
        self.line = f"{'…' if is_cut else ''}{shown}{'…' if self._last < line_end else ''}".rstrip()

    def contains(self, offset: int, end: int | None) -> bool:
        """Return whether the piece contains a region of its line."""
        if offset < self._first:
            return False
        return (
            offset == self._first
            or min(self._line_end, offset if end is None else end) <= self._last
        )

    def excerpt(self, offset: int, end: int | None) -> Excerpt:
        """Return the excerpt for a region, by default to the end of the line."""
        before, after = self._column(offset), self._column(self._line_end if end is None else end)
        return self.line, before, after - before if after > before else 1

    def _column(self, offset: int) -> int:
        """Return the number of terminal columns before an offset."""
        if offset < self._first:
            offset = self._first
        elif offset > self._last:
            offset = self._last
        return self._sums[offset - self._start] + self._shift


def columns(text: str) -> int:
    """Count the terminal columns of a printable text."""
    return sum(
        0
        if category(character) in ("Mn", "Me")
        else 2
        if east_asian_width(character) in "WF"
        else 1
        for character in text
    )
