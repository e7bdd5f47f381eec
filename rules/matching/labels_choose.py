"""How strong a correction may be, and whether there is to be one: judged by what it says of judgements it never saw."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from rules.matching.labels_correction import SUREST, estimate, judged_same, losses
from rules.matching.types import Bools, Floats, Ints, Pairs

PENALTIES: Final = (0.3, 1.0, 3.0, 10.0, 30.0)
ERRORS: Final = (0.01, 0.05, 0.15, 0.3, 0.5)
"""Parts of the judgements that may be wrong: from careful people to tossed coins."""
FOLDS: Final = 5
SEED: Final = 7
LEAST: Final = 8
"""Fewer judgements than this of either answer correct nothing."""
SURELY: Final = 1.0
"""A correction is used where it gains so many standard errors on judgements it never saw."""


@dataclass(frozen=True)
class Chosen:
    """What cross-validation found. `odds`: log odds of each judgement, corrected without itself."""

    penalty: float
    error: float
    before: float
    after: float
    used: bool
    why: str
    odds: Floats


def folds(pairs: Pairs, parts: int = FOLDS) -> Ints:
    """A part for each pair; pairs that share records are in one part, so that no part has seen another's records."""
    records, at = np.unique(np.concatenate([pairs.left, pairs.right]), return_inverse=True)
    left, right = at[: len(pairs)], at[len(pairs) :]
    graph = coo_matrix((np.ones(len(pairs), np.int8), (left, right)), shape=(len(records), len(records)))
    component = connected_components(graph, directed=False)[1][left]
    _, first, of = np.unique(component, return_index=True, return_inverse=True)
    order = np.random.default_rng(SEED).permutation(len(first))
    return (order[of] % parts).astype(np.int32)


def choose(x: Floats, offset: Floats, same: Floats, part: Ints) -> Chosen:
    """Penalty and error of the correction that predicts unseen judgements best, and whether it is to be used."""
    error, before = _uncorrected(offset, same)
    if min(int(same.sum()), int((1 - same).sum())) < LEAST:
        why = f"there are fewer than {LEAST} judgements of one of the answers"
        return Chosen(np.inf, error, float(before.mean()), float(before.mean()), False, why, offset)
    tried = [(p, e, _unseen(x, offset, same, part, p, e)) for p in PENALTIES for e in ERRORS[:-1]]
    penalty, at_error, odds = min(tried, key=lambda t: float(losses(t[2], same, t[1]).mean()))
    after = losses(odds, same, at_error)
    why = _refusal(before, after, same)
    return Chosen(penalty, at_error, float(before.mean()), float(after.mean()), not why, why, odds)


def _uncorrected(offset: Floats, same: Floats) -> tuple[float, Floats]:
    """The losses of the model as it is, people erring as often as suits it best."""
    error = min(ERRORS, key=lambda e: float(losses(offset, same, e).mean()))
    return error, losses(offset, same, error)


def _unseen(x: Floats, offset: Floats, same: Floats, part: Ints, penalty: float, error: float) -> Floats:
    """Log odds of each judgement under the correction learned from the other parts."""
    out = offset.copy()
    for fold in np.unique(part):
        here: Bools = part == fold
        out[here] += x[here] @ estimate(x[~here], offset[~here], same[~here], penalty, error)
    return np.clip(out, -SUREST, SUREST)


def _refusal(before: Floats, after: Floats, same: Floats) -> str:
    """Why the correction is not used; empty where it is."""
    if _gain(before, after) < SURELY:
        return "what they say does not hold for judgements that were kept apart"
    share = np.clip(same.mean(), 0.01, 0.99)
    blind = -np.log(np.where(same > 0.5, share, 1 - share))
    if _gain(blind, after) < SURELY:
        return "they have nothing to do with how alike the records are"
    return ""


def _gain(before: Floats, after: Floats) -> float:
    """Mean gain in standard errors."""
    gain = before - after
    return float(gain.mean() / max(gain.std(ddof=1) / np.sqrt(len(gain)), 1e-12))


__all__ = ["Chosen", "choose", "folds", "judged_same"]
