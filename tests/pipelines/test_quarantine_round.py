"""From the quarantine back to the golden table, over whole runs and the real state database."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from connectors import workspace as workspaces
from connectors.store.state import Store
from pipelines import quarantine, runner

Go = Callable[[Path], runner.Summary]
KEY = "customers:1007"


@pytest.fixture
def store(running: Path) -> Iterator[Store]:
    """The state database of the example firm after one run: its row 1007 is empty, and in quarantine."""
    with Store.open(workspaces.read(running).database_url) as opened:
        yield opened


def keys(store: Store, state: str | None = None) -> list[str]:
    return [f"{i['source']}:{i['record_id']}" for i in quarantine.list_items(store, state).to_pylist()]


def test_a_corrected_record_becomes_a_customer(running: Path, go: Go, store: Store) -> None:
    """A cell filled in by a steward makes the record a customer of the next run, though its file is unchanged."""
    assert keys(store, "open") == [KEY]
    quarantine.correct(store, KEY, {"mail": "nora@post.example"}, "ana", "asked at the desk")
    assert keys(store, "corrected") == [KEY]
    assert go(running).changes["created"] == 1
    assert keys(store) == []


def test_a_released_record_becomes_a_customer(running: Path, go: Go, store: Store) -> None:
    """A record that a steward lets through as it is passes the next run, and the one after it."""
    quarantine.release(store, KEY, "ana", "walk-in, paid in cash")
    assert keys(store, "released") == [KEY]
    assert go(running).changes["created"] == 1
    assert go(running).status == "unchanged"


def test_an_export_has_the_whole_row(store: Store, tmp_path: Path) -> None:
    """What is exported has every column of the row, its place and its reason, ready to be filled in at the source."""
    assert quarantine.export(quarantine.list_items(store), tmp_path / "q.csv") == 1
    header, row = (tmp_path / "q.csv").read_text("utf-8-sig").splitlines()
    assert header.split(",")[:2] == ["source", "record_id"]
    assert {"mail", "company", "changed", "line", "reasons"} <= set(header.split(","))
    assert "no usable name" in row


def test_what_was_corrected_and_taken_back_leaves_the_golden_table(running: Path, go: Go, store: Store) -> None:
    """A customer who was published only because a row was corrected ends when that is taken back, once; done again, it
    comes back with its golden id.
    """
    before = set(store.golden()["golden_id"].to_pylist())
    act = quarantine.correct(store, KEY, {"mail": "nora@post.example"}, "ana")
    go(running)
    (mine,) = {*store.golden()["golden_id"].to_pylist()} - before
    undoing = store.undo_act(act, "ana")
    assert go(running).changes["retired"] == 1
    assert mine not in (running / "published" / "latest" / "golden.csv").read_text("utf-8")
    assert keys(store, "open") == [KEY]
    assert go(running).status == "unchanged"
    store.undo_act(undoing, "ana")
    go(running)
    assert set(store.golden()["golden_id"].to_pylist()) == {*before, mine}
