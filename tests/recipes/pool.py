"""A process pool: each worker loads the rules once; a Celery task has the same function."""

from collections.abc import Iterable, Iterator
from concurrent.futures import Executor

import isales_rules
from isales_rules import ReportDict


def check(body: str) -> ReportDict:
    rules = isales_rules.load("campaign-modify-v1")  # cached: loaded once in each process
    return rules.validate_json(body).to_dict()


def check_all(pool: Executor, bodies: Iterable[str]) -> Iterator[ReportDict]:
    return pool.map(check, bodies, chunksize=100)
