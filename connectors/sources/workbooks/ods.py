"""Marks of an ods workbook: a scan over content.xml (OpenDocument 1.3 part 3, 9.1), one pass for all its sheets.

Rows that hold nothing but text and plain numbers are only counted; the others are walked cell by cell, for a cell's
place is known only by counting those before it.
"""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from html import unescape
from itertools import chain, pairwise, product
from typing import Final
from xml.parsers import expat

from connectors.sources.base import SourceFailed
from connectors.sources.workbooks.formats import percent
from connectors.sources.workbooks.marks import Marks
from connectors.sources.workbooks.package import Package
from connectors.sources.workbooks.reach import is_far

CONTENT = "content.xml"
_TABLE = re.compile(rb"<table:table (?=[^>]*table:name=)|<table:table-row")
_NAME = re.compile(rb'table:name="([^"]*)"')
_RARE = (b'"percentage"', b'value-type="error"', b'value-type="time"', b"table:formula=", b"-spanned=")
_ZERO = re.compile(rb'value-type="float"[^>]*>\s*<text:p>[^<0-9]*0[0-9]')
_SPECIAL = re.compile(
    rb"<table:(?:covered-)?table-cell(?=[^>]*(?:"
    rb'"percentage"|value-type="(?:error|time)"|table:formula=|-spanned=|'
    rb'value-type="float"[^>]*>\s*<text:p>[^<0-9]*0[0-9]))([^>]*)>'
)
_REPEATED = re.compile(rb'columns-repeated="([0-9]+)"')
_CELLS = (b"<table:table-cell", b"<table:covered-table-cell")
_NOTE = re.compile(rb"<office:annotation.*?</office:annotation>", re.DOTALL)
_SHOWN = re.compile(rb"<text:p(?: [^>]*)?>(.*?)</text:p>", re.DOTALL)
_TAG = re.compile(rb"<[^>]*>")
_COLUMN = re.compile(rb"<table:table-column([^>]*)/?>")
_HIDDEN = re.compile(rb'table:visibility="(?:collapse|filter)"')
_ATTRIBUTE = re.compile(rb'([\w:-]+)="([^"]*)"')
_BLANKS = re.compile(rb'text:c="([0-9]+)"')
_AGAIN = re.compile(rb'columns-repeated="([0-9]+)"(?:[^>]*[^/>])?>((?:[^<]++|<(?!/table:))*+)')
MOST_TEXT: Final = 256 << 20
"""Bytes of text that a sheet may unpack to by its signs of repetition; its reader holds every cell by itself."""
_TIME = re.compile(r"(-?)PT(\d+)H(\d+)M(\d+)(?:[.,](\d+))?S")


def marks(package: Package) -> dict[str, Marks]:
    """What each sheet says, by its name. Raises SourceFailed where the part is damaged."""
    found: dict[str, Marks] = {}
    sheet, row, size = Marks(), 0, 0
    for part, is_rare in _parts(package):
        if part.startswith(b"<table:table-row"):
            count = _row(part, row, sheet, is_rare)
            row, size = row + count, size + _size(part, count)
            if size > MOST_TEXT and not is_far(sheet.last):  # which has words of its own
                raise _bomb(package, row)
        elif name := _NAME.search(part):
            sheet, row = found.setdefault(unescape(name[1].decode(errors="replace")), Marks()), 0
            _columns(part, sheet)
    return found


def _parts(package: Package) -> Iterator[tuple[bytes, bool]]:
    """Every row and every head of a table, whole, and whether something rare is near it."""
    rest = b""
    for piece in chain(_well_formed(package), (b"",)):
        text = rest + piece
        starts = [m.start() for m in _TABLE.finditer(text)]
        if piece and len(starts) < 2:
            rest = text
            continue
        is_rare = any(word in text for word in _RARE) or bool(_ZERO.search(text)) or b"ed=" in text
        for start, end in pairwise(starts):
            yield text[start:end], is_rare
        rest = text[starts[-1] :] if starts else b""
    if rest:
        yield rest, True


def _well_formed(package: Package) -> Iterator[bytes]:
    """The sheets' part in pieces. Raises SourceFailed where a tag is not closed: its reader looks for it for ever."""
    parser = expat.ParserCreate()
    try:
        for piece in package.pieces(CONTENT):
            parser.Parse(piece, False)
            yield piece
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise package.damaged(CONTENT) from error


def _size(part: bytes, repeat: int) -> int:
    """The bytes of text that a row unpacks to beyond its own: blanks that are counted, cells and rows that repeat."""
    if b"<text:p" not in part or (repeat == 1 and b"text:c=" not in part and b"columns-repeated=" not in part):
        return 0
    blanks = sum(map(int, _BLANKS.findall(part)))
    cells = sum(int(count) * (len(_TAG.sub(b"", text)) + blanks) for count, text in _AGAIN.findall(part))
    return (len(_TAG.sub(b"", part)) + blanks + cells) * repeat


