"""The libraries that are compared, each built once, and what each of them cannot say of the rules."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from typing import Any, NamedTuple

import cerberus
import fastjsonschema
import jsonschema
import jsonschema_rs
import msgspec
import pydantic

import isales_rules
from tests.tools.benchmarks.schemas import MsgspecBody, PydanticBody, cerberus_schema, json_schema, model

RULES = "campaign-modify-v1"
OURS = "isales_rules"


class Competitor(NamedTuple):
    """A library, set up.

    - `check`: its quickest call on a body that is right.
    - `accepts`: the same as yes or no.
    - `mistakes`: what is wrong and where, read in full; `None` where another variant of the library stands for it.
    - `decode`: checks JSON text, raising `refusals` where it is wrong; `None` where the library has no such call.
    - `cannot`: the rules that it cannot say without its user's own code.
    """

    name: str
    check: Callable[[Any], object]
    accepts: Callable[[Any], bool]
    mistakes: Callable[[Any], list[Any]] | None
    decode: Callable[[str], object] | None
    refusals: tuple[type[Exception], ...]
    cannot: str
    mistakes_note: str = "every mistake"


def _raising(check: Callable[[Any], object], refusal: type[Exception]) -> Callable[[Any], bool]:
    def accepts(body: Any) -> bool:
        try:
            check(body)
        except refusal:
            return False
        return True

    return accepts


LEGEND = {
    "conditions": "which block is needed for which type, mode and method; at least 9 s for previewed calls; times in pairs; one workday segment",
    "comparisons": "`autoCallTime` <= `maxAlertingTime` - 3, `minAvgCallTime` <= `maxAvgCallTime`, the end after the begin",
}
_CONDITIONS, _COMPARED = LEGEND
_DATES = "real dates (30 February)"
_FLOATS = "2.0 is no integer"
_NEWLINE = "no newline at the end of a text with a pattern"


def ours() -> Competitor:
    """Set up the library that the others are compared with."""
    rules = isales_rules.load(RULES)
    validate = rules.validate

    def accepts(body: Any) -> bool:
        return validate(body).ok

    def mistakes(body: Any) -> list[Any]:
        report = validate(body)
        return [report.codes, *[one.path for one in report.violations]]

    return Competitor(OURS, validate, accepts, mistakes, rules.validate_json, (), "", "codes and paths of every mistake")


def _pydantic(name: str, body_type: Any, **told: bool) -> Competitor:
    validator = pydantic.TypeAdapter(body_type).validator

    def mistakes(body: Any) -> list[Any]:
        try:
            validator.validate_python(body)
        except pydantic.ValidationError as error:
            return [(one["type"], one["loc"]) for one in error.errors(**told)]
        return []

    return Competitor(
        name,
        validator.validate_python,
        _raising(validator.validate_python, pydantic.ValidationError),
        mistakes,
        validator.validate_json,
        (pydantic.ValidationError,),
        f"{_CONDITIONS}; {_COMPARED}; {_DATES}; `true` and 1.0 are not the option 1; one error alone for a mistake in an optional block",
        f"`errors({', '.join(f'{option}=False' for option in told)})`, type and place",
    )


def _msgspec() -> Competitor:
    check = partial(msgspec.convert, type=MsgspecBody)

    def first(body: Any) -> list[Any]:
        try:
            check(body)
        except msgspec.ValidationError as error:
            return [str(error)]
        return []

    return Competitor(
        "msgspec",
        check,
        _raising(check, msgspec.ValidationError),
        first,
        msgspec.json.Decoder(MsgspecBody).decode,
        (msgspec.ValidationError,),
        f"{_CONDITIONS}; {_COMPARED}; {_DATES}; {_NEWLINE}; any mistake after the first; the place other than inside the message",
        "the first mistake alone",
    )


_DRAFT_7 = "http://json-schema.org/draft-07/schema#"
_DRAFT_2020 = "https://json-schema.org/draft/2020-12/schema"
_FIELDS = ", fields alone"


def _jsonschema_rs(*, conditions: bool) -> Competitor:
    schema = json_schema(_DRAFT_2020, conditions=conditions)
    validator = jsonschema_rs.validator_for(schema)

    def mistakes(body: Any) -> list[Any]:
        return [(one.message, one.instance_path) for one in validator.iter_errors(body)]

    return Competitor(
        "jsonschema-rs" + ("" if conditions else _FIELDS),
        validator.is_valid,
        validator.is_valid,
        mistakes,
        None,
        (),
        f"{_COMPARED}; {_DATES}; {_FLOATS}" if conditions else f"by choice {_CONDITIONS}; else as jsonschema-rs",
        "`iter_errors`, message and path",
    )


def _jsonschema() -> Competitor:
    schema = json_schema(_DRAFT_2020)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)

    def mistakes(body: Any) -> list[Any]:
        return [(one.message, one.absolute_path) for one in validator.iter_errors(body)]

    return Competitor(
        "jsonschema",
        validator.is_valid,
        validator.is_valid,
        mistakes,
        None,
        (),
        f"{_COMPARED}; {_DATES}; {_FLOATS}; {_NEWLINE}",
        "`iter_errors`, message and path",
    )


def _fastjsonschema(*, conditions: bool) -> Competitor:
    """Set it up with `detailed_exceptions=False`, as its documentation advises for speed; for `mistakes`, so that it does not stop at the first."""
    schema = json_schema(_DRAFT_7, conditions=conditions)
    check = fastjsonschema.compile(schema, use_default=False, use_formats=False, detailed_exceptions=False)
    check_all = fastjsonschema.compile(schema, use_default=False, use_formats=False, fast_fail=False)

    def mistakes(body: Any) -> list[Any]:
        try:
            check_all(body)
        except fastjsonschema.JsonSchemaValuesException as error:
            return [(one.message, one.path) for one in error.errors]
        return []

    return Competitor(
        "fastjsonschema" + ("" if conditions else _FIELDS),
        check,
        _raising(check, fastjsonschema.JsonSchemaException),
        mistakes,
        None,
        (),
        f"{_COMPARED}; {_DATES}; {_FLOATS}" if conditions else f"by choice {_CONDITIONS}; else as fastjsonschema",
        "`fast_fail=False`, message and path",
    )


def _fastjsonschema_first() -> Competitor:
    full = _fastjsonschema(conditions=True)

    def first(body: Any) -> list[Any]:
        try:
            full.check(body)
        except fastjsonschema.JsonSchemaValueException as error:
            return [error.message]
        return []

    return full._replace(name="fastjsonschema, first mistake", mistakes=first, mistakes_note="the first mistake alone")


def _cerberus(*, normalize: bool) -> Competitor:
    validator = cerberus.Validator(cerberus_schema())
    check = partial(validator.validate, normalize=normalize)

    def mistakes(body: Any) -> list[Any]:
        check(body)
        return list(validator.errors.items())

    return Competitor(
        "Cerberus, normalising" if normalize else "Cerberus",
        check,
        check,
        mistakes,
        None,
        (),
        f"{_CONDITIONS} (`anyof` with `dependencies` could say some, but sees only whether a key is there; left out); {_COMPARED}; "
        f"{_DATES}; `true` is no integer; {_NEWLINE}",
        "`errors`",
    )


def competitors() -> list[Competitor]:
    """Set up all of them, the fast ones first."""
    return [
        _pydantic("pydantic, models", model(PydanticBody)),
        _pydantic("pydantic, typed dictionaries", PydanticBody, include_url=False, include_context=False, include_input=False),
        _msgspec(),
        _jsonschema_rs(conditions=True),
        _jsonschema_rs(conditions=False),
        _fastjsonschema(conditions=True),
        _fastjsonschema(conditions=False),
        _jsonschema(),
        _cerberus(normalize=False),
        _cerberus(normalize=True),
    ]


def that_list_mistakes(known: list[Competitor]) -> list[Competitor]:
    """Choose those for the work that reads every mistake, with the variant of fastjsonschema that stops at the first."""
    return [one for one in known if not one.name.endswith(_FIELDS)] + [_fastjsonschema_first()]


def versions() -> dict[str, str]:
    """Give the version of each library by its name."""
    return {name: version(name) for name in ("pydantic", "msgspec", "jsonschema-rs", "fastjsonschema", "jsonschema", "Cerberus")}
