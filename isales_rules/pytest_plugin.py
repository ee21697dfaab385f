"""Plugin for pytest: the fixture `isales`, and `--isales-check` for files.

    def test_our_client(isales):
        isales.valid(our_client.request())
        isales.refused(our_client.request(size=300), code, path)

`pytest --isales-check "campaigns/*.json"` collects each file as a test, and each line of an
`.ndjson` or `.jsonl` file. The setting `isales_ruleset` in pytest's configuration names another
rule set.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from isales_rules import Report, RuleSet, Violation

_FILES = pytest.StashKey[frozenset[Path]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("isales-rules").addoption(
        "--isales-check",
        action="append",
        default=[],
        metavar="PATTERN",
        help="collect the matching files as tests that pass if the request bodies are valid",
    )
    parser.addini("isales_ruleset", "shipped rule set, or path of a .toml file", default="")


def pytest_configure(config: pytest.Config) -> None:
    folder = config.invocation_params.dir
    files: set[Path] = set()
    for pattern in config.getoption("--isales-check"):
        found = [folder / name for name in glob(pattern, root_dir=folder, recursive=True)]
        if not found:
            raise pytest.UsageError(f"--isales-check: no file matches {pattern!r} in {folder}")
        files.update(path.resolve() for path in found if path.is_file())
    config.stash[_FILES] = frozenset(files)
    known = {(folder / argument).resolve() for argument in config.args}
    config.args += [str(path) for path in sorted(files) if known.isdisjoint({path, *path.parents})]


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.resolve() not in parent.config.stash[_FILES]:
        return None
    collected: pytest.Collector = _BodyFile.from_parent(parent, path=file_path)
    return collected


@pytest.fixture(scope="session")
def isales(request: pytest.FixtureRequest) -> Isales:
    """Check request bodies: `isales.valid(body)`, `isales.refused(body, code, path)`."""
    return Isales(_rules(request.config))


class Isales:
    """Checks request bodies, given as Python objects, or as JSON text.

    Failures show the violations. `rules` is the rule set.
    """

    def __init__(self, rules: RuleSet) -> None:
        self.rules = rules

    def valid(self, body: object, facts: Mapping[str, Any] | None = None) -> Report:
        """Fail if a body has an error; return the report, which may have warnings."""
        __tracebackhide__ = True
        report = self._validate(body, facts)
        if not report:
            pytest.fail(f"the body is not valid:\n{_list(report)}")
        return report

    def refused(
        self,
        body: object,
        code: str | None = None,
        path: str | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> Violation:
        """Fail if a body has no error with this code and path; return the first such error."""
        __tracebackhide__ = True
        report = self._validate(body, facts)
        for one in report.errors:
            if code in (None, one.code) and path in (None, one.path):
                return one
        expected = " ".join(["error", *filter(None, (code, path and f"at {path}"))])
        found = f"found:\n{_list(report)}" if len(report) else "found no violation"
        return pytest.fail(f"expected an {expected}; {found}")

    def _validate(self, body: object, facts: Mapping[str, Any] | None) -> Report:
        if isinstance(body, str | bytes):
            return self.rules.validate_json(body, facts)
        return self.rules.validate(body, facts)


class _BodyFile(pytest.File):
    """A file with a request body, or with one in each line."""

    def collect(self) -> Iterator[_BodyItem]:
        text = self.path.read_bytes()
        if self.path.suffix not in (".ndjson", ".jsonl"):
            yield _BodyItem.from_parent(self, name="body", text=text)
            return
        for number, line in enumerate(text.split(b"\n"), 1):
            if line.strip():
                yield _BodyItem.from_parent(self, name=f"line {number}", text=line)


class _BodyItem(pytest.Item):
    """A test that passes if a request body is valid."""

    def __init__(self, *, text: bytes, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._text = text

    def runtest(self) -> None:
        report = _rules(self.config).validate_json(self._text)
        if not report:
            pytest.fail(_list(report), pytrace=False)

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, f"{self.path.name}: {self.name}"


def _rules(config: pytest.Config) -> RuleSet:
    from isales_rules import load
    from isales_rules.cli.options import DEFAULT_RULESET

    return load(config.getini("isales_ruleset") or DEFAULT_RULESET)


def _list(report: Report) -> str:
    from isales_rules import ValidationError

    return str(ValidationError(report))
