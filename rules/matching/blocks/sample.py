"""Parts of the records to estimate on: rows with small dictionaries of their own, and who shares a block with them."""

from typing import Final

import numpy as np
import pyarrow as pa

from rules.matching.encode import Column, Encoded
from rules.matching.types import Bools, Ints, Longs

MOST_MATES: Final = 60
"""Blocks of more records than this tell little about who is who, and are not looked into."""


def rows(n: int, most: int, seed: int = 1) -> Longs:
    """All record numbers, or `most` of them at random, sorted. Records are in the order of their keys already."""
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, most, replace=False))


def taken(encoded: Encoded, rows: Longs) -> Encoded:
    """Some records, their dictionaries cut down to the values that they hold."""
    index = pa.array(rows)
    columns = {name: _cut(column, rows) for name, column in encoded.columns.items()}
    return Encoded(encoded.sources.take(index), encoded.ids.take(index), columns)


def _cut(column: Column, rows: Longs) -> Column:
    if column.offsets is None:
        return _compact(column, column.codes[rows], None)
    sizes = column.sizes[rows]
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    entry = np.arange(offsets[-1]) + np.repeat(column.begin[rows] - offsets[:-1], sizes)
    return _compact(column, column.codes[entry], offsets)


def _compact(column: Column, codes: Ints, offsets: Longs | None) -> Column:
    used = np.zeros(len(column.values) + 1, bool)
    used[codes] = True
    used[-1] = False  # code -1, missing
    number = np.where(used, np.cumsum(used) - 1, -1).astype(np.int32)
    return Column(column.name, column.values.take(pa.array(np.flatnonzero(used))), number[codes], offsets)


def entries(column: Column) -> tuple[Ints, Ints]:
    """Record and code of every known value of a column."""
    record = np.arange(len(column.sizes), dtype=np.int32)
    if column.offsets is not None:
        record = np.repeat(record, column.sizes)
    known = column.codes >= 0
    return record[known], column.codes[known]


def mates(columns: list[Column], anchor: Bools) -> tuple[Ints, Ints]:
    """Pairs of an anchor and another record that agree on every column, each ordered (left < right), some twice."""
    record, key = entries(columns[0])
    keep = _shared_with(record, key, anchor)
    record, key = record[keep], key[keep]
    for column in columns[1:]:
        part = column.first[record]
        known = part >= 0
        record, part = record[known], part[known]
        key = key[known].astype(np.int64) * (len(column.values) + 1) + part
        keep = _shared_with(record, part, anchor)
        record, key = record[keep], key[keep]
    return _pairs(record, key.astype(np.int64), anchor)


def _shared_with(record: Ints, code: Ints, anchor: Bools) -> Bools:
    """Entries whose value an anchor has too."""
    wanted = np.zeros(int(code.max(initial=0)) + 1, bool)
    wanted[code[anchor[record]]] = True
    return wanted[code]


def _pairs(record: Ints, key: Longs, anchor: Bools) -> tuple[Ints, Ints]:
    import pandas as pd  # its hash table is several times faster than sorting

    code = pd.factorize(key)[0]
    size = np.bincount(code, minlength=1)
    keep = (size[code] > 1) & (size[code] <= MOST_MATES) if len(code) else np.zeros(0, bool)
    record, code = record[keep], code[keep]
    order = np.argsort(code, kind="stable")
    record, code = record[order], code[order]
    begin = np.searchsorted(code, np.arange(len(size)))
    mine = np.flatnonzero(anchor[record])
    count = size[code[mine]]
    offset = np.cumsum(count) - count
    other = np.arange(int(count.sum())) + np.repeat(begin[code[mine]] - offset, count)
    a, b = np.repeat(record[mine], count), record[other]
    apart = a != b
    return np.minimum(a, b)[apart], np.maximum(a, b)[apart]
