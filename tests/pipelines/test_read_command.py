"""`goldseam read`: any file is shown as it was read, at every width, and what cannot be read is said."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner, Result

from pipelines.cli import app
from pipelines.read import look as looking
from pipelines.read import words
from pipelines.read.words import drawn
from rules.schema import Source

GREEK = (
    "Πελατολόγιο 2026;;;;;\r\n\r\nΚωδικός;Ονοματεπώνυμο;Τηλ.;E-mail;Πόλη;Σχόλια\r\n"
    "001;Μαρία Παπαδάκη;2101234567;maria@post.example;Αθήνα;\r\n"
    "002;Γιώργος Μάρκου;6944123456;g.markou@post.example;Πάτρα;καλεί μετά τις έξι\r\n"
    "003;Ελένη Βλάχου;6944123457;;Αθήνα;\r\n"
    "004;Νίκος Καρράς\r\n"
)


def read(*words: object, width: int = 80) -> Result:
    return CliRunner().invoke(app, ["read", *map(str, words)], env={"COLUMNS": str(width)})


def wrote(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@pytest.fixture
def greek(tmp_path: Path) -> Path:
    return wrote(tmp_path / "pelates.csv", GREEK, "cp1253")


def test_it_says_what_was_seen(greek: Path) -> None:
    """Encoding, delimiter, header, lines left out, size, and each column with its meaning, sureness and examples."""
    told = read(greek).output
    for fact in ("cp1253", "semicolon", "header in line 3", "4 rows", "6 columns", "full_name", "100%", "record key"):
        assert fact in told
    for value in ("Μαρία Παπαδάκη", "2101234567", "maria@post.example"):
        assert value in told
    assert "by its header" in told


def test_an_encoding_that_was_guessed_says_so(greek: Path) -> None:
    """Beside its name and for machines; one that the user gave is none."""
    guessed = "a guess" in json.loads(read(greek, "--json").stdout)[0]["tables"][0]["notes"][0]
    assert ("Greek (a guess)" in read(greek).output) == guessed
    (table,) = json.loads(read(greek, "--encoding", "cp1253", "--json").stdout)[0]["tables"]
    assert (table["encoding"], table["encoding_is_guess"]) == ("cp1253", False)


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_no_line_is_longer_than_the_terminal(tmp_path: Path, width: int) -> None:
    """Long headers, long values and 200 columns neither wrap nor run over."""
    header = ["A header that somebody wrote as a whole sentence, with commas and all"] + [f"c{n}" for n in range(199)]
    rows = [[f"value {n} " * 40 for n in range(200)] for _ in range(3)]
    text = "\t".join(header) + "\n" + "".join("\t".join(row) + "\n" for row in rows)
    found = read(wrote(tmp_path / "wide.tsv", text), width=width)
    assert found.exit_code == 0
    assert "200 columns" in found.output
    path_free = [line for line in found.output.splitlines() if str(tmp_path) not in line]
    assert max(map(len, path_free)) <= width


def test_control_characters_never_reach_the_terminal(tmp_path: Path) -> None:
    """An escape sequence, a bell or a change of writing direction in a cell is drawn as a sign."""
    odd = wrote(
        tmp_path / "x\x1b[2J\udce9.csv", "name,n\x1b[31mote,n\x1b[31mote\nA\x1b]0;owned\x07,b\u202ec\nB,d\nC,e\n"
    )
    copied = read(odd, "--out", tmp_path / "copy.csv")
    told = read(odd).output + copied.output
    assert copied.exit_code == read(odd, "--json").exit_code == 0
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e]", told)
    assert drawn("two\nlines\u00a0") == "two↵lines"


def test_the_same_for_machines(greek: Path) -> None:
    """--json prints one object a file, with everything that the terminal shows, and nothing else."""
    (told,) = json.loads(read(greek, "--json").stdout)
    (table,) = told["tables"]
    assert (told["format"], table["delimiter"], table["header_lines"], table["rows"]) == ("text", ";", [3], 4)
    assert table["header"] == [["Κωδικός", "Ονοματεπώνυμο", "Τηλ.", "E-mail", "Πόλη", "Σχόλια"]]
    assert [c["meaning"] for c in table["columns"]][1:5] == ["full_name", "phone", "email", "address.city"]
    assert table["columns"][1]["examples"][0] == "Μαρία Παπαδάκη"
    assert table["columns"][3]["filled"] == 2


def test_a_file_that_cannot_be_read_does_not_stop_the_others(greek: Path, tmp_path: Path) -> None:
    """Its reason and remedy are said, the others are shown, and the exit code is 1."""
    wrote(tmp_path / "broken.xlsx", "PK\x03\x04 nothing", "latin-1")
    found = read(tmp_path / "broken.xlsx", tmp_path / "none.csv", greek)
    assert found.exit_code == 1
    assert "damaged" in found.output
    assert "no such file" in found.output
    assert "4 rows" in found.output


def test_a_name_that_lies_is_seen_through(tmp_path: Path) -> None:
    """What a file is decides how it is read, and a wrong ending is said."""
    book = openpyxl.Workbook()
    book.active.append(["name", "phone"])
    book.active.append(["Anna Berg", "0123"])
    book.save(tmp_path / "list.csv")
    told = read(tmp_path / "list.csv", width=120).output
    assert "an Excel workbook (xlsx), whatever its name says" in told
    assert "0123" in told
    page = read(wrote(tmp_path / "export.xls", "<html><table><tr><td>a</td></tr></table></html>"))
    assert page.exit_code == 1
    assert "web page" in page.output


def test_folders_and_patterns(greek: Path, tmp_path: Path) -> None:
    """A folder is all of its files, a quoted pattern those that match; one that matches nothing is wrong usage."""
    wrote(tmp_path / "two.csv", "name,phone\nAnna,1\n")
    wrote(tmp_path / ".hidden.csv", "a\n1\n")
    assert [one["file"] for one in json.loads(read(tmp_path, "--json").stdout)] == [
        str(greek),
        str(tmp_path / "two.csv"),
    ]
    assert len(json.loads(read(tmp_path / "t*.csv", "--json").stdout)) == 1
    assert read(tmp_path / "x*.csv").exit_code == 2


@pytest.mark.parametrize(
    "words",
    [
        ["--header", "3", "--no-header"], ["--delimiter", "ab"], ["--country", "Greece"], ["--header-rows", "9"],
        ["--quote", "''"],
    ],
)  # fmt: skip
def test_wrong_options_are_wrong_usage(greek: Path, words: list[str]) -> None:
    """Exit code 2, and the option is named."""
    found = read(greek, *words)
    assert found.exit_code == 2
    assert words[0] in found.output or words[-1] in found.output


def test_options_overrule_what_was_guessed(greek: Path) -> None:
    """Encoding, delimiter, header and country as the user says, in the words of the declaration."""
    told = read(greek, "--encoding", "cp1253", "--delimiter", "semicolon", "--header", "4", "--country", "gr", "--json")
    (table,) = json.loads(told.stdout)[0]["tables"]
    assert table["header"][0][:2] == ["001", "Μαρία Παπαδάκη"]
    (table,) = json.loads(read(greek, "--no-header", "--json").stdout)[0]["tables"]
    assert table["header"] == []
    assert table["columns"][0]["name"] == "column 1"


def test_recognition_that_fails_does_not_fail_the_reading(greek: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table is shown without meanings."""

    def breaks(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("rules.meaning.recognise", breaks)
    monkeypatch.setattr("rules.presets.matching", breaks)
    found = read(greek)
    assert found.exit_code == 0
    assert "Μαρία Παπαδάκη" in found.output


def test_examples_are_distinct_and_typical() -> None:
    """The most frequent values where few stand in many rows, else values of the usual length; never more than three."""
    import pyarrow as pa

    few = pa.chunked_array([["Oslo", "Rome", "Rome", "Oslo", "Rome", None, " ", "Bergen"]])
    assert looking.examples(few) == ("Rome", "Oslo", "Bergen")
    many = pa.chunked_array([["x", "Anna Berg", "Per Dahl", "a remark that is far longer than any name", "Eva Lund"]])
    assert looking.examples(many) == ("Anna Berg", "Per Dahl", "Eva Lund")
    assert looking.examples(pa.chunked_array([pa.nulls(3, pa.string())])) == ()


def test_headers_that_had_to_be_told_apart_are_said(tmp_path: Path) -> None:
    """Columns of one header go by a number, and one without a header by its place."""
    told = read(wrote(tmp_path / "a.csv", "Name,Phone,,Phone\nAnna,1,2,3\nPer,4,5,6\n"), width=120).output
    assert "more than once are told apart by a number: Phone (2)" in told
    assert "1 column without a header: column 3" in told


def test_empty_columns_are_named_in_one_sentence(tmp_path: Path) -> None:
    """They take no lines of their own; a file of a header only shows what it would have held."""
    told = read(wrote(tmp_path / "a.csv", "Name,Fax,Telex\nAnna Berg,,\nPer Dahl,,\n")).output
    assert "2 empty columns: Fax, Telex" in told
    bare = read(wrote(tmp_path / "b.csv", "Name,Fax\n")).output
    assert "2 empty columns: Name, Fax" in bare
    assert "no row below it" in bare


def test_a_cell_of_fifty_megabytes_is_looked_at_in_its_beginning() -> None:
    """What a column means is told from the first characters, and the copy has all of them."""
    import pyarrow as pa

    from connectors.sources.base import Grid
    from pipelines.read.look import LONGEST, Table

    column = pa.chunked_array([["x" * (LONGEST + 7), "ö" * 3, None]])
    table = Table(Grid("f", None, pa.table({"note": column}), pa.array([2, 3, 4])))
    assert max(map(len, table.columns[0].examples)) == LONGEST
    assert len(table.grid.table["note"][0].as_py()) == LONGEST + 7


@pytest.mark.parametrize(
    ("lines", "said"),
    [([3], "line 3"), ([1, 2, 3, 7], "lines 1–3, 7"), ([1, 3, 5, 7, 9, 11], "lines 1, 3, 5, 7 …")],
)
def test_lines_are_said_in_stretches(lines: list[int], said: str) -> None:
    """As a person would say them, and never more than four stretches."""
    assert words.listed(lines) == said


COUNTRIES = {
    "GR": ["Μαρία Παπαδάκη,maria@post.example,+30 6944123456", "Γιώργος Μάρκου,gm@post.example.gr,"],
    "RU": ["Анна Иванова,anna@post.example.ru,", "Пётр Петров,petr@post.example,+7 916 1234567"],
    "IT": ["Anna Rossi,anna@post.example.it,+39 333 1234567", "Ugo Neri,ugo@post.example.it,0039 02 1234567"],
    "TR": ["Ayşe Yılmaz,ayse@post.example,", "Çağrı Şahin,cagri@post.example.tr,"],
    None: ["Anna Berg,anna@post.example,12345678", "Per Dahl,per@post.example,87654321"],
}


@pytest.mark.parametrize("country", COUNTRIES)
def test_where_most_customers_are_is_guessed_with_its_grounds(tmp_path: Path, country: str | None) -> None:
    """By telephone numbers, mail domains and letters; nothing is guessed where nothing tells."""
    from pipelines.read import guess

    text = "\n".join(["full name,e-mail,phone", *COUNTRIES[country]]) + "\n"
    looked = looking.look(wrote(tmp_path / "a.csv", text), Source(kind="form", location=""))
    found = guess.country(looked.tables[0])
    assert (found.code if found else None) == country
    assert found is None or "%" in found.why


@pytest.mark.parametrize(
    ("header", "rows", "country", "is_sure"),
    [
        ("n,phone", ["A B,+49 171 5550101", "C D,+49 171 5550102", "E F,+7 916 1234567", "G H,+30 694412345"], None, 0),
        ("n,phone", ["A B,+49 171 5550101", "C D,+49 171 5550102", "E F,+49 171 555013", "G H,+7 916 123456"], "DE", 1),
        ("nama,hp,catatan", ["Budi,0812-3456-7890,", "Siti,081234567891,x"], "ID", 1),
        ("nama,hp,catatan", ["Budi,+390000001,", "Siti,694412345,x"], "ID", 0),
        ("Cliente,Telefono,Sconto", ["Rossi Anna,,5", "Neri Ugo,,6"], "IT", 1),
    ],
)  # fmt: skip
def test_a_country_has_a_clear_majority_or_is_asked_for(
    tmp_path: Path, header: str, rows: list[str], country: str | None, is_sure: int
) -> None:
    """A third of the phones is none; the language of the headers is sure only where the phones are numbers there."""
    from pipelines.read import guess

    path = wrote(tmp_path / "a.csv", "\n".join([header, *rows]) + "\n")
    found = guess.country(looking.look(path, Source(kind="form", location="")).tables[0])
    assert (found.code if found else None) == country
    assert found is None or found.is_sure == bool(is_sure)


def test_a_copy_costs_no_heavy_imports(greek: Path, tmp_path: Path) -> None:
    """A clean copy of a text file starts without pandas, databases, Prefect and lists of phones."""
    program = (
        "import atexit, sys; from pipelines.cli import main;"
        "heavy = ['pandas', 'sqlalchemy', 'prefect', 'great_expectations', 'phonenumbers', 'scipy', 'lxml', 'duckdb',"
        " 'rich.table'];"
        "atexit.register(lambda: print([m for m in heavy if m in sys.modules])); main()"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, "read", greek, "--out", tmp_path / "clean.csv"], capture_output=True, text=True
    )
    assert run.stdout.strip() == "[]", run.stderr


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    """A pipe that nobody writes to and a device without end are said, not opened."""
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "zero.csv").symlink_to("/dev/zero")
    for name, what in (("pipe.csv", "a named pipe"), ("zero.csv", "a device")):
        found = read(tmp_path / name)
        assert found.exit_code == 1
        assert what in found.output
