"""How random pairs of records agree: what chance alone predicts for a pattern.

Chance is not independence: in one suburb similar postcodes and common names are no coincidence. So besides the level
distribution of each field over random pairs, it is measured on random pairs that share a common value of another
field; from these the model builds a tree of conditional level tables (Chow and Liu 1968), true matches taken out.
"""

from dataclasses import dataclass

import numpy as np

from rules.matching.compare import compare
from rules.matching.config import Field
from rules.matching.encode import Column, Encoded
from rules.matching.kinds import USUAL, sizes
from rules.matching.types import Floats, Pairs, PatternCounts, count, in_order

RANDOM_PAIRS = 150_000
PAIRS_A_PARENT = 30_000


@dataclass(frozen=True)
class Chance:
    """Samples of random pairs, as patterns with counts."""

    records: int
    sample: PatternCounts
    """Any two records."""
    agreeing: tuple[PatternCounts, ...]
    """For each field: two records that are equal in it."""
    equal: Floats
    """For each field: probability that two known values of different records are equal, exactly."""
    usual: Floats
    """The same as it usually is, for tables too small to measure it."""
    missing: Floats
    """Share of the pairs in which a field is missing."""

    @property
    def pairs(self) -> float:
        """Number of all pairs of records."""
        return self.records * (self.records - 1) / 2

    @property
    def equal_pairs(self) -> Floats:
        """For each field: number of all pairs of records that are equal in it."""
        return np.asarray(self.equal * (1 - self.missing) * self.pairs)


def measure(encoded: Encoded, comparisons: tuple[Field, ...], *, seed: int = 1) -> Chance:
    """Random pairs of these records, and random pairs that share a value of each field."""
    n, rng = len(encoded), np.random.default_rng(seed)
    columns = [encoded.columns[f.name] for f in comparisons]
    width = tuple(sizes(f.kind) for f in comparisons)

    def patterns(pairs: Pairs) -> PatternCounts:
        return count(compare(pairs, encoded, comparisons).levels, width)

    sample = patterns(_random_pairs(n, rng))
    agreeing = tuple(patterns(_agreeing_pairs(c, rng)) for c in columns)
    missing = ((sample.patterns < 0) * sample.counts[:, None]).sum(0) / max(int(sample.counts.sum()), 1)
    equal = np.array([equal_by_chance(c) for c in columns])
    usual = np.array([USUAL[f.kind] for f in comparisons])
    return Chance(n, sample, agreeing, equal, usual, np.clip(missing, 1e-6, 1 - 1e-6))


def _random_pairs(n: int, rng: np.random.Generator) -> Pairs:
    """Pairs of different records: all of them where they are few."""
    if n * (n - 1) // 2 <= RANDOM_PAIRS:
        left, right = np.triu_indices(n, 1)
    else:
        left, right = rng.integers(0, n, RANDOM_PAIRS), rng.integers(0, n - 1, RANDOM_PAIRS)
        right = right + (right >= left)
    return Pairs(left.astype(np.int32), right.astype(np.int32))


def equal_by_chance(column: Column) -> float:
    """Probability that two values drawn from different records are equal (Simpson 1949, without replacement)."""
    counts = column.counts.astype(float)
    total = counts.sum()
    return float((counts * (counts - 1)).sum() / max(total * (total - 1), 1.0))


def _agreeing_pairs(column: Column, rng: np.random.Generator) -> Pairs:
    """Random pairs of entries that hold the same value, a value chosen by the pairs it makes."""
    record = (
        np.arange(len(column.codes))
        if column.offsets is None
        else np.repeat(np.arange(len(column.sizes)), column.sizes)
    )
    order = in_order(column.codes)[int((column.codes < 0).sum()) :]
    size = column.counts
    begin = np.cumsum(size) - size
    cumulative = np.cumsum(size.astype(float) * (size - 1))
    if not len(cumulative) or cumulative[-1] <= 0:
        return Pairs(np.zeros(0, np.int32), np.zeros(0, np.int32))
    value = np.searchsorted(cumulative, rng.random(PAIRS_A_PARENT) * cumulative[-1], side="right")
    x = (rng.random(PAIRS_A_PARENT) * size[value]).astype(np.int64)
    y = (rng.random(PAIRS_A_PARENT) * (size[value] - 1)).astype(np.int64)
    left, right = record[order[begin[value] + x]], record[order[begin[value] + y + (y >= x)]]
    different = left != right
    return Pairs(left[different].astype(np.int32), right[different].astype(np.int32))
