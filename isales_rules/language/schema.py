"""The shape of a rule-set file, checked by Cerberus."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from cerberus import TypeDefinition, Validator
from cerberus.errors import BasicErrorHandler, ValidationError

from isales_rules._text import suggest
from isales_rules.language.catalog import LOCALE, LOCALES
from isales_rules.language.keywords import ATTRIBUTES, KEYWORDS, Schema
from isales_rules.language.model import FACTS, Problem

_TEXT: Schema = {"type": "string", "empty": False}


TEXTS: Schema = dict.fromkeys(LOCALES, _TEXT)
"""Texts by locale. `check_schema` adds the locales of the rule set."""


DEFINITION: Schema = ATTRIBUTES | {
    name: keyword.argument_schema for name, keyword in KEYWORDS.items() if keyword.in_definitions
}


ITEM_DEFINITION: Schema = DEFINITION | {"source": {"type": "string", "empty": False}}


ASSERTION: Schema = {
    name: keyword.argument_schema
    for name, keyword in KEYWORDS.items()
    if not keyword.refines and keyword.operand != "entries"
}


ASSERTION |= {
    "required": {"type": "boolean", "allowed": [True]},
    "schema": {"type": "dict", "empty": False},
    "items": {"type": "dict", "empty": False},
}


ITEM_ASSERTION: Schema = {
    name: keyword.argument_schema
    for name, keyword in KEYWORDS.items()
    if keyword.operand != "presence" and not keyword.refines
}


FACT_ASSERTION: Schema = {
    name: keyword.argument_schema
    for name, keyword in KEYWORDS.items()
    if keyword.operand == "value" and not keyword.refines
}


_PART: Schema = {"type": "dict", "required": True}


RULE_SET: Schema = {
    "extends": {"type": "string"},
    "title": {"type": "string", "required": True},
    "document": {"type": "dict", "minlength": 1, "schema": TEXTS},
    "edition": {"type": "string", "regex": r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?\Z"},
    "gaps": {"type": "list", "schema": {"type": "dict", "minlength": 1, "schema": TEXTS}},
    "codes": {
        "type": "dict",
        "keysrules": {"type": "string", "regex": r"[0-9]+\Z"},
        "valuesrules": {"type": "dict", "minlength": 1, "schema": TEXTS},
    },
    "shared_codes": {"type": "list", "schema": {"type": "string"}},
    "messages": {
        "type": "dict",
        "valuesrules": {
            "type": "dict",
            "minlength": 1,
            "schema": {"code": {"type": "string"}, **TEXTS},
        },
    },
    "phrases": {
        "type": "dict",
        "keysrules": {"type": "string", "regex": LOCALE.pattern + r"\Z"},
        "valuesrules": {"type": "dict", "valuesrules": _TEXT},
    },
    "source": {"type": "string", "empty": False},
    "request": {
        "type": "dict",
        "required": True,
        "schema": {
            "method": {"type": "string"},
            "url": {"type": "string"},
            "path": _PART,
            "headers": _PART,
            "body": _PART,
        },
    },
    "facts": {
        "type": "dict",
        "valuesrules": {
            "type": "dict",
            "schema": {
                "type": {"type": "string", "required": True, "allowed": list(FACTS)},
                "default": {"type": "string", "allowed": ["now"]},
                "others": {"type": "string", "excludes": "reply"},
                "reply": {
                    "type": "dict",
                    "schema": {
                        "member": {"type": "string", "required": True},
                        "present": {"type": "boolean", "allowed": [True], "excludes": "allowed"},
                        "allowed": {
                            "type": "list",
                            "minlength": 1,
                            "schema": {"type": ["integer", "string", "boolean"]},
                        },
                    },
                },
                **TEXTS,
            },
        },
    },
    "query_reply": {
        "type": "dict",
        "schema": {
            "campaign_member": {"type": "string", "required": True},
            "reply_only": {"type": "list", "schema": {"type": "string"}},
            "id_member": {"type": "string", "dependencies": "id_parameter"},
            "id_parameter": {"type": "string", "dependencies": "id_member"},
        },
    },
    "definitions": {"type": "dict", "valuesrules": {"type": "dict"}},
    "tables": {
        "type": "dict",
        "required": True,
        "valuesrules": {"type": "dict", "valuesrules": {"type": "dict"}},
    },
    "rules": {"type": "list", "schema": {"type": "dict"}},
}


RULE: Schema = {
    "id": {"type": "string", "required": True, "regex": r"[a-z][a-z0-9-]*\Z"},
    "enabled": {"type": "boolean"},
    "before": {"type": "string"},
    "severity": {"type": "string", "allowed": ["error", "warning"]},
    "code": {"type": "string"},
    "source": {"type": "string", "empty": False},
    "message": {"type": "dict", "required": True, "minlength": 1, "schema": TEXTS},
    "clauses": {
        "type": "list",
        "required": True,
        "minlength": 1,
        "schema": {
            "type": "dict",
            "schema": {
                "tables": {
                    "type": "list",
                    "required": True,
                    "minlength": 1,
                    "schema": {"type": "string"},
                },
                "report_at": {"type": "string", "excludes": ["then", "required_together"]},
                "when": {"type": ["dict", "list"], "minlength": 1, "schema": {"type": "dict"}},
                "then": {"type": "dict", "minlength": 1},
                "required_together": {
                    "type": "list",
                    "minlength": 2,
                    "maxlength": 2,
                    "schema": {"type": "string"},
                    "excludes": "then",
                },
                "facts": {"type": "dict", "minlength": 1, "valuesrules": {"type": "dict"}},
            },
        },
    },
}


RULE_CHANGE: Schema = {
    **{name: schema for name, schema in RULE.items() if name != "clauses"},
    "id": {"type": "string", "required": True},
    "message": {"type": "dict", "minlength": 1, "schema": TEXTS},
}
"""An entry of `rules` without clauses, which changes the rule of a keyword."""


class _ErrorHandler(BasicErrorHandler):  # type: ignore[misc]  # Cerberus has no types
    """Messages that name the remedy, where those of Cerberus do not."""

    messages: ClassVar = BasicErrorHandler.messages | {
        0x41: "must match the pattern {constraint}",
        0x44: "must be one of {constraint}; found {found}{suggestion}",
    }

    def _format_message(self, field: str, error: ValidationError) -> str:
        argument = error.constraint
        options = [*map(_word, argument)] if isinstance(argument, list) else []
        if error.code == 0x24 and options:
            return f"must be of {' or '.join(options)} type"
        return str(
            self.messages[error.code].format(
                *error.info,
                constraint=", ".join(options) or str(argument).removesuffix(r"\Z"),
                field=field,
                value=error.value,
                found=_word(error.value) if isinstance(error.value, bool) else repr(error.value),
                suggestion=suggest(error.value, options),
            )
        )


def _word(value: Any) -> str:
    """Write a value as TOML, without quotation marks."""
    return str(value).lower() if isinstance(value, bool) else str(value)


class _SchemaValidator(Validator):  # type: ignore[misc]  # Cerberus has no types
    types_mapping: ClassVar = Validator.types_mapping | {
        "integer": TypeDefinition("integer", (int,), (bool,)),
        "float": TypeDefinition("float", (float,), ()),
    }

    def _validate_schema(self, schema: Any, field: Any, value: Any) -> None:
        """Look into a list's entries, or into a dict where the schema is one of a dict.

        The rule's arguments are validated against this schema:
        {'nullable': False}
        """
        if (
            isinstance(value, Mapping)
            and set(schema) == {"type"}
            and isinstance(schema["type"], str)
        ):
            return
        super()._validate_schema(schema, field, value)


_THREADS = threading.local()

MAX_VALIDATORS = 50
"""Maximum number of validators of a thread: one for each schema and set of locales."""


def check_schema(
    place: str, value: Any, schema: Schema, locales: tuple[str, ...] = LOCALES
) -> Iterator[Problem]:
    """Yield where a value differs from one of the schemas above, with texts in `locales`."""
    # Making a validator takes Cerberus three times as long as using it, and one serves one thread
    # at a time.
    validators: dict[Any, _SchemaValidator] = _THREADS.__dict__
    key = id(schema), locales
    if key not in validators:
        if len(validators) > MAX_VALIDATORS:
            validators.clear()
        validators[key] = _SchemaValidator(
            _with_locales(schema, locales), error_handler=_ErrorHandler
        )
    validators[key].validate(value, normalize=False)
    yield from _flatten_errors(place, validators[key].errors, list(schema))


def _with_locales(schema: Schema, locales: tuple[str, ...]) -> Schema:
    """Add locales to each schema of texts."""
    if not isinstance(schema, dict) or locales == LOCALES:
        return schema
    more = dict.fromkeys(locales, _TEXT) if schema.keys() >= set(LOCALES) else {}
    return {**{name: _with_locales(inner, locales) for name, inner in schema.items()}, **more}


def _flatten_errors(place: str, errors: Mapping[Any, Any], known: list[str]) -> Iterator[Problem]:
    for field, reasons in errors.items():
        where = (
            f"{place}[{field}]" if isinstance(field, int) else f"{place}.{field}".removeprefix(".")
        )
        for reason in reasons:
            if isinstance(reason, Mapping):
                yield from _flatten_errors(where, reason, [])
            elif reason == "unknown field":
                yield where, "unknown keyword" + suggest(field, known)
            else:
                yield where, reason
