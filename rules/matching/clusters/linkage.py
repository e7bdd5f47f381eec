"""How strongly two groups of records are held to be one customer: as one record each, and pair by pair.

Weights of the pairs between two groups are not independent (one bad copy spoils many of them), so they are not summed.
Two averages are taken instead: that of the clipped weights, and the weight of the two groups as one record each, in
which every field has the mean agreement of the pairs where both know it, in part the best. So a field that is missing
in one record is filled by its companions. What else was tried: tests/bench/README.md.
"""

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from rules.matching import em, frequency, tree
from rules.matching.compare import compare
from rules.matching.encode import Encoded
from rules.matching.expected import household_gains
from rules.matching.frequency import Holders
from rules.matching.labels import features as labels_features
from rules.matching.model import Model
from rules.matching.score import evidence, score, weigh
from rules.matching.types import Floats, Pairs, PatternCounts, count
from rules.vocabulary import Relation

CLIP: Final = (-3.0, 6.0)
"""A pair counts for no more bits than this."""
AS_ONE: Final = 0.3
"""Part of the evidence that the groups as one record each give."""
MOST_ALIKE: Final = 0.3
"""In that comparison, the part of the best agreement of each field; the rest is the mean."""
OWN: Final = 4
"""Traits of a pair that are not of a field."""
VETO: Final = -500.0
"""Pairs of a smaller weight may never be joined."""


class Evidence(Protocol):
    """What clusters are made from."""

    @property
    def cut(self) -> float:
        """The match weight from which on a pair is joined, in bits; all other weights here are above or below it."""

    def weight(self, pairs: Pairs) -> Floats:
        """Weight of each pair in bits, above 0 for a match."""

    def weigh(self, pairs: Pairs) -> tuple[Floats, Floats]:
        """The same weights, and the traits of each pair (pairs, traits), which may be added up."""

    def bits(self, traits: Floats) -> Floats:
        """The evidence between two groups from the sum of the traits of the pairs between them."""


@dataclass(frozen=True)
class Plain:
    """Evidence from weights alone: the mean of the clipped weights."""

    weights: "Weigh"
    cut: float = 0.0

    def weight(self, pairs: Pairs) -> Floats:
        return self.weights(pairs)

    def weigh(self, pairs: Pairs) -> tuple[Floats, Floats]:
        weight = self.weights(pairs)
        return weight, np.stack([np.ones(len(pairs)), np.clip(weight, *CLIP)], 1)

    def bits(self, traits: Floats) -> Floats:
        return np.asarray(traits[:, 1] / traits[:, 0])


class Weigh(Protocol):
    """Weights of pairs in bits."""

    def __call__(self, pairs: Pairs, /) -> Floats: ...


