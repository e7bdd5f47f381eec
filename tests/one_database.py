"""DuckDB without the making of databases.

It needs 16 ms of CPU for a new database, and a run makes seventy: half of what a run of a few rows costs.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import duckdb
import pytest

NUMBERS = count()


@contextmanager
def shared() -> Iterator[list[duckdb.DuckDBPyConnection]]:
    """Each new connection is one to the same database, and has a catalog of its own there.

    The list holds the database; once it is cleared, the next connection makes another. Not across a fork.
    """
    held: list[duckdb.DuckDBPyConnection] = []
    make = duckdb.connect

    def connect(*given: Any, **more: Any) -> duckdb.DuckDBPyConnection:
        if given or more:
            return make(*given, **more)
        if not held:
            held.append(make())
        con, name = held[0].cursor(), f"own{next(NUMBERS)}"
        con.execute(f"attach ':memory:' as {name}")
        con.execute(f"use {name}")
        return con

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duckdb, "connect", connect)
        yield held
