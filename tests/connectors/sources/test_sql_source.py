"""Databases: every value as text, read only, refusals in words."""

import sqlite3
from pathlib import Path

import pytest

from connectors import sources
from connectors.sources import SourceFailed
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
