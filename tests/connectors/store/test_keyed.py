"""Rows of some keys: those that reading all and choosing would give."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from sqlalchemy import insert, select

from connectors.store import keyed, tables
from connectors.store.keyed import among, of_keys
from connectors.store.state import Store
from tests.databases import KINDS, database

COLUMNS = [tables.candidates.c[name] for name in ("kind", "left", "right")]
QUEUE = [(kind, left, right) for kind in ("pair", "decision") for left in "abc" for right in "xy"]


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A database with a queue of candidates."""
    with database(request.param, tmp_path) as url, Store.open(url) as opened:
        rows = [
            {"kind": k, "left": a, "right": b, "from_version": 1, "digest": "x", "first_run": f"{k}{a}{b}"}
            for k, a, b in QUEUE
        ]
        with opened.writing() as connection:
            connection.execute(insert(tables.candidates), rows)
            connection.execute(tables.published.update().values(version=1))
        yield opened


def keys(*rows: tuple[str, str, str]) -> pa.Table:
    names = ("kind", "left", "right")
    return pa.table({name: pa.array([row[n] for row in rows], pa.string()) for n, name in enumerate(names)})


def test_rows_of_some_keys(store: Store) -> None:
    """Keys of three columns, one of them unknown, on each database; no key, no row."""
    wanted = keys(("pair", "a", "x"), ("decision", "a", "y"), ("decision", "c", "x"), ("pair", "q", "x"))
    found = store.first_runs("candidates", wanted)
    assert sorted(found["first_run"].to_pylist()) == ["decisionay", "decisioncx", "pairax"]
    assert store.stamps("candidates", wanted).num_rows == 3
    assert store.stamps("candidates", keys()).num_rows == 0
    assert store.stamps("candidates").num_rows == len(QUEUE)


def test_of_very_many_keys_all_rows_are_read(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Above a number of keys the table is read whole; those asked for are chosen from that."""
    monkeypatch.setattr(keyed, "MANY", 0)
    wanted = keys(("pair", "a", "x"))
    rows = of_keys(store, select(*COLUMNS), COLUMNS, wanted)
    assert rows.num_rows == len(QUEUE)
    assert among(rows, wanted).to_pylist() == wanted.to_pylist()
