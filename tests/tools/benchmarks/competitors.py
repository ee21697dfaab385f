"""The compared libraries, and the rules that they cannot express."""

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
from tests.tools.benchmarks.schemas import (
    MsgspecBody,
    PydanticBody,
    cerberus_schema,
    json_schema,
    model,
)

RULES = "campaign-modify-v1"
OURS = "isales_rules"


class Competitor(NamedTuple):
    """A configured library.

    - `check`: its fastest call for a valid body.
    - `accepts`: the same, returning a verdict.
    - `errors`: all errors with their paths, or `None` if another variant has them.
    - `decode`: validates JSON text and raises `refusals`; `None` if the library cannot do that.
    - `cannot`: the rules that it cannot express without user code.
    """

    name: str
    check: Callable[[Any], object]
    accepts: Callable[[Any], bool]
    errors: Callable[[Any], list[Any]] | None
    decode: Callable[[str], object] | None
    refusals: tuple[type[Exception], ...]
    cannot: str
    errors_note: str = "every error"


def _raising(check: Callable[[Any], object], refusal: type[Exception]) -> Callable[[Any], bool]:
    def accepts(body: Any) -> bool:
        try:
            check(body)
        except refusal:
            return False
        return True

    return accepts


LEGEND = {
    "conditions": "blocks required by type, mode and method; at least 9 s for previewed calls; times in pairs; one workday segment",
    "comparisons": "`autoCallTime` <= `maxAlertingTime` - 3, `minAvgCallTime` <= `maxAvgCallTime`, the end after the begin",
}
_CONDITIONS, _COMPARED = LEGEND
_DATES = "real dates (30 February)"
_FLOATS = "2.0 is not an integer"
_NEWLINE = "no newline at the end of a text with a pattern"


def ours() -> Competitor:
    """Set up isales_rules."""
    rules = isales_rules.load(RULES)
    validate = rules.validate

    def accepts(body: Any) -> bool:
        return validate(body).ok

    def errors(body: Any) -> list[Any]:
        report = validate(body)
        return [report.codes, *[one.path for one in report.violations]]

    return Competitor(
        OURS,
        validate,
        accepts,
        errors,
        rules.validate_json,
        (),
        "",
        "codes and paths of every error",
    )


def _pydantic(name: str, body_type: Any, **options: bool) -> Competitor:
    validator = pydantic.TypeAdapter(body_type).validator

    def errors(body: Any) -> list[Any]:
        try:
            validator.validate_python(body)
        except pydantic.ValidationError as error:
            return [(one["type"], one["loc"]) for one in error.errors(**options)]
        return []

    return Competitor(
        name,
        validator.validate_python,
        _raising(validator.validate_python, pydantic.ValidationError),
        errors,
        validator.validate_json,
        (pydantic.ValidationError,),
        f"{_CONDITIONS}; {_COMPARED}; {_DATES}; `true` and 1.0 are not the option 1; a single error for an optional block",
        f"`errors({', '.join(f'{option}=False' for option in options)})`, type and path",
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
        f"{_CONDITIONS}; {_COMPARED}; {_DATES}; {_NEWLINE}; errors after the first; paths outside the message",
        "only the first error",
    )


_DRAFT_7 = "http://json-schema.org/draft-07/schema#"
_DRAFT_2020 = "https://json-schema.org/draft/2020-12/schema"
_FIELDS = ", fields only"


def _jsonschema_rs(*, conditions: bool) -> Competitor:
    schema = json_schema(_DRAFT_2020, conditions=conditions)
    validator = jsonschema_rs.validator_for(schema)

    def errors(body: Any) -> list[Any]:
        return [(one.message, one.instance_path) for one in validator.iter_errors(body)]

    return Competitor(
        "jsonschema-rs" + ("" if conditions else _FIELDS),
        validator.is_valid,
        validator.is_valid,
        errors,
        None,
        (),
        f"{_COMPARED}; {_DATES}; {_FLOATS}"
        if conditions
        else f"by choice {_CONDITIONS}; else as jsonschema-rs",
        "`iter_errors`, message and path",
    )


def _jsonschema() -> Competitor:
    schema = json_schema(_DRAFT_2020)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)

    def errors(body: Any) -> list[Any]:
        return [(one.message, one.absolute_path) for one in validator.iter_errors(body)]

    return Competitor(
        "jsonschema",
        validator.is_valid,
        validator.is_valid,
        errors,
        None,
        (),
        f"{_COMPARED}; {_DATES}; {_FLOATS}; {_NEWLINE}",
        "`iter_errors`, message and path",
    )


def _fastjsonschema(*, conditions: bool) -> Competitor:
    """Set up fastjsonschema with `detailed_exceptions=False`, as it recommends for speed."""
    schema = json_schema(_DRAFT_7, conditions=conditions)
    check = fastjsonschema.compile(
        schema, use_default=False, use_formats=False, detailed_exceptions=False
    )
    check_all = fastjsonschema.compile(
        schema, use_default=False, use_formats=False, fast_fail=False
    )

    def errors(body: Any) -> list[Any]:
        try:
            check_all(body)
        except fastjsonschema.JsonSchemaValuesException as error:
            return [(one.message, one.path) for one in error.errors]
        return []

    return Competitor(
        "fastjsonschema" + ("" if conditions else _FIELDS),
        check,
        _raising(check, fastjsonschema.JsonSchemaException),
        errors,
        None,
        (),
        f"{_COMPARED}; {_DATES}; {_FLOATS}"
        if conditions
        else f"by choice {_CONDITIONS}; else as fastjsonschema",
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

    return full._replace(
        name="fastjsonschema, first error", errors=first, errors_note="only the first error"
    )


def _cerberus(*, normalize: bool) -> Competitor:
    validator = cerberus.Validator(cerberus_schema())
    check = partial(validator.validate, normalize=normalize)

    def errors(body: Any) -> list[Any]:
        check(body)
        return list(validator.errors.items())

    return Competitor(
        "Cerberus, normalising" if normalize else "Cerberus",
        check,
        check,
        errors,
        None,
        (),
        f"{_CONDITIONS} (`anyof` with `dependencies` could express some, but only tests presence; omitted); {_COMPARED}; "
        f"{_DATES}; `true` is not an integer; {_NEWLINE}",
        "`errors`",
    )


def competitors() -> list[Competitor]:
    """Set up all other libraries, fast ones first."""
    return [
        _pydantic("pydantic, models", model(PydanticBody)),
        _pydantic(
            "pydantic, typed dictionaries",
            PydanticBody,
            include_url=False,
            include_context=False,
            include_input=False,
        ),
        _msgspec(),
        _jsonschema_rs(conditions=True),
        _jsonschema_rs(conditions=False),
        _fastjsonschema(conditions=True),
        _fastjsonschema(conditions=False),
        _jsonschema(),
        _cerberus(normalize=False),
        _cerberus(normalize=True),
    ]


def with_error_lists(libraries: list[Competitor]) -> list[Competitor]:
    """Select the libraries for reading every error, with the fast variant of fastjsonschema."""
    return [one for one in libraries if not one.name.endswith(_FIELDS)] + [_fastjsonschema_first()]


def versions() -> dict[str, str]:
    """Return the version of each library by name."""
    return {
        name: version(name)
        for name in (
            "pydantic",
            "msgspec",
            "jsonschema-rs",
            "fastjsonschema",
            "jsonschema",
            "Cerberus",
        )
    }
