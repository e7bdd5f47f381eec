"""How well each cluster holds: its weakest link, what speaks against it, and where it would come apart first.

All pairs inside a cluster are weighed, those that no blocking rule produced too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from rules.matching.clusters.known import CERTAIN, Known
from rules.matching.clusters.linkage import CLIP
from rules.matching.clusters.spanning import Cuts, least_cut, links
from rules.matching.types import Floats, Ints, Longs, Pairs, distinct, in_order

MOST: Final = 1000
"""Of a larger cluster so many records are looked at, spread evenly."""
WORST: Final = 3
AT_ONCE: Final = 500_000


@dataclass(frozen=True)
class Health:
    """One row a cluster of two and more records, in their order. Weights are match weights in bits.

    Pairs are record numbers, the smaller first, int32 of shape (clusters, 2); -1 where there is none.
    """

    cluster: Longs
    records: Longs
    weakest: Floats
    """The best link between the two parts of a cluster that are least linked: without it there are two."""
    weakest_pair: Ints
    contrary: Longs
    """Pairs inside that speak against it: of a weight below 0, and not confirmed by a person."""
    worst: Floats
    """(clusters, 3): the weights of the worst of these, inf where there are fewer."""
    worst_pairs: Ints
    """(clusters, 3, 2)."""
    cut: Floats
    """Evidence across the least cut: the mean of the clipped weights of the pairs between two parts."""
    cut_pair: Ints
    """The strongest link across the least cut: the edge to cut first."""
    apart: Longs
    """How many records would go: the smaller of the two parts."""
    health: Floats
    """Probability of that link times the part of the evidence across the least cut that speaks for it."""


def measure(label: Ints, known: Known) -> Health:
    """The health of each cluster."""
    size = np.bincount(label, minlength=1)
    several = np.flatnonzero(size > 1)
    out = _empty(several, size[several])
    order = in_order(label)
    begin = np.cumsum(size) - size
    for rows, s in _batches(out.records):
        use = min(s, MOST)
        members = order[begin[several[rows]][:, None] + np.arange(use) * s // use]
        _fill(out, rows, members, matrix(known, members))
    return out


def _empty(cluster: Longs, records: Longs) -> Health:
    n = len(cluster)

    def pair(*shape: int) -> Ints:
        return np.full((*shape, 2), -1, np.int32)

    return Health(
        cluster, records, np.full(n, np.inf), pair(n), np.zeros(n, np.int64), np.full((n, WORST), np.inf),
        pair(n, WORST), np.full(n, np.inf), pair(n), np.zeros(n, np.int64), np.ones(n),
    )  # fmt: skip


def _batches(size: Longs) -> Iterator[tuple[Longs, int]]:
    """Clusters of one size that fit into memory, with their size."""
    for s in distinct(size).tolist():
        those = np.flatnonzero(size == s)
        step = max(1, AT_ONCE // min(s, MOST) ** 2)
        for at in range(0, len(those), step):
            yield those[at : at + step], s


def matrix(known: Known, members: Ints) -> Floats:
    """(clusters, s, s): match weight of every two members, -inf on the diagonal."""
    m, s = members.shape
    i, j = np.triu_indices(s, 1)
    out = np.full((m, s, s), -np.inf)
    weight = known.weight(Pairs(members[:, i].ravel(), members[:, j].ravel())).reshape(m, -1)
    out[:, i, j] = out[:, j, i] = weight
    return out


def _fill(out: Health, rows: Longs, members: Ints, weights: Floats) -> None:
    """Rows of some clusters of one size."""
    m, s = members.shape
    each = np.arange(m)
    tree = links(weights)
    k = tree.weight.argmin(1)
    out.weakest[rows] = tree.weight[each, k]
    out.weakest_pair[rows] = _named(members, tree.parent[each, k], tree.node[each, k])
    _fill_cut(out, rows, members, least_cut(tree, weights, CLIP))
    against = np.where(np.triu(weights < 0, 1), weights, np.inf).reshape(m, -1)
    out.contrary[rows] = (against < 0).sum(1)
    for place in range(WORST):
        w = against.argmin(1)
        found = against[each, w] < 0
        out.worst[rows[found], place] = against[each, w][found]
        out.worst_pairs[rows[found], place] = _named(members, w // s, w % s)[found]
        against[each, w] = np.inf


def _fill_cut(out: Health, rows: Longs, members: Ints, cuts: Cuts) -> None:
    side = cuts.side.sum(1)
    out.cut[rows] = cuts.mean
    out.cut_pair[rows] = _named(members, cuts.parent, cuts.node)
    out.apart[rows] = np.minimum(side, members.shape[1] - side)
    out.health[rows] = cuts.agreed / (1 + np.exp2(-np.clip(cuts.link, -CERTAIN, CERTAIN)))


def _named(members: Ints, a: Longs | Ints, b: Longs | Ints) -> Ints:
    """Pairs of places as pairs of record numbers, the smaller first."""
    rows = np.arange(len(members))
    return np.sort(np.stack([members[rows, a], members[rows, b]], 1), axis=1)
