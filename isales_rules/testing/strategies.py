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
import operator
import re
import string
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from itertools import chain
from typing import Any, TypeAlias

try:
    from hypothesis import reject
    from hypothesis import strategies as st
except ModuleNotFoundError as error:
    message = f"isales_rules.testing.strategies needs {error.name}; install the extra: pip install 'isales-rules[hypothesis]'"
    raise ModuleNotFoundError(message, name=error.name) from error

from isales_rules._text import suggest
from isales_rules.engine.semantics import DocumentPath
from isales_rules.language.keywords import as_tuple
from isales_rules.language.model import REQUEST, Parameter, Path
from isales_rules.ruleset import RuleSet
from isales_rules.testing.boundary_values import (
    adjusted,
    formatted,
    own_keywords,
    times,
    valid_values,
    violated_keywords,
)
from isales_rules.testing.builder import DocumentBuilder, Picker, Unsatisfiable
from isales_rules.testing.mistakes import NAMES, any_of, make_mistakes
from isales_rules.testing.selection import selected_rules

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

_NOTHING: Mapping[str, Any] = {}

_JSON = st.recursive(
    st.text(min_size=1) | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=4,
)
"""Present JSON values."""


def valid(
    rules: RuleSet, /, *, without_warnings: bool = False, **fixed: Any
) -> st.SearchStrategy[dict[str, Any]]:
    """Draw request bodies (`dict`, as JSON reads) without errors.

    Without facts, `rules.validate(body)` finds no error; it may find warnings, unless
    `without_warnings`. Optional parameters are present or missing in every way, and every bound and
    option is reached. Other arguments fix parameters of the body to values. Raises `ValueError` for
    parameters that the body does not have, and for values that no valid body has.
    """
    root = rules.root("body")
    _check_fixed(rules, fixed)
    values = _scalars(root)

    @st.composite
    def bodies(draw: st.DrawFn) -> dict[str, Any]:
        document = _solved(root, draw, values, fixed, warnings=without_warnings)
        _write_variant(document, draw)
        body: dict[str, Any] = document.content
        return {**body, **copy.deepcopy(fixed)}

    return bodies()


def invalid(
    rules: RuleSet, /, *, select: Collection[str] = ()
) -> st.SearchStrategy[tuple[Any, Expected]]:
    """Draw `(body, expected)`: a body with one to three mistakes, and its errors.

    `expected` has the path and code of each error that it has without facts, sorted. `select` names
    codes, rules and parameters, by name or path: every error is then of one of them. Raises
    `ValueError` for names that select no error.
    """
    root = rules.root("body")
    selects, paths = selected_rules(root, select)
    values = _scalars(root)
    NAMES.validate()

    @st.composite
    def bodies(draw: st.DrawFn) -> tuple[Any, Expected]:
        document = _solved(root, draw, values)
        if paths:
            _ensure(document, draw(st.sampled_from(paths)))
        add_unknown = make_mistakes(document, draw, selects)
        if not paths:  # empty members would leave no room for unknown ones
            _write_missing(document, draw)
        errors = [
            (path, rule.code, rule)
            for path, rule in (*document.violations(), *add_unknown())
            if rule.code is not None
        ]
        if not errors or not all(selects(rule) for *_, rule in errors):
            reject()
        return document.content, sorted((path, code) for path, code, _ in errors)

    return bodies()


def requests(rules: RuleSet, /) -> st.SearchStrategy[dict[str, Any]]:
    """Draw whole requests without errors: dicts of `path`, `headers` and `body`.

    Without facts, `rules.validate_request(**request)` finds no error.
    """
    root = rules.root(REQUEST)
    values = _scalars(root)

    @st.composite
    def whole(draw: st.DrawFn) -> dict[str, Any]:
        document = _solved(root, draw, values)
        _write_variant(document, draw, ("body",))
        request: dict[str, Any] = document.content
        return request

    return whole()


def replies(rules: RuleSet, /) -> st.SearchStrategy[dict[str, Any]]:
    """Draw replies of the query interface whose campaign is a valid body.

    `rules.facts_of_reply(reply)` returns its facts, which may make the campaign invalid. Raises
    `ValueError` if the rule set does not describe replies.
    """
    reply = rules.query_reply
    if not reply:
        raise ValueError(f"the rule set {rules.name} does not describe replies")
    documented = rules.root("body").members
    states: dict[str, list[Any]] = {name: [] for name in reply.get("reply_only", ())}
    for fact in rules.facts.values():
        if (spec := fact.get("reply")) and spec["member"] not in documented:
            states.setdefault(spec["member"], []).extend(spec.get("allowed", ()))
    members = {
        name: st.sampled_from([*(one for one in range(1, 10) if one not in options), *options])
        for name, options in states.items()
    }
    campaigns = st.builds(operator.or_, st.fixed_dictionaries(members), valid(rules))
    return st.fixed_dictionaries({reply["campaign_member"]: campaigns})


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
    return any_of(list(dict.fromkeys(marks)))


