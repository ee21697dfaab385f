"""Wrong rule sets made of a right one: each rule of its data changed in every way that matters, one change at a time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from isales_rules.language.catalog import LOCALES, Catalog
from isales_rules.language.keywords import KEYWORDS, Definition, as_tuple
from isales_rules.language.model import COLLECTIONS, FACTS, PARTS
from isales_rules.language.resolver import resolve_ref
from isales_rules.language.time_formats import format_type
from isales_rules.ruleset import RuleSet

Data: TypeAlias = Mapping[str, Any]
Place: TypeAlias = tuple[str | int, ...]

DROP = object()
"""Put in the place of something, it takes it away, and what is empty without it as well."""

FLAGS = {"coerce": ("integer", "decimal"), "anycase": ("dict", True), "allow_unknown": ("dict", True)}
"""What a row may say beside its keywords that changes an answer: for which type, and how."""

BESIDE = {"format": "half", "allowed": "labels"}
"""What goes with each of these, because it cannot stand alone."""

OTHER_TYPE = {"integer": "string", "string": "integer", "boolean": "integer", "dict": "list", "list": "string"}
FORMATS = ("HH:mm", "HH:mm:ss", "yyyy-MM-dd", "yyyy-MM-dd HH:mm:ss")
STRICT = {"atleast": "after", "after": "atleast", "atmost": "before", "before": "atmost"}
INVERSE = {"atleast": "before", "before": "atleast", "atmost": "after", "after": "atmost", "among": "notamong", "notamong": "among"}
INVERSE |= {"required": "absent", "absent": "required"}


class Mutant(NamedTuple):
    """A rule set with one change: what kind of change, of which rule, and how."""

    kind: str
    rule: str
    change: str
    data: Data
    codes: Catalog


class Change(NamedTuple):
    """A change of the data: `rule` is what changes, and `value` is what stands at `place` then."""

    kind: str
    rule: Place
    told: str
    place: Place
    value: Any


def mutants(data: Data, codes: Catalog) -> Iterator[Mutant]:
    """Make every mutant of a rule set's data and of the default codes. The grammar may refuse some."""
    for kind, rule, told, place, value in changes(data, codes):
        named = (data["conditions"][rule[1]]["id"], *rule[2:]) if rule[0] == "conditions" else rule
        where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in named)[1:]
        yield Mutant(kind, where, told, put(data, place, value), codes)
    checks = [check for check, _ in RuleSet("original", data, codes).expectations()]
    for name, one in codes.messages.items():
        if one.code and any(check.template.texts is one.texts and check.code == one.code for check in checks):
            other = _other_code(codes, one.code)
            kinds = {**codes.messages, name: one._replace(code=other)}
            yield Mutant("default code changed", f"kinds.{name}.code", f"{one.code} -> {other}", data, codes._replace(messages=kinds))


def changes(data: Data, codes: Catalog) -> Iterator[Change]:
    """Go through the changes of a rule set's data, in its order."""
    for name, row in data.get("shared", {}).items():
        yield from _row(("shared", name), row, data)
    for part in PARTS:
        yield from _row(("request", part), data["request"][part], data)
    for table, rows in data["tables"].items():
        names = list(rows)
        for index, (name, row) in enumerate(rows.items()):
            yield from _row(("tables", table, name), row, data)
            yield _drop("parameter dropped", ("tables", table, name))
            if index:
                order = [*names[: index - 1], name, names[index - 1], *names[index + 1 :]]
                yield Change("order changed", ("tables", table, name), "one up", ("tables", table), {one: rows[one] for one in order})
    yield from _replies(data)
    for number, condition in enumerate(data.get("conditions", ())):
        yield from _condition(("conditions", number), condition, data, codes)


def put(value: Any, place: Place, new: Any) -> Any:
    """Copy a rule set's data with something else at a place; what does not change is shared."""
    if not place:
        return new
    copy, first = value.copy(), place[0]
    inner = put(value[first] if len(place) > 1 else None, place[1:], new)
    if inner is not DROP:
        copy[first] = inner
        return copy
    del copy[first]
    return copy or DROP


