"""Run the probes on every mutant of the shipped rule set."""

from __future__ import annotations

import argparse
import linecache
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple
from unittest.mock import patch

from isales_rules import RuleSet, load, names
from isales_rules.language import schema, validation
from isales_rules.language.catalog import LOCALES, load_catalog
from isales_rules.language.model import Problem
from tests.tools.rule_mutation.mutants import Mutant, mutants
from tests.tools.rule_mutation.probes import probes


class Verdict(NamedTuple):
    """The result of a mutant: rejected as invalid, killed by a probe, or survived."""

    mutant: Mutant
    rejected: bool
    killer: str | None

    @property
    def survived(self) -> bool:
        return not self.rejected and self.killer is None

    def __str__(self) -> str:
        fate = (
            "rejected as invalid"
            if self.rejected
            else "SURVIVED"
            if self.survived
            else f"killed by {self.killer!r}"
        )
        return f"{self.mutant.rule}: {self.mutant.kind}: {self.mutant.change}: {fate}"


def shipped_mutants(name: str = "campaign-modify-v1") -> list[Mutant]:
    """Return the mutants of a shipped rule set."""
    return list(mutants(load(name)._data, load_catalog()))


def judge(population: Iterable[Mutant], name: str = "campaign-modify-v1") -> Iterator[Verdict]:
    """Run the probes on each mutant until one kills it.

    The last killer runs first, and then the probes of its mode, which need no further compilation:
    neighbouring mutants are similar.
    """
    candidates = probes(name)
    with patch.object(validation, "check_schema", _cached(schema.check_schema)):
        for mutant in population:
            if validation.validate_rule_set(mutant.data, mutant.catalog):
                yield Verdict(mutant, rejected=True, killer=None)
                continue
            rules = RuleSet("mutant", mutant.data, mutant.catalog)
            killer = next(
                (probe for probe in candidates if probe.answer(rules) != probe.expect), None
            )
            if killer is not None:
                candidates.remove(killer)
                alike = [probe for probe in candidates if probe.mode == killer.mode]
                others = [probe for probe in candidates if probe.mode != killer.mode]
                candidates = [killer, *alike, *others]
            yield Verdict(mutant, rejected=False, killer=killer and killer.name)
    for file in [file for file in linecache.cache if file.startswith("<isales_rules mutant ")]:
        del linecache.cache[file]


def _cached(
    check: Callable[..., Iterator[Problem]],
) -> Callable[..., list[Problem]]:
    """Cache valid results of the schema check: mutants share most data, and Cerberus is slow."""
    constant = {id(one) for one in vars(validation).values()}
    valid: set[tuple[str, object]] = set()

    def check_once(
        location: str, value: Any, schema: Any, locales: tuple[str, ...] = LOCALES
    ) -> list[Problem]:
        key = repr(value), id(schema) if id(schema) in constant else repr(schema)
        problems = [] if key in valid else list(check(location, value, schema, locales))
        if not problems:
            valid.add(key)
        return problems

    return check_once


def main(rule_sets: Iterable[str]) -> int:
    """Judge all mutants of rule sets; return 1 if one survived."""
    failed = False
    for name in rule_sets:
        rejected = killed = survived = 0
        for verdict in judge(shipped_mutants(name), name):
            print(verdict)
            rejected += verdict.rejected
            survived += verdict.survived
            killed += verdict.killer is not None
        print(
            f"{name}: {killed + survived} mutants: {killed} killed, {survived} survived ({rejected} rejected as invalid)"
        )
        failed = failed or survived > 0
    return int(failed)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m tests.tools.rule_mutation",
        description="Run the probes on every mutant of the shipped rule sets.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="rule sets (default: all)")
    raise SystemExit(main(parser.parse_args().names or names()))
