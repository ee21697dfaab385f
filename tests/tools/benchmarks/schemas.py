"""The rules of `campaign-modify-v1` for other libraries, as their documentation recommends.

Rules that a library cannot express without user code are omitted, which makes it faster; see
`competitors.py`. Missing values (absent, `null` or `""`) are distinguished as far as possible.
"""

# ruff: noqa: N815  # the parameters have the names that the interface gives them
# No `from __future__ import annotations`: pydantic and msgspec read the annotations.

from types import UnionType
from typing import Annotated, Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints

import msgspec
from pydantic import BaseModel, ConfigDict, Field, create_model, with_config
from typing_extensions import TypedDict, is_typeddict

DATE = "[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
BEGIN = f"^(?:{DATE} {CLOCK}:[0-5][0-9])?$"
END = f"^(?:{DATE} ?{CLOCK}:[0-5][0-9])?$"
SEGMENT = f"^(?:{CLOCK})?$"
HARMLESS = r'^[^"\[\]=;<>]*$'
CALLER = "^[0-9*#]+$"
URL = "^https?://"

DAY_TYPES = ("workday", "holiday")
SEGMENTS = [
    (f"{kind}BeginTime{number}", f"{kind}EndTime{number}")
    for kind in DAY_TYPES
    for number in (1, 2, 3)
]

# --- JSON Schema: for jsonschema, jsonschema-rs and fastjsonschema -------------------------
#
# The schema has no `$ref` and nothing later than draft 7, so that all three can use it. An optional
# block is an object, null or the empty string: keywords for objects ignore the others, so that it
# needs no `anyOf`.

_GIVEN = {"type": "string", "minLength": 1}


def _whole(least: int, most: int | None = None) -> dict[str, Any]:
    return {"type": "integer", "minimum": least} | ({} if most is None else {"maximum": most})


def _options(*options: int) -> dict[str, Any]:
    return {"type": "integer", "enum": list(options)}


def _object(
    required: list[str], properties: dict[str, Any], *conditions: dict[str, Any]
) -> dict[str, Any]:
    written = {
        "type": "object",
        "required": required,
        "properties": properties,
        "additionalProperties": False,
    }
    return written | ({"allOf": list(conditions)} if conditions else {})


def _unconditional(schema: Any) -> Any:
    if not isinstance(schema, dict):
        return schema
    return {key: _unconditional(value) for key, value in schema.items() if key != "allOf"}


def _optional(block: dict[str, Any]) -> dict[str, Any]:
    return block | {"type": ["object", "string", "null"], "maxLength": 0}


def _when(parameter: str, options: list[int], then: dict[str, Any]) -> dict[str, Any]:
    return {
        "if": {"properties": {parameter: {"enum": options}}, "required": [parameter]},
        "then": then,
    }


def _needs(parameter: str, options: list[int], block: str) -> dict[str, Any]:
    return _when(
        parameter, options, {"properties": {block: {"type": "object"}}, "required": [block]}
    )


def _has(name: str) -> dict[str, Any]:
    return {"properties": {name: _GIVEN}, "required": [name]}


