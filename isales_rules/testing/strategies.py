"""Hypothesis strategies from a rule set (extra `hypothesis`): bodies and facts.

What is drawn is computed from the rule set, without an engine. A test that uses them:

    RULES = isales_rules.load("mine.toml")

    @given(strategies.valid(RULES))
    def test_our_client_keeps_a_campaign_valid(body):
        assert RULES.validate(our_client.prepare(body)).ok
"""

from __future__ import annotations

import copy
import json
import math
import re
import string
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import Any, TypeAlias

try:
    from hypothesis import reject
    from hypothesis import strategies as st
except ModuleNotFoundError as error:
    message = f"isales_rules.testing.strategies needs {error.name}; install the extra: pip install 'isales-rules[hypothesis]'"
    raise ModuleNotFoundError(message, name=error.name) from error

from isales_rules.engine.semantics import DocumentPath
from isales_rules.language.keywords import as_tuple
from isales_rules.language.model import Clause, Parameter, Rule
from isales_rules.ruleset import RuleSet
from isales_rules.testing.boundary_values import (
    adjusted,
    formatted,
    invalid_values,
    own_keywords,
    times,
    valid_values,
    violated_keywords,
)
from isales_rules.testing.builder import (
    DocumentBuilder,
    Picker,
    Target,
    Unsatisfiable,
)

_Scalars: TypeAlias = dict[Parameter, st.SearchStrategy[Any]]

Expected: TypeAlias = list[tuple[str, str]]
"""Errors, each as its path (a JSON Pointer) and code, sorted."""

MAX_MATCHING = 50
"""Maximum number of times that are drawn for a pattern."""

MAX_EXAMPLE = 200
"""Maximum length of a boundary value whose characters are drawn."""

BOUNDARY_VALUES = 6
"""Number of boundary values that are drawn more often than others."""

_ABSENT = object()

_JSON = st.recursive(
    st.text(min_size=1) | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=4,
)
"""Present JSON values."""

_NAMES = st.text(min_size=1)
"""Names of parameters that are not documented."""


def valid(rules: RuleSet) -> st.SearchStrategy[dict[str, Any]]:
    """Draw request bodies (`dict`, as JSON reads) without errors.

    Without facts, `rules.validate(body)` finds no error; it may find warnings. Optional parameters
    are present or missing in every way, and every bound and option is reached.
    """
    root = rules.root("body")
    values = _scalars(root)

    @st.composite
    def bodies(draw: st.DrawFn) -> dict[str, Any]:
        document = _solved(root, draw, values)
        _write_missing(document, draw)
        for path in document.nested():
            if draw(st.booleans()):
                document.put(path, json.dumps(document.value(path)))
        body: dict[str, Any] = document.content
        return body

    return bodies()


def invalid(rules: RuleSet) -> st.SearchStrategy[tuple[Any, Expected]]:
    """Draw `(body, expected)`: a body with one to three mistakes, and its errors.

    `expected` has the path and code of each error that it has without facts, sorted.
    """
    root = rules.root("body")
    values = _scalars(root)
    _NAMES.validate()

    @st.composite
    def bodies(draw: st.DrawFn) -> tuple[Any, Expected]:
        document = _solved(root, draw, values)
        mistakes = st.lists(st.sampled_from(_mistakes(document)), min_size=1, max_size=3)
        kinds = draw(mistakes)
        for make in (_violate_clause, _repeat_item, _corrupt, _remove):
            for _ in range(kinds.count(make)):
                make(document, draw)
        _write_missing(document, draw)
        unknown = _add_unknown(document, draw) if _add_unknown in kinds else []
        expected = sorted(
            (path, rule.code)
            for path, rule in (*document.violations(), *unknown)
            if rule.code is not None
        )
        if not expected:
            reject()
        return document.content, expected

    return bodies()


def facts(rules: RuleSet) -> st.SearchStrategy[dict[str, Any]]:
    """Draw facts that the rule set declares, each stated or not.

    They are a `dict` as `rules.validate(body, facts)` takes it.
    """
    kinds: Mapping[str, st.SearchStrategy[Any]] = {
        "datetime": st.datetimes(timezones=st.none() | st.timezones()).filter(_in_utc),
        "boolean": st.booleans(),
        "integer": _marks(rules, "integer") | st.integers(),
        "strings": st.frozensets(_marks(rules, "string") | st.text(), max_size=3),
        "integers": st.frozensets(_marks(rules, "integer") | st.integers(), max_size=3),
    }
    return st.fixed_dictionaries(
        {}, optional={name: kinds[fact["type"]] for name, fact in rules.facts.items()}
    )


