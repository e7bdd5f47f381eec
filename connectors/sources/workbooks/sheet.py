"""From a sheet to its tables: where the header is, what stands above it, the rows and what is said about them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import python_calamine as calamine

from connectors.sources.base import Grid, Reject, Seen, wanted_columns
from connectors.sources.tables import header, line_of
from connectors.sources.tables.header_rows import MOST, is_name
from connectors.sources.workbooks import doubts, regions
from connectors.sources.workbooks.cells import Column, columns, filled
from connectors.sources.workbooks.marks import Marks, letters
from connectors.sources.workbooks.regions import Region
from rules.schema import Source


@dataclass(frozen=True)
class Sheet:
    """A sheet as columns of text, from its first row and column to its last filled ones."""

    file: str
    name: str
    format: str
    columns: Sequence[Column]
    arrays: Sequence[pa.ChunkedArray]
    marks: Marks

    @classmethod
    def of(cls, sheet: calamine.CalamineSheet, marks: Marks, file: str, form: str) -> "Sheet | None":
        """All cells of a sheet; None where it is empty."""
        if sheet.start is None or sheet.end is None:
            return None
        made = columns(sheet.iter_rows(), sheet.start[1], sheet.end[1] + 1)
        arrays = [column.array(marks.texts.get(n)) for n, column in enumerate(made)]
        return cls(file, sheet.name, form, made, arrays, marks)

    @cached_property
    def filled(self) -> npt.NDArray[np.bool_]:
        """Which cells hold any text."""
        return filled(self.arrays)

    def rows(self, top: int, bottom: int, left: int, right: int) -> list[list[str]]:
        """Rows of text; rows and columns from 0, the ends not within."""
        cells = [array.slice(top, bottom - top).to_pylist() for array in self.arrays[left:right]]
        return [list(row) for row in zip(*cells, strict=True)]


def grids(sheet: Sheet, source: Source) -> Iterator[Grid]:
    """The tables of a sheet, one after the other."""
    wanted = wanted_columns(source)
    whole = Region(0, len(sheet.filled), 0, len(sheet.arrays))
    parts = [whole] if source.header is not None else regions.split(sheet.filled, sheet.rows, wanted)
    found = [grid for part in parts if (grid := _grid(sheet, part, source, wanted)) is not None]
    if len(found) < 2:
        yield from found
        return
    for number, grid in enumerate(found, 1):
        name = f"{sheet.name} (table {number})"
        note = f"{sheet.file}, sheet {sheet.name}: {len(found)} tables stand on this sheet, each read as one of its own"
        yield replace(grid, sheet=name, notes=(note, *grid.notes) if number == 1 else grid.notes)


def _header(sheet: Sheet, part: Region, source: Source, wanted: Collection[str]) -> tuple[int, int] | None:
    """First row of the header within the part, and how many rows it has (0: none); None where nothing is found."""
    head = sheet.rows(part.top, min(part.bottom, part.top + header.LOOK), part.left, part.right)
    if source.header == 0:
        return next((n for n, row in enumerate(head) if any(row)), 0), 0
    if source.header is not None:
        index = source.header - 1 - part.top
        if index >= header.LOOK:
            head = sheet.rows(part.top, min(part.bottom, source.header + header.LOOK), part.left, part.right)
        return (index, header.depth(head, index, source.header_rows)) if 0 <= index < len(head) else None
    if (found := header.find(head, wanted)) is None:
        return None
    first = _above(sheet, part, head, found)
    rows = header.depth(head, first, source.header_rows)
    return first, min(MOST, max(rows, found - first + 1)) if source.header_rows is None else rows


def _above(sheet: Sheet, part: Region, head: Sequence[Sequence[str]], index: int) -> int:
    """The first row of the header: rows above it that merge cells over some of its columns, not all, name groups."""
    while index and any(head[index - 1]):
        row = part.top + index - 1
        areas = [a for a in sheet.marks.merged if a[0] <= row <= a[2] and a[3] > a[1]]
        width = part.right - part.left
        names = [cell for cell in head[index - 1] if cell.strip()]
        if not areas or any(a[3] - a[1] + 1 >= width for a in areas) or not all(map(is_name, names)):
            break
        index -= 1
    return index


def _grid(sheet: Sheet, part: Region, source: Source, wanted: Collection[str]) -> Grid | None:
    """One table of a sheet; None where there is no header."""
    found = _header(sheet, part, source, wanted)
    if found is None:
        return None
    index, depth = found
    first = part.top + index + depth
    heads = sheet.rows(part.top + index, first, part.left, part.right)
    cells = header.joined(heads) if heads else [""] * (part.right - part.left)
    names = header.as_mapped(header.unique(cells), wanted)
    kept = [n for n, cell in enumerate(cells) if cell.strip() or sheet.filled[first : part.bottom, part.left + n].any()]
    arrays = [sheet.arrays[part.left + n].slice(first, part.bottom - first) for n in kept]
    table = pa.table(arrays, names=[names[n] for n in kept])
    above = _titles(sheet, part, index)
    seen = Seen(
        format=sheet.format,
        header=tuple(range(first - depth + 1, first + 1)),
        header_cells=tuple(tuple(row[n] for n in kept) for row in heads),
        above=above,
    )
    region = Region(first, part.bottom, part.left, part.right)
    notes = [f"{sheet.file}, sheet {sheet.name}: {note}" for note in _notes(sheet, region, seen, kept, names)]
    lines = pa.array(np.arange(first + 1, part.bottom + 1, dtype=np.int64))
    return Grid(sheet.file, sheet.name, table, lines, notes=tuple(notes), seen=seen)


def _titles(sheet: Sheet, part: Region, index: int) -> tuple[Reject, ...]:
    rows = sheet.rows(part.top, part.top + index, part.left, part.right)
    lines = enumerate(rows, part.top + 1)
    return tuple(line_of(line, row, "a title above the header") for line, row in lines if any(row))


def _notes(sheet: Sheet, region: Region, seen: Seen, kept: Sequence[int], names: Sequence[str]) -> Iterator[str]:
    """What is said of a table: its header, its titles, its cells."""
    if seen.above:
        lines = ", ".join(str(reject.line) for reject in seen.above)
        yield f"the header was found in line {seen.header[0]}; the lines above it were left out ({lines})"
    if len(seen.header) > 1:
        yield f"the header has {len(seen.header)} rows (lines {seen.header[0]}-{seen.header[-1]}), read as one"
    yield from doubts.of_cells(sheet.marks, region)
    count = sheet.filled[region.top : region.bottom].sum(axis=0)
    for n in kept:
        at = region.left + n
        name = names[n] if not names[n].startswith("column ") else letters(at)
        column = sheet.columns[at]
        yield from doubts.of_values(name, column, int(count[at]), region)
