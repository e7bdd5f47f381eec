"""Headers that come again among the rows, as every page of a printed report begins with one, and their titles."""

import re
from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from connectors.sources.base import Grid
from connectors.sources.tables.header_rows import plain

Line: TypeAlias = tuple[int, list[str | None]]
"""A line number and its cells."""
TITLES: Final = 5
"""Lines above a repeated header that may be its titles."""


def without(table: pa.Table, lines: pa.Array, grid: Grid) -> tuple[pa.Table, pa.Array, list[Line], list[str]]:
    """The rows that are neither a header again nor its title; the titles, and what is said.

    Case and blanks do not count: a page may spell its header another way.
    """
    again = _headers(table, grid)
    if not len(again):
        return table, lines, [], []
    titles = _titles(table, again, grid)
    said = [
        f"{grid.place}: the header stands {_times(len(again))} more among the rows; "
        f"{'that line was' if len(again) == 1 else 'those lines were'} left out ({_at(lines, again)})"
    ]
    if len(titles):
        said.append(f"{grid.place}: titles that come again above it were left out ({_at(lines, titles)})")
    keep = np.ones(len(table), bool)
    keep[again] = keep[titles] = False
    kept = pa.array(keep)
    found = [(lines[int(n)].as_py(), _cells(table, int(n))) for n in titles]
    return table.filter(kept), lines.filter(kept), found, said


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _at(lines: pa.Array, rows: npt.NDArray[np.int64]) -> str:
    shown = ", ".join(str(lines[int(n)].as_py()) for n in rows[:5])
    return f"line{'s' * (len(rows) > 1)} {shown}{' …' * (len(rows) > 5)}"


def _heads(grid: Grid) -> list[list[str]]:
    """The header as it stands, row by row, or the names of the columns where no more is known."""
    if grid.seen.header_cells:
        rows = [[plain(cell) for cell in row] for row in grid.seen.header_cells]
        return [row for row in rows if len(row) == grid.table.num_columns]
    if grid.seen.header or not grid.seen.format:
        return [["" if n.startswith("column ") else plain(_unnumbered(n)) for n in grid.table.column_names]]
    return []


def _unnumbered(name: str) -> str:
    return re.sub(r" \(\d+\)$", "", name)


def _headers(table: pa.Table, grid: Grid) -> npt.NDArray[np.int64]:
    """Rows whose cells are those of a header row, column by column."""
    found: set[int] = set()
    for head in _heads(grid):
        at = next((n for n, cell in enumerate(head) if cell), None)
        if at is None:
            continue
        folded = pc.utf8_lower(pc.utf8_trim_whitespace(table.column(at)))
        rows = np.flatnonzero(pc.fill_null(pc.equal(folded, head[at].lower()), False).to_numpy(zero_copy_only=False))
        found |= {int(n) for n in rows if [plain(cell or "") for cell in _cells(table, int(n))] == head}
    return np.array(sorted(found), np.int64)


def _cells(table: pa.Table, row: int) -> list[str | None]:
    return [column[row].as_py() for column in table.columns]


def _titles(table: pa.Table, again: npt.NDArray[np.int64], grid: Grid) -> npt.NDArray[np.int64]:
    """Rows right above a repeated header that say what a title above the first one says, numbers aside."""
    known = {_words([reject.content]) for reject in grid.seen.above}
    found = []
    for row in map(int, again) if known else ():
        for at in range(row - 1, max(-1, row - 1 - TITLES), -1):
            if _words(_cells(table, at)) not in known:
                break
            found.append(at)
    return np.array(sorted(found), np.int64)


def _words(cells: Sequence[str | None]) -> str:
    """The letters and marks of a line, without numbers, quotes and empty cells."""
    return plain(" ".join(re.findall(r"[^\W\d_]+", " ".join(cell or "" for cell in cells))))
