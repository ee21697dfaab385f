"""A rule set laid out: every parameter at its place in a document, with its checks and the cases between parameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from isales_rules.codes import Codes, Kind
from isales_rules.times import Reader, reader, sort
from isales_rules.vocabulary import KEYWORDS, Keyword, Row, texts

Path: TypeAlias = tuple[str | None, ...]
"""The way to a parameter; `None` stands for a list's index, or for the name of an undocumented parameter."""

Problem: TypeAlias = tuple[str, str]
"""A place in a rule set (`tables.body.name.maxlength`) and what is wrong there."""

PARTS = ("path", "headers", "body")
"""The parts of a request."""

REQUEST = "request"
"""The name of the whole request: an object whose members are its parts."""

DEEPEST = 16
"""So many objects and lists may stand inside each other; Python cannot indent a function much deeper."""

MOST = 10_000
"""So many parameters a part of a request may have. A table that stands in several places counts in each, and a few tables stand for any number."""

MOST_TESTS = 50_000
"""Maximum number of the tests of a part's cases. A case counts in each place where its table stands."""

FACTS = {"datetime": "moment", "boolean": "boolean", "integer": "integer", "strings": "string", "integers": "integer"}
"""The types that a fact can have, each with the sort of value that it is compared with."""

COLLECTIONS = ("strings", "integers")

CLOSED = ("crowded", "undocumented", "duplicate")
"""What can be wrong with an object's parameters beside what its table says of each."""

UNKNOWN = "unknown"
"""The type of a parameter whose row is wrong: nothing that refers to it is told as well."""


SHOWN = "is not for a secret: messages, explanations and examples show it"
"""Why a rule set must not have the values of a secret."""


class Check(NamedTuple):
    """One way to be wrong at one place, with all that its message needs. `pointer` is the path where nothing in it has to be filled in."""

    rule: str
    code: str | None
    severity: str
    source: str
    path: Path
    pointer: str
    name: str
    kind: Kind
    row: Mapping[str, Any]
    message: Mapping[str, str] | None = None
    near: tuple[str, ...] = ()


def pointer(path: Iterable[str | None]) -> str:
    """Write a path as a JSON Pointer (RFC 6901)."""
    return "".join(["/" + part.replace("~", "~0").replace("/", "~1") for part in path if part is not None])


class Reference(NamedTuple):
    """A bound that is not written in the rule set: a fact's value, or a parameter's, which is the last of `chain`.

    `shown` says whether a message may show it: a collection is too much, and a secret is one.
    `own` reads the text of the parameter that has the bound, `read` the text of the one that sets it, where they have a time format.
    """

    fact: str | None
    chain: tuple[Parameter, ...]
    absolute: bool
    plus: int
    floor: str | None
    shown: bool
    own: Reader | None
    read: Reader | None


class Test(NamedTuple):
    """A keyword put to the last parameter of `chain`, which begins among the members of the object that the case is in."""

    chain: tuple[Parameter, ...]
    keyword: Keyword
    name: str
    argument: Any
    check: Check


class Case(NamedTuple):
    """One case of a condition, in one object. `when` has alternatives; where there is no `then`, `check` is the violation, and `at` its place."""

    rule: str
    at: Parameter
    facts: tuple[tuple[str, str, Any], ...]
    when: tuple[tuple[Test, ...], ...]
    then: tuple[Test, ...]
    together: tuple[Test, ...]
    check: Check
    needs: frozenset[str]


