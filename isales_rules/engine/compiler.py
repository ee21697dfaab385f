"""A rule set as the source of one Python function per part.

No loop over rules, no lookup of a rule, and nothing is created for a valid body. Text of a rule set
enters the source through `repr` or as a bound value; the name of a parameter names a variable only
if it is a plain ASCII identifier.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from isales_rules.engine.expressions import Expressions
from isales_rules.engine.runtime import (
    COERCIONS,
    floor_to_day,
    found_missing,
    normalize_key_case,
    report_too_many_members,
    report_unknown_members,
    shift,
)
from isales_rules.engine.source import SourceBuilder
from isales_rules.engine.usage import Usage
from isales_rules.engine.values import Engine, is_missing
from isales_rules.language.keywords import KEYWORDS, Comparison, Expression, parse_expr
from isales_rules.language.model import Assertion, Bound, Clause, Parameter, Rule

_NONEMPTY = {"string": " and {}", "any": ' and {} != ""'}
"""By the types that include the empty string, the condition that excludes it."""

_HELPERS: tuple[Any, ...] = (
    floor_to_day,
    found_missing,
    is_missing,
    normalize_key_case,
    report_too_many_members,
    report_unknown_members,
    shift,
    *COERCIONS.values(),
)


class Compiled(NamedTuple):
    """A compiled part of a rule set: the function, and its source as `linecache` has it."""

    function: Engine
    source: str


def compile_part(root: Parameter, name: str) -> Compiled:
    """Compile one part of a rule set.

    The function takes a document and the prepared facts and returns the raw violations.
    """
    return Compiled(*_Writer(root).write().compile("violations_of", name))


class _Writer(Expressions):
    """Write the function, one block per parameter.

    A parameter has up to two variables. Its own name holds what the document has, and `valid_NAME`
    what it can be compared with: `None` if it is missing or invalid. The second exists only if a
    clause reads it.
    """

    def __init__(self, root: Parameter) -> None:
        super().__init__(
            SourceBuilder(_HELPERS, ("facts", "violations", "report", "violations_of"))
        )
        self._root = root
        self._owners: dict[Parameter, str] = {}
        self._usage = Usage(root)

    def write(self) -> SourceBuilder:
        value = self._variable(self._root)
        with self._out.block(f"def violations_of({value}, facts):"):
            self._out.line("violations = []")
            self._out.line("report = violations.append")
            self._initialise(self._root)
            self._parameter(self._root, (), "")
            self._out.line("return violations")
        return self._out

    # Names

    def _rule(self, rule: Rule) -> str:
        return self._out.bind(rule.id.upper(), rule)

    def _report(
        self, rule: Rule, found: str, indexes: tuple[str, ...], other: str = "None"
    ) -> None:
        violation = [self._rule(rule), found]
        if indexes:
            violation += [other, f"({', '.join(indexes)},)"]
        elif other != "None":
            violation.append(other)
        self._out.line(f"report(({', '.join(violation)}))")

    def _missing(self, parameter: Parameter) -> str:
        """Write what is found of a missing parameter: absent, null or an empty string."""
        owner = self._owners.get(parameter)
        return (
            self._variable(parameter)
            if owner is None
            else f"found_missing({owner}, {parameter.name!r})"
        )

    def _found(self, parameter: Parameter) -> str:
        """Write what is found of a parameter that may be missing."""
        value = self._variable(parameter)
        return f"{self._missing(parameter)} if {value} is None else {value}"

    # Parameters

    def _initialise(self, scope: Parameter) -> None:
        """Initialise variables that a clause may read although their block did not run."""
        names = []
        for parameter in self._usage.early.get(scope, ()):
            names.append(self._variable(parameter))
            if parameter in self._usage.values:
                names.append(self._valid(parameter))
        if names:
            self._out.line(f"{' = '.join(names)} = None")

    def _parameter(self, parameter: Parameter, indexes: tuple[str, ...], on_no_key: str) -> None:
        """Write the block of a parameter; *on_no_key* is for an object that lacks its key."""
        value = self._variable(parameter)
        on_missing = [f"{value} = None"] if parameter in self._usage.presence else []
        if parameter in self._usage.values:
            self._out.line(f"{self._valid(parameter)} = None")
        if parameter.type == "string" and not parameter.definition.get("required"):
            self._optional_string(parameter, indexes, on_no_key, on_missing)
        else:
            self._value(parameter, indexes, on_no_key, on_missing)
        if clauses := parameter.fact_clauses():
            with self._out.block(f"if facts and type({value}) is not dict:"):
                for clause in clauses:
                    self._clause(clause, indexes)

    def _value(
        self, parameter: Parameter, indexes: tuple[str, ...], on_no_key: str, on_missing: list[str]
    ) -> None:
        out, value, required = (
            self._out,
            self._variable(parameter),
            parameter.definition.get("required"),
        )
        coerced = "coerce" in parameter.definition
        if coerced:
            with out.block(f"if type({value}) is str:"):
                coercion = COERCIONS[parameter.definition["coerce"]].__name__
                out.line(f"{value} = {coercion}({value})")
        nonempty = _NONEMPTY.get(parameter.type, "").format(value)
        missing, present = f"is_missing({value})", f"not is_missing({value})"
        if parameter.is_part:
            missing, present = f"{value} is None", f"{value} is not None"
        with out.block(f"if {self._has_type(parameter)}{nonempty}:"):
            self._keywords(parameter, indexes)
            if parameter.has_members:
                self._object(parameter, indexes)
            if parameter.item is not None:
                self._items(parameter, parameter.item, indexes)
        if required:
            with out.block(f"elif {missing}:"):
                out.lines(filter(None, [on_no_key]))
                self._report(parameter.rules["required"], self._missing(parameter), indexes)
                out.lines(on_missing)
        else:
            if on_no_key:
                with out.block(f"elif {value} is None:"):
                    out.line(on_no_key)
            if on_missing:
                with out.block(f"elif {missing}:"):
                    out.lines(on_missing)
        if coerced:
            with out.block(f"elif type({value}) is str and {value}:"):
                self._report(parameter.rules["coerce"], value, indexes)
        with out.block("else:" if required or on_missing else f"elif {present}:"):
            self._report(parameter.rules["type"], value, indexes)

    def _optional_string(
        self, parameter: Parameter, indexes: tuple[str, ...], on_no_key: str, on_missing: list[str]
    ) -> None:
        """Write the block of an optional string: it is so often empty that this costs no call."""
        out, value = self._out, self._variable(parameter)
        with out.block(f"if type({value}) is not str:"):
            if on_no_key:
                with out.block(f"if {value} is None:"):
                    out.line(on_no_key)
            with out.block("else:" if on_no_key else f"if {value} is not None:"):
                self._report(parameter.rules["type"], value, indexes)
        if on_missing:
            with out.block(f"elif not {value}:"):
                out.lines(on_missing)
        if parameter.keywords or parameter in self._usage.values:
            with out.block("else:" if on_missing else f"elif {value}:"):
                self._keywords(parameter, indexes)

    def _keywords(self, parameter: Parameter, indexes: tuple[str, ...]) -> None:
        """Write the keywords of a definition, which also set the valid value."""
        out, value, definition = self._out, self._variable(parameter), parameter.definition
        keywords = parameter.keywords
        valid = self._valid(parameter) if parameter in self._usage.values else ""
        if valid and "format" not in keywords:
            out.line(f"{valid} = {value}")
        before = ""
        for name in [name for name, keyword in keywords.items() if not keyword.refines]:
            violated: Expression = keywords[name].violated_expr(value, definition[name], out.bind)
            if valid and name == "format":
                out.line(f"{valid} = {parse_expr(value, definition[name], out.bind)}")
                violated = Comparison(valid, "is", "None")
            either = keywords[name].excludes == before
            with out.block(f"{'elif' if either else 'if'} {violated}:"):
                self._report_keyword(parameter, name, indexes)
                if valid and name != "format":
                    out.line(f"{valid} = None")
            before = name

    def _report_keyword(self, parameter: Parameter, name: str, indexes: tuple[str, ...]) -> None:
        """Report a violated keyword, or instead the one that refines it."""
        out, value, rules = self._out, self._variable(parameter), parameter.rules
        found = f"len({value})" if parameter.type == "list" else value
        for other, keyword in parameter.keywords.items():
            if keyword.refines == name:
                refined = keyword.violated_expr(value, parameter.definition[other], out.bind)
                with out.block(f"if {refined}:"):
                    self._report(rules[other], found, indexes)
                with out.block("else:"):
                    self._report(rules[name], found, indexes)
                return
        self._report(rules[name], found, indexes)

    def _object(self, parameter: Parameter, indexes: tuple[str, ...]) -> None:
        out, value, members, rules = (
            self._out,
            self._variable(parameter),
            parameter.members,
            parameter.rules,
        )
        names = out.bind("NAMES", frozenset(members), list(members))
        path = f"({', '.join(indexes)},)" if indexes else "()"
        if parameter.definition.get("case_insensitive"):
            spellings = out.bind(
                "SPELLINGS", {name.lower(): name for name in members}, list(members)
            )
            out.line(f"{value} = normalize_key_case({value}, {spellings})")
        count = out.name("count")
        out.line(f"{count} = len({value})")
        exact = not parameter.definition.get("allow_unknown")
        if exact:
            with out.block(f"if {count} > {len(members)}:"):
                too_many = self._rule(rules["too-many-parameters"])
                out.line(
                    f"report_too_many_members(violations, {too_many}, {value}, {names}, {path})"
                )
        get, missing = out.name("get"), out.name("missing")
        out.line(f"{get} = {value}.get")
        out.line(f"{missing} = 0")
        for member in members.values():
            out.line()
            out.comment(member.definition["source"])
            out.line(f"{self._variable(member)} = {get}({member.name!r})")
            self._owners[member] = value
            self._parameter(member, indexes, f"{missing} += {member.name!r} not in {value}")
        self._clauses(parameter, indexes)
        out.line()
        with out.block(f"if {count} != {len(members)} - {missing}:"):
            unknown = self._rule(rules["unknown-parameter"]) if exact else "None"
            duplicate = self._rule(rules["duplicate-key"])
            out.line(
                f"report_unknown_members(violations, {unknown}, {duplicate}, {value}, {names}, {path})"
            )

    def _items(self, parameter: Parameter, item: Parameter, indexes: tuple[str, ...]) -> None:
        out, value, unique = self._out, self._variable(parameter), parameter.unique
        index = out.name("index")
        seen, duplicates = (out.name("seen"), out.name("duplicates")) if unique else ("", "")
        if unique:
            out.lines([f"{seen} = set()", f"{duplicates} = []"])
        with out.block(f"for {index}, {self._variable(item)} in enumerate({value}):"):
            self._initialise(item)
            self._parameter(item, (*indexes, index), "")
            if not item.has_members:
                self._clauses(item, (*indexes, index))
            if unique:
                entry = self._variable(unique)
                with out.block(f"if {self._valid(unique)} is not None:"):
                    with out.block(f"if {entry} in {seen}:"):
                        rule = self._rule(parameter.rules["unique"])
                        where = ", ".join((*indexes, index))
                        out.line(f"{duplicates}.append(({rule}, {entry}, None, ({where},)))")
                    out.line(f"{seen}.add({entry})")
        if unique:
            out.line(f"violations.extend({duplicates})")

    # Rules between parameters

    def _clauses(self, parameter: Parameter, indexes: tuple[str, ...]) -> None:
        for stated, clauses in _grouped(parameter.clauses):
            self._out.line()
            if stated:
                with self._out.block("if facts:"):
                    for clause in clauses:
                        self._clause(clause, indexes)
            else:
                self._clause(clauses[0], indexes)

    def _clause(self, clause: Clause, indexes: tuple[str, ...]) -> None:
        out = self._out
        out.comment(f"{clause.first_rule.source}: {clause.rule_id}")
        conditions: list[object] = [f"{fact!r} in facts" for fact in sorted(clause.required_facts)]
        for fact, name, argument in clause.facts:
            value = f"facts[{fact!r}]"
            conditions.append(KEYWORDS[name].violated_expr(value, argument, out.bind).negated())
        alternatives = [self._holds(assertions) for assertions in clause.when]
        if len(alternatives) == 1:
            conditions += alternatives[0]
        elif alternatives:
            conditions.append(f"({' or '.join(_all_of(parts) for parts in alternatives)})")
        if clause.required_together:
            self._required_together(clause.required_together, conditions, indexes)
        elif not clause.then:
            with out.if_all(conditions):
                at_owner = clause.rule.template.shows == "none"
                found = "None" if at_owner else self._found(clause.report_at)
                self._report(clause.rule, found, indexes)
        elif len(clause.then) == 1:
            self._then(clause.then[0], conditions, indexes)
        else:
            with out.if_all(conditions):
                for assertion in clause.then:
                    self._then(assertion, [], indexes)

    def _required_together(
        self, assertions: tuple[Assertion, ...], conditions: list[object], indexes: tuple[str, ...]
    ) -> None:
        names = [self._variable(assertion.chain[-1]) for assertion in assertions]
        for assertion, name, other in zip(assertions, names, reversed(names), strict=True):
            with self._out.if_all([*conditions, f"{name} is None", f"{other} is not None"]):
                self._report(assertion.rule, self._missing(assertion.chain[-1]), indexes)

    def _then(
        self, assertion: Assertion, conditions: list[object], indexes: tuple[str, ...]
    ) -> None:
        violated = self._violated(assertion)
        with self._out.if_all([*conditions, *self._decidable(assertion), violated]):
            bound = assertion.argument
            other = self._shown(bound) if isinstance(bound, Bound) and bound.shown else "None"
            parameter = assertion.chain[-1]
            presence = assertion.keyword.operand == "presence"
            found = self._found(parameter) if presence else self._variable(parameter)
            self._report(assertion.rule, found, indexes, other)

    def _shown(self, bound: Bound) -> str:
        """Write the bound as a message shows it.

        The value of a parameter as the document has it.
        """
        if bound.offset or bound.floor or not bound.chain:
            return self._bound(bound)
        return self._variable(bound.chain[-1])

    def _holds(self, assertions: tuple[Assertion, ...]) -> list[Expression]:
        """Write what must be true for assertions to hold."""
        parts: list[Expression] = []
        for assertion in assertions:
            holds = self._violated(assertion).negated()
            # `None` is not an option, so that a comparison with options implies a valid value.
            valid = (
                self._valid(assertion.chain[-1]) if assertion.keyword.operand == "value" else None
            )
            options = isinstance(holds, Comparison) and holds.operator in ("==", "in")
            if not (options and isinstance(holds, Comparison) and holds.left == valid):
                parts += self._decidable(assertion)
            parts.append(holds)
        return parts

    def _decidable(self, assertion: Assertion) -> list[Expression]:
        """Write what must be true to decide an assertion: objects are objects, values are valid."""
        if assertion.keyword.operand == "presence":
            containers = assertion.chain[:-1]
            return [Comparison(f"type({self._variable(one)})", "is", "dict") for one in containers]
        needed = [assertion.chain[-1]]
        if isinstance(assertion.argument, Bound):
            needed += assertion.argument.chain[-1:]
        formats = assertion.argument.formats if isinstance(assertion.argument, Bound) else ()
        parts: list[Expression] = []
        for one in needed:
            valid, parsed = self._valid(one), self._parsed(one, formats)
            parts.append(Comparison(valid, "is not", "None"))
            if parsed != valid:
                time = parse_expr(valid, formats, self._out.bind)
                parts.append(Comparison(f"({parsed} := {time})", "is not", "None"))
        return parts


def _grouped(clauses: list[Clause]) -> Iterator[tuple[bool, list[Clause]]]:
    """Group neighbouring clauses that need facts; each of the others is a group of its own."""
    group: list[Clause] = []
    for clause in clauses:
        if clause.required_facts:
            group.append(clause)
            continue
        if group:
            yield True, group
            group = []
        yield False, [clause]
    if group:
        yield True, group


def _all_of(parts: list[Expression]) -> str:
    texts = list(dict.fromkeys(map(str, parts)))
    return f"({' and '.join(texts)})" if len(texts) > 1 else texts[0]
