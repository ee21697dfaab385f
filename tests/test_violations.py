"""Violations as data: keyword, arguments, location; the exception of a report."""

from __future__ import annotations

import json
import pickle
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import isales_rules
from isales_rules import (
    FactError,
    IsalesRulesError,
    Report,
    RequestError,
    RuleSet,
    RuleSetError,
    ValidationError,
    Violation,
)
from tests.support.cases import bases
from tests.support.rule_sets import fact, load, rule, rule_set

VALID = bases()["previewed"]
ROOT = Path(__file__).parent.parent


def found(report: Report) -> list[tuple[str, str, dict[str, Any]]]:
    return [(one.path, one.keyword, dict(one.params)) for one in report]


@pytest.mark.parametrize(
    ("definition", "value", "keyword", "params"),
    [
        ({"type": "integer", "min": 5, "max": 120}, 121, "max", {"max": 120}),
        ({"type": "integer", "min": 5, "max": 120}, 4, "min", {"min": 5}),
        ({"type": "integer", "allowed": [1, 2]}, 3, "allowed", {"allowed": [1, 2]}),
        ({"type": "integer"}, "1", "type", {"type": "integer"}),
        ({"type": "string", "required": True}, None, "required", {"required": True}),
        ({"type": "string", "format": "HH:mm"}, "x", "format", {"format": "HH:mm"}),
        ({"type": "integer", "coerce": "decimal"}, "x", "coerce", {"coerce": "decimal"}),
    ],
)
def test_keyword_and_its_argument(
    definition: Any, value: Any, keyword: str, params: Any, engine: str, tmp_path: Path
) -> None:
    rules = load(tmp_path, rule_set({"a": definition}))
    assert found(rules.validate({"a": value}, engine=engine)) == [("/a", keyword, params)]


def test_arguments_of_rules_of_objects(rules: RuleSet, engine: str, tmp_path: Path) -> None:
    assert found(rules.validate(VALID | {"odd": 1}, engine=engine)) == [
        ("/odd", "unknown-parameter", {})
    ]
    small = load(tmp_path, rule_set({"a": {"type": "integer"}}))
    assert found(small.validate({"b": 1, "c": 1}, engine=engine)) == [
        ("", "too-many-parameters", {"documented": 1})
    ]
    assert found(small.validate_json('{"a":\n 1,}', engine=engine)) == [
        ("", "invalid-json", {"line": 2, "column": 3, "reason": "trailing-comma"})
    ]


def test_arguments_name_the_other_parameter(engine: str, tmp_path: Path) -> None:
    item = {"type": "dict", "schema": "item"}
    data = rule_set(
        {"low": {"type": "integer"}, "xs": {"type": "list", "schema": item}},
        tables={"item": {"a/b": {"type": "integer"}, "c": {"type": "integer"}}},
        rules=[
            rule(
                {"tables": ["item"], "then": {"c": {"gt": {"parameter": "a/b"}}}},
                {"tables": ["item"], "required_together": ["a/b", "c"]},
            ),
            rule(
                {"tables": ["item"], "then": {"c": {"le": {"parameter": "/low", "offset": -1}}}},
                id="low",
            ),
        ],
    )
    rules = load(tmp_path, data)
    body = {"low": 5, "xs": [{"a/b": 1, "c": 2}, {"a/b": 9, "c": 9}, {"c": 1}]}
    expected: list[tuple[str, str, dict[str, Any]]] = [
        ("/xs/1/c", "gt", {"parameter": "/xs/1/a~1b"}),
        ("/xs/1/c", "le", {"parameter": "/low", "offset": -1}),
        ("/xs/2/a~1b", "required_together", {"parameter": "/xs/2/c"}),
    ]
    assert found(rules.validate(body, engine=engine)) == expected
    whole = rules.validate_request(path={}, headers={}, body=body, engine=engine)
    assert found(whole) == [
        (f"/body{path}", keyword, params | {"parameter": "/body" + params["parameter"]})
        for path, keyword, params in expected
    ]


