"""What a correction looks at: where the model stands, what else the pair may be, and how each field agrees."""

from typing import Final

import numpy as np

from rules.matching import em, kinds
from rules.matching.labels.correction import MOST, Correction
from rules.matching.model import Model
from rules.matching.types import Bytes, Floats, PatternCounts

RANGE: Final = 7.0
"""The model's log odds (nats) say more of a pair only so far: what is further out is moved like its nearest."""
USUAL: Final = 4.0
"""Term frequency of so many nats is one unit."""
OF_PAIR: Final = ("every pair", "model's odds", "surely the same", "moved", "household", "namesake", "rare values")


def of_pairs(by_relation: Floats, rare: Floats) -> Floats:
    """(pairs, OF_PAIR). `by_relation`: log of the expected pairs of each of score.RELATIONS, chance as scored."""
    same = np.logaddexp(by_relation[:, 0], by_relation[:, 1])
    other = np.logaddexp(np.logaddexp(by_relation[:, 2], by_relation[:, 3]), by_relation[:, 4])
    odds = np.clip(same - other, -RANGE, RANGE) / RANGE
    parts = [np.exp(by_relation[:, 1] - same), *(np.exp(by_relation[:, i] - other) for i in (2, 3))]
    usual = np.clip(rare, -2 * USUAL, 2 * USUAL) / USUAL
    return np.stack([np.ones(len(odds)), odds, np.maximum(odds, 0), *parts, usual], 1)


def of_patterns(patterns: Bytes, model: Model) -> Floats:
    """(patterns, all levels): 1 where a pattern has the level; a missing field has none."""
    return em.one_hot(patterns, model.sizes)


def names(model: Model) -> tuple[str, ...]:
    """The names of the levels, as the columns of `of_patterns` stand."""
    return tuple(f"{f.name}: {word}" for f in model.fields for word in kinds.LEVELS[f.kind])


def shift(correction: Correction, counted: PatternCounts, by_relation: Floats, rare: Floats, model: Model) -> Floats:
    """What a correction adds to the log odds of each pair, in nats."""
    of_levels = of_patterns(counted.patterns, model) @ correction.of(names(model))
    moved = of_pairs(by_relation, rare) @ correction.of(OF_PAIR) + of_levels[counted.of_pair]
    return np.clip(moved, -MOST, MOST)
