"""Parquet files: typed columns as the text they stand for."""

import datetime as dt
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors.sources import sniff
from connectors.sources.base import Grid, Landed, Seen, SourceFailed, wanted_columns
from connectors.sources.spreadsheet import text
from connectors.sources.tables import header, land_files
from rules.schema import Source

MOST_CELLS: Final = 400_000_000
"""Rows times columns; as text an empty cell takes some five bytes."""


def read(name: str, source: Source, root: Path) -> Landed:
    """All rows of all files of a location."""
    return land_files(name, source, root, lambda *file: [grid(*file)])


def grid(path: Path, name: str, source: Source) -> Grid:
    """One file as a table; its lines are row numbers from 1. Raises SourceFailed where it is no Parquet."""
    sniff.demand(path, name, frozenset({"parquet"}), "a Parquet file")
    try:
        with pq.ParquetFile(path) as file:
            _demand_room(file.metadata, name)
            table = file.read()
            table.validate(full=True)  # text that is none would break whoever touches it later
    except (pa.ArrowInvalid, UnicodeDecodeError, OSError) as error:
        reason = f"the file is truncated or damaged ({error})"
        raise SourceFailed(reason, "Write it again", file=name) from error
    names = header.as_mapped(header.unique(table.column_names), wanted_columns(source))
    columns = [as_text(column) for column in table.columns]
    lines = pa.array(range(1, len(table) + 1), pa.int64())
    seen = Seen(format="parquet", header_cells=(tuple(table.column_names),))
    return Grid(name, None, pa.table(columns, names=names), lines, seen=seen)


def _demand_room(known: pq.FileMetaData, name: str) -> None:
    """Refuses a bomb before it is unpacked: a run of equal values takes a few bytes, however long it is."""
    cells = known.num_rows * known.num_columns
    if cells > MOST_CELLS:
        reason = f"it unpacks to {cells:,} cells, more than a machine has memory for, and was refused"
        raise SourceFailed(reason, "Split it, or ask its sender for a plain export", file=name)


def as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A typed column as text: whole numbers plain, dates ISO, decimals with their digits."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return as_text(column.cast(kind.value_type))
    if pa.types.is_string(kind):
        return column
    if pa.types.is_large_string(kind) or pa.types.is_integer(kind) or pa.types.is_string_view(kind):
        return column.cast(pa.string())
    if pa.types.is_nested(kind):  # lists and the like have no distinct values that Arrow knows
        return pa.chunked_array([[None if v is None else _word(v) for v in column.to_pylist()]], pa.string())
    distinct = pc.unique(column)
    words = pa.array([None if v is None else _word(v) for v in distinct.to_pylist()], pa.string())
    return pa.chunked_array([words.take(pc.index_in(chunk, distinct)) for chunk in column.chunks], pa.string())


def _word(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, dt.datetime) and value.tzinfo:
        return value.isoformat(sep=" ")
    return text(value)
