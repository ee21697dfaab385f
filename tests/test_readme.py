"""The READMEs show what happens."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from typing import NamedTuple

import pytest

import isales_rules
from isales_rules.cli.main import main
from isales_rules.language import keywords
from tests.support.cases import cases

ROOT = Path(__file__).parent.parent
BASES = (ROOT, ROOT / "isales_rules", ROOT / ".github")
COMMANDS = (
    *("check", "explain", "rules", "examples", "compile", "keywords"),
    *("completion", "export", "ruleset"),
)


class Readme(NamedTuple):
    path: Path
    locale: str

    @property
    def text(self) -> str:
        return self.path.read_text("utf-8")

    def blocks(self, language: str) -> list[str]:
        return re.findall(rf"```{language}\n(.*?)```", self.text, re.DOTALL)

    def commands(self) -> list[str]:
        """Return the commands in running text."""
        return re.findall(r"`(isales-rules \w+[^`]*)`", self.text)

    def table(self, section: str) -> Iterator[list[str]]:
        """Yield the cells of each row of the table in a section, without its header."""
        for line in self.text.partition(f"\n## {section}\n")[2].partition("\n## ")[0].splitlines():
            if line.startswith("|"):
                yield [cell.strip() for cell in line.strip("|").split("|")]


ENGLISH = Readme(ROOT / "README.md", "en_US")
CHINESE = Readme(ROOT / ".github" / "README.zh-CN.md", "zh_CN")
SPEED = {ENGLISH: "Speed", CHINESE: "速度"}


@pytest.fixture(params=[ENGLISH, CHINESE], ids=lambda readme: readme.locale)
def readme(request: pytest.FixtureRequest) -> Readme:
    found: Readme = request.param
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Change to a folder with the files that the commands of a README name."""
    rules = ROOT / "rulesets"
    (tmp_path / "mine.toml").write_bytes((rules / "campaign-modify-v1.toml").read_bytes())
    example = json.loads((rules / "examples" / "campaign-modify-v1.json").read_text("utf-8"))
    example["maxAlertingTime"] = 300
    (tmp_path / "campaign.json").write_text(json.dumps(example, indent=2), "utf-8")
    with chdir(tmp_path):
        yield tmp_path


def test_first_command_passes(readme: Readme, capsys: pytest.CaptureFixture[str]) -> None:
    command = shlex.split(readme.blocks("sh")[0].split("&&")[-1])
    assert command[0] == ".venv/bin/isales-rules"
    with chdir(ROOT):
        assert main(command[1:]) == 0
    assert len(capsys.readouterr().out.splitlines()) > 1


def test_second_command_runs_the_tests(readme: Readme) -> None:
    assert "pytest" in readme.blocks("sh")[1]
    assert "readme_command 2" in (ROOT / ".ci" / "run").read_text("utf-8")


def test_library_example_prints_the_output(
    readme: Readme, capsys: pytest.CaptureFixture[str]
) -> None:
    exec(readme.blocks("python")[0], {})
    assert [capsys.readouterr().out] == readme.blocks("text")


def test_property_test_passes(readme: Readme, tmp_path: Path) -> None:
    (tmp_path / "test_snippet.py").write_text(readme.blocks("python")[1], "utf-8")
    # Without the variables of a CI service Hypothesis runs its health checks.
    # An empty folder has none of its caches.
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--hypothesis-seed=2",
    ]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert (done.returncode, done.stdout.splitlines()[-1][:8]) == (0, "1 passed"), done.stdout


@pytest.mark.usefixtures("folder")
def test_rule_set_is_loaded_by_its_path(readme: Readme) -> None:
    assert '`load("mine.toml")`' in readme.text
    assert "`--ruleset mine.toml`" in readme.text
    assert isales_rules.load("mine.toml").name == "mine.toml"
    assert main(["check", "--ruleset", "mine.toml", "campaign.json"]) == 1


@pytest.mark.usefixtures("folder")
def test_commands_print_the_output(readme: Readme, capsys: pytest.CaptureFixture[str]) -> None:
    [block] = readme.blocks("console")
    prompt, output = block.split("\n", 1)
    command = shlex.split(prompt)
    assert command[:2] == ["$", "isales-rules"]
    assert main(command[2:]) == 1
    assert capsys.readouterr().out == output


@pytest.mark.usefixtures("folder")
def test_commands_in_the_text_run(readme: Readme, capsys: pytest.CaptureFixture[str]) -> None:
    commands = [shlex.split(command)[1:] for command in readme.commands()]
    assert {command[0] for command in commands} >= {*COMMANDS} - {"check"}
    for command in commands:
        assert main(command) == 0, command
        assert capsys.readouterr().out, command


