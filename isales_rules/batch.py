"""Validate many texts: in a loop, or in the workers of another engine.

    for line, result in enumerate(validate_lines(rules, read_lines("requests.ndjson")), 1):
        if not result["ok"]:
            print(line, result["codes"], result["violations"])

`ranges` cuts a file for workers, which read their ranges themselves. An archive has to keep each
request as it was received, one text a line or a column of text: in a trial a typed Parquet file
lost 40 % of the findings, because values of a wrong type and unknown parameters vanish when it is
written. `tests/recipes/` has programs for DuckDB, Polars, Ray, Dask and PySpark.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from isales_rules.language.catalog import resolve_locale
from isales_rules.ruleset import RuleSet

if TYPE_CHECKING:
    from isales_rules._types import LineDict, Locale

_CHUNK = 1 << 20

_to_json = json.JSONEncoder(ensure_ascii=False).encode


def validate_lines(
    rules: RuleSet,
    lines: Iterable[str | bytes | None],
    facts: Mapping[str, Any] | None = None,
    *,
    locale: Locale = "en_US",
) -> Iterator[LineDict]:
    """Validate each line as a request body, lazily and in constant memory.

    Yields one dict for each line, blank ones included, that fits a table: `ok`, `codes`, and
    `violations` as one JSON text. `None`, the null of a table, is a blank line. Raises `FactError`
    and `ValueError` at once, like the validating methods and `to_dict`.
    """
    prepared = rules.prepare_facts(facts or {})
    return _results(rules, lines, prepared, resolve_locale(locale))


def _results(
    rules: RuleSet, lines: Iterable[str | bytes | None], facts: Mapping[str, Any], locale: Locale
) -> Iterator[LineDict]:
    validate = rules.validate_json
    for line in lines:
        report = validate("" if line is None else line, facts)
        violations = [one.to_dict(locale) for one in report]
        yield {
            "ok": report.ok,
            "codes": [*report.codes],
            "violations": _to_json(violations) if violations else "[]",
        }


def ranges(path: str | os.PathLike[str], size: int) -> Iterator[tuple[int, int]]:
    """Cut a file of lines into ranges of about `size` bytes, lazily.

    Yields `(start, size)`. Each range begins at the start of a line and ends with a line; together
    they are the file. Raises `ValueError` if `size` is not positive, and `OSError`.
    """
    if size < 1:
        raise ValueError(f"the size of a range must be at least 1, not {size}")
    with open(path, "rb") as file:
        start, end = 0, file.seek(0, os.SEEK_END)
        while start < end:
            # From the last byte of the range: if it ends a line, the next line is in the next one.
            file.seek(min(start + size, end) - 1)
            while (part := file.readline(_CHUNK)) and not part.endswith(b"\n"):
                pass
            yield start, file.tell() - start
            start = file.tell()


def read_lines(
    path: str | os.PathLike[str], start: int = 0, size: int | None = None
) -> Iterator[bytes]:
    """Yield the lines of a range of a file, or of the whole file, without their ends.

    Raises `OSError`.
    """
    with open(path, "rb") as file:
        file.seek(start)
        done = 0
        for line in file:
            if size is not None and done >= size:
                return
            done += len(line)
            yield line.rstrip(b"\r\n")
