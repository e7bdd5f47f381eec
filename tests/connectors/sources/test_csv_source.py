"""Delimited text: ragged rows, stray quotes, encodings, preambles; the fast way reads what the careful one reads."""

import csv as stdlib_csv
import io
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from connectors import sources
from connectors.sources import SourceFailed
from connectors.sources.delimited import csv_fast
from connectors.sources.delimited.csv_dialect import Dialect
from connectors.sources.delimited.csv_lines import Reader, line_ends
from connectors.sources.delimited.csv_rows import rows_of
from rules.schema import Source
from rules.vocabulary import RAW_PREFIX


def read(tmp_path: Path, data: bytes | str, **options: object) -> sources.Landed:
    (tmp_path / "in.csv").write_bytes(data if isinstance(data, bytes) else data.encode())
    return sources.read("in", Source.model_validate({"kind": "csv", "location": "in.csv", **options}), tmp_path)


def cells(landed: sources.Landed) -> list[list[str | None]]:
    names = [name for name in landed.raw.column_names if name not in RAW_PREFIX]
    return [[row[name] for name in names] for row in landed.raw.to_pylist()]


def test_short_row_is_padded_and_said(tmp_path: Path) -> None:
    """A row with fewer cells than the header is filled up, and a note names its line."""
    landed = read(tmp_path, "a,b,c\n1,2,3\n4,5\n")
    assert cells(landed) == [["1", "2", "3"], ["4", "5", None]]
    assert any("line 3" in note for note in landed.notes)


def test_long_row_is_rejected_whole(tmp_path: Path) -> None:
    """A row with more cells than the header is kept byte for byte among the rejects, the others go on."""
    landed = read(tmp_path, "a,b\n1,2\n3,4,5\n6,7\n8,9,,\n")
    assert cells(landed) == [["1", "2"], ["6", "7"], ["8", "9"]]
    (reject,) = landed.rejects.to_pylist()
    assert (reject["line"], reject["content"], reject["file"]) == (3, "3,4,5", "in.csv")
    assert "2" in reject["reason"]
    assert "quotes" in reject["remedy"]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ('a,b\n1,"two\nlines"\n3,4\n', [["1", "two\nlines"], ["3", "4"]]),
        ('a,b\n1,"open\n3,4\n5,6\n', [["1", '"open'], ["3", "4"], ["5", "6"]]),
        ('a,b\n1,5" pipe\n3,4\n', [["1", '5" pipe'], ["3", "4"]]),
        ('a,b\n"x ""y""",2\n', [['x "y"', "2"]]),
        ('a,b\n"x" y,2\n3,4\n', [['"x" y', "2"], ["3", "4"]]),
        ('a,b\n"O""\nBrien",2\n', [['O"\nBrien', "2"]]),
        ("a,b\r\n1,2\r\n\r\n3,4\r\n", [["1", "2"], ["3", "4"]]),
        ("a,b\r1,2\r3,4\r", [["1", "2"], ["3", "4"]]),
        ("a,b\n1,2\0\n", [["1", "2"]]),
    ],
)
def test_broken_text_costs_one_row_at_most(text: str, rows: list[list[str]], tmp_path: Path) -> None:
    """Stray quotes, line breaks in cells, empty lines, odd line ends and NUL bytes leave the other rows alone."""
    assert cells(read(tmp_path, text)) == rows


def test_lines_are_those_a_person_counts(tmp_path: Path) -> None:
    """`_line` is the physical line on which a row begins, also after cells with line breaks."""
    data = 'a,b\n1,"x\ny"\n2,z\n'
    assert read(tmp_path, data).raw["_line"].to_pylist() == [2, 4]
    assert read(tmp_path, data + "\n3,4\n").raw["_line"].to_pylist() == [2, 4, 6]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found(delimiter: str, tmp_path: Path) -> None:
    """The delimiter is the one under which the lines have the same number of cells."""
    lines = [["name", "amount", "city"], ["Rossi, Mario", "1.5", "Roma"], ["Bianchi", "2", "Bari; Italia"]]
    text = io.StringIO()
    stdlib_csv.writer(text, delimiter=delimiter).writerows(lines)
    assert cells(read(tmp_path, text.getvalue())) == lines[1:]


