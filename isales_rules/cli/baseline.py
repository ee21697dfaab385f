"""A file of findings that are known and not told again, for taking up a repository that is not clean yet."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from isales_rules.cli.errors import SettingsError
from isales_rules.cli.findings import Finding
from isales_rules.cli.output import OutputFile
from isales_rules.cli.selection import relative_path

VERSION = 1

Entry: TypeAlias = tuple[str, str, str, str, str | None]


class BaselineEntry(NamedTuple):
    """A finding of a baseline: what it is known by, and the file that it was in, as a path from the folder of the repository."""

    fingerprint: str
    file: str


def read(file: str) -> list[BaselineEntry]:
    """Read a baseline. Raises `SettingsError` for what is none."""
    try:
        with open(file, "rb") as opened:
            data = json.loads(opened.read())
        if data["version"] != VERSION:
            raise SettingsError(f"{file}: is a baseline of version {data['version']!r}, not {VERSION}; write it anew")
        return [BaselineEntry(str(one["fingerprint"]), str(one["file"])) for one in data["findings"]]
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read: {error.strerror}; --write-baseline makes one") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise SettingsError(f"{file}: is no baseline; --write-baseline makes one") from None


def entry(finding: Finding, root: str) -> Entry:
    """Return what a baseline keeps of a finding: file, path, rule, fingerprint and code."""
    return relative_path(finding.file, root), finding.path, finding.rule, finding.fingerprint, finding.code


def write(file: str, entries: Iterable[Entry]) -> None:
    """Write a baseline, sorted, so that a change of it reads well. Raises `OSError`, and leaves what was there as it was then."""
    with OutputFile(file) as output:
        output.stream.write(f'{{"version": {VERSION}, "findings": [')
        between = "\n"
        for path_of_file, path, rule, fingerprint, code in sorted(entries):
            one = {"file": path_of_file, "path": path, "rule": rule, "code": code, "fingerprint": fingerprint}
            output.stream.write(f"{between}  {json.dumps(one)}")
            between = ",\n"
        output.stream.write("\n]}\n")
        output.commit()
