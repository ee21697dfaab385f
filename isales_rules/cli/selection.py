"""Selection of findings by result code, rule or parameter."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple, TypeVar

from isales_rules._text import suggest
from isales_rules.cli.errors import SettingsError
from isales_rules.language.model import Rule, json_pointer
from isales_rules.ruleset import RuleSet

T = TypeVar("T")


class Selectors(NamedTuple):
    """Codes and rule ids, and patterns of codes, ids and paths.

    `*` matches any characters, even `/`.
    """

    names: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.names or self.patterns)

    def match(self, *texts: str | None) -> bool:
        """Return whether one of the texts is selected."""
        if not self.names.isdisjoint(texts):
            return True
        return any(
            fnmatchcase(text, pattern)
            for pattern in self.patterns
            for text in texts
            if text is not None
        )

    def union(self, *others: Selectors) -> Selectors:
        """Return selectors that match everything that any of them matches."""
        selectors = (self, *others)
        names = frozenset[str]().union(*(selector.names for selector in selectors))
        return Selectors(
            names, tuple(pattern for selector in selectors for pattern in selector.patterns)
        )


def finding_path(rule: Rule) -> str:
    """Return the path of a rule's findings in a body.

    `*` is an index or an unknown parameter.
    """
    path = rule.path[1:] if rule.path[:1] == ("body",) else rule.path
    return json_pointer("*" if part is None else part for part in path)


def parameter_paths(rules: RuleSet, name: str) -> list[str]:
    """Return the paths of the parameters with a name or path, in order."""
    paths = {finding_path(rule): rule.path[-1] for rule in rules.rules() if rule.path}
    return [path for path, last in paths.items() if name and name in (last, path, f"/body{path}")]


def resolve(rule_sets: Sequence[RuleSet], texts: Collection[str], origin: str) -> Selectors:
    """Resolve selectors from arguments or settings.

    They are codes, rule ids, names and paths of parameters, and patterns of them. Raises
    `SettingsError`, with `origin` and a suggestion, for a text that selects no rule.
    """
    if not texts:
        return Selectors()
    rules = [rule for rule_set in rule_sets for rule in rule_set.rules()]
    found = []
    for text in texts:
        paths = [path for rule_set in rule_sets for path in parameter_paths(rule_set, text)]
        selectors = _select(text, rules, paths)
        if selectors is None:
            known = [name for rule in rules for name in (rule.code, rule.id, rule.name) if name]
            suggestion = suggest(text, dict.fromkeys(known))
            raise SettingsError(
                f"{origin}: unknown code, rule or parameter {text!r}{suggestion}; `isales-rules rules` lists them"
            )
        found.append(selectors)
    return Selectors().union(*found)


def _select(text: str, rules: Sequence[Rule], paths: Sequence[str]) -> Selectors | None:
    """Return the selectors for a text, which names the parameters at some paths."""
    if any(text in (rule.code, rule.id) for rule in rules):
        return Selectors(frozenset([text]))
    if paths:
        return Selectors(patterns=tuple(map(_escape, dict.fromkeys(paths))))
    known = {name for rule in rules for name in (rule.code or "", rule.id, finding_path(rule))}
    return Selectors(patterns=(text,)) if any(fnmatchcase(one, text) for one in known) else None


def _escape(path: str) -> str:
    from glob import escape

    return "/".join(part if part == "*" else escape(part) for part in path.split("/"))


class RuleSelection(NamedTuple):
    """Findings to report.

    These are the findings that `select` matches, or all if it is empty, except `ignore`. `per_file`
    has more to ignore in files whose name, or path relative to `base`, matches a pattern. `prefix`
    is the path of the body in the input.
    """

    select: Selectors = Selectors()
    ignore: Selectors = Selectors()
    per_file: tuple[tuple[str, Selectors], ...] = ()
    base: str = "."
    prefix: str = ""

    def ignored(self, file: str) -> Selectors:
        """Return the selectors to ignore in a file."""
        if not self.per_file:
            return self.ignore
        return self.ignore.union(*matching(file, self.per_file, self.base))

    def includes(self, rule: str, code: str | None, path: str, ignored: Selectors) -> bool:
        """Return whether a finding is to be reported."""
        if not (ignored or self.select):
            return True
        texts = rule, code, path, path.removeprefix(self.prefix)
        return not ignored.match(*texts) and (not self.select or self.select.match(*texts))


def matching(file: str, patterns: Iterable[tuple[str, T]], base: str) -> Iterator[T]:
    """Yield the values of the patterns that match a file.

    They match its name, or its path relative to `base`.
    """
    path = relative_path(file, base)
    name = path.rpartition("/")[2]
    return (
        value
        for pattern, value in patterns
        if fnmatchcase(path, pattern) or fnmatchcase(name, pattern)
    )


def relative_path(file: str, root: str) -> str:
    """Return the path of a file relative to a folder, with slashes.

    `-` is unchanged.
    """
    try:
        path = file if file == "-" else os.path.relpath(file, root)
    except ValueError:  # on another drive of Windows
        path = file
    return path.replace(os.sep, "/")