class Parameter:
    """A parameter at its place.

    `rules` are the keywords that a value of the right type is put to: the time format first, then in the row's order. `members` and `cases` are
    an object's, `entry` is a list's; they are filled in after it is made. `is_part` says whether it is a part of a request, or the whole of it.
    """

    __slots__ = ("cases", "checks", "entry", "is_part", "members", "name", "path", "row", "rules", "type")

    def __init__(self, name: str, path: Path, row: Row, checks: dict[str, Check]) -> None:
        self.name = name
        self.path = path
        self.row = row
        self.checks = checks
        self.type: str = row["type"]
        rules = {name: KEYWORDS[name] for name in row if name in KEYWORDS and KEYWORDS[name].reads == "value"}
        self.rules = {"format": rules["format"], **rules} if "format" in rules else rules
        self.members: dict[str, Parameter] = {}
        self.cases: list[Case] = []
        self.entry: Parameter | None = None
        self.is_part = False

    @property
    def closed(self) -> bool:
        """Whether it is an object with a table that says which parameters there are."""
        return self.type == "dict" and "schema" in self.row

    @property
    def reader(self) -> Reader | None:
        return reader(texts(self.row["format"])) if "format" in self.row else None

    @property
    def sort(self) -> str | None:
        """What its value can be compared with; `None` where that is not known."""
        if self.type == UNKNOWN:
            return None
        return sort(texts(self.row["format"])[0]) if "format" in self.row else self.type

    def fact_cases(self) -> list[Case]:
        """Return the cases of a part, or of all parts, that are about a part itself and look only at facts: they apply whatever its value is."""
        parts = [one for one in (self, *self.members.values()) if one.is_part]
        return [case for part in parts for case in part.cases if case.at is part and not (case.when or case.then or case.together)]

    def walk(self) -> Iterator[Parameter]:
        """Go through this parameter and everything inside it, in the document's order."""
        yield self
        for inner in self.inner():
            yield from inner.walk()

    def inner(self) -> tuple[Parameter, ...]:
        """Give an object's members, or a list's entry."""
        return (*self.members.values(), self.entry) if self.entry else tuple(self.members.values())


def expand(row: Row, data: Mapping[str, Any]) -> dict[str, Any]:
    """Take over the shared row that a row names with `use`."""
    shared = data.get("shared", {}).get(row.get("use"), {})
    return {**shared, **{key: value for key, value in row.items() if key != "use"}}


def _inherited(row: Row) -> dict[str, Any]:
    """Give the keys that a row passes on to what is inside it: a part of a secret is secret."""
    return {"secret": True} if row.get("secret") else {}


