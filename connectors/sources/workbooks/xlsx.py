"""Marks of an xlsx workbook: a scan over the bytes of its sheets (ECMA-376 part 1, 18.3), in pieces.

The scan looks for what is rare, by regular expressions over whole pieces, so that a plain sheet costs little more
than its unpacking: cells of the few styles that show another text, errors, formulas, hidden rows, merged cells.
"""

import posixpath
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from lxml import etree

from connectors.sources.workbooks import formats, reach
from connectors.sources.workbooks.marks import Marks, area, number, place
from connectors.sources.workbooks.package import Package

BOOK = "xl/workbook.xml"
_RID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
_REF = re.compile(rb'\br="([A-Z]{1,3}[0-9]{1,7})"')
_ROW = re.compile(rb'\br="([0-9]{1,7})"')


@dataclass(frozen=True)
class _Patterns:
    """Expressions for the elements of a sheet, whose names may have a prefix."""

    error: re.Pattern[bytes]
    styled: re.Pattern[bytes] | None
    formula: re.Pattern[bytes]
    hidden_row: re.Pattern[bytes]


def _patterns(prefix: bytes, styles: Collection[int]) -> _Patterns:
    p = re.escape(prefix)
    chosen = "|".join(map(str, sorted(styles, reverse=True))).encode()
    made = rb"(?:<%bf[^>]*>[^<]*</%bf>|<%bf[^>]*/>)?\s*" % (p, p, p)
    value = rb"<%bv[^>]*>([^<]*)</%bv>" % (p, p)
    at = rb'(?=[^>]*\br="([A-Z]{1,3})([0-9]{1,7})")'
    number = rb'(?=[^>]*\bs="(%b)")' % chosen + at + rb'(?![^>]*\bt="[^n])[^>]*>\s*'
    return _Patterns(
        error=re.compile(rb'<%bc (?=[^>]*\bt="e")' % p + at + rb"[^>]*>\s*" + made + value),
        styled=re.compile(rb"<%bc " % p + number + made + value) if styles else None,
        formula=re.compile(
            rb"<%bc ([^>]*)(?<!/)>\s*<%bf(?:[^>]*/>|[^>]*>[^<]*</%bf>)\s*(?:<%bv>\s*</%bv>|<%bv\s*/>)?\s*</%bc>"
            % ((p,) * 7)
        ),
        hidden_row=re.compile(rb'<%brow ([^>]*\bhidden="(?:1|true)"[^>]*)>' % p),
    )


def parts(package: Package) -> dict[str, str]:
    """The part of each sheet, by the sheet's name."""
    book, links = package.tree(BOOK), package.tree("xl/_rels/workbook.xml.rels")
    if book is None or links is None:
        return {}
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    found = {}
    for sheet in book.iter("{*}sheet"):
        target = targets.get(sheet.get(_RID) or sheet.get(_STRICT) or "", "")
        part = posixpath.normpath(target.lstrip("/") if target.startswith("/") else f"xl/{target}")
        if part in package.names:
            found[sheet.get("name", "")] = part
    return found


def shown_styles(package: Package) -> dict[int, str]:
    """The number format of each cell style whose text is not that of the number."""
    tree = package.tree("xl/styles.xml")
    if tree is None:
        return {}
    codes = dict(formats.BUILT_IN)
    for code in tree.iter("{*}numFmt"):
        if code.get("numFmtId", "").isdigit():
            codes[int(code.get("numFmtId", "0"))] = code.get("formatCode", "")
    styles: list[etree._Element] = [xf for block in tree.iter("{*}cellXfs") for xf in block]
    used = ((n, codes.get(_whole(xf.get("numFmtId")), "")) for n, xf in enumerate(styles))
    return {n: code for n, code in used if formats.is_shown(code)}


def _whole(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 0


def marks(package: Package, part: str, styles: dict[int, str]) -> Marks:
    """What a sheet's part says. Raises SourceFailed where it is damaged."""
    found = Marks()
    patterns: _Patterns | None = None
    for piece in _by_rows(package, part):
        if patterns is None:
            prefix = re.search(rb"<(\w+:)?worksheet\b", piece)
            patterns = _patterns((prefix and prefix[1]) or b"", styles)
            _columns(piece, found)
        _scan(piece, patterns, styles, found)
    if reach.is_far(found.last):
        found.last = reach.exact(_by_rows(package, part))
    return found


def _by_rows(package: Package, part: str) -> Iterator[bytes]:
    """Pieces that end where a row ends."""
    rest = b""
    for piece in package.pieces(part):
        rest += piece
        cut = rest.rfind(b"row>", max(0, len(rest) - len(piece) - 3)) + 4
        if cut > 3:
            yield rest[:cut]
            rest = rest[cut:]
    yield rest


def _scan(piece: bytes, patterns: _Patterns, styles: dict[int, str], found: Marks) -> None:
    if b't="e"' in piece:
        for name, row, value in patterns.error.findall(piece):
            found.error(int(row) - 1, number(name.decode()), value.decode(errors="replace"))
    if patterns.styled:
        _styled(patterns.styled.findall(piece), styles, found)
    if b"</f>" in piece or b":f>" in piece or b"<f " in piece:
        cells = [_REF.search(a) for a in patterns.formula.findall(piece) if b't="str"' not in a]
        found.uncached += [place(ref[1].decode()) for ref in cells if ref]
    if b"hidden=" in piece:
        rows = [_ROW.search(attributes) for attributes in patterns.hidden_row.findall(piece)]
        found.hidden_rows += [int(row[1]) - 1 for row in rows if row]
    if b"mergeCell" in piece:
        found.merged += [area(m.decode()) for m in re.findall(rb'mergeCell ref="([A-Z0-9:$]+)"', piece)]
    found.last = reach.bound(piece, found.last)


def _styled(cells: list[tuple[bytes, ...]], styles: dict[int, str], found: Marks) -> None:
    known: dict[tuple[bytes, bytes], str | None] = {}
    columns = {name: number(name.decode()) for name in {cell[1] for cell in cells}}
    for style, name, row, value in cells:
        key = (style, value)
        if key not in known:
            known[key] = formats.shown(value.decode(), styles[int(style)])
        if (text := known[key]) is not None:
            found.text(int(row) - 1, columns[name], text)


def _columns(head: bytes, found: Marks) -> None:
    """Columns that are hidden, of those that may hold something."""
    for column in re.findall(rb"<(?:\w+:)?col ([^>]*)>", head[: head.find(b"sheetData") + 1]):
        first, last = re.search(rb'\bmin="(\d+)"', column), re.search(rb'\bmax="(\d+)"', column)
        if re.search(rb'\bhidden="(?:1|true)"', column) and first and last:
            found.hidden_columns += range(int(first[1]) - 1, min(int(last[1]), 1024))
