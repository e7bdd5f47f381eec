"""A row of the quarantine with what was corrected laid over it: by what its customer would be known."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from rules.expectations import helpers
from rules.schema import Source
from rules.standardise.table import standardise
from rules.vocabulary import RAW_PREFIX


def identified_by(row: Mapping[str, Any], name: str, source: Source, values: Mapping[str, str]) -> str:
    """`name`, `contact point` or `id`: the first that the standard record of a raw row has; empty where it has none.

    row: as it landed, with RAW_PREFIX; values: corrected cells by column. The row is read by itself, and rules that
    withhold single cells are not asked: what is missing here is missing in the next run, what is there may yet fall.
    """
    cells = {column: cell for column, cell in row.items() if column in RAW_PREFIX or not column.startswith("_")}
    table = pa.Table.from_pylist([{**cells, **{c: v for c, v in values.items() if c in cells}}])
    found = helpers.column(helpers.Rows(standardise(_as_text(table), name, source)), "records", "identified_by")
    return next((str(word) for word in found.to_pylist() if word), "")


def _as_text(table: pa.Table) -> pa.Table:
    """Columns without a cell have no type of their own."""
    kept = {"_line": pa.int64()}
    return table.cast(pa.schema([(column, kept.get(column, pa.string())) for column in table.column_names]))
