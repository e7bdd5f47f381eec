"""What holds for golden ids over any sequence of nights."""

from itertools import count
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import identity
from rules.identity.assign import KEPT, KNOWN
from rules.vocabulary import CROSSWALK
from tests.at_length import at_length

KEYS = [(source, str(number)) for source in ("crm", "shop") for number in range(4)]
# A night: the cluster of each record (0 to 3), or where else it is: gone, quarantined, of a source that did not land.
NIGHT = st.fixed_dictionaries(
    {key: st.sampled_from([0, 0, 1, 1, 2, 3, "gone", "quarantined", "active"]) for key in KEYS}
)
NIGHTS = st.lists(NIGHT, min_size=1, max_size=5)
LABELS = pa.schema([("source", pa.string()), ("record_id", pa.string()), ("cluster_id", pa.int64())])


class Firm:
    """A firm through its nights, with all that the state database would remember."""

    def __init__(self) -> None:
        self.crosswalk = CROSSWALK.empty_table()
        self.alive: dict[str, bool] = {}
        self.resolves: dict[str, str] = {}
        self.minted: list[str] = []
        self.numbers = count()

    def mint(self, number: int) -> pa.Array:
        new = [f"G{next(self.numbers):04d}" for _ in range(number)]
        self.minted += new
        return pa.array(new, pa.string())

    def night(self, places: dict[tuple[str, str], Any], backwards: bool = False) -> list[dict[str, Any]]:
        here = [(*key, place) for key, place in places.items() if isinstance(place, int)]
        was = {(r["source"], r["record_id"]): r["state"] for r in self.crosswalk.to_pylist()}
        kept = [(*k, p) for k, p in places.items() if p == "quarantined" or (p == "active" and was.get(k) == "active")]
        labels = _table(here[::-1] if backwards else here, LABELS)
        known = _table([(i, n, alive) for n, (i, alive) in enumerate(self.alive.items())], KNOWN)
        before = (
            self.crosswalk.take(pa.array(range(self.crosswalk.num_rows), pa.int64())[::-1])
            if backwards
            else self.crosswalk
        )
        found = identity.assign(labels, before, self.mint, kept=_table(kept, KEPT), known=known)
        self.crosswalk = found.crosswalk
        events: list[dict[str, Any]] = found.events.to_pylist()
        for event in events:
            self._remember(event)
        return events

    def _remember(self, event: dict[str, Any]) -> None:
        if event["event"] == "merged":
            self.alive[event["other_golden_id"]] = False
            self.resolves[event["other_golden_id"]] = event["golden_id"]
        else:
            self.alive[event["golden_id"]] = event["event"] != "retired"

    def rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.crosswalk.to_pylist()
        return rows


def _table(rows: list[Any], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema)


@settings(max_examples=10, deadline=None)
@given(NIGHTS)
def test_the_life_of_ids(nights: list[dict[tuple[str, str], Any]]) -> None:
    """Ids are never reused; each record stands once; active records have a living id; superseded ids resolve."""
    firm = Firm()
    for places in nights:
        before = set(firm.minted)
        events = firm.night(places)
        rows = firm.rows()
        keys = [(r["source"], r["record_id"]) for r in rows]
        assert len(keys) == len(set(keys))
        assert {k for k, p in places.items() if isinstance(p, int)} == {
            k for k, r in zip(keys, rows, strict=True) if r["state"] == "active" and isinstance(places[k], int)
        }
        assert all(firm.alive[r["golden_id"]] for r in rows if r["state"] == "active")
        assert not {r["golden_id"] for r in rows} & set(firm.resolves), "the crosswalk names no superseded id"
        assert not {e["golden_id"] for e in events if e["event"] in ("created", "split")} & before
        assert {i for i, alive in firm.alive.items() if alive} == {
            r["golden_id"] for r in rows if r["state"] != "retired" and firm.alive.get(r["golden_id"])
        }, "every living id has a record"
        for start in firm.resolves:
            end, steps = start, 0
            while end in firm.resolves:
                end, steps = firm.resolves[end], steps + 1
                assert steps <= len(firm.resolves), "resolving never turns in a circle"
    assert len(firm.minted) == len(set(firm.minted))


@settings(max_examples=4, deadline=None)
@given(NIGHTS)
def test_one_customer_a_cluster(nights: list[dict[tuple[str, str], Any]]) -> None:
    """Records of one cluster have one golden id, and records of two clusters have two."""
    firm = Firm()
    for places in nights:
        firm.night(places)
        ids = {(r["source"], r["record_id"]): r["golden_id"] for r in firm.rows()}
        pairs = {(place, ids[key]) for key, place in places.items() if isinstance(place, int)}
        assert len(pairs) == len({p for p, _ in pairs}) == len({i for _, i in pairs})


@settings(max_examples=4, deadline=None)
@given(NIGHTS)
def test_the_same_night_again_changes_nothing(nights: list[dict[tuple[str, str], Any]]) -> None:
    """Same clusters, no events, and the crosswalk stands as it was, whatever the clusters are numbered."""
    firm = Firm()
    for places in nights:
        firm.night(places)
    before = firm.crosswalk
    again = {key: 9 - place if isinstance(place, int) else place for key, place in nights[-1].items()}
    assert firm.night(again) == []
    assert firm.crosswalk == before


@settings(max_examples=4, deadline=None)
@given(NIGHTS)
def test_the_order_of_rows_is_irrelevant(nights: list[dict[tuple[str, str], Any]]) -> None:
    """The same nights with every table the other way round give the same ids and events."""
    one, other = Firm(), Firm()
    for places in nights:
        assert one.night(places) == other.night(places, backwards=True)
        assert one.crosswalk == other.crosswalk


@pytest.mark.soak
@pytest.mark.parametrize(
    "promise",
    [
        test_the_life_of_ids,
        test_one_customer_a_cluster,
        test_the_same_night_again_changes_nothing,
        test_the_order_of_rows_is_irrelevant,
    ],
)
def test_at_length(promise: Any) -> None:
    """All of this with many more examples."""
    at_length(promise, 50, NIGHTS)
