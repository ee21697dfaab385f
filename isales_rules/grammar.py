"""Refuses a bad rule set: its shape, checked by Cerberus, and what it says, checked here. All problems at once, each at its place."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any

from cerberus import Validator

from isales_rules.codes import LOCALES, Codes
from isales_rules.model import FACTS, PARTS, Layout, Problem, expand, hint
from isales_rules.times import sort
from isales_rules.vocabulary import ANY, KEYWORDS, NOTES, Shape, texts

_TEXTS: Shape = {locale: {"type": "string", "required": True, "empty": False} for locale in LOCALES}
_ROW: Shape = NOTES | {name: keyword.shape for name, keyword in KEYWORDS.items() if keyword.rows}
_INNER_ROW: Shape = _ROW | {"source": {"type": "string", "empty": False}}
_TEST: Shape = {name: keyword.shape for name, keyword in KEYWORDS.items() if not keyword.narrows} | {"schema": {"type": "dict"}}
_PART: Shape = {"type": "dict", "required": True}

_TOP: Shape = {
    "title": {"type": "string", "required": True},
    "request": {
        "type": "dict",
        "required": True,
        "schema": {"method": {"type": "string"}, "url": {"type": "string"}, "path": _PART, "headers": _PART, "body": _PART},
    },
    "facts": {
        "type": "dict",
        "valuesrules": {
            "type": "dict",
            "schema": {"type": {"type": "string", "required": True, "allowed": list(FACTS)}, "clock": {"type": "boolean"}, **_TEXTS},
        },
    },
    "shared": {"type": "dict", "valuesrules": {"type": "dict"}},
    "tables": {"type": "dict", "required": True, "valuesrules": {"type": "dict", "valuesrules": {"type": "dict"}}},
    "conditions": {"type": "list", "schema": {"type": "dict"}},
}

_CONDITION: Shape = {
    "id": {"type": "string", "required": True, "regex": "[a-z][a-z0-9-]*"},
    "severity": {"type": "string", "allowed": ["error", "warning"]},
    "code": {"type": "string"},
    "source": {"type": "string", "empty": False},
    "message": {"type": "dict", "required": True, "schema": _TEXTS},
    "cases": {
        "type": "list",
        "required": True,
        "minlength": 1,
        "schema": {
            "type": "dict",
            "schema": {
                "in": {"type": "list", "required": True, "minlength": 1, "schema": {"type": "string"}},
                "at": {"type": "string", "excludes": ["then", "together"]},
                "when": {"type": ["dict", "list"], "minlength": 1, "schema": {"type": "dict"}},
                "then": {"type": "dict", "minlength": 1},
                "together": {"type": "list", "minlength": 2, "maxlength": 2, "schema": {"type": "string"}, "excludes": "then"},
                "facts": {"type": "dict", "minlength": 1, "valuesrules": {"type": "dict"}},
            },
        },
    },
}


class _Grammar(Validator):  # type: ignore[misc]  # Cerberus has no types
    def _validate_schema(self, schema: Any, field: Any, value: Any) -> None:
        """Look into a list's entries, or into a dict where the schema is one of a dict.

        The rule's arguments are validated against this schema:
        {'nullable': False}
        """
        if isinstance(value, Mapping) and set(schema) == {"type"} and isinstance(schema["type"], str):
            return
        super()._validate_schema(schema, field, value)


def check(data: Mapping[str, Any], codes: Codes) -> list[Problem]:
    """Find everything that is wrong with a rule set, as read from TOML, in the order of the file's parts."""
    problems = list(_shape("", data, _TOP))
    if problems:
        return problems
    sound: dict[str, Any] = copy.deepcopy(dict(data))
    for place, holder, name, inner in _rows(sound):
        row = holder[name]
        found = list(_shape(place, row, _INNER_ROW if inner else _ROW)) or list(_row(place, row, sound, codes))
        problems += found
        if found:
            # Its name and type stay, so that what refers to it is not told as well.
            holder[name] = {"type": row["type"] if row.get("type") in ANY else "string", "source": "?"}
            if row.get("type") == "dict" and row.get("schema") in sound["tables"]:
                holder[name]["schema"] = row["schema"]
    problems += _conditions(sound, codes)
    for part in PARTS:
        problems += [problem for problem in Layout(sound, codes, part).problems if problem not in problems]
    return problems


