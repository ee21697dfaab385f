"""TOML to a frozen `RuleSet`, and what a rule set is asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cache, lru_cache
from os import PathLike, fspath, listdir, path
from typing import Any, TypeAlias

from isales_rules._text import escape_nonprintable, suggest
from isales_rules.engine.json_text import JsonSyntaxError, is_text, parse_json
from isales_rules.engine.python_values import header_fields, to_plain
from isales_rules.engine.values import ABSENT, DuplicateKey, Engine, NonJsonValue, RawViolation
from isales_rules.facts import NO_FACTS, FactError, PreparedFacts, facts_from_reply, failure, prepare_facts
from isales_rules.language.catalog import Catalog, frozen, load_catalog, resolve_locale, shipped_path
from isales_rules.language.model import PARTS, REQUEST, Parameter, Path, Problem, Rule
from isales_rules.language.resolver import Resolver
from isales_rules.report import Report, expectation

_PLAIN = frozenset(map(id, (str, int, float, bool, type(None), dict, list, DuplicateKey, NonJsonValue, JsonSyntaxError, type(ABSENT))))
"""The types of plain values, by identity: a metaclass may define equality and hash."""


SHOWN = 500
"""Maximum length of the place and of the reason of a problem in the text of an error: both may have names and values of the file."""


class RuleSetError(ValueError):
    """A rule set that cannot be used. `problems` has every reason, each with its place, as in `tables.body.name.maxlength`.

    The text has one line for each; what does not print is escaped, and long ones are shortened in the middle.
    """

    def __init__(self, file: str, problems: list[Problem]) -> None:
        self.file = file
        self.problems = tuple(problems)
        super().__init__(file, problems)

    def __str__(self) -> str:
        file = escape_nonprintable(self.file)
        return "\n".join(": ".join([file, *(_shortened(text) for text in problem if text)]) for problem in self.problems)


def _shortened(text: str) -> str:
    half = SHOWN // 2
    return escape_nonprintable(text if len(text) <= SHOWN else f"{text[:half]}…{text[-half:]}")


def _compiled(root: Parameter, name: str) -> Engine:
    from isales_rules.engine.compiler import compile_part

    return compile_part(root, name).function


def _cerberus(root: Parameter, name: str) -> Engine:  # noqa: ARG001  # an engine is made of both
    from isales_rules.engine.cerberus import CerberusEngine

    return CerberusEngine(root)


_ENGINES: dict[str, Callable[[Parameter, str], Engine]] = {"compiled": _compiled, "cerberus": _cerberus}


_PreparedEngine: TypeAlias = tuple[Engine, Parameter, Report]
"""An engine for one part of a request, what it was made of, and the report of what passes it where no fact is stated."""


class RuleSet:
    """A rule set, loaded. It cannot be changed, may be shared between threads, and survives `pickle`.

    Every check takes `facts`, a mapping of the facts that the rule set declares (specification, section 5): a `datetime`, a `bool`, an `int` or a
    collection of `str` or `int`. It raises `FactError` for a fact that is not declared or of another type. `engine` is `"compiled"` or, for the
    plain and slow reference, `"cerberus"`; both give the same report, and another name raises `ValueError`.
    """

    __slots__ = ("_body", "_catalog", "_content", "_data", "_empty_reports", "_engines", "_roots", "name")

    name: str
    _body: dict[str, _PreparedEngine]
    _engines: dict[tuple[str, Path, str], _PreparedEngine]
    _content: str | None
    _data: Mapping[str, Any]
    _empty_reports: dict[tuple[str, frozenset[str]], Report]
    _roots: dict[tuple[str, Path], Parameter]
    _catalog: Catalog

    def __init__(self, name: str, data: Mapping[str, Any], texts: Catalog) -> None:
        fields = {"name": name, "_content": None, "_data": data, "_catalog": texts, "_body": {}, "_engines": {}, "_empty_reports": {}, "_roots": {}}
        for field, value in fields.items():
            object.__setattr__(self, field, value)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a rule set cannot be changed; {name!r} was to be set")

    __delattr__ = None  # type: ignore[assignment]  # nothing of it can be deleted either

    def __reduce__(self) -> tuple[Any, ...]:
        if self._content is None:
            object.__setattr__(self, "_content", json.dumps(self._data))
        return _shared, (self.name, self._content)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RuleSet) and (self.name, self._data) == (other.name, other._data)

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"<RuleSet {self.name}>"

    @classmethod
    def from_toml(cls, text: str, name: str = "<text>") -> RuleSet:
        """Load a rule set from the text of a TOML file. `name` is what `name` and error messages show.

        Raises `RuleSetError`, with every problem of the text, and `TypeError` for an argument that is not a `str`.
        """
        if not isinstance(text, str):
            raise TypeError(f"the text must be str, not {type(text).__name__}")
        return _checked(name, _parsed(name, text))

    @property
    def title(self) -> str:
        """The name of the interface that the rules are about."""
        return str(self._data["title"])

    @property
    def facts(self) -> Mapping[str, Mapping[str, Any]]:
        """The declared facts by name: the `type` of each and, by locale, its description. The mapping is read-only at every level."""
        facts: Mapping[str, Mapping[str, Any]] = frozen(self._data.get("facts", {}))
        return facts

    @property
    def reply_member(self) -> str:
        """The member of a reply of the query interface that has the campaign; empty if the rule set does not say."""
        return str(self._data.get("reply", {}).get("campaign", ""))

    def prepare_facts(self, facts: Mapping[str, Any]) -> Mapping[str, Any]:
        """Look facts over once, for many checks with them: any check takes what this returns as its `facts`, which must not be changed then.

        Raises `FactError` as a check does.
        """
        return self._prepare_facts(facts)

    def facts_of_reply(self, reply: object) -> dict[str, Any]:
        """Take the facts that a reply of the service's query interface states about the campaign (specification, section 5), to be checked with.

        `reply` is the whole reply, a mapping as its JSON reads. What it leaves empty states nothing, but that the campaign does not exist where the
        reply has none. Raises `FactError` for what is no such reply, and for one that tells of a failure.
        """
        return facts_from_reply(reply, self._reply()["campaign"], self._catalog.success, self.facts)

    def root(self, part: str, base: Path = ()) -> Parameter:
        """Return the parameters of one part of a request, laid out: `path`, `headers`, `body`, or `request` for the whole.

        `base` is put before their paths.
        """
        key = part, base
        if key not in self._roots:
            self._roots[key] = Resolver(self._data, self._catalog, part, base).root
        return self._roots[key]

    def validate(self, body: object, facts: Mapping[str, Any] | None = None, *, engine: str = "compiled") -> Report:
        """Check a request body: any JSON value as Python objects. It is never changed, and whatever it is, nothing but the facts raises.

        A mapping counts as an object, and a subclass of `str` or `int` as what it is.
        """
        stated = NO_FACTS if facts is None else self._prepare_facts(facts)
        check, root, passed = self._body.get(engine) or self._prepare("body", (), engine)
        records = _run_engine(check, root, body, stated)
        if stated:
            return self._report(records, "body", stated)
        return Report(self._catalog, records, passed.unchecked) if records else passed

    def validate_json(self, text: str | bytes, facts: Mapping[str, Any] | None = None, *, engine: str = "compiled") -> Report:
        """Check a request body as JSON text: `str`, or UTF-8 `bytes` (specification, section 6).

        Raises `TypeError` for an argument that is neither.
        """
        stated = NO_FACTS if facts is None else self._prepare_facts(facts)
        check, root, passed = self._body.get(engine) or self._prepare("body", (), engine)
        try:
            body = parse_json(text)
        except JsonSyntaxError as error:
            return self._report(_unreadable(check(error, stated), root), "body", stated)
        records = check(body, stated)
        if stated:
            return self._report(records, "body", stated)
        return Report(self._catalog, records, passed.unchecked) if records else passed

    def validate_request(
        self,
        *,
        path: object = None,
        headers: object = None,
        body: object = None,
        facts: Mapping[str, Any] | None = None,
        engine: str = "compiled",
    ) -> Report:
        """Check a whole request (specification, section 6): the parameters of its URL, its headers, its body.

        `path` is a mapping; `headers` is a mapping, another object with `items()`, or an iterable of pairs, of `str` or `bytes`; `body` is a JSON
        value as Python objects, or JSON text as `str` or `bytes`. The paths of violations begin with `/path`, `/headers` or `/body`. Header names
        count in any case, a repeated header has its values joined by commas, and headers that the document does not have are not looked at.
        """
        stated = NO_FACTS if facts is None else self._prepare_facts(facts)
        check, root, _ = self._prepare(REQUEST, (), engine)
        if type(body) is not dict and is_text(body):
            body = _read_text(body)
        records = _run_engine(check, root, {"path": path, "headers": header_fields(headers), "body": body}, stated)
        if type(body) is JsonSyntaxError:
            records = _unreadable(records, root.members["body"])
        return self._report(records, REQUEST, stated)

    def validate_request_json(self, text: str | bytes, facts: Mapping[str, Any] | None = None, *, engine: str = "compiled") -> Report:
        """Check a whole request as the text of one JSON object with the members `path`, `headers` and `body`.

        Raises `TypeError` for an argument that is no text.
        """
        stated = NO_FACTS if facts is None else self._prepare_facts(facts)
        check, root, _ = self._prepare(REQUEST, (), engine)
        return self._report(_unreadable(check(_read_text(text), stated), root), REQUEST, stated)

    def validate_reply_json(self, text: str | bytes, facts: Mapping[str, Any] | None = None, *, engine: str = "compiled") -> Report:
        """Check the campaign in a reply of the service's query interface, given as JSON text, as if it were sent back as it is.

        The members that only a reply has are left out; which ones those are, and which member of the reply has the campaign, is data of the rule
        set. Paths begin with that member. The reply states facts about its campaign as with `facts_of_reply`; those of `facts` count before them.
        A reply without a campaign is wrong there. Raises `TypeError` for an argument that is no text, and `FactError` where the rule set does not
        say what a reply is.
        """
        stated = NO_FACTS if facts is None else self._prepare_facts(facts)
        reply_row = self._reply()
        member, only = reply_row["campaign"], frozenset(reply_row.get("only", ()))
        check, root, _ = self._prepare("body", (member,), engine)
        reply = _read_text(text)
        campaign = reply.get(member) if type(reply) is dict else None
        if type(campaign) is dict:
            campaign = {key: value for key, value in campaign.items() if str.__str__(key) not in only}
        with suppress(FactError):  # a reply that is wrong in this way states nothing; what is wrong with its campaign is found all the same
            stated = self._prepare_facts({**self.facts_of_reply(reply), **stated})
        records = _run_engine(check, root, campaign, stated)
        if campaign is None and (reason := self._failure(reply, root)):
            records = [reason, *(record for record in records if record[0] is not root.rules["required"])]
        return self._report(records, "body", stated)

    def _failure(self, reply: object, root: Parameter) -> RawViolation | None:
        """Return the violation of a reply that reports a failure, or that is not an object; `None` for any other."""
        if type(reply) is dict:
            code = failure(reply, self._catalog.success)
            return None if code is None else (root.rules["required"]._replace(template=self._catalog.messages["failed-reply"]), None, code)
        whole = {name: check._replace(path=(), pointer="", name="reply") for name, check in root.rules.items()}
        if type(reply) is JsonSyntaxError:
            return whole["json"], None, reply.details()
        return (whole["required"], None) if reply is None else (whole["type"], reply)

    def _reply(self) -> Mapping[str, Any]:
        reply: Mapping[str, Any] | None = self._data.get("reply")
        if reply is None:
            raise FactError(f"the rule set {self.name} does not say what a reply states")
        return reply

    def codes(self, locale: str = "en_US") -> Mapping[str, str]:
        """Give what each result code means, success included, in `en_US` or `zh_CN`. Raise `ValueError` for another locale."""
        return self._catalog.meanings[resolve_locale(locale)]

    def expectations(self, locale: str = "en_US") -> Iterator[tuple[Rule, str]]:
        """Go through everything that can be wrong with a request, in the rule set's order, with what is expected of it.

        Raise `ValueError` for another locale than `en_US` and `zh_CN`.
        """
        locale = resolve_locale(locale)
        return ((check, expectation(check, self._catalog, locale)) for check in self.rules())

    def to_python(self) -> str:
        """Give the Python source that the rule set is compiled to: a function for each part of a request."""
        from isales_rules.engine.compiler import compile_part

        return "\n\n".join(compile_part(self.root(part), f"{self.name} {part}").source for part in PARTS)

    def rules(self) -> Iterator[Rule]:
        """Go through everything that can be wrong with a request, in the rule set's order."""
        for parameter in self.root(REQUEST).walk():
            yield from parameter.rules.values()
            for case in parameter.clauses:
                yield from (test.rule for test in (*case.then, *case.required_together))
                if not case.then and not case.required_together:
                    yield case.rule

    def _prepare(self, part: str, base: Path, engine: str) -> _PreparedEngine:
        """Make an engine for one part of a request, once; two threads that come at the same time make the same one."""
        key = part, base, engine
        if key not in self._engines:
            if engine not in _ENGINES:
                raise ValueError(f"there is no engine {engine!r}; use one of {', '.join(_ENGINES)}")
            root = self.root(part, base)
            passed = self._report([], part, NO_FACTS)
            self._engines[key] = _ENGINES[engine](root, f"{self.name} {part}"), root, passed
            if key == ("body", (), engine):
                self._body[engine] = self._engines[key]
        return self._engines[key]

    def _prepare_facts(self, facts: Mapping[str, Any]) -> PreparedFacts:
        return prepare_facts(facts, self._data.get("facts", NO_FACTS.declared))

    def _report(self, records: list[RawViolation], part: str, stated: PreparedFacts) -> Report:
        key = part, stated.names
        passed = self._empty_reports.get(key)
        if passed is None:
            unchecked = dict.fromkeys(
                case.rule_id for parameter in self.root(part).walk() for case in parameter.clauses if not case.required_facts <= stated.keys()
            )
            passed = self._empty_reports[key] = Report(self._catalog, [], tuple(unchecked))
        return Report(self._catalog, records, passed.unchecked) if records else passed


