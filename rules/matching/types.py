"""The arrays that the parts of matching hand to each other."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

Ints: TypeAlias = npt.NDArray[np.int32]
Longs: TypeAlias = npt.NDArray[np.int64]
Bytes: TypeAlias = npt.NDArray[np.int8]
Floats: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]
Texts: TypeAlias = npt.NDArray[Any]
"""An array of str objects."""
Progress: TypeAlias = Callable[[float, float], None]
Whole = TypeVar("Whole", np.int32, np.int64)


def pair_key(left: Ints | Longs, right: Ints | Longs) -> Longs:
    """Each pair as one number, lower record << 32 | higher: the same whichever is named first."""
    return np.minimum(left, right).astype(np.int64) << 32 | np.maximum(left, right)


def distinct(numbers: npt.NDArray[Whole]) -> npt.NDArray[Whole]:
    """The distinct numbers, sorted. np.unique without an inverse hashes, and takes a hundred times as long."""
    out = np.sort(numbers)
    return out[np.append(True, out[1:] != out[:-1])] if len(out) else out


def in_order(numbers: Ints) -> Ints:
    """The places of the numbers in their order, equals in the order in which they stand (fewer than 2^31 of them).

    Numbers are sorted with their places: numpy sorts whole numbers ten times as fast as it sorts places by them.
    """
    packed = np.sort(numbers.astype(np.int64) << 32 | np.arange(len(numbers)))
    return (packed & 0xFFFFFFFF).astype(np.int32)


def grouped(numbers: Longs) -> tuple[Longs, Ints]:
    """The distinct numbers, sorted, and which of them each is: np.unique with an inverse, in a third of its time."""
    order = np.argsort(numbers)
    ranked = numbers[order]
    first = np.append(True, ranked[1:] != ranked[:-1]) if len(ranked) else np.zeros(0, bool)
    where = np.empty(len(numbers), np.int32)
    where[order] = np.cumsum(first, dtype=np.int32) - 1
    return ranked[first], where


@dataclass(frozen=True)
class Pairs:
    """Pairs of records: two arrays of record numbers, left < right."""

    left: Ints
    right: Ints

    def __len__(self) -> int:
        return len(self.left)


def unpacked(keys: Longs) -> Pairs:
    """The pairs of numbers made by `pair_key`."""
    return Pairs((keys >> 32).astype(np.int32), (keys & 0xFFFFFFFF).astype(np.int32))


@dataclass(frozen=True)
class Patterns:
    """Agreement levels: int8 of shape (pairs, fields), -1 missing, 0 different, the highest level of a field equal."""

    levels: Bytes

    def __len__(self) -> int:
        return len(self.levels)


@dataclass(frozen=True)
class PatternCounts:
    """The distinct patterns, int8 of shape (patterns, fields), their counts, and the pattern number of each pair."""

    patterns: Bytes
    counts: Longs
    of_pair: Ints


class Tally:
    """Patterns counted batch by batch. `sizes` holds the number of levels a field, missing not counted."""

    def __init__(self, sizes: tuple[int, ...]) -> None:
        self._base = np.array([size + 1 for size in sizes], np.int64)
        self._radix = np.cumprod(np.append(1, self._base))[:-1]
        self._number: dict[int, int] = {}
        self._counts = np.zeros(0, np.int64)

    def add(self, levels: Bytes) -> Ints:
        """Count the rows of `levels`; returns the number of each one's pattern, by first appearance."""
        import pandas as pd  # its hash table is several times faster than sorting

        key = np.zeros(len(levels), np.int64)
        for i, r in enumerate(self._radix):
            key += (levels[:, i].astype(np.int64) + 1) * r
        where, unique = pd.factorize(key)
        at = np.array([self._number.setdefault(k, len(self._number)) for k in unique.tolist()], np.int32)
        self._counts = np.append(self._counts, np.zeros(len(self._number) - len(self._counts), np.int64))
        self._counts[at] += np.bincount(where, minlength=len(unique))
        return at[where]

    def place(self) -> Ints:
        """Pattern number -> row in `counted`."""
        return np.argsort(np.argsort(self._keys())).astype(np.int32)

    def counted(self, of_pair: Ints | None = None) -> PatternCounts:
        """All patterns so far, in an order that does not depend on that of the pairs."""
        key = self._keys()
        order = np.argsort(key)
        patterns = (key[order][:, None] // self._radix % self._base - 1).astype(np.int8)
        return PatternCounts(patterns, self._counts[order], np.zeros(0, np.int32) if of_pair is None else of_pair)

    def _keys(self) -> Longs:
        return np.fromiter(self._number, np.int64, len(self._number))


def count(levels: Bytes, sizes: tuple[int, ...]) -> PatternCounts:
    """Distinct rows of `levels`; `sizes` as in Tally."""
    tally = Tally(sizes)
    number = tally.add(levels)
    return tally.counted(tally.place()[number])
