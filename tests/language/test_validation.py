"""Rule sets that are refused: every way to be wrong has its place and its reason, all at once, and nothing else ever comes out of loading."""

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
from isales_rules.language import catalog as codes
from isales_rules.language import resolver
from isales_rules.language.catalog import shipped_path
from isales_rules.language.keywords import ATTRIBUTES, KEYWORDS
from tests.support.cases import cases
from tests.support.rule_sets import DROP, Data, at, changed, condition, fact, load, places, rule_set, write

ROWS: Data = {
    "name": {"type": "string", "required": True, "minlength": 2, "maxlength": 10, "codes": {"maxlength": "02000003"}},
    "kind": {"type": "integer", "min": 1, "max": 9, "allowed": [1, 2], "labels": {"en_US": ["one", "two"], "zh_CN": ["一", "二"]}},
    "rate": {"use": "rate"},
    "first": {"type": "string", "format": "yyyy-MM-dd"},
    "last": {"type": "string", "format": ["yyyy-MM-dd", "dd.MM.yyyy"]},
    "at": {"type": "string", "format": "HH:mm", "half": "[0-9]+"},
    "mark": {"type": "string", "regex": "[a-z]+", "example": "abc"},
    "on": {"type": "boolean", "default": False},
    "url": {"type": "string", "prefix": ["a:", "b:"], "characters": "ab:", "without": "cd"},
    "plain": {"type": "dict", "schema": "plain", "anycase": True},
    "xs": {"type": "list", "maxitems": 3, "schema": {"type": "integer", "min": 1}},
    "items": {"type": "list", "schema": {"type": "dict", "schema": "item"}},
    "day": {"type": "string", "format": ["yyyy-MM-dd", "dd.MM.yyyy"]},
    "other": {"type": "dict", "schema": "other"},
    "later": {"type": "integer"},
}
CONDITIONS: list[Data] = [
    condition({"when": {"kind": {"allowed": [1]}}, "then": {"name": {"required": True}}}, id="name-needed", code="02000009"),
    condition(
        {"when": [{"kind": {"min": 2}}, {"plain": {"schema": {"a": {"max": 5}}}}], "then": {"last": {"after": {"parameter": "first"}}}},
        {"in": ["item"], "then": {"b": {"atmost": {"parameter": "/kind", "plus": 2}}}},
        id="in-order",
    ),
    condition({"together": ["first", "last"]}, id="pair", source="Table 3"),
    condition({"in": ["body", "plain"], "facts": {"exists": {"allowed": [False]}}}, id="exists"),
    condition({"then": {"first": {"atleast": {"fact": "now", "floor": "day"}}, "name": {"notamong": {"fact": "names"}}}}, id="facts"),
    condition({"at": "kind", "when": {"kind": {"max": 1}, "name": {"absent": True}}}, id="advice", severity="warning"),
]
GOOD: Data = rule_set(
    ROWS,
    shared={"rate": {"type": "integer", "min": 0, "max": 100}},
    tables={
        "plain": {"a": {"type": "integer"}},
        "other": {"d": {"type": "integer"}},
        "item": {"b": {"type": "integer"}, "c": {"type": "string", "maxlength": 5}},
    },
    facts={
        "exists": fact("boolean"),
        "now": fact("datetime") | {"clock": True},
        "names": fact("strings"),
        "ids": fact("integers"),
        "limit": fact("integer"),
    },
    conditions=CONDITIONS,
)
BODY = "tables.body"
CASE = "conditions[0].cases[0]"

