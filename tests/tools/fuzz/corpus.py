"""The corpus `corpus.ndjson`: one input a line, with its target.

An input is `text`, or `base64` of bytes that are not printable text. Regression inputs describe the
error under `was` and are never removed.
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
MAX_INPUTS, MAX_BYTES = 80, 50_000
"""Maximum number of inputs of a target, and of their bytes in total."""


def corpus_inputs() -> Iterator[tuple[str, bytes]]:
    """Iterate over the inputs as pairs of target and bytes."""
    for one in _lines():
        yield one["target"], _bytes(one)


def keep(target: str, files: Iterable[Path]) -> None:
    """Minimise the corpus of a target, keeping its coverage and that of the files."""
    inputs = {
        *(file.read_bytes() for file in files),
        *(data for name, data in corpus_inputs() if name == target),
    }
    uncovered = {data: _steps(target, data) for data in sorted(inputs)}
    chosen: list[bytes] = []
    room = MAX_BYTES
    while uncovered and len(chosen) < MAX_INPUTS:
        best = max(uncovered, key=lambda data: len(uncovered[data]) / (len(data) + 200))
        chosen.append(best)
        room -= len(best)
        new = uncovered.pop(best)
        uncovered = {
            data: left
            for data, steps in uncovered.items()
            if len(data) <= room and (left := steps - new)
        }
    lines = [one for one in _lines() if one["target"] != target or "was" in one]
    lines += [{"target": target, **_encode(data)} for data in chosen]
    lines.sort(
        key=lambda one: (
            list(TARGETS).index(one["target"]),
            "was" not in one,
            len(_bytes(one)),
            _bytes(one),
        )
    )
    FILE.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in lines), "utf-8")
    print(f"{len(chosen)} inputs kept, {MAX_BYTES - room} bytes")


def _lines() -> list[dict[str, str]]:
    return [json.loads(line) for line in FILE.read_text("utf-8").splitlines()]


def _bytes(line: dict[str, str]) -> bytes:
    return line["text"].encode() if "text" in line else b64decode(line["base64"])


def _encode(data: bytes) -> dict[str, str]:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return {"base64": b64encode(data).decode()}
    return (
        {"text": text}
        if all(one.isprintable() or one in "\n\t\r" for one in text)
        else {"base64": b64encode(data).decode()}
    )


def _steps(target: str, data: bytes) -> set[Any]:
    """Trace the line transitions of an input in the package and in generated source."""
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
