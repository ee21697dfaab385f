"""The command: puts every mutant of the shipped rule set to the cases, and tells of each which case noticed it."""

from __future__ import annotations

import argparse
import linecache
import tomllib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple
from unittest.mock import patch

from isales_rules import RuleSet
from isales_rules.language import schema
from isales_rules.language import validation as grammar
from isales_rules.language.catalog import load_catalog, shipped_path
from isales_rules.language.model import Problem
from tests.tools.rule_mutation.mutants import Mutant, mutants
from tests.tools.rule_mutation.probes import probes


class Verdict(NamedTuple):
    """What became of a mutant: the grammar refused it, or a case killed it, or it survived."""

    mutant: Mutant
    refused: bool
    killer: str | None

    @property
    def survived(self) -> bool:
        return not self.refused and self.killer is None

    def __str__(self) -> str:
        fate = "refused by the grammar" if self.refused else "SURVIVED" if self.survived else f"killed by {self.killer!r}"
        return f"{self.mutant.rule}: {self.mutant.kind}: {self.mutant.change}: {fate}"


def shipped_mutants() -> list[Mutant]:
    """Make the mutants of the shipped rule set."""
    with open(shipped_path("campaign-modify-v1.toml"), "rb") as file:
        return list(mutants(tomllib.load(file), load_catalog()))


def judge(some: Iterable[Mutant]) -> Iterator[Verdict]:
    """Put each mutant to the cases until one notices it.

    The case that noticed last is asked first, and then those of its sort, as only they need what has been compiled for it: neighbours are alike.
    """
    cases = probes()
    with patch.object(grammar, "check_schema", _remembering(schema.check_schema)):
        for mutant in some:
            if grammar.validate_rule_set(mutant.data, mutant.codes):
                yield Verdict(mutant, refused=True, killer=None)
                continue
            rules = RuleSet("mutant", mutant.data, mutant.codes)
            killer = next((case for case in cases if case.answer(rules) != case.expect), None)
            if killer is not None:
                cases.remove(killer)
                cases = [killer, *sorted(cases, key=lambda case, how=killer.how: case.how != how)]  # type: ignore[misc]  # mypy wants one argument
            yield Verdict(mutant, refused=False, killer=killer and killer.name)
    for file in [file for file in linecache.cache if file.startswith("<isales_rules mutant ")]:
        del linecache.cache[file]


def _remembering(shape: Callable[[str, Any, Any], Iterator[Problem]]) -> Callable[[str, Any, Any], list[Problem]]:
    """Let the grammar look only once at what has the right shape: mutants share nearly all of it, and Cerberus is slow."""
    constant = {id(one) for one in vars(grammar).values()}
    sound: set[tuple[str, object]] = set()

    def remembered(place: str, value: Any, schema: Any) -> list[Problem]:
        key = repr(value), id(schema) if id(schema) in constant else repr(schema)
        problems = [] if key in sound else list(shape(place, value, schema))
        if not problems:
            sound.add(key)
        return problems

    return remembered


def main() -> int:
    """Judge all; 1 where a mutant survived."""
    refused = killed = survived = 0
    for verdict in judge(shipped_mutants()):
        print(verdict)
        refused += verdict.refused
        survived += verdict.survived
        killed += verdict.killer is not None
    print(f"{killed + survived} mutants: {killed} killed, {survived} survived ({refused} that the grammar refuses left out)")
    return 1 if survived else 0


if __name__ == "__main__":
    argparse.ArgumentParser(
        prog="python -m tests.tools.rule_mutation", description="Run the cases on every mutant of the shipped rule set."
    ).parse_args()
    raise SystemExit(main())
