"""Any local file as tables, by what it is and never by its name.

`tables` opens what holds tables (the kinds form and billing); `grids` opens whatever a reader is known for, and looks
whether the header is one (`goldseam read`, `goldseam dedupe`). A new format of tables is a line in TABLES; a new kind
of records is a line in sniff.KIND_FOR.
"""

import glob
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeAlias
from urllib.parse import quote

import pyarrow as pa

from connectors.sources import sniff
from connectors.sources.base import Grid, Landed, Reject, Seen, SourceFailed
from connectors.sources.tables import headless
from rules.column_names import known_header
from rules.schema import Source
from rules.vocabulary import RAW_PREFIX

Opener: TypeAlias = Callable[[Path, str, Source], list[Grid]]


def _workbook(path: Path, name: str, source: Source) -> list[Grid]:
    from connectors.sources import spreadsheet

    return list(spreadsheet.sheets(path, name, source))


def _parquet(path: Path, name: str, source: Source) -> list[Grid]:
    from connectors.sources import parquet

    return [parquet.grid(path, name, source)]


def _text(path: Path, name: str, source: Source) -> list[Grid]:
    from connectors.sources import csv

    if source.widths:
        return _fixed_width(path, name, source)
    return [csv.grid(path, name, source)]


def _fixed_width(path: Path, name: str, source: Source) -> list[Grid]:
    from connectors.sources import fixed_width

    return [fixed_width.grid(path, name, source)]


TABLES: Final[dict[str, Opener]] = {
    **dict.fromkeys((*sniff.SPREADSHEETS, "encrypted"), _workbook),
    "parquet": _parquet,
    "text": _text,
}
"""Format, a key of sniff.WORDS -> what opens it."""


MISFITS: Final = 0.2
"""Share of the rows from which on a delimiter is doubted."""
DECIMAL: Final = ",;"
"""Delimiters that also stand in numbers and addresses."""
PATIENCE: Final = 5.0
"""Seconds for the first rows of a table on this machine: a view may ask for more than anybody can wait for."""
HEAD: Final = 1 << 16
"""Bytes in which columns of fixed width are looked for."""


def tables(path: Path, name: str, source: Source) -> list[Grid]:
    """The tables of a file. Raises SourceFailed, which says what the file is instead, where it holds none."""
    return TABLES.get(sniff.sniff(path), _text)(path, name, source)


def grids(path: Path, name: str, source: Source) -> list[Grid]:
    """The tables of any file that some reader knows; records (invoices, cards) stand under their kind's own columns.

    A header further down is believed only where titles, not rows, stand above it; a row that was taken for a header
    goes back to its place. `Grid.seen.format` is filled. Raises SourceFailed.
    """
    form = sniff.sniff(path)
    kind = sniff.KIND_FOR.get(form)
    if form not in TABLES:
        return _records(kind, form, path, name, source)
    found = _with_their_headers(path, name, source, form)
    return [g if g.seen.format else replace(g, seen=replace(g.seen, format=form)) for g in found]


def _with_their_headers(path: Path, name: str, source: Source, form: str) -> list[Grid]:
    if form == "text" and source.kind == "fixed_width":
        return _fixed_width(path, name, source)
    found = tables(path, name, source)
    if form == "text" and not (source.delimiter or source.widths) and _is_fixed_width(found[0], path):
        return _fixed_width(path, name, source)
    if source.header is not None:
        return found
    if any(headless.first_line(grid) > 2 for grid in found):
        by_sheet = {grid.sheet: grid for grid in _from_first_line(path, name, source)}
        found = [headless.likelier(grid, by_sheet.get(grid.sheet)) for grid in found]
    return [headless.with_header(grid) for grid in found]


