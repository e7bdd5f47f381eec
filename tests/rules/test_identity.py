"""Golden ids from night to night: the cases of tests/spec/identity, and what causes, households and the queue hold."""

from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from rules import identity, schema
from rules.identity.assign import KEPT, KNOWN
from rules.identity.binding import AGAIN
from rules.identity.households import BEFORE
from rules.vocabulary import CROSSWALK, DECISIONS, EVENTS, PAIRS

SPEC = Path(__file__).parents[1] / "spec" / "identity" / "nights.yml"
CASES = schema.load(SPEC.read_text("utf-8"), SPEC.name)[0]
LABELS = pa.schema([("source", pa.string()), ("record_id", pa.string()), ("cluster_id", pa.int64())])


class Letters:
    """Golden ids A, B, C …, and the order in which they were born."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, count: int) -> pa.Array:
        ids = [chr(65 + self.count + n) for n in range(count)]
        self.count += count
        return pa.array(ids, pa.string())


def keyed(keys: list[str], **more: list[Any]) -> list[dict[str, Any]]:
    rows = [dict(zip(("source", "record_id"), key.split(":"), strict=True)) for key in keys]
    return [{**row, **{name: values[n] for name, values in more.items()}} for n, row in enumerate(rows)]


def labels(clusters: list[str]) -> pa.Table:
    pairs = [(key, number) for number, members in enumerate(clusters) for key in members.split()]
    return pa.Table.from_pylist(keyed([p[0] for p in pairs], cluster_id=[p[1] for p in pairs]), LABELS)


def sentence(event: dict[str, Any]) -> str:
    return " ".join(filter(None, (event["event"], event["golden_id"], event["other_golden_id"])))


def standing(row: dict[str, Any]) -> str:
    golden_id = row["golden_id"] or "none"
    return golden_id if row["state"] == "active" else f"{golden_id} {row['state']}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_nights(case: dict[str, Any]) -> None:
    """Each case of nights.yml: night by night what happens to customers, and which record is whose."""
    mint, crosswalk = Letters(), CROSSWALK.empty_table()
    alive: dict[str, bool | None] = {}
    for night in case["nights"]:
        kept, adopted = night.get("kept", {}), night.get("adopted", {})
        alive |= dict.fromkeys(sorted({*adopted.values()}))
        found = identity.assign(
            labels(night["clusters"]),
            pa.concat_tables([crosswalk, standing_rows(adopted, "adopted")]),
            mint,
            confirmed=pa.Table.from_pylist(keyed(night.get("confirmed", []))) if "confirmed" in night else None,
            kept=pa.Table.from_pylist(keyed(list(kept), state=list(kept.values())), KEPT),
            known=known(alive),
            again=again(night.get("again", {}), crosswalk),
            since=partial(aged, night["since"]) if "since" in night else None,
        )
        crosswalk = found.crosswalk
        assert [sentence(e) for e in found.events.to_pylist()] == night["events"]
        if "now" in night:
            assert {f"{r['source']}:{r['record_id']}": standing(r) for r in crosswalk.to_pylist()} == night["now"]
        follow(alive, found.events)


def standing_rows(golden: dict[str, str], state: str) -> pa.Table:
    rows = keyed(list(golden), golden_id=list(golden.values()), state=[state] * len(golden))
    return pa.Table.from_pylist(rows, CROSSWALK)


def again(said: dict[str, str], crosswalk: pa.Table) -> pa.Table:
    """Each record with the golden id of the gone one that it is said to be."""
    golden = {f"{r['source']}:{r['record_id']}": r["golden_id"] for r in crosswalk.to_pylist()}
    own = [key.split(":")[0] == earlier.split(":")[0] for key, earlier in said.items()]
    rows = keyed(list(said), earlier=[golden[e] for e in said.values()], own=own)
    return pa.Table.from_pylist(rows, AGAIN)


def aged(since: dict[str, int], ids: list[str]) -> pa.Table:  # noqa: ARG001 - every id is asked for
    return pa.table({"item": [key.replace(":", "\0") for key in since], "since": list(since.values())})


def known(alive: dict[str, bool | None]) -> pa.Table:
    rows = [{"golden_id": i, "born": ord(i[0]), "alive": a} for i, a in alive.items()]
    return pa.Table.from_pylist(rows, KNOWN)


def follow(alive: dict[str, bool | None], events: pa.Table) -> None:
    for event in events.to_pylist():
        ends = event["other_golden_id"] if event["event"] == "merged" else None
        alive[ends or event["golden_id"]] = not ends and event["event"] != "retired"


def crosswalk(**golden: str) -> pa.Table:
    """`crm_1="A"` is record crm:1 of customer A."""
    keys = [key.replace("_", ":") for key in golden]
    return pa.Table.from_pylist(keyed(keys, golden_id=list(golden.values()), state=["active"] * len(keys)), CROSSWALK)


def decision(kind: str, left: str, right: str, seq: int = 7) -> pa.Table:
    one, other = left.split(":"), right.split(":")
    row = {"seq": seq, "kind": kind, "user": "maria", "reason": "she rang", "left_source": one[0], "left_id": one[1]}
    return pa.Table.from_pylist([{**row, "right_source": other[0], "right_id": other[1]}], DECISIONS)


def event(name: str, golden_id: str, other: str) -> pa.Table:
    row = {"event": name, "golden_id": golden_id, "other_golden_id": other, "cause": "data"}
    return pa.Table.from_pylist([row], EVENTS)


@pytest.mark.parametrize(
    ("happened", "before", "after", "decided", "cause"),
    [
        ("merged", {"crm_1": "A", "crm_2": "B"}, {"crm_1": "A", "crm_2": "A"}, ("same", "crm:2", "crm:1"), "decision"),
        (
            "split",
            {"crm_1": "B", "crm_2": "B"},
            {"crm_1": "A", "crm_2": "B"},
            ("different", "crm:2", "crm:1"),
            "decision",
        ),
        ("merged", {"crm_1": "A", "crm_2": "B"}, {"crm_1": "A", "crm_2": "A"}, ("same", "crm:2", "shop:1"), "data"),
        ("split", {"crm_1": "B", "crm_2": "B"}, {"crm_1": "A", "crm_2": "B"}, ("same", "crm:2", "crm:1"), "data"),
    ],
)
def test_a_decision_is_named_as_the_cause(happened: str, before: Any, after: Any, decided: Any, cause: str) -> None:
    """A merge or a split that a decision in force brought about names its user; one that it did not stays `data`."""
    known = identity.Known(decision(*decided))
    found = identity.attribute(event(happened, "A", "B"), crosswalk(**before), crosswalk(**after), known)
    row = found.to_pylist()[0]
    assert (row["cause"], row["user"]) == (cause, "maria" if cause == "decision" else None)
    assert row["detail"] == ("decision 7: she rang" if cause == "decision" else None)


def homes(rows: dict[str, tuple[str, bool]]) -> pa.Table:
    return pa.Table.from_pylist(
        [{"golden_id": g, "household_id": h, "active": a} for g, (h, a) in rows.items()], BEFORE
    )


def household(
    labels: dict[str, str | None], before: pa.Table, events: pa.Table, held: tuple[str, ...] = ()
) -> dict[str, str]:
    mint = Letters()
    mint.count = 7  # H …
    table = pa.table({"golden_id": pa.array(list(labels)), "household": pa.array(list(labels.values()), pa.string())})
    waiting = pa.table({"golden_id": pa.array(list(held), pa.string())})
    rows = identity.households(table, before, events, mint, waiting).to_pylist()
    return {row["golden_id"]: row["household_id"] for row in rows}


def test_a_household_has_two_members_at_least() -> None:
    """A label that one customer alone bears makes no household."""
    labelled = {"A": "x", "B": "x", "C": "y", "D": None}
    assert household(labelled, BEFORE.empty_table(), EVENTS.empty_table()) == {"A": "H", "B": "H"}


def test_a_household_keeps_its_id() -> None:
    """Its id follows the most of its members, and a member's superseded id counts for the one that superseded it."""
    before = homes({"A": ("X", True), "B": ("X", True), "Z": ("Y", True), "D": ("Y", True)})
    merged = event("merged", "C", "Z")
    assert household({"A": "1", "B": "1", "C": "2", "D": "2", "E": "2"}, before, merged) == {
        "A": "X", "B": "X", "C": "Y", "D": "Y", "E": "Y",
    }  # fmt: skip


