"""Types of arguments and results, for type checkers; never imported at run time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias, TypedDict

Severity: TypeAlias = Literal["error", "warning"]
"""How serious a violation is: only errors make a report invalid."""

Engine: TypeAlias = Literal["compiled", "cerberus"]
"""The name of an engine."""

Locale: TypeAlias = Literal["en_US", "zh_CN", "en-US", "zh-CN", "en", "zh"]
"""The language of texts."""

JsonValue: TypeAlias = (
    str | int | float | bool | Sequence["JsonValue"] | Mapping[str, "JsonValue"] | None
)
"""A value that `json.dumps` accepts, and that is not to be changed."""


class ViolationDict(TypedDict):
    """A violation as JSON values."""

    code: str | None
    path: str
    location: list[str | int]
    rule: str
    keyword: str
    params: dict[str, JsonValue]
    severity: Severity
    source: str
    message: str
    hint: str


class ReportDict(TypedDict):
    """A report as JSON values."""

    ok: bool
    codes: list[str]
    violations: list[ViolationDict]
    unchecked: list[str]


class LineDict(TypedDict):
    """The result of a line; `violations` is a JSON text."""

    ok: bool
    codes: list[str]
    violations: str


class PydanticErrorDict(TypedDict):
    """An error as `errors()` of pydantic's exception has it; `type` is the keyword."""

    type: str
    loc: tuple[str | int, ...]
    msg: str
    ctx: dict[str, JsonValue]


class ProblemErrorDict(TypedDict):
    """An entry of `errors` in problem details; `pointer` is a URI fragment."""

    detail: str
    pointer: str
    code: str | None
    rule: str


class ProblemDict(TypedDict):
    """Problem details (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[ProblemErrorDict]
