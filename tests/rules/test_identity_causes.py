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