def _drop(kind: str, place: Place) -> Change:
    return Change(kind, place, "dropped", place, DROP)


def _instead(kind: str, place: Place, key: str | int, rules: Any, new: Any) -> Change:
    """Change one entry of what stands at a place."""
    return Change(kind, (*place, key), f"{rules[key]!r} -> {new!r}", (*place, key), new)


# Rows


def _row(place: Place, row: Definition, data: Data) -> Iterator[Change]:
    whole = resolve_ref(row, data)
    for key, argument in whole.items():
        rule = (*place, key)
        if argument is not False and (key in KEYWORDS or key in FLAGS or key in ("schema", "secret")):
            gone = (key, BESIDE.get(key))
            yield Change("keyword dropped", rule, "dropped", place, {one: value for one, value in whole.items() if one not in gone})
        if key in row and key in KEYWORDS:
            kept = {one: value for one, value in row.items() if one != "labels" or key != "allowed"}
            for kind, new in _arguments(key, argument, _more(key, argument)):
                yield Change(kind, rule, f"{argument!r} -> {new!r}", place, {**kept, key: new})
    for key in row.get("codes", {}):
        yield _drop("code changed", (*place, "codes", key))
    if "type" in row:
        bare = {key: value for key, value in row.items() if key in ("source", "required", "secret")}
        other = OTHER_TYPE[row["type"]]
        yield Change("type changed", (*place, "type"), f"{row['type']} -> {other}", place, {**bare, "type": other})
    added = {"required": True} | {flag: value for flag, (type_name, value) in FLAGS.items() if type_name == whole.get("type")}
    for key, value in added.items():
        if not whole.get(key):
            yield Change("keyword added", (*place, key), repr(value), (*place, key), value)
    if isinstance(row.get("schema"), Mapping):
        yield from _row((*place, "schema"), row["schema"], data)


def _more(keyword: str, argument: Any) -> list[Any]:
    """Give what a row could take as well."""
    if keyword == "format":
        return [one for one in FORMATS if format_type(one) == format_type(as_tuple(argument)[0]) and one not in as_tuple(argument)][:1]
    if keyword != "allowed":
        return []
    last = max(argument)
    return [last + 1 if type(last) is int else f"{last}x" if type(last) is str else not last]


