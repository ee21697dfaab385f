"""Puts the mutants of the code to the tests: each in a fork of one process of pytest that has collected the tests, so that none is collected again.

`mutmut run` takes seconds for each mutant, for its pytest collects the tests anew, and its wrapper around every function asks at each call which
mutant is wanted. Here a mutant is the function with other code in it, the tests are those that run the line that was changed, and the first that
fails ends the fork at once, before pytest has words for it.

What runs as the package is imported has run before the fork; such mutants get a process of their own, and mutmut's wrapper.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
from collections import Counter, defaultdict
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

HERE = "mutants"
TESTS = [
    "--quiet",
    "--capture=sys",  # each fork has its own, while all would share a file
    "-p", "no:cacheprovider",
    "-p", "no:xdist",
    "--ignore=tests/test_readme.py",  # tests of what is around the package, and of the mutation of rules
    "--ignore=tests/test_mutation.py",
    "--deselect=tests/test_strategies.py::test_a_mistake_of_every_kind_is_drawn",  # ten seconds
    "--deselect=tests/test_rule_sets.py::test_the_package_itself_imports_without_toml_and_patterns_of_others",  # mutmut imports them
    "tests",
]  # fmt: skip

WRITTEN = "tests/test_written.py"

HOMES = {
    "baseline": ("choosing",),
    "cases": ("generated_cases",),
    "checker": ("choosing", "positions", "formats", "files"),
    "cli": ("cli", "choosing", "files", "pages"),
    "compiler": ("compiler", "vocabulary", "objects"),
    "documents": ("texts",),
    "drafts": ("strategies", "generated_cases"),
    "facts": ("facts",),
    "grammar": ("rule_sets",),
    "model": ("rule_sets", "vocabulary"),
    "pages": ("pages",),
    "positions": ("positions",),
    "reference": ("vocabulary", "objects"),
    "report": ("report", "requests"),
    "ruleset": ("rule_sets", "requests", "facts"),
    "runner": ("files", "cli"),
    "runtime": ("objects", "texts", "requests"),
    "settings": ("choosing",),
    "sources": ("files",),
    "strategies": ("strategies",),
    "times": ("times", "vocabulary"),
    "values": ("generated_cases",),
    "vocabulary": ("vocabulary",),
}
"""The subjects of the tests that are about a module: they are asked before others that run it as well."""

UNMEASURED = ("cases", "drafts", "runner", "values")
"""The modules that run where it is not known for which test: in other processes, or in a fixture that tests share."""


def module_of(file: Path) -> str:
    """Name the module that a file of the package is, from the package on."""
    return ".".join(file.with_suffix("").parts).removesuffix(".__init__")


class Measured:
    """The plugin that notes how long each test takes."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        """Let each test run what another one would have remembered for it."""
        forget()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0) + report.duration


def importing() -> int:
    """Import every module of the package, and print as JSON the names of the functions that run on the way."""
    called = set()

    def note(frame: Any, event: str, _: object) -> None:
        if event == "call":
            called.add(f"{frame.f_globals.get('__name__')}.{frame.f_code.co_qualname}")

    sys.setprofile(note)
    import_all()
    sys.setprofile(None)
    print(json.dumps(sorted(name for name in called if name.startswith("isales_rules."))))
    return 0


def import_all() -> None:
    for file in Path("isales_rules").rglob("[!_]*.py"):
        import_module(".".join(file.with_suffix("").parts))


def measure() -> int:
    """Note which tests run which line of the package as it is, how long each takes, and what runs as the package is imported."""
    from coverage import CoverageData

    # In a process of its own, so that pytest and coverage see everything imported.
    asked = subprocess.run([sys.executable, "-m", "tests.mutation.forks", "importing"], capture_output=True, check=True)
    imported = json.loads(asked.stdout)
    data = f"{HERE}/lines.coverage"
    os.environ["COVERAGE_FILE"] = data
    measured = Measured()
    code = pytest.main([*TESTS, "--cov=isales_rules", "--cov-context=test", "--cov-report="], plugins=[measured])
    numbers = {test: number for number, test in enumerate(measured.seconds)}
    lines: dict[str, list[int]] = {}
    found = CoverageData(data)
    found.read()
    for file in found.measured_files():
        module = module_of(Path(file).relative_to(Path("isales_rules").resolve()))
        for line, contexts in found.contexts_by_lineno(file).items():
            tests = {context.rpartition("|")[0] for context in contexts}
            lines[f"{module}:{line}"] = sorted(numbers[test] for test in tests & numbers.keys())
    Path(HERE, "lines.json").write_text(json.dumps({"tests": measured.seconds, "lines": lines, "imported": imported}), "utf-8")
    return int(code)


class Forks:
    """The plugin that judges mutants in the place of running the tests."""

    def __init__(self, limit: float, jobs: int) -> None:
        self.limit = limit
        self.jobs = jobs
        self.wanted: dict[str, str] = json.loads(Path("wanted.json").read_text("utf-8"))
        measured = json.loads(Path("lines.json").read_text("utf-8"))
        self.seconds: dict[str, float] = measured["tests"]
        self.names = list(self.seconds)
        self.lines: dict[str, list[int]] = measured["lines"]
        self.imported: set[str] = set(measured["imported"])
        self.functions: dict[str, Any] = {}
        self.mutants: dict[str, Any] = {}
        self.killers: dict[str, list[str]] = defaultdict(list)
        self.running: dict[int, tuple[str, int]] = {}
        self.fates: dict[str, str] = {}
        self.told: int | None = None

    def keep(self, known: dict[str, Any], is_classmethod: bool = False) -> Any:  # noqa: ARG002  # mutmut's wrapper has it
        """Note a function and its mutants, and leave it as it is: this stands in the place of mutmut's wrapper."""

        def as_it_is(function: Any) -> Any:
            self.functions[function.__module__ + "." + function.__qualname__] = function, known
            return function

        return as_it_is

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {item.nodeid: item for item in session.items}
        import_all()  # once, and not in each fork
        of = {f"{function.__module__}.{name}": function for function, known in self.functions.values() for name in known}
        code = {f"{function.__module__}.{name}": one for function, known in self.functions.values() for name, one in known.items()}
        gc.freeze()
        for name, line in self.wanted.items():
            function, mutant = of[name], code[name]
            at_import = f"{function.__module__}.{function.__qualname__}" in self.imported
            tests = [items[test] for test in ([] if at_import else self.order(name, line)) if test in items]
            while len(self.running) >= self.jobs:
                self.reap()
            read, write = os.pipe()
            pid = os.fork()
            if not pid:
                self.told = write
                if tests:
                    os._exit(self.survives(function, mutant, tests))
                os._exit(alone(name))
            os.close(write)
            self.running[pid] = name, read
        while self.running:
            self.reap()
        self.save()
        return True

    def save(self) -> None:
        Path("fates.json").write_text(json.dumps(self.fates, indent=0), "utf-8")

    def order(self, name: str, line: str) -> list[str]:
        """Order the tests that run a line: those that noticed its neighbours, those of what is written down, which notice most, those that are about
        its module, and others; and of each test some of its parameters, the quick ones first.

        What runs where nothing is measured is given the tests that are about its module.
        """
        module, number, first = line.split(":")
        # A statement of several lines counts at its first.
        at = next((one for one in range(int(number), int(first), -1) if f"{module}:{one}" in self.lines), 0)
        homes = tuple(f"tests/test_{subject}.py" for subject in HOMES.get(module, ()))
        running = {self.names[test] for test in self.lines.get(f"{module}:{at}", ())}
        if not running or module in UNMEASURED:
            running |= {test for test in self.names if test.startswith(homes)}
        tests = sorted(running, key=self.seconds.__getitem__)
        turn: Counter[str] = Counter()
        ranks = {}
        for test in tests:
            function = test.partition("[")[0]
            ranks[test] = turn[function] // 2 + int(self.seconds[test] / 0.1)
            turn[function] += 1
        known = [test for test in self.killers[name.rpartition("_")[0]] if test in ranks]
        known += [test for test in tests if test.startswith(WRITTEN)]
        known += sorted((test for test in tests if test.startswith(homes)), key=ranks.__getitem__)
        ordered = list(dict.fromkeys([*known, *sorted(tests, key=ranks.__getitem__)]))
        spent = 0.0
        for count, test in enumerate(ordered):
            spent += 0 if test.startswith(WRITTEN) else self.seconds[test]
            if spent > self.limit and count:
                return ordered[:count]
        return ordered

    def survives(self, function: Any, mutant: Any, tests: list[pytest.Item]) -> int:
        """Become a mutant and run tests, in a fork. What kills it is told by `pytest_runtest_makereport`."""
        quiet(int(self.limit) + 60)  # without coverage they take far less than was measured
        function.__code__, function.__defaults__, function.__kwdefaults__ = mutant.__code__, mutant.__defaults__, mutant.__kwdefaults__
        try:
            for test, after in zip(tests, [*tests[1:], None], strict=True):
                test.ihook.pytest_runtest_protocol(item=test, nextitem=after)
        except BaseException:  # noqa: BLE001  # a mutant may break pytest itself
            return 1
        return 0

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        if self.told is not None and call.excinfo is not None and not call.excinfo.errisinstance(pytest.skip.Exception):
            os.write(self.told, item.nodeid.encode())
            os._exit(1)

    def reap(self) -> None:
        """Wait for a fork, and note what became of its mutant."""
        pid, status = os.wait()
        name, read = self.running.pop(pid)
        with os.fdopen(read, "rb") as pipe:
            killer = pipe.read().decode()
        if killer:
            killers = self.killers[name.rpartition("_")[0]]
            killers[:] = [killer, *(one for one in killers if one != killer)][:9]
        timeout = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM
        self.fates[name] = "timeout" if timeout else "killed" if status else "survived"
        if len(self.fates) % 50 == 0:
            self.save()
            print(f"{len(self.fates)} of {len(self.wanted)}: {Counter(self.fates.values())}", file=sys.__stdout__, flush=True)


