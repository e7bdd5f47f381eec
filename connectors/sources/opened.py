"""One table from one file of any kind, with no declaration: what `goldseam dedupe FILE` reads."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from connectors.sources import any_table
from connectors.sources.base import Grid, Landed, SourceFailed
from connectors.sources.tables import land
from rules import keys
from rules.schema import Source

Ints: TypeAlias = npt.NDArray[np.int64]


def open_table(path: Path, id_column: str | None = None, **options: object) -> Landed:
    """A csv, tsv, xlsx, xls, xlsb, ods or parquet file as a raw table with RAW_PREFIX columns, all text.

    Record ids are the number of the row from 1 (empty lines of text do not count, rows of empty cells do), or the
    values of `id_column`. A row that has more cells than the header stays a record of its own, without values.
    `options` are settings of schema.Source (encoding, delimiter, sheets, header, country). Raises SourceFailed.
    """
    if not path.is_file():
        raise SourceFailed("there is no such file", "Correct the path", file=str(path))
    source = Source.model_validate({"kind": "form", "location": str(path), **options})
    grids = any_table.grids(path, path.name, source)
    landed = land(path.stem, grids)
    raw, notes = _with_unfit(landed, grids)
    ids, more = _ids(raw, id_column, path.name) if id_column else (_numbers(raw, grids), ())
    raw = keys.identified(raw, ids)
    return Landed(raw, landed.facts, landed.rejects, (*landed.notes, *notes, *more), (path,))


def _with_unfit(landed: Landed, grids: Sequence[Grid]) -> tuple[pa.Table, tuple[str, ...]]:
    """The rows, and in their places those of more cells than the header: records without values, that nobody loses."""
    unfit = [(grid, reject) for grid in grids for reject in grid.rejects if reject.cells]
    if not unfit:
        return landed.raw, ()
    rows = [{"_file": g.file, "_sheet": g.sheet, "_line": r.line, "_hash": ""} for g, r in unfit]
    raw = pa.concat_tables([landed.raw, pa.Table.from_pylist(rows)], promote_options="default")
    raw = raw.select(landed.raw.column_names).cast(landed.raw.schema)
    order = np.lexsort((raw["_line"].to_numpy(), _sheet_numbers(raw, grids)))
    lines = ", ".join(str(r.line) for _, r in unfit[:5]) + (" …" if len(unfit) > 5 else "")
    what = "1 row has" if len(unfit) == 1 else f"{len(unfit)} rows have"
    note = (
        f"{what} more cells than the header: alone in clusters.csv, not compared (line {lines}). {unfit[0][1].remedy}"
    )
    return raw.take(pa.array(order)).combine_chunks(), (note,)


def _sheet_numbers(raw: pa.Table, grids: Sequence[Grid]) -> Ints:
    numbers: Ints = pc.index_in(pc.fill_null(raw["_sheet"], ""), value_set=pa.array(_sheets(grids))).to_numpy()
    return numbers.astype(np.int64)


def _sheets(grids: Sequence[Grid]) -> list[str]:
    """The sheets in their order; several tables may stand on one."""
    return list(dict.fromkeys(grid.sheet or "" for grid in grids))


def _numbers(raw: pa.Table, grids: Sequence[Grid]) -> pa.Array:
    """The number of each row from 1 in the order of the file, sheet after sheet; rows that were left out count.

    Of tables that stand side by side on a sheet, the row further left has the lower number.
    """
    found = np.zeros(len(raw), np.int64)
    before, sheets = 0, _sheet_numbers(raw, grids)
    lines = raw["_line"].to_numpy()
    for number, sheet in enumerate(_sheets(grids)):
        there = [g for g in grids if (g.sheet or "") == sheet]
        parts = [np.array([r.line for g in there for r in g.rejects if r.cells], np.int64)]
        every = np.sort(np.concatenate([*parts, *(g.lines.to_numpy() for g in there)]))
        where = np.flatnonzero(sheets == number)
        found[where] = before + 1 + np.searchsorted(every, lines[where]) + _again(lines[where])
        before += len(every)
    return pa.array(found).cast(pa.string())


def _again(lines: Ints) -> Ints:
    """How many rows before it have the line of each row."""
    order = np.argsort(lines, kind="stable")
    ordered = lines[order]
    again = np.empty(len(lines), np.int64)
    again[order] = np.arange(len(lines)) - np.searchsorted(ordered, ordered)
    return again


def _ids(raw: pa.Table, id_column: str, file: str) -> tuple[pa.Array, tuple[str, ...]]:
    """The ids of a column; a row without one gets its line for a name. Raises SourceFailed without such a column."""
    if id_column not in keys.own_columns(raw):
        remedy = f"The file has: {', '.join(keys.own_columns(raw))}"
        raise SourceFailed(f"there is no column {id_column!r}", remedy, file=file, column=id_column)
    given = pc.utf8_trim_whitespace(raw[id_column])
    empty = pc.equal(pc.fill_null(given, ""), "")
    count = pc.sum(empty).as_py()
    if not count:
        keyed = keys.declared(raw, [id_column])
        return keyed.ids, keyed.notes
    named = pc.binary_join_element_wise("line ", raw["_line"].cast(pa.string()), "")
    filled = raw.set_column(raw.column_names.index(id_column), id_column, pc.if_else(empty, named, given))
    keyed = keys.declared(filled, [id_column])
    first = raw["_line"].filter(empty)[0].as_py()
    example = json.dumps(f"line {first}")
    rows = "1 row has" if count == 1 else f"{count} rows have"
    return keyed.ids, (*keyed.notes, f"{rows} no value in {id_column!r}: named by their line, as {example}")