def test_arguments_name_the_fact(engine: str, tmp_path: Path) -> None:
    data = rule_set(
        {"a": {"type": "string", "format": "yyyy-MM-dd HH:mm:ss"}},
        facts={"now": fact("datetime"), "open": fact("boolean")},
        rules=[
            rule({"then": {"a": {"ge": {"fact": "now", "floor": "day"}}}}),
            rule({"facts": {"open": {"allowed": [False]}}}, id="closed"),
            rule(
                {"facts": {"open": {"allowed": [False]}}, "when": {"a": {"required": True}}},
                id="closed-for-a",
            ),
        ],
    )
    facts = {"now": datetime(2030, 1, 1), "open": False}
    report = load(tmp_path, data).validate({"a": "2000-01-01 00:00:00"}, facts, engine=engine)
    assert found(report) == [
        ("/a", "ge", {"fact": "now", "floor": "day"}),
        ("", "facts", {"facts": ["open"]}),
        ("", "when", {"facts": ["open"]}),
    ]


def test_arguments_are_read_only_json(rules: RuleSet, engine: str) -> None:
    for one in rules.validate({"name": 5, "deviceType": 9, "odd": 1}, engine=engine):
        params: Any = one.params
        assert json.loads(json.dumps(params)) == params == one.to_dict()["params"]
        for change in ("update", "setdefault", "pop", "popitem", "clear", "__setitem__"):
            with pytest.raises(TypeError, match="cannot be changed"):
                getattr(params, change)("max", 1)
        assert pickle.loads(pickle.dumps(params)) == params  # noqa: S301  # made here


def test_location_has_names_and_indexes(engine: str, tmp_path: Path) -> None:
    inner = {"type": "list", "schema": {"type": "integer"}}
    rules = load(
        tmp_path, rule_set({"a/b": {"type": "list", "schema": inner}, "0": {"type": "integer"}})
    )
    report = rules.validate({"a/b": [[], [1, "x"]], "0": "x"}, engine=engine)
    assert [one.location for one in report] == [("a/b", 1, 1), ("0",)]
    report = rules.validate({7: 1}, engine=engine)
    assert [(one.path, one.location) for one in report] == [("/7", ("7",))]
    assert [one.location for one in rules.validate(None, engine=engine)] == [()]


def test_location_is_the_path(rules: RuleSet, engine: str) -> None:
    body = {"name": 5, "odd/key": 1, "skillParam": {"outBoundType": 9}}
    for one in rules.validate(body, engine=engine):
        segments = [str(part).replace("~", "~0").replace("/", "~1") for part in one.location]
        assert "".join(f"/{segment}" for segment in segments) == one.path


def test_errors_and_warnings(rules: RuleSet, engine: str) -> None:
    report = rules.validate(VALID | {"name": "", "strEndTime": "2030-10-0723:59:59"}, engine=engine)
    assert [*report] == [*report.violations]
    assert {*report.errors} | {*report.warnings} == {*report.violations}
    assert [one.severity for one in (*report.errors, *report.warnings)] == ["error", "warning"]
    assert len(report) == 2


@pytest.mark.parametrize(
    ("change", "truth", "size"),
    [({}, True, 0), ({"strEndTime": "2030-10-0723:59:59"}, True, 1), ({"name": ""}, False, 1)],
)
def test_report_is_true_without_errors(
    change: dict[str, Any], truth: bool, size: int, rules: RuleSet, engine: str
) -> None:
    report = rules.validate(VALID | change, engine=engine)
    assert (bool(report), report.ok, len(report)) == (truth, truth, size)


def test_violations_by_path(rules: RuleSet, engine: str) -> None:
    report = rules.validate(VALID | {"callerNo": "x" * 30, "name": None}, engine=engine)
    groups = report.by_path()
    assert {path: len(group) for path, group in groups.items()} == {"/name": 1, "/callerNo": 2}
    assert all(one.path == path for path, group in groups.items() for one in group)