def json_schema(draft: str, *, conditions: bool = True) -> dict[str, Any]:
    """Return the JSON Schema for the URI of a draft, optionally with `conditions`."""
    times = _whole(50, 200)
    rate = _whole(0, 100)
    segments = {
        name: {"type": ["string", "null"], "pattern": SEGMENT} for pair in SEGMENTS for name in pair
    }
    schedule = _object(
        [],
        segments,
        *(
            {"if": _has(begin), "then": _has(end), "else": {"properties": {end: {"maxLength": 0}}}}
            for begin, end in SEGMENTS
        ),
        {"anyOf": [_has(name) for name in segments if name.startswith("workday")]},
    )
    ivr = {"deviceSign": _GIVEN, "callCount": _whole(1, 100), "callInterval": _whole(1, 9999)}
    preview = {
        "failInterval": _whole(3, 60),
        "obCallCount": _whole(1, 100),
        "autoCallTime": _whole(5),
    }
    average = {"maxAvgCallTime": times, "minAvgCallTime": times}
    experience = {**average, "outBoundRate": rate}
    agent = {**average, "lossRate": rate, "utilRate": rate, "utilRateMethod": _options(1, 2)}
    connect = {**average, "lossRate": rate, "waitTime": _whole(0, 16), "connRate": rate}
    offhook = {"offHookRate": rate}
    blocks = {
        "expPredictParam": experience,
        "agentPredictParam": agent,
        "connectPredictParam": connect,
        "offhookPredictParam": offhook,
    }
    predict = _object(
        ["predictMethod"],
        {"predictMethod": _options(1, 2, 3, 5)}
        | {name: _optional(_object(list(block), block)) for name, block in blocks.items()},
        *(
            _needs("predictMethod", [method], block)
            for method, block in zip((1, 2, 3, 5), blocks, strict=True)
        ),
    )
    skill = _object(
        ["skillId", "outBoundType"],
        {
            "skillId": _whole(1, 1000),
            "skillName": {"type": ["string", "null"], "maxLength": 100},
            "outBoundType": _options(2, 5, 6),
            "predictParam": _optional(predict),
            "previewParam": _optional(_object(list(preview), preview)),
        },
        _needs("outBoundType", [2], "predictParam"),
        _needs("outBoundType", [5], "previewParam"),
    )
    previewed = {
        "properties": {
            "skillParam": {
                "properties": {"outBoundType": {"enum": [5]}},
                "required": ["outBoundType"],
                "type": "object",
            }
        }
    }
    longer = {"properties": {"maxAlertingTime": {"minimum": 9}}}
    body = _object(
        ["name", "deviceType", "callerNo", "maxAlertingTime", "scheduleParam", "callBackUrl"],
        {
            "name": {"type": "string", "minLength": 1, "maxLength": 100},
            "description": {"type": ["string", "null"], "maxLength": 200, "pattern": HARMLESS},
            "strBeginTime": {"type": ["string", "null"], "pattern": BEGIN},
            "strEndTime": {"type": ["string", "null"], "pattern": END},
            "deviceType": _options(1, 2, 3, 5, 6),
            "callerNo": {"type": "string", "maxLength": 24, "pattern": CALLER},
            "maxAlertingTime": _whole(5, 120),
            "scheduleParam": schedule,
            "ivrParam": _optional(_object(list(ivr), ivr)),
            "skillParam": _optional(skill),
            "callBackUrl": {"type": "string", "pattern": URL},
        },
        _needs("deviceType", [1, 3], "ivrParam"),
        _needs("deviceType", [2, 5, 6], "skillParam"),
        _when("deviceType", [5], longer),
        {"if": previewed | {"required": ["skillParam"]}, "then": longer},
    )
    return {"$schema": draft} | (body if conditions else _unconditional(body))


# --- Cerberus ------------------------------------------------------------------------------
#
# The pattern of an optional block applies only to strings and matches the empty one; `maxlength`
# and `allowed` would apply to the block.


def cerberus_schema() -> dict[str, Any]:
    """Return the schema of a plain Cerberus validator."""

    def whole(least: int, most: int | None = None) -> dict[str, Any]:
        return {"type": "integer", "required": True, "min": least} | (
            {} if most is None else {"max": most}
        )

    def options(*options: int) -> dict[str, Any]:
        return {"type": "integer", "required": True, "allowed": list(options)}

    def text(**rules: Any) -> dict[str, Any]:
        return {"type": "string", "required": True, "empty": False} | rules

    def optional_text(**rules: Any) -> dict[str, Any]:
        return {"type": "string", "nullable": True} | rules

    def block(schema: dict[str, Any]) -> dict[str, Any]:
        return {"type": ["dict", "string"], "nullable": True, "regex": "$", "schema": schema}

    times, rate = whole(50, 200), whole(0, 100)
    average = {"maxAvgCallTime": times, "minAvgCallTime": times}
    predict = {
        "predictMethod": options(1, 2, 3, 5),
        "expPredictParam": block({**average, "outBoundRate": rate}),
        "agentPredictParam": block(
            {**average, "lossRate": rate, "utilRate": rate, "utilRateMethod": options(1, 2)}
        ),
        "connectPredictParam": block(
            {**average, "lossRate": rate, "waitTime": whole(0, 16), "connRate": rate}
        ),
        "offhookPredictParam": block({"offHookRate": rate}),
    }
    skill = {
        "skillId": whole(1, 1000),
        "skillName": optional_text(maxlength=100),
        "outBoundType": options(2, 5, 6),
        "predictParam": block(predict),
        "previewParam": block(
            {"failInterval": whole(3, 60), "obCallCount": whole(1, 100), "autoCallTime": whole(5)}
        ),
    }
    return {
        "name": text(maxlength=100),
        "description": optional_text(maxlength=200, regex=HARMLESS),
        "strBeginTime": optional_text(regex=BEGIN),
        "strEndTime": optional_text(regex=END),
        "deviceType": options(1, 2, 3, 5, 6),
        "callerNo": text(maxlength=24, regex=CALLER),
        "maxAlertingTime": whole(5, 120),
        "scheduleParam": {
            "type": "dict",
            "required": True,
            "schema": {name: optional_text(regex=SEGMENT) for pair in SEGMENTS for name in pair},
        },
        "ivrParam": block(
            {"deviceSign": text(), "callCount": whole(1, 100), "callInterval": whole(1, 9999)}
        ),
        "skillParam": block(skill),
        "callBackUrl": text(regex=f"{URL}.*"),
    }


