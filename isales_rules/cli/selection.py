"""Select findings by result code, rule or parameter."""

from __future__ import annotations

import os
from collections.abc import Collection
from fnmatch import fnmatchcase
from typing import NamedTuple

from isales_rules._text import suggest
from isales_rules.cli.errors import SettingsError
from isales_rules.language.model import Rule, json_pointer
from isales_rules.ruleset import RuleSet


class Selectors(NamedTuple):
    """Codes and ids of rules, and patterns of codes, ids and paths; `*` stands for any characters, `/` included."""

    names: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.names or self.patterns)

    def match(self, *texts: str | None) -> bool:
        """Return whether one of these texts is selected."""
        if not self.names.isdisjoint(texts):
            return True
        return any(fnmatchcase(text, pattern) for pattern in self.patterns for text in texts if text is not None)

    def union(self, *others: Selectors) -> Selectors:
        """Return selectors that match what any of these match."""
        every = (self, *others)
        return Selectors(frozenset().union(*(one.names for one in every)), tuple(pattern for one in every for pattern in one.patterns))


def finding_path(check: Rule) -> str:
    """Return the path of a check as findings in a body show it, with `*` for an index or an unknown parameter."""
    return json_pointer("*" if part is None else part for part in (check.path[1:] if check.path[:1] == ("body",) else check.path))


def parameter_paths(rules: RuleSet, name: str) -> list[str]:
    """Return the paths of the parameters with this name or path, in the rule set's order."""
    paths = {finding_path(check): check.path[-1] for check in rules.rules() if check.path}
    return [path for path, last in paths.items() if name and name in (last, path, f"/body{path}")]


def resolve(rules: RuleSet, texts: Collection[str], origin: str) -> Selectors:
    """Resolve codes, ids of rules, names and paths of parameters, and patterns of them.

    Raise `SettingsError`, which names `origin` and the nearest name, for a text that selects nothing of the rule set.
    """
    if not texts:
        return Selectors()
    names = {name: None for check in rules.rules() for name in (check.code, check.id) if name is not None}
    exact: set[str] = set()
    patterns: list[str] = []
    for text in texts:
        if text in names:
            exact.add(text)
        elif paths := parameter_paths(rules, text):
            patterns += map(_escaped, paths)
        elif any(fnmatchcase(known, text) for known in (*names, *map(finding_path, rules.rules()))):
            patterns.append(text)
        else:
            parameters = [check.name for check in rules.rules()]
            near = suggest(text, [*names, *dict.fromkeys(parameters)])
            raise SettingsError(f"{origin}: unknown code, rule or parameter {text!r}{near}; `isales-rules rules` lists them")
    return Selectors(frozenset(exact), tuple(patterns))


def _escaped(path: str) -> str:
    from glob import escape

    return "/".join(part if part == "*" else escape(part) for part in path.split("/"))


class RuleSelection(NamedTuple):
    """Which findings are told: those that `select` matches (all, where it is empty) and `ignore` does not.

    `per_file` has more to ignore in the files whose path from the folder `base`, or whose name alone, matches a pattern; `*` stands for any
    characters, `/` too. `prefix` comes before the paths of a body's parameters in findings.
    """

    select: Selectors = Selectors()
    ignore: Selectors = Selectors()
    per_file: tuple[tuple[str, Selectors], ...] = ()
    base: str = "."
    prefix: str = ""

    def ignored(self, file: str) -> Selectors:
        """Give what is to be ignored in a file."""
        if not self.per_file:
            return self.ignore
        path = relative_path(file, self.base)
        name = path.rpartition("/")[2]
        return self.ignore.union(*(names for pattern, names in self.per_file if fnmatchcase(path, pattern) or fnmatchcase(name, pattern)))

    def includes(self, rule: str, code: str | None, path: str, ignored: Selectors) -> bool:
        """Return whether a finding is to be told."""
        if not (ignored or self.select):
            return True
        texts = rule, code, path, path.removeprefix(self.prefix)
        return not ignored.match(*texts) and (not self.select or self.select.match(*texts))


def relative_path(file: str, root: str) -> str:
    """Name a file by its path from a folder, with slashes; standard input as it is."""
    try:
        path = file if file == "-" else os.path.relpath(file, root)
    except ValueError:  # another drive of Windows
        path = file
    return path.replace(os.sep, "/")
