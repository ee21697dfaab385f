"""What the README says is what happens."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from isales_rules.cli.main import main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_first_command_prints_what_the_readme_shows(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    command = shlex.split(blocks("sh")[0].split("&&")[-1])
    assert command[0] == ".venv/bin/isales-rules"
    assert main(command[1:]) == 0
    assert capsys.readouterr().out == blocks("text")[0]


def test_the_ten_lines_of_the_library_print_what_the_readme_shows(capsys: pytest.CaptureFixture[str]) -> None:
    exec(blocks("python")[0], {})
    assert capsys.readouterr().out == blocks("text")[1]


def test_the_property_test_passes_on_a_first_run(tmp_path: Path) -> None:
    (tmp_path / "test_snippet.py").write_text(blocks("python")[1], "utf-8")
    # Without the variables of a CI service Hypothesis runs its health checks. An empty folder has none of its caches.
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--hypothesis-seed=2"]
    done = subprocess.run(command, cwd=tmp_path, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False, timeout=100)
    assert (done.returncode, done.stdout.splitlines()[-1][:8]) == (0, "1 passed"), done.stdout


def test_a_finding_is_told_as_the_readme_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    example = (ROOT / "rulesets" / "examples" / "campaign-modify-v1.json").read_text("utf-8")
    Path("campaign.json").write_text(example.replace('"deviceType": 2', '"deviceType": 4'), "utf-8")
    assert main(["check", "campaign.json", "--now", "2020-09-01"]) == 1
    assert capsys.readouterr().out.startswith(blocks("text")[2])


def test_the_settings_of_the_readme_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pyproject.toml").write_text(blocks("toml")[0], "utf-8")
    Path("drafts").mkdir()
    Path("drafts/autumn.json").write_text('{"deviceType": 4}', "utf-8")
    assert main(["check", "drafts", "--write-baseline", "known.json"]) == 0
    assert main(["check", "drafts"]) == 0
    Path("drafts/autumn.json").write_text('{"deviceType": 4, "x": 1}', "utf-8")
    assert main(["check", "drafts", "--format", "concise"]) == 1
    assert "drafts/autumn.json:1:19: 0200001 /x: " in capsys.readouterr().out


def test_every_flag_and_command_of_the_readme_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    shown = ""
    for command in ("check", "explain", "rules", "examples", "compile", "completion"):
        assert main([command, "--help"]) == 0
        shown += capsys.readouterr().out
        assert f"isales-rules {command}" in README
    others = {"--quiet", "--editable", "--numprocesses", "--bleeding-edge"}
    assert {flag for flag in re.findall(r"(?<![-\w])--[a-z][a-z-]+", README.partition("## Speed")[0]) if flag not in shown} <= others | set(
        re.findall(r"--[a-z-]+", " ".join(blocks("bash")))
    )


def test_the_snippets_install_from_a_clone() -> None:
    targets = [target for target in re.findall(r"pip install ((?:--\w+ )*\S+)", README) if "editable" not in target]
    assert targets == ["--quiet .", "./isales-rules", "./isales-rules"]
    assert "urls" not in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def test_the_tests_that_decide_are_those_of_the_readme() -> None:
    assert "readme_command 2" in (ROOT / ".ci" / "run").read_text("utf-8")
    assert "pytest" in blocks("sh")[1]