def _in_utc(moment: datetime) -> bool:
    return moment.tzinfo is None or 1 < moment.year < 9999


def _marks(rules: RuleSet, kind: str) -> st.SearchStrategy[Any]:
    """Draw values that parameters of a type may have, so that facts often meet them."""
    marks = [
        one
        for parameter in rules.root("body").walk()
        if parameter.type == kind and "format" not in parameter.definition
        for one in valid_values(parameter)
    ]
    return _any_of(list(dict.fromkeys(marks)))


def _any_of(options: list[Any]) -> st.SearchStrategy[Any]:
    """Draw one of some options; without options nothing is drawn."""
    return st.sampled_from(options) if options else st.nothing()


class _DrawingPicker(Picker):
    """Leave the choices of a document to Hypothesis."""

    def __init__(self, draw: st.DrawFn, values: _Scalars) -> None:
        self._draw = draw
        self._values = values

    def one(self, options: list[Any]) -> Any:
        return self._draw(st.sampled_from(options))

    def value(self, parameter: Parameter) -> Any:
        return self._draw(self._values[parameter])


def _solved(root: Parameter, draw: st.DrawFn, values: _Scalars) -> DocumentBuilder:
    try:
        document = DocumentBuilder(root, _DrawingPicker(draw, values))
        document.solve()
    except Unsatisfiable:
        reject()
    return document


def _scalars(root: Parameter) -> _Scalars:
    """Create the strategy of every scalar.

    Hypothesis builds a strategy when it is first used, and counts that as slow generation: its
    table of characters takes a second.
    """
    alike: dict[str, st.SearchStrategy[Any]] = {}
    values = {}
    for parameter in root.walk():
        if parameter.type not in ("dict", "list"):
            definition = repr(parameter.definition)
            if definition not in alike:
                alike[definition] = _values(parameter)
            values[parameter] = alike[definition]
    for parameter, regex in _clause_patterns(root):
        values[parameter] |= _matching(parameter, regex)
    for strategy in values.values():
        strategy.validate()
    return values


def _clause_patterns(root: Parameter) -> Iterable[tuple[Parameter, str]]:
    """Return the patterns in clauses, each once, with their parameters."""
    clauses = [clause for parameter in root.walk() for clause in parameter.clauses]
    assertions = chain.from_iterable(chain(clause.then, *clause.when) for clause in clauses)
    return dict.fromkeys((one.chain[-1], one.argument) for one in assertions if one.name == "regex")


def _matching(parameter: Parameter, regex: str) -> st.SearchStrategy[Any]:
    """Draw valid values that match the pattern of a clause."""
    if "format" not in parameter.definition:
        return _texts(regex).filter(
            lambda value: value != "" and not violated_keywords(parameter, value)
        )
    found = times(parameter, [own_keywords(parameter), {"regex": regex}], MAX_MATCHING)
    return _any_of([one for one in found if not violated_keywords(parameter, one)])


def _texts(regex: str) -> st.SearchStrategy[str]:
    return st.from_regex(re.compile(regex, re.ASCII), fullmatch=True)


def _values(parameter: Parameter) -> st.SearchStrategy[Any]:
    """Draw values of a scalar that obey its keywords: boundary values and others."""
    boundary = valid_values(parameter)
    if "allowed" in parameter.definition or parameter.type == "boolean":
        return _any_of(boundary)
    if parameter.type == "any":
        return _any_of(boundary) | _JSON
    keywords = own_keywords(parameter)
    create = _texts_of if parameter.type == "string" else _numbers_of
    near = create(parameter, boundary).map(lambda value: adjusted(value, keywords))
    valid = near.filter(lambda value: value != "" and not violated_keywords(parameter, value))
    return _any_of(boundary[:BOUNDARY_VALUES]) | valid


def _numbers_of(parameter: Parameter, boundary: list[Any]) -> st.SearchStrategy[Any]:
    numbers = [value for value in boundary if not isinstance(value, str)]
    drawn: st.SearchStrategy[Any] = st.integers()
    if numbers:
        drawn = st.integers(math.floor(min(numbers)), math.ceil(max(numbers))) | drawn
    if parameter.type == "number":
        drawn |= st.floats(allow_nan=False, allow_infinity=False)
    return drawn


def _texts_of(
    parameter: Parameter,
    boundary: list[Any],  # noqa: ARG001  # like that of numbers
) -> st.SearchStrategy[Any]:
    definition = parameter.definition
    if "format" in definition:
        formats = as_tuple(definition["format"])
        has_date = parameter.comparison_type != "time"
        moments = st.datetimes() if has_date else st.integers(0, 86399)
        return moments.flatmap(lambda moment: st.sampled_from(formatted(formats, moment)))
    if "regex" in definition:
        return _texts(definition["regex"])
    return st.text(_characters(parameter), min_size=1)


