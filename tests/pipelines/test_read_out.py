"""`goldseam read --out`: the table as read, in UTF-8 and RFC 4180, with nothing dropped and nothing changed."""

import csv
import io
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.read import machine, out
from pipelines.read.look import look
from rules.schema import Source

PLAIN = Source(kind="form", location="")


def copy(file: Path, *words: object, code: int = 0) -> str:
    """What stands in the copy of a file."""
    target = file.parent / "copy" / "clean.csv"
    found = CliRunner().invoke(app, ["read", str(file), "--out", str(target), *map(str, words)])
    assert found.exit_code == code, found.output
    return target.read_bytes().decode() if target.exists() else ""


def wrote(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


CASES = {
    "as it stood": ("a,b\n1,2\n", "a,b\r\n1,2\r\n"),
    "cells are not trimmed": ("a , b\n 1,2 \n", "a , b\r\n 1,2 \r\n"),
    "headers of one name and none": ("Phone,,Phone\n1,2,3\n4,5,6\n", "Phone,,Phone\r\n1,2,3\r\n4,5,6\r\n"),
    "short rows are filled up": ("a,b,c\n1,2,3\n4\n", "a,b,c\r\n1,2,3\r\n4,,\r\n"),
    "surplus cells are kept in their place": (
        "a,b\n1,2\n3,4,5\n6,7\n8,9,,x\n",
        "a,b\r\n1,2\r\n3,4,5\r\n6,7\r\n8,9,,x\r\n",
    ),
    "a cell too many that is empty is kept": ("a,b\n1,2\n3,4,\n5,6\n", "a,b\r\n1,2\r\n3,4,\r\n5,6\r\n"),
    "quotes where they are needed": ('a;b\n"x";"y, ""z"""\nu;v\n', 'a,b\r\nx,"y, ""z"""\r\nu,v\r\n'),
    "titles above are left out": (
        "List of customers\n\nname,phone,city\nAnna,12,Oslo\nPer,13,Bergen\n",
        "name,phone,city\r\nAnna,12,Oslo\r\nPer,13,Bergen\r\n",
    ),
    "a note below is left out": (
        "name,phone,city\nAnna,12,Oslo\nPer,13,Bergen\n\n* printed by the shop on Monday\n",
        "name,phone,city\r\nAnna,12,Oslo\r\nPer,13,Bergen\r\n",
    ),
    "a formula stays as it is": ("a,b\n=1+1,+2\n", "a,b\r\n=1+1,+2\r\n"),
    "no header": (
        "Anna,anna@x.example\nPer,per@x.example\nEva,eva@x.example\n",
        "Anna,anna@x.example\r\nPer,per@x.example\r\nEva,eva@x.example\r\n",
    ),
    "a header only": ("name,phone\n", "name,phone\r\n"),
    "NA and null are text": ("a,b\nNA,null\nNone,NaN\n", "a,b\r\nNA,null\r\nNone,NaN\r\n"),
}


@pytest.mark.parametrize("name", CASES)
def test_the_copy_is_the_table_as_read(tmp_path: Path, name: str) -> None:
    """Headers and cells to the letter, rows in their order, titles and notes out."""
    text, expected = CASES[name]
    assert copy(wrote(tmp_path / "in.csv", text)) == expected


def test_an_empty_file_gives_an_empty_copy(tmp_path: Path) -> None:
    """Nothing was read from nothing: looking succeeded, and it is said."""
    (tmp_path / "in.csv").touch()
    found = CliRunner().invoke(app, ["read", str(tmp_path / "in.csv"), "--out", str(tmp_path / "clean.csv")])
    assert found.exit_code == 0
    assert (tmp_path / "clean.csv").read_bytes() == b""
    assert "0 bytes" in found.output


def test_no_header_said_by_the_user(tmp_path: Path) -> None:
    """Every line is a row, and no header is made up."""
    assert copy(wrote(tmp_path / "in.csv", "a,b\n1,2\n"), "--no-header") == "a,b\r\n1,2\r\n"


def test_several_tables_go_to_several_files(tmp_path: Path) -> None:
    """clean.csv and clean-2.csv; into a folder, each by file and sheet."""
    book = openpyxl.Workbook()
    book.active.title = "North"
    book.active.append(["name", "phone"])
    book.active.append(["Anna", "0012"])
    other = book.create_sheet("So/uth".replace("/", "_"))
    other.append(["firm", "city"])
    other.append(["Dahl", "Oslo"])
    book.save(tmp_path / "in.xlsx")
    assert copy(tmp_path / "in.xlsx") == "name,phone\r\nAnna,0012\r\n"
    assert (tmp_path / "copy" / "clean-2.csv").read_text() == "firm,city\nDahl,Oslo\n"
    (tmp_path / "all").mkdir()
    CliRunner().invoke(app, ["read", str(tmp_path / "in.xlsx"), "--out", str(tmp_path / "all")])
    assert sorted(p.name for p in (tmp_path / "all").iterdir()) == ["in-North.csv", "in-So_uth.csv"]


def test_what_is_read_is_never_overwritten(tmp_path: Path) -> None:
    """The copy cannot take the place of its original, by whatever name it goes, not even by force."""
    file = wrote(tmp_path / "in.csv", "a,b\n1,2\n")
    (tmp_path / "same.csv").symlink_to(file)
    for target in (file, tmp_path / "same.csv"):
        found = CliRunner().invoke(app, ["read", str(file), "--out", str(target), "--force"])
        assert found.exit_code == 2
        assert "never overwritten" in found.output
    assert file.read_text() == "a,b\n1,2\n"


def test_a_copy_is_there_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails on the way leaves the copy of before, and nothing half written."""
    (looked,) = [look(wrote(tmp_path / "in.csv", "a,b\n1,2\n"), PLAIN)]
    target = wrote(tmp_path / "clean.csv", "before")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(out, "rows", full)
    with pytest.raises(OSError, match="No space"):
        out.write(target, looked.tables[0])
    assert target.read_text() == "before"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["clean.csv", "in.csv"]


def test_a_file_that_fails_leaves_no_copy(tmp_path: Path) -> None:
    """Exit code 1, the reason is said, and nothing is written."""
    assert copy(wrote(tmp_path / "in.csv", "%PDF-1.7"), code=1) == ""


QUICK = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
WORD = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8).filter(
    lambda text: text.strip() and "\ufeff" not in text
)


@settings(QUICK, max_examples=60)
@given(st.lists(st.tuples(WORD, WORD, WORD), min_size=2, max_size=12))
def test_any_clean_table_comes_back_as_it_was(tmp_path: Path, table: list[tuple[str, str, str]]) -> None:
    """Read and written again, a table with a header that is one is the same, cell by cell."""
    rows = [("full name", "phone number", "e-mail address"), *table]
    with (tmp_path / "in.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    looked = look(tmp_path / "in.csv", PLAIN.model_copy(update={"header": 1, "delimiter": ",", "quote": '"'}))
    out.write(tmp_path / "clean.csv", looked.tables[0])
    back = (tmp_path / "clean.csv").read_bytes().decode()
    assert list(csv.reader(io.StringIO(back, newline=""))) == [list(row) for row in rows]


STARTS = [b"", b"PK\x03\x04", b"PAR1", b"%PDF-1.7", b"SQLite format 3\x00", b"<?xml ", b'{"a":',
    b"BEGIN:VCARD\r\n", b"\xff\xfe"]  # fmt: skip
CROOKED = st.lists(st.sampled_from([*b"ab1,;\"'\\\n\r\t |\x00\xc3\xe9"])).map(bytes)


@settings(QUICK, max_examples=150)
@given(st.sampled_from(STARTS), CROOKED | st.binary(max_size=200))
def test_whatever_the_bytes_are_looking_ends_in_words(tmp_path: Path, start: bytes, rest: bytes) -> None:
    """A file is read or refused with its reason and remedy; nothing of it ends the program."""
    (tmp_path / "in.csv").write_bytes(start + rest)
    looked = look(tmp_path / "in.csv", PLAIN)
    assert looked.failure is None or (looked.failure.reason and looked.failure.remedy)
    for _, table, path in out.targets([looked], tmp_path / "clean.csv"):
        assert out.write(path, table) == (sum(1 for _ in out.rows(table)) if table else 0)
    assert len(machine.as_json(looked)["tables"]) == len(looked.tables)


@settings(QUICK, max_examples=60)
@given(st.data())
def test_rows_stand_in_the_order_of_their_lines(data: st.DataObject) -> None:
    """However fitting, longer and trailing rows are mixed, each stands once, at its line."""
    import pyarrow as pa

    from connectors.sources.base import Grid, Reject
    from pipelines.read.look import Table

    widths = data.draw(st.lists(st.sampled_from([2, 3, 4]), max_size=30))
    beyond = [data.draw(st.integers(0, 2)) if width == 2 else 0 for width in widths]
    fitting = [n for n, width in enumerate(widths, 2) if width == 2]
    columns = {"a": [f"a{n}" for n in fitting], "b": [f"b{n}" for n in fitting]}
    table = pa.table({k: pa.array(v, pa.string()) for k, v in columns.items()})
    cells = {n: tuple(f"{'abcd'[k]}{n}" for k in range(width)) for n, width in enumerate(widths, 2)}
    rejects = tuple(Reject(n, "", "", "", cells[n]) for n in reversed(cells) if n not in fitting)
    more = tuple((n, count) for n, count in enumerate(beyond, 2) if count)
    grid = Grid("f", None, table, pa.array(fitting, pa.int64()), rejects, beyond=more)
    expected = [[*cells[n], *[""] * beyond[n - 2]] for n in cells]
    assert [list(row) for row in out.rows(Table(grid))] == expected
