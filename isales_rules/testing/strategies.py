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
from collections.abc import Iterator, Mapping
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

from isales_rules.language.keywords import as_tuple
from isales_rules.language.model import Assertion, Clause, Parameter, Rule
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
    DocumentPath,
    Target,
    Unsatisfiable,
    add_unknown_members,
)

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
    values = _built(root)

    @st.composite
    def bodies(draw: st.DrawFn) -> dict[str, Any]:
        draft = _draft(root, draw, values)
        _fill(draft, draw)
        for place in draft.nested():
            if draw(st.booleans()):
                draft.put(place, json.dumps(draft.value(place)))
        document: dict[str, Any] = draft.document
        return document

    return bodies()


def invalid(rules: RuleSet) -> st.SearchStrategy[tuple[Any, Expected]]:
    """Draw `(body, expected)`: a body with one to three mistakes, and its errors.

    `expected` has the path and code of each error that it has without facts, sorted.
    """
    root = rules.root("body")
    values = _built(root)
    _NAMES.validate()

    @st.composite
    def bodies(draw: st.DrawFn) -> tuple[Any, Expected]:
        draft = _draft(root, draw, values)
        kinds = draw(st.lists(st.sampled_from(_kinds(draft)), min_size=1, max_size=3))
        for mistake in (_case, _duplicate, _wrong_value, _missing):
            for _ in range(kinds.count(mistake)):
                mistake(draft, draw)
        _fill(draft, draw)
        strange = _strange(draft, draw) if _strange in kinds else []
        expected = sorted(
            (path, check.code)
            for path, check in (*draft.violations(), *strange)
            if check.code is not None
        )
        if not expected:
            reject()
        return draft.document, expected

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


class _Drawn:
    """Leave the choices of a document to Hypothesis."""

    def __init__(self, draw: st.DrawFn, values: dict[int, st.SearchStrategy[Any]]) -> None:
        self._draw = draw
        self._values = values

    def one(self, options: list[Any]) -> Any:
        return self._draw(st.sampled_from(options))

    def value(self, parameter: Parameter) -> Any:
        return self._draw(self._values[id(parameter)])


def _draft(
    root: Parameter, draw: st.DrawFn, values: dict[int, st.SearchStrategy[Any]]
) -> DocumentBuilder:
    try:
        draft = DocumentBuilder(root, _Drawn(draw, values))
        draft.solve()
    except Unsatisfiable:
        reject()
    return draft


def _built(root: Parameter) -> dict[int, st.SearchStrategy[Any]]:
    """Build the strategy of every scalar, by the `id` of its parameter.

    Hypothesis builds a strategy when it is first used, and counts that as slow generation: its
    table of characters takes a second.
    """
    alike: dict[str, st.SearchStrategy[Any]] = {}
    values = {}
    for one in root.walk():
        if one.type not in ("dict", "list"):
            row = repr(one.definition)
            values[id(one)] = alike[row] = alike[row] if row in alike else _values(one)
    for parameter, regex in {
        (test.chain[-1], test.argument): None for test in _tests(root) if test.name == "regex"
    }:
        values[id(parameter)] |= _matching(parameter, regex)
    for strategy in values.values():
        strategy.validate()
    return values


def _tests(root: Parameter) -> Iterator[Assertion]:
    for parameter in root.walk():
        for case in parameter.clauses:
            yield from chain(case.then, *case.when)


def _matching(parameter: Parameter, regex: str) -> st.SearchStrategy[Any]:
    """Draw valid values that match the pattern of a clause."""
    if "format" not in parameter.definition:
        return _texts(regex).filter(
            lambda value: value != "" and not violated_keywords(parameter, value)
        )
    rules = [{name: parameter.definition[name] for name in parameter.keywords}, {"regex": regex}]
    return _any_of(
        [
            one
            for one in times(parameter, rules, MAX_MATCHING)
            if not violated_keywords(parameter, one)
        ]
    )


def _texts(regex: str) -> st.SearchStrategy[str]:
    return st.from_regex(re.compile(regex, re.ASCII), fullmatch=True)


