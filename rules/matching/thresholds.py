"""The thresholds, chosen from the probabilities themselves."""

import numpy as np

from rules.matching.config import Matching
from rules.matching.model import Thresholds
from rules.matching.score import Scored
from rules.matching.types import Floats

EVEN = 0.5
JUST_BELOW = 1e-9
"""So that the last pair that is to be joined is above the threshold."""
LEAST_BEST = 0.35
MOST_BEST = 0.95


def bits(probability: float) -> float:
    """The weight at which a probability is reached."""
    return float(np.log2(probability / (1 - probability)))


def choose(scored: Scored, config: Matching, *, few: bool = False) -> Thresholds:
    """The set merge and review thresholds, and the single best one; of `few` pairs it cannot be told: one half."""
    single = EVEN if few else best(scored.probability)
    return Thresholds(config.thresholds.merge, config.thresholds.review, single)


def best(probability: Floats) -> float:
    """The threshold with the greatest expected F1, taking the probabilities at their word (Nan et al. 2012)."""
    p = np.sort(probability)[::-1]
    if not len(p) or p[0] < LEAST_BEST:
        return EVEN
    f1 = 2 * np.cumsum(p) / (np.arange(1, len(p) + 1) + p.sum())
    return float(np.clip(p[int(f1.argmax())] - JUST_BELOW, LEAST_BEST, MOST_BEST))
