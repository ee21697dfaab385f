"""What is written down in `data/written/`, to be read, and so that every change of it is seen: `python -m tests.written` writes it anew.

It is what becomes of rule sets: their source, their cases, their reference, explanations, and what findings look like in every form.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable
from contextlib import chdir, redirect_stderr, redirect_stdout
from functools import partial
from io import BytesIO, StringIO, TextIOWrapper
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from isales_rules import RuleSet, __version__, cli, pages
from isales_rules.cases import cases
from isales_rules.formats import FORMATS
from tests.cases import DATA
from tests.small import changed, condition, fact, load, rule_set, write
from tests.test_rule_sets import GOOD

WRITTEN = DATA / "written"

WIDE = changed(
    GOOD,
    {
        "tables.body.number": {"type": "integer", "coerce": "decimal", "required": True, "max": 9, "source": "No. 1"},
        "tables.body.list": {"type": "list", "maxitems": 1, "schema": {"type": "string", "required": True}, "source": "No. 2"},
        "tables.body.größe x": {"type": "integer", "min": 1, "source": "No. 3\n\\"},
        "tables.body.2nd": {"type": "string", "without": "abcdefgh", "source": "No. 4"},
        "tables.body.many": {"type": "string", "without": "abcdefghi", "allowed": ["x"], "source": "No. 5"},
        "tables.body.address": {"type": "string", "prefix": ["a://", "b:"], "minlength": 4, "maxlength": 7, "source": "No. 6.1"},
        "tables.body.code": {"type": "string", "characters": "abcX123", "maxlength": 4, "source": "No. 6.2"},
        "tables.body.colour": {"type": "string", "allowed": ["Red", "blue"], "default": "blue", "source": "No. 6.3"},
        "tables.body.until": {"type": "string", "format": "yyyy-MM-dd HH:mm:ss", "source": "No. 6.4"},
        "tables.body.clock": {"type": "string", "format": ["HH:mm:ss", "HH:mm", "HHmmss"], "source": "No. 6"},
        "tables.body.stamp": {"type": "string", "format": ["HH:mm:ss", "HH:mm"], "required": True, "source": "No. 7"},
        "tables.body.?a b!": {"type": "integer", "source": "No. 7.1"},
        "tables.body.agreed": {"type": "boolean", "allowed": [True], "source": "No. 6.5"},
        "tables.body.ends": {"type": "string", "maxlength": 30, "format": "yyyy-MM-dd", "required": False, "source": "No. 6.51"},
        "tables.body.phrase": {"type": "string", "regex": "[a-z]+ [a-z]+", "example": "ab c", "source": "No. 6.6"},
        "tables.body.long": {"type": "string", "characters": "abcdefghijkl", "source": "No. 6.7"},
        "tables.body.never": {"type": "string", "characters": "ab", "without": "ab", "source": "No. 6.8"},
        "tables.path.count": {"type": "integer", "coerce": "decimal", "min": 0, "max": 3, "source": "No. 6.9"},
        "tables.body.title": {"type": "string", "maxlength": 9, "source": "No. 7.0"},
        "tables.body.deep": {"type": "dict", "schema": "deep", "source": "No. 7.01"},
        "tables.body.late": {"type": "dict", "schema": "late", "source": "No. 7.02"},
        "tables.deep": {name: {"type": "integer", "source": "No. 7.03"} for name in ("e", "f", "a/b~c")},
        "tables.late": {name: {"type": "integer", "source": "No. 7.05"} for name in ("g", "facts", "note")},
        "tables.item.number": {"type": "integer", "coerce": "decimal", "min": 2, "source": "No. 7.2"},
        "tables.item.half": {"type": "string", "format": "HH:mm", "half": "[0-9]+", "source": "No. 7.3"},
        "tables.item.short": {"type": "string", "required": True, "maxlength": 2, "characters": "ab", "source": "No. 7.4"},
        "tables.item.ready": {"type": "boolean", "default": False, "source": "No. 7.5"},
        "tables.other.in": {"type": "list", "schema": {"type": "list", "schema": {"type": "dict", "schema": "item"}}, "source": "No. 8"},
        "conditions[6]": condition(
            {"when": {"clock": {"format": "HH:mm"}, "stamp": {"format": "HH:mm"}}, "then": {"stamp": {"format": ["HH:mm:ss", "HH:mm"]}}},
            {"when": {"list": {"maxitems": 1}, "on": {"allowed": [True]}}, "then": {"2nd": {"absent": True}}},
            {"when": {"number": {"allowed": [1, 2]}}, "together": ["rate", "later"], "facts": {"limit": {"min": 1}, "exists": {"allowed": [True]}}},
            {"then": {"number": {"among": {"fact": "ids"}}, "größe x": {"atmost": {"fact": "limit", "plus": -1}}, "rate": {"required": True}}},
            {"at": "other", "when": [{"other": {"schema": {"d": {"min": 1}, "in": {"required": True}}}}, {"plain": {"required": True}}]},
            {"then": {"rate": {"atmost": {"parameter": "/other/d"}}, "?a b!": {"atleast": {"parameter": "number", "plus": 3}}}},
            {"when": {"code": {"minlength": 2}, "address": {"prefix": "b:"}, "title": {"maxlength": 3}}, "then": {"colour": {"required": True}}},
            {"in": ["item"], "when": {"b": {"min": 1}}, "then": {"number": {"required": True}, "half": {"after": {"parameter": "/at"}}}},
            {"in": ["item"], "when": {"short": {"allowed": ["ab"]}}, "together": ["c", "ready"]},
            {"in": ["item"], "at": "ready", "when": {"ready": {"allowed": [True]}, "c": {"absent": True}}},
            {"when": {"xs": {"maxitems": 1}, "plain": {"schema": {"a": {"absent": True}}}}, "then": {"long": {"required": True}}},
            {"then": {"until": {"atleast": {"fact": "now", "floor": "day"}}}},
            {"then": {"deep": {"schema": {"e": {"atmost": {"parameter": "/later"}}}}}},
            {"then": {"ends": {"after": {"parameter": "first"}}, "later": {"atmost": {"parameter": "/deep/a~1b~0c"}}}},
            {"in": ["late"], "then": {"g": {"atmost": {"parameter": "/deep/f"}}}},
            {"in": ["other"], "when": {"d": {"max": 2}}, "then": {"d": {"atmost": {"parameter": "/kind"}}}},
            id="more",
        ),
    },
)


SMALL = rule_set(
    {
        "name": {"type": "string", "required": True, "maxlength": 9, "source": "Table 3, No. 1"},
        "kind": {"type": "integer", "allowed": [1, 2], "labels": {"en_US": ["one", "two"], "zh_CN": ["一", "二"]}, "source": "Table 3, No. 2"},
        "inner": {"type": "dict", "schema": "inner", "source": "Table 3, No. 3"},
        "on": {"type": "boolean", "source": "Table 3, No. 4"},
    },
    tables={
        "inner": {"rate": {"type": "integer", "max": 9, "source": "Table 4, No. 3.1"}},
        "headers": {"Token": {"type": "string", "required": True, "maxlength": 5, "secret": True, "source": "Table 2, No. 1"}},
    },
    facts={"exists": fact("boolean"), "limit": fact("integer")},
    conditions=[
        condition(*[{"at": "kind", "when": {"kind": {"allowed": [1]}}}] * 2, id="kind-one", severity="warning"),
        condition({"facts": {"exists": {"allowed": [False]}}}, id="exists"),
        condition({"then": {"kind": {"atmost": {"fact": "limit"}}}}, id="limited"),
    ],
)
EXPLAINED = rule_set(
    {
        "größe": {"type": "string", "required": True, "allowed": ["a: b", "groß", "klein"], "default": "groß", "source": "Table 3, No. 1"},
        "ort": {"type": "string", "maxlength": 3, "source": "Table 3, No. 2"},
        "innen": {"type": "dict", "schema": "innen", "source": "Table 3, No. 3"},
        "leer": {"type": "dict", "schema": "leer", "source": "Table 3, No. 4"},
        "liste": {"type": "list", "maxitems": 1, "schema": {"type": "string", "minlength": 40}, "source": "Table 3, No. 5"},
        "nichts": {"type": "list", "maxitems": 1, "schema": {"type": "string", "characters": "a", "without": "a"}, "source": "Table 3, No. 6"},
    },
    tables={"leer": {"x": {"type": "integer"}}, "innen": {"maß": {"type": "integer", "required": True, "min": 1, "source": "Table 4"}}},
    facts={"orte": fact("strings"), "maß": fact("integer")},
    conditions=[
        condition({"when": {"größe": {"allowed": ["klein"]}}, "then": {"innen": {"required": True}}}, id="klein"),
        condition({"then": {"ort": {"among": {"fact": "orte"}}}}, id="ort-bekannt"),
        condition({"when": {"größe": {"allowed": ["klein"]}}, "then": {"ort": {"required": True}}}, id="ort-klein"),
        condition({"when": {"ort": {"maxlength": 1}}, "then": {"leer": {"required": True}}}, id="ort-kurz"),
        condition({"then": {"größe": {"among": {"fact": "orte"}}, "ort": {"among": {"fact": "orte"}}}}, id="orte"),
        condition({"facts": {"maß": {"allowed": [3, 4]}}, "then": {"ort": {"required": True}}}, id="mass-drei"),
        condition({"at": "leer", "when": {"leer": {"required": True}}}, id="leer-ist-leer", severity="warning"),
        condition({"when": {"leer": {"required": True}}, "then": {"liste": {"required": True}}}, id="leer-mit-liste"),
        condition({"in": ["innen"], "then": {"maß": {"atmost": {"fact": "maß"}}}}, id="mass-bekannt", code="0200005"),
        condition({"at": "ort", "when": {"ort": {"required": True}, "innen": {"absent": True}}}, id="ort-ohne", severity="warning"),
    ],
)
WRONG = '{\n\t"nam": "<a href=\'%0A\'>&amp;\\n",\r\n  "name": "é😀 \\"long\\" name", "kind": 1,\n  "inner": {"rate": 10}}'
EXCERPTS = [
    *('{"name": "' + "n" * (width - 22) + '", "kind": 3}' for width in (99, 100, 101, 300)),
    *('{"kind": 3, "name": "' + "n" * (width - 23) + '"}' for width in (100, 101, 300)),
    '{"on": ' + "[" * 70 + "]" * 70 + ', "kind": 3}',
    '{"名字": 1, "e\u0301\u20dd\u200b": "ｗ", "kind": 3}',
    '{"on": "名e\u0301\u20dd\u200bｗ"}',
    '{"name": "' + "n" * 88 + '"',
    '  {"kind": 3}',
]
REQUESTS = [
    '{"path": {},\n "headers": {\n  "TOKEN": "s3cret"\n  },\n "body": {"name": 5}}',
    '{"path": {}, "headers": {"token": 5}, "body": {"name": 5}}',
    '{"path": {},\n "headers": {"T\\u006F\\u006ben": "s3cret"}, "body":\n {"name": 5}}',
    '{"path": {},\n "headers": {"Token": "t"},\n "body": {"name":\n 5, "token of": 1}}',
    '{"path": {},\n "headers": "Token: s3cret",\n "body": {"name": 5}}',
    '{"headers": {"Token": "s3cret"},\n "body": {"name": 5}',
    '{"body": {"name": 5},\n "headers": {"Token": "s3cret"}}',
    '{"headers": {"Token":\n "s3cret"}, "body": {"name": 5}}',
]
SPREAD = '{"name": "x", "on": {\n  "a": [\n  ]\n}   \n, "inner": [   \n] }'
ODD = ["odd\r\n%,: é&<.json", "\udcff.json", "../../outside.json"]


def wide(folder: Path) -> RuleSet:
    """Load the rule set with something of everything from a folder."""
    rules = load(folder, WIDE)
    return RuleSet("wide", rules._data, rules._texts)  # whose name is not the path that it was loaded from


def explanations(folder: Path, locale: str) -> str:
    """Explain every rule and every code of a rule set."""
    rules = load(folder, EXPLAINED)
    names = dict.fromkeys(check.rule for check in rules.checks())
    codes = dict.fromkeys(check.code for check in rules.checks() if check.code is not None)
    told = [*(pages.rule(rules, name, locale) for name in names), *(pages.code(rules, name, locale) for name in codes)]
    made = list(cases(rules))  # once, and not for each rule
    with patch("isales_rules.cases.cases", lambda _: made):
        return "\n".join(_lines(one) for one in told)


def checked(folder: Path, *argv: str, colour: bool = False) -> str:
    """Check files in an empty folder, right ones and wrong ones, some with odd names; give what is printed."""
    repository = folder / "repository"
    (repository / ".git").mkdir(parents=True)
    (repository / "drafts").mkdir()
    printed = StringIO()
    stdin = TextIOWrapper(BytesIO(b'{"name": "x", "kind": 3}'), encoding="utf-8")
    with chdir(repository / "drafts"), patch("sys.stdin", stdin), patch("isales_rules.cli._has_colour", return_value=colour):
        write(Path(), SMALL)
        for name, text in {"wrong.json": WRONG, "right.json": '{"name": "x", "kind": 2}', **dict.fromkeys(ODD, '{"name": 5}')}.items():
            Path(name).write_bytes(text.encode())
        Path("excerpts.ndjson").write_text("\n".join(EXCERPTS), "utf-8")
        for number, text in enumerate(REQUESTS):
            Path(f"request{number}.json").write_text(text, "utf-8")
        Path("no-request.json").write_text('{"T\\u006F\\u006ben": "s3cret",\n "name": 5}', "utf-8")
        Path("spread.json").write_text(SPREAD, "utf-8")
        Path("lines.ndjson").write_text('{"name": ""}\n\n[]\n{"name": "x"}\n{"name"\nX\n\x0b{}\n', "utf-8")
        with redirect_stdout(printed), redirect_stderr(StringIO()):
            cli.main(["check", "--no-config", "--ruleset", "small.toml", *argv])
    text = printed.getvalue().encode("utf-8", "backslashreplace").decode()  # as the command has it on its own stream
    return text.replace(__version__, "(version)")


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def bar(folder: Path, content: bytes, *argv: str) -> str:
    """Check lines on a terminal, where 0.3 seconds pass between any two looks at the clock; give what is shown there, each return on its own line,
    and what is printed beside it.
    """
    write(folder, SMALL)
    (folder / "padded.ndjson").write_bytes(content)
    screen, printed = Terminal(), StringIO()
    stdin = TextIOWrapper(BytesIO(content), encoding="utf-8")
    with (
        chdir(folder),
        patch("sys.stdin", stdin),
        patch("isales_rules.sources.SIZE", 100_000),
        patch("isales_rules.runner.monotonic", count(0, 0.3).__next__),
        patch.dict("os.environ", {"NO_COLOR": "1"}),
        redirect_stdout(printed),
        redirect_stderr(screen),
    ):
        cli.main(["check", "--no-config", "--ruleset", "small.toml", *argv])
    return f"{screen.getvalue()}\n{printed.getvalue()}".replace("\r", "\\r\n").replace("\033", "\\e")


PADDED = b"".join(b'{"name": %s%s}\n' % (b"5" if number in (2, 9) else b'"x"', b" " * 200_000) for number in range(12))


def baseline(folder: Path, *names: str) -> str:
    """Check files as `checked` does; give the baseline that is written."""
    checked(folder, *names, "--write-baseline", "known.json")
    return (folder / "repository" / "drafts" / "known.json").read_text("utf-8")


def command() -> str:
    """List what the command takes, with all words of its help; how `--help` lays that out is Python's."""
    parsers = {"isales-rules": cli._parser()}
    told = []
    while parsers:
        name, parser = parsers.popitem()
        told.append(f"{name}: {parser.prog}: {parser.description}")
        for group in parser._action_groups:
            told.append(f"  {group.title}")
            for action in group._group_actions:
                if isinstance(action, argparse._SubParsersAction):
                    parsers |= action.choices
                    told += [f"    {one.metavar}: {one.help}" for one in action._get_subactions()]
                flags = "/".join(action.option_strings) or action.dest
                details = {key: getattr(action, key) for key in ("nargs", "const", "default", "metavar", "help")}
                told.append(f"    {flags}: {details} {list(action.choices or ())} {getattr(action.type, '__name__', None)} {type(action).__name__}")
        told += [f"  either {' or '.join(one.option_strings[0] for one in group._group_actions)}" for group in parser._mutually_exclusive_groups]
    return _lines(told)


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


