"""Where a table begins and ends: header rows, repeated headers, totals and notes, case by case."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml

from connectors.sources import tables
from connectors.sources.base import Grid, Reject, Seen
from connectors.sources.tables import header

SPEC = Path(__file__).parents[2] / "spec" / "tables"


def cases(name: str) -> list[Any]:
    loaded = yaml.safe_load((SPEC / name).read_text("utf-8"))
    return [pytest.param(case, id=case["about"]) for case in loaded]


def grid(names: list[str], rows: list[list[str]], *, above: tuple[str, ...] = (), notes: tuple[str, ...] = ()) -> Grid:
    """A table as a reader gives it, its header in the line after the titles."""
    columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
    line = len(above) + 1
    seen = Seen("text", header=(line,), header_cells=(tuple(names),), above=tuple(Reject(0, t, "") for t in above))
    lines = pa.array(range(line + 1, line + 1 + len(rows)), pa.int64())
    return Grid("list.csv", None, pa.table(columns, names=header.unique(names)), lines, notes=notes, seen=seen)


@pytest.mark.parametrize("case", cases("below.yml"))
def test_last_row(case: dict[str, Any]) -> None:
    """A total or a note below a table is kept aside with its line; a row that only looks like one stays a row."""
    found = tables.tidy(grid(case["header"], [*case["rows"], case["last"]]))
    reasons = [reject.reason for reject in found.rejects]
    if case["is"] == "row":
        assert not reasons
        assert [cell or "" for cell in found.table.to_pylist()[-1].values()] == case["last"]
    else:
        assert len(reasons) == 1
        assert case["is"] in reasons[0]
        assert found.rejects[0].line == 2 + len(case["rows"])
        assert not found.rejects[0].cells


@pytest.mark.parametrize("case", cases("header_rows.yml"))
def test_header_rows(case: dict[str, Any]) -> None:
    """Two and three header rows become one name a column; a record is never taken for a row of the header."""
    begins = header.find(case["rows"])
    assert begins == case["begins"]
    depth = header.depth(case["rows"], begins)
    assert header.joined(case["rows"][begins : begins + depth]) == case["names"]


def test_fixed_number_of_header_rows() -> None:
    """What the declaration says is taken, as far as there are rows."""
    rows = [["a", "b"], ["c", "d"], ["1", "2"]]
    assert [header.depth(rows, 0, n) for n in (1, 2, 3)] == [1, 2, 3]
    assert header.depth(rows, 1, 3) == 2


def test_one_header_row_stands_as_it_is() -> None:
    """The cells of a single header row are given back untouched."""
    assert header.joined([["  Name ", "a\nb", ""]]) == ["  Name ", "a\nb", ""]


PAGE = [["Anna", "0123", "Bari"], ["Bea", "0456", "Roma"]]


def test_header_again_on_every_page() -> None:
    """A repeated header is left out and said, in whatever case and between whatever blanks it comes."""
    rows = [
        *PAGE,
        [" NAME", "phone ", "City"],
        ["Can", "0789", "Pisa"],
        ["Name", "Phone", "CITY"],
        ["Dora", "1", "Bari"],
    ]
    found = tables.tidy(grid(["Name", "Phone", "City"], rows))
    assert found.table["Name"].to_pylist() == ["Anna", "Bea", "Can", "Dora"]
    assert found.lines.to_pylist() == [2, 3, 5, 7]
    assert any("2 times more" in note and "lines 4, 6" in note for note in found.notes)


def test_title_again_above_the_header() -> None:
    """The title that a page repeats above its header goes with it, whatever the number of the page."""
    rows = [*PAGE, ["Customer list, page 2", "", ""], ["Name", "Phone", "City"], ["Can", "0789", "Pisa"]]
    found = tables.tidy(grid(["Name", "Phone", "City"], rows, above=("Customer list, page 1",)))
    assert found.table["Name"].to_pylist() == ["Anna", "Bea", "Can"]
    assert [(r.line, r.reason) for r in found.rejects] == [(5, "a title above the header, repeated")]
    kept = tables.tidy(grid(["Name", "Phone", "City"], rows, above=("Something else",)))
    assert kept.table["Name"].to_pylist() == ["Anna", "Bea", "Customer list, page 2", "Can"]


def test_part_of_a_header_is_a_row() -> None:
    """A row that shares some cells with the header is a record: a customer may live in a place called City."""
    found = tables.tidy(grid(["Name", "Phone", "City"], [*PAGE, ["Name", "", "City"]]))
    assert len(found.table) == 3


def test_empty_rows_are_counted() -> None:
    """Rows of empty cells are left out and counted; what was seen of the file stays with the table."""
    start = grid(["Name", "Phone", "City"], [PAGE[0], ["", "", ""], PAGE[1], ["", "", ""]], notes=("before",))
    found = tables.tidy(start)
    assert found.lines.to_pylist() == [2, 4]
    assert found.notes == ("before", "list.csv: 2 rows were without any value and were left out")
    assert found.seen == start.seen
