"""Snapshots of every output format and of generated source, in `data/snapshots/`.

`python -m tests.tools.snapshots` rewrites them, and `rulesets/ruleset.schema.json`.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from contextlib import chdir, redirect_stderr, redirect_stdout
from functools import partial
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from isales_rules import __version__
from isales_rules.cli import main as cli
from isales_rules.cli.export import export_lines
from isales_rules.cli.formats import FORMATS
from isales_rules.cli.keywords import format_markdown
from isales_rules.language.catalog import shipped_path
from tests.support.cases import DATA
from tests.support.interfaces import write_tables
from tests.support.rule_sets import fact, load, rule, rule_set, write

SNAPSHOTS = DATA / "snapshots"

SMALL = rule_set(
    {
        "name": {"type": "string", "required": True, "maxlength": 9, "source": "Table 3, No. 1"},
        "kind": {
            "type": "integer",
            "allowed": [1, 2],
            "allowed_labels": {"en_US": ["one", "two"], "zh_CN": ["一", "二"]},
            "source": "Table 3, No. 2",
        },
        "inner": {"type": "dict", "schema": "inner", "source": "Table 3, No. 3"},
        "on": {"type": "boolean", "source": "Table 3, No. 4"},
    },
    tables={
        "inner": {"rate": {"type": "integer", "max": 9, "source": "Table 4, No. 3.1"}},
        "headers": {
            "Token": {
                "type": "string",
                "required": True,
                "maxlength": 5,
                "secret": True,
                "source": "Table 2, No. 1",
            }
        },
    },
    facts={"exists": fact("boolean"), "limit": fact("integer")},
    rules=[
        rule(
            *[{"report_at": "kind", "when": {"kind": {"allowed": [1]}}}] * 2,
            id="kind-one",
            severity="warning",
        ),
        rule({"facts": {"exists": {"allowed": [False]}}}, id="exists"),
        rule({"then": {"kind": {"le": {"fact": "limit"}}}}, id="limited"),
    ],
)
INVALID = '{\n\t"nam": "<a href=\'%0A\'>&amp;\\n",\r\n  "name": "é😀 \\"long\\" name", "kind": 1,\n  "inner": {"rate": 10}}'
ODD_NAMES = ["odd\r\n%,: é&<.json", "\udcff.json", "../../outside.json"]


def check_output(folder: Path, *argv: str) -> str:
    """Check valid and invalid files, some with odd names, in an empty folder; return the output."""
    repository = folder / "repository"
    (repository / ".git").mkdir(parents=True)
    (repository / "drafts").mkdir()
    printed = StringIO()
    stdin = TextIOWrapper(BytesIO(b'{"name": "x", "kind": 3}'), encoding="utf-8")
    with chdir(repository / "drafts"), patch("sys.stdin", stdin):
        write(Path(), SMALL)
        for name, text in {
            "wrong.json": INVALID,
            "right.json": '{"name": "x", "kind": 2}',
            **dict.fromkeys(ODD_NAMES, '{"name": 5}'),
        }.items():
            Path(name).write_bytes(text.encode())
        Path("lines.ndjson").write_text(
            '{"name": ""}\n\n[]\n{"name": "x"}\n{"name"\nX\n\x0b{}\n', "utf-8"
        )
        with redirect_stdout(printed), redirect_stderr(StringIO()):
            cli.main(["check", "--no-config", "--ruleset", "small.toml", *argv])
    text = (
        printed.getvalue().encode("utf-8", "backslashreplace").decode()
    )  # like the command's own stream
    return text.replace(__version__, "(version)")


EVERYTHING = ["wrong.json", "right.json", *ODD_NAMES, "lines.ndjson", "missing.json", "-"]
WRITERS: dict[str, Callable[[Path], str]] = {
    "source.txt": lambda folder: load(folder, SMALL).to_python(),
    **{
        f"findings.{name}": partial(
            lambda name, folder: check_output(folder, *EVERYTHING, "--format", name), name
        )
        for name in FORMATS
    },
    "findings.colour.text": lambda folder: check_output(
        folder, *EVERYTHING, "missing.too", "--color", "always"
    ),
}
"""The function that creates each snapshot, given an empty folder."""

RULE_LANGUAGE = Path(__file__).parents[2] / "rulesets" / "README.md"


def write_keywords() -> None:
    """Write the table of keywords into the page about the rule language."""
    table = "".join(f"{line}\n" for line in format_markdown())
    pattern = r"(<!-- keywords: .*? -->\n).*?(<!-- /keywords -->)"
    text = re.sub(
        pattern,
        lambda found: found[1] + table + found[2],
        RULE_LANGUAGE.read_text("utf-8"),
        flags=re.DOTALL,
    )
    RULE_LANGUAGE.write_text(text, "utf-8")


if __name__ == "__main__":
    argparse.ArgumentParser(
        prog="python -m tests.tools.snapshots",
        description="Rewrite tests/data/snapshots/, the schema and the keywords of rule sets.",
    ).parse_args()
    schema = "".join(f"{line}\n" for line in export_lines("ruleset-schema"))
    Path(shipped_path("ruleset.schema.json")).write_text(schema, "utf-8")
    write_keywords()
    write_tables(RULE_LANGUAGE.parent.parent)
    for file, writer in WRITERS.items():
        with TemporaryDirectory() as name:
            (SNAPSHOTS / file).write_text(writer(Path(name)), "utf-8")
