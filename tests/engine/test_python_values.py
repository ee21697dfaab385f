"""Python objects of any kind: which count as JSON, what hostile ones get, and what a report says of them in which order."""

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
    """A mapping that is nothing but one."""

    def __init__(self, members: Mapping[Any, Any]) -> None:
        self.members = members

    def __getitem__(self, key: object) -> Any:
        return self.members[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.members)

    def __len__(self) -> int:
        return len(self.members)


def found(report: Report) -> list[tuple[str, str | None]]:
    return [(one.path, one.code) for one in report.violations]


def changed(changes: Mapping[str, Any], dropped: tuple[str, ...] = ()) -> Any:
    body = copy.deepcopy(VALID)
    for pointer, value in changes.items():
        put(body, pointer, value)
    for pointer in dropped:
        drop(body, pointer)
    return body


def remade(value: Any, mapping: Callable[[dict[Any, Any]], object], text: Callable[[str], str], number: Callable[[int], int]) -> Any:
    """Build a JSON value again, of other types."""
    if isinstance(value, dict):
        return mapping({text(key): remade(inner, mapping, text, number) for key, inner in value.items()})
    if isinstance(value, list):
        return [remade(inner, mapping, text, number) for inner in value]
    if isinstance(value, str):
        return text(value)
    return number(value) if type(value) is int else value


def assert_fit_to_print(report: Report) -> None:
    for locale in LOCALES:
        for message in [report.response(locale)["resultDesc"], *(one.message(locale) for one in report.violations)]:
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
def test_mappings_and_subclasses_of_str_and_int_count_as_what_they_are(
    mapping: Callable[[dict[Any, Any]], object], text: Callable[[str], str], number: Callable[[int], int], rules: RuleSet, engine: str
) -> None:
    for case in list(cases())[::40]:
        body = remade(case.body, mapping, text, number)
        assert rules.validate(body, case.facts, engine=engine) == rules.validate(case.body, case.facts, engine=engine), case.name


def test_no_worked_answer_changes_its_body(rules: RuleSet, engine: str) -> None:
    for case in some_cases(engine):
        before = copy.deepcopy(case.body)
        rules.validate(case.body, case.facts, engine=engine)
        assert repr(case.body) == repr(before), case.name


def test_a_mapping_that_makes_up_members_is_not_asked_to(rules: RuleSet, engine: str) -> None:
    body: defaultdict[str, Any] = defaultdict(lambda: "made up", copy.deepcopy(VALID))
    del body["name"]
    assert found(rules.validate(body, engine=engine)) == [("/name", "02000001")]
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
def test_enumerations_and_subclasses_are_judged_by_their_value(
    changes: dict[str, Any], expected: list[tuple[str, str]], rules: RuleSet, engine: str
) -> None:
    assert found(rules.validate(changed(changes), engine=engine)) == expected


class Raising:
    """Raises at everything that a check might do to an object."""

    def _raise(self, *_: object) -> NoReturn:
        raise ValueError("no")

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _raise
    __bool__ = __len__ = __iter__ = __contains__ = __getitem__ = __repr__ = __str__ = __int__ = __index__ = __float__ = _raise
    __format__ = __reduce_ex__ = __sizeof__ = __dir__ = _raise
    __hash__ = _raise

    def __getattr__(self, name: str) -> NoReturn:
        raise ValueError(name)


