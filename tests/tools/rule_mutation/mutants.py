"""Mutants of a rule set: every rule changed in all relevant ways, one change each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from isales_rules.language.catalog import LOCALES, Catalog
from isales_rules.language.keywords import KEYWORDS, Definition, as_tuple
from isales_rules.language.model import COLLECTIONS, FACTS, PARTS
from isales_rules.language.resolver import resolve_ref
from isales_rules.language.time_formats import format_type
from isales_rules.ruleset import RuleSet

Data: TypeAlias = Mapping[str, Any]
Location: TypeAlias = tuple[str | int, ...]

DROP = object()
"""A value for `put` that deletes an item, and containers that become empty."""

FLAGS = {
    "coerce": ("integer", "decimal"),
    "case_insensitive": ("dict", True),
    "allow_unknown": ("dict", True),
}
"""Attributes of definitions that change reports: their type and value."""

DEPENDENT = {"format": "partial_pattern", "allowed": "allowed_labels"}
"""Attributes that are deleted together with a keyword."""

OTHER_TYPE = {
    "integer": "string",
    "string": "integer",
    "boolean": "integer",
    "dict": "list",
    "list": "string",
    "any": "string",
    "number": "string",
}
FORMATS = ("HH:mm", "HH:mm:ss", "yyyy-MM-dd", "yyyy-MM-dd HH:mm:ss")
STRICT = {"ge": "gt", "gt": "ge", "le": "lt", "lt": "le"}
INVERSE = {
    "ge": "lt",
    "lt": "ge",
    "le": "gt",
    "gt": "le",
    "in": "not_in",
    "not_in": "in",
}
INVERSE |= {"required": "absent", "absent": "required"}


class Mutant(NamedTuple):
    """A rule set with one change."""

    kind: str
    rule: str
    change: str
    data: Data
    catalog: Catalog


class Change(NamedTuple):
    """A change of the data: `rule` is the changed location, `value` the new one at `location`."""

    kind: str
    rule: Location
    description: str
    location: Location
    value: Any


def mutants(data: Data, catalog: Catalog) -> Iterator[Mutant]:
    """Generate every mutant of a rule set and of the default codes; some are invalid."""
    catalog = catalog.extended(data)
    for kind, rule, description, location, value in changes(data, catalog):
        named = (data["rules"][rule[1]]["id"], *rule[2:]) if rule[0] == "rules" else rule
        rule_location = "".join(
            f"[{part}]" if isinstance(part, int) else f".{part}" for part in named
        )[1:]
        yield Mutant(kind, rule_location, description, put(data, location, value), catalog)
    rules = [one_rule for one_rule, _ in RuleSet("original", data, catalog).expectations()]
    for name, one in catalog.messages.items():
        if one.code and any(
            one_rule.template.texts is one.texts and one_rule.code == one.code for one_rule in rules
        ):
            other = _other_code(catalog, one.code)
            messages = {**catalog.messages, name: one._replace(code=other)}
            yield Mutant(
                "default code changed",
                f"messages.{name}.code",
                f"{one.code} -> {other}",
                data,
                catalog._replace(messages=messages),
            )


def changes(data: Data, catalog: Catalog) -> Iterator[Change]:
    """Generate the changes of a rule set, in its order."""
    used = _references(data)
    for name, definition in data.get("definitions", {}).items():
        if name not in used:  # a base may define more than a rule set needs
            continue
        yield from _definition_changes(("definitions", name), definition, data)
    for part in PARTS:
        yield from _definition_changes(("request", part), data["request"][part], data)
    for table, definitions in data["tables"].items():
        names = list(definitions)
        for index, (name, definition) in enumerate(definitions.items()):
            yield from _definition_changes(("tables", table, name), definition, data)
            yield _drop("parameter dropped", ("tables", table, name))
            if index and (definition.get("type") != "any" or definition.get("required")):
                order = [*names[: index - 1], name, names[index - 1], *names[index + 1 :]]
                yield Change(
                    "order changed",
                    ("tables", table, name),
                    "one up",
                    ("tables", table),
                    {one: definitions[one] for one in order},
                )
    yield from _reply_changes(data)
    for number, rule_data in enumerate(data.get("rules", ())):
        yield from _rule_changes(("rules", number), rule_data, data, catalog)


def _references(value: Any) -> set[str]:
    """Return the names of the definitions that data refers to."""
    if isinstance(value, Mapping):
        own = {value["ref"]} if isinstance(value.get("ref"), str) else set()
        return own.union(*map(_references, value.values()))
    return set().union(*map(_references, value)) if isinstance(value, list) else set()


def put(value: Any, location: Location, new: Any) -> Any:
    """Copy data with a new value at a location; unchanged parts are shared."""
    if not location:
        return new
    copy, first = value.copy(), location[0]
    inner = put(value[first] if len(location) > 1 else None, location[1:], new)
    if inner is not DROP:
        copy[first] = inner
        return copy
    del copy[first]
    return copy or DROP


def _drop(kind: str, location: Location) -> Change:
    return Change(kind, location, "dropped", location, DROP)


def _replace_item(kind: str, location: Location, key: str | int, rules: Any, new: Any) -> Change:
    """Replace one item of the container at a location."""
    return Change(kind, (*location, key), f"{rules[key]!r} -> {new!r}", (*location, key), new)


# --- Definitions ---------------------------------------------------------------------------


def _definition_changes(location: Location, definition: Definition, data: Data) -> Iterator[Change]:
    resolved = resolve_ref(definition, data)
    for key, argument in resolved.items():
        rule = (*location, key)
        if argument is not False and (
            key in KEYWORDS or key in FLAGS or key in ("schema", "secret")
        ):
            gone = (key, DEPENDENT.get(key))
            yield Change(
                "keyword dropped",
                rule,
                "dropped",
                location,
                {one: value for one, value in resolved.items() if one not in gone},
            )
        if key in definition and key in KEYWORDS:
            remaining = {
                one: value
                for one, value in definition.items()
                if one != "allowed_labels" or key != "allowed"
            }
            for kind, new in _arguments(key, argument, _further_options(key, argument)):
                yield Change(
                    kind, rule, f"{argument!r} -> {new!r}", location, {**remaining, key: new}
                )
    for key in definition.get("error_codes", {}):
        yield _drop("code changed", (*location, "error_codes", key))
    if "type" in definition:
        bare = {
            key: value
            for key, value in definition.items()
            if key in ("source", "required", "secret")
        }
        other = OTHER_TYPE[definition["type"]]
        yield Change(
            "type changed",
            (*location, "type"),
            f"{definition['type']} -> {other}",
            location,
            {**bare, "type": other},
        )
    added = ({"required": True} if _may_be_missing(location, data) else {}) | {
        flag: value
        for flag, (type_name, value) in FLAGS.items()
        if type_name == resolved.get("type")
    }
    for key, value in added.items():
        if not resolved.get(key):
            yield Change("keyword added", (*location, key), repr(value), (*location, key), value)
    if isinstance(definition.get("schema"), Mapping):
        yield from _definition_changes((*location, "schema"), definition["schema"], data)


def _may_be_missing(location: Location, data: Data) -> bool:
    """Check whether a definition applies to a parameter that is not mandatory without it."""
    if location[-1] == "schema":  # an entry of a list is always mandatory
        return False
    if location[0] != "definitions":
        return True
    definitions = [one for table in data["tables"].values() for one in table.values()]
    uses = [one for one in definitions if one.get("ref") == location[1]]
    return not all(one.get("required") for one in uses)


def _further_options(keyword: str, argument: Any) -> list[Any]:
    """Return further arguments that a definition could accept."""
    if keyword == "format":
        return [
            one
            for one in FORMATS
            if format_type(one) == format_type(as_tuple(argument)[0])
            and one not in as_tuple(argument)
        ][:1]
    if keyword != "allowed":
        return []
    last = max(argument)
    return [last + 1 if type(last) is int else f"{last}x" if type(last) is str else not last]


def _arguments(keyword: str, argument: Any, more: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """Generate changed arguments of a keyword; `more` are options that can be added."""
    if type(argument) is int:
        yield from (("bound moved", argument + by) for by in (-1, 1))
    if keyword in ("allowed", "prefix", "format"):
        entries = [argument] if isinstance(argument, str) else argument
        yield from (
            ("option removed", [one for one in entries if one is not gone])
            for gone in entries
            if len(entries) > 1
        )
        yield from (("option added", [*entries, one]) for one in more if one not in entries)
    if keyword == "prefix":
        yield from (
            ("prefix shortened", [one[:-1] if one is short else one for one in entries])
            for short in entries
        )
    if keyword in ("allowed_characters", "forbidden_characters"):
        yield from (("character removed", argument.replace(gone, "")) for gone in argument)
        yield (
            "character added",
            argument + next(one for one in map(chr, range(33, 127)) if one not in argument),
        )
    if keyword in ("regex", "partial_pattern"):
        yield from (("pattern changed", pattern) for pattern in _patterns(argument))


def _patterns(pattern: str) -> Iterator[str]:
    """Delete each character of a pattern, except in the middle of words.

    Any probe with the word would notice those.
    """
    inside = [
        index
        for index in range(len(pattern))
        if re.fullmatch("[a-z]{3}", pattern[max(index - 1, 0) : index + 2])
    ]
    for shorter in dict.fromkeys(
        pattern[:index] + pattern[index + 1 :]
        for index in range(len(pattern))
        if index not in inside
    ):
        try:
            re.compile(shorter)
        except re.error:
            continue
        yield shorter


def _reply_changes(data: Data) -> Iterator[Change]:
    """Change the members of a reply that state facts."""
    replies = {
        name: fact["reply"] for name, fact in data.get("facts", {}).items() if "reply" in fact
    }
    members = list(dict.fromkeys(reply["member"] for reply in replies.values()))
    for name, reply in replies.items():
        location = ("facts", name, "reply")
        yield _drop("reply changed", location)
        yield from (_drop("reply changed", (*location, key)) for key in reply if key != "member")
        yield from (
            _replace_item("reply changed", location, "member", reply, other)
            for other in _others(members, reply["member"])[:1]
        )
        more = _further_options("allowed", reply["allowed"]) if "allowed" in reply else []
        yield from (
            _replace_item("reply changed", location, "allowed", reply, new)
            for _, new in _arguments("allowed", reply.get("allowed", []), more)
        )
    if replies:
        yield _replace_item(
            "reply changed", ("query_reply",), "campaign_member", data["query_reply"], members[0]
        )
        only = data["query_reply"].get("reply_only", [])
        less = [only[:index] + only[index + 1 :] for index in range(len(only))]
        yield from (
            _replace_item(
                "reply changed", ("query_reply",), "reply_only", data["query_reply"], some
            )
            for some in less
        )


# --- Rules between parameters --------------------------------------------------------------


def _rule_changes(
    location: Location, rule_data: Data, data: Data, catalog: Catalog
) -> Iterator[Change]:
    yield _drop("rule dropped", location)
    defaults = [catalog.messages[kind].code for kind in ("conflict", "required-together")]
    if rule_data.get("severity") == "warning":
        yield Change(
            "severity changed",
            (*location, "severity"),
            "warning -> error",
            (*location, "severity"),
            "error",
        )
    else:
        warning = {
            **{key: value for key, value in rule_data.items() if key != "code"},
            "severity": "warning",
        }
        yield Change(
            "severity changed", (*location, "severity"), "error -> warning", location, warning
        )
        code = rule_data.get("code")
        other = _other_code(catalog, code, *defaults)
        yield Change(
            "code changed", (*location, "code"), f"{code} -> {other}", (*location, "code"), other
        )
        if code not in (None, *defaults):
            yield _drop("code changed", (*location, "code"))
    for number, clause in enumerate(rule_data["clauses"]):
        yield from _clause_changes((*location, "clauses", number), clause, data)
        if len(rule_data["clauses"]) > 1:
            yield _drop("clause dropped", (*location, "clauses", number))


def _clause_changes(location: Location, clause: Data, data: Data) -> Iterator[Change]:
    tables = data["tables"]
    definitions = {
        name: definition
        for name, definition in tables[clause["tables"][0]].items()
        if all(name in tables[table] for table in clause["tables"])
    }
    if len(clause["tables"]) > 1:
        yield from (
            _drop("table dropped", (*location, "tables", index))
            for index in range(len(clause["tables"]))
        )
    if "report_at" in clause:
        yield _drop("location moved", (*location, "report_at"))
        yield from (
            _replace_item("location moved", location, "report_at", clause, name)
            for name in _others(definitions, clause["report_at"])[:1]
        )
    for index, name in enumerate(clause.get("required_together", ())):
        others = [
            one for one in _others(definitions, name) if one not in clause["required_together"]
        ]
        yield from (
            _replace_item(
                "pair broken",
                (*location, "required_together"),
                index,
                clause["required_together"],
                other,
            )
            for other in others[:1]
        )
    when = clause.get("when", {})
    if len(when) > 1 and clause.keys() & {"then", "required_together", "facts"}:
        yield _drop("assertion dropped", (*location, "when"))
    for index, group in enumerate([] if isinstance(when, Mapping) else when):
        if len(when) > 1 < len(group):  # dropping the only assertion does the same
            yield _drop("alternative dropped", (*location, "when", index))
        yield from _group_changes((*location, "when", index), group, definitions, data)
    facts = {
        name: {"type": FACTS[fact["type"]]}
        for name, fact in data.get("facts", {}).items()
        if fact["type"] not in COLLECTIONS
    }
    for key, siblings in (("when", definitions), ("then", definitions), ("facts", facts)):
        if isinstance(clause.get(key), Mapping):
            yield from _group_changes((*location, key), clause[key], siblings, data)


def _group_changes(
    location: Location,
    schema: Mapping[str, Definition],
    definitions: Mapping[str, Definition],
    data: Data,
) -> Iterator[Change]:
    """Change the assertions of a `when`, a `then` or of facts about `definitions`."""
    for name, rules in schema.items():
        for other in [
            one
            for one in _same_type(definitions, name, data)
            if one not in schema and "schema" not in rules
        ][:1]:
            moved = {other if one == name else one: value for one, value in schema.items()}
            yield Change("assertion moved", (*location, name), f"to {other}", location, moved)
        for keyword, argument in rules.items():
            if keyword == "schema":
                yield from _group_changes(
                    (*location, name, keyword),
                    argument,
                    data["tables"][definitions[name]["schema"]],
                    data,
                )
            elif keyword == "items":
                item = {name: resolve_ref(definitions[name], data)["schema"]}
                yield _drop("assertion dropped", (*location, name, keyword))
                for one in _group_changes((*location, name), {name: argument}, item, data):
                    inside = one.location[len(location) + 2 :]
                    yield one._replace(location=(*location, name, keyword, *inside))
            else:
                yield from _assertion_changes(
                    (*location, name), rules, keyword, resolve_ref(definitions[name], data)
                )
                if KEYWORDS[keyword].operand == "bound":
                    yield from _bound_changes(
                        (*location, name, keyword), argument, name, definitions, data
                    )


def _assertion_changes(
    location: Location, rules: Definition, keyword: str, definition: Definition
) -> Iterator[Change]:
    argument, rule = rules[keyword], (*location, keyword)
    yield _drop("assertion dropped", rule)
    options = [False, True] if definition["type"] == "boolean" else definition.get("allowed", [])
    more = {"allowed": options, "format": as_tuple(definition.get("format", []))}.get(keyword, [])
    yield from (
        _replace_item(kind, location, keyword, rules, new)
        for kind, new in _arguments(keyword, argument, more)
    )
    others = [("strictness changed", STRICT[keyword], argument)] if keyword in STRICT else []
    others += [("assertion inverted", INVERSE[keyword], argument)] if keyword in INVERSE else []
    if keyword in ("min", "max"):
        others.append(
            ("assertion inverted", "max", argument - 1)
            if keyword == "min"
            else ("assertion inverted", "min", argument + 1)
        )
    if keyword == "allowed" and (rest := [one for one in options if one not in argument]):
        others.append(("assertion inverted", "allowed", rest))
    for kind, other, new in others:
        yield Change(
            kind,
            rule,
            f"{other} {new!r}",
            location,
            {**{one: value for one, value in rules.items() if one != keyword}, other: new},
        )


def _bound_changes(
    location: Location, bound: Data, tested: str, definitions: Mapping[str, Definition], data: Data
) -> Iterator[Change]:
    """Change the bound of a comparison: the parameter or fact, and its offset."""
    facts = data.get("facts", {})
    kind = (
        facts[bound["fact"]]["type"]
        if "fact" in bound
        else _comparison_type(definitions[tested], data)
    )
    single = kind not in COLLECTIONS
    if "fact" in bound:
        same = [
            ("fact", one) for one in _others(facts, bound["fact"]) if facts[one]["type"] == kind
        ]
        same += [("parameter", one) for one in _same_type(definitions, tested, data) if single]
    else:
        *parents, name = bound["parameter"].split("/")
        siblings = _table(data, parents[1:], name) if parents else definitions
        same = [
            ("parameter", "/".join((*parents, one)))
            for one in _same_type(siblings, name, data)
            if siblings is not definitions or one != tested
        ]
        same += [
            ("fact", one)
            for one in facts
            if FACTS[facts[one]["type"]] == kind and facts[one]["type"] not in COLLECTIONS
        ]
    remaining = {key: value for key, value in bound.items() if key not in ("fact", "parameter")}
    for key, name in same[:1]:
        yield Change(
            "reference swapped", location, f"{key} {name}", location, {key: name, **remaining}
        )
    if single and kind == "integer":
        offset = bound.get("offset", 0)
        yield from (
            Change(
                "bound moved",
                (*location, "offset"),
                f"{offset} -> {offset + by}",
                (*location, "offset"),
                offset + by,
            )
            for by in (-1, 1)
        )
    for key in remaining:
        yield _drop("keyword dropped", (*location, key))
    format = as_tuple(resolve_ref(definitions[tested], data).get("format", ""))
    if "floor" not in bound and any("HH" in one and "dd" in one for one in format):
        yield Change("keyword added", (*location, "floor"), "day", (*location, "floor"), "day")


def _table(data: Data, parents: list[str], name: str) -> Mapping[str, Definition]:
    """Find the table of a parameter, given its path from the root of some part."""
    tables: Mapping[str, Mapping[str, Definition]] = data["tables"]
    for part in PARTS:
        definitions = tables[data["request"][part]["schema"]]
        for step in parents:
            definitions = tables.get(definitions.get(step, {}).get("schema", ""), {})
        if name in definitions:
            break
    return definitions


def _others(names: Iterable[str], name: str) -> list[str]:
    """Return the other names in cyclic order, starting after `name`."""
    known = list(names)
    after = known.index(name)
    return known[after + 1 :] + known[:after]


def _same_type(definitions: Mapping[str, Definition], name: str, data: Data) -> list[str]:
    """Return the other parameters with values of the same type."""
    return [
        one
        for one in _others(definitions, name)
        if _comparison_type(definitions[one], data) == _comparison_type(definitions[name], data)
    ]


def _comparison_type(definition: Definition, data: Data) -> str | None:
    definition = resolve_ref(definition, data)
    return (
        format_type(as_tuple(definition["format"])[0])
        if "format" in definition
        else str(definition["type"])
    )


def _other_code(catalog: Catalog, *known: str | None) -> str:
    return next(
        code for code in catalog.meanings[LOCALES[0]] if code not in (catalog.success, *known)
    )
