"""Strategies for valid rule sets, and for documents and facts near their bounds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from isales_rules.language.catalog import load_catalog
from isales_rules.language.keywords import KEYWORDS
from isales_rules.language.overlays import Layer, merge
from isales_rules.language.resolver import resolve_ref
from isales_rules.ruleset import RuleSet

NAMES = [
    "a", "b", "c", "d", "type", "len", "if", "body", "facts", "mistakes", "check", "get", "absent", "empty", "x y", 'quo"te', "apo'strophe",
    "new\nline", "{brace}", "__import__('os')", "é", "~/x", "", "#", "\\", "Clean", "clean_a", "a_2", "None",
]  # fmt: skip
TEXTS = [
    "",
    "a",
    "ab",
    "abc",
    "abcd",
    "1",
    "12*",
    "08:00",
    "8:00",
    "08",
    ":30",
    "23:59",
    "24:00",
    "2030-01-01 00:00:00",
    "2030-01-0100:00:00",
]
TEXTS += [
    "2030-02-30 00:00:00",
    "2024-02-29",
    "2023-02-29",
    "http://x",
    "x;y",
    "\n",
    "a\n",
    "é",
    "\ud800",
    "١",
    "aaaaaaaaaaaa",
]
NUMBERS = [-1, 0, 1, 2, 3, 4, 5, 7, 10**30]
FACTS: dict[str, list[Any]] = {
    "datetime": [datetime(2030, 1, 1, 0, 0, 1), datetime(2024, 2, 29, tzinfo=UTC)],
    "boolean": [True, False],
    "integer": [0, 1, 3],
    "strings": [[], ["a", "ab"], {"abc", ""}],
    "integers": [[], [1, 2, 3]],
}
FORMATS = [
    "HH:mm",
    "HH:mm:ss",
    "yyyy-MM-dd",
    "yyyy-MM-dd HH:mm:ss",
    "MM-dd",
    ["yyyy-MM-dd HH:mm:ss", "yyyy-MM-ddHH:mm:ss"],
    "dd{}MM'yyyy",
]
SCALAR_TYPES = ("integer", "number", "string", "boolean")
MESSAGE = {"en_US": "$name $other $min {} %s ${", "zh_CN": "${name}：$found"}
FACT_TYPES = {
    "datetime": "moment",
    "boolean": "boolean",
    "integer": "integer",
    "strings": "string",
    "integers": "integer",
}


def comparison_type(definition: Mapping[str, Any]) -> str:
    if "format" in definition:
        return (
            "day"
            if definition["format"] == "MM-dd"
            else "time"
            if "HH" in definition["format"] and "yyyy" not in definition["format"]
            else "moment"
        )
    return str(definition["type"])


@st.composite
def draw_definition(draw: st.DrawFn, tables: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    type_name = draw(
        st.sampled_from(
            ["string", "string", "integer", "integer", "boolean", "list", "list", "number", "any"]
            + ["dict"] * 2 * bool(tables)
        )
    )
    definition: dict[str, Any] = {
        "type": type_name,
        "source": draw(st.sampled_from(["Table 1, No. 1", 'T"\n\\'])),
    }
    if draw(st.booleans()):
        definition["required"] = draw(st.booleans())
    if type_name in KEYWORDS_OF_TYPE:
        definition |= draw(st.sampled_from(KEYWORDS_OF_TYPE[type_name]))
    if type_name == "integer" and draw(st.integers(0, 5)) == 0:
        definition["coerce"] = "decimal"
    elif type_name == "string":
        definition |= draw(draw_string_keywords(definition))
    elif type_name == "list" and draw(st.booleans()):
        definition |= draw(draw_items(tables))
    elif type_name == "dict":
        definition["schema"] = draw(st.sampled_from(sorted(tables)))
    if type_name in ("dict", "list") and draw(st.integers(0, 3)) == 0:
        definition["coerce"] = "json"
    return definition


@st.composite
def draw_string_keywords(draw: st.DrawFn, definition: dict[str, Any]) -> dict[str, Any]:
    for keywords in draw(st.lists(st.sampled_from(STRING_KEYWORDS), max_size=3)):
        definition |= keywords
    definition.pop("partial_pattern" if "format" not in definition else "", None)
    for name in ("format", "prefix", "allowed"):  # an argument may contradict the other keywords
        if name in definition and any(KEYWORDS[name].problems(definition[name], definition)):
            definition.pop(name)
    definition.pop("allowed" if "secret" in definition else "", None)
    definition.pop("partial_pattern" if "format" not in definition else "", None)
    return definition


@st.composite
def draw_items(draw: st.DrawFn, tables: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Draw the schema of the items of a list, which may have to be unique."""
    item = draw(draw_definition(tables)) | {"required": True}
    members = tables[item["schema"]] if item["type"] == "dict" else {}
    unique: list[Any] = [True] if item["type"] in SCALAR_TYPES else []
    unique += [name for name, member in members.items() if member["type"] in SCALAR_TYPES]
    is_unique = draw(st.booleans())
    if unique and is_unique:
        return {"schema": item, "unique": draw(st.sampled_from(unique))}
    return {"schema": item}


