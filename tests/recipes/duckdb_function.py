"""DuckDB: a function for SQL, on the raw text of each request."""

import duckdb

import isales_rules
from isales_rules import LineDict, batch

rules = isales_rules.load("campaign-modify-v1")
RESULT = "STRUCT(ok BOOLEAN, codes VARCHAR[], violations VARCHAR)"
COUNT = r"""
SELECT unnest(isales(line).codes) AS code, count(*)
FROM read_csv($path, columns = {'line': 'VARCHAR'}, delim = '\0', quote = '', header = false)
GROUP BY code
"""


def validate(line: str) -> LineDict:
    return next(batch.validate_lines(rules, [line]))


def count_codes(path: str) -> dict[str, int]:
    with duckdb.connect() as connection:
        connection.create_function("isales", validate, ["VARCHAR"], RESULT)
        return dict(connection.execute(COUNT, {"path": path}).fetchall())