def _arguments(keyword: str, argument: Any, more: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """Change a keyword's argument; `more` is what can be added to several."""
    if type(argument) is int:
        yield from (("bound moved", argument + by) for by in (-1, 1))
    if keyword in ("allowed", "prefix", "format"):
        entries = [argument] if isinstance(argument, str) else argument
        yield from (("option removed", [one for one in entries if one is not gone]) for gone in entries if len(entries) > 1)
        yield from (("option added", [*entries, one]) for one in more if one not in entries)
    if keyword == "prefix":
        yield from (("prefix shortened", [one[:-1] if one is short else one for one in entries]) for short in entries)
    if keyword in ("characters", "without"):
        yield from (("character removed", argument.replace(gone, "")) for gone in argument)
        yield "character added", argument + next(one for one in map(chr, range(33, 127)) if one not in argument)
    if keyword in ("regex", "half"):
        yield from (("pattern changed", pattern) for pattern in _patterns(argument))


def _patterns(pattern: str) -> Iterator[str]:
    """Leave out each character of a pattern, but those in the middle of a word: any text that has the word notices that."""
    inside = [index for index in range(len(pattern)) if re.fullmatch("[a-z]{3}", pattern[max(index - 1, 0) : index + 2])]
    for shorter in dict.fromkeys(pattern[:index] + pattern[index + 1 :] for index in range(len(pattern)) if index not in inside):
        try:
            re.compile(shorter)
        except re.error:
            continue
        yield shorter


def _replies(data: Data) -> Iterator[Change]:
    """Change which member of a reply states which fact, and how."""
    replies = {name: fact["reply"] for name, fact in data.get("facts", {}).items() if "reply" in fact}
    members = list(dict.fromkeys(reply["member"] for reply in replies.values()))
    for name, reply in replies.items():
        place = ("facts", name, "reply")
        yield _drop("reply changed", place)
        yield from (_drop("reply changed", (*place, key)) for key in reply if key != "member")
        yield from (_instead("reply changed", place, "member", reply, other) for other in _next(members, reply["member"])[:1])
        more = _more("allowed", reply["allowed"]) if "allowed" in reply else []
        yield from (_instead("reply changed", place, "allowed", reply, new) for _, new in _arguments("allowed", reply.get("allowed", []), more))
    if replies:
        yield _instead("reply changed", ("reply",), "campaign", data["reply"], members[0])
        only = data["reply"].get("only", [])
        less = [only[:index] + only[index + 1 :] for index in range(len(only))]
        yield from (_instead("reply changed", ("reply",), "only", data["reply"], some) for some in less)


# Conditions


def _condition(place: Place, condition: Data, data: Data, codes: Catalog) -> Iterator[Change]:
    yield _drop("condition dropped", place)
    defaults = [codes.messages[kind].code for kind in ("combination", "pair")]
    if condition.get("severity") == "warning":
        yield Change("severity changed", (*place, "severity"), "warning -> error", (*place, "severity"), "error")
    else:
        warning = {**{key: value for key, value in condition.items() if key != "code"}, "severity": "warning"}
        yield Change("severity changed", (*place, "severity"), "error -> warning", place, warning)
        code = condition.get("code")
        other = _other_code(codes, code, *defaults)
        yield Change("code changed", (*place, "code"), f"{code} -> {other}", (*place, "code"), other)
        if code not in (None, *defaults):
            yield _drop("code changed", (*place, "code"))
    for number, case in enumerate(condition["cases"]):
        yield from _case((*place, "cases", number), case, data)
        if len(condition["cases"]) > 1:
            yield _drop("case dropped", (*place, "cases", number))


def _case(place: Place, case: Data, data: Data) -> Iterator[Change]:
    tables = data["tables"]
    rows = {name: row for name, row in tables[case["in"][0]].items() if all(name in tables[table] for table in case["in"])}
    if len(case["in"]) > 1:
        yield from (_drop("table dropped", (*place, "in", index)) for index in range(len(case["in"])))
    if "at" in case:
        yield _drop("place moved", (*place, "at"))
        yield from (_instead("place moved", place, "at", case, name) for name in _next(rows, case["at"])[:1])
    for index, name in enumerate(case.get("together", ())):
        others = [one for one in _next(rows, name) if one not in case["together"]]
        yield from (_instead("pair broken", (*place, "together"), index, case["together"], other) for other in others[:1])
    when = case.get("when", {})
    if len(when) > 1 and case.keys() & {"then", "together", "facts"}:
        yield _drop("test dropped", (*place, "when"))
    for index, tests in enumerate([] if isinstance(when, Mapping) else when):
        if len(when) > 1 < len(tests):  # an alternative of one test goes with that
            yield _drop("alternative dropped", (*place, "when", index))
        yield from _tests((*place, "when", index), tests, rows, data)
    facts = {name: {"type": FACTS[fact["type"]]} for name, fact in data.get("facts", {}).items() if fact["type"] not in COLLECTIONS}
    for key, among in (("when", rows), ("then", rows), ("facts", facts)):
        if isinstance(case.get(key), Mapping):
            yield from _tests((*place, key), case[key], among, data)


def _tests(place: Place, schema: Mapping[str, Definition], rows: Mapping[str, Definition], data: Data) -> Iterator[Change]:
    """Change the tests of a `when`, a `then` or of facts; `rows` has what may be tested."""
    for name, rules in schema.items():
        for other in [one for one in _alike(rows, name, data) if one not in schema and "schema" not in rules][:1]:
            moved = {other if one == name else one: value for one, value in schema.items()}
            yield Change("test moved", (*place, name), f"to {other}", place, moved)
        for keyword, argument in rules.items():
            if keyword == "schema":
                yield from _tests((*place, name, keyword), argument, data["tables"][rows[name]["schema"]], data)
            else:
                yield from _test((*place, name), rules, keyword, resolve_ref(rows[name], data))
                if KEYWORDS[keyword].operand == "bound":
                    yield from _reference((*place, name, keyword), argument, name, rows, data)


def _test(place: Place, rules: Definition, keyword: str, row: Definition) -> Iterator[Change]:
    argument, rule = rules[keyword], (*place, keyword)
    yield _drop("test dropped", rule)
    options = [False, True] if row["type"] == "boolean" else row.get("allowed", [])
    more = {"allowed": options, "format": as_tuple(row.get("format", []))}.get(keyword, [])
    yield from (_instead(kind, place, keyword, rules, new) for kind, new in _arguments(keyword, argument, more))
    others = [("strictness changed", STRICT[keyword], argument)] if keyword in STRICT else []
    others += [("test inverted", INVERSE[keyword], argument)] if keyword in INVERSE else []
    if keyword in ("min", "max"):
        others.append(("test inverted", "max", argument - 1) if keyword == "min" else ("test inverted", "min", argument + 1))
    if keyword == "allowed" and (rest := [one for one in options if one not in argument]):
        others.append(("test inverted", "allowed", rest))
    for kind, other, new in others:
        yield Change(kind, rule, f"{other} {new!r}", place, {**{one: value for one, value in rules.items() if one != keyword}, other: new})


def _reference(place: Place, bound: Data, tested: str, rows: Mapping[str, Definition], data: Data) -> Iterator[Change]:
    """Change what a comparison compares with: the parameter or fact itself, and what is added to it or taken off."""
    facts = data.get("facts", {})
    kind = facts[bound["fact"]]["type"] if "fact" in bound else _sort(rows[tested], data)
    single = kind not in COLLECTIONS
    if "fact" in bound:
        same = [("fact", one) for one in _next(facts, bound["fact"]) if facts[one]["type"] == kind]
        same += [("parameter", one) for one in _alike(rows, tested, data) if single]
    else:
        *way, name = bound["parameter"].split("/")
        among = _table(data, way[1:], name) if way else rows
        same = [("parameter", "/".join((*way, one))) for one in _alike(among, name, data) if among is not rows or one != tested]
        same += [("fact", one) for one in facts if FACTS[facts[one]["type"]] == kind and facts[one]["type"] not in COLLECTIONS]
    kept = {key: value for key, value in bound.items() if key not in ("fact", "parameter")}
    for key, name in same[:1]:
        yield Change("reference swapped", place, f"{key} {name}", place, {key: name, **kept})
    if single and kind == "integer":
        plus = bound.get("plus", 0)
        yield from (Change("bound moved", (*place, "plus"), f"{plus} -> {plus + by}", (*place, "plus"), plus + by) for by in (-1, 1))
    for key in kept:
        yield _drop("keyword dropped", (*place, key))
    if "floor" not in bound and kind in ("datetime", "moment"):
        yield Change("keyword added", (*place, "floor"), "day", (*place, "floor"), "day")


def _table(data: Data, way: list[str], name: str) -> Mapping[str, Definition]:
    """Find the table with a parameter that stands at the end of a way from the root of some part."""
    tables: Mapping[str, Mapping[str, Definition]] = data["tables"]
    for part in PARTS:
        rows = tables[data["request"][part]["schema"]]
        for step in way:
            rows = tables.get(rows.get(step, {}).get("schema", ""), {})
        if name in rows:
            break
    return rows


def _next(names: Iterable[str], name: str) -> list[str]:
    """Give the other names, from the one after `name` on, and the first again after the last."""
    known = list(names)
    after = known.index(name)
    return known[after + 1 :] + known[:after]


def _alike(rows: Mapping[str, Definition], name: str, data: Data) -> list[str]:
    """Give the other parameters that can stand for one: their values are of the same sort."""
    return [one for one in _next(rows, name) if _sort(rows[one], data) == _sort(rows[name], data)]


def _sort(row: Definition, data: Data) -> str | None:
    row = resolve_ref(row, data)
    return format_type(as_tuple(row["format"])[0]) if "format" in row else str(row["type"])


def _other_code(codes: Catalog, *known: str | None) -> str:
    return next(code for code in codes.meanings[LOCALES[0]] if code not in (codes.success, *known))
