"""The works that are timed. Each gives rows of the table."""

from __future__ import annotations

import copy
import json
import random
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import isales_rules
from isales_rules.cli.chunks import Chunk
from isales_rules.cli.findings import Checker
from isales_rules.cli.findings import CheckOptions as CheckPlan
from isales_rules.cli.formats import FORMATS, make_formatter
from isales_rules.cli.formats.base import FormatterContext, Summary
from isales_rules.cli.locations import regions
from isales_rules.engine.compiler import compile_part
from isales_rules.language.catalog import load_catalog
from isales_rules.ruleset import RuleSet
from tests.support.cases import cases
from tests.tools.benchmarks.competitors import OURS, RULES, Competitor, that_list_mistakes
from tests.tools.benchmarks.growth import inputs, runs
from tests.tools.benchmarks.processes import environment, processes
from tests.tools.benchmarks.timing import Sampler, Spread, duration, interleave, looped, once, peak, ratios

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "rulesets" / "examples" / f"{RULES}.json"


class Plan(NamedTuple):
    """How thorough a run is. `least` is how long a sample lasts at least, in nanoseconds; the rounds of long works are fewer."""

    least: int
    rounds: int
    long_rounds: int
    bodies: int
    lines: int
    files: int
    processes: int
    records: int
    copies: tuple[int, ...]


THOROUGH = Plan(
    least=2_000_000, rounds=21, long_rounds=7, bodies=1000, lines=100_000, files=1000, processes=10, records=1_000_000, copies=(1, 10, 100)
)
QUICK = Plan(least=200_000, rounds=2, long_rounds=1, bodies=100, lines=1000, files=20, processes=1, records=1000, copies=(1, 5))


class Row(NamedTuple):
    """A row of the table. `of` says what is divided by what."""

    work: str
    what: str
    median: float
    ratio: Spread | None = None
    of: str = ""
    note: str = ""


class Field(NamedTuple):
    """Those who take part."""

    ours: Competitor
    others: list[Competitor]

    @property
    def all(self) -> list[Competitor]:
        return [self.ours, *self.others]


def example() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(EXAMPLE.read_text("utf-8"))
    return loaded


def four_mistakes() -> dict[str, Any]:
    """Break the documented example in four ways that every library can say: a range, characters, a type, and a parameter that is missing."""
    body = example() | {"callerNo": "10085x", "maxAlertingTime": 121}
    body["skillParam"]["skillId"] = "5"
    del body["callBackUrl"]
    return body


def _mixed(count: int) -> list[dict[str, Any]]:
    """Take the bodies of the worked answers that need no fact, valid and broken, in a random but fixed order."""
    bodies = [case.body for case in cases() if not case.facts and isinstance(case.body, dict)]
    chosen = list(islice(cycle(bodies), count))
    random.Random(1).shuffle(chosen)  # noqa: S311  # an order, no secret
    return chosen


def agreement(one: Competitor) -> tuple[int, int, int]:
    """Count the worked answers that need no fact: all of them, the broken bodies that are let through, the valid ones that are refused."""
    known = [case for case in cases() if not case.facts and isinstance(case.body, dict)]
    said = [(one.accepts(case.body), not case.expect) for case in known]
    return len(known), said.count((True, False)), said.count((False, True))


def prove(field: Field) -> None:
    """Make sure that all compare the same: each accepts the documented example and refuses the body with four mistakes."""
    for one in field.all:
        assert one.accepts(example()), one.name
        assert not one.accepts(four_mistakes()), one.name
    report = isales_rules.load(RULES).validate(four_mistakes())
    assert [one.path for one in report.violations] == ["/callerNo", "/maxAlertingTime", "/skillParam/skillId", "/callBackUrl"]
    assert len(report.codes) == 4
    for one in that_list_mistakes(field.all):
        assert one.mistakes is not None
        found = one.mistakes(four_mistakes())
        assert len(found) == 1 if "first" in one.mistakes_note else len(found) >= 4, (one.name, found)
        assert one.mistakes(example()) in ([], [()]), one.name


def _compare(work: str, samplers: Mapping[str, Sampler], rounds: int, notes: Mapping[str, str] | None = None) -> Iterator[Row]:
    """Time the samplers, of which the first is ours."""
    mine, *others = samplers
    samples = interleave(samplers, rounds)
    yield Row(work, mine, median(samples[mine]), note=(notes or {}).get(mine, ""))
    for name in others:
        yield Row(work, name, median(samples[name]), ratios(samples[mine], samples[name]), "ours / this", (notes or {}).get(name, ""))


