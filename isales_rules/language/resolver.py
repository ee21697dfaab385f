"""From TOML tables to the model: names, references, limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from isales_rules._text import suggest
from isales_rules.language.catalog import Catalog
from isales_rules.language.keywords import KEYWORDS, Definition, as_tuple
from isales_rules.language.model import (
    COLLECTIONS,
    ERROR_TYPE,
    FACTS,
    MAX_ASSERTIONS,
    MAX_DEPTH,
    MAX_PARAMETERS,
    OBJECT_RULES,
    PARTS,
    REQUEST,
    SHOWN,
    Assertion,
    Bound,
    Clause,
    Parameter,
    Path,
    Problem,
    Rule,
    _inherited,
    json_pointer,
)
from isales_rules.language.time_formats import format_type, parse_duration

COMPARABLE_TYPES = ("integer", "number", "string", "boolean")
"""Types of entries that `unique` compares."""


def resolve_ref(row: Definition, data: Mapping[str, Any]) -> dict[str, Any]:
    """Merge a definition with the shared definition that it refers to."""
    shared = data.get("definitions", {}).get(row.get("ref"), {})
    return {**shared, **{key: value for key, value in row.items() if key != "ref"}}


class Resolver:
    """Resolve a part of a request, or the whole `request`, to the model, and collect problems.

    *base* comes before the paths of a part; its last name replaces that of the part.
    """

    def __init__(self, data: Mapping[str, Any], codes: Catalog, part: str, base: Path = ()) -> None:
        self.problems: list[Problem] = []
        self.data = data
        self.codes = codes
        self._part = part
        self._placed = self._tests = 0
        self._order: dict[int, int] = {}
        self._ends: dict[int, int] = {}
        self._clauses: dict[str, list[tuple[str, Definition, Definition]]] = {}
        rules = data.get("rules", ())
        self._changes = {one["id"]: one for one in rules if "clauses" not in one}
        for number, condition in enumerate(rules):
            clauses = condition.get("clauses", ()) if condition.get("enabled", True) else ()
            for index, case in enumerate(clauses):
                for table in case["tables"]:
                    self._clauses.setdefault(table, []).append(
                        (f"rules[{number}].clauses[{index}]", condition, case)
                    )
        if part == REQUEST:
            row = {"type": "dict", "required": True, "schema": REQUEST, "source": data["title"]}
            self.root = self._resolve_definition(REQUEST, (), row, REQUEST, REQUEST, ())
            self.root.is_part = True
        else:
            self.root = self._place_part(part, base)
        self._count(self.root)
        for one in self.root.members.values() if part == REQUEST else (self.root,):
            self._tests = 0
            self._add_clauses(one, ())

    # Parameters

    def _rule(
        self,
        rule: str,
        kind: str,
        path: Path,
        name: str,
        row: Definition,
        near: tuple[str, ...] = (),
    ) -> Rule:
        keyword, template = rule.rpartition(".")[2], self.codes.messages[kind]
        change = self._changes.get(rule, {})
        severity = change.get("severity", "error")
        code = row.get("error_codes", {}).get(keyword, template.code)
        if "message" in change:
            template = template._replace(texts={**template.texts, **change["message"]})
        return Rule(
            rule,
            change.get("code", code) if severity == "error" else None,
            severity,
            change.get("source", row.get("sources", {}).get(keyword, row["source"])),
            path,
            json_pointer(path),
            name,
            template,
            row,
            suggestions=near,
            keyword=keyword,
        )

    def _is_enabled(self, rule: str) -> bool:
        return bool(self._changes.get(rule, {}).get("enabled", True))

    def _enabled(self, rule: str, row: Definition) -> dict[str, Any]:
        """Return a definition without the keywords whose rules are disabled."""
        row = {
            key: value
            for key, value in resolve_ref(row, self.data).items()
            if key not in KEYWORDS
            or (
                self._is_enabled(f"{rule}.{key}")
                and self._is_enabled(f"{rule}.{KEYWORDS[key].refines or key}")
            )
        }
        if row["type"] == "dict" and not self._is_enabled(f"{row.get('schema')}.unknown-parameter"):
            row["allow_unknown"] = True
        return row

    def _place_part(self, part: str, path: Path) -> Parameter:
        self._placed = 0
        parameter = self._resolve_definition(
            (path or (part,))[-1] or part,
            path,
            self.data["request"][part],
            f"request.{part}",
            part,
            (),
        )
        parameter.is_part = True
        return parameter

    def _resolve_definition(
        self, name: str, path: Path, row: Definition, place: str, rule: str, inside: tuple[str, ...]
    ) -> Parameter:
        row = self._sourced(self._enabled(rule, row), name if inside else "")
        rules = {
            keyword: KEYWORDS[keyword].message(row)
            for keyword in row
            if keyword in KEYWORDS and KEYWORDS[keyword].in_definitions
        }
        if not row.get("required"):
            rules.pop("required", None)
        kinds = {"type": "type", **rules}
        if "coerce" in row:
            kinds["coerce"] = f"not-{row['coerce']}"
        if rule in ("body", REQUEST):
            kinds |= {"invalid-json": "invalid-json", "required": "missing"}
        parameter = Parameter(
            name,
            path,
            row,
            {
                key: self._rule(f"{rule}.{key}", kind, path, name, row)
                for key, kind in kinds.items()
            },
        )
        self._placed += 1
        if self._placed > MAX_PARAMETERS:
            if self._placed == MAX_PARAMETERS + 1:
                self.problems.append(
                    (f"request.{self._part}", f"has more than {MAX_PARAMETERS} parameters")
                )
        elif len(inside) >= MAX_DEPTH and row["type"] in ("dict", "list"):
            self.problems.append((place, f"is nested more than {MAX_DEPTH} objects and lists deep"))
        elif row["type"] == "dict" and isinstance(table := row.get("schema"), str):
            self._resolve_members(parameter, table, place, inside)
        elif row["type"] == "list" and isinstance(entry := row.get("schema"), Mapping):
            entry = {"source": row["source"], **entry, **_inherited(row)}
            parameter.item = self._resolve_item(parameter, entry, place, rule, inside)
            self._resolve_unique(parameter, f"{place}.unique")
        self.problems += [
            (f"{place}.{key}", SHOWN)
            for key in ("allowed", "default")
            if row.get("secret") and key in row
        ]
        if any(inner.definition.get("secret") for inner in parameter.children()):
            # A value in the place of an object or a list may be the secret that belongs inside it.
            parameter.definition = {**row, "secret": True}
            own = {
                key: check._replace(definition={**check.definition, "secret": True})
                for key, check in parameter.rules.items()
                if key not in OBJECT_RULES
            }
            parameter.rules |= own
        return parameter

    def _sourced(self, row: Definition, name: str) -> Definition:
        """Return a definition with a source: the interface and the name, unless it has one."""
        if "source" in row:
            return row
        source = self.data["source"]
        return {**row, "source": f"{source}, {name}" if name else source}

    def _resolve_item(
        self, parameter: Parameter, row: Definition, place: str, rule: str, inside: tuple[str, ...]
    ) -> Parameter:
        if row.get("required") is False:
            self.problems.append(
                (f"{place}.schema.required", "an entry of a list is always mandatory")
            )
        return self._resolve_definition(
            parameter.name,
            (*parameter.path, None),
            {**row, "required": True},
            f"{place}.schema",
            f"{rule}.item",
            (*inside, place),
        )

    def _resolve_unique(self, parameter: Parameter, place: str) -> None:
        """Move the rule of `unique` from the list to what must be unique in it."""
        item, rule = parameter.item, parameter.rules.get("unique")
        if rule is None or item is None or ERROR_TYPE in (item.type, item.definition["type"]):
            return
        target = parameter.unique
        if target is None:
            name = parameter.definition["unique"]
            reason = f"there is no parameter {name!r} in an entry" + suggest(name, item.members)
            self.problems.append((place, reason))
        elif target.type not in COMPARABLE_TYPES:
            self.problems.append((place, f"compares no values of the type {target.type}"))
        else:
            parameter.rules["unique"] = rule._replace(
                path=target.path,
                pointer=json_pointer(target.path),
                name=target.name,
                definition={**target.definition, "unique": True},
            )

    def _resolve_members(
        self, parameter: Parameter, table: str, place: str, inside: tuple[str, ...]
    ) -> None:
        if place == REQUEST:
            parameter.members.update((part, self._place_part(part, (part,))) for part in PARTS)
            self._close(parameter, REQUEST, parameter.definition["source"])
            return
        rows = self.data["tables"].get(table)
        if rows is None or table in inside:
            reason = (
                f"there is no table {table!r}" + suggest(table, self.data["tables"])
                if rows is None
                else f"the table {table!r} contains itself"
            )
            self.problems.append((f"{place}.schema", reason))
            parameter.type = ERROR_TYPE
            return
        spelled: dict[str, str] = {}
        for name, row in rows.items():
            where = f"tables.{table}.{name}"
            member = self._resolve_definition(
                name,
                (*parameter.path, name),
                {**row, **_inherited(parameter.definition)},
                where,
                f"{table}.{name}",
                (*inside, table),
            )
            parameter.members[name] = member
            if (
                parameter.definition.get("case_insensitive")
                and (other := spelled.setdefault(name.lower(), name)) != name
            ):
                self.problems.append(
                    (
                        where,
                        f"is {other!r} in another case, and {place}.case_insensitive ignores case; remove one of them",
                    )
                )
        # The table itself is the source of what is about all of its parameters: "Table 4" of "Table
        # 4, No. 8.1".
        self._close(
            parameter,
            table,
            next(iter(parameter.members.values()), parameter)
            .definition["source"]
            .partition(",")[0],
        )

    def _close(self, parameter: Parameter, table: str, source: str) -> None:
        """Add the rules of an object about its members: too many, unknown or duplicate."""
        near = tuple(parameter.members)
        row = {**parameter.definition, "documented": len(near), "source": source, "secret": False}
        within = (*parameter.path, None)
        if not row.get("allow_unknown"):
            parameter.rules["too-many-parameters"] = self._rule(
                f"{table}.too-many-parameters",
                "too-many-parameters",
                parameter.path,
                parameter.name,
                row,
            )
            parameter.rules["unknown-parameter"] = self._rule(
                f"{table}.unknown-parameter", "unknown-parameter", within, "", row, near=near
            )
        parameter.rules["duplicate-key"] = self._rule(
            f"{table}.duplicate-key", "duplicate-key", within, "", row
        )

    # Cases

    def _add_clauses(self, parameter: Parameter, above: tuple[Parameter, ...]) -> None:
        above = (*above, parameter)
        for inner in parameter.children():
            self._add_clauses(inner, above)
        if not parameter.has_members:
            return
        for place, condition, case in self._clauses.get(parameter.definition["schema"], ()):
            if self._tests > MAX_ASSERTIONS:
                return
            resolver = _ClauseResolver(self, condition, parameter, above, place)
            for owner, found in resolver.resolve(case):
                self._tests += (
                    1 + len(found.then) + len(found.required_together) + sum(map(len, found.when))
                )
                owner.clauses.append(found)
            if self._tests > MAX_ASSERTIONS:
                self.problems.append(
                    (
                        place,
                        f"is one too many: request.{self._part} has more than {MAX_ASSERTIONS} tests, counted in every object",
                    )
                )

    def is_evaluated_before(
        self, target: tuple[Parameter, ...], above: tuple[Parameter, ...]
    ) -> bool:
        """Check whether a parameter is known when the clauses of an object are evaluated.

        The object is the last of *above*.
        """
        return self._order[id(target[-1])] <= self._ends[id(above[-1])]

    def _count(self, parameter: Parameter) -> None:
        """Assign numbers in document order, and keep the last number inside each parameter."""
        self._order[id(parameter)] = len(self._order)
        for inner in parameter.children():
            self._count(inner)
        self._ends[id(parameter)] = len(self._order) - 1


class _ClauseResolver:
    """Resolve the clauses of one rule in one object."""

    def __init__(
        self,
        layout: Resolver,
        condition: Mapping[str, Any],
        owner: Parameter,
        above: tuple[Parameter, ...],
        place: str,
    ) -> None:
        self._resolver = layout
        self._rule_table = condition
        self._owner = owner
        self._above = above
        self._location = place
        self._facts = layout.data.get("facts", {})
        self._needs: set[str] = set()

    def resolve(self, case: Mapping[str, Any]) -> Iterator[tuple[Parameter, Clause]]:
        """Yield the clause of the object, and those of items of its lists, with their owners."""
        then = case.get("then", {})
        items = {name: rules["items"] for name, rules in then.items() if "items" in rules}
        for name, rules in items.items():
            yield from self._item_clause(case, name, rules)
        then = {
            name: {keyword: argument for keyword, argument in rules.items() if keyword != "items"}
            for name, rules in then.items()
            if rules.keys() != {"items"}
        }
        if then or not items:
            assertions = self._assertions(then, (), f"{self._location}.then")
            yield self._owner, self._clause(case, assertions)

    def _item_clause(
        self, case: Mapping[str, Any], name: str, rules: Mapping[str, Any]
    ) -> Iterator[tuple[Parameter, Clause]]:
        """Yield the clause of the items of a list, which is evaluated with each item."""
        place = f"{self._location}.then.{name}"
        parameter = self._member(self._owner, name, place)
        if parameter is None or parameter.type == ERROR_TYPE:
            return
        item, place = parameter.item, f"{place}.items"
        if item is None or item.type in ("dict", "list"):
            self._problem(place, "applies only to lists of strings, integers or booleans")
        elif "when" in case:
            self._problem(place, "is evaluated before a when; leave out one of them")
        elif item.type != ERROR_TYPE:
            above = (*self._above, parameter, item)
            inner = _ClauseResolver(self._resolver, self._rule_table, item, above, self._location)
            assertions = inner._keyword_assertions(rules, (item,), place)  # of the same class
            yield item, inner._clause({"facts": case.get("facts", {})}, assertions)

    def _clause(self, case: Mapping[str, Any], then: Iterable[Assertion]) -> Clause:
        when = case.get("when", [])
        alternatives = [when] if isinstance(when, Mapping) else when
        at = (
            self._member(self._owner, case["report_at"], f"{self._location}.report_at")
            if "report_at" in case
            else None
        )
        place = f"{self._location}.when"
        return Clause(
            rule_id=self._rule_table["id"],
            report_at=at or self._owner,
            facts=tuple(self._fact_assertions(case.get("facts", {}))),
            when=tuple(
                tuple(
                    self._assertions(
                        schema, (), place if isinstance(when, Mapping) else f"{place}[{number}]"
                    )
                )
                for number, schema in enumerate(alternatives)
            ),
            then=tuple(then),
            required_together=tuple(self._required_together(case.get("required_together", ()))),
            rule=self._make_rule(
                at or self._owner,
                "conflict",
                {"facts": [*case["facts"]]} if "facts" in case else {},
                "when" if when else "facts",
            ),
            required_facts=frozenset(self._needs),
        )

    def _problem(self, place: str, reason: str) -> None:
        if (place, reason) not in self._resolver.problems:
            self._resolver.problems.append((place, reason))

    def _make_rule(
        self, parameter: Parameter, kind: str, row: Definition, keyword: str, other: Path = ()
    ) -> Rule:
        condition, codes = self._rule_table, self._resolver.codes
        warning = condition.get("severity") == "warning"
        found = codes.messages["advisory" if warning else kind]
        if parameter is self._owner and parameter.has_members:
            found = found._replace(shows="none")
        return Rule(
            id=condition["id"],
            code=None if warning else condition.get("code", found.code),
            severity="warning" if warning else "error",
            source=condition.get("source", parameter.definition["source"]),
            path=parameter.path,
            pointer=json_pointer(parameter.path),
            name=parameter.name,
            template=found,
            definition={**parameter.definition, **row},
            message=condition["message"],
            keyword=keyword,
            other=other,
        )

    def _member(self, parameter: Parameter, name: str, place: str) -> Parameter | None:
        found = parameter.members.get(name)
        if found is None and parameter.type != ERROR_TYPE:
            self._problem(
                place, f"there is no parameter {name!r} here" + suggest(name, parameter.members)
            )
        return found

    def _fact(self, name: str, place: str) -> Mapping[str, Any] | None:
        fact: Mapping[str, Any] | None = self._facts.get(name)
        if fact is None:
            self._problem(place, f"there is no fact {name!r}" + suggest(name, self._facts))
        self._needs.add(name)
        return fact

    def _fact_assertions(
        self, schema: Mapping[str, Mapping[str, Any]]
    ) -> Iterator[tuple[str, str, Any]]:
        for name, rules in schema.items():
            place = f"{self._location}.facts.{name}"
            fact = self._fact(name, place)
            for keyword, argument in rules.items():
                if fact is not None and fact["type"] not in KEYWORDS[keyword].types:
                    self._problem(
                        f"{place}.{keyword}", f"is not for a fact of the type {fact['type']}"
                    )
                elif fact is not None:
                    self._check_argument(keyword, argument, fact["type"], f"{place}.{keyword}")
                yield name, keyword, argument

    def _assertions(
        self, schema: Mapping[str, Mapping[str, Any]], chain: tuple[Parameter, ...], place: str
    ) -> Iterator[Assertion]:
        """Yield the assertions of a `when` or `then`, with those of an inner `schema`."""
        for name, rules in schema.items():
            parameter = self._member(chain[-1] if chain else self._owner, name, f"{place}.{name}")
            if parameter is None or parameter.type == ERROR_TYPE:
                continue
            yield from self._keyword_assertions(rules, (*chain, parameter), f"{place}.{name}")

    def _keyword_assertions(
        self, rules: Mapping[str, Any], here: tuple[Parameter, ...], place: str
    ) -> Iterator[Assertion]:
        parameter = here[-1]
        for keyword, argument in rules.items():
            where = f"{place}.{keyword}"
            if keyword == "schema":
                yield from self._assertions(argument, here, where)
            elif keyword == "items":
                self._problem(where, "is not for a condition, nor inside an object")
            elif parameter.type not in KEYWORDS[keyword].types:
                self._problem(where, f"is not for a parameter of the type {parameter.type}")
            else:
                rule = KEYWORDS[keyword]
                self._check_argument(keyword, argument, parameter.type, where)
                if keyword == "allowed" and parameter.definition.get("secret"):
                    self._problem(where, SHOWN)
                bound = (
                    self._bound(argument, here, keyword, where)
                    if rule.operand == "bound"
                    else argument
                )
                yield Assertion(
                    here,
                    rule,
                    keyword,
                    bound,
                    self._make_rule(
                        parameter,
                        "conflict",
                        {keyword: argument},
                        keyword,
                        _path_of(bound, parameter) if isinstance(bound, Bound) else (),
                    ),
                )

    def _check_argument(self, keyword: str, argument: Any, type_name: str, place: str) -> None:
        for reason in KEYWORDS[keyword].problems(argument, {"type": type_name, keyword: argument}):
            self._problem(place, reason)

    def _required_together(self, names: tuple[str, ...]) -> Iterator[Assertion]:
        for name, other in zip(names, reversed(names), strict=True):
            parameter = self._member(self._owner, name, f"{self._location}.required_together")
            if parameter is not None:
                yield Assertion(
                    (parameter,),
                    KEYWORDS["required"],
                    "required",
                    True,
                    self._make_rule(
                        parameter,
                        "required-together",
                        {"other": other},
                        "required_together",
                        (*parameter.path[:-1], other),
                    ),
                )

    def _bound(
        self, argument: Mapping[str, Any], chain: tuple[Parameter, ...], keyword: str, place: str
    ) -> Bound:
        tested = chain[-1]
        target: tuple[Parameter, ...] = ()
        sort: str | None = None
        collection = False
        pointer: str = argument.get("parameter", "")
        formats = as_tuple(argument.get("format", ()))
        self._check_format(formats, tested, f"{place}.format")
        tested_type = _type_with(formats, tested)
        if "fact" in argument:
            fact = self._fact(argument["fact"], f"{place}.fact")
            sort = FACTS[fact["type"]] if fact else None
            collection = bool(fact) and fact["type"] in COLLECTIONS  # type: ignore[index]  # bool(fact) is beyond mypy
        else:
            target = self._resolve(pointer, chain, f"{place}.parameter")
            sort = _type_with(formats, target[-1]) if target else None
        if sort is not None and sort != tested_type:
            self._problem(place, f"compares a {tested_type} with a {sort}")
        elif sort is not None and collection != (keyword in ("in", "not_in")):
            self._problem(
                place,
                "needs a fact that is a collection"
                if not collection
                else "cannot be compared with a collection",
            )
        offset = self._offset(argument.get("offset", 0), sort, f"{place}.offset")
        if collection and "offset" in argument:
            self._problem(f"{place}.offset", "does not apply to a collection")
        if "floor" in argument and sort not in (None, "moment"):
            self._problem(f"{place}.floor", "applies only to times with a date")
        return Bound(
            argument.get("fact"),
            target,
            pointer.startswith("/"),
            offset,
            argument.get("floor"),
            not collection
            and not (offset and sort in ("time", "day"))
            and not any(one.definition.get("secret") for one in (tested, *target[-1:])),
            formats,
        )

    def _check_format(self, formats: tuple[str, ...], tested: Parameter, place: str) -> None:
        if formats and tested.comparison_type not in ("string", None):
            self._problem(place, "applies only to strings without a format of their own")
        for reason in KEYWORDS["format"].problems(formats, {}) if formats else ():
            self._problem(place, reason)

    def _offset(self, offset: int | str, sort: str | None, place: str) -> int | timedelta:
        """Return an offset: a duration for times, in seconds for those without a date."""
        if isinstance(offset, int):
            if offset and sort not in (None, "integer", "number"):
                self._problem(place, "without a unit applies only to integers and numbers")
            return offset
        duration = parse_duration(offset)
        if duration is None:
            self._problem(place, "must be a number and a unit, such as 30d, 12h, 5m or 10s")
            return 0
        if sort not in (None, "moment", "day", "time"):
            self._problem(place, "with a unit applies only to dates and times")
        return int(duration.total_seconds()) if sort == "time" else duration

    def _resolve(
        self, pointer: str, chain: tuple[Parameter, ...], place: str
    ) -> tuple[Parameter, ...]:
        """Find the parameter that a pointer names.

        It starts at the root of the part, or, without a slash, beside the parameter of the
        assertion.
        """
        if not pointer.startswith("/"):
            found = self._member(chain[-2] if len(chain) > 1 else self._owner, pointer, place)
            return (found,) if found else ()
        target: tuple[Parameter, ...] = ()
        for part in pointer[1:].split("/"):
            name = part.replace("~1", "/").replace("~0", "~")
            found = self._member(target[-1] if target else self._above[0], name, place)
            if found is None:
                return ()
            target = (*target, found)
        if not self._resolver.is_evaluated_before(target, self._above):
            self._problem(
                place,
                f"{pointer!r} comes after the object that the case is in; put the case into an object that has both",
            )
        return target


def _path_of(bound: Bound, parameter: Parameter) -> Path:
    """Return the path of the parameter that sets a bound; empty for a fact."""
    if not bound.chain:
        return ()
    names = [one.name for one in bound.chain]
    return bound.chain[-1].path if bound.absolute else (*parameter.path[:-1], *names)


def _type_with(formats: tuple[str, ...], parameter: Parameter) -> str | None:
    """Return the type that a parameter is compared as, if it may be a string in a format."""
    own = parameter.comparison_type
    return format_type(formats[0]) if formats and own == "string" else own
