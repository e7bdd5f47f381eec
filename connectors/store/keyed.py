"""Reading some rows of a large table by their keys, a few hundred at a time."""

from collections.abc import Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import ColumnElement, Select, false

from connectors.store.base import Base

SOME: Final = 500
MANY: Final = 100_000
"""Above this many keys it is quicker to read a table whole than key by key."""


def of_ids(base: Base, query: Select[Any], column: Any, ids: list[str] | None) -> pa.Table:
    """The rows of some ids only, asked for a few hundred at a time."""
    if ids is None:
        return base.table(query)
    return pa.concat_tables([base.table(query.where(column.in_(some))) for some in few_hundred(ids)])


def of_keys(base: Base, query: Select[Any], columns: Sequence[ColumnElement[Any]], keys: pa.Table) -> pa.Table:
    """The rows of some keys, and perhaps of others. `columns`: those of the key, texts, in the order of `keys`."""
    if len(keys) > MANY:
        return base.table(query)
    first, *more = columns
    if not more:
        return of_ids(base, query, first, keys[0].to_pylist())
    parts = [
        base.table(query.where(first == value, more[0].in_(some)))  # in this shape SQLite goes by the index
        for value in pc.unique(keys[0]).to_pylist()
        for some in few_hundred(pc.unique(keys[1].filter(pc.equal(keys[0], value))).to_pylist())
    ]
    return pa.concat_tables(parts or [base.table(query.where(false()))])


def among(rows: pa.Table, keys: pa.Table) -> pa.Table:
    """The rows whose key is one of `keys`, whose columns are named as in the rows; in any order."""
    return rows.join(keys, keys.column_names, join_type="left semi")


def few_hundred(keys: list[Any], most: int = SOME) -> list[list[Any]]:
    """A few hundred at a time; one empty list where there are none."""
    return [keys[n : n + most] for n in range(0, max(len(keys), 1), most)]
