"""Options from arguments and settings files.

A settings file is `.isales-rules.toml`, or `pyproject.toml` with a table `[tool.isales-rules]`.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from isales_rules.cli.errors import SettingsError, UsageError
from isales_rules.cli.options import OPTIONS

if TYPE_CHECKING:
    from isales_rules.ruleset import RuleSet

OWN = ".isales-rules.toml"
SHARED = "pyproject.toml"


class Settings(NamedTuple):
    """Values by option name, the folder of relative patterns, and the file."""

    values: Mapping[str, Any]
    root: str
    file: str | None = None


def _with_parents(folder: str) -> Iterator[str]:
    """Yield a folder and its parents, the nearest first."""
    yield folder
    while (parent := os.path.dirname(folder)) != folder:
        folder = parent
        yield folder


def is_repository(folder: str) -> bool:
    """Return whether a folder is the root of a git repository."""
    return os.path.exists(os.path.join(folder, ".git"))


def find_settings(folder: str) -> str | None:
    """Find the nearest settings file in a folder or its parents.

    Stops at the root of the repository.
    """
    for parent in _with_parents(folder):
        own, shared = os.path.join(parent, OWN), os.path.join(parent, SHARED)
        if os.path.isfile(own):
            return own
        if os.path.isfile(shared) and _read_table(shared) is not None:
            return shared
        if is_repository(parent):
            return None
    return None


def repository_root(folder: str) -> str:
    """Return the root of the git repository of a folder, or else the folder.

    Servers display paths relative to it.
    """
    return next(filter(is_repository, _with_parents(folder)), folder)


def read_settings(file: str) -> Settings:
    """Read a settings file. Raise `SettingsError` if it is invalid."""
    table = _read_table(file) or {}
    root = os.path.dirname(os.path.abspath(file))
    values = {}
    for name, value in table.items():
        if name == "tool":
            raise SettingsError(
                f"{file}: settings must be at the top level; only {SHARED} has [tool.isales-rules]"
            )
        if name not in OPTIONS:
            from isales_rules._text import suggest

            raise SettingsError(
                f"{file}: unknown setting {name!r}{suggest(name, OPTIONS)}; the settings are {', '.join(OPTIONS)}"
            )
        option = OPTIONS[name]
        try:
            values[name] = option.type.convert(value)
        except (TypeError, ValueError):
            raise SettingsError(f"{file}: {name} must be {option.type.expected}") from None
        if option.is_path:
            values[name] = os.path.join(root, value)
        elif name == "ruleset":
            values[name] = _ruleset(root, value)
        elif name == "rulesets":
            values[name] = [(pattern, _ruleset(root, one)) for pattern, one in values[name]]
    return Settings(values, root, file)


def _ruleset(root: str, name: str) -> str:
    """Return the name of a shipped rule set, or the path of a file."""
    return os.path.join(root, name) if name.endswith(".toml") else name


def _read_table(file: str) -> dict[str, Any] | None:
    """Read the table of settings, `None` for a `pyproject.toml` without one."""
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


def gather_options(arguments: argparse.Namespace) -> Settings:
    """Return the value of each option.

    An argument takes precedence over the settings file, and that over the default.
    """
    folder = current_folder()
    file = getattr(arguments, "config", None)
    if file is None and not getattr(arguments, "no_config", False):
        file = find_settings(folder)
    settings = read_settings(file) if file is not None else Settings({}, folder)
    values = {name: settings.values.get(name, option.default) for name, option in OPTIONS.items()}
    for name in OPTIONS:
        argument = getattr(arguments, name.replace("-", "_"), None)
        if argument is not None:
            values[name] = argument
    flags = vars(arguments)
    if flags.get("ruleset") is not None and flags.get("rulesets") is None:
        values["rulesets"] = ()
    return settings._replace(values=values)


def load_rules(settings: Settings) -> RuleSet:
    """Load the rule set that the options name."""
    from isales_rules.ruleset import load

    return load(settings.values["ruleset"])


def current_folder() -> str:
    """Return the current folder. Raise `UsageError` if it no longer exists."""
    try:
        return os.getcwd()
    except OSError as error:
        raise UsageError(f"the current folder: {error.strerror}") from None
