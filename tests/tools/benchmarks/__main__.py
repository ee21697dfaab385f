"""Print the results: `python -m tests.tools.benchmarks [--quick] [--works example,ndjson]`."""

from __future__ import annotations

import argparse
import os
import platform
import sys

import isales_rules
from tests.tools.benchmarks.competitors import LEGEND, Competitor, competitors, ours, versions
from tests.tools.benchmarks.timing import duration
from tests.tools.benchmarks.works import QUICK, THOROUGH, WORKS, Field, agreement, check_comparable


def _line(*cells: str) -> None:
    print(f"| {' | '.join(cells)} |", flush=True)


def _print_limitations(others: list[Competitor]) -> None:
    print(
        "\nNone of the other libraries has result codes, facts or advisories. Rules that a library cannot express"
    )
    print("without user code are omitted, so that it has less to do. In the table:\n")
    for word, rules in LEGEND.items():
        print(f"- {word}: {rules}")
    print()
    _line("library", "cannot express", "worked answers: invalid but accepted", "valid but rejected")
    _line("---", "---", "---:", "---:")
    for one in others:
        if one.name != "Cerberus, normalising":
            count, accepted, rejected = agreement(one)
            _line(one.name, one.cannot, f"{accepted} of {count}", str(rejected))


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.tools.benchmarks",
        description="Compare isales_rules with other libraries.",
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="a short run to test the benchmarks; its results are imprecise",
    )
    parser.add_argument(
        "--works", default=",".join(WORKS), help=f"comma-separated benchmarks: {', '.join(WORKS)}"
    )
    arguments = parser.parse_args()
    chosen = arguments.works.split(",")
    if unknown := [name for name in chosen if name not in WORKS]:
        parser.error(f"unknown benchmark {', '.join(unknown)}; use one of {', '.join(WORKS)}")
    effort = QUICK if arguments.quick else THOROUGH
    field = Field(ours(), competitors())
    check_comparable(field)

    implementation = f"{platform.python_implementation()} {platform.python_version()}"
    print(
        f"isales_rules {isales_rules.__version__}; {implementation}, {sys.platform}, {os.cpu_count()} cores;",
        end=" ",
    )
    print(", ".join(f"{name} {version}" for name, version in versions().items()))
    print(
        f"\nMedians of {effort.rounds} rounds, or {effort.long_rounds} for NDJSON and for creating larger rule sets. A ratio is the median of the"
    )
    print("ratios of all rounds, with quartiles; below 1, isales_rules is faster.\n")
    _line("work", "what", "median", "ratio", "of", "note")
    _line("---", "---", "---:", "---:", "---", "---")
    for name in chosen:
        for row in WORKS[name](field, effort):
            _line(row.work, row.what, duration(row.median), str(row.ratio or ""), row.of, row.note)
    _print_limitations(field.others)


if __name__ == "__main__":
    main()