class Agreeable:
    """Is equal to everything, and empty and full at once."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return hash("name")

    def __len__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return "\x1b[31m" * 1000


class Pretender:
    """Says that it is of another class."""

    def __init__(self, claimed: type) -> None:
        self.claimed = claimed

    @property  # type: ignore[misc]  # the lie is the point
    def __class__(self) -> Any:
        return self.claimed


class Unclassed:
    @property  # type: ignore[misc]  # the lie is the point
    def __class__(self) -> Any:
        raise ValueError("no")


NAMELESS = type("\n\x1b\u202e" * 100, (), {})

FOREIGN: dict[str, Any] = {
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
    "says it is a str": Pretender(str),
    "says it is an int": Pretender(int),
    "says it is a float": Pretender(float),
    "says it is a dict": Pretender(dict),
    "says it is a list": Pretender(list),
    "says it is None": Pretender(type(None)),
    "raises when asked what it is": Unclassed(),
    "type that does not print": NAMELESS(),
}


@pytest.mark.parametrize("kind", FOREIGN)
@pytest.mark.parametrize(
    "pointer", ["/name", "/strEndTime", "/deviceType", "/scheduleParam", "/scheduleParam/workdayEndTime1", "/skillParam/skillId"]
)
def test_what_is_no_json_value_has_the_wrong_type(pointer: str, kind: str, rules: RuleSet, engine: str) -> None:
    report = rules.validate(changed({pointer: FOREIGN[kind]}), engine=engine)
    assert (pointer, "02000006") in found(report)
    assert sum(one.path == pointer for one in report.violations) == 1
    assert_fit_to_print(report)


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_body_that_is_no_json_value_has_the_wrong_type(kind: str, rules: RuleSet, engine: str) -> None:
    report = rules.validate(FOREIGN[kind], engine=engine)
    assert found(report) == [("", "02000006")]
    assert_fit_to_print(report)


@pytest.mark.parametrize("value", [True, False, 2.0, -0.0, "2", [], {}])
@pytest.mark.parametrize("pointer", ["/deviceType", "/maxAlertingTime", "/skillParam/outBoundType", "/skillParam/previewParam/autoCallTime"])
def test_a_boolean_a_fraction_and_a_text_are_no_integers(pointer: str, value: Any, rules: RuleSet, engine: str) -> None:
    report = rules.validate(changed({pointer: value}), engine=engine)
    assert [(path, code) for path, code in found(report) if code] == [(pointer, "02000006")]


@pytest.mark.parametrize("kind", FOREIGN)
def test_what_stands_inside_an_undocumented_parameter_is_not_looked_at(kind: str, rules: RuleSet, engine: str) -> None:
    report = rules.validate(changed({"/odd": {"inside": FOREIGN[kind]}}), engine=engine)
    assert found(report) == [("/odd", "0200001")]


class Liar(str):
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


class Wrong(int):
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
        ("/name", Liar("x" * 101), "02000003"),
        ("/callerNo", Liar("a"), "02000002"),
        ("/callBackUrl", Liar("ftp://x"), "02000007"),
        ("/strEndTime", Liar("tomorrow"), "02000008"),
        ("/maxAlertingTime", Wrong(121), "02000007"),
        ("/deviceType", Wrong(4), "02000007"),
    ],
)
def test_a_subclass_that_lies_is_judged_by_what_it_holds(pointer: str, value: Any, code: str, rules: RuleSet, engine: str) -> None:
    report = rules.validate(changed({pointer: value}), engine=engine)
    assert [(path, code) for path, code in found(report) if code] == [(pointer, code)]
    assert_fit_to_print(report)


def broken(kind: type, method: str) -> Any:
    def fail(*_: object) -> NoReturn:
        raise RuntimeError("no")

    return type("Broken", (kind,), {method: fail})


@pytest.mark.parametrize("kind", [Pair, Object])
@pytest.mark.parametrize("method", ["__getitem__", "__iter__", "__len__", "__contains__", "keys", "items", "values", "get", "__eq__", "__bool__"])
def test_a_mapping_that_raises_lets_nothing_out(method: str, kind: type, rules: RuleSet, engine: str) -> None:
    mapping = broken(kind, method)
    for body in (mapping(VALID), VALID | {"odd": mapping({})}, VALID | {"scheduleParam": mapping(VALID["scheduleParam"])}):
        assert_fit_to_print(rules.validate(body, engine=engine))


@pytest.mark.parametrize("method", ["__getitem__", "__iter__"])
def test_a_mapping_that_cannot_be_read_is_not_taken_for_right(method: str, rules: RuleSet, engine: str) -> None:
    mapping = broken(Pair, method)
    assert not rules.validate(mapping(VALID), engine=engine).ok
    report = rules.validate(VALID | {"scheduleParam": mapping(VALID["scheduleParam"])}, engine=engine)
    assert {one.path for one in report.violations} == {"/scheduleParam"}


class ArmedKey:
    """A key in the place of `name` that raises, or agrees, once it is in."""

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
def test_a_key_that_raises_when_compared_lets_nothing_out_and_one_that_is_equal_to_a_name_counts_as_it(
    table: str, armed: bool, rules: RuleSet, engine: str
) -> None:
    body, key = changed({}), ArmedKey()
    (body[table[1:]] if table else body)[key] = 1
    key.armed = armed
    report = rules.validate(body, engine=engine)
    assert report.ok is (not armed and not table)
    assert_fit_to_print(report)


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
def test_a_key_that_is_no_text_is_undocumented(key: Any, rules: RuleSet, engine: str) -> None:
    report = rules.validate(VALID | {key: 1}, engine=engine)
    [violation] = report.violations
    assert violation.code == "0200001"
    assert violation.path.startswith("/")
    assert violation.path.count("/") == 1
    assert_fit_to_print(report)


@pytest.mark.parametrize(
    ("key", "path"),
    [("odd", "/odd"), ("", "/"), ("a/b~c", "/a~1b~0c"), ("~1", "/~01"), ("名", "/名"), ("name ", "/name "), ("Name", "/Name"), (Text("odd"), "/odd")],
)
def test_an_undocumented_parameter_is_told_at_its_own_path(key: str, path: str, rules: RuleSet, engine: str) -> None:
    assert found(rules.validate(VALID | {key: {"a": 1}}, engine=engine)) == [(path, "0200001")]


class OwnHash(str):
    """A text that is equal only to itself."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = object.__hash__


