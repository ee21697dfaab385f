"""Chunks of the input: a file, some lines, or the items of an array."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from errno import EBADF
from typing import IO, NamedTuple, TypeAlias

from isales_rules.cli.errors import SourceError

ArrayPath: TypeAlias = tuple[str, ...]
"""Names of the members that lead to an array of texts."""

LINES = (".ndjson", ".jsonl")
"""Suffixes of files with one JSON text per line."""

READ_SIZE = 1 << 18
"""Approximate number of bytes of lines to read at once."""

MAX_TEXTS = 1000
"""Maximum number of texts in a chunk of lines.

The findings of a short line may take a thousand times its size.
"""


class Chunk(NamedTuple):
    """Texts to check.

    They are the whole file, or with `several` some of its lines or the items of its array. The
    first text is in the line `line`. Lines are without their line feeds. `starts` has the line and
    the column of each item of an array. `secret_above` is whether an earlier chunk of the file may
    name a secret that this one contains.
    """

    file: str
    texts: list[bytes]
    line: int
    several: bool
    starts: list[tuple[int, int]] | None = None
    secret_above: bool = False

    @property
    def size(self) -> int:
        """Number of bytes in the file, with line feeds."""
        return sum(map(len, self.texts)) + len(self.texts) * self.several

    @property
    def lines(self) -> int:
        """Number of texts."""
        return len(self.texts)


class ChunkRef(NamedTuple):
    """Range of a chunk in its file, for a worker process to read.

    The chunk is the whole file, or with `several` the lines in `size` bytes from `start`.
    """

    file: str
    start: int
    size: int
    line: int
    lines: int
    several: bool
    array: ArrayPath | None = None
    secret_above: bool = False

    def read(self) -> Chunk:
        """Read the chunk. Raises `OSError`."""
        with open(self.file, "rb") as stream:
            if not self.several:
                return _whole(self.file, stream.read(), array=self.array)
            stream.seek(self.start)
            return Chunk(
                self.file,
                stream.read(self.size).split(b"\n")[: self.lines],
                self.line,
                several=True,
                secret_above=self.secret_above,
            )


ChunkSource: TypeAlias = ChunkRef | Chunk
"""Input of a worker. Sending a reference takes a tenth of the time."""


def open_input(file: str) -> AbstractContextManager[IO[bytes]]:
    """Open a file to read its bytes; `-` is standard input, which stays open."""
    if file != "-":
        return open(file, "rb")
    if sys.stdin is None:
        raise OSError(EBADF, os.strerror(EBADF))
    return nullcontext(sys.stdin.buffer)


def _whole(file: str, content: bytes, *, array: ArrayPath | None) -> Chunk:
    """Make a chunk of a whole file.

    With `array`, its texts are the items of the array at this path.
    """
    if array is not None:
        from isales_rules.cli.locations import entries
        from isales_rules.engine.json_text import JsonSyntaxError, parse_json

        with suppress(JsonSyntaxError):
            parse_json(content)
            items = entries(content.decode().removeprefix("\ufeff"), array)
            if items is not None:
                starts = [(line, column) for _, line, column in items]
                texts = [text.encode() for text, *_ in items]
                return Chunk(file, texts, 1, several=True, starts=starts)
        if array:
            raise SourceError("not-an-archive", file=file)
    return Chunk(file, [content], 1, several=False)


def read_chunks(file: str, lines: bool, array: ArrayPath | None = None) -> Iterator[Chunk]:
    """Yield the chunks of a file. Raises `OSError`.

    Reads a file of lines in parts of `READ_SIZE`, or of one line if that is longer. An empty file
    is one empty text.
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


def chunk_refs(file: str, lines: bool, array: ArrayPath | None = None) -> Iterator[ChunkSource]:
    """Yield references to the chunks of a file. Raises `OSError`.

    Yields chunks if only this process can read the file.
    """
    # All processes that open /dev/stdin share one offset.
    if file == "-" or not os.path.isfile(file) or os.path.realpath(file).startswith("/dev/"):
        yield from read_chunks(file, lines, array)
    elif not lines:
        yield ChunkRef(file, 0, os.path.getsize(file), 1, 1, several=False, array=array)
    else:
        start = 0
        for chunk in read_chunks(file, lines):
            yield ChunkRef(file, start, chunk.size, chunk.line, chunk.lines, several=True)
            start += chunk.size
