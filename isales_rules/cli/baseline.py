"""Baselines: files of known findings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from isales_rules.cli.errors import SettingsError
from isales_rules.cli.findings import ChunkResult
from isales_rules.cli.formats.base import Formatter, FormatterContext, Summary
from isales_rules.cli.selection import relative_path

VERSION = 1
"""Version of the format of a baseline."""


class BaselineEntry(NamedTuple):
    """Known finding. The file is relative to the root of the repository."""

    fingerprint: str
    file: str


def read_baseline(file: str) -> list[BaselineEntry]:
    """Read a baseline. Raise `SettingsError` if it is invalid."""
    try:
        with open(file, "rb") as opened:
            data = json.loads(opened.read())
        if data["version"] != VERSION:
            raise SettingsError(
                f"{file}: is a baseline of version {data['version']!r}, not {VERSION}; rewrite it with --write-baseline"
            )
        return [
            BaselineEntry(str(entry["fingerprint"]), str(entry["file"]))
            for entry in data["findings"]
        ]
    except OSError as error:
        raise SettingsError("no-baseline", file=file, reason=str(error.strerror)) from None
    except (ValueError, KeyError, TypeError, RecursionError):
        message = f"{file}: is not a baseline; create one with --write-baseline"
        raise SettingsError(message) from None


class BaselineFormatter(Formatter):
    """Formatter of baselines, sorted to make their diffs short."""

    def __init__(self, context: FormatterContext) -> None:
        super().__init__(context)
        self._entries: list[tuple[str, str, str, str, str | None]] = []

    def chunk(self, result: ChunkResult) -> Iterable[str]:
        """Collect the entries of a chunk, and return nothing before the end."""
        file = relative_path(result.file, self.context.root)
        self._entries += [
            (file, one.path, one.rule, one.fingerprint, one.code) for one in result.findings
        ]
        return ()

    def end(self, summary: Summary) -> Iterator[str]:  # noqa: ARG002  # a baseline has no counts
        """Yield the whole baseline."""
        yield f'{{"version": {VERSION}, "findings": ['
        for count, (file, path, rule, fingerprint, code) in enumerate(sorted(self._entries), 1):
            entry = {
                "file": file,
                "path": path,
                "rule": rule,
                "code": code,
                "fingerprint": fingerprint,
            }
            yield f"  {json.dumps(entry)}{',' * (count < len(self._entries))}"
        yield "]}"
