"""Cells as the text they stand for, column by column, and where in a column the odd ones are."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

BATCH: Final = 20_000
"""Rows that are held as cells at a time."""
LONG: Final = 1e15
"""Whole numbers from here on have more digits than a workbook keeps (15)."""
LONGEST: Final = 1e40
"""From here on a number is no code that somebody typed."""
DATES: Final = (dt.date, dt.datetime)


def text(cell: Any) -> str:
    """A cell as text: `123` for 123.0, `2020-01-02` for a date, `TRUE` for a truth value, `36:10:00` for a duration."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if abs(cell) < LONG and cell.is_integer() else _long(cell)
    if isinstance(cell, dt.datetime):
        midnight = not (cell.hour or cell.minute or cell.second or cell.microsecond)
        return cell.date().isoformat() if midnight else cell.isoformat(sep=" ")
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    if isinstance(cell, dt.timedelta):
        seconds = round(abs(cell).total_seconds())
        return f"{'-' * (cell < dt.timedelta(0))}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return str(cell)


def _long(cell: float) -> str:
    """A fraction in full; a long number in digits, those that the workbook kept and zeros."""
    if not LONG <= abs(cell) < LONGEST:
        return repr(cell)
    return format(Decimal(repr(cell)).to_integral_value(), "f")


@dataclass
class Column:
    """One column of a sheet."""

    chunks: list[pa.Array] = field(default_factory=list)
    dates: list[int] = field(default_factory=list)
    """Rows (from 0) that are dates by their format."""
    numbers: list[int] = field(default_factory=list)
    """Rows that are numbers or times."""
    long: list[int] = field(default_factory=list)
    """Rows that are numbers of more digits than a workbook keeps."""

    def add(self, cells: Sequence[Any], start: int) -> None:
        """Take the next cells, which begin at row `start`."""
        try:
            self.chunks.append(pa.array(cells, pa.string()))  # all text: nothing to do
            return
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            self.chunks.append(pa.array([c if c.__class__ is str else text(c) for c in cells], pa.string()))
        kinds = set(map(type, cells)) - {str, bool}
        if kinds & {*DATES}:
            self.dates += [n for n, c in enumerate(cells, start) if c.__class__ in DATES]
        if kinds & {float, int, dt.time, dt.timedelta}:
            self.numbers += [n for n, c in enumerate(cells, start) if c.__class__ in _NUMBERS]
        if kinds & {float, int}:
            self.long += [n for n, c in enumerate(cells, start) if c.__class__ in _FIGURES and abs(c) >= LONG]

    def array(self, texts: dict[int, str] | None) -> pa.ChunkedArray:
        """All its cells as text; `texts` are those that are shown otherwise, by row of the sheet."""
        found = pa.chunked_array(self.chunks, pa.string())
        if not texts:
            return found
        rows = np.fromiter(texts, np.int64, len(texts))
        inside = rows < len(found)
        mask = np.zeros(len(found), bool)
        mask[rows[inside]] = True
        by_row = np.argsort(rows[inside], kind="stable")
        shown = pa.array(list(texts.values()), pa.string()).filter(pa.array(inside)).take(pa.array(by_row))
        return pa.chunked_array([pc.replace_with_mask(found.combine_chunks(), pa.array(mask), shown)])


_FIGURES: Final = (float, int)
_NUMBERS: Final = (float, int, dt.time, dt.timedelta)


def columns(rows: Iterable[Sequence[Any]], left: int, right: int) -> list[Column]:
    """The columns of a sheet, whose rows are given without the empty columns to their left."""
    made = [Column() for _ in range(left, right)]
    batch: list[Sequence[Any]] = []
    start = 0
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            _add(made, batch, start)
            start += len(batch)
            batch.clear()
    _add(made, batch, start)
    blank = pa.repeat(pa.scalar(""), start + len(batch))
    return [*(Column([blank]) for _ in range(left)), *made]


def _add(made: list[Column], batch: Sequence[Sequence[Any]], start: int) -> None:
    for column, cells in zip(made, zip(*batch, strict=True), strict=False):
        column.add(cells, start)


def filled(arrays: Sequence[pa.ChunkedArray]) -> npt.NDArray[np.bool_]:
    """Which cells hold any text: rows x columns."""
    if not arrays:
        return np.zeros((0, 0), bool)
    return np.column_stack([pc.not_equal(array, "").to_numpy(zero_copy_only=False) for array in arrays])