def test_keys_with_an_equality_of_their_own_keep_their_values(rules: RuleSet, engine: str) -> None:
    for kind in (dict, UserDict):
        body = {
            OwnHash(key): kind({OwnHash(name): one for name, one in value.items()}) if isinstance(value, dict) else value
            for key, value in VALID.items()
        }
        assert rules.validate(kind(body), engine=engine).violations == ()
        assert found(rules.validate(kind(body | {OwnHash("maxAlertingTime"): 1}), engine=engine))[0] == ("/maxAlertingTime", "02000007")


class RaisingText(str):
    __slots__ = ()

    def _raise(self, *_: object) -> NoReturn:
        raise ValueError("no")

    __str__ = __repr__ = __len__ = __iter__ = __getitem__ = removeprefix = lstrip = startswith = lower = _raise


class RaisingBytes(bytes):
    def decode(self, *_: object, **__: object) -> NoReturn:
        raise ValueError("no")

    def __getitem__(self, _: object) -> NoReturn:
        raise ValueError("no")


@pytest.mark.parametrize("text", [json.dumps(VALID), " ", "{", '{"name": \ud800}'])
def test_a_text_whose_methods_raise_is_read_as_what_it_holds(text: str, rules: RuleSet, engine: str) -> None:
    expected = rules.validate_json(text, engine=engine)
    assert rules.validate_json(RaisingText(text), engine=engine) == expected
    encoded = text.encode("utf-8", "surrogatepass")
    assert rules.validate_json(RaisingBytes(encoded), engine=engine) == rules.validate_json(encoded, engine=engine)
    assert rules.validate_request(body=RaisingText(text), engine=engine) == rules.validate_request(body=text, engine=engine)


class Meta(type):
    """Raises at everything that a check might do to a type."""

    def _raise(cls, *_: object) -> NoReturn:
        raise ValueError("no")

    __eq__ = __ne__ = __hash__ = __repr__ = __str__ = __instancecheck__ = __subclasscheck__ = __getattribute__ = _raise


def hostile() -> Any:
    return type.__call__(type.__new__(Meta, "Hostile", (), {}))


