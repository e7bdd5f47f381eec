"""How random pairs of records agree: what chance alone predicts for a pattern.

Chance is not independence: in one suburb similar postcodes and common names are no coincidence. So besides the level
distribution of each field over random pairs, it is measured on random pairs that share a common value of another
field; from these the model builds a tree of conditional level tables (Chow and Liu 1968), true matches taken out.
"""

from dataclasses import dataclass, field

import numpy as np

from rules.matching.compare import compare
from rules.matching.config import Field
from rules.matching.encode import Column, Encoded
from rules.matching.kinds import sizes
from rules.matching.types import Floats, Pairs

RANDOM_PAIRS = 200_000
PAIRS_A_PARENT = 60_000


@dataclass(frozen=True)
class Chance:
    """Level distributions of random pairs. `given[(i, j)]` counts levels of field i where field j is equal."""

    records: int
    random: list[Floats]
    missing: Floats
    """Share of the pairs in which a field is missing."""
    agreeing: dict[int, float] = field(default_factory=dict)
    """Field -> number of all pairs of records that are equal in it."""
    given: dict[tuple[int, int], Floats] = field(default_factory=dict)

    @property
    def pairs(self) -> float:
        """Number of all pairs of records."""
        return self.records * (self.records - 1) / 2


def measure(encoded: Encoded, comparisons: tuple[Field, ...], *, at_least: float, seed: int = 1) -> Chance:
    """Chance agreement in these records; only fields with `at_least` equal pairs are tried as parents."""
    n, rng = len(encoded), np.random.default_rng(seed)
    pairs = _random_pairs(n, rng)
    levels = compare(pairs, encoded, comparisons).levels
    random = []
    for i, f in enumerate(comparisons):
        known = levels[levels[:, i] >= 0, i]
        p = np.bincount(known, minlength=sizes(f.kind)) + 0.5
        p = p / p.sum()
        exactly = _equal_by_chance(encoded.columns[f.name])
        p[-1] = exactly if exactly > 0 else p[-1]
        random.append(p / p.sum())
    missing = (levels < 0).mean(0) if len(levels) else np.zeros(len(comparisons))
    chance = Chance(n, random, np.clip(missing, 1e-6, 1 - 1e-6))
    _conditional(chance, encoded, comparisons, at_least, rng)
    return chance


def _random_pairs(n: int, rng: np.random.Generator) -> Pairs:
    """Pairs of different records: all of them where they are few."""
    if n * (n - 1) // 2 <= RANDOM_PAIRS:
        left, right = np.triu_indices(n, 1)
    else:
        left, right = rng.integers(0, n, RANDOM_PAIRS), rng.integers(0, n - 1, RANDOM_PAIRS)
        right = right + (right >= left)
    return Pairs(left.astype(np.int32), right.astype(np.int32))


def _equal_by_chance(column: Column) -> float:
    """Probability that two values drawn from different records are equal (Simpson 1949, without replacement)."""
    counts = column.counts.astype(float)
    total = counts.sum()
    return float((counts * (counts - 1)).sum() / max(total * (total - 1), 1.0))


def _conditional(
    chance: Chance, encoded: Encoded, comparisons: tuple[Field, ...], at_least: float, rng: np.random.Generator
) -> None:
    for j, parent in enumerate(comparisons):
        column = encoded.columns[parent.name]
        size = column.counts.astype(float)
        agreeing = float((size * (size - 1) / 2).sum())
        chance.agreeing[j] = agreeing
        if agreeing < max(at_least, 1):
            continue
        pairs = _agreeing_pairs(column, rng)
        levels = compare(pairs, encoded, comparisons).levels
        for i, f in enumerate(comparisons):
            if i != j:
                known = levels[levels[:, i] >= 0, i]
                chance.given[i, j] = np.bincount(known, minlength=sizes(f.kind)).astype(float)


def _agreeing_pairs(column: Column, rng: np.random.Generator) -> Pairs:
    """Random pairs of entries that hold the same value, a value chosen by the pairs it makes."""
    record = np.arange(len(column.codes)) if column.offsets is None else np.repeat(np.arange(len(column.sizes)), column.sizes)
    known = np.flatnonzero(column.codes >= 0)
    order = known[np.argsort(column.codes[known], kind="stable")]
    size = column.counts
    begin = np.cumsum(size) - size
    weight = size.astype(float) * (size - 1)
    cumulative = np.cumsum(weight)
    value = np.searchsorted(cumulative, rng.random(PAIRS_A_PARENT) * cumulative[-1], side="right")
    x = (rng.random(PAIRS_A_PARENT) * size[value]).astype(np.int64)
    y = (rng.random(PAIRS_A_PARENT) * (size[value] - 1)).astype(np.int64)
    left, right = record[order[begin[value] + x]], record[order[begin[value] + y + (y >= x)]]
    different = left != right
    return Pairs(left[different].astype(np.int32), right[different].astype(np.int32))
