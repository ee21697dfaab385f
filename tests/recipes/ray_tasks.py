"""Ray: tasks that read their ranges of a file themselves."""

from collections import Counter

import ray

import isales_rules
from isales_rules import batch


@ray.remote
def count(path: str, start: int, size: int) -> Counter[str]:
    rules = isales_rules.load("campaign-modify-v1")  # cached: loaded once in each worker
    results = batch.validate_lines(rules, batch.read_lines(path, start, size))
    return Counter(code for result in results for code in result["codes"])


def count_codes(path: str, size: int = 16_000_000) -> dict[str, int]:
    tasks = [count.remote(path, *part) for part in batch.ranges(path, size)]
    return dict(sum(ray.get(tasks), Counter()))
