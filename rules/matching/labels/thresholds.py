"""Working thresholds moved by judgements: where people contradict what is joined unseen, or find what nobody is shown.

The single best threshold moves by itself: it is chosen from the corrected probabilities.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from rules.matching.labels.learn import Learned
from rules.matching.model import Model, Thresholds
from rules.matching.types import Floats

SURELY: Final = 2.0
"""A threshold is moved where so many standard deviations more judgements contradict it than it allows for."""
MOST: Final = 0.9999
LEAST: Final = 0.01


def moved(model: Model, learned: Learned) -> Model:
    """The model with a higher `merge` and a lower `review` threshold where judgements say so; never the other way."""
    if model.correction is None:
        return model
    at, p, same = model.thresholds, learned.after, learned.judged.same
    error = model.correction.error
    joined, unseen = p >= at.merge, p < at.review
    wrong = _beyond(1 - same[joined], 1 - p[joined], error)
    missed = _beyond(same[unseen], p[unseen], error)
    merge, review = min(_odds(at.merge, wrong), MOST), max(_odds(at.review, 1 / missed), LEAST)
    return replace(model, thresholds=Thresholds(max(merge, at.merge), min(review, at.review), at.best))


def _beyond(against: Floats, allowed: Floats, error: float) -> float:
    """How many times more judgements are against than probabilities and the errors of people allow; 1 if by chance."""
    expected = float(np.minimum(allowed + error, 1).sum())
    seen = float(against.sum())
    return seen / expected if expected and seen > expected + SURELY * np.sqrt(expected) + 1 else 1.0


def _odds(probability: float, times: float) -> float:
    odds = probability / (1 - probability) * times
    return odds / (1 + odds)
