"""Decisions about records that are gone: what they still say about those that are there."""

import pyarrow as pa
import pytest

from rules import identity
from rules.vocabulary import CROSSWALK, DECISIONS, KEY


def decisions(*said: str) -> pa.Table:
    """`a=b` or `a/b`."""
    rows = []
    for text in said:
        left, right = text.replace("/", "=").split("=")
        ends = {"left_source": "crm", "left_id": left, "right_source": "crm", "right_id": right}
        rows.append({"kind": "same" if "=" in text else "different", **ends})
    return pa.Table.from_pylist(rows, DECISIONS)


def records(ids: str) -> pa.Table:
    return pa.Table.from_pylist([{"source": "crm", "record_id": i} for i in ids], pa.schema(KEY))


def told(table: pa.Table) -> list[str]:
    return [f"{d['left_id']}{'=' if d['kind'] == 'same' else '/'}{d['right_id']}" for d in table.to_pylist()]


@pytest.mark.parametrize(
    ("said", "here", "more"),
    [
        (["a=b", "b=c"], "abc", []),
        (["a=b", "b=c"], "ac", ["a=c"]),
        (["a=x", "x=y", "y=b", "b=c"], "abc", ["a=b", "a=c"]),
        (["a=x", "x/b"], "ab", ["a/b"]),
        (["a=x", "y=b", "x/y"], "ab", ["a/b"]),
        (["a/x"], "a", []),
        (["a=x"], "a", []),
        (["a=b", "c=x"], "abc", []),
    ],
)
def test_what_follows(said: list[str], here: str, more: list[str]) -> None:
    """Those whom gone records joined stay joined, and who is kept apart from a gone record is from its group."""
    assert told(identity.binding(decisions(*said), records(here))) == [*said, *more]


def crosswalk(**state: str) -> pa.Table:
    rows = [{"source": "crm", "record_id": i, "golden_id": i.upper(), "state": s} for i, s in state.items()]
    return pa.Table.from_pylist(rows, CROSSWALK)


@pytest.mark.parametrize(
    ("state", "here", "expected"),
    [("retired", "a", [("a", "X", True)]), ("active", "a", []), ("retired", "ax", []), ("retired", "b", [])],
    ids=["gone", "only missing", "there again", "the other is not there"],
)
def test_who_goes_on_where_another_ended(state: str, here: str, expected: list[tuple[str, str, bool]]) -> None:
    """A record that a person says is one that is retired brings that one's golden id."""
    found = identity.continued(decisions("a=x"), records(here), crosswalk(a="active", x=state))
    assert [(r["record_id"], r["earlier"], r["own"]) for r in found.to_pylist()] == expected
