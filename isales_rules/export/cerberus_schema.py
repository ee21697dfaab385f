"""JSON Schema (draft-07) from the Cerberus schemas of the rule language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from isales_rules.language.keywords import Schema

JsonSchema = dict[str, Any]

_TYPES = {
    "boolean": "boolean",
    "dict": "object",
    "float": "number",
    "integer": "integer",
    "list": "array",
    "number": "number",
    "string": "string",
}
_SIZES = {"string": "Length", "array": "Items", "object": "Properties"}


class Converter:
    """Converts schemas.

    A path such as `tables.*.*` or `rules[].id` names a place in a schema. `replaced` has JSON
    Schemas by path, and `descriptions` texts by path, or by name as `*.name`.
    """

    def __init__(self, replaced: Mapping[str, JsonSchema], descriptions: Mapping[str, str]) -> None:
        self._replaced = replaced
        self._descriptions = descriptions

    def members(self, schema: Mapping[str, Schema], path: str) -> JsonSchema:
        """Convert the schema of a table: its members by name."""
        return {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                name: self.value(inner, f"{path}.{name}".removeprefix("."))
                for name, inner in schema.items()
            },
            **_presence(schema),
        }

    def value(self, schema: Schema, path: str) -> JsonSchema:
        """Convert the schema of a value."""
        described = {"description": text} if (text := self._describe(path)) else {}
        if path in self._replaced:
            return described | self._replaced[path]
        types = _types(schema)
        converted: JsonSchema = dict(described)
        if types:
            converted["type"] = types[0] if len(types) == 1 else types
        if "allowed" in schema:
            converted["enum"] = schema["allowed"]
        if "regex" in schema:
            converted["pattern"] = f"^{schema['regex'].removesuffix(chr(92) + 'Z')}$"
        for name, limit in (("min", "minimum"), ("max", "maximum")):
            if name in schema:
                converted[limit] = schema[name]
        return converted | _sizes(schema, types) | self._inner(schema, types, path)

    def _describe(self, path: str) -> str:
        own = self._descriptions.get(path)
        return own or self._descriptions.get(f"*.{path.rpartition('.')[2]}", "")

    def _inner(self, schema: Schema, types: list[str], path: str) -> JsonSchema:
        """Convert the schemas of members and items."""
        inner: JsonSchema = {}
        if "array" in types and "schema" in schema:
            inner["items"] = self.value(schema["schema"], f"{path}[]")
        elif "schema" in schema:
            inner |= self.members(schema["schema"], path)
        if "valuesrules" in schema:
            inner["additionalProperties"] = self.value(schema["valuesrules"], f"{path}.*")
        elif types == ["object"] and "schema" not in schema:
            inner["additionalProperties"] = True  # otherwise Tombi warns
        return inner


def _types(schema: Schema) -> list[str]:
    names = schema.get("type", [])
    return [_TYPES[name] for name in ([names] if isinstance(names, str) else names)]


def _sizes(schema: Schema, types: list[str]) -> JsonSchema:
    limits = {"min": schema.get("minlength"), "max": schema.get("maxlength")}
    if schema.get("empty") is False:
        limits["min"] = max(limits["min"] or 0, 1)
    return {
        f"{end}{_SIZES[name]}": limit
        for end, limit in limits.items()
        for name in types
        if limit is not None and name in _SIZES
    }


def _presence(schema: Mapping[str, Schema]) -> JsonSchema:
    """Convert what members must be present together, or not."""
    required = [name for name, inner in schema.items() if inner.get("required")]
    conditions: list[JsonSchema] = []
    for pair in _exclusions(schema):
        if set(pair) <= set(required):  # one of them is required
            conditions.append({"oneOf": [{"required": [name]} for name in pair]})
            required = [name for name in required if name not in pair]
        else:
            conditions.append({"not": {"required": pair}})
    dependencies = {
        name: _names(inner["dependencies"])
        for name, inner in schema.items()
        if "dependencies" in inner
    }
    presence = {"required": required, "allOf": conditions, "dependencies": dependencies}
    return {name: value for name, value in presence.items() if value}


def _exclusions(schema: Mapping[str, Schema]) -> list[list[str]]:
    """Return the pairs of members that exclude each other, each once and in order."""
    excluded = {
        frozenset({name, other}): None
        for name, inner in schema.items()
        for other in _names(inner.get("excludes", []))
    }
    return [[name for name in schema if name in pair] for pair in excluded]


def _names(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
