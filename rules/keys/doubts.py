"""Rows whose key was not sure: a new key was given, and people are asked whether it is an earlier record."""

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

KEY_DOUBTS = pa.schema([("record_id", pa.string()), ("earlier", pa.string()), ("likeness", pa.float64())])
"""A new key, the key of an earlier record that no row of today has, and how alike the two are (0 to 1)."""


def table(found: Iterable[tuple[str, str, float]]) -> pa.Table:
    """The doubts as a table, the likeliest first."""
    rows = sorted(found, key=lambda d: (-d[2], d[0], d[1]))
    return pa.table([list(c) for c in zip(*rows, strict=True)] or [[], [], []], schema=KEY_DOUBTS)


def still_open(before: pa.Table | None, doubts: pa.Table | None, ids: pa.Array | pa.ChunkedArray) -> pa.Table:
    """Yesterday's doubts and today's, as long as the new key is there and the earlier one did not come back."""
    parts = [part.select(KEY_DOUBTS.names) for part in (before, doubts) if part is not None]
    whole = pa.concat_tables(parts).cast(KEY_DOUBTS) if parts else KEY_DOUBTS.empty_table()
    there = pc.drop_null(ids.combine_chunks() if isinstance(ids, pa.ChunkedArray) else ids)
    stands = pc.and_(
        pc.is_in(whole["record_id"], value_set=there), pc.invert(pc.is_in(whole["earlier"], value_set=there))
    )
    rows = whole.filter(stands).to_pylist()
    return table({(r["record_id"], r["earlier"]): (r["record_id"], r["earlier"], r["likeness"]) for r in rows}.values())
