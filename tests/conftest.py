"""Shared fixtures, and Hypothesis profiles: `HYPOTHESIS_PROFILE=thorough` is the long one."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

import isales_rules

for _variable in ("FORCE_COLOR", "NO_COLOR"):
    os.environ.pop(_variable, None)

settings.register_profile("default", max_examples=50, deadline=None, derandomize=True)
settings.register_profile(
    "thorough", max_examples=100_000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(scope="session")
def rules() -> isales_rules.RuleSet:
    return isales_rules.load("campaign-modify-v1")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Change to an empty folder; return a function that writes a body or bytes to a file."""
    monkeypatch.chdir(tmp_path)

    def written(content: Any, name: str = "body.json") -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return name

    return written


@pytest.fixture(params=["compiled", "cerberus"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)
