"""Writers of one small table as xlsx, xls, xlsb and ods, for the tests: the same cells, the same formats."""

import datetime as dt
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape, quoteattr

import xlsxwriter
import xlwt

from tests.tools.biff12 import save_xlsb

DAY_ZERO: Final = dt.datetime(1899, 12, 30)


@dataclass(frozen=True)
class Cell:
    """A number with its format, an error, or a formula whose value was not kept."""

    number: float = 0.0
    code: str = ""
    error: str = ""
    uncached: bool = False


Value = str | float | bool | dt.date | Cell | None
Rows = Sequence[Sequence[Value]]


@dataclass
class Book:
    """Sheets by name, and the areas that are merged on each: first row, first column, last row, last column."""

    sheets: Mapping[str, Rows]
    merged: Mapping[str, Sequence[tuple[int, int, int, int]]] = field(default_factory=dict)
    hidden: Sequence[str] = ()
    hidden_rows: Mapping[str, Sequence[int]] = field(default_factory=dict)
    date1904: bool = False


def save_xlsx(book: Book, path: Path) -> None:
    with xlsxwriter.Workbook(path, {"date_1904": book.date1904}) as made:
        day = made.add_format({"num_format": "dd/mm/yyyy"})
        for name, rows in book.sheets.items():
            sheet = made.add_worksheet(name)
            if name in book.hidden:
                sheet.hide()
            for top, left, bottom, right in book.merged.get(name, ()):
                sheet.merge_range(top, left, bottom, right, "")
            for row in book.hidden_rows.get(name, ()):
                sheet.set_row(row, None, None, {"hidden": True})
            for r, row in enumerate(rows):
                for c, value in enumerate(row):
                    _write(sheet, r, c, value, made, day)


def _write(sheet: object, r: int, c: int, value: Value, made: xlsxwriter.Workbook, day: object) -> None:
    match value:
        case Cell(uncached=True):
            sheet.write_formula(r, c, "=1+1", None, "")
        case Cell(error=str(error)) if error:
            sheet.write_formula(r, c, "=1/0", None, error)
        case Cell():
            sheet.write_number(r, c, value.number, made.add_format({"num_format": value.code}))
        case bool():
            sheet.write_boolean(r, c, value)
        case dt.date():
            sheet.write_datetime(r, c, value, day)
        case float() | int():
            sheet.write_number(r, c, value)
        case str() if value:
            sheet.write_string(r, c, value)


def save_xls(book: Book, path: Path) -> None:
    made = xlwt.Workbook()
    made.dates_1904 = book.date1904
    for name, rows in book.sheets.items():
        sheet = made.add_sheet(name)
        sheet.visibility = int(name in book.hidden)
        for top, left, bottom, right in book.merged.get(name, ()):
            sheet.merge(top, bottom, left, right)
        for row in book.hidden_rows.get(name, ()):
            sheet.row(row).hidden = True
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                if isinstance(value, Cell):
                    _write_old(sheet, r, c, value)
                elif isinstance(value, dt.date):
                    sheet.write(r, c, value, xlwt.easyxf(num_format_str="DD/MM/YYYY"))
                elif value not in {None, ""}:
                    sheet.write(r, c, value)
    made.save(str(path))


def _write_old(sheet: xlwt.Worksheet, r: int, c: int, value: Cell) -> None:
    codes = {"#REF!": 0x17, "#N/A": 0x2A, "#DIV/0!": 0x07}
    if value.error:
        sheet.row(r).set_cell_error(c, codes[value.error])
    else:
        sheet.write(r, c, value.number, xlwt.easyxf(num_format_str=value.code))


def save_ods(book: Book, path: Path) -> None:
    sheets = "".join(_ods_sheet(book, name, rows) for name, rows in book.sheets.items())
    styles = (
        '<office:automatic-styles><style:style style:name="off" style:family="table"><style:table-properties '
        'table:display="false"/></style:style></office:automatic-styles>'
    )
    names = "".join(f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in _ODF)
    calc = ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{names}{calc} office:version="1.3">'
        f"{styles}<office:body><office:spreadsheet>{sheets}</office:spreadsheet></office:body></office:document-content>"
    )
    save_ods_content(content, path)


def save_ods_content(content: str, path: Path) -> None:
    """An ods of a given content.xml."""
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", kind, zipfile.ZIP_STORED)
        archive.writestr("content.xml", content)
        archive.writestr(
            "META-INF/manifest.xml",
            f'<m:manifest xmlns:m="{manifest}"><m:file-entry m:full-path="/" m:media-type="{kind}"/></m:manifest>',
        )


_ODF: Final = ("office", "text", "table", "style")


def _ods_sheet(book: Book, name: str, rows: Rows) -> str:
    areas = {area[:2]: area for area in book.merged.get(name, ())}
    lines = []
    for r, row in enumerate(rows):
        hidden = ' table:visibility="filter"' if r in book.hidden_rows.get(name, ()) else ""
        cells = "".join(_ods_cell(value, areas.get((r, c))) for c, value in enumerate(row))
        lines.append(f"<table:table-row{hidden}>{cells}</table:table-row>")
    style = ' table:style-name="off"' if name in book.hidden else ""
    return f"<table:table table:name={quoteattr(name)}{style}>{''.join(lines)}</table:table>"


def _ods_cell(value: Value, area: tuple[int, int, int, int] | None) -> str:
    kind, shown = _ods_value(value)
    if area:
        kind += f' table:number-columns-spanned="{area[3] - area[1] + 1}"'
        kind += f' table:number-rows-spanned="{area[2] - area[0] + 1}"'
    paragraph = f"<text:p>{escape(shown)}</text:p>" if shown else ""
    return f"<table:table-cell{kind}>{paragraph}</table:table-cell>"


def _ods_value(value: Value) -> tuple[str, str]:
    """Attributes and shown text, as LibreOffice writes them."""
    match value:
        case Cell(uncached=True):
            return ' table:formula="of:=1+1"', ""
        case Cell(error=str(error)) if error:
            return ' table:formula="of:=1/0" office:value-type="string" calcext:value-type="error"', error
        case Cell(code=code) if "%" in code:
            decimals = len(code.partition(".")[2].rstrip("%"))
            shown = f"{value.number * 100:.{decimals}f}%"
            return f' office:value-type="percentage" office:value="{value.number!r}"', shown
        case Cell():
            shown = f"{int(value.number):0{value.code.count('0')}d}"
            return f' office:value-type="float" office:value="{int(value.number)}"', shown
        case bool():
            return f' office:value-type="boolean" office:boolean-value="{str(value).lower()}"', str(value).upper()
        case dt.date():
            return f' office:value-type="date" office:date-value="{value.isoformat()}"', f"{value:%d/%m/%Y}"
        case float() | int():
            return f' office:value-type="float" office:value="{value!r}"', f"{value}"
        case str() if value:
            return ' office:value-type="string"', value
    return "", ""


WRITERS: Final[dict[str, Callable[[Book, Path], None]]] = {
    "xlsx": save_xlsx,
    "xls": save_xls,
    "xlsb": lambda book, path: save_xlsb(book.sheets, book.merged, path),
    "ods": save_ods,
}
