"""Failures as they are kept from run to run: by record, since a row's number changes when others come and go."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from rules.expectations import columns, helpers
from rules.expectations.helpers import Rows, text
from rules.expectations.tally import FAILURES

KEPT: Final = FAILURES.set(FAILURES.get_field_index("row"), pa.field("nth", pa.int64()))
"""FAILURES with `nth` for `row`: the how-manieth row of its record in that table, from 1."""


def keep(failures: pa.Table, tables: Mapping[str, pa.Table]) -> pa.Table:
    """Failures of rows of `tables` (with source and record_id), as KEPT."""
    kept = [KEPT.empty_table()]
    for table in (t for t in columns.TABLES if t in tables):
        mine = failures.filter(pc.equal(failures["table"], table))
        if mine.num_rows:
            at = pc.add(mine["row"], _first(tables[table], mine["source"]))
            nth = pa.array(_nth(tables[table])).take(at.combine_chunks())
            where = mine.schema.get_field_index("row")
            kept.append(mine.set_column(where, KEPT.field("nth"), nth))
    return pa.concat_tables(kept)


def failing(kept: pa.Table, tables: Mapping[str, pa.Table]) -> dict[tuple[str, str], NDArray[np.int64]]:
    """Table and rule -> numbers of the rows of `tables` that failed it; failures of other rows are left out."""
    found = {}
    for table in (t for t in columns.TABLES if t in tables and tables[t].num_rows):
        mine = kept.filter(pc.equal(kept["table"], table))
        here = tables[table]
        at = pc.index_in(_key(mine, mine["nth"]), value_set=_key(here, pa.array(_nth(here))))
        for rule in pc.unique(mine["rule"]).to_pylist():
            of = at.filter(pc.and_(pc.equal(mine["rule"], rule).combine_chunks(), pc.is_valid(at)))
            found[table, rule] = of.to_numpy(zero_copy_only=False).astype(np.int64)
    return found


def _nth(rows: pa.Table) -> NDArray[np.int64]:
    """The how-manieth row of its record each is."""
    numbers: NDArray[np.int64] = helpers.column(Rows({"records": rows}), "records", "nth_of:record_id").to_numpy()
    return numbers.astype(np.int64)


def _first(rows: pa.Table, sources: pa.ChunkedArray) -> pa.Array:
    """The number of the first row of each of these sources."""
    return pc.index_in(text(sources), value_set=text(rows["source"]))


def _key(rows: pa.Table, nth: pa.Array | pa.ChunkedArray) -> pa.Array:
    return pc.binary_join_element_wise(text(rows["source"]), text(rows["record_id"]), text(nth), "\x1f")
