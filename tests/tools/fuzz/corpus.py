"""The inputs that are kept: `corpus.ndjson`, one a line, with its target, and its text or else its bytes in base64.

What once was answered wrongly says so under `was`, and stays.
"""

from __future__ import annotations

import json
import sys
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from tests.tools.fuzz.targets import TARGETS

FILE = Path(__file__).parent / "corpus.ndjson"
MOST, LONGEST = 80, 50_000
"""So many inputs of a target are kept, and so many bytes of them together."""


def kept() -> Iterator[tuple[str, bytes]]:
    """Go through the inputs, each with its target."""
    for one in _lines():
        yield one["target"], _bytes(one)


def keep(target: str, files: Iterable[Path]) -> None:
    """Replace the inputs of a target by few and short ones that take all the ways through the package that the old ones and the files take."""
    inputs = {*(file.read_bytes() for file in files), *(data for name, data in kept() if name == target)}
    ways = {data: _way(target, data) for data in sorted(inputs)}
    chosen: list[bytes] = []
    room = LONGEST
    while ways and len(chosen) < MOST:
        best = max(ways, key=lambda data: len(ways[data]) / (len(data) + 200))
        chosen.append(best)
        room -= len(best)
        new = ways.pop(best)
        ways = {data: left for data, steps in ways.items() if len(data) <= room and (left := steps - new)}
    lines = [one for one in _lines() if one["target"] != target or "was" in one]
    lines += [{"target": target, **_written(data)} for data in chosen]
    lines.sort(key=lambda one: (list(TARGETS).index(one["target"]), "was" not in one, len(_bytes(one)), _bytes(one)))
    FILE.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in lines), "utf-8")
    print(f"{len(chosen)} inputs kept, {LONGEST - room} bytes")


def _lines() -> list[dict[str, str]]:
    return [json.loads(line) for line in FILE.read_text("utf-8").splitlines()]


def _bytes(line: dict[str, str]) -> bytes:
    return line["text"].encode() if "text" in line else b64decode(line["base64"])


def _written(data: bytes) -> dict[str, str]:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return {"base64": b64encode(data).decode()}
    return {"text": text} if all(one.isprintable() or one in "\n\t\r" for one in text) else {"base64": b64encode(data).decode()}


def _way(target: str, data: bytes) -> set[Any]:
    """Note every step from line to line that an input takes in the package, and in what is compiled of rule sets."""
    steps: set[Any] = set()

    def trace(frame: FrameType, _event: str, _argument: Any) -> Any:
        file = frame.f_code.co_filename
        if "isales_rules" not in file or file.startswith("<isales_rules fuzzed"):
            return None
        last = [frame.f_code.co_firstlineno]

        def line(frame: FrameType, _event: str, _argument: Any) -> Any:
            steps.add((file, last[0], frame.f_lineno))
            last[0] = frame.f_lineno
            return line

        return line

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        TARGETS[target].check(data, thorough=False)
    finally:
        sys.settrace(before)
    return steps
