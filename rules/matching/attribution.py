"""What each field adds to the weight of a pair, so that the parts add up exactly.

Fields are dependent (a family shares surname and address), so what one says depends on which others are known. Each
gets its mean contribution over all orders in which the fields could be looked at (Shapley 1953), the term frequency of
its value included. What is left is the start: the odds of all pairs in which the same fields are known.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import factorial
from typing import Final, TypeAlias

import numpy as np

from rules.matching.encode import Encoded
from rules.matching.frequency import Holders
from rules.matching.labels.features import shift
from rules.matching.model import Model, mask_of
from rules.matching.score import evidence
from rules.matching.types import Bools, Bytes, Floats, Pairs, PatternCounts

EXACT: Final = 14
"""Known fields up to which all their subsets are weighed; of more, ORDERS random orders."""
ORDERS: Final = 400


Value: TypeAlias = Callable[[Bools], Floats]


@dataclass(frozen=True)
class Parts:
    """Bits of a pair before any rule, which add up to its weight; fields that are missing have 0."""

    start: float
    fields: Floats
    learned: float
    """What the judgements of people add."""


def attribute(pair: Pairs, levels: Bytes, encoded: Encoded, model: Model, known: Holders | None = None) -> Parts:
    """The parts of one pair's weight. `levels`: (1, fields)."""
    there = np.flatnonzero(levels[0] >= 0)
    candidate = model.masks.get(int(mask_of(levels)[0]), 0.0)

    def bits(chosen: Bools) -> Floats:
        """The weight where only the chosen ones (columns) of the known fields are looked at, one row a choice."""
        patterns = np.full((len(chosen), levels.shape[1]), -1, np.int8)
        patterns[:, there] = np.where(chosen, levels[0, there], -1)
        among = replace(model, masks=dict.fromkeys(mask_of(patterns).tolist(), candidate))
        return _bits(pair, patterns, encoded, among, known)

    out = np.zeros(levels.shape[1])
    if len(there):
        out[there] = exactly(len(there), bits) if len(there) <= EXACT else sampled(len(there), bits)
    found = evidence(one_each(levels), pair, encoded, model, known)
    learned = 0.0
    if model.correction is not None:
        learned = float(shift(model.correction, one_each(levels), found.by_relation, found.rare, model)[0] / np.log(2))
    return Parts(float(found.log_odds[0] / np.log(2)) - float(out.sum()), out, learned)


def one_each(patterns: Bytes) -> PatternCounts:
    """Patterns of which each is the pattern of one pair."""
    n = len(patterns)
    return PatternCounts(patterns, np.ones(n, np.int64), np.arange(n, dtype=np.int32))


def _bits(pair: Pairs, patterns: Bytes, encoded: Encoded, model: Model, known: Holders | None) -> Floats:
    pairs = Pairs(np.repeat(pair.left, len(patterns)), np.repeat(pair.right, len(patterns)))
    return np.asarray(evidence(one_each(patterns), pairs, encoded, model, known).log_odds / np.log(2))


def exactly(players: int, value: Value) -> Floats:
    """Shapley values of a game: each player's mean contribution over all orders."""
    number = np.arange(2**players)
    chosen = (number[:, None] >> np.arange(players) & 1).astype(bool)
    worth, size = value(chosen), chosen.sum(1)
    orders = [factorial(s) * factorial(players - s - 1) / factorial(players) for s in range(players)]
    out = np.zeros(players)
    for i in range(players):
        without = number[~chosen[:, i]]
        out[i] = (np.array(orders)[size[without]] * (worth[without | 1 << i] - worth[without])).sum()
    return out


def sampled(players: int, value: Value) -> Floats:
    """The same over some random orders, always the same ones; their sum is exact too."""
    rng = np.random.default_rng(1)
    order = np.stack([rng.permutation(players) for _ in range(ORDERS)])
    place = np.argsort(order, axis=1)
    steps = np.arange(players + 1)
    worth = value((place[:, None, :] < steps[:, None]).reshape(-1, players)).reshape(ORDERS, players + 1)
    out = np.zeros(players)
    np.add.at(out, order, np.diff(worth, axis=1))
    return out / ORDERS
