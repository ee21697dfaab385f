"""Small rule sets, written as data and loaded from TOML files."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import isales_rules

Data = dict[str, Any]

CODES = {
    code: {"en_US": f"the meaning of {code}", "zh_CN": f"{code} 的含义"}
    for code in ("0200002", "0200005", "0200007", "0200016", "0200017")
}

MESSAGE = {"en_US": "$name is wrong beside the others", "zh_CN": "$name 与其他参数不符"}


def toml(value: Any) -> str:
    """Format a value as TOML on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{toml(key)} = {toml(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(toml(one) for one in value) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, float) and math.isnan(value):
        return "nan"
    return value.isoformat() if isinstance(value, datetime | date | time) else repr(value)


def write(folder: Path, data: Data, name: str = "small.toml") -> Path:
    file = folder / name
    file.write_text(
        "".join(f"{toml(key)} = {toml(value)}\n" for key, value in data.items()), "utf-8"
    )
    return file


def load(folder: Path, data: Data) -> isales_rules.RuleSet:
    return isales_rules.load(write(folder, data))


def rule_set(body: Data, **more: Any) -> Data:
    """Build a rule set from the definitions of the body.

    `more` has other tables and parts. Definitions without a source get one.
    """
    tables = {
        "path": {"id": {"type": "integer"}},
        "headers": {"locale": {"type": "string"}},
        "body": body,
    } | more.pop("tables", {})
    return {
        "title": "A small interface",
        "codes": CODES,
        "request": {
            "path": {"type": "dict", "schema": "path", "source": "Table 1"},
            "headers": {
                "type": "dict",
                "schema": "headers",
                "source": "Table 2",
                "case_insensitive": True,
                "allow_unknown": True,
            },
            "body": {"type": "dict", "required": True, "schema": "body", "source": "Table 3"},
        },
        "tables": {
            table: {
                name: with_source(definition, f"Table {table}, {name}")
                for name, definition in definitions.items()
            }
            for table, definitions in tables.items()
        },
        **more,
    }


def with_source(definition: Any, source: str) -> Any:
    return {"source": source, **definition} if isinstance(definition, dict) else definition


def rule(*clauses: Data, **more: Any) -> Data:
    """Build a rule of clauses, which apply to the body by default."""
    return {
        "id": "together",
        "clauses": [{"tables": ["body"], **clause} for clause in clauses],
        "message": dict(MESSAGE),
        **more,
    }


def fact(type: str) -> Data:
    return {"type": type, "en_US": f"a fact of the type {type}", "zh_CN": "事实"}


def errors(report: isales_rules.Report) -> list[tuple[str, str]]:
    return [(one.path, one.code) for one in report.violations if one.code is not None]


class _Drop:
    def __repr__(self) -> str:
        return "dropped"


DROP = _Drop()
"""A value for `changed` that deletes an item."""


def changed(data: Data, changes: Mapping[str, Any]) -> Data:
    """Copy a rule set with new values at some locations.

    A location is written like `tables.body.name.maxlength` or `rules[0].clauses[0].when`.
    """
    data = copy.deepcopy(data)
    for location, value in changes.items():
        *parents, last = steps(location)
        holder: Any = data
        for part in parents:
            holder = holder[part] if isinstance(part, int) else holder.setdefault(part, {})
        if value is DROP:
            del holder[last]
        elif isinstance(last, int) and last == len(holder):
            holder.append(copy.deepcopy(value))
        else:
            holder[last] = copy.deepcopy(value)
    return data


def at(data: Any, location: str) -> Any:
    for part in steps(location):
        data = data[part]
    return data


def steps(location: str) -> list[str | int]:
    return [
        int(part[1:-1]) if part.startswith("[") else part
        for part in location.replace("[", ".[").split(".")
    ]


def locations(value: Any, location: str = "") -> Iterator[str]:
    """Iterate over the locations of everything inside a value."""
    members = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, inner in members:
        inner_location = (
            f"{location}[{key}]" if isinstance(key, int) else f"{location}.{key}".removeprefix(".")
        )
        yield inner_location
        yield from locations(inner, inner_location)
