"""Whole processes, as in a hook or a CI job."""

from __future__ import annotations

import compileall
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from isales_rules.build_hook import write_modules
from tests.tools.benchmarks.schemas import json_schema
from tests.tools.benchmarks.timing import Sampler, once

ROOT = Path(__file__).parents[3]

_LOADS = "import json, sys\nfor line in open(sys.argv[1], 'rb'): json.loads(line)"


_MAIN = "import sys; from isales_rules.__main__ import main; sys.exit(main())"


@contextmanager
def installed() -> Iterator[dict[str, str]]:
    """Copy the package as a wheel has it; yield the environment in which it is imported."""
    with TemporaryDirectory() as name:
        package = Path(name, "isales_rules")
        shutil.copytree(ROOT / "isales_rules", package)
        shutil.copytree(ROOT / "rulesets", package / "rulesets")
        for source, target in write_modules(str(ROOT), str(Path(name, "build"))).items():
            Path(name, target).parent.mkdir(exist_ok=True)
            shutil.copy(source, Path(name, target))
        compileall.compile_dir(package, quiet=2)
        yield {**environment(), "PYTHONPATH": name}


def environment() -> dict[str, str]:
    """Return an environment in which Python caches bytecode, like an installation."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _process(*argv: str, env: dict[str, str] | None = None) -> Sampler:
    """Sample a process that is expected to succeed."""
    env = env or environment()
    return once(partial(subprocess.run, argv, check=True, env=env, stdout=subprocess.DEVNULL))


def _command(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


@contextmanager
def processes(
    body: dict[str, Any], files: int, lines: int
) -> Iterator[Mapping[str, Mapping[str, Sampler]]]:
    """Yield the processes of each benchmark, ours first: one file, many files, many lines."""
    theirs = [_command("check-jsonschema"), "--schemafile"]
    with TemporaryDirectory() as name, installed() as env:

        def ours(*argv: str) -> Sampler:
            return _process(sys.executable, "-c", _MAIN, *argv, env=env)

        check = partial(ours, "check", "--now", "2020-09-01")
        folder = Path(name)
        (folder / "schema").write_text(
            json.dumps(json_schema("https://json-schema.org/draft/2020-12/schema")), "utf-8"
        )
        (folder / "many").mkdir()
        many = [folder / "many" / f"{number}.json" for number in range(files)]
        for number, path in enumerate(many):
            path.write_text(json.dumps({**body, "name": f"campaign {number}"}, indent=2), "utf-8")
        ndjson = folder / "all.ndjson"
        with ndjson.open("w", encoding="utf-8") as opened:
            for number in range(lines):
                opened.write(json.dumps({**body, "name": f"campaign {number}"}) + "\n")
        one, all_files, all_lines, rules = (
            str(many[0]),
            str(folder / "many"),
            str(ndjson),
            str(folder / "schema"),
        )
        yield {
            "start": {
                "`isales-rules --version`": ours("--version"),
                "`python -c pass`": _process(sys.executable, "-c", "pass"),
            },
            "one file": {
                "`isales-rules check`": check(one),
                "check-jsonschema": _process(*theirs, rules, one),
            },
            f"{files:,} files": {
                "`isales-rules check`": check(all_files),
                "`isales-rules check --jobs 2`": check(all_files, "--jobs", "2"),
                "check-jsonschema": _process(*theirs, rules, *map(str, many)),
            },
            f"{lines:,} lines": {
                "`isales-rules check`": check(all_lines),
                "`isales-rules check --jobs 2`": check(all_lines, "--jobs", "2"),
                "only `json.loads(line)`": _process(sys.executable, "-c", _LOADS, all_lines),
            },
        }
