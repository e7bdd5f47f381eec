"""Pairs of the copies that were set aside: what was found for the copy that stands for them holds for each."""

import numpy as np

from rules.matching.copies import Further
from rules.matching.types import Bools, Ints, Longs, Pairs


def spread(pairs: Pairs, alike: Bools, aside: Further, most: int) -> tuple[Longs, Pairs]:
    """The pairs of records that were set aside: of each the row of the pair that it is like, and the two records.

    `alike`: which of `pairs` are copies. Where there would be more than `most`, only those of each record with the
    copy that stands for it.
    """
    like, many = np.unique(aside.like, return_counts=True)
    size = np.ones(int(max(pairs.right.max(initial=0), aside.record.max(initial=0))) + 1, np.int64)
    size[like] += many
    own = np.flatnonzero(alike & (size[pairs.right] > 1))
    own = own[np.unique(pairs.right[own], return_index=True)[1]]
    rows = np.flatnonzero((size[pairs.left] > 1) | (size[pairs.right] > 1))
    if (size[pairs.left[rows]] * size[pairs.right[rows]]).sum() + (size[like] ** 2).sum() > most:
        of = own[np.searchsorted(pairs.right[own], aside.like)]
        return of, Pairs(np.minimum(aside.like, aside.record), np.maximum(aside.like, aside.record))
    rows, inside = np.concatenate([rows, own]), np.repeat([False, True], [len(rows), len(own)])
    left = np.where(inside, pairs.right[rows], pairs.left[rows])
    at, i, j = _product(size[left], size[pairs.right[rows]])
    new = np.where(inside[at], i < j, (i > 0) | (j > 0))
    at, i, j = at[new], i[new], j[new]
    start, member = np.cumsum(size) - size, _members(aside, len(size))
    one, other = member[start[left[at]] + i], member[start[pairs.right[rows[at]]] + j]
    return rows[at], Pairs(np.minimum(one, other), np.maximum(one, other))


def _members(aside: Further, records: int) -> Ints:
    """Of each record itself and those that it stands for, one record after the other."""
    every = np.append(np.arange(records, dtype=np.int32), aside.record)
    return every[np.argsort(np.append(np.arange(records), aside.like), kind="stable")]


def _product(many: Longs, others: Longs) -> tuple[Longs, Longs, Longs]:
    """Every combination of one of `many` with one of `others`, row by row: the row, and the two numbers."""
    every = many * others
    at = np.repeat(np.arange(len(every)), every)
    k = np.arange(len(at)) - np.repeat(np.cumsum(every) - every, every)
    return at, k // others[at], k % others[at]
