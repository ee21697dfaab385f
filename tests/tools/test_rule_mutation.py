"""A wrong rule is noticed: every change of the shipped rule set makes some case give another answer than the one written down."""

from __future__ import annotations

import os
import tomllib
from collections import Counter, defaultdict
from typing import Any

import pytest

from isales_rules import RuleSet
from isales_rules.language.catalog import load_catalog, shipped_path
from isales_rules.language.validation import validate_rule_set
from tests.support.rule_sets import condition, fact, rule_set
from tests.tools.rule_mutation import __main__ as command
from tests.tools.rule_mutation.mutants import Mutant, mutants
from tests.tools.rule_mutation.probes import Probe, own, probes

OWN = list(own())

KINDS = {
    "alternative dropped", "bound moved", "case dropped", "character added", "character removed", "code changed", "condition dropped",
    "default code changed", "keyword added", "keyword dropped", "option added", "option removed", "order changed", "pair broken",
    "parameter dropped", "pattern changed", "place moved", "prefix shortened", "reference swapped", "reply changed", "severity changed",
    "strictness changed", "table dropped", "test dropped", "test inverted", "test moved", "type changed",
}  # fmt: skip

EVERYTHING = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
"""All mutants take a minute or two under coverage; otherwise a part of each kind is made."""


def spread(some: list[Mutant], step: int) -> list[Mutant]:
    """Take the first of each kind, and one in so many of the others."""
    kinds = defaultdict(list)
    for mutant in some:
        kinds[mutant.kind].append(mutant)
    return [mutant for alike in kinds.values() for mutant in alike[::step]]


@pytest.mark.parametrize("case", OWN, ids=[case.name for case in OWN])
def test_the_answer_is_the_one_written_down(case: Probe, rules: RuleSet, engine: str) -> None:
    assert case.answer(rules, engine) == case.expect


def test_the_names_of_the_cases_are_distinct() -> None:
    assert [name for name, count in Counter(case.name for case in OWN).items() if count > 1] == []


def test_every_wrong_rule_is_noticed() -> None:
    some = command.shipped_mutants() if EVERYTHING else spread(command.shipped_mutants(), 32)
    verdicts = list(command.judge(some))
    assert [str(verdict) for verdict in verdicts if verdict.survived] == []
    assert {verdict.mutant.kind for verdict in verdicts if verdict.killer} == KINDS


def test_each_mutant_is_another_one_and_none_is_the_original() -> None:
    some = command.shipped_mutants()
    assert {mutant.kind for mutant in some} == KINDS
    with open(shipped_path("campaign-modify-v1.toml"), "rb") as file:
        original = (ordered(tomllib.load(file)), load_catalog())
    assert len({(mutant.rule, mutant.change) for mutant in some}) == len(some)
    assert [mutant.rule for mutant in some if (ordered(mutant.data), mutant.codes) == original] == []


def test_what_the_shipped_rule_set_has_none_of_is_changed_as_well() -> None:
    body = {
        "word": {"type": "string", "minlength": 2, "allowed": ["ab", "abc"], "codes": {"minlength": "02000007"}},
        "flag": {"type": "boolean", "required": False, "allowed": [True]},
        "list": {"type": "list", "maxitems": 3, "schema": {"type": "integer", "max": 9}},
        "one": {"type": "integer"},
        "two": {"type": "integer"},
    }
    tests = {"two": {"after": {"fact": "zero", "plus": 1}}}
    data = rule_set(body, conditions=[condition({"when": {"flag": {"allowed": [True]}}, "then": tests})], facts={"zero": fact("integer")})
    assert validate_rule_set(data, load_catalog()) == []
    made = {f"{mutant.rule}: {mutant.change}" for mutant in mutants(data, load_catalog())}
    assert made >= {
        "tables.body.word.minlength: 2 -> 1",
        "tables.body.word.allowed: ['ab', 'abc'] -> ['abc']",
        "tables.body.word.allowed: ['ab', 'abc'] -> ['ab', 'abc', 'abcx']",
        "tables.body.word.codes.minlength: dropped",
        "tables.body.flag.required: True",
        "tables.body.flag.allowed: [True] -> [True, False]",
        "tables.body.list.maxitems: dropped",
        "tables.body.list.schema: dropped",
        "tables.body.list.schema.max: 9 -> 10",
        "together.cases[0].when.flag.allowed: allowed [False]",
        "together.cases[0].then.two.after.plus: dropped",
        "together.cases[0].then.two.after: parameter one",
        "together.cases[0].then.two: to one",
        "kinds.too-many.code: 02000011 -> 0200001",
    }
    assert "tables.body.flag.required: dropped" not in made
    assert not any(change.startswith("kinds.length") for change in made)


def test_the_command_tells_what_survived_what_was_killed_and_what_the_grammar_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with open(shipped_path("campaign-modify-v1.toml"), "rb") as file:
        data = tomllib.load(file)
    some = [Mutant("none", "nothing", "as it was", data, load_catalog())]
    some += [Mutant("some", "conditions", "dropped", data | {"conditions": []}, load_catalog()), Mutant("all", "all", "dropped", {}, load_catalog())]
    monkeypatch.setattr(command, "shipped_mutants", lambda: some)
    assert command.main() == 1
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "nothing: none: as it was: SURVIVED"
    assert told[1].startswith("conditions: some: dropped: killed by ")
    assert told[2:] == ["all: all: dropped: refused by the grammar", "2 mutants: 1 killed, 1 survived (1 that the grammar refuses left out)"]
    monkeypatch.setattr(command, "shipped_mutants", lambda: some[1:])
    assert command.main() == 0


def ordered(value: Any) -> Any:
    """Let the order of a mapping's keys count where mappings are compared."""
    if isinstance(value, dict):
        return [(key, ordered(one)) for key, one in value.items()]
    return [ordered(one) for one in value] if isinstance(value, list) else value


def test_every_code_that_this_interface_can_give_is_given_by_a_case(rules: RuleSet) -> None:
    given = {code for case in probes() for _, code in case.expect}
    assert rules.codes().keys() - given == {"0200000", "02000004", "02000005"}
