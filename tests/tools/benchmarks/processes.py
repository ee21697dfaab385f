"""Whole processes, as in a hook or a CI job."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.tools.benchmarks.schemas import json_schema
from tests.tools.benchmarks.timing import Sampler, once

_LOADS = "import json, sys\nfor line in open(sys.argv[1], 'rb'): json.loads(line)"


def environment() -> dict[str, str]:
    """Return an environment in which Python caches bytecode, like an installation."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _process(*argv: str) -> Sampler:
    """Sample a process that is expected to succeed."""
    return once(
        partial(subprocess.run, argv, check=True, env=environment(), stdout=subprocess.DEVNULL)
    )


def _command(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


@contextmanager
def processes(
    body: dict[str, Any], files: int, lines: int
) -> Iterator[Mapping[str, Mapping[str, Sampler]]]:
    """Yield the processes of each benchmark, ours first: one file, many files, many lines."""
    ours, theirs = (
        [_command("isales-rules"), "check", "--now", "2020-09-01"],
        [_command("check-jsonschema"), "--schemafile"],
    )
    with TemporaryDirectory() as name:
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
                "`isales-rules --version`": _process(_command("isales-rules"), "--version"),
                "`python -c pass`": _process(sys.executable, "-c", "pass"),
            },
            "one file": {
                "`isales-rules check`": _process(*ours, one),
                "check-jsonschema": _process(*theirs, rules, one),
            },
            f"{files:,} files": {
                "`isales-rules check`": _process(*ours, all_files),
                "`isales-rules check --jobs 2`": _process(*ours, all_files, "--jobs", "2"),
                "check-jsonschema": _process(*theirs, rules, *map(str, many)),
            },
            f"{lines:,} lines": {
                "`isales-rules check`": _process(*ours, all_lines),
                "`isales-rules check --jobs 2`": _process(*ours, all_lines, "--jobs", "2"),
                "only `json.loads(line)`": _process(sys.executable, "-c", _LOADS, all_lines),
            },
        }