class Layout:
    """Lays out one part of a request (`path`, `headers` or `body`), or the whole `request`, and notes every problem on the way.

    `base` is put before the paths of a part; its last name replaces the part's own.
    """

    def __init__(self, data: Mapping[str, Any], codes: Codes, part: str, base: Path = ()) -> None:
        self.problems: list[Problem] = []
        self.data = data
        self.codes = codes
        self._part = part
        self._placed = self._tests = 0
        self._order: dict[int, int] = {}
        self._ends: dict[int, int] = {}
        self._cases: dict[str, list[tuple[str, Row, Row]]] = {}
        for number, condition in enumerate(data.get("conditions", ())):
            for index, case in enumerate(condition["cases"]):
                for table in case["in"]:
                    self._cases.setdefault(table, []).append((f"conditions[{number}].cases[{index}]", condition, case))
        if part == REQUEST:
            row = {"type": "dict", "required": True, "schema": REQUEST, "source": data["title"]}
            self.root = self._place(REQUEST, (), row, REQUEST, REQUEST, ())
            self.root.is_part = True
        else:
            self.root = self._place_part(part, base)
        self._count(self.root)
        for one in self.root.members.values() if part == REQUEST else (self.root,):
            self._tests = 0
            self._add_cases(one, ())

    # Parameters

    def _check(self, rule: str, kind: str, path: Path, name: str, row: Row, near: tuple[str, ...] = ()) -> Check:
        code = row.get("codes", {}).get(rule.rpartition(".")[2], self.codes.kinds[kind].code)
        return Check(rule, code, "error", row["source"], path, pointer(path), name, self.codes.kinds[kind], row, near=near)

    def _place_part(self, part: str, path: Path) -> Parameter:
        self._placed = 0
        parameter = self._place((path or (part,))[-1] or part, path, self.data["request"][part], f"request.{part}", part, ())
        parameter.is_part = True
        return parameter

    def _place(self, name: str, path: Path, row: Row, place: str, rule: str, inside: tuple[str, ...]) -> Parameter:
        row = expand(row, self.data)
        rules = {keyword: KEYWORDS[keyword].kind(row) for keyword in row if keyword in KEYWORDS and KEYWORDS[keyword].rows}
        if not row.get("required"):
            rules.pop("required", None)
        kinds = {"type": "type", **rules}
        if "coerce" in row:
            kinds["coerce"] = "conversion"
        if rule in ("body", REQUEST):
            kinds |= {"json": "text", "required": "empty"}
        parameter = Parameter(name, path, row, {key: self._check(f"{rule}.{key}", kind, path, name, row) for key, kind in kinds.items()})
        self._placed += 1
        if self._placed > MOST:
            if self._placed == MOST + 1:
                self.problems.append((f"request.{self._part}", f"has more than {MOST} parameters"))
        elif len(inside) >= DEEPEST and row["type"] in ("dict", "list"):
            self.problems.append((place, f"stands more than {DEEPEST} objects and lists deep"))
        elif row["type"] == "dict" and isinstance(table := row.get("schema"), str):
            self._fill(parameter, table, place, inside)
        elif row["type"] == "list" and isinstance(entry := row.get("schema"), Mapping):
            entry = {"source": row["source"], **entry, **_inherited(row)}
            parameter.entry = self._place(name, (*path, None), entry, f"{place}.schema", f"{rule}.entry", (*inside, place))
        self.problems += [(f"{place}.{key}", SHOWN) for key in ("allowed", "default") if row.get("secret") and key in row]
        if any(inner.row.get("secret") for inner in parameter.inner()):
            # What stands in the place of an object or a list may be what is secret in it.
            parameter.row = {**row, "secret": True}
            own = {key: check._replace(row={**check.row, "secret": True}) for key, check in parameter.checks.items() if key not in CLOSED}
            parameter.checks |= own
        return parameter

    def _fill(self, parameter: Parameter, table: str, place: str, inside: tuple[str, ...]) -> None:
        if place == REQUEST:
            parameter.members.update((part, self._place_part(part, (part,))) for part in PARTS)
            self._close(parameter, REQUEST, parameter.row["source"])
            return
        rows = self.data["tables"].get(table)
        if rows is None or table in inside:
            reason = (
                f"there is no table {table!r}" + hint(table, self.data["tables"]) if rows is None else f"the table {table!r} stands inside itself"
            )
            self.problems.append((f"{place}.schema", reason))
            parameter.type = UNKNOWN
            return
        spelled: dict[str, str] = {}
        for name, row in rows.items():
            where = f"tables.{table}.{name}"
            member = self._place(name, (*parameter.path, name), {**row, **_inherited(parameter.row)}, where, f"{table}.{name}", (*inside, table))
            parameter.members[name] = member
            if parameter.row.get("anycase") and (other := spelled.setdefault(name.lower(), name)) != name:
                self.problems.append((where, f"is {other!r} in another case, and {place}.anycase ignores case; remove one of them"))
        # The table itself is the source of what is about all of its parameters: "Table 4" of "Table 4, No. 8.1".
        self._close(parameter, table, next(iter(rows.values()), parameter.row)["source"].partition(",")[0])

    def _close(self, parameter: Parameter, table: str, source: str) -> None:
        """Add the checks of an object with a table: parameters that are too many, unknown or duplicate."""
        near = tuple(parameter.members)
        row = {**parameter.row, "documented": len(near), "source": source, "secret": False}
        within = (*parameter.path, None)
        if not row.get("allow_unknown"):
            parameter.checks["crowded"] = self._check(f"{table}.crowded", "crowded", parameter.path, parameter.name, row)
            parameter.checks["undocumented"] = self._check(f"{table}.undocumented", "undocumented", within, "", row, near=near)
        parameter.checks["duplicate"] = self._check(f"{table}.duplicate", "duplicate", within, "", row)

    # Cases

    def _add_cases(self, parameter: Parameter, above: tuple[Parameter, ...]) -> None:
        above = (*above, parameter)
        for inner in parameter.inner():
            self._add_cases(inner, above)
        if not parameter.closed:
            return
        for place, condition, case in self._cases.get(parameter.row["schema"], ()):
            if self._tests > MOST_TESTS:
                return
            found = _Cases(self, condition, parameter, above, place).lay_out(case)
            self._tests += 1 + len(found.then) + len(found.together) + sum(map(len, found.when))
            if self._tests > MOST_TESTS:
                self.problems.append((place, f"is one too many: request.{self._part} has more than {MOST_TESTS} tests, counted in every object"))
            parameter.cases.append(found)

    def reachable(self, target: tuple[Parameter, ...], above: tuple[Parameter, ...]) -> bool:
        """Whether the cases of an object, the last of `above`, are looked at when the target is known."""
        return self._order[id(target[-1])] <= self._ends[id(above[-1])]

    def _count(self, parameter: Parameter) -> None:
        """Give numbers to the parameters in the document's order, and note for each the last number inside it."""
        self._order[id(parameter)] = len(self._order)
        for inner in parameter.inner():
            self._count(inner)
        self._ends[id(parameter)] = len(self._order) - 1


