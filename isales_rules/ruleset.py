"""Load rule sets, and validate data with them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache, lru_cache, partial
from os import PathLike, fspath, path
from typing import TYPE_CHECKING, Any

from isales_rules._text import suggest
from isales_rules.engine.json_text import (
    JsonSyntaxError,
    count_strings,
    is_text,
    parse_json,
    scan_json,
)
from isales_rules.engine.part import PreparedPart
from isales_rules.engine.python_values import header_fields
from isales_rules.engine.values import RawViolation
from isales_rules.facts import (
    NO_FACTS,
    FactError,
    PreparedFacts,
    facts_from_reply,
    failure,
    prepare_facts,
)
from isales_rules.language.built import built_module
from isales_rules.language.catalog import (
    Catalog,
    frozen,
    load_catalog,
    resolve_locale,
    shipped_path,
)
from isales_rules.language.model import BASE_REASON, PARTS, REQUEST, Parameter, Path, Rule
from isales_rules.language.overlays import Layer, Merged, merge
from isales_rules.language.resolver import Resolver
from isales_rules.loading import (
    RuleSetError,
    is_path,
    parse_layer,
    read_layer,
    read_layers,
    shipped_file,
    shipped_names,
)
from isales_rules.messages import expectation
from isales_rules.report import Report

if TYPE_CHECKING:
    from isales_rules import _types


class _Part(PreparedPart):
    """A part of a request, with the report of valid data without facts."""

    __slots__ = ("valid_report",)

    valid_report: Report


class RuleSet:
    """A loaded rule set: immutable, safe to share between threads, and picklable.

    Create one with `load` or `from_toml`. All validating methods return a `Report` and share two
    arguments:

    - `facts`: a mapping from the names of declared facts to values: a `datetime`, a `bool`, an
      `int`, or a collection of `str` or `int`. Rules about other facts are not checked and are
      listed in `Report.unchecked`. An undeclared fact, or one of the wrong type, raises
      `FactError`.
    - `engine`: `"compiled"`, or `"cerberus"` for the slow reference implementation. Both give
      equal reports. Another name raises `ValueError`.

    Invalid data never raises.
    """

    __slots__ = (
        "_body",
        "_built",
        "_catalog",
        "_content",
        "_data",
        "_empty_reports",
        "_engines",
        "_name",
        "_origins",
        "_roots",
    )

    _name: str
    _body: dict[str, _Part]
    _built: Any  # the module that was built with a shipped rule set
    _engines: dict[tuple[str, Path, str], _Part]
    _content: str | None
    _data: Mapping[str, Any]
    _empty_reports: dict[tuple[str, frozenset[str]], Report]
    _origins: Mapping[str, str]
    _roots: dict[tuple[str, Path], Parameter]
    _catalog: Catalog

    def __init__(
        self,
        name: str,
        data: Mapping[str, Any],
        catalog: Catalog,
        origins: Mapping[str, str] | None = None,
    ) -> None:
        fields = {
            "_name": name,
            "_content": None,
            "_data": data,
            "_origins": origins or {"": name},
            "_catalog": catalog.extended(data),
            "_body": {},
            "_built": None,
            "_engines": {},
            "_empty_reports": {},
            "_roots": {},
        }
        for field, value in fields.items():
            object.__setattr__(self, field, value)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a rule set cannot be changed; {name!r} was to be set")

    __delattr__ = None  # type: ignore[assignment]  # nor deleted

    def __reduce__(self) -> tuple[Any, ...]:
        if self._content is None:
            object.__setattr__(self, "_content", json.dumps(self._data))
        return _shared, (self.name, self._content, json.dumps(self._origins))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RuleSet) and (self.name, self._data) == (other.name, other._data)

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"<RuleSet {self.name}>"

    @classmethod
    def from_toml(cls, text: str, name: str = "<text>") -> RuleSet:
        """Load a rule set from TOML text.

        `name` is used for the attribute `name` and in error messages. The text may extend a
        shipped rule set or an absolute path. Raises `RuleSetError` with every problem of the text,
        and `TypeError` if it is not a `str`.
        """
        if not isinstance(text, str):
            raise TypeError(f"the text must be str, not {type(text).__name__}")
        return _checked(parse_layer(name, text), None)

    @property
    def name(self) -> str:
        """The name of a shipped rule set, or the path of its file."""
        return self._name

    @property
    def title(self) -> str:
        """The title of the interface."""
        return str(self._data["title"])

    @property
    def document(self) -> Mapping[str, str]:
        """The title of the interface's document by locale; read-only, empty if unknown."""
        document: Mapping[str, str] = frozen(self._data.get("document", {}))
        return document

    @property
    def edition(self) -> str:
        """The date of the document's edition, such as `2025-04`; empty if unknown."""
        return str(self._data.get("edition", ""))

    @property
    def gaps(self) -> tuple[Mapping[str, str], ...]:
        """What of the document was not available: texts by locale; read-only."""
        gaps: tuple[Mapping[str, str], ...] = frozen(self._data.get("gaps", []))
        return gaps

    @property
    def locales(self) -> tuple[_types.Locale, ...]:
        """The locales of messages: `en_US`, `zh_CN`, and those that the rule set adds."""
        return self._catalog.locales

    @property
    def facts(self) -> Mapping[str, Mapping[str, Any]]:
        """The declared facts by name: their `type` and, by locale, their description; read-only."""
        facts: Mapping[str, Mapping[str, Any]] = frozen(self._data.get("facts", {}))
        return facts

    @property
    def request(self) -> Mapping[str, Any]:
        """The parts of a request, with its `method` and `url`, as in the file; read-only."""
        request: Mapping[str, Any] = frozen(self._data["request"])
        return request

    @property
    def query_reply(self) -> Mapping[str, Any]:
        """The description of replies of the query interface, or an empty one; read-only."""
        reply: Mapping[str, Any] = frozen(self._data.get("query_reply", {}))
        return reply

    @property
    def reply_member(self) -> str:
        """The member with the campaign in a reply of the query interface, or `""`."""
        return str(self._data.get("query_reply", {}).get("campaign_member", ""))

    def prepare_facts(self, facts: Mapping[str, Any]) -> Mapping[str, Any]:
        """Check and convert facts once, to be passed as `facts` many times.

        Do not change the returned mapping. Raises `FactError` like the validating methods.
        """
        return self._prepare_facts(facts)

    def facts_of_reply(self, reply: object) -> dict[str, Any]:
        """Extract the facts that a reply of the service's query interface states.

        `reply` is the whole reply as a mapping. Missing members state nothing; a missing campaign
        states that it does not exist. Returns facts by name, to be passed as `facts`. Raises
        `FactError` for an invalid reply, for one that reports a failure, and if the rule set does
        not describe replies.
        """
        return facts_from_reply(reply, self._reply()["campaign_member"], self._catalog, self.facts)

    def root(self, part: str, base: Path = ()) -> Parameter:
        """Return the root parameter of a part: `path`, `headers`, `body` or `request`.

        `base` is the prefix of the paths of its parameters.
        """
        key = part, base
        if key not in self._roots:
            self._roots[key] = Resolver(self._data, self._catalog, part, base).root
        return self._roots[key]

    def validate(
        self,
        body: object,
        facts: Mapping[str, Any] | None = None,
        *,
        engine: _types.Engine = "compiled",
    ) -> Report:
        """Validate a request body, given as Python objects.

        `body` is a JSON value and is not changed. Any mapping counts as an object; subclasses of
        `str` and `int` count as strings and integers.
        """
        stated = NO_FACTS if facts is None else self._prepare_facts(facts)
        part = self._body.get(engine) or self._prepare("body", (), engine)
        if part.accepting:
            # As in `part.violations`, without its call.
            try:
                if part.accept(body, stated):
                    return self._report([], "body", stated) if stated else part.valid_report
            except Exception:  # noqa: BLE001, S110
                pass
        return self._report(part.decide(body, stated), "body", stated)

    def validate_json(
        self,
        text: str | bytes,
        facts: Mapping[str, Any] | None = None,
        *,
        engine: _types.Engine = "compiled",
    ) -> Report:
        """Validate a request body, given as JSON text: `str`, or `bytes` in UTF-8.

        Invalid JSON and duplicate keys are violations. Raises `TypeError` if `text` is of another
        type.
        """
        stated = NO_FACTS if facts is None else self._prepare_facts(facts)
        part = self._body.get(engine) or self._prepare("body", (), engine)
        if part.accepting:
            try:
                if part.accept_text(scan_json(text), stated) == count_strings(text) + 1:
                    return self._report([], "body", stated) if stated else part.valid_report
            except Exception:  # noqa: BLE001, S110  # declined, or not JSON
                pass
        body = _read_text(text)
        raw = part.run(body, stated)
        part.accepting = not raw
        return self._report(_with_syntax_error(raw, part.root), "body", stated)

    def validate_request(
        self,
        *,
        path: object = None,
        headers: object = None,
        body: object = None,
        facts: Mapping[str, Any] | None = None,
        engine: _types.Engine = "compiled",
    ) -> Report:
        """Validate a whole request: the parameters of its URL, its headers and its body.

        - `path`: a mapping.
        - `headers`: a mapping, another object with `items()`, or an iterable of pairs, of `str` or
          `bytes`. Names are case-insensitive, values of repeated headers are joined with commas,
          and undocumented headers are ignored.
        - `body`: Python objects, or JSON text as `str` or `bytes`.

        The paths of violations start with `/path`, `/headers` or `/body`.
        """
        stated = NO_FACTS if facts is None else self._prepare_facts(facts)
        prepared = self._prepare(REQUEST, (), engine)
        if type(body) is not dict and is_text(body):
            body = _read_text(body)
        raw = prepared.violations(
            {"path": path, "headers": header_fields(headers), "body": body}, stated
        )
        if type(body) is JsonSyntaxError:
            raw = _with_syntax_error(raw, prepared.root.members["body"])
        return self._report(raw, REQUEST, stated)

    def validate_request_json(
        self,
        text: str | bytes,
        facts: Mapping[str, Any] | None = None,
        *,
        engine: _types.Engine = "compiled",
    ) -> Report:
        """Validate a whole request, given as JSON text.

        `text` is `str` or `bytes` of an object with the members `path`, `headers` and `body`.
        Raises `TypeError` if it is of another type.
        """
        stated = NO_FACTS if facts is None else self._prepare_facts(facts)
        part = self._prepare(REQUEST, (), engine)
        raw = part.violations(_read_text(text), stated)
        return self._report(_with_syntax_error(raw, part.root), REQUEST, stated)

    def validate_reply_json(
        self,
        text: str | bytes,
        facts: Mapping[str, Any] | None = None,
        *,
        engine: _types.Engine = "compiled",
    ) -> Report:
        """Validate the campaign in a reply of the query interface as a request body.

        `text` is the JSON text of the whole reply. Members that only replies have are ignored; the
        rule set names them. Paths start with the member that contains the campaign. The facts of
        the reply are used as with `facts_of_reply`; `facts` overrides them. A reply without a
        campaign is a violation. Raises `TypeError` if `text` is neither `str` nor `bytes`, and
        `FactError` if the rule set does not describe replies.
        """
        stated = NO_FACTS if facts is None else self._prepare_facts(facts)
        spec = self._reply()
        member, only = spec["campaign_member"], frozenset(spec.get("reply_only", ()))
        part = self._prepare("body", (member,), engine)
        reply = _read_text(text)
        campaign = reply.get(member) if type(reply) is dict else None
        if type(campaign) is dict:
            campaign = {
                key: value for key, value in campaign.items() if str.__str__(key) not in only
            }
        with suppress(FactError):  # an invalid reply states no facts, but its campaign is validated
            stated = self._prepare_facts({**self.facts_of_reply(reply), **stated})
        raw, root = part.violations(campaign, stated), part.root
        if campaign is None and (reason := self._failure(reply, root)):
            raw = [
                reason,
                *(violation for violation in raw if violation[0] is not root.rules["required"]),
            ]
        return self._report(raw, "body", stated)

    def _failure(self, reply: object, root: Parameter) -> RawViolation | None:
        """Return the violation of a reply that is not an object or reports a failure."""
        if type(reply) is dict:
            code = failure(reply, self._catalog)
            return (
                None
                if code is None
                else (
                    root.rules["required"]._replace(
                        template=self._catalog.messages["failed-reply"]
                    ),
                    None,
                    code,
                )
            )
        whole = {
            name: rule._replace(path=(), pointer="", name="reply")
            for name, rule in root.rules.items()
        }
        if type(reply) is JsonSyntaxError:
            return whole["invalid-json"], None, reply.details()
        return (whole["required"], None) if reply is None else (whole["type"], reply)

    def _reply(self) -> Mapping[str, Any]:
        reply: Mapping[str, Any] | None = self._data.get("query_reply")
        if reply is None:
            raise FactError(
                f"the rule set {self.name} does not describe replies of the query interface"
            )
        return reply

    def codes(self, locale: _types.Locale = "en_US") -> Mapping[str, str]:
        """Return the meaning of each result code of the interface by code, success included.

        `locale` is one of `locales`; another one raises `ValueError`.
        """
        return self._catalog.meanings[self._locale(locale)]

    def phrases(self, locale: _types.Locale = "en_US") -> Mapping[str, str]:
        """Return the phrases that messages consist of, by name.

        `locale` is one of `locales`; another one raises `ValueError`.
        """
        return self._catalog.phrases[self._locale(locale)]

    @property
    def files(self) -> tuple[str, ...]:
        """The files or names of the rule sets that the rules come from, the extended ones first."""
        return tuple(dict.fromkeys(self._origins.values()))

    def origin(self, rule: str) -> str:
        """Return the file or name of the rule set that a rule comes from.

        `rule` is the id of the rule. It comes from the rule set that was extended, or from the
        last overlay that changed it.
        """
        while rule not in self._origins:
            rule = rule.rpartition(".")[0]
        return self._origins[rule]

    def _locale(self, tag: str) -> _types.Locale:
        return resolve_locale(tag, self._catalog.locales)

    def expectations(self, locale: _types.Locale = "en_US") -> Iterator[tuple[Rule, str]]:
        """Iterate over all rules, in the order of the rule set, with their expectations.

        The expectation is the first part of a violation's message. `locale` is one of `locales`;
        another one raises `ValueError`.
        """
        locale = self._locale(locale)
        return ((rule, expectation(rule, self._catalog, locale)) for rule in self.rules())

    def to_python(self) -> str:
        """Return the generated Python source: two functions for each part of a request.

        `accept` returns whether a document is plainly valid, `violations_of` returns its
        violations.
        """
        from isales_rules.engine.accept import compile_accept
        from isales_rules.engine.compiler import compile_part

        return "\n\n".join(
            compile_(self.root(part), f"{self.name} {part}")[1]
            for part in PARTS
            for compile_ in (compile_accept, compile_part)
        )

    def rules(self) -> Iterator[Rule]:
        """Iterate over all rules, in the order of the rule set."""
        for parameter in self.root(REQUEST).walk():
            yield from parameter.rules.values()
            for clause in parameter.clauses:
                yield from (
                    assertion.rule for assertion in (*clause.then, *clause.required_together)
                )
                if not clause.then and not clause.required_together:
                    yield clause.rule

    def _prepare(self, part: str, base: Path, engine: str) -> _Part:
        """Create the engine for a part on first use; concurrent calls create equal ones."""
        key = part, base, engine
        if key not in self._engines:
            prepared = _Part(partial(self.root, part, base), f"{self.name} {part}", engine)
            if self._built is not None and key == ("body", (), "compiled"):
                prepared.accept, prepared.accept_text = self._built.accept, self._built.accept_text
            prepared.valid_report = self._report([], part, NO_FACTS)
            self._engines[key] = prepared
            if key == ("body", (), engine):
                self._body[engine] = prepared
        return self._engines[key]

    def _prepare_facts(self, facts: Mapping[str, Any]) -> PreparedFacts:
        return prepare_facts(facts, self._data.get("facts", NO_FACTS.declared))

    def _required_facts(self, part: str) -> Iterable[tuple[str, Iterable[str]]]:
        """Return the rule of each clause of a part, with the facts that it needs."""
        if self._built is not None and part == "body":
            required: list[tuple[str, list[str]]] = self._built.REQUIRED_FACTS
            return required
        return [
            (clause.rule_id, clause.required_facts)
            for parameter in self.root(part).walk()
            for clause in parameter.clauses
        ]

    def _report(self, raw: list[RawViolation], part: str, stated: PreparedFacts) -> Report:
        key = part, stated.names
        empty_report = self._empty_reports.get(key)
        if empty_report is None:
            unchecked = dict.fromkeys(
                rule_id
                for rule_id, required_facts in self._required_facts(part)
                if not stated.keys() >= set(required_facts)
            )
            empty_report = self._empty_reports[key] = Report(self._catalog, [], tuple(unchecked))
        return Report(self._catalog, raw, empty_report.unchecked) if raw else empty_report


