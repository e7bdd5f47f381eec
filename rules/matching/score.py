"""Match weight, probability and relation of pairs under a model.

A pair's weight is log2 of the expected number of same pairs over the expected number of related and of chance pairs
with its pattern; equal rare values make chance smaller (term frequency). So any pair can be weighed, blocked or not.
"""

from dataclasses import dataclass

import numpy as np

from rules.matching import em, labels_features, tree
from rules.matching.compare import compare
from rules.matching.encode import Encoded
from rules.matching.frequency import Holders, shifts
from rules.matching.generations import conflict
from rules.matching.model import Model, mask_of
from rules.matching.types import Bools, Bytes, Floats, Pairs, PatternCounts, count
from rules.vocabulary import PartyType, Relation

VETO = -1000.0
"""Weight of a pair that a rule forbids, in bits."""
ALONE = -1.5
"""Highest weight of a pair that agrees in nothing but an e-mail address or a telephone number."""
VERY_ALIKE = 3
"""Level of kind `organisation` from which on two names are one name written twice."""
RELATIONS = (Relation.SAME, Relation.MOVED, Relation.HOUSEHOLD, Relation.NAMESAKE, Relation.COINCIDENCE)


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
class Expected:
    """Log of the expected number of pairs of each pattern, by relation (columns as in RELATIONS)."""

    by_relation: Floats
    pure: Floats
    """What chance alone predicts; the column of coincidence holds the classes of that name."""

    @property
    def same(self) -> Floats:
        return np.asarray(np.logaddexp(self.by_relation[:, 0], self.by_relation[:, 1]))

    @property
    def related(self) -> Floats:
        return np.asarray(np.logaddexp(self.by_relation[:, 2], self.by_relation[:, 3]))

    @property
    def chance(self) -> Floats:
        return np.asarray(np.maximum(self.by_relation[:, 4], self.pure))


def expect(patterns: Bytes, model: Model) -> Expected:
    """How many pairs of each pattern the model expects of each relation."""
    x = em.one_hot(patterns, model.sizes)
    log_p = em.log_expected(x, model.theta, model.share * model.pairs)
    log_p += one_shared(patterns, model)
    mask = np.array([model.masks.get(int(m), 0.0) for m in mask_of(patterns)])
    out = np.full((len(patterns), len(RELATIONS)), -1e9)
    for i, relation in enumerate(RELATIONS):
        columns = model.columns(relation)
        if columns:
            out[:, i] = np.logaddexp.reduce(log_p[:, columns], axis=1) + mask
    return Expected(out, np.log(max(model.all_pairs, 1.0)) + tree.log_chance(patterns, model.random, model.tree))


ONE_OF = ("given_name", "name", "birth_date", "national_id", "tax_id")
"""Members of one household share at most one of these: father and son a name, twins a birth date."""


def one_shared(patterns: Bytes, model: Model) -> Floats:
    """(patterns, classes): correction, in nats, of the household classes where more than one of ONE_OF agrees.

    Fields are independent inside a class, so a family with a namesake and with twins would also have a pair that
    shares name and birth date. All but the most telling agreement are taken for chance instead.
    """
    out = np.zeros((len(patterns), len(model.share)))
    gains = household_gains(model)
    if gains:
        every = np.stack([np.vstack([gain, np.zeros_like(gain[:1])])[patterns[:, i]] for i, gain in gains])
        out[:, model.columns(Relation.HOUSEHOLD)] = every.max(0) - every.sum(0)
    return out


def household_gains(model: Model) -> list[tuple[int, Floats]]:
    """For each field of ONE_OF its number and, by level and household class, what agreement says against chance."""
    kin = model.columns(Relation.HOUSEHOLD)
    own = [i for i, f in enumerate(model.fields) if f.name in ONE_OF]
    if not kin or len(own) < 2 or model.party != PartyType.PERSON:
        return []
    gains = []
    for i in own:
        start, stop = model.starts[i], model.starts[i] + model.sizes[i]
        gain = np.log(np.maximum(model.theta[start:stop, kin], 1e-12)) - np.log(model.random[i])[:, None]
        gain[0] = 0
        gains.append((i, np.maximum(gain, 0)))
    return gains


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
    counted: PatternCounts, pairs: Pairs, encoded: Encoded, model: Model, known: Holders | None = None
) -> Evidence:
    """The evidence of pairs whose patterns are counted."""
    expected, at = expect(counted.patterns, model), counted.of_pair
    pure, alike = shifts(counted.patterns, at, pairs, encoded, model, known)
    each = expected.by_relation[at]
    each[:, 4] = np.maximum(expected.pure[at] + pure, each[:, 4] + alike)
    return Evidence(each, pure, expected.same[at] - np.logaddexp(expected.related[at], each[:, 4]))


