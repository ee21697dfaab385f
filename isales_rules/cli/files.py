"""From what a command is told to check to the texts in it: which files, and of each file its blocks."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch, fnmatchcase
from typing import NamedTuple

from isales_rules.cli.chunks import LINES, open_input
from isales_rules.cli.errors import SourceError

ENDINGS = (".json", *LINES)
"""The endings of the files that are looked for in a folder."""


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
        from isales_rules.cli.selection import relative_path

        relative = relative_path(path, self.base) if self.patterns else ""
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


def find_files(names: Iterable[str], exclusion: Exclusion = NO_EXCLUSION) -> Iterator[str | SourceError]:
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
    from isales_rules.cli.settings import is_repository, repository

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
        with open_input(file) as stream:
            content = stream.read()
    except OSError as error:
        raise SourceError(f"{file}: cannot be read: {error.strerror}") from None
    content = content.removeprefix(b"\xef\xbb\xbf")
    listed = content.split(b"\0") if b"\0" in content else content.splitlines()
    return [os.fsdecode(name) for name in listed if name]
