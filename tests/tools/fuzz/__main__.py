"""The command: `python -m tests.tools.fuzz TARGET [--seconds 600]`.

What it comes to is kept under `.fuzz/TARGET`: `corpus` has the inputs that reach something new, from which the next run goes on, and `findings` the
first input of each mistake. `--keep` puts the fewest inputs that run as much of the package as all of them into `corpus.ndjson`, which the tests
run.
"""

from __future__ import annotations

import argparse
import sys
import traceback
from contextlib import nullcontext
from hashlib import sha1
from pathlib import Path
from random import Random

try:
    import atheris
except ImportError:  # which is enough for the help
    atheris = None

with atheris.instrument_imports(include=["isales_rules"]) if atheris else nullcontext():
    import isales_rules.cli.locations
    import isales_rules.engine.cerberus  # noqa: F401  # so that it is instrumented
    from isales_rules import ruleset

from tests.tools.fuzz.corpus import keep
from tests.tools.fuzz.mutators import MUTATORS, SEEDS, words
from tests.tools.fuzz.targets import TARGETS


class _Run:
    """Fuzzes one target, and notes a mistake instead of ending there."""

    def __init__(self, name: str, folder: Path) -> None:
        self._check = TARGETS[name].check
        self._each = TARGETS[name].each
        self._mutate = MUTATORS[name]
        self._findings = folder / "findings"
        self._seen: set[str] = set()
        self._count = 0

    def input(self, data: bytes) -> None:
        self._count += 1
        try:
            self._check(data, thorough=self._count % self._each == 0)
        except Exception as error:  # noqa: BLE001  # that is what is looked for
            frames = traceback.extract_tb(error.__traceback__)
            signature = f"{type(error).__name__} {[(one.name, one.lineno) for one in frames[:6] + frames[-3:]]}"
            if signature not in self._seen:
                self._seen.add(signature)
                file = self._findings / sha1(data, usedforsecurity=False).hexdigest()[:16]
                file.write_bytes(data)
                print(f"\nFOUND, kept in {file}:\n{''.join(traceback.format_exception(error)[-12:])}", flush=True)

    def mutate(self, data: bytes, longest: int, seed: int) -> bytes:
        random = Random(seed)  # noqa: S311  # nothing secret about it
        if random.random() < 0.3:
            return bytes(atheris.Mutate(data, longest))
        varied = self._mutate(data, random)
        return varied if len(varied) <= longest else data


def _escaped(word: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word.encode())


def fuzz(name: str, seconds: int, folder: Path) -> None:
    """Fuzz for a while; the process ends there."""
    corpus, seeds = folder / "corpus", folder / "seeds"
    for one in (corpus, seeds, folder / "findings"):
        one.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(SEEDS[name]()):
        (seeds / f"{number:04}").write_bytes(seed)
    dictionary = folder / "words"
    dictionary.write_text("".join(f'"{_escaped(word)}"\n' for word in words(name)), "ascii")
    if name != "load":  # whose functions are too many: what they count is never given back
        compiled = ruleset._ENGINES["compiled"]
        ruleset._ENGINES["compiled"] = lambda root, of: atheris.instrument_func(compiled(root, of))
    run = _Run(name, folder)
    options = [f"-max_total_time={seconds}", f"-max_len={TARGETS[name].longest}", f"-dict={dictionary}", "-timeout=60", "-rss_limit_mb=4096"]
    options += ["-print_final_stats=1", "-verbosity=1", f"-artifact_prefix={folder / 'findings'}/", str(corpus), str(seeds)]
    atheris.Setup([sys.argv[0], *options], run.input, custom_mutator=run.mutate, internal_libfuzzer=True)
    atheris.Fuzz()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.tools.fuzz", description="Fuzzes isales_rules.")
    parser.add_argument("target", choices=TARGETS, help="; ".join(f"{name}: {target.check.__doc__}" for name, target in TARGETS.items()))
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--folder", type=Path, default=Path(".fuzz"))
    parser.add_argument("--keep", action="store_true", help="only put into corpus.ndjson what is worth it")
    arguments = parser.parse_args()
    if atheris is None:
        parser.error("needs atheris: pip install '.[fuzz]'")
    folder = arguments.folder / arguments.target
    if arguments.keep:
        keep(arguments.target, [*(folder / "corpus").iterdir(), *(folder / "seeds").iterdir()])
    else:
        fuzz(arguments.target, arguments.seconds, folder)


if __name__ == "__main__":
    main()
