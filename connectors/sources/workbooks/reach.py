"""How far the cells of an xlsx sheet reach, before a reader is asked to hold the rectangle that they span.

A cell may stand far from all others, out of order, or say that it lies beyond the sheet. Cells and rows need not say
where they are (18.3.1.4, 18.3.1.73: `r` may be left out), and may say it in other bytes than everybody's (single
quotes, a line break). Where all of a piece is as everybody writes it, a few searches tell the furthest; else each tag
is read.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from connectors.sources.workbooks.marks import MOST_CELLS, Cell, number

LAST_ROW, LAST_COLUMN = 1_048_575, 16_383
ANYWHERE: Final[Cell] = (LAST_ROW, LAST_COLUMN)
_ROW: Final = re.compile(rb'row [^>]*?\br="([0-9]+)"')
_WIDE: Final = re.compile(rb' r="([A-Za-z]{2,})[0-9]')
_UNUSUAL: Final = [
    re.compile(begins + rest)
    for begins in (b"<", b":") for rest in (rb'c(?! r=")[\s/>]', rb'row(?![^>]* r=")[\s/>]')
]  # fmt: skip
"""Cells that do not begin with where they are, and rows that do not say it."""
_VALUE: Final = rb"(?:\"[^\"]*\"|'[^']*')"
_TAG: Final = re.compile(rb"<(/?)(?:[^\s<>/:]+:)?(row|c|v|is|f)((?:[\s/](?:" + _VALUE + rb"|[^>\"'])*)?)>")
_PLACE: Final = re.compile(rb"(?:\s+[^\s=]+\s*=\s*" + _VALUE + rb")*?\s+r\s*=\s*[\"']([A-Za-z]*)([0-9]+)[\"']")


def bound(piece: bytes, before: Cell) -> Cell:
    """The last row and the last column that a cell of a piece may be in, or of those before it."""
    if before == ANYWHERE or any(unusual.search(piece) for unusual in _UNUSUAL):
        return ANYWHERE
    row, column = before
    if last := _ROW.search(piece, max(0, piece.rfind(b"row "))):
        row = max(row, int(last[1]) - 1)
    above = _greater(str(row + 1).encode())
    if re.search(rb' r="(?:[A-Za-z]{2}|[A-Za-z]?(?:' + above + rb"))", piece):
        row = max(row, *(int(n) - 1 for n in re.findall(rb' r="[A-Za-z]*(' + above + rb')"', piece)), 0)
        column = max(column, *(number(name.decode().upper()) for name in set(_WIDE.findall(piece))), 0)
    return row, max(column, 25)


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
    """The last row and the last column that hold a cell with anything in it, counted as the reader counts them."""
    last, cell = (0, 0), (0, 0)
    row = column = 0
    for ends, name, said in _tags(pieces):
        if name == b"row" and not ends:
            place = _PLACE.match(said)
            row, column = int(place[2]) - 1 if place else row, 0
        elif name == b"c" and not ends:
            place = _PLACE.match(said)
            cell = (int(place[2]) - 1, number(place[1].decode().upper())) if place else (row, column)
            column = cell[1] + 1
        elif not ends:
            last = max(last[0], cell[0]), max(last[1], cell[1])
        if name == b"row" and (ends or said.endswith(b"/")):
            row += 1
    return last


def _tags(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Whether it ends an element, its name and its attributes, of each tag that tells of cells, in a piece or two."""
    rest = b""
    for piece in pieces:
        text = rest + piece
        cut = max(0, text.rfind(b"<"))
        yield from _TAG.findall(text[:cut])
        rest = text[cut:]
    yield from _TAG.findall(rest)
