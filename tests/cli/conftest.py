"""Fixtures of the tests of the command."""

from __future__ import annotations

import pytest

from isales_rules.cli import runner


@pytest.fixture(autouse=True)
def _start_processes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start worker processes even for little work, so that tests of `--jobs` have some."""
    monkeypatch.setattr(runner, "SERIAL_SECONDS", 0)
