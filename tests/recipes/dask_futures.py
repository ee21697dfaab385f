"""Dask: futures that read their ranges of a file themselves."""

from collections import Counter

from dask.distributed import Client, as_completed

import isales_rules
from isales_rules import batch


def count(path: str, part: tuple[int, int]) -> Counter[str]:
    rules = isales_rules.load("campaign-modify-v1")  # cached: loaded once in each worker
    results = batch.validate_lines(rules, batch.read_lines(path, *part))
    return Counter(code for result in results for code in result["codes"])


def count_codes(client: Client, path: str, size: int = 16_000_000) -> dict[str, int]:
    futures = [client.submit(count, path, part) for part in batch.ranges(path, size)]
    return dict(sum((future.result() for future in as_completed(futures)), Counter()))
