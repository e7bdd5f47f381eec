"""Fitting the model: classes by EM, their names by what agrees in them, chance as the measure of both."""

from dataclasses import replace

import numpy as np

from rules.matching import described, em, kinds, meaning, sites, starts, tree
from rules.matching.chance import Chance
from rules.matching.config import Field
from rules.matching.model import Model, mask_of
from rules.matching.types import Bytes, Floats, PatternCounts
from rules.vocabulary import PartyType, Relation, Role

ROUNDS = 3
USUAL_MATES = 0.3
"""Pairs of one customer a record, before anything is known."""
MOST_CLASSES = 14
NAMINGS = 4
LEAST_PAIRS = 10.0
"""A class of fewer pairs is an accident."""
SMALL = 2000
"""Below this many candidate pairs classes are described, not found."""
ANCHOR = 20.0
"""A described class is held to its description with the weight of so many pairs."""
FEW = 5.0
"""A frequency is drawn to what is expected with the weight of so many pairs."""
FEW_PAIRS = 500
"""Below this many candidate pairs nothing is learned: the defaults are used."""


def fit(counted: PatternCounts, chance: Chance, fields: tuple[Field, ...], party: PartyType) -> Model:
    """The model of these patterns. Falls back to default weights, with a note, where the data cannot support more."""
    sizes = tuple(kinds.sizes(f.kind) for f in fields)
    pairs = float(counted.counts.sum())
    if pairs < FEW_PAIRS or len(fields) < 1:
        return _by_default(counted, chance, fields, party)
    x, counts = em.one_hot(counted.patterns, sizes), counted.counts.astype(float)
    model = _before(chance, fields, party, pairs, _masks(counted, chance))
    tried = starts.starts(fields, model.random, len(counts), party)
    own = [i for i, f in enumerate(fields) if f.role in (*meaning.OWN_ROLES[party], Role.FAMILY)]
    for _ in range(ROUNDS):
        by_chance = _log_chance(model, counted)
        if pairs < SMALL:
            # Too little to find classes: those that people would describe, moved by what is seen.
            found = em.fit(x, counts, sizes, tried[0], chance=by_chance, prior=em.PRIOR + ANCHOR * tried[0])
        else:
            found = em.best(x, counts, sizes, tried, by_chance)
            found = em.refine(x, counts, sizes, found, own, by_chance, most=MOST_CLASSES)
            found = em.without_small(x, counts, sizes, found, by_chance, least=LEAST_PAIRS)
        if party == PartyType.ORGANISATION and (at := model.field("address")) is not None:
            found = sites.divided(found, counted.patterns, at, model.starts[at], model.starts[at] + sizes[at])
        before, model = model, replace(model, theta=found.theta, share=found.size / pairs)
        model = _name(model, counted, found, chance, party)
        if model.relations == before.relations:
            break
        tried = [found.theta, *tried[:1]] if pairs >= SMALL else tried
    if not found.converged:
        note = "The model was taken before it had settled: with more data it may judge a few doubtful pairs otherwise."
        model = replace(model, notes=(note,))
    if not model.columns(Relation.SAME, Relation.MOVED):
        note = f"No class of pairs looks like the same {party}: default weights are used instead of fitted ones."
        return replace(_by_default(counted, chance, fields, party), notes=(note,))
    if pairs < SMALL and party == PartyType.PERSON and not model.columns(Relation.HOUSEHOLD, Relation.NAMESAKE):
        # Too few pairs to tell a family from a person: people know better.
        return _by_default(counted, chance, fields, party)
    return model


def _log_chance(model: Model, counted: PatternCounts) -> Floats:
    """Log of the number of candidate pairs of each pattern that are there by chance, at most as many as there are."""
    mask = np.array([model.masks[int(m)] for m in mask_of(counted.patterns)])
    expected = np.log(model.all_pairs) + tree.log_chance(counted.patterns, model.random, model.tree) - mask
    return np.asarray(expected)


