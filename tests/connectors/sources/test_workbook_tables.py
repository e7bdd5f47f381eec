"""Sheets as firms make them: several tables, merged headers, hidden rows, doubts about dates and numbers."""

import datetime as dt
from pathlib import Path

import pytest
import xlsxwriter

from connectors import sources
from connectors.sources import SourceFailed, spreadsheet
from connectors.sources.base import Grid
from rules.keys import own_columns
from rules.schema import Source
from tests.tools.workbooks import WRITERS, Book, Cell, Rows, save_xlsx

PEOPLE: Rows = [["Name", "Phone", "City"], ["Anna", "0123", "Bari"], ["Bea", "0456", "Roma"]]


def grids(tmp_path: Path, rows: Rows, form: str = "xlsx", *, merged: tuple = (), **settings: object) -> list[Grid]:
    path = tmp_path / f"book.{form}"
    WRITERS[form](Book({"One": rows}, {"One": merged}), path)
    source = Source.model_validate({"kind": "spreadsheet", "location": path.name, **settings})
    return list(spreadsheet.sheets(path, path.name, source))


def rows_of(grid: Grid) -> list[list[str]]:
    return [[cell or "" for cell in row.values()] for row in grid.table.to_pylist()]


@pytest.mark.parametrize("form", list(WRITERS))
def test_tables_under_one_another(form: str, tmp_path: Path) -> None:
    """After an empty row a further header begins a table of its own, with its title, its lines and its columns."""
    rows = [
        *PEOPLE,
        [],
        ["Our suppliers"],
        ["Supplier", "E-mail"],
        ["Nord AG", "n@example.com"],
        ["Süd", "s@example.com"],
    ]
    first, second = grids(tmp_path, rows, form)
    assert (first.sheet, second.sheet) == ("One (table 1)", "One (table 2)")
    assert [row for row in rows_of(first) if any(row)] == [["Anna", "0123", "Bari"], ["Bea", "0456", "Roma"]]
    assert second.table.column_names == ["Supplier", "E-mail"]
    assert rows_of(second) == [["Nord AG", "n@example.com"], ["Süd", "s@example.com"]]
    assert second.lines.to_pylist() == [7, 8]
    assert second.seen.header == (6,)
    assert [reject.line for reject in second.seen.above] == [5]
    assert "2 tables stand on this sheet" in first.notes[0]


def test_table_after_a_total(tmp_path: Path) -> None:
    """After a total and an empty row two columns of other names and a number below are another table."""
    rows = [*PEOPLE, ["Total", "2"], [], ["Ware", "Kosten"], ["Nagel", 0.5], ["Brett", 12.0]]
    first, second = grids(tmp_path, rows)
    assert second.table.column_names == ["Ware", "Kosten"]
    assert rows_of(second) == [["Nagel", "0.5"], ["Brett", "12"]]
    assert rows_of(first)[:3] == [["Anna", "0123", "Bari"], ["Bea", "0456", "Roma"], ["Total", "2", ""]]


def test_tables_side_by_side(tmp_path: Path) -> None:
    """Two tables of the same columns with an empty one between are read one after the other."""
    rows = [
        [*PEOPLE[0], None, *PEOPLE[0]],
        [*PEOPLE[1], None, "Can", "0789", "Pisa"],
        [None] * 4 + ["Dora", "1", "Bari"],
    ]
    first, second = grids(tmp_path, rows)
    assert [row for row in rows_of(first) if any(row)] == [["Anna", "0123", "Bari"]]
    assert rows_of(second) == [["Can", "0789", "Pisa"], ["Dora", "1", "Bari"]]


def test_other_tables_side_by_side(tmp_path: Path) -> None:
    """Behind two empty columns one name that comes back is enough: a supplier's telephone is no customer's."""
    rows = [
        ["Nombre", "Teléfono", None, None, "Proveedor", "Teléfono"],
        ["Ana Ruiz", "600111223", None, None, "Luz S.A.", "900100100"],
        ["Paz Gil", "600111224"],
    ]
    first, second = grids(tmp_path, rows)
    assert (first.table.column_names, second.table.column_names) == (["Nombre", "Teléfono"], ["Proveedor", "Teléfono"])
    assert any("2 tables stand on this sheet" in note for note in first.notes)