@pytest.mark.parametrize("pointer", ["", "/name", "/scheduleParam", "/skillParam/skillId"])
def test_a_value_whose_metaclass_raises_has_the_wrong_type(pointer: str, rules: RuleSet, engine: str) -> None:
    report = rules.validate(changed({pointer: hostile()}) if pointer else hostile(), engine=engine)
    assert (pointer, "02000006") in found(report)
    assert_fit_to_print(report)
    assert "Hostile" in repr([one.message() for one in report.violations])


def test_a_key_whose_metaclass_raises_is_unknown(rules: RuleSet, engine: str) -> None:
    report = rules.validate(VALID | {hostile(): 1}, engine=engine)
    assert found(report) == [("/<Hostile>", "0200001")]
    assert_fit_to_print(report)


class Campaign:
    """Like a model of Pydantic, which has a method for the conversion."""

    def model_dump(self) -> Any:
        return VALID


@dataclass
class Schedule:
    workdayBeginTime1: str = "08:00"  # noqa: N815  # the parameter's own name


@pytest.mark.parametrize(
    ("pointer", "value", "remedy"),
    [("", Campaign(), "model_dump()"), ("/scheduleParam", Schedule(), "dataclasses.asdict()"), ("/skillParam", Campaign(), "model_dump()")],
)
def test_a_message_names_the_conversion_of_an_object(pointer: str, value: object, remedy: str, rules: RuleSet, engine: str) -> None:
    report = rules.validate(changed({pointer: value}) if pointer else value, engine=engine)
    [violation] = [one for one in report.violations if one.path == pointer]
    for locale in LOCALES:
        assert remedy in violation.message(locale)
        assert type(value).__name__ in violation.message(locale)
    assert remedy in pickle.loads(pickle.dumps(violation)).message()  # noqa: S301  # made here


@pytest.mark.parametrize("kind", [dict, UserDict])
def test_close_to_the_recursion_limit_a_valid_body_is_not_refused(kind: Any, tmp_path: Path, engine: str) -> None:
    rules = load(tmp_path, rule_set({"a": {"type": "dict", "schema": "a"}}, tables={"a": {"b": {"type": "integer", "required": True}}}))
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


def test_an_object_that_recurses_without_end_has_the_wrong_type(rules: RuleSet, engine: str) -> None:
    assert found(rules.validate(Endless(), engine=engine)) == [("", "02000006")]


STRANGE = {
    "lone surrogate": "\ud800",
    "two lone surrogates": "\udfff\ud800",
    "escape sequence": "\x1b[2J",
    "nul and line ends": "a\0b\r\n\u2028",
    "right to left": "\u202etxt",
    "quotes and backslashes": "\"'\\",
    "placeholders": "$name ${found} %s {0} $$",
    "long": "x" * 100_000,
    "long and strange": "\ud800\x1b" * 50_000,
}


@pytest.mark.parametrize("text", STRANGE.values(), ids=STRANGE)
def test_messages_about_strange_texts_print_and_are_short(text: str, rules: RuleSet, engine: str) -> None:
    for body in (
        VALID | {text: 1},
        VALID | {"deviceType": text, "callerNo": text, "callBackUrl": text, "strBeginTime": text, "maxAlertingTime": [text]},
        VALID | {"name": text * 101, "description": text * 201 + ";"},
        VALID | {f"{text}{number}": number for number in range(30)},
        changed({"/skillParam/previewParam": {text: {text: text}}, "/scheduleParam/workdayEndTime3": text}),
        {text: text},
        text,
    ):
        report = rules.validate(body, engine=engine)
        assert not report.ok
        assert_fit_to_print(report)


