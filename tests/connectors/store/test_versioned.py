"""The difference of a table: groups that changed, whole, and nothing else."""

from typing import Any

import pyarrow as pa

from connectors.store.versioned import GROUPS, Difference, Versioned, difference

POINTS = next(of for of in GROUPS if of.name == "contact_points")
CROSSWALK = next(of for of in GROUPS if of.name == "crosswalk")
QUEUE = next(of for of in GROUPS if of.name == "quarantine")


def table(of: Versioned, *rows: dict[str, Any]) -> pa.Table:
    types = {"primary": pa.bool_(), "line": pa.int64()}
    return pa.Table.from_pylist(list(rows), pa.schema([(name, types.get(name, pa.string())) for name in of.payload]))


def published(of: Versioned, rows: pa.Table) -> pa.Table:
    """What the database would hold after these rows were published."""
    opened = difference(of, pa.schema([(n, pa.string()) for n in (*of.key, "digest")]).empty_table(), rows).opened
    if "digest" not in opened.column_names:
        digests = [f"{r['golden_id'] or ''} {r['state']}" for r in opened.to_pylist()]
        opened = opened.append_column("digest", pa.array(digests, pa.string()))
    groups = {tuple(r[k] for k in of.key): r["digest"] for r in opened.to_pylist()}
    return pa.Table.from_pylist(
        [dict(zip((*of.key, "digest"), (*key, digest), strict=True)) for key, digest in groups.items()],
        pa.schema([(n, pa.string()) for n in (*of.key, "digest")]),
    )


def keys(change: Difference) -> tuple[list[Any], list[Any]]:
    return change.closed.to_pylist(), [{k: r[k] for k in change.closed.column_names} for r in change.opened.to_pylist()]


A1 = {"golden_id": "A", "kind": "email", "value": "a@x.example"}
A2 = {"golden_id": "A", "kind": "phone", "value": "1"}
B1 = {"golden_id": "B", "kind": "phone", "value": "2"}


def test_the_same_rows_in_another_order_are_no_change() -> None:
    """Rows of a group have no order of their own."""
    before = published(POINTS, table(POINTS, A1, A2, B1))
    assert not difference(POINTS, before, table(POINTS, B1, A2, A1))


def test_a_group_changes_whole() -> None:
    """One contact point changed: the customer's rows end and all of them begin anew; others are not touched."""
    before = published(POINTS, table(POINTS, A1, A2, B1))
    assert keys(difference(POINTS, before, table(POINTS, A1, {**A2, "value": "9"}, B1))) == (
        [{"golden_id": "A"}], [{"golden_id": "A"}, {"golden_id": "A"}],
    )  # fmt: skip


def test_null_is_not_the_empty_text() -> None:
    """A value that goes from empty to missing is a change."""
    before = published(POINTS, table(POINTS, {**A1, "type": ""}))
    assert difference(POINTS, before, table(POINTS, {**A1, "type": None}))


def test_gone_and_new() -> None:
    """A group that is gone ends; a new one begins."""
    before = published(POINTS, table(POINTS, A1))
    assert keys(difference(POINTS, before, table(POINTS, B1))) == ([{"golden_id": "A"}], [{"golden_id": "B"}])


def test_equal_rows_are_counted() -> None:
    """Twice the same row in a group is not the same as once."""
    before = published(POINTS, table(POINTS, A1))
    assert difference(POINTS, before, table(POINTS, A1, A1))


def test_since_when_a_row_waits_is_no_change() -> None:
    """The run that first quarantined a row is not compared."""
    row = {"source": "s", "record_id": "1", "reasons": "[]", "first_run": "r1"}
    before = published(QUEUE, table(QUEUE, row))
    assert not difference(QUEUE, before, table(QUEUE, {**row, "first_run": "r2"}))
    assert difference(QUEUE, before, table(QUEUE, {**row, "reasons": '["x"]'}))


def test_the_crosswalk_compares_id_and_state() -> None:
    """A record's golden id, its state, or the lack of an id."""
    row = {"source": "s", "record_id": "1", "golden_id": None, "state": "quarantined"}
    before = published(CROSSWALK, table(CROSSWALK, row))
    assert not difference(CROSSWALK, before, table(CROSSWALK, row))
    assert difference(CROSSWALK, before, table(CROSSWALK, {**row, "golden_id": "A"}))
    assert difference(CROSSWALK, before, table(CROSSWALK, {**row, "state": "active"}))