# Each change, the place of the one problem that it makes, and words that its reason has.
REFUSED: dict[str, list[tuple[Data, str, list[str]]]] = {
    "a keyword that there is not": [
        ({f"{BODY}.name.maxlenght": 5}, f"{BODY}.name.maxlenght", ["unknown keyword", "did you mean 'maxlength'?"]),
        ({f"{BODY}.name.requird": True}, f"{BODY}.name.requird", ["unknown keyword", "did you mean 'required'?"]),
        ({f"{BODY}.name.xyzzy": True}, f"{BODY}.name.xyzzy", ["unknown keyword"]),
        ({f"{BODY}.name.atmost": {"parameter": "kind"}}, f"{BODY}.name.atmost", ["unknown keyword"]),
        ({f"{BODY}.name.nullable": True}, f"{BODY}.name.nullable", ["unknown keyword"]),
        ({f"{BODY}.name.anyof": []}, f"{BODY}.name.anyof", ["unknown keyword"]),
        ({"shared.rate.mix": 1}, "shared.rate.mix", ["unknown keyword", "did you mean 'min'?"]),
        ({f"{BODY}.xs.schema.mx": 1}, f"{BODY}.xs.schema.mx", ["unknown keyword", "did you mean 'max'?"]),
        ({"request.body.alow_unknown": True}, "request.body.alow_unknown", ["unknown keyword", "did you mean 'allow_unknown'?"]),
        ({"request.bdy": {}}, "request.bdy", ["unknown keyword"]),
        ({"table": {}}, "table", ["unknown keyword", "did you mean 'tables'?"]),
        ({"facts.now.clok": True}, "facts.now.clok", ["unknown keyword"]),
        ({"conditions[0].severty": "error"}, "conditions[0].severty", ["unknown keyword", "did you mean 'severity'?"]),
        ({f"{CASE}.whn": {}}, f"{CASE}.whn", ["unknown keyword"]),
        ({f"{CASE}.when.kind.alowed": [1]}, f"{CASE}.when.kind.alowed", ["unknown keyword", "did you mean 'allowed'?"]),
        ({f"{CASE}.then.name.half": "x"}, f"{CASE}.then.name.half", ["unknown keyword"]),
        ({f"{CASE}.then.name.default": "x"}, f"{CASE}.then.name.default", ["unknown keyword"]),
        ({"conditions[1].cases[0].when[1].plain.schema.a.mx": 1}, "conditions[1].cases[0].when[1].plain.schema.a.mx", ["unknown keyword"]),
        (
            {"conditions[1].cases[0].then.last.after.paramter": "x"},
            "conditions[1].cases[0].then.last.after.paramter",
            ["unknown keyword"],
        ),
        ({"conditions[0].message.de_DE": "nein"}, "conditions[0].message.de_DE", ["unknown keyword"]),
    ],
    "the values of a secret": [
        ({f"{BODY}.kind.secret": True, "conditions": DROP}, f"{BODY}.kind.allowed", ["is not for a secret"]),
        ({f"{BODY}.on.secret": True}, f"{BODY}.on.default", ["is not for a secret"]),
        ({f"{BODY}.other.secret": True, "tables.other.d.default": 1}, "tables.other.d.default", ["is not for a secret"]),
        ({f"{BODY}.xs.secret": True, f"{BODY}.xs.schema.allowed": [1]}, f"{BODY}.xs.schema.allowed", ["is not for a secret"]),
        ({f"{BODY}.later.secret": True, f"{CASE}.then.later.allowed": [1]}, f"{CASE}.then.later.allowed", ["is not for a secret"]),
    ],
    "a name in two cases where case is ignored": [
        ({"tables.plain.A": {"type": "integer", "source": "x"}}, "tables.plain.A", ["'a' in another case", "body.plain.anycase", "remove one"]),
        ({"tables.headers.LOCALE": {"type": "string", "secret": True, "source": "x"}}, "tables.headers.LOCALE", ["'locale' in another case"]),
    ],
    "an argument of another shape": [
        ({f"{BODY}.name.maxlength": "10"}, f"{BODY}.name.maxlength", ["must be of integer type"]),
        ({f"{BODY}.name.maxlength": 10.5}, f"{BODY}.name.maxlength", ["must be of integer type"]),
        ({f"{BODY}.url.maxlength": True}, f"{BODY}.url.maxlength", ["must be of integer type"]),
        ({f"{BODY}.kind.min": True, f"{BODY}.kind.allowed": [1, 2]}, f"{BODY}.kind.min", ["must be of integer type"]),
        ({f"{BODY}.name.minlength": 0}, f"{BODY}.name.minlength", ["min value is 1"]),
        ({f"{BODY}.name.minlength": -1}, f"{BODY}.name.minlength", ["min value is 1"]),
        ({f"{BODY}.xs.maxitems": -1}, f"{BODY}.xs.maxitems", ["min value is 0"]),
        ({f"{BODY}.name.required": "yes"}, f"{BODY}.name.required", ["must be of boolean type"]),
        ({f"{BODY}.name.required": 1}, f"{BODY}.name.required", ["must be of boolean type"]),
        ({f"{BODY}.kind.allowed": 1, f"{BODY}.kind.labels": DROP}, f"{BODY}.kind.allowed", ["must be of list type"]),
        ({f"{BODY}.kind.allowed": [], f"{BODY}.kind.labels": DROP}, f"{BODY}.kind.allowed", ["min length is 1"]),
        ({f"{BODY}.url.prefix": []}, f"{BODY}.url.prefix", ["empty"]),
        ({f"{BODY}.url.prefix": ""}, f"{BODY}.url.prefix", ["empty"]),
        ({f"{BODY}.url.prefix": [""]}, f"{BODY}.url.prefix[0]", ["empty"]),
        ({f"{BODY}.url.prefix": ["a", 1]}, f"{BODY}.url.prefix[1]", ["must be of string type"]),
        ({f"{BODY}.url.characters": ""}, f"{BODY}.url.characters", ["empty"]),
        ({f"{BODY}.url.without": ["c"]}, f"{BODY}.url.without", ["must be of string type"]),
        ({f"{BODY}.on.type": "bool"}, f"{BODY}.on.type", ["unallowed value bool"]),
        ({f"{BODY}.on.type": ["string"]}, f"{BODY}.on.type", ["must be of string type"]),
        ({f"{BODY}.name.type": {"a": "string"}}, f"{BODY}.name.type", ["must be of string type"]),
        ({f"{BODY}.name.source": ""}, f"{BODY}.name.source", ["empty"]),
        ({f"{BODY}.name.codes": "02000003"}, f"{BODY}.name.codes", ["must be of dict type"]),
        ({f"{BODY}.name.codes.maxlength": 2000003}, f"{BODY}.name.codes.maxlength", ["must be of string type"]),
        ({f"{BODY}.name.secret": "yes"}, f"{BODY}.name.secret", ["must be of boolean type"]),
        ({f"{BODY}.later.coerce": "hex"}, f"{BODY}.later.coerce", ["unallowed value hex"]),
        ({f"{BODY}.other.schema": 5}, f"{BODY}.other.schema", ["must be of"]),
        ({f"{BODY}.name": "string"}, f"{BODY}.name", ["must be of dict type"]),
        ({"tables.body": []}, "tables.body", ["must be of dict type"]),
        ({"request.body": "body"}, "request.body", ["must be of dict type"]),
        ({"conditions": {}}, "conditions", ["must be of list type"]),
        ({"conditions[0]": "x"}, "conditions[0]", ["must be of dict type"]),
        ({"conditions[0].cases": []}, "conditions[0].cases", ["min length is 1"]),
        ({"conditions[0].id": "Name Needed"}, "conditions[0].id", ["does not match"]),
        ({"conditions[0].id": "name-needed\n"}, "conditions[0].id", ["does not match"]),
        ({"conditions[0].id": ["name-needed"]}, "conditions[0].id", ["must be of string type"]),
        ({"conditions[0].severity": "info"}, "conditions[0].severity", ["unallowed value info"]),
        ({"conditions[0].message.en_US": ""}, "conditions[0].message.en_US", ["empty"]),
        ({f"{CASE}.in": "body"}, f"{CASE}.in", ["must be of list type"]),
        ({f"{CASE}.in": []}, f"{CASE}.in", ["min length is 1"]),
        ({f"{CASE}.in": [["body"]]}, f"{CASE}.in[0]", ["must be of string type"]),
        ({f"{CASE}.when": "kind"}, f"{CASE}.when", ["must be of"]),
        ({f"{CASE}.when": []}, f"{CASE}.when", ["min length is 1"]),
        ({f"{CASE}.when": ["kind"]}, f"{CASE}.when[0]", ["must be of dict type"]),
        ({f"{CASE}.when.kind": 1}, f"{CASE}.when.kind", ["must be of dict type"]),
        ({f"{CASE}.then.name.required": "yes"}, f"{CASE}.then.name.required", ["must be of boolean type"]),
        ({f"{CASE}.then.name.absent": False}, f"{CASE}.then.name.absent", ["unallowed value False"]),
        ({"conditions[2].cases[0].together": ["first"]}, "conditions[2].cases[0].together", ["min length is 2"]),
        ({"conditions[2].cases[0].together": ["first", "last", "at"]}, "conditions[2].cases[0].together", ["max length is 2"]),
        ({"facts.now.type": "date"}, "facts.now.type", ["unallowed value date"]),
        ({"conditions[4].cases[0].then.first.atleast.floor": "hour"}, "conditions[4].cases[0].then.first.atleast.floor", ["unallowed value hour"]),
        ({"conditions[1].cases[1].then.b.atmost.plus": 1.5}, "conditions[1].cases[1].then.b.atmost.plus", ["must be of integer type"]),
    ],
    "a bound that contradicts another": [
        ({f"{BODY}.later.min": 5, f"{BODY}.later.max": 4}, f"{BODY}.later.min", ["greater than max, 4"]),
        ({f"{BODY}.name.minlength": 11}, f"{BODY}.name.minlength", ["greater than maxlength, 10"]),
        ({f"{BODY}.rate.min": 101}, f"{BODY}.rate.min", ["greater than max, 100"]),
        ({"shared.rate.max": -1}, "shared.rate.min", ["greater than max, -1"]),
        ({f"{BODY}.xs.schema.max": 0}, f"{BODY}.xs.schema.min", ["greater than max, 0"]),
        ({f"{CASE}.when.kind": {"min": 5, "max": 4}}, f"{CASE}.when.kind.min", ["greater than max, 4"]),
        ({f"{BODY}.kind.allowed": [1, 10]}, f"{BODY}.kind.allowed", ["10", "min to max"]),
        ({f"{BODY}.kind.allowed": [0, 1]}, f"{BODY}.kind.allowed", ["0", "min to max"]),
        ({f"{BODY}.name.allowed": ["ab", "a"]}, f"{BODY}.name.allowed", ["'a'", "minlength"]),
        ({f"{BODY}.name.allowed": ["ab", "abcdefghijk"]}, f"{BODY}.name.allowed", ["'abcdefghijk'", "maxlength"]),
        ({f"{BODY}.kind.allowed": [1, "2"]}, f"{BODY}.kind.allowed", ["'2'", "not of the type integer"]),
        ({f"{BODY}.kind.allowed": [True, 2]}, f"{BODY}.kind.allowed", ["True", "not of the type integer"]),
        ({f"{BODY}.on.allowed": [1]}, f"{BODY}.on.allowed", ["1", "not of the type boolean"]),
        ({f"{CASE}.when.kind.allowed": ["1"]}, f"{CASE}.when.kind.allowed", ["'1'"]),
        ({f"{CASE}.when.kind.allowed": [True]}, f"{CASE}.when.kind.allowed", ["True"]),
        ({f"{CASE}.when.kind.allowed": [[1], [2]]}, f"{CASE}.when.kind.allowed", ["[1]"]),
        ({"conditions[3].cases[0].facts.exists.allowed": [0]}, "conditions[3].cases[0].facts.exists.allowed", ["0"]),
        ({f"{CASE}.then.name.required": False}, f"{CASE}.then.name.required", ["unallowed value False"]),
    ],
    "something that is needed and missing": [
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
        ({"shared.rate.type": DROP}, f"{BODY}.rate.type", ["required field"]),
        ({f"{BODY}.mark.example": DROP}, f"{BODY}.mark.example", ["needed beside regex"]),
        ({f"{BODY}.at.format": DROP}, f"{BODY}.at.half", ["format"]),
        ({"conditions[0].id": DROP}, "conditions[0].id", ["required field"]),
        ({"conditions[0].message": DROP}, "conditions[0].message", ["required field"]),
        ({"conditions[0].message.zh_CN": DROP}, "conditions[0].message.zh_CN", ["required field"]),
        ({"conditions[0].cases": DROP}, "conditions[0].cases", ["required field"]),
        ({f"{CASE}.in": DROP}, f"{CASE}.in", ["required field"]),
        ({f"{CASE}.when": DROP, f"{CASE}.then": DROP}, CASE, ["needs a when, then, together or facts"]),
        ({"facts.now.en_US": DROP}, "facts.now.en_US", ["required field"]),
        ({"facts.now.type": DROP}, "facts.now.type", ["required field"]),
        ({"facts.exists.reply": {"member": "id", "given": True}}, "facts.exists.reply", ["needs a [reply]"]),
        ({"reply": {"campaign": "x", "only": ["id", "name"]}}, "reply.only[1]", ["'name' is a documented parameter of the body"]),
        ({"reply": {"campaign": "x", "only": [5]}}, "reply.only[0]", ["must be of string type"]),
    ],
    "a keyword for another type": [
        ({f"{BODY}.name.max": 5}, f"{BODY}.name.max", ["not for the type string"]),
        ({f"{BODY}.kind.maxlength": 5}, f"{BODY}.kind.maxlength", ["not for the type integer"]),
        ({f"{BODY}.on.format": "HH:mm"}, f"{BODY}.on.format", ["not for the type boolean"]),
        ({f"{BODY}.name.maxitems": 5}, f"{BODY}.name.maxitems", ["not for the type string"]),
        ({f"{BODY}.xs.maxlength": 5}, f"{BODY}.xs.maxlength", ["not for the type list"]),
        ({f"{BODY}.xs.schema.maxlength": 5}, f"{BODY}.xs.schema.maxlength", ["not for the type integer"]),
        ({f"{BODY}.plain.allowed": [1]}, f"{BODY}.plain.allowed", ["not for the type dict"]),
        ({"shared.rate.maxlength": 5}, "shared.rate.maxlength", ["not for the type integer"]),
        ({f"{BODY}.name.coerce": "decimal"}, f"{BODY}.name.coerce", ["integer alone"]),
        ({f"{BODY}.name.anycase": True}, f"{BODY}.name.anycase", ["dict alone"]),
        ({f"{BODY}.xs.allow_unknown": True}, f"{BODY}.xs.allow_unknown", ["dict alone"]),
        ({f"{BODY}.name.schema": "plain"}, f"{BODY}.name.schema", ["no other type has one"]),
        ({f"{BODY}.other.schema": {"type": "integer"}}, f"{BODY}.other.schema", ["name of a table for a dict"]),
        ({f"{BODY}.xs.schema": "plain"}, f"{BODY}.xs.schema", ["a row for a list"]),
        ({f"{CASE}.when.kind": {"prefix": "x"}}, f"{CASE}.when.kind.prefix", ["not for a parameter of the type integer"]),
        ({f"{CASE}.then.name": {"max": 5}}, f"{CASE}.then.name.max", ["not for a parameter of the type string"]),
        ({f"{CASE}.then.on": {"atleast": {"fact": "exists"}}}, f"{CASE}.then.on.atleast", ["not for a parameter of the type boolean"]),
        ({f"{CASE}.then.xs": {"allowed": [1]}}, f"{CASE}.then.xs.allowed", ["not for a parameter of the type list"]),
        ({f"{CASE}.facts": {"exists": {"max": 5}}}, f"{CASE}.facts.exists.max", ["not for a fact of the type boolean"]),
        ({f"{CASE}.facts": {"now": {"allowed": ["x"]}}}, f"{CASE}.facts.now.allowed", ["not for a fact of the type datetime"]),
        ({f"{CASE}.facts": {"names": {"maxitems": 5}}}, f"{CASE}.facts.names.maxitems", ["not for a fact of the type strings"]),
        (
            {"reply": {"campaign": "x"}, "facts.limit.reply": {"member": "id", "given": True}},
            "facts.limit.reply",
            ["for a fact of the type boolean"],
        ),
        ({f"{CASE}.facts": {"exists": {"absent": True}}}, f"{CASE}.facts.exists.absent", []),
        ({f"{CASE}.facts": {"limit": {"atmost": {"fact": "limit"}}}}, f"{CASE}.facts.limit.atmost", []),
        ({f"{CASE}.facts": {"limit": {"schema": {"a": {"max": 5}}}}}, f"{CASE}.facts.limit.schema", []),
    ],
    "a reference to what there is not": [
        ({f"{BODY}.other.schema": "othr"}, f"{BODY}.other.schema", ["no table 'othr'", "did you mean 'other'?"]),
        ({f"{BODY}.items.schema.schema": "itm"}, f"{BODY}.items.schema.schema", ["no table 'itm'", "did you mean 'item'?"]),
        ({"request.path.schema": "pth"}, "request.path.schema", ["no table 'pth'", "did you mean 'path'?"]),
        ({f"{BODY}.rate.use": "rat"}, f"{BODY}.rate.use", ["no shared row 'rat'", "did you mean 'rate'?"]),
        ({"shared.rate.use": "rte"}, "shared.rate.use", ["no shared row 'rte'", "did you mean 'rate'?"]),
        ({f"{CASE}.in": ["body", "body"]}, f"{CASE}.in", ["has 'body' twice"]),
        ({f"{CASE}.in": ["bdy"]}, f"{CASE}.in", ["no table 'bdy'", "did you mean 'body'?"]),
        ({f"{CASE}.when.knd": {"max": 5}}, f"{CASE}.when.knd", ["no parameter 'knd'", "did you mean 'kind'?"]),
        ({f"{CASE}.then.nme": {"required": True}}, f"{CASE}.then.nme", ["no parameter 'nme'", "did you mean 'name'?"]),
        ({f"{CASE}.then.name": {"schema": {"a": {"max": 1}}}}, f"{CASE}.then.name.schema.a", ["no parameter 'a'"]),
        ({f"{CASE}.then.plain": {"schema": {"aa": {"max": 1}}}}, f"{CASE}.then.plain.schema.aa", ["no parameter 'aa'", "did you mean 'a'?"]),
        ({f"{CASE}.when": [{"knd": {"max": 5}}]}, f"{CASE}.when[0].knd", ["no parameter 'knd'"]),
        ({"conditions[2].cases[0].together": ["first", "lst"]}, "conditions[2].cases[0].together", ["no parameter 'lst'", "did you mean 'last'?"]),
        ({"conditions[5].cases[0].at": "knd"}, "conditions[5].cases[0].at", ["no parameter 'knd'", "did you mean 'kind'?"]),
        (
            {"conditions[1].cases[0].then.last.after.parameter": "firs"},
            "conditions[1].cases[0].then.last.after.parameter",
            ["no parameter 'firs'", "did you mean 'first'?"],
        ),
        ({"conditions[1].cases[1].then.b.atmost.parameter": "/knd"}, "conditions[1].cases[1].then.b.atmost.parameter", ["'knd'", "'kind'"]),
        ({"conditions[1].cases[1].then.b.atmost.parameter": "/plain/aa"}, "conditions[1].cases[1].then.b.atmost.parameter", ["'aa'"]),
        ({"conditions[1].cases[1].then.b.atmost.parameter": "kind"}, "conditions[1].cases[1].then.b.atmost.parameter", ["'kind'"]),
        ({"conditions[1].cases[1].then.b.atmost.parameter": ""}, "conditions[1].cases[1].then.b.atmost.parameter", []),
        ({"conditions[1].cases[1].then.b.atmost.parameter": "/"}, "conditions[1].cases[1].then.b.atmost.parameter", []),
        ({"conditions[3].cases[0].facts": {"exist": {"allowed": [True]}}}, "conditions[3].cases[0].facts.exist", ["no fact 'exist'", "'exists'"]),
        ({"conditions[4].cases[0].then.name.notamong.fact": "nmes"}, "conditions[4].cases[0].then.name.notamong.fact", ["no fact 'nmes'", "'names'"]),
    ],
    "tables that never end": [
        ({f"{BODY}.more": {"type": "dict", "schema": "body", "source": "x"}}, f"{BODY}.more.schema", ["'body' stands inside itself"]),
        ({"tables.plain.more": {"type": "dict", "schema": "body", "source": "x"}}, "tables.plain.more.schema", ["'body' stands inside itself"]),
        (
            {"tables.item.more": {"type": "list", "source": "x", "schema": {"type": "dict", "schema": "item"}}},
            "tables.item.more.schema.schema",
            ["'item' stands inside itself"],
        ),
    ],
    "codes": [
        ({f"{BODY}.name.codes.maxlength": "02000099"}, f"{BODY}.name.codes.maxlength", ["no code '02000099'", "did you mean '0200000"]),
        ({f"{BODY}.name.codes.maxlength": "0200000"}, f"{BODY}.name.codes.maxlength", ["no code '0200000' for a mistake"]),
        ({f"{BODY}.name.codes.max": "02000003"}, f"{BODY}.name.codes.max", ["not a keyword of this row"]),
        ({f"{BODY}.name.codes.maxlenght": "02000003"}, f"{BODY}.name.codes.maxlenght", ["not a keyword of this row", "did you mean 'maxlength'?"]),
        ({f"{BODY}.name.codes.source": "02000003"}, f"{BODY}.name.codes.source", ["not a keyword of this row"]),
        ({f"{BODY}.name.codes.coerce": "02000003"}, f"{BODY}.name.codes.coerce", ["not a keyword of this row"]),
        ({"conditions[0].code": "2"}, "conditions[0].code", ["no code '2'"]),
        ({"conditions[0].code": "0200000"}, "conditions[0].code", ["no code '0200000' for a mistake"]),
        ({"conditions[5].code": "02000009"}, "conditions[5].code", ["not for a warning"]),
        ({"conditions[1].id": "name-needed"}, "conditions[1].id", ["another condition 'name-needed'"]),
    ],
    "patterns": [
        ({f"{BODY}.mark.regex": "["}, f"{BODY}.mark.regex", ["no regular expression", "unterminated"]),
        ({f"{BODY}.mark.regex": "(?P<a"}, f"{BODY}.mark.regex", ["no regular expression"]),
        ({f"{BODY}.mark.regex": "(?u)a"}, f"{BODY}.mark.regex", ["no regular expression"]),
        ({f"{BODY}.mark.regex": "a{99999999999}"}, f"{BODY}.mark.regex", ["no regular expression"]),
        ({f"{BODY}.mark.regex": "(" * 5000 + ")" * 5000}, f"{BODY}.mark.regex", ["no regular expression"]),
        ({f"{BODY}.mark.regex": ""}, f"{BODY}.mark.regex", ["empty"]),
        ({f"{BODY}.mark.regex": "(a+)+b"}, f"{BODY}.mark.regex", ["can take very long", "possessive, as in (a++b)*"]),
        ({f"{BODY}.mark.regex": "a{1001}"}, f"{BODY}.mark.regex", ["more than 1000 characters"]),
        ({f"{BODY}.at.half": "(a*)*"}, f"{BODY}.at.half", ["can take very long"]),
        ({f"{CASE}.then.name": {"regex": "(a|aa)+"}}, f"{CASE}.then.name.regex", ["can take very long"]),
        ({f"{BODY}.name.minlength": 10**9, f"{BODY}.name.maxlength": DROP}, f"{BODY}.name.minlength", ["max value is 1000"]),
        ({f"{BODY}.at.half": "*"}, f"{BODY}.at.half", ["no regular expression"]),
        ({f"{CASE}.then.name": {"regex": "("}}, f"{CASE}.then.name.regex", ["no regular expression"]),
    ],
    "formats": [
        ({f"{BODY}.{row}.format": format}, f"{BODY}.{row}.format", ["yyyy MM dd HH mm ss"])
        for row, format in [
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
        ({f"{CASE}.then.first": {"format": "x"}}, f"{CASE}.then.first.format", ["yyyy MM dd HH mm ss"]),
    ],
    "labels": [
        ({f"{BODY}.kind.labels": labels}, f"{BODY}.kind.labels", ["en_US, zh_CN"])
        for labels in (
            {"en_US": ["one", "two"]},
            {"en_US": ["one", "two"], "zh_CN": ["一"]},
            {"en_US": ["one", "two", "three"], "zh_CN": ["一", "二", "三"]},
            {"en_US": ["one", "two"], "zh_CN": ["一", "二"], "de_DE": ["eins", "zwei"]},
            {"en_US": 2, "zh_CN": 2},
            {"en_US": "ab", "zh_CN": "cd"},
            {"en_US": [1, 2], "zh_CN": [1, 2]},
        )
    ]
    + [({f"{BODY}.name.labels": {"en_US": ["a"], "zh_CN": ["b"]}}, f"{BODY}.name.labels", ["each option of allowed"])],
    "comparisons of different sorts": [
        ({f"{CASE}.then.{name}": {keyword: bound}}, f"{CASE}.then.{name}.{keyword}", words)
        for name, keyword, bound, words in [
            ("kind", "after", {"parameter": "name"}, ["compares a integer with a string"]),
            ("first", "after", {"parameter": "at"}, ["compares a moment with a time"]),
            ("name", "equals", {"parameter": "first"}, ["compares a string with a moment"]),
            ("kind", "equals", {"fact": "exists"}, ["compares a integer with a boolean"]),
            ("kind", "atleast", {"fact": "now"}, ["compares a integer with a moment"]),
            ("name", "atleast", {"fact": "now"}, ["compares a string with a moment"]),
            ("kind", "among", {"fact": "names"}, ["compares a integer with a string"]),
            ("name", "notamong", {"fact": "ids"}, ["compares a string with a integer"]),
            ("kind", "equals", {"parameter": "plain"}, ["compares a integer with a dict"]),
            ("name", "equals", {"fact": "names"}, ["collection"]),
            ("kind", "atmost", {"fact": "ids"}, ["collection"]),
            ("kind", "among", {"fact": "limit"}, ["collection"]),
            ("kind", "notamong", {"parameter": "later"}, ["collection"]),
        ]
    ],
    "plus and floor": [
        ({f"{CASE}.then.{name}": {keyword: bound}}, f"{CASE}.then.{name}.{keyword}.{key}", words)
        for name, keyword, bound, key, words in [
            ("last", "after", {"parameter": "first", "plus": 1}, "plus", ["integers alone"]),
            ("name", "equals", {"parameter": "mark", "plus": 1}, "plus", ["integers alone"]),
            ("first", "atleast", {"fact": "now", "plus": 1}, "plus", ["integers alone"]),
            ("on", "equals", {"fact": "exists", "plus": 1}, "plus", ["integers alone"]),
            ("kind", "among", {"fact": "ids", "plus": 1}, "plus", []),
            ("kind", "atmost", {"fact": "limit", "floor": "day"}, "floor", ["times with a date"]),
            ("at", "after", {"parameter": "at", "floor": "day"}, "floor", ["times with a date"]),
            ("name", "notamong", {"fact": "names", "floor": "day"}, "floor", ["times with a date"]),
        ]
    ],
    "an absolute reference to what is not known yet": [
        ({"conditions[1].cases[1].then.b.atmost.parameter": "/later"}, "conditions[1].cases[1].then.b.atmost.parameter", ["comes after the object"]),
        (
            {"conditions[1].cases[1]": {"in": ["plain"], "then": {"a": {"atmost": {"parameter": "/later"}}}}},
            "conditions[1].cases[1].then.a.atmost.parameter",
            ["'/later' comes after the object"],
        ),
    ],
    "a text of a message that is more than a line": [
        ({"conditions[0].message.en_US": "$name is\nneeded"}, "conditions[0].message.en_US", ["does not print"]),
        ({"conditions[0].message.zh_CN": "\u2028"}, "conditions[0].message.zh_CN", ["does not print"]),
        ({f"{BODY}.kind.labels.en_US": ["one", "two\t"]}, f"{BODY}.kind.labels", ["does not print"]),
    ],
    "an integer that TOML does not promise to hold": [
        ({f"{BODY}.kind.max": 2**63}, f"{BODY}.kind.max", ["more than 64 bits"]),
        ({f"{BODY}.kind.min": -(2**63) - 1}, f"{BODY}.kind.min", ["more than 64 bits"]),
        ({f"{BODY}.url.allowed": [10**4000]}, f"{BODY}.url.allowed[0]", ["more than 64 bits"]),
    ],
    "parts of a case that exclude each other": [
        ({f"{CASE}.at": "kind"}, f"{CASE}.at", ["must not be present with"]),
        ({"conditions[2].cases[0].at": "first"}, "conditions[2].cases[0].at", ["must not be present with"]),
        ({"conditions[2].cases[0].then": {"name": {"required": True}}}, "conditions[2].cases[0].together", ["must not be present with"]),
        ({"conditions[1].cases[0].when": [{}, {"kind": {"max": 5}}]}, "conditions[1].cases[0].when[0]", ["empty"]),
    ],
}


def refuse(folder: Path, data: Data) -> RuleSetError:
    with pytest.raises(RuleSetError) as refused:
        load(folder, data)
    return refused.value


def test_the_rule_set_that_is_changed_below_is_right(tmp_path: Path) -> None:
    assert load(tmp_path, GOOD).title == "A small interface"


@pytest.mark.parametrize(
    ("changes", "place", "words"),
    [
        pytest.param(*one, id=f"{kind}: {', '.join(f'{place} = {value!r:.40}' for place, value in one[0].items())}")
        for kind, table in REFUSED.items()
        for one in table
    ],
)
def test_a_mistake_is_refused_at_its_place_with_its_reason(changes: Data, place: str, words: list[str], tmp_path: Path) -> None:
    refused = refuse(tmp_path, changed(GOOD, changes))
    # An argument may be wrong in two ways: what counts is that nothing else is told.
    assert {where for where, _ in refused.problems} == {place}
    for word in words:
        assert any(word in reason for _, reason in refused.problems)
    for line, (where, reason) in zip(str(refused).splitlines(), refused.problems, strict=True):
        assert line == f"{tmp_path / 'small.toml'}: {where}: {reason}"


THEN = f"{CASE}.then"
TOLD: list[tuple[Data, str, str]] = [
    ({f"{BODY}.name.maxlenght": 1}, f"{BODY}.name.maxlenght", "unknown keyword; did you mean 'maxlength'?"),
    ({f"{BODY}.name.type": DROP}, f"{BODY}.name.type", "required field"),
    ({f"{BODY}.later.min": 5, f"{BODY}.later.max": 4}, f"{BODY}.later.min", "is greater than max, 4"),
    ({f"{BODY}.kind.allowed": [1, 10]}, f"{BODY}.kind.allowed", "the option 10 is not from min to max"),
    ({f"{BODY}.name.allowed": ["ab", "a"]}, f"{BODY}.name.allowed", "the option 'a' is not as long as minlength and maxlength say"),
    ({f"{BODY}.kind.allowed": [1, "2"]}, f"{BODY}.kind.allowed", "the option '2' is not of the type integer"),
    ({f"{BODY}.name.max": 5}, f"{BODY}.name.max", "is not for the type string"),
    ({f"{BODY}.name.coerce": "decimal"}, f"{BODY}.name.coerce", "is for the type integer alone"),
    ({f"{BODY}.name.anycase": True}, f"{BODY}.name.anycase", "is for the type dict alone"),
    (
        {f"{BODY}.name.schema": "plain"},
        f"{BODY}.name.schema",
        "is the name of a table for a dict, and a row for a list; no other type has one",
    ),
    ({f"{BODY}.mark.example": DROP}, f"{BODY}.mark.example", "is needed beside regex: it is what messages show"),
    (
        {f"{BODY}.day.format": "date"},
        f"{BODY}.day.format",
        "must be made of yyyy MM dd HH mm ss, once each: a date, a date with a time, or a time; several must be of one sort",
    ),
    (
        {f"{BODY}.kind.labels": {"en_US": ["one", "two"]}},
        f"{BODY}.kind.labels",
        "must have a list for each of en_US, zh_CN, with a text for each option of allowed",
    ),
    ({f"{BODY}.name.codes.maxlenght": "02000003"}, f"{BODY}.name.codes.maxlenght", "is not a keyword of this row; did you mean 'maxlength'?"),
    ({f"{BODY}.name.codes.maxlength": "x"}, f"{BODY}.name.codes.maxlength", "there is no code 'x' for a mistake"),
    ({f"{BODY}.rate.use": "rat"}, f"{BODY}.rate.use", "there is no shared row 'rat'; did you mean 'rate'?"),
    ({f"{BODY}.other.schema": "othr"}, f"{BODY}.other.schema", "there is no table 'othr'; did you mean 'other'?"),
    (
        {"tables.plain.more": {"type": "dict", "schema": "body", "source": "x"}},
        "tables.plain.more.schema",
        "the table 'body' stands inside itself",
    ),
    (
        {"facts.exists.reply": {"member": "id", "given": True}},
        "facts.exists.reply",
        "needs a [reply] that names the member with the campaign",
    ),
    (
        {"reply": {"campaign": "x"}, "facts.limit.reply": {"member": "id", "given": True}},
        "facts.limit.reply",
        "given and allowed are for a fact of the type boolean",
    ),
    (
        {"reply": {"campaign": "x"}, "facts.limit.reply": {"member": "id", "allowed": [True]}},
        "facts.limit.reply",
        "given and allowed are for a fact of the type boolean",
    ),
    (
        {"request.body.schema": "bdy", "reply": {"campaign": "x", "only": ["id"]}},
        "request.body.schema",
        "there is no table 'bdy'; did you mean 'body'?",
    ),
    ({f"{BODY}.name.codes.undocumented": "02000003"}, f"{BODY}.name.codes.undocumented", "is not a keyword of this row"),
    ({f"{BODY}.rate.use": ["rate"]}, f"{BODY}.rate.use", "must be of string type"),
    ({"conditions[5].code": "02000009"}, "conditions[5].code", "is not for a warning"),
    ({"conditions[1].id": "name-needed"}, "conditions[1].id", "there is another condition 'name-needed'"),
    ({f"{CASE}.when": DROP, THEN: DROP}, CASE, "needs a when, then, together or facts"),
    ({f"{CASE}.in": ["body", "body"]}, f"{CASE}.in", "has 'body' twice"),
    ({f"{CASE}.in": ["bdy"]}, f"{CASE}.in", "there is no table 'bdy'; did you mean 'body'?"),
    ({f"{CASE}.when.knd": {"max": 5}}, f"{CASE}.when.knd", "there is no parameter 'knd' here; did you mean 'kind'?"),
    ({f"{BODY}.kind.max": 2**63}, f"{BODY}.kind.max", "is an integer of more than 64 bits"),
    ({f"{CASE}.when.plain": {"schema": {}}}, f"{CASE}.when.plain.schema", "empty values not allowed"),
    ({f"{CASE}.when": [{}]}, f"{CASE}.when[0]", "empty values not allowed"),
    ({f"{CASE}.when.kind": {}}, f"{CASE}.when.kind", "empty values not allowed"),
    ({f"{CASE}.when.kind": 5}, f"{CASE}.when.kind", "must be of dict type"),
    ({f"{CASE}.when.kind": {"prefix": "x"}}, f"{CASE}.when.kind.prefix", "is not for a parameter of the type integer"),
    ({f"{CASE}.facts": {"exists": {"max": 5}}}, f"{CASE}.facts.exists.max", "is not for a fact of the type boolean"),
    ({f"{CASE}.facts": {"exist": {"allowed": [True]}}}, f"{CASE}.facts.exist", "there is no fact 'exist'; did you mean 'exists'?"),
    ({f"{THEN}.first": {"after": {"parameter": "at"}}}, f"{THEN}.first.after", "compares a moment with a time"),
    ({f"{THEN}.name": {"equals": {"fact": "names"}}}, f"{THEN}.name.equals", "cannot be compared with a collection"),
    ({f"{THEN}.kind": {"among": {"fact": "limit"}}}, f"{THEN}.kind.among", "needs a fact that is a collection"),
    ({f"{THEN}.last": {"after": {"parameter": "first", "plus": 1}}}, f"{THEN}.last.after.plus", "is for integers alone"),
    ({f"{THEN}.at": {"after": {"parameter": "at", "floor": "day"}}}, f"{THEN}.at.after.floor", "is for times with a date alone"),
    (
        {"conditions[1].cases[1].then.b.atmost.parameter": "/later"},
        "conditions[1].cases[1].then.b.atmost.parameter",
        "'/later' comes after the object that the case is in; put the case into an object that has both",
    ),
]


@pytest.mark.parametrize(("changes", "place", "reason"), TOLD, ids=[reason[:50] for _, _, reason in TOLD])
def test_a_mistake_is_told_once_and_in_these_words(changes: Data, place: str, reason: str, tmp_path: Path) -> None:
    assert refuse(tmp_path, changed(GOOD, changes)).problems == ((place, reason),)


def test_integers_of_64_bits_are_not_too_large(tmp_path: Path) -> None:
    for low, high in ((-(2**63), 2**63 - 1), (5, 5)):
        load(tmp_path, rule_set({"a": {"type": "integer", "min": low, "max": high}, "b": {"type": "string", "minlength": 5, "maxlength": 5}}))


def test_each_problem_has_a_line_of_its_own(tmp_path: Path) -> None:
    refused = refuse(tmp_path, changed(GOOD, {f"{BODY}.name.max": 5, f"{BODY}.kind.maxlength": 5}))
    file = tmp_path / "small.toml"
    assert str(refused) == f"{file}: {BODY}.name.max: is not for the type string\n{file}: {BODY}.kind.maxlength: is not for the type integer"
    assert pickle.loads(pickle.dumps(refused)).file == str(file)  # noqa: S301  # made in the line itself


@pytest.mark.parametrize("times", [1, 5000])
@pytest.mark.parametrize(
    "place", [f"{BODY}.$", f"{BODY}.name.$", f"{BODY}.on.type", f"{BODY}.rate.use", f"{CASE}.in", f"{CASE}.then.$", "conditions[0].code", "$"]
)
def test_the_text_of_an_error_is_printable_and_short(place: str, times: int, tmp_path: Path) -> None:
    text = "a\nb\x1bc\u202e" * times
    error = refuse(tmp_path, changed(GOOD, {place.replace("$", text): [text] if place.endswith(".in") else text}))
    assert any(text in part or repr(text)[1:-1] in part for problem in error.problems for part in problem)
    lines = str(error).split("\n")
    assert len(lines) == len(error.problems)
    assert all(line.isprintable() and len(line) < 2500 for line in lines)
    assert any("\\u001bc" in line or "\\x1bc" in line for line in lines)


def test_the_code_of_success_is_not_suggested_for_a_mistake(tmp_path: Path) -> None:
    [(_, reason)] = refuse(tmp_path, changed(GOOD, {"conditions[0].code": "0200000"})).problems
    assert reason.startswith("there is no code '0200000' for a mistake")
    assert "did you mean '0200000'?" not in reason


def test_a_bound_is_of_a_parameter_or_a_fact_and_not_of_both_or_none(tmp_path: Path) -> None:
    place = f"{CASE}.then.kind.atmost"
    for bound, reason in (({}, "required field"), ({"fact": "limit", "parameter": "later"}, "must not be present with")):
        problems = refuse(tmp_path, changed(GOOD, {f"{CASE}.then.kind": {"atmost": bound}})).problems
        assert {where for where, _ in problems} == {f"{place}.fact", f"{place}.parameter"}
        assert all(reason in told for _, told in problems)


def nested(depth: int) -> Data:
    """Make a rule set of so many objects inside each other, the body included."""
    depth -= 2
    tables = {f"t{number}": {"o": {"type": "dict", "schema": f"t{number + 1}"}} for number in range(depth)}
    return rule_set({"o": {"type": "dict", "schema": "t0"}}, tables=tables | {f"t{depth}": {"x": {"type": "integer", "required": True}}})


def test_tables_nest_down_to_a_limit_and_no_deeper(tmp_path: Path, engine: str) -> None:
    body: Any = {}
    for _ in range(15):
        body = {"o": body}
    [violation] = load(tmp_path, nested(16)).validate(body, engine=engine).violations
    assert (violation.path, violation.code) == ("/o" * 15 + "/x", "02000001")
    for depth in (17, 30, 500):
        [(place, reason)] = refuse(tmp_path, nested(depth)).problems
        assert place.startswith("tables.t")
        assert "more than 16 objects and lists deep" in reason


def test_lists_nest_down_to_the_same_limit(tmp_path: Path, engine: str) -> None:
    def listed(depth: int) -> Data:
        row: Data = {"type": "integer", "min": 1}
        for _ in range(depth - 1):
            row = {"type": "list", "schema": row}
        return rule_set({"xs": row})

    value: Any = 0
    for _ in range(15):
        value = [value]
    [violation] = load(tmp_path, listed(16)).validate({"xs": value}, engine=engine).violations
    assert (violation.path, violation.code) == ("/xs" + "/0" * 15, "02000007")
    for depth in (17, 60):
        [(place, reason)] = refuse(tmp_path, listed(depth)).problems
        assert place.startswith("tables.body.xs.schema.schema")
        assert "more than 16 objects and lists deep" in reason


def test_data_nest_down_to_a_limit_and_no_deeper(tmp_path: Path) -> None:
    def file(depth: int) -> Path:
        file = write(tmp_path, GOOD)
        file.write_text(file.read_text("utf-8").replace('"default" = false', f'"default"{".a" * (depth - 4)} = 1'), "utf-8")
        return file

    assert isales_rules.load(file(100)).validate({}).codes
    for depth in (101, 3000):
        with pytest.raises(RuleSetError) as refused:
            isales_rules.load(file(depth))
        [(place, reason)] = refused.value.problems
        assert place.startswith("tables.body.on.default.a.a")
        assert "more than 100 tables and lists deep" in reason


def test_a_few_tables_that_stand_for_any_number_of_parameters_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolver, "MAX_PARAMETERS", 500)  # the real limit takes seconds to come to
    tables = {f"t{number}": {name: {"type": "dict", "schema": f"t{number + 1}"} for name in "abcdefgh"} for number in range(12)}
    many = rule_set({"a": {"type": "dict", "schema": "t0"}}, tables=tables | {"t12": {"x": {"type": "integer"}}})
    assert refuse(tmp_path, many).problems == (("request.body", "has more than 500 parameters"),)


