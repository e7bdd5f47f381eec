"""Marks of an xlsb workbook: its records, one after the other ([MS-XLSB] 2.1.4, 2.4)."""

import posixpath
import struct
from collections.abc import Iterator
from typing import Final

from connectors.sources.workbooks.biff import ERRORS, real, rk, shown, styles
from connectors.sources.workbooks.marks import Marks
from connectors.sources.workbooks.package import Package

ROW, BLANK, RK, ERROR, REAL, FORMULA_NUMBER, FORMULA_ERROR = 0, 1, 2, 3, 5, 9, 11
LAST_CELL: Final = 11
FORMAT, XF, COLUMNS, SHEET, MERGED, BEGIN_STYLES, END_STYLES = 44, 47, 60, 156, 176, 617, 618
Record = tuple[int, int, int]
"""Type, and where its data begin and end."""


def records(data: bytes) -> Iterator[Record]:
    """The records of a part; one that is cut off ends them."""
    at, end = 0, len(data)
    while at + 1 < end:
        kind = data[at]
        at += 1
        if kind & 0x80:
            kind = (kind & 0x7F) | (data[at] & 0x7F) << 7
            at += 1
        size = shift = 0
        while at < end:
            byte = data[at]
            at += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80 or shift > 21:
                break
        if at + size > end:
            return
        yield kind, at, at + size
        at += size


def _wide(data: bytes, at: int) -> tuple[str, int]:
    """An XLWideString and where it ends; a null one is empty."""
    (count,) = struct.unpack_from("<I", data, at)
    if count == 0xFFFFFFFF:
        return "", at + 4
    end = at + 4 + 2 * count
    return data[at + 4 : end].decode("utf-16-le", "replace"), end


def parts(package: Package) -> dict[str, str]:
    """The part of each sheet, by the sheet's name."""
    links = package.tree("xl/_rels/workbook.bin.rels")
    targets = {link.get("Id"): link.get("Target", "") for link in links} if links is not None else {}
    data = package.whole("xl/workbook.bin")
    found = {}
    for kind, at, _ in records(data):
        if kind == SHEET:
            link, end = _wide(data, at + 8)
            target = targets.get(link, "")
            part = posixpath.normpath(target.lstrip("/") if target.startswith("/") else f"xl/{target}")
            if part in package.names:
                found[_wide(data, end)[0]] = part
    return found


def shown_styles(package: Package) -> dict[int, str]:
    """The number format of each cell style whose text is not that of the number."""
    data = package.whole("xl/styles.bin")
    codes: dict[int, str] = {}
    used: list[int] = []
    of_cells = False
    for kind, at, _ in records(data):
        if kind == FORMAT:
            codes[struct.unpack_from("<H", data, at)[0]] = _wide(data, at + 2)[0]
        elif kind in {BEGIN_STYLES, END_STYLES}:
            of_cells = kind == BEGIN_STYLES
        elif kind == XF and of_cells:
            used.append(struct.unpack_from("<H", data, at + 2)[0])
    return styles(codes, used)


def marks(package: Package, part: str, known: dict[int, str]) -> Marks:
    """What a sheet's part says. Raises struct.error or IndexError where it is damaged."""
    data = package.whole(part)
    found = Marks()
    row = last = widest = 0
    whole = int.from_bytes
    for kind, at, end in records(data):
        if BLANK < kind <= LAST_CELL:
            column = whole(data[at : at + 4], "little")
            last, widest = row, max(column, widest)
            if kind in {ERROR, FORMULA_ERROR}:
                found.error(row, column, ERRORS.get(data[at + 8], "#ERROR"))
            elif kind in {RK, REAL, FORMULA_NUMBER} and (code := known.get(whole(data[at + 4 : at + 7], "little"))):
                found.text(row, column, shown((rk if kind == RK else real)(data, at + 8), code))
        elif kind == ROW:
            row = whole(data[at : at + 4], "little")
            if data[at + 11] & 0x10:
                found.hidden_rows.append(row)
        elif kind == MERGED:
            first, bottom, left, right = struct.unpack_from("<4I", data, at)
            found.merged.append((first, left, bottom, right))
        elif kind == COLUMNS and end - at >= 18 and data[at + 16] & 1:
            left, right = struct.unpack_from("<2I", data, at)
            found.hidden_columns += range(left, min(right + 1, 1024))
    found.last = (last, widest)
    return found