def test_exception_lists_every_violation(rules: RuleSet, engine: str) -> None:
    report = rules.validate(VALID | {"name": "", "callerNo": None, "k" * 99: 1}, engine=engine)
    with pytest.raises(ValidationError) as raised:
        report.raise_for_errors()
    lines = str(raised.value).splitlines()
    assert lines[0] == ('02000001 /name: name is mandatory and must not be empty; found ""')
    assert len(lines) == len(report)
    assert all(len(line) < 200 for line in lines)
    again = pickle.loads(pickle.dumps(raised.value))  # noqa: S301  # made here
    assert (again.report, str(again)) == (report, str(raised.value))


def test_valid_data_raises_nothing(rules: RuleSet, engine: str) -> None:
    rules.validate(VALID, engine=engine).raise_for_errors()
    rules.validate(VALID | {"strEndTime": "2030-10-0723:59:59"}, engine=engine).raise_for_errors()


def test_exceptions_have_one_base() -> None:
    for exception in (FactError, RequestError, RuleSetError, ValidationError):
        assert issubclass(exception, IsalesRulesError)
        assert issubclass(exception, ValueError)


def test_rich_shows_violations(rules: RuleSet) -> None:
    report = rules.validate(VALID | {"name": "", "k" * 99: 1})
    assert [name for name, _ in report.__rich_repr__()] == ["ok", "violations", "unchecked"]
    [first, last] = [dict(one.__rich_repr__()) for one in report]
    assert (first["code"], first["path"]) == ("02000001", "/name")
    assert len(str(last["path"])) < 99


GOOD = """
from isales_rules import Engine, JsonValue, Locale, Report, ReportDict, Severity, Violation

def use(report: Report, engine: Engine, locale: Locale) -> ReportDict:
    severity: Severity = "warning"
    params: JsonValue = next(iter(report)).params
    if any(one.severity == severity for one in report) and params:
        report.raise_for_errors()
    report = rules.validate(campaign, engine=engine)
    return report.to_dict(locale)
"""

MISUSES = {
    'rules.name = "x"': "read-only",
    'rules.validate({}).violations[0].severity == "eror"': "Non-overlapping",
    "rules.validate({}).codes = ()": "read-only",
    'rules.validate({}, engine="fast")': "Argument",
    'rules.validate({}).to_dict("de_DE")': "Argument",
    'rules.validate({}).to_dict()["okay"]': 'has no key "okay"',
    'rules.validate({}).violations[0].params["max"] = 1': "Unsupported target",
    'rules.validate({}).to_dict()["code"]': 'has no key "code"',
}


def test_type_checker_knows_the_library(tmp_path: Path) -> None:
    """Mypy accepts the README's code, and rejects its misuse line by line."""
    readme = (ROOT / "README.md").read_text("utf-8").split("```python\n")[1].partition("```")[0]
    code = readme + GOOD
    first = len(code.splitlines()) + 1
    (tmp_path / "used.py").write_text(code + "\n".join(MISUSES) + "\n", "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", "used.py"],
        cwd=tmp_path,
        env={"MYPYPATH": str(ROOT), "MYPY_CACHE_DIR": str(ROOT / ".mypy_cache")},
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    found = [line for line in done.stdout.splitlines() if re.match(r"used\.py:\d+: error:", line)]
    lines = [line.split(":", 2)[1:] for line in found]
    assert [int(number) for number, _ in lines] == [*range(first, first + len(MISUSES))], done
    for (_, error), expected in zip(lines, MISUSES.values(), strict=True):
        assert expected in error


def test_public_names_are_importable() -> None:
    for name in isales_rules.__all__:
        assert getattr(isales_rules, name) is not None
    assert isinstance(Violation.keyword, property)
