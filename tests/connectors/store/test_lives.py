"""The past of single customers, adopted ids and values written, on both kinds of database."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from connectors.store.state import Store
from tests.databases import KINDS, database
from tests.pipelines import faithful
from tests.pipelines.firm import Firm
from tests.pipelines.nights import FIRST, SECOND


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Two nights published: Cy is merged into Ada, Dot changes her name, Bob is gone, Eve is new."""
    with database(request.param, tmp_path) as url:
        firm = Firm(tmp_path, url)
        published = {}
        for night in (FIRST, SECOND):
            firm.publish(night)
            with firm.store as opened:
                published[opened.version()] = faithful.snapshot(opened)
        with firm.store as opened:
            faithful.demand(opened, published)
            yield opened


def test_spans_and_stations(store: Store) -> None:
    """Each row that ever counted, with the publications in which it did; a record that changed hands has two."""
    rows = store.stations("crm", "3").to_pylist()
    assert [(r["from_version"], r["to_version"], r["state"]) for r in rows] == [(1, 2, "active"), (2, None, "active")]
    cy, ada = (r["golden_id"] for r in rows)
    assert [(r["state"], r["resolves_to"]) for r in store.spans("golden", cy).to_pylist()] == [
        ("current", None), ("superseded", ada),
    ]  # fmt: skip
    assert {f"{r['source']}:{r['record_id']}" for r in store.holdings(ada).to_pylist()} == {"crm:1", "crm:3", "shop:1"}
    assert [p["run_id"] for p in store.publications().to_pylist()] == ["run-001", "run-002"]
    held = {r["item"].replace("\0", ":"): r["since"] for r in store.held_since([ada]).to_pylist()}
    assert held == {"crm:1": 1, "crm:3": 2, "shop:1": 1}
    assert (store.known(ada), store.known("nobody")) == (True, False)


def test_some_of_the_ids_there_ever_were(store: Store) -> None:
    """What is known of a few ids is what is known of them among all; what was never used, or only waits, is told."""
    for read, name in ((store.known_ids, "golden_id"), (store.past_households, "golden_id")):
        every = read().to_pylist()
        assert len(every) > 1
        for row in every:
            assert read([row[name], "nobody"]).to_pylist() == [row]
        assert read([]).num_rows == 0
    store.adopt([("crm", "8", "K1")], user="maria", file="a.csv")
    home, ada = store.past_households()["household_id"][0], store.known_ids()["golden_id"][0]
    asked = pa.array([ada.as_py(), "nobody", "K1", home.as_py()])
    assert store.used(asked).to_pylist() == [True, False, True, True]


def test_adopted_ids(store: Store) -> None:
    """The last id of a record counts, none is forgotten, and a new one asks for a new run."""
    before = store.fingerprint()
    store.adopt([("crm", "8", "K1"), ("crm", "9", "K2")], user="maria", file="a.csv")
    store.adopt([("crm", "8", "K3")], user="jo", file="b.csv")
    assert [(r["record_id"], r["golden_id"], r["user"]) for r in store.adopted().to_pylist()] == [
        ("8", "K3", "jo"), ("9", "K2", "maria"),
    ]  # fmt: skip
    assert sorted(store.adopted_ids()["golden_id"].to_pylist()) == ["K1", "K2", "K3"]
    assert store.fingerprint() != before


def test_values_written(store: Store) -> None:
    """Every value that was ever written into a source's records, and no other source's."""
    store.wrote([("crm", "1", "email", "a@x.example"), ("shop", "1", "email", "b@x.example")])
    store.wrote([("crm", "1", "email", "c@x.example")])
    assert [(r["record_id"], r["field"], r["value"]) for r in store.written("crm").to_pylist()] == [
        ("1", "email", "a@x.example"), ("1", "email", "c@x.example"),
    ]  # fmt: skip
