"""Python objects as input: conversion to JSON, hostile objects, order of violations."""

from __future__ import annotations

import copy
import json
import pickle
from collections import ChainMap, OrderedDict, UserDict, UserString, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum, StrEnum
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

import pytest

from isales_rules import Report, RuleSet
from tests.support.cases import bases, cases, drop, put, some_cases
from tests.support.rule_sets import load, rule_set

LOCALES = ("en_US", "zh_CN")
VALID = bases()["previewed"]


class Text(str):
    __slots__ = ()


class Number(int):
    pass


class Object(dict[Any, Any]):
    pass


class Device(IntEnum):
    PREVIEWED = 5
    NONE = 4


class Word(StrEnum):
    NAME = "name"


class Pair(Mapping[Any, Any]):
    """A minimal mapping."""

    def __init__(self, members: Mapping[Any, Any]) -> None:
        self.members = members

    def __getitem__(self, key: object) -> Any:
        return self.members[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.members)

    def __len__(self) -> int:
        return len(self.members)


def path_codes(report: Report) -> list[tuple[str, str | None]]:
    return [(one.path, one.code) for one in report.violations]


def changed(changes: Mapping[str, Any], dropped: tuple[str, ...] = ()) -> Any:
    body = copy.deepcopy(VALID)
    for pointer, value in changes.items():
        put(body, pointer, value)
    for pointer in dropped:
        drop(body, pointer)
    return body


def remade(
    value: Any,
    mapping: Callable[[dict[Any, Any]], object],
    text: Callable[[str], str],
    number: Callable[[int], int],
) -> Any:
    """Rebuild a JSON value from other types."""
    if isinstance(value, dict):
        return mapping(
            {text(key): remade(inner, mapping, text, number) for key, inner in value.items()}
        )
    if isinstance(value, list):
        return [remade(inner, mapping, text, number) for inner in value]
    if isinstance(value, str):
        return text(value)
    return number(value) if type(value) is int else value


def assert_printable(report: Report) -> None:
    for locale in LOCALES:
        for message in [
            report.response(locale)["resultDesc"],
            *(one.message(locale) for one in report.violations),
        ]:
            assert message.isprintable()
            assert len(message) < 3000
    assert repr(report).isprintable()
    assert all(repr(one).isprintable() for one in report.violations)


@pytest.mark.parametrize(
    ("mapping", "text", "number"),
    [
        (OrderedDict, str, int),
        (Object, str, int),
        (UserDict, str, int),
        (ChainMap, str, int),
        (MappingProxyType, str, int),
        (Pair, str, int),
        (lambda members: defaultdict(dict, members), str, int),
        (dict, Text, int),
        (dict, str, Number),
        (Pair, Text, Number),
    ],
)
def test_mappings_and_subclasses_are_accepted(
    mapping: Callable[[dict[Any, Any]], object],
    text: Callable[[str], str],
    number: Callable[[int], int],
    rules: RuleSet,
    engine: str,
) -> None:
    for case in list(cases())[::40]:
        body = remade(case.body, mapping, text, number)
        assert rules.validate(body, case.facts, engine=engine) == rules.validate(
            case.body, case.facts, engine=engine
        ), case.name


def test_validation_does_not_change_the_body(rules: RuleSet, engine: str) -> None:
    for case in some_cases(engine):
        before = copy.deepcopy(case.body)
        rules.validate(case.body, case.facts, engine=engine)
        assert repr(case.body) == repr(before), case.name


def test_default_factory_is_not_called(rules: RuleSet, engine: str) -> None:
    body: defaultdict[str, Any] = defaultdict(lambda: "made up", copy.deepcopy(VALID))
    del body["name"]
    assert path_codes(rules.validate(body, engine=engine)) == [("/name", "02000001")]
    assert list(body) == [key for key in VALID if key != "name"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"/deviceType": Device.PREVIEWED}, []),
        ({"/deviceType": Device.NONE}, [("/deviceType", "02000007")]),
        ({"/name": Word.NAME}, []),
        ({"/name": Text("x" * 101)}, [("/name", "02000003")]),
        ({"/name": Text()}, [("/name", "02000001")]),
        ({"/maxAlertingTime": Number(121)}, [("/maxAlertingTime", "02000007")]),
        ({"/callBackUrl": Text("ftp://x")}, [("/callBackUrl", "02000007")]),
    ],
)
def test_enums_and_subclasses_count_by_value(
    changes: dict[str, Any], expected: list[tuple[str, str]], rules: RuleSet, engine: str
) -> None:
    assert path_codes(rules.validate(changed(changes), engine=engine)) == expected