def test_a_household_that_comes_back_finds_its_id() -> None:
    """Customers who shared a household once get its id back, and not a new one."""
    before = homes({"A": ("X", False), "B": ("X", False)})
    assert household({"A": "1", "B": "1"}, before, EVENTS.empty_table()) == {"A": "X", "B": "X"}


def test_a_held_customer_stays_in_its_household() -> None:
    """A member whose records are all quarantined keeps the household alive, with those it was with."""
    before = homes({"A": ("X", True), "B": ("X", True)})
    assert household({"A": None}, before, EVENTS.empty_table(), held=("B",)) == {"A": "X", "B": "X"}


def pairs(*rows: tuple[str, str, float, str]) -> pa.Table:
    made = []
    for left, right, probability, relation in rows:
        (ls, li), (rs, ri) = left.split(":"), right.split(":")
        made.append({
            "left_source": ls, "left_id": li, "right_source": rs, "right_id": ri, "match_weight": probability * 10,
            "match_probability": probability, "relation": relation,
        })  # fmt: skip
    return pa.Table.from_pylist(made, PAIRS)


def queue(
    found: pa.Table, clusters: list[str], decided: pa.Table | None = None, **more: Any
) -> list[tuple[str, str, str]]:
    decisions = DECISIONS.empty_table() if decided is None else decided
    rows = identity.candidates(found, labels(clusters), decisions, merge=0.9, review=0.2, **more).to_pylist()
    return [(row["kind"], row["left"], row["right"]) for row in rows]


