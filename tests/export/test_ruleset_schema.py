"""The JSON Schema of rule sets: its descriptions, what it accepts, and what editors mark."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import isales_rules
from isales_rules import RuleSet
from isales_rules.cli.main import main
from isales_rules.export.ruleset_schema import ruleset_schema
from isales_rules.language.catalog import shipped_path
from isales_rules.ruleset import names
from tests.support.cases import DATA
from tests.support.command import Printed
from tests.support.random_rule_sets import overlays, rule_sets

FILE = Path(shipped_path("ruleset.schema.json"))
SCHEMA = ruleset_schema()
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)
FILES = [shipped_path(f"{name}.toml") for name in names()]
BIN = Path(sys.executable).parent


def executable(name: str) -> str:
    found = BIN / name
    if not found.exists():
        pytest.skip(f"{name} is not installed")
    return str(found)


def lint(tool: str, file: str | Path) -> subprocess.CompletedProcess[str]:
    command = {
        "taplo": [executable("taplo"), "check", "--colors", "never", file],
        "tombi": [executable("tombi"), "lint", "--offline", file],
    }
    return subprocess.run(
        command[tool],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "NO_COLOR": "1"},
    )


def test_committed_schema_is_generated() -> None:
    assert json.loads(FILE.read_text("utf-8")) == SCHEMA, "run python -m tests.tools.snapshots"


def test_command_prints_the_schema(capsys: Printed) -> None:
    assert main(["export", "ruleset-schema"]) == 0
    assert capsys.readouterr().out == FILE.read_text("utf-8")


def test_schema_is_valid() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)


def undescribed(schema: Any, path: str = "") -> Iterator[str]:
    if isinstance(schema, dict):
        for name, inner in schema.get("properties", {}).items():
            if inner is not False and "const" not in inner and "description" not in inner:
                yield f"{path}/{name}"
        for name, inner in schema.items():
            yield from undescribed(inner, f"{path}/{name}")
    elif isinstance(schema, list):
        for index, inner in enumerate(schema):
            yield from undescribed(inner, f"{path}/{index}")


def test_every_property_is_described() -> None:
    paths = [path for path in undescribed(SCHEMA) if "/then/" not in path]
    assert paths == [], "describe them in isales_rules/export/ruleset_schema.py"


@pytest.mark.parametrize("tool", ["taplo", "tombi"])
@pytest.mark.parametrize("file", FILES, ids=names())
def test_shipped_rule_set_passes(tool: str, file: str) -> None:
    assert Path(file).read_text("utf-8").startswith("#:schema ./ruleset.schema.json\n")
    done = lint(tool, file)
    assert (done.returncode, "Warning" in done.stdout + done.stderr) == (0, False), done


@pytest.mark.parametrize("tool", ["taplo", "tombi"])
def test_new_rule_set_passes(tool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["ruleset", "new", "mine"]) == 0
    Path("ruleset.schema.json").write_bytes(FILE.read_bytes())
    text = Path("mine.toml").read_text("utf-8")
    Path("mine.toml").write_text(f"#:schema ./ruleset.schema.json\n{text}", "utf-8")
    done = lint(tool, "mine.toml")
    assert (done.returncode, "Warning" in done.stdout + done.stderr) == (0, False), done


@given(rule_sets())
def test_schema_accepts_valid_rule_sets(rules: RuleSet) -> None:
    data = json.loads(rules.__reduce__()[1][1])
    assert [error.message for error in VALIDATOR.iter_errors(data)] == []


@given(st.data())
def test_schema_accepts_overlays(data: st.DataObject) -> None:
    overlay = data.draw(overlays(data.draw(rule_sets())))
    assert [error.message for error in VALIDATOR.iter_errors({"extends": "x", **overlay})] == []


TEXT = (DATA / "whole-rule-set.toml").read_text("utf-8")
MISTAKES = {
    "unknown key": ('title = "M', 'titel = "M'),
    "unknown keyword": ("maxlength = 24", "maxlenght = 24"),
    "argument of another type": ("maxlength = 24", 'maxlength = "24"'),
    "argument out of range": ("maxlength = 24", "maxlength = 0"),
    "unknown type": ('type = "boolean"\nreply', 'type = "bool"\nreply'),
    "type of a parameter": (
        'type = "string"\nformat = "yyyy-MM-dd HH:mm:ss"',
        'type = "text"\nformat = "yyyy-MM-dd HH:mm:ss"',
    ),
    "keyword of another type": ("maxlength = 24", "max = 24"),
    "empty source": ('source = "Table 3, No. 6"', 'source = ""'),
    "unknown severity": ('severity = "warning"\nsource = "Table 5', 'severity = "info"\nsource = "Table 5'),
    "rule id": ('id = "name-unique"', 'id = "Name Unique"'),
    "rule without an id": ('id = "name-unique"\n', ""),
    "unknown assertion": ("deviceType = { eq =", "deviceType = { equals ="),
    "unknown bound": ('eq = { fact = "device_type"', 'eq = { facts = "device_type"'),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new"), MISTAKES.values(), ids=MISTAKES)
def test_mistake_is_marked_at_its_line(
    old: str, new: str, tmp_path: Path, capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("tree_sitter_toml")
    assert TEXT.count(old) >= 1
    text = TEXT.replace(old, new, 1)
    monkeypatch.chdir(tmp_path)
    Path("ruleset.schema.json").write_bytes(FILE.read_bytes())
    Path("mine.toml").write_text(text, "utf-8")
    with pytest.raises(isales_rules.RuleSetError):
        isales_rules.load("mine.toml")

    main(["ruleset", "check", "mine.toml", "--no-config", "--format", "json"])
    own = {finding["line"] for finding in json.loads(capsys.readouterr().out)["findings"]}
    start = TEXT.index(old)
    changed = TEXT.count("\n", 0, start) + 1 + (old.count("\n") > 1 and new.count("\n") > 1)
    # A missing key is marked at its table, the line above.
    assert own & {changed, changed - 1}, own
    done = lint("tombi", "mine.toml")
    marked = {int(line) for line in re.findall(r"at mine\.toml:(\d+):", done.stdout + done.stderr)}
    assert done.returncode == 1
    assert own & marked, (own, done.stdout + done.stderr)
