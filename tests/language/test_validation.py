"""Invalid rule sets: location and reason of every problem, and no other exception."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis.strategies import sampled_from

import isales_rules
from isales_rules import RuleSetError
from isales_rules.language import catalog, resolver
from isales_rules.language.catalog import shipped_path
from isales_rules.language.keywords import ATTRIBUTES, KEYWORDS
from isales_rules.language.model import BASE_REASON
from tests.support.cases import cases
from tests.support.rule_sets import (
    DROP,
    Data,
    at,
    changed,
    fact,
    load,
    locations,
    rule,
    rule_set,
    write,
)

DEFINITIONS: Data = {
    "name": {
        "type": "string",
        "required": True,
        "minlength": 2,
        "maxlength": 10,
        "error_codes": {"maxlength": "02000003"},
    },
    "kind": {
        "type": "integer",
        "min": 1,
        "max": 9,
        "allowed": [1, 2],
        "allowed_labels": {"en_US": ["one", "two"], "zh_CN": ["一", "二"]},
    },
    "rate": {"ref": "rate"},
    "first": {"type": "string", "format": "yyyy-MM-dd"},
    "last": {"type": "string", "format": ["yyyy-MM-dd", "dd.MM.yyyy"]},
    "at": {"type": "string", "format": "HH:mm", "partial_pattern": "[0-9]+"},
    "mark": {"type": "string", "regex": "[a-z]+", "example": "abc"},
    "on": {"type": "boolean", "default": False},
    "url": {
        "type": "string",
        "prefix": ["a:", "b:"],
        "allowed_characters": "ab:",
        "forbidden_characters": "cd",
    },
    "plain": {"type": "dict", "schema": "plain", "case_insensitive": True},
    "xs": {"type": "list", "maxitems": 3, "schema": {"type": "integer", "min": 1}},
    "items": {"type": "list", "schema": {"type": "dict", "schema": "item"}},
    "day": {"type": "string", "format": ["yyyy-MM-dd", "dd.MM.yyyy"]},
    "other": {"type": "dict", "schema": "other"},
    "later": {"type": "integer"},
}
RULES: list[Data] = [
    rule(
        {"when": {"kind": {"allowed": [1]}}, "then": {"name": {"required": True}}},
        id="name-needed",
        code="02000009",
    ),
    rule(
        {
            "when": [{"kind": {"min": 2}}, {"plain": {"schema": {"a": {"max": 5}}}}],
            "then": {"last": {"gt": {"parameter": "first"}}},
        },
        {"tables": ["item"], "then": {"b": {"le": {"parameter": "/kind", "offset": 2}}}},
        id="in-order",
    ),
    rule({"required_together": ["first", "last"]}, id="pair", source="Table 3"),
    rule({"tables": ["body", "plain"], "facts": {"exists": {"allowed": [False]}}}, id="exists"),
    rule(
        {
            "then": {
                "first": {"ge": {"fact": "now", "floor": "day"}},
                "name": {"not_in": {"fact": "names"}},
            }
        },
        id="facts",
    ),
    rule(
        {"report_at": "kind", "when": {"kind": {"max": 1}, "name": {"absent": True}}},
        id="advice",
        severity="warning",
    ),
]
BASE: Data = rule_set(
    DEFINITIONS,
    definitions={"rate": {"type": "integer", "min": 0, "max": 100}},
    tables={
        "plain": {"a": {"type": "integer"}},
        "other": {"d": {"type": "integer"}},
        "item": {"b": {"type": "integer"}, "c": {"type": "string", "maxlength": 5}},
    },
    facts={
        "exists": fact("boolean"),
        "now": fact("datetime") | {"default": "now"},
        "names": fact("strings"),
        "ids": fact("integers"),
        "limit": fact("integer"),
    },
    rules=RULES,
)
BODY = "tables.body"
CLAUSE = "rules[0].clauses[0]"

# Changes of the base rule set, the location of the resulting problem, and words of its reason.
INVALID: dict[str, list[tuple[Data, str, list[str]]]] = {
    "unknown keyword": [
        (
            {f"{BODY}.name.maxlenght": 5},
            f"{BODY}.name.maxlenght",
            ["unknown keyword", "did you mean 'maxlength'?"],
        ),
        (
            {f"{BODY}.name.requird": True},
            f"{BODY}.name.requird",
            ["unknown keyword", "did you mean 'required'?"],
        ),
        ({f"{BODY}.name.xyzzy": True}, f"{BODY}.name.xyzzy", ["unknown keyword"]),
        (
            {f"{BODY}.name.le": {"parameter": "kind"}},
            f"{BODY}.name.le",
            ["unknown keyword"],
        ),
        ({f"{BODY}.name.nullable": True}, f"{BODY}.name.nullable", ["unknown keyword"]),
        ({f"{BODY}.name.anyof": []}, f"{BODY}.name.anyof", ["unknown keyword"]),
        (
            {"definitions.rate.mix": 1},
            "definitions.rate.mix",
            ["unknown keyword", "did you mean 'min'?"],
        ),
        (
            {f"{BODY}.xs.schema.mx": 1},
            f"{BODY}.xs.schema.mx",
            ["unknown keyword", "did you mean 'max'?"],
        ),
        (
            {"request.body.alow_unknown": True},
            "request.body.alow_unknown",
            ["unknown keyword", "did you mean 'allow_unknown'?"],
        ),
        ({"request.bdy": {}}, "request.bdy", ["unknown keyword"]),
        ({"table": {}}, "table", ["unknown keyword", "did you mean 'tables'?"]),
        ({"facts.now.clok": True}, "facts.now.clok", ["unknown keyword"]),
        (
            {"rules[0].severty": "error"},
            "rules[0].severty",
            ["unknown keyword", "did you mean 'severity'?"],
        ),
        ({f"{CLAUSE}.whn": {}}, f"{CLAUSE}.whn", ["unknown keyword"]),
        (
            {f"{CLAUSE}.when.kind.alowed": [1]},
            f"{CLAUSE}.when.kind.alowed",
            ["unknown keyword", "did you mean 'allowed'?"],
        ),
        (
            {f"{CLAUSE}.then.name.partial_pattern": "x"},
            f"{CLAUSE}.then.name.partial_pattern",
            ["unknown keyword"],
        ),
        ({f"{CLAUSE}.then.name.default": "x"}, f"{CLAUSE}.then.name.default", ["unknown keyword"]),
        (
            {"rules[1].clauses[0].when[1].plain.schema.a.mx": 1},
            "rules[1].clauses[0].when[1].plain.schema.a.mx",
            ["unknown keyword"],
        ),
        (
            {"rules[1].clauses[0].then.last.gt.paramter": "x"},
            "rules[1].clauses[0].then.last.gt.paramter",
            ["unknown keyword"],
        ),
        (
            {"rules[0].message.de_DE": "nein"},
            "rules[0].message.de_DE",
            ["unknown keyword"],
        ),
    ],
    "values of a secret": [
        (
            {f"{BODY}.kind.secret": True, "rules": DROP},
            f"{BODY}.kind.allowed",
            ["is not for a secret"],
        ),
        ({f"{BODY}.on.secret": True}, f"{BODY}.on.default", ["is not for a secret"]),
        (
            {f"{BODY}.other.secret": True, "tables.other.d.default": 1},
            "tables.other.d.default",
            ["is not for a secret"],
        ),
        (
            {f"{BODY}.xs.secret": True, f"{BODY}.xs.schema.allowed": [1]},
            f"{BODY}.xs.schema.allowed",
            ["is not for a secret"],
        ),
        (
            {f"{BODY}.later.secret": True, f"{CLAUSE}.then.later.allowed": [1]},
            f"{CLAUSE}.then.later.allowed",
            ["is not for a secret"],
        ),
    ],
    "optional entries of a list": [
        (
            {f"{BODY}.xs.schema.required": False},
            f"{BODY}.xs.schema.required",
            ["an entry of a list is always mandatory"],
        ),
    ],
    "names that differ only in case": [
        (
            {"tables.plain.A": {"type": "integer", "source": "x"}},
            "tables.plain.A",
            ["'a' in another case", "body.plain.case_insensitive", "remove one"],
        ),
        (
            {"tables.headers.LOCALE": {"type": "string", "secret": True, "source": "x"}},
            "tables.headers.LOCALE",
            ["'locale' in another case"],
        ),
    ],
    "invalid argument": [
        ({f"{BODY}.name.maxlength": "10"}, f"{BODY}.name.maxlength", ["must be of integer type"]),
        ({f"{BODY}.name.maxlength": 10.5}, f"{BODY}.name.maxlength", ["must be of integer type"]),
        ({f"{BODY}.url.maxlength": True}, f"{BODY}.url.maxlength", ["must be of integer type"]),
        (
            {f"{BODY}.kind.min": True, f"{BODY}.kind.allowed": [1, 2]},
            f"{BODY}.kind.min",
            ["must be of integer or float type"],
        ),
        ({f"{BODY}.name.minlength": 0}, f"{BODY}.name.minlength", ["min value is 1"]),
        ({f"{BODY}.name.minlength": -1}, f"{BODY}.name.minlength", ["min value is 1"]),
        ({f"{BODY}.xs.maxitems": -1}, f"{BODY}.xs.maxitems", ["min value is 0"]),
        ({f"{BODY}.name.required": "yes"}, f"{BODY}.name.required", ["must be of boolean type"]),
        ({f"{BODY}.name.required": 1}, f"{BODY}.name.required", ["must be of boolean type"]),
        (
            {f"{BODY}.kind.allowed": 1, f"{BODY}.kind.allowed_labels": DROP},
            f"{BODY}.kind.allowed",
            ["must be of list type"],
        ),
        (
            {f"{BODY}.kind.allowed": [], f"{BODY}.kind.allowed_labels": DROP},
            f"{BODY}.kind.allowed",
            ["min length is 1"],
        ),
        ({f"{BODY}.url.prefix": []}, f"{BODY}.url.prefix", ["empty"]),
        ({f"{BODY}.url.prefix": ""}, f"{BODY}.url.prefix", ["empty"]),
        ({f"{BODY}.url.prefix": [""]}, f"{BODY}.url.prefix[0]", ["empty"]),
        ({f"{BODY}.url.prefix": ["a", 1]}, f"{BODY}.url.prefix[1]", ["must be of string type"]),
        ({f"{BODY}.url.allowed_characters": ""}, f"{BODY}.url.allowed_characters", ["empty"]),
        (
            {f"{BODY}.url.forbidden_characters": ["c"]},
            f"{BODY}.url.forbidden_characters",
            ["must be of string type"],
        ),
        ({f"{BODY}.on.type": "bool"}, f"{BODY}.on.type", ["must be one of", "found 'bool'"]),
        ({f"{BODY}.on.type": ["string"]}, f"{BODY}.on.type", ["must be of string type"]),
        ({f"{BODY}.name.type": {"a": "string"}}, f"{BODY}.name.type", ["must be of string type"]),
        ({f"{BODY}.name.source": ""}, f"{BODY}.name.source", ["empty"]),
        (
            {f"{BODY}.name.error_codes": "02000003"},
            f"{BODY}.name.error_codes",
            ["must be of dict type"],
        ),
        (
            {f"{BODY}.name.error_codes.maxlength": 2000003},
            f"{BODY}.name.error_codes.maxlength",
            ["must be of string type"],
        ),
        ({f"{BODY}.name.secret": "yes"}, f"{BODY}.name.secret", ["must be of boolean type"]),
        (
            {f"{BODY}.later.coerce": "hex"},
            f"{BODY}.later.coerce",
            ["must be one of", "found 'hex'"],
        ),
        ({f"{BODY}.other.schema": 5}, f"{BODY}.other.schema", ["must be of"]),
        ({f"{BODY}.name": "string"}, f"{BODY}.name", ["must be of dict type"]),
        ({"tables.body": []}, "tables.body", ["must be of dict type"]),
        ({"request.body": "body"}, "request.body", ["must be of dict type"]),
        ({"rules": {}}, "rules", ["must be of list type"]),
        ({"rules[0]": "x"}, "rules[0]", ["must be of dict type"]),
        ({"rules[0].clauses": []}, "rules[0].clauses", ["min length is 1"]),
        ({"rules[0].id": "Name Needed"}, "rules[0].id", ["must match the pattern"]),
        ({"rules[0].id": "name-needed\n"}, "rules[0].id", ["must match the pattern"]),
        ({"rules[0].id": ["name-needed"]}, "rules[0].id", ["must be of string type"]),
        ({"rules[0].severity": "info"}, "rules[0].severity", ["must be one of", "found 'info'"]),
        ({"rules[0].message.en_US": ""}, "rules[0].message.en_US", ["empty"]),
        ({f"{CLAUSE}.tables": "body"}, f"{CLAUSE}.tables", ["must be of list type"]),
        ({f"{CLAUSE}.tables": []}, f"{CLAUSE}.tables", ["min length is 1"]),
        ({f"{CLAUSE}.tables": [["body"]]}, f"{CLAUSE}.tables[0]", ["must be of string type"]),
        ({f"{CLAUSE}.when": "kind"}, f"{CLAUSE}.when", ["must be of"]),
        ({f"{CLAUSE}.when": []}, f"{CLAUSE}.when", ["min length is 1"]),
        ({f"{CLAUSE}.when": ["kind"]}, f"{CLAUSE}.when[0]", ["must be of dict type"]),
        ({f"{CLAUSE}.when.kind": 1}, f"{CLAUSE}.when.kind", ["must be of dict type"]),
        (
            {f"{CLAUSE}.then.name.required": "yes"},
            f"{CLAUSE}.then.name.required",
            ["must be of boolean type"],
        ),
        (
            {f"{CLAUSE}.then.name.absent": False},
            f"{CLAUSE}.then.name.absent",
            ["must be one of true; found false"],
        ),
        (
            {"rules[2].clauses[0].required_together": ["first"]},
            "rules[2].clauses[0].required_together",
            ["min length is 2"],
        ),
        (
            {"rules[2].clauses[0].required_together": ["first", "last", "at"]},
            "rules[2].clauses[0].required_together",
            ["max length is 2"],
        ),
        ({"facts.now.type": "date"}, "facts.now.type", ["must be one of", "found 'date'"]),
        (
            {"rules[4].clauses[0].then.first.ge.floor": "hour"},
            "rules[4].clauses[0].then.first.ge.floor",
            ["must be one of", "found 'hour'"],
        ),
        (
            {"rules[1].clauses[1].then.b.le.offset": 1.5},
            "rules[1].clauses[1].then.b.le.offset",
            ["must be of integer or string type"],
        ),
    ],
    "contradictory bounds": [
        (
            {f"{BODY}.later.min": 5, f"{BODY}.later.max": 4},
            f"{BODY}.later.min",
            ["greater than max, 4"],
        ),
        ({f"{BODY}.name.minlength": 11}, f"{BODY}.name.minlength", ["greater than maxlength, 10"]),
        ({f"{BODY}.rate.min": 101}, f"{BODY}.rate.min", ["greater than max, 100"]),
        ({"definitions.rate.max": -1}, "definitions.rate.min", ["greater than max, -1"]),
        ({f"{BODY}.xs.schema.max": 0}, f"{BODY}.xs.schema.min", ["greater than max, 0"]),
        (
            {f"{CLAUSE}.when.kind": {"min": 5, "max": 4}},
            f"{CLAUSE}.when.kind.min",
            ["greater than max, 4"],
        ),
        ({f"{BODY}.kind.allowed": [1, 10]}, f"{BODY}.kind.allowed", ["10", "violates max"]),
        ({f"{BODY}.kind.allowed": [0, 1]}, f"{BODY}.kind.allowed", ["0", "violates min"]),
        ({f"{BODY}.name.allowed": ["ab", "a"]}, f"{BODY}.name.allowed", ["'a'", "minlength"]),
        (
            {f"{BODY}.name.allowed": ["ab", "abcdefghijk"]},
            f"{BODY}.name.allowed",
            ["'abcdefghijk'", "maxlength"],
        ),
        (
            {f"{BODY}.kind.allowed": [1, "2"]},
            f"{BODY}.kind.allowed",
            ["'2'", "not of the type integer"],
        ),
        (
            {f"{BODY}.kind.allowed": [True, 2]},
            f"{BODY}.kind.allowed",
            ["True", "not of the type integer"],
        ),
        ({f"{BODY}.on.allowed": [1]}, f"{BODY}.on.allowed", ["1", "not of the type boolean"]),
        ({f"{CLAUSE}.when.kind.allowed": ["1"]}, f"{CLAUSE}.when.kind.allowed", ["'1'"]),
        ({f"{CLAUSE}.when.kind.allowed": [True]}, f"{CLAUSE}.when.kind.allowed", ["True"]),
        ({f"{CLAUSE}.when.kind.allowed": [[1], [2]]}, f"{CLAUSE}.when.kind.allowed", ["[1]"]),
        (
            {"rules[3].clauses[0].facts.exists.allowed": [0]},
            "rules[3].clauses[0].facts.exists.allowed",
            ["0"],
        ),
        (
            {f"{CLAUSE}.then.name.required": False},
            f"{CLAUSE}.then.name.required",
            ["must be one of true; found false"],
        ),
    ],
    "missing key": [
        ({"title": DROP}, "title", ["required field"]),
        ({"tables": DROP}, "tables", ["required field"]),
        ({"request": DROP}, "request", ["required field"]),
        ({"request.headers": DROP}, "request.headers", ["required field"]),
        ({"request.body.source": DROP}, "request.body.source", ["required field"]),
        ({"request.body.type": DROP}, "request.body.type", ["required field"]),
        ({f"{BODY}.name.type": DROP}, f"{BODY}.name.type", ["required field"]),
        ({f"{BODY}.name.source": DROP}, f"{BODY}.name.source", ["required field"]),
        ({f"{BODY}.rate.source": DROP}, f"{BODY}.rate.source", ["required field"]),
        ({f"{BODY}.xs.schema.type": DROP}, f"{BODY}.xs.schema.type", ["required field"]),
        ({"definitions.rate.type": DROP}, f"{BODY}.rate.type", ["required field"]),
        ({f"{BODY}.mark.example": DROP}, f"{BODY}.mark.example", ["needed beside regex"]),
        ({f"{BODY}.at.format": DROP}, f"{BODY}.at.partial_pattern", ["format"]),
        ({"rules[0].id": DROP}, "rules[0].id", ["required field"]),
        ({"rules[0].message": DROP}, "rules[0].message", ["required field"]),
        ({"rules[0].message": {}}, "rules[0].message", ["min length is 1"]),
        ({"rules[0].clauses": DROP}, "rules[0].id", ["unknown rule", "a new rule needs clauses"]),
        ({f"{CLAUSE}.tables": DROP}, f"{CLAUSE}.tables", ["required field"]),
        (
            {f"{CLAUSE}.when": DROP, f"{CLAUSE}.then": DROP},
            CLAUSE,
            ["needs a when, then, together or facts"],
        ),
        (
            {"facts.now.en_US": DROP, "facts.now.zh_CN": DROP},
            "facts.now",
            ["needs a description in en_US or zh_CN"],
        ),
        ({"facts.now.type": DROP}, "facts.now.type", ["required field"]),
        (
            {"facts.exists.reply": {"member": "id", "present": True}},
            "facts.exists.reply",
            ["needs a [query_reply]"],
        ),
        (
            {"query_reply": {"campaign_member": "x", "reply_only": ["id", "name"]}},
            "query_reply.reply_only[1]",
            ["'name' is a documented parameter of the body"],
        ),
        (
            {"query_reply": {"campaign_member": "x", "reply_only": [5]}},
            "query_reply.reply_only[0]",
            ["must be of string type"],
        ),
    ],
    "keyword of another type": [
        ({f"{BODY}.name.max": 5}, f"{BODY}.name.max", ["not for the type string"]),
        ({f"{BODY}.kind.maxlength": 5}, f"{BODY}.kind.maxlength", ["not for the type integer"]),
        ({f"{BODY}.on.format": "HH:mm"}, f"{BODY}.on.format", ["not for the type boolean"]),
        ({f"{BODY}.name.maxitems": 5}, f"{BODY}.name.maxitems", ["not for the type string"]),
        ({f"{BODY}.xs.maxlength": 5}, f"{BODY}.xs.maxlength", ["not for the type list"]),
        (
            {f"{BODY}.xs.schema.maxlength": 5},
            f"{BODY}.xs.schema.maxlength",
            ["not for the type integer"],
        ),
        ({f"{BODY}.plain.allowed": [1]}, f"{BODY}.plain.allowed", ["not for the type dict"]),
        (
            {"definitions.rate.maxlength": 5},
            "definitions.rate.maxlength",
            ["not for the type integer"],
        ),
        ({f"{BODY}.name.coerce": "decimal"}, f"{BODY}.name.coerce", ["only to the type integer"]),
        (
            {f"{BODY}.name.case_insensitive": True},
            f"{BODY}.name.case_insensitive",
            ["only to the type dict"],
        ),
        ({f"{BODY}.xs.allow_unknown": True}, f"{BODY}.xs.allow_unknown", ["only to the type dict"]),
        ({f"{BODY}.name.schema": "plain"}, f"{BODY}.name.schema", ["no other type has one"]),
        (
            {f"{BODY}.other.schema": {"type": "integer"}},
            f"{BODY}.other.schema",
            ["name of a table for a dict"],
        ),
        ({f"{BODY}.xs.schema": "plain"}, f"{BODY}.xs.schema", ["a definition for a list"]),
        (
            {f"{CLAUSE}.when.kind": {"prefix": "x"}},
            f"{CLAUSE}.when.kind.prefix",
            ["not for a parameter of the type integer"],
        ),
        (
            {f"{CLAUSE}.then.name": {"max": 5}},
            f"{CLAUSE}.then.name.max",
            ["not for a parameter of the type string"],
        ),
        (
            {f"{CLAUSE}.then.on": {"ge": {"fact": "exists"}}},
            f"{CLAUSE}.then.on.ge",
            ["not for a parameter of the type boolean"],
        ),
        (
            {f"{CLAUSE}.then.xs": {"allowed": [1]}},
            f"{CLAUSE}.then.xs.allowed",
            ["not for a parameter of the type list"],
        ),
        (
            {f"{CLAUSE}.facts": {"exists": {"max": 5}}},
            f"{CLAUSE}.facts.exists.max",
            ["not for a fact of the type boolean"],
        ),
        (
            {f"{CLAUSE}.facts": {"now": {"allowed": ["x"]}}},
            f"{CLAUSE}.facts.now.allowed",
            ["not for a fact of the type datetime"],
        ),
        (
            {f"{CLAUSE}.facts": {"names": {"maxitems": 5}}},
            f"{CLAUSE}.facts.names.maxitems",
            ["not for a fact of the type strings"],
        ),
        (
            {
                "query_reply": {"campaign_member": "x"},
                "facts.limit.reply": {"member": "id", "present": True},
            },
            "facts.limit.reply",
            ["for a fact of the type boolean"],
        ),
        ({f"{CLAUSE}.facts": {"exists": {"absent": True}}}, f"{CLAUSE}.facts.exists.absent", []),
        (
            {f"{CLAUSE}.facts": {"limit": {"le": {"fact": "limit"}}}},
            f"{CLAUSE}.facts.limit.le",
            [],
        ),
        (
            {f"{CLAUSE}.facts": {"limit": {"schema": {"a": {"max": 5}}}}},
            f"{CLAUSE}.facts.limit.schema",
            [],
        ),
    ],
    "unknown reference": [
        (
            {f"{BODY}.other.schema": "othr"},
            f"{BODY}.other.schema",
            ["no table 'othr'", "did you mean 'other'?"],
        ),
        (
            {f"{BODY}.items.schema.schema": "itm"},
            f"{BODY}.items.schema.schema",
            ["no table 'itm'", "did you mean 'item'?"],
        ),
        (
            {"request.path.schema": "pth"},
            "request.path.schema",
            ["no table 'pth'", "did you mean 'path'?"],
        ),
        (
            {f"{BODY}.rate.ref": "rat"},
            f"{BODY}.rate.ref",
            ["unknown definition 'rat'", "did you mean 'rate'?"],
        ),
        (
            {"definitions.rate.ref": "rte"},
            "definitions.rate.ref",
            ["unknown definition 'rte'", "did you mean 'rate'?"],
        ),
        ({f"{CLAUSE}.tables": ["body", "body"]}, f"{CLAUSE}.tables", ["has 'body' twice"]),
        (
            {f"{CLAUSE}.tables": ["bdy"]},
            f"{CLAUSE}.tables",
            ["no table 'bdy'", "did you mean 'body'?"],
        ),
        (
            {f"{CLAUSE}.when.knd": {"max": 5}},
            f"{CLAUSE}.when.knd",
            ["no parameter 'knd'", "did you mean 'kind'?"],
        ),
        (
            {f"{CLAUSE}.then.nme": {"required": True}},
            f"{CLAUSE}.then.nme",
            ["no parameter 'nme'", "did you mean 'name'?"],
        ),
        (
            {f"{CLAUSE}.then.name": {"schema": {"a": {"max": 1}}}},
            f"{CLAUSE}.then.name.schema.a",
            ["no parameter 'a'"],
        ),
        (
            {f"{CLAUSE}.then.plain": {"schema": {"aa": {"max": 1}}}},
            f"{CLAUSE}.then.plain.schema.aa",
            ["no parameter 'aa'", "did you mean 'a'?"],
        ),
        (
            {f"{CLAUSE}.when": [{"knd": {"max": 5}}]},
            f"{CLAUSE}.when[0].knd",
            ["no parameter 'knd'"],
        ),
        (
            {"rules[2].clauses[0].required_together": ["first", "lst"]},
            "rules[2].clauses[0].required_together",
            ["no parameter 'lst'", "did you mean 'last'?"],
        ),
        (
            {"rules[5].clauses[0].report_at": "knd"},
            "rules[5].clauses[0].report_at",
            ["no parameter 'knd'", "did you mean 'kind'?"],
        ),
        (
            {"rules[1].clauses[0].then.last.gt.parameter": "firs"},
            "rules[1].clauses[0].then.last.gt.parameter",
            ["no parameter 'firs'", "did you mean 'first'?"],
        ),
        (
            {"rules[1].clauses[1].then.b.le.parameter": "/knd"},
            "rules[1].clauses[1].then.b.le.parameter",
            ["'knd'", "'kind'"],
        ),
        (
            {"rules[1].clauses[1].then.b.le.parameter": "/plain/aa"},
            "rules[1].clauses[1].then.b.le.parameter",
            ["'aa'"],
        ),
        (
            {"rules[1].clauses[1].then.b.le.parameter": "kind"},
            "rules[1].clauses[1].then.b.le.parameter",
            ["'kind'"],
        ),
        (
            {"rules[1].clauses[1].then.b.le.parameter": ""},
            "rules[1].clauses[1].then.b.le.parameter",
            [],
        ),
        (
            {"rules[1].clauses[1].then.b.le.parameter": "/"},
            "rules[1].clauses[1].then.b.le.parameter",
            [],
        ),
        (
            {"rules[3].clauses[0].facts": {"exist": {"allowed": [True]}}},
            "rules[3].clauses[0].facts.exist",
            ["no fact 'exist'", "'exists'"],
        ),
        (
            {"rules[4].clauses[0].then.name.not_in.fact": "nmes"},
            "rules[4].clauses[0].then.name.not_in.fact",
            ["no fact 'nmes'", "'names'"],
        ),
    ],
    "recursive tables": [
        (
            {f"{BODY}.more": {"type": "dict", "schema": "body", "source": "x"}},
            f"{BODY}.more.schema",
            ["'body' contains itself"],
        ),
        (
            {"tables.plain.more": {"type": "dict", "schema": "body", "source": "x"}},
            "tables.plain.more.schema",
            ["'body' contains itself"],
        ),
        (
            {
                "tables.item.more": {
                    "type": "list",
                    "source": "x",
                    "schema": {"type": "dict", "schema": "item"},
                }
            },
            "tables.item.more.schema.schema",
            ["'item' contains itself"],
        ),
    ],
    "codes": [
        (
            {f"{BODY}.name.error_codes.maxlength": "02000099"},
            f"{BODY}.name.error_codes.maxlength",
            ["'02000099' is not an error code", "did you mean '0200000"],
        ),
        (
            {f"{BODY}.name.error_codes.maxlength": "0200000"},
            f"{BODY}.name.error_codes.maxlength",
            ["'0200000' is not an error code"],
        ),
        (
            {f"{BODY}.name.error_codes.max": "02000003"},
            f"{BODY}.name.error_codes.max",
            ["not a keyword of this row"],
        ),
        (
            {f"{BODY}.name.error_codes.maxlenght": "02000003"},
            f"{BODY}.name.error_codes.maxlenght",
            ["not a keyword of this row", "did you mean 'maxlength'?"],
        ),
        (
            {f"{BODY}.name.error_codes.source": "02000003"},
            f"{BODY}.name.error_codes.source",
            ["not a keyword of this row"],
        ),
        (
            {f"{BODY}.name.error_codes.coerce": "02000003"},
            f"{BODY}.name.error_codes.coerce",
            ["not a keyword of this row"],
        ),
        ({"rules[0].code": "2"}, "rules[0].code", ["'2' is not an error code of this interface"]),
        (
            {"rules[0].code": "0200000"},
            "rules[0].code",
            ["'0200000' is not an error code"],
        ),
        ({"rules[5].code": "02000009"}, "rules[5].code", ["not for a warning"]),
        (
            {"rules[1].id": "name-needed"},
            "rules[1].id",
            ["another rule has the id 'name-needed'"],
        ),
    ],
    "patterns": [
        (
            {f"{BODY}.mark.regex": "["},
            f"{BODY}.mark.regex",
            ["not a regular expression", "unterminated"],
        ),
        ({f"{BODY}.mark.regex": "(?P<a"}, f"{BODY}.mark.regex", ["not a regular expression"]),
        ({f"{BODY}.mark.regex": "(?u)a"}, f"{BODY}.mark.regex", ["not a regular expression"]),
        (
            {f"{BODY}.mark.regex": "a{99999999999}"},
            f"{BODY}.mark.regex",
            ["not a regular expression"],
        ),
        (
            {f"{BODY}.mark.regex": "(" * 5000 + ")" * 5000},
            f"{BODY}.mark.regex",
            ["not a regular expression"],
        ),
        ({f"{BODY}.mark.regex": ""}, f"{BODY}.mark.regex", ["empty"]),
        (
            {f"{BODY}.mark.regex": "(a+)+b"},
            f"{BODY}.mark.regex",
            ["can take very long", "possessive, as in (a++b)*"],
        ),
        ({f"{BODY}.mark.regex": "a{1001}"}, f"{BODY}.mark.regex", ["more than 1000 characters"]),
        (
            {f"{BODY}.at.partial_pattern": "(a*)*"},
            f"{BODY}.at.partial_pattern",
            ["can take very long"],
        ),
        (
            {f"{CLAUSE}.then.name": {"regex": "(a|aa)+"}},
            f"{CLAUSE}.then.name.regex",
            ["can take very long"],
        ),
        (
            {f"{BODY}.name.minlength": 10**9, f"{BODY}.name.maxlength": DROP},
            f"{BODY}.name.minlength",
            ["max value is 1000"],
        ),
        (
            {f"{BODY}.at.partial_pattern": "*"},
            f"{BODY}.at.partial_pattern",
            ["not a regular expression"],
        ),
        (
            {f"{CLAUSE}.then.name": {"regex": "("}},
            f"{CLAUSE}.then.name.regex",
            ["not a regular expression"],
        ),
    ],
    "formats": [
        (
            {f"{BODY}.{definition}.format": format},
            f"{BODY}.{definition}.format",
            ["yyyy MM dd HH mm ss"],
        )
        for definition, format in [
            ("day", "date"),
            ("day", "yyyy-MM"),
            ("day", "yyyy-MM-dd-dd"),
            ("day", "yyyy-MM-dd mm"),
            ("day", "yyyy-MM-ddTHH:mm:ssd"),
            ("day", "HH"),
            ("day", "mm:ss"),
            ("day", "hh:mm"),
            ("day", "%H:%M"),
            ("day", ["yyyy-MM-dd", "HH:mm"]),
            ("day", ["yyyy-MM-dd", "x"]),
        ]
    ]
    + [
        ({f"{BODY}.day.format": ""}, f"{BODY}.day.format", ["empty"]),
        ({f"{BODY}.day.format": []}, f"{BODY}.day.format", ["empty"]),
        (
            {f"{CLAUSE}.then.first": {"format": "x"}},
            f"{CLAUSE}.then.first.format",
            ["yyyy MM dd HH mm ss"],
        ),
    ],
    "allowed_labels": [
        ({f"{BODY}.kind.allowed_labels": labels}, f"{BODY}.kind.allowed_labels", ["en_US, zh_CN"])
        for labels in (
            {},
            {"en_US": ["one", "two"], "zh_CN": ["一"]},
            {"en_US": ["one", "two", "three"], "zh_CN": ["一", "二", "三"]},
            {"en_US": ["one", "two"], "zh_CN": ["一", "二"], "de_DE": ["eins", "zwei"]},
            {"en_US": 2, "zh_CN": 2},
            {"en_US": "ab", "zh_CN": "cd"},
            {"en_US": [1, 2], "zh_CN": [1, 2]},
        )
    ]
    + [
        (
            {f"{BODY}.name.allowed_labels": {"en_US": ["a"], "zh_CN": ["b"]}},
            f"{BODY}.name.allowed_labels",
            ["each option of allowed"],
        )
    ],
    "comparison of different types": [
        ({f"{CLAUSE}.then.{name}": {keyword: bound}}, f"{CLAUSE}.then.{name}.{keyword}", words)
        for name, keyword, bound, words in [
            ("kind", "gt", {"parameter": "name"}, ["compares a integer with a string"]),
            ("first", "gt", {"parameter": "at"}, ["compares a moment with a time"]),
            ("name", "eq", {"parameter": "first"}, ["compares a string with a moment"]),
            ("kind", "eq", {"fact": "exists"}, ["compares a integer with a boolean"]),
            ("kind", "ge", {"fact": "now"}, ["compares a integer with a moment"]),
            ("name", "ge", {"fact": "now"}, ["compares a string with a moment"]),
            ("kind", "in", {"fact": "names"}, ["compares a integer with a string"]),
            ("name", "not_in", {"fact": "ids"}, ["compares a string with a integer"]),
            ("kind", "eq", {"parameter": "plain"}, ["compares a integer with a dict"]),
            ("name", "eq", {"fact": "names"}, ["collection"]),
            ("kind", "le", {"fact": "ids"}, ["collection"]),
            ("kind", "in", {"fact": "limit"}, ["collection"]),
            ("kind", "not_in", {"parameter": "later"}, ["collection"]),
        ]
    ],
    "plus and floor": [
        (
            {f"{CLAUSE}.then.{name}": {keyword: bound}},
            f"{CLAUSE}.then.{name}.{keyword}.{key}",
            words,
        )
        for name, keyword, bound, key, words in [
            ("last", "gt", {"parameter": "first", "offset": 1}, "offset", ["only to integers"]),
            ("name", "eq", {"parameter": "mark", "offset": 1}, "offset", ["only to integers"]),
            ("first", "ge", {"fact": "now", "offset": 1}, "offset", ["only to integers"]),
            ("on", "eq", {"fact": "exists", "offset": 1}, "offset", ["only to integers"]),
            ("kind", "in", {"fact": "ids", "offset": 1}, "offset", []),
            ("kind", "le", {"fact": "limit", "floor": "day"}, "floor", ["times with a date"]),
            ("at", "gt", {"parameter": "at", "floor": "day"}, "floor", ["times with a date"]),
            ("name", "not_in", {"fact": "names", "floor": "day"}, "floor", ["times with a date"]),
        ]
    ],
    "absolute reference to a later parameter": [
        (
            {"rules[1].clauses[1].then.b.le.parameter": "/later"},
            "rules[1].clauses[1].then.b.le.parameter",
            ["comes after the object"],
        ),
        (
            {
                "rules[1].clauses[1]": {
                    "tables": ["plain"],
                    "then": {"a": {"le": {"parameter": "/later"}}},
                }
            },
            "rules[1].clauses[1].then.a.le.parameter",
            ["'/later' comes after the object"],
        ),
    ],
    "nonprintable message": [
        (
            {"rules[0].message.en_US": "$name is\nneeded"},
            "rules[0].message.en_US",
            ["does not print"],
        ),
        (
            {"rules[0].message.zh_CN": "\u2028"},
            "rules[0].message.zh_CN",
            ["does not print"],
        ),
        (
            {f"{BODY}.kind.allowed_labels.en_US": ["one", "two\t"]},
            f"{BODY}.kind.allowed_labels",
            ["does not print"],
        ),
    ],
    "integer above 64 bits": [
        ({f"{BODY}.kind.max": 2**63}, f"{BODY}.kind.max", ["more than 64 bits"]),
        ({f"{BODY}.kind.min": -(2**63) - 1}, f"{BODY}.kind.min", ["more than 64 bits"]),
        ({f"{BODY}.url.allowed": [10**4000]}, f"{BODY}.url.allowed[0]", ["more than 64 bits"]),
    ],
    "conflicting parts of a clause": [
        ({f"{CLAUSE}.report_at": "kind"}, f"{CLAUSE}.report_at", ["must not be present with"]),
        (
            {"rules[2].clauses[0].report_at": "first"},
            "rules[2].clauses[0].report_at",
            ["must not be present with"],
        ),
        (
            {"rules[2].clauses[0].then": {"name": {"required": True}}},
            "rules[2].clauses[0].required_together",
            ["must not be present with"],
        ),
        (
            {"rules[1].clauses[0].when": [{}, {"kind": {"max": 5}}]},
            "rules[1].clauses[0].when[0]",
            ["empty"],
        ),
    ],
}


def load_error(folder: Path, data: Data) -> RuleSetError:
    with pytest.raises(RuleSetError) as error:
        load(folder, data)
    return error.value


def test_base_rule_set_is_valid(tmp_path: Path) -> None:
    assert load(tmp_path, BASE).title == "A small interface"


@pytest.mark.parametrize(
    ("changes", "location", "words"),
    [
        pytest.param(
            *one,
            id=f"{name}: {', '.join(f'{location} = {value!r:.40}' for location, value in one[0].items())}",
        )
        for name, table in INVALID.items()
        for one in table
    ],
)
def test_problem_has_location_and_reason(
    changes: Data, location: str, words: list[str], tmp_path: Path
) -> None:
    error = load_error(tmp_path, changed(BASE, changes))
    # One argument may have two problems, but only at this location.
    assert {actual for actual, _ in error.problems} == {location}
    for word in words:
        assert any(word in reason for _, reason in error.problems)
    for line, (actual, reason) in zip(str(error).splitlines(), error.problems, strict=True):
        assert line == f"{tmp_path / 'small.toml'}: {actual}: {reason}"


THEN = f"{CLAUSE}.then"
MESSAGES: list[tuple[Data, str, str]] = [
    (
        {f"{BODY}.name.maxlenght": 1},
        f"{BODY}.name.maxlenght",
        "unknown keyword; did you mean 'maxlength'?",
    ),
    ({f"{BODY}.name.type": DROP}, f"{BODY}.name.type", "required field"),
    (
        {f"{BODY}.later.min": 5, f"{BODY}.later.max": 4},
        f"{BODY}.later.min",
        "is greater than max, 4",
    ),
    ({f"{BODY}.kind.allowed": [1, 10]}, f"{BODY}.kind.allowed", "the option 10 violates max"),
    (
        {f"{BODY}.name.allowed": ["ab", "a"]},
        f"{BODY}.name.allowed",
        "the option 'a' violates minlength",
    ),
    (
        {f"{BODY}.kind.allowed": [1, "2"]},
        f"{BODY}.kind.allowed",
        "the option '2' is not of the type integer",
    ),
    ({f"{BODY}.name.max": 5}, f"{BODY}.name.max", "is not for the type string"),
    ({f"{BODY}.name.coerce": "decimal"}, f"{BODY}.name.coerce", "applies only to the type integer"),
    (
        {f"{BODY}.name.case_insensitive": True},
        f"{BODY}.name.case_insensitive",
        "applies only to the type dict",
    ),
    (
        {f"{BODY}.name.schema": "plain"},
        f"{BODY}.name.schema",
        "is the name of a table for a dict, and a definition for a list; no other type has one",
    ),
    (
        {f"{BODY}.mark.example": DROP},
        f"{BODY}.mark.example",
        "is needed beside regex: it is what messages show",
    ),
    (
        {f"{BODY}.day.format": "date"},
        f"{BODY}.day.format",
        "must consist of yyyy MM dd HH mm ss, each at most once: a date (year and time are optional), or a time; several formats must be of one kind",
    ),
    (
        {f"{BODY}.kind.allowed_labels": {"en_US": ["one"]}},
        f"{BODY}.kind.allowed_labels",
        "must have a list for one or more of en_US, zh_CN, with a text for each option of allowed",
    ),
    (
        {f"{BODY}.name.error_codes.maxlenght": "02000003"},
        f"{BODY}.name.error_codes.maxlenght",
        "is not a keyword of this row; did you mean 'maxlength'?",
    ),
    (
        {f"{BODY}.name.error_codes.maxlength": "x"},
        f"{BODY}.name.error_codes.maxlength",
        "'x' is not an error code of this interface",
    ),
    (
        {f"{BODY}.rate.ref": "rat"},
        f"{BODY}.rate.ref",
        "unknown definition 'rat'; did you mean 'rate'?",
    ),
    (
        {f"{BODY}.other.schema": "othr"},
        f"{BODY}.other.schema",
        "there is no table 'othr'; did you mean 'other'?",
    ),
    (
        {"tables.plain.more": {"type": "dict", "schema": "body", "source": "x"}},
        "tables.plain.more.schema",
        "the table 'body' contains itself",
    ),
    (
        {"facts.exists.reply": {"member": "id", "present": True}},
        "facts.exists.reply",
        "needs a [query_reply] that names the member with the campaign",
    ),
    (
        {
            "query_reply": {"campaign_member": "x"},
            "facts.limit.reply": {"member": "id", "present": True},
        },
        "facts.limit.reply",
        "present and allowed are for a fact of the type boolean",
    ),
    (
        {
            "query_reply": {"campaign_member": "x"},
            "facts.limit.reply": {"member": "id", "allowed": [True]},
        },
        "facts.limit.reply",
        "present and allowed are for a fact of the type boolean",
    ),
    (
        {
            "request.body.schema": "bdy",
            "query_reply": {"campaign_member": "x", "reply_only": ["id"]},
        },
        "request.body.schema",
        "there is no table 'bdy'; did you mean 'body'?",
    ),
    (
        {f"{BODY}.name.error_codes.undocumented": "02000003"},
        f"{BODY}.name.error_codes.undocumented",
        "is not a keyword of this row",
    ),
    ({f"{BODY}.rate.ref": ["rate"]}, f"{BODY}.rate.ref", "must be of string type"),
    ({"rules[5].code": "02000009"}, "rules[5].code", "is not for a warning"),
    (
        {"rules[1].id": "name-needed"},
        "rules[1].id",
        "another rule has the id 'name-needed'",
    ),
    ({f"{CLAUSE}.when": DROP, THEN: DROP}, CLAUSE, "needs a when, then, together or facts"),
    ({f"{CLAUSE}.tables": ["body", "body"]}, f"{CLAUSE}.tables", "has 'body' twice"),
    (
        {f"{CLAUSE}.tables": ["bdy"]},
        f"{CLAUSE}.tables",
        "there is no table 'bdy'; did you mean 'body'?",
    ),
    (
        {f"{CLAUSE}.when.knd": {"max": 5}},
        f"{CLAUSE}.when.knd",
        "there is no parameter 'knd' here; did you mean 'kind'?",
    ),
    ({f"{BODY}.kind.max": 2**63}, f"{BODY}.kind.max", "is an integer of more than 64 bits"),
    (
        {f"{CLAUSE}.when.plain": {"schema": {}}},
        f"{CLAUSE}.when.plain.schema",
        "empty values not allowed",
    ),
    ({f"{CLAUSE}.when": [{}]}, f"{CLAUSE}.when[0]", "empty values not allowed"),
    ({f"{CLAUSE}.when.kind": {}}, f"{CLAUSE}.when.kind", "empty values not allowed"),
    ({f"{CLAUSE}.when.kind": 5}, f"{CLAUSE}.when.kind", "must be of dict type"),
    (
        {f"{CLAUSE}.when.kind": {"prefix": "x"}},
        f"{CLAUSE}.when.kind.prefix",
        "is not for a parameter of the type integer",
    ),
    (
        {f"{CLAUSE}.facts": {"exists": {"max": 5}}},
        f"{CLAUSE}.facts.exists.max",
        "is not for a fact of the type boolean",
    ),
    (
        {f"{CLAUSE}.facts": {"exist": {"allowed": [True]}}},
        f"{CLAUSE}.facts.exist",
        "there is no fact 'exist'; did you mean 'exists'?",
    ),
    (
        {f"{THEN}.first": {"gt": {"parameter": "at"}}},
        f"{THEN}.first.gt",
        "compares a moment with a time",
    ),
    (
        {f"{THEN}.name": {"eq": {"fact": "names"}}},
        f"{THEN}.name.eq",
        "cannot be compared with a collection",
    ),
    (
        {f"{THEN}.kind": {"in": {"fact": "limit"}}},
        f"{THEN}.kind.in",
        "needs a fact that is a collection",
    ),
    (
        {f"{THEN}.last": {"gt": {"parameter": "first", "offset": 1}}},
        f"{THEN}.last.gt.offset",
        "without a unit applies only to integers and numbers",
    ),
    (
        {f"{THEN}.at": {"gt": {"parameter": "at", "floor": "day"}}},
        f"{THEN}.at.gt.floor",
        "applies only to times with a date",
    ),
    (
        {"rules[1].clauses[1].then.b.le.parameter": "/later"},
        "rules[1].clauses[1].then.b.le.parameter",
        "'/later' comes after the object that the case is in; put the case into an object that has both",
    ),
]


@pytest.mark.parametrize(
    ("changes", "location", "reason"), MESSAGES, ids=[reason[:50] for _, _, reason in MESSAGES]
)
def test_exact_problem_messages(changes: Data, location: str, reason: str, tmp_path: Path) -> None:
    assert load_error(tmp_path, changed(BASE, changes)).problems == ((location, reason),)


def test_64_bit_integers_are_accepted(tmp_path: Path) -> None:
    for low, high in ((-(2**63), 2**63 - 1), (5, 5)):
        load(
            tmp_path,
            rule_set(
                {
                    "a": {"type": "integer", "min": low, "max": high},
                    "b": {"type": "string", "minlength": 5, "maxlength": 5},
                }
            ),
        )


def test_error_text_has_one_line_per_problem(tmp_path: Path) -> None:
    error = load_error(
        tmp_path, changed(BASE, {f"{BODY}.name.max": 5, f"{BODY}.kind.maxlength": 5})
    )
    file = tmp_path / "small.toml"
    assert (
        str(error)
        == f"{file}: {BODY}.name.max: is not for the type string\n{file}: {BODY}.kind.maxlength: is not for the type integer"
    )
    assert pickle.loads(pickle.dumps(error)).file == str(file)  # noqa: S301  # made in the line itself


@pytest.mark.parametrize("times", [1, 5000])
@pytest.mark.parametrize(
    "location",
    [
        f"{BODY}.$",
        f"{BODY}.name.$",
        f"{BODY}.on.type",
        f"{BODY}.rate.ref",
        f"{CLAUSE}.tables",
        f"{CLAUSE}.then.$",
        "rules[0].code",
        "$",
    ],
)
def test_error_text_is_printable_and_short(location: str, times: int, tmp_path: Path) -> None:
    text = "a\nb\x1bc\u202e" * times
    error = load_error(
        tmp_path,
        changed(
            BASE, {location.replace("$", text): [text] if location.endswith(".tables") else text}
        ),
    )
    assert any(
        text in part or repr(text)[1:-1] in part for problem in error.problems for part in problem
    )
    lines = str(error).split("\n")
    assert len(lines) == len(error.problems)
    assert all(line.isprintable() and len(line) < 2500 for line in lines)
    assert any("\\u001bc" in line or "\\x1bc" in line for line in lines)


def test_success_code_is_not_suggested(tmp_path: Path) -> None:
    [(_, reason)] = load_error(tmp_path, changed(BASE, {"rules[0].code": "0200000"})).problems
    assert reason.startswith("'0200000' is not an error code of this interface")
    assert "did you mean '0200000'?" not in reason


def test_bound_needs_one_of_parameter_and_fact(tmp_path: Path) -> None:
    location = f"{CLAUSE}.then.kind.le"
    for bound, reason in (
        ({}, "required field"),
        ({"fact": "limit", "parameter": "later"}, "must not be present with"),
    ):
        problems = load_error(
            tmp_path, changed(BASE, {f"{CLAUSE}.then.kind": {"le": bound}})
        ).problems
        assert {actual for actual, _ in problems} == {f"{location}.fact", f"{location}.parameter"}
        assert all(reason in text for _, text in problems)


def nested(depth: int) -> Data:
    """Make a rule set of objects nested `depth` levels deep, the body included."""
    depth -= 2
    tables = {
        f"t{number}": {"o": {"type": "dict", "schema": f"t{number + 1}"}} for number in range(depth)
    }
    return rule_set(
        {"o": {"type": "dict", "schema": "t0"}},
        tables=tables | {f"t{depth}": {"x": {"type": "integer", "required": True}}},
    )


def test_table_nesting_is_limited(tmp_path: Path, engine: str) -> None:
    body: Any = {}
    for _ in range(15):
        body = {"o": body}
    [violation] = load(tmp_path, nested(16)).validate(body, engine=engine).violations
    assert (violation.path, violation.code) == ("/o" * 15 + "/x", "02000001")
    for depth in (17, 30, 500):
        [(location, reason)] = load_error(tmp_path, nested(depth)).problems
        assert location.startswith("tables.t")
        assert "more than 16 objects and lists deep" in reason


def test_list_nesting_is_limited(tmp_path: Path, engine: str) -> None:
    def listed(depth: int) -> Data:
        definition: Data = {"type": "integer", "min": 1}
        for _ in range(depth - 1):
            definition = {"type": "list", "schema": definition}
        return rule_set({"xs": definition})

    value: Any = 0
    for _ in range(15):
        value = [value]
    [violation] = load(tmp_path, listed(16)).validate({"xs": value}, engine=engine).violations
    assert (violation.path, violation.code) == ("/xs" + "/0" * 15, "02000007")
    for depth in (17, 60):
        [(location, reason)] = load_error(tmp_path, listed(depth)).problems
        assert location.startswith("tables.body.xs.schema.schema")
        assert "more than 16 objects and lists deep" in reason


def test_data_nesting_is_limited(tmp_path: Path) -> None:
    def file(depth: int) -> Path:
        file = write(tmp_path, BASE)
        file.write_text(
            file.read_text("utf-8").replace(
                '"default" = false', f'"default"{".a" * (depth - 4)} = 1'
            ),
            "utf-8",
        )
        return file

    assert isales_rules.load(file(100)).validate({}).codes
    for depth in (101, 3000):
        with pytest.raises(RuleSetError) as error:
            isales_rules.load(file(depth))
        [(location, reason)] = error.value.problems
        assert location.startswith("tables.body.on.default.a.a")
        assert "more than 100 tables and lists deep" in reason


def test_exponential_tables_are_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolver, "MAX_PARAMETERS", 500)  # the real limit takes seconds to reach
    tables = {
        f"t{number}": {name: {"type": "dict", "schema": f"t{number + 1}"} for name in "abcdefgh"}
        for number in range(12)
    }
    many = rule_set(
        {"a": {"type": "dict", "schema": "t0"}}, tables=tables | {"t12": {"x": {"type": "integer"}}}
    )
    assert load_error(tmp_path, many).problems == (
        ("request.body", "has more than 500 parameters"),
    )


def test_too_many_assertions_are_rejected(tmp_path: Path) -> None:
    names = [f"p{number}" for number in range(60)]
    tables: Data = {
        "o": {name: {"type": "dict", "schema": "p"} for name in names},
        "p": {"a": {"type": "integer"}},
    }
    body = {name: {"type": "dict", "schema": "o"} for name in names}
    many = rule(*[{"tables": ["p"], "then": {"a": {"min": number}}} for number in range(500)])
    [(location, reason)] = load_error(
        tmp_path, rule_set(body, tables=tables, rules=[many])
    ).problems
    assert location.startswith("rules[0].clauses[")
    assert "request.body has more than 50000 tests" in reason


def test_assertions_count_for_each_object(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = {"p": {"a": {"type": "integer"}, "b": {"type": "integer"}}}
    clause = {"tables": ["p"], "when": {"a": {"min": 1}}, "then": {"b": {"min": 1, "max": 2}}}
    two = rule_set(
        {name: {"type": "dict", "schema": "p"} for name in "xy"},
        tables=tables,
        rules=[rule(clause)],
    )
    monkeypatch.setattr(resolver, "MAX_ASSERTIONS", 8)
    assert load(tmp_path, two).validate({"x": {"a": 1, "b": 0}}).codes
    monkeypatch.setattr(resolver, "MAX_ASSERTIONS", 7)
    assert load_error(tmp_path, two).problems[0][0] == "rules[0].clauses[0]"


def test_parameters_per_part_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolver, "MAX_PARAMETERS", 5)
    for count in (4, 5, 8):
        many = rule_set({f"p{number}": {"type": "integer"} for number in range(count)})
        if count == 4:  # the body itself counts
            report = load(tmp_path, many).validate_request(path={}, headers={}, body={"p3": "x"})
            assert [(one.path, one.code) for one in report.violations] == [("/body/p3", "02000006")]
        else:
            assert load_error(tmp_path, many).problems == (
                ("request.body", "has more than 5 parameters"),
            )


def test_reference_to_later_parameter_is_rejected(tmp_path: Path) -> None:
    def about(pointer: str) -> Data:
        definitions: Data = {
            "a": {"type": "integer"},
            "o": {"type": "dict", "schema": "o"},
            "z": {"type": "integer"},
            "zz": {"type": "integer"},
        }
        one_rule = rule({"tables": ["o"], "then": {"x": {"le": {"parameter": pointer}}}})
        return rule_set(
            definitions,
            tables={"o": {"x": {"type": "integer"}, "y": {"type": "integer"}}},
            rules=[one_rule],
        )

    for pointer in ("/a", "/o/y", "y"):
        load(tmp_path, about(pointer))
    for pointer in ("/z", "/zz"):
        problems = load_error(tmp_path, about(pointer)).problems
        assert [location for location, _ in problems] == ["rules[0].clauses[0].then.x.le.parameter"]


def test_fact_is_rejected_if_none_is_declared(tmp_path: Path) -> None:
    one_rule = rule({"then": {"a": {"le": {"fact": "limit"}}}})
    [(location, reason)] = load_error(
        tmp_path, rule_set({"a": {"type": "integer"}}, rules=[one_rule])
    ).problems
    assert (location, reason) == (
        "rules[0].clauses[0].then.a.le.fact",
        "there is no fact 'limit'",
    )


@pytest.mark.parametrize(
    "definition",
    [
        {"type": "integer", "mx": 5},
        {"type": "integer", "min": 5, "max": 4},
        {"ref": "whole", "mx": 5},
    ],
)
def test_type_of_invalid_definition_is_used(definition: Data, tmp_path: Path) -> None:
    one_rule = rule({"when": {"a": {"prefix": "x"}}, "then": {"b": {"required": True}}})
    data = rule_set(
        {"a": definition, "b": {"type": "integer"}},
        definitions={"whole": {"type": "integer"}},
        rules=[one_rule],
    )
    problems = load_error(tmp_path, data).problems
    assert problems[1:] == (
        ("rules[0].clauses[0].when.a.prefix", "is not for a parameter of the type integer"),
    )


def test_items_are_validated_without_a_list_type(tmp_path: Path) -> None:
    problems = load_error(
        tmp_path, rule_set({"a": {"schema": {"type": "integer", "mx": 5}}})
    ).problems
    assert [location for location, _ in problems] == [
        "tables.body.a.type",
        "tables.body.a.schema.mx",
    ]


def test_ref_without_definitions_is_rejected(tmp_path: Path) -> None:
    assert load_error(tmp_path, rule_set({"a": {"ref": "whole"}})).problems == (
        ("tables.body.a.ref", "unknown definition 'whole'"),
    )


def test_object_sets_codes_for_unknown_members(tmp_path: Path, engine: str) -> None:
    own: Data = {
        "unknown-parameter": "02000007",
        "too-many-parameters": "02000009",
        "duplicate-key": "02000008",
    }
    tables: Data = {"o": {"a": {"type": "integer"}, "b": {"type": "integer"}}}
    rules = load(
        tmp_path,
        rule_set({"o": {"type": "dict", "schema": "o", "error_codes": own}}, tables=tables),
    )
    for text, code in (
        ('{"x": 1}', "02000007"),
        ('{"x": 1, "y": 1, "z": 1}', "02000009"),
        ('{"a": 1, "a": 1}', "02000008"),
    ):
        assert [
            one.code for one in rules.validate_json(f'{{"o": {text}}}', engine=engine).violations
        ] == [code]


def test_option_may_be_empty(tmp_path: Path) -> None:
    load(tmp_path, rule_set({"a": {"type": "string", "allowed": ["", "b"]}}))


def test_each_malformed_assertion_is_reported(tmp_path: Path) -> None:
    one_rule = rule({"when": {"a": {}, "b": {}}, "then": {"a": {"required": True}}})
    problems = load_error(
        tmp_path,
        rule_set({"a": {"type": "integer"}, "b": {"type": "integer"}}, rules=[one_rule]),
    ).problems
    assert problems == tuple(
        (f"rules[0].clauses[0].when.{name}", "empty values not allowed") for name in "ab"
    )


def test_each_unknown_parameter_is_reported(tmp_path: Path) -> None:
    one_rule = rule({"when": {"b": {"min": 1}, "c": {"min": 1}}, "then": {"a": {"required": True}}})
    problems = load_error(tmp_path, rule_set({"a": {"type": "integer"}}, rules=[one_rule])).problems
    assert [location for location, _ in problems] == [
        "rules[0].clauses[0].when.b",
        "rules[0].clauses[0].when.c",
    ]


# --- Several problems ----------------------------------------------------------------------


def test_problems_are_reported_in_file_order(tmp_path: Path) -> None:
    changes: Data = {
        "definitions.rate.mix": 1,
        "request.path.schema": "pth",
        f"{BODY}.name.maxlenght": 1,
        f"{BODY}.name.required": "yes",
        f"{BODY}.kind.allowed": [1, 10],
        f"{BODY}.mark.regex": "[",
        "rules[0].code": "1",
        "rules[1].clauses[0].then.nme": {"required": True},
        "rules[2].clauses[0].required_together": ["first", "lst"],
        "rules[3].clauses[0].facts.exist": {"allowed": [True]},
    }
    problems = load_error(tmp_path, changed(BASE, changes)).problems
    in_definitions = [
        location for location, _ in problems if location.startswith(("definitions", "tables"))
    ]
    assert in_definitions[0] == "definitions.rate.mix"
    assert set(in_definitions[1:3]) == {f"{BODY}.name.maxlenght", f"{BODY}.name.required"}
    assert in_definitions[3:] == [f"{BODY}.kind.allowed", f"{BODY}.mark.regex"]
    assert {location for location, _ in problems if location.startswith(("request", "rules"))} == {
        "request.path.schema",
        "rules[0].code",
        "rules[1].clauses[0].then.nme",
        "rules[2].clauses[0].required_together",
        "rules[3].clauses[0].facts.exist",
    }
    assert len(problems) == 10


@pytest.mark.parametrize(
    "changes",
    [
        {"definitions.rate.mix": 1},
        {"definitions.rate.maxlength": 5},
        {"definitions.rate.max": -1},
        {"definitions.rate.type": "float"},
        {f"{BODY}.kind.allowed": [1, "2"]},
        {f"{BODY}.kind.max": "9"},
        {f"{BODY}.first.format": "date"},
        {f"{BODY}.plain.schema": "plian"},
        {f"{BODY}.plain.schema": 5},
        {f"{BODY}.name.error_codes.maxlength": "1"},
        {"tables.item.b.xyzzy": 1},
        {f"{BODY}.items.xyzzy": 1},
        {f"{BODY}.items.schema.xyzzy": 1},
        {f"{BODY}.plain.xyzzy": 1},
        {"request.body.xyzzy": 1},
        {"request.headers.xyzzy": 1},
        {"facts.exists.type": "bool"},
        {"facts.now.xyzzy": 1},
    ],
)
def test_references_add_no_follow_up_errors(changes: Data, tmp_path: Path) -> None:
    problems = load_error(tmp_path, changed(BASE, changes)).problems
    assert len(problems) == 1
    assert problems[0][0] in changes or problems[0][0] == "definitions.rate.min"


@pytest.mark.parametrize(
    ("changes", "inside"),
    [
        ({f"{BODY}.other.schema": {"type": "integer"}, f"{BODY}.other.source": 5}, []),
        ({f"{BODY}.xs.schema": "plain", f"{BODY}.xs.source": 5}, []),
        ({f"{BODY}.first.format": "yyyy-MM-dd yyyy", f"{BODY}.first.source": 5}, []),
        (
            {f"{BODY}.items.schema.schema": [], f"{BODY}.items.source": 5},
            [f"{BODY}.items.schema.schema"],
        ),
        ({f"{BODY}.items.schema.schema": [], f"{BODY}.items.type": 5}, []),
        (
            {f"{BODY}.items.schema.schema": [], f"{BODY}.items.maxitems": "x"},
            [f"{BODY}.items.schema.schema"],
        ),
    ],
)
def test_malformed_definition_has_no_follow_ups(
    changes: Data, inside: list[str], tmp_path: Path
) -> None:
    [*_, location] = changes
    assert [actual for actual, _ in load_error(tmp_path, changed(BASE, changes)).problems] == [
        location,
        *inside,
    ]


def test_clause_in_reused_table_is_reported_once(tmp_path: Path) -> None:
    twice = rule_set(
        {"one": {"type": "dict", "schema": "t"}, "two": {"type": "dict", "schema": "t"}},
        tables={"t": {"a": {"type": "integer"}}},
        rules=[rule({"tables": ["t"], "then": {"b": {"required": True}}})],
    )
    assert load_error(tmp_path, twice).problems == (
        ("rules[0].clauses[0].then.b", "there is no parameter 'b' here"),
    )


def test_table_shared_by_parts_is_reported_once(tmp_path: Path) -> None:
    more, invalid = (
        {"type": "dict", "schema": schema, "source": "x"} for schema in ("other", "nope")
    )
    data = changed(BASE, {"tables.headers.more": more, "tables.other.e": invalid})
    assert [location for location, _ in load_error(tmp_path, data).problems] == [
        "tables.other.e.schema"
    ]


# --- Files ---------------------------------------------------------------------------------

FILES: list[tuple[bytes, str]] = [
    (b"title = ", "is not TOML"),
    (b"title = 'a'\ntitle = 'b'\n", "is not TOML"),
    (b"[a]\nb = 1\n[a]\n", "is not TOML"),
    (b"{}", "is not TOML"),
    (b"title = '\xff'", "is not TOML"),
    (b"\xff\xfet\x00i\x00", "is not TOML"),
    (b"\xef\xbb\xbftitle = 'a'", "is not TOML"),
    (b"a = " + b"[" * 100_000, "is not TOML"),
    (b"a = " + b"{a=" * 100_000, "is not TOML"),
    (b"a = 2024-13-01", "is not TOML"),
    (b"a = " + b"9" * 6000, "is not TOML"),
]


@pytest.mark.parametrize(
    ("content", "reason"), FILES, ids=[ascii(content[:20]) for content, _ in FILES]
)
def test_invalid_toml_is_rejected_with_file_name(
    content: bytes, reason: str, tmp_path: Path
) -> None:
    file = tmp_path / "bad.toml"
    file.write_bytes(content)
    with pytest.raises(RuleSetError) as error:
        isales_rules.load(file)
    [(location, actual)] = error.value.problems
    assert location == ""
    assert actual.startswith(reason)
    assert str(error.value) == f"{file}: {actual}"


def test_empty_file_lacks_all_required_keys(tmp_path: Path) -> None:
    assert sorted(load_error(tmp_path, {}).problems) == [
        ("request", BASE_REASON),
        ("tables", "required field"),
        ("title", "required field"),
    ]


@pytest.mark.parametrize("name", ["missing.toml", "./missing", "no-folder/missing.toml"])
def test_missing_file_is_named(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RuleSetError) as error:
        isales_rules.load(name)
    assert str(error.value) == f"{name}: cannot be read: No such file or directory"
    assert error.value.problems == (("", "cannot be read: No such file or directory"),)


def test_directory_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(RuleSetError, match="cannot be read"):
        isales_rules.load(tmp_path)


@pytest.mark.parametrize("name", ["campaign-modify-v2", "campaign_modify_v1", "Campaign-Modify-V1"])
def test_unknown_name_suggests_the_nearest(name: str) -> None:
    with pytest.raises(RuleSetError) as error:
        isales_rules.load(name)
    assert str(error.value).startswith(
        f"{name}: unknown rule set; did you mean 'campaign-modify-v1'?"
    )
    assert f"use one of {isales_rules.names()[0]}, " in str(error.value)


@pytest.mark.parametrize("name", ["", "xyzzy", "codes", "日本"])
def test_unknown_name_lists_shipped_rule_sets(name: str) -> None:
    with pytest.raises(RuleSetError) as error:
        isales_rules.load(name)
    assert "did you mean" not in str(error.value)
    assert f"use one of {isales_rules.names()[0]}, " in str(error.value)


def test_error_is_a_value_error_and_pickles(tmp_path: Path) -> None:
    error = load_error(tmp_path, changed(BASE, {f"{BODY}.name.maxlenght": 1}))
    copied = pickle.loads(pickle.dumps(error))  # noqa: S301  # made in the line itself
    assert type(copied) is RuleSetError
    assert issubclass(RuleSetError, ValueError)
    assert (str(copied), copied.problems, copied.file) == (str(error), error.problems, error.file)


# --- The shipped rule set ------------------------------------------------------------------

SHIPPED = Path(shipped_path("campaign-modify-v1.toml"))


def test_shipped_rule_set_loads_by_path(rules: isales_rules.RuleSet) -> None:
    by_path = isales_rules.load(SHIPPED)
    assert by_path == isales_rules.load(str(SHIPPED))
    for case in cases():
        assert by_path.validate(case.body, case.facts) == rules.validate(case.body, case.facts), (
            case.name
        )


def test_copy_of_shipped_rule_set_can_be_changed(tmp_path: Path, engine: str) -> None:
    copy = tmp_path / "mine.toml"
    changes = "[tables.body]\ncallerNo.maxlength = 3\n"
    copy.write_text(SHIPPED.read_text("utf-8").replace("[tables.body]\n", changes), "utf-8")
    body = json.loads((SHIPPED.parent / "examples" / "campaign-modify-v1.json").read_text("utf-8"))
    [violation] = isales_rules.load(copy).validate(body, engine=engine).violations
    assert (violation.path, violation.code) == ("/callerNo", "02000003")


def test_shipped_rule_set_loads_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert isales_rules.load("campaign-modify-v1").title


def test_installed_package_contains_rule_sets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "isales_rules"
    (package / "rulesets").mkdir(parents=True)
    (package / "rulesets" / "catalog.toml").touch()
    monkeypatch.setattr(catalog, "_HERE", str(package))
    assert Path(shipped_path("catalog.toml")) == package / "rulesets" / "catalog.toml"
    assert Path(shipped_path("other.toml")) == tmp_path / "rulesets" / "other.toml"


def test_validation_imports_no_heavy_modules() -> None:
    program = """
