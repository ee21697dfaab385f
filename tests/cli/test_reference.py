"""The commands `explain`, `rules` and `completion`."""

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
from isales_rules.cli import reference
from isales_rules.cli.explain import MAX_DIFF, Example, rule_examples
from isales_rules.cli.main import main
from isales_rules.language.catalog import LOCALES
from isales_rules.testing import examples as generated
from tests.support.cases import facts_of
from tests.support.command import Printed
from tests.support.rule_sets import fact, load, rule, rule_set, write

RULES = isales_rules.load("campaign-modify-v1")
IDS = list(dict.fromkeys(check.id for check, _ in RULES.expectations()))
EXAMPLES = list(generated.examples(RULES))

# These objects have only mandatory parameters, so that one more is always two violations.
NEVER_SINGLE = {
    f"{table}.unknown-parameter" for table in ("request", "path", "ivrParam", "previewParam")
} | {f"{method}PredictParam.unknown-parameter" for method in ("exp", "agent", "connect", "offhook")}


def violated_rules(example: Example) -> set[str]:
    """Check an example, and return the violated rules."""
    facts = facts_of({"facts": example.facts})
    if example.part == "body":
        return {one.rule for one in RULES.validate_json(example.text, facts).violations}
    if example.part == "request":
        return {one.rule for one in RULES.validate_request_json(example.text, facts).violations}
    report = RULES.validate_request_json(f'{{"{example.part}": {example.text}}}', facts)
    return {one.rule for one in report.violations if one.path.startswith(f"/{example.part}")}


