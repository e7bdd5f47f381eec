"""Arithmetic on sorted groups: every array here is sorted by its group, whose rows so form one run."""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True)
class Runs:
    """The runs of a sorted array of group numbers."""

    group: Ints
    """Number of the group, one a run."""
    start: Ints
    """First row, one a run."""
    of: Ints
    """Number of the run, one a row."""

    @classmethod
    def over(cls, sorted_groups: NDArray[Any]) -> "Runs":
        first = np.ones(len(sorted_groups), bool)
        first[1:] = sorted_groups[1:] != sorted_groups[:-1]
        start = np.flatnonzero(first)
        return cls(sorted_groups[start].astype(np.int64), start, np.cumsum(first) - 1)

    @property
    def size(self) -> Ints:
        return np.diff(np.append(self.start, len(self.of)))

    def max(self, rows: NDArray[Any]) -> NDArray[Any]:
        return np.maximum.reduceat(rows, self.start) if len(rows) else rows

    def min(self, rows: NDArray[Any]) -> NDArray[Any]:
        return np.minimum.reduceat(rows, self.start) if len(rows) else rows

    def sum(self, rows: NDArray[Any]) -> NDArray[Any]:
        return np.add.reduceat(rows, self.start) if len(rows) else rows

    def any(self, rows: Bools) -> Bools:
        return np.logical_or.reduceat(rows, self.start) if len(rows) else rows

    def one_value(self, codes: Ints, alive: Bools) -> Bools:
        """Whether the rows alive of a run hold one code; one a run."""
        top = np.iinfo(np.int64).max
        lowest = self.min(np.where(alive, codes, top))
        highest = self.max(np.where(alive, codes, -1))
        return np.asarray(lowest == highest)

    def keep_best(self, alive: Bools, key: NDArray[Any]) -> Bools:
        """The rows alive whose key is the highest of their run."""
        masked = np.where(alive, key.astype(np.float64), -np.inf)
        return np.asarray(alive & (masked == self.max(masked)[self.of]))

    def keep_first(self, alive: Bools) -> Ints:
        """The first row alive of each run that has one."""
        rows = np.flatnonzero(alive)
        first = np.ones(len(rows), bool)
        first[1:] = self.of[rows[1:]] != self.of[rows[:-1]]
        return rows[first]


def numbered(*columns: NDArray[Any]) -> tuple[Ints, Ints]:
    """Rows of equal columns get equal numbers, in the order of the columns: (number a row, first row a number)."""
    order = np.lexsort(columns[::-1])
    new = np.zeros(len(order), bool)
    new[:1] = True
    for column in columns:
        ordered = column[order]
        new[1:] |= ordered[1:] != ordered[:-1]
    number = np.empty(len(order), np.int64)
    number[order] = np.cumsum(new) - 1
    return number, order[new]


def pairs(run: Ints, limit: int) -> tuple[Ints, Ints]:
    """All pairs (left < right) of rows of one run, over its first `limit` rows."""
    runs = Runs.over(run)
    rank = np.arange(len(run)) - runs.start[runs.of]
    lefts, rights = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for distance in range(1, min(limit, int(runs.size.max(initial=0)))):
        left = np.flatnonzero((run[:-distance] == run[distance:]) & (rank[distance:] < limit))
        lefts.append(left)
        rights.append(left + distance)
    return np.concatenate(lefts), np.concatenate(rights)
