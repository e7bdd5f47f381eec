"""Marks of an xls workbook of Excel 5 and later: its records, one after the other ([MS-XLS] 2.3, 2.4).

A damaged one is refused here: a cell or a stream that says it is endless ends the process of its reader.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from connectors.sources.workbooks import compound
from connectors.sources.workbooks.biff import ERRORS, real, rk, shown, styles
from connectors.sources.workbooks.marks import MOST_CELLS, Marks

BOF, EOF, SHEET, FORMAT, XF = 0x809, 0x0A, 0x85, 0x41E, 0xE0
NUMBER, RK, RKS, TRUTH, FORMULA, ROW, MERGED, COLUMNS = 0x203, 0x27E, 0xBD, 0x205, 0x06, 0x208, 0xE5, 0x7D
CELLS: Final = {NUMBER, RK, RKS, TRUTH, FORMULA, 0x204, 0xD6, 0xFD}
EXCEL_95, EXCEL_97 = 0x500, 0x600
DIMENSIONS, STRINGS = 0x200, 0xFC
MOST_COLUMN: Final = 255
MOST_ROWS: Final = 65_536


def marks(path: Path) -> dict[str, Marks]:
    """What each sheet says, by its name. Raises compound.Damaged where the file would lead its reader astray."""
    data = compound.stream(path.read_bytes(), "Workbook", "Book")
    try:
        kind, _, version = struct.unpack_from("<HHH", data)
        if kind != BOF or version not in {EXCEL_95, EXCEL_97}:
            return {}
        sheets, known = _globals(data, is_97=version == EXCEL_97)
        found = {name: _sheet(data, at, known) for name, at in sheets.items()}
    except (struct.error, IndexError) as error:
        raise compound.Damaged("its records do not add up") from error
    if sum((row + 1) * (column + 1) for row, column in (sheet.last for sheet in found.values())) > 2 * MOST_CELLS:
        raise compound.Damaged("its sheets reach too far")
    return found


def _records(data: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """Type, begin and end of the data of each record of a substream."""
    deep = 0
    while at + 4 <= len(data):
        kind, size = struct.unpack_from("<HH", data, at)
        yield kind, at + 4, at + 4 + size
        at += 4 + size
        deep += (kind == BOF) - (kind == EOF)  # a chart within a sheet is a substream of its own
        if kind == EOF and not deep:
            return


def _globals(data: bytes, *, is_97: bool) -> tuple[dict[str, int], dict[int, str]]:
    """Where each sheet begins, and the number format of each style that shows another text."""
    sheets: dict[str, int] = {}
    codes: dict[int, str] = {}
    used: list[int] = []
    for kind, at, _ in _records(data, 0):
        if kind == SHEET:
            name = _text(data, at + 7, data[at + 6]) if is_97 else _bytes(data, at + 7, data[at + 6])
            sheets[name] = struct.unpack_from("<I", data, at)[0]
        elif kind == FORMAT:
            (number,) = struct.unpack_from("<H", data, at)
            codes[number] = (
                _text(data, at + 4, struct.unpack_from("<H", data, at + 2)[0])
                if is_97
                else _bytes(data, at + 3, data[at + 2])
            )
        elif kind == STRINGS and struct.unpack_from("<I", data, at + 4)[0] > len(data):
            raise compound.Damaged("more texts than the file has bytes")
        elif kind == XF:
            used.append(struct.unpack_from("<H", data, at + 2)[0])
    return sheets, styles(codes, used)


def _text(data: bytes, at: int, count: int) -> str:
    """A string whose first byte says whether its characters have one byte or two."""
    if data[at] & 1:
        return data[at + 1 : at + 1 + 2 * count].decode("utf-16-le", "replace")
    return _bytes(data, at + 1, count)


def _bytes(data: bytes, at: int, count: int) -> str:
    return data[at : at + count].decode("latin-1")


def _sheet(data: bytes, start: int, known: dict[int, str]) -> Marks:
    found = Marks()
    last = widest = 0
    for kind, at, end in _records(data, start):
        if kind in CELLS:
            row, column = struct.unpack_from("<HH", data, at)
            last, widest = max(row, last), max(column, widest)
            if widest > MOST_COLUMN:
                raise compound.Damaged("a cell beyond the last column")
        elif kind == DIMENSIONS:
            top, bottom, left, right = struct.unpack_from("<HHHH" if end - at == 10 else "<IIHH", data, at)
            if not (top <= bottom <= MOST_ROWS and left <= right <= MOST_COLUMN + 1):  # its reader makes room for all
                raise compound.Damaged("a sheet larger than a sheet can be")
        if kind in {NUMBER, RK, FORMULA, TRUTH}:
            _cell(data, kind, at, known, found)
        elif kind == RKS:
            row, column = struct.unpack_from("<HH", data, at)
            widest = max(widest, column + (end - at) // 6 - 1)
            for n, here in enumerate(range(at + 4, end - 2, 6)):
                if code := known.get(struct.unpack_from("<H", data, here)[0]):
                    found.text(row, column + n, shown(rk(data, here + 2), code))
        elif kind == ROW and data[at + 12] & 0x20:
            found.hidden_rows.append(struct.unpack_from("<H", data, at)[0])
        elif kind == COLUMNS and data[at + 8] & 1:
            left, right = struct.unpack_from("<HH", data, at)
            found.hidden_columns += range(left, min(right, 255) + 1)
        elif kind == MERGED:
            for here in range(at + 2, end - 7, 8):
                top, bottom, left, right = struct.unpack_from("<4H", data, here)
                found.merged.append((top, left, bottom, right))
    found.last = (last, widest)
    return found


def _cell(data: bytes, kind: int, at: int, known: dict[int, str], found: Marks) -> None:
    """One cell that holds a number, a truth value or an error, or a formula with its value."""
    row, column, style = struct.unpack_from("<HHH", data, at)
    if kind == TRUTH:
        if data[at + 7]:
            found.error(row, column, ERRORS.get(data[at + 6], "#ERROR"))
    elif kind == FORMULA and data[at + 12 : at + 14] == b"\xff\xff":  # its value is no number
        if data[at + 6] == 2:
            found.error(row, column, ERRORS.get(data[at + 8], "#ERROR"))
    elif code := known.get(style):
        found.text(row, column, shown(rk(data, at + 6) if kind == RK else real(data, at + 6), code))