@pytest.mark.usefixtures("folder")
def test_settings_apply(readme: Readme, capsys: pytest.CaptureFixture[str]) -> None:
    Path("pyproject.toml").write_text(readme.blocks("toml")[0], "utf-8")
    Path("drafts").mkdir()
    Path("drafts/autumn.json").write_text('{"deviceType": 4}', "utf-8")
    assert main(["check", "drafts", "--write-baseline", "known.json"]) == 0
    assert main(["check", "drafts"]) == 0
    Path("drafts/autumn.json").write_text('{"deviceType": 4, "x": 1}', "utf-8")
    assert main(["check", "drafts", "--format", "concise"]) == 1
    assert "drafts/autumn.json:1:19: 0200001 /x: " in capsys.readouterr().out


def test_flags_are_those_of_the_help(
    readme: Readme, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "1000")
    assert main(["check", "--help"]) == 0
    flags = set(re.findall(r"(?<![-\w])--[a-z][a-z-]+", capsys.readouterr().out))
    table = "".join(line for line in readme.text.splitlines() if line.startswith("|"))
    assert set(re.findall(r"(?<![-\w])--[a-z][a-z-]+", table)) == flags - {"--help"}


def test_results_are_those_of_the_benchmark(readme: Readme) -> None:
    """A row has our median, and the median and ratio of another library in the same work."""
    results = (ROOT / "tests" / "tools" / "benchmarks" / "RESULTS.md").read_text("utf-8")
    measured = [[cell.strip() for cell in line.split("|")[1:-1]] for line in results.splitlines()]
    works: dict[str, list[list[str]]] = {}
    for work, *cells in (row for row in measured if len(row) == 6):
        works.setdefault(work, []).append(cells)
    _, _, *rows = readme.table(SPEED[readme])
    assert len(rows) == 6
    for work, ours, _, theirs, ratio in rows:
        assert any(
            ours == group[0][1]
            and any((cells[1], cells[2].partition(" ")[0]) == (theirs, ratio) for cells in group)
            for group in works.values()
        ), work


def test_number_of_worked_answers(readme: Readme) -> None:
    assert str(sum(1 for _ in cases())) in readme.text


def test_links_lead_to_files(readme: Readme) -> None:
    targets = re.findall(r"\](?:\(|: )(?!https?:)([^)#\s]+)", readme.text)
    assert targets
    for target in targets:
        assert (readme.path.parent / target).is_file(), target


def test_languages_link_to_each_other() -> None:
    assert ".github/README.zh-CN.md" in ENGLISH.text.splitlines()[0]
    assert "../README.md" in CHINESE.text.splitlines()[0]


@pytest.mark.parametrize("language", ["sh", "bash", "yaml", "toml"])
def test_languages_have_the_same_blocks(language: str) -> None:
    english, chinese = (
        [re.sub(r" *(?<!\S)#(?!!).*", "", block) for block in one.blocks(language)]
        for one in (ENGLISH, CHINESE)
    )
    assert english
    assert chinese == english


def test_contributing_names_files_that_exist() -> None:
    text = (ROOT / ".github" / "CONTRIBUTING.md").read_text("utf-8")
    named = set(re.findall(r"`((?:\w+/)*(?:\w+\.(?:py|md|toml)|\w+/))`", text))
    assert {"report.py", "rulesets/examples/", "CHANGELOG.md"} <= named
    assert [name for name in named if not any((base / name).exists() for base in BASES)] == []


def test_contributing_adds_a_keyword() -> None:
    [source] = Readme(ROOT / ".github" / "CONTRIBUTING.md", "en_US").blocks("python")
    namespace = {**vars(keywords)}
    exec(source, namespace)
    keyword = namespace["MultipleOf"]()
    for value in (*keyword.boundary_values(3, {}), 0, -3, -1):
        expression = str(keyword.violated_expr("value", 3, None))
        assert eval(expression, {"value": value}) is keyword.is_violated(value, 3)  # noqa: S307
        assert not keyword.is_violated(keyword.adjust(value, 3), 3)


def test_snippets_install_from_a_clone(readme: Readme) -> None:
    targets = [
        target
        for target in re.findall(r"pip install ((?:--\w+ )*\S+)", readme.text)
        if "editable" not in target
    ]
    assert targets == ["--quiet .", "./isales-rules", "./isales-rules"]
    assert "urls" not in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def test_readme_is_short(readme: Readme) -> None:
    assert len(readme.text.splitlines()) <= 190
