"""The JSON Schema of the rule language, for editors."""

from __future__ import annotations

from typing import Any

from isales_rules.export.cerberus_schema import Converter, JsonSchema
from isales_rules.language.keywords import KEYWORDS
from isales_rules.language.schema import (
    ASSERTION,
    FACT_ASSERTION,
    ITEM_ASSERTION,
    ITEM_DEFINITION,
    RULE,
    RULE_SET,
)

_DIALECT = "http://json-schema.org/draft-07/schema#"

_DESCRIPTIONS = {
    "title": "Title of the interface.",
    "source": "Source of parameters that name none: the interface, followed by their name.",
    "document": "Document that describes the interface, by locale.",
    "edition": "Edition of the document, such as 2025-04.",
    "gaps": "Parts of the document that were not available, by locale.",
    "extends": "Rule set that this one extends: a shipped one, or a path relative to this file.",
    "codes": "Result codes of the interface, with their meanings by locale.",
    "shared_codes": "Codes of the catalog that the interface lists; all if omitted.",
    "messages": "Messages of violations, which replace those of the catalog.",
    "messages.*.code": "Default result code of these violations.",
    "phrases": "Phrases by locale, which replace those of the catalog.",
    "request": "The three parts of a request.",
    "request.method": "HTTP method of the interface.",
    "request.url": "Path of the URL, with the names of its parameters in braces.",
    "request.path": "Definition of the object with the parameters of the URL.",
    "request.headers": "Definition of the object with the headers.",
    "request.body": "Definition of the body.",
    "facts": "Facts that a request does not show. Without a fact, its rules are skipped.",
    "facts.*.type": "Type of the fact; strings and integers are collections.",
    "facts.*.default": "`now`: the fact is the time of the check.",
    "facts.*.others": "Member of the other campaigns whose values are the fact.",
    "facts.*.reply": "Member of the campaign in a query reply that states the fact.",
    "facts.*.reply.member": "Name of the member.",
    "facts.*.reply.present": "The fact is whether the member is present.",
    "facts.*.reply.allowed": "The fact is whether the member is one of these.",
    "query_reply": "Reply of the query interface for the same campaign.",
    "query_reply.campaign_member": "Member of the reply that contains the campaign.",
    "query_reply.reply_only": "Members of the campaign that only replies have.",
    "query_reply.id_member": "Member of the campaign that has its ID.",
    "query_reply.id_parameter": "Parameter of the URL that has the ID of the campaign.",
    "definitions": "Definitions that parameters refer to with `ref`.",
    "tables": "Parameters of each object, by table and name.",
    "rules": "Rules between parameters.",
    "definition.source": "Where the document describes the parameter, such as Table 3, No. 1.",
    "definition.type": "Type of the value in JSON.",
    "definition.ref": "Definition of `definitions` to take keywords from.",
    "definition.schema": "Table with the members of a dict, or definition of the items of a list.",
    "definition.coerce": "Accept text in this form as a value of the type.",
    "definition.allow_unknown": "Members that the table does not have are valid.",
    "definition.case_insensitive": "Names of members are compared without regard to case.",
    "definition.secret": "Never show the value.",
    "definition.default": "Value that the document names as the default.",
    "definition.example": "Valid value, which messages show.",
    "definition.allowed_labels": "Label of each option of `allowed`, by locale.",
    "definition.sources": "Source by keyword, instead of the source of the parameter.",
    "definition.error_codes": "Result code by keyword, instead of the default code.",
    "rule.id": "Name of the rule: lower-case letters, digits and hyphens.",
    "rule.enabled": "Whether the rule is checked; false disables it.",
    "rule.severity": "Severity of a violation; a warning has no code.",
    "rule.before": "Id of a rule of the extended rule set that the new rule is put before.",
    "rule.code": "Result code, instead of the default code of a conflict.",
    "rule.source": "Where the document states the rule; by default the source of the parameter.",
    "rule.message": "Message by locale. $name, $other and keywords such as $max are filled in.",
    "rule.clauses": "Clauses, each of which can be violated.",
    "rule.clauses[].tables": "Tables whose objects the clause applies to.",
    "rule.clauses[].report_at": "Parameter of the violation, in a clause without `then`.",
    "rule.clauses[].when": "Assertions by parameter, or alternatives, for the clause to apply.",
    "rule.clauses[].then": "Assertions by parameter that must hold.",
    "rule.clauses[].required_together": "Two parameters that must be both present or both missing.",
    "rule.clauses[].facts": "Assertions by fact, for the clause to apply.",
    "assertion.schema": "Assertions about members of the object.",
    "assertion.items": "Assertions about each item of the list, in a `then` without a `when`.",
    "*.en_US": "Text in English.",
    "*.zh_CN": "Text in Chinese.",
    "*.parameter": "Parameter that sets the bound: beside this one, or /… from the part.",
    "*.fact": "Fact that sets the bound.",
    "*.offset": "Number, or a duration such as `30d`, to add to the bound.",
    "*.format": "Formats of the compared strings, which are then times.",
    "*.floor": "`day`: the bound is the beginning of its day.",
}

