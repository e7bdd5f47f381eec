"""What chance predicts for a pattern, as a tree of conditional level tables."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rules.matching.chance import Chance
from rules.matching.model import Branch
from rules.matching.types import Bytes, Floats, PatternCounts

LEAST_PAIRS = 300
"""A field is a parent only where so many of the sampled pairs that share its value do so by chance."""
USUAL_PAIRS = 2000.0
"""What is usual counts for as much as so many pairs."""
LEAST_GAIN = 1e-6
SMOOTH = 2.0
"""A conditional table is drawn to the unconditional one with the weight of so many pairs a level."""


@dataclass(frozen=True)
class Background:
    """How pairs that have nothing to do with each other agree."""

    random: list[Floats]
    """Level distribution of each field."""
    tree: tuple[Branch, ...]


def background(chance: Chance, sizes: tuple[int, ...], unrelated: Callable[[Bytes], Floats]) -> Background:
    """Chance from the samples. `unrelated` gives the probability that pairs of these patterns are there by chance.

    A sampled pair that shares a rare value is often the same person or the same family, and that is no chance: in a
    small table half of all equal e-mail addresses are those of true matches.
    """
    weights = [unrelated(s.patterns) * s.counts for s in chance.agreeing]
    random = _random(chance, sizes, unrelated(chance.sample.patterns) * chance.sample.counts, weights)
    by_size = sorted(range(len(sizes)), key=lambda j: (-chance.equal_pairs[j] * _mean(weights[j], chance, j), j))
    tables = {j: _tables(chance.agreeing[j], weights[j], random) for j in by_size if weights[j].sum() >= LEAST_PAIRS}
    branches = []
    for rank, i in enumerate(by_size):
        found = [(_gain(random, i, j, tables[j][i]), -at, j) for at, j in enumerate(by_size[:rank]) if j in tables]
        gain, _, j = max(found, default=(0.0, 0, -1))
        if gain > LEAST_GAIN:
            branches.append(Branch(i, j, tables[j][i], _other(random, i, j, tables[j][i])))
    return Background(random, tuple(branches))


def _mean(weights: Floats, chance: Chance, j: int) -> float:
    """Share of the pairs equal in field j that are so by chance."""
    return float(weights.sum() / max(int(chance.agreeing[j].counts.sum()), 1))


def _random(chance: Chance, sizes: tuple[int, ...], sampled: Floats, agreeing: list[Floats]) -> list[Floats]:
    """Level distributions: from the sample, equality exactly from the frequencies of the values."""
    out = []
    for j, n in enumerate(sizes):
        p = _by_level(chance.sample, sampled, j, n) + 0.5
        p /= p.sum()
        known = max(chance.pairs * (1 - chance.missing[j]), 1.0)
        equal = max(chance.equal[j] * _mean(agreeing[j], chance, j), 0.02 * chance.equal[j])
        p[-1] = (equal * known + chance.usual[j] * USUAL_PAIRS) / (known + USUAL_PAIRS)
        out.append(p / p.sum())
    return out


def _by_level(sample: PatternCounts, weights: Floats, field: int, levels: int) -> Floats:
    known = sample.patterns[:, field] >= 0
    out: Floats = np.bincount(sample.patterns[known, field], weights[known], minlength=levels).astype(float)
    return out


def _tables(sample: PatternCounts, weights: Floats, random: list[Floats]) -> list[Floats]:
    """Level distribution of each field among pairs that share the parent's value."""
    out = []
    for i, u in enumerate(random):
        t = _by_level(sample, weights, i, len(u)) + SMOOTH * u * len(u)
        t /= t.sum()
        out.append(u if t[-1] < u[-1] else t)
    return out


def _other(random: list[Floats], i: int, j: int, equal: Floats) -> Floats:
    """Levels of field i where j is not equal, such that both together give the random levels."""
    p = random[j][-1]
    other = np.maximum((random[i] - p * equal) / (1 - p), 1e-9)
    return np.asarray(other / other.sum())


def _gain(random: list[Floats], i: int, j: int, equal: Floats) -> float:
    """Mutual information of field i's level and the equality of field j, in nats."""
    u, p, other = random[i], float(random[j][-1]), _other(random, i, j, equal)
    return p * float((equal * np.log(equal / u)).sum()) + (1 - p) * float((other * np.log(other / u)).sum())


def log_chance(patterns: Bytes, random: list[Floats], tree: tuple[Branch, ...]) -> Floats:
    """Log probability of the known levels of each pattern when the two records have nothing to do with each other."""
    return np.asarray(by_field(patterns, random, tree).sum(1))


def by_field(patterns: Bytes, random: list[Floats], tree: tuple[Branch, ...]) -> Floats:
    """The same, (patterns, fields): what each field adds, 0 where it is missing."""
    out = np.zeros(patterns.shape)
    branch = {b.child: b for b in tree}
    for i, u in enumerate(random):
        here = _levels(patterns[:, i], u)
        if i in branch:
            b = branch[i]
            parent = patterns[:, b.parent]
            at_parent = parent == len(random[b.parent]) - 1
            here = np.where(
                at_parent,
                _levels(patterns[:, i], b.equal),
                np.where(parent >= 0, _levels(patterns[:, i], b.other), here),
            )
        out[:, i] = here
    return out


def _levels(column: Bytes, distribution: Floats) -> Floats:
    """Log probability of each level; 0 where the field is missing (index -1 is the appended zero)."""
    out: Floats = np.append(np.log(np.maximum(distribution, 1e-12)), 0.0)[column]
    return out