def _read_text(text: Any) -> Any:
    """Parse JSON text; return the error for invalid JSON."""
    try:
        return parse_json(text)
    except JsonSyntaxError as error:
        return error


def _with_syntax_error(raw: list[RawViolation], parameter: Parameter) -> list[RawViolation]:
    """Replace the type violation of invalid JSON by its syntax error."""
    return [
        (parameter.rules["invalid-json"], None, violation[1].details())
        if type(violation[1]) is JsonSyntaxError
        else violation
        for violation in raw
    ]


def load(source: str | PathLike[str] | Mapping[str, Any]) -> RuleSet:
    """Load a rule set.

    `source` is the name of a shipped rule set, which is one of `names()`, the path of a
    `.toml` file, or a mapping like a parsed TOML file. What a file extends is relative to the
    file; a mapping extends a shipped rule set or an absolute path. Shipped rule sets are not
    validated again. Rule sets with the same name and content are one object within a process.
    Raises `RuleSetError` with every problem of the rule set.
    """
    if isinstance(source, Mapping):
        return _checked(Layer("<mapping>", source), None)
    name = fspath(source)
    return _checked(read_layer(name, name), name) if is_path(name) else _shipped(name)


@cache
def _shipped(name: str) -> RuleSet:
    built = built_module(name, _folder()) if name in shipped_names() else None
    if built is not None:
        return _shared(name, built.CONTENT, built.ORIGINS)
    merged = _shipped_layers(name)
    if "request" not in merged.data:
        raise RuleSetError(name, [("request", BASE_REASON)])
    return _loaded(name, merged)


