"""The model of a rule set: parameters, and rules with clauses of assertions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any, NamedTuple, TypeAlias

from isales_rules.language.catalog import MessageTemplate
from isales_rules.language.keywords import KEYWORDS, Definition, Keyword, as_tuple
from isales_rules.language.time_formats import Times, format_type, times

Path: TypeAlias = tuple[str | None, ...]
"""Path of a parameter. `None` is the index of a list, or the name of an unknown parameter."""

Problem: TypeAlias = tuple[str, str]
"""A location in a rule set (`tables.body.name.maxlength`), and what is invalid there."""

PARTS = ("path", "headers", "body")
"""The parts of a request."""

REQUEST = "request"
"""The name of the whole request: an object whose members are its parts."""

MAX_DEPTH = 16
"""Maximum nesting of objects and lists. Python cannot indent a function much deeper."""

MAX_PARAMETERS = 10_000
"""Maximum number of parameters of a part. A table that is used in several definitions counts once for
each.
"""

MAX_ASSERTIONS = 50_000
"""Maximum number of assertions in the clauses of a part. A clause counts once for each object that has
its table.
"""

FACTS = {
    "datetime": "moment",
    "boolean": "boolean",
    "integer": "integer",
    "strings": "string",
    "integers": "integer",
}
"""The types of facts, each with the type of value that it is compared with."""

COLLECTIONS = ("strings", "integers")

OBJECT_RULES = ("too-many-parameters", "unknown-parameter", "duplicate-key")
"""Rules of an object about its members, besides those of the members themselves."""

BASE_REASON = "required field: without it, a rule set can only be extended by others"
"""Why a rule set without `request` cannot be loaded."""

ERROR_TYPE = "unknown"
"""Type of a parameter whose definition is invalid: references to it are not reported as well."""


SHOWN = "is not for a secret: messages, explanations and examples show it"
"""Why a rule set must not have the values of a secret."""


class Rule(NamedTuple):
    """One way in which a value violates the rule set, with all that its message needs.

    `pointer` is the path if no part of it has to be filled in. `keyword` is the violated one: its
    argument is in the definition. `other` is the path of the parameter that the value is compared
    or set together with.
    """

    id: str
    code: str | None
    severity: str
    source: str
    path: Path
    pointer: str
    name: str
    template: MessageTemplate
    definition: Mapping[str, Any]
    message: Mapping[str, str] | None = None
    suggestions: tuple[str, ...] = ()
    keyword: str = ""
    other: Path = ()


def json_pointer(path: Iterable[str | None]) -> str:
    """Write a path as a JSON Pointer (RFC 6901)."""
    return "".join(
        ["/" + part.replace("~", "~0").replace("/", "~1") for part in path if part is not None]
    )


class Bound(NamedTuple):
    """A bound that a fact or another parameter sets, the last of `chain`.

    `shown` is whether a message may show it; collections and secrets are not shown. With `formats`
    the compared strings, which have no format of their own, are times; in another format they
    cannot be compared.
    """

    fact: str | None
    chain: tuple[Parameter, ...]
    absolute: bool
    offset: int | timedelta
    floor: str | None
    shown: bool
    formats: tuple[str, ...] = ()


class Assertion(NamedTuple):
    """A keyword applied to the last parameter of `chain`, which begins at a member of the object."""

    chain: tuple[Parameter, ...]
    keyword: Keyword
    name: str
    argument: Any
    rule: Rule


class Clause(NamedTuple):
    """A clause of a rule, in one object.

    `when` has alternatives. Without `then` and `required_together`, `rule` is the violation and
    `report_at` its parameter.
    """

    rule_id: str
    report_at: Parameter
    facts: tuple[tuple[str, str, Any], ...]
    when: tuple[tuple[Assertion, ...], ...]
    then: tuple[Assertion, ...]
    required_together: tuple[Assertion, ...]
    rule: Rule
    required_facts: frozenset[str]

    @property
    def first_rule(self) -> Rule:
        """The rule of the first violation that the clause can report."""
        return next((one.rule for one in (*self.then, *self.required_together)), self.rule)

    @property
    def reports_value(self) -> bool:
        """Whether a violation shows a value that no condition of the clause reads as valid."""
        if self.then or self.required_together:
            return False
        return not all(
            any(
                one.chain[-1] is self.report_at and one.keyword.operand != "presence"
                for one in alternative
            )
            for alternative in self.when or [()]
        )

    def assertions(self) -> Iterator[Assertion]:
        """Yield every assertion of the clause."""
        for alternative in self.when:
            yield from alternative
        yield from self.then
        yield from self.required_together


class Parameter:
    """A parameter at its path.

    `keywords` are those that a value of the right type is validated with: the time format first,
    then in the order of the definition. Members, clauses and the item of a list are added later.
    `is_part` is true for a part of a request, and for the whole request.
    """

    __slots__ = (
        "clauses",
        "definition",
        "is_part",
        "item",
        "keywords",
        "members",
        "name",
        "path",
        "rules",
        "type",
    )

    def __init__(self, name: str, path: Path, row: Definition, checks: dict[str, Rule]) -> None:
        self.name = name
        self.path = path
        self.definition = row
        self.rules = checks
        self.type: str = row["type"]
        rules = {
            name: KEYWORDS[name]
            for name in row
            if name in KEYWORDS and KEYWORDS[name].operand == "value"
        }
        self.keywords = {"format": rules["format"], **rules} if "format" in rules else rules
        self.members: dict[str, Parameter] = {}
        self.clauses: list[Clause] = []
        self.item: Parameter | None = None
        self.is_part = False

    @property
    def has_members(self) -> bool:
        """Whether it is an object with a table of members."""
        return self.type == "dict" and "schema" in self.definition

    @property
    def times(self) -> Times | None:
        """The times of its values, if it has a time format."""
        return times(as_tuple(self.definition["format"])) if "format" in self.definition else None

    @property
    def comparison_type(self) -> str | None:
        """The type of value that it is compared as; `None` if that is unknown."""
        if self.type == ERROR_TYPE:
            return None
        return (
            format_type(as_tuple(self.definition["format"])[0])
            if "format" in self.definition
            else self.type
        )

    @property
    def unique(self) -> Parameter | None:
        """What no two entries of a list have equal: the entry, or a member of it."""
        unique = self.definition.get("unique")
        if unique is None or self.item is None:
            return None
        return self.item if unique is True else self.item.members.get(unique)

    def reported(self, violated: set[str]) -> list[str]:
        """Return the violated keywords to report, in order: a refinement instead of its keyword."""
        refinements = {keyword.refines: name for name, keyword in self.keywords.items()}
        return [
            refinements[name] if refinements.get(name) in violated else name
            for name, keyword in self.keywords.items()
            if name in violated and not keyword.refines
        ]

    def violated(self, value: Any) -> list[str]:
        """Return the keywords that a value of the right type violates, in the order of reports."""
        return self.reported(
            {
                name
                for name, keyword in self.keywords.items()
                if keyword.is_violated(value, self.definition[name])
            }
        )

    def fact_clauses(self) -> list[Clause]:
        """Return the clauses about a part itself that read only facts.

        They apply whatever the value of the part is.
        """
        parts = [one for one in (self, *self.members.values()) if one.is_part]
        return [
            case
            for part in parts
            for case in part.clauses
            if case.report_at is part and not (case.when or case.then or case.required_together)
        ]

    def walk(self) -> Iterator[Parameter]:
        """Yield this parameter and everything inside it, in document order."""
        yield self
        for inner in self.children():
            yield from inner.walk()

    def children(self) -> tuple[Parameter, ...]:
        """Return the members of an object, or the item of a list."""
        return (*self.members.values(), self.item) if self.item else tuple(self.members.values())


def _inherited(row: Definition) -> dict[str, Any]:
    """Return the attributes that a definition passes on: a part of a secret is secret."""
    return {"secret": True} if row.get("secret") else {}