class Raising:
    """Raises on every operation."""

    def _raise(self, *_: object) -> NoReturn:
        raise ValueError("no")

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _raise
    __bool__ = __len__ = __iter__ = __contains__ = __getitem__ = __repr__ = __str__ = __int__ = (
        __index__
    ) = __float__ = _raise
    __format__ = __reduce_ex__ = __sizeof__ = __dir__ = _raise
    __hash__ = _raise

    def __getattr__(self, name: str) -> NoReturn:
        raise ValueError(name)


class Agreeable:
    """Equals everything, is empty, and has an unprintable representation."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return hash("name")

    def __len__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return "\x1b[31m" * 1000


class Pretender:
    """Claims another class."""

    def __init__(self, claimed: type) -> None:
        self.claimed = claimed

    @property  # type: ignore[misc]  # intended
    def __class__(self) -> Any:
        return self.claimed


class Unclassed:
    @property  # type: ignore[misc]  # intended
    def __class__(self) -> Any:
        raise ValueError("no")


NAMELESS = type("\n\x1b\u202e" * 100, (), {})

NON_JSON: dict[str, Any] = {
    "tuple": (1, 2),
    "empty tuple": (),
    "set": {1},
    "empty frozenset": frozenset(),
    "bytes": b"text",
    "empty bytes": b"",
    "bytearray": bytearray(b"text"),
    "Decimal": Decimal(20),
    "Fraction": Fraction(20),
    "complex": 20j,
    "nan": float("nan"),
    "infinity": float("inf"),
    "object": object(),
    "type": int,
    "function": len,
    "range": range(3),
    "iterator": iter(()),
    "UserString": UserString("text"),
    "dict keys": {}.keys(),
    "ellipsis": ...,
    "not implemented": NotImplemented,
    "raising": Raising(),
    "agreeable": Agreeable(),
    "claims to be a str": Pretender(str),
    "claims to be an int": Pretender(int),
    "claims to be a float": Pretender(float),
    "claims to be a dict": Pretender(dict),
    "claims to be a list": Pretender(list),
    "claims to be None": Pretender(type(None)),
    "raises on __class__": Unclassed(),
    "nonprintable type name": NAMELESS(),
}


@pytest.mark.parametrize("name", NON_JSON)
@pytest.mark.parametrize(
    "pointer",
    [
        "/name",
        "/strEndTime",
        "/deviceType",
        "/scheduleParam",
        "/scheduleParam/workdayEndTime1",
        "/skillParam/skillId",
    ],
)
def test_non_json_value_has_wrong_type(
    pointer: str, name: str, rules: RuleSet, engine: str
) -> None:
    report = rules.validate(changed({pointer: NON_JSON[name]}), engine=engine)
    assert (pointer, "02000006") in path_codes(report)
    assert sum(one.path == pointer for one in report.violations) == 1
    assert_printable(report)


@pytest.mark.parametrize("name", NON_JSON)
def test_non_json_body_has_wrong_type(name: str, rules: RuleSet, engine: str) -> None:
    report = rules.validate(NON_JSON[name], engine=engine)
    assert path_codes(report) == [("", "02000006")]
    assert_printable(report)


@pytest.mark.parametrize("value", [True, False, 2.0, -0.0, "2", [], {}])
@pytest.mark.parametrize(
    "pointer",
    [
        "/deviceType",
        "/maxAlertingTime",
        "/skillParam/outBoundType",
        "/skillParam/previewParam/autoCallTime",
    ],
)
def test_only_int_is_an_integer(pointer: str, value: Any, rules: RuleSet, engine: str) -> None:
    report = rules.validate(changed({pointer: value}), engine=engine)
    assert [(path, code) for path, code in path_codes(report) if code] == [(pointer, "02000006")]


@pytest.mark.parametrize("name", NON_JSON)
def test_unknown_parameter_value_is_ignored(name: str, rules: RuleSet, engine: str) -> None:
    report = rules.validate(changed({"/odd": {"inside": NON_JSON[name]}}), engine=engine)
    assert path_codes(report) == [("/odd", "0200001")]


class LyingText(str):
    """Lies about its length, its characters and what it is equal to."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return True

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Iterator[str]:
        return iter("ok")

    def __str__(self) -> str:
        return "ok"

    __repr__ = __str__

    def startswith(self, *_: object) -> bool:
        return True