KEYWORDS_OF_TYPE: dict[str, list[dict[str, Any]]] = {
    "integer": [
        {},
        {"min": 1},
        {"max": 3},
        {"max": 4, "min": 0},
        {"allowed": [1, 2]},
        {"allowed": [3]},
        {"multipleof": 2},
        {"multipleof": 3, "min": 1, "max": 4},
    ],
    "number": [{}, {"min": 0.5}, {"max": 2}, {"min": -1, "max": 2.5}],
    "boolean": [{}, {"allowed": [True]}],
    "list": [{}, {"maxitems": 0}, {"maxitems": 2}, {"minitems": 1}, {"minitems": 2}],
    "dict": [{}, {}, {"allow_unknown": True}, {"case_insensitive": True}],
}

STRING_KEYWORDS: list[dict[str, Any]] = [
    {"minlength": 2},
    {"maxlength": 3},
    {"maxbytes": 4},
    {"minlength": 1, "maxlength": 4},
    {"prefix": ["a", "http://"]},
    {"allowed_characters": "ab1*"},
    {"forbidden_characters": "a;]"},
    {"forbidden_characters": "abcdefghijkl"},
    {"regex": "[a-z]+|1", "example": "abc"},
    {"allowed": ["ab", "abc"], "minlength": 1, "maxlength": 4},
    {"secret": True},
    *({"format": one} for one in FORMATS),
    {"format": "HH:mm", "partial_pattern": "[0-9]{1,2}:?|:[0-9]{1,2}"},
]


@st.composite
def rule_sets(draw: st.DrawFn) -> RuleSet:
    """Draw a rule set of nested tables and rules between their parameters.

    Names and texts may be hostile.
    """
    tables: dict[str, dict[str, Any]] = {}
    names = draw(
        st.lists(
            st.sampled_from([name for name in NAMES if name]), min_size=1, max_size=3, unique=True
        )
    )
    for name in names:
        keys = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=5, unique=True))
        tables[name] = {key: draw(draw_definition(tables)) for key in keys}
    facts = {
        f"f{number}": {"type": type_name, **MESSAGE}
        for number, type_name in enumerate(
            draw(st.lists(st.sampled_from(sorted(FACTS)), max_size=4))
        )
    }
    part: dict[str, Any] = {"type": "dict", "required": True, "source": "Table 1"}
    data: dict[str, Any] = {
        "title": "t",
        "request": {
            "path": part | {"schema": names[0]},
            "headers": part | {"schema": names[0], "case_insensitive": True},
            "body": part | {"schema": names[-1]},
        },
        "facts": facts,
        "tables": tables,
        "rules": [
            draw(draw_rule(number, tables, facts)) for number in range(draw(st.integers(0, 4)))
        ],
    }
    return RuleSet("random", data, load_catalog())


