"""Tables of a web page: what many programs write and name `.xls`, since a spreadsheet program opens it.

The page is read by a parser of HTML 4 that fetches nothing, runs nothing and knows no entities but the standard's.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from lxml import etree

from connectors.sources.base import SourceFailed
from connectors.sources.text.encoding import Decoded, decode
from connectors.sources.workbooks.marks import Marks
from connectors.sources.workbooks.plain import MOST_BYTES, MOST_COLUMNS, Cells
from rules.schema import Source

HEAD: Final = 4096
"""Bytes in which a page says its encoding."""
_CHARSET: Final = re.compile(rb"""charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)


def tables(path: Path, name: str, source: Source) -> tuple[list[Cells], tuple[str, ...]]:
    """The tables of a page that hold no other table, of two rows and two columns or more; and what is said.

    Raises SourceFailed where the page holds none, as one that asks for a password.
    """
    data = path.read_bytes()
    if len(data) > MOST_BYTES:
        raise SourceFailed(f"the page is larger than {MOST_BYTES >> 20} MB", "Export it as xlsx or CSV", file=name)
    decoded = _decoded(data, name, source)
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    root = etree.fromstring(decoded.utf8 or b" ", parser)
    found = list(_leaves(root)) if root is not None else []
    if not found:
        remedy = (
            "Open it in a spreadsheet program and save it as xlsx; if it asks for a password, log in and export again"
        )
        raise SourceFailed("this is a web page (HTML), and no table stands on it", remedy, file=name)
    notes = [f"{name}: {note}" for note in decoded.notes]
    if _has_other_text(root):
        notes.append(f"{name}: what stands around the tables of the page was left out")
    return [Cells(f"table {n}", *one) for n, one in enumerate(found, 1)], tuple(notes)


def _decoded(data: bytes, name: str, source: Source) -> Decoded:
    """The text in the encoding that the declaration or the page says; in one that fits where the page is wrong."""
    said = _CHARSET.search(data[:HEAD])
    if said and not source.encoding:
        with suppress(SourceFailed):
            return decode(data, name, configured=said[1].decode(), country=source.country)
    return decode(data, name, configured=source.encoding, country=source.country)


def _leaves(root: etree._Element) -> Iterator[tuple[list[list[str]], Marks]]:
    """The cells of each table; what is read is taken out of the page."""
    for tag in ("script", "style", "head"):
        for element in list(root.iter(tag)):
            _empty(element)
    for line_end in root.iter("br"):
        line_end.text = " "
    for table in [t for t in root.iter("table") if next(t.iterdescendants("table"), None) is None]:
        rows, marks = _cells(table)
        if sum(any(row) for row in rows) > 1 and max(sum(map(bool, row)) for row in rows) > 1:
            yield rows, marks
            _empty(table)


def _cells(table: etree._Element) -> tuple[list[list[str]], Marks]:
    """Rows of text; a cell over several columns or rows stands in the first, and the others are empty."""
    rows: list[list[str]] = []
    marks, taken = Marks(), dict[int, int]()
    for number, tr in enumerate(table.iter("tr")):
        row: list[str] = []
        for cell in tr.iterchildren("td", "th"):
            while taken.get(len(row), 0) > number:
                row.append("")
            wide, high = _span(cell, "colspan"), _span(cell, "rowspan")
            if wide > 1 or high > 1:
                marks.merged.append((number, len(row), number + high - 1, len(row) + wide - 1))
                taken |= {len(row) + n: number + high for n in range(wide)}
            row += [" ".join("".join(map(str, cell.itertext())).split()), *[""] * (wide - 1)]
        rows.append(row[:MOST_COLUMNS])
    return rows, marks


def _empty(element: etree._Element) -> None:
    """Take out what is in an element; the text behind it stays."""
    behind = element.tail
    element.clear()
    element.tail = behind


def _span(cell: etree._Element, name: str) -> int:
    said = cell.get(name, "1").strip()
    return min(MOST_COLUMNS, max(1, int(said))) if said.isdecimal() and len(said) < 6 else 1


def _has_other_text(root: etree._Element) -> bool:
    return any(text.strip() for text in root.itertext())
