"""Text of fixed width: columns by rulers, by blanks or as given; page headers, tabs, wide letters, old code pages."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import sources
from connectors.sources import SourceFailed, any_table, fixed_width
from connectors.sources.base import Grid
from connectors.sources.fixed_width import looks_fixed
from rules.schema import Source

LIST = """\
CUSTOMERS BY TOWN                          Page 1

CODE  NAME                  PHONE         TOWN
----  --------------------  ------------  ----------
0001  Papadaki Maria        210 1112223   Athens
0002  Vlachos Nikos                       Piraeus
0003  Zervou Anna           2310 555444
"""
BARE = """\
Name              Phone         Town
Maria Papadaki    210 1112223   Athens
Nikos Vlachos     210 1112224   Piraeus
Jo Li             210 1112225   Volos
"""


def grid(folder: Path, text: str | bytes, **settings_: Any) -> Grid:
    path = folder / "list.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return fixed_width.grid(path, path.name, Source(kind="fixed_width", location=path.name, **settings_))


def rows(found: Grid) -> list[list[str]]:
    return [list(row.values()) for row in found.table.to_pylist()]


def test_columns_under_a_ruler(tmp_path: Path) -> None:
    """Dashes tell the columns; the title above is left out and said; zeros, blanks and lines stay."""
    found = grid(tmp_path, LIST)
    assert found.table.column_names == ["CODE", "NAME", "PHONE", "TOWN"]
    assert rows(found) == [
        ["0001", "Papadaki Maria", "210 1112223", "Athens"],
        ["0002", "Vlachos Nikos", "", "Piraeus"],
        ["0003", "Zervou Anna", "2310 555444", ""],
    ]
    assert found.lines.to_pylist() == [5, 6, 7]
    assert (found.seen.header, found.seen.header_cells) == ((3,), (("CODE", "NAME", "PHONE", "TOWN"),))
    assert [r.line for r in found.seen.above] == [1]
    assert any("the header was found in line 3" in note for note in found.notes)


def test_a_header_longer_than_the_widths_keeps_its_end(tmp_path: Path) -> None:
    """What stands behind the last column of the header is kept with it, and said."""
    found = grid(tmp_path, "CODE NAME   REMARK\n0001 Anna\n0002 Bea\n", widths=(5, 7))
    assert found.table.column_names == ["CODE", "NAME"]
    assert found.seen.header_cells == (("CODE", "NAME", "REMARK"),)
    assert any("the header is longer than the 2 columns (line 1)" in note for note in found.notes)


def test_a_header_of_two_rows_above_a_ruler(tmp_path: Path) -> None:
    """Both rows make the names where the upper one stands in the columns too."""
    text = LIST.replace("CODE  NAME", "CUST  CUSTOMER              DAYTIME       HOME\nCODE  NAME")
    found = grid(tmp_path, text)
    assert found.table.column_names == ["CUST CODE", "CUSTOMER NAME", "DAYTIME PHONE", "HOME TOWN"]
    assert found.seen.header == (3, 4)


@pytest.mark.parametrize("amount", ["1.234,50", "980,00"])
@pytest.mark.parametrize("ruler", ["", "-------- ---------------- ------------- ----------\n"])
def test_decimal_commas_part_nothing(amount: str, ruler: str, tmp_path: Path) -> None:
    """A comma in every amount and address is no delimiter: the columns of a print-out win, with a ruler or without."""
    lines = [
        f"120.00{n}  {who:<15}  0532 100 2{n}   {amount:>9}\n" for n, who in enumerate(("Ali Kaya", "Su Er", "Can Ak"))
    ]
    (tmp_path / "list.txt").write_text(
        "KOD      AD               TELEFON       BAKİYE\n" + ruler + "".join(lines), "utf-8"
    )
    (found,) = any_table.grids(tmp_path / "list.txt", "list.txt", Source(kind="form", location=""))
    assert (found.seen.format, found.table.column_names) == ("fixed_width", ["KOD", "AD", "TELEFON", "BAKİYE"])
    assert rows(found)[1] == ["120.001", "Su Er", "0532 100 21", amount]


def test_a_padded_csv_stays_one(tmp_path: Path) -> None:
    """Cells filled up with blanks are still parted by their delimiter, which stands in the header too."""
    lines = [
        f"{a:<12},{b:<14},{c:<9}\n"
        for a, b, c in (("kod", "ad", "şehir"), ("1", "Ali Kaya", "Bursa"), ("2", "Su Er", "İzmir"))
    ]
    (tmp_path / "list.txt").write_text("".join(lines) * 2, "utf-8")
    (found,) = any_table.grids(tmp_path / "list.txt", "list.txt", Source(kind="form", location=""))
    assert (found.seen.format, found.seen.delimiter) == ("text", ",")


def test_said_to_be_of_fixed_width(tmp_path: Path) -> None:
    """Where the declaration says so nothing is guessed."""
    (tmp_path / "list.txt").write_text("a;b   c;d\n1;2   3;4\n5;6   7;8\n", "utf-8")
    (found,) = any_table.grids(tmp_path / "list.txt", "list.txt", Source(kind="fixed_width", location=""))
    assert rows(found) == [["1;2", "3;4"], ["5;6", "7;8"]]


def test_columns_at_common_blanks(tmp_path: Path) -> None:
    """Without a ruler the blanks tell; a blank within every telephone number parts nothing."""
    assert rows(grid(tmp_path, BARE))[0] == ["Maria Papadaki", "210 1112223", "Athens"]


def test_titles_do_not_part_the_table(tmp_path: Path) -> None:
    """Lines above the table that run over its columns are titles."""
    found = grid(tmp_path, "A list of everybody we ever sold anything to, by name\nprinted on Friday\n" + BARE)
    assert found.table.column_names == ["Name", "Phone", "Town"]
    assert len(found.seen.above) == 2


def test_headers_of_later_pages_are_left_out(tmp_path: Path) -> None:
    """What stands again on every page, with another page number, is no row; it is said."""
    page = LIST.replace("Page 1", "Page 2").replace("000", "001")
    found = grid(tmp_path, LIST + "\f" + page)
    assert [row[0] for row in rows(found)] == ["0001", "0002", "0003", "0011", "0012", "0013"]
    assert found.lines.to_pylist()[3:] == [12, 13, 14]
    assert any("2 lines of later pages" in note for note in found.notes)


def test_a_table_without_header_loses_no_row(tmp_path: Path) -> None:
    """A first line that is a row like the others is one, and numbered rows that are alike are no headers again."""
    who = ("Jo Li", "Anna Vale", "Jo Li", "Jo Li", "Eva Lund", "Jo Li")
    lines = [f"{n:04}  {name:<12}  {2101112220 + n}  x" for n, name in enumerate(who, 1)]
    found = grid(tmp_path, "\n".join(lines))
    assert found.table.column_names == [f"column {n}" for n in range(1, 5)]
    assert found.lines.to_pylist() == [1, 2, 3, 4, 5, 6]
    assert any("no header" in note for note in found.notes)


def test_a_header_that_cannot_be(tmp_path: Path) -> None:
    """A header that is said to stand behind the end of the file is a mistake in the declaration."""
    with pytest.raises(SourceFailed, match="the file ends before it"):
        grid(tmp_path, BARE, header=40)


def test_given_widths(tmp_path: Path) -> None:
    """With `widths` full columns may touch; text behind the last one makes a row of data that does not fit."""
    text = "0001MARIA PAPADAKI2101112223\n0002NIKOS VLACHOS 2101112224 surplus\n0003JO\n"
    found = grid(tmp_path, text, widths=[4, 14, 10], header=0)
    assert rows(found) == [["0001", "MARIA PAPADAKI", "2101112223"], ["0003", "JO", ""]]
    assert found.table.column_names == ["column 1", "column 2", "column 3"]
    (reject,) = found.rejects
    assert (reject.line, reject.cells) == (2, ("0002", "NIKOS VLACHOS", "2101112224", "surplus"))


def test_a_row_that_runs_over_an_edge_is_set_aside(tmp_path: Path) -> None:
    """A value too long for its column is not cut in two: the row is kept whole, with its cells and a remedy."""
    many = "".join(f"{f'Customer {n}':<18}210 {1112223 + n}   Athens\n" for n in range(40))
    found = grid(tmp_path, BARE + many + "Papadopoulou-Oikonomidou Eleni 210 99   Volos\n")
    (reject,) = found.rejects
    assert (reject.line, len(reject.cells)) == (45, 3)
    assert "column 1" in reject.reason
    assert "widths" in reject.remedy
    assert len(found.table) == 43


@pytest.mark.parametrize("encoding", ["cp737", "cp1253", "utf-8", "utf-16"])
def test_greek_in_any_code_page(encoding: str, tmp_path: Path) -> None:
    """A Greek letter takes one place, in the code pages of DOS and Windows and in Unicode."""
    lines = (
        "ΟΝΟΜΑ                ΤΗΛΕΦΩΝΟ      ΠΟΛΗ",
        "Παπαδάκη Μαρία       210 1112223   Αθήνα",
        "Βλάχος Νίκος         210 1112224   Πειραιάς",
    )
    text = "\n".join(lines)
    known = {"encoding": encoding} if encoding == "cp737" else {}
    found = grid(tmp_path, text.encode(encoding), country="GR", **known)
    assert rows(found)[1] == ["Βλάχος Νίκος", "210 1112224", "Πειραιάς"]


def test_tabs_and_wide_letters(tmp_path: Path) -> None:
    """A tab runs to the next eighth place; a Chinese character takes two, an accent of its own none."""
    lines = (
        "Name      Phone         Town",
        "王小明    210 1112223   Taipei",
        "Jose\u0301      210 1112224   Lima",
        "Anna\t  210 1112225   Rome",
    )
    found = grid(tmp_path, "\n".join(lines))
    assert rows(found) == [
        ["王小明", "210 1112223", "Taipei"], ["Jose\u0301", "210 1112224", "Lima"], ["Anna", "210 1112225", "Rome"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "empty"), ("\n \n", "no text"), ("one line\nand two\nof a letter, no table\nat all, is it\n", "no columns")],
)
def test_what_is_no_table_is_refused(text: str, reason: str, tmp_path: Path) -> None:
    """An empty file, blank lines and prose are refused, with a remedy."""
    with pytest.raises(SourceFailed, match=reason) as failed:
        grid(tmp_path, text)
    assert failed.value.remedy


@pytest.mark.parametrize(
    "text",
    [
        "name,phone,town\nMaria,210 1112223,Athens\nNikos,210 1112224,Piraeus\nJo,210 1112225,Volos",
        "a\nb\nc\nd",
        "Dear customer, we are glad\nto tell you that the new\nlist of prices is now at\nhand, and so on and on",
        "id;name\n1;x\n2;y\n3;z",
        "x  y",
    ],
)
def test_other_text_does_not_look_fixed(text: str) -> None:
    """Delimited text, prose and too few lines are not taken for columns of fixed width."""
    assert looks_fixed(text.split("\n")) is None


def test_looks_fixed_tells_the_widths() -> None:
    """The widths found are those that a declaration may fix."""
    assert looks_fixed(BARE.splitlines()) == (18, 14, 7)
    assert looks_fixed(LIST.splitlines()) == (6, 22, 14, 10)


def test_landed_as_a_source(tmp_path: Path) -> None:
    """Through the source kind: totals below the table are left out as in every table."""
    (tmp_path / "list.txt").write_text(LIST + "TOTAL 3\n")
    landed = sources.read("list", Source(kind="fixed_width", location="list.txt"), tmp_path)
    assert landed.raw["NAME"].to_pylist() == ["Papadaki Maria", "Vlachos Nikos", "Zervou Anna"]
    assert landed.raw["_line"].to_pylist() == [5, 6, 7]


@pytest.mark.parametrize(
    ("end", "lines"),
    [
        ("TOPLAM                                    96,50\n*** LIST OF EVERYBODY ENDS ***\n", [8, 9]),
        ("\n12 customers were listed\n", [9]),
        ("--------------------\nTOTAL 3\nPrinted by the till\n", [9, 10]),
    ],
)
def test_what_ends_a_print_out_is_no_customer(end: str, lines: list[int], tmp_path: Path) -> None:
    """Totals, and remarks that run over the columns, are rejects with their reason, and nothing to do."""
    (tmp_path / "list.txt").write_text(LIST + end, "utf-8")
    landed = sources.read("list", Source(kind="fixed_width", location="list.txt"), tmp_path)
    assert landed.raw["_line"].to_pylist() == [5, 6, 7]
    assert sorted(landed.rejects["line"].to_pylist()) == lines
    assert set(landed.rejects["remedy"].to_pylist()) == {"Nothing to do"}


def test_the_last_customer_is_no_remark(tmp_path: Path) -> None:
    """A last row without a telephone, or one that is too long for its column, is a row of data."""
    found = grid(tmp_path, LIST + "0004  Ntina\n0005\n0006  Papadopoulou-Oikonomidou Eleni 210 1234567 Volos\n")
    assert [row[0] for row in rows(found)][3:] == ["0004", "0005"]
    assert [len(reject.cells) for reject in found.rejects] == [4]


def test_titles_of_a_page_without_a_form_feed(tmp_path: Path) -> None:
    """A title that comes again right below a row, with another number, is no row that does not fit."""
    found = grid(tmp_path, LIST + LIST.replace("Page 1", "Page 2").replace("000", "001"))
    assert [row[0] for row in rows(found)] == ["0001", "0002", "0003", "0011", "0012", "0013"]
    assert not found.rejects


WORD = st.text("abcdefgΩμ", min_size=1, max_size=9)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.tuples(WORD, WORD, WORD), min_size=3, max_size=12))
def test_a_printed_table_comes_back(cells: list[tuple[str, str, str]]) -> None:
    """Whatever stands in the cells: a table printed with two blanks between its columns is read as it was."""
    table = [("CODE", "NAME", "TOWN"), *cells]
    widths = [max(len(row[n]) for row in table) + 2 for n in range(3)]
    lines = ["".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
    assert looks_fixed(lines) == (*widths[:2], widths[2] - 2)
