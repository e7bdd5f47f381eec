"""What a row says, as one hash; and rows that say the same, found by a join."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from rules.vocabulary import RAW_PREFIX

KNOWN = pa.schema([("record_id", pa.string()), ("hash", pa.string()), ("traces", pa.list_(pa.uint64()))])
"""Every key that a source ever gave with the content it last had (`traces`: see memory, of what is gone alone): what
is gone may come back, and no key is given to someone else."""
BATCH = 100_000
Rows = npt.NDArray[np.int64]
"""Row numbers; -1 is none."""


@dataclass(frozen=True)
class Keyed:
    """One key a row (null: the row has none and is rejected), and what is to be said."""

    ids: pa.Array
    notes: tuple[str, ...] = ()
    known: pa.Table | None = None
    doubts: pa.Table | None = None
    """Rows with a new key that may be an earlier record: schema doubts.KEY_DOUBTS."""


def own_columns(raw: pa.Table) -> list[str]:
    """The columns that a source brought itself."""
    return [name for name in raw.column_names if name not in RAW_PREFIX]


def content_hash(raw: pa.Table) -> pa.Array:
    """MD5 of each row's filled cells with their column names: the order of columns and empty columns do not count."""
    names = sorted(own_columns(raw))
    if not names or not len(raw):
        return pa.array([""] * len(raw), pa.string())
    hashes: list[str] = []
    for batch in raw.select(names).to_batches(max_chunksize=BATCH):
        cells = [
            pc.binary_join_element_wise(f"{name}\x1f", column, "\x1e", "")
            for name, column in zip(names, batch.columns, strict=True)
        ]
        rows = pc.binary_join_element_wise(*cells, "", null_handling="replace", null_replacement="")
        hashes += [hashlib.md5(row, usedforsecurity=False).hexdigest() for row in rows.cast(pa.binary()).to_pylist()]
    return pa.array(hashes, pa.string())


def hashed(raw: pa.Table) -> pa.Table:
    """A raw table with the hash of what its rows say now."""
    return raw.set_column(RAW_PREFIX.index("_hash"), "_hash", content_hash(raw))


def identified(raw: pa.Table, ids: pa.Array) -> pa.Table:
    """A raw table with these keys, one a row."""
    return raw.set_column(RAW_PREFIX.index("_record_id"), "_record_id", ids)


def codes(left: pa.Array | pa.ChunkedArray, right: pa.Array | pa.ChunkedArray) -> tuple[Rows, Rows]:
    """A number for each distinct value of two columns of one type; -1 where there is none."""
    chunks = [
        chunk for part in (left, right) for chunk in (part.chunks if isinstance(part, pa.ChunkedArray) else [part])
    ]
    whole = pa.chunked_array(chunks, left.type).combine_chunks()
    found = pc.fill_null(whole.dictionary_encode().indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    return found[: len(left)], found[len(left) :]


def join_in_order(before: Rows, now: Rows) -> Rows:
    """For each value of `now` the place in `before` of the same one, the first for the first; -1: none left."""
    if not len(before) or not len(now):
        return np.full(len(now), -1, np.int64)
    longest = max(len(before), len(now)) + 1
    there, wanted = (part * longest + _turn(part) for part in (before, now))
    order = np.argsort(there, kind="stable")
    place = np.minimum(np.searchsorted(there[order], wanted), len(there) - 1)
    found = order[place]
    return np.where((there[found] == wanted) & (now >= 0), found, -1)


def _turn(values: Rows) -> Rows:
    """How many equal values stand before each."""
    order = np.argsort(values, kind="stable")
    sorted_ = values[order]
    start = np.r_[True, sorted_[1:] != sorted_[:-1]]
    begin = np.maximum.accumulate(np.where(start, np.arange(len(values)), 0))
    turn = np.empty(len(values), np.int64)
    turn[order] = np.arange(len(values)) - begin
    return turn


def rows_where(mask: Iterable[bool]) -> Rows:
    return np.flatnonzero(np.asarray(mask)).astype(np.int64)
