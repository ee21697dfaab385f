"""What the command cannot do. Importing this costs nothing, so that a command that can do its work starts at once."""

from __future__ import annotations

import sys


class CommandError(Exception):
    """Something that cannot be done; the text names it and the remedy, in one line."""

    def __str__(self) -> str:
        from isales_rules._text import escape_nonprintable

        return escape_nonprintable(super().__str__())


class UsageError(CommandError):
    """The command was asked for something that there is not."""


class SettingsError(CommandError):
    """A setting that there is not, or that cannot be what it is set to."""


class SourceError(CommandError):
    """Something that was to be checked and cannot be."""


def print_error(problem: str) -> None:
    """Tell on the standard error stream what could not be done; nobody can be told where that takes no more."""
    if sys.stderr is None:  # for which `print` would take the standard output
        return
    try:
        print(f"isales-rules: {problem}", file=sys.stderr, flush=True)
    except OSError:
        return
