"""What the command tells of a rule set: explanations with their examples run, the whole reference in three forms, and completion."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from shutil import which

import pytest

import isales_rules
from isales_rules import RuleSet
from isales_rules.cli import reference as pages
from isales_rules.cli.explain import MAX_DIFF, Example, rule_examples
from isales_rules.cli.main import main
from isales_rules.language.catalog import LOCALES
from isales_rules.testing import examples as generated
from tests.support.cases import facts_of
from tests.support.command import Printed
from tests.support.rule_sets import fact, load, rule, rule_set, write

RULES = isales_rules.load("campaign-modify-v1")
IDS = list(dict.fromkeys(check.id for check, _ in RULES.expectations()))
CASES = list(generated.examples(RULES))

# Each of these objects has only mandatory parameters: with one more it has too many, and with one less another mistake.
NEVER_ALONE = {f"{table}.undocumented" for table in ("request", "path", "ivrParam", "previewParam")} | {
    f"{method}PredictParam.undocumented" for method in ("exp", "agent", "connect", "offhook")
}


def broken(example: Example) -> set[str]:
    """Check an example as the command does, and give the rules that it breaks."""
    facts = facts_of({"facts": example.facts})
    if example.part == "body":
        return {one.rule for one in RULES.validate_json(example.text, facts).violations}
    if example.part == "request":
        return {one.rule for one in RULES.validate_request_json(example.text, facts).violations}
    report = RULES.validate_request_json(f'{{"{example.part}": {example.text}}}', facts)
    return {one.rule for one in report.violations if one.path.startswith(f"/{example.part}")}


@pytest.mark.parametrize("rule", IDS)
def test_every_rule_has_an_example_that_passes_it_and_one_that_fails_it_alone(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generated, "examples", lambda *_: iter(CASES))
    passes, fails = rule_examples(RULES, rule)
    assert passes is not None
    assert fails is not None
    errors = {check.id for check, _ in RULES.expectations() if check.code is not None}
    assert broken(passes) & errors == set()
    assert rule not in broken(passes)
    assert rule in broken(fails)
    assert broken(fails) & errors <= {rule} or rule in NEVER_ALONE


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("rule", ["ivr-param-needed", "campaign-exists", "body.maxAlertingTime.min", "expPredictParam.outBoundRate.required"])
def test_explain_of_a_rule_shows_what_it_is_and_its_examples(rule: str, locale: str, monkeypatch: pytest.MonkeyPatch, capsys: Printed) -> None:
    monkeypatch.setattr(generated, "examples", lambda *_: iter(CASES))
    assert main(["explain", rule, "--locale", locale]) == 0
    out = capsys.readouterr().out
    check, expected = next((check, expected) for check, expected in RULES.expectations(locale) if check.id == rule)
    assert check.code is not None
    assert all(told in out for told in (rule, check.code, f"[{check.source}]", expected, RULES.codes(locale)[check.code]))
    assert ("70" in out) is rule.startswith("exp")


@pytest.mark.parametrize("rule", ["body.callerNo.maxlength", "path.vdnId.max", "campaign-exists", "body.duplicate", "body.json", "body.type"])
def test_the_examples_of_a_rule_are_shown_as_a_short_diff(rule: str, monkeypatch: pytest.MonkeyPatch, capsys: Printed) -> None:
    monkeypatch.setattr(generated, "examples", lambda *_: iter(CASES))
    assert main(["explain", rule]) == 0
    lines = capsys.readouterr().out.splitlines()
    start = lines.index("--- passes (/path)" if rule.startswith("path") else "--- passes")
    diff = lines[start:]
    assert diff[1].startswith("+++ fails")
    assert len(diff) <= MAX_DIFF
    assert max(map(len, diff)) < 100
    passes, fails = rule_examples(RULES, rule)
    assert passes is not None
    assert fails is not None
    shown = {mark: [line[1:] for line in diff[3:] if line.startswith(mark)] for mark in "-+"}
    for mark, example in (("-", passes), ("+", fails)):
        whole = [*example.text.split("\n"), *([f"with the facts {json.dumps(example.facts)}"] if example.facts else [])]
        assert set(shown[mark]) <= set(whole)
    assert any(shown.values())


def test_a_long_diff_is_cut(tmp_path: Path, capsys: Printed) -> None:
    file = write(tmp_path, rule_set({f"p{number}": {"type": "integer", "required": True} for number in range(40)}))
    assert main(["explain", "body.type", "--ruleset", str(file)]) == 0
    diff = capsys.readouterr().out.split("--- passes")[1].splitlines()
    assert len(diff) == MAX_DIFF
    assert " …" in diff


@pytest.mark.parametrize("name", ["callerNo", "/callerNo", "/body/callerNo"])
def test_explain_of_a_parameter_lists_its_rules(name: str, capsys: Printed) -> None:
    assert main(["explain", name]) == 0
    heads = [line for line in capsys.readouterr().out.splitlines() if not line.startswith(" ")]
    assert heads == [
        "body.callerNo.type  02000006  /callerNo  [Table 3, No. 6]",
        "body.callerNo.required  02000001  /callerNo  [Table 3, No. 6]",
        "body.callerNo.maxlength  02000003  /callerNo  [Table 3, No. 6]",
        "body.callerNo.characters  02000002  /callerNo  [Table 3, No. 6]",
    ]


def test_explain_of_a_name_in_several_tables_lists_all(capsys: Printed) -> None:
    assert main(["explain", "minAvgCallTime"]) == 0
    out = capsys.readouterr().out
    tables = [name for name in ("expPredictParam", "agentPredictParam", "connectPredictParam") if f"/{name}/minAvgCallTime  [" in out]
    assert len(tables) == 3
    assert main(["explain", "/skillParam/predictParam/expPredictParam/minAvgCallTime"]) == 0
    assert "agentPredictParam" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "argv", [["rules"], ["explain", "02000001"], ["explain", "deviceType"], ["explain", "ivr-pacing"], ["explain", "campaign-exists"]]
)
def test_chinese_pages_have_no_english_words_of_the_command(argv: list[str], capsys: Printed) -> None:
    assert main([*argv, "--locale", "zh-CN"]) == 0
    out = capsys.readouterr().out
    words = ("fact", "warning", "passes", "fails", "whole", "boolean", "integers", "datetime")
    assert [word for word in words if re.search(rf"(?<![-\w.])\(?{word}(?![-\w.])", out)] == []


def test_explain_of_an_advisory_needs_no_code(capsys: Printed) -> None:
    assert main(["explain", "ivr-pacing"]) == 0
    assert capsys.readouterr().out.startswith("ivr-pacing  warning  /ivrParam/callCount  [Table 5, remark]")


def test_a_rule_without_an_example_is_explained_without_one(tmp_path: Path, capsys: Printed) -> None:
    file = write(tmp_path, rule_set({"a": {"type": "string", "required": True, "characters": "ab", "prefix": "c"}}))
    assert main(["explain", "body.a.prefix", "--ruleset", str(file)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("body.a.prefix  02000007  /a  ")
    assert "passes" not in out


def test_a_rule_that_no_case_passes_is_explained_by_one_that_fails(tmp_path: Path, capsys: Printed) -> None:
    file = write(tmp_path, rule_set({}))
    assert main(["explain", "body.required", "--ruleset", str(file)]) == 0
    assert capsys.readouterr().out.splitlines()[2:] == ["02000001: A parameter is empty.", "fails:", "null"]


def test_a_value_with_a_colon_is_an_example(tmp_path: Path) -> None:
    rules = load(tmp_path, rule_set({"a": {"type": "string", "allowed": ["x: y"]}}))
    passes, _ = rule_examples(rules, "body.a.allowed")
    assert passes == Example("body", '{\n  "a": "x: y"\n}', {})


def test_an_empty_object_is_no_example_of_one_with_a_key_twice(tmp_path: Path, capsys: Printed) -> None:
    cases = rule({"facts": {"on": {"allowed": [False]}}})
    file = write(tmp_path, rule_set({"a": {"type": "integer"}}, facts={"on": fact("boolean")}, conditions=[cases]))
    assert main(["explain", "body.duplicate", "--ruleset", str(file)]) == 0
    assert [line for line in capsys.readouterr().out.splitlines()[6:] if line[0] != " "] == ['+  "a": 1,']


def test_what_there_is_nothing_to_explain_of_exits_with_2_and_the_nearest(capsys: Printed) -> None:
    assert main(["explain", "ivr-pace"]) == 2
    assert "unknown code, rule or parameter 'ivr-pace'; did you mean 'ivr-pacing'?" in capsys.readouterr().err


# --- The reference -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("locale", LOCALES)
def test_the_reference_as_json_has_every_rule_code_and_fact(locale: str, capsys: Printed) -> None:
    assert main(["rules", "--format", "json", "--locale", locale]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["version"], document["ruleset"], document["title"]) == (1, RULES.name, RULES.title)
    assert document["codes"] == dict(RULES.codes(locale))
    assert {(one["part"], one["path"]) for one in document["rules"]} >= {("path", "/path/vdnId"), ("body", ""), ("body", "/skillParam/skillId")}
    assert document["facts"] == {name: {"type": fact["type"], "about": fact[locale]} for name, fact in RULES.facts.items()}
    told = [(one["rule"], one["code"], one["severity"], one["source"], one["expected"]) for one in document["rules"]]
    assert told == [(check.id, check.code, check.severity, check.source, expected) for check, expected in RULES.expectations(locale)]


@pytest.mark.parametrize("locale", LOCALES)
def test_the_reference_as_markdown_has_a_row_for_every_rule_code_and_fact(locale: str, capsys: Printed) -> None:
    assert main(["rules", "--format", "md", "--locale", locale]) == 0
    out = capsys.readouterr().out
    tables = re.split(r"\n## ", out)
    assert tables[0].startswith(f"# {RULES.title}")
    rows = [[line for line in table.splitlines() if line.startswith("| ")][2:] for table in tables[1:]]
    assert [len(one) for one in rows[:2]] == [len(RULES.codes()), len(RULES.facts)]
    assert sum(len(one) for one in rows[2:]) == len(list(RULES.expectations()))
    heads = [line for line in out.splitlines() if re.fullmatch(r"\|( --- \|)+", line)]
    assert len(heads) == len(rows) == 6
    # No text of a rule breaks out of its cell.
    for head, table in zip(heads, rows, strict=True):
        assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {head.count("|")}


def test_markdown_shows_each_text_as_it_is() -> None:
    shown = re.sub(r"\\([^a-zA-Z0-9\s])", r"\1", "\n".join(pages.markdown(RULES, "en_US")))
    assert [expected for _, expected in RULES.expectations() if f"| {expected} |" not in shown] == []


@pytest.mark.parametrize("form", ["text", "md"])
def test_what_does_not_print_in_a_rule_set_breaks_no_line_of_its_reference(form: str, tmp_path: Path) -> None:
    rules = load(tmp_path, rule_set({"a\nb": {"type": "integer", "source": "No. 1\nNo. 2\x1b[0m"}}))
    told = "\n".join(pages.PAGES[form](rules, "en_US")).replace("\\\\", "\\").replace("\\[", "[")
    assert any("No. 1\\nNo. 2\\u001b[0m" in line for line in told.split("\n"))
    assert "\x1b" not in told


# --- Completion ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script_of_the_shell_that_knows_every_command_and_flag(shell: str, tmp_path: Path, capsys: Printed) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert {"bash": "complete -o", "zsh": "#compdef", "fish": "complete -c"}[shell] in script
    for word in ("check", "explain", "rules", "cases", "compile", "completion", "--files-from", "--per-file-ignores", "sarif", "zh_CN"):
        assert word.removeprefix("--") in script
    if which(shell):
        (tmp_path / "script").write_text(script, "utf-8")
        assert subprocess.run([shell, "-n", str(tmp_path / "script")], capture_output=True, check=False, timeout=60).returncode == 0


def test_bash_completes_a_command_and_a_format(tmp_path: Path, capsys: Printed) -> None:
    assert main(["completion", "bash"]) == 0
    (tmp_path / "script").write_text(capsys.readouterr().out, "utf-8")
    asked = """
