"""Runs the recipes for engines, each on two cores: `python -m tests.support.engines NAME FILE`."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import isales_rules
from isales_rules import batch

ROOT = Path(__file__).parents[2]
RANGE = 4_000_000


def one_process(path: str, _: int = RANGE) -> dict[str, int]:
    rules = isales_rules.load("campaign-modify-v1")
    results = batch.validate_lines(rules, batch.read_lines(path))
    return dict(Counter(code for result in results for code in result["codes"]))


def _duckdb(path: str, _: int) -> dict[str, int]:
    from tests.recipes.duckdb_function import count_codes

    return count_codes(path)


def _polars(path: str, _: int) -> dict[str, int]:
    from tests.recipes.polars_function import count_codes

    return count_codes(path)


def _ray(path: str, size: int) -> dict[str, int]:
    import ray

    from tests.recipes.ray_tasks import count_codes

    environment = {"env_vars": {"PYTHONPATH": str(ROOT)}}
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, runtime_env=environment)
    try:
        return count_codes(path, size)
    finally:
        ray.shutdown()


def _dask(path: str, size: int) -> dict[str, int]:
    from dask.distributed import Client

    from tests.recipes.dask_futures import count_codes

    arguments: dict[str, Any] = {"threads_per_worker": 1, "dashboard_address": None}
    with Client(n_workers=2, **arguments) as client:
        return count_codes(client, path, size)


def _pyspark(path: str, _: int) -> dict[str, int]:
    from pyspark.sql import SparkSession

    from tests.recipes.pyspark_arrow import count_codes

    os.environ |= {"PYSPARK_PYTHON": sys.executable, "PYTHONPATH": str(ROOT)}
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    spark = builder.getOrCreate()
    try:
        return count_codes(spark, path)
    finally:
        spark.stop()


ENGINES: dict[str, tuple[str, Callable[[str, int], dict[str, int]]]] = {
    "DuckDB": ("duckdb", _duckdb),
    "Polars": ("polars", _polars),
    "Dask": ("distributed", _dask),
    "Ray": ("ray", _ray),
    "PySpark": ("pyspark", _pyspark),
}
"""Each engine, with its module, and the function that counts the codes of a file of lines."""


if __name__ == "__main__":
    name, file = sys.argv[1:]
    run = ENGINES[name][1] if name in ENGINES else one_process
    print(json.dumps(run(file, RANGE), sort_keys=True))
