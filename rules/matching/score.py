"""Match weight, probability and relation of pairs under a model.

A pair's weight is log2 of the expected number of same pairs over the expected number of related and of chance pairs
with its pattern; equal rare values make chance smaller (term frequency). So any pair can be weighed, blocked or not.
"""

from dataclasses import dataclass

import numpy as np

from rules.matching import em, tree
from rules.matching.compare import compare, matched
from rules.matching.encode import Encoded
from rules.matching.generations import conflict
from rules.matching.model import Model, mask_of
from rules.matching.types import Bools, Bytes, Floats, Ints, Longs, Pairs, PatternCounts, count
from rules.vocabulary import PartyType, Relation

VETO = -1000.0
"""Weight of a pair that a rule forbids, in bits."""
ALONE = -1.5
"""Highest weight of a pair that agrees in nothing but an e-mail address or a telephone number."""
MOST_FREQUENCY = 8.0
"""Term frequency moves a weight by no more than this, in nats."""
OTHERS = 0.5
"""Strangers who hold a value where none is seen: drawn to the usual frequency with this weight."""
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

    @property
    def same(self) -> Floats:
        return np.asarray(np.logaddexp(self.by_relation[:, 0], self.by_relation[:, 1]))

    @property
    def related(self) -> Floats:
        return np.asarray(np.logaddexp(self.by_relation[:, 2], self.by_relation[:, 3]))

    @property
    def chance(self) -> Floats:
        return np.asarray(self.by_relation[:, 4])


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
    by_chance = np.log(max(model.all_pairs, 1.0)) + tree.log_chance(patterns, model.random, model.tree)
    out[:, 4] = np.maximum(out[:, 4], by_chance)
    return Expected(out)


@dataclass(frozen=True)
class Holders:
    """Who holds a value: a first guess at the clusters, and for each column in how many of them each value stands."""

    label: Ints
    clusters: dict[str, Longs]


def holders(encoded: Encoded, model: Model, label: Ints) -> Holders:
    """In how many clusters each value stands: a value in many records of one customer is not a common value."""
    clusters = {}
    for f in model.fields:
        column = encoded.columns[f.name]
        size = column.sizes if column.offsets is not None else np.ones(len(label), np.int64)
        of = np.repeat(label, size)
        known = column.codes >= 0
        distinct = np.unique(column.codes[known].astype(np.int64) * (len(label) + 1) + of[known])
        clusters[f.name] = np.bincount(distinct // (len(label) + 1), minlength=len(column.values)).astype(np.int64)
    return Holders(label, clusters)


ONE_OF = ("given_name", "name", "birth_date", "national_id", "tax_id")
"""Members of one household share at most one of these: father and son a name, twins a birth date."""


def one_shared(patterns: Bytes, model: Model) -> Floats:
    """(patterns, classes): correction, in nats, of the household classes where more than one of ONE_OF agrees.

    Fields are independent inside a class, so a family with a namesake and with twins would also have a pair that
    shares name and birth date. All but the most telling agreement are taken for chance instead.
    """
    out = np.zeros((len(patterns), len(model.share)))
    kin = model.columns(Relation.HOUSEHOLD)
    own = [i for i, f in enumerate(model.fields) if f.name in ONE_OF]
    if not kin or len(own) < 2 or model.party != PartyType.PERSON:
        return out
    gains = []
    for i in own:
        start, stop = model.starts[i], model.starts[i] + model.sizes[i]
        gain = np.log(np.maximum(model.theta[start:stop, kin], 1e-12)) - np.log(model.random[i])[:, None]
        gain[0] = 0
        gains.append(np.vstack([np.maximum(gain, 0), np.zeros((1, len(kin)))])[patterns[:, i]])
    every = np.stack(gains)
    out[:, kin] = every.max(0) - every.sum(0)
    return out


def score(counted: PatternCounts, pairs: Pairs, encoded: Encoded, model: Model, known: Holders | None = None) -> Scored:
    """Weights and relations of pairs whose patterns are counted. `known`: clusters guessed in a first round."""
    expected = expect(counted.patterns, model)
    at = counted.of_pair
    rare = frequency_weight(counted.patterns, at, pairs, encoded, model, known)
    chance = expected.chance[at] + np.clip(rare, -MOST_FREQUENCY, MOST_FREQUENCY)
    weight = (expected.same[at] - np.logaddexp(expected.related[at], chance)) / np.log(2)
    weight = np.where(contact_only(counted.patterns, model)[at], np.minimum(weight, ALONE), weight)
    weight[vetoed(pairs, encoded) | conflict(pairs, encoded) | contradicted(counted.patterns, model)[at]] = VETO
    each = expected.by_relation[at]
    each[:, 4] = chance
    relation = each.argmax(1).astype(np.int8)
    agrees = np.asarray((counted.patterns > 0).any(1))
    relation[(relation == 4) & ~agrees[at]] = 5
    return Scored(pairs, weight, relation)


def weigh(pairs: Pairs, encoded: Encoded, model: Model, known: Holders | None = None) -> Scored:
    """Compare and score any pairs, blocked or not."""
    levels = compare(pairs, encoded, model.fields).levels
    return score(count(levels, model.sizes), pairs, encoded, model, known)


def frequency_weight(
    patterns: Bytes, at: Ints, pairs: Pairs, encoded: Encoded, model: Model, known: Holders | None = None
) -> Floats:
    """Log of how much commoner a pair's equal values are than equal values usually are.

    Others who hold a value are counted as customers, as far as these are known already, and without the pair itself.
    """
    out = np.zeros(len(pairs))
    for i, f in enumerate(model.fields):
        column = encoded.columns[f.name]
        equal = np.flatnonzero((patterns[:, i] == model.sizes[i] - 1)[at])
        codes = matched(column, pairs.left[equal], pairs.right[equal])
        equal, codes = equal[codes >= 0], codes[codes >= 0]
        if known is None:
            mates = max(model.mates * model.equal_if_same(i) - 1, 0)
            others, total = column.counts[codes] - 2 - mates, int(column.counts.sum())
        else:
            one = known.label[pairs.left[equal]] == known.label[pairs.right[equal]]
            others, total = known.clusters[f.name][codes] - 2 + one, int(known.clusters[f.name].sum())
        usual = model.random[i][-1]
        term = np.log((np.maximum(others, 0) + OTHERS) / (total + OTHERS / usual) / usual)
        # Of a small table one cannot say that a value is rarer than usual, only that it is commoner.
        out[equal] += np.maximum(term, 0) if model.described else term
    return out


CONTACTS = ("emails", "mobiles", "phones")


def contact_only(patterns: Bytes, model: Model) -> Bools:
    """Patterns that agree in contact points and in nothing else: couples share them, numbers are given out again."""
    contact = np.array([f.name in CONTACTS for f in model.fields], bool)
    weak = np.array([f.name in ("city", "postcode") for f in model.fields], bool)
    agrees = patterns > 0
    return np.asarray(agrees[:, contact].any(1) & ~agrees[:, ~contact & ~weak].any(1))


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
