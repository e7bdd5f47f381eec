"""The arrays that the parts of matching hand to each other."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

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


@dataclass(frozen=True)
class Pairs:
    """Candidate pairs: two arrays of record numbers, left < right; `rule` is the number of the rule that found them."""

    left: Ints
    right: Ints
    rule: int = 0

    def __len__(self) -> int:
        return len(self.left)


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


def count(levels: Bytes, sizes: tuple[int, ...]) -> PatternCounts:
    """Distinct rows of `levels`; `sizes` holds the number of levels a field, missing not counted."""
    if levels.shape[1] == 0 or len(levels) == 0:
        empty = np.zeros((min(len(levels), 1), levels.shape[1]), np.int8)
        return PatternCounts(empty, np.full(len(empty), len(levels), np.int64), np.zeros(len(levels), np.int32))
    radix = np.cumprod([1, *(size + 1 for size in sizes[:-1])]).astype(np.int64)
    key = np.zeros(len(levels), np.int64)
    for i, r in enumerate(radix):
        key += (levels[:, i].astype(np.int64) + 1) * r
    _, first, of_pair, counts = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
    return PatternCounts(levels[first], counts.astype(np.int64), of_pair.astype(np.int32))
