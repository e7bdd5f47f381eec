"""Fitting the model: classes by EM, their names by what agrees in them, chance as the measure of both."""

from dataclasses import dataclass, replace

import numpy as np

from rules.matching import em, starts, tree
from rules.matching.chance import Chance
from rules.matching.config import Field
from rules.matching.model import Model, mask_of
from rules.matching.types import Bools, Floats, PatternCounts
from rules.vocabulary import PartyType, Relation, Role

ROUNDS = 4
USUAL_MATES = 0.3
"""Pairs of one customer a record, before anything is known."""
LEAST_CHANCE = 0.02
"""At least this share of the equal values of random pairs is taken for chance."""
FEW_PAIRS = 80
"""Below this many candidate pairs nothing is learned: the defaults are used."""
OWN_ROLES = {PartyType.PERSON: (Role.PERSON,), PartyType.ORGANISATION: (Role.ORGANISATION, Role.PERSON)}


@dataclass(frozen=True)
class Labels:
    """What people said about candidate pairs: `rows` are pattern numbers, `same` their judgement (same or not)."""

    rows: np.ndarray
    same: Bools


def fit(counted: PatternCounts, chance: Chance, fields: tuple[Field, ...], party: PartyType) -> Model:
    """The model of these patterns. Falls back to default weights, with a note, where the data cannot support more."""
    sizes = tuple(len(u) for u in chance.random)
    pairs = float(counted.counts.sum())
    if pairs < FEW_PAIRS or len(fields) < 1:
        return _by_default(chance, fields, party, pairs)
    masks = _masks(counted, chance)
    x, counts = em.one_hot(counted.patterns, sizes), counted.counts.astype(float)
    model = Model(
        party=str(party), fields=fields, theta=np.zeros((0, 0)), share=np.zeros(0), relations=(), random=chance.random,
        tree=tree.grow(chance, USUAL_MATES * chance.records, starts.agreement(chance.random)), pairs=pairs,
        all_pairs=chance.pairs, masks=masks,
    )  # fmt: skip
    tried = starts.starts(fields, chance.random, len(counts), party)
    for _ in range(ROUNDS):
        found = em.best(x, counts, sizes, tried, _log_chance(model, counted))
        before, model = model, replace(model, theta=found.theta, share=found.size / pairs)
        model = _name(model, counted, found, chance, party)
        if model.relations == before.relations:
            break
        tried = [found.theta, *tried[:1]]
    if not found.converged:
        model = replace(model, notes=("The model was still improving when it was stopped: take it with care.",))
    if not model.columns(Relation.SAME, Relation.MOVED):
        note = f"No class of pairs looks like the same {party}: default weights are used instead of fitted ones."
        return replace(_by_default(chance, fields, party, pairs), notes=(note,))
    return model


def _log_chance(model: Model, counted: PatternCounts) -> Floats:
    """Log of the number of candidate pairs of each pattern that are there by chance, at most as many as there are."""
    mask = np.array([model.masks[int(m)] for m in mask_of(counted.patterns)])
    expected = np.log(model.all_pairs) + tree.log_chance(counted.patterns, model.random, model.tree) - mask
    return np.asarray(expected)


def _masks(counted: PatternCounts, chance: Chance) -> dict[int, float]:
    """How much likelier each set of missing fields is among the candidates than among random pairs (log)."""
    mask = mask_of(counted.patterns)
    unique, where = np.unique(mask, return_inverse=True)
    seen = np.bincount(where, weights=counted.counts) + 0.5
    seen = seen / seen.sum()
    bits = (unique[:, None] >> np.arange(len(chance.missing))) & 1
    by_chance = (bits * np.log(chance.missing) + (1 - bits) * np.log(1 - chance.missing)).sum(1)
    return {int(m): float(v) for m, v in zip(unique, np.log(seen) - by_chance, strict=True)}


def _by_default(chance: Chance, fields: tuple[Field, ...], party: PartyType, pairs: float) -> Model:
    """Two classes: agreement as it usually is, and chance as measured (Fellegi and Sunter 1969)."""
    agree = starts.agreement(chance.random)
    theta = np.stack([np.concatenate(agree), np.concatenate(chance.random)], 1) if fields else np.zeros((0, 2))
    same = max(0.1 * chance.records, 0.2)
    all_pairs = max(chance.pairs, 1.0)
    return Model(
        party=str(party), fields=fields, theta=theta, share=np.array([same / max(pairs, same * 2), 0.5]),
        relations=(Relation.SAME, Relation.COINCIDENCE), random=chance.random, tree=(), pairs=max(pairs, same * 2),
        all_pairs=all_pairs,
        notes=(f"Only {int(pairs)} candidate pairs: too few to learn from, so default weights are used.",),
    )  # fmt: skip


