"""The command `ruleset check`: problems of rule sets with line and column."""

from __future__ import annotations

import json
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isales_rules.cli.formats import FORMATS
from isales_rules.cli.main import main
from isales_rules.language.catalog import shipped_path
from isales_rules.loading import shipped_names
from tests.support.command import Printed
from tests.support.rule_sets import locations, toml

REQUEST = """\
title = "A small interface"
[request]
path = { type = "dict", schema = "path", source = "Table 1" }
headers = { type = "dict", schema = "headers", source = "Table 2" }
body = { type = "dict", required = true, schema = "body", source = "Table 3" }
[tables.path]
[tables.headers]
"""
BODY = """\
[tables.body.name]
source = "Table 3, No. 1"
type = "string"
maxlength = 9
"""
RULE = """\
[[rules]]
id = "together"
[rules.message]
en_US = "a"
zh_CN = "b"
[[rules.clauses]]
tables = ["body"]
then = { name = { required = true } }
"""
VALID = REQUEST + BODY + RULE

tree_sitter = pytest.mark.skipif(
    find_spec("tree_sitter_toml") is None,
    reason="needs the extra toml",
)


def check(text: str, capsys: Printed, *argv: str) -> tuple[int, str]:
    Path("mine.toml").write_text(text, "utf-8")
    code = main(["ruleset", "check", "mine.toml", "--no-config", *argv])
    return code, capsys.readouterr().out


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_valid_rule_set_is_ok(capsys: Printed) -> None:
    assert check(VALID, capsys) == (0, "1 file: ok\n")


@pytest.mark.parametrize("name", shipped_names())
def test_shipped_rule_set_is_valid_and_useful(name: str) -> None:
    file = shipped_path(f"{name}.toml")
    assert main(["ruleset", "check", file, "--no-config", "--strict"]) == 0


MISTAKES: dict[str, tuple[str, str, str, str]] = {
    "keyword": ("maxlength = 9", "maxlenght = 9", "maxlenght", "did you mean 'maxlength'?"),
    "type": ('type = "string"', 'type = "strng"', '"strng"', "did you mean 'string'?"),
    "argument": ("maxlength = 9", 'maxlength = "9"', '"9"', "must be of integer type"),
    "type of keyword": ("maxlength = 9", "maxitems = 9", "maxitems", "is not for the type string"),
    "table": ('schema = "body"', 'schema = "bdy"', '"bdy"', "did you mean 'body'?"),
    "table of clause": ('["body"]', '["bdy"]', '["bdy"]', "did you mean 'body'?"),
    "parameter": ("{ name =", "{ nam =", "nam", "did you mean 'name'?"),
    "missing source": ('source = "Table 3, No. 1"\n', "", "tables.body.name", "required field"),
    "missing text": ('en_US = "a"\nzh_CN = "b"\n', "", "rules.message", "min length is 1"),
    "rule id": ('id = "together"', 'id = "To Gether"', '"To Gether"', "must match the pattern"),
    "severity": (
        'id = "together"',
        'severity = "eror"\nid = "x"',
        '"eror"',
        "one of error, warning",
    ),
    "option": (
        "maxlength = 9",
        'maxlength = 9\nallowed = ["0123456789"]',
        '["0123456789"]',
        "maxlength",
    ),
    "pattern": (
        "maxlength = 9",
        "regex = '(a+)+b'\nexample = 'ab'",
        "'(a+)+b'",
        "too many ways",
    ),
    "unclosed": ('title = "A small', 'title = A"small', "A", "Invalid value"),
}


@tree_sitter
@pytest.mark.parametrize(("old", "new", "marked", "words"), MISTAKES.values(), ids=MISTAKES)
def test_mistake_has_region(old: str, new: str, marked: str, words: str, capsys: Printed) -> None:
    text = VALID.replace(old, new, 1)
    code, printed = check(text, capsys, "--format", "json")
    (finding,) = json.loads(printed)["findings"]
    line = text.split("\n")[finding["line"] - 1]
    assert line[finding["column"] - 1 : finding["end_column"] - 1] == marked
    assert finding["line"] == finding["end_line"]
    assert words in finding["message"]
    assert code == 1


@tree_sitter
def test_text_shows_line_and_mark(capsys: Printed) -> None:
    _, printed = check(VALID.replace("maxlength = 9", "maxlenght = 9"), capsys)
    assert printed.splitlines() == [
        "mine.toml:11:1: error tables.body.name.maxlenght: unknown keyword; did you mean 'maxlength'?",
        "11 | maxlenght = 9",
        "   | ^^^^^^^^^",
        "",
        "1 file: 1 error in 1 file",
    ]


def test_rule_is_named_by_its_id(capsys: Printed) -> None:
    _, printed = check(VALID.replace("{ name =", "{ nam ="), capsys, "--format", "concise")
    assert " error rules[together].clauses[0].then.nam: " in printed


