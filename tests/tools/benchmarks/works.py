"""The benchmarks. Each yields rows of the table of results."""

from __future__ import annotations

import copy
import itertools
import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from importlib.util import find_spec
from itertools import cycle, islice
from statistics import median
from typing import Any, NamedTuple

import jsonschema_rs
from msgspec.json import Decoder

import isales_rules
from isales_rules.cli.chunks import Chunk
from isales_rules.cli.findings import Checker, CheckOptions
from isales_rules.cli.formats import FORMATS, make_formatter
from isales_rules.cli.formats.base import FormatterContext, Summary
from isales_rules.cli.locations import regions
from isales_rules.engine import json_text
from isales_rules.engine.accept import compile_accept
from isales_rules.engine.compiler import compile_part
from isales_rules.ruleset import RuleSet
from tests.support.cases import cases
from tests.tools.benchmarks.competitors import OURS, RULES, Competitor, with_error_lists
from tests.tools.benchmarks.engines import cpu_of_lines
from tests.tools.benchmarks.growth import inputs, runs
from tests.tools.benchmarks.processes import ROOT, environment, installed, processes
from tests.tools.benchmarks.schemas import json_schema
from tests.tools.benchmarks.timing import (
    Sampler,
    Spread,
    duration,
    interleave,
    looped,
    once,
    peak,
    ratios,
)

EXAMPLE = ROOT / "rulesets" / "examples" / f"{RULES}.json"


class Effort(NamedTuple):
    """How thorough a run is. `least` is the minimum duration of a sample in nanoseconds."""

    least: int
    rounds: int
    long_rounds: int
    bodies: int
    lines: int
    files: int
    processes: int
    records: int
    copies: tuple[int, ...]


THOROUGH = Effort(
    least=200_000,  # less than a time slice, so that other processes interrupt few samples
    rounds=101,
    long_rounds=7,
    bodies=100,
    lines=20_000,
    files=1000,
    processes=10,
    records=200_000,
    copies=(1, 10, 100),
)
QUICK = Effort(
    least=200_000,
    rounds=2,
    long_rounds=1,
    bodies=100,
    lines=1000,
    files=20,
    processes=1,
    records=1000,
    copies=(1, 5),
)


class Row(NamedTuple):
    """A row of the table of results. `of` describes the ratio."""

    work: str
    what: str
    median: float
    ratio: Spread | None = None
    of: str = ""
    note: str = ""


class Field(NamedTuple):
    """The compared libraries."""

    ours: Competitor
    others: list[Competitor]

    @property
    def all(self) -> list[Competitor]:
        return [self.ours, *self.others]


def example() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(EXAMPLE.read_text("utf-8"))
    return loaded


def four_errors() -> dict[str, Any]:
    """Return the example with four errors that every library can detect.

    They are a number out of range, an invalid character, a wrong type and a missing parameter.
    """
    body = example() | {"callerNo": "10085x", "maxAlertingTime": 121}
    body["skillParam"]["skillId"] = "5"
    del body["callBackUrl"]
    return body


def _mixed(count: int) -> list[dict[str, Any]]:
    """Return bodies of worked answers without facts, in a fixed random order."""
    bodies = [case.body for case in cases() if not case.facts and isinstance(case.body, dict)]
    chosen = list(islice(cycle(bodies), count))
    random.Random(1).shuffle(chosen)  # noqa: S311  # not for security
    return chosen


def agreement(one: Competitor) -> tuple[int, int, int]:
    """Count worked answers without facts: all, false negatives, false positives."""
    answers = [case for case in cases() if not case.facts and isinstance(case.body, dict)]
    verdicts = [(one.accepts(case.body), not case.expect) for case in answers]
    return len(answers), verdicts.count((True, False)), verdicts.count((False, True))


