"""Errors of the command."""

from __future__ import annotations

import sys


class CommandError(Exception):
    """Failure of the command, with its cause and remedy in one line.

    The message is an English text, or the name of a phrase of the catalog with its values.
    """

    def __init__(self, message: str, **values: str) -> None:
        super().__init__(message)
        self._values = values

    def __str__(self) -> str:
        return self.message("en_US")

    def message(self, locale: str) -> str:
        """Return the message, in the language if it is a phrase."""
        from string import Template

        from isales_rules._text import escape_nonprintable
        from isales_rules.language.catalog import load_catalog

        phrases, (text,) = load_catalog().phrases[locale], self.args
        if text in phrases:
            values = dict(self._values)
            if "reason" in values:  # the operating system has it only in English
                values["reason"] = phrases.get(f"reason {values['reason']}", values["reason"])
            text = Template(phrases[text]).substitute(values)
        return escape_nonprintable(text)


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
