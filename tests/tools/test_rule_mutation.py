"""Rule mutation: every change of the shipped rule set changes the answer of a probe."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from typing import Any

import pytest

from isales_rules import RuleSet
from isales_rules.language.catalog import load_catalog
from isales_rules.language.validation import validate_rule_set
from tests.support.rule_sets import fact, rule, rule_set
from tests.support.siblings import SIBLINGS
from tests.tools.rule_mutation import __main__ as command
from tests.tools.rule_mutation.mutants import Mutant, mutants
from tests.tools.rule_mutation.probes import Probe, own_probes, probes

OWN = list(own_probes())

KINDS = {
    "alternative dropped", "bound moved", "clause dropped", "character added", "character removed", "code changed", "rule dropped",
    "default code changed", "keyword added", "keyword dropped", "option added", "option removed", "order changed", "pair broken",
    "parameter dropped", "pattern changed", "location moved", "prefix shortened", "reference swapped", "reply changed", "severity changed",
    "strictness changed", "table dropped", "assertion dropped", "assertion inverted", "assertion moved", "type changed",
}  # fmt: skip

EVERYTHING = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
"""Run all mutants, which takes minutes under coverage, instead of a sample of each kind."""


def spread(sample: list[Mutant], step: int) -> list[Mutant]:
    """Sample every `step`-th mutant of each kind, starting with the first, and the last."""
    kinds = defaultdict(list)
    for mutant in sample:
        kinds[mutant.kind].append(mutant)
    return [mutant for alike in kinds.values() for mutant in [*alike[:-1:step], alike[-1]]]


@pytest.mark.parametrize("probe", OWN, ids=[probe.name for probe in OWN])
def test_own_probe_has_the_expected_answer(probe: Probe, rules: RuleSet, engine: str) -> None:
    assert probe.answer(rules, engine) == probe.expect


def test_probe_names_are_unique() -> None:
    assert [name for name, count in Counter(probe.name for probe in OWN).items() if count > 1] == []


def test_mutants_are_killed() -> None:
    sample = command.shipped_mutants() if EVERYTHING else spread(command.shipped_mutants(), 32)
    verdicts = list(command.judge(sample))
    assert [str(verdict) for verdict in verdicts if verdict.survived] == []
    assert {verdict.mutant.kind for verdict in verdicts if verdict.killer} == KINDS


@pytest.mark.parametrize("name", SIBLINGS)
def test_mutants_of_other_interfaces_are_killed(name: str) -> None:
    sample = command.shipped_mutants(name)
    sample = sample if EVERYTHING else spread(sample, 64 if name == "campaign-add-v1" else 16)
    assert [str(one) for one in command.judge(sample, name) if one.survived] == []


def test_mutants_are_distinct(rules: RuleSet) -> None:
    sample = command.shipped_mutants()
    assert {mutant.kind for mutant in sample} == KINDS
    original = (ordered(rules._data), load_catalog().extended(rules._data))
    assert len({(mutant.rule, mutant.change) for mutant in sample}) == len(sample)
    assert [
        mutant.rule for mutant in sample if (ordered(mutant.data), mutant.catalog) == original
    ] == []


def test_unused_keywords_are_mutated() -> None:
    body = {
        "word": {
            "type": "string",
            "minlength": 2,
            "allowed": ["ab", "abc"],
            "error_codes": {"minlength": "02000007"},
        },
        "flag": {"type": "boolean", "required": False, "allowed": [True]},
        "list": {"type": "list", "maxitems": 3, "schema": {"type": "integer", "max": 9}},
        "one": {"type": "integer"},
        "two": {"type": "integer"},
    }
    assertions = {"two": {"gt": {"fact": "zero", "offset": 1}}}
    data = rule_set(
        body,
        rules=[rule({"when": {"flag": {"allowed": [True]}}, "then": assertions})],
        facts={"zero": fact("integer")},
    )
    assert validate_rule_set(data, load_catalog()) == []
    made = {f"{mutant.rule}: {mutant.change}" for mutant in mutants(data, load_catalog())}
    assert made >= {
        "tables.body.word.minlength: 2 -> 1",
        "tables.body.word.allowed: ['ab', 'abc'] -> ['abc']",
        "tables.body.word.allowed: ['ab', 'abc'] -> ['ab', 'abc', 'abcx']",
        "tables.body.word.error_codes.minlength: dropped",
        "tables.body.flag.required: True",
        "tables.body.flag.allowed: [True] -> [True, False]",
        "tables.body.list.maxitems: dropped",
        "tables.body.list.schema: dropped",
        "tables.body.list.schema.max: 9 -> 10",
        "together.clauses[0].when.flag.allowed: allowed [False]",
        "together.clauses[0].then.two.gt.offset: dropped",
        "together.clauses[0].then.two.gt: parameter one",
        "together.clauses[0].then.two: to one",
        "messages.too-many.code: 02000011 -> 0200001",
    }
    assert "tables.body.flag.required: dropped" not in made
    assert not any(change.startswith("messages.length") for change in made)


def test_command_reports_survivors(
    rules: RuleSet, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = {**rules._data}
    sample = [Mutant("none", "nothing", "as it was", data, load_catalog())]
    sample += [
        Mutant("some", "rules", "dropped", data | {"rules": []}, load_catalog()),
        Mutant("all", "all", "dropped", {}, load_catalog()),
    ]
    monkeypatch.setattr(command, "shipped_mutants", lambda _: sample)
    assert command.main([rules.name]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "nothing: none: as it was: SURVIVED"
    assert lines[1].startswith("rules: some: dropped: killed by ")
    assert lines[2:] == [
        "all: all: dropped: rejected as invalid",
        "campaign-modify-v1: 2 mutants: 1 killed, 1 survived (1 rejected as invalid)",
    ]
    monkeypatch.setattr(command, "shipped_mutants", lambda _: sample[1:])
    assert command.main([rules.name]) == 0


def ordered(value: Any) -> Any:
    """Convert mappings to lists, so that comparison includes the order of keys."""
    if isinstance(value, dict):
        return [(key, ordered(one)) for key, one in value.items()]
    return [ordered(one) for one in value] if isinstance(value, list) else value


def test_probes_give_every_code(rules: RuleSet) -> None:
    given = {code for probe in probes() for _, code in probe.expect}
    assert rules.codes().keys() - given == {"0200000", "02000004", "02000005"}
