"""Judgements inside EM: what people said of a pattern's pairs holds the classes of that pattern.

Semi-supervised EM (Nigam et al. 2000), with one difference. Judged pairs are no sample of all pairs: they were chosen,
mostly because they were doubtful. Counted as further pairs they would bend the classes towards doubtful patterns. So
the counts stay as they are, and a judgement speaks for the pairs of its own pattern only: it weighs against the
model's expectation, which counts for WEIGHT judgements.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from rules.matching import em, tree
from rules.matching.labels.judged import CODES
from rules.matching.model import Model, mask_of
from rules.matching.types import Bytes, Floats, PatternCounts
from rules.vocabulary import Judgement, Relation

WEIGHT: Final = 4.0
"""What the model expects of a pattern counts for so many judgements of pairs of that pattern."""
STEPS: Final = 60
SAME: Final = (Relation.SAME, Relation.MOVED)
RELATED: Final = (Relation.HOUSEHOLD, Relation.NAMESAKE)


def supervised(model: Model, counted: PatternCounts, patterns: Bytes, said: Bytes) -> Model:
    """The model fitted on from where it stands, under judgements `said` (judged.CODES) of pairs of these patterns.

    Classes keep their names. Judgements of patterns that no candidate pair has are left out.
    """
    of, votes = _votes(counted.patterns, patterns, said)
    if not len(of) or not model.columns(*SAME) or model.described:
        return model
    x, counts = em.one_hot(counted.patterns, model.sizes), counted.counts.astype(float)
    allowed = _allowed(model)

    def held(responsibility: Floats) -> Floats:
        every = np.append(responsibility[of], 1 - responsibility[of].sum(1, keepdims=True), axis=1)
        told = WEIGHT * every
        for code in range(len(CODES)):
            part = every * allowed[code] + 1e-9 * allowed[code]
            told += votes[:, [code]] * part / part.sum(1, keepdims=True)
        out = responsibility.copy()
        out[of] = (told / (WEIGHT + votes.sum(1, keepdims=True)))[:, :-1]
        return out

    found = em.fit(
        x, counts, model.sizes, model.theta, size=model.share * model.pairs, chance=_by_chance(model, counted),
        steps=STEPS, judged=held,
    )  # fmt: skip
    return replace(model, theta=found.theta, share=found.size / model.pairs)


def _votes(known: Bytes, patterns: Bytes, said: Bytes) -> tuple[np.ndarray, Floats]:
    """Which of the known patterns were judged, and how often each answer was given."""
    number = {p.tobytes(): i for i, p in enumerate(np.ascontiguousarray(known))}
    at = np.array([number.get(p.tobytes(), -1) for p in np.ascontiguousarray(patterns)], np.int64)
    of, row = np.unique(at[at >= 0], return_inverse=True)
    votes = np.zeros((len(of), len(CODES)))
    np.add.at(votes, (row, said[at >= 0]), 1)
    return of, votes


def _allowed(model: Model) -> Floats:
    """(CODES, classes and chance): 1 where a judgement allows the class."""
    same = np.array([*(r in SAME for r in model.relations), False])
    related = np.array([*(r in RELATED for r in model.relations), False])
    by_code = {Judgement.DIFFERENT: ~same, Judgement.SAME: same, Judgement.RELATED: related if related.any() else ~same}
    return np.stack([by_code[c] for c in CODES]).astype(float)


def _by_chance(model: Model, counted: PatternCounts) -> Floats:
    mask = np.array([model.masks.get(int(m), 0.0) for m in mask_of(counted.patterns)])
    by_chance = tree.log_chance(counted.patterns, model.random, model.tree)
    return np.asarray(np.log(max(model.all_pairs, 1.0)) + by_chance - mask)
