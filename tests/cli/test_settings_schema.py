"""The JSON Schema of settings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from isales_rules.cli.errors import SettingsError
from isales_rules.cli.main import main
from isales_rules.cli.options import OPTIONS
from isales_rules.cli.settings import read_settings
from tests.support.command import Printed
from tests.support.rule_sets import toml

VALID: dict[str, list[Any]] = {
    "ruleset": ["mine.toml"],
    "rulesets": [{}, {"drafts/*": "mine.toml"}],
    "locale": ["zh_CN"],
    "exclude": [[], ["drafts"]],
    "jobs": [1, "auto"],
    "now": ["2030-09-01", "clock"],
    "facts": ["facts.json"],
    "format": ["sarif"],
    "select": [["02000001"]],
    "ignore": [["callerNo"]],
    "per-file-ignores": [{"drafts/*": ["02000001"]}],
    "fail-level": ["never"],
    "max-errors": [10],
    "redact": [True],
    "baseline": ["known.json"],
}
INVALID: dict[str, list[Any]] = {
    "ruleset": [1],
    "rulesets": ["mine.toml", {"drafts/*": 1}],
    "exclude": ["drafts", [1]],
    "jobs": [0, "many"],
    "format": ["xml"],
    "select": ["02000001"],
    "per-file-ignores": [["drafts"], {"drafts/*": "02000001"}],
    "fail-level": ["info"],
    "max-errors": [0, "10"],
    "redact": ["yes", 1],
    "formt": ["sarif"],
}


@pytest.fixture
def validator(capsys: Printed) -> Any:
    assert main(["export", "settings-schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def test_every_option_has_a_valid_example() -> None:
    assert VALID.keys() == OPTIONS.keys()


def test_schema_and_command_accept_the_same(validator: Any, tmp_path: Path) -> None:
    file = tmp_path / ".isales-rules.toml"
    for settings, is_valid in ((VALID, True), (INVALID, False)):
        for name, values in settings.items():
            for value in values:
                assert validator.is_valid({name: value}) is is_valid, (name, value)
                file.write_text(f"{name} = {toml(value)}\n", "utf-8")
                if is_valid:
                    read_settings(str(file))
                else:
                    with pytest.raises(SettingsError):
                        read_settings(str(file))
