"""Which column of yesterday is which of today, and the rows that are equal but for columns that changed as a whole.

A row's cells become numbers of 64 bits, one a column, whose sum stands for the row: a column is left out by
subtracting its own (the multiply-and-shift mixing of Steele, Lea and Flood, SplitMix, 2014).
"""

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz import fuzz

from rules.keys.content import Rows, codes, join_in_order, own_columns

Columns = list[tuple[str, str]]
"""Pairs of columns, yesterday's and today's name."""
ONE_COLUMN = 0.4
"""Share of values that two columns must have in common to be one under two names."""
ALIKE_NAMES = 0.3
"""What two headers of one spelling (`Name`, `NAME.`) add to that."""
ALL_CHANGED = 0.5
"""Share of the open rows that one column must explain to be taken for one that changes every night."""
FEW = 20
Terms = npt.NDArray[np.uint64]


def aligned(previous: pa.Table, current: pa.Table) -> Columns:
    """Columns that are one: of the same name, or, where columns came and went, of the same values."""
    before, now = own_columns(previous), own_columns(current)
    pairs = [(n, n) for n in before if n in now]
    lost = [n for n in before if n not in now and previous[n].null_count < len(previous)]
    new = [n for n in now if n not in before and current[n].null_count < len(current)]
    scored = sorted(
        (-_overlap(previous[a], current[b]) - ALIKE_NAMES * fuzz.ratio(_plain(a), _plain(b)) / 100, m, n)
        for m, a in enumerate(lost)
        for n, b in enumerate(new)
    )
    used: tuple[set[int], set[int]] = (set(), set())
    for share, m, n in scored:
        if -share >= ONE_COLUMN and m not in used[0] and n not in used[1]:
            pairs.append((lost[m], new[n]))
            used[0].add(m)
            used[1].add(n)
    return pairs


def _overlap(left: pa.ChunkedArray, right: pa.ChunkedArray) -> float:
    """Share of the shorter column's cells, 0 to 1, that two columns have in common, order aside."""
    a, b = codes(left, right)
    counts = [np.bincount(part[part >= 0], minlength=int(max(a.max(), b.max())) + 1) for part in (a, b)]
    return float(np.minimum(*counts).sum() / max(1, min(c.sum() for c in counts)))


def _plain(header: str) -> str:
    return re.sub(r"[\W_]+", "", header).casefold()


class Equal:
    """The open rows of two days as numbers a column, to be joined with some columns left out."""

    def __init__(self, before: pa.Table, now: pa.Table, columns: Columns) -> None:
        self._terms: list[tuple[Terms, Terms]] = []
        for number, (a, b) in enumerate(columns):
            left, right = codes(before[a], now[b])
            self._terms.append((_mixed(left, number), _mixed(right, number)))
        self.columns = columns
        self.sums = self._sum(0), self._sum(1)
        self.hashes = codes(before["_hash"], now["_hash"])

    def _sum(self, side: int) -> Terms:
        total: Terms = np.zeros(len(self.hashes_of(side)), np.uint64)
        for terms in self._terms:
            total = total + terms[side]
        return total

    def hashes_of(self, side: int) -> Terms:
        return self._terms[0][side]

    def join(self) -> Rows:
        """For each row of today the row of yesterday with the same cells in the common columns; -1: none, or several
        that differ elsewhere, so that it cannot be told which."""
        return self._join(*self.sums)

    def but_for_one(self) -> tuple[Rows, str]:
        """The same with that column left out which explains most rows, and its name of yesterday."""
        best, name = np.full(len(self.sums[1]), -1, np.int64), ""
        for (left, right), (a, _) in zip(self._terms, self.columns, strict=True):
            found = self._join(self.sums[0] - left, self.sums[1] - right)
            if (found >= 0).sum() > (best >= 0).sum():
                best, name = found, a
        few = max(FEW, ALL_CHANGED * min(len(self.sums[0]), len(self.sums[1])))
        return (best, name) if (best >= 0).sum() >= few else (np.full(len(best), -1, np.int64), "")

    def _join(self, before: Terms, now: Terms) -> Rows:
        """Groups of one row a side, and groups whose rows are all alike on one of the days."""
        both = np.unique(np.concatenate([before, now]), return_inverse=True)[1].astype(np.int64)
        left, right = both[: len(before)], both[len(before) :]
        size = int(both.max()) + 1 if len(both) else 0
        telling = (_alike(left, self.hashes[0], size) | _alike(right, self.hashes[1], size))[right]
        filled = now != 0
        return np.where(telling & filled, join_in_order(left, right), -1)


def _mixed(values: Rows, column: int) -> Terms:
    """SplitMix64 of a code and its column; an empty cell is 0."""
    with np.errstate(over="ignore"):
        x = (values + 1).astype(np.uint64) + np.uint64(column + 1) * np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return np.where(values < 0, np.uint64(0), x ^ (x >> np.uint64(31)))


def _alike(group: Rows, content: Rows, size: int) -> npt.NDArray[np.bool_]:
    """Groups in which every row has one content."""
    low, high = np.full(size, np.iinfo(np.int64).max), np.full(size, -1)
    np.minimum.at(low, group, content)
    np.maximum.at(high, group, content)
    same: npt.NDArray[np.bool_] = low == high
    return same


def filled(table: pa.Table, columns: Sequence[str]) -> list[dict[str, str]]:
    """Filled cells of every row under given names, folded for comparison."""
    cells = [table[name].to_pylist() for name in columns]
    return [
        {name: " ".join(v.split()).casefold() for name, v in zip(columns, row, strict=True) if v}
        for row in zip(*cells, strict=True)
    ]


def counted(column: pa.ChunkedArray, wanted: pa.ChunkedArray) -> list[tuple[str, int]]:
    """How often each wanted value stands in a column."""
    part = column.filter(pc.is_in(column, value_set=pc.unique(wanted)))
    return [(c["values"], c["counts"]) for c in pc.value_counts(part).to_pylist() if c["values"] is not None]
