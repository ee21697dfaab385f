"""Regions of keys and values in a TOML text, from tree-sitter's syntax tree."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

from isales_rules.cli.locations import Located, Region

if TYPE_CHECKING:
    from tree_sitter import Node

_Span = tuple[int, int]
"""Offsets in bytes."""

_SYNTAX_ERROR = re.compile(r"\(at line (\d+), column (\d+)\)\Z")


class _Entry:
    """A key with its value. The keys of an array's items are their indexes."""

    __slots__ = ("children", "key", "value")

    def __init__(self, key: _Span, value: _Span | None = None) -> None:
        self.key = key
        self.value = value
        self.children: dict[str | int, _Entry] = {}

    def child(self, name: str, key: _Span) -> _Entry:
        """Return the table below a key; of an array of tables, the last one."""
        entry = self.children.setdefault(name, _Entry(key))
        return entry.children.get(len(entry.children) - 1, entry)


class TomlRegions:
    """Locations in a valid TOML text, such as `tables.body.name.maxlength`."""

    def __init__(self, text: str) -> None:
        from tree_sitter import Language, Parser
        from tree_sitter_toml import language

        self._bytes = text.encode()
        self._root = _Entry((0, 0))
        for node in Parser(Language(language())).parse(self._bytes).root_node.named_children:
            if node.type == "pair":
                self._add_pair(self._root, node)
            elif node.type in ("table", "table_array_element"):
                self._add_table(node)

    def locate(self, location: str, *, at_key: bool) -> Located:
        """Return the region of a value, or of its key.

        The region of a value of several lines is its key. For a key that the text does not have,
        it is the key of the table where it is missing.
        """
        entry, rest = self._root, location
        while rest:
            found = next(
                (
                    (child, after)
                    for name, child in sorted(
                        entry.children.items(), key=lambda item: -len(str(item[0]))
                    )
                    if (after := _after(name, rest)) is not None
                ),
                None,
            )
            if found is None:
                break
            entry, rest = found
        start, end = entry.key
        if entry.value is not None and not (at_key or rest):
            first, last = entry.value
            if b"\n" not in self._bytes[first:last]:
                start, end = first, last
        return self._located(start, end)

    def _located(self, start: int, end: int) -> Located:
        line_start = self._bytes.rfind(b"\n", 0, start) + 1
        line = self._bytes.count(b"\n", 0, start) + 1
        column = len(self._bytes[line_start:start].decode()) + 1
        width = len(self._bytes[start:end].decode())
        begin = len(self._bytes[:line_start].decode())
        return Located(Region(line, column, line, column + width), begin)

    def _add_table(self, node: Node) -> None:
        head, *pairs = node.named_children
        *parents, (name, key) = self._names(head)
        table = self._root
        for parent, span in parents:
            table = table.child(parent, span)
        table = table.children.setdefault(name, _Entry(key))
        if node.type == "table_array_element":
            table.children[len(table.children)] = table = _Entry(key)
        else:
            table.key = key
        for pair in pairs:
            if pair.type == "pair":
                self._add_pair(table, pair)

    def _add_pair(self, table: _Entry, node: Node) -> None:
        head, value, *_ = node.named_children  # and a comment
        *parents, (name, key) = self._names(head)
        for parent, span in parents:
            table = table.child(parent, span)
        table.children[name] = self._entry(key, value)

    def _entry(self, key: _Span, value: Node) -> _Entry:
        entry = _Entry(key, (value.start_byte, value.end_byte))
        if value.type == "inline_table":
            for pair in value.named_children:
                if pair.type == "pair":
                    self._add_pair(entry, pair)
        elif value.type == "array":
            items = [item for item in value.named_children if item.type != "comment"]
            for index, item in enumerate(items):
                entry.children[index] = self._entry((item.start_byte, item.end_byte), item)
        return entry

    def _names(self, node: Node) -> list[tuple[str, _Span]]:
        """Return the names of a key. The region of each begins at the first one."""
        names: list[tuple[str, _Span]] = []
        parts = [node]
        while parts:
            part = parts.pop(0)
            if part.type == "dotted_key":
                parts[:0] = part.named_children
                continue
            text = self._bytes[part.start_byte : part.end_byte].decode()
            name = text if part.type == "bare_key" else next(iter(tomllib.loads(f"{text} = 0")))
            names.append((name, (node.start_byte, part.end_byte)))
        return names


def _after(name: str | int, location: str) -> str | None:
    """Return the rest of a location after a name; `None` if it does not begin with it."""
    head = f"[{name}]" if isinstance(name, int) else name
    rest = location[len(head) :]
    if not location.startswith(head) or rest[:1] not in ("", ".", "["):
        return None
    return rest.removeprefix(".")


def locate_syntax_error(text: str, reason: str) -> Located:
    """Return the region that the message of a `TOMLDecodeError` names."""
    found = _SYNTAX_ERROR.search(reason)
    lines = text.split("\n")
    line, column = (int(found[1]), int(found[2])) if found else (len(lines), len(lines[-1]) + 1)
    begin = sum(len(above) + 1 for above in lines[: line - 1])
    return Located(Region(line, column, line, column + 1), begin)
