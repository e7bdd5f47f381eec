"""Sheets that are written as text (web pages, XML of Excel 2003): from their cells to what tables are read from."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from connectors.sources.base import SourceFailed
from connectors.sources.workbooks.cells import columns
from connectors.sources.workbooks.marks import MOST_CELLS, Marks
from connectors.sources.workbooks.sheet import Sheet

MOST_BYTES: Final = 64 << 20
"""Of a file; its tree takes about ten times as much memory."""
MOST_COLUMNS: Final = 16_384
MOST_ROWS: Final = 1_048_576
"""As many as a sheet of Excel may have."""


@dataclass(frozen=True)
class Cells:
    """One sheet: rows of cells from its first row and column on; rows may be shorter than others."""

    name: str
    rows: Sequence[Sequence[Any]]
    marks: Marks = field(default_factory=Marks)
    hidden: bool = False


def sheet(cells: Cells, file: str, form: str) -> Sheet | None:
    """A sheet of text; None where it is empty. Raises SourceFailed where it spans more cells than are held at once."""
    width = max(map(len, cells.rows), default=0)
    if width * len(cells.rows) > MOST_CELLS:
        reason = f"the sheet spans {width * len(cells.rows):,} cells, more than are read at once"
        raise SourceFailed(reason, "Export it as CSV", file=file, sheet=cells.name)
    if not width:
        return None
    made = columns(([*row, *[""] * (width - len(row))] for row in cells.rows), 0, width)
    arrays = [column.array(cells.marks.texts.get(n)) for n, column in enumerate(made)]
    return Sheet(file, cells.name, form, made, arrays, cells.marks)