def test_too_many_clauses_in_too_many_places_are_refused(tmp_path: Path) -> None:
    names = [f"p{number}" for number in range(60)]
    tables: Data = {"o": {name: {"type": "dict", "schema": "p"} for name in names}, "p": {"a": {"type": "integer"}}}
    body = {name: {"type": "dict", "schema": "o"} for name in names}
    many = condition(*[{"in": ["p"], "then": {"a": {"min": number}}} for number in range(500)])
    [(place, reason)] = refuse(tmp_path, rule_set(body, tables=tables, conditions=[many])).problems
    assert place.startswith("conditions[0].cases[")
    assert "request.body has more than 50000 tests" in reason


def test_clauses_count_in_each_place_and_with_each_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = {"p": {"a": {"type": "integer"}, "b": {"type": "integer"}}}
    case = {"in": ["p"], "when": {"a": {"min": 1}}, "then": {"b": {"min": 1, "max": 2}}}
    two = rule_set({name: {"type": "dict", "schema": "p"} for name in "xy"}, tables=tables, conditions=[condition(case)])
    monkeypatch.setattr(resolver, "MAX_ASSERTIONS", 8)
    assert load(tmp_path, two).validate({"x": {"a": 1, "b": 0}}).codes
    monkeypatch.setattr(resolver, "MAX_ASSERTIONS", 7)
    assert refuse(tmp_path, two).problems[0][0] == "conditions[0].cases[0]"