def _folder() -> str:
    return path.dirname(shipped_path("catalog.toml"))


@cache
def _shipped_layers(name: str) -> Merged:
    try:
        file = shipped_file(name)
    except ValueError:
        reason = f"unknown rule set{suggest(name, names())}; use one of {', '.join(names())}, or the path of a .toml file"
        raise RuleSetError(name, [("", reason)]) from None
    return merge(read_layers(read_layer(name, file), file))


def _checked(layer: Layer, file: str | None) -> RuleSet:
    from isales_rules.language.validation import check_limits, validate_rule_set

    layers = read_layers(layer, file)
    for one in layers:
        if problems := list(check_limits(one.data)):
            raise RuleSetError(layer.name, problems, [one.name] * len(problems))
    merged = merge(layers)
    problems = validate_rule_set(merged.data, load_catalog())
    if problems:
        located = [merged.locate(location) for location, _ in problems]
        raise RuleSetError(
            layer.name,
            [
                (location, reason)
                for (_, location), (_, reason) in zip(located, problems, strict=True)
            ],
            [name for name, _ in located],
        )
    return _loaded(layer.name, merged)


def _loaded(name: str, merged: Merged) -> RuleSet:
    return _shared(name, json.dumps(merged.data, default=dict), json.dumps(merged.origins))


@lru_cache(32)
def _shared(name: str, content: str, origins: str) -> RuleSet:
    """Return the rule set with this JSON content, shared so that it is compiled once."""
    rules = RuleSet(name, json.loads(content), load_catalog(), json.loads(origins))
    built = built_module(name, _folder())
    if built is not None and content == built.CONTENT:
        object.__setattr__(rules, "_built", built)
    return rules


@cache
def endpoints() -> Mapping[str, Mapping[str, Any]]:
    """Return the request of each shipped rule set by name: its `method`, `url` and parts."""
    data = {name: _shipped_layers(name).data for name in shipped_names()}
    return {name: one["request"] for name, one in data.items() if "request" in one}


def names() -> list[str]:
    """Return the names of the shipped rule sets, sorted, without those that are only extended."""
    return list(endpoints())


__all__ = ["FactError", "RuleSet", "RuleSetError", "load", "names"]