@st.composite
def draw_rule(
    draw: st.DrawFn, number: int, tables: dict[str, Any], facts: dict[str, Any]
) -> dict[str, Any]:
    rule: dict[str, Any] = {"id": f"c{number}", "message": MESSAGE, "clauses": []}
    rule |= draw(
        st.sampled_from([{}, {"severity": "warning"}, {"code": "02000007"}, {"source": "remark"}])
    )
    for _ in range(draw(st.integers(1, 2))):
        table = draw(st.sampled_from(sorted(tables)))
        clause: dict[str, Any] = {"tables": [table]}
        shape = draw(st.sampled_from(["when", "then", "both", "either", "together", "facts"]))
        if shape in ("when", "both"):
            clause["when"] = draw(draw_assertions(table, tables, facts))
        if shape == "either":
            clause["when"] = [draw(draw_assertions(table, tables, facts)) for _ in range(2)]
        if shape in ("then", "both", "either"):
            clause["then"] = draw(draw_assertions(table, tables, facts))
        for name, assertions in clause.get("then", {}).items() if shape == "then" else ():
            items = draw(st.sampled_from(item_assertions(tables[table][name], facts)))
            clause["then"][name] = assertions | items  # the drawn assertions are constants
        if shape == "together":
            clause["required_together"] = [
                draw(st.sampled_from(sorted(tables[table]))) for _ in range(2)
            ]
        if shape == "when" and draw(st.booleans()):
            clause["report_at"] = draw(st.sampled_from(sorted(tables[table])))
        scalars = [name for name, fact in facts.items() if fact["type"] in ("boolean", "integer")]
        if scalars and (shape == "facts" or draw(st.booleans())):
            fact = draw(st.sampled_from(scalars))
            clause["facts"] = {
                fact: {"allowed": [True] if facts[fact]["type"] == "boolean" else [1]}
            }
        elif shape == "facts":
            clause["then"] = draw(draw_assertions(table, tables, facts))
        rule["clauses"].append(clause)
    return rule


