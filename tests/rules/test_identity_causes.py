"""Whose doing a merge or a split is: a person's, a rule's, or that of the data."""

from typing import Any

import pyarrow as pa
import pytest

from rules import identity
from rules.vocabulary import CROSSWALK, DECISIONS, EVENTS, KEY

MERGED = {"event": "merged", "golden_id": "A", "other_golden_id": "B", "cause": "data"}
SPLIT = {"event": "split", "golden_id": "B", "other_golden_id": "A", "cause": "data"}
APART = {"crm:1": "A", "crm:2": "B"}
ONE = {"crm:1": "A", "crm:2": "A"}


def crosswalk(golden: dict[str, str]) -> pa.Table:
    rows = [{**keyed(key), "golden_id": golden_id, "state": "active"} for key, golden_id in golden.items()]
    return pa.Table.from_pylist(rows, CROSSWALK)


def keyed(key: str) -> dict[str, str]:
    return dict(zip(("source", "record_id"), key.split(":"), strict=True))


def made(seq: int, kind: str, undoes: int | None = None, time: str = "2026-01-02") -> dict[str, Any]:
    ends = {"left_source": "crm", "left_id": "1", "right_source": "crm", "right_id": "2"}
    return {"seq": seq, "kind": kind, **ends, "user": "maria", "time": time, "reason": "she rang", "undoes": undoes}


def caused(event: dict[str, str], **known: Any) -> tuple[str, str | None, str | None]:
    before, after = (APART, ONE) if event is MERGED else (ONE, APART)
    told = {"decisions": DECISIONS.empty_table(), **known}
    found = identity.attribute(
        pa.Table.from_pylist([event], EVENTS), crosswalk(before), crosswalk(after), identity.Known(**told)
    ).to_pylist()[0]
    return found["cause"], found["user"], found["detail"]


def changed(*keys: str) -> pa.Table:
    return pa.Table.from_pylist([keyed(key) for key in keys], pa.schema(KEY))


@pytest.mark.parametrize("event", [MERGED, SPLIT], ids=["merged", "split"])
@pytest.mark.parametrize(
    ("records", "rules", "cause"),
    [
        (["crm:1"], "", "data"),
        (["crm:2"], "the model", "data"),
        (["crm:9"], "the model", "rule"),
        ([], "the model", "rule"),
        ([], "", "data"),
    ],
    ids=["a record changed", "a record and a rule", "another customer's record", "a rule alone", "nobody knows"],
)
def test_rule_or_data(event: dict[str, str], records: list[str], rules: str, cause: str) -> None:
    """A rule is the cause where it changed and no record of the two customers did; otherwise the data are."""
    found = caused(event, changed=changed(*records), rules=rules)
    assert found == (cause, None, rules if cause == "rule" else None)


def test_a_decision_goes_before_a_rule() -> None:
    """What a person joined is the person's doing, whatever else changed."""
    decided = pa.Table.from_pylist([made(7, "same")], DECISIONS)
    assert caused(MERGED, decisions=decided, rules="the model") == ("decision", "maria", "decision 7: she rang")


@pytest.mark.parametrize(("kind", "event"), [("same", SPLIT), ("different", MERGED)])
def test_an_undoing_is_a_decision(kind: str, event: dict[str, str]) -> None:
    """Two who part once a `same` is taken back, or join once a `different` is, do so by the person who took it back."""
    history = pa.Table.from_pylist([made(7, kind), made(8, "undo", 7)], DECISIONS)
    told = "decision 8, which took back decision 7: she rang"
    assert caused(event, history=history, since="2026-01-01") == ("decision", "maria", told)


def test_an_old_undoing_explains_nothing() -> None:
    """What was taken back before the last publication had its effect then."""
    history = pa.Table.from_pylist([made(7, "same"), made(8, "undo", 7)], DECISIONS)
    assert caused(SPLIT, history=history, since="2026-01-03") == ("data", None, None)


@pytest.mark.parametrize(
    ("time", "records", "cause"),
    [("2026-01-03", [], "decision"), ("2026-01-01", [], "data"), ("2026-01-03", ["crm:2"], "data")],
    ids=["since the last publication", "before it", "but a record changed"],
)
def test_what_follows_from_a_decision_on_another_record(time: str, records: list[str], cause: str) -> None:
    """Who says that two records are one draws them out of their customer: what is left behind follows from that, where
    nothing else changed.
    """
    before = {"crm:1": "A", "crm:3": "A", "crm:2": "B"}
    after = {"crm:1": "B", "crm:2": "B", "crm:3": "A"}
    event = {"event": "split", "golden_id": "B", "other_golden_id": "A", "cause": "data"}
    known = identity.Known(
        pa.Table.from_pylist([made(7, "same", time=time)], DECISIONS), since="2026-01-02", changed=changed(*records)
    )
    (found,) = identity.attribute(
        pa.Table.from_pylist([event], EVENTS), crosswalk(before), crosswalk(after), known
    ).to_pylist()
    told = ("decision", "maria", "followed from decision 7: she rang") if cause == "decision" else ("data", None, None)
    assert (found["cause"], found["user"], found["detail"]) == told