_DESCRIPTIONS |= {
    f"{place}.{name}": keyword.description
    for place in ("definition", "assertion")
    for name, keyword in KEYWORDS.items()
}


def _ref(name: str) -> JsonSchema:
    return {"$ref": f"#/definitions/{name}"}


_REPLACED: dict[str, JsonSchema] = {
    "request.path": _ref("definition"),
    "request.headers": _ref("definition"),
    "request.body": _ref("definition"),
    "definitions.*": _ref("definition"),
    "tables.*.*": _ref("definition"),
    "rules[]": _ref("rule"),
    "definition.schema": {"anyOf": [{"type": "string"}, _ref("definition")]},
    "definition.allowed_labels": {
        "type": "object",
        "additionalProperties": {"type": "array", "items": {"type": "string", "minLength": 1}},
    },
    "assertion.schema": _ref("assertions"),
    "assertion.items": _ref("item-assertions"),
    "rule.clauses[].when": {
        "anyOf": [
            _ref("assertions"),
            {"type": "array", "minItems": 1, "items": _ref("assertions")},
        ]
    },
    "rule.clauses[].then": _ref("assertions"),
    "rule.clauses[].facts": _ref("fact-assertions"),
}
"""Places whose schema is validated by other means than that of the whole rule set."""


def ruleset_schema() -> JsonSchema:
    """Return the JSON Schema (draft-07) of a rule set."""
    converter = Converter(_REPLACED, _DESCRIPTIONS)
    root = converter.members(RULE_SET, "")
    rule = converter.members(RULE, "rule")
    # An overlay has only what it changes.
    del root["required"], root["properties"]["request"]["required"]
    # The ids of rules of keywords, which an overlay changes, have dots.
    rule["properties"]["id"]["pattern"] += r"|\."
    rule["required"] = ["id"]
    return {
        "$schema": _DIALECT,
        "title": "Rule set of isales-rules",
        **root,
        "definitions": {
            "definition": converter.members(ITEM_DEFINITION, "definition")
            | _by_type(ITEM_DEFINITION),
            "rule": rule,
            "assertions": _by_name(converter.members(ASSERTION, "assertion")),
            "item-assertions": converter.members(ITEM_ASSERTION, "assertion"),
            "fact-assertions": _by_name(converter.members(FACT_ASSERTION, "assertion")),
        },
    }


def _by_name(assertion: JsonSchema) -> JsonSchema:
    """Return the schema of assertions by the name of a parameter or fact."""
    return {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {**assertion, "minProperties": 1},
    }


def _by_type(definition: Any) -> JsonSchema:
    """Return the conditions that refuse keywords of other types."""
    types: list[str] = definition["type"]["allowed"]
    return {
        "allOf": [
            {
                "if": {"properties": {"type": {"const": name}}, "required": ["type"]},
                "then": {
                    "properties": {
                        keyword: False
                        for keyword in definition
                        if keyword in KEYWORDS and name not in KEYWORDS[keyword].types
                    }
                },
            }
            for name in types
        ]
    }
