"""Where a table begins: the header row is found below titles, and never taken from among the data."""

import pytest

from connectors.sources.tables import below, header

PEOPLE = [["Anna Smith", "555-1234", "Bari"], ["Bea Jones", "555-1235", "Roma"], ["Carla Brown", "555-1236", "Pisa"]]


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ([["name", "phone", "city"], *PEOPLE], 0),
        ([["Sales", "", ""], ["", "", ""], ["name", "phone", "city"], *PEOPLE], 2),
        ([["Όνομα", "Τηλέφωνο", "Πόλη"], *PEOPLE], 0),
        ([["x1", "x2", "x3"], ["7", "City", "Street"], ["8", "City", "Street"]], 0),
        ([["tid", "attribute", "value"], ["1", "City", "Rome"], ["2", "Phone", "555"], ["3", "Name", "Anna"]], 0),
        ([["Report of 3 May", "page 1", ""], ["Nome", "Cognome", "Telefono"], *PEOPLE], 1),
        ([["", ""], ["a", ""], ["b", ""]], 1),
    ],
)
def test_header_is_found(rows: list[list[str]], line: int) -> None:
    """The first row that looks like a header is one: filled, in letters, all different."""
    assert header.find(rows) == line


def test_mapped_names_decide() -> None:
    """The row that holds the names of the column map is the header, whatever stands above it."""
    rows = [["Name", "Phone", "City"], ["Kundenliste", "Stand", "Mai"], ["kd", "rufnr", "ort"], *PEOPLE]
    assert header.find(rows, ["kd", "rufnr"]) == 2


def test_no_text_no_header() -> None:
    """Blank rows hold no header."""
    assert header.find([["", " "], [""]]) is None


@pytest.mark.parametrize(
    ("row", "total", "note"),
    [
        (["Total", "", "", "12"], True, False),
        (["ΣΥΝΟΛΟ", "", "", "12"], True, False),
        (["Итого:", "", "", "3"], True, False),
        (["Totaler", "12 Rue", "Lyon", "069"], False, False),
        (["* provisional", "", "", ""], False, True),
        (["Printed by the export of the old system", "", "", ""], False, True),
        (["Dora", "", "", ""], False, False),
    ],
)
def test_what_stands_below(row: list[str], total: bool, note: bool) -> None:
    """A line of totals says so and is nearly empty; a note is a sentence alone; a bare name is a customer."""
    assert (below.is_total(row, 4), below.is_note(row, 4)) == (total, note)
