"""How many pairs of each pattern a model expects: of the same customer, related, and by chance."""

from dataclasses import dataclass

import numpy as np

from rules.matching import em, tree
from rules.matching.model import Model, mask_of
from rules.matching.types import Bytes, Floats
from rules.vocabulary import PartyType, Relation

RELATIONS = (Relation.SAME, Relation.MOVED, Relation.HOUSEHOLD, Relation.NAMESAKE, Relation.COINCIDENCE)


COINCIDENCE = RELATIONS.index(Relation.COINCIDENCE)
BEYOND_CHANCE = float(np.log(10.0))
"""A class of coincidence counts for no more pairs of a pattern than so many times what chance predicts, in nats."""


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
        return np.asarray(np.maximum(self.by_relation[:, COINCIDENCE], self.pure))

    @property
    def log_odds(self) -> Floats:
        """The same customer against everything else."""
        return np.asarray(self.same - np.logaddexp(self.related, self.chance))

    @property
    def total(self) -> Floats:
        return np.asarray(np.logaddexp(self.same, np.logaddexp(self.related, self.chance)))


def expect(patterns: Bytes, model: Model) -> Expected:
    """How many pairs of each pattern the model expects of each relation.

    Likeness never outweighs equality: where a pattern says more for one customer than the same pattern with a field
    equal instead of alike, both are taken together (isotonic regression of two levels, Ayer et al. 1955).
    """
    found = _expect(patterns, model)
    found.by_relation[:, :2] -= excess(found, patterns, model)[:, None]
    return found


def excess(found: Expected, patterns: Bytes, model: Model) -> Floats:
    """For each pattern by how much, in nats, it outweighs one that agrees in more."""
    least = found.log_odds.copy()
    for i, top in enumerate(np.array(model.sizes) - 1):
        partly = np.flatnonzero((patterns[:, i] >= 0) & (patterns[:, i] < top))
        if not len(partly):
            continue
        equal = patterns[partly].copy()
        equal[:, i] = top
        fuller = _expect(equal, model)
        own, less = found.log_odds[partly], fuller.log_odds < found.log_odds[partly]
        weight = 1 / (1 + np.exp(np.clip(found.total[partly] - fuller.total, -50, 50)))
        pooled = weight * fuller.log_odds + (1 - weight) * own
        np.minimum.at(least, partly, np.where(less, pooled, np.inf))
    return np.asarray(found.log_odds - least)


def _expect(patterns: Bytes, model: Model) -> Expected:
    log_p = em.log_expected_of(patterns, model.sizes, model.theta, model.share * model.pairs)
    log_p += one_shared(patterns, model)
    mask = np.array([model.masks.get(int(m), 0.0) for m in mask_of(patterns)])
    out = np.full((len(patterns), len(RELATIONS)), -1e9)
    for i, relation in enumerate(RELATIONS):
        columns = model.columns(relation)
        if columns:
            out[:, i] = np.logaddexp.reduce(log_p[:, columns], axis=1) + mask
    pure = np.log(max(model.all_pairs, 1.0)) + tree.log_chance(patterns, model.random, model.tree)
    out[:, COINCIDENCE] = np.minimum(out[:, COINCIDENCE], pure + BEYOND_CHANCE)
    return Expected(out, pure)


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
