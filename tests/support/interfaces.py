"""The table of the shipped rule sets in the READMEs."""

from __future__ import annotations

import re
from pathlib import Path

import isales_rules
from isales_rules.ruleset import endpoints

READMES = {"en_US": "README.md", "zh_CN": ".github/README.zh-CN.md"}
HEADERS = {
    "en_US": "rule set | request | edition | not available",
    "zh_CN": "规则集 | 请求 | 文档版本 | 缺失的内容",
}
UNKNOWN = {"en_US": "unknown", "zh_CN": "未知"}
NOTHING = {"en_US": "–", "zh_CN": "–"}
SEPARATOR = {"en_US": "; ", "zh_CN": "；"}
PATTERN = re.compile(r"(<!-- interfaces -->\n).*?(\n<!-- /interfaces -->)", re.DOTALL)


def table(locale: str) -> str:
    """Format the table of the shipped rule sets in Markdown."""
    requests = endpoints()
    prefix = min((request["url"] for request in requests.values()), key=len)
    lines = [f"| {HEADERS[locale]} |", "| --- | --- | --- | --- |"]
    for name, request in requests.items():
        rules = isales_rules.load(name)
        url = f"…{request['url'].removeprefix(prefix)}".rstrip("…")
        gaps = SEPARATOR[locale].join(gap[locale] for gap in rules.gaps)
        cells = [
            f"`{name}`",
            f"`{request['method']}{f' {url}' if url else ''}`",
            rules.edition or UNKNOWN[locale],
            gaps or NOTHING[locale],
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def with_table(text: str, locale: str) -> str:
    """Replace the table in the text of a README."""
    return PATTERN.sub(lambda found: found[1] + table(locale) + found[2], text)


def write_tables(root: Path) -> None:
    """Write the table into the READMEs."""
    for locale, name in READMES.items():
        file = root / name
        file.write_text(with_table(file.read_text("utf-8"), locale), "utf-8")