def test_an_empty_column_parts_no_table(tmp_path: Path) -> None:
    """A column left empty for looks stays within its table: a record torn in two would be worse."""
    rows = [["Name", "Phone", None, "City", "Postcode"], ["Anna", "0123", None, "Bari", "70121"]]
    (only,) = grids(tmp_path, rows)
    assert only.table.column_names == ["Name", "Phone", "City", "Postcode"]
    assert rows_of(only) == [["Anna", "0123", "Bari", "70121"]]


def test_an_empty_row_parts_no_table(tmp_path: Path) -> None:
    """Rows after an empty row are records of the table, also where the first of them is all words."""
    rows = [
        *PEOPLE,
        [],
        ["Can", "unknown", "Pisa"],
        ["Dora", "0789", "Bari"],
        [],
        ["Name", "Phone", "City"],
        ["Eva", "1", "Bari"],
    ]
    (only,) = grids(tmp_path, rows)
    assert [row[0] for row in rows_of(only) if any(row)] == ["Anna", "Bea", "Can", "Dora", "Name", "Eva"]


@pytest.mark.parametrize("form", ["xlsx", "xls", "ods"])
def test_merged_header(form: str, tmp_path: Path) -> None:
    """Groups that merge cells over their columns give them their name, whatever the words."""
    rows = [
        ["Zweigstelle Nord"],
        ["Wer", "", "Wohin", ""],
        ["Rufname", "Anschluss", "Gasse", "Ort"],
        ["Anna", "0123", "A 1", "B"],
    ]
    (only,) = grids(tmp_path, rows, form, merged=((0, 0, 0, 3), (1, 0, 1, 1), (1, 2, 1, 3)))
    assert only.table.column_names == ["Wer Rufname", "Wer Anschluss", "Wohin Gasse", "Wohin Ort"]
    assert only.seen.header == (2, 3)
    assert only.seen.header_cells[0] == ("Wer", "", "Wohin", "")
    assert [reject.line for reject in only.seen.above] == [1]


def test_header_by_declaration(tmp_path: Path) -> None:
    """`header` and `header_rows` are believed; with `header: 0` every row is data and columns go by numbers."""
    (given,) = grids(tmp_path, [["Title", "x", "y"], *PEOPLE], header=2)
    assert given.table.column_names == ["Name", "Phone", "City"]
    (two,) = grids(tmp_path, [["Who", None, "Where"], *PEOPLE], header=1, header_rows=2)
    assert two.table.column_names == ["Who Name", "Who Phone", "Where City"]
    (none,) = grids(tmp_path, PEOPLE, header=0)
    assert none.table.column_names == ["column 1", "column 2", "column 3"]
    assert rows_of(none)[0] == ["Name", "Phone", "City"]
    assert (none.seen.header, none.lines.to_pylist()) == ((), [1, 2, 3])


def test_what_was_seen(tmp_path: Path) -> None:
    """Format, header lines, header cells as they stand and the titles above are kept with the table."""
    (only,) = grids(tmp_path, [["Our customers"], [], [" Name ", "Phone", "Phone"], ["Anna", "0123", "0456"]])
    assert only.table.column_names == ["Name", "Phone", "Phone (2)"]
    assert (only.seen.format, only.seen.header, only.seen.header_cells) == (
        "xlsx",
        (3,),
        ((" Name ", "Phone", "Phone"),),
    )
    assert [(reject.line, reject.cells) for reject in only.seen.above] == [(1, ())]


@pytest.mark.parametrize("form", ["xlsx", "xls", "ods"])
def test_hidden_rows_and_merged_cells(form: str, tmp_path: Path) -> None:
    """Hidden rows are read and said; merged cells among the rows are said with their place."""
    path = tmp_path / f"book.{form}"
    book = Book({"One": [*PEOPLE, ["Can", "0789", ""]]}, {"One": [(2, 2, 3, 2)]}, hidden_rows={"One": [2]})
    WRITERS[form](book, path)
    (only,) = spreadsheet.sheets(path, path.name, Source(kind="spreadsheet", location=path.name))
    notes = "\n".join(only.notes)
    assert len(only.table) == 3
    assert "1 row is hidden" in notes
    assert "(lines 3)" in notes
    assert "1 area of merged cells" in notes
    assert "(C3)" in notes


