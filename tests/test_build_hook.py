"""The modules that a wheel has for its rule sets."""

from __future__ import annotations

import pickle
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import isales_rules
from isales_rules import ruleset
from isales_rules.build_hook import write_modules
from isales_rules.language import built, catalog
from tests.support.cases import bases, cases

ROOT = Path(__file__).parents[1]
CACHES: list[Any] = [
    ruleset._shipped,
    ruleset._shared,
    built.built_module,
    built.checksum,
    catalog._read_catalog,
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the modules, as the package of a wheel has them."""
    folder = tmp_path_factory.mktemp("wheel")
    for file, name in write_modules(str(ROOT), str(folder / "build")).items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(Path(file).read_bytes())
    return folder / "isales_rules"


@pytest.fixture
def wheel(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Find the modules, and load rule sets again."""
    monkeypatch.setattr(isales_rules, "__path__", [*isales_rules.__path__, str(folder)])
    for cache in CACHES:
        cache.cache_clear()
    yield
    for cache in CACHES:
        cache.cache_clear()
    for name in [name for name in sys.modules if name.startswith("isales_rules._built")]:
        del sys.modules[name]


@pytest.mark.usefixtures("wheel")
def test_valid_document_needs_no_compilation() -> None:
    for name in isales_rules.names():
        assert isales_rules.load(name)._built is not None
    rules = isales_rules.load("campaign-modify-v1")
    for facts in ({}, {"campaign_exists": True}):
        assert rules.validate(bases()["previewed"], facts).ok
    assert rules._roots == {}
    assert pickle.loads(pickle.dumps(rules)) is rules  # noqa: S301  # what was just made


@pytest.mark.usefixtures("wheel")
def test_wheel_gives_the_reports_of_a_checkout(rules: isales_rules.RuleSet) -> None:
    installed = isales_rules.load("campaign-modify-v1")
    assert installed is not rules
    assert installed == rules
    with open(ROOT / "rulesets" / "catalog.toml", "rb") as file:
        assert catalog._read_catalog() == tomllib.load(file)
    for case in [*cases()][::9]:
        installed._prepare("body", (), "compiled").accepting = True
        assert installed.validate(case.body, case.facts) == rules.validate(case.body, case.facts)


@pytest.mark.usefixtures("wheel")
def test_changed_rule_set_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(built, "checksum", lambda folder: 0)
    assert isales_rules.load("campaign-modify-v1")._built is None


def test_checksum_depends_on_each_file(tmp_path: Path) -> None:
    sums = set()
    for name in ("a.toml", "b.toml"):
        for content in (b"1", b"2"):
            (tmp_path / name).write_bytes(content)
            sums.add(built.checksum(str(tmp_path)))
            built.checksum.cache_clear()
    assert len(sums) == 4


def test_checkout_compiles_rule_sets(rules: isales_rules.RuleSet) -> None:
    assert rules._built is None
