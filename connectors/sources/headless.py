"""Whether the header that was found is one: where a row is taken for the header, records are lost."""

from collections.abc import Callable
from math import inf
from typing import Final

import pyarrow as pa

from connectors.sources.base import Grid
from rules import column_values as look
from rules.column_names import known_header

_KINDS: Final[tuple[Callable[[str], bool], ...]] = (
    look.is_email, look.is_iban, look.is_date, look.is_written_phone, lambda v: v.isdigit() and len(v) >= 5,
)  # fmt: skip
"""What stands in a row and never in a header."""
ALIKE: Final = 0.8
"""Share of a column that is of the kind of its first cell."""


def first_line(grid: Grid) -> float:
    """The line of its first row; infinite where it has none."""
    return float(grid.lines[0].as_py()) if len(grid.lines) else inf


def likelier(found: Grid, first: Grid | None) -> Grid:
    """The table under the header that was found, or the one under the `first` line, where that is no title.

    A title fills few cells, and knows fewer names of columns than the header below it.
    """
    if first is None or first_line(found) <= first_line(first):
        return found
    names = first.table.column_names
    named = sum(name != f"column {n}" for n, name in enumerate(names, 1))
    known = [sum(map(known_header, grid.table.column_names)) for grid in (found, first)]
    return first if 2 * named >= len(names) and known[1] >= known[0] else found


def with_header(grid: Grid) -> Grid:
    """The grid; where its header is a row like the others, that row back in its place and numbered column names."""
    names = grid.table.column_names
    lines = grid.lines.to_pylist()
    if not lines or lines[0] < 2 or any(map(known_header, names)) or not _is_row(grid.table):
        return grid
    first = [None if name == f"column {n}" else name for n, name in enumerate(names, 1)]
    numbered = [f"column {n}" for n in range(1, len(names) + 1)]
    top = pa.table([pa.array([cell], pa.string()) for cell in first], names=numbered)
    table = pa.concat_tables([top, grid.table.rename_columns(numbered)])
    note = f"{grid.place}: there is no header; the first line is a row like the others, and columns go by numbers"
    return Grid(grid.file, grid.sheet, table, pa.array([lines[0] - 1, *lines]), grid.rejects, (*grid.notes, note))


def _is_row(table: pa.Table) -> bool:
    """Whether some header is a value that only rows hold, and every such one is of its column's kind."""
    told = [
        look.look(table[name]).share(kind) >= ALIKE
        for name in table.column_names
        for kind in _KINDS[: None if table.num_rows else 0]
        if kind(name)
    ]
    return bool(told) and all(told)
