"""Print the results: `python -m tests.tools.benchmarks [--quick] [--works example,ndjson]`."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from contextlib import suppress
from pathlib import Path

import isales_rules
from tests.tools.benchmarks.competitors import LEGEND, Competitor, competitors, ours, versions
from tests.tools.benchmarks.timing import duration
from tests.tools.benchmarks.works import QUICK, THOROUGH, WORKS, Field, agreement, check_comparable

RESULTS = Path(__file__).with_name("RESULTS.md")

HEAD = """\
# Benchmark results

Written by `python -m tests.tools.benchmarks --write`, which needs the extra `benchmark`.
"""


class _Output:
    """Prints Markdown, and collects it."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def text(self, text: str = "") -> None:
        self.lines.append(text)
        print(text, flush=True)

    def row(self, *cells: str) -> None:
        self.text(f"| {' | '.join(cells)} |")


def _machine() -> str:
    """Describe the machine and its load."""
    model = platform.processor() or platform.machine()
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                model = line.partition(": ")[2]
                break
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg()) if hasattr(os, "getloadavg") else "?"
    return f"{model}, {os.cpu_count()} cores, {sys.platform}; load average at the start {load}"


def _limitations(out: _Output, others: list[Competitor]) -> None:
    out.text(
        "\nNone of the other libraries has result codes, facts or advisories. Rules that a library cannot express"
    )
    out.text("without user code are omitted, so that it has less to do. In the table:\n")
    for word, rules in LEGEND.items():
        out.text(f"- {word}: {rules}")
    out.text()
    out.row(
        "library", "cannot express", "worked answers: invalid but accepted", "valid but rejected"
    )
    out.row("---", "---", "---:", "---:")
    for one in others:
        if one.name != "Cerberus, normalising":
            count, accepted, rejected = agreement(one)
            out.row(one.name, one.cannot, f"{accepted} of {count}", str(rejected))


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
    parser.add_argument("--write", action="store_true", help=f"also write {RESULTS.name}")
    arguments = parser.parse_args()
    chosen = arguments.works.split(",")
    if unknown := [name for name in chosen if name not in WORKS]:
        parser.error(f"unknown benchmark {', '.join(unknown)}; use one of {', '.join(WORKS)}")
    effort = QUICK if arguments.quick else THOROUGH
    field = Field(ours(), competitors())
    check_comparable(field)

    out = _Output()
    out.text(HEAD)
    implementation = f"{platform.python_implementation()} {platform.python_version()}"
    out.text(f"- {_machine()}")
    named = ", ".join(f"{name} {version}" for name, version in versions().items())
    out.text(f"- isales_rules {isales_rules.__version__}; {implementation}; {named}")
    out.text(
        f"\nMedians of {effort.rounds} rounds, or {effort.long_rounds} for NDJSON and larger rule sets, and {effort.processes} for processes."
    )
    out.text(
        "Everything that is compared is measured in turns, in one run. A ratio is the median of"
    )
    out.text("the ratios of all rounds, with quartiles; below 1, isales_rules is faster.\n")
    out.row("work", "what", "median", "ratio", "of", "note")
    out.row("---", "---", "---:", "---:", "---", "---")
    for name in chosen:
        for row in WORKS[name](field, effort):
            ratio = str(row.ratio or "")
            out.row(row.work, row.what, duration(row.median), ratio, row.of, row.note)
    _limitations(out, field.others)
    if arguments.write:
        RESULTS.write_text("\n".join([*out.lines, ""]), "utf-8")


if __name__ == "__main__":
    main()