def _read_text(text: Any) -> Any:
    """Read JSON text; return the error of a text that is not JSON."""
    try:
        return parse_json(text)
    except JsonSyntaxError as error:
        return error


def _unreadable(records: list[RawViolation], parameter: Parameter) -> list[RawViolation]:
    """Replace the wrong type of a text that is not JSON, given for a parameter, by the reason why it is not JSON."""
    return [(parameter.rules["json"], None, record[1].details()) if type(record[1]) is JsonSyntaxError else record for record in records]


def _run_engine(check: Engine, root: Parameter, document: object, stated: Mapping[str, Any]) -> list[RawViolation]:
    """Run an engine on Python objects. What is no plain JSON value shows as a violation, or in an exception: then a plain copy is checked."""
    try:
        records = check(document, stated)
        for record in records:
            if id(type(record[1])) not in _PLAIN:
                break
        else:
            return records
    except Exception:  # noqa: BLE001, S110  # a caller's objects may raise anything; what is not theirs is raised again below
        pass
    return check(to_plain(document, root), stated)


def load(source: str | PathLike[str] | Mapping[str, Any]) -> RuleSet:
    """Load a rule set: a shipped one by its name, such as `"campaign-modify-v1"`, another by the path of its `.toml` file or as a mapping.

    A mapping has the form of a parsed TOML file. Rule sets of the same name and content are one object within a process.
    Raises `RuleSetError`, with every problem of the rule set. A shipped rule set is not checked again.
    """
    if isinstance(source, Mapping):
        return _checked("<mapping>", source)
    name = fspath(source)
    if name.endswith(".toml") or path.dirname(name):
        return _checked(name, _parsed(name, _read_file(name, name)))
    return _shipped(name)