class LyingNumber(int):
    """Lies about its size."""

    __hash__ = int.__hash__

    def __eq__(self, other: object) -> bool:
        return True

    def __lt__(self, other: object) -> bool:
        return False

    __gt__ = __lt__

    def __index__(self) -> int:
        return 20

    __int__ = __index__

    def __repr__(self) -> str:
        return "20"


@pytest.mark.parametrize(
    ("pointer", "value", "code"),
    [
        ("/name", LyingText("x" * 101), "02000003"),
        ("/callerNo", LyingText("a"), "02000002"),
        ("/callBackUrl", LyingText("ftp://x"), "02000007"),
        ("/strEndTime", LyingText("tomorrow"), "02000008"),
        ("/maxAlertingTime", LyingNumber(121), "02000007"),
        ("/deviceType", LyingNumber(4), "02000007"),
    ],
)
def test_lying_subclass_counts_by_real_value(
    pointer: str, value: Any, code: str, rules: RuleSet, engine: str
) -> None:
    report = rules.validate(changed({pointer: value}), engine=engine)
    assert [(path, code) for path, code in path_codes(report) if code] == [(pointer, code)]
    assert_printable(report)


def raising(kind: type, method: str) -> Any:
    def fail(*_: object) -> NoReturn:
        raise RuntimeError("no")

    return type("Broken", (kind,), {method: fail})


@pytest.mark.parametrize("kind", [Pair, Object])
@pytest.mark.parametrize(
    "method",
    [
        "__getitem__",
        "__iter__",
        "__len__",
        "__contains__",
        "keys",
        "items",
        "values",
        "get",
        "__eq__",
        "__bool__",
    ],
)
def test_raising_mapping_does_not_raise(
    method: str, kind: type, rules: RuleSet, engine: str
) -> None:
    mapping = raising(kind, method)
    for body in (
        mapping(VALID),
        VALID | {"odd": mapping({})},
        VALID | {"scheduleParam": mapping(VALID["scheduleParam"])},
    ):
        assert_printable(rules.validate(body, engine=engine))


@pytest.mark.parametrize("method", ["__getitem__", "__iter__"])
def test_unreadable_mapping_is_invalid(method: str, rules: RuleSet, engine: str) -> None:
    mapping = raising(Pair, method)
    assert not rules.validate(mapping(VALID), engine=engine).ok
    report = rules.validate(
        VALID | {"scheduleParam": mapping(VALID["scheduleParam"])}, engine=engine
    )
    assert {one.path for one in report.violations} == {"/scheduleParam"}


class ArmedKey:
    """A key with the hash of `name` whose equality raises or is always true."""

    armed: bool | None = None

    def __hash__(self) -> int:
        return hash("name")

    def __eq__(self, other: object) -> bool:
        if self.armed is None:
            return self is other
        if self.armed:
            raise RuntimeError("no")
        return True


@pytest.mark.parametrize("armed", [True, False], ids=["raising", "equal"])
@pytest.mark.parametrize("table", ["", "/scheduleParam", "/skillParam"])
def test_key_with_hostile_equality_does_not_raise(
    table: str, armed: bool, rules: RuleSet, engine: str
) -> None:
    body, key = changed({}), ArmedKey()
    (body[table[1:]] if table else body)[key] = 1
    key.armed = armed
    report = rules.validate(body, engine=engine)
    assert report.ok is (not armed and not table)
    assert_printable(report)


