"""The forms in which the command tells what it found, each written piece by piece while the files are checked."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from isales_rules.formats.form import Form, Setting

FORMATS = {
    "text": ("text", "Text"),
    "concise": ("lines", "Concise"),
    "json": ("documents", "Json"),
    "jsonl": ("documents", "JsonLines"),
    "sarif": ("sarif", "Sarif"),
    "junit": ("junit", "JUnit"),
    "github": ("lines", "GitHub"),
    "gitlab": ("documents", "GitLab"),
}
"""The formats by name, each with its module in this package and its class there: only the one that is asked for is imported."""


def make(name: str, setting: Setting) -> Form:
    """Make the form of one of the `FORMATS`, or of `statistics`."""
    module, kind = {**FORMATS, "statistics": ("statistics", "Statistics")}[name]
    form: Form = getattr(import_module(f"isales_rules.formats.{module}"), kind)(setting)
    return form