class _DrawingPicker(Picker):
    """Leave the choices of a document to Hypothesis."""

    def __init__(self, draw: st.DrawFn, values: _Scalars) -> None:
        self._draw = draw
        self._values = values

    def one(self, options: list[Any]) -> Any:
        return self._draw(st.sampled_from(options))

    def value(self, parameter: Parameter) -> Any:
        return self._draw(self._values[parameter])


def _solved(
    root: Parameter,
    draw: st.DrawFn,
    values: _Scalars,
    fixed: Mapping[str, Any] = _NOTHING,
    *,
    warnings: bool = False,
) -> DocumentBuilder:
    try:
        document = DocumentBuilder(root, _DrawingPicker(draw, values))
        for name, value in fixed.items():
            document.put((name,), copy.deepcopy(value))
            document.pinned.update(path for _, path in document.each(root.members[name], (name,)))
        document.solve(warnings=warnings)
    except Unsatisfiable:
        reject()
    return document


def _check_fixed(rules: RuleSet, fixed: Mapping[str, Any]) -> None:
    """Raise `ValueError` for parameters that a body does not have, and for invalid values."""
    members = rules.root("body").members
    problems = [
        f"unknown parameter {name!r}{suggest(name, members)}"
        for name in fixed
        if name not in members
    ]
    # Only rules of a parameter have an ID with a point; those between parameters may need others.
    problems += [
        one.message()
        for one in rules.validate(dict(fixed)).errors
        if one.location[:1] and one.location[0] in fixed.keys() & members and "." in one.rule
    ]
    if problems:
        raise ValueError("; ".join(problems))


def _ensure(document: DocumentBuilder, wanted: Path) -> None:
    """Add the objects and the entries of lists on the way to a parameter."""
    parameter: Any = document.root
    path: DocumentPath = ()
    try:
        for name in wanted:
            if parameter.type == "list":
                if not document.value(path):
                    document.put(path, document.items(parameter, 1))
                parameter, path = parameter.item, (*path, 0)
            else:
                parameter, path = parameter.members[name], (*path, name)
            if parameter.type == "dict" and not isinstance(document.value(path), dict):
                document.put(path, document.build(parameter))
        document.solve()
    except Unsatisfiable:
        reject()


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
    return any_of([one for one in found if not violated_keywords(parameter, one)])


def _texts(regex: str) -> st.SearchStrategy[str]:
    return st.from_regex(re.compile(regex, re.ASCII), fullmatch=True)


def _values(parameter: Parameter) -> st.SearchStrategy[Any]:
    """Draw values of a scalar that obey its keywords: boundary values and others."""
    boundary = valid_values(parameter)
    if "allowed" in parameter.definition or parameter.type == "boolean":
        return any_of(boundary)
    if parameter.type == "any":
        return any_of(boundary) | _JSON
    keywords = own_keywords(parameter)
    create = _texts_of if parameter.type == "string" else _numbers_of
    near = create(parameter, boundary).map(lambda value: adjusted(value, keywords))
    valid = near.filter(lambda value: value != "" and not violated_keywords(parameter, value))
    return any_of(boundary[:BOUNDARY_VALUES]) | valid


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


def _write_variant(document: DocumentBuilder, draw: st.DrawFn, inside: DocumentPath = ()) -> None:
    """Write a valid document in one of the ways that mean the same."""
    _write_missing(document, draw, inside)
    for path in document.nested():
        if draw(st.booleans()):
            document.put(path, json.dumps(document.value(path)))


def _write_missing(document: DocumentBuilder, draw: st.DrawFn, inside: DocumentPath = ()) -> None:
    """Write missing parameters in one of the ways that count as missing."""
    how = draw(st.sampled_from([_ABSENT, None, ""]))
    if how is not _ABSENT:
        for _, path in list(document.each()):
            parent = document.value(path[:-1]) if len(path) > len(inside) else None
            if isinstance(parent, dict) and path[: len(inside)] == inside:
                parent.setdefault(path[-1], how)
