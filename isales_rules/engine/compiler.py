"""A rule set turned into the source of one Python function: no loop over rules, no lookup of a rule, nothing made for a valid body.

Text of a rule set reaches the source through `repr` alone, or as a value bound to a name; a parameter's name becomes a variable's name only where
it is a plain ASCII identifier.
"""

from __future__ import annotations

import builtins
import keyword
import linecache
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from isales_rules.engine.runtime import (
    floor_to_day,
    found_missing,
    normalize_key_case,
    parse_decimal,
    report_too_many_members,
    report_unknown_members,
)
from isales_rules.engine.usage import Usage
from isales_rules.engine.values import Engine, is_missing
from isales_rules.language.keywords import KEYWORDS, as_tuple, parse_expr
from isales_rules.language.model import Assertion, Bound, Clause, Parameter, Rule
from isales_rules.language.time_formats import told_apart

MAX_LINE_WIDTH = 120
"""A condition that would make a longer line is written one part a line."""

_TYPES = {"string": "str", "integer": "int", "boolean": "bool", "dict": "dict", "list": "list"}
_OPPOSITE = {
    "is": "is not", "is not": "is", "==": "!=", "!=": "==", "in": "not in", "not in": "in", "<": ">=", ">=": "<", ">": "<=", "<=": ">",
}  # fmt: skip
_SIMPLE = re.compile(r"(\w+|facts\['\w+'\]) (is not|is|==|!=|not in|in|<=|>=|<|>) ([\w'-]+|\{[\w, -]+\})")


class Compiled(NamedTuple):
    """A compiled part of a rule set: the function, and its source as `linecache` has it."""

    function: Engine
    source: str


def compile_part(root: Parameter, name: str) -> Compiled:
    """Compile one part of a rule set. The function takes a document and the stated facts, and returns the records of what is wrong."""
    writer = _Writer(root)
    source = writer.write()
    file = f"<isales_rules {_comment(name)} {zlib.crc32(source.encode()):08x}>"
    namespace = writer.bound
    exec(compile(source, file, "exec"), namespace)  # noqa: S102  # the source is ours: see the note at the top
    linecache.cache[file] = len(source), None, source.splitlines(True), file
    return Compiled(namespace["check"], source)


_HELPERS = (normalize_key_case, report_too_many_members, parse_decimal, is_missing, floor_to_day, found_missing, report_unknown_members)


