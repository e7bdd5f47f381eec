"""Runs and the quarantine in the state database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from connectors.store import tables
from connectors.store.desk.acts import Overtaken
from connectors.store.state import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A database with one published run and the row crm:1 in quarantine."""
    with Store.open(f"sqlite:///{tmp_path}/state.db") as opened:
        opened.begin_run("run-1", "2026-01-01T03:00:00+00:00")
        row = {
            "source": "crm",
            "record_id": "1",
            "from_version": 1,
            "digest": "x",
            "reasons": '["no name", "no phone"]',
        }
        with opened.writing() as connection:
            connection.execute(insert(tables.quarantine).values(**row, hash="h1", raw="{}", first_run="run-1"))
            connection.execute(tables.published.update().values(version=1, run_id="run-1"))
            connection.execute(tables.runs.update().values(version=1, status="published"))
        yield opened


def test_a_run_on_record(store: Store) -> None:
    """Begun, finished with its summary, the latest first; an id is used once."""
    store.begin_run("run-2", "2026-01-02T03:00:00+00:00")
    with pytest.raises(IntegrityError):
        store.begin_run("run-2", "2026-01-02T03:00:00+00:00")
    store.finish_run("run-2", "held", {"why": "Ω"}, "2026-01-02T04:00:00+00:00")
    rows = store.runs().to_pylist()
    assert [(r["run_id"], r["status"], r["version"]) for r in rows] == [
        ("run-2", "held", None),
        ("run-1", "published", 1),
    ]
    assert rows[0]["summary"] == '{"why": "Ω"}'


def test_a_published_run_stays_published(store: Store) -> None:
    """A run that fails after it was published (in its report, say) was published all the same."""
    store.finish_run("run-1", "failed", {})
    assert store.runs()["status"].to_pylist() == ["published"]
    assert store.last_published() == "run-1"


def test_a_quarantined_row_is_kept_whole(store: Store) -> None:
    """All its reasons, the raw row, and since when it waits."""
    item = store.quarantine_items().to_pylist()[0]
    assert item["reasons"] == ["no name", "no phone"]
    assert (item["raw"], item["first_run"], item["state"]) == ("{}", "run-1", "open")


def test_a_corrected_row_waits_for_the_next_run(store: Store) -> None:
    """Corrected until a run has looked at it; if it is still here after that, it is open again."""
    store.correct("crm", "1", {"name": "Ada", "city": "X"}, "maria", "rang", time="2026-01-01T09:00:00+00:00")
    store.correct("crm", "1", {"name": "Ada B."}, "maria", "rang", time="2026-01-01T09:01:00+00:00")
    assert [(r["field"], r["value"]) for r in store.corrections().to_pylist()] == [("city", "X"), ("name", "Ada B.")]
    assert store.quarantine_items("corrected").num_rows == 1
    store.begin_run("run-2", "2026-01-02T03:00:00+00:00")
    store.finish_run("run-2", "unchanged", {})
    assert store.quarantine_items("open").num_rows == 1


def test_a_released_row_names_the_content_it_was_released_with(store: Store) -> None:
    """So that a row which changes after it is judged anew."""
    store.release("crm", "1", "maria", "a real customer")
    assert store.released().to_pylist() == [{"source": "crm", "record_id": "1", "hash": "h1"}]
    assert store.quarantine_items("released").num_rows == 1
    assert store.quarantine_items("open").num_rows == 0


def test_only_what_is_in_quarantine_can_be_released(store: Store) -> None:
    """A key that is not there, and a state there is none of, are said."""
    with pytest.raises(KeyError, match="crm:2"):
        store.release("crm", "2", "maria")
    with pytest.raises(ValueError, match="released"):
        store.quarantine_items("closed")


def test_whoever_comes_second_to_a_row_is_told(store: Store) -> None:
    """What somebody else did to it since it was shown, whatever that was; not one's own, nor what one saw."""
    seen = store.last_laid("crm", "1")
    store.correct("crm", "1", {"name": "Ada"}, "stella", seen=seen)
    for late in (
        lambda: store.release("crm", "1", "leda", seen=seen), lambda: store.give_back([("crm", "1")], "leo", seen=seen),
        lambda: store.correct("crm", "1", {"name": "Eva"}, "leo", seen=seen),
    ):  # fmt: skip
        with pytest.raises(Overtaken, match="stella corrected this row"):
            late()
    assert store.quarantine_items("corrected").num_rows == 1
    store.release("crm", "1", "stella", seen=seen)
    act = store.release("crm", "1", "leda", seen=store.last_laid("crm", "1"))
    seen = store.last_laid("crm", "1")
    store.undo_act(act, "leda")
    with pytest.raises(Overtaken, match="leda took back"):
        store.give_back([("crm", "1")], "leo", seen=seen)
    with pytest.raises(Overtaken, match="load it again"):
        store.give_back([("crm", "1")], "leo", seen=10**6)


def test_what_is_done_twice_to_a_row_is_one_act(store: Store) -> None:
    """Sent again it is the act that there is, so that undoing it undoes it; another's, another or undone it is new."""
    for lay in (
        lambda who: store.correct("crm", "1", {"name": "Ada", "city": "X"}, who),
        lambda who: store.release("crm", "1", who),
        lambda who: store.give_back([("crm", "1")], who),
    ):  # fmt: skip
        act = lay("maria")
        assert lay("maria") == act
        store.undo_act(act, "maria")
        assert store.quarantine_items("open").num_rows == 1
        again = lay("maria")
        assert again > act
        assert lay("jo") > again
        assert lay("maria") > again
        for number in range(again, store.last_laid("crm", "1") + 1):
            store.undo_act(number, "maria")
    first = store.correct("crm", "1", {"name": "Ada"}, "maria")
    assert store.correct("crm", "1", {"name": "Ada", "city": "X"}, "maria") > first


def test_the_store_can_be_used_from_threads(store: Store) -> None:
    """The web application asks from a pool of threads; each has a connection of its own."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: store.correct("crm", str(n), {"a": "b"}, "maria"), range(40)))
        assert store.corrections().num_rows == 40


def test_a_publication_is_of_the_day_a_person_made_it(store: Store) -> None:
    """A run that waited and was published days later was in force from then on, and not from its start."""
    told = {"time": "2026-01-03T10:00:00+00:00", "user": "maria", "action": "publish", "subject": "run-1"}
    assert store.version_at("2026-01-02T00:00:00+00:00") == 1
    with store.writing() as connection:
        connection.execute(insert(tables.audit).values(**told))
    assert store.version_at("2026-01-02T00:00:00+00:00") == 0
    assert store.version_at("2026-01-04T00:00:00+00:00") == 1