class _Cases:
    """Lays out the cases of one condition in one object."""

    def __init__(self, layout: Layout, condition: Mapping[str, Any], owner: Parameter, above: tuple[Parameter, ...], place: str) -> None:
        self._layout = layout
        self._condition = condition
        self._owner = owner
        self._above = above
        self._place = place
        self._facts = layout.data.get("facts", {})
        self._needs: set[str] = set()

    def lay_out(self, case: Mapping[str, Any]) -> Case:
        when = case.get("when", [])
        alternatives = [when] if isinstance(when, Mapping) else when
        at = self._member(self._owner, case["at"], f"{self._place}.at") if "at" in case else None
        place = f"{self._place}.when"
        return Case(
            rule=self._condition["id"],
            at=at or self._owner,
            facts=tuple(self._fact_tests(case.get("facts", {}))),
            when=tuple(
                tuple(self._tests(schema, (), place if isinstance(when, Mapping) else f"{place}[{number}]"))
                for number, schema in enumerate(alternatives)
            ),
            then=tuple(self._tests(case.get("then", {}), (), f"{self._place}.then")),
            together=tuple(self._together(case.get("together", ()))),
            check=self._check(at or self._owner, "combination", {}),
            needs=frozenset(self._needs),
        )

    def _problem(self, place: str, reason: str) -> None:
        if (place, reason) not in self._layout.problems:
            self._layout.problems.append((place, reason))

    def _check(self, parameter: Parameter, kind: str, row: Row) -> Check:
        condition, codes = self._condition, self._layout.codes
        warning = condition.get("severity") == "warning"
        found = codes.kinds["advisory" if warning else kind]
        if parameter is self._owner:
            found = found._replace(shown="nothing")
        return Check(
            rule=condition["id"],
            code=None if warning else condition.get("code", found.code),
            severity="warning" if warning else "error",
            source=condition.get("source", parameter.row["source"]),
            path=parameter.path,
            pointer=pointer(parameter.path),
            name=parameter.name,
            kind=found,
            row={**parameter.row, **row},
            message=condition["message"],
        )

    def _member(self, parameter: Parameter, name: str, place: str) -> Parameter | None:
        found = parameter.members.get(name)
        if found is None and parameter.type != UNKNOWN:
            self._problem(place, f"there is no parameter {name!r} here" + hint(name, parameter.members))
        return found

    def _fact(self, name: str, place: str) -> Mapping[str, Any] | None:
        fact: Mapping[str, Any] | None = self._facts.get(name)
        if fact is None:
            self._problem(place, f"there is no fact {name!r}" + hint(name, self._facts))
        self._needs.add(name)
        return fact

    def _fact_tests(self, schema: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str, Any]]:
        for name, rules in schema.items():
            place = f"{self._place}.facts.{name}"
            fact = self._fact(name, place)
            for keyword, argument in rules.items():
                if fact is not None and fact["type"] not in KEYWORDS[keyword].types:
                    self._problem(f"{place}.{keyword}", f"is not for a fact of the type {fact['type']}")
                elif fact is not None:
                    self._options(keyword, argument, fact["type"], f"{place}.{keyword}")
                yield name, keyword, argument

    def _tests(self, schema: Mapping[str, Mapping[str, Any]], chain: tuple[Parameter, ...], place: str) -> Iterator[Test]:
        """Yield the tests of a `when` or `then`; an inner `schema` is gone into."""
        for name, rules in schema.items():
            parameter = self._member(chain[-1] if chain else self._owner, name, f"{place}.{name}")
            if parameter is None or parameter.type == UNKNOWN:
                continue
            here = (*chain, parameter)
            for keyword, argument in rules.items():
                where = f"{place}.{name}.{keyword}"
                if keyword == "schema":
                    yield from self._tests(argument, here, where)
                elif parameter.type not in KEYWORDS[keyword].types:
                    self._problem(where, f"is not for a parameter of the type {parameter.type}")
                else:
                    rule = KEYWORDS[keyword]
                    self._options(keyword, argument, parameter.type, where)
                    if keyword == "allowed" and parameter.row.get("secret"):
                        self._problem(where, SHOWN)
                    bound = self._reference(argument, here, keyword, where) if rule.reads == "bound" else argument
                    yield Test(here, rule, keyword, bound, self._check(parameter, "combination", {keyword: argument}))

    def _options(self, keyword: str, argument: Any, type_name: str, place: str) -> None:
        if keyword == "allowed":
            for reason in mistyped(argument, type_name):
                self._problem(place, reason)

    def _together(self, names: tuple[str, ...]) -> Iterator[Test]:
        for name, other in zip(names, reversed(names), strict=True):
            parameter = self._member(self._owner, name, f"{self._place}.together")
            if parameter is not None:
                yield Test((parameter,), KEYWORDS["required"], "required", True, self._check(parameter, "pair", {"other": other}))

    def _reference(self, argument: Mapping[str, Any], chain: tuple[Parameter, ...], keyword: str, place: str) -> Reference:
        tested = chain[-1]
        target: tuple[Parameter, ...] = ()
        sort: str | None = None
        collection = False
        pointer: str = argument.get("parameter", "")
        if "fact" in argument:
            fact = self._fact(argument["fact"], f"{place}.fact")
            sort = FACTS[fact["type"]] if fact else None
            collection = bool(fact) and fact["type"] in COLLECTIONS  # type: ignore[index]  # bool(fact) is beyond mypy
        else:
            target = self._resolve(pointer, chain, f"{place}.parameter")
            sort = target[-1].sort if target else None
        if sort is not None and sort != tested.sort:
            self._problem(place, f"compares a {tested.sort} with a {sort}")
        elif sort is not None and collection != (keyword in ("among", "notamong")):
            self._problem(place, "needs a fact that is a collection" if not collection else "cannot be compared with a collection")
        if "plus" in argument and (collection or sort not in (None, "integer")):
            self._problem(f"{place}.plus", "is for integers alone")
        if "floor" in argument and sort not in (None, "moment"):
            self._problem(f"{place}.floor", "is for times with a date alone")
        return Reference(
            argument.get("fact"),
            target,
            pointer.startswith("/"),
            argument.get("plus", 0),
            argument.get("floor"),
            not collection and not any(one.row.get("secret") for one in (tested, *target[-1:])),
            tested.reader,
            target[-1].reader if target else None,
        )

    def _resolve(self, pointer: str, chain: tuple[Parameter, ...], place: str) -> tuple[Parameter, ...]:
        """Find the parameter that a pointer names: from the root of the part, or, without a slash, beside the parameter tested."""
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
        if not self._layout.reachable(target, self._above):
            self._problem(place, f"{pointer!r} comes after the object that the case is in; put the case into an object that has both")
        return target


def mistyped(options: Iterable[Any], type_name: str) -> Iterator[str]:
    """Say of every option that is not of a type that it is not."""
    wanted = {"integer": int, "string": str, "boolean": bool}[type_name]
    for option in options:
        if type(option) is not wanted:
            yield f"the option {option!r} is not of the type {type_name}"


def hint(name: object, known: object) -> str:
    """Suggest the nearest of the known names, as the end of a sentence."""
    from difflib import get_close_matches

    near = get_close_matches(str(name)[:64], [str(one) for one in known], 1)  # type: ignore[attr-defined]  # any iterable of names
    return f"; did you mean {near[0]!r}?" if near else ""