def test_the_uncertain_band_is_queued() -> None:
    """A pair between the thresholds is asked about; one below is not, and of one joined surely nothing is said."""
    found = pairs(("a:1", "a:2", 0.5, "same"), ("a:1", "a:3", 0.1, "namesake"), ("a:4", "a:5", 0.99, "same"))
    assert queue(found, ["a:1", "a:2", "a:3", "a:4 a:5"]) == [("pair", "a:1", "a:2")]


def test_two_clusters_are_asked_about_once() -> None:
    """Of all pairs between two clusters the best is shown, and deciding it settles the others."""
    found = pairs(("a:1", "b:1", 0.4, "same"), ("a:2", "b:1", 0.6, "same"))
    assert queue(found, ["a:1 a:2", "b:1"]) == [("pair", "a:2", "b:1")]


def test_contrary_evidence_in_a_cluster_is_queued() -> None:
    """A cluster that holds two who look like a household is shown, with the pair that says so."""
    found = pairs(("a:1", "a:2", 0.99, "same"), ("a:2", "a:3", 0.99, "same"), ("a:1", "a:3", 0.01, "household"))
    assert queue(found, ["a:1 a:2 a:3"]) == [("cluster", "a:1", "a:3")]


def test_a_weak_link_in_a_cluster_is_queued() -> None:
    """A record that hangs in its cluster by evidence below the merge threshold alone is shown."""
    found = pairs(("a:1", "a:2", 0.99, "same"), ("a:2", "a:3", 0.7, "same"), ("a:1", "a:3", 0.5, "same"))
    assert queue(found, ["a:1 a:2 a:3"]) == [("pair", "a:2", "a:3")]


def test_what_was_decided_is_not_asked_again() -> None:
    """A decision about any two records of two clusters settles all pairs between them."""
    found = pairs(("a:2", "b:1", 0.6, "same"))
    assert queue(found, ["a:1 a:2", "b:1"], decision("different", "a:1", "b:1")) == []


def test_money_comes_first() -> None:
    """Of two doubts as great the one about a customer who was billed more is the first."""
    found = pairs(("a:1", "a:2", 0.5, "same"), ("a:3", "a:4", 0.5, "same"))
    billed = pa.table({"source": ["a"], "record_id": ["4"], "amount": [900.0]})
    assert queue(found, ["a:1", "a:2", "a:3", "a:4"], billed=billed)[0] == ("pair", "a:3", "a:4")