def _name(model: Model, counted: PatternCounts, found: em.Fit, chance: Chance, party: PartyType) -> Model:
    """Names for the classes, and chance anew: without the pairs that are now known to be same or related."""
    weight = found.responsibility * counted.counts[:, None]
    speaks = own_evidence(model, party)
    mask = np.array([model.masks[int(m)] for m in mask_of(counted.patterns)])
    before: Bools | None = None
    for _ in range(6):
        expected = np.log(chance.pairs) + tree.log_chance(counted.patterns, model.random, model.tree)
        seen = np.log(counted.counts) - mask
        by_chance = (weight * np.minimum(1, np.exp(expected - seen))[:, None]).sum(0) / np.maximum(weight.sum(0), 1e-9)
        same = (by_chance < 0.5) & (speaks > 0)
        if before is not None and (same == before).all():
            break
        before = same
        grown = tree.grow(chance, float(model.share[same].sum()) * model.pairs, _levels(model, same))
        model = replace(model, tree=grown, random=_without_related(model, chance, by_chance < 0.5))
    relations = tuple(_relation(model, k, bool(same[k]), float(by_chance[k])) for k in range(len(same)))
    mates = 2 * float(model.share[same].sum()) * model.pairs / max(chance.records, 1)
    return replace(model, relations=relations, mates=mates)


def _without_related(model: Model, chance: Chance, related: Bools) -> list[Floats]:
    """Level distributions of random pairs without those that are same or related: what is left is chance.

    In a small table half of all equal e-mail addresses are those of true matches.
    """
    pairs = float(model.share[related].sum()) * model.pairs
    out = []
    for u, m, missing in zip(chance.random, _levels(model, related), chance.missing, strict=True):
        known = chance.pairs * (1 - missing)
        left = np.maximum(u * known - pairs * (1 - missing) * m, LEAST_CHANCE * u * known + 0.1)
        out.append(left / left.sum())
    return out


def _levels(model: Model, which: Bools) -> list[Floats]:
    """Level distribution of each field over some classes together."""
    share = np.where(which, model.share, 0)
    mixed = model.theta @ (share / max(float(share.sum()), 1e-12))
    return [mixed[s : s + n] for s, n in zip(model.starts, model.sizes, strict=True)]


def field_evidence(model: Model) -> Floats:
    """(fields, classes): expected weight of each field's agreement in each class against chance, in nats."""
    u = np.concatenate(model.random)[:, None]
    each = model.theta * np.log(np.maximum(model.theta, 1e-9) / u)
    return np.asarray(np.add.reduceat(each, model.starts, axis=0))


def own_evidence(model: Model, party: PartyType) -> Floats:
    """What the fields that tell this one from its neighbours say for each class, as the clearest class weighs them."""
    total = field_evidence(model).sum(0)
    clearest = int(np.argmax(np.where(model.share > 0.02, total, -1)))
    u = np.concatenate(model.random)[:, None]
    weights = np.log(np.maximum(model.theta[:, [clearest]], 1e-3) / u)
    each = np.add.reduceat(model.theta * weights, model.starts, axis=0)
    own = [i for i, f in enumerate(model.fields) if f.role in OWN_ROLES[party]]
    return np.asarray(each[own].sum(0) if own else each.sum(0))


def _relation(model: Model, k: int, same: bool, by_chance: float) -> Relation:
    """The name of a class: by chance, by what speaks for one person, and by the roles that agree."""
    if not same and by_chance >= 0.5:
        return Relation.COINCIDENCE
    place = _agreement(model, k, Role.PLACE)
    if same:
        return Relation.MOVED if place is not None and place < 0.3 else Relation.SAME
    return Relation.HOUSEHOLD if place is None or place >= 0.3 else Relation.NAMESAKE


def _agreement(model: Model, k: int, role: Role) -> float | None:
    """Mean probability of some agreement over the fields of a role, weighed by how telling the field is."""
    at = [i for i, f in enumerate(model.fields) if f.role == role]
    if not at:
        return None
    telling = np.array([-np.log(model.random[i][-1]) for i in at])
    agree = np.array([1 - model.theta[model.starts[i], k] for i in at])
    return float((telling * agree).sum() / telling.sum())
