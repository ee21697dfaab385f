"""What the README says is what happens."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from isales_rules.cli import main

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


def test_the_property_test_of_the_readme_passes() -> None:
    namespace: dict[str, Any] = {}
    exec(blocks("python")[1], namespace)
    namespace["test_our_client_sends_no_broken_campaign"]()


def test_the_hook_stops_a_bad_campaign_and_lets_a_good_one_through(tmp_path: Path) -> None:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "GIT_CONFIG_GLOBAL": os.devnull}

    def git(*arguments: str) -> subprocess.CompletedProcess[str]:
        who = ["-c", "user.name=a", "-c", "user.email=a@b"]
        return subprocess.run(["git", *who, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    git("init", "--quiet")
    hook = tmp_path / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(blocks("bash")[0], "utf-8")
    hook.chmod(0o755)
    campaign = tmp_path / "campaigns" / "autumn offer.json"
    campaign.parent.mkdir()
    example = (ROOT / "rulesets" / "examples" / "campaign-modify-v1.json").read_text("utf-8").replace("2020-", "2999-")

    campaign.write_text(example.replace('"deviceType": 2', '"deviceType": 4'), "utf-8")
    git("add", ".")
    refused = git("commit", "--message", "bad")
    assert refused.returncode != 0
    assert "02000007 /deviceType" in refused.stdout + refused.stderr

    campaign.write_text(example, "utf-8")
    git("add", ".")
    assert git("commit", "--message", "good").returncode == 0


def test_the_tests_that_decide_are_those_of_the_readme() -> None:
    assert "readme_command 2" in (ROOT / ".ci" / "run").read_text("utf-8")
    assert "pytest" in blocks("sh")[1]