EVERYTHING = ["wrong.json", "right.json", *ODD, "lines.ndjson", "missing.json", "-"]
ADVICE = ["wrong.json", "--ignore", "body.name.maxlength,body.undocumented,inner.rate.max"]

WRITERS: dict[str, Callable[[Path], str]] = {
    "source.txt": lambda folder: wide(folder).source(),
    "cases.ndjson": lambda folder: _lines(json.dumps(case) for case in cases(wide(folder))),
    "cases.small.ndjson": lambda folder: _lines(json.dumps(case, ensure_ascii=False) for case in cases(load(folder, EXPLAINED))),
    "reference.json": lambda folder: _lines(pages.as_json(wide(folder), "en_US")),
    "reference.zh_CN.md": lambda folder: _lines(pages.markdown(wide(folder), "zh_CN")),
    "command.txt": lambda folder: command(),
    "explanations.text": lambda folder: explanations(folder, "en_US"),
    "explanations.zh_CN.text": lambda folder: explanations(folder, "zh_CN"),
    **{f"findings.{form}": partial(lambda form, folder: checked(folder, *EVERYTHING, "--format", form), form) for form in FORMATS},
    "findings.zh_CN.text": lambda folder: checked(folder, "wrong.json", "--locale", "zh_CN", "--max-errors", "2"),
    "findings.colour.text": lambda folder: checked(folder, *EVERYTHING, "missing.too", colour=True),
    "advice.colour.text": lambda folder: checked(folder, *ADVICE, colour=True),
    "excerpts.text": lambda folder: checked(folder, "excerpts.ndjson", "spread.json"),
    "secrets.text": lambda folder: checked(folder, "request*.json", "--request"),
    "secrets-in-bodies.text": lambda folder: checked(folder, "no-request.json", "request1.json", "wrong.json"),
    "bar.text": lambda folder: bar(folder, PADDED, "padded.ndjson", "--format", "concise"),
    "bar-without-end.text": lambda folder: bar(folder, PADDED, "-", "--ndjson", "--format", "concise"),
    "nothing.colour.text": lambda folder: checked(folder, "right.json", colour=True),
    "baseline.json": lambda folder: baseline(folder, *EVERYTHING[:-2]),
    "failing-advice.junit": lambda folder: checked(folder, "wrong.json", "--fail-level", "warning", "--format", "junit"),
}
"""Each file that is written down, and what writes it, with an empty folder to do so."""

if __name__ == "__main__":
    for file, writer in WRITERS.items():
        with TemporaryDirectory() as name:
            (WRITTEN / file).write_text(writer(Path(name)), "utf-8")