@pytest.mark.parametrize(
    "number", [10**5000, -(10**5000), 2**63, float("inf"), float("nan"), 1e308], ids=["huge", "minus huge", "2^63", "inf", "nan", "1e308"]
)
def test_messages_about_huge_numbers_are_short(number: float, rules: RuleSet, engine: str) -> None:
    code = "02000007" if isinstance(number, int) else "02000006"
    for pointer in ("/deviceType", "/maxAlertingTime", "/skillParam/skillId", "/skillParam/previewParam/failInterval"):
        report = rules.validate(changed({pointer: number}), engine=engine)
        assert [(path, code) for path, code in found(report) if code] == [(pointer, code)]
        assert_fit_to_print(report)


def test_a_huge_bound_taken_from_another_parameter_is_short(rules: RuleSet, engine: str) -> None:
    report = rules.validate(changed({"/skillParam/previewParam/autoCallTime": 10**5000}), engine=engine)
    assert found(report) == [("/skillParam/previewParam/autoCallTime", "02000009")]
    assert_fit_to_print(report)


def test_a_message_says_what_was_found(rules: RuleSet, engine: str) -> None:
    body = changed({"/name": 7, "/deviceType": "five", "/callerNo": None, "/maxAlertingTime": 121, "/callBackUrl": "ftp://x", "/scheduleParam": True})
    for locale in LOCALES:
        messages = {one.path: one.message(locale) for one in rules.validate(body, engine=engine).violations}
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
    ("value", "shown"), [(True, "true"), (Half(1.5), "1.5"), (Decimal(1), "a value of the Python type Decimal"), (Pair({}), "an object")]
)
def test_a_value_inside_a_mapping_is_shown_as_what_it_is(value: Any, shown: str, rules: RuleSet, engine: str) -> None:
    [violation] = rules.validate(Pair(VALID | {"maxAlertingTime": value}), engine=engine).violations
    assert (violation.code, violation.message()) == ("02000006", f"maxAlertingTime must be an integer; found {shown}")


def nested(depth: int, wrap: Callable[[Any], Any]) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = wrap(value)
    return value


@pytest.mark.parametrize(
    "wrap", [lambda inner: [inner], lambda inner: {"skillParam": inner}, lambda inner: Pair({"odd": inner})], ids=["list", "dict", "mapping"]
)
@pytest.mark.parametrize("pointer", ["/odd", "/name", "/skillParam", "/scheduleParam/odd"])
def test_nesting_of_any_depth_lets_nothing_out(pointer: str, wrap: Callable[[Any], Any], rules: RuleSet, engine: str) -> None:
    report = rules.validate(changed({pointer: nested(5000, wrap)}), engine=engine)
    assert not report.ok
    assert_fit_to_print(report)


def cycle(value: Any, key: Any) -> Any:
    value[key] = value
    return value


@pytest.mark.parametrize("pointer", ["/odd", "/name", "/skillParam", "/scheduleParam", "/skillParam/previewParam"])
def test_a_body_that_contains_itself_is_answered(pointer: str, rules: RuleSet, engine: str) -> None:
    for value in (cycle([1], 0), cycle({}, "skillParam"), cycle({}, "odd"), Pair(cycle({}, "odd"))):
        report = rules.validate(changed({pointer: value}), engine=engine)
        assert not report.ok
        assert_fit_to_print(report)
    assert not rules.validate(cycle(changed({}), "skillParam"), engine=engine).ok


class Counted(Pair):
    reads = 0

    def __getitem__(self, key: object) -> Any:
        Counted.reads += 1
        return super().__getitem__(key)


@pytest.mark.parametrize("pointer", ["/odd", "/name", "/skillParam", "/scheduleParam"])
def test_what_is_shared_inside_a_body_is_not_read_anew_for_each_way_to_it(pointer: str, rules: RuleSet, engine: str) -> None:
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
                "expPredictParam": {"outBoundRate": 101, "minAvgCallTime": 51, "maxAvgCallTime": 50},
                "predictMethod": 2,
            },
            "outBoundType": 2,
            "skillName": "x" * 101,
            "skillId": 0,
        },
        "ivrParam": {"odd": 1, "callInterval": 0, "callCount": 1, "deviceSign": "1"},
        "scheduleParam": {"odd": 1, "holidayEndTime3": "24:00", "workdayBeginTime1": "08:00", "holidayBeginTime1": "8"},
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


