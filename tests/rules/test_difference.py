"""What is told of a difference, and what counts as a surprise."""

from typing import Any

import pyarrow as pa

from rules.difference import BILLED, Difference, difference
from rules.vocabulary import EVENTS, GOLDEN


def golden(**records: int | dict[str, Any]) -> pa.Table:
    """Customers by golden id: how many records each has, or its values."""
    rows = [{"golden_id": i, **(v if isinstance(v, dict) else {"records": v})} for i, v in records.items()]
    return pa.Table.from_pylist(rows, GOLDEN)


def told(
    events: list[tuple[str, str] | tuple[str, str, str]],
    before: pa.Table,
    after: pa.Table,
    customers: int = 1000,
    billed: dict[str, float] | None = None,
    usual: dict[str, float] | None = None,
) -> Difference:
    rows = []
    for event, golden_id, *other in events:
        name = "detail" if event == "changed" else "other_golden_id"
        rows.append({"event": event, "golden_id": golden_id, **({name: other[0]} if other else {})})
    money = [{"golden_id": i, "amount": a} for i, a in (billed or {}).items()]
    tables = (pa.Table.from_pylist(rows, EVENTS), before, after, pa.Table.from_pylist(money, BILLED))
    return difference(3, customers, *tables, usual or {})


def test_counts_and_fields() -> None:
    """Events are counted by kind, and changed customers by field."""
    seen = told(
        [("created", "G9"), ("changed", "G1", "phone, email"), ("changed", "G2", "phone")],
        golden(G1=1, G2=1), golden(G1=1, G2=1, G9=1),
    )  # fmt: skip
    assert seen.counts == {"created": 1, "merged": 0, "split": 0, "changed": 2, "retired": 0, "returned": 0}
    assert seen.fields == {"phone": 2, "email": 1}
    assert seen.as_json()["since"] == 3


def test_every_kind_of_surprise_says_why() -> None:
    """Merged, split, retired, grown, new and large, somebody else: each with its size in words."""
    anna = {"records": 3, "display_name": "Anna", "birth_date": "1990-01-01", "tax_id": "1"}
    cleo = {**anna, "display_name": "Cleo", "birth_date": "1970-01-01"}
    seen = told(
        [("merged", "M", "X1"), ("merged", "M", "X2"), ("split", "S2", "S"), ("retired", "R"), ("created", "N")],
        golden(M=2, X1=1, X2=1, S=6, R=4, B=2, A=anna), golden(M=4, S=3, S2=3, B=9, N=7, A=cleo),
        billed={"M": 1250.5},
    )  # fmt: skip
    assert {s.golden_id: (s.what, s.why) for s in seen.surprises} == {
        "M": ("merged", "2 customers published before go into it: 4 records, 1,250.50 billed"),
        "S": ("split", "it falls apart into 2 customers: 6 records"),
        "R": ("retired", "it is retired, as no source has it any more: 4 records"),
        "B": ("grown", "it grows from 2 to 9 records: 9 records"),
        "N": ("created", "it is new, and of 7 records at once: 7 records"),
        "A": ("remade", "2 of its name, birth date and tax id are others at once: 3 records"),
    }


def test_what_is_rare_and_dear_comes_first() -> None:
    """Of a hundred retired customers the one with most records and money leads; ten are told."""
    many = {f"G{n:03d}": 1 for n in range(99)}
    events = [("retired", i) for i in (*many, "BIG")]
    seen = told(events, golden(**many, BIG=30), golden(), billed={"BIG": 90_000.0})
    assert len(seen.surprises) == 10
    assert seen.surprises[0].golden_id == "BIG"
    ranks = [s.rank for s in seen.surprises]
    assert ranks == sorted(ranks, reverse=True)


def test_a_field_that_changes_in_many_at_once() -> None:
    """Four hundred phones where four change in a usual night surprise; as many as usual do not."""
    events = [("changed", f"G{n}", "phone") for n in range(400)]
    first = told(events, golden(), golden(), usual={"phone": 4.0}).surprises[0]
    assert (first.what, first.golden_id) == ("field", None)
    assert first.why == "phone changes for 400 customers; 4 in a usual night"
    assert told(events, golden(), golden(), usual={"phone": 400.0}).surprises == ()
    assert told([("changed", "G1", "records")] * 50, golden(), golden()).surprises == ()