def _shape(place: str, value: Any, schema: Shape) -> Iterator[Problem]:
    validator = _Grammar(schema)
    validator.validate(value, normalize=False)
    yield from _flat(place, validator.errors, list(schema))


def _flat(place: str, errors: Mapping[Any, Any], known: list[str]) -> Iterator[Problem]:
    for field, reasons in errors.items():
        where = f"{place}[{field}]" if isinstance(field, int) else f"{place}.{field}".removeprefix(".")
        for reason in reasons:
            if isinstance(reason, Mapping):
                yield from _flat(where, reason, [])
            elif reason == "unknown field":
                yield where, "unknown keyword" + hint(field, known)
            else:
                yield where, reason


def _rows(data: dict[str, Any]) -> Iterator[tuple[str, Any, str, bool]]:
    """Find every row: its place, what holds it under which name, and whether it may do without a source."""
    for name in data.get("shared", {}):
        yield from _nested(f"shared.{name}", data["shared"], name, inner=True)
    for part in PARTS:
        yield from _nested(f"request.{part}", data["request"], part)
    for table, rows in data["tables"].items():
        for name in rows:
            yield from _nested(f"tables.{table}.{name}", rows, name)


def _nested(place: str, holder: Any, name: str, *, inner: bool = False) -> Iterator[tuple[str, Any, str, bool]]:
    """Give a row, and the rows of its entries where it is a list's."""
    row = holder[name]
    yield place, holder, name, inner
    if isinstance(row.get("schema"), Mapping):
        yield from _nested(f"{place}.schema", row, "schema", inner=True)


def _row(place: str, row: Mapping[str, Any], data: Mapping[str, Any], codes: Codes) -> Iterator[Problem]:
    """Find what a row of the right shape has wrong."""
    shared = data.get("shared", {})
    if "use" in row and row["use"] not in shared:
        yield f"{place}.use", f"there is no shared row {row['use']!r}" + hint(row["use"], shared)
        return
    row = expand(row, data)
    if "type" not in row:
        if not place.startswith("shared."):
            yield f"{place}.type", "required field"
        return
    for keyword in KEYWORDS.keys() & row.keys():
        if row["type"] not in KEYWORDS[keyword].types:
            yield f"{place}.{keyword}", f"is not for the type {row['type']}"
    yield from _arguments(place, row, row["type"])
    yield from _contradictions(place, row)
    yield from _notes(place, row, codes)


def _contradictions(place: str, row: Mapping[str, Any]) -> Iterator[Problem]:
    for low, high in (("min", "max"), ("minlength", "maxlength")):
        if low in row and high in row and row[low] > row[high]:
            yield f"{place}.{low}", f"is greater than {high}, {row[high]}"
    for option in row.get("allowed", ()):
        if row["type"] == "integer" and isinstance(option, int) and not row.get("min", option) <= option <= row.get("max", option):
            yield f"{place}.allowed", f"the option {option!r} is not from min to max"
        if row["type"] == "string" and isinstance(option, str) and not row.get("minlength", 0) <= len(option) <= row.get("maxlength", len(option)):
            yield f"{place}.allowed", f"the option {option!r} is not as long as minlength and maxlength say"


