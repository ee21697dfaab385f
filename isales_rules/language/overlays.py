"""Merge overlays with the rule sets that they extend, before anything is resolved."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from isales_rules.language.keywords import KEYWORDS

_INDEX = re.compile(r"\[(\d+)\]")
_RULE = re.compile(r"rules\[(\d+)\](.*)", re.DOTALL)


class Layer(NamedTuple):
    """The content of one rule-set file, and the name that errors and the reference show for it."""

    name: str
    data: Mapping[str, Any]


class Merged(NamedTuple):
    """A rule set merged from `layers`, the lowest first.

    `origins` names the layer of rules, by the id of a rule or the beginning of ids up to a dot;
    that of the others is `""`. `rules` has for each rule its layers, with its index there.
    """

    layers: Sequence[Layer]
    data: Mapping[str, Any]
    origins: Mapping[str, str]
    rules: Sequence[Sequence[tuple[int, int]]]

    def locate(self, location: str) -> tuple[str, str]:
        """Return the layer in which a location of the merged rule set is written, and where."""
        places = [(number, location) for number in range(len(self.layers))]
        if (rule := _RULE.fullmatch(location)) and int(rule[1]) < len(self.rules):
            places = [
                (number, f"rules[{index}]{rule[2]}") for number, index in self.rules[int(rule[1])]
            ]
        number, location = max(
            reversed(places), key=lambda place: _depth(self.layers[place[0]].data, place[1])
        )
        return self.layers[number].name, location


def merge(layers: Sequence[Layer]) -> Merged:
    """Merge layers, the lowest first.

    Tables are merged key by key, and rules by their id; all else is replaced. The layers may be
    invalid, but they have at most the maximum nesting.
    """
    merger = _Merger(layers[0])
    for number, layer in enumerate(layers[1:], 1):
        merger.add(number, layer)
    return Merged(layers, merger.data, merger.origins, merger.places)


class _Merger:
    def __init__(self, base: Layer) -> None:
        self.data = {key: value for key, value in base.data.items() if key != "extends"}
        self.origins = {"": base.name}
        self.places = [[(0, index)] for index in range(len(_list(self.data.get("rules"))))]

    def add(self, number: int, layer: Layer) -> None:
        self._name = layer.name
        # What is added to a base, which is not an interface, has the source of its own document.
        title = layer.data.get("title")
        source = title if isinstance(title, str) and title else layer.name
        self._source = {"source": source} if "request" in self.data else {}
        for key, value in layer.data.items():
            base = self.data.get(key)
            if key == "rules" and isinstance(value, list):
                self.data[key] = self._rules(_list(base), value, number)
            elif key == "tables" and isinstance(value, Mapping):
                self.data[key] = _mapping(base) | {
                    table: self._table(_mapping(base).get(table), definitions, table)
                    for table, definitions in value.items()
                }
            elif key == "request":
                self.data[key] = self._table(base, value, "")
            elif key == "definitions":
                self.data[key] = self._table(base, value, key)
                self._add_references(_mapping(value))
            elif key != "extends":
                self.data[key] = _merged(base, value)

    def _table(self, base: Any, change: Any, table: str) -> Any:
        """Merge definitions by name."""
        if not isinstance(base, Mapping) or not isinstance(change, Mapping):
            if table:
                self.origins[table] = self._name
            base = {}
        if not isinstance(change, Mapping):
            return change
        return {**base} | {
            name: self._definition(base.get(name), definition, f"{table}.{name}".removeprefix("."))
            for name, definition in change.items()
        }

    def _definition(self, base: Any, change: Any, prefix: str) -> Any:
        """Merge a definition with what an overlay changes of it.

        A definition of another type is replaced. What the overlay adds has its title as source.
        """
        if not isinstance(change, Mapping):
            return _merged(base, change)
        if not isinstance(base, Mapping) or self._type(change, base) != self._type(base, base):
            # A part of a request may have the name of a table.
            prefixes = [prefix] if "." in prefix else [f"{prefix}.{key}" for key in change]
            self.origins |= dict.fromkeys(prefixes, self._name)
            return {**self._source, **change}
        result = _with_kept_labels(base, change)
        for key, value in change.items():
            self.origins[f"{prefix}.{key}"] = self._name
            if key == "schema" and isinstance(value, Mapping):
                result[key] = self._definition(base.get(key), value, f"{prefix}.item")
            else:
                result[key] = _merged(base.get(key), value)
        keywords = [key for key in change if key in KEYWORDS and KEYWORDS[key].in_definitions]
        if keywords and self._source and "source" not in change:
            sources = dict.fromkeys(keywords, self._source["source"])
            result["sources"] = {**_mapping(result.get("sources")), **sources}
        return result

    def _type(self, definition: Mapping[str, Any], default: Mapping[str, Any]) -> Any:
        """Return the type of a definition, which may be that of the definition it refers to."""
        for one in (definition, default):
            if "type" in one:
                return one["type"]
            if isinstance(ref := one.get("ref"), str):
                shared = _mapping(self.data.get("definitions")).get(ref)
                return _mapping(shared).get("type")
        return None

    def _add_references(self, changes: Mapping[str, Any]) -> None:
        """Note the origin of rules whose definition refers to a changed shared definition."""
        for table, definitions in _mapping(self.data.get("tables")).items():
            for name, definition in _mapping(definitions).items():
                ref = _mapping(definition).get("ref")
                for key in _mapping(changes.get(ref)) if isinstance(ref, str) else ():
                    self.origins[f"{table}.{name}.{key}"] = self._name

    def _rules(self, base: list[Any], change: list[Any], number: int) -> list[Any]:
        rules = list(base)
        positions = {rule["id"]: index for index, rule in enumerate(base) if _has_id(rule)}
        for index, rule in enumerate(change):
            position = None
            if _has_id(rule):
                # Without `pop`, a second rule with this id would change the first.
                position = positions.pop(rule["id"], None)
                self.origins[rule["id"]] = self._name
            whole = {**self._source, **rule} if "clauses" in rule else rule
            if position is None:
                position, whole = _placed(whole, rules)
                rules.insert(position, whole)
                self.places.insert(position, [(number, index)])
                positions = {name: old + (old >= position) for name, old in positions.items()}
            elif "clauses" in rule:
                rules[position] = whole
                self.places[position] = [(number, index)]
            else:
                rules[position] = _changed_rule(rules[position], rule)
                self.places[position].append((number, index))
        return rules


def _placed(rule: Any, rules: list[Any]) -> tuple[int, Any]:
    """Return the index for a new rule, and the rule without `before` if that is known."""
    if isinstance(rule, Mapping) and "before" in rule:
        for index, one in enumerate(rules):
            if _has_id(one) and one["id"] == rule["before"]:
                return index, {key: value for key, value in rule.items() if key != "before"}
    return len(rules), rule


def _changed_rule(base: Mapping[str, Any], change: Mapping[str, Any]) -> Any:
    changed = _merged(base, change)
    if change.get("severity") == "warning" and "code" not in change:
        changed.pop("code", None)
    return changed


def _with_kept_labels(base: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Copy a definition with the labels of those options that an overlay keeps.

    Labels are one for each option, so they are dropped if the overlay adds an option without them.
    """
    result = {**base}
    if "allowed" not in change or "allowed_labels" in change:
        return result
    labels = _mapping(result.pop("allowed_labels", None))
    known = [(type(option), option) for option in _list(base.get("allowed"))]
    try:
        indexes = [known.index((type(option), option)) for option in _list(change["allowed"])]
        kept = {locale: [texts[index] for index in indexes] for locale, texts in labels.items()}
    except (ValueError, LookupError, TypeError):  # an added option, or invalid labels
        return result
    return {**result, "allowed_labels": kept} if kept else result


def _merged(base: Any, change: Any) -> Any:
    if not isinstance(base, Mapping) or not isinstance(change, Mapping):
        return change
    return {**base} | {
        key: _merged(base[key], value) if key in base else value for key, value in change.items()
    }


def _mapping(value: Any) -> dict[str, Any]:
    return {**value} if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _has_id(rule: Any) -> bool:
    return isinstance(rule, Mapping) and isinstance(rule.get("id"), str)


def _depth(value: Any, location: str) -> int:
    """Return how many steps of a location exist in a value; names may contain dots."""
    steps = 0
    while location:
        if isinstance(value, list):
            index = _INDEX.match(location)
            if index is None or int(index[1]) >= len(value):
                break
            value, location = value[int(index[1])], location[index.end() :]
        else:
            rest = location.removeprefix(".")
            names = [
                name
                for name in _mapping(value)
                if rest == name or rest.startswith((f"{name}.", f"{name}["))
            ]
            if not names:
                break
            name = max(names, key=len)
            value, location = value[name], rest[len(name) :]
        steps += 1
    return steps
