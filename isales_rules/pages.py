"""What the command tells of a rule set: one code or rule explained, and the reference of all rules."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from string import Template
from typing import Any, NamedTuple

from isales_rules.model import PARTS, REQUEST, Check, Path
from isales_rules.report import Duplicate, printable
from isales_rules.ruleset import RuleSet
from isales_rules.selection import finding_path

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


def code(rules: RuleSet, name: str, locale: str) -> Iterator[str]:
    """Explain a result code: what it means, and which rules give it."""
    yield f"{name}: {rules.meanings(locale)[name]}"
    for one in _rows(rules, locale):
        if one["code"] == name:
            yield from _paragraph(one, locale)


def rule(rules: RuleSet, name: str, locale: str) -> Iterator[str]:
    """Explain a rule: what it expects, where and by which source, what its code means, and a request that passes it and one that fails it."""
    words = _WORDS[locale]
    rows = [one for one in _rows(rules, locale) if one["rule"] == name]
    for one in rows:
        yield from _paragraph(one, locale)
    for given in dict.fromkeys(one["code"] for one in rows if one["code"] is not None):
        yield f"{given}: {rules.meanings(locale)[given]}"
    passes, fails = examples(rules, name)
    if fails is not None:
        yield from _diff(passes, fails, words)


def parameter(rules: RuleSet, paths: list[str], locale: str) -> Iterator[str]:
    """Explain the parameters at these paths: every rule that reports there."""
    for one in _rows(rules, locale):
        if one["path"] in paths:
            yield from _paragraph(one, locale)


MAX_DIFF = 24
"""Maximum number of lines of a diff between two examples."""


def _diff(passes: Example | None, fails: Example, words: dict[str, str]) -> Iterator[str]:
    from difflib import unified_diff

    part = "" if fails.part == "body" else f" (/{fails.part})"
    if passes is None:
        yield from (f"{words['fails']}{part}:", *_example_lines(fails, words))
        return
    names = f"{words['passes']}{part}", f"{words['fails']}{part}"
    lines = list(unified_diff(_example_lines(passes, words), _example_lines(fails, words), *names, n=2, lineterm=""))
    yield from lines if len(lines) <= MAX_DIFF else [*lines[: MAX_DIFF - 4], " …", *lines[-3:]]


def _example_lines(example: Example, words: dict[str, str]) -> list[str]:
    lines = example.text.split("\n")
    return [*lines, f"{words['facts']} {json.dumps(example.facts, ensure_ascii=False)}"] if example.facts else lines


class Example(NamedTuple):
    """A request: the JSON text of one part of it, and the facts that are stated about the campaign, as JSON has them."""

    part: str
    text: str
    facts: dict[str, Any]


def examples(rules: RuleSet, rule: str) -> tuple[Example | None, Example | None]:
    """Give a request that just passes a rule and one that just fails it; `None` where there is none.

    Neither breaks another rule where that can be: an object whose every parameter is mandatory has no undocumented one without another mistake.
    """
    from isales_rules.cases import cases

    check = next(check for check in rules.checks() if check.rule == rule)
    passes: dict[str, dict[str, Any]] = {}
    fails: dict[str, Any] | None = None
    for case in cases(rules, rule):
        place, _, what = case["name"].partition(": ")
        if rule in case["breaks"]:
            fails = _calmer(fails, case)
        elif not case["expect"]:
            # What is said to keep a condition shows more of it than what happens not to break it.
            for key in (rule,) if what == f"{rule}, kept" else (place, place.split("/")[1]):
                passes[key] = _calmer(passes.get(key), case)
            if fails is not None and fails["breaks"] == [rule] and {rule, fails["name"].partition(": ")[0]} & passes.keys():
                break
            if _only_in_text(check) and (text := _wrong_text(check, case)):
                return _example(case), Example(_part(check.path), text, {})
    if fails is None:
        return None, None
    kept = next((passes[key] for key in (rule, fails["name"].partition(": ")[0], _part(check.path)) if key in passes), None)
    return None if kept is None else _example(kept), _example(fails)


def _calmer(case: dict[str, Any] | None, other: dict[str, Any]) -> dict[str, Any]:
    """Choose the case that breaks fewer rules, the first one where they break as many."""
    return other if case is None or len(other["breaks"]) < len(case["breaks"]) else case


def _example(case: dict[str, Any]) -> Example:
    part = next(part for part in (REQUEST, *PARTS) if part in case)
    return Example(part, _formatted(case[part]), case.get("facts", {}))


def _formatted(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2)


def _part(path: Path) -> str:
    """Return the part of a request that a path is in, or the name of the whole."""
    return next((part for part in path if part is not None), REQUEST)


def _only_in_text(check: Check) -> bool:
    return check.rule.endswith((".json", ".duplicate"))


def _wrong_text(check: Check, case: dict[str, Any]) -> str | None:
    """Spoil what passes as only a text can be wrong: an object with a key twice, or no JSON. `None` where it does not have that object."""
    document = copy.deepcopy(case.get(_part(check.path)))
    inner = document
    for name in [name for name in check.path[1:] if name is not None]:
        inner = inner.get(name) if isinstance(inner, dict) else None
    if not isinstance(inner, dict) or not inner or case["breaks"]:
        return None
    if check.rule.endswith(".json"):
        return _formatted(document)[:-1].rstrip()
    key = next(iter(inner))
    inner[Duplicate(key)] = inner[key]
    return _formatted(document)


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
    head = {"version": VERSION, "ruleset": rules.name, "title": rules.title, "codes": dict(rules.meanings(locale)), "facts": facts}
    yield json.dumps({**head, "rules": list(_rows(rules, locale))}, indent=1, ensure_ascii=False)


def markdown(rules: RuleSet, locale: str) -> Iterator[str]:
    """Write everything as a page of Markdown, with a table for the codes, the facts, and the rules of each part of a request."""
    words = _WORDS[locale]
    yield f"# {rules.title}"
    yield from _table(words["codes"], [words["code"], words["meaning"]], [list(one) for one in rules.meanings(locale).items()])
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
        row = {"rule": check.rule, "code": check.code, "severity": check.severity, "part": _part(check.path), "path": finding_path(check)}
        row |= {"source": check.source, "expected": expected}
        default = _default(check, locale)
        yield {**row, "default": default} if default else row


def _default(check: Check, locale: str) -> str:
    if "default" not in check.row or not check.rule.endswith(".required"):
        return ""
    return Template(_WORDS[locale]["default"]).substitute(default=json.dumps(check.row["default"], ensure_ascii=False))


def _shown(row: dict[str, Any], locale: str) -> dict[str, Any]:
    """Return a row as people read it: without a code it has its severity, and the body itself has a name."""
    return {**row, "code": row["code"] or _WORDS[locale].get(row["severity"], row["severity"]), "path": row["path"] or _WORDS[locale]["whole"]}


def _paragraph(row: dict[str, Any], locale: str) -> Iterator[str]:
    row = _shown(row, locale)
    yield printable(f"{row['rule']}  {row['code']}  {row['path']}  [{row['source']}]")
    yield printable(f"    {row['expected']}")
    if "default" in row:
        yield f"    {row['default']}"


def _table(title: str, heads: list[str], rows: list[list[str]]) -> Iterator[str]:
    yield from ("", f"## {title}", "", f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}")
    for row in rows:
        yield f"| {' | '.join(_cell(one) for one in row)} |"


def _cell(text: str) -> str:
    """Write a text so that Markdown shows it as it is, in one line."""
    text = printable(text)
    for mark in "\\`*_|<>[]":
        text = text.replace(mark, f"\\{mark}")
    return text
