"""Any file is opened by what it is: tables, text of fixed width, cards, invoices, payloads, databases."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.sources import SourceFailed, any_table, parquet
from rules.schema import Source

PLAIN = Source(kind="form", location="")
ROWS = [("Anna Berg", "anna@post.example"), ("Per Dahl", "per@post.example"), ("Eva Lund", "eva@post.example")]


def as_text(path: Path) -> None:
    path.write_text("name;mail\n" + "".join(f"{name};{mail}\n" for name, mail in ROWS), "utf-8")


def as_xlsx(path: Path) -> None:
    book = openpyxl.Workbook()
    for row in [("name", "mail"), *ROWS]:
        book.active.append(row)
    book.save(path)


def as_parquet(path: Path) -> None:
    pq.write_table(pa.table({"name": [r[0] for r in ROWS], "mail": [r[1] for r in ROWS]}), path)


def as_fixed_width(path: Path) -> None:
    lines = [f"{name:<20}{mail:<24}" for name, mail in [("name", "mail"), *ROWS]]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def as_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("create table people (name text, mail text)")
        database.executemany("insert into people values (?, ?)", ROWS)
        database.commit()


def as_cards(path: Path) -> None:
    cards = (f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{n}\r\nEMAIL:{m}\r\nEND:VCARD\r\n" for n, m in ROWS)
    path.write_bytes("".join(cards).encode())


def as_payload(path: Path) -> None:
    path.write_text("".join(json.dumps({"name": n, "mail": m}) + "\n" for n, m in ROWS), "utf-8")


WRITERS = {
    "text": as_text, "xlsx": as_xlsx, "parquet": as_parquet, "fixed_width": as_fixed_width, "sqlite": as_database,
    "vcard": as_cards, "json": as_payload,
}  # fmt: skip


@pytest.mark.parametrize("form", WRITERS)
def test_every_format_gives_its_rows_and_says_what_it_is(tmp_path: Path, form: str) -> None:
    """All rows with their lines, whatever the file is called, brackets in its name included."""
    path = tmp_path / "list[1].dat"
    WRITERS[form](path)
    (grid,) = any_table.grids(path, path.name, PLAIN)
    assert (grid.seen.format, grid.file) == (form, "list[1].dat")
    assert [len(row) for row in grid.seen.header_cells] == [grid.table.num_columns]
    values = {tuple(column) for column in grid.table.to_pydict().values()}
    assert tuple(name for name, _ in ROWS) in values
    assert tuple(mail for _, mail in ROWS) in values
    assert len(grid.lines) == 3


@pytest.mark.parametrize("form", WRITERS)
def test_a_path_from_the_working_folder_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    """Files are found from where the user stands."""
    (tmp_path / "inbox").mkdir()
    WRITERS[form](tmp_path / "inbox" / "list.dat")
    monkeypatch.chdir(tmp_path)
    assert any_table.grids(Path("inbox/list.dat"), "list.dat", PLAIN)[0].table.num_rows == 3


def test_a_database_gives_each_of_its_tables(tmp_path: Path) -> None:
    """Views too; `sheets` names the wanted ones, and one that is not there is said."""
    path = tmp_path / "shop.db"
    as_database(path)
    with closing(sqlite3.connect(path)) as database:
        database.execute("create view oslo as select name from people")
    assert [grid.sheet for grid in any_table.grids(path, path.name, PLAIN)] == ["oslo", "people"]
    some = PLAIN.model_copy(update={"sheets": ("peo*",)})
    assert [grid.sheet for grid in any_table.grids(path, path.name, some)] == ["people"]
    with pytest.raises(SourceFailed, match="no such table"):
        any_table.grids(path, path.name, PLAIN.model_copy(update={"sheets": ("none",)}))


REFUSED = {
    "web page": (b"<html><body><table><tr><td>a</td></tr></table></body></html>", "xlsx"),
    "picture": (b"\x89PNG\r\n\x1a\n" + b"0" * 40, "where it comes"),
    "gzip archive": (b"\x1f\x8b" + b"0" * 40, "Unpack it"),
    "binary file": (bytes(range(1, 32)) * 20, "CSV"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_holds_no_table_is_named_with_a_remedy(tmp_path: Path, name: str) -> None:
    """The message says what the file is, in words, and what to do about it."""
    data, remedy = REFUSED[name]
    (tmp_path / "list.csv").write_bytes(data)
    with pytest.raises(SourceFailed, match=name) as failure:
        any_table.grids(tmp_path / "list.csv", "list.csv", PLAIN)
    assert remedy in failure.value.remedy
    assert failure.value.file == "list.csv"


def test_columns_parted_by_blanks_alone_are_no_fixed_width(tmp_path: Path) -> None:
    """Sentences, and tables that a delimiter parts well, are left as they are."""
    (tmp_path / "a.txt").write_text("remark\nshe called in the morning\nhe will call back again soon\n", "utf-8")
    (grid,) = any_table.grids(tmp_path / "a.txt", "a.txt", PLAIN)
    assert grid.table.column_names == ["remark"]
    as_text(tmp_path / "b.txt")
    assert any_table.grids(tmp_path / "b.txt", "b.txt", PLAIN)[0].seen.format == "text"


def test_a_row_that_was_taken_for_the_header_goes_back(tmp_path: Path) -> None:
    """A table without a header loses no row, and says that it has none."""
    (tmp_path / "a.csv").write_text("".join(f"{name},{mail}\n" for name, mail in ROWS), "utf-8")
    (grid,) = any_table.grids(tmp_path / "a.csv", "a.csv", PLAIN)
    assert grid.table.num_rows == 3
    assert (grid.seen.header, grid.seen.header_cells) == ((), ())


def test_a_view_without_end_costs_itself_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that cannot be read is said beside those that can; where there is no other, it is the failure."""
    monkeypatch.setattr(any_table, "PATIENCE", 0.5)
    with closing(sqlite3.connect(tmp_path / "a b#c.db")) as made:
        made.execute("create table people as select 1 as id, 'Anna' as name")
        endless = (
            "with recursive r(x) as (select 1 union all select x + 1 from r limit 20000000) select count(*) n from r"
        )
        made.execute(f"create view v as {endless}")
        made.commit()
    source = PLAIN
    (people,) = any_table.grids(tmp_path / "a b#c.db", "a b#c.db", source)
    assert people.table["name"].to_pylist() == ["Anna"]
    assert "v could not be read" in people.notes[0]
    with pytest.raises(SourceFailed, match="no sign of life"):
        any_table.grids(tmp_path / "a b#c.db", "a b#c.db", source.model_copy(update={"sheets": ("v",)}))