def _masks(counted: PatternCounts, chance: Chance) -> dict[int, float]:
    """How much likelier each set of missing fields is among the candidates than among random pairs (log).

    Blocking finds pairs by the fields they have. Rare sets are drawn to 0: a few pairs say little.
    """
    mask = mask_of(counted.patterns)
    unique, where = np.unique(mask, return_inverse=True)
    seen = np.bincount(where, weights=counted.counts)
    bits = (unique[:, None] >> np.arange(len(chance.missing))) & 1
    product = np.exp((bits * np.log(chance.missing) + (1 - bits) * np.log(1 - chance.missing)).sum(1))
    sampled = mask_of(chance.sample.patterns)
    at = np.searchsorted(unique, sampled).clip(max=len(unique) - 1)
    random = np.bincount(at, chance.sample.counts * (unique[at] == sampled), minlength=len(unique))
    random = (random + FEW * product) / (chance.sample.counts.sum() + FEW)
    expected = seen.sum() * random
    return {int(m): float(v) for m, v in zip(unique, np.log((seen + FEW) / (expected + FEW)), strict=True)}


def _by_default(counted: PatternCounts, chance: Chance, fields: tuple[Field, ...], party: PartyType) -> Model:
    """The described model: nothing is learned from these pairs but how many of them are one customer."""
    note = f"{party}: {int(counted.counts.sum())} pairs compared, too few to learn from: default weights are used."
    return described.scaled(described.model(fields, party, chance.records, (note,)), counted)


def _before(
    chance: Chance, fields: tuple[Field, ...], party: PartyType, pairs: float, masks: dict[int, float]
) -> Model:
    """Chance before anything is fitted: pairs that agree in much at once are not taken for chance."""
    sizes = tuple(kinds.sizes(f.kind) for f in fields)
    plain = tree.background(chance, sizes, lambda p: np.ones(len(p)))
    theta = starts.described(fields, plain.random, party)
    share = np.full(theta.shape[1], USUAL_MATES * chance.records / theta.shape[1] / pairs)
    model = Model(
        party=str(party), fields=fields, theta=theta, share=share, relations=(Relation.SAME,) * len(share),
        random=plain.random, tree=(), pairs=pairs, all_pairs=max(chance.pairs, 1.0), masks=masks,
    )  # fmt: skip
    return replace(_with_background(model, chance), relations=())


def _with_background(model: Model, chance: Chance) -> Model:
    """Chance anew: without the pairs that are now known to be the same or related."""

    def unrelated(patterns: Bytes) -> Floats:
        named = [k for k, r in enumerate(model.relations) if r != Relation.COINCIDENCE]
        x = em.one_hot(patterns, model.sizes)
        known = np.logaddexp.reduce(em.log_expected(x, model.theta, model.share * model.pairs)[:, named], axis=1)
        by_chance = np.log(model.all_pairs) + tree.log_chance(patterns, model.random, model.tree)
        return np.asarray(1 / (1 + np.exp(np.clip(known - by_chance, -700, 700))))

    found = tree.background(chance, model.sizes, unrelated)
    return replace(model, random=found.random, tree=found.tree)


def _name(model: Model, counted: PatternCounts, found: em.Fit, chance: Chance, party: PartyType) -> Model:
    """Names for the classes, and chance anew, a few times: each depends on the other."""
    weight = found.responsibility * counted.counts[:, None]
    may_be_same = meaning.may_be_same(model, party, _known(counted, weight))
    for _ in range(NAMINGS):
        before = model.relations
        surely = np.minimum(0, _log_chance(model, counted) - np.log(counted.counts))
        by_chance = (weight * np.exp(surely)[:, None]).sum(0) / np.maximum(weight.sum(0), 1e-9)
        same = (by_chance < 0.5) & may_be_same
        named = tuple(_relation(model, k, bool(same[k]), float(by_chance[k])) for k in range(len(same)))
        model = _with_background(replace(model, relations=named), chance)
        if named == before:
            break
    mates = 2 * float(model.share[model.columns(Relation.SAME, Relation.MOVED)].sum()) * model.pairs
    return replace(model, mates=mates / max(chance.records, 1))


def _known(counted: PatternCounts, weight: Floats) -> Floats:
    """(fields, classes): part of the pairs of each class in which a field is known on both sides."""
    return np.asarray((counted.patterns >= 0).T @ weight / np.maximum(weight.sum(0), 1e-9))


def _relation(model: Model, k: int, same: bool, by_chance: float) -> Relation:
    """The name of a class: by chance, by what speaks for one person, and by the roles that agree."""
    if not same and by_chance >= 0.5:
        return Relation.COINCIDENCE
    place = meaning.agreement(model, k, Role.PLACE)
    if same:
        return Relation.MOVED if place is not None and place < 0.3 else Relation.SAME
    return Relation.HOUSEHOLD if place is None or place >= 0.3 else Relation.NAMESAKE