def test_a_part_may_have_so_many_parameters_and_not_one_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolver, "MAX_PARAMETERS", 5)
    for count in (4, 5, 8):
        many = rule_set({f"p{number}": {"type": "integer"} for number in range(count)})
        if count == 4:  # the body itself is one
            report = load(tmp_path, many).validate_request(path={}, headers={}, body={"p3": "x"})
            assert [(one.path, one.code) for one in report.violations] == [("/body/p3", "02000006")]
        else:
            assert refuse(tmp_path, many).problems == (("request.body", "has more than 5 parameters"),)


def test_a_case_may_refer_to_what_stands_before_its_object_or_in_it_but_to_nothing_after_it(tmp_path: Path) -> None:
    def about(pointer: str) -> Data:
        rows: Data = {"a": {"type": "integer"}, "o": {"type": "dict", "schema": "o"}, "z": {"type": "integer"}, "zz": {"type": "integer"}}
        case = condition({"in": ["o"], "then": {"x": {"atmost": {"parameter": pointer}}}})
        return rule_set(rows, tables={"o": {"x": {"type": "integer"}, "y": {"type": "integer"}}}, conditions=[case])

    for pointer in ("/a", "/o/y", "y"):
        load(tmp_path, about(pointer))
    for pointer in ("/z", "/zz"):
        problems = refuse(tmp_path, about(pointer)).problems
        assert [place for place, _ in problems] == ["conditions[0].cases[0].then.x.atmost.parameter"]


