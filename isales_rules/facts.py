"""What a caller states about the campaign: checked, and brought into the form that rules compare with."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from isales_rules._text import suggest
from isales_rules.engine.values import is_missing
from isales_rules.language.keywords import KEYWORDS


class FactError(ValueError):
    """A fact that the rule set does not declare, or that is of another type: the caller's mistake, not the data's."""


class PreparedFacts(dict[str, Any]):
    """Facts that were checked against these declarations, in the form that rules compare with; they are not checked again."""

    __slots__ = ("declared", "names")

    def __init__(self, declared: Mapping[str, Mapping[str, Any]], facts: Mapping[str, Any]) -> None:
        super().__init__(facts)
        self.declared = declared
        self.names = frozenset(facts)

    def __reduce__(self) -> tuple[Any, ...]:
        # Where it is unpickled the declarations are others, so that there it is checked again.
        return dict, (dict(self),)


NO_FACTS = PreparedFacts({}, {})


def prepare_facts(facts: Mapping[str, Any], declared: Mapping[str, Mapping[str, Any]]) -> PreparedFacts:
    """Check `facts` and bring them into comparable form: a `datetime` naive in UTC, a collection as a `frozenset`.

    Raises `FactError`, naming the fact and what it should be.
    """
    if type(facts) is PreparedFacts and facts.declared is declared:
        return facts
    if not isinstance(facts, Mapping):
        raise FactError(f"facts must be a mapping of names to values, not {type(facts).__name__}")
    stated = {}
    for name, value in facts.items():
        if name not in declared:
            raise FactError(f"there is no fact {str(name)[:64]!r}{suggest(name, declared)}; the facts are {', '.join(declared)}")
        try:
            stated[name] = _CONVERTERS[declared[name]["type"]](value)
        except (OverflowError, ValueError):
            raise FactError(f"the fact {name!r} is a time that UTC has no date for") from None
        except TypeError as error:
            raise FactError(f"the fact {name!r} must be {_EXPECTED[declared[name]['type']]}, not {error}") from None
    return PreparedFacts(declared, stated)


def facts_from_reply(reply: object, campaign: str, success: str, declared: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Take from a reply of the query interface the facts that it states; `campaign` is its member with the campaign.

    Raises `FactError` for what is no such reply, and for one that tells of a failure.
    """
    if not isinstance(reply, Mapping) or campaign not in reply:
        raise FactError(f"the reply of the query interface must be an object with the member {campaign!r}")
    code = failure(reply, success)
    if code is not None:
        raise FactError(f"the reply of the query interface tells of a failure, {str(code)[:64]!r}, and states nothing about the campaign")
    found = {} if is_missing(reply[campaign]) else reply[campaign]
    if not isinstance(found, Mapping):
        raise FactError(f"the member {campaign!r} of the reply must be an object, not {type(found).__name__}")
    facts: dict[str, Any] = {}
    for name, fact in declared.items():
        how = fact.get("reply")
        value = None if how is None else found.get(how["member"])
        if how is not None and "given" in how:
            facts[name] = not is_missing(value)
        elif how is not None and not is_missing(value):
            facts[name] = not KEYWORDS["allowed"].is_violated(value, how["allowed"]) if "allowed" in how else value
    prepare_facts(facts, declared)
    return facts


def failure(reply: Mapping[str, Any], success: str) -> Any:
    """Return the result code of a reply that reports a failure; `None` for any other."""
    code = reply.get("resultCode")
    return None if is_missing(code) or code == success else code


def _exactly(wanted: type, value: object) -> Any:
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        raise TypeError(type(value).__name__)
    return value


def _naive_utc(value: object) -> datetime:
    moment: datetime = _exactly(datetime, value)
    if moment != moment:  # noqa: PLR0124  # pandas.NaT is a datetime, but not a time; like NaN it differs from itself
        raise TypeError
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


def _collection(wanted: type, value: object) -> frozenset[Any]:
    if not isinstance(value, Collection) or isinstance(value, str | bytes):
        raise TypeError(type(value).__name__)
    try:
        return frozenset(_exactly(wanted, one) for one in value)
    except TypeError as error:
        raise TypeError(f"one with an entry of the type {error}") from None


_CONVERTERS: dict[str, Callable[[object], Any]] = {
    "datetime": _naive_utc,
    "boolean": lambda value: _exactly(bool, value),
    "integer": lambda value: int(_exactly(int, value)),
    "strings": lambda value: _collection(str, value),
    "integers": lambda value: _collection(int, value),
}

_EXPECTED = {
    "datetime": "a datetime",
    "boolean": "a bool",
    "integer": "an int",
    "strings": "a collection of str",
    "integers": "a collection of int",
}
