"""A rule set with something of everything, and what becomes of it: its source, its cases and its reference, as they are written down in `data/`.

They are there to be read, and so that every change of them is seen: `python -m tests.wide` writes them anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from isales_rules import RuleSet
from isales_rules.cases import cases
from isales_rules.pages import as_json, markdown
from tests.cases import DATA
from tests.small import changed, condition, load
from tests.test_rule_sets import GOOD

WIDE = changed(
    GOOD,
    {
        "tables.body.number": {"type": "integer", "coerce": "decimal", "required": True, "max": 9, "source": "No. 1"},
        "tables.body.list": {"type": "list", "maxitems": 1, "schema": {"type": "string", "required": True}, "source": "No. 2"},
        "tables.body.größe x": {"type": "integer", "min": 1, "source": "No. 3\n\\"},
        "tables.body.2nd": {"type": "string", "without": "abcdefgh", "source": "No. 4"},
        "tables.body.many": {"type": "string", "without": "abcdefghi", "allowed": ["x"], "source": "No. 5"},
        "tables.body.address": {"type": "string", "prefix": ["a://", "b:"], "minlength": 4, "maxlength": 7, "source": "No. 6.1"},
        "tables.body.code": {"type": "string", "characters": "abc123", "maxlength": 4, "source": "No. 6.2"},
        "tables.body.colour": {"type": "string", "allowed": ["Red", "blue"], "default": "blue", "source": "No. 6.3"},
        "tables.body.until": {"type": "string", "format": "yyyy-MM-dd HH:mm:ss", "source": "No. 6.4"},
        "tables.body.clock": {"type": "string", "format": ["HH:mm:ss", "HH:mm", "HHmmss"], "source": "No. 6"},
        "tables.body.stamp": {"type": "string", "format": ["HH:mm:ss", "HH:mm"], "required": True, "source": "No. 7"},
        "tables.body.?a b!": {"type": "integer", "source": "No. 7.1"},
        "tables.body.title": {"type": "string", "maxlength": 9, "source": "No. 7.0"},
        "tables.item.number": {"type": "integer", "coerce": "decimal", "min": 2, "source": "No. 7.2"},
        "tables.item.half": {"type": "string", "format": "HH:mm", "half": "[0-9]+", "source": "No. 7.3"},
        "tables.item.short": {"type": "string", "required": True, "maxlength": 2, "characters": "ab", "source": "No. 7.4"},
        "tables.item.ready": {"type": "boolean", "default": False, "source": "No. 7.5"},
        "tables.other.in": {"type": "list", "schema": {"type": "list", "schema": {"type": "dict", "schema": "item"}}, "source": "No. 8"},
        "conditions[6]": condition(
            {"when": {"clock": {"format": "HH:mm"}, "stamp": {"format": "HH:mm"}}, "then": {"stamp": {"format": ["HH:mm:ss", "HH:mm"]}}},
            {"when": {"list": {"maxitems": 1}, "on": {"allowed": [True]}}, "then": {"2nd": {"absent": True}}},
            {"when": {"number": {"allowed": [1, 2]}}, "together": ["rate", "later"], "facts": {"limit": {"min": 1}, "exists": {"allowed": [True]}}},
            {"then": {"number": {"among": {"fact": "ids"}}, "größe x": {"atmost": {"fact": "limit", "plus": -1}}, "rate": {"required": True}}},
            {"at": "other", "when": [{"other": {"schema": {"d": {"min": 1}, "in": {"required": True}}}}, {"plain": {"required": True}}]},
            {"then": {"rate": {"atmost": {"parameter": "/other/d"}}, "?a b!": {"atleast": {"parameter": "number", "plus": 3}}}},
            {"when": {"code": {"minlength": 2}, "address": {"prefix": "b:"}, "title": {"maxlength": 3}}, "then": {"colour": {"required": True}}},
            {"in": ["item"], "when": {"b": {"min": 1}}, "then": {"number": {"required": True}, "half": {"after": {"parameter": "/at"}}}},
            {"in": ["item"], "when": {"short": {"allowed": ["ab"]}}, "together": ["c", "ready"]},
            {"in": ["item"], "at": "ready", "when": {"ready": {"allowed": [True]}, "c": {"absent": True}}},
            {"in": ["other"], "when": {"d": {"max": 2}}, "then": {"d": {"atmost": {"parameter": "/kind"}}}},
            id="more",
        ),
    },
)


def derived(rules: RuleSet) -> dict[str, str]:
    """Make of it all that is written down, by the name of the file."""
    rules = RuleSet("wide", rules._data, rules._texts)  # whose name is not the path that it was loaded from
    return {
        "wide.py.txt": rules.source(),
        "wide.cases.ndjson": _lines(json.dumps(case) for case in cases(rules)),
        "wide.reference.json": _lines(as_json(rules, "en_US")),
        "wide.reference.zh_CN.md": _lines(markdown(rules, "zh_CN")),
    }


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


if __name__ == "__main__":
    with TemporaryDirectory() as name:
        for file, text in derived(load(Path(name), WIDE)).items():
            (DATA / file).write_text(text, "utf-8")
