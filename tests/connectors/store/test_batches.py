"""Batches and the quarantine's queue in the state database, on SQLite and on PostgreSQL."""

from collections.abc import Iterator

import pytest
from sqlalchemy import insert

from connectors.store import tables
from connectors.store.decisions import wanted
from connectors.store.desk.acts import Act
from connectors.store.desk.batches import NewBatch
from connectors.store.desk.filter import Case, Filter
from connectors.store.desk.quarantine import Wanted
from connectors.store.state import Store
from tests.databases import KINDS, database

MANY = 300
"""More than turns.AT_ONCE."""


@pytest.fixture(scope="module", params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A publication with cases that wait and rows in quarantine."""
    with database(request.param, tmp_path_factory.mktemp("db")) as url, Store.open(url) as opened:
        opened.begin_run("run-1", "2026-01-01T03:00:00+00:00")
        seen = {"from_version": 1, "digest": "x", "first_run": "run-1"}
        cases = [
            {"kind": "pair", "left": f"crm:{n}", "right": f"shop:{n}", "worth": n, "money": n} for n in range(MANY)
        ]
        held = [{"source": "crm", "record_id": f"q{n}", "reasons": '["no name", "no «phone»"]', "owner": f"o{n % 2}",
                 "raw": f'{{"name": "Άννα {n}"}}', "hash": "h"} for n in range(4)]  # fmt: skip
        with opened.writing() as connection:
            connection.execute(insert(tables.candidates), [{**row, **seen} for row in cases])
            connection.execute(insert(tables.quarantine), [{**row, **seen} for row in held])
            connection.execute(tables.published.update().values(version=1, run_id="run-1"))
            connection.execute(tables.runs.update().values(version=1, status="published"))
        yield opened


def test_a_batch_is_accepted_and_taken_back(store: Store) -> None:
    """Every open case but those decided meanwhile, in one act; undoing it opens them all, and once is enough."""
    of = store.cases_of(Filter(), "maria")
    assert of[0] == Case("pair", f"crm:{MANY - 1}", f"shop:{MANY - 1}")
    assert len(store.cases_of(Filter(), "maria", below=10)) == 10
    number = store.make_batch(NewBatch("maria", "", "different", 0.99, 10), of)
    batch = store.batch(number)
    assert batch
    assert sorted(store.batch_cases(number)) == sorted(of) != store.batch_cases(number)
    other = Case("pair", "crm:7", "shop:7")
    store.act(Act("jo", "answer", other, (wanted("same", other.right, other.left),), answer="same"))
    standing = store.standing(batch)
    assert (standing.size, len(standing.open), standing.errors("different")) == (MANY, MANY - 1, 1)
    act = store.accept_batch(number, "maria")
    assert store.waiting(Filter()) == 0
    assert [d["kind"] for d in store.decisions().to_pylist()].count("different") == MANY - 1
    assert (store.accepted(number) or {})["decisions"] == MANY - 1
    store.undo_act(act, "maria")
    assert store.decisions().num_rows == 1
    assert store.waiting(Filter()) == MANY - 1
    assert store.accepted(number) is None
    with pytest.raises(ValueError, match="undone already"):
        store.undo_act(act, "maria")


def test_the_quarantine_is_filtered_and_searched(store: Store) -> None:
    """By owner, reason, state and any word of a row, without regard to capitals, accents and quotes."""
    every = [("crm", f"q{n}") for n in range(4)]
    for asked, found in (
        (Wanted(), every), (Wanted(owner="o1"), every[1::2]), (Wanted(reason="no «phone»"), every),
        (Wanted(reason="no"), []), (Wanted(text="ΑΝΝΑ 2"), every[2:3]), (Wanted(text="%"), []),
        (Wanted(sources=()), []), (Wanted(state="returned"), []),
    ):  # fmt: skip
        assert store.quarantine_keys(asked) == found, asked
    act = store.give_back(every[:3], "maria", "please")
    assert store.owners_of_returned() == [("o0", 2, "run-1"), ("o1", 1, "run-1")]
    assert store.returned("o0")["record_id"].to_pylist() == ["q0", "q2"]
    assert store.quarantine_keys(Wanted(state="open")) == every[3:]
    undoing = store.undo_act(act, "maria")
    assert store.quarantine_items("returned").num_rows == 0
    store.undo_act(undoing, "maria")
    assert store.quarantine_items("returned").num_rows == 3
    assert store.quarantine_words(None)["reason"] == ["no name", "no «phone»"]
