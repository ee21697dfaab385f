"""The lines of a file that a finding shows."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import TypeAlias
from unicodedata import category, east_asian_width

from isales_rules._text import escape_nonprintable
from isales_rules.cli.locations import Region

WIDTH = 80
"""Columns of a terminal that an excerpt fits into, with the number of its line."""


_TAB = "    "


Excerpt: TypeAlias = tuple[str, int, int]
"""A line of a file, or a piece of it, and the columns of a terminal before the mark and under it."""


class _Excerpts:
    """Cuts pieces out of the lines of a text, each as wide as a terminal, and shared by the findings that are in it."""

    def __init__(self, text: str, above: int, hidden: list[tuple[int, int]]) -> None:
        self._text = text
        self._above = above
        self._hidden = hidden
        self._latest: _Piece | None = None

    def cut(self, at: Region, begin: int) -> Excerpt | None:
        """Show the line that begins at this offset, or a piece of it; give the columns before the position and under it, too."""
        if any(start <= begin <= end for start, end in self._hidden):
            return None
        offset = begin + at.column - 1
        piece = self._latest
        end = begin + at.end_column - 1 if at.line == at.end_line else None
        if piece is None or piece.begin != begin or not piece.shows(offset, end):
            piece = self._latest = _Piece(self._text, begin, offset, WIDTH - len(f"{at.line + self._above} | "))
        return piece.line, *piece.mark(offset, end)


class _Piece:
    """A piece of a line that has some offset in it and fits into some columns of a terminal."""

    def __init__(self, text: str, begin: int, offset: int, width: int) -> None:
        line_end = len(text) if (line_end := text.find("\n", begin)) < 0 else line_end
        line_end -= text.endswith("\r", begin, line_end)
        start, stop = max(begin, offset - width), min(line_end, offset + width)
        part = text[start:stop]
        cells = list(part) if part.isprintable() else [_TAB if character == "\t" else escape_nonprintable(character) for character in part]
        widths = [1] * len(cells) if part.isascii() and part.isprintable() else [*map(columns, cells)]
        sums = [*accumulate(widths, initial=0)]
        first, last = 0, len(cells)
        if start > begin or stop < line_end or sums[-1] > width:
            room = width - 2  # for … at both ends
            first = bisect_left(sums, sums[min(offset - start, last)] - room // 3)
            last = bisect_right(sums, sums[first] + room) - 1
            first = bisect_left(sums, sums[last] - room)
        cut = int(start + first > begin)
        self.begin = begin
        self._line_end = line_end
        self._first, self._last = start + first, start + last
        self._edges = [one - sums[first] + cut for one in sums[first : last + 1]]
        self.line = f"{'…' * cut}{''.join(cells[first:last])}{'…' * (self._last < line_end)}".rstrip()

    def shows(self, offset: int, end: int | None) -> bool:
        """Say whether a position in the same line can be marked here."""
        return self._first <= offset and (min(self._line_end, offset if end is None else end) <= self._last or offset == self._first)

    def mark(self, offset: int, end: int | None) -> tuple[int, int]:
        """Give the columns before a position and under it; it reaches to the end of the line if it has no end."""
        edges = self._edges
        first, last = (edges[min(max(one - self._first, 0), len(edges) - 1)] for one in (offset, self._line_end if end is None else end))
        return first, max(last - first, 1)


def columns(text: str) -> int:
    """Count the columns of a terminal that a text takes which prints."""
    return sum(0 if category(character) in ("Mn", "Me") else 2 if east_asian_width(character) in "WF" else 1 for character in text)
