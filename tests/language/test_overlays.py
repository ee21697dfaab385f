"""Rule sets that extend others."""

from __future__ import annotations

import json
import os
import pickle
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import isales_rules
from isales_rules import RuleSet, RuleSetError
from isales_rules.cli.main import main
from isales_rules.loading import MAX_FILE_SIZE, MAX_LAYERS
from tests.support.cases import bases
from tests.support.command import Printed
from tests.support.rule_sets import Data, errors, fact, rule, rule_set, write

SHIPPED = "campaign-modify-v1"
README = Path(__file__).parents[2] / "rulesets" / "README.md"
BODY: Data = {
    "name": {"type": "string", "required": True, "maxlength": 4},
    "kind": {"type": "integer", "allowed": [1, 2, 3], "allowed_labels": {"en_US": ["a", "b", "c"]}},
    "size": {"type": "integer", "min": 1, "max": 9},
    "rate": {"ref": "rate"},
    "rates": {"type": "list", "schema": {"type": "integer", "min": 5}},
    "part": {"type": "dict", "schema": "part"},
}
BASE = rule_set(
    BODY,
    title="Base",
    tables={"part": {"of": {"type": "integer"}}},
    definitions={"rate": {"type": "integer", "max": 100}},
    facts={"ready": fact("boolean")},
    rules=[
        rule(
            {"when": {"kind": {"allowed": [1]}}, "then": {"size": {"required": True}}}, id="sized"
        ),
        rule({"then": {"size": {"max": 8}}}, id="large", severity="warning"),
        rule({"facts": {"ready": {"allowed": [False]}}}, id="ready"),
    ],
)
VALID = {"name": "ab", "kind": 2, "size": 5}

Overlay = Callable[..., RuleSet]


@pytest.fixture
def extend(tmp_path: Path) -> Overlay:
    """Load an overlay of the base rule set; further overlays extend the one before."""
    write(tmp_path, BASE, "base.toml")

    def extended(*overlays: Data) -> RuleSet:
        name = "base"
        for number, data in enumerate(overlays, 1):
            write(tmp_path, {"extends": f"{name}.toml", **data}, f"overlay{number}.toml")
            name = f"overlay{number}"
        return isales_rules.load(tmp_path / f"{name}.toml")

    return extended


def problems(error: RuleSetError) -> list[tuple[str, str, str]]:
    return [
        (Path(file).name, location, reason)
        for file, (location, reason) in zip(error.files, error.problems, strict=True)
    ]


def change(name: str, **more: Any) -> Data:
    return {"rules": [{"id": name, **more}]}


def ids(rules: RuleSet) -> list[str]:
    return [one.id for one in rules.rules()]


# --- Parameters ----------------------------------------------------------------------------


def test_documented_overlay_works(tmp_path: Path, engine: str) -> None:
    section = README.read_text("utf-8").partition("\n## Overlays\n")[2]
    file = tmp_path / "our.toml"
    file.write_text(section.partition("```toml\n")[2].partition("```")[0], "utf-8")
    rules = isales_rules.load(file)
    body = next(iter(bases().values())) | {"maxAlertingTime": 90}
    body["callBackUrl"] = "https://elsewhere.example.com/"
    report = rules.validate(body, engine=engine)
    assert [(one.path, one.rule, one.code, one.source) for one in report.violations] == [
        ("/maxAlertingTime", "body.maxAlertingTime.max", "02000007", "Our campaigns"),
        ("/callBackUrl", "our-callback-host", "02000007", "Our campaigns"),
    ]
    assert [one.message("zh_CN") for one in report.violations] == [
        "maxAlertingTime 必须在 5 到 30 之间；实际为 90",
        'callBackUrl 必须指向我们的回调主机；实际为 "https://elsewhere.example.com/"',
    ]
    body |= {"maxAlertingTime": 30, "callBackUrl": "https://callbacks.example.com/a"}
    assert rules.validate(body, engine=engine).ok