def check_comparable(field: Field) -> None:
    """Assert that every library accepts the example and rejects the four errors."""
    for one in field.all:
        assert one.accepts(example()), one.name
        assert not one.accepts(four_errors()), one.name
    report = isales_rules.load(RULES).validate(four_errors())
    assert [one.path for one in report.violations] == [
        "/callerNo",
        "/maxAlertingTime",
        "/skillParam/skillId",
        "/callBackUrl",
    ]
    assert len(report.codes) == 4
    for one in with_error_lists(field.all):
        assert one.errors is not None
        listed = one.errors(four_errors())
        assert len(listed) == 1 if "first" in one.errors_note else len(listed) >= 4, (
            one.name,
            listed,
        )
        assert one.errors(example()) in ([], [()]), one.name


def _compare(
    work: str, samplers: Mapping[str, Sampler], rounds: int, notes: Mapping[str, str] | None = None
) -> Iterator[Row]:
    """Time the samplers; ratios are relative to the first, ours."""
    mine, *others = samplers
    samples = interleave(samplers, rounds)
    yield Row(work, mine, median(samples[mine]), note=(notes or {}).get(mine, ""))
    for name in others:
        yield Row(
            work,
            name,
            median(samples[name]),
            ratios(samples[mine], samples[name]),
            "ours / this",
            (notes or {}).get(name, ""),
        )


def _grow(
    work: str, samplers: Mapping[str, Sampler], rounds: int, notes: Mapping[str, str] | None = None
) -> Iterator[Row]:
    """Time the samplers; ratios are relative to the first, the smallest."""
    small, *larger = samplers
    samples = interleave(samplers, rounds)
    yield Row(work, small, median(samples[small]), note=(notes or {}).get(small, ""))
    for name in larger:
        yield Row(
            work,
            name,
            median(samples[name]),
            ratios(samples[name], samples[small]),
            f"this / {small}",
            (notes or {}).get(name, ""),
        )


def documented_example(field: Field, effort: Effort) -> Iterator[Row]:
    body = example()
    samplers = {one.name: looped(partial(one.check, body), effort.least) for one in field.all}
    return _compare("documented example", samplers, effort.rounds, {OURS: "`rules.validate(body)`"})


FACTS = {
    "now": datetime(2020, 9, 1),
    "campaign_exists": True,
    "campaign_names": ["Autumn"],
    "skill_ids": [5],
}


def accepting(_: Field, effort: Effort) -> Iterator[Row]:
    """Compare the function that accepts valid documents with the one that decides alone."""
    rules = isales_rules.load(RULES)
    part = rules._prepare("body", (), "compiled")
    facts = rules.prepare_facts(FACTS)
    invalid = [body for body in _mixed(effort.bodies) if rules.validate(body).violations]

    def first(bodies: list[Any], facts: Any) -> None:
        part.accepting = True
        for body in bodies:
            rules.validate(body, facts)

    def never(bodies: list[Any], facts: Any) -> None:
        for body in bodies:
            part.accepting = False
            rules.validate(body, facts)

    works = {
        "valid bodies": ([example()] * 20, None),
        "valid bodies, four facts": ([example()] * 20, facts),
        "four errors": ([four_errors()] * 20, None),
        f"{len(invalid)} invalid bodies": (invalid, None),
    }
    for work, arguments in works.items():
        assert rules.validate(example(), facts).violations == ()
        samplers = {
            "accept first": looped(partial(first, *arguments), effort.least),
            "without": looped(partial(never, *arguments), effort.least),
        }
        yield from _compare(f"accept first: {work}", samplers, effort.rounds)


def _with_decoder(fast: list[Any], run: Callable[..., Any], *arguments: Any) -> Any:
    """Run with json's scanner, or with a faster one, whatever was run before."""
    json_text._fast[:] = fast
    json_text._texts = itertools.count(json_text.FAST_AFTER + 1)
    return run(*arguments)


def errors(field: Field, effort: Effort) -> Iterator[Row]:
    body = four_errors()
    chosen = [one for one in with_error_lists(field.all) if one.name != "Cerberus, normalising"]
    samplers = {
        one.name: looped(partial(one.errors, body), effort.least)
        for one in chosen
        if one.errors is not None
    }
    return _compare(
        "four errors, read", samplers, effort.rounds, {one.name: one.errors_note for one in chosen}
    )


_THOROUGH = (OURS, "pydantic, models", "pydantic, typed dictionaries", "Cerberus")


