"""How far the cells of an xlsx sheet reach, before a reader is asked to hold the rectangle that they span.

A cell may stand far from all others, out of order, or say that it lies beyond the sheet. Cells that do not say where
they are (18.3.1.4: `r` may be left out) are taken to reach to the last column, until every cell is looked at.
"""

import re
from collections.abc import Iterable
from itertools import pairwise

from connectors.sources.workbooks.marks import MOST_CELLS, Cell, number

LAST_ROW, LAST_COLUMN = 1_048_575, 16_383
_ROW = re.compile(rb'row [^>]*?\br="([0-9]+)"')
_ROWS = re.compile(rb"<(?:\w+:)?row\b")
_WIDE = re.compile(rb' r="([A-Za-z]{2,})[0-9]')
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*)>")
_PLACE = re.compile(rb'\br="([A-Za-z]+)([0-9]+)"')


def bound(piece: bytes, before: Cell) -> Cell:
    """The last row and the last column that a cell of a piece may be in, or of those before it."""
    row, column = before
    if last := _ROW.search(piece, max(0, piece.rfind(b"row "))):
        row = max(row, int(last[1]) - 1)
    above = _greater(str(row + 1).encode())
    if re.search(rb' r="(?:[A-Za-z]{2}|[A-Za-z]?(?:' + above + rb"))", piece):
        row = max(row, *(int(n) - 1 for n in re.findall(rb' r="[A-Za-z]*(' + above + rb')"', piece)), 0)
        column = max(column, *(number(name.decode().upper()) for name in set(_WIDE.findall(piece))), 0)
    in_order = all(piece.count(c + b" ") == piece.count(c + b' r="') and c + b">" not in piece for c in (b"<c", b":c"))
    return row, max(column, 25) if in_order else LAST_COLUMN


def _greater(digits: bytes) -> bytes:
    """An expression for whole numbers that are greater than one of these digits."""
    longer = [rb"[1-9][0-9]{%d,}" % len(digits)]
    same = [
        digits[:n] + rb"[%d-9][0-9]{%d}" % (int(digits[n : n + 1]) + 1, len(digits) - n - 1)
        for n in range(len(digits))
        if digits[n : n + 1] != b"9"
    ]
    return b"|".join([*longer, *same])


def is_far(last: Cell) -> bool:
    """Whether a cell lies beyond all sheets, or the rectangle up to it is too large to be held."""
    return last[0] > LAST_ROW or last[1] > LAST_COLUMN or (last[0] + 1) * (last[1] + 1) > MOST_CELLS


def exact(pieces: Iterable[bytes]) -> Cell:
    """The last row and the last column that hold a cell with anything in it."""
    row = column = 0
    for piece in pieces:
        starts = [m.start() for m in _ROWS.finditer(piece)]
        for start, end in pairwise([*starts, len(piece)]):
            said = _ROW.search(piece, start, end)
            row = max(row, int(said[1]) - 1) if said and b"<v" in piece[start:end] else row
            for count, cell in enumerate(_CELL.finditer(piece, start, end)):
                if cell[1].endswith(b"/"):
                    continue
                place = _PLACE.search(cell[1])
                column = max(column, number(place[1].decode().upper()) if place else count)
                row = max(row, int(place[2]) - 1) if place else row
    return row, column
