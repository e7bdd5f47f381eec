"""From what was read to a raw table: empty rows out, repeated headers out, totals and notes kept aside."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from connectors.sources import places
from connectors.sources.base import PREFIX_SCHEMA, Grid, Landed, Reject, SourceFailed
from connectors.sources.tables import below, repeats
from rules.keys import hashed
from rules.schema import Source
from rules.vocabulary import RAW_PREFIX, REJECTS

Opener: TypeAlias = Callable[[Path, str, Source], Iterable[Grid]]
"""A file, its name for people and its source -> the tables in it."""
TAIL = 12
"""How many lines at the end of a table are looked at for totals and notes."""


def columns_of(rows: Sequence[Sequence[str]], width: int) -> list[pa.Array]:
    """Rows of text, each of `width` cells, as columns."""
    if not rows:
        return [pa.array([], pa.string())] * width
    return [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]


def line_of(line: int, cells: Sequence[str | None], reason: str) -> Reject:
    """A line that is no data: a title, a total, a note."""
    text = json.dumps([cell or "" for cell in cells], ensure_ascii=False)
    return Reject(line, text, reason, "Nothing to do", data=False)


def tidy(grid: Grid) -> Grid:
    """A grid without empty rows and repeated headers; totals and notes at its end are rejects. Each is said."""
    table = pa.table({name: _empty_to_null(grid.table.column(name)) for name in grid.table.column_names})
    if not table.num_columns or not table.num_rows:
        return replace(grid, table=table)
    notes = list(grid.notes)
    keep = _any_filled(table)
    if empty := len(keep) - pc.sum(keep).as_py():
        notes.append(f"{grid.place}: {_left_out(empty)}")
        table, lines = table.filter(keep), grid.lines.filter(keep)
    else:
        lines = grid.lines
    table, lines, titles, said = repeats.without(table, lines, grid)
    rejects = last_lines(table, lines)
    if rejects:
        table, lines = table.slice(0, len(table) - len(rejects)), lines.slice(0, len(lines) - len(rejects))
        places = f"line{'s' * (len(rejects) > 1)} {', '.join(str(r.line) for r in rejects)}"
        notes.append(f"{grid.place}: totals or notes below the table were left out ({places})")
    left_out = [line_of(line, cells, "a title above the header, repeated") for line, cells in titles]
    return replace(grid, table=table, lines=lines, rejects=(*grid.rejects, *left_out, *rejects), notes=(*notes, *said))


def _left_out(count: int) -> str:
    if count == 1:
        return "1 row was without any value and was left out"
    return f"{count:,} rows were without any value and were left out"


def _empty_to_null(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)


def _any_filled(table: pa.Table) -> pa.ChunkedArray:
    keep = pc.is_valid(table.column(0))
    for column in table.columns[1:]:
        if pc.all(keep).as_py():
            break
        keep = pc.or_(keep, pc.is_valid(column))
    return keep


def last_lines(table: pa.Table, lines: pa.Array) -> list[Reject]:
    """The last lines that are totals or, after an empty line, notes."""
    width = table.num_columns
    start = max(0, len(table) - TAIL)
    tail = [list(row) for row in zip(*(c.to_pylist() for c in table.slice(start).columns), strict=True)]
    numbers = lines.slice(start).to_pylist()
    found: list[Reject] = []
    for index in range(len(tail) - 1, 0, -1):
        row, line = tail[index], numbers[index]
        gap = line - numbers[index - 1] > 1
        if below.is_total(row, width, table.slice(0, start + index).column):
            reason = "a line of totals below the table"
        elif below.is_note(row, width) and (gap or found):
            reason = "a note below the table"
        else:
            break
        found.append(line_of(line, row, reason))
    return found[::-1]


def land(name: str, grids: Sequence[Grid], *, apostrophes: bool = False) -> Landed:
    """The raw table of all grids of a source: columns are joined by name, cases of a letter aside."""
    tidied = [tidy(grid) for grid in grids]
    spelling: dict[str, str] = {}
    tables = []
    for grid in tidied:
        columns = [spelling.setdefault(c.casefold(), c) for c in grid.table.column_names]
        table = grid.table.rename_columns(columns)
        tables.append(prefixed(without_apostrophes(table) if apostrophes else table, grid))
    raw = pa.concat_tables(tables, promote_options="default") if tables else PREFIX_SCHEMA.empty_table()
    raw = hashed(raw)
    notes = tuple(note for grid in tidied for note in grid.notes)
    if not raw.num_rows:
        reason = "there is a header but no row below it"
        raise SourceFailed(reason, "Check the export", file=", ".join(dict.fromkeys(g.file for g in grids)))
    return Landed(raw.combine_chunks(), rejects=rejected(name, tidied), notes=notes)


def land_files(name: str, source: Source, root: Path, open_file: Opener) -> Landed:
    """All rows of all files of a location, each opened as its tables. Raises SourceFailed."""
    found = places.files(source.location, root)
    grids = [grid for place in found for grid in open_file(place.path, place.name, source)]
    landed = land(name, grids, apostrophes=source.apostrophes)
    return replace(landed, files=tuple(p.path for p in found))


def prefixed(table: pa.Table, grid: Grid) -> pa.Table:
    """A table of a grid behind RAW_PREFIX: file, sheet and lines filled, key and hash still to be made."""
    size = len(table)
    prefix = (
        pa.nulls(size, pa.string()),
        _constant(grid.file, size),
        _constant(grid.sheet, size),
        grid.lines,
        pa.nulls(size, pa.string()),
    )
    return pa.table([*prefix, *table.columns], names=[*RAW_PREFIX, *table.column_names])


def _constant(value: str | None, size: int) -> pa.Array:
    return pa.nulls(size, pa.string()) if value is None else pa.repeat(pa.scalar(value), size)


def without_apostrophes(table: pa.Table) -> pa.Table:
    """Cells without the leading ' by which an export keeps a spreadsheet from reading digits as a number."""
    columns = [pc.replace_substring_regex(c, "^'([+0-9=@-])", r"\1") for c in table.columns]
    return pa.table(columns, names=table.column_names)


def rejected(name: str, grids: Iterable[Grid]) -> pa.Table:
    """The rejects of all grids as a table of vocabulary.REJECTS."""
    rows = [
        {
            "source": name,
            "file": g.file,
            "sheet": g.sheet,
            **{k: getattr(r, k) for k in ("line", "content", "reason", "remedy", "data")},
            "raw": _by_column(r.cells, g.table.column_names),
        }
        for g in grids
        for r in g.rejects
    ]
    return pa.Table.from_pylist(rows, REJECTS)


def _by_column(cells: Sequence[str], names: Sequence[str]) -> str | None:
    """Cells by the columns they stand in; those beyond the last one are `cell 6 (no column)` and so on."""
    if not cells:
        return None
    beyond = [f"cell {n} (no column)" for n in range(len(names) + 1, len(cells) + 1)]
    return json.dumps(dict(zip([*names, *beyond], cells, strict=False)), ensure_ascii=False)