def mixed(field: Field, effort: Effort) -> Iterator[Row]:
    """Time verdicts. Some libraries stop at the first error, others find all."""
    bodies = _mixed(effort.bodies)

    def run(accepts: Callable[[Any], bool]) -> None:
        for body in bodies:
            accepts(body)

    valid = sum(field.ours.accepts(body) for body in bodies)
    chosen = [one for one in field.all if one.name != "Cerberus, normalising"]
    samplers = {one.name: looped(partial(run, one.accepts), effort.least) for one in chosen}
    notes = {
        one.name: "verdict; finds "
        + ("every error" if one.name in _THOROUGH else "the first error")
        for one in chosen
    }
    notes[OURS] += f"; {valid} bodies are valid"
    return _compare(f"{effort.bodies:,} mixed bodies", samplers, effort.rounds, notes)


def ndjson(field: Field, effort: Effort) -> Iterator[Row]:
    """Validate distinct lines of JSON text, one in twenty of them invalid."""
    bodies = [case.body for case in cases() if not case.facts and isinstance(case.body, dict)]
    valid = cycle([body for body in bodies if field.ours.accepts(body)])
    invalid = cycle([body for body in bodies if not field.ours.accepts(body)])
    lines = []
    for number in range(effort.lines):
        body = next(invalid if number % 20 == 0 else valid)
        lines.append(
            json.dumps(
                {**body, "name": f"campaign {number}"} if "name" in body else body,
                ensure_ascii=False,
            )
        )

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
            try:  # noqa: SIM105  # `suppress` would add time
                decode(line)
            except refusals:
                pass

    runs: dict[str, Sampler] = {
        OURS: once(partial(_with_decoder, [], ours)),
        "only `json.loads`": once(parse),
        f"{OURS}, extra `fast`": once(partial(_with_decoder, [Decoder().decode], ours)),
    }
    runs |= {
        f"{one.name}, from JSON": once(partial(decode, one))
        for one in field.others
        if one.decode is not None
    }
    notes = {
        OURS: f"`load` once, `validate_json(line).ok` each; {sum(map(len, lines)) / len(lines):.0f} characters a line"
    }
    return _compare(f"NDJSON, {effort.lines:,} lines", runs, effort.long_rounds, notes)


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


def load(_: Field, effort: Effort) -> Iterator[Row]:
    """Load and validate in new processes, so that only bytecode is cached."""

    def sample(env: dict[str, str]) -> tuple[int, int]:
        done = subprocess.run(
            [sys.executable, "-c", _LOAD, RULES, str(EXAMPLE)],
            cwd=EXAMPLE.parent,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            env=env,
        )
        loaded, first = map(int, done.stdout.split())
        return loaded, first

    with installed() as wheel:
        environments = {"a checkout": {**environment(), "PYTHONPATH": str(ROOT)}, "a wheel": wheel}
        times: dict[str, list[tuple[int, int]]] = {name: [] for name in environments}
        for _round in range(2 * effort.processes):
            for name, env in environments.items():
                times[name].append(sample(env))
    totals = {name: [float(sum(pair)) for pair in pairs] for name, pairs in times.items()}
    for name, pairs in times.items():
        work = f"a shipped rule set of {name}, cold"
        yield Row(work, "`load(name)`", median(loaded for loaded, _ in pairs))
        yield Row(work, "first `validate(body)`", median(first for _, first in pairs))
        ratio = None if name == "a checkout" else ratios(totals[name], totals["a checkout"])
        yield Row(work, "both", median(totals[name]), ratio, "this / a checkout" if ratio else "")


def importing(_: Field, effort: Effort) -> Iterator[Row]:
    def process(code: str) -> Sampler:
        return once(
            partial(
                subprocess.run,
                [sys.executable, "-c", code],
                cwd=ROOT,
                check=True,
                env=environment(),
            )
        )

    runs = {
        f"`{code}`": process(code)
        for code in ("from isales_rules import load", "import json", "pass")
    }
    return _compare("whole process", runs, 2 * effort.processes)


