"""Questions to tables in memory: one DuckDB a process, and everybody who asks has a session of their own there.

To start one needs 20 ms of CPU, and a run asks seventy times: that was half of what a run of a few rows cost. Not
across a fork.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa


@contextmanager
def session(threads: int | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection until the end of the block. What it registers, and makes as TEMP, is its own and goes with it; it
    makes nothing else, and sets nothing. `threads`: none means one a core.
    """
    try:
        with _database(threads).cursor() as con:
            yield con
    except (duckdb.FatalException, duckdb.InternalException):
        _database.cache_clear()  # it answers nobody any more; who asks next gets another
        raise


def ask(query: str, params: dict[str, Any] | None = None, **tables: pa.Table) -> pa.Table:
    """The answer to a query over tables that are named as in it. It sorts, or its order means nothing."""
    with session() as con:
        for name, table in tables.items():
            con.register(name, table)
        found = con.sql(query, params=params) if params else con.sql(query)
        return found.to_arrow_table()


@cache
def _database(threads: int | None) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": threads} if threads else {})
