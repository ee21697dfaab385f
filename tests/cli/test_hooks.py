"""Hooks and CI configurations in the README."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from isales_rules.cli.main import main
from tests.support.command import BODY, body

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def block(language: str, snippet: str) -> str:
    """Return the only code block of the README that contains a snippet."""
    [found] = [
        one for one in re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL) if snippet in one
    ]
    return str(found)


class Repository:
    """Temporary git repository."""

    def __init__(self, folder: Path, **environment: str) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        identity = {
            f"GIT_{role}_{key}": value
            for role in ("AUTHOR", "COMMITTER")
            for key, value in (("NAME", "a"), ("EMAIL", "a@example.com"))
        }
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith("GIT_")
        }
        self.environment = {
            **inherited,
            "PATH": path,
            "GIT_CONFIG_GLOBAL": os.devnull,
            **identity,
            **environment,
        }
        self.run("git", "init", "--quiet", ".")

    def run(self, *argv: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            argv,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    def write(self, name: str, content: object) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            content if isinstance(content, str) else json.dumps(content, indent=2), "utf-8"
        )


@pytest.fixture
def hooked(tmp_path: Path) -> Repository:
    repository = Repository(tmp_path)
    repository.write(".git/hooks/pre-commit", block("bash", "git checkout-index"))
    (tmp_path / ".git/hooks/pre-commit").chmod(0o755)
    return repository


def test_hook_rejects_only_invalid_campaigns(hooked: Repository) -> None:
    name = "campaigns/autumn offer.json"
    # Other files do not matter.
    hooked.write("other/notes.json", {})
    hooked.write("campaigns/readme.txt", "")
    hooked.write(name, body(deviceType=4))
    hooked.run("git", "add", ".")
    refused = hooked.run("git", "commit", "--message", "bad")
    assert refused.returncode != 0
    assert f"{name}:6:17: 02000007 /deviceType: " in refused.stdout + refused.stderr

    hooked.write(name, BODY)
    hooked.run("git", "add", ".")
    assert hooked.run("git", "commit", "--message", "good").returncode == 0
    # The staged settings apply, and the files that they name exist.
    hooked.write(".isales-rules.toml", 'baseline = "known.json"\n')
    hooked.write("known.json", {"version": 1, "findings": []})
    hooked.write(name, body(deviceType=4))
    known = hooked.run("isales-rules", "check", name, "--write-baseline", "known.json")
    assert known.returncode == 0
    hooked.run("git", "add", ".")
    assert hooked.run("git", "commit", "--message", "known").returncode == 0
    hooked.run("git", "rm", "--quiet", name)
    assert hooked.run("git", "commit", "--message", "gone").returncode == 0


def test_hook_checks_staged_and_renamed_files(hooked: Repository) -> None:
    hooked.write("campaigns/a.json", body(deviceType=4))
    hooked.run("git", "add", ".")
    hooked.write("campaigns/a.json", BODY)
    assert hooked.run("git", "commit", "--message", "fixed, but not staged").returncode != 0
    hooked.run("git", "add", ".")
    hooked.write("campaigns/a.json", "{")
    assert hooked.run("git", "commit", "--message", "invalid, but not staged").returncode == 0
    hooked.run("git", "mv", "--force", "campaigns/a.json", "campaigns/b.json")
    hooked.write("campaigns/b.json", body(deviceType=4))
    hooked.run("git", "add", ".")
    assert hooked.run("git", "commit", "--message", "renamed and invalid").returncode != 0


@pytest.mark.skipif(
    not (ROOT / ".git").exists(), reason="pre-commit installs from a git repository"
)
def test_pre_commit_configuration_works(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "project", PRE_COMMIT_HOME=str(tmp_path / "home"))
    for command in (
        ("clone", "--quiet", str(ROOT), "../isales-rules"),
        ("-C", "../isales-rules", "checkout", "--quiet", "-B", "main"),
    ):
        done = repository.run("git", *command)
        assert done.returncode == 0, done.stderr
    repository.write(".pre-commit-config.yaml", block("yaml", "id: isales-rules"))
    for name, content, code in (("good", BODY, 0), ("bad", body(deviceType=4), 1)):
        repository.write(f"campaigns/{name}.json", content)
        repository.write(f"other/{name}.json", {})
        repository.run("git", "add", ".")
        tried = repository.run(sys.executable, "-m", "pre_commit", "run", "--all-files")
        assert tried.returncode == code, tried.stdout + tried.stderr
        assert ("campaigns/bad.json:6:17: 02000007 /deviceType: " in tried.stdout) is bool(code)
        assert ("Passed" if code == 0 else "Failed") in tried.stdout


def test_pre_commit_manifest_is_valid() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pre_commit",
            "validate-manifest",
            str(ROOT / ".pre-commit-hooks.yaml"),
        ],
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (0, b"")


@pytest.mark.parametrize(
    ("snippet", "schema"),
    [("runs-on", "vendor.github-workflows"), ("reports:", "vendor.gitlab-ci")],
)
def test_ci_configurations_match_their_schemas(snippet: str, schema: str, tmp_path: Path) -> None:
    (tmp_path / "ci.yml").write_text(block("yaml", snippet), "utf-8")
    argv = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        schema,
        str(tmp_path / "ci.yml"),
    ]
    done = subprocess.run(argv, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("snippet", ["runs-on", "reports:"])
def test_ci_commands_write_the_expected_reports(snippet: str, tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.write("campaigns/bad.json", body(deviceType=4))
    [command] = re.findall(r"isales-rules check .*", block("yaml", snippet))
    assert repository.run("sh", "-c", command).returncode == 1
    reports = re.findall(r"--output (\w+)=(\S+)", command)
    assert reports
    for _, file in reports:
        assert "02000007" in (tmp_path / file).read_text("utf-8")
        assert block("yaml", snippet).count(file) >= 2


def test_pre_commit_configuration_is_valid(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(block("yaml", "id: isales-rules"), "utf-8")
    argv = [sys.executable, "-m", "pre_commit", "validate-config", str(tmp_path / "config.yaml")]
    assert subprocess.run(argv, capture_output=True, check=False, timeout=60).returncode == 0


def test_hook_of_rule_sets_runs_check_and_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = (ROOT / ".pre-commit-hooks.yaml").read_text("utf-8")
    hook = manifest.partition("- id: isales-rules-rulesets\n")[2]
    entry, files = (
        re.findall(rf"^  {key}: (.*)$", hook, re.MULTILINE)[0] for key in ("entry", "files")
    )
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    [needed] = re.findall(r"^  additional_dependencies: \[(.*)\]$", hook, re.MULTILINE)
    assert needed.split(", ") == extras["optional-dependencies"]["toml"]
    monkeypatch.chdir(tmp_path)
    name = "rulesets/mine.toml"
    assert re.search(files, name)
    Path("rulesets").mkdir()
    assert main(["ruleset", "new", name]) == 0
    command = entry.split()[1:]
    assert main([*command, name]) == 0
    Path("rulesets/mine.ndjson").write_text('{"body": {}, "expect": []}\n', "utf-8")
    assert main([*command, name]) == 1
