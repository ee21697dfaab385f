"""From what a command is told to check to the texts in it: which files, and of each file its blocks."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from errno import EBADF
from typing import IO, NamedTuple, TypeAlias

from isales_rules.problems import SourceError

LINES = (".ndjson", ".jsonl")
"""The endings of files that have one JSON text a line."""

ENDINGS = (".json", *LINES)
"""The endings of the files that are looked for in a folder."""

SIZE = 1 << 18
"""About so many bytes of lines are read at once."""

MOST = 1000
"""A block has at most so many lines: short ones may have thousands of times their size of findings."""


class Block(NamedTuple):
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


class Stretch(NamedTuple):
    """Where a block stands in its file, for another process to read it: so many bytes of lines from `start` on, or, without `several`, the whole."""

    file: str
    start: int
    size: int
    line: int
    lines: int
    several: bool
    array: bool = False

    def block(self) -> Block:
        """Read it. Raises `OSError`."""
        with open(self.file, "rb") as stream:
            if not self.several:
                return _whole(self.file, stream.read(), array=self.array)
            stream.seek(self.start)
            return Block(self.file, stream.read(self.size).split(b"\n")[: self.lines], self.line, several=True)


Place: TypeAlias = Stretch | Block
"""What is handed to another process: where a block stands is handed over in a tenth of the time."""


def files(names: Iterable[str]) -> Iterator[str | SourceError]:
    """Go through the files meant by names of files, folders and patterns, each once; `-` is standard input.

    Of a folder those with one of the `ENDINGS` are meant, in it and in all folders below it, but nothing whose name begins with a dot.
    """
    seen = set()
    for name in names:
        for file in _meant(name):
            if isinstance(file, SourceError):
                yield file
            elif (real := file if file == "-" else os.path.realpath(file)) not in seen:
                seen.add(real)
                yield file


def _meant(name: str) -> Iterator[str | SourceError]:
    if "\0" in name:
        yield SourceError(f"{name}: is no name of a file")
    elif name != "-" and os.path.isdir(name):
        yield from _inside(name)
    elif not os.path.lexists(name) and any(mark in name for mark in "*?["):
        from glob import glob

        matching = sorted(glob(name, recursive=True))
        found = [file for file in matching if os.path.isfile(file)]
        yield from found
        if not found:
            # A pattern that matches folders alone means what is in them, as it would without its quotes.
            for folder in matching:
                yield from _inside(folder)
        if not matching:
            yield SourceError(f"{name}: no file matches this pattern")
    else:
        yield name


def _inside(folder: str) -> Iterator[str | SourceError]:
    troubles: list[OSError] = []
    found = []
    for where, folders, names in os.walk(folder, onerror=troubles.append):
        folders[:] = [one for one in folders if not one.startswith(".")]
        found += [os.path.normpath(os.path.join(where, one)) for one in names if one.endswith(ENDINGS) and not one.startswith(".")]
    yield from sorted(found)
    yield from (SourceError(f"{error.filename}: cannot be read: {error.strerror}") for error in troubles)
    if not found and not troubles:
        yield SourceError(f"{folder}: no file in this folder ends with {', '.join(ENDINGS)}")


def names_from(file: str) -> list[str]:
    """Read names of files, one a line, or, as `git diff -z` writes them, each with a zero byte after it; `-` is standard input."""
    try:
        with opened(file) as stream:
            content = stream.read()
    except OSError as error:
        raise SourceError(f"{file}: cannot be read: {error.strerror}") from None
    content = content.removeprefix(b"\xef\xbb\xbf")
    listed = content.split(b"\0") if b"\0" in content else content.splitlines()
    return [os.fsdecode(name) for name in listed if name]


def opened(file: str) -> AbstractContextManager[IO[bytes]]:
    """Open a file to read its bytes; `-` is standard input, which stays open."""
    if file != "-":
        return open(file, "rb")
    if sys.stdin is None:
        raise OSError(EBADF, os.strerror(EBADF))
    return nullcontext(sys.stdin.buffer)


def _whole(file: str, content: bytes, *, array: bool) -> Block:
    """Make the block of a file that is one text or, with `array`, an array of texts. Anything else than an array is one text then, too."""
    if array and content.lstrip(b"\xef\xbb\xbf \t\n\r")[:1] == b"[":
        from isales_rules.documents import TextError, read
        from isales_rules.positions import entries

        with suppress(TextError):
            read(content)
            found = entries(content.decode().removeprefix("\ufeff"))
            return Block(file, [text.encode() for text, *_ in found], 1, several=True, starts=[(line, column) for _, line, column in found])
    return Block(file, [content], 1, several=False)


def blocks(file: str, lines: bool, array: bool = False) -> Iterator[Block]:
    """Read a file as one text, or its lines or the entries of its array as blocks. Raises `OSError`.

    No more is held than is read at once, but where one line is longer than that. A file of lines without any is one empty text.
    """
    with opened(file) as stream:
        if not lines:
            yield _whole(file, stream.read(), array=array)
            return
        line = 1
        while read := stream.readlines(SIZE):
            texts = [text.removesuffix(b"\n") for text in read]
            for start in range(0, len(texts), MOST):
                yield Block(file, texts[start : start + MOST], line + start, several=True)
            line += len(texts)
        if line == 1:
            yield Block(file, [b""], line, several=True)


def places(file: str, lines: bool, array: bool = False) -> Iterator[Place]:
    """Tell where the blocks of a file stand; what no other process can read, as standard input and pipes, is given in blocks. Raises `OSError`."""
    # Where standard input has a name in /dev, as on macOS, all who open that share one position.
    if file == "-" or not os.path.isfile(file) or os.path.realpath(file).startswith("/dev/"):
        yield from blocks(file, lines, array)
    elif not lines:
        yield Stretch(file, 0, os.path.getsize(file), 1, 1, several=False, array=array)
    else:
        start = 0
        for block in blocks(file, lines):
            size = block.size
            yield Stretch(file, start, size, block.line, block.lines, several=True)
            start += size
