"""A rule set as the source of one Python function per part that only accepts valid documents.

Most documents are valid. This function says so in less time than the one that `compiler` writes,
because it may decline: as soon as anything is not plainly valid, it returns, and the other function
decides. So a value that it has passed is valid, and a rule between parameters is one condition,
in the block of the last parameter that it reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from typing import Any, NamedTuple

from isales_rules.engine.expressions import Expressions
from isales_rules.engine.runtime import (
    COERCIONS,
    floor_to_day,
    has_duplicates,
    normalize_key_case,
    shift,
)
from isales_rules.engine.source import MAX_LINE_WIDTH, SourceBuilder, escape_comment
from isales_rules.engine.values import Accept, is_missing
from isales_rules.language.keywords import KEYWORDS, Comparison, parse_expr
from isales_rules.language.model import Assertion, Bound, Clause, Parameter, Rule

_HELPERS: tuple[Any, ...] = (
    floor_to_day,
    has_duplicates,
    is_missing,
    normalize_key_case,
    shift,
    *COERCIONS.values(),
)

_ATTRIBUTES = {
    "source", "type", "ref", "schema", "coerce", "allow_unknown", "case_insensitive", "secret",
    "default", "example", "allowed_labels", "error_codes",
}  # fmt: skip
"""Attributes of definitions whose meaning is known here. With any other, values are declined."""

_COUNTED = ("string", "dict", "list")
"""Types of members that are counted as a string; objects and lists subtract themselves."""


def compile_accept(root: Parameter, name: str, *, counting: bool = False) -> tuple[Accept, str]:
    """Compile the function that accepts valid documents of one part of a rule set.

    Return it and its source. It takes a document and the prepared facts and returns whether the
    document is plainly valid. For any other document, invalid or unusual, it returns `False` or
    raises any exception.

    With *counting*, it is for documents read from JSON text, and returns, instead of `True`, one
    more than the number of strings in the shortest text of the document, keys included.
    """
    return _Writer(root, counting=counting).write().compile("accept", f"{name} accept")


class _Refusal(NamedTuple):
    """A condition under which a rule between parameters is violated.

    - `rule`: for the comment.
    - `facts`: expressions about facts, all of which must be true.
    - `presence`: each parameter that is read, and whether it must be present.
    - `tests`: further expressions that must be true.
    - `implied`: parameters that are present if the tests are true.
    """

    rule: Rule
    facts: tuple[str, ...]
    presence: dict[Parameter, bool]
    tests: tuple[str, ...]
    implied: frozenset[Parameter]


class _Writer(Expressions):
    """Write the function, one block per parameter.

    A parameter with a time format has two variables: its own name holds its text, `valid_NAME` its
    time. A missing parameter is `None`, or, if it is a string, `None` or "".
    """

    def __init__(self, root: Parameter, *, counting: bool) -> None:
        super().__init__(SourceBuilder(_HELPERS, ("accept", "facts", "strings")))
        self._counting = counting
        self._root = root
        self._positions = {parameter: number for number, parameter in enumerate(root.walk())}
        self._owners: dict[Parameter, Parameter] = {}
        for parameter in root.walk():
            self._owners |= dict.fromkeys(parameter.children(), parameter)
        self._scopes = {root, *(one.item for one in root.walk() if one.item)}
        self._refusals: dict[tuple[Parameter, bool], list[_Refusal]] = {}
        self._fact_refusals: dict[Parameter, list[_Refusal]] = {}
        self._read: set[Parameter] = set()
        self._early: dict[Parameter, dict[Parameter, None]] = {}

    def write(self) -> SourceBuilder:
        out, value = self._out, self._variable(self._root)
        for parameter in self._root.walk():
            self._read |= {parameter.unique} if parameter.unique else set()
            for clause in parameter.clauses:
                for refusal in self._clause(clause):
                    self._place(refusal, parameter)
        with out.block(f"def accept({value}, facts):"):
            self._count("strings = 1")
            self._initialise(self._root)
            self._parameter(self._root, "")
            out.line("return strings" if self._counting else "return True")
        return out

    def _valid(self, parameter: Parameter) -> str:
        has_time = "format" in parameter.definition
        return super()._valid(parameter) if has_time else self._variable(parameter)

    def _wrong_type(self, parameter: Parameter) -> str:
        has_type = self._has_type(parameter)
        return has_type.replace(" is ", " is not ") if " is " in has_type else f"not {has_type}"

    def _count(self, line: str) -> None:
        """Write a line about the number of strings."""
        if self._counting:
            self._out.line(line)

    def _decline(self, condition: object) -> None:
        self._out.line(f"if {condition}: return False")

    # Parameters

    def _initialise(self, scope: Parameter) -> None:
        """Initialise variables that are read although their block may not run."""
        if early := self._early.get(scope):
            self._out.line(f"{' = '.join(map(self._variable, early))} = None")

    def _parameter(self, parameter: Parameter, count: str) -> None:
        """Write the block of a parameter; *count* is the variable that counts members."""
        out, value = self._out, self._variable(parameter)
        if "coerce" in parameter.definition:
            coercion = parameter.definition["coerce"]
            with out.block(f"if type({value}) is str:"):
                if self._counting and coercion == "json":  # it may have any number of strings
                    out.line("return False")
                out.line(f"{value} = {COERCIONS[coercion].__name__}({value})")
        if parameter.definition.get("required"):
            self._decline(self._wrong_type(parameter))
            if parameter.type == "any" or (
                parameter.type == "string" and not parameter.violated("")
            ):
                self._decline(f"{value} == ''" if parameter.type == "any" else f"not {value}")
            self._value(parameter)
        elif parameter.type == "string":
            self._optional_string(parameter, count)
        else:
            self._optional(parameter, count)

    def _optional_string(self, parameter: Parameter, count: str) -> None:
        out, value = self._out, self._variable(parameter)
        with out.block(f"if {value}:"):
            self._decline(f"type({value}) is not str")
            self._value(parameter)
        refusals = self._refusals.get((parameter, False))
        with out.block("else:") if refusals else nullcontext():
            missing = f"{count} -= 1" if count else "pass"
            out.line(f"{'if' if refusals else 'elif'} {value} is None: {missing}")
            out.line(f"elif type({value}) is not str: return False")
            self._refuse(parameter, present=False)

    def _optional(self, parameter: Parameter, count: str) -> None:
        """Write the block of an optional parameter that is not a string; "" is unusual."""
        out, value = self._out, self._variable(parameter)
        nonempty = f" and {value} != ''" if parameter.type == "any" else ""
        with out.block(f"if {self._has_type(parameter)}{nonempty}:"):
            if count:
                out.line(f"{count} += 1")
                if parameter.type not in _COUNTED:
                    self._count("strings -= 1")
            self._value(parameter)
        unusual = "" if parameter.is_part else f" and not is_missing({value})"
        out.line(f"elif {value} is not None{unusual}: return False")
        read, refusals = parameter in self._read, self._refusals.get((parameter, False))
        if read or refusals or self._counting or parameter.fact_clauses():
            with out.block("else:"):
                if parameter.fact_clauses():
                    self._decline("facts")
                self._count(f"strings += {value} is not None")
                out.lines([f"{value} = None"] if read else [])
                self._refuse(parameter, present=False)

    def _value(self, parameter: Parameter) -> None:
        """Write what must be true of a value of the right type."""
        out, value, definition = self._out, self._variable(parameter), parameter.definition
        if definition.keys() - KEYWORDS.keys() - _ATTRIBUTES:
            out.line("return False")
            return
        for name, keyword in parameter.keywords.items():
            if name == "format":
                time = parse_expr(value, definition[name], out.bind)
                self._decline(f"({self._valid(parameter)} := {time}) is None")
            elif not keyword.refines:
                self._decline(keyword.violated_expr(value, definition[name], out.bind))
        self._refuse(parameter, present=True)
        if parameter.has_members:
            self._members(parameter, value)
        if parameter.item is not None:
            self._items(parameter, parameter.item)

    def _items(self, list_: Parameter, item: Parameter) -> None:
        out, name, unique = self._out, self._variable(item), list_.unique
        seen = out.name("seen") if unique else ""
        out.lines([f"{seen} = set()"] if unique else [])
        with out.block(f"for {name} in {self._variable(list_)}:"):
            self._initialise(item)
            if item.type == "string":
                self._count("strings += 1")
            self._parameter(item, "")
            if not item.has_members:
                self._refuse_by_facts(item)
            if unique:
                entry = self._variable(unique)
                with out.block(f"if {self._is_present(unique, expected=True)}:"):
                    self._decline(f"{entry} in {seen}")
                    out.line(f"{seen}.add({entry})")
        if self._is_member(list_):
            self._count("strings -= 1")

    def _members(self, parameter: Parameter, value: str) -> None:
        out, members, definition = self._out, parameter.members, parameter.definition
        if definition.get("case_insensitive"):
            spellings = {name.lower(): name for name in members}
            bound = out.bind("SPELLINGS", spellings, list(members))
            out.line(f"{value} = normalize_key_case({value}, {bound})")
        required = [one for one in members.values() if one.definition.get("required")]
        optional_strings = [
            one for one in members.values() if one.type == "string" and one not in required
        ]
        expected = len(required) + len(optional_strings)
        count = str(expected)
        if len(required) < len(members):
            count = out.name("count")
            out.line(f"{count} = {expected}")
        for member in members.values():
            self._member(member, value, count)
        out.line()
        self._refuse_by_facts(parameter)
        if definition.get("allow_unknown"):
            self._decline(f"len({value}) != {count} and has_duplicates({value})")
        else:
            names = out.bind("NAMES", frozenset(members), list(members))
            self._decline(f"len({value}) != {count} and not {names}.issuperset({value})")
        # Of the members that `count` has, these are not strings; a number may be optional.
        others = sum(one.type not in _COUNTED for one in required) + self._is_member(parameter)
        self._count(f"strings += len({value}) + {count} - {others}")

    def _member(self, member: Parameter, owner: str, count: str) -> None:
        required, name = member.definition.get("required"), member.name
        self._out.line()
        self._out.comment(member.definition["source"])
        get = f"[{name!r}]" if required else f".get({name!r})"
        self._out.line(f"{self._variable(member)} = {owner}{get}")
        self._parameter(member, "" if required else count)

    def _is_member(self, parameter: Parameter) -> bool:
        return parameter in self._owners and parameter is not self._owners[parameter].item

    # Rules between parameters

    def _clause(self, clause: Clause) -> Iterator[_Refusal]:
        facts = [f"{fact!r} in facts" for fact in sorted(clause.required_facts)]
        for fact, name, argument in clause.facts:
            violated = KEYWORDS[name].violated_expr(f"facts[{fact!r}]", argument, self._out.bind)
            facts.append(str(violated.negated()))
        for when in clause.when or [()]:
            start = _Refusal(clause.first_rule, tuple(facts), {}, (), frozenset())
            holds = [(assertion, True) for assertion in when]
            if clause.required_together:
                one, other = clause.required_together
                yield from self._refusal(start, [*holds, (one, True), (other, False)])
                yield from self._refusal(start, [*holds, (one, False), (other, True)])
            elif not clause.then:
                yield from self._refusal(start, holds)
            for assertion in clause.then:
                yield from self._refusal(start, [*holds, (assertion, False)])

    def _refusal(
        self, start: _Refusal, assertions: Iterable[tuple[Assertion, bool]]
    ) -> Iterator[_Refusal]:
        """Yield the condition under which assertions hold or not, unless that is impossible."""
        presence: dict[Parameter, bool] = {}
        tests: dict[str, None] = {}
        implied: set[Parameter] = set()
        for assertion, holds in assertions:
            violated = self._violated(assertion)
            parameter, bound = assertion.chain[-1], assertion.argument
            if assertion.keyword.operand == "presence":
                read = dict.fromkeys(assertion.chain[:-1], True)
                is_present = isinstance(violated, Comparison) and violated.operator == "is not"
                read[parameter] = is_present is not holds
            else:
                read = {parameter: True}
                if isinstance(bound, Bound):
                    read |= dict.fromkeys(bound.chain[-1:], True)
                    tests |= dict.fromkeys(self._parsing(bound, read))
                test = violated.negated() if holds else violated
                tests[str(test)] = None
                if holds and assertion.keyword.name == "allowed" and "" not in bound:
                    implied.add(parameter)
            if any(presence.get(one, expected) is not expected for one, expected in read.items()):
                return
            presence |= read
        yield start._replace(presence=presence, tests=tuple(tests), implied=frozenset(implied))

    def _parsing(self, bound: Bound, parameters: Iterable[Parameter]) -> Iterator[str]:
        """Write that strings are times in the formats of a bound."""
        for parameter in parameters:
            valid, time = self._valid(parameter), self._parsed(parameter, bound.formats)
            if time != valid:
                yield f"({time} := {parse_expr(valid, bound.formats, self._out.bind)}) is not None"

    def _place(self, refusal: _Refusal, owner: Parameter) -> None:
        """Place a refusal where all that it reads is known: the last parameter, or with facts."""
        last = max(refusal.presence, key=self._positions.__getitem__, default=owner)
        if refusal.facts:
            last = owner
            self._fact_refusals.setdefault(owner, []).append(refusal)
            self._read |= refusal.presence.keys()
        else:
            key = last, refusal.presence.get(last, True)
            self._refusals.setdefault(key, []).append(refusal)
            self._read |= refusal.presence.keys() - {last}
        around = self._around(last)
        for parameter in refusal.presence:
            if parameter not in around and self._owners[parameter] not in around:
                scope = next(one for one in self._around(parameter) if one in self._scopes)
                self._early.setdefault(scope, {})[parameter] = None

    def _around(self, parameter: Parameter) -> list[Parameter]:
        """Return a parameter and the objects and lists around it, outwards."""
        around = [parameter]
        while around[-1] in self._owners:
            around.append(self._owners[around[-1]])
        return around

    def _refuse(self, parameter: Parameter, *, present: bool) -> None:
        """Write the refusals in the block of a parameter, without what is known there."""
        known = {parameter: present}
        for refusal in self._refusals.get((parameter, present), ()):
            unknown = self._unknown(refusal, parameter, known)
            if unknown is not None:
                self._rule(refusal, unknown, parameter)
                if len(unknown) == 1 and not refusal.tests:
                    known |= {one: not expected for one, expected in unknown.items()}

    def _refuse_by_facts(self, owner: Parameter) -> None:
        """Write the refusals that read facts, at the end of their object."""
        if refusals := self._fact_refusals.get(owner):
            with self._out.block("if facts:"):
                for refusal in refusals:
                    unknown = self._unknown(refusal, owner, {})
                    if unknown is not None:
                        self._rule(refusal, unknown, owner)

    def _unknown(
        self, refusal: _Refusal, last: Parameter, known: dict[Parameter, bool]
    ) -> dict[Parameter, bool] | None:
        """Return the presence that is unknown in a block; `None` if the refusal is impossible."""
        around = self._around(last)
        known = dict.fromkeys(around, True) | known
        for parameter in refusal.presence:
            if parameter.definition.get("required") and self._owners.get(parameter) in around:
                known[parameter] = True
        if any(
            known.get(one, expected) is not expected for one, expected in refusal.presence.items()
        ):
            return None
        return {one: now for one, now in refusal.presence.items() if one not in known}

    def _is_present(self, parameter: Parameter, *, expected: bool) -> str:
        value = self._variable(parameter)
        if parameter.type == "string":
            return value if expected else f"not {value}"
        return f"{value} is {'not ' * expected}None"

    def _rule(
        self, refusal: _Refusal, unknown: dict[Parameter, bool], parameter: Parameter
    ) -> None:
        rule = refusal.rule
        presence = [
            self._is_present(one, expected=unknown[one])
            for one in unknown
            if one not in refusal.implied
        ]
        conditions = [*refusal.facts, *presence, *refusal.tests]
        cited = rule.source == parameter.definition["source"]
        comment = escape_comment(rule.id if cited else f"{rule.source}: {rule.id}")
        line = f"if {' and '.join(conditions) or True}: return False  # {comment}"
        if len(line) < MAX_LINE_WIDTH:
            self._out.line(line)
        else:
            self._out.line(f"# {comment}")
            with self._out.if_all(conditions):
                self._out.line("return False")
