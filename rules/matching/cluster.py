"""Clusters, not closures: components of likely pairs, split by the evidence for and against over all their pairs.

Greedy additive edge contraction (Keuper et al. 2015): join the two groups with the greatest sum of weights between
them while it is positive. Must-link and cannot-link stand above any sum; where the two contradict, cannot-link holds.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from rules.matching import contract
from rules.matching.types import Bools, Floats, Ints, Longs, Pairs, distinct

Weigh: TypeAlias = Callable[[Pairs], Floats]
CLIP: Final = (-1.5, 6.0)
"""Weights of dependent pairs are summed, so each counts for no more than this many bits."""
MUST: Final = 1e6
ALL_PAIRS: Final = 400
"""Components of more records than this are split on their likely pairs first."""
PAIRS_AT_ONCE: Final = 2_000_000


def _none() -> Ints:
    return np.zeros((0, 2), np.int32)


@dataclass(frozen=True)
class Constraints:
    """Pairs of record numbers, int32 of shape (n, 2). `group`: records of one group are never joined (--link)."""

    must: Ints = field(default_factory=_none)
    cannot: Ints = field(default_factory=_none)
    group: Ints | None = None


@dataclass(frozen=True)
class Clusters:
    """A label a record, numbered by the first record of each cluster."""

    label: Ints
    weakest: Floats
    """By cluster: the greatest weight between the two parts that are least held together; inf for one record."""


def cluster(pairs: Pairs, weight: Floats, n: int, weigh: Weigh, constraints: Constraints | None = None) -> Clusters:
    """Labels of n records. `weight`: bits of each pair, above 0 for a match; `weigh` gives that of any other pair."""
    held = constraints or Constraints()
    likely = weight > 0
    left = np.concatenate([pairs.left[likely], held.must[:, 0]])
    right = np.concatenate([pairs.right[likely], held.must[:, 1]])
    label = components(left, right, n)
    label = _split(label, Pairs(left, right), weigh, held)
    label = numbered(label)
    return Clusters(label, _weakest(label, pairs, weight))


def components(left: Ints, right: Ints, n: int) -> Ints:
    """Connected components as a label a record."""
    graph = coo_matrix((np.ones(len(left), np.int8), (left, right)), shape=(n, n))
    label: Ints = connected_components(graph, directed=False)[1].astype(np.int32)
    return label


def numbered(label: Ints) -> Ints:
    """The same partition, clusters numbered from 0 in the order of their first record."""
    import pandas as pd  # its hash table is several times faster than sorting

    return pd.factorize(label)[0].astype(np.int32)


def _split(label: Ints, likely: Pairs, weigh: Weigh, held: Constraints) -> Ints:
    size = np.bincount(label, minlength=1)
    order = np.argsort(label, kind="stable").astype(np.int32)
    begin = np.cumsum(size) - size
    fresh = int(label.max(initial=0)) + 1
    out = label.astype(np.int64)
    constrained = _touched(label, held)
    for s in np.unique(size[size > 1]):
        those = np.flatnonzero((size == s) & ((size > 2) | constrained[: len(size)]))
        if s > ALL_PAIRS:
            for c in those:
                members = order[begin[c] : begin[c] + s]
                out[members] = fresh + _large(members, likely, weigh, held)
                fresh += int(s)
            continue
        step = max(1, PAIRS_AT_ONCE // int(s * s))
        for at in range(0, len(those), step):
            members = order[begin[those[at : at + step]][:, None] + np.arange(s)]
            groups = contract.contract(_matrices(members, weigh, held))
            out[members] = fresh + groups + np.arange(len(members))[:, None] * int(s)
            fresh += len(members) * int(s)
    return numbered(out.astype(np.int64))


def _touched(label: Ints, held: Constraints) -> Bools:
    """Components in which a constraint has a say; those of groups must all be looked at."""
    out = np.zeros(int(label.max(initial=0)) + 1, bool)
    out[label[held.must.ravel()]] = True
    out[label[held.cannot.ravel()]] = True
    return out | (held.group is not None)


def _matrices(members: Ints, weigh: Weigh, held: Constraints) -> Floats:
    """(components, s, s): weight between any two records, -inf on the diagonal and where they may not be joined."""
    m, s = members.shape
    i, j = np.triu_indices(s, 1)
    pairs = Pairs(members[:, i].ravel(), members[:, j].ravel())
    w = limited(pairs, weigh(pairs), held)
    out = np.full((m, s, s), -np.inf)
    out[:, i, j] = w.reshape(m, -1)
    out[:, j, i] = w.reshape(m, -1)
    return out


def limited(pairs: Pairs, weight: Floats, held: Constraints) -> Floats:
    """Weights as they are summed: clipped, vetoes and cannot-links -inf, must-links a million."""
    out = np.where(weight <= -500, -np.inf, np.clip(weight, *CLIP))
    if len(held.must):
        out[_among(pairs, held.must)] = MUST
    if held.group is not None:
        out[held.group[pairs.left] == held.group[pairs.right]] = -np.inf
    if len(held.cannot):
        out[_among(pairs, held.cannot)] = -np.inf
    return np.asarray(out)


def _keys(left: Ints, right: Ints) -> Longs:
    return np.minimum(left, right).astype(np.int64) << 32 | np.maximum(left, right)


def _among(pairs: Pairs, listed: Ints) -> Bools:
    return np.isin(_keys(pairs.left, pairs.right), _keys(listed[:, 0], listed[:, 1]))


def _large(members: Ints, likely: Pairs, weigh: Weigh, held: Constraints) -> Ints:
    """A component too large for all its pairs: its likely pairs counted, any other taken as clearly against."""
    at = np.full(int(members.max()) + 1, -1, np.int32)
    at[members] = np.arange(len(members), dtype=np.int32)
    a = np.where(likely.left < len(at), at[np.minimum(likely.left, len(at) - 1)], -1)
    inside = a >= 0
    extra = held.cannot[np.isin(held.cannot, members).all(1)] if len(held.cannot) else _none()
    both = distinct(_keys(np.append(likely.left[inside], extra[:, 0]), np.append(likely.right[inside], extra[:, 1])))
    pairs = Pairs((both >> 32).astype(np.int32), (both & 0xFFFFFFFF).astype(np.int32))
    w = limited(pairs, weigh(pairs), held)
    group = None if held.group is None else held.group[members]
    return contract.sparse(len(members), at[pairs.left], at[pairs.right], w, CLIP[0], group)


def _weakest(label: Ints, pairs: Pairs, weight: Floats) -> Floats:
    """For each cluster the least of its records' best links: below the threshold it hangs by a thread."""
    inside = label[pairs.left] == label[pairs.right]
    best = np.full(len(label), -np.inf)
    for side in (pairs.left, pairs.right):
        np.maximum.at(best, side[inside], weight[inside])
    out = np.full(int(label.max(initial=-1)) + 1, np.inf)
    size = np.bincount(label, minlength=len(out))
    several = size[label] > 1
    np.minimum.at(out, label[several], best[several])
    return out