def test_a_fact_of_a_rule_set_without_facts_is_refused(tmp_path: Path) -> None:
    case = condition({"then": {"a": {"atmost": {"fact": "limit"}}}})
    [(place, reason)] = refuse(tmp_path, rule_set({"a": {"type": "integer"}}, conditions=[case])).problems
    assert (place, reason) == ("conditions[0].cases[0].then.a.atmost.fact", "there is no fact 'limit'")


@pytest.mark.parametrize("row", [{"type": "integer", "mx": 5}, {"type": "integer", "min": 5, "max": 4}, {"use": "whole", "mx": 5}])
def test_of_a_row_with_a_mistake_that_is_not_its_type_the_type_is_relied_on(row: Data, tmp_path: Path) -> None:
    case = condition({"when": {"a": {"prefix": "x"}}, "then": {"b": {"required": True}}})
    data = rule_set({"a": row, "b": {"type": "integer"}}, shared={"whole": {"type": "integer"}}, conditions=[case])
    problems = refuse(tmp_path, data).problems
    assert problems[1:] == (("conditions[0].cases[0].when.a.prefix", "is not for a parameter of the type integer"),)


def test_what_is_wrong_inside_a_list_is_told_although_the_list_has_no_type(tmp_path: Path) -> None:
    problems = refuse(tmp_path, rule_set({"a": {"schema": {"type": "integer", "mx": 5}}})).problems
    assert [place for place, _ in problems] == ["tables.body.a.type", "tables.body.a.schema.mx"]