@dataclass(frozen=True)
class Linkage:
    """Evidence under a model. Traits: OWN that are not of a field (1, the weight clipped in two ways, what
    judgements add), then levels, chance by level, and rarity by field in two ways.
    """

    encoded: Encoded
    model: Model
    known: Holders | None
    cut: float
    """The weight from which on a pair is joined."""

    def weight(self, pairs: Pairs) -> Floats:
        return weigh(pairs, self.encoded, self.model, self.known).weight - self.cut

    def weigh(self, pairs: Pairs) -> tuple[Floats, Floats]:
        counted = count(compare(pairs, self.encoded, self.model.fields).levels, self.model.sizes)
        weight = score(counted, pairs, self.encoded, self.model, self.known).weight - self.cut
        alone = np.clip(weight, -CLIP[1], CLIP[1])
        own = np.stack([np.ones(len(pairs)), np.clip(weight, *CLIP), alone, self._moved(counted, pairs)], 1)
        levels = em.one_hot(counted.patterns, self.model.sizes)
        chance = tree.by_field(counted.patterns, self.model.random, self.model.tree)
        fields = np.concatenate([levels, levels * np.repeat(chance, self.model.sizes, axis=1)], 1)
        return weight, np.concatenate([own, fields[counted.of_pair], *self._rarity(counted, pairs)], 1)

    def _moved(self, counted: PatternCounts, pairs: Pairs) -> Floats:
        """What the judgements of people add, in bits."""
        if self.model.correction is None:
            return np.zeros(len(pairs))
        found = evidence(counted, pairs, self.encoded, self.model, self.known)
        moved = labels_features.shift(self.model.correction, counted, found.by_relation, found.rare, self.model)
        return np.asarray(moved / np.log(2))

    def _rarity(self, counted: PatternCounts, pairs: Pairs) -> tuple[Floats, Floats]:
        """By field, what frequency adds to pure chance and to coincidence."""
        pure = np.zeros((len(pairs), len(self.model.fields)))
        alike = pure.copy()
        for i in range(pure.shape[1]):
            at, *terms = frequency.of_field(
                i, counted.patterns, counted.of_pair, pairs, self.encoded, self.model, self.known
            )
            pure[at, i], alike[at, i] = terms
        return pure, alike

    def bits(self, traits: Floats) -> Floats:
        pairs, clipped, alone = traits[:, 0], traits[:, 1], traits[:, 2]
        several = np.flatnonzero(pairs > 1) if self.model.fields else np.zeros(0, np.int64)
        one = alone / pairs
        if len(several):
            told = self.as_one(traits[several]) + (traits[:, 3] / pairs)[several] - self.cut
            one[several] = np.clip(told, -CLIP[1], CLIP[1])
        return np.asarray((1 - AS_ONE) * clipped / pairs + AS_ONE * one)

    def as_one(self, traits: Floats) -> Floats:
        """Weight of two groups as one record each: `score` for levels that are known in part, without its guards."""
        model, wide = self.model, len(self.model.theta)
        levels, chances, rest = np.split(traits[:, OWN:], [wide, 2 * wide], axis=1)
        part = self._parts(levels)
        chance = (part / np.maximum(levels, 1) * chances).sum(1)
        equal = np.cumsum(model.sizes) - 1
        pure, alike = (
            np.clip((part[:, equal] / np.maximum(levels[:, equal], 1) * r).sum(1), -frequency.MOST, frequency.MOST)
            for r in np.split(rest, 2, axis=1)
        )
        log_p = em.log_expected(part, model.theta, model.share * model.pairs) + self._one_shared(part)
        by_chance = np.log(max(model.all_pairs, 1.0)) + chance + pure
        by_chance = np.maximum(by_chance, self._total(log_p, Relation.COINCIDENCE) + alike)
        other = np.logaddexp(self._total(log_p, Relation.HOUSEHOLD, Relation.NAMESAKE), by_chance)
        return np.asarray((self._total(log_p, Relation.SAME, Relation.MOVED) - other) / np.log(2))

    def _parts(self, levels: Floats) -> Floats:
        """From how often each level was seen, its part in the comparison: mean and best level of each field."""
        starts, sizes = self.model.starts, self.model.sizes
        seen = np.add.reduceat(levels, starts, axis=1)
        out = levels / np.repeat(np.maximum(seen, 1), sizes, axis=1) * (1 - MOST_ALIKE)
        number = np.concatenate([np.arange(1, s + 1) for s in sizes])
        best = np.maximum.reduceat(np.where(levels > 0, number, 0), starts, axis=1)
        return np.asarray(out + MOST_ALIKE * (number == np.repeat(best, sizes, axis=1)))

    def _total(self, log_p: Floats, *relations: Relation) -> Floats:
        columns = self.model.columns(*relations)
        return np.logaddexp.reduce(log_p[:, columns], axis=1) if columns else np.full(len(log_p), -1e9)

    def _one_shared(self, mean: Floats) -> Floats:
        """`score.one_shared` for levels known in part."""
        out = np.zeros((len(mean), len(self.model.share)))
        gains = household_gains(self.model)
        if gains:
            kin = self.model.columns(Relation.HOUSEHOLD)
            start = self.model.starts
            each = np.stack([mean[:, start[i] : start[i] + len(gain)] @ gain for i, gain in gains])
            out[:, kin] = each.max(0) - each.sum(0)
        return out
