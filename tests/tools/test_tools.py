"""The help of the tools."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("tool", ["snapshots", "rule_mutation", "fuzz", "benchmarks"])
def test_help_of_a_tool_starts_no_work(tool: str) -> None:
    if tool == "benchmarks":
        pytest.importorskip("msgspec")
    snapshots = {
        file: file.stat().st_mtime_ns for file in (ROOT / "tests/data/snapshots").iterdir()
    }
    done = subprocess.run(
        [sys.executable, "-m", f"tests.tools.{tool}", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"usage: python -m tests.tools.{tool} [-h]")
    assert "show this help message and exit" in done.stdout
    assert {file: file.stat().st_mtime_ns for file in snapshots} == snapshots
