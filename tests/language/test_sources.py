"""The source of definitions that name none."""

from __future__ import annotations

from pathlib import Path

import pytest

from isales_rules import RuleSetError
from tests.support.rule_sets import DROP, Data, changed, fact, load, rule, rule_set

BASE: Data = changed(
    rule_set(
        {
            "a": {"type": "integer", "source": "Table 3, No. 1"},
            "b": {"type": "list", "schema": {"type": "dict", "schema": "inner"}},
        },
        tables={"inner": {"c": {"type": "integer"}}},
        rules=[rule({"facts": {"off": {"allowed": [True]}}})],
        facts={"off": fact("boolean")},
    ),
    {
        "source": "small-v1",
        "request.body.source": DROP,
        "tables.body.b.source": DROP,
        "tables.inner.c.source": DROP,
    },
)


def test_source_is_the_interface_and_the_parameter(tmp_path: Path, engine: str) -> None:
    rules = load(tmp_path, BASE)
    body = {"a": "1", "b": [{"c": "1"}, {"d": 1}, 2]}
    report = rules.validate(body, {"off": True}, engine=engine)
    assert [(one.path, one.source) for one in report.violations] == [
        ("/a", "Table 3, No. 1"),
        ("/b/0/c", "small-v1, c"),
        ("/b/1/d", "small-v1"),
        ("/b/2", "small-v1, b"),
        ("", "small-v1"),
    ]
    assert [one.source for one in rules.validate([], engine=engine).violations] == ["small-v1"]


def test_source_is_needed_without_a_default(tmp_path: Path) -> None:
    with pytest.raises(RuleSetError) as caught:
        load(tmp_path, changed(BASE, {"source": DROP}))
    assert caught.value.problems == (
        ("request.body.source", "required field"),
        ("tables.body.b.source", "required field"),
        ("tables.inner.c.source", "required field"),
    )
