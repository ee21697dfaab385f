"""The forms in which the command tells what it found, each written piece by piece while the files are checked."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from isales_rules.cli.formats.base import Formatter, FormatterContext

FORMATS = {
    "text": ("text", "TextFormatter"),
    "concise": ("concise", "ConciseFormatter"),
    "json": ("json", "JsonFormatter"),
    "jsonl": ("json", "JsonLinesFormatter"),
    "sarif": ("sarif", "SarifFormatter"),
    "junit": ("junit", "JUnitFormatter"),
    "github": ("github", "GitHubFormatter"),
    "gitlab": ("gitlab", "GitLabFormatter"),
}
"""The formats by name, each with its module in this package and its class there: only the one that is asked for is imported."""


def make_formatter(name: str, setting: FormatterContext) -> Formatter:
    """Make the form of one of the `FORMATS`, or of `statistics`."""
    module, kind = {**FORMATS, "statistics": ("statistics", "Statistics")}[name]
    form: Formatter = getattr(import_module(f"isales_rules.cli.formats.{module}"), kind)(setting)
    return form
