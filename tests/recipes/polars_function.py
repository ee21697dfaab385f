"""Polars: an expression, on the raw text of each request."""

import polars as pl

import isales_rules
from isales_rules import batch

rules = isales_rules.load("campaign-modify-v1")
RESULT = pl.Struct({"ok": pl.Boolean, "codes": pl.List(pl.String), "violations": pl.String})


def validate(lines: pl.Series) -> pl.Series:
    return pl.Series([*batch.validate_lines(rules, lines)], dtype=RESULT)


def count_codes(path: str) -> dict[str, int]:
    lines = pl.scan_csv(
        path, has_header=False, new_columns=["line"], separator="\0", quote_char=None
    )
    results = pl.col("line").map_batches(validate, RESULT, is_elementwise=True)
    codes = lines.select(results.struct["codes"].explode().alias("code")).drop_nulls()
    return dict(codes.group_by("code").len().collect().rows())
