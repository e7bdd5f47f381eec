"""How strong a correction may be, and whether there is to be one: judged by what it says of judgements it never saw."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.stats import mannwhitneyu

from rules.matching.labels.correction import SUREST, estimate, losses
from rules.matching.types import Bools, Floats, Ints, Pairs

PENALTIES: Final = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
ERRORS: Final = (0.01, 0.05, 0.15, 0.3, 0.5)
"""Parts of the judgements that may be wrong: from careful people to tossed coins."""
FOLDS: Final = 5
REPEATS: Final = 2
CAUTION: Final = 20.0
"""Of n judgements the penalty is at least this over n."""
LEAST: Final = 8
"""Fewer judgements than this of either answer correct nothing."""
SURELY: Final = 0.5
"""A correction is used where it gains so many standard errors on judgements it never saw."""
MANY: Final = 100
CAREFUL: Final = 0.05
"""Of so many judgements by people who err no more than this, any gain is believed: measured, it is on every set."""
OPPOSITE: Final = 0.01


@dataclass(frozen=True)
class View:
    """Judgements as a model sees them that some of them were kept from: their features and its log odds."""

    kept_apart: Bools
    x: Floats
    offset: Floats


@dataclass(frozen=True)
class Chosen:
    """What cross-validation found. `odds`: log odds of each judgement, corrected without itself."""

    penalty: float
    error: float
    before: Floats
    after: Floats
    """Log loss of each judgement without and with the correction."""
    odds: Floats
    refused: str = ""
    """Why nothing is corrected; empty where something is."""


def folds(pairs: Pairs, seed: int, parts: int = FOLDS) -> Ints:
    """A part for each pair; pairs that share records are in one part, so that no part has seen another's records."""
    records, at = np.unique(np.concatenate([pairs.left, pairs.right]), return_inverse=True)
    left, right = at[: len(pairs)], at[len(pairs) :]
    graph = coo_matrix((np.ones(len(pairs), np.int8), (left, right)), shape=(len(records), len(records)))
    component = connected_components(graph, directed=False)[1][left]
    _, first, of = np.unique(component, return_index=True, return_inverse=True)
    order = np.random.default_rng(seed).permutation(len(first))
    return (order[of] % parts).astype(np.int32)


def unusable(offset: Floats, same: Floats) -> str:
    """Why nothing can be learned from these judgements, whatever is tried; empty where something may be."""
    if min(int(same.sum()), int((1 - same).sum())) < LEAST:
        return f"it takes {LEAST} pairs that are the same and {LEAST} that are not"
    if mannwhitneyu(offset[same > 0.5], offset[same < 0.5], alternative="less").pvalue < OPPOSITE:
        return "they say the opposite of what the records say: are the answers swapped?"
    return ""


def choose(views: Sequence[View], offset: Floats, same: Floats) -> Chosen:
    """Penalty and error of the correction that predicts unseen judgements best, and whether it is to be used.

    `offset`: log odds of the model that no judgement has touched. Each judgement is kept apart in one view or more.
    """
    before = losses(offset, same, _error(offset, same))
    loss = {(p, e): losses(_unseen(views, same, p, e), same, e).sum() for p, e in _settings(len(same))}
    error = min(loss, key=lambda s: float(loss[s]))[1]
    penalty = _middle({p: float(v) for (p, e), v in loss.items() if e == error})
    odds = _unseen(views, same, penalty, error)
    after = losses(odds, same, error)
    return Chosen(penalty, error, before, after, odds, _refusal(before, after, same, error))


def _settings(n: int) -> list[tuple[float, float]]:
    """Penalties and errors to be tried with n judgements: where many may be wrong, the others count for less."""
    out = []
    for error in ERRORS[:-1]:
        least = CAUTION / (n * (1 - 2 * error) ** 2)
        out += [(p, error) for p in PENALTIES if p >= least] or [(PENALTIES[-1], error)]
    return out


def _middle(loss: dict[float, float]) -> float:
    """The penalty in the middle of those that do about equally well, each weighed by its likelihood."""
    penalty, total = np.array(list(loss)), np.array(list(loss.values()))
    weight = np.exp(total.min() - total)
    return float(np.exp((weight * np.log(penalty)).sum() / weight.sum()))


def without(views: Sequence[View], offset: Floats) -> Floats:
    """Log odds of each judgement by the views that it was kept from, uncorrected."""
    return _mean(views, len(offset), [v.offset[v.kept_apart] for v in views])


def _error(offset: Floats, same: Floats) -> float:
    """How often people seem to err, where the model is right."""
    return min(ERRORS, key=lambda e: float(losses(offset, same, e).mean()))


def _unseen(views: Sequence[View], same: Floats, penalty: float, error: float) -> Floats:
    """Log odds of each judgement under corrections learned from the others."""
    odds = []
    for v in views:
        here, seen = v.kept_apart, ~v.kept_apart
        beta = estimate(v.x[seen], v.offset[seen], same[seen], penalty, error)
        odds.append(np.clip(v.offset[here] + v.x[here] @ beta, -SUREST, SUREST))
    return _mean(views, len(same), odds)


def _mean(views: Sequence[View], n: int, odds: Sequence[Floats]) -> Floats:
    total, times = np.zeros(n), np.zeros(n)
    for v, value in zip(views, odds, strict=True):
        total[v.kept_apart] += value
        times += v.kept_apart
    return np.asarray(total / np.maximum(times, 1))


def _refusal(before: Floats, after: Floats, same: Floats, error: float) -> str:
    """Why the correction is not used; empty where it is."""
    surely = SURELY / (1 - 2 * error)
    if _gain(before, after) < (0.0 if len(same) >= MANY and error <= CAREFUL else surely):
        return "what some of them teach does not hold for the others"
    share = np.clip(same.mean(), 0.01, 0.99)
    blind = -np.log(np.where(same > 0.5, share, 1 - share))
    if _gain(blind, after) < surely:
        return "they have nothing to do with how alike the records are"
    return ""


def _gain(before: Floats, after: Floats) -> float:
    """Mean gain in standard errors."""
    gain = before - after
    return float(gain.mean() / max(float(gain.std(ddof=1)) / np.sqrt(len(gain)), 1e-12))
