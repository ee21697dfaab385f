"""Every worked answer, with both engines."""

from __future__ import annotations

import pytest

from isales_rules import RuleSet
from tests.support.cases import Case, cases

CASES = list(cases())


def test_number_of_worked_answers() -> None:
    assert len(CASES) == 875


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_worked_answer(case: Case, rules: RuleSet) -> None:
    for engine in ("compiled", "cerberus"):
        report = rules.validate(case.body, case.facts, engine=engine)
        errors = sorted(
            [one.path, one.code] for one in report.violations if one.severity == "error"
        )
        assert errors == sorted(case.expect), engine
        assert report.ok is (not case.expect), engine
