"""A model that has learned from the judgements of people: its classes by EM, then a correction of its weights.

Both are used only where they predict judgements that were kept from them better than the model does without.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from rules.matching.compare import compare
from rules.matching.encode import Encoded
from rules.matching.frequency import Holders
from rules.matching.labels.choose import FOLDS, REPEATS, Chosen, View, choose, folds, unusable, without
from rules.matching.labels.classes import supervised
from rules.matching.labels.correction import SUREST, Correction, estimate, losses
from rules.matching.labels.features import OF_PAIR, names, of_pairs, of_patterns
from rules.matching.labels.judged import Judged
from rules.matching.model import Model
from rules.matching.score import evidence
from rules.matching.types import Bools, Bytes, Floats, PatternCounts, count

TELLING: Final = 0.2
"""Nats that are worth a word."""


@dataclass(frozen=True)
class Learned:
    """A model and what it learned. `before`: match probabilities of the judged pairs without any judgement; `after`:
    with all judgements but their own (the same as before where nothing was learned, and `refused` says why).
    """

    model: Model
    judged: Judged
    before: Floats
    after: Floats
    refused: str = ""


def learn(model: Model, counted: PatternCounts, encoded: Encoded, known: Holders | None, judged: Judged) -> Learned:
    """The model under these judgements; where they teach nothing that holds, the model as it is and why.

    counted: patterns of all candidate pairs. known: clusters guessed by the model, for term frequencies.
    """
    look = _Look(encoded, known, judged)
    x, offset = look.at(model)
    same = judged.same
    if why := unusable(offset, same):
        return Learned(model, judged, _probability(offset), _probability(offset), why)

    def fitted(seen: Bools) -> Model:
        return supervised(model, counted, look.levels[seen], judged.said[seen])

    views = list(_views(look, fitted, judged))
    plain = [View(v.kept_apart, x, offset) for v in views]
    by_em = losses(without(views, offset), same, 0.01).mean() <= losses(offset, same, 0.01).mean()
    found = choose(views if by_em else plain, offset, same)
    if found.refused:
        return Learned(model, judged, _probability(offset), _probability(offset), found.refused)
    moved = fitted(np.ones(len(judged), bool)) if by_em else model
    corrected = replace(moved, correction=_correction(look, moved, same, found))
    return Learned(corrected, judged, _probability(offset), _probability(found.odds))


class _Look:
    """The judged pairs as a model sees them."""

    def __init__(self, encoded: Encoded, known: Holders | None, judged: Judged) -> None:
        self.encoded, self.known, self.judged = encoded, known, judged
        self.levels: Bytes = np.zeros((0, 0), np.int8)

    def at(self, model: Model) -> tuple[Floats, Floats]:
        """Features and log odds (nats)."""
        if not self.levels.size:
            self.levels = compare(self.judged.pairs, self.encoded, model.fields).levels
        counted = count(self.levels, model.sizes)
        found = evidence(counted, self.judged.pairs, self.encoded, model, self.known)
        of_levels = of_patterns(counted.patterns, model)[counted.of_pair]
        return np.hstack([of_pairs(found.by_relation, found.rare), of_levels]), found.log_odds


def _views(look: _Look, fitted: Callable[[Bools], Model], judged: Judged) -> Iterator[View]:
    for seed in range(REPEATS):
        part = folds(judged.pairs, seed)
        for fold in range(FOLDS):
            apart = part == fold
            if apart.any() and not apart.all():
                yield View(apart, *look.at(fitted(~apart)))


def _correction(look: _Look, model: Model, same: Floats, found: Chosen) -> Correction:
    x, offset = look.at(model)
    beta = estimate(x, offset, same, found.penalty, found.error)
    weights = {n: round(float(b), 6) for n, b in zip((*OF_PAIR, *names(model)), beta, strict=True)}
    return Correction(
        weights, len(same), found.penalty, found.error, float(found.before.mean()), float(found.after.mean())
    )


def _probability(log_odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -SUREST, SUREST))))


def told(learned: Learned | None) -> Iterator[str]:
    """What was learned, in sentences for the person who watches."""
    if learned is None:
        return
    party, judged = learned.model.party, learned.judged
    n = f"{len(judged):,} judgement{'s' if len(judged) != 1 else ''} ({int(judged.same.sum())} the same)"
    if judged.contradicted:
        yield (
            f"{party}: pairs that were judged the same and not the same, and from which nothing is learned: "
            f"{judged.contradicted:,}."
        )
    if learned.refused:
        yield f"{party}: {n} change{'' if len(judged) != 1 else 's'} no weight, for {learned.refused}."
    elif (found := learned.model.correction) is not None:
        yield (
            f"{party}: learned from {n}. Judgements that were kept apart are predicted with a mean loss of "
            f"{found.after:.3f} instead of {found.before:.3f}."
        )


def strongest(learned: Learned, most: int = 3) -> list[str]:
    """The features that the correction moves most, with bits: `surname: equal -1.2`."""
    if learned.refused or learned.model.correction is None:
        return []
    weights = learned.model.correction.weights
    found = sorted(weights, key=lambda name: (-abs(weights[name]), name))[:most]
    return [f"{name} {weights[name] / np.log(2):+.1f}" for name in found if abs(weights[name]) >= TELLING]
