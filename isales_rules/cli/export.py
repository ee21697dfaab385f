"""The command `export`: schemas of rule sets and of settings, for editors."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from isales_rules.cli.options import OPTIONS


def _ruleset_schema() -> dict[str, Any]:
    from isales_rules.export.ruleset_schema import ruleset_schema

    return ruleset_schema()


def _settings_schema() -> dict[str, Any]:
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Settings of isales-rules",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            name: {
                "description": f"{option.help[0].upper()}{option.help[1:]}.",
                **option.type.schema,
            }
            for name, option in OPTIONS.items()
        },
    }


EXPORTS: dict[str, Callable[[], dict[str, Any]]] = {
    "ruleset-schema": _ruleset_schema,
    "settings-schema": _settings_schema,
}
"""Functions that create each schema."""


def export_lines(name: str) -> Iterator[str]:
    """Yield the lines of a schema."""
    yield from json.dumps(EXPORTS[name](), ensure_ascii=False, indent=1).split("\n")
