"""Delimited text: CSV, TSV and what programs call so, in any dialect, with any damage that leaves rows readable."""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from connectors.sources import sniff
from connectors.sources.base import Grid, Landed, Reject, Seen, wanted_columns
from connectors.sources.delimited import csv_head, csv_rows
from connectors.sources.delimited.csv_dialect import STAND_IN, Dialect
from connectors.sources.delimited.csv_guess import HEAD, dialect_of
from connectors.sources.tables import land_files, last_lines
from connectors.sources.text import garbled
from connectors.sources.text.encoding import decode
from rules.schema import Source

MARK, END_OF_FILE = "\ufeff".encode(), b"\x1a"


def read(name: str, source: Source, root: Path) -> Landed:
    """All rows of all files of a location."""
    return land_files(name, source, root, lambda *file: [grid(*file)])


def grid(path: Path, name: str, source: Source) -> Grid:
    """One file as a table; none of its rows where it has a header only.

    Raises SourceFailed where it is no text, or there is no text in it.
    """
    sniff.demand(path, name, frozenset({"text", "json"}), "delimited text (CSV)")
    text = _text(path, name, source)
    dialect = dialect_of(text.data, text.delimiter, source.quote)
    found = csv_head.head_of(text.data, dialect, source, wanted_columns(source), text.line, name)
    rows = csv_rows.rows_of(
        text.data, found.stop, found.line, dialect, found.width, digits=found.digits, comment=source.comment
    )
    table, rejects = rows.table(list(found.names)), tuple(rows.rejects)
    below = {reject.line for reject in last_lines(table, rows.numbers())} if rows.doubts["short"] else set()
    notes = (*text.notes, *found.notes, *csv_rows.said(rows, below))
    seen = Seen(
        "text", text.encoding, text.shown or dialect.delimiter, dialect.quote if _quoted(text.data, dialect) else None,
        found.lines, found.cells, found.above,
    )  # fmt: skip
    if text.shown:
        table, rejects = _restored(table, text.shown), tuple(_restored_reject(r, text.shown) for r in rejects)
    if not text.data.isascii():
        notes = (*notes, *garbled.notes(table, rows.numbers()))
    said = tuple(f"{name}: {note}" for note in notes)
    return Grid(name, None, table, rows.numbers(), rejects, said, seen, tuple(rows.beyond))


@dataclass(frozen=True, slots=True)
class _Text:
    """A file's text in UTF-8, without marks, NUL bytes and the line `sep=;`."""

    data: bytes
    encoding: str
    delimiter: str | None
    line: int
    """Number of its first line."""
    notes: tuple[str, ...]
    shown: str = ""
    """The delimiter for which STAND_IN stands."""


def _text(path: Path, name: str, source: Source) -> _Text:
    decoded = decode(path.read_bytes(), name, configured=source.encoding, country=source.country)
    notes, data = [*decoded.notes], decoded.utf8
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        notes.append(f"NUL bytes were taken out (the first in line {line})")
        data = data.translate(None, b"\0")
    if data.rstrip(b"\r\n").endswith(END_OF_FILE):
        data = data.rstrip(b"\r\n").rstrip(END_OF_FILE)
    if b"\n" + MARK in data or data.startswith(MARK):
        line = data.count(b"\n", 0, data.index(MARK)) + 1
        notes.append(f"a byte-order mark within the text was taken out (line {line}): two files were joined")
        data = data.removeprefix(MARK).replace(b"\n" + MARK, b"\n")
    delimiter, line = source.delimiter, 1
    first = data[:10].lower()
    if first.startswith(b"sep=") and data[5:6] in (b"\r", b"\n") and data[4:5] not in (b"\r", b"\n"):
        delimiter, line = delimiter or data[4:5].decode("ascii", "replace"), 2
        data = data[data.index(data[5:6]) :].removeprefix(b"\r").removeprefix(b"\n")
        notes.append("line 1 names the delimiter (sep=) and is no row")
    shown = delimiter if delimiter and not delimiter.isascii() else _beyond_ascii(data) if not delimiter else ""
    if shown:
        data, delimiter = data.replace(shown.encode(), STAND_IN.encode()), STAND_IN
    return _Text(data, decoded.encoding, delimiter, line, tuple(notes), shown)


def _beyond_ascii(data: bytes) -> str:
    """`§` or `¦`, where it parts every line of the head and no other delimiter does."""
    lines = [line for line in data[:HEAD].splitlines()[:-1] if line.strip()][:60]
    for mark in ("§", "¦"):
        counts = {line.count(mark.encode()) for line in lines}
        if len(lines) > 1 and len(counts) == 1 and min(counts) > 0:
            return mark
    return ""


def _quoted(data: bytes, dialect: Dialect) -> bool:
    return dialect.quote is not None and dialect.quote.encode() in data


def _restored(table: pa.Table, shown: str) -> pa.Table:
    columns = [pc.replace_substring(column, STAND_IN, shown) for column in table.columns]
    return pa.table(columns, names=[name.replace(STAND_IN, shown) for name in table.column_names])


def _restored_reject(reject: Reject, shown: str) -> Reject:
    cells = tuple(cell.replace(STAND_IN, shown) for cell in reject.cells)
    return Reject(reject.line, reject.content.replace(STAND_IN, shown), reject.reason, reject.remedy, cells)