source "$0"
name=$(complete -p isales-rules | sed 's/.*-F \\([^ ]*\\).*/\\1/')
ask() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); $name isales-rules "${COMP_WORDS[COMP_CWORD]}" >/dev/null; echo "${COMPREPLY[@]}"; }
ask isales-rules ch
ask isales-rules check --format sa
"""
    bash = which("bash")
    assert bash is not None
    done = subprocess.run([bash, "-c", asked, str(tmp_path / "script")], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.split() == ["check", "sarif"]


def test_without_shtab_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch, capsys: Printed) -> None:
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert main(["completion", "bash"]) == 2
    assert capsys.readouterr().err == "isales-rules: completion needs shtab: pip install shtab\n"


def test_the_ruleset_of_a_page_may_be_any(rules: RuleSet, tmp_path: Path, capsys: Printed) -> None:
    source = Path(__file__).parents[2] / "rulesets" / "campaign-modify-v1.toml"
    other = tmp_path / "other.toml"
    other.write_text(source.read_text("utf-8").replace("Modifying an Outbound", "Altering an Outbound"), "utf-8")
    assert main(["rules", "--format", "md", "--ruleset", str(other)]) == 0
    assert capsys.readouterr().out.startswith("# Altering an Outbound")
    assert rules.title.startswith("Modifying")