def item_assertions(definition: Mapping[str, Any], facts: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what may be asserted of the items of a list, or nothing."""
    item = definition.get("schema", {}) if definition["type"] == "list" else {}
    if item.get("type") not in ("integer", "string", "boolean"):
        return [{}]
    kind = comparison_type(item)
    collections = [
        fact
        for fact, one in facts.items()
        if FACT_TYPES[one["type"]] == kind and one["type"].endswith("s")
    ]
    listed = [{keyword: {"fact": fact}} for fact in collections for keyword in ("in", "not_in")]
    plain: dict[str, list[dict[str, Any]]] = {"integer": [{"max": 1}], "string": [{"prefix": "a"}]}
    return [{}, *({"items": one} for one in [*listed, *plain.get(item["type"], [])])]


@st.composite
def draw_assertions(
    draw: st.DrawFn, table: str, tables: dict[str, Any], facts: dict[str, Any]
) -> dict[str, Any]:
    """Draw the assertions of a `when` or `then` about some parameters of a table."""
    definitions = tables[table]
    schema: dict[str, Any] = {}
    for name in draw(
        st.lists(st.sampled_from(sorted(definitions)), min_size=1, max_size=2, unique=True)
    ):
        definition = definitions[name]
        if definition["type"] == "dict" and draw(st.booleans()):
            schema[name] = {"schema": draw(draw_assertions(definition["schema"], tables, facts))}
            continue
        choices: list[dict[str, Any]] = [{"required": True}, {"absent": True}]
        choices += ASSERTIONS_OF_TYPE.get(definition["type"], [])
        choices += comparisons(definition, definitions, facts)
        schema[name] = draw(st.sampled_from(choices))
    return schema


ASSERTIONS_OF_TYPE: dict[str, list[dict[str, Any]]] = {
    "integer": [{"min": 2}, {"max": 1}, {"allowed": [1]}, {"allowed": [1, 2]}],
    "number": [{"min": 1.5}],
    "string": [
        {"minlength": 3},
        {"prefix": "a"},
        {"regex": "a.*"},
        {"format": "yyyy-MM-dd HH:mm:ss"},
        {"forbidden_characters": "b"},
    ],
    "boolean": [{"allowed": [True]}],
    "list": [{"maxitems": 1}, {"minitems": 1}],
}


def comparisons(
    definition: dict[str, Any], definitions: dict[str, Any], facts: dict[str, Any]
) -> list[dict[str, Any]]:
    """List comparisons of a parameter with other parameters of its table, and with facts."""
    same_type = [
        other
        for other, one in definitions.items()
        if comparison_type(one) == comparison_type(definition)
    ]
    comparable = definition["type"] in ("integer", "string", "number")
    scalars = [
        fact
        for fact, one in facts.items()
        if FACT_TYPES[one["type"]] == comparison_type(definition) and not one["type"].endswith("s")
    ]
    collections = [
        fact
        for fact, one in facts.items()
        if FACT_TYPES[one["type"]] == comparison_type(definition) and one["type"].endswith("s")
    ]
    bounds: list[dict[str, Any]] = [
        {"parameter": other} for other in same_type if "/" not in other and comparable
    ]
    bounds += [{"fact": fact} for fact in scalars if comparable]
    if comparison_type(definition) in ("integer", "number"):
        bounds += [bound | {"offset": plus} for bound in bounds for plus in (1, -2)]
    if comparison_type(definition) in ("moment", "day", "time"):
        bounds += [bound | {"offset": plus} for bound in bounds for plus in ("30d", "-1m")]
    if comparison_type(definition) == "moment":
        bounds += [bound | {"floor": "day"} for bound in bounds]
    if comparison_type(definition) == "string":
        bounds += [
            {"parameter": other, "format": format, **more}
            for other in same_type
            if "/" not in other
            for format, more in (("yyyy-MM-dd", {"offset": "1d"}), ("HH:mm", {}))
        ]
    keywords = ("ge", "le", "gt", "lt") + ("eq",) * (definition["type"] != "number")
    choices = [{keyword: bound} for bound in bounds for keyword in keywords]
    choices += [{keyword: {"fact": fact}} for fact in collections for keyword in ("in", "not_in")]
    return choices


ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.sampled_from(NUMBERS)
    | st.sampled_from([1.0, 2.5, float("nan")])
    | st.sampled_from(TEXTS),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def values(draw: st.DrawFn, definition: Mapping[str, Any], tables: Mapping[str, Any]) -> Any:
    """Draw a value for a parameter, mostly of its type and near its bounds."""
    if definition.get("coerce") == "json" and draw(st.booleans()):
        nested = {key: one for key, one in definition.items() if key != "coerce"}
        text = draw(values(nested, tables).filter(has_text_keys).map(json.dumps))
        return draw(st.sampled_from([text, text, text, text[:-1], "x"]))
    if draw(st.integers(0, 7)) == 0:
        return draw(ANY)
    if definition["type"] == "string":
        return draw(st.sampled_from(TEXTS))
    if definition["type"] == "integer":
        return draw(
            st.sampled_from(
                NUMBERS + ([str(one) for one in NUMBERS] if "coerce" in definition else [])
            )
        )
    if definition["type"] == "boolean":
        return draw(st.booleans())
    if definition["type"] == "number":
        return draw(st.sampled_from([*NUMBERS, 0.5, 1.0, 2.25, -1.5, float("nan"), float("inf")]))
    if definition["type"] == "any":
        return draw(ANY)
    if definition["type"] == "list":
        inner = values(definition["schema"], tables) if "schema" in definition else ANY
        return draw(st.lists(inner, max_size=3))
    return draw(objects(tables[definition["schema"]], tables))


def has_text_keys(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and has_text_keys(one) for key, one in value.items())
    return not isinstance(value, list) or all(map(has_text_keys, value))


@st.composite
def objects(draw: st.DrawFn, table: Mapping[str, Any], tables: Mapping[str, Any]) -> dict[Any, Any]:
    members: dict[Any, Any] = {}
    for name, definition in table.items():
        if draw(st.integers(0, 4)):
            members[name] = draw(values(definition, tables))
    if draw(st.integers(0, 3)) == 0:
        members |= draw(
            st.dictionaries(
                st.sampled_from([*NAMES, "A", "TYPE", 1, None, True, 2.5]), ANY, max_size=4
            )
        )
    return members


def documents(rules: RuleSet, part: str = "body") -> st.SearchStrategy[Any]:
    """Draw documents for a part of a request: objects near the bounds, or any value."""
    data = rules._data
    tables = {
        table: {name: resolve_ref(definition, data) for name, definition in definitions.items()}
        for table, definitions in data["tables"].items()
    }
    table = tables[data["request"][part]["schema"]]
    return st.one_of(objects(table, tables), objects(table, tables), ANY)


def stated(rules: RuleSet) -> st.SearchStrategy[dict[str, Any]]:
    """Draw values for some of the declared facts."""
    return st.fixed_dictionaries(
        {},
        optional={name: st.sampled_from(FACTS[fact["type"]]) for name, fact in rules.facts.items()},
    )


@st.composite
def overlays(draw: st.DrawFn, rules: RuleSet) -> dict[str, Any]:
    """Draw an overlay that adds, changes and disables rules and parameters of a rule set."""
    data = rules._data
    tables: dict[str, dict[str, Any]] = {}
    for table in draw(st.lists(st.sampled_from(sorted(data["tables"])), max_size=2)):
        name = draw(st.sampled_from([*sorted(data["tables"][table]), "an added parameter"]))
        added = {"type": "integer", "max": 2}
        definition = {"required": draw(st.booleans())}
        if data["tables"][table].get(name, added)["type"] == "integer":
            definition |= draw(st.sampled_from([{}, {"max": 9}, {"min": 0}]))
        if "allowed" in data["tables"][table].get(name, {}):
            definition = {"allowed": data["tables"][table][name]["allowed"][:1]}
        tables[table] = {name: definition if name in data["tables"][table] else added}
    optional = {
        f"{table}.{name}.required"
        for table, definitions in tables.items()
        for name, definition in definitions.items()
        if not definition.get("required", True)
    }
    keywords = {rule.id for rule in rules.rules() if rule.id.rpartition(".")[2] in DISABLED}
    changed = draw(
        st.lists(
            st.sampled_from(sorted({rule.id for rule in rules.rules()} - optional)),
            max_size=3,
            unique=True,
        )
    )
    return {
        "title": "overlay",
        "tables": tables,
        "rules": [
            *(
                {"id": name} | draw(st.sampled_from([*CHANGES, *[{"enabled": False}] * (name in keywords or "." not in name)]))
                for name in changed
            ),
            *(draw(draw_rule(number, data["tables"], data["facts"])) for number in (3, 9) if draw(st.booleans())),
        ],
    }  # fmt: skip


CHANGES: list[dict[str, Any]] = [
    {"severity": "warning"},
    {"severity": "error", "code": "02000004"},
    {"message": {"zh_CN": "$name 有误"}},
    {"source": "a handbook"},
]
DISABLED = (
    "min",
    "max",
    "minlength",
    "maxlength",
    "prefix",
    "regex",
    "maxitems",
    "unknown-parameter",
)


@st.composite
def overlaid(draw: st.DrawFn) -> RuleSet:
    """Draw a rule set that extends another one."""
    rules = draw(rule_sets())
    return extended(rules, draw(overlays(rules)))


def extended(rules: RuleSet, *overlay: Mapping[str, Any]) -> RuleSet:
    """Merge overlays with the rule set that they extend."""
    merged = merge([Layer("base", rules._data), *(Layer("overlay", one) for one in overlay)])
    return RuleSet("overlaid", merged.data, load_catalog(), merged.origins)
