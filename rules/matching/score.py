"""Match weight, probability and relation of pairs under a model.

A pair's weight is log2 of the expected number of same pairs over the expected number of related and of chance pairs
with its pattern; equal rare values make chance smaller (term frequency). So any pair can be weighed, blocked or not.
"""

from dataclasses import dataclass

import numpy as np

from rules.matching import copies
from rules.matching.compare import compare
from rules.matching.encode import Encoded
from rules.matching.expected import COINCIDENCE, RELATIONS, Expected, expect
from rules.matching.frequency import Holders, shifts
from rules.matching.genders import opposite
from rules.matching.generations import conflict
from rules.matching.labels import features as labels_features
from rules.matching.model import Model
from rules.matching.types import Bytes, Floats, Pairs, PatternCounts, count
from rules.matching.vetoes import contact_only, contradicted, elsewhere, sister_firms, vetoed
from rules.vocabulary import Relation

VETO = -1000.0
"""Weight of a pair that a rule forbids, in bits."""
ALONE = -1.5
"""Highest weight of a pair that agrees in nothing but an e-mail address or a telephone number."""


@dataclass(frozen=True)
class Scored:
    """Pairs with their weight in bits and the number of their relation in RELATIONS; 5 is unrelated."""

    pairs: Pairs
    weight: Floats
    relation: Bytes

    @property
    def probability(self) -> Floats:
        return probability(self.weight)


def probability(weight: Floats) -> Floats:
    """Match probability of a weight in bits."""
    return np.asarray(1.0 / (1.0 + np.exp2(-np.clip(weight, -1000, 1000))))


@dataclass(frozen=True)
class Evidence:
    """What speaks for and against each pair, in nats, before any guard."""

    by_relation: Floats
    """(pairs, RELATIONS): log of the expected pairs like each one, term frequency in the chance."""
    rare: Floats
    """What term frequency adds to chance."""
    log_odds: Floats
    """The same customer against everything else, without what judgements correct."""


def evidence(
    counted: PatternCounts, pairs: Pairs, encoded: Encoded, model: Model, known: Holders | None = None,
    expected: Expected | None = None,
) -> Evidence:  # fmt: skip
    """The evidence of pairs whose patterns are counted; `expected` where it is known of these patterns already."""
    expected, at = expected or expect(counted.patterns, model), counted.of_pair
    pure, alike = shifts(counted.patterns, at, pairs, encoded, model, known)
    each = expected.by_relation[at]
    each[:, COINCIDENCE] = np.maximum(expected.pure[at] + pure, each[:, COINCIDENCE] + alike)
    return Evidence(each, pure, expected.same[at] - np.logaddexp(expected.related[at], each[:, COINCIDENCE]))


def score(
    counted: PatternCounts, pairs: Pairs, encoded: Encoded, model: Model, known: Holders | None = None,
    expected: Expected | None = None,
) -> Scored:  # fmt: skip
    """Weights and relations of pairs whose patterns are counted. `known`: clusters guessed in a first round."""
    at = counted.of_pair
    found = evidence(counted, pairs, encoded, model, known, expected)
    weight = found.log_odds / np.log(2)
    if model.correction is not None:
        moved = labels_features.shift(model.correction, counted, found.by_relation, found.rare, model)
        weight = weight + moved / np.log(2)
    weak = (contact_only(counted.patterns, model) | elsewhere(counted.patterns, model))[at] | sister_firms(
        pairs, encoded
    )
    weak |= opposite(counted.patterns[at], pairs, encoded, model)
    weight = np.where(weak, np.minimum(weight, ALONE), weight)
    weight[vetoed(pairs, encoded) | conflict(pairs, encoded) | contradicted(counted.patterns, model)[at]] = VETO
    copied = copies.same(pairs, encoded)
    weight[copied] = np.maximum(weight[copied], copies.WEIGHT)
    relation = found.by_relation.argmax(1).astype(np.int8)
    agrees = np.asarray((counted.patterns > 0).any(1))
    relation[(relation == COINCIDENCE) & ~agrees[at]] = len(RELATIONS)
    relation[copied] = RELATIONS.index(Relation.SAME)
    return Scored(pairs, weight, relation)


def weigh(pairs: Pairs, encoded: Encoded, model: Model, known: Holders | None = None) -> Scored:
    """Compare and score any pairs, blocked or not."""
    levels = compare(pairs, encoded, model.fields).levels
    return score(count(levels, model.sizes), pairs, encoded, model, known)
