"""One contract for all keywords: what their samples say holds everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from isales_rules import RuleSet, RuleSetError
from isales_rules.language.catalog import load_catalog
from isales_rules.language.keywords import KEYWORDS, Keyword
from isales_rules.testing import strategies
from isales_rules.testing.examples import examples
from tests.support.rule_sets import Data, errors, fact, load, rule, rule_set

BY_NAME = [pytest.param(keyword, id=name) for name, keyword in KEYWORDS.items()]
CONTRADICTORY = [
    pytest.param(keyword, id=name)
    for name, keyword in KEYWORDS.items()
    if keyword.sample.contradiction
]


@pytest.fixture
def keyword(request: pytest.FixtureRequest) -> Keyword:
    one: Keyword = request.param
    return one


def sample_rules(keyword: Keyword, **more: Any) -> Data:
    """Build a rule set that uses a keyword for the parameter `value`, as its sample does."""
    sample = keyword.sample
    definition = {"type": sample.type, **sample.beside}
    assertion = {keyword.name: sample.argument, **more}
    if keyword.in_definitions:
        return rule_set({"value": {**definition, **assertion}})
    facts = {}
    if keyword.operand == "bound" and "fact" in sample.argument:
        facts[sample.argument["fact"]] = fact(f"{sample.type}s")
    definitions = {"value": definition, "other": {"type": sample.type}}
    return rule_set(definitions, facts=facts, rules=[rule({"then": {"value": assertion}})])


def sample_input(keyword: Keyword, value: Any) -> tuple[Data, Data]:
    """Return a body with a value of the sample, and the facts."""
    argument, other = keyword.sample.argument, keyword.sample.other
    if keyword.operand == "bound" and "fact" in argument:
        return {"value": value}, {argument["fact"]: other}
    return {"value": value} | ({} if other is None else {"other": other}), {}


@pytest.fixture
def rules(keyword: Keyword, tmp_path: Path) -> RuleSet:
    return load(tmp_path, sample_rules(keyword))


@pytest.mark.parametrize("keyword", BY_NAME, indirect=True)
def test_sample_passes_and_fails(keyword: Keyword, rules: RuleSet, engine: str) -> None:
    body, facts = sample_input(keyword, keyword.sample.passes)
    assert rules.validate(body, facts, engine=engine).violations == ()
    body, facts = sample_input(keyword, keyword.sample.fails)
    [violation] = rules.validate(body, facts, engine=engine).violations
    assert violation.code == load_catalog().messages[keyword.message({})].code
    assert violation.rule == (
        f"body.value.{keyword.name}" if keyword.in_definitions else "together"
    )
    for locale in ("en_US", "zh_CN"):
        assert "$" not in violation.message(locale)


@pytest.mark.parametrize("keyword", BY_NAME, indirect=True)
def test_strategies_obey_the_keyword(rules: RuleSet) -> None:
    @settings(max_examples=25, suppress_health_check=list(HealthCheck))
    @given(strategies.valid(rules), strategies.invalid(rules))
    def draw(body: Any, invalid: Any) -> None:
        assert rules.validate(body).ok
        assert sorted(errors(rules.validate(invalid[0]))) == invalid[1]

    draw()


@pytest.mark.parametrize("keyword", BY_NAME, indirect=True)
def test_examples_violate_the_keyword(keyword: Keyword, rules: RuleSet) -> None:
    name = f"body.value.{keyword.name}" if keyword.in_definitions else "together"
    made = [example for example in examples(rules) if "body" in example]
    violating = [example for example in made if name in example["breaks"]]
    assert violating
    assert any(not example["breaks"] and "value" in example["body"] for example in made)
    for example in violating:
        report = rules.validate(example["body"], example.get("facts"))
        assert sorted(map(list, errors(report))) == example["expect"]


@pytest.mark.parametrize("keyword", CONTRADICTORY, indirect=True)
def test_contradiction_is_refused(keyword: Keyword, tmp_path: Path) -> None:
    sample = keyword.sample
    with pytest.raises(RuleSetError) as error:
        load(tmp_path, sample_rules(keyword, **sample.contradiction))
    where = "tables.body.value" if keyword.in_definitions else "rules[0].clauses[0].then.value"
    assert (f"{where}.{sample.at or keyword.name}") in dict(error.value.problems)


@pytest.mark.parametrize("keyword", BY_NAME, indirect=True)
def test_keyword_of_another_type_is_refused(keyword: Keyword, tmp_path: Path) -> None:
    for type_name in sorted({"string", "integer", "boolean", "any"} - keyword.types):
        data = sample_rules(keyword)
        data["tables"]["body"]["value"]["type"] = type_name
        with pytest.raises(RuleSetError, match="is not for "):
            load(tmp_path, data)
