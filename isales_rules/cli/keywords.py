"""The reference of the rule language's keywords, printed by the command `keywords`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from isales_rules.cli.reference import escape_markdown
from isales_rules.language.catalog import load_catalog
from isales_rules.language.keywords import ALL_TYPES, KEYWORDS, Keyword, Sample, Schema

VERSION = 1
"""Version of the reference in JSON.

It changes when a member is removed or changes its meaning.
"""

_COLUMNS = ("keyword", "meaning", "argument", "types", "use", "code", "example", "passes", "fails")


def describe_keywords() -> Iterator[dict[str, Any]]:
    """Yield the description of each keyword, as the reference in JSON has it."""
    for keyword in KEYWORDS.values():
        sample = keyword.sample
        yield {
            "keyword": keyword.name,
            "meaning": keyword.description,
            "argument": _describe_argument(keyword.argument_schema),
            "types": ["all"] if keyword.types == ALL_TYPES else sorted(keyword.types),
            "use": _use(keyword),
            "code": load_catalog().messages[keyword.template].code,
            "example": _example(keyword, sample),
            "passes": _value(keyword, sample, sample.passes),
            "fails": _value(keyword, sample, sample.fails),
        }


def _use(keyword: Keyword) -> str:
    if not keyword.in_definitions:
        return "clause"
    only_definition = keyword.refines or keyword.operand == "entries"
    return "definition" if only_definition else "definition, clause"


def _describe_argument(schema: Schema) -> str:
    if "schema" in schema and schema["type"] == "dict":
        return f"a table with {', '.join(schema['schema'])}"
    if "allowed" in schema:
        return ", ".join(map(to_toml, schema["allowed"]))
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    limits = [
        f", {word} {schema[name]}"
        for name, word in (("min", "at least"), ("max", "at most"))
        if name in schema
    ]
    return " or ".join(types) + "".join(limits)


def _example(keyword: Keyword, sample: Sample) -> str:
    if keyword.in_definitions:
        argument = {keyword.name: sample.argument}
        return to_toml({"type": sample.type, **argument, **sample.beside})
    return to_toml({"value": {keyword.name: sample.argument}})


def _value(keyword: Keyword, sample: Sample, value: Any) -> Any:
    """Return a value of the sample, with the other value that a bound needs."""
    if keyword.operand != "bound":
        return value
    return {"value": value, next(iter(sample.argument.values())): sample.other}


def to_toml(value: Any) -> str:
    """Format a value as TOML on one line."""
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{key} = {to_toml(one)}' for key, one in value.items())} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(to_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)


def _to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def format_text() -> Iterator[str]:
    """Format all keywords as paragraphs."""
    for one in describe_keywords():
        yield f"{one['keyword']}  {one['code']}  {', '.join(one['types'])}  [{one['use']}]"
        yield f"    {one['meaning']}"
        yield f"    argument: {one['argument']}"
        passes, fails = _to_json(one["passes"]), _to_json(one["fails"])
        yield f"    {one['example']}  passes: {passes}  fails: {fails}"


def format_json() -> Iterator[str]:
    """Format all keywords as a JSON document."""
    document = {"version": VERSION, "keywords": [*describe_keywords()]}
    yield json.dumps(document, indent=1, ensure_ascii=False)


def format_markdown() -> Iterator[str]:
    """Format all keywords as a Markdown table."""
    yield f"| {' | '.join(_COLUMNS)} |"
    yield f"|{' --- |' * len(_COLUMNS)}"
    for one in describe_keywords():
        code = [
            _code(one["example"]),
            _code(_to_json(one["passes"])),
            _code(_to_json(one["fails"])),
        ]
        texts = [one["meaning"], one["argument"], ", ".join(one["types"])]
        cells = [
            _code(one["keyword"]),
            *map(escape_markdown, [*texts, one["use"], one["code"]]),
            *code,
        ]
        yield f"| {' | '.join(cells)} |"


def _code(text: str) -> str:
    return f"`{text}`"


FORMATS: dict[str, Callable[[], Iterator[str]]] = {
    "text": format_text,
    "json": format_json,
    "md": format_markdown,
}
"""Formats of the reference."""
