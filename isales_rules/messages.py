"""Texts of messages: templates filled in with arguments and values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from isales_rules._text import MAX_SHOWN, quote
from isales_rules.engine.values import ABSENT, NonJsonValue, is_missing
from isales_rules.language.catalog import Catalog, localized
from isales_rules.language.keywords import as_tuple
from isales_rules.language.model import Rule
from isales_rules.language.time_formats import example

MAX_CACHED = 10_000
"""Maximum number of rules, counted per locale, with cached texts."""


@lru_cache(1024)
def format_path(path: str) -> str:
    """Format a path, with each of its segments shortened and escaped."""
    return "/".join(quote(part)[1:-1] for part in path.split("/"))


def format_value(value: object, phrases: Mapping[str, str]) -> str:
    """Format a scalar as JSON, and any other value as the name of its type."""
    if value is None:
        return phrases["none"]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, int):
        bits = value.bit_length()
        if bits < 200:
            return str(int(value))
        return phrases["digits"].replace("$digits", str(bits * 30103 // 100000 + 1))
    if isinstance(value, float):
        return repr(float(value))
    if isinstance(value, dict):
        return phrases["dict"]
    if isinstance(value, list):
        return phrases["list"]
    foreign = value if isinstance(value, NonJsonValue) else NonJsonValue(value)
    return phrases[foreign.word].replace("$type", quote(foreign.name)[1:-1])


@lru_cache(1024)
def format_count(template: str, number: int) -> str:
    """Fill in a number; `|` in a template separates singular and plural."""
    singular, _, plural = template.partition("|")
    return _fill(plural if plural and number != 1 else singular, count=f"{number:,}")


def expectation(rule: Rule, catalog: Catalog, locale: str) -> str:
    """Return what a rule expects, with the labels of options.

    Names that only a violation can fill in show as `…`.
    """
    template = _expected(rule, catalog.phrases[locale], locale, labels=True)
    return template % _Values(name=format_name(rule))


def format_name(rule: Rule, indexes: Iterable[object] = ()) -> str:
    """Format the name of a parameter, and the indexes of an item."""
    name = quote(rule.name)[1:-1]
    if not name or rule.path[-1:] != (None,):
        return name
    depth = next(
        (n for n, part in enumerate(reversed(rule.path)) if part is not None), len(rule.path)
    )
    known = [*indexes]
    return name + "".join(
        f"[{index}]" for index in (known[len(known) - depth :] if known else "…" * depth)
    )


def rule_texts(rule: Rule, catalog: Catalog, locale: str) -> RuleTexts:
    """Return the texts of a rule in one locale, from a cache."""
    # A rule contains dicts, so it has no hash. Its texts refer to it, so its id stays its own.
    key = id(rule), locale
    texts = _cache.get(key)
    if texts is None or texts.rule is not rule:
        if len(_cache) >= MAX_CACHED:
            _cache.clear()
        texts = _cache[key] = RuleTexts(rule, catalog.phrases[locale], locale)
    return texts


class RuleTexts:
    """Message and hint of a rule in one locale.

    Templates are filled in except for the values of a violation.
    """

    __slots__ = (
        "_absent",
        "_found",
        "_hidden",
        "_hint",
        "_name",
        "_phrases",
        "_secret",
        "_shows",
        "rule",
    )

    def __init__(self, rule: Rule, phrases: Mapping[str, str], locale: str) -> None:
        self.rule = rule
        self._phrases = phrases
        self._secret = bool(rule.definition.get("secret"))
        self._shows = rule.template.shows
        self._name = None if rule.path[-1:] == (None,) else format_name(rule)
        self._found, self._absent, self._hidden = self._templates(locale)
        self._hint = _hint(rule, phrases, locale)

    def _templates(self, locale: str) -> tuple[str, str, str]:
        """Return the templates for shown, absent and hidden values."""
        expected = _expected(self.rule, self._phrases, locale, labels=False)
        if self._shows == "none":
            return expected, expected, expected
        # In what is expected, `found` is the value even if the message shows its length.
        known = {"expected": expected, "found": "%(shown)s"}
        if self._name is not None:
            known["name"] = _escape(self._name)
        found, absent, hidden = (
            _to_format(self._phrases[name], known.get) for name in ("found", "absent", "secret")
        )
        return found, absent, hidden

    def message(self, value: object, other: Any, indexes: Iterable[object], *, values: bool) -> str:
        """Return the message of a violation.

        `other` is the value of a bound, or a dict of further values by name. `indexes` are the
        indexes in the violation's path. Without `values`, values are hidden, but not the names of
        parameters.
        """
        known = _Values()
        known["name"] = format_name(self.rule, indexes) if self._name is None else self._name
        hides = not is_missing(value) and (self._secret or not values)
        if hides and self._secret:
            value = "…"
        if hides and self._shows != "none":
            template = self._hidden
        else:
            template = self._absent if value is ABSENT else self._found
            known["found"] = format_value(value, self._phrases)
            known["shown"] = self._length(value) or known["found"]
        if self.rule.suggestions:
            known["hint"] = _suggestion(value, self.rule.suggestions, self._phrases)
        if other is not None:
            self._add_other(known, other, values)
        return template % known

    def _length(self, value: object) -> str:
        """Return the length of a value; empty if the message does not show it."""
        if self._shows in ("value", "none") or not isinstance(value, str | int):
            return ""
        if isinstance(value, str):
            value = len(value.encode("utf-8", "surrogatepass") if self._shows == "bytes" else value)
        return format_count(self._phrases[self._shows], value)

    def _add_other(self, known: dict[str, str], other: Any, values: bool) -> None:
        if isinstance(other, dict):
            known.update((name, self._phrases.get(text, text)) for name, text in other.items())
        elif values or isinstance(other, tuple):
            known["other"] = _format_argument("other", other, self._phrases)

    def hint(self, value: object, other: Any, path: str) -> str:
        """Return how to correct a violation; empty if that is not known."""
        if isinstance(other, dict) and other.get("reason") == "extra-lines":
            return self._phrases["use-ndjson"]
        if self._hint or not self.rule.id.endswith(".type"):
            return self._hint
        return self._phrases.get(_type_hint(self.rule.definition["type"], value, path), "")


_cache: dict[tuple[int, str], RuleTexts] = {}


class _Values(dict[str, str]):
    """Values of a template. A missing hint is empty; another one is `…`."""

    __slots__ = ()

    def __missing__(self, name: str) -> str:
        return "" if name == "hint" else "…"


def _to_format(template: str, known: Callable[[str], str | None] = lambda _: None) -> str:
    """Convert a template with `$name` to one for the operator `%`.

    Names that are `known` are replaced at once; what replaces them is in the form for `%` already.
    """
    from string import Template

    def replace(found: re.Match[str]) -> str:
        name = found["named"] or found["braced"]
        if not name:
            return "$"
        filled = known(name)
        return f"%({name})s" if filled is None else filled

    return Template.pattern.sub(replace, _escape(template))


def _escape(text: str) -> str:
    return text.replace("%", "%%")


_cached_format = lru_cache(1024)(_to_format)


def _fill(template: str, **values: str) -> str:
    return _cached_format(template) % _Values(values)


def _expected(rule: Rule, phrases: Mapping[str, str], locale: str, *, labels: bool) -> str:
    """Return the template of an expectation, with arguments filled in."""
    definition = rule.definition

    def known(name: str) -> str | None:
        if name == "message" and rule.message is not None:
            return _to_format(localized(rule.message, locale), argument)
        return argument(name)

    def argument(name: str) -> str | None:
        if name == "name":
            text = format_name(rule) if rule.path[-1:] != (None,) else None
        elif name == "allowed" and labels and "allowed_labels" in definition:
            text = phrases["separator"].join(
                f"{option} ({label})" for option, label in _labelled(definition, phrases, locale)
            )
        else:
            text = _format_argument(name, definition[name], phrases) if name in definition else None
        return None if text is None else _escape(text)

    return _to_format(localized(rule.template.texts, locale), known)


def _labelled(
    definition: Mapping[str, Any], phrases: Mapping[str, str], locale: str
) -> Iterator[tuple[str, str]]:
    """Yield the options of a parameter, each with its label."""
    options = (format_value(option, phrases) for option in definition["allowed"])
    return zip(options, localized(definition["allowed_labels"], locale), strict=True)


def _format_argument(name: str, value: object, phrases: Mapping[str, str]) -> str:
    """Format an argument; names, formats and types have no quotes."""
    if name == "type":
        return phrases[str(value)]
    if isinstance(value, list | tuple | set | frozenset):
        return phrases["separator"].join(_format_argument(name, one, phrases) for one in value)
    if isinstance(value, datetime):
        return str(value.replace(microsecond=0))
    if isinstance(value, str) and name in ("format", "example", "other"):
        return quote(value)[1:-1]
    return format_value(value, phrases)


def _hint(rule: Rule, phrases: Mapping[str, str], locale: str) -> str:
    """Return the hint of a rule for any value; empty if it has none."""
    keyword, definition = rule.id.rpartition(".")[2], rule.definition
    if keyword == "required" and "default" in definition:
        return _fill(phrases["default"], default=format_value(definition["default"], phrases))
    if keyword == "allowed" and "allowed_labels" in definition:
        return "\n".join(
            f"{option}: {label}" for option, label in _labelled(definition, phrases, locale)
        )
    if keyword in ("format", "partial_pattern"):
        return _fill(phrases["example"], example=quote(example(as_tuple(definition["format"])[0])))
    return ""


def _type_hint(expected: str, value: object, path: str) -> str:
    """Return the name of the phrase that hints at the right type."""
    if (
        expected == "integer"
        and isinstance(value, str)
        and value.isascii()
        and value.removeprefix("-").isdigit()
    ):
        return "unquoted"
    if type(value) is list and not path:
        return "use-array"
    return "in-quotes" if expected == "string" and type(value) is int else ""


def _suggestion(name: object, known: tuple[str, ...], phrases: Mapping[str, str]) -> str:
    nearest = _nearest(name[:MAX_SHOWN], known) if isinstance(name, str) else ""
    return _fill(phrases["hint"], hint=quote(nearest)[1:-1]) if nearest else ""


@lru_cache(1024)
def _nearest(name: str, known: tuple[str, ...]) -> str:
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, known, 1)), "")
