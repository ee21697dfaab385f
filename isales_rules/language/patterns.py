"""Finds regular expressions that can take very long on some texts.

A bound on the ways in which they can match, from their parse tree.
"""

from __future__ import annotations

import re
from re import _parser  # type: ignore[attr-defined]  # it has no public name, and no library that is kept well does this
from typing import Any

MAX_LENGTH = 1000
"""Maximum length that a rule may demand of a string, so that there are examples of it."""

WAYS = 1_000_000
"""Maximum number of ways to match, beside the factor of each unbounded repetition."""

POWER = 2
"""Maximum number of unbounded repetitions that can backtrack and follow each other."""

SLOW = (
    "can take very long on some texts, as it can match in too many ways; make a repetition that is inside another one or follows it possessive, "
    "as in (a++b)*, and an alternative in a repetition atomic, as in (?>a|b)*"
)


def refused(pattern: str) -> str:
    """Say why a rule set must not have a pattern; an empty text if it may.

    Raises what `re.compile` raises.
    """
    re.compile(pattern, re.ASCII)
    parsed = _parser.parse(pattern, re.ASCII)
    if parsed.getwidth()[0] > MAX_LENGTH:
        return f"matches only texts of more than {MAX_LENGTH} characters"
    try:
        _ways(parsed)
    except _TooManyError:
        return SLOW
    return ""


class _TooManyError(Exception):
    """The ways to match have no bound that is small enough."""


def _ways(items: Any) -> tuple[int, int]:
    """Bound the ways in which a sequence can match.

    A number, and the power of the length of the text that it is multiplied with.
    """
    ways, power = 1, 0
    for operator, argument in items:
        more, higher = _ways_of_one(str(operator), argument)
        ways, power = ways * more, power + higher
        if ways > WAYS or power > POWER:
            raise _TooManyError
    return ways, power


def _ways_of_one(operator: str, argument: Any) -> tuple[int, int]:
    if operator in ("MAX_REPEAT", "MIN_REPEAT"):
        least, most, body = argument
        return _repeated(least, most, *_ways(body))
    if operator in ("POSSESSIVE_REPEAT", "ATOMIC_GROUP", "ASSERT", "ASSERT_NOT"):
        # What was matched once is not matched in another way later.
        _ways(argument if operator == "ATOMIC_GROUP" else argument[-1])
        return 1, 0
    if operator == "SUBPATTERN":
        return _ways(argument[-1])
    if operator in ("BRANCH", "GROUPREF_EXISTS"):
        found = [
            _ways(one or ()) for one in (argument[1] if operator == "BRANCH" else argument[1:])
        ]
        return sum(ways for ways, _ in found), max(power for _, power in found)
    return 1, 0


def _repeated(least: int, most: int, ways: int, power: int) -> tuple[int, int]:
    if (ways, power) == (1, 0):
        return (1, 1) if most == _parser.MAXREPEAT else (most - least + 1, 0)
    if ways > 1 and most > WAYS.bit_length():
        raise _TooManyError
    return (most - least + 1) * ways**most, power * most