def _grow(work: str, samplers: Mapping[str, Sampler], rounds: int, notes: Mapping[str, str] | None = None) -> Iterator[Row]:
    """Time the samplers, of which the first is the small one that the others are divided by."""
    small, *larger = samplers
    samples = interleave(samplers, rounds)
    yield Row(work, small, median(samples[small]), note=(notes or {}).get(small, ""))
    for name in larger:
        yield Row(work, name, median(samples[name]), ratios(samples[name], samples[small]), f"this / {small}", (notes or {}).get(name, ""))


def documented_example(field: Field, plan: Plan) -> Iterator[Row]:
    body = example()
    samplers = {one.name: looped(partial(one.check, body), plan.least) for one in field.all}
    return _compare("documented example", samplers, plan.rounds, {OURS: "`rules.validate(body)`"})


def mistakes(field: Field, plan: Plan) -> Iterator[Row]:
    body = four_mistakes()
    chosen = [one for one in that_list_mistakes(field.all) if one.name != "Cerberus, normalising"]
    samplers = {one.name: looped(partial(one.mistakes, body), plan.least) for one in chosen if one.mistakes is not None}
    return _compare("four mistakes, read", samplers, plan.rounds, {one.name: one.mistakes_note for one in chosen})


_THOROUGH = (OURS, "pydantic, models", "pydantic, typed dictionaries", "Cerberus")


def mixed(field: Field, plan: Plan) -> Iterator[Row]:
    """Ask for yes or no. Some stop at the first mistake; the thorough ones look for all of them even so."""
    bodies = _mixed(plan.bodies)

    def run(accepts: Callable[[Any], bool]) -> None:
        for body in bodies:
            accepts(body)

    right = sum(field.ours.accepts(body) for body in bodies)
    chosen = [one for one in field.all if one.name != "Cerberus, normalising"]
    samplers = {one.name: looped(partial(run, one.accepts), plan.least) for one in chosen}
    notes = {one.name: "yes or no; looks for " + ("every mistake" if one.name in _THOROUGH else "the first mistake") for one in chosen}
    notes[OURS] += f"; {right} bodies are valid"
    return _compare(f"{plan.bodies:,} mixed bodies", samplers, plan.rounds, notes)


def ndjson(field: Field, plan: Plan) -> Iterator[Row]:
    """Read lines of text, one in twenty of them broken, and no two the same."""
    bodies = [case.body for case in cases() if not case.facts and isinstance(case.body, dict)]
    valid = cycle([body for body in bodies if field.ours.accepts(body)])
    broken = cycle([body for body in bodies if not field.ours.accepts(body)])
    lines = []
    for number in range(plan.lines):
        body = next(broken if number % 20 == 0 else valid)
        lines.append(json.dumps({**body, "name": f"campaign {number}"} if "name" in body else body, ensure_ascii=False))

    def ours() -> int:
        validate_json = isales_rules.load(RULES).validate_json
        return sum(validate_json(line).ok for line in lines)

    def parse() -> None:
        loads = json.loads
        for line in lines:
            loads(line)

    def decode(one: Competitor) -> None:
        assert one.decode is not None
        decode, refusals = one.decode, one.refusals
        for line in lines:
            try:  # noqa: SIM105  # `suppress` would take time that is not the library's
                decode(line)
            except refusals:
                pass

    runs: dict[str, Sampler] = {OURS: once(ours), "`json.loads` alone": once(parse)}
    runs |= {f"{one.name}, from JSON": once(partial(decode, one)) for one in field.others if one.decode is not None}
    notes = {OURS: f"`load` once, `validate_json(line).ok` each; {sum(map(len, lines)) / len(lines):.0f} characters a line"}
    return _compare(f"NDJSON, {plan.lines:,} lines", runs, plan.long_rounds, notes)


_LOAD = """
import json, sys
from time import perf_counter_ns as now
from isales_rules import load
with open(sys.argv[2], encoding="utf-8") as file:
    body = json.load(file)
begin = now()
rules = load(sys.argv[1])
loaded = now()
assert rules.validate(body).ok
print(loaded - begin, now() - loaded)
"""


