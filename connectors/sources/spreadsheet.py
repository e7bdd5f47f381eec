"""Workbooks: xlsx, xls, xlsb and ods, every cell as the text it stands for.

Text cells are kept to the letter (`00123`, `NA`); numbers lose the `.0` that no person typed; dates are ISO.
Sheets that are hidden are left out and said, unless the declaration names them.
"""

import datetime as dt
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pyarrow as pa
import python_calamine as calamine

from connectors.sources import header, places, sniff
from connectors.sources.base import Grid, Landed, SourceFailed
from connectors.sources.csv import wanted_columns
from connectors.sources.tables import land
from rules.schema import Source

EXACT = 2**53
"""Whole numbers above it have digits that the workbook did not keep."""


def read(name: str, source: Source, root: Path) -> Landed:
    """All rows of all sheets of all workbooks of a location."""
    found = places.files(source.location, root)
    grids = [grid for place in found for grid in sheets(place.path, place.name, source)]
    landed = land(name, grids, apostrophes=source.apostrophes)
    return Landed(landed.raw, landed.facts, landed.rejects, landed.notes, tuple(p.path for p in found))


def sheets(path: Path, name: str, source: Source) -> Iterator[Grid]:
    """The tables of one workbook, one a sheet. Raises SourceFailed where it cannot be opened or holds none."""
    sniff.demand(path, name, sniff.SPREADSHEETS, "a spreadsheet (xlsx, xls, xlsb or ods)")
    try:
        with calamine.load_workbook(str(path)) as book:
            chosen, notes = _choose(book, name, source)
            grids = [grid for sheet in chosen if (grid := _grid(book.get_sheet_by_name(sheet), name, source))]
    except calamine.PasswordError as error:
        remedy = "Save a copy without the password and point to that"
        raise SourceFailed("the workbook is protected with a password", remedy, file=name) from error
    except (calamine.CalamineError, OSError) as error:
        reason = f"the workbook is truncated or damaged ({error})"
        raise SourceFailed(reason, "Open it, save it again, or export it anew", file=name) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # how the reader's Rust core gives up; it is no Exception
            raise
        raise SourceFailed("the workbook is damaged", "Open it and save it again", file=name) from error
    if not grids:
        raise SourceFailed("no sheet of the workbook holds a table", "Name the sheets to read in `sheets`", file=name)
    first, *rest = grids
    yield Grid(first.file, first.sheet, first.table, first.lines, first.rejects, (*notes, *first.notes))
    yield from rest


def _choose(book: calamine.CalamineWorkbook, name: str, source: Source) -> tuple[list[str], list[str]]:
    """Sheets to read, in the order of the workbook, and what is said about the others."""
    known = [m for m in book.sheets_metadata if m.typ == calamine.SheetTypeEnum.WorkSheet]
    hidden = {m.name for m in known if m.visible != calamine.SheetVisibleEnum.Visible}
    names = [m.name for m in known]
    if not source.sheets:
        left = [n for n in names if n in hidden]
        notes = [f"{name}: the sheet {n!r} is hidden and was left out; name it in `sheets` to read it" for n in left]
        return [n for n in names if n not in hidden], notes
    for pattern in source.sheets:
        if not any(fnmatchcase(n, pattern) for n in names):
            remedy = f"The workbook has: {', '.join(names)}"
            raise SourceFailed(f"there is no sheet {pattern!r}", remedy, file=name, sheet=pattern)
    return [n for n in names if any(fnmatchcase(n, pattern) for pattern in source.sheets)], []


def _grid(sheet: calamine.CalamineSheet, file: str, source: Source) -> Grid | None:
    """One sheet as a table; None where it is empty."""
    if sheet.start is None:
        return None
    top, _ = sheet.start
    rows = sheet.to_python()
    wanted = wanted_columns(source)
    head = [[text(cell) for cell in row] for row in rows[: max(header.LOOK, (source.header or 0) - top)]]
    index = header.find(head, wanted) if source.header is None else source.header - 1 - top
    if index is None or not 0 <= index < len(head):
        return None
    width = max((n for row in rows for n, cell in enumerate(row, 1) if cell != ""), default=0)
    names = header.as_mapped(
        header.unique(["" if n >= len(head[index]) else head[index][n] for n in range(width)]), wanted
    )
    body = rows[index + 1 :]
    columns = [_column([row[n] for row in body]) for n in range(width)]
    table, notes = _without_blank_columns(pa.table(columns, names=names))
    if index and not source.header:
        notes.append(f"{file}, sheet {sheet.name}: the header was found in line {top + index + 1}")
    first = top + index + 2
    lines = pa.array(range(first, first + len(body)), pa.int64())
    return Grid(file, sheet.name, table, lines, notes=tuple(notes))


def _without_blank_columns(table: pa.Table) -> tuple[pa.Table, list[str]]:
    """A table without columns that have neither a header nor a value."""
    blank = [
        name
        for name in table.column_names
        if name.startswith("column ") and not any(cell for cell in table[name].unique().to_pylist())
    ]
    return table.drop_columns(blank), []


def _column(cells: list[Any]) -> pa.Array:
    try:
        return pa.array(cells, pa.string())  # all text: nothing to do
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([cell if cell.__class__ is str else text(cell) for cell in cells], pa.string())


def text(cell: Any) -> str:
    """A cell as text: `123` for 123.0, `2020-01-02` for a date, `TRUE` for a truth value."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < EXACT else repr(cell)
    if isinstance(cell, dt.datetime):
        midnight = not (cell.hour or cell.minute or cell.second or cell.microsecond)
        return cell.date().isoformat() if midnight else cell.isoformat(sep=" ")
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return str(cell)
