"""A rule set laid out: every parameter at its place in a document.

With its checks and the cases between parameters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from isales_rules.language.catalog import MessageTemplate
from isales_rules.language.keywords import KEYWORDS, Definition, Keyword, as_tuple
from isales_rules.language.time_formats import Parser, format_type, make_parser

Path: TypeAlias = tuple[str | None, ...]
"""The way to a parameter; `None` stands for a list's index.

For the name of an undocumented parameter.
"""

Problem: TypeAlias = tuple[str, str]
"""A place in a rule set (`tables.body.name.maxlength`) and what is wrong there."""

PARTS = ("path", "headers", "body")
"""The parts of a request."""

REQUEST = "request"
"""The name of the whole request: an object whose members are its parts."""

MAX_DEPTH = 16
"""So many objects and lists may stand inside each other.

Python cannot indent a function much deeper.
"""

MAX_PARAMETERS = 10_000
"""So many parameters a part of a request may have.

A table that stands in several places counts in each, and a few tables stand for any number.
"""

MAX_ASSERTIONS = 50_000
"""Maximum number of the tests of a part's cases.

A case counts in each place where its table stands.
"""

FACTS = {
    "datetime": "moment",
    "boolean": "boolean",
    "integer": "integer",
    "strings": "string",
    "integers": "integer",
}
"""The types that a fact can have, each with the sort of value that it is compared with."""

COLLECTIONS = ("strings", "integers")

OBJECT_RULES = ("crowded", "undocumented", "duplicate")
"""What can be wrong with an object's parameters beside what its table says of each."""

ERROR_TYPE = "unknown"
"""The type of a parameter whose row is wrong: nothing that refers to it is told as well."""


SHOWN = "is not for a secret: messages, explanations and examples show it"
"""Why a rule set must not have the values of a secret."""


class Rule(NamedTuple):
    """One way to be wrong at one place, with all that its message needs.

    `pointer` is the path where nothing in it has to be filled in.
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


def json_pointer(path: Iterable[str | None]) -> str:
    """Write a path as a JSON Pointer (RFC 6901)."""
    return "".join(
        ["/" + part.replace("~", "~0").replace("/", "~1") for part in path if part is not None]
    )


class Bound(NamedTuple):
    """A bound that is not written in the rule set.

    A fact's value, or a parameter's, which is the last of `chain`.

    `shown` says whether a message may show it: a collection is too much, and a secret is one. `own`
    reads the text of the parameter that has the bound, `read` the text of the one that sets it,
    where they have a time format.
    """

    fact: str | None
    chain: tuple[Parameter, ...]
    absolute: bool
    offset: int
    floor: str | None
    shown: bool
    parse_value: Parser | None
    parse_bound: Parser | None


class Assertion(NamedTuple):
    """A keyword put to the last parameter of `chain`.

    Which begins among the members of the object that the case is in.
    """

    chain: tuple[Parameter, ...]
    keyword: Keyword
    name: str
    argument: Any
    rule: Rule


class Clause(NamedTuple):
    """One case of a condition, in one object.

    `when` has alternatives; where there is no `then`, `check` is the violation, and `at` its place.
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
    """A parameter at its place.

    `rules` are the keywords that a value of the right type is put to: the time format first, then
    in the row's order. `members` and `cases` are an object's, `entry` is a list's; they are filled
    in after it is made. `is_part` says whether it is a part of a request, or the whole of it.
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

    def is_missing(self, value: object) -> bool:
        """Check whether a value counts as missing: an empty string does, but not as a part."""
        return value is None or (not self.is_part and type(value) is str and value == "")

    @property
    def has_members(self) -> bool:
        """Whether it is an object with a table that says which parameters there are."""
        return self.type == "dict" and "schema" in self.definition

    @property
    def parser(self) -> Parser | None:
        return (
            make_parser(as_tuple(self.definition["format"]))
            if "format" in self.definition
            else None
        )

    @property
    def comparison_type(self) -> str | None:
        """What its value can be compared with; `None` where that is not known."""
        if self.type == ERROR_TYPE:
            return None
        return (
            format_type(as_tuple(self.definition["format"])[0])
            if "format" in self.definition
            else self.type
        )

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
        """Return the cases of a part.

        Of all parts, that are about a part itself and look only at facts: they apply whatever its
        value is.
        """
        parts = [one for one in (self, *self.members.values()) if one.is_part]
        return [
            case
            for part in parts
            for case in part.clauses
            if case.report_at is part and not (case.when or case.then or case.required_together)
        ]

    def walk(self) -> Iterator[Parameter]:
        """Go through this parameter and everything inside it, in the document's order."""
        yield self
        for inner in self.children():
            yield from inner.walk()

    def children(self) -> tuple[Parameter, ...]:
        """Give an object's members, or a list's entry."""
        return (*self.members.values(), self.item) if self.item else tuple(self.members.values())


def _inherited(row: Definition) -> dict[str, Any]:
    """Give the keys that a row passes on to what is inside it: a part of a secret is secret."""
    return {"secret": True} if row.get("secret") else {}
