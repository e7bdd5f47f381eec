"""The rows of a delimited text below its header: clean lines by Arrow, all others one by one, in their order."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from connectors.sources.base import Reject
from connectors.sources.delimited import csv_fast
from connectors.sources.delimited.csv_dialect import Dialect
from connectors.sources.delimited.csv_lines import MOST_CELLS, Reader, Record
from connectors.sources.tables import columns_of

BLOCK = 8 << 20
"""Bytes that are read at once."""
CLOSES = 20
"""Lines with quotes beyond a block in which its last quote may close."""
WORDS = {"\t": "tab", " ": "blank"}


@dataclass
class Rows:
    """What was read: tables of columns c0, c1, … in the order of the file, and what is to be said."""

    width: int
    tables: list[pa.Table] = field(default_factory=list)
    lines: list[pa.Array] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    beyond: list[tuple[int, int]] = field(default_factory=list)
    doubts: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """Lines by what is doubtful about them."""

    def table(self, names: list[str]) -> pa.Table:
        if not self.tables:
            return pa.schema([(name, pa.string()) for name in names]).empty_table()
        return pa.concat_tables(self.tables).rename_columns(names)

    def numbers(self) -> pa.Array:
        return pa.concat_arrays(self.lines) if self.lines else pa.array([], pa.int64())


def rows_of(
    data: bytes, at: int, line: int, dialect: Dialect, width: int, digits: tuple[bool, ...], comment: str | None = None
) -> Rows:
    """All rows from an offset on, which is the beginning of a physical line (from 1)."""
    rows = Rows(width)
    reader = Reader(data, dialect, width, digits)
    while at < len(data):
        stop = _block_end(data, at, dialect)
        body = data[at:stop] if at or stop < len(data) else data
        clean = None if comment and comment.encode() in body else csv_fast.whole(body, dialect, width, line)
        if clean is not None:
            _add(rows, *clean)
            at, line = stop, line + body.count(b"\n")
        else:
            at, line = _mixed(rows, reader, body, at, line, comment)
    return rows


def _block_end(data: bytes, at: int, dialect: Dialect) -> int:
    """Where a block from an offset on ends: at a line end, outside quotes if these are as they should be."""
    stop = _line_end(data, at + BLOCK)
    quote = (dialect.quote or "").encode()
    if not quote or data.count(quote, at, stop) % 2 == 0:
        return stop
    end = stop
    for _ in range(CLOSES):
        closing = data.find(quote, end)
        end = _line_end(data, closing) if closing >= 0 else len(data)
        if data.count(quote, at, end) % 2 == 0:
            return end
    return stop


def _line_end(data: bytes, at: int) -> int:
    """Where the line after an offset begins."""
    found = data.find(b"\n", at)
    return found + 1 if found >= 0 else len(data)


def _add(rows: Rows, table: pa.Table, lines: pa.Array) -> None:
    rows.tables.append(table)
    rows.lines.append(lines)


def _mixed(rows: Rows, reader: Reader, body: bytes, at: int, line: int, comment: str | None) -> tuple[int, int]:
    """One block with lines that are not clean; where the next begins, and on which line."""
    lines = csv_fast.Lines(body, reader.dialect, rows.width, comment)
    cells: list[list[str]] = []
    numbers: list[int] = []
    upto, stop, after = len(lines.starts), at + len(body), line + len(lines.starts)
    behind = 0
    for n in np.flatnonzero(~lines.clean & lines.filled).tolist():
        if n < behind:
            continue  # within the record before
        record = reader.record(at + int(lines.starts[n]), line + n)
        behind = record.end + 1 - line
        lines.clean[n:behind] = False
        if record.stop > stop:
            upto, stop, after = min(upto, behind), record.stop, record.end + 1
        made = _fitted(rows, reader, record, comment)
        if made is not None:
            cells.append(made)
            numbers.append(record.line)
    table = lines.table(upto)
    if table is None:
        raise ValueError("clean lines that Arrow reads otherwise")
    _merge(rows, table, np.flatnonzero(lines.clean[:upto]) + line, cells, numbers)
    return stop, after


def _merge(rows: Rows, table: pa.Table, clean: csv_fast.Ints, cells: list[list[str]], numbers: list[int]) -> None:
    every = np.concatenate([clean, np.array(numbers, np.int64)]).astype(np.int64)
    order = np.argsort(every, kind="stable")
    if cells:
        careful = pa.table(columns_of(cells, rows.width), names=table.column_names)
        table = pa.concat_tables([table, careful]).take(pa.array(order))
    _add(rows, table, pa.array(every[order]))


def _fitted(rows: Rows, reader: Reader, record: Record, comment: str | None) -> list[str] | None:
    """The cells of a record, as many as the table has columns; None where it is no row, or is rejected."""
    text = reader.data[record.start : record.stop]
    if comment and text.startswith(comment.encode()):
        rows.doubts["comment"].append(record.line)
        return None
    width, cells = rows.width, record.cells
    if record.endless:
        shown = text.rstrip(b"\r\n").decode("utf-8", "replace")
        reason = f"more than {MOST_CELLS:,} cells in one line"
        rows.rejects.append(Reject(record.line, shown, reason, "Look at the line in the file: this is no row"))
        return None
    if record.other:
        rows.doubts[f"other {record.other}"].append(record.line)
    elif record.stray:
        rows.doubts["stray"].append(record.line)
    if len(cells) < width:
        rows.doubts["short"].append(record.line)
        return [*cells, *[""] * (width - len(cells))]
    if any(cells[width:]):
        rows.rejects.append(_too_long(record, text.rstrip(b"\r\n").decode("utf-8", "replace"), width, reader.dialect))
        return None
    if len(cells) > width:
        rows.beyond.append((record.line, len(cells) - width))
        rows.doubts["beyond"].append(record.line)
    return cells[:width]


def _too_long(record: Record, text: str, width: int, dialect: Dialect) -> Reject:
    word = WORDS.get(dialect.delimiter, dialect.delimiter)
    reason = f"{len(record.cells)} cells where the header has {width}"
    remedy = f"Put the cell that holds a {word} in double quotes, or remove it"
    return Reject(record.line, text, reason, remedy, tuple(record.cells))


def said(rows: Rows, below: Collection[int] = ()) -> list[str]:
    """What is doubtful, in words, with the lines; nothing of the totals and notes `below` the table."""
    words = {
        "short": ("has", "have", "fewer cells than the header: filled up with empty ones"),
        "beyond": ("ends", "end", "in more delimiters than the header: the empty cells beyond it were left out"),
        "stray": ("has", "have", "quotes that do not pair: read as they stand"),
        "comment": ("is", "are", "a comment: left out"),
    }
    notes = []
    for kind, every in rows.doubts.items():
        lines = [line for line in every if line not in below or kind != "short"]
        if not lines:
            continue
        other = kind.removeprefix("other ")
        one, many, what = words.get(kind) or ("has", "have", f"{WORDS.get(other, other)} as delimiter: read by it")
        start = f"1 row {one}" if len(lines) == 1 else f"{len(lines)} rows {many}"
        notes.append(f"{start} {what} ({at(lines)})")
    return notes


def at(lines: list[int]) -> str:
    """`line 3`, or `lines 3, 5, 8, 9, 11 …`."""
    shown = ", ".join(map(str, lines[:5])) + (" …" if len(lines) > 5 else "")
    return f"lines {shown}" if len(lines) > 1 else f"line {shown}"
