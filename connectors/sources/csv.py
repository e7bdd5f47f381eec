"""Delimited text: CSV, TSV and what programs call so. A clean file goes through Arrow, any other line by line."""

from collections import Counter
from collections.abc import Collection
from pathlib import Path

import pyarrow as pa

from connectors.sources import csv_lines, header, places, sniff
from connectors.sources.base import Grid, Landed, Reject, SourceFailed
from connectors.sources.csv_fast import read_clean
from connectors.sources.encoding import decode
from connectors.sources.tables import columns_of, land
from rules.schema import Source

DELIMITERS = ",;\t|"
BATCH = 50_000
HEAD = 1 << 18
"""Characters in which delimiter and header are looked for."""


def read(name: str, source: Source, root: Path) -> Landed:
    """All rows of all files of a location."""
    found = places.files(source.location, root)
    grids = [grid(place.path, place.name, source) for place in found]
    landed = land(name, grids, apostrophes=source.apostrophes)
    return Landed(landed.raw, landed.facts, landed.rejects, landed.notes, tuple(p.path for p in found))


def grid(path: Path, name: str, source: Source) -> Grid:
    """One file as a table. Raises SourceFailed where it is no text, is empty, or holds a header only."""
    sniff.demand(path, name, frozenset({"text", "json"}), "delimited text (CSV)")
    decoded = decode(path.read_bytes(), name, configured=source.encoding, country=source.country)
    notes = [f"{name}: {note}" for note in decoded.notes]
    data = decoded.utf8
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        notes.append(f"{name}: NUL bytes were taken out (the first in line {line})")
        data = data.replace(b"\0", b"")
    wanted = wanted_columns(source)
    head = [*csv_lines.physical(data[:HEAD].decode(errors="ignore"))][: header.LOOK * 4]
    delimiter = source.delimiter or delimiter_of(head)
    rows = list(csv_lines.records(head, delimiter))[: header.LOOK]
    index = _header_index(rows, source, wanted)
    if index is None:
        raise SourceFailed("the file holds no text at all", "Export it again", file=name)
    first = rows[index]
    names = header.as_mapped(header.unique(first.cells), wanted)
    if index and not source.header:
        notes.append(f"{name}: the header was found in line {first.line}; the lines above it were left out")
    if clean := read_clean(data, first.end, delimiter, names):
        return Grid(name, None, *clean, notes=tuple(notes))
    return _careful(data, first.end, delimiter, names, name, notes)


def wanted_columns(source: Source) -> Collection[str]:
    """Every column that the declaration names."""
    dates = source.updated_at.values() if isinstance(source.updated_at, dict) else [source.updated_at or ""]
    named = (*source.columns, *source.id, *source.expect.never_empty, *dates)
    return tuple(dict.fromkeys(name for name in named if name))


def _header_index(rows: list[csv_lines.Record], source: Source, wanted: Collection[str]) -> int | None:
    if source.header is None:
        return header.find([row.cells for row in rows], wanted)
    return next((n for n, row in enumerate(rows) if row.line >= (source.header or 1)), None)


def delimiter_of(lines: list[csv_lines.Line]) -> str:
    """The delimiter under which the most lines have the same number of cells (more than one), and most cells."""

    def fitness(delimiter: str) -> tuple[float, int]:
        widths = Counter(len(r.cells) for r in csv_lines.records(lines, delimiter) if any(r.cells))
        width, count = max(((w, c) for w, c in widths.items() if w > 1), key=lambda wc: (wc[1], wc[0]), default=(1, 0))
        return round(count / max(1, widths.total()), 1), width

    return max(DELIMITERS, key=lambda d: (fitness(d), -DELIMITERS.index(d)))


def _careful(data: bytes, after: int, delimiter: str, names: list[str], file: str, notes: list[str]) -> Grid:
    """The rows below the header (line `after`), each made to fit or rejected."""
    width = len(names)
    batches: list[pa.Table] = []
    rows: list[list[str]] = []
    lines: list[int] = []
    rejects: list[Reject] = []
    doubts = _Doubts()
    for record in csv_lines.records(csv_lines.physical(data.decode("utf-8", "replace")), delimiter):
        if record.line <= after or not any(record.cells):
            continue
        cells = doubts.fit(record, width)
        if cells is None:
            rejects.append(_too_long(record, width, delimiter))
            continue
        rows.append(cells)
        lines.append(record.line)
        if len(rows) % BATCH == 0:
            batches.append(pa.table(columns_of(rows, width), names=names))
            rows.clear()
    batches.append(pa.table(columns_of(rows, width), names=names))
    said = (*notes, *(f"{file}: {note}" for note in doubts.said()))
    return Grid(file, None, pa.concat_tables(batches), pa.array(lines, pa.int64()), tuple(rejects), said)


def _too_long(record: csv_lines.Record, width: int, delimiter: str) -> Reject:
    word = {"\t": "tab"}.get(delimiter, delimiter)
    reason = f"{len(record.cells)} cells where the header has {width}"
    return Reject(record.line, record.text, reason, f"Put the cell that holds a {word} in double quotes, or remove it")


class _Doubts:
    """Rows that were mended, counted for the notes."""

    def __init__(self) -> None:
        self.short: list[int] = []
        self.stray: list[int] = []

    def fit(self, record: csv_lines.Record, width: int) -> list[str] | None:
        """The cells of a record, exactly `width` of them; None where it has more that are not empty."""
        cells = record.cells
        if record.stray:
            self.stray.append(record.line)
        if len(cells) < width:
            self.short.append(record.line)
            return [*cells, *[""] * (width - len(cells))]
        return None if any(cells[width:]) else cells[:width]

    def said(self) -> list[str]:
        notes = []
        if self.short:
            notes.append(f"{len(self.short)} rows have fewer cells than the header and were filled up{_at(self.short)}")
        if self.stray:
            notes.append(f"{len(self.stray)} rows have quotes that do not pair, read as they stand{_at(self.stray)}")
        return notes


def _at(lines: list[int]) -> str:
    shown = ", ".join(map(str, lines[:5])) + (" …" if len(lines) > 5 else "")
    return f" (lines {shown})" if len(lines) > 1 else f" (line {shown})"
