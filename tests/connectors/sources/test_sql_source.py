"""Databases: every value as text, read only, refusals in words."""

import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import sources
from connectors.sources import SourceFailed, checks, sql
from rules.schema import Source


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A shop with a table of four types and one value of the wrong one."""
    with sqlite3.connect(tmp_path / "shop.db") as made:
        made.execute("CREATE TABLE debtors (no INTEGER PRIMARY KEY, name TEXT, owed REAL, since DATE)")
        made.executemany(
            "INSERT INTO debtors VALUES (?,?,?,?)",
            [(20, "Anna", 1.5, "2020-01-02"), (3, "Bea", 100.0, "not a date"), (7, None, None, "")],
        )
    made.close()
    return tmp_path


def read(root: Path, **options: object) -> sources.Landed:
    settings = {"kind": "sql", "location": "sqlite:///shop.db", "table": "debtors", **options}
    return sources.read("shop", Source.model_validate(settings), root)


def test_values_as_text_in_key_order(base: Path) -> None:
    """A table is read in the order of its key, whole numbers plain, empty text and NULL empty, wrong types kept."""
    rows = [tuple(r.values())[5:] for r in read(base).raw.to_pylist()]
    assert rows == [("3", "Bea", "100", "not a date"), ("7", None, None, None), ("20", "Anna", "1.5", "2020-01-02")]


def test_address_from_environment(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`env:NAME` is the address of the environment; a name that is not set is said."""
    monkeypatch.setenv("SHOP_DB", f"sqlite:///{base / 'shop.db'}")
    assert len(read(base, location="env:SHOP_DB").raw) == 3
    monkeypatch.delenv("SHOP_DB")
    with pytest.raises(SourceFailed, match="SHOP_DB is not set"):
        read(base, location="env:SHOP_DB")


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://maria:hush@s3cret@127.0.0.1:9/shop",
        "mysql://maria:hush/s3cret@127.0.0.1/shop",
        "mysql://m:s3cret@",
    ],
)
def test_a_password_that_is_no_part_of_an_address_is_told_to_nobody(
    address: str, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an @ or a / in it, half of it would be taken for the host or the database, and named in what fails."""
    monkeypatch.setenv("SHOP_DB", address)
    with pytest.raises(SourceFailed) as failed:
        read(base, location="env:SHOP_DB", patience=2)
    assert "s3cret" not in str(failed.value)


@pytest.mark.parametrize(
    ("options", "reason", "remedy"),
    [
        ({"table": "debtor"}, "no table 'debtor'", "'debtors'"),
        ({"table": None, "query": "SELEC 1"}, "refused", "query"),
        ({"location": "sqlite:///none.db"}, "no such database", "location"),
        ({"location": "nonsense"}, "no database address", "sqlite:///"),
        ({"location": "oracle://u@h/x"}, "driver", "extras"),
    ],
)
def test_refusals(options: dict[str, str], reason: str, remedy: str, base: Path) -> None:
    """A wrong table, query or address says so, and what to do."""
    with pytest.raises(SourceFailed, match=reason) as failed:
        read(base, **options)
    assert remedy in failed.value.remedy


def test_reading_creates_and_changes_nothing(base: Path) -> None:
    """A database that is not there is not created, and one that is cannot be written to."""
    with pytest.raises(SourceFailed):
        read(base, location="sqlite:///none.db")
    assert not (base / "none.db").exists()
    with pytest.raises(SourceFailed, match="refused"):
        read(base, table=None, query="DELETE FROM debtors RETURNING no, name")


@pytest.mark.parametrize("folder", ["a b", "50%", "#1", "what?", "Αρχείο", "a%20b"])
def test_any_name_of_a_folder(folder: str, base: Path) -> None:
    """A database file is found whatever signs its path holds."""
    (base / folder).mkdir()
    (base / "shop.db").rename(base / folder / "shop.db")
    assert len(read(base / folder).raw) == 3


def test_text_that_is_none(base: Path) -> None:
    """Bytes that are no text neither end the run nor are lost, and no message tells them."""
    with sqlite3.connect(base / "shop.db") as made:
        made.execute("UPDATE debtors SET name = CAST(x'4de4ff' AS TEXT) WHERE no = 3")
    made.close()
    assert read(base).raw["name"].to_pylist() == ["0x4de4ff", None, "Anna"]


def test_files_that_are_no_database(base: Path) -> None:
    """A text file, a truncated database and a locked one are failures in words."""
    (base / "text.db").write_text("no;name\n" * 999)
    (base / "cut.db").write_bytes((base / "shop.db").read_bytes()[:5000])
    for name, reason in (("text", "refused: .*not a database"), ("cut", "truncated")):
        with pytest.raises(SourceFailed, match=reason):
            read(base, location=f"sqlite:///{name}.db")
    with sqlite3.connect(base / "shop.db") as busy:
        busy.execute("BEGIN EXCLUSIVE")
        with pytest.raises(SourceFailed, match=r"locked|no sign of life"):
            read(base, patience=0.5)
    busy.close()


def test_vanished_column(base: Path) -> None:
    """A mapped column that the table has no more stops the source and proposes the likeliest one."""
    raw = read(base).raw
    source = Source.model_validate({"kind": "sql", "location": "x", "table": "t", "columns": {"owned": "segment"}})
    (failure,) = checks.columns(raw, source, ())
    assert "owned" in failure.reason
    assert "owed" in failure.remedy


@settings(derandomize=True, max_examples=12, deadline=None)
@given(
    st.lists(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 3) | st.none()), max_size=5), min_size=1, max_size=5)
)
def test_nights_with_a_watermark(nights: list[list[tuple[int, int | None]]]) -> None:
    """Whatever changes from night to night, the snapshot is what a full reading gives, if watermarks only grow."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        base = sqlite3.connect(root / "shop.db")
        base.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, word INTEGER, at INTEGER)")
        base.execute("INSERT INTO t VALUES (0, 0, 0)")
        source = {"kind": "sql", "location": "sqlite:///shop.db", "table": "t", "id": "id", "watermark": "at"}
        declared = Source.model_validate(source)
        before, clock, word = None, 0, 0
        for changes in nights:
            for key, step in changes:
                clock, word = clock + (step or 0), word + 1
                base.execute("INSERT OR REPLACE INTO t VALUES (?,?,?)", (key, word, None if step is None else clock))
            base.commit()
            full = sources.read("shop", declared, root).raw
            before = full if before is None else sql.read_since("shop", declared, root, before).raw
            assert sorted(before["_hash"].to_pylist()) == sorted(full["_hash"].to_pylist())
        base.close()


def test_names_that_are_no_text(base: Path) -> None:
    """A column whose name is no text cannot be asked for, which is said; the others can."""
    made = sqlite3.connect(base / "shop.db")
    made.execute("CREATE TABLE odd (a, b)")
    made.execute("INSERT INTO odd VALUES (1, 2)")
    made.execute("PRAGMA writable_schema = ON")
    schema = bytes.fromhex("435245415445205441424c45206f64642028612c20e429")  # CREATE TABLE odd (a, \xe4)
    made.execute("UPDATE sqlite_master SET sql = CAST(? AS TEXT) WHERE name = 'odd'", [schema])
    made.commit()
    made.close()
    with pytest.raises(SourceFailed, match="name is no text"):
        read(base, table="odd")
    (row,) = read(base, table=None, query="select a from odd").raw.to_pylist()
    assert row["a"] == "1"