@cache
def _shipped(name: str) -> RuleSet:
    if name not in names():
        reason = f"there is no such rule set{suggest(name, names())}; the shipped ones are {', '.join(names())}, and another is named by its path"
        raise RuleSetError(name, [("", reason)])
    return _shared(name, json.dumps(_parsed(name, _read_file(name, shipped_path(f"{name}.toml")))))


def _read_file(name: str, file: str) -> bytes:
    try:
        with open(file, "rb") as opened:
            return opened.read()
    except OSError as error:
        raise RuleSetError(name, [("", f"cannot be read: {error.strerror}")]) from None


def _parsed(name: str, text: str | bytes) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text if isinstance(text, str) else text.decode())
    except (ValueError, RecursionError) as error:
        raise RuleSetError(name, [("", f"is not TOML: {error}")]) from None


def _checked(name: str, data: Mapping[str, Any]) -> RuleSet:
    from isales_rules.language.validation import validate_rule_set

    problems = validate_rule_set(data, load_catalog())
    if problems:
        raise RuleSetError(name, problems)
    return _shared(name, json.dumps(data, default=dict))


@lru_cache(32)
def _shared(name: str, content: str) -> RuleSet:
    """Return the rule set with this content, as JSON: one object in a process, so that an unpickled one is compiled once."""
    return RuleSet(name, json.loads(content), load_catalog())


def names() -> list[str]:
    """Name the shipped rule sets."""
    folder = path.dirname(shipped_path("codes.toml"))
    return sorted(file.removesuffix(".toml") for file in listdir(folder) if file.endswith(".toml") and file != "codes.toml")


__all__ = ["FactError", "RuleSet", "RuleSetError", "load", "names"]