def test_a_shared_row_of_a_rule_set_without_any_is_refused(tmp_path: Path) -> None:
    assert refuse(tmp_path, rule_set({"a": {"use": "whole"}})).problems == (("tables.body.a.use", "there is no shared row 'whole'"),)


def test_an_object_may_name_its_own_codes_for_what_is_not_documented(tmp_path: Path, engine: str) -> None:
    own: Data = {"undocumented": "02000007", "crowded": "02000009", "duplicate": "02000008"}
    tables: Data = {"o": {"a": {"type": "integer"}, "b": {"type": "integer"}}}
    rules = load(tmp_path, rule_set({"o": {"type": "dict", "schema": "o", "codes": own}}, tables=tables))
    for text, code in (('{"x": 1}', "02000007"), ('{"x": 1, "y": 1, "z": 1}', "02000009"), ('{"a": 1, "a": 1}', "02000008")):
        assert [one.code for one in rules.validate_json(f'{{"o": {text}}}', engine=engine).violations] == [code]


def test_an_option_may_be_the_empty_text(tmp_path: Path) -> None:
    load(tmp_path, rule_set({"a": {"type": "string", "allowed": ["", "b"]}}))


def test_each_test_of_a_case_that_has_the_wrong_shape_is_told(tmp_path: Path) -> None:
    case = condition({"when": {"a": {}, "b": {}}, "then": {"a": {"required": True}}})
    problems = refuse(tmp_path, rule_set({"a": {"type": "integer"}, "b": {"type": "integer"}}, conditions=[case])).problems
    assert problems == tuple((f"conditions[0].cases[0].when.{name}", "empty values not allowed") for name in "ab")


