"""The command for changes of the code: mutmut makes every mutant of the package, each is put to the tests, and those that survive are told.

`python -m tests.mutation.code [--seconds N] [--jobs N] [PATTERN…]` (extra `mutation`) judges the mutants whose name, as in `times.sort`, matches a
pattern, or all of them, which takes some hours. It prints each that survives, and the score of each module; the exit code is 1 where there is one.
Those that `survivors.toml` explains are not judged. `--seconds` (60) is for how long the tests that run a mutant's line may take, measured with
coverage, before it is given up as a survivor.

The mutants are mutmut's and lie in `mutants/`, so that `mutmut show NAME` works; how they are judged is in `forks`.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import fnmatch
import json
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from tests.mutation.forks import module_of

SURVIVORS = Path(__file__).with_name("survivors.toml")
WORK = Path("mutants")


class Mutant(NamedTuple):
    """A function, which begins in the line `first`, with one change in the line `line`.

    `name` is mutmut's, whose number moves as the code changes; `told` says the same for good.
    """

    name: str
    module: str
    line: int
    first: int
    told: str


def generate() -> None:
    """Write the package with all its mutants, and what the tests need, into `mutants/`."""
    mutmut: Any = import_module("mutmut.__main__")
    WORK.mkdir(exist_ok=True)
    mutmut.copy_src_dir()
    mutmut.copy_also_copy_files()
    mutmut.create_mutants(1)


def mutants() -> Iterator[Mutant]:
    """Read the mutants out of what was written: beside each function `x_name__mutmut_orig` stand `x_name__mutmut_1` and so on."""
    for file in sorted(Path("isales_rules").rglob("*.py")):
        module = module_of(file.relative_to("isales_rules"))
        starts = {name: (node.lineno, node.body[ast.get_docstring(node) is not None :][:1]) for name, node in _functions(file.read_text("utf-8"))}
        written = (WORK / file).read_text("utf-8")
        lines = written.splitlines()
        bodies = {name: lines[node.lineno - 1 : node.end_lineno] for name, node in _functions(written)}
        for name, body in bodies.items():
            mangled, _, number = name.rpartition(".")[2].partition("__mutmut_")
            if number in ("", "orig"):
                continue
            short = mangled.removeprefix("x_").removeprefix("xǁ").replace("ǁ", ".")
            original = bodies[name.removesuffix(number) + "orig"]
            first = next((index for index, (one, other) in enumerate(zip(original[1:], body[1:], strict=False), 1) if one != other), 0)
            told = f"{module}.{short}: {_change(original, body) if first else 'an argument has another default'}"
            start, body_begins = starts[short]
            line = max([start + first, *(statement.lineno for statement in body_begins)])  # a default counts where it may be used
            yield Mutant(f"isales_rules.{module}.{name.rpartition('.')[2]}", module, line, start, told)


def _functions(text: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from ((f"{node.name}.{one.name}", one) for one in node.body if isinstance(one, ast.FunctionDef))


def _change(original: list[str], body: list[str]) -> str:
    """Show the lines that differ as one, with the part that differs as `«old→new»`."""
    differing = [line for line in difflib.ndiff(original[1:], body[1:]) if line[0] in "+-"]
    old, new = (" ".join(line[2:].strip() for line in differing if line[0] == sign) for sign in "-+")
    same = next((index for index, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), min(len(old), len(new)))
    end = next(
        (index for index, (one, other) in enumerate(zip(old[same:][::-1], new[same:][::-1], strict=False)) if one != other),
        min(len(old), len(new)) - same,
    )
    return f"{old[:same]}«{old[same : len(old) - end]}→{new[same : len(new) - end]}»{old[len(old) - end :]}"


def explained() -> Callable[[str], bool]:
    """Read which survivors are explained: told one by one, or by a pattern that is found in how they are told."""
    groups = tomllib.loads(SURVIVORS.read_text("utf-8"))["group"]
    known = {told for group in groups for told in group.get("mutants", ())}
    patterns = [re.compile(pattern) for group in groups for pattern in group.get("patterns", ())]
    return lambda told: told in known or any(pattern.search(told) for pattern in patterns)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation.code", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("patterns", nargs="*")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--jobs", type=int, default=1)
    arguments = parser.parse_args()
    generate()
    some = [one for one in mutants() if not arguments.patterns or any(fnmatch.fnmatch(one.told.partition(":")[0], to) for to in arguments.patterns)]
    is_explained = explained()
    wanted = {one.name: f"{one.module}:{one.line}:{one.first}" for one in some if not is_explained(one.told)}
    (WORK / "wanted.json").write_text(json.dumps(wanted), "utf-8")
    subprocess.run([sys.executable, "-m", "tests.mutation.forks", "measure"], check=True)
    subprocess.run([sys.executable, "-m", "tests.mutation.forks", "judge", str(arguments.seconds), str(arguments.jobs)], check=True, cwd=WORK)
    return compare(some, json.loads((WORK / "fates.json").read_text("utf-8")))


def compare(some: list[Mutant], fates: dict[str, str]) -> int:
    """Print the survivors, and the score; what has no fate is explained."""
    scores: dict[str, Counter[str]] = {}
    for one in some:
        fate = fates.get(one.name, "explained")
        if fate == "survived":
            print(f"{one.told}  ({one.name})")
        scores.setdefault(one.module, Counter())[fate] += 1
    for module, score in scores.items():
        print(f"{module}: {score.total()} mutants: {', '.join(f'{count} {fate}' for fate, count in sorted(score.items()))}")
    return 1 if any(score["survived"] for score in scores.values()) else 0


if __name__ == "__main__":
    raise SystemExit(main())
