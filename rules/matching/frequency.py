"""Term frequency: equal rare values say more than equal common ones.

Chance is what a value's frequency scales. Where a field's equality is explained by another's already (one house has
one landline), its frequency counts only for the part that is not explained: P(value | explained) = s + (1 - s) f, with
s the part that is and f the value's share.
"""

from dataclasses import dataclass

import numpy as np

from rules.matching.compare import matched
from rules.matching.encode import Column, Encoded
from rules.matching.model import Model
from rules.matching.types import Bools, Bytes, Floats, Ints, Longs, Pairs, distinct
from rules.vocabulary import Relation

MOST: float = 8.0
"""Frequencies move a weight by no more than this, in nats."""
OTHERS: float = 0.5
"""Strangers who hold a value where none is seen: drawn to the usual frequency with this weight."""


@dataclass(frozen=True)
class Holders:
    """Who holds a value: a first guess at the clusters, and for each column in how many of them each value stands."""

    label: Ints
    clusters: dict[str, Longs]


def holders(encoded: Encoded, model: Model, label: Ints, told: dict[str, Longs] | None = None) -> Holders:
    """In how many clusters each value stands: a value in many records of one customer is not a common value.

    `told`: what a model says of that (see frozen.py); only values of which it says 0 are counted.
    """
    clusters = {}
    for f in model.fields:
        column, known = encoded.columns[f.name], None if told is None else told[f.name]
        counted = customers(column, label, None if known is None else known == 0)
        clusters[f.name] = counted if known is None else np.where(known > 0, known, counted)
    return Holders(label, clusters)


def customers(column: Column, label: Ints, wanted: Bools | None = None) -> Longs:
    """In how many clusters each value stands; of values that are not wanted it is not said."""
    size = column.sizes if column.offsets is not None else np.ones(len(label), np.int64)
    known = column.codes >= 0 if wanted is None else np.append(wanted, False)[column.codes]
    of = np.repeat(label, size)[known]
    held = distinct(column.codes[known].astype(np.int64) << 32 | of)
    return np.bincount(held >> 32, minlength=len(column.values)).astype(np.int64)


def shifts(
    patterns: Bytes, at: Ints, pairs: Pairs, encoded: Encoded, model: Model, known: Holders | None = None
) -> tuple[Floats, Floats]:
    """Log of how much commoner a pair's equal values are than usual: for pure chance, and for coincidence."""
    pure, alike = np.zeros(len(pairs)), np.zeros(len(pairs))
    for i in range(len(model.fields)):
        equal, by_chance, coincident = of_field(i, patterns, at, pairs, encoded, model, known)
        pure[equal] += by_chance
        alike[equal] += coincident
    return np.clip(pure, -MOST, MOST), np.clip(alike, -MOST, MOST)


def of_field(
    i: int, patterns: Bytes, at: Ints, pairs: Pairs, encoded: Encoded, model: Model, known: Holders | None = None
) -> tuple[Longs, Floats, Floats]:
    """The same of one field alone: which pairs are equal in it, and the two terms of each."""
    equal = np.flatnonzero((patterns[:, i] == model.sizes[i] - 1)[at])
    column = encoded.columns[model.fields[i].name]
    codes = matched(column, pairs.left[equal], pairs.right[equal])
    equal, codes = equal[codes >= 0], codes[codes >= 0]
    usual = float(model.random[i][-1])
    term = _commoner(column, codes, pairs, equal, model, i, known)
    # Of a small table one cannot say that a value is rarer than usual, only that it is commoner.
    ratio = np.exp(np.maximum(term, 0) if model.described else term)
    explained = _explained(patterns, model, i)[at[equal]]
    return equal, _partly(ratio, explained, usual), _partly(ratio, _coincident(model, i), usual)


def _commoner(
    column: Column, codes: Ints, pairs: Pairs, equal: Longs, model: Model, field: int, known: Holders | None
) -> Floats:
    """Log of a value's frequency over the usual one, the pair itself left out, customers counted where known."""
    if known is None:
        mates = max(model.mates * model.equal_if_same(field) - 1, 0)
        others, total = column.counts[codes] - 2 - mates, entries(model, field, column)
    else:
        name = model.fields[field].name
        one = known.label[pairs.left[equal]] == known.label[pairs.right[equal]]
        others, total = known.clusters[name][codes] - 2 + one, held(model, field, known)
    usual = model.random[field][-1]
    return np.asarray(np.log((np.maximum(others, 0) + OTHERS) / (total + OTHERS / usual) / usual))


def entries(model: Model, field: int, column: Column) -> int:
    """Values of a field in all records."""
    return model.totals[field][0] if model.totals else int(column.counts.sum())


def held(model: Model, field: int, known: Holders) -> int:
    """Values of a field in all customers, each value once a customer."""
    return model.totals[field][1] if model.totals else int(known.clusters[model.fields[field].name].sum())


def totals(model: Model, encoded: Encoded, known: Holders) -> tuple[tuple[int, int], ...]:
    """Both for every field, to be kept in the model."""
    return tuple(
        (entries(model, i, encoded.columns[f.name]), held(model, i, known)) for i, f in enumerate(model.fields)
    )


def _partly(ratio: Floats, explained: Floats | float, usual: float) -> Floats:
    free = (1 - explained) * usual
    return np.asarray(np.log((explained + free * ratio) / (explained + free)))


def _explained(patterns: Bytes, model: Model, field: int) -> Floats:
    """For each pattern the part of a field's equality that the equality of its parent in the tree explains."""
    out = np.zeros(len(patterns))
    for b in model.tree:
        if b.child == field:
            part = _beyond(float(b.equal[-1]), float(model.random[field][-1]))
            out[patterns[:, b.parent] == model.sizes[b.parent] - 1] = part
    return out


def _coincident(model: Model, field: int) -> float:
    """The part of a field's equality that the classes of coincidence explain."""
    which = model.columns(Relation.COINCIDENCE)
    share = model.share[which]
    if not which or share.sum() <= 0:
        return 0.0
    equal = float(model.theta[model.starts[field] + model.sizes[field] - 1, which] @ share / share.sum())
    return _beyond(equal, float(model.random[field][-1]))


def _beyond(equal: float, usual: float) -> float:
    return max((equal - usual) / (1 - usual), 0.0)
