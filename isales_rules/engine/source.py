"""Python source in the making: lines, names that are not taken, and bound values."""

from __future__ import annotations

import builtins
import keyword
import linecache
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

MAX_LINE_WIDTH = 100
"""A condition that makes a longer line is written one part per line."""


class SourceBuilder:
    """Source of one function, which may call *functions* by their names."""

    def __init__(self, functions: Iterable[Callable[..., Any]], reserved: Iterable[str]) -> None:
        self._namespace: dict[str, Any] = {one.__name__: one for one in functions}
        self._taken = {*dir(builtins), *keyword.kwlist, *self._namespace, *reserved}
        self._numbers: dict[str, int] = {}
        self._bound: dict[Any, str] = {}
        self._comments: list[str] = []
        self._lines: list[str] = []
        self._depth = 0

    def __str__(self) -> str:
        return "\n".join([*self._comments, "", *self._lines, ""])

    def compile(self, function: str, title: str) -> tuple[Any, str]:
        """Run the source; return its function, and the source as `linecache` has it."""
        source = str(self)
        file = f"<isales_rules {escape_comment(title)} {zlib.crc32(source.encode()):08x}>"
        exec(compile(source, file, "exec"), self._namespace)  # noqa: S102  # our own source
        linecache.cache[file] = len(source), None, source.splitlines(True), file
        return self._namespace[function], source

    def line(self, text: str = "") -> None:
        """Add a line at the current indentation."""
        self._lines.append("    " * self._depth + text if text else "")

    def lines(self, texts: Iterable[str]) -> None:
        """Add several lines."""
        for text in texts:
            self.line(text)

    def comment(self, text: str) -> None:
        """Add a comment; text of a rule set is escaped."""
        self.line(f"# {escape_comment(text)}")

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Indent the lines that are added inside below *head*."""
        self.line(head)
        self._depth += 1
        before = len(self._lines)
        yield
        if len(self._lines) == before:
            self.line("pass")
        self._depth -= 1

    @contextmanager
    def if_all(self, conditions: Iterable[object]) -> Iterator[None]:
        """Indent the lines that are added inside below an `if` of all conditions, each once."""
        parts = list(dict.fromkeys(map(str, conditions)))
        if not parts:
            yield
            return
        head = f"if {' and '.join(parts)}:"
        if len(head) + 4 * self._depth > MAX_LINE_WIDTH and len(parts) > 1:
            self.line("if (")
            self.lines(f"    {'and ' if number else ''}{part}" for number, part in enumerate(parts))
            head = "):"
        with self.block(head):
            yield

    def name(self, wanted: str) -> str:
        """Return a name that is not taken yet, like *wanted*, which may be any text."""
        plain = re.sub("[^A-Za-z0-9_]+", "_", wanted).strip("_")
        plain = plain if re.match("[A-Za-z]", plain) else f"p_{plain}"
        name = plain
        while name in self._taken:
            self._numbers[plain] = self._numbers.get(plain, 1) + 1
            name = f"{plain}_{self._numbers[plain]}"
        self._taken.add(name)
        return name

    def bind(self, hint: str, value: object, comment: object = None) -> str:
        """Bind a value to a name, once, and return the name; *comment* explains it to readers."""
        key = hint, value if isinstance(value, frozenset) or callable(value) else id(value)
        if key not in self._bound:
            name = self._bound[key] = self.name(hint)
            self._namespace[name] = value
            if comment is not None:
                self._comments.append(f"# {name}: {comment!r}")
        return self._bound[key]


def escape_comment(text: str) -> str:
    """Escape characters of a rule set's text that do not print, such as line ends."""
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)
