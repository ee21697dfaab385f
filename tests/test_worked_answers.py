"""Every worked answer, as it stands."""

from __future__ import annotations

import pytest

from isales_rules import RuleSet
from tests.support.cases import Case, cases

CASES = list(cases())


def test_all_worked_answers_are_here() -> None:
    assert len(CASES) == 875


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_errors_are_those_of_the_worked_answer(case: Case, rules: RuleSet) -> None:
    for engine in ("compiled", "cerberus"):
        report = rules.validate(case.body, case.facts, engine=engine)
        errors = sorted([one.path, one.code] for one in report.violations if one.severity == "error")
        assert errors == sorted(case.expect), engine
        assert report.ok is (not case.expect), engine