@pytest.mark.parametrize("form", ["xlsx", "ods"])
def test_formula_without_value(form: str, tmp_path: Path) -> None:
    """A formula whose value the workbook does not hold is an empty cell, and said with its place and the remedy."""
    (only,) = grids(tmp_path, [*PEOPLE, ["Can", Cell(uncached=True), "Pisa"]], form)
    assert rows_of(only)[-1] == ["Can", "", "Pisa"]
    assert any("1 cell holds a formula without its value" in note and "(B4)" in note for note in only.notes)


@pytest.mark.parametrize("form", ["xlsx", "xls"])
def test_dates_from_1904(form: str, tmp_path: Path) -> None:
    """A workbook that counts days from 1904, as a Macintosh did, gives the dates that it shows."""
    path = tmp_path / f"book.{form}"
    WRITERS[form](Book({"One": [["Name", "Born"], ["Anna", dt.date(1985, 4, 3)]]}, date1904=True), path)
    (only,) = spreadsheet.sheets(path, path.name, Source(kind="spreadsheet", location=path.name))
    assert rows_of(only) == [["Anna", "1985-04-03"]]


@pytest.mark.parametrize(
    ("name", "cells", "said"),
    [
        ("born", [dt.date(1985, 4, 3), dt.date(1990, 1, 1), 31000.0], "1 number among dates"),
        ("house no", ["1", "2a", dt.date(2026, 2, 1)], "1 of its values became dates"),
        ("birth date", [31000.0, 32000.0, 33000.0], "numbers, not dates"),
        ("card", ["1", "2", 4929123412341234.0], "1 number of 16 or more digits"),
        ("amount", [31000.0, 32000.0, 1.5], None),
        ("born", [dt.date(1985, 4, 3), dt.date(1990, 1, 1), None], None),
    ],
)
def test_doubts(name: str, cells: list, said: str | None, tmp_path: Path) -> None:
    """Dates as numbers, numbers as dates and lost digits are said with column and lines, and left as they are."""
    (only,) = grids(tmp_path, [["name", name], *(["Anna", cell] for cell in cells)])
    notes = [note for note in only.notes if "column" in note]
    assert len(notes) == (said is not None)
    if said:
        assert f"column {name}: " in notes[0]
        assert said in notes[0]
        assert "31000" not in notes[0]


def test_totals_of_a_sheet(tmp_path: Path) -> None:
    """Totals and notes below the table are kept aside with their lines."""
    path = tmp_path / "book.xlsx"
    save_xlsx(Book({"One": [*PEOPLE, ["Total", "", "2"], [], ["Printed on the third of May by the system"]]}), path)
    landed = sources.read("book", Source(kind="spreadsheet", location=path.name), tmp_path)
    assert landed.raw["Name"].to_pylist() == ["Anna", "Bea"]
    assert landed.rejects["line"].to_pylist() == [4, 6]


def test_wide_table(tmp_path: Path) -> None:
    """200 columns are read like two."""
    path = tmp_path / "book.xlsx"
    names = [f"field {n:03}" for n in range(200)]
    save_xlsx(Book({"One": [names, [f"value {n}" for n in range(200)]]}), path)
    landed = sources.read("book", Source(kind="spreadsheet", location=path.name), tmp_path)
    assert own_columns(landed.raw) == names
    assert landed.raw["field 199"].to_pylist() == ["value 199"]


def test_table_far_from_the_corner(tmp_path: Path) -> None:
    """Lines are those of the sheet, wherever the table stands on it."""
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet("One")
        for n, row in enumerate(PEOPLE):
            sheet.write_row(1000 + n, 5, row)
    (only,) = spreadsheet.sheets(path, path.name, Source(kind="spreadsheet", location=path.name))
    assert only.lines.to_pylist() == [1002, 1003]
    assert only.table.column_names == ["Name", "Phone", "City"]


def test_empty_workbook(tmp_path: Path) -> None:
    """A workbook without any table stops the source."""
    with pytest.raises(SourceFailed, match="no sheet of the workbook holds a table"):
        grids(tmp_path, [])
