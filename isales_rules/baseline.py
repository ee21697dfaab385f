"""A file of findings that are known and not told again, for taking up a repository that is not clean yet."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, NamedTuple

from isales_rules.checker import Finding, from_root
from isales_rules.problems import SettingsError

VERSION = 1


class Known(NamedTuple):
    """A finding of a baseline: what it is known by, and the file that it was in, as a path from the folder of the repository."""

    fingerprint: str
    file: str


def read(file: str) -> list[Known]:
    """Read a baseline. Raises `SettingsError` for what is none."""
    try:
        with open(file, "rb") as opened:
            data = json.loads(opened.read())
        if data["version"] != VERSION:
            raise SettingsError(f"{file}: is a baseline of version {data['version']!r}, not {VERSION}; write it anew")
        return [Known(str(one["fingerprint"]), str(one["file"])) for one in data["findings"]]
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read: {error.strerror}; --write-baseline makes one") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise SettingsError(f"{file}: is no baseline; --write-baseline makes one") from None


def write(file: str, findings: Iterable[Finding], root: str) -> None:
    """Write findings as a baseline, sorted, so that a change of it reads well. Raises `OSError`, and leaves what was there as it was then."""
    listed: list[dict[str, Any]] = [
        {"file": from_root(one.file, root), "path": one.path, "rule": one.rule, "code": one.code, "fingerprint": one.fingerprint} for one in findings
    ]
    listed.sort(key=lambda one: (one["file"], one["path"], one["rule"], one["fingerprint"]))
    lines = ",\n".join(f"  {json.dumps(one)}" for one in listed)
    text = f'{{"version": {VERSION}, "findings": [\n{lines}\n]}}\n'
    if os.path.exists(file) and not os.path.isfile(file):  # a device, or a pipe
        with open(file, "w", encoding="utf-8") as opened:
            opened.write(text)
        return
    beside = f"{file}.new"
    try:
        with open(beside, "w", encoding="utf-8", newline="\n") as opened:
            opened.write(text)
        os.replace(beside, file)
    except OSError:
        with suppress(OSError):
            os.remove(beside)
        raise
