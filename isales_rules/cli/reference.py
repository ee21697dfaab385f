"""The reference of a rule set, printed by the command `rules`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from string import Template
from typing import TYPE_CHECKING, Any

from isales_rules._text import escape_nonprintable
from isales_rules.cli.selection import finding_path
from isales_rules.language.catalog import localized
from isales_rules.language.model import PARTS, REQUEST, Path, Rule
from isales_rules.ruleset import RuleSet

if TYPE_CHECKING:
    from isales_rules import Locale

VERSION = 1
"""Version of the reference in JSON.

It changes when a member is removed or changes its meaning.
"""

WORDS: dict[str, dict[str, str]] = {
    "en_US": {
        "document": "Document: $document ($edition)",
        "edition": "edition $edition",
        "no-edition": "edition unknown",
        "gaps": "Not available: $gaps",
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
        "file": "File",
        "expected": "What is expected",
        "whole": "(whole)",
    },
    "zh_CN": {
        "document": "文档：$document（$edition）",
        "edition": "版本 $edition",
        "no-edition": "版本未知",
        "gaps": "未能获得的内容：$gaps",
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
        "file": "文件",
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


def part_name(path: Path) -> str:
    """Return the name of the part of a request, or of the whole request."""
    return next((part for part in path if part is not None), REQUEST)


def describe_rules(rule_set: RuleSet, locale: Locale) -> Iterator[dict[str, Any]]:
    """Yield the description of each rule, as the reference in JSON has it.

    A rule of an overlay has the `file` that it comes from.
    """
    overlay = len(rule_set.files) > 1
    for rule, expected in rule_set.expectations(locale):
        described = {
            "rule": rule.id,
            "code": rule.code,
            "severity": rule.severity,
            "part": part_name(rule.path),
            "path": finding_path(rule),
            "source": rule.source,
            "expected": expected,
        }
        if overlay:
            described["file"] = rule_set.origin(rule.id)
        if default := _describe_default(rule, locale):
            described["default"] = default
        yield described


def format_rule(described: dict[str, Any], locale: Locale) -> Iterator[str]:
    """Format the description of a rule as a paragraph."""
    shown = _display_values(described, locale)
    file = f"  ({shown['file']})" if "file" in shown else ""
    yield escape_nonprintable(
        f"{shown['rule']}  {shown['code']}  {shown['path']}  [{shown['source']}]{file}"
    )
    yield escape_nonprintable(f"    {shown['expected']}")
    if "default" in shown:
        yield f"    {shown['default']}"


def format_provenance(rule_set: RuleSet, locale: Locale) -> Iterator[str]:
    """Format the document of the rules, its edition, and what of it was not available."""
    words = WORDS.get(locale, WORDS["en_US"])
    if rule_set.document:
        edition = words["edition" if rule_set.edition else "no-edition"]
        edition = Template(edition).substitute(edition=rule_set.edition)
        document = localized(rule_set.document, locale)
        yield Template(words["document"]).substitute(document=document, edition=edition)
    if rule_set.gaps:
        separator = rule_set.phrases(locale)["between"]
        gaps = separator.join(localized(gap, locale) for gap in rule_set.gaps)
        yield Template(words["gaps"]).substitute(gaps=gaps)


def format_text(rule_set: RuleSet, locale: Locale) -> Iterator[str]:
    """Format the document, all rules as paragraphs, and then the facts."""
    yield from format_provenance(rule_set, locale)
    for described in describe_rules(rule_set, locale):
        yield from format_rule(described, locale)
    words = WORDS[locale]
    for name, fact in rule_set.facts.items():
        yield f"{words['fact'].lower()} {name} ({words.get(fact['type'], fact['type'])}): {localized(fact, locale)}"


def format_json(rule_set: RuleSet, locale: Locale) -> Iterator[str]:
    """Format the whole reference as a JSON document."""
    document = {
        "version": VERSION,
        "ruleset": rule_set.name,
        "title": rule_set.title,
        "document": localized(rule_set.document, locale) if rule_set.document else None,
        "edition": rule_set.edition or None,
        "gaps": [localized(gap, locale) for gap in rule_set.gaps],
        "codes": dict(rule_set.codes(locale)),
        "facts": {
            name: {"type": fact["type"], "about": localized(fact, locale)}
            for name, fact in rule_set.facts.items()
        },
        "rules": list(describe_rules(rule_set, locale)),
    }
    yield json.dumps(document, indent=1, ensure_ascii=False)


def format_markdown(rule_set: RuleSet, locale: Locale) -> Iterator[str]:
    """Format the whole reference as Markdown, with a table per part."""
    words = WORDS[locale]
    yield f"# {rule_set.title}"
    for line in format_provenance(rule_set, locale):
        yield from ("", escape_markdown(line))
    codes = [list(code) for code in rule_set.codes(locale).items()]
    yield from _table(words["codes"], [words["code"], words["meaning"]], codes)
    facts = [
        [name, words.get(fact["type"], fact["type"]), localized(fact, locale)]
        for name, fact in rule_set.facts.items()
    ]
    yield from _table(words["stated"], [words["fact"], words["type"], words["meaning"]], facts)
    files = ["file"] if len(rule_set.files) > 1 else []
    columns = ["rule", "code", "path", "source", *files, "expected"]
    rules = list(describe_rules(rule_set, locale))
    for part in (REQUEST, *PARTS):
        shown = [
            _display_values(described, locale) for described in rules if described["part"] == part
        ]
        title = f"{words['rules']}: `/{'' if part == REQUEST else part}`"
        yield from _table(
            title,
            [words[name] for name in columns],
            [[rule[name] for name in columns] for rule in shown],
        )


FORMATS: dict[str, Callable[[RuleSet, Locale], Iterator[str]]] = {
    "text": format_text,
    "json": format_json,
    "md": format_markdown,
}
"""Formats of the reference."""


def _describe_default(rule: Rule, locale: Locale) -> str:
    if "default" not in rule.definition or not rule.id.endswith(".required"):
        return ""
    default = json.dumps(rule.definition["default"], ensure_ascii=False)
    return Template(WORDS[locale]["default"]).substitute(default=default)


def _display_values(described: dict[str, Any], locale: Locale) -> dict[str, Any]:
    """Replace a missing code by the severity, and the empty path by words."""
    words, severity = WORDS[locale], described["severity"]
    return {
        **described,
        "code": described["code"] or words.get(severity, severity),
        "path": described["path"] or words["whole"],
    }


def _table(title: str, heads: list[str], rows: list[list[str]]) -> Iterator[str]:
    yield from ("", f"## {title}", "", f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}")
    for row in rows:
        yield f"| {' | '.join(map(escape_markdown, row))} |"


def escape_markdown(text: str) -> str:
    """Escape a text for one line of Markdown."""
    text = escape_nonprintable(text)
    for character in "\\`*_|<>[]":
        text = text.replace(character, f"\\{character}")
    return text