def _is_fixed_width(grid: Grid, path: Path) -> bool:
    """Whether text that no delimiter parts well has columns of fixed width; a decimal comma parts every row alike."""
    from connectors.sources.text.widths import looks_fixed, parts_nothing

    misfits = sum(bool(reject.cells) for reject in grid.rejects)
    names, mark = grid.table.column_names, grid.seen.delimiter or ""
    is_well = len(names) > 1 and mark != " " and misfits <= MISFITS * len(grid.table)
    if is_well and (mark not in DECIMAL or any(map(known_header, names))):
        return False
    with path.open("rb") as file:
        head = file.read(HEAD).decode(grid.seen.encoding or "utf-8", "replace")
    lines = [line for line in head.splitlines()[:-1] or [head] if line.strip()]
    widths = looks_fixed(lines)
    return widths is not None and (not is_well or parts_nothing(mark, lines, widths))


def _from_first_line(path: Path, name: str, source: Source) -> list[Grid]:
    try:
        return tables(path, name, source.model_copy(update={"header": 1}))
    except SourceFailed:  # a workbook in which nothing stands in the first line
        return []


_REMEDIES: Final = {
    "zip": "Unpack it, and read what is in it", "gzip": "Unpack it, and read what is in it",
    "html": "Open it in a spreadsheet program and save it as xlsx",
    "image": "Type it in, or export it from where it comes", "docx": "Copy its table into a sheet and save that",
}  # fmt: skip


def _records(kind: str | None, form: str, path: Path, name: str, source: Source) -> list[Grid]:
    """What a kind of records reads from one file, as tables; a database gives one a table."""
    from connectors.sources import KINDS

    if kind not in KINDS:
        remedy = _REMEDIES.get(form, "Export the table as CSV or as a workbook")
        raise SourceFailed(f"this is {sniff.WORDS[form]}, and no table can be read from it", remedy, file=name)
    if kind == "sql":
        return _database(path, name, source)
    location = glob.escape(str(path.absolute()))  # its own brackets are no pattern
    one = source.model_copy(update={"kind": kind, "location": location})
    return [as_grid(KINDS[kind](name, one, path.parent), name, None, form)]


def _database(path: Path, name: str, source: Source) -> list[Grid]:
    """Every table of an SQLite file, or those that `sheets` names; one that cannot be read is said by the others."""
    import sqlite3
    from contextlib import closing
    from fnmatch import fnmatchcase

    from connectors.sources import KINDS

    own = "select name from sqlite_master where type in ('table', 'view') and name not like 'sqlite_%' order by name"
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True)) as database:
            there = [row[0] for row in database.execute(own)]
    except sqlite3.Error as error:
        raise SourceFailed("the database is damaged or locked", "Copy it again", file=name) from error
    chosen = [t for t in there if not source.sheets or any(fnmatchcase(t, pattern) for pattern in source.sheets)]
    if not chosen:
        raise SourceFailed("there is no such table", f"The database has: {', '.join(there) or 'none'}", file=name)
    one = source.model_copy(update={"kind": "sql", "patience": min(source.patience, PATIENCE)})
    found: list[Grid] = []
    failed: list[SourceFailed] = []
    for table in chosen:
        try:
            asked = one.model_copy(update={"location": f"sqlite:///{path.resolve()}", "table": table})
            found.append(as_grid(KINDS["sql"](name, asked, path.parent), name, table, "sqlite"))
        except SourceFailed as failure:
            failed.append(failure)
    if not found:
        raise failed[0]
    said = tuple(f"{name}: {failure.file} could not be read: {failure.reason}" for failure in failed)
    return [replace(found[0], notes=(*found[0].notes, *said)), *found[1:]]


def as_grid(landed: Landed, name: str, sheet: str | None, form: str) -> Grid:
    """What a kind of records has landed, as a table under that kind's own columns."""
    table = landed.raw.drop_columns([c for c in RAW_PREFIX if c in landed.raw.column_names])
    lines = landed.raw["_line"].combine_chunks().fill_null(0)
    rejects = tuple(
        Reject(r["line"] or 0, r["content"], r["reason"], r["remedy"], data=r["data"] is not False)
        for r in landed.rejects.to_pylist()
    )
    seen = Seen(format=form, header_cells=(tuple(table.column_names),))
    return Grid(name, sheet, table, pa.array(lines, pa.int64()), rejects, landed.notes, seen)