import sys, isales_rules
rules = isales_rules.load("campaign-modify-v1")
report = rules.validate({"name": 1})
assert not report.ok and rules.validate_json("{}").codes and rules.validate_request().codes
report.response(), report.to_dict(), str(rules.to_python())
print(sorted({name.partition(".")[0] for name in sys.modules} & {"cerberus", "hypothesis", "dateutil", "argparse"}))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "[]\n"


def test_import_loads_no_heavy_modules() -> None:
    program = "import sys, isales_rules; print(sorted(set(sys.modules) & {'cerberus', 'hypothesis', 'dateutil', 'tomllib', 'argparse', 'difflib'}))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "[]\n"


# --- Arbitrary changes ---------------------------------------------------------------------

ODD_VALUES: list[Any] = [
    DROP, 0, -1, 10**30, True, False, 1.5, float("nan"), float("inf"), "", "x", "body", "/", "(", "\x00", "a\nb", "\U0001f600", "日本",
    [], [0], [[]], [{}], ["x"], ["x", "y"], {}, {"x": 1}, {"x": {}}, {"type": "integer"}, {"kind": {"required": True}},
    {"parameter": "kind"}, {"fact": "now"},
    datetime(2024, 1, 1), date(2024, 1, 1), time(1, 2),
]  # fmt: skip
BODIES: list[Any] = [
    {},
    {
        "name": "ab",
        "kind": 1,
        "first": "2024-01-02",
        "last": "01.01.2024",
        "xs": [0, "x"],
        "plain": {"A": 1},
        "items": [{"b": 9}],
        "x": 1,
    },
    {
        "name": 1,
        "kind": True,
        "first": 5,
        "at": "08",
        "xs": {},
        "plain": [],
        "on": 0,
        "url": "abcd",
        "items": [{}, 5, None],
        "later": "",
    },
]
STATED: Data = {
    "exists": False,
    "now": datetime(2024, 1, 1),
    "names": ["ab"],
    "ids": [1],
    "limit": 1,
}


