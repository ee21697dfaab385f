"""The generated source: readable, and free of code from the rule set."""

from __future__ import annotations

import ast
import linecache
import traceback
from pathlib import Path
from typing import Any

import pytest

from isales_rules import RuleSet
from isales_rules.engine.compiler import compile_part
from isales_rules.language.catalog import load_catalog
from tests.support.rule_sets import fact, load, rule, rule_set

HOSTILE = [
    '"); __import__("os").abort(); ("',
    "'''", '"""', "a\nimport os\nos.abort()", "{0.__class__}", "%s%(x)s", "\\", "\\'", "# comment", "\u2028", "\x00", "lambda: 0",
    "__import__('os').abort()", "\N{FULLWIDTH LATIN SMALL LETTER A}", "mistakes", "check", "type", "None",
]  # fmt: skip


def hostile_rule_set(text: str) -> RuleSet:
    """Make a rule set with the text wherever a rule set may have one."""
    message = {"en_US": text, "zh_CN": text}
    definition: dict[str, Any] = {
        "type": "string",
        "source": text,
        "prefix": [text],
        "allowed_characters": text,
        "forbidden_characters": text,
        "allowed": [text, text + "b"],
    }
    part = {"type": "dict", "required": True, "source": text, "schema": text}
    return RuleSet(
        text,
        {
            "title": text,
            "request": {"path": part, "headers": part | {"case_insensitive": True}, "body": part},
            "facts": {text: {"type": "strings", **message}},
            "tables": {text: {text: definition, text + "2": {"type": "string", "source": text}}},
            "rules": [
                {
                    "id": text,
                    "source": text,
                    "message": message,
                    "clauses": [{"tables": [text], "then": {text: {"in": {"fact": text}}}}],
                },
                {
                    "id": text,
                    "message": message,
                    "clauses": [
                        {
                            "tables": [text],
                            "when": {text: {"prefix": text}},
                            "then": {text: {"absent": True}},
                        }
                    ],
                },
                {
                    "id": text,
                    "message": message,
                    "clauses": [{"tables": [text], "required_together": [text, text + "2"]}],
                },
            ],
        },
        load_catalog(),
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_rule_set_text_is_never_code(text: str) -> None:
    rules = hostile_rule_set(text)
    names = {
        node.id for node in ast.walk(ast.parse(rules.to_python())) if isinstance(node, ast.Name)
    }
    attributes = {
        node.attr
        for node in ast.walk(ast.parse(rules.to_python()))
        if isinstance(node, ast.Attribute)
    }
    assert not {"__import__", "os", "abort"} & (names | attributes)
    for body in ({text: text}, {text: "x"}, {text: 1, "?": 2}, {}):
        facts = {text: ["a"]}
        assert (
            rules.validate(body, facts).to_dict()
            == rules.validate(body, facts, engine="cerberus").to_dict()
        )


def test_source_cites_each_parameter(rules: RuleSet) -> None:
    comments = [
        line.strip()
        for line in rules.to_python().splitlines()
        if line.strip().startswith("# Table")
    ]
    for part in ("path", "headers", "body"):
        for parameter in rules.root(part).walk():
            if parameter.path:
                assert f"# {parameter.definition['source']}" in comments


def test_source_has_no_loops(rules: RuleSet) -> None:
    loops = (ast.For, ast.While, ast.comprehension)
    assert not [node for node in ast.walk(ast.parse(rules.to_python())) if isinstance(node, loops)]


def test_traceback_quotes_the_source(rules: RuleSet) -> None:
    compiled = compile_part(rules.root("body"), "quoted")
    file = compiled.function.__code__.co_filename
    assert file.startswith("<isales_rules quoted ")
    assert "".join(linecache.getlines(file)) == compiled.source

    with pytest.raises(TypeError) as raised:
        compiled.function(
            {"name": "n", "maxAlertingTime": 5, "skillParam": {}}, 5
        )  # invalid facts, to make it fail
    assert "'skill_ids' in facts" in "".join(traceback.format_exception(raised.value))


def test_source_is_deterministic(rules: RuleSet) -> None:
    assert rules.to_python() == rules.to_python()


def test_parameter_may_have_a_generated_name(rules: RuleSet, tmp_path: Path) -> None:
    nodes = list(ast.walk(ast.parse(rules.to_python())))
    used = (
        {node.id for node in nodes if isinstance(node, ast.Name)}
        | {node.arg for node in nodes if isinstance(node, ast.arg)}
        | {"violations_of"}
    )
    assert {"facts", "violations", "report", "type", "get", "missing", "is_missing"} <= used
    table = {name: {"type": "integer", "required": True, "max": 1} for name in sorted(used)}
    more: dict[str, Any] = {
        "facts": {"on": fact("boolean")},
        "rules": [rule({"facts": {"on": {"allowed": [False]}}})],
    }
    named = load(
        tmp_path,
        rule_set({"c": {"type": "dict", "schema": "c"}, **table}, tables={"c": table}, **more),
    )
    valid, invalid = dict.fromkeys(used, 1), dict.fromkeys(used, 2)
    bodies: list[dict[str, Any]] = [valid, {"c": valid}, {"c": {}}, {**invalid, "c": invalid}]
    for body in bodies:
        assert named.validate(body, {"on": False}) == named.validate(
            body, {"on": False}, engine="cerberus"
        )