@pytest.mark.parametrize("rule", IDS)
def test_every_rule_has_two_examples(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generated, "examples", lambda *_: iter(EXAMPLES))
    valid, invalid = rule_examples(RULES, rule)
    assert valid is not None
    assert invalid is not None
    errors = {check.id for check, _ in RULES.expectations() if check.code is not None}
    assert violated_rules(valid) & errors == set()
    assert rule not in violated_rules(valid)
    assert rule in violated_rules(invalid)
    assert violated_rules(invalid) & errors <= {rule} or rule in NEVER_SINGLE


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    "rule",
    [
        "ivr-param-needed",
        "campaign-exists",
        "body.maxAlertingTime.min",
        "expPredictParam.outBoundRate.required",
    ],
)
def test_explain_rule_shows_source_and_expectation(
    rule: str, locale: str, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    monkeypatch.setattr(generated, "examples", lambda *_: iter(EXAMPLES))
    assert main(["explain", rule, "--locale", locale]) == 0
    out = capsys.readouterr().out
    check, expected = next(
        (check, expected) for check, expected in RULES.expectations(locale) if check.id == rule
    )
    assert check.code is not None
    assert all(
        text in out
        for text in (
            rule,
            check.code,
            f"[{check.source}]",
            expected,
            RULES.codes(locale)[check.code],
        )
    )
    assert ("70" in out) is rule.startswith("exp")


@pytest.mark.parametrize(
    "rule",
    [
        "body.callerNo.maxlength",
        "path.vdnId.max",
        "campaign-exists",
        "body.duplicate-key",
        "body.invalid-json",
        "body.type",
    ],
)
def test_examples_are_shown_as_a_short_diff(
    rule: str, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    monkeypatch.setattr(generated, "examples", lambda *_: iter(EXAMPLES))
    assert main(["explain", rule]) == 0
    lines = capsys.readouterr().out.splitlines()
    start = lines.index("--- passes (/path)" if rule.startswith("path") else "--- passes")
    diff = lines[start:]
    assert diff[1].startswith("+++ fails")
    assert len(diff) <= MAX_DIFF
    assert max(map(len, diff)) < 100
    valid, invalid = rule_examples(RULES, rule)
    assert valid is not None
    assert invalid is not None
    shown = {mark: [line[1:] for line in diff[3:] if line.startswith(mark)] for mark in "-+"}
    for mark, example in (("-", valid), ("+", invalid)):
        whole = [
            *example.text.split("\n"),
            *([f"with the facts {json.dumps(example.facts)}"] if example.facts else []),
        ]
        assert set(shown[mark]) <= set(whole)
    assert any(shown.values())


def test_long_diff_is_cut(tmp_path: Path, capsys: Printed) -> None:
    file = write(
        tmp_path,
        rule_set({f"p{number}": {"type": "integer", "required": True} for number in range(40)}),
    )
    assert main(["explain", "body.type", "--ruleset", str(file)]) == 0
    diff = capsys.readouterr().out.split("--- passes")[1].splitlines()
    assert len(diff) == MAX_DIFF
    assert " …" in diff


@pytest.mark.parametrize("name", ["callerNo", "/callerNo", "/body/callerNo"])
def test_explain_parameter_lists_its_rules(name: str, capsys: Printed) -> None:
    assert main(["explain", name]) == 0
    heads = [line for line in capsys.readouterr().out.splitlines() if not line.startswith(" ")]
    assert heads == [
        "body.callerNo.type  02000006  /callerNo  [Table 3, No. 6]",
        "body.callerNo.required  02000001  /callerNo  [Table 3, No. 6]",
        "body.callerNo.maxlength  02000003  /callerNo  [Table 3, No. 6]",
        "body.callerNo.allowed_characters  02000002  /callerNo  [Table 3, No. 6]",
        *PROVENANCE["en_US"],
    ]


PROVENANCE = {
    "en_US": [
        "Document: CC-iSales API reference, Modifying an Outbound Campaign (V1) (edition unknown)",
        "Not available: the options of deviceType and outBoundType; Table 12; the note of callBackUrl",
    ],
    "zh_CN": [
        "文档：CC-iSales 接口参考，修改外呼活动（V1）（版本未知）",
        "未能获得的内容：deviceType 和 outBoundType 的取值；表 12；callBackUrl 的说明",
    ],
}


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    "command", [["rules"], ["explain", "02000007"], ["explain", "body.type"], ["explain", "name"]]
)
def test_reference_names_document_edition_and_gaps(
    command: list[str], locale: str, capsys: Printed
) -> None:
    assert main([*command, "--locale", locale]) == 0
    lines = capsys.readouterr().out.splitlines()
    start = lines.index(PROVENANCE[locale][0])
    assert lines[start : start + 2] == PROVENANCE[locale]


def test_edition_is_shown(tmp_path: Path, capsys: Printed) -> None:
    file = write(tmp_path, rule_set({}, document={"zh_CN": "文档"}, edition="2025-04"))
    assert main(["rules", "--ruleset", str(file), "--locale", "zh_CN"]) == 0
    assert capsys.readouterr().out.startswith("文档：文档（版本 2025-04）\n")
    assert main(["rules", "--ruleset", str(file), "--format", "json"]) == 0
    reference = json.loads(capsys.readouterr().out)
    assert (reference["document"], reference["edition"], reference["gaps"]) == (
        "文档",
        "2025-04",
        [],
    )


def test_explain_lists_parameters_of_all_tables(capsys: Printed) -> None:
    assert main(["explain", "minAvgCallTime"]) == 0
    out = capsys.readouterr().out
    tables = [
        name
        for name in ("expPredictParam", "agentPredictParam", "connectPredictParam")
        if f"/{name}/minAvgCallTime  [" in out
    ]
    assert len(tables) == 3
    assert main(["explain", "/skillParam/predictParam/expPredictParam/minAvgCallTime"]) == 0
    assert "agentPredictParam" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "argv",
    [
        ["rules"],
        ["explain", "02000001"],
        ["explain", "deviceType"],
        ["explain", "ivr-pacing"],
        ["explain", "campaign-exists"],
    ],
)
def test_chinese_output_has_no_english_words(argv: list[str], capsys: Printed) -> None:
    assert main([*argv, "--locale", "zh-CN"]) == 0
    out = capsys.readouterr().out
    words = ("fact", "warning", "passes", "fails", "whole", "boolean", "integers", "datetime")
    assert [word for word in words if re.search(rf"(?<![-\w.])\(?{word}(?![-\w.])", out)] == []