def test_each_parameter_of_a_case_that_there_is_not_is_told(tmp_path: Path) -> None:
    case = condition({"when": {"b": {"min": 1}, "c": {"min": 1}}, "then": {"a": {"required": True}}})
    problems = refuse(tmp_path, rule_set({"a": {"type": "integer"}}, conditions=[case])).problems
    assert [place for place, _ in problems] == ["conditions[0].cases[0].when.b", "conditions[0].cases[0].when.c"]


# --- Several problems ----------------------------------------------------------------------------------------------------------------------


def test_all_problems_are_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    changes: Data = {
        "shared.rate.mix": 1,
        "request.path.schema": "pth",
        f"{BODY}.name.maxlenght": 1,
        f"{BODY}.name.required": "yes",
        f"{BODY}.kind.allowed": [1, 10],
        f"{BODY}.mark.regex": "[",
        "conditions[0].code": "1",
        "conditions[1].cases[0].then.nme": {"required": True},
        "conditions[2].cases[0].together": ["first", "lst"],
        "conditions[3].cases[0].facts.exist": {"allowed": [True]},
    }
    problems = refuse(tmp_path, changed(GOOD, changes)).problems
    rows = [place for place, _ in problems if place.startswith(("shared", "tables"))]
    assert rows[0] == "shared.rate.mix"
    assert set(rows[1:3]) == {f"{BODY}.name.maxlenght", f"{BODY}.name.required"}
    assert rows[3:] == [f"{BODY}.kind.allowed", f"{BODY}.mark.regex"]
    assert {place for place, _ in problems if place.startswith(("request", "conditions"))} == {
        "request.path.schema",
        "conditions[0].code",
        "conditions[1].cases[0].then.nme",
        "conditions[2].cases[0].together",
        "conditions[3].cases[0].facts.exist",
    }
    assert len(problems) == 10


