"""The plugin for pytest, in a pytest of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.support.cases import bases

pytest_plugins = ["pytester"]

VALID = bases()["previewed"]
INVALID = VALID | {"maxAlertingTime": 300, "odd": 1}
ROOT = Path(__file__).parent.parent


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Load the plugin by its module, however this package is installed."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p isales_rules.pytest_plugin -p no:cacheprovider")
    pytester.makefile(".json", valid=json.dumps(VALID), invalid=json.dumps(INVALID))
    return pytester


def test_package_registers_the_plugin() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"isales-rules": "isales_rules.pytest_plugin"}


def test_fixture_passes(run: pytest.Pytester) -> None:
    run.makepyfile(
        f"""
        VALID, INVALID = {VALID!r}, {INVALID!r}

        def test_bodies(isales):
            import json
            assert isales.valid(VALID).ok
            assert isales.valid(json.dumps(VALID)).ok
            assert isales.refused(INVALID).code == "02000007"
            assert isales.refused(INVALID, "0200001").path == "/odd"
            assert isales.refused(INVALID, path="/odd").code == "0200001"
            assert isales.refused("[", "02000008", "").keyword == "invalid-json"
            assert isales.refused(VALID, facts={{"campaign_exists": False}}).code == "0200007"
        """
    )
    run.runpytest().assert_outcomes(passed=1)


def test_failures_show_the_violations(run: pytest.Pytester) -> None:
    run.makepyfile(
        f"""
        def test_valid(isales):
            isales.valid({INVALID!r})

        def test_refused(isales):
            isales.refused({INVALID!r}, "02000001", "/name")

        def test_nothing_to_refuse(isales):
            isales.refused({VALID!r}, "02000001")
        """
    )
    result = run.runpytest()
    result.assert_outcomes(failed=3)
    shown = ["*02000007 /maxAlertingTime: maxAlertingTime must be from 5 to 120; found 300*"]
    shown.append('*0200001 /odd: "odd" is not a documented parameter*')
    result.stdout.fnmatch_lines(
        [
            "*the body is not valid:*",
            *shown,
            "*expected an error 02000001 at /name; found:*",
            *shown,
            "*expected an error 02000001; found no violation*",
        ]
    )
    result.stdout.no_fnmatch_line("*pytest_plugin.py:*")


def test_files_are_tests(run: pytest.Pytester) -> None:
    lines = "\n".join([json.dumps(VALID), "", json.dumps(INVALID), "["])
    folder = run.mkdir("campaigns")
    (folder / "many.ndjson").write_text(lines, "utf-8")
    result = run.runpytest("--isales-check", "*.json", "--isales-check", "campaigns/*", "-v")
    result.assert_outcomes(passed=2, failed=3)
    for line in (
        "*campaigns/many.ndjson::line 1 PASSED*",
        "*campaigns/many.ndjson::line 3 FAILED*",
        "*invalid.json::body FAILED*",
        "*valid.json::body PASSED*",
        "02000007 /maxAlertingTime: *found 300",
        "02000008: The text must be JSON*",
    ):
        result.stdout.fnmatch_lines([line])


@pytest.mark.parametrize("arguments", [[], ["campaigns"], ["."], ["campaigns/a.json"]])
def test_file_is_collected_once(arguments: list[str], run: pytest.Pytester) -> None:
    folder = run.mkdir("campaigns")
    (folder / "a.json").write_text(json.dumps(VALID), "utf-8")
    (folder / "b.json").write_text(json.dumps(VALID), "utf-8")
    result = run.runpytest("--isales-check", "campaigns/*.json", *arguments)
    result.assert_outcomes(passed=2)


def test_files_without_the_option_are_no_tests(run: pytest.Pytester) -> None:
    assert run.runpytest().ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_pattern_without_files_is_an_error(run: pytest.Pytester) -> None:
    result = run.runpytest("--isales-check", "none/*.json")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--isales-check: no file matches 'none/[*].json' in *"])


def test_setting_names_the_rule_set(run: pytest.Pytester) -> None:
    run.makeini("[pytest]\nisales_ruleset = mine.toml")
    shipped = ROOT / "rulesets" / "campaign-modify-v1.toml"
    run.path.joinpath("mine.toml").write_bytes(shipped.read_bytes())
    run.makepyfile("def test_name(isales): assert isales.rules.name == 'mine.toml'")
    run.runpytest().assert_outcomes(passed=1)


def test_nothing_is_imported_before_use() -> None:
    code = """
import sys
import pytest, isales_rules
before = {*sys.modules}
import isales_rules.pytest_plugin
print(*sorted({name for name in {*sys.modules} - before if "isales" in name or name in ("cerberus", "hypothesis", "dateutil")}))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["isales_rules.pytest_plugin"]