class _Writer:
    """Writes the function, a block for each parameter.

    A parameter has up to two variables: its own name holds what was given (`None` where empty), `clean_` and its name what can be compared with
    it (`None` where it is empty or wrong). The second is there only where a case between parameters wants it.
    """

    def __init__(self, root: Parameter) -> None:
        self._root = root
        self.bound: dict[str, Any] = {helper.__name__: helper for helper in _HELPERS}
        self._lines: list[str] = []
        self._depth = 0
        self._names: dict[int, str] = {}
        self._objects: dict[int, str] = {}
        self._clean_names: dict[int, str] = {}
        self._by_value: dict[Any, str] = {}
        self._next: dict[str, int] = {}
        self._notes: list[str] = []
        self._taken = {*dir(builtins), *keyword.kwlist, *self.bound, "facts", "mistakes", "note"}
        self._uses = Usage(root)

    def write(self) -> str:
        value = self._variable(self._root)
        with self._block(f"def check({value}, facts):"):
            self._line("mistakes = []")
            self._line("note = mistakes.append")
            self._scope(self._root)
            self._parameter(self._root, value, ())
            self._line("return mistakes")
        return "\n".join([*self._notes, "", *self._lines, ""])

    # Text

    def _line(self, text: str) -> None:
        self._lines.append("    " * self._depth + text if text else "")

    @contextmanager
    def _block(self, head: str) -> Iterator[None]:
        self._line(head)
        self._depth += 1
        before = len(self._lines)
        yield
        if len(self._lines) == before:
            self._line("pass")
        self._depth -= 1

    # Names

    def _name(self, wanted: str) -> str:
        """Make a name of the source that is not taken yet, out of one that may be any text."""
        plain = re.sub("[^A-Za-z0-9_]+", "_", wanted).strip("_")
        plain = plain if re.match("[A-Za-z]", plain) else f"p_{plain}"
        name = plain
        while name in self._taken:
            self._next[plain] = self._next.get(plain, 1) + 1
            name = f"{plain}_{self._next[plain]}"
        self._taken.add(name)
        return name

    def _variable(self, parameter: Parameter) -> str:
        if id(parameter) not in self._names:
            self._names[id(parameter)] = self._name(parameter.name)
        return self._names[id(parameter)]

    def _clean(self, parameter: Parameter) -> str:
        if id(parameter) not in self._uses.separate:
            return self._variable(parameter)
        if id(parameter) not in self._clean_names:
            self._clean_names[id(parameter)] = self._name(f"clean_{self._variable(parameter)}")
        return self._clean_names[id(parameter)]

    def _bind(self, hint: str, value: object, note: object = None) -> str:
        key = (hint, id(value) if isinstance(value, dict | Rule) else value)
        if key not in self._by_value:
            name = self._by_value[key] = self._name(hint)
            self.bound[name] = value
            if note is not None:
                self._notes.append(f"# {name} is for {note!r}")
        return self._by_value[key]

    def _check(self, check: Rule) -> str:
        return self._bind(check.id.upper(), check)

    def _note(self, check: Rule, found: str, where: tuple[str, ...], other: str = "None") -> None:
        record = [self._check(check), found]
        if where:
            record += [other, f"({', '.join(where)},)"]
        elif other != "None":
            record.append(other)
        self._line(f"note(({', '.join(record)}))")

    def _missing(self, parameter: Parameter) -> str:
        """Write what is found of a parameter that is missing."""
        around = self._objects.get(id(parameter))
        return self._variable(parameter) if around is None else f"found_missing({around}, {parameter.name!r})"

    def _found(self, parameter: Parameter) -> str:
        """Write what is found of a parameter that may be missing."""
        value = self._variable(parameter)
        return f"{self._missing(parameter)} if {value} is None else {value}"

    # Parameters

    def _scope(self, parameter: Parameter) -> None:
        """Give every variable its first value that a case may look at although the block that sets it was passed over."""
        names = [name for one in self._uses.early.get(id(parameter), {}).values() for name in self._both(one)]
        if names:
            self._line(f"{' = '.join(names)} = None")

    def _both(self, parameter: Parameter) -> list[str]:
        return [self._variable(parameter)] + ([self._clean(parameter)] if id(parameter) in self._uses.separate else [])

    def _parameter(self, parameter: Parameter, value: str, where: tuple[str, ...], absent: str = "") -> None:
        """Write the block of a parameter whose given value is in the variable `value`; `absent` counts it where its object has no such key."""
        given = id(parameter) in self._uses.given
        separate = id(parameter) in self._uses.separate
        cleared = id(parameter) in self._uses.clean and not separate
        emptied = f"{value} = None" if given or cleared else ""
        wrong = f"{value} = None" if cleared else ""
        unclean = f"{self._clean(parameter)} = None" if separate else ""
        if parameter.type == "string" and not parameter.definition.get("required"):
            self._optional_text(parameter, value, where, absent, emptied, wrong, unclean)
            return
        missing, present = (f"{value} is None", f"{value} is not None") if parameter.is_part else (f"is_missing({value})", f"not is_missing({value})")
        self._lines_if(unclean)
        if "coerce" in parameter.definition:
            with self._block(f"if type({value}) is str:"):
                self._line(f"{value} = parse_decimal({value})")
        with self._block(f"if type({value}) is {_TYPES[parameter.type]}{f' and {value}' if parameter.type == 'string' else ''}:"):
            self._rules(parameter, value, where)
            if parameter.has_members:
                self._object(parameter, value, where)
            if parameter.item is not None:
                self._entries(parameter.item, value, where)
        if parameter.definition.get("required"):
            with self._block(f"elif {missing}:"):
                self._lines_if(absent)
                self._note(parameter.rules["required"], self._missing(parameter), where)
                self._lines_if(emptied)
        else:
            if absent:
                with self._block(f"elif {value} is None:"):
                    self._line(absent)
            if emptied:
                with self._block(f"elif {missing}:"):
                    self._line(emptied)
        if "coerce" in parameter.definition:
            with self._block(f"elif type({value}) is str and {value}:"):
                self._note(parameter.rules["coerce"], value, where)
                self._lines_if(wrong)
        with self._block("else:" if parameter.definition.get("required") or emptied else f"elif {present}:"):
            self._note(parameter.rules["type"], value, where)
            self._lines_if(wrong)
        self._fact_cases(parameter, value, where)

    def _optional_text(self, parameter: Parameter, value: str, where: tuple[str, ...], absent: str, emptied: str, wrong: str, unclean: str) -> None:
        """Write the block of a text that need not be given; it is the empty text so often that this costs no call."""
        with self._block(f"if type({value}) is not str:"):
            self._lines_if(unclean)
            if absent:
                with self._block(f"if {value} is None:"):
                    self._line(absent)
            with self._block("else:" if absent else f"if {value} is not None:"):
                self._note(parameter.rules["type"], value, where)
                self._lines_if(wrong)
        if emptied or unclean:
            with self._block(f"elif not {value}:"):
                self._lines_if(emptied, unclean)
            with self._block("else:"):
                self._rules(parameter, value, where)
        elif parameter.keywords:
            with self._block(f"elif {value}:"):
                self._rules(parameter, value, where)

    def _lines_if(self, *lines: str | bool | None) -> None:
        for line in lines:
            if line:
                self._line(str(line))

    def _rules(self, parameter: Parameter, value: str, where: tuple[str, ...]) -> None:
        """Write the rules of the row. Where a case looks at the clean value, the time format sets it, and what is broken clears it."""
        rules, row = parameter.keywords, parameter.definition
        narrower = {rule.refines: name for name, rule in rules.items()}
        found = f"len({value})" if parameter.type == "list" else value
        clean = self._clean(parameter) if id(parameter) in self._uses.clean else None
        if clean and clean != value and "format" not in rules:
            self._line(f"{clean} = {value}")
        before: str | None = None
        for name in [name for name, rule in rules.items() if not rule.refines]:
            broken = rules[name].violated_expr(value, row[name], self._bind)
            if clean and name == "format":
                self._line(f"{clean} = {parse_expr(value, row[name], self._bind)}")
                broken = f"{clean} is None"
            exclusive = before is not None and (rules[name].excludes == before or rules[before].excludes == name)
            with self._block(f"{'elif' if exclusive else 'if'} {broken}:"):
                if narrow := narrower.get(name):
                    with self._block(f"if {rules[narrow].violated_expr(value, row[narrow], self._bind)}:"):
                        self._note(parameter.rules[narrow], found, where)
                    with self._block("else:"):
                        self._note(parameter.rules[name], found, where)
                else:
                    self._note(parameter.rules[name], found, where)
                self._lines_if(clean and name != "format" and f"{clean} = None")
            before = name

    def _object(self, parameter: Parameter, value: str, where: tuple[str, ...]) -> None:
        checks = parameter.rules
        names = self._bind("NAMES", frozenset(parameter.members), list(parameter.members))
        place = f"({', '.join(where)},)" if where else "()"
        if parameter.definition.get("anycase"):
            spelled = self._bind("SPELLED", {name.lower(): name for name in parameter.members}, list(parameter.members))
            self._line(f"{value} = normalize_key_case({value}, {spelled})")
        size = self._name("size")
        self._line(f"{size} = len({value})")
        exact = not parameter.definition.get("allow_unknown")
        if exact:
            with self._block(f"if {size} > {len(parameter.members)}:"):
                self._line(f"report_too_many_members(mistakes, {self._check(checks['crowded'])}, {value}, {names}, {place})")
        get, absent = self._name("get"), self._name("absent")
        self._line(f"{get} = {value}.get")
        self._line(f"{absent} = 0")
        for member in parameter.members.values():
            name = self._variable(member)
            self._objects[id(member)] = value
            self._line("")
            self._line(f"# {_comment(member.definition['source'])}")
            self._line(f"{name} = {get}({member.name!r})")
            self._parameter(member, name, where, f"{absent} += {member.name!r} not in {value}")
        self._cases(parameter, where)
        undocumented = self._check(checks["undocumented"]) if exact else "None"
        self._line("")
        with self._block(f"if {size} != {len(parameter.members)} - {absent}:"):
            self._line(f"report_unknown_members(mistakes, {undocumented}, {self._check(checks['duplicate'])}, {value}, {names}, {place})")

    def _entries(self, entry: Parameter, value: str, where: tuple[str, ...]) -> None:
        index, name = self._name("index"), self._variable(entry)
        with self._block(f"for {index}, {name} in enumerate({value}):"):
            self._scope(entry)
            self._parameter(entry, name, (*where, index))

    # Cases

    def _cases(self, parameter: Parameter, where: tuple[str, ...]) -> None:
        stated = False
        for case in parameter.clauses:
            if not stated or not case.required_facts:
                self._line("")
            if case.required_facts and not stated:
                self._line("if facts:")
            stated = bool(case.required_facts)
            self._depth += stated
            self._case(case, where)
            self._depth -= stated

    def _fact_cases(self, parameter: Parameter, value: str, where: tuple[str, ...]) -> None:
        """Write the cases that apply although a part is not an object."""
        if cases := parameter.fact_clauses():
            with self._block(f"if facts and type({value}) is not dict:"):
                for case in cases:
                    self._case(case, where)

    def _case(self, case: Clause, where: tuple[str, ...]) -> None:
        told = next((test.rule for test in (*case.then, *case.required_together)), case.rule)
        self._line(f"# {_comment(told.source)}: {_comment(case.rule_id)}")
        conditions = [f"{fact!r} in facts" for fact in sorted(case.required_facts)]
        for fact, name, argument in case.facts:
            conditions.append(_opposite(KEYWORDS[name].violated_expr(f"facts[{fact!r}]", argument, self._bind)))
        alternatives = [self._matches(tests) for tests in case.when]
        if len(alternatives) == 1:
            conditions += [part for part in alternatives[0] if part not in conditions]
        elif alternatives:
            conditions.append(" or ".join(f"({' and '.join(parts)})" if len(parts) > 1 else parts[0] for parts in alternatives))
        if case.required_together:
            self._together(case.required_together, conditions, where)
        elif not case.then:
            with self._if(conditions):
                at_member = case.rule.template.shows != "nothing"
                self._note(case.rule, self._found(case.report_at) if at_member else "None", where)
        elif len(case.then) == 1:
            self._consequence(case.then[0], conditions, where)
        else:
            with self._if(conditions):
                for test in case.then:
                    self._consequence(test, [], where)

    @contextmanager
    def _if(self, conditions: list[str]) -> Iterator[None]:
        if len(conditions) > 1:
            conditions = [f"({condition})" if " or " in condition and not condition.startswith("not (") else condition for condition in conditions]
        head = f"if {' and '.join(conditions) or 'True'}:"
        if len(head) + 4 * self._depth > MAX_LINE_WIDTH and len(conditions) > 1:
            self._line("if (")
            for number, condition in enumerate(conditions):
                self._line(f"    {'and ' if number else ''}{condition}")
            head = "):"
        with self._block(head):
            yield

    def _together(self, tests: tuple[Assertion, ...], conditions: list[str], where: tuple[str, ...]) -> None:
        first, second = tests
        name, beside = (self._variable(test.chain[-1]) for test in tests)
        with self._if([*conditions, f"{name} is None"]), self._block(f"if {beside} is not None:"):
            self._note(first.rule, self._missing(first.chain[-1]), where)
        with self._block(f"elif {' and '.join([*conditions, f'{beside} is None'])}:"):
            self._note(second.rule, self._missing(second.chain[-1]), where)

    def _consequence(self, test: Assertion, conditions: list[str], where: tuple[str, ...]) -> None:
        """Write what follows from a case for one parameter: the violation where it does not hold."""
        known = [part for part in self._known(test) if part not in conditions]
        with self._if([*conditions, *known, self._broken(test)]):
            other = self._other(test.argument) if isinstance(test.argument, Bound) else "None"
            needs_value = test.keyword.operand != "given"
            self._note(test.rule, self._variable(test.chain[-1]) if needs_value else self._found(test.chain[-1]), where, other)

    def _other(self, reference: Bound) -> str:
        """Say which value a message shows as the bound."""
        if not reference.shown:
            return "None"
        if reference.offset or reference.floor or not reference.chain:
            return self._bound(reference)
        return self._variable(reference.chain[-1])

    def _matches(self, tests: tuple[Assertion, ...]) -> list[str]:
        """Write what must hold for an alternative of a `when`."""
        parts = []
        for test in tests:
            holds = _opposite(self._broken(test))
            clean = self._clean(test.chain[-1])
            # None is no option, so that nothing else need be asked before.
            if isinstance(test.argument, Bound) or not holds.startswith((f"{clean} == ", f"{clean} in ")):
                parts += self._known(test)
            parts.append(holds)
        return list(dict.fromkeys(parts))

    def _known(self, test: Assertion) -> list[str]:
        """Write what must hold before a test can be put: containers are objects, values are clean."""
        parts = [f"type({self._variable(one)}) is dict" for one in test.chain[:-1]]
        if test.keyword.operand != "given":
            parts = [self._is_clean(test.chain[-1])]
        if isinstance(test.argument, Bound) and test.argument.chain:
            parts.append(self._is_clean(test.argument.chain[-1]))
        return parts

    def _is_clean(self, parameter: Parameter) -> str:
        return f"{self._clean(parameter)} is not None"

    def _broken(self, test: Assertion) -> str:
        """Write the expression that is true where a known test does not hold."""
        parameter = test.chain[-1]
        if isinstance(test.argument, Bound):
            return test.keyword.violated_expr(self._clean(parameter), self._bound(test.argument), self._bind)
        if test.name == "format" and told_apart(as_tuple(parameter.definition.get("format", [])), as_tuple(test.argument)):
            lengths = [len(format) for format in as_tuple(test.argument)]
            return f"len({self._variable(parameter)}) {f'!= {lengths[0]}' if len(lengths) == 1 else f'not in {tuple(lengths)}'}"
        value = self._variable(parameter) if "format" in parameter.definition or test.keyword.operand == "given" else self._clean(parameter)
        return test.keyword.violated_expr(value, test.argument, self._bind)

    def _bound(self, reference: Bound) -> str:
        bound = f"facts[{reference.fact!r}]" if reference.fact is not None else self._clean(reference.chain[-1])
        if reference.floor:
            bound = f"floor_to_day({bound})"
        return f"{bound} {'+' if reference.offset > 0 else '-'} {abs(reference.offset)}" if reference.offset else bound


def _opposite(expression: str) -> str:
    """Negate an expression; a simple comparison by turning its operator round."""
    simple = _SIMPLE.fullmatch(expression)
    return f"{simple[1]} {_OPPOSITE[simple[2]]} {simple[3]}" if simple else f"not ({expression})"


def _comment(text: str) -> str:
    """Let a text of the rule set stand in a comment: what does not print is escaped."""
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)