def whole(_: Field, effort: Effort) -> Iterator[Row]:
    """Time whole runs of the command."""
    with processes(example(), effort.files, effort.records) as works:
        for work, samplers in works.items():
            rounds = max(1, effort.processes // 4) if work.endswith("lines") else effort.processes
            yield from _compare(f"whole processes: {work}", samplers, rounds)


def _copied(data: dict[str, Any], count: int) -> dict[str, Any]:
    """Copy a rule set `count` times: tables and rules become blocks with own names."""
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
        if "tables" in value:
            renamed["tables"] = [f"{name}_{number}" for name in value["tables"]]
        return renamed

    def of_body(rule: dict[str, Any]) -> bool:
        return all(name in tables for clause in rule["clauses"] for name in clause["tables"])

    numbers = range(1, count + 1)
    blocks = {
        f"block_{number}": {
            "type": "dict",
            "required": True,
            "schema": f"body_{number}",
            "source": f"Block {number}",
        }
        for number in numbers
    }
    copies = {
        f"{name}_{number}": rename(data["tables"][name], number)
        for number in numbers
        for name in tables
    }
    rules = [
        rename(rule, number) | {"id": f"{rule['id']}-{number}"}
        for number in numbers
        for rule in data["rules"]
        if of_body(rule)
    ]
    others = {name: table for name, table in data["tables"].items() if name not in tables}
    return data | {
        "tables": others | {"body": blocks} | copies,
        "rules": [rule for rule in data["rules"] if not of_body(rule)] + rules,
    }


def _resolve(name: str, data: Any, catalog: Any) -> object:
    return RuleSet(name, data, catalog).root("body")


def scaling(_: Field, effort: Effort) -> Iterator[Row]:
    """Resolve, compile and use rule sets of one, ten and a hundred times the size."""
    shipped = isales_rules.load(RULES)
    data, catalog = shipped._data, shipped._catalog  # with all that it extends
    resolving, compiling, accepting, validating, theirs, notes = {}, {}, {}, {}, {}, {}
    schema = json_schema("https://json-schema.org/draft/2020-12/schema")
    for count in effort.copies:
        name = f"{count}x"
        many = _copied(data, count)
        rules = RuleSet(f"generated {name}", many, catalog)
        root = rules.root("body")
        body = {f"block_{number}": copy.deepcopy(example()) for number in range(1, count + 1)}
        assert rules.validate(body).ok
        body["block_1"]["maxAlertingTime"] = 121
        assert [one.path for one in rules.validate(body).violations] == ["/block_1/maxAlertingTime"]
        body["block_1"]["maxAlertingTime"] = 20
        notes[name] = (
            f"{sum(1 for _ in root.walk()) - 1:,} parameters, {sum(len(one.clauses) for one in root.walk()):,} clauses"
        )
        resolving[name] = looped(
            partial(_resolve, f"generated {name}", many, catalog), effort.least
        )
        compiling[name] = looped(partial(compile_part, root, f"generated {name}"), effort.least)
        accepting[name] = looped(partial(compile_accept, root, f"generated {name}"), effort.least)
        validating[name] = looped(partial(rules.validate, body), effort.least)
        many_schema = {"type": "object", "properties": dict.fromkeys(body, schema)}
        validator = jsonschema_rs.validator_for(many_schema)
        assert validator.is_valid(body)
        theirs[name] = looped(partial(validator.is_valid, body), effort.least)
    yield from _grow("larger rule sets: resolve", resolving, effort.long_rounds, notes)
    yield from _grow("larger rule sets: compile", compiling, effort.long_rounds)
    yield from _grow("larger rule sets: compile `accept`", accepting, effort.long_rounds)
    yield from _grow("larger rule sets: validate", validating, effort.rounds)
    yield from _grow("larger rule sets: jsonschema-rs", theirs, effort.rounds)


def undocumented(field: Field, effort: Effort) -> Iterator[Row]:
    """Add undocumented keys to the example, and read the errors."""
    chosen = [
        one
        for one in field.all
        if one.name in (OURS, "pydantic, typed dictionaries", "jsonschema-rs")
    ]
    notes = {
        OURS: "one violation for all",
        "pydantic, typed dictionaries": "an error for each",
        "jsonschema-rs": "one error that names all",
    }
    mine: dict[str, Sampler] = {}
    for count in (1000, 10_000):
        body = example() | {f"unknown{number}": number for number in range(count)}
        samplers = {
            one.name: looped(partial(one.errors, body), effort.least)
            for one in chosen
            if one.errors is not None
        }
        yield from _compare(f"{count:,} undocumented keys, read", samplers, effort.rounds, notes)
        mine[f"{count:,} keys"] = samplers[OURS]
    yield from _grow("undocumented keys, ours", mine, effort.rounds)


def nine_errors() -> dict[str, Any]:
    """Return the example with nine errors, each with another message."""
    body = four_errors() | {
        "deviceType": 9,
        "callerNo": "x" * 30,
        "strBeginTime": "2030-13-01 00:00:00",
        "odd": 1,
    }
    return body | {"scheduleParam": body["scheduleParam"] | {"workdayBeginTime1": "08"}}


def findings(_: Field, effort: Effort) -> Iterator[Row]:
    """Check lines with nine findings each, and write them in each format."""
    rules, text = isales_rules.load(RULES), json.dumps(nine_errors()).encode()
    violations = rules.validate_json(text).violations
    assert len(violations) == 9, [one.rule for one in violations]
    chunk = Chunk("lines.ndjson", [text] * 100, 1, several=True)

    def writes(name: str) -> object:
        formatter = make_formatter(name, FormatterContext(rules, "en_US", "."))
        result = Checker(
            CheckOptions(rules, {}, "body", "en_US", ".", excerpts=formatter.excerpts)
        ).check(chunk)
        return [*formatter.chunk(result), *formatter.end(Summary())]

    samplers = {
        "positions": looped(lambda: [regions(text, violations) for _ in chunk.texts], effort.least)
    }
    samplers |= {f"`{name}`": looped(partial(writes, name), effort.least) for name in FORMATS}
    return _grow("100 lines with 9 findings each", samplers, effort.long_rounds)


SIZES = {"1 kB": 1000, "10 kB": 10_000, "100 kB": 100_000}


def growth(_: Field, effort: Effort) -> Iterator[Row]:
    """Check hostile inputs of three sizes, each ten times the previous one.

    Linear growth is a factor of ten, or slightly more if 100 kB of text exceed the processor's
    cache. The fastest sample of each size counts. The last number is the peak of allocated memory
    per character, without the input itself.
    """
    for name, one in inputs().items():
        sized = {size: runs(one, characters) for size, characters in SIZES.items()}
        for run_name in [run_name for run_name in sized["1 kB"] if run_name in sized["100 kB"]]:
            samples = interleave(
                {size: looped(some[run_name], effort.least // 10) for size, some in sized.items()},
                effort.long_rounds,
            )
            small, middle, large = map(min, samples.values())
            bytes_each = peak(sized["10 kB"][run_name]) / SIZES["10 kB"]  # tracing is slow
            times = f"{duration(small)} at 1 kB, {duration(middle)} at 10 kB, {duration(large)} at 100 kB"
            yield Row(
                f"growth: {run_name}",
                name,
                large,
                note=f"{times}: {middle / small:.1f} and {large / middle:.1f} times as long, {large / small:.0f} in all; {bytes_each:.0f} B each",
            )


def engines(_: Field, effort: Effort) -> Iterator[Row]:
    """Worked answers as lines, in the engines that are installed; once each, since they are slow."""
    if find_spec("psutil") is None:  # the extra `engines` is not installed
        return
    base = 0.0
    for name, per_line, start in cpu_of_lines(_mixed(effort.bodies), effort.lines):
        base = base or per_line
        note = f"{per_line / base:.2f} times one process; {start:.1f} s to start"
        yield Row("CPU of a line in engines", name, per_line, note=note)


WORKS: dict[str, Callable[[Field, Effort], Iterator[Row]]] = {
    "example": documented_example,
    "accept": accepting,
    "errors": errors,
    "mixed": mixed,
    "ndjson": ndjson,
    "load": load,
    "import": importing,
    "processes": whole,
    "scaling": scaling,
    "undocumented": undocumented,
    "findings": findings,
    "growth": growth,
    "engines": engines,
}
