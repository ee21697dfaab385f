"""PySpark: mapInArrow, on the raw text of each request."""

from collections.abc import Iterator

import pyarrow as pa
from pyspark.sql import SparkSession

import isales_rules
from isales_rules import batch

RESULT = {"ok": pa.bool_(), "codes": pa.list_(pa.string()), "violations": pa.string()}


def validate(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    rules = isales_rules.load("campaign-modify-v1")  # cached: loaded once in each worker
    for lines in batches:
        results = batch.validate_lines(rules, lines["value"].to_pylist())
        yield pa.RecordBatch.from_pylist([*results], pa.schema(RESULT))


def count_codes(spark: SparkSession, path: str) -> dict[str, int]:
    schema = "ok boolean, codes array<string>, violations string"
    results = spark.read.text(path).mapInArrow(validate, schema)
    codes = results.selectExpr("explode(codes) AS code").groupBy("code").count()
    return {row["code"]: row["count"] for row in codes.collect()}
