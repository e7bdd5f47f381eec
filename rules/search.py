"""How text is written for searching: lower case, without accents, one letter for each sigma and each i."""

from functools import cache
from threading import Lock

import duckdb

_TURN = Lock()


def sql(text: str) -> str:
    """SQL of an expression's text as it is searched."""
    return f"translate(lower(strip_accents({text})), 'ςı', 'σi')"


def folded(text: str) -> str:
    """A text as `sql` writes it: what was written by one is found by the other."""
    with _TURN:
        found = _database().execute(f"select {sql('?')}", [text]).fetchone()
    return str(found[0]) if found else ""


@cache
def _database() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1})
