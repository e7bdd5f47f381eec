"""What others say of who is one, and decisions that the data contradict: how they come into the review queue."""

from typing import Any

import pyarrow as pa
import pytest

from rules import identity
from rules.identity import upstream
from rules.identity.candidates import SAID
from rules.identity.contradicted import MARKS, contradicted
from rules.vocabulary import CANDIDATES, DECISIONS, PAIRS

LABELS = pa.schema([("source", pa.string()), ("record_id", pa.string()), ("cluster_id", pa.int64())])


def labels(**cluster: int) -> pa.Table:
    rows = [{"source": "crm", "record_id": i, "cluster_id": c} for i, c in cluster.items()]
    return pa.Table.from_pylist(rows, LABELS)


def decision(kind: str, left: str = "1", right: str = "2", seq: int = 4) -> dict[str, Any]:
    ends = {"left_source": "crm", "left_id": left, "right_source": "crm", "right_id": right}
    return {"seq": seq, "kind": kind, **ends, "user": "maria", "time": "2026-01-02T10:00:00+00:00"}


def decided(*rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), DECISIONS)


@pytest.mark.parametrize(
    ("joins", "clusters", "made", "asked"),
    [
        (True, {"1": 1, "2": 2}, [], True),
        (True, {"1": 1, "2": 1}, [], False),
        (False, {"1": 1, "2": 1}, [], True),
        (False, {"1": 1, "2": 2}, [], False),
        (True, {"1": 1, "2": 2}, ["different"], False),
        (False, {"1": 1, "2": 1}, ["same"], False),
        (True, {"1": 1}, [], False),
    ],
)
def test_only_what_is_not_so_is_asked(joins: bool, clusters: dict[str, int], made: list[str], asked: bool) -> None:
    """What others say of two records is asked where the clusters say otherwise and no person has decided."""
    said = pa.Table.from_pylist([{"left": "crm:2", "right": "crm:1", "joins": joins, "reason": "they say"}], SAID)
    found = identity.candidates(
        PAIRS.empty_table(), labels(**clusters), decided(*map(decision, made)), merge=0.9, review=0.5, said=said
    ).to_pylist()
    assert [(c["kind"], c["left"], c["right"], c["reason"]) for c in found] == [
        ("pair", "crm:1", "crm:2", "they say")
    ] * asked


def merged(**into: str | None) -> pa.Table:
    rows = [{"source": "crm", "record_id": i, "merged_into": m} for i, m in into.items()]
    return pa.Table.from_pylist(rows, upstream.MERGED)


def heard(now: pa.Table, before: pa.Table, *asked: str) -> list[tuple[str, str, bool]]:
    queue = [{"kind": "pair", "left": "crm:1", "right": "crm:2", "reason": reason} for reason in asked]
    nobody = upstream.BROUGHT.empty_table()
    found = upstream.said(now, before, nobody, pa.Table.from_pylist(queue, CANDIDATES)).to_pylist()
    return [(s["left"], s["right"], s["joins"]) for s in found]


def test_users_merge_and_part() -> None:
    """A row says whom it was merged into; where it stops saying so, users have parted the two, and that stays asked."""
    one, none = merged(a="crm:b", b=None), merged(a=None, b=None)
    assert heard(one, none) == [("crm:a", "crm:b", True)]
    assert heard(none, one) == [("crm:a", "crm:b", False)]
    assert heard(none, none, "users of crm have parted these again") == [("crm:1", "crm:2", False)]
    assert heard(none, none, "perhaps the same") == []
    assert heard(merged(b=None), one) == [], "a row that is gone says nothing"


def marks(**of: dict[str, str]) -> pa.Table:
    rows = [{"source": "crm", "record_id": i.replace("_", "@"), "tax_id_scheme": "it", **m} for i, m in of.items()]
    return pa.Table.from_pylist(rows, MARKS)


def told(kind: str, now: dict[str, Any], before: dict[str, Any], *asked: str) -> list[str]:
    """The reasons, each without the words on the decision."""
    queue = pa.Table.from_pylist([{"kind": "decision", "reason": reason} for reason in asked], CANDIDATES)
    clusters = {i.replace("_", "@"): 1 if kind == "same" else n for n, i in enumerate(now)}
    rows = contradicted(decided(decision(kind)), marks(**now), marks(**before), labels(**clusters), queue).to_pylist()
    return [row["reason"].partition(", and ")[2] for row in rows]


@pytest.mark.parametrize(
    ("kind", "now", "expected"),
    [
        ("same", {"1": {"tax_id": "7"}, "2": {"tax_id": "8"}}, ["now their tax ids differ"]),
        ("same", {"1": {"tax_id": "7"}, "2": {"tax_id": "8", "tax_id_scheme": "gr"}}, []),
        ("same", {"1": {"birth_date": "1980"}, "2": {}}, []),
        ("same", {"1": {"national_id": "7"}, "2": {"national_id": "8"}}, ["now their personal numbers differ"]),
        ("different", {"1": {"tax_id": "7"}, "2": {"tax_id": "7"}}, ["now their tax ids are equal"]),
        ("related", {"1": {"birth_date": "1980"}, "2": {"birth_date": "1980"}}, []),
        ("same", {"1": {}, "2_2": {}}, ["crm:2 has become someone else, crm:2@2"]),
    ],
)
def test_what_contradicts_a_decision(kind: str, now: dict[str, Any], expected: list[str]) -> None:
    """Marks that nobody changes differ or agree against it, or a number is somebody else's; the rest is no matter."""
    assert told(kind, now, {"1": {}, "2": {}}) == expected


def test_what_the_person_could_see_is_no_news() -> None:
    """A contradiction that the last publication had is told only while it is asked already."""
    apart = {"1": {"tax_id": "7"}, "2": {"tax_id": "8"}}
    reason = "decision 4 (maria, 2026-01-02) says they are one customer, and now their tax ids differ"
    assert told("same", apart, apart) == []
    assert told("same", apart, apart, reason) == ["now their tax ids differ"]


def test_a_decision_that_a_run_could_not_obey() -> None:
    """Two that a person joined and that are in two clusters all the same are told."""
    empty = MARKS.empty_table()
    queue = CANDIDATES.empty_table()
    (row,) = contradicted(decided(decision("same")), empty, empty, labels(**{"1": 1, "2": 2}), queue).to_pylist()
    assert (row["kind"], row["left"], row["right"]) == ("decision", "crm:1", "crm:2")
    assert "could not do so" in row["reason"]