@pytest.mark.parametrize(
    ("encoding", "country", "name"),
    [
        ("cp1253", "GR", "Ελένη Παπαδάκη-Ψάλτη"),
        ("cp1251", "RU", "Анна Каренина"),
        ("koi8_r", "RU", "Анна Каренина и Левин"),
        ("cp1254", "TR", "Şükrü Çağlayan İğdır"),
        ("cp1252", "IT", "Niccolò D’Alò"),
        ("cp1250", "PL", "Łukasz Żółć"),
        ("cp1252", "GR", "Jürgen Weiß"),
        ("utf-16", "GR", "Ελένη"),
        ("utf-16-le", "GR", "Eleni"),
        ("utf-8-sig", "GR", "Ελένη"),
        ("utf-8", "GR", "Ελένη"),
    ],
)
def test_encoding_is_found_by_country(encoding: str, country: str, name: str, tmp_path: Path) -> None:
    """What Excel writes in a country is read with its letters; a Western file in Greece is not read as Greek."""
    assert cells(read(tmp_path, f"id,name\n1,{name}\n".encode(encoding), country=country)) == [["1", name]]


def test_few_lines_in_another_encoding(tmp_path: Path) -> None:
    """Lines of another program inside a UTF-8 file are read by themselves, and said."""
    lines = ["id,name", *(f"{n},Ελένη" for n in range(20))]
    data = "\n".join(lines).encode() + "\n99,Ελένη\n".encode("cp1253")
    landed = read(tmp_path, data, country="GR")
    assert cells(landed)[-1] == ["99", "Ελένη"]
    assert any("line" in note and "22" in note for note in landed.notes)


def test_configured_encoding_that_does_not_fit(tmp_path: Path) -> None:
    """A wrong `encoding` stops the source and names the line."""
    with pytest.raises(SourceFailed, match="shift_jis") as failed:
        read(tmp_path, b"id,name\n1,\x81\x00\xfd\n", encoding="shift_jis")
    assert failed.value.line == 2


def test_preamble_page_breaks_totals_and_notes(tmp_path: Path) -> None:
    """Title lines, repeated headers, totals and notes are no rows; totals and notes are kept among the rejects."""
    text = (
        "Sales 2026;;\nNorth;;\n\nName;City;Amount\nAnna;Bari;1\nName;City;Amount\nBea;Roma;2\nTotale;;3\n\n"
        "* provisional figures;;\n"
    )
    landed = read(tmp_path, text)
    assert cells(landed) == [["Anna", "Bari", "1"], ["Bea", "Roma", "2"]]
    assert landed.rejects["line"].to_pylist() == [8, 10]
    assert any("line 4" in note for note in landed.notes)


def test_a_customer_called_total_stays(tmp_path: Path) -> None:
    """A full row is a customer, whatever its name begins with."""
    landed = read(tmp_path, "name,city,phone\nAnna,Bari,1\nTotal Energies,Paris,2\n")
    assert len(landed.raw) == 2


def test_columns_are_unique_and_named(tmp_path: Path) -> None:
    """Repeated headers are numbered, blank ones named by position, and case alone tells no two columns apart."""
    landed = read(tmp_path, "Phone,Phone,,phone,_line\n1,2,3,4,5\n")
    names = landed.raw.column_names
    assert names[5:] == ["Phone", "Phone (2)", "column 3", "phone (3)", "_line (2)"]
    assert len({name.casefold() for name in names}) == len(names)
    assert cells(landed) == [["1", "2", "3", "4", "5"]]