def quiet(seconds: int) -> None:
    """Let a fork say nothing, remember nothing that was made while the tests were collected, and end in the end."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    forget()
    signal.alarm(seconds)


def forget() -> None:
    """Forget what the package remembers from one call to the next."""
    from isales_rules import codes, strategies, times, values

    for remembering in (codes.load_codes, times.reader, strategies._failing, values._passing):
        remembering.cache_clear()


def alone(name: str) -> int:
    """Judge a mutant in a process of its own, by the tests of what is made at import: keywords, facts, settings, and the strategies of tests."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        *TESTS[:-1],
        *(f"tests/test_{subject}.py" for subject in ("written", "vocabulary", "rule_sets", "facts", "choosing", "strategies")),
    ]
    return subprocess.run(command, env={**os.environ, "MUTANT_UNDER_TEST": name}, capture_output=True, check=False).returncode


def judge(limit: float, jobs: float) -> int:
    """Judge the wanted mutants, in the folder of the mutants."""
    trampoline: Any = import_module("mutmut.mutation.trampoline")
    forks = Forks(limit, int(jobs))
    trampoline.wrap_in_trampoline = forks.keep
    return int(pytest.main(TESTS, plugins=[forks]))


if __name__ == "__main__":
    os.environ["HYPOTHESIS_PROFILE"] = "brief"
    commands: dict[str, Any] = {"importing": importing, "measure": measure, "judge": judge}
    raise SystemExit(commands[sys.argv[1]](*map(float, sys.argv[2:])))