def _characters(parameter: Parameter) -> st.SearchStrategy[str]:
    """Draw characters that a string may contain: those that its keywords leave in place."""
    keywords = own_keywords(parameter)

    def remains(character: str) -> bool:
        return character in adjusted(character, keywords)

    usual = filter(remains, string.printable)
    examples = "".join(value for value in valid_values(parameter) if len(value) < MAX_EXAMPLE)
    common = st.sampled_from([*dict.fromkeys([*examples, *usual])] or ["a"])
    if not all(map(remains, "\u00e9\u4e2d\U0001f600")):
        return common
    return common | st.characters(exclude_categories=["Cs"]).filter(remains)


def _write_missing(document: DocumentBuilder, draw: st.DrawFn) -> None:
    """Write missing parameters in one of the ways that count as missing."""
    how = draw(st.sampled_from([_ABSENT, None, ""]))
    if how is not _ABSENT:
        for _, path in list(document.each()):
            parent = document.value(path[:-1]) if path else None
            if isinstance(parent, dict):
                parent.setdefault(path[-1], how)


def _mistakes(document: DocumentBuilder) -> list[Any]:
    """Return the functions that make a mistake in a document, simplest first."""
    return [
        _corrupt,
        _add_unknown,
        *([_repeat_item] if _unique_lists(document) else []),
        *([_remove] if _required(document) else []),
        *([_violate_clause] if _violable(document) else []),
    ]


def _corrupt(document: DocumentBuilder, draw: st.DrawFn) -> None:
    """Set an invalid value.

    The keyword is drawn first, since some keywords have few parameters.
    """
    by_keyword: dict[str, list[tuple[Parameter, DocumentPath]]] = {}
    for parameter, path in document.each():
        for name in _invalid_values(parameter):
            by_keyword.setdefault(name, []).append((parameter, path))
    name = draw(st.sampled_from(list(by_keyword)))
    parameter, path = draw(st.sampled_from(by_keyword[name]))
    value, names = draw(st.sampled_from(_invalid_values(parameter)[name]))
    document.corrupt(path, copy.copy(value), [parameter.rules[name] for name in names])


@lru_cache(10_000)
def _invalid_values(parameter: Parameter) -> dict[str, list[tuple[Any, list[str]]]]:
    """Return the invalid values of a parameter by the first keyword that each violates."""
    found: dict[str, list[tuple[Any, list[str]]]] = {}
    for value, names in invalid_values(parameter):
        found.setdefault(names[0], []).append((value, names))
    return found


def _remove(document: DocumentBuilder, draw: st.DrawFn) -> None:
    parameter, path = draw(_any_of(_required(document)))
    document.corrupt(path, None, [parameter.rules["required"]])


def _required(document: DocumentBuilder) -> list[tuple[Parameter, DocumentPath]]:
    return [pair for pair in document.each() if pair[0].definition.get("required")]


def _repeat_item(document: DocumentBuilder, draw: st.DrawFn) -> None:
    parameter, path = draw(_any_of(_unique_lists(document)))
    try:
        document.repeat_item(parameter, path)
    except Unsatisfiable:
        reject()


def _unique_lists(document: DocumentBuilder) -> list[tuple[Parameter, DocumentPath]]:
    return [pair for pair in document.each() if pair[0].unique and document.value(pair[1])]


def _violate_clause(document: DocumentBuilder, draw: st.DrawFn) -> None:
    clause, path = draw(_any_of(_violable(document)))
    try:
        document.solve(Target(clause, path))
    except Unsatisfiable:
        reject()


def _violable(document: DocumentBuilder) -> list[tuple[Clause, DocumentPath]]:
    return [
        (clause, path)
        for clause, path in document.clauses()
        if not clause.required_facts and clause.rule.severity == "error"
    ]


def _add_unknown(document: DocumentBuilder, draw: st.DrawFn) -> list[tuple[str, Rule]]:
    """Add an unknown member, or enough that the object has too many."""
    objects = [
        (parameter, path)
        for parameter, path in document.each()
        if parameter.has_members and isinstance(document.value(path), dict)
    ]
    if not objects:
        return []
    parameter, path = draw(st.sampled_from(objects))
    names = draw(st.lists(_NAMES, min_size=1, max_size=len(parameter.members) + 1, unique=True))
    return document.add_unknown_members(parameter, path, names)
