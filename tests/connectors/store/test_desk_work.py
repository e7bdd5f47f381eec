"""What was done and what is open, on every kind of state database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from connectors.store import tables
from connectors.store.decisions import wanted
from connectors.store.desk.acts import Act
from connectors.store.desk.filter import Case, Filter
from connectors.store.desk.work import Done
from connectors.store.state import Store
from tests.databases import KINDS, database

MONDAY, TUESDAY = "2026-01-05T09:00:00+00:00", "2026-01-06T09:00:00+00:00"
RUNS = ("20260104T030000Z-aaaa", "20260104T030000Z-aaaa", "20260106T030000Z-bbbb")


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Three open cases, of which the third came with a later run."""
    with database(request.param, tmp_path) as url, Store.open(url) as opened:
        with opened.writing() as connection:
            connection.execute(update(tables.published).values(version=1))
            for n, run in enumerate(RUNS):
                row = {"kind": "pair", "left": f"crm:{n}", "right": f"shop:{n}", "from_version": 1, "digest": ""}
                connection.execute(insert(tables.candidates).values(**row, worth=float(n), first_run=run))
            for n, (owner, run) in enumerate((("sales", RUNS[2]), ("sales", RUNS[0]), (None, RUNS[0]))):
                row = {"source": "crm", "record_id": f"q{n}", "from_version": 1, "digest": "", "reasons": "[]"}
                connection.execute(insert(tables.quarantine).values(**row, owner=owner, first_run=run))
        for name in ("stella", "stavros"):
            opened.add_user(name, "steward")
        yield opened


def case(n: int) -> Case:
    return Case("pair", f"crm:{n}", f"shop:{n}")


def answer(store: Store, user: str, n: int, time: str, **more: str) -> int:
    rows = () if more else (wanted("same", f"crm:{n}", f"shop:{n}"),)
    return store.act(Act(user, "answer", case(n), rows, answer="same", **more), time=time)


def test_work_is_counted_by_day_and_person(store: Store) -> None:
    """Answers with the cases that they closed, readings that close none, batches, and rows of the quarantine each once;
    what was taken back is no work.
    """
    answer(store, "stella", 0, MONDAY)
    answer(store, "stella", 1, MONDAY, purpose="known")
    store.undo_act(answer(store, "stella", 2, TUESDAY), "stella", TUESDAY)
    many = tuple(wanted("different", f"crm:{n}", f"web:{n}") for n in range(5))
    store.act(Act("stavros", "batch", None, many), time=TUESDAY)
    store.release("crm", "q0", "stavros", time=TUESDAY)
    store.give_back([("crm", "q1"), ("crm", "q2")], "stavros", time=TUESDAY)
    monday = Done("2026-01-05", "stella", answers=2, closed=1)
    tuesday = Done("2026-01-06", "stavros", batches=1, rows=3, closed=5)
    assert store.done("2026-01-01") == [monday, tuesday]
    assert store.done("2026-01-06") == [tuesday]
    assert store.done("2026-01-01", "stella") == [monday]


def test_what_is_open_is_counted_by_what_it_waits_for(store: Store) -> None:
    """Given to somebody, for a second reader, with two answers; rows of the quarantine by owner with the oldest."""
    store.act(Act("lena", "assign", case(0), other="stella"))
    answer(store, "stella", 1, MONDAY, purpose="first")
    answer(store, "stella", 2, MONDAY, purpose="first")
    answer(store, "stavros", 2, MONDAY, purpose="disagreed")
    every = Filter()
    assert (store.given(every), store.half_read(every), store.disagreed(every)) == ([("stella", 1)], 1, 1)
    assert store.waiting_rows() == [("sales", 2, RUNS[0]), ("-", 1, RUNS[0])]
    assert store.waiting_rows(["shop"]) == []
    assert (store.begun(), store.came("2026-01-01"), store.came("2026-01-07")) == ("2026-01-04", {"2026-01-06": 1}, {})
    assert [row["left"] for row in store.cases_about(["crm:0", "shop:2"], every)] == ["crm:2", "crm:0"]
    assert store.cases_about([], every) == []