def test_overlay_changes_a_keyword(extend: Overlay, engine: str) -> None:
    rules = extend({"title": "Ours", "tables": {"body": {"size": {"max": 3}}}})
    (violation,) = rules.validate(VALID, engine=engine).violations
    assert (violation.rule, violation.source) == ("body.size.max", "Ours")
    assert violation.message() == "size must be from 1 to 3; found 5"
    (violation,) = rules.validate(VALID | {"size": 0}, engine=engine).violations
    assert (violation.rule, violation.source) == ("body.size.min", "Table body, size")


def test_overlay_changes_an_entry_of_a_list(extend: Overlay, engine: str) -> None:
    rules = extend({"title": "Ours", "tables": {"body": {"rates": {"schema": {"max": 6}}}}})
    report = rules.validate(VALID | {"rates": [4, 5, 7]}, engine=engine)
    assert [(one.path, one.source) for one in report.violations] == [
        ("/rates/0", "Table body, rates"),
        ("/rates/2", "Ours"),
    ]


def test_overlay_changes_a_shared_definition(extend: Overlay, engine: str) -> None:
    rules = extend({"title": "Ours", "definitions": {"rate": {"max": 50}}})
    (violation,) = rules.validate(VALID | {"rate": 51}, engine=engine).violations
    assert (violation.rule, violation.source) == ("body.rate.max", "Ours")
    assert Path(rules.origin("body.rate.max")).name == "overlay1.toml"


def test_overlay_adds_a_parameter_and_a_table(extend: Overlay, engine: str) -> None:
    tables = {
        "body": {"extra": {"type": "dict", "schema": "extra", "required": True}},
        "extra": {"x": {"type": "integer", "required": True, "source": "Handbook"}},
    }
    rules = extend({"title": "Ours", "tables": tables})
    (missing,) = rules.validate(VALID, engine=engine).violations
    assert (missing.path, missing.source) == ("/extra", "Ours")
    (missing,) = rules.validate(VALID | {"extra": {}}, engine=engine).violations
    assert (missing.path, missing.source) == ("/extra/x", "Handbook")


def test_definition_of_another_type_is_replaced(extend: Overlay, engine: str) -> None:
    off = [{"id": name, "enabled": False} for name in ("sized", "large")]
    rules = extend({"tables": {"body": {"size": {"type": "string"}}}, "rules": off})
    assert rules.validate(VALID | {"size": "small"}, engine=engine).ok
    assert "body.size.max" not in ids(rules)


def test_labels_follow_their_options(extend: Overlay) -> None:
    rules = extend({"tables": {"body": {"kind": {"allowed": [3, 1]}}}})
    assert any("one of 3 (c), 1 (a)" in text for _, text in rules.expectations())
    rules = extend({"tables": {"body": {"kind": {"allowed": [1, 4]}}}})
    assert any("one of 1, 4" in text for _, text in rules.expectations())


def test_overlay_adds_and_changes_facts(extend: Overlay, engine: str) -> None:
    data = {
        "facts": {"calm": fact("boolean"), "ready": {"en_US": "another text"}},
        "rules": [rule({"facts": {"calm": {"allowed": [False]}}}, id="calm")],
    }
    rules = extend(data)
    assert rules.facts["ready"]["en_US"] == "another text"
    report = rules.validate(VALID, {"calm": False, "ready": False}, engine=engine)
    assert [one.rule for one in report.violations] == ["ready", "calm"]


def test_overlay_adds_codes_messages_and_a_locale(extend: Overlay, engine: str) -> None:
    rules = extend(
        {
            "codes": {"0200099": {"en_US": "Ours."}},
            "messages": {"missing": {"de_DE": "$name fehlt", "code": "0200099"}},
            "phrases": {"de_DE": {"absent": "$expected"}},
        }
    )
    (violation,) = rules.validate({}, engine=engine).violations
    assert (violation.code, violation.message("de")) == ("0200099", "name fehlt")
    assert rules.codes("de_DE")["0200099"] == "Ours."


# --- Rules ---------------------------------------------------------------------------------