def test_all_mistakes_are_found_in_order(capsys: Printed) -> None:
    text = VALID.replace('"string"', '"strng"').replace("{ name =", "{ nam =")
    _, printed = check(text, capsys, "--format", "json")
    paths = [finding["path"] for finding in json.loads(printed)["findings"]]
    assert paths == ["tables.body.name.type", "rules[together].clauses[0].then.nam"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('title = "A', 'titel = "A'),
        ('title = "A', 'edition = "old"\ntitle = "A'),
        ('id = "together"', 'id = "together"\nseverity = "eror"'),
        ('id = "together"', 'id = "Together"'),
        ('id = "together"\n', ""),
        ('en_US = "a"', "en_US = 1"),
    ],
)
def test_mistake_does_not_hide_those_of_clauses(old: str, new: str, capsys: Printed) -> None:
    text = VALID.replace(old, new, 1).replace("{ name =", "{ nam =")
    _, printed = check(text, capsys, "--format", "json")
    messages = [finding["message"] for finding in json.loads(printed)["findings"]]
    assert len(messages) >= 2
    assert any("did you mean 'name'?" in message for message in messages), messages


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_has_location_and_reason(format_: str, capsys: Printed) -> None:
    code, printed = check(VALID.replace("{ name =", "{ nam ="), capsys, "--format", format_)
    assert "rules[together].clauses[0].then.nam" in printed
    assert "unknown" in printed or "no parameter" in printed
    assert code == 1


def test_without_extra_the_location_is_named(
    capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tree_sitter", None)
    Path("mine.toml").write_text(VALID.replace("maxlength", "maxlenght"), "utf-8")
    assert main(["ruleset", "check", "mine.toml", "--no-config"]) == 1
    out, err = capsys.readouterr()
    assert out.startswith("mine.toml:1:1: error tables.body.name.maxlenght: unknown keyword")
    assert "isales-rules[toml]" in err


def test_unreadable_file_is_an_error(capsys: Printed) -> None:
    Path("mine.toml").write_text(VALID, "utf-8")
    assert main(["ruleset", "check", "other.toml", "mine.toml", "--no-config"]) == 2
    out, err = capsys.readouterr()
    assert out == "1 file: 1 more could not be checked\n"
    assert err == "isales-rules: other.toml: cannot be read: No such file or directory\n"


def test_report_does_not_overwrite_a_rule_set(capsys: Printed) -> None:
    code, _ = check(VALID, capsys, "--output", "json=mine.toml")
    assert code == 2
    assert Path("mine.toml").read_text("utf-8") == VALID


NAMES = st.text(st.sampled_from("ab.é[]0 \"'"), max_size=4)
VALUES = st.recursive(
    st.integers(0, 99) | st.booleans() | st.text("aé\n#=", max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=12,
)


BASE = """\
[definitions.short] # a comment
type = "string" # a comment
maxlength = 9
[tables.body]
name = { ref = "short" } # a comment
kind = { type = "integer", allowed = [ # a comment
  1, # a comment
] } # a comment
[[rules]] # a comment
id = "together"
code = "9"
message = { en_US = "a" }
clauses = [{ tables = ["body"], then = { name = { required = true } } }]
"""


def test_base_is_valid_without_a_request(capsys: Printed) -> None:
    assert check(BASE, capsys)[0] == 0


def test_mistakes_of_a_base_are_found(capsys: Printed) -> None:
    code, printed = check(BASE.replace("maxlength", "maxlenght"), capsys, "--format", "concise")
    assert printed.startswith("mine.toml:3:1: error definitions.short.maxlenght: unknown keyword")
    assert code == 1


def test_rule_set_with_a_title_needs_a_request(capsys: Printed) -> None:
    code, printed = check(f'title = "A"\n{BASE}', capsys)
    assert code == 1
    assert "request" in printed


def test_mistake_in_what_a_file_extends_is_at_extends(capsys: Printed) -> None:
    Path("base.toml").write_text(BASE.replace("maxlength", "maxlenght"), "utf-8")
    text = f'extends = "base.toml"\n{REQUEST}'
    _, printed = check(text, capsys, "--format", "concise")
    assert "mine.toml:1:11: error extends: ./base.toml: definitions.short.maxlenght: " in printed


@tree_sitter
@given(st.dictionaries(st.sampled_from(["a", "b c", "é"]), VALUES, min_size=1))
def test_region_of_a_value_is_its_text(data: dict[str, Any]) -> None:
    from isales_rules.cli.rulesets.regions import TomlRegions

    text = "".join(f"{toml(name)} = {toml(value)}\n" for name, value in data.items())
    regions = TomlRegions(text)
    for name, value in data.items():
        region, begin = regions.locate(name, at_key=False)
        line = text[begin:].split("\n", 1)[0]
        marked = line[region.column - 1 : region.end_column - 1]
        assert tomllib.loads(f"x = {marked}")["x"] == value


@tree_sitter
@pytest.mark.parametrize("name", ["catalog", *shipped_names()])
def test_every_location_of_a_shipped_file_has_its_key(name: str) -> None:
    from isales_rules.cli.rulesets.regions import TomlRegions

    text = Path(shipped_path(f"{name}.toml")).read_text("utf-8")
    regions = TomlRegions(text)
    for location in locations(tomllib.loads(text)):
        region, begin = regions.locate(location, at_key=True)
        line = text[begin:].split("\n", 1)[0]
        name = location.rpartition(".")[2]
        marked = line[region.column - 1 : region.end_column - 1]
        assert "[" in name or marked.strip('"').endswith(name), location