def load(_: Field, plan: Plan) -> Iterator[Row]:
    """Load and compile in a new process each time, which looks at its own clock, so that nothing is cached but byte code."""
    times: list[tuple[int, int]] = []
    for _round in range(plan.rounds):
        done = subprocess.run(
            [sys.executable, "-c", _LOAD, RULES, str(EXAMPLE)], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, env=environment()
        )
        loaded, first = map(int, done.stdout.split())
        times.append((loaded, first))
    work = "a shipped rule set, cold"
    yield Row(work, "`load(name)`", median(loaded for loaded, _ in times), note="reads the TOML files, lays the rules out")
    yield Row(work, "first `validate(body)`", median(first for _, first in times), note="compiles")
    yield Row(work, "both", median(loaded + first for loaded, first in times))


def importing(_: Field, plan: Plan) -> Iterator[Row]:
    def process(code: str) -> Sampler:
        return once(partial(subprocess.run, [sys.executable, "-c", code], cwd=ROOT, check=True, env=environment()))

    runs = {f"`{code}`": process(code) for code in ("from isales_rules import load", "import json", "pass")}
    return _compare("whole process", runs, 2 * plan.rounds)


def whole(_: Field, plan: Plan) -> Iterator[Row]:
    """Time the command from its start to its end."""
    with processes(example(), plan.files, plan.records) as works:
        for work, samplers in works.items():
            yield from _compare(f"whole processes: {work}", samplers, plan.processes)


def _copied(data: dict[str, Any], count: int) -> dict[str, Any]:
    """Make a rule set whose body has `count` blocks, each with the tables and conditions of the whole body under names of its own."""
    tables = [name for name in data["tables"] if name not in ("path", "headers")]

    def rename(value: Any, number: int) -> Any:
        if isinstance(value, list):
            return [rename(one, number) for one in value]
        if not isinstance(value, dict):
            return value
        renamed = {key: rename(one, number) for key, one in value.items()}
        if isinstance(value.get("schema"), str):
            renamed["schema"] = f"{value['schema']}_{number}"
        if isinstance(value.get("parameter"), str) and value["parameter"].startswith("/"):
            renamed["parameter"] = f"/block_{number}{value['parameter']}"
        if "in" in value:
            renamed["in"] = [f"{name}_{number}" for name in value["in"]]
        return renamed

    def of_body(condition: dict[str, Any]) -> bool:
        return all(name in tables for case in condition["cases"] for name in case["in"])

    numbers = range(1, count + 1)
    blocks = {f"block_{number}": {"type": "dict", "required": True, "schema": f"body_{number}", "source": f"Block {number}"} for number in numbers}
    copies = {f"{name}_{number}": rename(data["tables"][name], number) for number in numbers for name in tables}
    conditions = [
        rename(condition, number) | {"id": f"{condition['id']}-{number}"}
        for number in numbers
        for condition in data["conditions"]
        if of_body(condition)
    ]
    others = {name: table for name, table in data["tables"].items() if name not in tables}
    return data | {
        "tables": others | {"body": blocks} | copies,
        "conditions": [condition for condition in data["conditions"] if not of_body(condition)] + conditions,
    }


def scaling(_: Field, plan: Plan) -> Iterator[Row]:
    """Lay out, compile and use rule sets of one, ten and a hundred times the parameters, conditions included."""
    data = tomllib.loads((ROOT / "rulesets" / f"{RULES}.toml").read_text("utf-8"))
    codes = load_catalog()
    lay_out, compiling, validating, notes = {}, {}, {}, {}
    for count in plan.copies:
        name = f"{count}x"
        many = _copied(data, count)
        rules = RuleSet(f"generated {name}", many, codes)
        root = rules.root("body")
        body = {f"block_{number}": copy.deepcopy(example()) for number in range(1, count + 1)}
        assert rules.validate(body).ok
        body["block_1"]["maxAlertingTime"] = 121
        assert [one.path for one in rules.validate(body).violations] == ["/block_1/maxAlertingTime"]
        body["block_1"]["maxAlertingTime"] = 20
        notes[name] = f"{sum(1 for _ in root.walk()) - 1:,} parameters, {sum(len(one.clauses) for one in root.walk()):,} cases between them"
        lay_out[name] = looped(lambda many=many, name=name: RuleSet(f"generated {name}", many, codes).root("body"), plan.least)  # type: ignore[misc]
        compiling[name] = looped(partial(compile_part, root, f"generated {name}"), plan.least)
        validating[name] = looped(partial(rules.validate, body), plan.least)
    yield from _grow("larger rule sets: lay out", lay_out, plan.long_rounds, notes)
    yield from _grow("larger rule sets: compile", compiling, plan.long_rounds)
    yield from _grow("larger rule sets: validate", validating, plan.rounds)


