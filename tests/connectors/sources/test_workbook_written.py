"""Web pages and XML of Excel 2003 that programs name .xls: their tables, in words where there are none, no harm."""

from pathlib import Path
from typing import Any

import pytest

from connectors import sources
from connectors.sources import SourceFailed, any_table, sniff
from connectors.sources.base import Grid
from rules.schema import Source

PAGE = """<html><head><meta charset="windows-1254"><title>Cari</title></head><body>{before}<table border=1>
<tr><th>Kod</th><th>Ünvan</th><th>Telefon</th></tr>
<tr><td>0120</td><td>Şahin &amp; Oğlu<br>Ltd.</td><td>0532 111 22 33</td></tr>
<tr><td>0121</td><td>Çağ A.Ş.</td><td></td></tr></table>{after}</body></html>"""
BOOK = """<?xml version="1.0"?>{before}<?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:x="urn:schemas-microsoft-com:office:excel"
 xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Styles><Style ss:ID="z"><NumberFormat ss:Format="00000"/></Style></Styles>
<Worksheet ss:Name="Clienti"><Table>
<Row><Cell><Data ss:Type="String">Codice</Data></Cell><Cell><Data ss:Type="String">Cognome</Data></Cell>
<Cell><Data ss:Type="String">Nascita</Data></Cell><Cell><Data ss:Type="String">CAP</Data></Cell></Row>
<Row ss:Index="3"><Cell><Data ss:Type="String">001</Data></Cell><Cell ss:Index="3"><Data
 ss:Type="DateTime">1980-01-02T00:00:00.000</Data></Cell>
<Cell ss:StyleID="z"><Data ss:Type="Number">121</Data></Cell></Row>
<Row><Cell><Data ss:Type="Number">2</Data></Cell><Cell><Data ss:Type="String">Rossi</Data></Cell></Row>
</Table></Worksheet>
<Worksheet ss:Name="Old"><Table><Row><Cell><Data ss:Type="String">a</Data></Cell></Row></Table>
<x:WorksheetOptions><x:Visible>SheetHidden</x:Visible></x:WorksheetOptions></Worksheet></Workbook>"""


def grids(folder: Path, data: bytes, **settings: Any) -> list[Grid]:
    path = folder / "export.xls"
    path.write_bytes(data)
    return any_table.grids(path, path.name, Source(kind="form", location="", **settings))


def rows(grid: Grid) -> list[list[str]]:
    return [list(row.values()) for row in grid.table.to_pylist()]


def test_a_page_named_xls(tmp_path: Path) -> None:
    """The table is read in the page's own encoding, zeros and line ends within cells kept as they can be."""
    (found,) = grids(tmp_path, PAGE.format(before="", after="").encode("cp1254"))
    assert found.table.column_names == ["Kod", "Ünvan", "Telefon"]
    assert rows(found) == [["0120", "Şahin & Oğlu Ltd.", "0532 111 22 33"], ["0121", "Çağ A.Ş.", ""]]
    assert (found.seen.format, found.seen.header, found.notes) == ("html", (1,), ())


def test_what_stands_around_the_table_is_said(tmp_path: Path) -> None:
    """Titles and layout tables are no rows, and are not left out in silence; scripts are."""
    around = "<script>x()</script><table><tr><td><h1>Liste</h1>", "</td></tr></table>"
    (found,) = grids(tmp_path, PAGE.format(before=around[0], after=around[1]).encode("cp1254"))
    assert len(rows(found)) == 2
    assert any("around the tables of the page was left out" in note for note in found.notes)


def test_a_page_that_says_a_wrong_encoding(tmp_path: Path) -> None:
    """A page of UTF-8 that calls itself ASCII is read as what it is."""
    data = PAGE.format(before="", after="").replace("windows-1254", "us-ascii").encode()
    assert rows(grids(tmp_path, data)[0])[1] == ["0121", "Çağ A.Ş.", ""]


def test_cells_over_several_columns_and_rows(tmp_path: Path) -> None:
    """A cell that spans others stands in the first of them, and no cell to its right moves."""
    page = (
        "<table><tr><th rowspan=2>Name</th><th colspan=2>Billing</th></tr><tr><th>Street</th><th>City</th></tr>"
        "<tr><td>Anna</td><td>Via 1</td><td>Bari</td></tr><tr><td>Bea</td><td colspan=2>Roma</td></tr></table>"
    )
    (found,) = grids(tmp_path, page.encode())
    assert found.table.column_names == ["Name", "Billing Street", "Billing City"]
    assert rows(found) == [["Anna", "Via 1", "Bari"], ["Bea", "Roma", ""]]


@pytest.mark.parametrize(
    "page",
    ["<!DOCTYPE html><html><body>Please log in</body></html>", "<html><table><tr><td>a</td></tr></table>", "<html>"],
)
def test_a_page_without_a_table_is_refused(page: str, tmp_path: Path) -> None:
    """A page that asks for a password is no empty table."""
    with pytest.raises(SourceFailed, match="web page") as failed:
        grids(tmp_path, page.encode())
    assert "log in" in failed.value.remedy


def test_xml_of_excel_2003(tmp_path: Path) -> None:
    """Rows and cells stand where they say; numbers, dates and zeros as in any workbook; hidden sheets are said."""
    (found,) = grids(tmp_path, BOOK.format(before="").encode())
    assert found.place == "export.xls, sheet Clienti"
    assert rows(found) == [["", "", "", ""], ["001", "", "1980-01-02", "00121"], ["2", "Rossi", "", ""]]
    assert found.lines.to_pylist() == [2, 3, 4]
    assert any("'Old' is hidden" in note for note in found.notes)
    assert rows(grids(tmp_path, BOOK.format(before="").encode(), sheets=("Old",))[0]) == []


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (BOOK.format(before='<!DOCTYPE a [<!ENTITY b "c">]>'), "entities"),
        (BOOK.format(before="")[:900], "damaged"),
        (BOOK.format(before="").replace('ss:Index="3"><Cell>', 'ss:Index="99999999"><Cell>'), "beyond the end"),
        (BOOK.format(before="").replace('ss:Index="3"><D', 'ss:Index="999999"><D'), "beyond the end"),
    ],
)
def test_harmful_xml_is_refused(data: str, reason: str, tmp_path: Path) -> None:
    """Entities, a missing end and cells far out end the source in words."""
    with pytest.raises(SourceFailed, match=reason):
        grids(tmp_path, data.encode())


def test_as_a_source_of_workbooks(tmp_path: Path) -> None:
    """The kind spreadsheet reads both; what a file is stands in its first bytes, and a page is no CSV."""
    (tmp_path / "a.xls").write_bytes(PAGE.format(before="", after="").encode("cp1254"))
    (tmp_path / "b.xls").write_bytes(BOOK.format(before="").encode())
    assert [sniff.sniff(tmp_path / name) for name in ("a.xls", "b.xls")] == ["html", "xml2003"]
    landed = sources.read("x", Source(kind="spreadsheet", location="*.xls"), tmp_path)
    assert len(landed.raw) == 4
    with pytest.raises(SourceFailed, match="web page") as failed:
        sources.read("x", Source(kind="csv", location="a.xls"), tmp_path)
    assert "kind: spreadsheet" not in failed.value.remedy
