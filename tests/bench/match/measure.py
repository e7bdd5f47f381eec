"""How right a matching is, given the truth: pairs, clusters, and whether its probabilities can be believed.

Pairwise measures count every unordered pair of records (Christen 2012, chapter 7); recall is over all true pairs,
those that blocking never produced too. Where nothing was said precision is 1, where nothing is true recall is 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

Labels: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]

LEAST_PAIRS: Final = 200
"""Pairs in one bin of a reliability table: fewer say nothing about a share."""
EDGES: Final = np.array([0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0])
"""Bins of a reliability table before those with too few pairs are joined; finer where people look."""


@dataclass(frozen=True)
class Quality:
    """`right` of `said` pairs are right, of `true` that there are."""

    right: int
    said: int
    true: int

    @property
    def precision(self) -> float:
        return self.right / self.said if self.said else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        return 2 * self.right / (self.said + self.true) if self.said + self.true else 1.0


@dataclass(frozen=True)
class Bin:
    """Pairs with a probability from `low` to `high`: the mean they were given and the share that is the same."""

    low: float
    high: float
    pairs: int
    predicted: float
    observed: float

    @property
    def error(self) -> float:
        return abs(self.predicted - self.observed)


def codes(values: Sequence[Any]) -> Labels:
    """The same partition as whole numbers from 0."""
    _, found = np.unique(np.asarray(values), return_inverse=True)
    return np.asarray(found, np.int64)


def pairs_within(labels: Labels) -> int:
    """Unordered pairs of records that have one label."""
    sizes = np.unique(labels, return_counts=True)[1].astype(np.int64)
    return int((sizes * (sizes - 1) // 2).sum())


def _together(cluster: Labels, entity: Labels) -> Labels:
    """One label for each combination of cluster and entity."""
    return codes(cluster) * (int(entity.max(initial=0)) + 1) + entity


def clusters(cluster: Labels, entity: Labels) -> Quality:
    """All pairs inside the clusters; both arrays hold one label a record, in one order."""
    both = _together(cluster, codes(entity))
    return Quality(pairs_within(both), pairs_within(cluster), pairs_within(entity))


def mixed(cluster: Labels, entity: Labels) -> float:
    """Share of the clusters (golden records) that hold records of more than one entity."""
    if not len(cluster):
        return 0.0
    entity = codes(entity)
    both = np.unique(_together(cluster, entity))
    _, entities = np.unique(both // (int(entity.max()) + 1), return_counts=True)
    return float((entities > 1).mean())


def pairs(probability: Floats, same: Bools, threshold: float, true: int) -> Quality:
    """The pairs from `threshold` upwards."""
    said = probability >= threshold
    return Quality(int((said & same).sum()), int(said.sum()), true)


def best_pairs(probability: Floats, same: Bools, true: int) -> tuple[float, Quality]:
    """The threshold with the greatest F1, and what it yields; equal probabilities fall on one side."""
    if not len(probability):
        return 1.0, Quality(0, 0, true)
    order = np.argsort(-probability, kind="stable")
    ranked, right = probability[order], np.cumsum(same[order])
    ends = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    at = int(ends[np.argmax(2 * right[ends] / (ends + 1 + true))])
    return float(ranked[at]), Quality(int(right[at]), at + 1, true)


def reliability(probability: Floats, same: Bools, least: int = LEAST_PAIRS) -> list[Bin]:
    """Bins between EDGES; one with fewer than `least` pairs is joined to the next, the last to the one before it."""
    held = np.clip(np.digitize(probability, EDGES) - 1, 0, len(EDGES) - 2)
    bounds = _bounds(np.bincount(held, minlength=len(EDGES) - 1), least)
    out = []
    for low, high in pairwise(bounds):
        inside = (held >= low) & (held < high)
        if inside.any():
            means = float(probability[inside].mean()), float(same[inside].mean())
            out.append(Bin(float(EDGES[low]), float(EDGES[high]), int(inside.sum()), *means))
    return out


def _bounds(count: Labels, least: int) -> list[int]:
    """Where bins begin, and the end of the last, so that each holds `least` pairs (all of them, where fewer exist)."""
    bounds, here = [0], 0
    for number, pairs_here in enumerate(count.tolist()):
        here += pairs_here
        if here >= least:
            bounds.append(number + 1)
            here = 0
    if len(bounds) == 1:
        return [0, len(count)]
    return [*bounds[:-1], len(count)]


def expected_error(bins: Sequence[Bin]) -> float:
    """Expected calibration error: the mean error of the bins, each weighed by its pairs (Naeini et al. 2015)."""
    total = sum(b.pairs for b in bins)
    return sum(b.pairs * b.error for b in bins) / total if total else 0.0


def worst_error(bins: Sequence[Bin]) -> float:
    """The greatest error of any bin."""
    return max((b.error for b in bins), default=0.0)
