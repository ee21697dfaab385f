"""Output formats of the command, written while files are checked."""

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
"""Module and class of each format. Only the modules of requested formats are imported."""


def make_formatter(name: str, context: FormatterContext) -> Formatter:
    """Make the formatter of one of the `FORMATS`, or of `statistics`."""
    module, class_name = {**FORMATS, "statistics": ("statistics", "StatisticsFormatter")}[name]
    formatter_class = getattr(import_module(f"isales_rules.cli.formats.{module}"), class_name)
    formatter: Formatter = formatter_class(context)
    return formatter