def _notes(place: str, row: Mapping[str, Any], codes: Codes) -> Iterator[Problem]:
    schema = row.get("schema")
    if schema is not None and isinstance(schema, str) is not (row["type"] == "dict"):
        yield f"{place}.schema", "is the name of a table for a dict, and a row for a list; no other type has one"
    if "coerce" in row and row["type"] != "integer":
        yield f"{place}.coerce", "is for the type integer alone"
    for note in ("anycase", "allow_unknown"):
        if note in row and row["type"] != "dict":
            yield f"{place}.{note}", "is for the type dict alone"
    if "regex" in row and "example" not in row:
        yield f"{place}.example", "is needed beside regex: it is what messages show"
    if "labels" in row:
        wanted = [len(row.get("allowed", ()))] * len(LOCALES)
        if [len(row["labels"].get(locale, ())) for locale in LOCALES] != wanted or len(row["labels"]) != len(LOCALES):
            yield f"{place}.labels", f"must have a list for each of {', '.join(LOCALES)}, with a text for each option of allowed"
    for keyword, code in row.get("codes", {}).items():
        if keyword not in {"type", "required", "coerce"} | row.keys():
            yield f"{place}.codes.{keyword}", "is not a keyword of this row" + hint(keyword, row)
        yield from _code(f"{place}.codes.{keyword}", code, codes)


def _code(place: str, code: str, codes: Codes) -> Iterator[Problem]:
    known = codes.meanings[LOCALES[0]]
    if code not in known or code == codes.success:
        yield place, f"there is no code {code!r} for a mistake" + hint(code, known)


def _arguments(place: str, rules: Mapping[str, Any], type_name: str | None) -> Iterator[Problem]:
    """Find arguments that have the right shape and still make no sense."""
    wanted = {"integer": int, "string": str, "boolean": bool}.get(type_name or "")
    for option in rules.get("allowed", ()):
        if wanted and type(option) is not wanted:
            yield f"{place}.allowed", f"the option {option!r} is not of the type {type_name}"
    formats = [sort(format) for format in texts(rules.get("format", []))]
    if None in formats or len(set(formats)) > 1:
        yield f"{place}.format", "must be made of yyyy MM dd HH mm ss, once each: a date, a date with a time, or a time; several must be of one sort"
    for keyword in ("regex", "half"):
        try:
            re.compile(rules.get(keyword, ""), re.ASCII)
        except re.error as error:
            yield f"{place}.{keyword}", f"is no regular expression: {error}"


def _conditions(data: dict[str, Any], codes: Codes) -> Iterator[Problem]:
    """Find what the conditions have wrong; a wrong one is left without cases."""
    ids = set()
    for number, condition in enumerate(data.get("conditions", [])):
        place = f"conditions[{number}]"
        found = list(_shape(place, condition, _CONDITION)) or list(_condition(place, condition, data, codes))
        yield from found
        if found:
            data["conditions"][number] = {"cases": ()}
        if condition.get("id") in ids:
            yield f"{place}.id", f"there is another condition {condition['id']!r}"
        ids.add(condition.get("id"))


def _condition(place: str, condition: Mapping[str, Any], data: Mapping[str, Any], codes: Codes) -> Iterator[Problem]:
    if "code" in condition:
        yield from _code(f"{place}.code", condition["code"], codes)
        if condition.get("severity") == "warning":
            yield f"{place}.code", "is not for a warning"
    for number, case in enumerate(condition["cases"]):
        where = f"{place}.cases[{number}]"
        for table in case["in"]:
            if table not in data["tables"]:
                yield f"{where}.in", f"there is no table {table!r}" + hint(table, data["tables"])
        if not case.keys() & {"when", "then", "together", "facts"}:
            yield where, "needs a when, then, together or facts"
        when = case.get("when", {})
        schemas = {f"{where}.then": case.get("then", {}), f"{where}.facts": case.get("facts", {})}
        schemas |= {f"{where}.when": when} if isinstance(when, Mapping) else {f"{where}.when[{index}]": one for index, one in enumerate(when)}
        for inner, schema in schemas.items():
            yield from _tests(inner, schema)


def _tests(place: str, schema: Mapping[str, Any]) -> Iterator[Problem]:
    for name, rules in schema.items():
        where = f"{place}.{name}"
        if not isinstance(rules, Mapping):
            yield where, "must be of dict type"
            continue
        yield from (found := list(_shape(where, rules, _TEST)))
        if not found:
            yield from _arguments(where, rules, None)
            yield from _tests(f"{where}.schema", rules.get("schema", {}))
