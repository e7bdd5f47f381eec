"""Workbooks of Excel 2003 in XML (SpreadsheetML, "XML Spreadsheet Reference", Microsoft 2001), mostly named `.xls`."""

import datetime as dt
import re
from pathlib import Path
from typing import Any, Final

from lxml import etree

from connectors.sources.base import SourceFailed
from connectors.sources.workbooks import formats
from connectors.sources.workbooks.marks import Marks
from connectors.sources.workbooks.plain import MOST_BYTES, MOST_COLUMNS, MOST_ROWS, Cells

_SS: Final = "{urn:schemas-microsoft-com:office:spreadsheet}"
_HIDDEN: Final = "{urn:schemas-microsoft-com:office:excel}Visible"
_DOCTYPE: Final = re.compile(rb"<!\0?(?:D\0?O\0?C\0?T\0?Y\0?P\0?E|E\0?N\0?T\0?I\0?T\0?Y)", re.IGNORECASE)


def sheets(path: Path, name: str) -> list[Cells]:
    """Its sheets. Raises SourceFailed where it is damaged, too large, or declares entities."""
    data = path.read_bytes()
    if len(data) > MOST_BYTES:
        reason = f"the workbook is larger than {MOST_BYTES >> 20} MB"
        raise SourceFailed(reason, "Open it and save it as xlsx", file=name)
    if _DOCTYPE.search(data):
        reason = "the workbook declares XML entities, which no office program does; it was refused"
        raise SourceFailed(reason, "Ask its sender for a plain export", file=name)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        book = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        reason = "the workbook is truncated or damaged"
        raise SourceFailed(
            reason, "Open it, save it again, or export it anew", file=name, line=error.lineno or 0
        ) from error
    codes = {
        style.get(f"{_SS}ID", ""): code
        for style in book.iter(f"{_SS}Style")
        for number in style.iterchildren(f"{_SS}NumberFormat")
        if formats.is_shown(code := number.get(f"{_SS}Format", ""))
    }
    return [_sheet(one, codes, name) for one in book.iterchildren(f"{_SS}Worksheet")]


def _sheet(sheet: etree._Element, codes: dict[str, str], file: str) -> Cells:
    title, marks = sheet.get(f"{_SS}Name", ""), Marks()
    rows: list[list[Any]] = []
    for row in sheet.iterfind(f"{_SS}Table/{_SS}Row"):
        rows += [[]] * (_at(row, len(rows), MOST_ROWS, file) - len(rows))
        rows.append(_row(row, len(rows), codes, marks, file))
    hidden = next(sheet.iter(_HIDDEN), None)
    return Cells(title, rows, marks, hidden is not None and (hidden.text or "").strip() != "SheetVisible")


def _row(row: etree._Element, number: int, codes: dict[str, str], marks: Marks, file: str) -> list[Any]:
    cells: list[Any] = []
    for cell in row.iterchildren(f"{_SS}Cell"):
        cells += [""] * (_at(cell, len(cells), MOST_COLUMNS, file) - len(cells))
        data = cell.find(f"{_SS}Data")
        code = codes.get(cell.get(f"{_SS}StyleID", ""))
        if data is not None and code and data.get(f"{_SS}Type") == "Number":
            marks.text(number, len(cells), formats.shown((data.text or "").strip(), code))
        more = _whole(cell.get(f"{_SS}MergeAcross"), MOST_COLUMNS - len(cells) - 1)
        if more:
            marks.merged.append((number, len(cells), number, len(cells) + more))
        cells += [_value(data), *[""] * more]
    return cells


def _at(element: etree._Element, usual: int, most: int, file: str) -> int:
    """Where a row or a cell stands, from 0: after the one before, or where it says."""
    at = _whole(element.get(f"{_SS}Index"), most + 1) - 1
    if max(at, usual) >= most:
        raise SourceFailed("a cell stands beyond the end of a sheet", "Open it and save it as xlsx", file=file)
    return max(at, usual)


def _whole(text: str | None, most: int) -> int:
    return min(most, int(text)) if text and text.isdecimal() and len(text) < 9 else 0


def _value(data: etree._Element | None) -> Any:
    """A cell as its type says; text where its value is not of that type."""
    if data is None:
        return ""
    text, kind = "".join(map(str, data.itertext())), data.get(f"{_SS}Type")
    try:
        if kind == "Number":
            return float(text)
        if kind == "DateTime":
            return dt.datetime.fromisoformat(text.strip())
    except ValueError:
        return text
    return text.strip() == "1" if kind == "Boolean" else text