def outcome(folder: Path, data: Data) -> str:
    """Return why loading and using a rule set failed; empty if it is rejected or works."""
    try:
        rules = load(folder, data)
    except RuleSetError as error:
        return (
            ""
            if error.problems and all(reason for _, reason in error.problems)
            else "refused without a reason"
        )
    except Exception as error:  # noqa: BLE001  # the subject of the test
        return f"load: {type(error).__name__}: {error}"
    stated = {
        name: value
        for name, value in STATED.items()
        if name in rules.facts and rules.facts[name]["type"] == BASE["facts"][name]["type"]
    }
    try:
        for body in BODIES:
            compiled, plain = (
                rules.validate(body, stated, engine=engine) for engine in ("compiled", "cerberus")
            )
            if compiled.to_dict("zh_CN") != plain.to_dict("zh_CN"):
                return "the engines do not agree"
        assert list(rules.expectations("zh_CN"))
        compile(rules.to_python(), "source", "exec")
    except Exception as error:  # noqa: BLE001  # likewise
        return f"use: {type(error).__name__}: {error}"
    return ""


LOCATIONS = list(locations(BASE))
ADDED: list[Any] = [
    5,
    True,
    "x",
    "body",
    "[",
    ["x"],
    [[1]],
    {},
    {"parameter": "kind"},
    {"fact": "now"},
    {"name": {"min": 1}},
]
PARENTS = [
    f"{BODY}.name", f"{BODY}.kind", f"{BODY}.rate", f"{BODY}.at", f"{BODY}.plain", f"{BODY}.xs", f"{BODY}.xs.schema",
    "definitions.rate", "request.body",
    f"{CLAUSE}.when.kind", f"{CLAUSE}.then.name", "rules[3].clauses[0].facts.exists", CLAUSE, "rules[0]", "facts.now",
]  # fmt: skip
NAMES = [
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
    "",
]