def test_mapped_spelling_wins_over_case(tmp_path: Path) -> None:
    """A header that differs from the column map in case or blanks only is the mapped column."""
    landed = read(
        tmp_path, "E-MAIL , first  name\na@b.example,Anna\n", columns={"e-mail": "email", "First Name": "given_name"}
    )
    assert landed.raw.column_names[5:] == ["e-mail", "First Name"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"a,b\n", "no row"),
        (b"\n\n\n", "no text"),
        (b"PK\x03\x04 truncated", "truncated"),
        (b"%PDF-1.7", "PDF"),
        (bytes(range(1, 256)) * 20, "a binary file"),
        (b"<html><body><table></table></body></html>", "web page"),
        (b"SQLite format 3\0", "SQLite"),
    ],
)
def test_no_table_in_it(data: bytes, reason: str, tmp_path: Path) -> None:
    """An empty file, a header alone and other things called .csv each say what they are, and what to do."""
    with pytest.raises(SourceFailed, match=reason) as failed:
        read(tmp_path, data)
    assert failed.value.file == "in.csv"
    assert failed.value.remedy


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=6)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=8), st.sampled_from([",", ";", "\t"]))
def test_fast_and_careful_agree(rows: list[tuple[str, str, str]], delimiter: str) -> None:
    """Where the fast way answers at all, it answers as the careful one does, lines included. What is read has no byte
    order mark any more.
    """
    assume(not rows[0][0].startswith("\ufeff"))
    text = io.StringIO()
    stdlib_csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    data, dialect = text.getvalue().encode(), Dialect(delimiter)
    fast = csv_fast.whole(data, dialect, 3, 1)
    careful = list(Reader(data, dialect, 3).records())
    assert [tuple(r.cells) for r in careful] == rows
    if fast is not None:
        assert [tuple(row.values()) for row in fast[0].to_pylist()] == rows
        assert fast[1].to_pylist() == [r.line for r in careful]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(st.sampled_from('ab",;\n\r \t1'), max_size=60), st.sampled_from([0, 2, 4]))
def test_any_text_is_read_and_nothing_is_lost(text: str, width: int) -> None:
    """Whatever the text: no crash, and every line belongs to exactly one record."""
    data = text.encode()
    found = list(Reader(data, Dialect(), width).records())
    assert b"".join(data[r.start : r.stop] for r in found) == data
    count = line_ends(data, 0, len(data)) + (bool(data) and data[-1:] not in b"\r\n")
    assert [n for r in found for n in range(r.line, r.end + 1)] == list(range(1, count + 1))


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever the bytes: a table, or a reason and a remedy; never a crash."""
    folder = tmp_path_factory.getbasetemp()
    try:
        rows, failure = len(read(folder, data).raw), None
    except SourceFailed as failed:
        rows, failure = 0, failed
    assert rows or (failure and failure.reason and failure.remedy)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.text(st.sampled_from('ab",;\n\r \t1'), max_size=40), st.integers(1, 4))
def test_fast_and_careful_agree_on_broken_text(text: str, width: int) -> None:
    """Also on text that nobody wrote well: clean lines by Arrow and the others one by one give the same rows."""
    data, dialect = text.encode(), Dialect()
    rows = rows_of(data, 0, 1, dialect, width, ())
    careful = [r for r in Reader(data, dialect, width).records() if data[r.start : r.stop].strip(b"\r\n")]
    fit = [(r.line, [*r.cells, *[""] * width][:width]) for r in careful if not any(r.cells[width:])]
    names = [str(n) for n in range(width)]
    table = rows.table(names)
    assert [*zip(rows.numbers().to_pylist(), (list(row.values()) for row in table.to_pylist()), strict=True)] == fit
    surplus = [(r.line, r.cells) for r in careful if any(r.cells[width:])]
    assert [(r.line, list(r.cells)) for r in rows.rejects] == surplus


def test_a_stray_control_character_is_no_binary_file(tmp_path: Path) -> None:
    """A form feed or an escape in a cell, or text in UTF-16, is text all the same."""
    assert len(read(tmp_path, "a,b\n1,x\x0c\x1by\n").raw) == 1
    assert len(read(tmp_path, "a,b\n1,Ωμέγα\n".encode("utf-16")).raw) == 1


def test_a_note_below_the_table_is_no_short_row(tmp_path: Path) -> None:
    """What is left out below the table is not said to be filled up as well."""
    text = 'name,phone,city\nAnna,1,Bari\nBea,2\n\n"Thursday, Oct 01, 2026 09:12:11 AM GMT-7"\n'
    said = [note for note in read(tmp_path, text).notes if "fewer cells" in note]
    assert said == ["in.csv: 1 row has fewer cells than the header: filled up with empty ones (line 3)"]