def undocumented(field: Field, plan: Plan) -> Iterator[Row]:
    """Hide keys that nobody documented in the documented example, and read what is found."""
    chosen = [one for one in field.all if one.name in (OURS, "pydantic, typed dictionaries", "jsonschema-rs")]
    notes = {
        OURS: "one violation for all, as the specification has it",
        "pydantic, typed dictionaries": "an error for each",
        "jsonschema-rs": "one error that names all",
    }
    mine: dict[str, Sampler] = {}
    for count in (1000, 10_000):
        body = example() | {f"strange{number}": number for number in range(count)}
        samplers = {one.name: looped(partial(one.mistakes, body), plan.least) for one in chosen if one.mistakes is not None}
        yield from _compare(f"{count:,} undocumented keys, read", samplers, plan.rounds, notes)
        mine[f"{count:,} keys"] = samplers[OURS]
    yield from _grow("undocumented keys, ours", mine, plan.rounds)


def nine_mistakes() -> dict[str, Any]:
    """Break the documented example in nine ways, one of them in each kind of message."""
    body = four_mistakes() | {"deviceType": 9, "callerNo": "x" * 30, "strBeginTime": "2030-13-01 00:00:00", "odd": 1}
    return body | {"scheduleParam": body["scheduleParam"] | {"workdayBeginTime1": "08"}}


def findings(_: Field, plan: Plan) -> Iterator[Row]:
    """Check lines with nine findings each and write them in each format, beside one scan of each line for positions."""
    rules, text = isales_rules.load(RULES), json.dumps(nine_mistakes()).encode()
    violations = rules.validate_json(text).violations
    assert len(violations) == 9, [one.rule for one in violations]
    block = Chunk("lines.ndjson", [text] * 100, 1, several=True)

    def writes(name: str) -> object:
        form = make_formatter(name, FormatterContext(rules, "en_US", "."))
        outcome = Checker(CheckPlan(rules, {}, "body", "en_US", ".", excerpts=form.excerpts)).check(block)
        return [*form.chunk(outcome), *form.end(Summary())]

    samplers = {"positions": looped(lambda: [regions(text, violations) for _ in block.texts], plan.least)}
    samplers |= {f"`{name}`": looped(partial(writes, name), plan.least) for name in FORMATS}
    return _grow("100 lines with 9 findings each", samplers, plan.long_rounds)


SIZES = {"1 kB": 1000, "10 kB": 10_000, "100 kB": 100_000}


def growth(_: Field, plan: Plan) -> Iterator[Row]:
    """Check hostile inputs of three sizes. What grows with the size alone takes up to ten times as long from one to the next.

    It is somewhat more where 100 kB of text make more objects than the processor's cache holds, and once where an input of 1 kB is not deep enough
    to be refused. The quickest sample of each size counts: what other samples take longer is not the input's doing.

    The last number is the most memory that is allocated at once, beside the input itself, for each character of it.
    """
    for name, one in inputs().items():
        sized = {size: runs(one, characters) for size, characters in SIZES.items()}
        for how in [how for how in sized["1 kB"] if how in sized["100 kB"]]:
            samples = interleave({size: looped(some[how], plan.least // 10) for size, some in sized.items()}, plan.long_rounds)
            small, middle, large = map(min, samples.values())
            bytes_each = peak(sized["10 kB"][how]) / SIZES["10 kB"]  # tracing is slow
            times = f"{duration(small)} at 1 kB, {duration(middle)} at 10 kB, {duration(large)} at 100 kB"
            yield Row(
                f"growth: {how}",
                name,
                large,
                note=f"{times}: {middle / small:.1f} and {large / middle:.1f} times as long, {large / small:.0f} in all; {bytes_each:.0f} B each",
            )


WORKS: dict[str, Callable[[Field, Plan], Iterator[Row]]] = {
    "example": documented_example,
    "mistakes": mistakes,
    "mixed": mixed,
    "ndjson": ndjson,
    "load": load,
    "import": importing,
    "processes": whole,
    "scaling": scaling,
    "undocumented": undocumented,
    "findings": findings,
    "growth": growth,
}