def test_a_parquet_file_that_unpacks_to_more_than_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run of equal values takes a few bytes, however long: its cells are counted before they are unpacked."""
    pq.write_table(pa.table({"a": pa.nulls(1000, pa.string()), "b": pa.nulls(1000, pa.string())}), tmp_path / "x")
    monkeypatch.setattr(parquet, "MOST_CELLS", 1999)
    with pytest.raises(SourceFailed, match="2,000 cells"):
        any_table.grids(tmp_path / "x", "x", PLAIN)


def test_a_list_of_names_and_numbers_has_no_header(tmp_path: Path) -> None:
    """A telephone among the words of the first line, as in the lines below, makes it a customer."""
    (tmp_path / "a.txt").write_text("Maria K. 6941111111\nNikos 210 1234567\nKyr - 6942222222 (mobile)\n", "utf-8")
    (grid,) = any_table.grids(tmp_path / "a.txt", "a.txt", PLAIN)
    assert grid.table.column_names == ["column 1"]
    assert grid.lines.to_pylist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("first", "is_doubted"), [("Anna Berg;Oslo", True), ("full name;town", False), ("wer;wo", False)]
)
def test_a_header_like_a_row_is_doubted(tmp_path: Path, first: str, is_doubted: bool) -> None:
    """Where the first line may be a person, the remedy is said; where it names columns, nothing is."""
    (tmp_path / "a.csv").write_text(f"{first}\nPer Dahl;Bergen\nEva Lund;Voss\n", "utf-8")
    (grid,) = any_table.grids(tmp_path / "a.csv", "a.csv", PLAIN)
    assert any("--no-header" in note for note in grid.notes) is is_doubted
