"""Errors of the command."""

from __future__ import annotations

import sys


class CommandError(Exception):
    """Failure of the command, with its cause and remedy in one line."""

    def __str__(self) -> str:
        from isales_rules._text import escape_nonprintable

        return escape_nonprintable(super().__str__())


class UsageError(CommandError):
    """Invalid arguments, or an output that cannot be written."""


class SettingsError(CommandError):
    """Unknown setting, or an invalid value of a setting."""


class SourceError(CommandError):
    """Input that cannot be checked."""


def print_error(message: str) -> None:
    """Print a message to standard error, and ignore that it cannot be written."""
    if sys.stderr is None:  # `print` would use standard output instead
        return
    try:
        print(f"isales-rules: {message}", file=sys.stderr, flush=True)
    except OSError:
        return
