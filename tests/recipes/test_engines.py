"""The recipes for engines; CI has DuckDB, the others run where they are installed."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.cases import bases
from tests.support.engines import ENGINES, ROOT, one_process

VALID = bases()["previewed"]


@pytest.mark.parametrize("engine", ENGINES)
def test_engine_finds_the_same_codes(engine: str, tmp_path: Path) -> None:
    if importlib.util.find_spec(ENGINES[engine][0]) is None:
        pytest.skip(f"needs {engine} (extra `engines`)")
    lines = [
        json.dumps(VALID),
        json.dumps(VALID | {"name": "é \\ \"q\", 'x'\t;|"}, ensure_ascii=False),
        json.dumps(VALID | {"maxAlertingTime": 300}),
        json.dumps(VALID | {"maxAlertingTime": 300, "odd": "a,b"}),
        '{"a":',
    ]
    file = tmp_path / "lines.ndjson"
    file.write_text("".join(f"{line}\n" for line in lines * 20), "utf-8")
    expected = one_process(str(file))
    assert expected == {"02000007": 40, "0200001": 20, "02000008": 20}
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.engines", engine, str(file)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        check=True,
        timeout=180,
    )
    assert json.loads(done.stdout.splitlines()[-1]) == expected