@pytest.mark.parametrize(
    "changes",
    [
        {"shared.rate.mix": 1},
        {"shared.rate.maxlength": 5},
        {"shared.rate.max": -1},
        {"shared.rate.type": "number"},
        {f"{BODY}.kind.allowed": [1, "2"]},
        {f"{BODY}.kind.max": "9"},
        {f"{BODY}.first.format": "date"},
        {f"{BODY}.plain.schema": "plian"},
        {f"{BODY}.plain.schema": 5},
        {f"{BODY}.name.codes.maxlength": "1"},
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
def test_a_problem_in_one_row_is_not_told_again_for_what_refers_to_it(changes: Data, tmp_path: Path) -> None:
    problems = refuse(tmp_path, changed(GOOD, changes)).problems
    assert len(problems) == 1
    assert problems[0][0] in changes or problems[0][0] == "shared.rate.min"


@pytest.mark.parametrize(
    ("changes", "inside"),
    [
        ({f"{BODY}.other.schema": {"type": "integer"}, f"{BODY}.other.source": 5}, []),
        ({f"{BODY}.xs.schema": "plain", f"{BODY}.xs.source": 5}, []),
        ({f"{BODY}.first.format": "yyyy-MM-dd yyyy", f"{BODY}.first.source": 5}, []),
        ({f"{BODY}.items.schema.schema": [], f"{BODY}.items.source": 5}, [f"{BODY}.items.schema.schema"]),
        ({f"{BODY}.items.schema.schema": [], f"{BODY}.items.type": 5}, []),
        ({f"{BODY}.items.schema.schema": [], f"{BODY}.items.maxitems": "x"}, [f"{BODY}.items.schema.schema"]),
    ],
)
def test_of_a_row_with_a_wrong_shape_nothing_else_is_relied_on(changes: Data, inside: list[str], tmp_path: Path) -> None:
    [*_, place] = changes
    assert [where for where, _ in refuse(tmp_path, changed(GOOD, changes)).problems] == [place, *inside]


def test_a_case_in_several_tables_is_told_once(tmp_path: Path) -> None:
    twice = rule_set(
        {"one": {"type": "dict", "schema": "t"}, "two": {"type": "dict", "schema": "t"}},
        tables={"t": {"a": {"type": "integer"}}},
        conditions=[condition({"in": ["t"], "then": {"b": {"required": True}}})],
    )
    assert refuse(tmp_path, twice).problems == (("conditions[0].cases[0].then.b", "there is no parameter 'b' here"),)


def test_a_table_of_headers_and_body_is_told_once(tmp_path: Path) -> None:
    more, wrong = ({"type": "dict", "schema": schema, "source": "x"} for schema in ("other", "nope"))
    data = changed(GOOD, {"tables.headers.more": more, "tables.other.e": wrong})
    assert [place for place, _ in refuse(tmp_path, data).problems] == ["tables.other.e.schema"]


# --- Files ---------------------------------------------------------------------------------------------------------------------------------

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


@pytest.mark.parametrize(("content", "reason"), FILES, ids=[ascii(content[:20]) for content, _ in FILES])
def test_what_is_no_toml_is_refused_by_its_file(content: bytes, reason: str, tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_bytes(content)
    with pytest.raises(RuleSetError) as refused:
        isales_rules.load(file)
    [(place, found)] = refused.value.problems
    assert place == ""
    assert found.startswith(reason)
    assert str(refused.value) == f"{file}: {found}"


def test_an_empty_file_lacks_all_that_is_needed(tmp_path: Path) -> None:
    assert sorted(refuse(tmp_path, {}).problems) == [("request", "required field"), ("tables", "required field"), ("title", "required field")]


@pytest.mark.parametrize("name", ["missing.toml", "./missing", "no-folder/missing.toml"])
def test_a_missing_file_is_refused_by_its_name(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RuleSetError) as refused:
        isales_rules.load(name)
    assert str(refused.value) == f"{name}: cannot be read: No such file or directory"
    assert refused.value.problems == (("", "cannot be read: No such file or directory"),)


def test_a_folder_is_no_rule_set(tmp_path: Path) -> None:
    with pytest.raises(RuleSetError, match="cannot be read"):
        isales_rules.load(tmp_path)


@pytest.mark.parametrize("name", ["campaign-modify-v2", "campaign_modify_v1", "Campaign-Modify-V1"])
def test_an_unknown_shipped_name_is_refused_with_the_nearest(name: str) -> None:
    with pytest.raises(RuleSetError) as refused:
        isales_rules.load(name)
    assert str(refused.value).startswith(f"{name}: there is no such rule set; did you mean 'campaign-modify-v1'?")
    assert "the shipped ones are campaign-modify-v1" in str(refused.value)


@pytest.mark.parametrize("name", ["", "xyzzy", "codes", "日本"])
def test_a_name_that_is_near_to_none_is_refused_with_all_of_them(name: str) -> None:
    with pytest.raises(RuleSetError) as refused:
        isales_rules.load(name)
    assert "did you mean" not in str(refused.value)
    assert "the shipped ones are campaign-modify-v1" in str(refused.value)


def test_the_error_is_a_value_error_and_survives_pickling(tmp_path: Path) -> None:
    refused = refuse(tmp_path, changed(GOOD, {f"{BODY}.name.maxlenght": 1}))
    copied = pickle.loads(pickle.dumps(refused))  # noqa: S301  # made in the line itself
    assert type(copied) is RuleSetError
    assert issubclass(RuleSetError, ValueError)
    assert (str(copied), copied.problems, copied.file) == (str(refused), refused.problems, refused.file)


# --- The shipped rule set ------------------------------------------------------------------------------------------------------------------

SHIPPED = Path(shipped_path("campaign-modify-v1.toml"))


def test_the_shipped_rule_set_passes_the_same_check_and_gives_the_same_answers_by_its_path(rules: isales_rules.RuleSet) -> None:
    by_path = isales_rules.load(SHIPPED)
    assert by_path == isales_rules.load(str(SHIPPED))
    for case in cases():
        assert by_path.validate(case.body, case.facts) == rules.validate(case.body, case.facts), case.name


def test_a_copy_of_the_shipped_rule_set_can_be_changed(tmp_path: Path, engine: str) -> None:
    copy = tmp_path / "mine.toml"
    copy.write_text(SHIPPED.read_text("utf-8").replace("maxlength = 24", "maxlength = 3"), "utf-8")
    body = json.loads((SHIPPED.parent / "examples" / "campaign-modify-v1.json").read_text("utf-8"))
    [violation] = isales_rules.load(copy).validate(body, engine=engine).violations
    assert (violation.path, violation.code) == ("/callerNo", "02000003")


def test_a_shipped_rule_set_is_found_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert isales_rules.load("campaign-modify-v1").title


def test_an_installed_package_has_its_rule_sets_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "isales_rules"
    (package / "rulesets").mkdir(parents=True)
    (package / "rulesets" / "codes.toml").touch()
    monkeypatch.setattr(codes, "_HERE", str(package))
    assert Path(shipped_path("codes.toml")) == package / "rulesets" / "codes.toml"
    assert Path(shipped_path("other.toml")) == tmp_path / "rulesets" / "other.toml"


def test_loading_and_using_a_shipped_rule_set_needs_no_cerberus_and_no_hypothesis() -> None:
    program = """
import sys, isales_rules
rules = isales_rules.load("campaign-modify-v1")
report = rules.validate({"name": 1})
assert not report.ok and rules.validate_json("{}").codes and rules.validate_request().codes
report.response(), report.to_dict(), str(rules.to_python())
print(sorted({name.partition(".")[0] for name in sys.modules} & {"cerberus", "hypothesis", "dateutil", "argparse"}))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"


def test_the_package_itself_imports_without_toml_and_patterns_of_others() -> None:
    program = "import sys, isales_rules; print(sorted(set(sys.modules) & {'cerberus', 'hypothesis', 'dateutil', 'tomllib', 'argparse', 'difflib'}))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"


# --- Any TOML ------------------------------------------------------------------------------------------------------------------------------

ODD: list[Any] = [
    DROP, 0, -1, 10**30, True, False, 1.5, float("nan"), float("inf"), "", "x", "body", "/", "(", "\x00", "a\nb", "\U0001f600", "日本",
    [], [0], [[]], [{}], ["x"], ["x", "y"], {}, {"x": 1}, {"x": {}}, {"type": "integer"}, {"kind": {"required": True}},
    {"parameter": "kind"}, {"fact": "now"},
    datetime(2024, 1, 1), date(2024, 1, 1), time(1, 2),
]  # fmt: skip
BODIES: list[Any] = [
    {},
    {"name": "ab", "kind": 1, "first": "2024-01-02", "last": "01.01.2024", "xs": [0, "x"], "plain": {"A": 1}, "items": [{"b": 9}], "x": 1},
    {"name": 1, "kind": True, "first": 5, "at": "08", "xs": {}, "plain": [], "on": 0, "url": "abcd", "items": [{}, 5, None], "later": ""},
]
STATED: Data = {"exists": False, "now": datetime(2024, 1, 1), "names": ["ab"], "ids": [1], "limit": 1}


def outcome(folder: Path, data: Data) -> str:
    """Say what is wrong with how a rule set is answered: either all its problems are told, or both engines give the same."""
    try:
        rules = load(folder, data)
    except RuleSetError as error:
        return "" if error.problems and all(reason for _, reason in error.problems) else "refused without a reason"
    except Exception as error:  # noqa: BLE001  # that is what is looked for
        return f"load: {type(error).__name__}: {error}"
    stated = {name: value for name, value in STATED.items() if name in rules.facts and rules.facts[name]["type"] == GOOD["facts"][name]["type"]}
    try:
        for body in BODIES:
            compiled, plain = (rules.validate(body, stated, engine=engine) for engine in ("compiled", "cerberus"))
            if compiled.to_dict("zh_CN") != plain.to_dict("zh_CN"):
                return "the engines do not agree"
        assert list(rules.expectations("zh_CN"))
        compile(rules.to_python(), "source", "exec")
    except Exception as error:  # noqa: BLE001  # likewise
        return f"use: {type(error).__name__}: {error}"
    return ""


PLACES = list(places(GOOD))
ADDED: list[Any] = [5, True, "x", "body", "[", ["x"], [[1]], {}, {"parameter": "kind"}, {"fact": "now"}, {"name": {"min": 1}}]
HOLDERS = [
    f"{BODY}.name", f"{BODY}.kind", f"{BODY}.rate", f"{BODY}.at", f"{BODY}.plain", f"{BODY}.xs", f"{BODY}.xs.schema", "shared.rate", "request.body",
    f"{CASE}.when.kind", f"{CASE}.then.name", "conditions[3].cases[0].facts.exists", CASE, "conditions[0]", "facts.now",
]  # fmt: skip
NAMES = [*KEYWORDS, *ATTRIBUTES, "in", "at", "when", "then", "together", "facts", "id", "severity", "code", "message", ""]


ENOUGH = 40 if settings().max_examples < 1000 else 5000
"""Examples of each property: loading takes long, and there are but some thousand different ones."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rules")


@pytest.mark.filterwarnings("ignore::FutureWarning")
@settings(max_examples=ENOUGH)
@given(place=sampled_from(PLACES), value=sampled_from(ODD))
def test_a_rule_set_with_any_one_value_changed_is_refused_or_works(place: str, value: Any, folder: Path) -> None:
    assert outcome(folder, changed(GOOD, {place: value})) == ""


@pytest.mark.filterwarnings("ignore::FutureWarning")
@settings(max_examples=ENOUGH)
@given(place=sampled_from(PLACES), other=sampled_from(PLACES))
def test_a_rule_set_with_one_part_of_it_in_the_place_of_another_is_refused_or_works(place: str, other: str, folder: Path) -> None:
    assert outcome(folder, changed(GOOD, {place: at(GOOD, other)})) == ""


@pytest.mark.filterwarnings("ignore::FutureWarning")
@settings(max_examples=ENOUGH)
@given(holder=sampled_from(HOLDERS), name=sampled_from(NAMES), value=sampled_from(ADDED))
def test_a_rule_set_with_anything_added_is_refused_or_works(holder: str, name: str, value: Any, folder: Path) -> None:
    assert outcome(folder, changed(GOOD, {f"{holder}.{name}": value})) == ""


# --- Texts and mappings --------------------------------------------------------------------------------------------------------------------


class Frozen(Mapping[str, Any]):
    """A mapping that is not a dict, at every level."""

    def __init__(self, members: Data) -> None:
        self._members = {name: Frozen(one) if isinstance(one, dict) else one for name, one in members.items()}

    def __getitem__(self, name: str) -> Any:
        return self._members[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)


@pytest.mark.parametrize("kind", [dict, Frozen])
def test_a_mapping_is_loaded_as_its_file_would_be(kind: Any, tmp_path: Path, engine: str) -> None:
    rules, by_path = isales_rules.load(kind(GOOD)), load(tmp_path, GOOD)
    for body in BODIES:
        assert rules.validate(body, engine=engine) == by_path.validate(body, engine=engine)


def test_a_text_is_loaded_as_its_file_would_be(tmp_path: Path, engine: str) -> None:
    file = write(tmp_path, GOOD)
    rules, by_path = isales_rules.RuleSet.from_toml(file.read_text("utf-8")), isales_rules.load(file)
    for body in BODIES:
        assert rules.validate(body, engine=engine) == by_path.validate(body, engine=engine)


def test_a_loaded_mapping_may_be_changed(engine: str) -> None:
    data = rule_set({"a": {"type": "integer", "max": 5}})
    rules = isales_rules.load(data)
    data["tables"]["body"]["a"]["max"] = 1
    assert rules.validate({"a": 5}, engine=engine).ok


CYCLE: Data = rule_set({})
CYCLE["shared"] = CYCLE


@pytest.mark.parametrize(
    ("data", "place", "reason"),
    [
        (changed(GOOD, {"shared": {1: {}}}), "shared.1", "is a key that is not a str"),
        (changed(GOOD, {"shared": {"x": {"default": {1}}}}), "shared.x.default", "is of the type set; use text"),
        (changed(GOOD, {"shared": {"x": {"default": date(2030, 1, 1)}}}), "shared.x.default", "is of the type date; use text"),
        (changed(GOOD, {"title": None}), "title", "is of the type NoneType; use text"),
        (changed(GOOD, {"title": 5}), "title", "must be of string type"),
        (CYCLE, "shared" + ".shared" * 99 + ".title", "stands more than 100 tables and lists deep"),
    ],
    ids=["key", "set", "date", "None", "shape", "cycle"],
)
def test_a_mapping_that_is_not_a_rule_set_is_refused(data: Data, place: str, reason: str) -> None:
    with pytest.raises(RuleSetError) as refused:
        isales_rules.load(data)
    assert (place, True) in [(where, told.startswith(reason)) for where, told in refused.value.problems]
    assert str(refused.value).startswith("<mapping>: ")


@pytest.mark.parametrize("text", ["title = ", "\ud800", "title = 'x'"])
def test_a_text_that_is_not_a_rule_set_is_refused(text: str) -> None:
    with pytest.raises(RuleSetError, match=r"^mine: "):
        isales_rules.RuleSet.from_toml(text, "mine")


@pytest.mark.parametrize("text", [b"title = 'x'", None, 5])
def test_a_text_that_is_not_a_str_raises(text: Any) -> None:
    with pytest.raises(TypeError, match="the text must be str"):
        isales_rules.RuleSet.from_toml(text)
