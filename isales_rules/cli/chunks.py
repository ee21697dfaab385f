"""Pieces of input: whole files, or batches of lines."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from errno import EBADF
from typing import IO, NamedTuple, TypeAlias

LINES = (".ndjson", ".jsonl")
"""The endings of files that have one JSON text a line."""


READ_SIZE = 1 << 18
"""About so many bytes of lines are read at once."""


MAX_TEXTS = 1000
"""A block has at most so many lines: short ones may have thousands of times their size of findings."""


class Chunk(NamedTuple):
    """Texts to check: a file's only one, or several of it, one a line, each without its line feed; the first one stands in the file's line `line`.

    Or the entries of an array: then `starts` has the line and the column where each one starts.
    """

    file: str
    texts: list[bytes]
    line: int
    several: bool
    starts: list[tuple[int, int]] | None = None

    @property
    def size(self) -> int:
        """So many bytes of the file it has, line feeds included."""
        return sum(map(len, self.texts)) + len(self.texts) * self.several

    @property
    def lines(self) -> int:
        """So many texts it has."""
        return len(self.texts)


class ChunkRef(NamedTuple):
    """Where a block stands in its file, for another process to read it: so many bytes of lines from `start` on, or, without `several`, the whole."""

    file: str
    start: int
    size: int
    line: int
    lines: int
    several: bool
    array: bool = False

    def read(self) -> Chunk:
        """Read it. Raises `OSError`."""
        with open(self.file, "rb") as stream:
            if not self.several:
                return _whole(self.file, stream.read(), array=self.array)
            stream.seek(self.start)
            return Chunk(self.file, stream.read(self.size).split(b"\n")[: self.lines], self.line, several=True)


Place: TypeAlias = ChunkRef | Chunk
"""What is handed to another process: where a block stands is handed over in a tenth of the time."""


def open_input(file: str) -> AbstractContextManager[IO[bytes]]:
    """Open a file to read its bytes; `-` is standard input, which stays open."""
    if file != "-":
        return open(file, "rb")
    if sys.stdin is None:
        raise OSError(EBADF, os.strerror(EBADF))
    return nullcontext(sys.stdin.buffer)


def _whole(file: str, content: bytes, *, array: bool) -> Chunk:
    """Make the block of a file that is one text or, with `array`, an array of texts. Anything else than an array is one text then, too."""
    if array and content.lstrip(b"\xef\xbb\xbf \t\n\r")[:1] == b"[":
        from isales_rules.cli.locations import entries
        from isales_rules.engine.json_text import JsonSyntaxError, parse_json

        with suppress(JsonSyntaxError):
            parse_json(content)
            found = entries(content.decode().removeprefix("\ufeff"))
            return Chunk(file, [text.encode() for text, *_ in found], 1, several=True, starts=[(line, column) for _, line, column in found])
    return Chunk(file, [content], 1, several=False)


def read_chunks(file: str, lines: bool, array: bool = False) -> Iterator[Chunk]:
    """Read a file as one text, or its lines or the entries of its array as blocks. Raises `OSError`.

    No more is held than is read at once, but where one line is longer than that. A file of lines without any is one empty text.
    """
    with open_input(file) as stream:
        if not lines:
            yield _whole(file, stream.read(), array=array)
            return
        line = 1
        while read := stream.readlines(READ_SIZE):
            texts = [text.removesuffix(b"\n") for text in read]
            for start in range(0, len(texts), MAX_TEXTS):
                yield Chunk(file, texts[start : start + MAX_TEXTS], line + start, several=True)
            line += len(texts)
        if line == 1:
            yield Chunk(file, [b""], line, several=True)


def chunk_refs(file: str, lines: bool, array: bool = False) -> Iterator[Place]:
    """Tell where the blocks of a file stand; what no other process can read, as standard input and pipes, is given in blocks. Raises `OSError`."""
    # Where standard input has a name in /dev, as on macOS, all who open that share one position.
    if file == "-" or not os.path.isfile(file) or os.path.realpath(file).startswith("/dev/"):
        yield from read_chunks(file, lines, array)
    elif not lines:
        yield ChunkRef(file, 0, os.path.getsize(file), 1, 1, several=False, array=array)
    else:
        start = 0
        for block in read_chunks(file, lines):
            size = block.size
            yield ChunkRef(file, start, size, block.line, block.lines, several=True)
            start += size
