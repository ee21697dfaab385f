"""Seeds and structure-aware mutators: random bytes are seldom valid JSON or TOML."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from random import Random
from typing import Any, TypeAlias

from hypothesis import HealthCheck, Phase, given, settings

from isales_rules import RuleSet
from isales_rules.language.catalog import shipped_path
from isales_rules.language.keywords import ATTRIBUTES, KEYWORDS
from isales_rules.language.model import PARTS
from isales_rules.testing.boundary_values import boundary_values
from tests.cli.test_locations import HEADERS, PATH, Writer
from tests.engine.test_json_text import INVALID as INVALID_JSON
from tests.language.test_validation import ADDED, BASE, BODIES, INVALID, ODD_VALUES
from tests.support.cases import DATA, bases, body_of, cases
from tests.support.random_rule_sets import rule_sets
from tests.support.rule_sets import DROP, Data, at, changed, locations, rule_set, toml
from tests.tools.fuzz.targets import LISTS, ODD_OBJECTS, SHIPPED

Mutator: TypeAlias = Callable[[bytes, Random], bytes]
Pairs: TypeAlias = tuple[tuple[str, Any], ...]
"""A JSON object as pairs, so that keys may be duplicated."""

# --- JSON ----------------------------------------------------------------------------------


def _known(part: str) -> Iterator[tuple[str, Any]]:
    """Iterate over parameter names with boundary values."""
    for rules in (SHIPPED, LISTS):
        for one in rules.root(part).walk():
            yield from (
                (one.name, value)
                for value in (
                    boundary_values(one)
                    if one.type not in ("dict", "list")
                    else ([], {}, [{}], None)
                )
            )


PAIRS = [(name, value) for part in PARTS for name, value in _known(part)]
PAIRS += [pair for body in [*bases().values(), HEADERS] for pair in body.items()] + [
    (part, {}) for part in PARTS
]
VALUES: list[Any] = [value for _, value in PAIRS]
VALUES += [
    None,
    True,
    False,
    "",
    [],
    (),
    0,
    -1,
    2**63,
    10**30,
    1.0,
    -0.0,
    1e308,
    5e-324,
    "\ud800",
    "\ufeff",
    "\U0001f600",
    "\u202e",
    "x" * 300,
]
CHARACTERS = (
    '{}[]",:\\/ntfu0123.-eE+ \n\r\t\x00\x1f\x7f\x85\u00e9\u0130\u2028\ufeff\ufffd\U0001f600'
)


def _to_pairs(value: Any) -> Any:
    """Convert objects to pairs, as the writer expects."""
    if isinstance(value, dict):
        return tuple((key, _to_pairs(one)) for key, one in value.items())
    return [_to_pairs(one) for one in value] if isinstance(value, list) else value


def _vary(value: Any, random: Random) -> Any:
    """Make one change in a document."""
    if isinstance(value, tuple | list) and value and random.random() < 0.8:
        index = random.randrange(len(value))
        if isinstance(value, tuple):
            key, inner = value[index]
            return (*value[:index], (key, _vary(inner, random)), *value[index + 1 :])
        return [*value[:index], _vary(value[index], random), *value[index + 1 :]]
    if isinstance(value, tuple):
        return _vary_pairs(list(value), random)
    if isinstance(value, list) and random.random() < 0.7:
        return random.choice(
            [value[1:], value * 2, [*value, _to_pairs(random.choice(VALUES))], value[::-1]]
        )
    if isinstance(value, str) and random.random() < 0.7:
        return _vary_text(value, random)
    if type(value) is int and random.random() < 0.5:
        return random.choice(
            [
                value + 1,
                value - 1,
                -value,
                value * 10 ** random.choice([1, 30, 400]),
                value + 0.0 if abs(value) < 2**60 else 0,
                str(value),
            ]
        )
    if random.random() < 0.1:
        return random.choice(
            [
                [value],
                (("name", value),),
                (("py", value),),
                (("py", [[random.randrange(len(ODD_OBJECTS)), value]]),),
            ]
        )
    return _to_pairs(
        random.choice([random.choice(VALUES), {"py": random.randrange(len(ODD_OBJECTS))}])
        if random.random() < 0.9
        else value
    )


def _vary_pairs(pairs: list[tuple[str, Any]], random: Random) -> Pairs:
    name, value = random.choice(PAIRS)
    index = random.randrange(len(pairs) + 1)
    choice = random.randrange(6)
    if choice == 0 or not pairs:
        pairs.insert(index, (name, _to_pairs(value)))
    elif choice == 1:
        pairs.insert(index, random.choice(pairs))
    elif choice == 2:
        pairs.pop(index - 1)
    elif choice == 3:
        key, inner = pairs[index - 1]
        pairs[index - 1] = (
            random.choice([key.swapcase(), key.upper(), name, _vary_text(key, random)]),
            inner,
        )
    elif choice == 4:
        random.shuffle(pairs)
    else:
        pairs += [
            (f"{random.choice([name, *CHARACTERS])}{number}", 0)
            for number in range(random.choice([1, 6, 30]))
        ]
    return tuple(pairs)


def _vary_text(text: str, random: Random) -> str:
    start = random.randrange(len(text) + 1)
    end = start + random.choice([0, 0, 1, 1, 2, 100])
    put: str = random.choice(["", *CHARACTERS, text[start:end] * 2, "0", "\n"])
    return text[:start] + put + text[end:]


def vary_json(data: bytes, random: Random) -> bytes:
    """Change a document and its formatting."""
    try:
        value = json.loads(
            data.decode("utf-8", "surrogateescape").removeprefix("\ufeff"), object_pairs_hook=tuple
        )
    except (ValueError, RecursionError):
        value = _to_pairs(random.choice([*bases().values(), *BODIES]))
    for _ in range(random.choice([1, 1, 2, 4])):
        value = _vary(value, random)
    writer = Writer(random, utf8=True)
    try:
        writer.write(value)
    except (ValueError, RecursionError):
        return data
    mark = "\ufeff" if random.random() < 0.02 else ""
    return (mark + writer.text).encode("utf-8", "surrogatepass")


# --- Rule sets -----------------------------------------------------------------------------

ARGUMENTS = [*ADDED, *(one for one in ODD_VALUES if one is not DROP)]
WORDS = [
    *KEYWORDS,
    *ATTRIBUTES,
    "tables",
    "report_at",
    "when",
    "then",
    "required_together",
    "facts",
    "id",
    "severity",
    "code",
    "message",
    "clauses",
    "query_reply",
    "definitions",
    "default",
]
TOKENS = [
    "0xffff",
    "0x" + "f" * 4000,
    "1e400",
    "inf",
    "nan",
    "-0",
    "2024-02-30",
    "1979-05-27T07:32:00Z",
    "'''",
    '"""',
    "#",
    "\\u0000",
    "[[",
    "]]",
    ".a" * 30,
]

