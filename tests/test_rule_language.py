"""The page about the rule language: its TOML is loaded, and its answers are correct."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

import isales_rules
from isales_rules.cli.keywords import FORMATS
from isales_rules.cli.main import main
from isales_rules.language.keywords import ATTRIBUTES, KEYWORDS
from tests.support.rule_sets import errors

PAGE = Path(__file__).parent.parent / "rulesets" / "README.md"
TEXT = PAGE.read_text("utf-8")
BLOCKS = re.findall(r"```(toml|json lines)\n(.*?)```", TEXT, re.DOTALL)


def merge(data: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    merged = dict(data)
    for key, value in more.items():
        old = data.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            merged[key] = merge(old, value)
        else:
            merged[key] = [*old, *value] if isinstance(old, list) else value
    return merged


def sections() -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Return each rule set of the page, and its answers; a part of one is added to the first."""
    first: dict[str, Any] = {}
    found: list[tuple[dict[str, Any], list[dict[str, Any]]]] = []
    for language, text in BLOCKS:
        data = tomllib.loads(text) if language == "toml" else {}
        if data.keys() == {"tool"}:
            continue  # settings
        if data:
            first = first or data
            found.append((data if "title" in data else merge(first, data), []))
        else:
            found[-1][1].extend(map(json.loads, text.splitlines()))
    return found


@pytest.mark.parametrize(("data", "answers"), sections())
def test_rule_set_gives_its_answers(
    data: dict[str, Any], answers: list[dict[str, Any]], engine: str
) -> None:
    rules = isales_rules.load(data)
    assert answers
    for answer in answers:
        report = rules.validate(answer["body"], answer.get("facts"), engine=engine)
        assert sorted(errors(report)) == [(path, code) for path, code in answer["expect"]]


def test_first_rule_set_is_short() -> None:
    assert len(BLOCKS[0][1].splitlines()) <= 10


def test_keywords_are_those_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keywords", "--format", "md"]) == 0
    [table] = re.findall(r"<!-- keywords: .*? -->\n(.*?)<!-- /keywords -->", TEXT, re.DOTALL)
    assert table == capsys.readouterr().out


def test_every_attribute_is_described() -> None:
    for name in ATTRIBUTES:
        assert re.search(rf"`{name}[`= ]", TEXT), name


@pytest.mark.parametrize("name", FORMATS)
def test_keywords_has_every_keyword(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keywords", "--format", name]) == 0
    printed = capsys.readouterr().out
    assert all(keyword.description in printed for keyword in KEYWORDS.values())


def test_keywords_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keywords", "--format", "json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert [one["keyword"] for one in printed["keywords"]] == list(KEYWORDS)
    assert printed["keywords"][2] == {
        "keyword": "min",
        "meaning": "The value must be at least this.",
        "argument": "integer or float",
        "types": ["integer", "number"],
        "use": "definition, clause",
        "code": "02000007",
        "example": '{ type = "integer", min = 3 }',
        "passes": 3,
        "fails": 2,
    }


@pytest.mark.parametrize("keyword", KEYWORDS)
def test_example_is_toml(keyword: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["keywords", "--format", "json"])
    [one] = [
        one for one in json.loads(capsys.readouterr().out)["keywords"] if one["keyword"] == keyword
    ]
    example = tomllib.loads(f"example = {one['example']}")["example"]
    assert keyword in (example if "type" in example else example["value"])