def _bomb(package: Package, row: int) -> SourceFailed:
    reason = f"its repeated cells and blanks unpack to more than {MOST_TEXT >> 20:,} MB, and it was refused"
    return SourceFailed(reason, "Ask its sender for a plain export", file=package.name, line=row)


def _columns(head: bytes, sheet: Marks) -> None:
    column = 0
    for (attributes,) in (m.groups() for m in _COLUMN.finditer(head)):
        repeat = _number(dict(_ATTRIBUTE.findall(attributes)).get(b"table:number-columns-repeated"))
        if _HIDDEN.search(attributes) and repeat < 1024:
            sheet.hidden_columns += range(column, column + repeat)
        column += repeat


def _number(text: bytes | None) -> int:
    return int(text) if text and text.isdigit() else 1


def _row(part: bytes, row: int, sheet: Marks, is_rare: bool) -> int:
    """Note what a row says; the number of rows it stands for."""
    tag = part[: part.find(b">")]
    repeat = _number(dict(_ATTRIBUTE.findall(tag)).get(b"table:number-rows-repeated")) if b"repeated" in tag else 1
    if (filled := max(part.rfind(b"value-type="), part.rfind(b"<text:p>"))) >= 0:
        last, column = sheet.last
        end = part.rfind(b">", 0, filled) if part.startswith(b"<text", filled) else part.find(b">", filled)
        sheet.last = max(last, row + repeat - 1), max(column, _column(part, end) - 1)
        if _HIDDEN.search(tag):
            sheet.hidden_rows += range(row, row + repeat)
    for match in _SPECIAL.finditer(part) if is_rare else ():
        columns = range(_column(part, match.start()), _column(part, match.end()))
        end = part.find(b"</table:table-cell>", match.end())
        cell = b"" if match[1].endswith(b"/") else part[match.end() : end]
        _cell(dict(_ATTRIBUTE.findall(match[1])), cell, range(row, row + repeat), columns, sheet)
    return repeat


def _column(part: bytes, end: int) -> int:
    """How many columns the cells that begin before a place in a row's text fill."""
    count = sum(part.count(cell, 0, end) for cell in _CELLS)
    if b"columns-repeated=" in part:
        count += sum(int(n) - 1 for n in _REPEATED.findall(part, 0, end))
    return count


def _cell(given: dict[bytes, bytes], cell: bytes, rows: range, columns: range, sheet: Marks) -> None:
    """Note one cell, which may be repeated over rows and columns."""
    row, column = rows[0], columns[0]
    tall, broad = _number(given.get(b"table:number-rows-spanned")), _number(given.get(b"table:number-columns-spanned"))
    if tall > 1 or broad > 1:
        sheet.merged.append((row, column, row + tall - 1, column + broad - 1))
    if b"office:value-type" not in given:
        if b"table:formula" in given:
            sheet.uncached.append((row, column))
        return
    is_error = given.get(b"calcext:value-type") == b"error"
    if text := _text(given, cell, is_error):
        for place in product(rows, columns):
            (sheet.error if is_error else sheet.text)(*place, text)


def _text(given: dict[bytes, bytes], cell: bytes, is_error: bool) -> str | None:
    """The text that a cell shows, where the value does not say as much."""
    kind, value = given[b"office:value-type"], given.get(b"office:value", b"").decode(errors="replace")
    if kind == b"time":
        return _time(given.get(b"office:time-value", b"").decode(errors="replace"))
    if not is_error and kind not in {b"percentage", b"float"}:
        return None
    paragraph = _SHOWN.search(_NOTE.sub(b"", cell) if b"<office:ann" in cell else cell)
    shown = unescape(_TAG.sub(b"", paragraph[1]).decode(errors="replace")) if paragraph else ""
    if is_error:
        return shown or "#ERROR"
    return _percentage(value, shown) if kind == b"percentage" else shown if _padded(shown, value) else None


def _padded(shown: str, value: str) -> bool:
    """Whether the shown text is the number with leading zeros or characters among its digits."""
    if shown == value:
        return False
    digits = "".join(c for c in shown if c.isdigit())
    return digits.startswith("0") and len(digits) > 1 and "." not in value and digits.lstrip("0") == value.lstrip("-0")


def _percentage(value: str, shown: str) -> str | None:
    fraction = re.search(r"\d[.,](\d+)\s*%", shown)
    try:
        return percent(Decimal(repr(float(value))), len(fraction[1]) if fraction else 0)
    except (InvalidOperation, ValueError):
        return shown or None


def _time(value: str) -> str | None:
    """A length of time as a clock shows it: `PT36H10M00S` -> `36:10:00`."""
    match = _TIME.fullmatch(value)
    return f"{match[1]}{int(match[2]):02}:{match[3]:0>2}:{match[4]:0>2}" if match else None
