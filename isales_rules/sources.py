"""From what a command is told to check to the texts in it: which files, and of each file its blocks."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from errno import EBADF
from fnmatch import fnmatch, fnmatchcase
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


class Exclusion(NamedTuple):
    """What folders and patterns leave out: files that the command itself uses, and what matches a pattern, whose paths begin at `base`.

    `ignored` has the paths of files and folders that git ignores, as the walk writes them.
    """

    own: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ()
    base: str = "."
    ignored: frozenset[str] = frozenset()

    def covers(self, path: str) -> bool:
        if path in self.ignored:
            return True
        from isales_rules.checker import from_root

        relative = from_root(path, self.base) if self.patterns else ""
        return any(fnmatchcase(relative, pattern) or fnmatchcase(os.path.basename(path), pattern) for pattern in self.patterns)

    def covers_folder(self, path: str) -> bool:
        return os.path.basename(path) == "node_modules" or os.path.exists(os.path.join(path, "pyvenv.cfg")) or self.covers(path)

    def covers_file(self, path: str) -> bool:
        return self.covers(path) or (bool(self.own) and exact_path(path) in self.own)


NO_EXCLUSION = Exclusion()


def exact_path(file: str) -> str:
    """Resolve the links in a path, except its last part."""
    folder, name = os.path.split(os.path.abspath(file))
    return os.path.join(os.path.realpath(folder), name)


def files(names: Iterable[str], exclusion: Exclusion = NO_EXCLUSION) -> Iterator[str | SourceError]:
    """Yield the files meant by names of files, folders and patterns, each once; `-` is standard input.

    A folder means the files with one of the `ENDINGS` in it and in all folders below it. Folders and patterns mean only regular files whose real
    path is below the folder: nothing that begins with a dot, no folder behind a link, nothing excluded, and nothing that git ignores.
    """
    seen = set()
    for name in names:
        for file, real in _meant(name, exclusion):
            if isinstance(file, SourceError):
                yield file
            elif real not in seen:
                seen.add(real)
                yield file


def _meant(name: str, exclusion: Exclusion) -> Iterator[tuple[str | SourceError, str]]:
    """Yield each file with its real path."""
    if "\0" in name:
        yield SourceError(f"{name}: is not a valid file name"), ""
    elif name != "-" and os.path.isdir(name):
        nothing = f"{name}: no file in this folder ends with {', '.join(ENDINGS)}, except excluded ones"
        yield from _below(name, ["**"], exclusion, nothing)
    elif not os.path.lexists(name) and _is_pattern(name):
        parts = os.path.normpath(name).split(os.sep)
        first = next(index for index, part in enumerate(parts) if _is_pattern(part))
        yield from _below(os.sep.join([*parts[:first], ""]), parts[first:], exclusion, f"{name}: no file matches this pattern, except excluded ones")
    else:
        yield name, name if name == "-" else os.path.realpath(name)


def _is_pattern(text: str) -> bool:
    return any(mark in text for mark in "*?[")


def _below(folder: str, parts: list[str], exclusion: Exclusion, nothing: str) -> Iterator[tuple[str | SourceError, str]]:
    errors: list[OSError] = []
    exclusion = exclusion._replace(ignored=_ignored_by_git(folder or "."))
    matching = [*_walk(folder, parts, exclusion, errors)]
    if parts != ["**"]:
        files = [path for path in matching if not os.path.isdir(path)]
        # A pattern that matches only folders means what is in them, as it does when a shell expands it.
        matching = files or [path for one in matching for path in _walk(one, ["**"], exclusion, errors)]
    below = os.path.join(os.path.realpath(folder or "."), "")
    found = False
    for path in sorted(matching):
        real = os.path.realpath(path)
        if real.startswith(below) and os.path.isfile(real) and not exclusion.covers_file(path):
            found = True
            yield path, real
    yield from ((SourceError(f"{error.filename}: cannot be read: {error.strerror}"), "") for error in errors)
    if not found and not errors:
        yield SourceError(nothing), ""


def _walk(folder: str, parts: list[str], exclusion: Exclusion, errors: list[OSError]) -> Iterator[str]:
    """Yield what matches the parts of a pattern below a folder, and follow no link. A last `**` means all files with one of the `ENDINGS`."""
    left = [(folder, parts)]
    while left:
        folder, (part, *rest) = left.pop()
        if part == "**" and rest:
            left.append((folder, rest))
        for entry in _entries(folder or ".", errors):
            if not fnmatch(entry.name, part) or (entry.name.startswith(".") and not part.startswith(".")):
                continue
            path = os.path.normpath(os.path.join(folder, entry.name))
            is_folder = entry.is_dir(follow_symlinks=False)
            further = [part, *rest] if part == "**" else rest
            if is_folder and exclusion.covers_folder(path):
                continue
            if is_folder and further:
                left.append((path, further))
            elif not rest and (part != "**" or path.endswith(ENDINGS)):
                yield path


def _entries(folder: str, errors: list[OSError]) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return [*entries]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        errors.append(error)
        return []


def _ignored_by_git(folder: str) -> frozenset[str]:
    """Ask git for the files and folders that it ignores below a folder."""
    from isales_rules.settings import is_repository, repository

    if not is_repository(repository(os.path.realpath(folder))):
        return frozenset()
    import subprocess

    # A repository may name a program of its own as its file system monitor.
    command = ["git", "-c", "core.fsmonitor=false", "ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}  # hooks set them for their own repository
    try:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return frozenset()
    # "./" is the folder itself, which was named although it is ignored.
    return frozenset(os.path.normpath(os.path.join(folder, os.fsdecode(name))) for name in done.stdout.split(b"\0") if name not in (b"", b"./"))


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
