"""Prints the table: `python -m tests.tools.benchmarks [--quick] [--works example,ndjson]`."""

from __future__ import annotations

import argparse
import os
import platform
import sys

import isales_rules
from tests.tools.benchmarks.competitors import LEGEND, Competitor, competitors, ours, versions
from tests.tools.benchmarks.timing import duration
from tests.tools.benchmarks.works import QUICK, THOROUGH, WORKS, Field, agreement, prove


def _line(*cells: str) -> None:
    print(f"| {' | '.join(cells)} |", flush=True)


def _cannot(others: list[Competitor]) -> None:
    print("\nNone of the others has result codes, facts or advisories. Besides, each has rules that it cannot say without code of its user's, which")
    print("are left out, so that it has less to do. In the table:\n")
    for word, rules in LEGEND.items():
        print(f"- {word}: {rules}")
    print()
    _line("library", "cannot say", "of the worked answers, broken but let through", "valid but refused")
    _line("---", "---", "---:", "---:")
    for one in others:
        if one.name != "Cerberus, normalising":
            count, passed, refused = agreement(one)
            _line(one.name, one.cannot, f"{passed} of {count}", str(refused))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.tools.benchmarks", description="Times isales_rules beside other libraries.")
    parser.add_argument("--quick", action="store_true", help="a small run that shows whether everything works; its numbers mean little")
    parser.add_argument("--works", default=",".join(WORKS), help=f"which works, with commas between them: {', '.join(WORKS)}")
    arguments = parser.parse_args()
    chosen = arguments.works.split(",")
    if unknown := [name for name in chosen if name not in WORKS]:
        parser.error(f"there is no work {', '.join(unknown)}; there are {', '.join(WORKS)}")
    plan = QUICK if arguments.quick else THOROUGH
    field = Field(ours(), competitors())
    prove(field)

    implementation = f"{platform.python_implementation()} {platform.python_version()}"
    print(f"isales_rules {isales_rules.__version__}; {implementation}, {sys.platform}, {os.cpu_count()} cores;", end=" ")
    print(", ".join(f"{name} {version}" for name, version in versions().items()))
    print(f"\nMedians of {plan.rounds} rounds, or {plan.long_rounds} for NDJSON and for making larger rule sets. A ratio is the median of the")
    print("ratios of each round, with their quartiles; below 1, ours is the faster.\n")
    _line("work", "what", "median", "ratio", "of", "note")
    _line("---", "---", "---:", "---:", "---", "---")
    for name in chosen:
        for row in WORKS[name](field, plan):
            _line(row.work, row.what, duration(row.median), str(row.ratio or ""), row.of, row.note)
    _cannot(field.others)


if __name__ == "__main__":
    main()
