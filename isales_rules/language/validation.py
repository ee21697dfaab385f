"""Validation of a rule set: its shape, by Cerberus, and its meaning.

All problems are found at once, each with its location.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from isales_rules._text import suggest
from isales_rules.language.catalog import LOCALE, LOCALES, Catalog
from isales_rules.language.keywords import COERCED_TYPES, KEYWORDS, Definition, Schema
from isales_rules.language.model import (
    BASE_REASON,
    COLLECTIONS,
    ERROR_TYPE,
    OBJECT_RULES,
    PARTS,
    REQUEST,
    Problem,
    Rule,
)
from isales_rules.language.resolver import Resolver, resolve_ref
from isales_rules.language.schema import (
    ASSERTION,
    DEFINITION,
    FACT_ASSERTION,
    ITEM_ASSERTION,
    ITEM_DEFINITION,
    RULE,
    RULE_CHANGE,
    RULE_SET,
    check_schema,
)

MAX_DEPTH = 100
"""Maximum nesting of tables and arrays in the file, less than the limit of recursion."""

MAX_INTEGER = 2**63
"""Bound of integers. TOML promises none outside 64 bits, and Python does not print very large ones."""

_SEPARATE = frozenset({"title", "document", "edition", "gaps"})
"""Keys that nothing refers to, so that the rest is validated although one of them is invalid."""

_ANY_RULE = {"id": "?", "message": dict.fromkeys(LOCALES, "?")}

NOT_PRINTABLE = "has a character that does not print, and a message is one line"


def validate_rule_set(data: Mapping[str, Any], codes: Catalog) -> list[Problem]:
    """Return every problem of a rule set that was read from TOML, in the order of the file."""
    problems = list(check_limits(data))
    if problems:
        return problems
    data = json.loads(json.dumps(data, default=dict))  # a copy in which every mapping is a dict
    phrases = data["phrases"] if isinstance(data.get("phrases"), dict) else {}
    locales = tuple(dict.fromkeys((*codes.locales, *filter(LOCALE.fullmatch, phrases))))
    problems = [
        (location, BASE_REASON if location == "request" and "request" not in data else reason)
        for location, reason in check_schema("", data, RULE_SET, locales)
    ]
    separate = _without_separate(data, problems)
    if separate is None:
        return problems
    data = separate
    problems += _check_texts(data, codes, locales)
    codes = codes.extended(data)
    sound: dict[str, Any] = copy.deepcopy(dict(data))
    for place, holder, name, inner in _iter_definitions(sound):
        found = list(
            check_schema(
                place, holder[name], ITEM_DEFINITION if inner or "source" in data else DEFINITION
            )
        ) or list(_check_definition(place, holder[name], sound, codes))
        problems += found
        if found:
            holder[name] = _recover(place, holder[name], sound, codes, found)
    problems += _check_query_reply(sound)
    problems += _check_rules(sound, codes)
    for part in PARTS:
        problems += [
            problem for problem in Resolver(sound, codes, part).problems if problem not in problems
        ]
    return problems + list(_check_changes(sound, codes, problems))


def _check_changes(
    data: Mapping[str, Any], codes: Catalog, problems: list[Problem]
) -> Iterator[Problem]:
    """Yield the problems of entries of `rules` that change the rule of a keyword."""
    changes = [
        (number, rule) for number, rule in enumerate(data.get("rules", ())) if "clauses" not in rule
    ]
    if not changes:
        return
    known = {
        rule.id: rule
        for parameter in Resolver({**data, "rules": ()}, codes, REQUEST).root.walk()
        for rule in parameter.rules.values()
    }
    others = [rule["id"] for rule in data["rules"] if "id" in rule and "clauses" in rule]
    for number, change in changes:
        name = change["id"]
        if name in known:
            if not change.get("enabled", True):
                yield from _check_disabled(f"rules[{number}].enabled", known[name])
        # The rules of an invalid definition are unknown, and those of `others` have this id already.
        elif name not in others and not any(
            f"{one}.".startswith(f"{_definition(name)}.") for one, _ in problems
        ):
            reason = (
                f"unknown rule {name!r}{suggest(name, [*known, *others])}; a new rule needs clauses"
            )
            yield f"rules[{number}].id", reason


def _definition(rule: str) -> str:
    """Return the location of the definition that the rule of a keyword belongs to."""
    return f"tables.{rule.rpartition('.')[0]}"


def _check_disabled(place: str, rule: Rule) -> Iterator[Problem]:
    keyword = rule.id.rpartition(".")[2]
    if keyword not in KEYWORDS and keyword != "unknown-parameter":
        yield place, "only the rules of keywords, and unknown-parameter, can be disabled"
    elif keyword == "required" and rule.path[-1:] == (None,):
        yield place, "an entry of a list is always mandatory"


def _without_separate(data: Mapping[str, Any], problems: list[Problem]) -> dict[str, Any] | None:
    """Return a rule set without its invalid keys; `None` if others refer to them."""
    invalid = {re.split(r"[.[]", location)[0] for location, _ in problems}
    if invalid & (RULE_SET.keys() - _SEPARATE):
        return None
    kept = {name: value for name, value in data.items() if name in RULE_SET.keys() - invalid}
    return {"title": "?", **kept}


def _check_texts(
    data: Mapping[str, Any], shared: Catalog, locales: tuple[str, ...]
) -> Iterator[Problem]:
    """Yield the problems of codes, messages, phrases and other texts."""
    yield from _check_codes(data, shared)
    known = shared.phrases[LOCALES[0]]
    for locale, phrases in data.get("phrases", {}).items():
        for name in phrases:
            if name not in known and not name.startswith("source "):
                yield f"phrases.{locale}.{name}", f"unknown phrase{suggest(name, known)}"
    for name, fact in data.get("facts", {}).items():
        if not fact.keys() & set(locales):
            yield f"facts.{name}", f"needs a description in {' or '.join(locales)}"
    for name in ("document", "gaps", "codes", "messages", "phrases", "facts"):
        yield from _check_printable(name, data.get(name, {}))


def _check_codes(data: Mapping[str, Any], shared: Catalog) -> Iterator[Problem]:
    """Yield the problems of the codes of the interface, and of default codes."""
    shared_codes = [*shared.error_codes, shared.success]
    for number, code in enumerate(data.get("shared_codes", ())):
        if code not in shared_codes:
            reason = f"{code!r} is not a shared code{suggest(code, shared_codes)}"
            yield f"shared_codes[{number}]", reason
    for name, message in data.get("messages", {}).items():
        if name not in shared.messages:
            yield f"messages.{name}", f"unknown message{suggest(name, shared.messages)}"
        elif "code" in message:
            codes = shared.extended(data).error_codes
            yield from _check_code(f"messages.{name}.code", message["code"], codes)


def _check_printable(place: str, value: Any) -> Iterator[Problem]:
    """Yield each text inside a value that is not one printable line."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _check_printable(f"{place}.{name}", inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _check_printable(f"{place}[{number}]", inner)
    elif isinstance(value, str) and not value.isprintable():
        yield place, NOT_PRINTABLE


