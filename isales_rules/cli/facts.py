"""Facts of the campaign, from JSON files and flags."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from typing import Any

from isales_rules.cli.chunks import open_input
from isales_rules.cli.errors import UsageError
from isales_rules.cli.settings import Settings
from isales_rules.facts import FactError
from isales_rules.ruleset import RuleSet


def gather_facts(
    arguments: argparse.Namespace, settings: Settings, rule_sets: list[RuleSet]
) -> dict[str, Any]:
    """Gather the facts of the campaign. Each must be one of a rule set.

    `--now` takes precedence over the facts file, which takes precedence over `--current`. The clock
    is read only for `--now clock`, so that findings do not depend on the day.
    """
    declared = {name: fact for rules in rule_sets for name, fact in rules.facts.items()}
    facts: dict[str, Any] = {}
    if arguments.current is not None:
        facts |= _facts_of_reply(arguments.current, rule_sets)
    if settings.values["facts"] is not None:
        facts |= _read_facts(settings.values["facts"], declared)
    if settings.values["now"] is not None:
        facts |= dict.fromkeys(
            [name for name, fact in declared.items() if fact.get("default") == "now"],
            settings.values["now"],
        )
    unknown = {name: value for name, value in facts.items() if name not in declared}
    for rules in rule_sets:
        rules.prepare_facts(unknown | own_facts(facts, rules))
    return facts


def own_facts(facts: Mapping[str, Any], rules: RuleSet) -> dict[str, Any]:
    """Return the facts that a rule set declares."""
    return {name: value for name, value in facts.items() if name in rules.facts}


def _facts_of_reply(file: str, rule_sets: list[RuleSet]) -> dict[str, Any]:
    reply = _read_json(file)
    facts: dict[str, Any] = {}
    try:
        for rules in [one for one in rule_sets if one.reply_member] or rule_sets:
            facts |= rules.facts_of_reply(reply)
    except FactError as error:
        raise UsageError(f"{file}: {error}") from None
    return facts


def parse_times(
    facts: Mapping[str, Any], declared: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Convert the texts of facts that are times. Raise `ValueError` for another text."""
    from isales_rules.language.time_formats import from_iso

    parsed = dict(facts)
    for name, value in facts.items():
        if isinstance(value, str) and declared.get(name, {}).get("type") == "datetime":
            try:
                parsed[name] = from_iso(value)
            except ValueError:
                expected = "an ISO 8601 date or time, such as 2030-09-01T08:00:00Z"
                raise ValueError(f"{name}: must be {expected}, not {value[:64]!r}") from None
    return parsed


def _read_facts(file: str, declared: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    facts = _read_json(file)
    if not isinstance(facts, dict):
        raise UsageError(f"{file}: must hold a JSON object of facts")
    try:
        return parse_times(facts, declared)
    except ValueError as error:
        raise UsageError(f"{file}: {error}") from None


def _read_json(file: str) -> Any:
    try:
        with open_input(file) as stream:
            return json.loads(stream.read())
    except OSError as error:
        raise UsageError("unreadable", file=file, reason=str(error.strerror)) from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file}: is not JSON: {error}") from None
