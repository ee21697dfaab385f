"""Run the fuzzer: `python -m tests.tools.fuzz TARGET [--seconds 600]`.

Results are stored under `.fuzz/TARGET`: `corpus` has the inputs that increased coverage, from which
the next run continues, and `findings` the first input of each error. `--keep` minimises the corpus
and writes it to `corpus.ndjson`, which the tests run.
"""

from __future__ import annotations

import argparse
import gc
import sys
import traceback
from hashlib import sha1
from importlib.util import find_spec
from pathlib import Path
from random import Random
from types import FunctionType
from typing import Any

import isales_rules.engine.cerberus  # noqa: F401  # to instrument it
from isales_rules.engine.source import SourceBuilder
from tests.tools.fuzz.corpus import keep
from tests.tools.fuzz.mutators import MUTATORS, SEEDS, words
from tests.tools.fuzz.targets import TARGETS


class _Run:
    """Fuzzes one target, and records errors instead of stopping."""

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
        except Exception as error:  # noqa: BLE001  # any exception is an error
            frames = traceback.extract_tb(error.__traceback__)
            signature = f"{type(error).__name__} {[(one.name, one.lineno) for one in frames[:6] + frames[-3:]]}"
            if signature not in self._seen:
                self._seen.add(signature)
                file = self._findings / sha1(data, usedforsecurity=False).hexdigest()[:16]
                file.write_bytes(data)
                print(
                    f"\nerror, input stored in {file}:\n{''.join(traceback.format_exception(error)[-12:])}",
                    flush=True,
                )

    def mutate(self, data: bytes, longest: int, seed: int) -> bytes:
        random = Random(seed)  # noqa: S311  # not for security
        if random.random() < 0.3:
            import atheris

            return bytes(atheris.Mutate(data, longest))
        varied = self._mutate(data, random)
        return varied if len(varied) <= longest else data


def _escaped(word: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word.encode())


def fuzz(name: str, seconds: int, folder: Path) -> None:
    """Fuzz for some seconds, then end the process."""
    import atheris

    corpus, seeds = folder / "corpus", folder / "seeds"
    for one in (corpus, seeds, folder / "findings"):
        one.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(SEEDS[name]()):
        (seeds / f"{number:04}").write_bytes(seed)
    dictionary = folder / "words"
    dictionary.write_text("".join(f'"{_escaped(word)}"\n' for word in words(name)), "ascii")
    for one in gc.get_objects():
        # Tests define objects that lie about their class.
        if type(one) is FunctionType and str(one.__module__).startswith("isales_rules"):
            atheris.instrument_func(one)
    if name != "load":  # instrumenting its many functions would leak memory
        compile_source = SourceBuilder.compile

        def instrumented(self: SourceBuilder, function: str, title: str) -> tuple[Any, str]:
            compiled, source = compile_source(self, function, title)
            return atheris.instrument_func(compiled), source

        SourceBuilder.compile = instrumented  # type: ignore[method-assign]
    run = _Run(name, folder)
    options = [
        f"-max_total_time={seconds}",
        f"-max_len={TARGETS[name].longest}",
        f"-dict={dictionary}",
        "-timeout=60",
        "-rss_limit_mb=4096",
    ]
    options += [
        "-print_final_stats=1",
        "-verbosity=1",
        f"-artifact_prefix={folder / 'findings'}/",
        str(corpus),
        str(seeds),
    ]
    atheris.Setup(
        [sys.argv[0], *options], run.input, custom_mutator=run.mutate, internal_libfuzzer=True
    )
    atheris.Fuzz()


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.tools.fuzz", description="Fuzz isales_rules."
    )
    parser.add_argument(
        "target",
        choices=TARGETS,
        help="; ".join(f"{name}: {target.check.__doc__}" for name, target in TARGETS.items()),
    )
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--folder", type=Path, default=Path(".fuzz"))
    parser.add_argument(
        "--keep", action="store_true", help="only minimise the corpus and write it to corpus.ndjson"
    )
    arguments = parser.parse_args()
    folder = arguments.folder / arguments.target
    if arguments.keep:
        keep(arguments.target, [*(folder / "corpus").iterdir(), *(folder / "seeds").iterdir()])
    elif find_spec("atheris") is None:
        parser.error("needs atheris: pip install '.[fuzz]'")
    else:
        fuzz(arguments.target, arguments.seconds, folder)


if __name__ == "__main__":
    main()
