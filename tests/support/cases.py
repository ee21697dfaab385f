"""The worked answers in `data/campaign-modify-v1.ndjson`, one a line.

The body of a worked answer is `body`, or the base body named `base` with the values of `set` put
at their JSON Pointers and those of `drop` deleted. `expect` lists every error as
`[pointer, code]`, sorted by pointer; advisories are not listed.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

DATA = Path(__file__).parents[1] / "data"


class Case(NamedTuple):
    name: str
    body: Any
    facts: dict[str, Any]
    expect: list[list[str]]


def bases() -> dict[str, Any]:
    """Load the valid bodies by name; each call returns new objects."""
    loaded: dict[str, Any] = json.loads((DATA / "campaign-modify-v1.bases.json").read_text("utf-8"))
    return loaded


def put(body: Any, pointer: str, value: Any) -> None:
    parent, key = _parent(body, pointer)
    parent[key] = value


def drop(body: Any, pointer: str) -> None:
    parent, key = _parent(body, pointer)
    del parent[key]


def _parent(body: Any, pointer: str) -> tuple[Any, str]:
    *parents, last = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    for part in parents:
        body = body[part]
    return body, last


def some_cases(engine: str) -> list[Case]:
    """Return all worked answers for the compiled engine, every fifth for Cerberus."""
    return list(cases())[:: 1 if engine == "compiled" else 5]


def cases() -> Iterator[Case]:
    base_bodies = bases()
    for line in (DATA / "campaign-modify-v1.ndjson").read_text("utf-8").splitlines():
        case = json.loads(line)
        yield Case(case["case"], body_of(case, base_bodies), facts_of(case), case["expect"])


def body_of(case: dict[str, Any], base_bodies: dict[str, Any]) -> Any:
    """Build the body of a worked answer; `None` if it has none."""
    body = copy.deepcopy(case["body"] if "body" in case else base_bodies.get(case.get("base", "")))
    for pointer, value in case.get("set", {}).items():
        put(body, pointer, value)
    for pointer in case.get("drop", ()):
        drop(body, pointer)
    return body


def facts_of(case: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of a worked answer, the time as a `datetime`."""
    facts: dict[str, Any] = case.get("facts", {})
    return facts | ({"now": datetime.fromisoformat(facts["now"])} if "now" in facts else {})