SMALL = [
    rule_set({name: BASE["tables"]["body"][name]})
    for name in ("name", "kind", "first", "at", "mark", "on", "url", "xs", "day", "later")
]
FLAGS: Data = {
    "required": True,
    "secret": True,
    "case_insensitive": True,
    "allow_unknown": True,
    "coerce": "decimal",
    "min": 1,
    "maxlength": 3,
    "maxitems": 1,
}


@cache
def _valid_rule_sets() -> list[Data]:
    """Return valid rule sets."""
    drawn: list[Data] = []

    @settings(
        max_examples=100,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(rule_sets())
    def note(rules: RuleSet) -> None:
        drawn.append(dict(rules._data))

    note()
    return [BASE, *SMALL, *drawn]


def write_rule_set(data: Data) -> bytes:
    return "".join(f"{toml(key)} = {toml(value)}\n" for key, value in data.items()).encode(
        "utf-8", "surrogatepass"
    )


def vary_rule_set(data: bytes, random: Random) -> bytes:
    """Change some data of a rule set, or part of its text."""
    text = data.decode("utf-8", "replace")
    try:
        rules = random.choice(_valid_rule_sets()) if random.random() < 0.3 else tomllib.loads(text)
        if random.random() < 0.85:
            for _ in range(random.choice([1, 1, 2, 3])):
                rules = _vary_rule_set(rules, random)
            return write_rule_set(rules)
    except (ValueError, RecursionError):
        pass
    start = random.randrange(len(text) + 1)
    end = start + random.choice([0, 1, 1, 10, 200])
    put: str = random.choice([*TOKENS, *CHARACTERS, *WORDS, text[start:end] * 2])
    return (text[:start] + put + text[end:]).encode("utf-8", "surrogatepass")


def _vary_rule_set(rules: Data, random: Random) -> Data:
    names = [location for location in locations(rules) if not {*location} & set("\"\\' ")]
    location, other = random.choice(names or ["title"]), random.choice(names or ["title"])
    choice = random.randrange(14)
    try:
        value = at(rules, location)
        if choice >= 6:
            definitions = [
                one
                for one in names
                if isinstance(definition := at(rules, one), dict)
                and isinstance(definition.get("type"), str)
            ]
            flag = random.choice(list(FLAGS))
            if choice >= 10:
                return changed(
                    rules, {random.choice(definitions): at(rules, random.choice(definitions))}
                )
            return changed(rules, {f"{random.choice(definitions)}.{flag}": FLAGS[flag]})
        if choice == 0:
            return changed(rules, {location: random.choice(ARGUMENTS)})
        if choice == 1:
            return changed(rules, {location: at(rules, other)})
        if choice == 2:
            return changed(rules, {location: DROP})
        if choice == 3 and isinstance(value, dict):
            name = random.choice([*WORDS, *value, other.rpartition(".")[2]])
            return changed(
                rules, {f"{location}.{name}": random.choice([*ARGUMENTS, at(rules, other)])}
            )
        if choice == 4 and isinstance(value, dict) and value:
            name = random.choice(list(value))
            renamed = random.choice([*WORDS, _vary_text(name, random)])
            return changed(
                rules,
                {location: {renamed if key == name else key: one for key, one in value.items()}},
            )
        return changed(
            rules,
            {
                location: _vary(_to_pairs(value), random)
                if isinstance(value, str | int | bool)
                else [value]
            },
        )
    except (KeyError, IndexError, TypeError, AttributeError):
        return rules


# --- Seeds ---------------------------------------------------------------------------------


def _texts() -> Iterator[bytes]:
    for case in list(cases())[::5]:
        yield json.dumps(case.body).encode()
    for text in INVALID_JSON.values():
        if len(text) < 4096:
            yield text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    yield from (json.dumps(body).encode() for body in BODIES)


def _requests() -> Iterator[bytes]:
    known = bases()
    for line in (DATA / "own-cases.ndjson").read_text("utf-8").splitlines():
        case = json.loads(line)
        yield json.dumps(
            {
                "path": PATH,
                "headers": HEADERS,
                "body": body_of(case, known),
                **case.get("request", {}),
            }
        ).encode()
    yield from (
        json.dumps({"path": PATH, "headers": HEADERS, "body": body}).encode()
        for body in [*known.values(), *BODIES]
    )


def _rule_sets() -> Iterator[bytes]:
    with open(shipped_path("campaign-modify-v1.toml"), "rb") as file:
        data = tomllib.load(file)
    yield write_rule_set({**data, "rules": data["rules"][:6]})
    yield from map(write_rule_set, _valid_rule_sets())
    for group in INVALID.values():
        yield from (write_rule_set(changed(BASE, changes)) for changes, _, _ in group[:2])


SEEDS: dict[str, Callable[[], Iterator[bytes]]] = {
    "json": _texts,
    "request": _requests,
    "positions": lambda: iter([*_texts(), *_requests()]),
    "load": _rule_sets,
}
MUTATORS: dict[str, Mutator] = {
    "json": vary_json,
    "request": vary_json,
    "positions": vary_json,
    "load": vary_rule_set,
}


def words(target: str) -> Iterator[str]:
    """Return the fuzzing dictionary of a target: tokens that are seldom generated."""
    yield from WORDS if target == "load" else sorted({name for name, _ in PAIRS})
    yield from (
        TOKENS
        if target == "load"
        else (
            "NaN",
            "Infinity",
            "-0.0e-1",
            "1e400",
            "\\ud800",
            "\\u0000",
            '"py":',
            "null",
            "true",
            "false",
        )
    )
