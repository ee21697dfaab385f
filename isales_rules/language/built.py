"""Modules that a wheel has for its rule sets; see `isales_rules/build_hook.py`."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from os import listdir, path
from typing import Any
from zlib import crc32


def module_name(name: str) -> str:
    """Return the name of the module of a rule set, or of the `catalog`."""
    return "".join(one if one.isalnum() else "_" for one in name)


@cache
def checksum(folder: str) -> int:
    """Return the checksum of the TOML files in a folder: a rule set may extend others."""
    value = 0
    for name in sorted(listdir(folder)):
        if name.endswith(".toml"):
            with open(path.join(folder, name), "rb") as file:
                value = crc32(file.read(), value)
    return value


@cache
def built_module(name: str, folder: str) -> Any:
    """Return the module of a rule set or of the `catalog`.

    Return `None` if there is none, or *folder* has other files than it was built from.
    """
    try:
        module = import_module(f"isales_rules._built.{module_name(name)}")
        return module if checksum(folder) == module.CHECKSUM else None
    except (ImportError, OSError):
        return None