# --- pydantic: typed dictionaries, literals and left-to-right unions, as its performance tips recommend

_strict = with_config(ConfigDict(strict=True, extra="forbid"))

_Text = Annotated[str, Field(min_length=1)]
_Segment = Annotated[str, Field(pattern=SEGMENT)] | None
_AverageTime = Annotated[int, Field(ge=50, le=200)]
_Rate = Annotated[int, Field(ge=0, le=100)]
_LEFT_TO_RIGHT = Field(union_mode="left_to_right")


@_strict
class _Schedule(TypedDict):
    workdayBeginTime1: NotRequired[_Segment]
    workdayEndTime1: NotRequired[_Segment]
    workdayBeginTime2: NotRequired[_Segment]
    workdayEndTime2: NotRequired[_Segment]
    workdayBeginTime3: NotRequired[_Segment]
    workdayEndTime3: NotRequired[_Segment]
    holidayBeginTime1: NotRequired[_Segment]
    holidayEndTime1: NotRequired[_Segment]
    holidayBeginTime2: NotRequired[_Segment]
    holidayEndTime2: NotRequired[_Segment]
    holidayBeginTime3: NotRequired[_Segment]
    holidayEndTime3: NotRequired[_Segment]


@_strict
class _Ivr(TypedDict):
    deviceSign: _Text
    callCount: Annotated[int, Field(ge=1, le=100)]
    callInterval: Annotated[int, Field(ge=1, le=9999)]


@_strict
class _Preview(TypedDict):
    failInterval: Annotated[int, Field(ge=3, le=60)]
    obCallCount: Annotated[int, Field(ge=1, le=100)]
    autoCallTime: Annotated[int, Field(ge=5)]


@_strict
class _Experience(TypedDict):
    maxAvgCallTime: _AverageTime
    minAvgCallTime: _AverageTime
    outBoundRate: _Rate


@_strict
class _Agent(TypedDict):
    maxAvgCallTime: _AverageTime
    minAvgCallTime: _AverageTime
    lossRate: _Rate
    utilRate: _Rate
    utilRateMethod: Literal[1, 2]


@_strict
class _Connect(TypedDict):
    maxAvgCallTime: _AverageTime
    minAvgCallTime: _AverageTime
    lossRate: _Rate
    waitTime: Annotated[int, Field(ge=0, le=16)]
    connRate: _Rate


@_strict
class _Offhook(TypedDict):
    offHookRate: _Rate


@_strict
class _Predict(TypedDict):
    predictMethod: Literal[1, 2, 3, 5]
    expPredictParam: NotRequired[Annotated[_Experience | Literal[""] | None, _LEFT_TO_RIGHT]]
    agentPredictParam: NotRequired[Annotated[_Agent | Literal[""] | None, _LEFT_TO_RIGHT]]
    connectPredictParam: NotRequired[Annotated[_Connect | Literal[""] | None, _LEFT_TO_RIGHT]]
    offhookPredictParam: NotRequired[Annotated[_Offhook | Literal[""] | None, _LEFT_TO_RIGHT]]


@_strict
class _Skill(TypedDict):
    skillId: Annotated[int, Field(ge=1, le=1000)]
    skillName: NotRequired[Annotated[str, Field(max_length=100)] | None]
    outBoundType: Literal[2, 5, 6]
    predictParam: NotRequired[Annotated[_Predict | Literal[""] | None, _LEFT_TO_RIGHT]]
    previewParam: NotRequired[Annotated[_Preview | Literal[""] | None, _LEFT_TO_RIGHT]]


