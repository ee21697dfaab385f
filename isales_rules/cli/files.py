"""Search for files by name, folder and pattern."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch, fnmatchcase
from typing import NamedTuple

from isales_rules.cli.chunks import LINES, open_input
from isales_rules.cli.errors import SourceError

SUFFIXES = (".json", *LINES)
"""Suffixes of the files to find in a folder."""


class Exclusion(NamedTuple):
    """Files and folders to skip in folders and patterns.

    `own` has files that the command itself uses, `patterns` match names, and paths relative to
    `base`, and `ignored` has the paths that git ignores.
    """

    own: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ()
    base: str = "."
    ignored: frozenset[str] = frozenset()

    def covers(self, path: str) -> bool:
        """Return whether a file or a folder is excluded by name."""
        if path in self.ignored:
            return True
        from isales_rules.cli.selection import relative_path

        relative = relative_path(path, self.base) if self.patterns else ""
        return any(
            fnmatchcase(relative, pattern) or fnmatchcase(os.path.basename(path), pattern)
            for pattern in self.patterns
        )

    def covers_folder(self, path: str) -> bool:
        """Return whether a folder is excluded."""
        return (
            os.path.basename(path) == "node_modules"
            or os.path.exists(os.path.join(path, "pyvenv.cfg"))
            or self.covers(path)
        )

    def covers_file(self, path: str) -> bool:
        """Return whether a file is excluded."""
        return self.covers(path) or (bool(self.own) and exact_path(path) in self.own)


NO_EXCLUSION = Exclusion()


def exact_path(file: str) -> str:
    """Resolve the links in a path, except in its last part."""
    folder, name = os.path.split(os.path.abspath(file))
    return os.path.join(os.path.realpath(folder), name)


def find_files(
    names: Iterable[str], exclusion: Exclusion = NO_EXCLUSION
) -> Iterator[str | SourceError]:
    """Find files by name, folder and pattern, each once.

    `-` is standard input. Yields an error for a name without a file. A folder denotes the files
    below it with one of the `SUFFIXES`. Folders and patterns skip excluded and ignored files, names
    with a leading dot, links to folders, and files whose real path is outside the folder.
    """
    seen = set()
    for name in names:
        for file, real in _expand(name, exclusion):
            if isinstance(file, SourceError):
                yield file
            elif real not in seen:
                seen.add(real)
                yield file


def _expand(name: str, exclusion: Exclusion) -> Iterator[tuple[str | SourceError, str]]:
    """Yield the files that a name denotes, each with its real path."""
    if "\0" in name:
        yield SourceError("invalid-name", file=name), ""
    elif name != "-" and os.path.isdir(name):
        not_found = SourceError("empty-folder", file=name, suffixes=", ".join(SUFFIXES))
        yield from _search(name, ["**"], exclusion, not_found)
    elif not os.path.lexists(name) and _is_pattern(name):
        parts = os.path.normpath(name).split(os.sep)
        first = next(index for index, part in enumerate(parts) if _is_pattern(part))
        not_found = SourceError("no-match", file=name)
        yield from _search(os.sep.join([*parts[:first], ""]), parts[first:], exclusion, not_found)
    else:
        yield name, name if name == "-" else os.path.realpath(name)


def _is_pattern(text: str) -> bool:
    return any(character in text for character in "*?[")


def _search(
    folder: str, parts: list[str], exclusion: Exclusion, not_found: SourceError
) -> Iterator[tuple[str | SourceError, str]]:
    """Yield the files below a folder that match a pattern, with real paths."""
    errors: list[OSError] = []
    exclusion = exclusion._replace(ignored=_ignored_by_git(folder or "."))
    matches = [*_walk(folder, parts, exclusion, errors)]
    if parts != ["**"]:
        # A pattern that matches only folders denotes their files, as if a shell had expanded it.
        files = [path for path in matches if not os.path.isdir(path)]
        matches = files or [
            path for match in matches for path in _walk(match, ["**"], exclusion, errors)
        ]
    found = list(_regular_files(matches, folder, exclusion))
    yield from found
    yield from (
        (SourceError("unreadable", file=error.filename, reason=str(error.strerror)), "")
        for error in errors
    )
    if not found and not errors:
        yield not_found, ""


def _regular_files(
    paths: list[str], folder: str, exclusion: Exclusion
) -> Iterator[tuple[str, str]]:
    """Yield regular files below a folder in order, with real paths."""
    root = os.path.join(os.path.realpath(folder or "."), "")
    for path in sorted(paths):
        real = os.path.realpath(path)
        if real.startswith(root) and os.path.isfile(real) and not exclusion.covers_file(path):
            yield path, real


def _walk(
    folder: str, parts: list[str], exclusion: Exclusion, errors: list[OSError]
) -> Iterator[str]:
    """Yield the paths below a folder that match a pattern.

    Follows no links. A last `**` matches all files with one of the `SUFFIXES`.
    """
    remaining = [(folder, parts)]
    while remaining:
        folder, (part, *rest) = remaining.pop()
        if part == "**" and rest:
            remaining.append((folder, rest))
        for entry in _matching_entries(folder, part, errors):
            path = os.path.normpath(os.path.join(folder, entry.name))
            if not entry.is_dir(follow_symlinks=False):
                further: list[str] = []
            elif exclusion.covers_folder(path):
                continue
            else:
                further = [part, *rest] if part == "**" else rest
            if further:
                remaining.append((path, further))
            elif not rest and (part != "**" or path.endswith(SUFFIXES)):
                yield path


def _matching_entries(folder: str, part: str, errors: list[OSError]) -> Iterator[os.DirEntry[str]]:
    """Yield the entries of a folder that match a part of a pattern."""
    hidden = part.startswith(".")
    for entry in _entries(folder or ".", errors):
        if fnmatch(entry.name, part) and (hidden or not entry.name.startswith(".")):
            yield entry


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
    """Return the files and folders below a folder that git ignores."""
    from isales_rules.cli.settings import is_repository, repository_root

    if not is_repository(repository_root(os.path.realpath(folder))):
        return frozenset()
    import subprocess

    # The configuration of a repository can name any program as its file system monitor.
    command = [
        "git",
        "-c",
        "core.fsmonitor=false",
        "ls-files",
        "-z",
        "--others",
        "--ignored",
        "--exclude-standard",
        "--directory",
    ]
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("GIT_")
    }  # git sets them in hooks
    try:
        process = subprocess.run(  # noqa: S603  # git itself
            command, cwd=folder, env=environment, capture_output=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return frozenset()
    # "./" is the folder itself, which an argument names although it is ignored.
    return frozenset(
        os.path.normpath(os.path.join(folder, os.fsdecode(name)))
        for name in process.stdout.split(b"\0")
        if name not in (b"", b"./")
    )


def names_from(file: str) -> list[str]:
    """Read file names from a file; `-` is standard input.

    The names are separated by newlines, or by null bytes as of `git diff -z`. Raises `SourceError`.
    """
    try:
        with open_input(file) as stream:
            content = stream.read()
    except OSError as error:
        raise SourceError("unreadable", file=file, reason=str(error.strerror)) from None
    content = content.removeprefix(b"\xef\xbb\xbf")
    names = content.split(b"\0") if b"\0" in content else content.splitlines()
    return [os.fsdecode(name) for name in names if name]