def test_explain_warning_needs_no_code(capsys: Printed) -> None:
    assert main(["explain", "ivr-pacing"]) == 0
    assert capsys.readouterr().out.startswith(
        "ivr-pacing  warning  /ivrParam/callCount  [Table 5, remark]"
    )


def test_rule_without_examples_is_explained(tmp_path: Path, capsys: Printed) -> None:
    file = write(
        tmp_path,
        rule_set(
            {"a": {"type": "string", "required": True, "allowed_characters": "ab", "prefix": "c"}}
        ),
    )
    assert main(["explain", "body.a.prefix", "--ruleset", str(file)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("body.a.prefix  02000007  /a  ")
    assert "passes" not in out


def test_rule_without_a_valid_example_is_explained(tmp_path: Path, capsys: Printed) -> None:
    file = write(tmp_path, rule_set({}))
    assert main(["explain", "body.required", "--ruleset", str(file)]) == 0
    assert capsys.readouterr().out.splitlines()[2:] == [
        "02000001: A parameter is empty.",
        "fails:",
        "null",
    ]


def test_value_with_a_colon_is_an_example(tmp_path: Path) -> None:
    rules = load(tmp_path, rule_set({"a": {"type": "string", "allowed": ["x: y"]}}))
    valid, _ = rule_examples(rules, "body.a.allowed")
    assert valid == Example("body", '{\n  "a": "x: y"\n}', {})


def test_duplicate_key_example_is_not_empty(tmp_path: Path, capsys: Printed) -> None:
    cases = rule({"facts": {"on": {"allowed": [False]}}})
    file = write(
        tmp_path,
        rule_set({"a": {"type": "integer"}}, facts={"on": fact("boolean")}, rules=[cases]),
    )
    assert main(["explain", "body.duplicate-key", "--ruleset", str(file)]) == 0
    assert [line for line in capsys.readouterr().out.splitlines()[6:] if line[0] != " "] == [
        '+  "a": 1,'
    ]


def test_explain_suggests_the_nearest_name(capsys: Printed) -> None:
    assert main(["explain", "ivr-pace"]) == 2
    assert (
        "unknown code, rule or parameter 'ivr-pace'; did you mean 'ivr-pacing'?"
        in capsys.readouterr().err
    )


# --- The reference ---------------------------------------------------------------------------


@pytest.mark.parametrize("locale", LOCALES)
def test_json_reference_is_complete(locale: str, capsys: Printed) -> None:
    assert main(["rules", "--format", "json", "--locale", locale]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["version"], document["ruleset"], document["title"]) == (
        1,
        RULES.name,
        RULES.title,
    )
    assert document["codes"] == dict(RULES.codes(locale))
    assert {(one["part"], one["path"]) for one in document["rules"]} >= {
        ("path", "/path/vdnId"),
        ("body", ""),
        ("body", "/skillParam/skillId"),
    }
    assert document["facts"] == {
        name: {"type": fact["type"], "about": fact[locale]} for name, fact in RULES.facts.items()
    }
    described = [
        (one["rule"], one["code"], one["severity"], one["source"], one["expected"])
        for one in document["rules"]
    ]
    assert described == [
        (check.id, check.code, check.severity, check.source, expected)
        for check, expected in RULES.expectations(locale)
    ]


@pytest.mark.parametrize("locale", LOCALES)
def test_markdown_reference_is_complete(locale: str, capsys: Printed) -> None:
    assert main(["rules", "--format", "md", "--locale", locale]) == 0
    out = capsys.readouterr().out
    tables = re.split(r"\n## ", out)
    assert tables[0].startswith(f"# {RULES.title}")
    rows = [
        [line for line in table.splitlines() if line.startswith("| ")][2:] for table in tables[1:]
    ]
    assert [len(one) for one in rows[:2]] == [len(RULES.codes()), len(RULES.facts)]
    assert sum(len(one) for one in rows[2:]) == len(list(RULES.expectations()))
    heads = [line for line in out.splitlines() if re.fullmatch(r"\|( --- \|)+", line)]
    assert len(heads) == len(rows) == 6
    # Every text is in one cell.
    for head, table in zip(heads, rows, strict=True):
        assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {head.count("|")}


def test_markdown_escapes_texts() -> None:
    shown = re.sub(
        r"\\([^a-zA-Z0-9\s])", r"\1", "\n".join(reference.format_markdown(RULES, "en_US"))
    )
    assert [
        expected for _, expected in RULES.expectations() if f"| {expected} |" not in shown
    ] == []


@pytest.mark.parametrize("format_name", ["text", "md"])
def test_nonprintable_text_breaks_no_line(format_name: str, tmp_path: Path) -> None:
    rules = load(tmp_path, rule_set({"a\nb": {"type": "integer", "source": "No. 1\nNo. 2\x1b[0m"}}))
    text = (
        "\n".join(reference.FORMATS[format_name](rules, "en_US"))
        .replace("\\\\", "\\")
        .replace("\\[", "[")
    )
    assert any("No. 1\\nNo. 2\\u001b[0m" in line for line in text.split("\n"))
    assert "\x1b" not in text


# --- Completion ------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_all_commands_and_flags(
    shell: str, tmp_path: Path, capsys: Printed
) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert {"bash": "complete -o", "zsh": "#compdef", "fish": "complete -c"}[shell] in script
    for word in (
        "check",
        "explain",
        "rules",
        "examples",
        "compile",
        "completion",
        "--files-from",
        "--per-file-ignores",
        "sarif",
        "zh_CN",
    ):
        assert word.removeprefix("--") in script
    if which(shell):
        (tmp_path / "script").write_text(script, "utf-8")
        assert (
            subprocess.run(
                [shell, "-n", str(tmp_path / "script")],
                capture_output=True,
                check=False,
                timeout=60,
            ).returncode
            == 0
        )


def test_bash_completes_commands_and_formats(tmp_path: Path, capsys: Printed) -> None:
    assert main(["completion", "bash"]) == 0
    (tmp_path / "script").write_text(capsys.readouterr().out, "utf-8")
    script = """
source "$0"
name=$(complete -p isales-rules | sed 's/.*-F \\([^ ]*\\).*/\\1/')
ask() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); $name isales-rules "${COMP_WORDS[COMP_CWORD]}" >/dev/null; echo "${COMPREPLY[@]}"; }
ask isales-rules ch
ask isales-rules check --format sa
"""
    bash = which("bash")
    assert bash is not None
    done = subprocess.run(
        [bash, "-c", script, str(tmp_path / "script")],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stdout.split() == ["check", "sarif"]


def test_missing_shtab_names_the_remedy(monkeypatch: pytest.MonkeyPatch, capsys: Printed) -> None:
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert main(["completion", "bash"]) == 2
    assert capsys.readouterr().err == "isales-rules: completion needs shtab: pip install shtab\n"


def test_rules_lists_any_rule_set(rules: RuleSet, tmp_path: Path, capsys: Printed) -> None:
    source = Path(__file__).parents[2] / "rulesets" / "campaign-modify-v1.toml"
    other = tmp_path / "other.toml"
    other.write_text(
        source.read_text("utf-8").replace("Modifying an Outbound", "Altering an Outbound"), "utf-8"
    )
    assert main(["rules", "--format", "md", "--ruleset", str(other)]) == 0
    assert capsys.readouterr().out.startswith("# Altering an Outbound")
    assert rules.title.startswith("Modifying")
