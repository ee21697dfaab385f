"""Options of the command, and the settings files that may state them: `[tool.isales-rules]` of `pyproject.toml`, or `.isales-rules.toml`."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from isales_rules.cli.errors import SettingsError, UsageError
from isales_rules.cli.options import DEFAULT, OPTIONS
from isales_rules.ruleset import RuleSet

if TYPE_CHECKING:
    pass


OWN = ".isales-rules.toml"
SHARED = "pyproject.toml"


class Settings(NamedTuple):
    """What a file sets, by the names of `OPTIONS`, and the folder from which paths and patterns in it begin."""

    values: Mapping[str, Any]
    root: str


def _upwards(folder: str) -> Iterator[str]:
    """Go from a folder up, through each one above it."""
    yield folder
    while (above := os.path.dirname(folder)) != folder:
        folder = above
        yield folder


def is_repository(folder: str) -> bool:
    return os.path.exists(os.path.join(folder, ".git"))


def find(folder: str) -> str | None:
    """Find the nearest file with settings: in this folder, or in one above it up to that of the repository."""
    for one in _upwards(folder):
        own, shared = os.path.join(one, OWN), os.path.join(one, SHARED)
        if os.path.isfile(own):
            return own
        if os.path.isfile(shared) and _table(shared) is not None:
            return shared
        if is_repository(one):
            return None
    return None


def repository(folder: str) -> str:
    """Find the folder of the repository that a folder is in, where the paths that servers show begin; the folder itself where there is none."""
    return next(filter(is_repository, _upwards(folder)), folder)


def read(file: str) -> Settings:
    """Read a file with settings. Raises `SettingsError`."""
    table = _table(file) or {}
    root = os.path.dirname(os.path.abspath(file))
    values = {}
    for name, value in table.items():
        if name == "tool":
            raise SettingsError(f"{file}: its settings stand at the top, not in [tool.isales-rules] as in {SHARED}")
        if name not in OPTIONS:
            from isales_rules._text import suggest

            raise SettingsError(f"{file}: there is no setting {name!r}{suggest(name, OPTIONS)}; the settings are {', '.join(OPTIONS)}")
        option = OPTIONS[name]
        try:
            values[name] = option.type.convert(value)
        except (TypeError, ValueError):
            raise SettingsError(f"{file}: {name} must be {option.type.expected}") from None
        if option.is_path or (name == "ruleset" and value.endswith(".toml")):
            values[name] = os.path.join(root, value)
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


def _given(arguments: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """Gather what is set, by the names of settings: what the arguments say counts before a file. Give the folder where patterns begin, too."""
    here = _here()
    file = getattr(arguments, "config", None)
    if file is None and not getattr(arguments, "no_config", False):
        file = arguments.config = find(here)
    found = read(file) if file is not None else Settings({}, here)
    told = {name: getattr(arguments, name.replace("-", "_"), None) for name in OPTIONS}
    return {**found.values, **{name: value for name, value in told.items() if value is not None}}, found.root


def _load(given: dict[str, Any]) -> RuleSet:
    from isales_rules.ruleset import load

    return load(given.get("ruleset", DEFAULT))


def _here() -> str:
    try:
        return os.getcwd()
    except OSError as error:
        raise UsageError(f"the current folder: {error.strerror}") from None