def test_rule_is_disabled_and_enabled_again(extend: Overlay, engine: str) -> None:
    body = {"name": "a", "kind": 1}
    off = change("sized", enabled=False)
    assert extend(off).validate(body, engine=engine).ok
    assert errors(extend(off, change("sized", enabled=True)).validate(body, engine=engine)) == [
        ("/size", "02000009")
    ]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("body.name.required", {}),
        ("body.name.maxlength", {"name": "abcdef"}),
        ("body.size.max", {"name": "a", "size": 10}),
        ("body.rates.item.min", {"name": "a", "rates": [0]}),
        ("body.unknown-parameter", {"name": "a", "what": 1}),
        ("part.unknown-parameter", {"name": "a", "part": {"a": 1, "b": 2, "c": 3}}),
    ],
)
def test_rule_of_a_keyword_is_disabled(name: str, body: Data, extend: Overlay, engine: str) -> None:
    assert not extend({}).validate(body, engine=engine).ok
    rules = extend(change(name, enabled=False))
    assert [one for one in rules.validate(body, engine=engine).violations if one.code] == []
    assert name not in ids(rules)


@pytest.mark.parametrize(
    ("name", "body"),
    [("sized", {"name": "a", "kind": 1}), ("body.size.max", {"name": "a", "size": 10}), ("body.unknown-parameter", {"name": "a", "x": 1})],
)  # fmt: skip
def test_severity_code_and_message_are_changed(
    name: str, body: Data, extend: Overlay, engine: str
) -> None:
    def found(rules: RuleSet) -> list[Any]:
        report = rules.validate(body, engine=engine)
        return [one for one in report.violations if one.rule == name]

    (warning,) = found(extend(change(name, severity="warning")))
    assert (warning.severity, warning.code) == ("warning", None)
    (coded,) = found(extend(change(name, code="0200005")))
    assert coded.code == "0200005"
    message = {"en_US": "our message", "zh_CN": "我们的消息"}
    (worded,) = found(extend(change(name, message=message, source="Ours")))
    assert worded.message().startswith("our message")
    assert worded.message("zh_CN").startswith("我们的消息")
    assert worded.source == "Ours"
    (both,) = found(extend(change(name, code="0200005"), change(name, severity="warning")))
    assert both.code is None


def test_warning_becomes_an_error(extend: Overlay, engine: str) -> None:
    rules = extend(change("large", severity="error", code="02000009"))
    assert errors(rules.validate(VALID | {"size": 9}, engine=engine)) == [("/size", "02000009")]


def test_rule_is_replaced_in_its_position(extend: Overlay, engine: str) -> None:
    whole = rule({"then": {"size": {"min": 6}}}, id="sized", code="02000007")
    rules = extend({"title": "Ours", "rules": [whole]})
    (violation,) = rules.validate(VALID, engine=engine).violations
    assert (violation.rule, violation.code, violation.source) == ("sized", "02000007", "Ours")
    named = [name for name in ids(rules) if "." not in name]
    assert named == ["sized", "large", "ready"]


def test_message_in_one_language_serves_all(extend: Overlay) -> None:
    added = rule({"then": {"size": {"min": 6}}}, id="six", message={"zh_CN": "至少六"})
    (violation,) = extend({"rules": [added]}).validate(VALID).violations
    assert violation.message("en_US").startswith("至少六")


# --- Files ---------------------------------------------------------------------------------


def test_origin_names_the_file_of_a_rule(extend: Overlay) -> None:
    rules = extend(
        {"tables": {"body": {"size": {"max": 3}, "new": {"type": "integer"}}}},
        {
            "rules": [
                {"id": "sized", "code": "0200005"},
                rule({"then": {"size": {"min": 2}}}, id="two"),
            ]
        },
    )
    names = {name: Path(rules.origin(name)).name for name in ids(rules)}
    expected = {
        "body.size.max": "overlay1.toml",
        "body.size.min": "base.toml",
        "body.new.type": "overlay1.toml",
        "sized": "overlay2.toml",
        "two": "overlay2.toml",
        "large": "base.toml",
        "body.type": "base.toml",
        "request.type": "base.toml",
    }
    assert {name: names[name] for name in expected} == expected


