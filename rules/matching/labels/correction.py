"""What judgements of people add to a model: a small correction of the weight, and how it is estimated.

A logistic regression of the judgements with the model's own log odds as offset (Nelder and Wedderburn 1972), drawn to
"no change" by a ridge (Le Cessie and van Houwelingen 1992). People err too: a judgement is taken to be wrong with a
small probability (Copas 1988), so that one slip among sure pairs does not turn the model round.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import minimize

from rules.matching.types import Floats

MOST: Final = 8.0
"""No pair is moved by more than this, in nats, whatever the judgements say."""
SUREST: Final = 30.0


@dataclass(frozen=True)
class Correction:
    """Nats added to the log odds of a pair for each unit of a feature (features.py names them)."""

    weights: dict[str, float]
    judgements: int
    penalty: float
    error: float
    """Part of the judgements that are taken to be wrong."""
    before: float
    """Mean log loss of the judgements without the correction, in nats."""
    after: float
    """The same with it, each judgement predicted without itself (cross-validation)."""

    def of(self, names: tuple[str, ...]) -> Floats:
        """The weights of features in this order; a feature that was never seen weighs nothing."""
        return np.array([self.weights.get(n, 0.0) for n in names])


def judged_same(log_odds: Floats, error: float) -> Floats:
    """Probability that a pair of these log odds is judged the same, by people who err in this part of the cases."""
    return np.asarray(error + (1 - 2 * error) / (1 + np.exp(-np.clip(log_odds, -SUREST, SUREST))))


def losses(log_odds: Floats, same: Floats, error: float) -> Floats:
    """Log loss of each judgement (`same` 1 or 0), in nats."""
    p = judged_same(log_odds, error)
    return np.asarray(-np.log(np.where(same > 0.5, p, 1 - p)))


def estimate(x: Floats, offset: Floats, same: Floats, penalty: float, error: float) -> Floats:
    """Weights of the features (columns of x) that make the judgements likeliest under the penalty."""

    def objective(beta: Floats) -> tuple[float, Floats]:
        log_odds = np.clip(offset + x @ beta, -SUREST, SUREST)
        p = 1 / (1 + np.exp(-log_odds))
        q = error + (1 - 2 * error) * p
        slope = (1 - 2 * error) * p * (1 - p) * np.where(same > 0.5, 1 / q, -1 / (1 - q))
        value = -np.log(np.where(same > 0.5, q, 1 - q)).sum() + 0.5 * penalty * float(beta @ beta)
        return float(value), penalty * beta - x.T @ slope

    found = minimize(objective, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 100})
    return np.asarray(found.x, float)