@_strict
class PydanticBody(TypedDict):
    """The body as a typed dictionary."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    description: NotRequired[Annotated[str, Field(max_length=200, pattern=HARMLESS)] | None]
    strBeginTime: NotRequired[Annotated[str, Field(pattern=BEGIN)] | None]
    strEndTime: NotRequired[Annotated[str, Field(pattern=END)] | None]
    deviceType: Literal[1, 2, 3, 5, 6]
    callerNo: Annotated[str, Field(max_length=24, pattern=CALLER)]
    maxAlertingTime: Annotated[int, Field(ge=5, le=120)]
    scheduleParam: _Schedule
    ivrParam: NotRequired[Annotated[_Ivr | Literal[""] | None, _LEFT_TO_RIGHT]]
    skillParam: NotRequired[Annotated[_Skill | Literal[""] | None, _LEFT_TO_RIGHT]]
    callBackUrl: Annotated[str, Field(pattern=URL)]


def model(typed: Any) -> type[BaseModel]:
    """Convert a typed dictionary to a model, which most programs use."""
    fields: dict[str, Any] = {}
    for name, hint in get_type_hints(typed, include_extras=True).items():
        optional = get_origin(hint) is NotRequired
        fields[name] = (_modelled(get_args(hint)[0]), None) if optional else (_modelled(hint), ...)
    made: type[BaseModel] = create_model(
        typed.__name__, __config__=ConfigDict(strict=True, extra="forbid"), **fields
    )
    return made


def _modelled(hint: Any) -> Any:
    if is_typeddict(hint):
        return model(hint)
    if get_origin(hint) is Annotated:
        inner, *notes = get_args(hint)
        return Annotated[_modelled(inner), *notes]
    if get_origin(hint) in (Union, UnionType):
        return Union[tuple(map(_modelled, get_args(hint)))]  # noqa: UP007  # a dynamic union
    return hint


# --- msgspec: structs without garbage collection, as its performance tips recommend

_MsText = Annotated[str, msgspec.Meta(min_length=1)]
_MsSegment = Annotated[str, msgspec.Meta(pattern=SEGMENT)] | None
_MsAverageTime = Annotated[int, msgspec.Meta(ge=50, le=200)]
_MsRate = Annotated[int, msgspec.Meta(ge=0, le=100)]


class _Struct(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    pass


class _MsSchedule(_Struct):
    workdayBeginTime1: _MsSegment = None
    workdayEndTime1: _MsSegment = None
    workdayBeginTime2: _MsSegment = None
    workdayEndTime2: _MsSegment = None
    workdayBeginTime3: _MsSegment = None
    workdayEndTime3: _MsSegment = None
    holidayBeginTime1: _MsSegment = None
    holidayEndTime1: _MsSegment = None
    holidayBeginTime2: _MsSegment = None
    holidayEndTime2: _MsSegment = None
    holidayBeginTime3: _MsSegment = None
    holidayEndTime3: _MsSegment = None


class _MsIvr(_Struct):
    deviceSign: _MsText
    callCount: Annotated[int, msgspec.Meta(ge=1, le=100)]
    callInterval: Annotated[int, msgspec.Meta(ge=1, le=9999)]


class _MsPreview(_Struct):
    failInterval: Annotated[int, msgspec.Meta(ge=3, le=60)]
    obCallCount: Annotated[int, msgspec.Meta(ge=1, le=100)]
    autoCallTime: Annotated[int, msgspec.Meta(ge=5)]


class _MsExperience(_Struct):
    maxAvgCallTime: _MsAverageTime
    minAvgCallTime: _MsAverageTime
    outBoundRate: _MsRate


class _MsAgent(_Struct):
    maxAvgCallTime: _MsAverageTime
    minAvgCallTime: _MsAverageTime
    lossRate: _MsRate
    utilRate: _MsRate
    utilRateMethod: Literal[1, 2]


class _MsConnect(_Struct):
    maxAvgCallTime: _MsAverageTime
    minAvgCallTime: _MsAverageTime
    lossRate: _MsRate
    waitTime: Annotated[int, msgspec.Meta(ge=0, le=16)]
    connRate: _MsRate


class _MsOffhook(_Struct):
    offHookRate: _MsRate


class _MsPredict(_Struct):
    predictMethod: Literal[1, 2, 3, 5]
    expPredictParam: _MsExperience | Literal[""] | None = None
    agentPredictParam: _MsAgent | Literal[""] | None = None
    connectPredictParam: _MsConnect | Literal[""] | None = None
    offhookPredictParam: _MsOffhook | Literal[""] | None = None


class _MsSkill(_Struct, kw_only=True):
    skillId: Annotated[int, msgspec.Meta(ge=1, le=1000)]
    skillName: Annotated[str, msgspec.Meta(max_length=100)] | None = None
    outBoundType: Literal[2, 5, 6]
    predictParam: _MsPredict | Literal[""] | None = None
    previewParam: _MsPreview | Literal[""] | None = None


class MsgspecBody(_Struct, kw_only=True):
    """The body as a struct."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    description: Annotated[str, msgspec.Meta(max_length=200, pattern=HARMLESS)] | None = None
    strBeginTime: Annotated[str, msgspec.Meta(pattern=BEGIN)] | None = None
    strEndTime: Annotated[str, msgspec.Meta(pattern=END)] | None = None
    deviceType: Literal[1, 2, 3, 5, 6]
    callerNo: Annotated[str, msgspec.Meta(max_length=24, pattern=CALLER)]
    maxAlertingTime: Annotated[int, msgspec.Meta(ge=5, le=120)]
    scheduleParam: _MsSchedule
    ivrParam: _MsIvr | Literal[""] | None = None
    skillParam: _MsSkill | Literal[""] | None = None
    callBackUrl: Annotated[str, msgspec.Meta(pattern=URL)]