def turned(value: Any) -> Any:
    return {key: turned(inner) for key, inner in reversed(value.items())} if isinstance(value, dict) else value


def test_violations_come_in_the_order_of_the_document_whatever_the_order_of_the_body(rules: RuleSet, engine: str) -> None:
    body, expected = EVERYTHING
    for given in (body, turned(body)):
        assert [(path, code) for path, code in found(rules.validate(given, engine=engine)) if code] == expected


def test_the_advisories_of_an_object_stand_among_its_conditions(rules: RuleSet, engine: str) -> None:
    report = rules.validate(
        changed({"/scheduleParam/workdayEndTime1": "07:00", "/scheduleParam/odd": 1, "/callBackUrl": "x", "/odd": 1}), engine=engine
    )
    assert [one.path.split("/")[1] for one in report.violations] == ["scheduleParam", "scheduleParam", "callBackUrl", "odd"]
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
            [("/skillParam/previewParam/failInterval", "02000001"), ("/skillParam/previewParam/odd", "0200001")],
        ),
        (
            {"/skillParam/previewParam": {"odd": 0, "failInterval": 0, "obCallCount": 1, "autoCallTime": 5}},
            (),
            [("/skillParam/previewParam", "02000011"), ("/skillParam/previewParam/failInterval", "02000007")],
        ),
        (
            {"/skillParam/previewParam": ODD},
            (),
            [("/skillParam/previewParam", "02000011")]
            + [(f"/skillParam/previewParam/{name}", "02000001") for name in ("failInterval", "obCallCount", "autoCallTime")],
        ),
    ],
)
def test_more_parameters_than_documented_are_one_violation_at_the_object_instead_of_one_each(
    changes: dict[str, Any], dropped: tuple[str, ...], expected: list[tuple[str, str]], rules: RuleSet, engine: str
) -> None:
    assert found(rules.validate(changed(changes, dropped), engine=engine)) == expected


@pytest.mark.parametrize("count", [2, 5, 6, 8])
def test_the_message_of_too_many_parameters_names_up_to_five_of_them(count: int, rules: RuleSet, engine: str) -> None:
    odd = list(ODD)[:count]
    [violation] = rules.validate(VALID | dict.fromkeys(odd), engine=engine).violations
    for locale in LOCALES:
        assert sum(name in violation.message(locale) for name in odd) == min(count, 5)


def test_two_thousand_undocumented_parameters_are_one_violation(rules: RuleSet, engine: str) -> None:
    body = changed({"/skillParam/previewParam/odd": 1}, ("/skillParam/previewParam/failInterval",)) | dict.fromkeys(range(2000))
    assert [code for _, code in found(rules.validate(body, engine=engine))] == ["02000011", "02000001", "0200001"]


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
def test_an_undocumented_parameter_hints_at_the_nearest_documented_one(key: str, near: str, rules: RuleSet, engine: str) -> None:
    [violation] = rules.validate(VALID | {key: 1}, engine=engine).violations
    for locale in LOCALES:
        assert near in violation.message(locale).replace(key, "", 1)


@pytest.mark.parametrize("key", ["zzz", "failIntervall", "", 1, None, "\ud800", "x" * 1000])
def test_there_is_no_hint_where_no_name_of_the_same_object_is_near(key: Any, rules: RuleSet, engine: str) -> None:
    [violation] = rules.validate(VALID | {key: 1}, engine=engine).violations
    for locale in LOCALES:
        assert not any(name in violation.message(locale) for name in ("name", "failInterval;", *VALID) if name not in str(key))


def test_hints_are_of_the_object_that_the_parameter_is_in(rules: RuleSet, engine: str) -> None:
    body = changed({"/skillParam/previewParam/failIntervall": 3}, ("/skillParam/previewParam/failInterval",))
    assert "did you mean failInterval?" in rules.validate(body, engine=engine).violations[1].message()
