"""Keys for rows that have none: carried from yesterday by content, by memory, by likeness, else minted."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules.keys import doubts, memory, similar
from rules.keys.content import KNOWN, Keyed, codes, join_in_order, own_columns, rows_where

MINTED = r"^k(\d{6,})$"


def carry(
    previous: pa.Table | None,
    current: pa.Table,
    known: pa.Table | None = None,
    *,
    alike: bool = True,
    columns: Mapping[str, str] | None = None,
) -> Keyed:
    """Keys for rows that have none: carried from `previous` by equal content, then by likeness, else minted.

    `previous` is the last published raw table (`_record_id`, `_hash` and the columns), `known` every key minted so
    far (KNOWN), `columns` what the columns mean. Each key goes to at most one row. A row that two earlier ones fit
    equally well, or whose name is another one's, gets a new key, is named in the notes and stands in `doubts`.
    `alike` False: equal content alone counts, for a source to which only new rows come, where the row that resembles
    an earlier one is another customer. The result's `known` is to be handed in next time.
    """
    targets = columns or {}
    ever = memory.known_of(known)
    if previous is None:
        previous = current.slice(0, 0)
    was = join_in_order(*codes(previous["_hash"], current["_hash"]))
    ids = previous["_record_id"].combine_chunks().take(pa.array(was, mask=was < 0))
    gone = ever.filter(pc.invert(pc.is_in(ever["record_id"], value_set=_whole(previous["_record_id"]))))
    ids = _by_memory(gone, current, ids)
    found = similar.Found()
    if alike and ids.null_count and len(previous):
        ids, found = _by_likeness(previous, current, ids, gone, targets)
    ids = _mint(ids, ever, previous)
    remembered = _remember(ever, previous, current, ids, targets, whole=alike)
    return Keyed(ids, _note(found, current), remembered, _doubts(found, previous, ids))


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _open(ids: pa.Array) -> list[int]:
    return list(map(int, rows_where(pc.is_null(ids))))


def _left(keys: pa.Array, ids: pa.Array) -> list[int]:
    """Rows of yesterday whose key no row of today has."""
    return list(map(int, rows_where(pc.invert(pc.is_in(keys, value_set=ids.drop_null())))))


def _put(ids: pa.Array, found: Mapping[int, str]) -> pa.Array:
    """The keys with some that were missing."""
    if not found:
        return ids
    mask = np.zeros(len(ids), bool)
    mask[list(found)] = True
    return pc.replace_with_mask(ids, pa.array(mask), pa.array([found[n] for n in sorted(found)], pa.string()))


def _by_memory(gone: pa.Table, current: pa.Table, ids: pa.Array) -> pa.Array:
    """Rows that were gone and are back as they were find their old key."""
    rows = _open(ids)
    if not len(gone) or not rows:
        return ids
    back = join_in_order(*codes(gone["hash"], current["_hash"].take(pa.array(rows))))
    keys = gone["record_id"].take(pa.array(back, mask=back < 0)).to_pylist()
    return _put(ids, {row: key for row, key in zip(rows, keys, strict=True) if key is not None})


def _by_likeness(
    previous: pa.Table, current: pa.Table, ids: pa.Array, gone: pa.Table, targets: Mapping[str, str]
) -> tuple[pa.Array, similar.Found]:
    """Rows that are no longer what they were, or are back and are not what they were."""
    keys = _whole(previous["_record_id"])
    equal = similar.equal(previous, current, _left(keys, ids), _open(ids))
    ids = _put(ids, {n: keys[o].as_py() for n, o in equal.items()})
    back = _by_traces(gone, current, ids)
    counts = {n: shared for n, (_, shared) in back.items()}
    found = similar.pair(previous, current, _left(keys, ids), _open(ids), ids.to_pylist(), targets, counts)
    ids = _put(ids, {n: keys[o].as_py() for n, o in found.pairs.items()})
    return _put(ids, {n: key for n, (key, _) in back.items() if n not in found.pairs}), found


def _by_traces(gone: pa.Table, current: pa.Table, ids: pa.Array) -> dict[int, tuple[str, int]]:
    """Open row -> key of a row that was gone, whose cells it has, and how many."""
    free = gone.filter(pc.and_(pc.is_valid(gone["traces"]), pc.invert(pc.is_in(gone["record_id"], value_set=ids))))
    rows = _open(ids)
    if not len(free) or not rows:
        return {}
    part = current.select(own_columns(current)).take(pa.array(rows))
    cells = [[v for v in row if v] for row in zip(*(c.to_pylist() for c in part.columns), strict=True)]
    return {rows[n]: found for n, found in memory.back_by_traces(free, cells).items()}


def _mint(ids: pa.Array, ever: pa.Table, previous: pa.Table) -> pa.Array:
    rows = _open(ids)
    if not rows:
        return ids
    highest = 0
    for keys in (ever["record_id"], previous["_record_id"]):
        minted = keys.filter(pc.match_substring_regex(keys, MINTED))
        numbers = pc.max(pc.cast(pc.utf8_slice_codeunits(minted, 1), pa.int64())).as_py()
        highest = max(highest, numbers or 0)
    return _put(ids, {row: f"k{highest + n:06d}" for n, row in enumerate(rows, 1)})


def _remember(
    ever: pa.Table, previous: pa.Table, current: pa.Table, ids: pa.Array, targets: Mapping[str, str], *, whole: bool
) -> pa.Table:
    nothing = pa.nulls(len(ids), KNOWN.types[2])
    present = pa.table([ids, _whole(current["_hash"]), nothing], schema=KNOWN)
    lost = rows_where(pc.invert(pc.is_in(_whole(previous["_record_id"]), value_set=ids)))
    gone = KNOWN.empty_table()
    if whole:
        gone = memory.gone_rows(previous, pa.array(lost), targets, own_columns(previous))
    elif len(lost):
        part = previous.take(pa.array(lost))
        gone = pa.table([part["_record_id"], part["_hash"], pa.nulls(len(lost), KNOWN.types[2])], schema=KNOWN)
    return memory.remember(ever, present, gone)


def _doubts(found: similar.Found, previous: pa.Table, ids: pa.Array) -> pa.Table:
    keys: Sequence[str] = ids.to_pylist() if found.doubts else ()
    taken = set(keys)
    every = ((keys[n], str(previous["_record_id"][o].as_py()), like) for n, o, like in found.doubts)
    return doubts.table(d for d in every if d[1] not in taken)


def _note(found: similar.Found, current: pa.Table) -> tuple[str, ...]:
    rows = sorted({n for n, _, _ in found.doubts})
    if not rows:
        return ()
    lines = ", ".join(str(current["_line"][row].as_py()) for row in rows[:10]) + (" …" if len(rows) > 10 else "")
    what = "1 row resembles an earlier one" if len(rows) == 1 else f"{len(rows)} rows resemble earlier ones"
    return (f"{what}, but not surely enough: new keys were given, and the doubt is in review (lines {lines})",)