def score(counted: PatternCounts, pairs: Pairs, encoded: Encoded, model: Model, known: Holders | None = None) -> Scored:
    """Weights and relations of pairs whose patterns are counted. `known`: clusters guessed in a first round."""
    at = counted.of_pair
    found = evidence(counted, pairs, encoded, model, known)
    weight = found.log_odds / np.log(2)
    if model.correction is not None:
        moved = labels_features.shift(model.correction, counted, found.by_relation, found.rare, model)
        weight = weight + moved / np.log(2)
    weak = contact_only(counted.patterns, model) | elsewhere(counted.patterns, model)
    weight = np.where(weak[at], np.minimum(weight, ALONE), weight)
    weight[vetoed(pairs, encoded) | conflict(pairs, encoded) | contradicted(counted.patterns, model)[at]] = VETO
    relation = found.by_relation.argmax(1).astype(np.int8)
    agrees = np.asarray((counted.patterns > 0).any(1))
    relation[(relation == 4) & ~agrees[at]] = 5
    return Scored(pairs, weight, relation)


def weigh(pairs: Pairs, encoded: Encoded, model: Model, known: Holders | None = None) -> Scored:
    """Compare and score any pairs, blocked or not."""
    levels = compare(pairs, encoded, model.fields).levels
    return score(count(levels, model.sizes), pairs, encoded, model, known)


CONTACTS = ("emails", "mobiles", "phones")


def contact_only(patterns: Bytes, model: Model) -> Bools:
    """Patterns that agree in contact points and in nothing else: couples share them, numbers are given out again."""
    contact = np.array([f.name in CONTACTS for f in model.fields], bool)
    weak = np.array([f.name in ("city", "postcode") for f in model.fields], bool)
    agrees = patterns > 0
    return np.asarray(agrees[:, contact].any(1) & ~agrees[:, ~contact & ~weak].any(1))


def elsewhere(patterns: Bytes, model: Model) -> Bools:
    """Patterns of organisations at two addresses that share no telephone, e-mail or id, and only a part of the name.

    Firms are named after places and trades, so names are half alike all over a town.
    """

    def best(*names: str) -> Bytes:
        at = [i for i, f in enumerate(model.fields) if f.name in names]
        top = np.array([model.sizes[i] - 1 for i in at], np.int8)
        return np.asarray((patterns[:, at] == top).any(1) if at else np.zeros(len(patterns), bool))

    where = [i for i, f in enumerate(model.fields) if f.kind == "address"]
    name = [i for i, f in enumerate(model.fields) if f.kind == "organisation"]
    if model.party == PartyType.PERSON or not where or not name:
        return np.zeros(len(patterns), bool)
    shared = best("phones", "mobiles", "emails", "tax_id", "customer_no", "national_id")
    return np.asarray((patterns[:, where[0]] == 0) & ~shared & (patterns[:, name[0]] < VERY_ALIKE))


def contradicted(patterns: Bytes, model: Model) -> Bools:
    """Patterns of persons whose birth dates, telephones and e-mails are all known and all different, and no id equal.

    Whatever their names and address say: nothing that is one person's own is shared.
    """

    def of(*names: str) -> Bytes:
        at = [i for i, f in enumerate(model.fields) if f.name in names]
        return np.asarray(patterns[:, at].max(1) if at else np.full(len(patterns), -1, np.int8))

    ids = np.array([f.name in ("national_id", "tax_id", "customer_no") for f in model.fields], bool)
    top = np.array(model.sizes, np.int8) - 1
    apart = (of("birth_date") == 0) & (of("mobiles", "phones") == 0) & (of("emails") == 0)
    return np.asarray(apart & ~(patterns == top)[:, ids].any(1) & (model.party == PartyType.PERSON))


def vetoed(pairs: Pairs, encoded: Encoded) -> Bools:
    """Pairs with two different valid tax ids of one scheme. Only ids written `scheme:number` are known to be valid."""
    column = encoded.columns.get("tax_id")
    if column is None or not len(column.values):
        return np.zeros(len(pairs), bool)
    schemes = [str(v).partition(":")[0] if ":" in str(v) else "" for v in column.values.to_pylist()]
    _, scheme = np.unique(np.array(["", *schemes], dtype=object).astype(str), return_inverse=True)
    scheme = np.append(scheme[1:], 0)
    a, b = column.first[pairs.left], column.first[pairs.right]
    return np.asarray((a >= 0) & (b >= 0) & (a != b) & (scheme[a] == scheme[b]) & (scheme[a] > 0))
