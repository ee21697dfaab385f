"""What the command tells of a rule set: one code or rule explained, and the reference of all rules."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from string import Template
from typing import Any

from isales_rules._text import escape_nonprintable
from isales_rules.cli.selection import finding_path
from isales_rules.language.model import PARTS, REQUEST, Path, Rule
from isales_rules.ruleset import RuleSet

VERSION = 1
"""The version of the reference as JSON: another one where a member is gone or means something else."""

_WORDS: dict[str, dict[str, str]] = {
    "en_US": {
        "default": "the document names the default $default; the parameter must be sent all the same",
        "passes": "passes",
        "fails": "fails",
        "facts": "with the facts",
        "codes": "Result codes",
        "stated": "Facts",
        "rules": "Rules",
        "code": "Code",
        "meaning": "Meaning",
        "fact": "Fact",
        "type": "Type",
        "rule": "Rule",
        "path": "Path",
        "source": "Source",
        "expected": "What is expected",
        "whole": "(whole)",
    },
    "zh_CN": {
        "default": "文档给出的默认值为 $default；但仍必须发送该参数",
        "passes": "通过",
        "fails": "不通过",
        "facts": "相关事实",
        "codes": "结果码",
        "stated": "事实",
        "rules": "规则",
        "code": "结果码",
        "meaning": "含义",
        "fact": "事实",
        "type": "类型",
        "rule": "规则",
        "path": "路径",
        "source": "来源",
        "expected": "要求",
        "whole": "（整体）",
        "warning": "警告",
        "datetime": "时间",
        "boolean": "布尔值",
        "integer": "整数",
        "strings": "字符串列表",
        "integers": "整数列表",
    },
}


def _part(path: Path) -> str:
    """Return the part of a request that a path is in, or the name of the whole."""
    return next((part for part in path if part is not None), REQUEST)


def text(rules: RuleSet, locale: str) -> Iterator[str]:
    """Write every rule as a paragraph, and then the facts."""
    for one in _rows(rules, locale):
        yield from _paragraph(one, locale)
    words = _WORDS[locale]
    for name, fact in rules.facts.items():
        yield f"{words['fact'].lower()} {name} ({words.get(fact['type'], fact['type'])}): {fact[locale]}"


def as_json(rules: RuleSet, locale: str) -> Iterator[str]:
    """Write everything as one JSON document."""
    facts = {name: {"type": fact["type"], "about": fact[locale]} for name, fact in rules.facts.items()}
    head = {"version": VERSION, "ruleset": rules.name, "title": rules.title, "codes": dict(rules.codes(locale)), "facts": facts}
    yield json.dumps({**head, "rules": list(_rows(rules, locale))}, indent=1, ensure_ascii=False)


def markdown(rules: RuleSet, locale: str) -> Iterator[str]:
    """Write everything as a page of Markdown, with a table for the codes, the facts, and the rules of each part of a request."""
    words = _WORDS[locale]
    yield f"# {rules.title}"
    yield from _table(words["codes"], [words["code"], words["meaning"]], [list(one) for one in rules.codes(locale).items()])
    facts = [[name, words.get(fact["type"], fact["type"]), fact[locale]] for name, fact in rules.facts.items()]
    yield from _table(words["stated"], [words["fact"], words["type"], words["meaning"]], facts)
    names = ["rule", "code", "path", "source", "expected"]
    for part in (REQUEST, *PARTS):
        rows = [_shown(one, locale) for one in _rows(rules, locale) if one["part"] == part]
        title = f"{words['rules']}: `/{'' if part == REQUEST else part}`"
        yield from _table(title, [words[name] for name in names], [[one[name] for name in names] for one in rows])


PAGES: dict[str, Callable[[RuleSet, str], Iterator[str]]] = {"text": text, "json": as_json, "md": markdown}
"""The forms of the reference."""


def _rows(rules: RuleSet, locale: str) -> Iterator[dict[str, Any]]:
    for check, expected in rules.expectations(locale):
        row = {"rule": check.id, "code": check.code, "severity": check.severity, "part": _part(check.path), "path": finding_path(check)}
        row |= {"source": check.source, "expected": expected}
        default = _default(check, locale)
        yield {**row, "default": default} if default else row


def _default(check: Rule, locale: str) -> str:
    if "default" not in check.definition or not check.id.endswith(".required"):
        return ""
    return Template(_WORDS[locale]["default"]).substitute(default=json.dumps(check.definition["default"], ensure_ascii=False))


def _shown(row: dict[str, Any], locale: str) -> dict[str, Any]:
    """Return a row as people read it: without a code it has its severity, and the body itself has a name."""
    return {**row, "code": row["code"] or _WORDS[locale].get(row["severity"], row["severity"]), "path": row["path"] or _WORDS[locale]["whole"]}


def _paragraph(row: dict[str, Any], locale: str) -> Iterator[str]:
    row = _shown(row, locale)
    yield escape_nonprintable(f"{row['rule']}  {row['code']}  {row['path']}  [{row['source']}]")
    yield escape_nonprintable(f"    {row['expected']}")
    if "default" in row:
        yield f"    {row['default']}"


def _table(title: str, heads: list[str], rows: list[list[str]]) -> Iterator[str]:
    yield from ("", f"## {title}", "", f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}")
    for row in rows:
        yield f"| {' | '.join(_cell(one) for one in row)} |"


def _cell(text: str) -> str:
    """Write a text so that Markdown shows it as it is, in one line."""
    text = escape_nonprintable(text)
    for mark in "\\`*_|<>[]":
        text = text.replace(mark, f"\\{mark}")
    return text