MAX_EXAMPLES = 40 if settings().max_examples < 1000 else 5000
"""Examples of each property: loading is slow, and only a few thousand differ."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rules")


@pytest.mark.filterwarnings("ignore::FutureWarning")
@settings(max_examples=MAX_EXAMPLES)
@given(location=sampled_from(LOCATIONS), value=sampled_from(ODD_VALUES))
def test_changed_value_is_rejected_or_works(location: str, value: Any, folder: Path) -> None:
    assert outcome(folder, changed(BASE, {location: value})) == ""


@pytest.mark.filterwarnings("ignore::FutureWarning")
@settings(max_examples=MAX_EXAMPLES)
@given(location=sampled_from(LOCATIONS), other=sampled_from(LOCATIONS))
def test_moved_part_is_rejected_or_works(location: str, other: str, folder: Path) -> None:
    assert outcome(folder, changed(BASE, {location: at(BASE, other)})) == ""


@pytest.mark.filterwarnings("ignore::FutureWarning")
@settings(max_examples=MAX_EXAMPLES)
@given(parent=sampled_from(PARENTS), name=sampled_from(NAMES), value=sampled_from(ADDED))
def test_added_key_is_rejected_or_works(parent: str, name: str, value: Any, folder: Path) -> None:
    assert outcome(folder, changed(BASE, {f"{parent}.{name}": value})) == ""


# --- Texts and mappings --------------------------------------------------------------------


class Frozen(Mapping[str, Any]):
    """A mapping that is not a dict, at every level."""

    def __init__(self, members: Data) -> None:
        self._members = {
            name: Frozen(one) if isinstance(one, dict) else one for name, one in members.items()
        }

    def __getitem__(self, name: str) -> Any:
        return self._members[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)


@pytest.mark.parametrize("kind", [dict, Frozen])
def test_mapping_loads_like_its_file(kind: Any, tmp_path: Path, engine: str) -> None:
    rules, by_path = isales_rules.load(kind(BASE)), load(tmp_path, BASE)
    for body in BODIES:
        assert rules.validate(body, engine=engine) == by_path.validate(body, engine=engine)


def test_text_loads_like_its_file(tmp_path: Path, engine: str) -> None:
    file = write(tmp_path, BASE)
    rules, by_path = (
        isales_rules.RuleSet.from_toml(file.read_text("utf-8")),
        isales_rules.load(file),
    )
    for body in BODIES:
        assert rules.validate(body, engine=engine) == by_path.validate(body, engine=engine)


def test_loaded_mapping_is_copied(engine: str) -> None:
    data = rule_set({"a": {"type": "integer", "max": 5}})
    rules = isales_rules.load(data)
    data["tables"]["body"]["a"]["max"] = 1
    assert rules.validate({"a": 5}, engine=engine).ok


CYCLE: Data = rule_set({})
CYCLE["definitions"] = CYCLE


@pytest.mark.parametrize(
    ("data", "location", "reason"),
    [
        (changed(BASE, {"definitions": {1: {}}}), "definitions.1", "is a key that is not a str"),
        (
            changed(BASE, {"definitions": {"x": {"default": {1}}}}),
            "definitions.x.default",
            "is of the type set; use text",
        ),
        (
            changed(BASE, {"definitions": {"x": {"default": date(2030, 1, 1)}}}),
            "definitions.x.default",
            "is of the type date; use text",
        ),
        (changed(BASE, {"title": None}), "title", "is of the type NoneType; use text"),
        (changed(BASE, {"title": 5}), "title", "must be of string type"),
        (
            CYCLE,
            "definitions" + ".definitions" * 99 + ".title",
            "is nested more than 100 tables and lists deep",
        ),
    ],
    ids=["key", "set", "date", "None", "shape", "cycle"],
)
def test_invalid_mapping_is_rejected(data: Data, location: str, reason: str) -> None:
    with pytest.raises(RuleSetError) as error:
        isales_rules.load(data)
    assert (location, True) in [
        (actual, text.startswith(reason)) for actual, text in error.value.problems
    ]
    assert str(error.value).startswith("<mapping>: ")


@pytest.mark.parametrize("text", ["title = ", "\ud800", "title = 'x'"])
def test_invalid_text_is_rejected(text: str) -> None:
    with pytest.raises(RuleSetError, match=r"^mine: "):
        isales_rules.RuleSet.from_toml(text, "mine")


@pytest.mark.parametrize("text", [b"title = 'x'", None, 5])
def test_text_must_be_str(text: Any) -> None:
    with pytest.raises(TypeError, match="the text must be str"):
        isales_rules.RuleSet.from_toml(text)


def test_clause_may_have_a_fraction_only_for_a_number(tmp_path: Path) -> None:
    data = rule_set(
        {"rate": {"type": "number"}, "count": {"type": "integer"}},
        rules=[rule({"then": {"rate": {"min": 1.5}}})],
    )
    rules = load(tmp_path, data)
    assert not rules.validate({"rate": 1.25}).ok
    assert rules.validate({"rate": 1.5}).ok
    data = changed(data, {"rules[0].clauses[0].then": {"count": {"min": 1.5}}})
    assert load_error(tmp_path, data).problems == (
        (
            "rules[0].clauses[0].then.count.min",
            "must be of integer type, except for the type number",
        ),
    )
