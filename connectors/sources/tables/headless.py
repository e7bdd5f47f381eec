"""Whether the header that was found is one: where a row is taken for the header, records are lost."""

import re
from collections.abc import Callable
from dataclasses import replace
from math import inf
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from connectors.sources.base import Grid
from rules import column_values as look
from rules.column_names import known_header

_KINDS: Final[tuple[Callable[[str], bool], ...]] = (
    look.is_email, look.is_iban, look.is_date, look.is_written_phone, lambda v: v.isdigit() and len(v) >= 5,
)  # fmt: skip
"""What stands in a row and never in a header."""
LOOKED: Final = 1000
"""Rows that are looked at."""
_CONTACT: Final = r"\d(?:[ .()-]{0,2}\d){6,}|\S@\S+\.\w"
"""A number that may be called, or an e-mail address, among other words."""
_YEAR: Final = re.compile(r"\b(?:19|20)\d\d\b")
_NAMES: Final = r"^\p{Lu}[\p{L}'’.-]*(?: \p{Lu}[\p{L}'’.-]*)+$"
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
    names, known = grid.table.column_names, grid.seen
    line = known.header[0] if known.header else first_line(grid) - 1
    if len(known.header) > 1 or (known.format and not known.header) or not 0 < line < inf:
        return grid
    if any(map(known_header, names)):
        return grid
    if not _is_row(grid.table):
        return replace(grid, notes=(*grid.notes, _doubt(grid, int(line)))) if _like_names(grid.table) else grid
    numbered = [f"column {n}" for n in range(1, len(names) + 1)]
    top = pa.table([pa.array([cell or None], pa.string()) for cell in _as_it_stands(grid)], names=numbered)
    table = pa.concat_tables([top, grid.table.rename_columns(numbered)])
    note = f"{grid.place}: there is no header; the first line is a row like the others, and columns go by numbers"
    lines = pa.concat_arrays([pa.array([int(line)], pa.int64()), _whole(grid.lines)])
    seen = replace(known, header=(), header_cells=())
    return replace(grid, table=table, lines=lines, notes=(*grid.notes, note), seen=seen)


def _as_it_stands(grid: Grid) -> list[str]:
    """The cells of the header; where they are not known, the names of the columns but for what numbers them."""
    names = grid.table.column_names
    if grid.seen.header_cells and len(grid.seen.header_cells[0]) == len(names):
        return list(grid.seen.header_cells[0])
    return ["" if name == f"column {n}" else name for n, name in enumerate(names, 1)]


def _whole(lines: pa.Array | pa.ChunkedArray) -> pa.Array:
    return lines.combine_chunks() if isinstance(lines, pa.ChunkedArray) else lines


def _is_row(table: pa.Table) -> bool:
    """Whether some header is a value that only rows hold, and every such one is of its column's kind."""
    if any(_holds(name, table[name]) for name in table.column_names):
        return True
    told = [
        look.look(table[name]).share(kind) >= ALIKE
        for name in table.column_names
        for kind in _KINDS[: None if table.num_rows else 0]
        if kind(name)
    ]
    return bool(told) and all(told)


def _holds(name: str, column: pa.ChunkedArray) -> bool:
    """Whether a telephone number or an address stands among the words of the header, as it does in the rows."""
    return re.search(_CONTACT, name) is not None and not _YEAR.search(name) and _share(_CONTACT, column) >= ALIKE


def _like_names(table: pa.Table) -> bool:
    """Whether some header is two capitalised words or more, as nearly all its rows are: `Anna Berg` over `Per Dahl`."""
    columns = zip(table.column_names, table.columns, strict=True)
    return any(
        _share(_NAMES, pa.array([name, name])) == 1 and _share(_NAMES, column) >= ALIKE for name, column in columns
    )


def _share(pattern: str, column: pa.ChunkedArray | pa.Array) -> float:
    """Share of the filled cells that match; 0 where there are fewer than two."""
    head = column.slice(0, LOOKED)
    found = pc.match_substring_regex(head.filter(pc.not_equal(head, "")), pattern)
    return float(pc.mean(found).as_py()) if len(found) > 1 else 0.0


def _doubt(grid: Grid, line: int) -> str:
    return (
        f"{grid.place}: line {line} was taken for the header, though no name in it is known; "
        "if it is a row like the others, set `header: 0` (--no-header)"
    )
