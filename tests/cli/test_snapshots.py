"""Snapshots of each output format and of one compiled rule set."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tools.snapshots import SNAPSHOTS, WRITERS


@pytest.mark.parametrize("file", WRITERS)
def test_output_equals_the_snapshot(file: str, tmp_path: Path) -> None:
    assert WRITERS[file](tmp_path).split("\n") == (SNAPSHOTS / file).read_bytes().decode().split(
        "\n"
    )