def check_limits(data: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what is too deep, too large, or not a value that JSON has."""
    level: list[tuple[str, Any]] = [("", data)]
    for _ in range(MAX_DEPTH + 1):
        inner: list[tuple[str, Any]] = []
        for place, value in level:
            if isinstance(value, Mapping):
                yield from (
                    (f"{place}.{name!r}".removeprefix("."), "is a key that is not a str")
                    for name in value
                    if not isinstance(name, str)
                )
                inner += [(f"{place}.{name}".removeprefix("."), one) for name, one in value.items()]
            elif isinstance(value, list):
                inner += [(f"{place}[{number}]", one) for number, one in enumerate(value)]
            elif isinstance(value, int) and not -MAX_INTEGER <= value < MAX_INTEGER:
                yield place, "is an integer of more than 64 bits"
            elif not isinstance(value, str | int | float):
                yield (
                    place,
                    f"is of the type {type(value).__name__}; use text, a number, a boolean, a list or a table",
                )
        level = inner
    yield from (
        (place, f"is nested more than {MAX_DEPTH} tables and lists deep") for place, _ in level
    )


def _recover(
    place: str,
    row: Mapping[str, Any],
    data: Mapping[str, Any],
    codes: Catalog,
    found: list[Problem],
) -> Definition:
    """Return the parts of an invalid definition that other definitions refer to.

    Problems that only follow from it are then not reported.
    """
    row = resolve_ref(row, data) if isinstance(row.get("ref"), str) else row
    kept = {key: row[key] for key in ("type", "format", "schema") if key in row}
    sound = "type" in kept and not any(
        where.startswith(f"{place}.{key}") for where, _ in found for key in kept
    )
    # Of a row that has not even its shape, nothing more was asked yet.
    sound = sound and not list(_check_definition(place, kept, data, codes))
    return {**(kept if sound else {"type": ERROR_TYPE}), "source": "?"}


def _iter_definitions(data: dict[str, Any]) -> Iterator[tuple[str, Any, str, bool]]:
    """Yield each definition: its location, its holder and name, and whether `source` is optional."""
    for name in data.get("definitions", {}):
        yield from _iter_items(f"definitions.{name}", data["definitions"], name, inner=True)
    for part in PARTS:
        yield from _iter_items(f"request.{part}", data["request"], part)
    for table, rows in data["tables"].items():
        for name in rows:
            yield from _iter_items(f"tables.{table}.{name}", rows, name)


def _iter_items(
    place: str, holder: Any, name: str, *, inner: bool = False
) -> Iterator[tuple[str, Any, str, bool]]:
    """Yield a definition, and those of its items if it is a list."""
    row = holder[name]
    yield place, holder, name, inner
    if isinstance(row.get("schema"), Mapping) and row.get("type", "list") == "list":
        # A wrong row was put in its place meanwhile, and may have kept its entries.
        yield from _iter_items(
            f"{place}.schema",
            holder[name] if "schema" in holder[name] else row,
            "schema",
            inner=True,
        )


def _check_definition(
    place: str, row: Mapping[str, Any], data: Mapping[str, Any], codes: Catalog
) -> Iterator[Problem]:
    """Yield the problems of a definition of the right shape."""
    shared = data.get("definitions", {})
    if "ref" in row and row["ref"] not in shared:
        yield f"{place}.ref", f"unknown definition {row['ref']!r}" + suggest(row["ref"], shared)
        return
    row = resolve_ref(row, data)
    if "type" not in row:
        if not place.startswith("definitions."):
            yield f"{place}.type", "required field"
        return
    if row["type"] == ERROR_TYPE:
        return
    unsuitable = [
        name for name in row if name in KEYWORDS and row["type"] not in KEYWORDS[name].types
    ]
    yield from ((f"{place}.{name}", f"is not for the type {row['type']}") for name in unsuitable)
    yield from _check_arguments(place, {key: row[key] for key in row if key not in unsuitable})
    yield from _check_attributes(place, row, codes)


def _check_attributes(place: str, row: Mapping[str, Any], codes: Catalog) -> Iterator[Problem]:
    schema = row.get("schema")
    if schema is not None and isinstance(schema, str) is not (row["type"] == "dict"):
        yield (
            f"{place}.schema",
            "is the name of a table for a dict, and a definition for a list; no other type has one",
        )
    if "coerce" in row and row["type"] not in (types := COERCED_TYPES[row["coerce"]]):
        yield f"{place}.coerce", f"applies only to the type {' or '.join(types)}"
    for attribute in ("case_insensitive", "allow_unknown"):
        if attribute in row and row["type"] != "dict":
            yield f"{place}.{attribute}", "applies only to the type dict"
    if "regex" in row and "example" not in row:
        yield f"{place}.example", "is needed beside regex: it is what messages show"
    if "allowed_labels" in row:
        count = len(row.get("allowed", ()))
        yield from _check_labels(
            f"{place}.allowed_labels", row["allowed_labels"], count, codes.locales
        )
    yield from _check_keyword_tables(place, row)
    for keyword, code in row.get("error_codes", {}).items():
        yield from _check_code(f"{place}.error_codes.{keyword}", code, codes.error_codes)


def _check_keyword_tables(place: str, row: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield the entries of codes and sources by keyword that are not rules of the definition."""
    known = {"type"} | (row.keys() & ({"coerce"} | KEYWORDS.keys()))
    known |= {"required"} if place.endswith(".schema") else set()
    known |= set(OBJECT_RULES) if row["type"] == "dict" else set()
    for attribute in ("error_codes", "sources"):
        for keyword in row.get(attribute, {}):
            if keyword not in known:
                reason = f"is not a keyword of this row{suggest(keyword, known)}"
                yield f"{place}.{attribute}.{keyword}", reason


def _check_labels(
    place: str, labels: Mapping[str, Any], count: int, locales: tuple[str, ...]
) -> Iterator[Problem]:
    if not (
        labels
        and labels.keys() <= set(locales)
        and all(_is_list_of_text(some, count) for some in labels.values())
    ):
        yield (
            place,
            f"must have a list for one or more of {', '.join(locales)}, with a text for each option of allowed",
        )
    elif not all(label.isprintable() for some in labels.values() for label in some):
        yield place, NOT_PRINTABLE


def _is_list_of_text(value: Any, count: int) -> bool:
    return (
        isinstance(value, list)
        and len(value) == count
        and all(isinstance(one, str) and one for one in value)
    )


def _check_code(place: str, code: str, known: list[str]) -> Iterator[Problem]:
    if code not in known:
        yield place, f"{code!r} is not an error code of this interface{suggest(code, known)}"


def _check_arguments(location: str, keywords: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield the problems of arguments of the right shape."""
    for name, argument in keywords.items():
        if name in KEYWORDS and KEYWORDS[name].operand != "bound":
            for reason in KEYWORDS[name].problems(argument, keywords):
                yield f"{location}.{name}", reason


def _check_query_reply(data: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield the problems of the query reply, and of the facts that it states."""
    documented = data["tables"].get(str(data["request"]["body"].get("schema")), ())
    for index, name in enumerate(data.get("query_reply", {}).get("reply_only", ())):
        if name in documented:
            yield (
                f"query_reply.reply_only[{index}]",
                f"{name!r} is a documented parameter of the body, so that it is not only in replies",
            )
    for name, fact in data.get("facts", {}).items():
        reply = fact.get("reply", {})
        if reply and "query_reply" not in data:
            yield (
                f"facts.{name}.reply",
                "needs a [query_reply] that names the member with the campaign",
            )
        if reply.keys() & {"present", "allowed"} and fact["type"] != "boolean":
            yield f"facts.{name}.reply", "present and allowed are for a fact of the type boolean"
        if "others" in fact and fact["type"] not in COLLECTIONS:
            yield f"facts.{name}.others", f"is for a fact of the type {' or '.join(COLLECTIONS)}"


def _check_rules(data: dict[str, Any], codes: Catalog) -> Iterator[Problem]:
    """Yield the problems of the rules between parameters; an invalid one loses its clauses."""
    ids = set()
    for number, rule in enumerate(data.get("rules", [])):
        place = f"rules[{number}]"
        schema = RULE if "clauses" in rule else RULE_CHANGE
        found = list(check_schema(place, rule, schema, codes.locales))
        if "before" in rule:  # a known one was resolved when the rule sets were merged
            found.append((f"{place}.before", "must be the id of a rule that the rule set extends"))
        yield from found
        sound = _recover_rule(place, rule, found)
        found = list(_check_rule(place, sound, data, codes)) if sound else []
        yield from found
        data["rules"][number] = sound if sound and not found else {"clauses": ()}
        if isinstance(name := rule.get("id"), str):
            if name in ids:
                yield f"{place}.id", f"another rule has the id {name!r}"
            ids.add(name)


def _recover_rule(
    place: str, rule: Mapping[str, Any], found: list[Problem]
) -> Mapping[str, Any] | None:
    """Return a rule that has only its clauses if another key is invalid.

    Returns `None` if a clause is invalid, or there is none.
    """
    if not found:
        return rule
    if "clauses" not in rule or any(
        location.startswith(f"{place}.clauses") for location, _ in found
    ):
        return None
    return {**_ANY_RULE, "clauses": rule["clauses"]}


def _check_rule(
    place: str, condition: Mapping[str, Any], data: Mapping[str, Any], codes: Catalog
) -> Iterator[Problem]:
    yield from (
        (f"{place}.message.{locale}", NOT_PRINTABLE)
        for locale, text in condition.get("message", {}).items()
        if not text.isprintable()
    )
    if "code" in condition:
        yield from _check_code(f"{place}.code", condition["code"], codes.error_codes)
        if condition.get("severity") == "warning":
            yield f"{place}.code", "is not for a warning"
    for number, case in enumerate(condition.get("clauses", ())):
        where = f"{place}.clauses[{number}]"
        for table in dict.fromkeys(case["tables"]):
            if table not in data["tables"]:
                yield (
                    f"{where}.tables",
                    f"there is no table {table!r}" + suggest(table, data["tables"]),
                )
            if case["tables"].count(table) > 1:
                yield f"{where}.tables", f"has {table!r} twice"
        if not case.keys() & {"when", "then", "required_together", "facts"}:
            yield where, "needs a when, then, together or facts"
        for key, shape in (("when", ASSERTION), ("then", ASSERTION), ("facts", FACT_ASSERTION)):
            tests = case.get(key, [])
            for inner, schema in (
                [(key, tests)]
                if isinstance(tests, Mapping)
                else [(f"{key}[{index}]", one) for index, one in enumerate(tests)]
            ):
                yield from _check_assertions(f"{where}.{inner}", schema, shape)


def _check_assertions(place: str, schema: Mapping[str, Any], shape: Schema) -> Iterator[Problem]:
    """Yield the problems of assertions by parameter, with those of inner schemas."""
    if not schema:
        yield place, "empty values not allowed"
    for name, rules in schema.items():
        where = f"{place}.{name}"
        if not isinstance(rules, Mapping) or not rules:
            yield where, "must be of dict type" if rules else "empty values not allowed"
            continue
        found = list(check_schema(where, rules, shape)) or list(_check_arguments(where, rules))
        yield from found
        if not found and "schema" in rules:
            yield from _check_assertions(f"{where}.schema", rules["schema"], shape)
        if not found and "items" in rules:
            yield from _check_assertions(where, {"items": rules["items"]}, ITEM_ASSERTION)
