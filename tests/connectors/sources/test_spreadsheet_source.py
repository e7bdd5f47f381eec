"""Workbooks: several sheets, hidden ones, preambles, typed cells as the text they stand for."""

import datetime as dt
from pathlib import Path

import pytest
import xlsxwriter

from connectors import sources
from connectors.sources import SourceFailed
from rules.schema import Source


def read(path: Path, **options: object) -> sources.Landed:
    return sources.read(
        "book", Source.model_validate({"kind": "spreadsheet", "location": path.name, **options}), path.parent
    )


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Two sheets of different columns below title rows, one hidden sheet, one empty one."""
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as made:
        north, south = made.add_worksheet("North"), made.add_worksheet("South")
        hidden, _ = made.add_worksheet("Old"), made.add_worksheet("Blank")
        for row, cells in enumerate(
            [["Sales of the North"], [], ["Name", "Phone"], ["Anna", "0123"], ["Bea", "0456"], ["Total", "2"]]
        ):
            north.write_row(row, 0, cells)
        for row, cells in enumerate([["PHONE", "Όνομα"], ["0789", "Άννα"]]):
            south.write_row(row + 3, 1, cells)
        hidden.write_row(0, 0, ["Name", "Phone"])
        hidden.write_row(1, 0, ["Gone", "1"])
        hidden.hide()
    return path


def test_sheets_are_one_table(book: Path) -> None:
    """Sheets are read one after the other, columns joined by name; each row knows its sheet and line."""
    landed = read(book)
    rows = [(r["_sheet"], r["_line"], r["Name"], r["Phone"], r["Όνομα"]) for r in landed.raw.to_pylist()]
    assert rows == [
        ("North", 4, "Anna", "0123", None),
        ("North", 5, "Bea", "0456", None),
        ("South", 5, None, "0789", "Άννα"),
    ]
    assert any("'Old' is hidden" in note for note in landed.notes)
    assert landed.rejects["line"].to_pylist() == [6]


def test_named_sheets_only(book: Path) -> None:
    """`sheets` names what to read, hidden ones too; a name that is not there stops the source and lists the others."""
    assert read(book, sheets=["Ol*"]).raw["Name"].to_pylist() == ["Gone"]
    with pytest.raises(SourceFailed, match="no sheet 'West'") as failed:
        read(book, sheets="West")
    assert "North, South, Old, Blank" in failed.value.remedy


def test_typed_cells_as_text(tmp_path: Path) -> None:
    """Numbers without `.0`, floats in full, dates in ISO, truth values as Excel shows them, text to the letter."""
    path = tmp_path / "typed.xlsx"
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet()
        date, time = made.add_format({"num_format": "dd/mm/yyyy"}), made.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        sheet.write_row(0, 0, ["int", "float", "date", "moment", "truth", "text"])
        sheet.write_number(1, 0, 6912345678)
        sheet.write_number(1, 1, 4788.792710158341)
        sheet.write_datetime(1, 2, dt.datetime(1985, 4, 3), date)
        sheet.write_datetime(1, 3, dt.datetime(2026, 1, 2, 14, 30), time)
        sheet.write_boolean(1, 4, True)
        sheet.write_string(1, 5, "NA")
    (row,) = read(path).raw.select([5, 6, 7, 8, 9, 10]).to_pylist()
    assert list(row.values()) == ["6912345678", "4788.792710158341", "1985-04-03", "2026-01-02 14:30:00", "TRUE", "NA"]


@pytest.mark.parametrize(
    ("data", "reason", "remedy"),
    [
        (b"name,phone\nAnna,1\n", "plain text", "kind: csv"),
        (b"", "empty", "Export"),
        (b"PK\x03\x04broken", "truncated", "again"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
            "password",
            "without",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "damaged", "again"),
    ],
)
def test_no_workbook(data: bytes, reason: str, remedy: str, tmp_path: Path) -> None:
    """What is no workbook, or a protected or broken one, says what it is and what to do."""
    path = tmp_path / "book.xlsx"
    path.write_bytes(data)
    with pytest.raises(SourceFailed, match=reason) as failed:
        read(path)
    assert remedy in failed.value.remedy


def test_truncated_workbook(book: Path) -> None:
    """A workbook of which the end is missing stops the source, in words."""
    book.write_bytes(book.read_bytes()[:2000])
    with pytest.raises(SourceFailed, match="truncated"):
        read(book)


def test_bomb_is_refused(tmp_path: Path) -> None:
    """An archive that unpacks to hundreds of times its size is not opened."""
    import zipfile

    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"\0" * (80 << 20))
    with pytest.raises(SourceFailed, match="refused"):
        read(path)
