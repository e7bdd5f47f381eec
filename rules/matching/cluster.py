"""Clusters, not closures: components of likely pairs, split by the evidence for and against over all their pairs.

In a component of up to ALL_PAIRS records every pair is weighed, also those that no blocking rule produced; in a larger
one the pairs between groups that touch, a sample of them where the groups are large. Must-link and cannot-link stand
above any evidence; where the two contradict, cannot-link holds.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from rules.matching.clusters import health
from rules.matching.clusters.contract import Bars, Edges, Seen, Work, among, best_of, contract, gathered, joined
from rules.matching.clusters.health import Health
from rules.matching.clusters.known import Known
from rules.matching.clusters.linkage import VETO, Evidence
from rules.matching.types import Bools, Floats, Ints, Longs, Pairs, distinct, in_order, pair_key

ALL_PAIRS: Final = 200
"""Components of more records than this are joined along their likely pairs."""
NEIGHBOURS: Final = 10
"""In those, so many of the best pairs of each record and of each group are looked at."""
SIDE: Final = 5
"""Of two large groups in those, so many records of each are compared with all those of the other."""
MOST_EDGES: Final = 400_000
"""Of very large ones, so many pairs in all."""
PAIRS_AT_ONCE: Final = 50_000
BITS: Final = 63


def _none() -> Ints:
    return np.zeros((0, 2), np.int32)


@dataclass(frozen=True)
class Constraints:
    """Pairs of record numbers, int32 of shape (n, 2). `group`: records of one group are never joined (--link).

    `unlike`: int32 of shape (records, m), codes, -1 for none: records with two different codes in one column are
    never in one cluster, such as two valid tax ids of one scheme.
    """

    must: Ints = field(default_factory=_none)
    cannot: Ints = field(default_factory=_none)
    group: Ints | None = None
    unlike: Ints | None = None


@dataclass(frozen=True)
class Clusters:
    """A label a record, numbered by the first record of each cluster, and how well each cluster holds."""

    label: Ints
    health: Health
    evidence: Evidence
    """What they were made from."""
    held: Constraints


def cluster(pairs: Pairs, weight: Floats, n: int, evidence: Evidence, held: Constraints | None = None) -> Clusters:
    """Labels of n records. `weight`: bits of each pair, above 0 for a match."""
    held = held or Constraints()
    likely = weight > 0
    left = np.concatenate([pairs.left[likely], held.must[:, 0]])
    right = np.concatenate([pairs.right[likely], held.must[:, 1]])
    strong = np.concatenate([weight[likely], np.full(len(held.must), np.inf)])
    component = components(left, right, n)
    known = Known(component, pairs, weight, evidence, held.must)
    label = numbered(_split(component, Pairs(left, right), strong, known, held))
    return Clusters(label, health.measure(label, known), evidence, held)


def components(left: Ints, right: Ints, n: int) -> Ints:
    """Connected components as a label a record."""
    graph = coo_matrix((np.ones(len(left), np.int8), (left, right)), shape=(n, n))
    label: Ints = connected_components(graph, directed=False)[1].astype(np.int32)
    return label


def numbered(label: Ints | Longs) -> Ints:
    """The same partition, clusters numbered from 0 in the order of their first record."""
    import pandas as pd  # its hash table is several times faster than sorting

    return pd.factorize(label)[0].astype(np.int32)


def _split(label: Ints, likely: Pairs, strong: Floats, known: Known, held: Constraints) -> Longs:
    """A label a record: the groups inside each component, numbered by their first record."""
    n = len(label)
    size = np.bincount(label, minlength=1)
    out = np.full(n, -1, np.int64)
    constrained = _touched(label, held)
    alone = (size == 1) | ((size == 2) & ~constrained)
    out[alone[label]] = label[alone[label]] + n
    order, begin = in_order(label), np.cumsum(size) - size
    for those in _batches(size, np.flatnonzero(~alone & (size > 0))):
        if size[those[0]] <= ALL_PAIRS:
            free = those[~constrained[those]]
            agreed = free[_agreed(order[_places_of(begin, size, free)], size[free], known)]
            out[order[_places_of(begin, size, agreed)]] = np.repeat(order[begin[agreed]], size[agreed])
            those = those[~np.isin(those, agreed)]
            if not len(those):
                continue
        members = order[_places_of(begin, size, those)]
        own = _places_of(np.zeros_like(begin), size, those)
        large = size[those[0]] > ALL_PAIRS
        start = _along(members, likely, strong, n) if large else _every_pair(size[those])
        found = _contracted(members, own, start, known.evidence, held, large=large)
        out[members] = members[found]
    return out


def _places_of(begin: Longs, size: Longs, those: Longs) -> Ints:
    """The places from `begin` on of each of some components, one component after the other."""
    many = size[those]
    places = np.repeat(begin[those] - (np.cumsum(many) - many), many) + np.arange(int(many.sum()))
    return places.astype(np.int32)


def _agreed(members: Ints, sizes: Longs, known: Known) -> Bools:
    """Components in which every pair speaks for one customer: nothing is left to decide, so they are not contracted."""
    if not len(sizes):
        return np.zeros(0, bool)
    pairs = _every_pair(sizes)
    weight = known.weight(Pairs(members[pairs.left], members[pairs.right]))
    of = np.repeat(np.arange(len(sizes)), sizes)[pairs.left]
    return np.asarray(np.bincount(of, weight <= known.evidence.cut, minlength=len(sizes)) == 0)


def _batches(size: Longs, those: Longs) -> Iterator[Longs]:
    """Components to be worked on together, the smallest first: so many that their pairs fit, large ones alone."""
    those = those[np.argsort(size[those], kind="stable")]
    small = those[size[those] <= ALL_PAIRS]
    pairs = np.cumsum(size[small].astype(np.int64) * (size[small] - 1) // 2)
    if len(small):
        yield from np.split(small, np.flatnonzero(np.diff(pairs // PAIRS_AT_ONCE)) + 1)
    for c in those[len(small) :]:
        yield np.array([c])


def _touched(label: Ints, held: Constraints) -> Bools:
    """Components in which a constraint has a say; those of groups must all be looked at."""
    out = np.zeros(int(label.max(initial=0)) + 1, bool)
    out[label[held.must.ravel()]] = True
    out[label[held.cannot.ravel()]] = True
    if held.unlike is not None:
        out[label[(held.unlike >= 0).any(1)]] = True
    return out | (held.group is not None)


def _every_pair(sizes: Longs) -> Pairs:
    """All pairs of places inside each of some components, which stand one after the other, sorted by size."""
    left, right, at = [], [], 0
    for s, many in zip(*np.unique(sizes, return_counts=True), strict=True):
        i, j = np.triu_indices(int(s), 1)
        first = at + np.arange(many)[:, None] * s
        left.append((first + i).ravel())
        right.append((first + j).ravel())
        at += int(s * many)
    return Pairs(np.concatenate(left).astype(np.int32), np.concatenate(right).astype(np.int32))


def _along(members: Ints, likely: Pairs, strong: Floats, n: int) -> Pairs:
    """The likely pairs of one component, the best of each record, as places in `members`."""
    at = np.full(n, -1, np.int32)
    at[members] = np.arange(len(members), dtype=np.int32)
    inside = np.flatnonzero((at[likely.left] >= 0) & (at[likely.right] >= 0))
    a, b = at[likely.left[inside]], at[likely.right[inside]]
    keys = np.minimum(a, b).astype(np.int64) * n + np.maximum(a, b)
    keys, first = np.unique(keys, return_index=True)
    left, right = (keys // n).astype(np.int32), (keys % n).astype(np.int32)
    keep = best_of(left, right, strong[inside][first], max(2, min(NEIGHBOURS, MOST_EDGES // len(members))))
    return Pairs(left[keep], right[keep])


def _contracted(
    members: Ints, own: Ints, start: Pairs, evidence: Evidence, held: Constraints, *, large: bool = False,
    seen: Seen | None = None,
) -> Ints:  # fmt: skip
    """The group of each of `members`, as the place of its first."""
    found = partial(_edges, members=members, evidence=evidence, must=_listed(held.must), cannot=_listed(held.cannot))
    work = Work(
        n=len(members), own=own, bits=evidence.bits, bars=_bars(members, held), most=NEIGHBOURS if large else None,
        fetch=lambda a, many_a, b, many_b: _between(a, many_a, b, many_b, found, SIDE if large else None), seen=seen,
    )  # fmt: skip
    return contract(found(start), work)


def replay(members: Ints, evidence: Evidence, held: Constraints) -> list[tuple[Ints, Ints, float]]:
    """How some records come to be one cluster: the places of two groups and the evidence between them, join by join."""
    joins: list[tuple[Ints, Ints, float]] = []
    group = np.arange(len(members), dtype=np.int32)

    def seen(left: Ints, right: Ints, bits: Floats) -> None:
        for k in np.argsort(-bits, kind="stable"):
            parts = np.flatnonzero(group == left[k]), np.flatnonzero(group == right[k])
            joins.append((parts[0].astype(np.int32), parts[1].astype(np.int32), float(bits[k])))
        for a, b in zip(left.tolist(), right.tolist(), strict=True):
            group[group == b] = a

    _contracted(members, group.copy(), _every_pair(np.array([len(members)])), evidence, held, seen=seen)
    return joins


def _edges(pairs: Pairs, *, members: Ints, evidence: Evidence, must: Longs, cannot: Longs) -> Edges:
    """Edges between records."""
    named = Pairs(members[pairs.left], members[pairs.right])
    weight, traits = evidence.weigh(named)
    key = _keys(np.stack([named.left, named.right], 1))
    return Edges(pairs.left, pairs.right, traits, among(key, must), among(key, cannot), np.asarray(weight <= VETO))


def _between(a: Ints, many_a: Ints, b: Ints, many_b: Ints, found: "partial[Edges]", side: int | None) -> Edges:
    """One edge for each two groups: all pairs of their records weighed, of large groups `side` times `side`."""
    first_a, first_b = np.cumsum(many_a) - many_a, np.cumsum(many_b) - many_b
    use_a = many_a if side is None else np.minimum(many_a, side)
    use_b = many_b if side is None else np.minimum(many_b, side)
    total = use_a.astype(np.int64) * use_b
    out = [found(Pairs(a[:0], b[:0]))]
    for e in np.split(np.arange(len(total)), np.flatnonzero(np.diff(np.cumsum(total) // PAIRS_AT_ONCE)) + 1):
        start = np.cumsum(total[e]) - total[e]
        edge = np.repeat(e, total[e])
        within = np.arange(len(edge)) - np.repeat(start, total[e])
        left = a[first_a[edge] + within // use_b[edge] * many_a[edge] // use_a[edge]]
        right = b[first_b[edge] + within % use_b[edge] * many_b[edge] // use_b[edge]]
        pairs = found(Pairs(np.minimum(left, right), np.maximum(left, right)))
        summed = gathered(a[first_a[e]], b[first_b[e]], pairs, start)
        scale = many_a[e].astype(float) * many_b[e] / total[e]
        out.append(replace(summed, traits=summed.traits * scale[:, None]))
    return joined(*out)


def _bars(members: Ints, held: Constraints) -> Bars:
    """What keeps records apart: their sources as bits, and their codes."""
    unlike = np.zeros((len(members), 0), np.int32) if held.unlike is None else held.unlike[members]
    if held.group is None:
        return Bars(np.zeros((len(members), 1), np.int64), unlike, _places(members, held.cannot))
    which = np.unique(held.group[members], return_inverse=True)[1]
    alike = np.zeros((len(members), int(which.max(initial=0)) // BITS + 1), np.int64)
    alike[np.arange(len(members)), which // BITS] = np.int64(1) << (which % BITS).astype(np.int64)
    return Bars(alike, unlike, _places(members, held.cannot))


def _places(members: Ints, pairs: Ints) -> Ints:
    """Pairs of records as places in `members`, those that are not all there left out."""
    order = np.argsort(members, kind="stable").astype(np.int32)
    at = np.searchsorted(members[order], pairs).clip(max=max(len(members) - 1, 0))
    found: Ints = order[at] if len(members) else np.zeros((0, 2), np.int32)
    return found[(members[found] == pairs).all(1)] if len(members) else found


def _listed(pairs: Ints) -> Longs:
    return distinct(_keys(pairs))


def _keys(pairs: Ints) -> Longs:
    return pair_key(pairs[:, 0], pairs[:, 1])