def test_reference_names_the_files_of_an_overlay(
    extend: Overlay, tmp_path: Path, capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    extend({"title": "Ours", "tables": {"body": {"size": {"max": 3}}}})
    monkeypatch.chdir(tmp_path)
    argv = ["rules", "--ruleset", "overlay1.toml", "--format"]
    assert main([*argv, "text"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "body.size.max  02000007  /size  [Ours]  (overlay1.toml)" in lines
    assert "body.size.min  02000007  /size  [Table body, size]  (base.toml)" in lines
    assert main([*argv, "json"]) == 0
    files = {one["rule"]: one["file"] for one in json.loads(capsys.readouterr().out)["rules"]}
    assert (files["body.size.max"], files["body.size.min"]) == ("overlay1.toml", "base.toml")
    assert main([*argv, "md"]) == 0
    assert "| body.size.max | 02000007 | /size | Ours | overlay1.toml |" in capsys.readouterr().out
    assert main(["rules"]) == 0
    assert "(campaign-modify-v1)" not in capsys.readouterr().out


def test_overlay_pickles_and_is_shared(extend: Overlay) -> None:
    data = {"tables": {"body": {"size": {"max": 3}}}}
    rules = extend(data)
    assert extend(data) is rules
    copied = pickle.loads(pickle.dumps(rules))  # noqa: S301  # made in the line itself
    assert copied is rules
    assert copied.origin("body.size.max") == rules.origin("body.size.max")


def test_text_and_mapping_extend_shipped_names_and_absolute_paths(tmp_path: Path) -> None:
    base = write(tmp_path, BASE, "base.toml")
    for name in (SHIPPED, str(base)):
        by_text = RuleSet.from_toml(f"extends = {json.dumps(name)}")
        by_mapping = isales_rules.load({"extends": name})
        assert ids(by_text) == ids(by_mapping) == ids(isales_rules.load(name))
    for load in (
        isales_rules.load,
        lambda data: RuleSet.from_toml(f"extends = '{data['extends']}'"),
    ):
        with pytest.raises(RuleSetError) as error:
            load({"extends": "./base.toml"})
        assert error.value.problems == (
            ("extends", "must be absolute, because the rule set is not read from a file"),
        )


def test_base_is_extended_but_not_loaded(tmp_path: Path, engine: str) -> None:
    base = {key: value for key, value in BASE.items() if key not in ("request", "title")}
    file = write(tmp_path, base | {"title": "Common"}, "common.toml")
    with pytest.raises(RuleSetError) as error:
        isales_rules.load(file)
    assert error.value.problems == (
        ("request", "required field: without it, a rule set can only be extended by others"),
    )
    data = {"extends": "common.toml", "title": "One", "request": BASE["request"]}
    rules = isales_rules.load(write(tmp_path, data, "one.toml"))
    assert rules.title == "One"
    assert rules.validate(VALID, engine=engine).ok
    assert Path(rules.origin("body.required")).name == "one.toml"
    assert Path(rules.origin("body.name.required")).name == "common.toml"


# --- Problems ------------------------------------------------------------------------------

CLAUSE = {"tables": ["body"], "then": {"size": {"max": 9}}}
INVALID: list[tuple[Data, str, str]] = [
    (change("sizd", enabled=False), "rules[0].id", "unknown rule 'sizd'; did you mean 'sized'?; a new rule needs clauses"),
    (change("body.name.maxlenght", code="0200005"), "rules[0].id", "unknown rule 'body.name.maxlenght'; did you mean 'body.name.maxlength'?"),
    ({"rules": [{"id": "large", "enabled": False}] * 2}, "rules[1].id", "another rule has the id 'large'"),
    (change("body.name", enabled=False), "rules[0].id", "unknown rule 'body.name'"),
    (change("__class__", enabled=False), "rules[0].id", "unknown rule '__class__'"),
    (change("body.size.max", code="0200098"), "rules[0].code", "'0200098' is not an error code of this interface"),
    (change("body.size.max", code="0200005", severity="warning"), "rules[0].code", "is not for a warning"),
    (change("body.size.max", clauses=[CLAUSE], message={"en_US": "x"}), "rules[0].id", "must match the pattern"),
    (change("body.size.max", enabled="no"), "rules[0].enabled", "must be of boolean type"),
    (change("body.size.max", enable=False), "rules[0].enable", "unknown keyword; did you mean 'enabled'?"),
    (change("body.size.type", enabled=False), "rules[0].enabled", "only the rules of keywords"),
    (change("body.duplicate-key", enabled=False), "rules[0].enabled", "only the rules of keywords"),
    (change("body.rates.item.required", enabled=False), "rules[0].enabled", "an entry of a list is always mandatory"),
    ({"rules": [{"id": "sized", "code": "0200005"}, {"id": "sized", "enabled": False}]}, "rules[1].id", "another rule has the id 'sized'"),
    ({"rules": [{"enabled": False}]}, "rules[0].id", "required field"),
    ({"rules": ["sized"]}, "rules[0]", "must be of dict type"),
    ({"rules": {}}, "rules", "must be of list type"),
    ({"tables": {"body": {"sise": {"max": 3}}}}, "tables.body.sise.type", "required field"),
    ({"tables": {"body": {"size": {"mx": 3}}}}, "tables.body.size.mx", "unknown keyword; did you mean 'max'?"),
    ({"tables": {"body": {"size": 3}}}, "tables.body.size", "must be of dict type"),
    ({"tables": {"__class__": {"__init__": {}}}}, "tables.__class__.__init__.type", "required field"),
    ({"tables": 3}, "tables", "must be of dict type"),
    ({"table": {}}, "table", "unknown keyword; did you mean 'tables'?"),
    ({"definitions": {"rate": {"maxx": 1}}}, "definitions.rate.maxx", "unknown keyword"),
    ({"request": {"body": {"schema": "bdy"}}}, "request.body.schema", "there is no table 'bdy'; did you mean 'body'?"),
    ({"rules": [rule({"then": {"siz": {"min": 1}}}, id="new")]}, "rules[0].clauses[0].then.siz", "there is no parameter 'siz' here"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "location", "reason"), INVALID, ids=[one[1] for one in INVALID])
def test_problem_names_the_file_of_the_key(
    data: Data, location: str, reason: str, extend: Overlay, tmp_path: Path
) -> None:
    with pytest.raises(RuleSetError) as error:
        extend({}, data, {"title": "above"})
    assert error.value.file == str(tmp_path / "overlay3.toml")
    ((file, actual, text),) = problems(error.value)
    assert (file, actual) == ("overlay2.toml", location)
    assert text.startswith(reason)
    assert str(error.value).startswith(f"{tmp_path / 'overlay2.toml'}: {location}: ")


def test_contradiction_names_the_file_of_the_key(extend: Overlay) -> None:
    with pytest.raises(RuleSetError) as error:
        extend({"tables": {"body": {"size": {"max": 0}}}})
    assert problems(error.value) == [
        ("base.toml", "tables.body.size.min", "is greater than max, 0"),
    ]


def cycle(folder: Path, *names: str) -> None:
    for name, base in zip(names, [*names[1:], names[0]], strict=True):
        write(folder, {"extends": f"./{base}"}, name)


@pytest.mark.parametrize(
    "names", [["a.toml"], ["a.toml", "b.toml"], ["a.toml", "b.toml", "c.toml"]]
)
def test_cycle_is_rejected(names: list[str], tmp_path: Path) -> None:
    cycle(tmp_path, *names)
    with pytest.raises(RuleSetError) as error:
        isales_rules.load(tmp_path / "a.toml")
    ((file, location, reason),) = problems(error.value)
    assert (file, location) == (names[-1], "extends")
    assert reason.startswith("the rule set extends itself: ")
    assert [Path(name).name for name in reason.split(": ")[1].split(" -> ")] == [*names, "a.toml"]


@pytest.mark.parametrize("spelling", ["./a.toml", "sub/../a.toml", "link.toml", "sub/back.toml"])
def test_file_that_extends_itself_is_rejected(spelling: str, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    os.symlink("a.toml", tmp_path / "link.toml")
    os.symlink("../a.toml", tmp_path / "sub" / "back.toml")
    write(tmp_path, {"extends": spelling}, "a.toml")
    with pytest.raises(RuleSetError, match=r"a\.toml: extends: the rule set extends itself: "):
        isales_rules.load(tmp_path / "a.toml")


def test_long_chain_is_rejected(tmp_path: Path) -> None:
    for number in range(10_000):
        (tmp_path / f"{number}.toml").write_text(f"extends = './{number + 1}.toml'", "utf-8")
    with pytest.raises(RuleSetError) as error:
        isales_rules.load(tmp_path / "0.toml")
    assert problems(error.value) == [
        (
            f"{MAX_LAYERS - 1}.toml",
            "extends",
            f"more than {MAX_LAYERS} rule sets extend one another",
        )
    ]


@pytest.mark.parametrize(
    ("base", "reason"),
    [
        ("./missing.toml", "does not exist"),
        ("./folder", "is not a file"),
        ("/dev/zero", "is not a file"),
        ("./a\0.toml", "embedded null"),
        ("campaign-modify-v2", "unknown rule set; did you mean 'campaign-modify-v1'?"),
        ("__init__", "unknown rule set"),
        ("catalog", "unknown rule set"),
        ("", "unknown rule set"),
        (5, "must be of string type"),
        (["a.toml"], "must be of string type"),
    ],
)
def test_invalid_base_is_rejected(base: Any, reason: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    file = write(tmp_path, {"extends": base})
    with pytest.raises(RuleSetError, match=re.escape(f"{file}: extends: ")) as error:
        isales_rules.load(file)
    assert reason in str(error.value)


def test_invalid_toml_of_a_base_names_the_base(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text("title =", "utf-8")
    with pytest.raises(RuleSetError, match=r"base\.toml: is not TOML"):
        isales_rules.load(write(tmp_path, {"extends": "./base.toml"}))


def test_huge_base_is_rejected(tmp_path: Path) -> None:
    with open(tmp_path / "base.toml", "wb") as file:
        file.truncate(MAX_FILE_SIZE + 1)
    with pytest.raises(RuleSetError, match=r"base\.toml: is larger than 10,000,000 bytes"):
        isales_rules.load(write(tmp_path, {"extends": "./base.toml"}))


def test_nested_overlay_is_rejected() -> None:
    data: Data = {"extends": SHIPPED}
    data["tables"] = data
    with pytest.raises(RuleSetError, match="is nested more than 100 tables"):
        isales_rules.load(data)


def test_empty_overlay_changes_nothing(tmp_path: Path) -> None:
    shipped, overlay = isales_rules.load(SHIPPED), isales_rules.load({"extends": SHIPPED})
    assert overlay._data == shipped._data
    assert tomllib.loads(Path(write(tmp_path, {"extends": SHIPPED})).read_text("utf-8"))


# --- The command ---------------------------------------------------------------------------


def test_command_checks_an_overlay(
    extend: Overlay, tmp_path: Path, capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    extend({"definitions": {"rate": {"max": 5}}, "rules": [{"id": "sized", "enabled": False}]})
    assert main(["ruleset", "check", "overlay1.toml", "--no-config"]) == 0
    assert "1 file: ok" in capsys.readouterr().out


def test_command_names_the_other_file(
    tmp_path: Path, capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {"extends": SHIPPED, "titel": "x"}, "base.toml")
    write(tmp_path, {"extends": "base.toml"}, "overlay.toml")
    assert main(["ruleset", "check", "overlay.toml", "--no-config"]) == 1
    assert "extends: ./base.toml: titel: unknown keyword" in capsys.readouterr().out
