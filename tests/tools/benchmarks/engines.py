"""CPU of the recipes for engines, beside one process (extra `engines`)."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.support.engines import ENGINES, ROOT

INTERVAL = 0.02
"""Seconds between two looks at the processes. The CPU of the last interval of a child is lost."""

ONE = "one process"


def cpu_of_lines(bodies: list[dict[str, Any]], count: int) -> Iterator[tuple[str, float, float]]:
    """Yield each engine that is installed, with its CPU: nanoseconds per line, seconds to start."""
    with TemporaryDirectory() as folder:
        files = Path(folder) / "one.ndjson", Path(folder) / "many.ndjson"
        for file, lines in zip(files, (1, count), strict=True):
            with file.open("w", encoding="utf-8") as opened:
                opened.writelines(f"{json.dumps(bodies[n % len(bodies)])}\n" for n in range(lines))
        answers = set()
        for name in (ONE, *ENGINES):
            if name != ONE and importlib.util.find_spec(ENGINES[name][0]) is None:
                continue
            (start, _), (all_lines, answer) = (_cpu(name, str(file)) for file in files)
            answers.add(answer)
            yield name, (all_lines - start) / (count - 1) * 1e9, start
        assert len(answers) == 1, answers


def _cpu(name: str, file: str) -> tuple[float, bytes]:
    """Run an engine; return the seconds of CPU of all its processes, and its answer."""
    import psutil

    command = [sys.executable, "-m", "tests.support.engines", name, file]
    seen: dict[int, float] = {}
    with psutil.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        while process.poll() is None:
            for one in (process, *process.children(recursive=True)):
                with suppress(psutil.Error):
                    seen[one.pid] = sum(one.cpu_times()[:2])
            time.sleep(INTERVAL)
        if process.returncode:
            raise RuntimeError(f"{name} failed with the exit code {process.returncode}")
        return sum(seen.values()), process.stdout.read().splitlines()[-1]
