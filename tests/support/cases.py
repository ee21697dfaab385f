"""The worked answers: `data/campaign-modify-v1.ndjson`, a case a line, and the bodies that they start from.

A case's body is `body`, or the base named `base` with each JSON Pointer of `set` put to its value and each of `drop` deleted. `expect` has
every error as `[pointer, code]`, sorted by pointer; advisories are not listed.
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
    """Give the valid bodies by name, new at each call."""
    loaded: dict[str, Any] = json.loads((DATA / "campaign-modify-v1.bases.json").read_text("utf-8"))
    return loaded


def put(body: Any, pointer: str, value: Any) -> None:
    holder, key = _holder(body, pointer)
    holder[key] = value


def drop(body: Any, pointer: str) -> None:
    holder, key = _holder(body, pointer)
    del holder[key]


def _holder(body: Any, pointer: str) -> tuple[Any, str]:
    *way, last = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    for part in way:
        body = body[part]
    return body, last


def some_cases(engine: str) -> list[Case]:
    """Give all worked answers for the fast engine, and one in five for the slow one."""
    return list(cases())[:: 1 if engine == "compiled" else 5]


def cases() -> Iterator[Case]:
    known = bases()
    for line in (DATA / "campaign-modify-v1.ndjson").read_text("utf-8").splitlines():
        case = json.loads(line)
        yield Case(case["case"], body_of(case, known), facts_of(case), case["expect"])


def body_of(case: dict[str, Any], known: dict[str, Any]) -> Any:
    """Make the body of a case; `None` where it has none."""
    body = copy.deepcopy(case["body"] if "body" in case else known.get(case.get("base", "")))
    for pointer, value in case.get("set", {}).items():
        put(body, pointer, value)
    for pointer in case.get("drop", ()):
        drop(body, pointer)
    return body


def facts_of(case: dict[str, Any]) -> dict[str, Any]:
    """Give the facts of a case, its time as a `datetime`."""
    facts: dict[str, Any] = case.get("facts", {})
    return facts | ({"now": datetime.fromisoformat(facts["now"])} if "now" in facts else {})
