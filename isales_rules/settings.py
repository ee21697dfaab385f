"""What a check is told by a file of the project: `[tool.isales-rules]` of `pyproject.toml`, or `.isales-rules.toml`."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, NamedTuple

from isales_rules.codes import LOCALES
from isales_rules.formats import FORMATS
from isales_rules.problems import SettingsError

LEVELS = ("error", "warning", "never")
"""From which severity on a finding lets the command fail."""

OWN = ".isales-rules.toml"
SHARED = "pyproject.toml"


class _Kind(NamedTuple):
    told: str
    takes: Callable[[Any], bool]


def _one_of(options: Collection[str]) -> _Kind:
    return _Kind(f"one of {', '.join(options)}", lambda value: isinstance(value, str) and value in options)


_TEXT = _Kind("a string", lambda value: isinstance(value, str))
_TEXTS = _Kind("an array of strings", lambda value: isinstance(value, list) and all(isinstance(one, str) for one in value))
_FLAG = _Kind("true or false", lambda value: isinstance(value, bool))
_COUNT = _Kind("a whole number from 1", lambda value: type(value) is int and value > 0)
_LISTS = _Kind("a table of arrays of strings, by pattern", lambda value: isinstance(value, dict) and all(map(_TEXTS.takes, value.values())))

SETTINGS = {
    "ruleset": _TEXT,
    "locale": _one_of(LOCALES),
    "format": _one_of(FORMATS),
    "facts": _TEXT,
    "select": _TEXTS,
    "ignore": _TEXTS,
    "per-file-ignores": _LISTS,
    "fail-level": _one_of(LEVELS),
    "max-errors": _COUNT,
    "no-values": _FLAG,
    "baseline": _TEXT,
}
"""Everything that may be set, by the name of the flag that counts before it."""

_PATHS = ("facts", "baseline")


class Settings(NamedTuple):
    """What a file sets, by the names of `SETTINGS`, and the folder from which paths and patterns in it begin."""

    values: Mapping[str, Any]
    root: str


def _upwards(folder: str) -> Iterator[str]:
    """Go from a folder up, through each one above it."""
    yield folder
    while (above := os.path.dirname(folder)) != folder:
        folder = above
        yield folder


def _is_repository(folder: str) -> bool:
    return os.path.exists(os.path.join(folder, ".git"))


def find(folder: str) -> str | None:
    """Find the nearest file with settings: in this folder, or in one above it up to that of the repository."""
    for one in _upwards(folder):
        own, shared = os.path.join(one, OWN), os.path.join(one, SHARED)
        if os.path.isfile(own):
            return own
        if os.path.isfile(shared) and _table(shared) is not None:
            return shared
        if _is_repository(one):
            return None
    return None


def repository(folder: str) -> str:
    """Find the folder of the repository that a folder is in, where the paths that servers show begin; the folder itself where there is none."""
    return next(filter(_is_repository, _upwards(folder)), folder)


def read(file: str) -> Settings:
    """Read a file with settings. Raises `SettingsError`."""
    table = _table(file) or {}
    root = os.path.dirname(os.path.abspath(file))
    values = {}
    for name, value in table.items():
        if name == "tool":
            raise SettingsError(f"{file}: its settings stand at the top, not in [tool.isales-rules] as in {SHARED}")
        if name not in SETTINGS:
            from isales_rules.model import hint

            raise SettingsError(f"{file}: there is no setting {name!r}{hint(name, SETTINGS)}; the settings are {', '.join(SETTINGS)}")
        kind = SETTINGS[name]
        if not kind.takes(value):
            raise SettingsError(f"{file}: {name} must be {kind.told}")
        values[name] = os.path.join(root, value) if name in _PATHS or (name == "ruleset" and value.endswith(".toml")) else value
    return Settings(values, root)


def _table(file: str) -> dict[str, Any] | None:
    import tomllib

    try:
        with open(file, "rb") as opened:
            data = tomllib.load(opened)
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{file}: is not TOML: {error}") from None
    if os.path.basename(file) != SHARED:
        return data
    tools = data.get("tool")
    table = tools.get("isales-rules") if isinstance(tools, dict) else None
    if table is not None and not isinstance(table, dict):
        raise SettingsError(f"{file}: tool.isales-rules must be a table")
    return table


def known(names: Collection[str], told: Collection[str], place: str) -> frozenset[str]:
    """Take codes and ids of rules that are among `names`. Raises `SettingsError` for another, with the place where it was told and the nearest."""
    for name in told:
        if name not in names:
            from isales_rules.model import hint

            raise SettingsError(f"{place}: there is no code and no rule {name!r}{hint(name, names)}; `isales-rules rules` lists them")
    return frozenset(told)
