"""The same cells in xlsx, xls, xlsb and ods: one raw table, whatever the format."""

import datetime as dt
from pathlib import Path

import pytest

from connectors import sources
from rules.keys import own_columns
from rules.schema import Source
from tests.tools.workbooks import WRITERS, Book, Cell, Rows

HEADER = ["code", "name", "born", "share", "rate", "postcode", "agreed", "card", "amount", "note"]
ROWS: Rows = [
    ["Customers of 2026"],
    [],
    HEADER,
    ["00123", "Μαρία", dt.date(1985, 4, 3), Cell(0.25, "0%"), Cell(0.07, "0.00%"), Cell(501, "00000"), True,
     1234567890123456.0, 12.5, "NA"],
    ["00007", "Şahin", dt.date(2000, 2, 29), Cell(1.5, "0%"), Cell(0.125, "0.0%"), Cell(34000, "00000"), False,
     7.0, 0.1, ""],
    ["1E5", "O'Brien", dt.date(1931, 12, 31), Cell(0.333, "0%"), None, Cell(7, "00000"), None, None, -3.0,
     Cell(error="#N/A")],
]  # fmt: skip
READ = [
    ["00123", "Μαρία", "1985-04-03", "25%", "7.00%", "00501", "TRUE", "1234567890123456", "12.5", "NA"],
    ["00007", "Şahin", "2000-02-29", "150%", "12.5%", "34000", "FALSE", "7", "0.1", None],
    ["1E5", "O'Brien", "1931-12-31", "33.3%", None, "00007", None, None, "-3", "#N/A"],
]


def landed(path: Path, **settings: object) -> sources.Landed:
    source = Source.model_validate({"kind": "spreadsheet", "location": path.name, **settings})
    return sources.read("book", source, path.parent)


@pytest.fixture(params=list(WRITERS))
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_one_table_in_four_formats(form: str, tmp_path: Path) -> None:
    """Zeros, dates, per cents, truth values, long numbers and empty cells come out alike, and doubts are said."""
    path = tmp_path / f"book.{form}"
    WRITERS[form](Book({"People": ROWS}, {"People": [(0, 0, 0, 9)]}), path)
    found = landed(path)
    assert [list(row.values()) for row in found.raw.select(own_columns(found.raw)).to_pylist()] == READ
    assert own_columns(found.raw) == HEADER
    assert found.raw["_line"].to_pylist() == [4, 5, 6]
    notes = "\n".join(found.notes)
    assert "header was found in line 3" in notes
    assert "1 cell holds an error instead of a value, kept as shown (J6)" in notes
    assert "column card: 1 number of 16 or more digits" in notes
