"""Check the facts of a caller and convert them to comparable values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from isales_rules._text import suggest
from isales_rules.engine.values import is_missing
from isales_rules.errors import IsalesRulesError
from isales_rules.language.catalog import Catalog
from isales_rules.language.keywords import KEYWORDS


class FactError(IsalesRulesError, ValueError):
    """Raised for facts that are undeclared or of the wrong type, and for invalid replies.

    The text has one line for each problem.
    """


class PreparedFacts(dict[str, Any]):
    """Facts checked against the declarations `declared`, as comparable values."""

    __slots__ = ("declared", "names")

    def __init__(self, declared: Mapping[str, Mapping[str, Any]], facts: Mapping[str, Any]) -> None:
        super().__init__(facts)
        self.declared = declared
        self.names = frozenset(facts)

    def __reduce__(self) -> tuple[Any, ...]:
        # An unpickled rule set has other declarations, so these facts are checked again.
        return dict, (dict(self),)


NO_FACTS = PreparedFacts({}, {})


def prepare_facts(
    facts: Mapping[str, Any], declared: Mapping[str, Mapping[str, Any]]
) -> PreparedFacts:
    """Check facts and convert them: datetimes to naive UTC, collections to frozensets.

    Raises `FactError`, which names each invalid fact and the type that it must have.
    """
    if type(facts) is PreparedFacts and facts.declared is declared:
        return facts
    if not isinstance(facts, Mapping):
        raise FactError(f"facts must be a mapping of names to values, not {type(facts).__name__}")
    stated, problems = {}, []
    for name, value in facts.items():
        if name not in declared:
            problems.append(
                f"unknown fact {str(name)[:64]!r}{suggest(name, declared)}; use one of {', '.join(declared)}"
            )
            continue
        try:
            stated[name] = _CONVERTERS[declared[name]["type"]](value)
        except (OverflowError, ValueError):
            problems.append(f"the fact {name!r} is out of range in UTC")
        except TypeError as error:
            problems.append(
                f"the fact {name!r} must be {_EXPECTED[declared[name]['type']]}, not {error}"
            )
    if problems:
        raise FactError("\n".join(problems))
    return PreparedFacts(declared, stated)


def facts_from_reply(
    reply: object, campaign: str, catalog: Catalog, declared: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Extract the facts stated by a reply; `campaign` names its member with the campaign.

    Raises `FactError` for an invalid reply, and for one that reports a failure.
    """
    if not isinstance(reply, Mapping) or campaign not in reply:
        raise FactError(
            f"the reply of the query interface must be an object with the member {campaign!r}"
        )
    code = failure(reply, catalog)
    if code is not None:
        raise FactError(
            f"the reply of the query interface reports a failure, {str(code)[:64]!r}, and states no facts"
        )
    members = {} if is_missing(reply[campaign]) else reply[campaign]
    if not isinstance(members, Mapping):
        raise FactError(
            f"the member {campaign!r} of the reply must be an object, not {type(members).__name__}"
        )
    facts: dict[str, Any] = {}
    for name, fact in declared.items():
        spec = fact.get("reply")
        if spec is None:
            continue
        value = members.get(spec["member"])
        if "present" in spec:
            facts[name] = not is_missing(value)
        elif not is_missing(value):
            facts[name] = (
                not KEYWORDS["allowed"].is_violated(value, spec["allowed"])
                if "allowed" in spec
                else value
            )
    prepare_facts(facts, declared)
    return facts


def failure(reply: Mapping[str, Any], catalog: Catalog) -> Any:
    """Return the result code of a reply that reports a failure; `None` for any other."""
    code = reply.get(catalog.code_member)
    return None if is_missing(code) or code == catalog.success else code


def _exactly(wanted: type, value: object) -> Any:
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        raise TypeError(type(value).__name__)
    return value


def _naive_utc(value: object) -> datetime:
    moment: datetime = _exactly(datetime, value)
    if moment != moment:  # noqa: PLR0124  # pandas.NaT is an instance of datetime; like NaN it does not equal itself
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