@pytest.mark.parametrize(
    "key",
    [
        1,
        0,
        -1,
        1.5,
        True,
        None,
        (1, "name"),
        b"name",
        frozenset({1}),
        object(),
        Agreeable,
        Device.PREVIEWED,
        float("nan"),
        NAMELESS(),
        pytest.param(10**5000, id="huge"),
        pytest.param(-(10**5000), id="minus huge"),
    ],
)
def test_non_text_key_is_unknown(key: Any, rules: RuleSet, engine: str) -> None:
    report = rules.validate(VALID | {key: 1}, engine=engine)
    [violation] = report.violations
    assert violation.code == "0200001"
    assert violation.path.startswith("/")
    assert violation.path.count("/") == 1
    assert_printable(report)


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("odd", "/odd"),
        ("", "/"),
        ("a/b~c", "/a~1b~0c"),
        ("~1", "/~01"),
        ("名", "/名"),
        ("name ", "/name "),
        ("Name", "/Name"),
        (Text("odd"), "/odd"),
    ],
)
def test_unknown_parameter_has_own_path(key: str, path: str, rules: RuleSet, engine: str) -> None:
    assert path_codes(rules.validate(VALID | {key: {"a": 1}}, engine=engine)) == [(path, "0200001")]


class OwnHash(str):
    """A string that equals only itself."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = object.__hash__


def test_keys_with_own_equality_keep_their_values(rules: RuleSet, engine: str) -> None:
    for kind in (dict, UserDict):
        body = {
            OwnHash(key): kind({OwnHash(name): one for name, one in value.items()})
            if isinstance(value, dict)
            else value
            for key, value in VALID.items()
        }
        assert rules.validate(kind(body), engine=engine).violations == ()
        assert path_codes(
            rules.validate(kind(body | {OwnHash("maxAlertingTime"): 1}), engine=engine)
        )[0] == ("/maxAlertingTime", "02000007")


class RaisingText(str):
    __slots__ = ()

    def _raise(self, *_: object) -> NoReturn:
        raise ValueError("no")

    __str__ = __repr__ = __len__ = __iter__ = __getitem__ = removeprefix = lstrip = startswith = (
        lower
    ) = _raise


class RaisingBytes(bytes):
    def decode(self, *_: object, **__: object) -> NoReturn:
        raise ValueError("no")

    def __getitem__(self, _: object) -> NoReturn:
        raise ValueError("no")


@pytest.mark.parametrize("text", [json.dumps(VALID), " ", "{", '{"name": \ud800}'])
def test_raising_text_is_parsed(text: str, rules: RuleSet, engine: str) -> None:
    expected = rules.validate_json(text, engine=engine)
    assert rules.validate_json(RaisingText(text), engine=engine) == expected
    encoded = text.encode("utf-8", "surrogatepass")
    assert rules.validate_json(RaisingBytes(encoded), engine=engine) == rules.validate_json(
        encoded, engine=engine
    )
    assert rules.validate_request(body=RaisingText(text), engine=engine) == rules.validate_request(
        body=text, engine=engine
    )


class Meta(type):
    """Raises on every operation on the class."""

    def _raise(cls, *_: object) -> NoReturn:
        raise ValueError("no")

    __eq__ = __ne__ = __hash__ = __repr__ = __str__ = __instancecheck__ = __subclasscheck__ = (
        __getattribute__
    ) = _raise


def hostile() -> Any:
    return type.__call__(type.__new__(Meta, "Hostile", (), {}))


@pytest.mark.parametrize("pointer", ["", "/name", "/scheduleParam", "/skillParam/skillId"])
def test_raising_metaclass_has_wrong_type(pointer: str, rules: RuleSet, engine: str) -> None:
    report = rules.validate(changed({pointer: hostile()}) if pointer else hostile(), engine=engine)
    assert (pointer, "02000006") in path_codes(report)
    assert_printable(report)
    assert "Hostile" in repr([one.message() for one in report.violations])


def test_key_with_raising_metaclass_is_unknown(rules: RuleSet, engine: str) -> None:
    report = rules.validate(VALID | {hostile(): 1}, engine=engine)
    assert path_codes(report) == [("/<Hostile>", "0200001")]
    assert_printable(report)


class Campaign:
    """Like a pydantic model: has a method that converts it."""

    def model_dump(self) -> Any:
        return VALID


@dataclass
class Schedule:
    workdayBeginTime1: str = "08:00"  # noqa: N815  # the parameter's own name


@pytest.mark.parametrize(
    ("pointer", "value", "remedy"),
    [
        ("", Campaign(), "model_dump()"),
        ("/scheduleParam", Schedule(), "dataclasses.asdict()"),
        ("/skillParam", Campaign(), "model_dump()"),
    ],
)
def test_message_names_conversion_method(
    pointer: str, value: object, remedy: str, rules: RuleSet, engine: str
) -> None:
    report = rules.validate(changed({pointer: value}) if pointer else value, engine=engine)
    [violation] = [one for one in report.violations if one.path == pointer]
    for locale in LOCALES:
        assert remedy in violation.message(locale)
        assert type(value).__name__ in violation.message(locale)
    assert remedy in pickle.loads(pickle.dumps(violation)).message()  # noqa: S301  # made here


@pytest.mark.parametrize("kind", [dict, UserDict])
def test_valid_body_near_recursion_limit(kind: Any, tmp_path: Path, engine: str) -> None:
    rules = load(
        tmp_path,
        rule_set(
            {"a": {"type": "dict", "schema": "a"}},
            tables={"a": {"b": {"type": "integer", "required": True}}},
        ),
    )
    body = kind({"a": kind({"b": 1})})
    assert rules.validate(body, engine=engine).ok

    def descend() -> Iterator[bool]:
        try:
            yield rules.validate(body, engine=engine).ok
        except RecursionError:
            return
        yield from descend()

    assert all(descend())


class Endless(Mapping[str, Any]):
    def __iter__(self) -> Iterator[str]:
        return iter(self)

    def __len__(self) -> int:
        return len(self)

    def __getitem__(self, name: str) -> Any:
        return self[name]


def test_endless_recursion_has_wrong_type(rules: RuleSet, engine: str) -> None:
    assert path_codes(rules.validate(Endless(), engine=engine)) == [("", "02000006")]


ODD_TEXTS = {
    "lone surrogate": "\ud800",
    "two lone surrogates": "\udfff\ud800",
    "escape sequence": "\x1b[2J",
    "nul and line ends": "a\0b\r\n\u2028",
    "right to left": "\u202etxt",
    "quotes and backslashes": "\"'\\",
    "placeholders": "$name ${found} %s {0} $$",
    "long": "x" * 100_000,
    "long and odd": "\ud800\x1b" * 50_000,
}


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
def test_messages_of_odd_texts_are_printable(text: str, rules: RuleSet, engine: str) -> None:
    for body in (
        VALID | {text: 1},
        VALID
        | {
            "deviceType": text,
            "callerNo": text,
            "callBackUrl": text,
            "strBeginTime": text,
            "maxAlertingTime": [text],
        },
        VALID | {"name": text * 101, "description": text * 201 + ";"},
        VALID | {f"{text}{number}": number for number in range(30)},
        changed(
            {
                "/skillParam/previewParam": {text: {text: text}},
                "/scheduleParam/workdayEndTime3": text,
            }
        ),
        {text: text},
        text,
    ):
        report = rules.validate(body, engine=engine)
        assert not report.ok
        assert_printable(report)


@pytest.mark.parametrize(
    "number",
    [10**5000, -(10**5000), 2**63, float("inf"), float("nan"), 1e308],
    ids=["huge", "minus huge", "2^63", "inf", "nan", "1e308"],
)
def test_messages_of_huge_numbers_are_short(number: float, rules: RuleSet, engine: str) -> None:
    code = "02000007" if isinstance(number, int) else "02000006"
    for pointer in (
        "/deviceType",
        "/maxAlertingTime",
        "/skillParam/skillId",
        "/skillParam/previewParam/failInterval",
    ):
        report = rules.validate(changed({pointer: number}), engine=engine)
        assert [(path, code) for path, code in path_codes(report) if code] == [(pointer, code)]
        assert_printable(report)


def test_huge_referenced_bound_is_short(rules: RuleSet, engine: str) -> None:
    report = rules.validate(
        changed({"/skillParam/previewParam/autoCallTime": 10**5000}), engine=engine
    )
    assert path_codes(report) == [("/skillParam/previewParam/autoCallTime", "02000009")]
    assert_printable(report)


def test_message_shows_the_value(rules: RuleSet, engine: str) -> None:
    body = changed(
        {
            "/name": 7,
            "/deviceType": "five",
            "/callerNo": None,
            "/maxAlertingTime": 121,
            "/callBackUrl": "ftp://x",
            "/scheduleParam": True,
        }
    )
    for locale in LOCALES:
        messages = {
            one.path: one.message(locale) for one in rules.validate(body, engine=engine).violations
        }
        for path, words in {
            "/name": "7",
            "/deviceType": "five",
            "/maxAlertingTime": "121",
            "/callBackUrl": "ftp://x",
            "/scheduleParam": "true",
        }.items():
            assert words in messages[path]
            assert path[1:] in messages[path]


class Half(float):
    __slots__ = ()


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (True, "true"),
        (Half(1.5), "1.5"),
        (Decimal(1), "a value of the Python type Decimal"),
        (Pair({}), "an object"),
    ],
)
def test_value_in_mapping_is_shown_by_type(
    value: Any, shown: str, rules: RuleSet, engine: str
) -> None:
    [violation] = rules.validate(Pair(VALID | {"maxAlertingTime": value}), engine=engine).violations
    assert (violation.code, violation.message()) == (
        "02000006",
        f"maxAlertingTime must be an integer; found {shown}",
    )


def nested(depth: int, wrap: Callable[[Any], Any]) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = wrap(value)
    return value


@pytest.mark.parametrize(
    "wrap",
    [
        lambda inner: [inner],
        lambda inner: {"skillParam": inner},
        lambda inner: Pair({"odd": inner}),
    ],
    ids=["list", "dict", "mapping"],
)
@pytest.mark.parametrize("pointer", ["/odd", "/name", "/skillParam", "/scheduleParam/odd"])
def test_deep_nesting_does_not_raise(
    pointer: str, wrap: Callable[[Any], Any], rules: RuleSet, engine: str
) -> None:
    report = rules.validate(changed({pointer: nested(5000, wrap)}), engine=engine)
    assert not report.ok
    assert_printable(report)


def cycle(value: Any, key: Any) -> Any:
    value[key] = value
    return value


@pytest.mark.parametrize(
    "pointer", ["/odd", "/name", "/skillParam", "/scheduleParam", "/skillParam/previewParam"]
)
def test_cyclic_body_is_invalid(pointer: str, rules: RuleSet, engine: str) -> None:
    for value in (cycle([1], 0), cycle({}, "skillParam"), cycle({}, "odd"), Pair(cycle({}, "odd"))):
        report = rules.validate(changed({pointer: value}), engine=engine)
        assert not report.ok
        assert_printable(report)
    assert not rules.validate(cycle(changed({}), "skillParam"), engine=engine).ok


class Counted(Pair):
    reads = 0

    def __getitem__(self, key: object) -> Any:
        Counted.reads += 1
        return super().__getitem__(key)


@pytest.mark.parametrize("pointer", ["/odd", "/name", "/skillParam", "/scheduleParam"])
def test_shared_objects_are_read_once(pointer: str, rules: RuleSet, engine: str) -> None:
    shared: Any = "x"
    for _ in range(9):
        shared = Counted({"skillParam": shared, "predictParam": shared, "odd": shared})
    Counted.reads = 0
    rules.validate(changed({pointer: shared}), engine=engine)
    assert Counted.reads < 1000


EVERYTHING: tuple[dict[str, Any], list[tuple[str, str]]] = (
    {
        "odd": 1,
        "skillParam": {
            "odd": {"name": 1},
            "previewParam": {"odd": 1, "autoCallTime": 4, "failInterval": 61},
            "predictParam": {
                "expPredictParam": {
                    "outBoundRate": 101,
                    "minAvgCallTime": 51,
                    "maxAvgCallTime": 50,
                },
                "predictMethod": 2,
            },
            "outBoundType": 2,
            "skillName": "x" * 101,
            "skillId": 0,
        },
        "ivrParam": {"odd": 1, "callInterval": 0, "callCount": 1, "deviceSign": "1"},
        "scheduleParam": {
            "odd": 1,
            "holidayEndTime3": "24:00",
            "workdayBeginTime1": "08:00",
            "holidayBeginTime1": "8",
        },
        "maxAlertingTime": 121,
        "callerNo": "x",
        "deviceType": 2.0,
        "strEndTime": "2030-09-10 00:00:00",
        "strBeginTime": "2030-09-10 00:00:00",
        "name": "",
    },
    [
        ("/name", "02000001"),
        ("/deviceType", "02000006"),
        ("/callerNo", "02000002"),
        ("/maxAlertingTime", "02000007"),
        ("/scheduleParam/holidayBeginTime1", "02000010"),
        ("/scheduleParam/holidayEndTime3", "02000008"),
        ("/scheduleParam/workdayEndTime1", "02000010"),
        ("/scheduleParam/holidayEndTime1", "02000010"),
        ("/scheduleParam/holidayBeginTime3", "02000010"),
        ("/scheduleParam/odd", "0200001"),
        ("/ivrParam", "02000011"),
        ("/ivrParam/callInterval", "02000007"),
        ("/skillParam", "02000011"),
        ("/skillParam/skillId", "02000007"),
        ("/skillParam/skillName", "02000003"),
        ("/skillParam/predictParam/expPredictParam/outBoundRate", "02000007"),
        ("/skillParam/predictParam/expPredictParam/minAvgCallTime", "02000009"),
        ("/skillParam/predictParam/agentPredictParam", "02000009"),
        ("/skillParam/previewParam/failInterval", "02000007"),
        ("/skillParam/previewParam/obCallCount", "02000001"),
        ("/skillParam/previewParam/autoCallTime", "02000007"),
        ("/skillParam/previewParam/odd", "0200001"),
        ("/callBackUrl", "02000001"),
        ("/strEndTime", "02000009"),
        ("/odd", "0200001"),
    ],
)


def reversed_keys(value: Any) -> Any:
    return (
        {key: reversed_keys(inner) for key, inner in reversed(value.items())}
        if isinstance(value, dict)
        else value
    )


def test_violations_follow_document_order(rules: RuleSet, engine: str) -> None:
    body, expected = EVERYTHING
    for given in (body, reversed_keys(body)):
        assert [
            (path, code) for path, code in path_codes(rules.validate(given, engine=engine)) if code
        ] == expected


def test_warnings_are_in_document_order(rules: RuleSet, engine: str) -> None:
    report = rules.validate(
        changed(
            {
                "/scheduleParam/workdayEndTime1": "07:00",
                "/scheduleParam/odd": 1,
                "/callBackUrl": "x",
                "/odd": 1,
            }
        ),
        engine=engine,
    )
    assert [one.path.split("/")[1] for one in report.violations] == [
        "scheduleParam",
        "scheduleParam",
        "callBackUrl",
        "odd",
    ]
    assert [one.severity for one in report.violations] == ["warning", "error", "error", "error"]


ODD = {f"odd{number}": number for number in range(8)}


@pytest.mark.parametrize(
    ("changes", "dropped", "expected"),
    [
        ({"/odd0": None}, (), [("/odd0", "0200001")]),
        ({"/odd0": 0, "/odd1": 1}, ("/description",), [("/odd0", "0200001"), ("/odd1", "0200001")]),
        ({"/ivrParam": None, "/odd0": 0}, (), [("", "02000011")]),
        ({"/odd0": 0, "/odd1": None}, (), [("", "02000011")]),
        ({"/odd0": 0, "/odd1": 1, "/name": ""}, (), [("", "02000011"), ("/name", "02000001")]),
        ({"/skillParam/previewParam/odd": 0}, (), [("/skillParam/previewParam", "02000011")]),
        (
            {"/skillParam/previewParam/odd": 0},
            ("/skillParam/previewParam/failInterval",),
            [
                ("/skillParam/previewParam/failInterval", "02000001"),
                ("/skillParam/previewParam/odd", "0200001"),
            ],
        ),
        (
            {
                "/skillParam/previewParam": {
                    "odd": 0,
                    "failInterval": 0,
                    "obCallCount": 1,
                    "autoCallTime": 5,
                }
            },
            (),
            [
                ("/skillParam/previewParam", "02000011"),
                ("/skillParam/previewParam/failInterval", "02000007"),
            ],
        ),
        (
            {"/skillParam/previewParam": ODD},
            (),
            [("/skillParam/previewParam", "02000011")]
            + [
                (f"/skillParam/previewParam/{name}", "02000001")
                for name in ("failInterval", "obCallCount", "autoCallTime")
            ],
        ),
    ],
)
def test_too_many_parameters_are_one_violation(
    changes: dict[str, Any],
    dropped: tuple[str, ...],
    expected: list[tuple[str, str]],
    rules: RuleSet,
    engine: str,
) -> None:
    assert path_codes(rules.validate(changed(changes, dropped), engine=engine)) == expected


@pytest.mark.parametrize("count", [2, 5, 6, 8])
def test_too_many_parameters_names_five(count: int, rules: RuleSet, engine: str) -> None:
    odd = list(ODD)[:count]
    [violation] = rules.validate(VALID | dict.fromkeys(odd), engine=engine).violations
    for locale in LOCALES:
        assert sum(name in violation.message(locale) for name in odd) == min(count, 5)


def test_2000_unknown_parameters_are_one_violation(rules: RuleSet, engine: str) -> None:
    body = changed(
        {"/skillParam/previewParam/odd": 1}, ("/skillParam/previewParam/failInterval",)
    ) | dict.fromkeys(range(2000))
    assert [code for _, code in path_codes(rules.validate(body, engine=engine))] == [
        "02000011",
        "02000001",
        "0200001",
    ]


@pytest.mark.parametrize(
    ("key", "near"),
    [
        ("maxAlertTime", "maxAlertingTime"),
        ("MaxAlertingTime", "maxAlertingTime"),
        ("skilParam", "skillParam"),
        (" name", "name"),
        (Text("callerNr"), "callerNo"),
    ],
)
def test_unknown_parameter_suggests_the_nearest(
    key: str, near: str, rules: RuleSet, engine: str
) -> None:
    [violation] = rules.validate(VALID | {key: 1}, engine=engine).violations
    for locale in LOCALES:
        assert near in violation.message(locale).replace(key, "", 1)


@pytest.mark.parametrize("key", ["zzz", "failIntervall", "", 1, None, "\ud800", "x" * 1000])
def test_no_suggestion_without_a_near_name(key: Any, rules: RuleSet, engine: str) -> None:
    [violation] = rules.validate(VALID | {key: 1}, engine=engine).violations
    for locale in LOCALES:
        assert not any(
            name in violation.message(locale)
            for name in ("name", "failInterval;", *VALID)
            if name not in str(key)
        )


def test_suggestion_is_from_the_same_object(rules: RuleSet, engine: str) -> None:
    body = changed(
        {"/skillParam/previewParam/failIntervall": 3}, ("/skillParam/previewParam/failInterval",)
    )
    assert (
        "did you mean failInterval?" in rules.validate(body, engine=engine).violations[1].message()
    )