def _values(parameter: Parameter) -> st.SearchStrategy[Any]:
    """Draw values of a scalar that obey its keywords: boundary values and others."""
    definition = parameter.definition
    boundary = valid_values(parameter)
    if "allowed" in definition or parameter.type == "boolean":
        return _any_of(boundary)
    others: st.SearchStrategy[Any]
    if parameter.type in ("integer", "number"):
        numbers = [value for value in boundary if not isinstance(value, str)]
        others = st.integers()
        if numbers:
            others |= st.integers(math.floor(min(numbers)), math.ceil(max(numbers)))
        if parameter.type == "number":
            others |= st.floats(allow_nan=False, allow_infinity=False)
    elif parameter.type == "any":
        return _any_of(boundary) | _JSON
    elif "format" in definition:
        has_date = parameter.comparison_type != "time"
        moments = st.datetimes() if has_date else st.integers(0, 86399)
        formats = as_tuple(definition["format"])
        others = moments.flatmap(lambda moment: st.sampled_from(formatted(formats, moment)))
    elif "regex" in definition:
        others = _texts(definition["regex"])
    else:
        others = st.text(_characters(parameter), min_size=1)
    keywords = own_keywords(parameter)
    near = others.map(lambda value: adjusted(value, keywords))
    valid = near.filter(lambda value: value != "" and not violated_keywords(parameter, value))
    return _any_of(boundary[:BOUNDARY_VALUES]) | valid


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


def _fill(draft: DocumentBuilder, draw: st.DrawFn) -> None:
    """Write missing parameters in one of the ways that count as missing."""
    how = draw(st.sampled_from([_ABSENT, None, ""]))
    if how is not _ABSENT:
        for _, place in list(draft.each()):
            around = draft.value(place[:-1]) if place else None
            if isinstance(around, dict):
                around.setdefault(place[-1], how)


def _kinds(draft: DocumentBuilder) -> list[Any]:
    """Return the kinds of mistakes that can be made in a document, simplest first."""
    return [
        _wrong_value,
        _strange,
        *([_duplicate] if _lists(draft) else []),
        *([_missing] if _needed(draft) else []),
        *([_case] if _breakable(draft) else []),
    ]


def _wrong_value(draft: DocumentBuilder, draw: st.DrawFn) -> None:
    """Set an invalid value.

    The keyword is drawn first, since some keywords have few parameters.
    """
    breaking: dict[str, list[tuple[Parameter, DocumentPath]]] = {}
    for parameter, place in draft.each():
        for name in _failing(parameter):
            breaking.setdefault(name, []).append((parameter, place))
    name = draw(st.sampled_from(list(breaking)))
    parameter, place = draw(st.sampled_from(breaking[name]))
    value, names = draw(st.sampled_from(_failing(parameter)[name]))
    draft.corrupt(place, copy.copy(value), [parameter.rules[name] for name in names])


@lru_cache(10_000)
def _failing(parameter: Parameter) -> dict[str, list[tuple[Any, list[str]]]]:
    """Return the invalid values of a parameter by the first keyword that each violates."""
    found: dict[str, list[tuple[Any, list[str]]]] = {}
    for value, names in invalid_values(parameter):
        found.setdefault(names[0], []).append((value, names))
    return found


def _missing(draft: DocumentBuilder, draw: st.DrawFn) -> None:
    parameter, place = draw(_any_of(_needed(draft)))
    draft.corrupt(place, None, [parameter.rules["required"]])


def _duplicate(draft: DocumentBuilder, draw: st.DrawFn) -> None:
    parameter, place = draw(_any_of(_lists(draft)))
    try:
        draft.repeat_entry(parameter, place)
    except Unsatisfiable:
        reject()


def _lists(draft: DocumentBuilder) -> list[tuple[Parameter, DocumentPath]]:
    return [
        (parameter, place)
        for parameter, place in draft.each()
        if parameter.unique and draft.value(place)
    ]


def _needed(draft: DocumentBuilder) -> list[tuple[Parameter, DocumentPath]]:
    return [
        (parameter, place)
        for parameter, place in draft.each()
        if parameter.definition.get("required")
    ]


def _case(draft: DocumentBuilder, draw: st.DrawFn) -> None:
    case, place = draw(_any_of(_breakable(draft)))
    try:
        draft.solve(Target(case, place))
    except Unsatisfiable:
        reject()


def _breakable(draft: DocumentBuilder) -> list[tuple[Clause, DocumentPath]]:
    return [
        (case, place)
        for case, place in draft.clauses()
        if not case.required_facts and case.rule.severity == "error"
    ]


def _strange(draft: DocumentBuilder, draw: st.DrawFn) -> list[tuple[str, Rule]]:
    """Add an unknown member, or enough that the object has too many."""
    objects = [
        (parameter, place)
        for parameter, place in draft.each()
        if parameter.has_members and isinstance(draft.value(place), dict)
    ]
    if not objects:
        return []
    parameter, place = draw(st.sampled_from(objects))
    names = draw(st.lists(_NAMES, min_size=1, max_size=len(parameter.members) + 1, unique=True))
    return add_unknown_members(draft, parameter, place, names)
