"""Joining groups of records, best first, while the evidence between them is positive.

Agglomerative clustering in rounds (Borůvka's way): in each round all pairs of groups that are each other's best are
joined at once. Evidence is an average over the pairs between two groups, so no join makes two others better than they
were, and the rounds end as joining one pair at a time would (Bruynooghe 1978); only far fewer steps are taken.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import numpy as np

from rules.matching.types import Bools, Floats, Ints, Longs, distinct

MUST: Final = 1e6
"""Evidence of a must-link, in bits."""
ALIKE: Final = 6
"""Evidence is compared to so many decimals, so that the last digit of a sum decides nothing."""


NAMES: Final = ("left", "right", "traits", "must", "never", "veto")


@dataclass(frozen=True)
class Edges:
    """What is known between two groups each; a group has the number of its first record, `left` < `right`."""

    left: Ints
    right: Ints
    traits: Floats
    """(edges, traits): sums over the pairs of records between the two groups."""
    must: Bools
    """A person joined two of their records."""
    never: Bools
    """A person parted two of their records."""
    veto: Bools
    """A rule parts two of their records; a person may still join them."""

    def __len__(self) -> int:
        return len(self.left)

    def of(self, those: Bools | Longs) -> "Edges":
        return Edges(*(getattr(self, f)[those] for f in NAMES))


Fetch: TypeAlias = Callable[[Ints, Ints, Ints, Ints], Edges]
"""(members of the left groups, their sizes, those of the right groups, their sizes) -> one edge for each two groups."""
Bits: TypeAlias = Callable[[Floats], Floats]
"""Sums of traits -> evidence that the two groups are one, in bits."""
Seen: TypeAlias = Callable[[Ints, Ints, Floats], None]
"""Told of the groups that a round joins, and the evidence."""


@dataclass(frozen=True)
class Work:
    """One contraction: `n` records, their order inside their component, and how evidence is found."""

    n: int
    own: Ints
    bits: Bits
    fetch: Fetch
    bars: "Bars"
    most: int | None = None
    """Edges kept a group, the best; None keeps all. What is left out is weighed again if it is needed."""
    seen: Seen | None = None


@dataclass(frozen=True)
class Bars:
    """What keeps groups apart whatever their pairs say, by record (rows) and by group once groups are joined.

    `alike`: bits, one for each source; groups that share one are never joined. `unlike`: codes, -1 for none; groups
    with two different codes in one column are never joined.
    """

    alike: Longs
    unlike: Ints
    cannot: Ints
    """(n, 2): groups that a person parted. Of large groups not all pairs are weighed, so edges alone cannot hold it."""

    def parted(self, edges: Edges) -> Bools:
        """Edges whose groups hold two records that a person parted."""
        n = len(self.alike)
        return among(_key(edges.left, edges.right, n), distinct(_key(self.cannot[:, 0], self.cannot[:, 1], n)))

    def sources(self, edges: Edges) -> Bools:
        """Edges whose groups share a source."""
        return np.asarray((self.alike[edges.left] & self.alike[edges.right]).any(1))

    def codes(self, edges: Edges) -> Bools:
        """Edges whose groups have different codes."""
        a, b = self.unlike[edges.left], self.unlike[edges.right]
        return np.asarray(((a != b) & (a >= 0) & (b >= 0)).any(1))

    def joined(self, left: Ints, right: Ints) -> "Bars":
        """After the groups `right` went into the groups `left`."""
        alike, unlike = self.alike.copy(), self.unlike.copy()
        alike[left] |= alike[right]
        unlike[left] = np.maximum(unlike[left], unlike[right])
        into = np.arange(len(alike), dtype=np.int32)
        into[right] = left
        return Bars(alike, unlike, into[self.cannot])


def contract(edges: Edges, work: Work) -> Ints:
    """The group of each record, as the number of its first record."""
    group = np.arange(work.n, dtype=np.int32)
    bars, bits = work.bars, _bits(edges, work.bits, work.bars)
    while True:
        chosen = _mutual(edges, bits, work)
        if not len(chosen):
            return group
        a, b = edges.left[chosen], edges.right[chosen]
        if work.seen:
            work.seen(a, b, bits[chosen])
        bars = bars.joined(a, b)
        kept = _alive(edges, bits, work)
        kept[chosen] = False
        edges, bits = _after(edges.of(kept), bits[kept], a, b, group, work, bars)
        into = np.arange(work.n, dtype=np.int32)
        into[b] = a
        group = into[group]


def _bits(edges: Edges, bits: Bits, bars: Bars) -> Floats:
    """Evidence of each edge: -inf where the groups must stay apart, MUST and more where a person joins them."""
    out = np.round(bits(edges.traits), ALIKE) + MUST * edges.must
    out[(edges.veto | bars.codes(edges)) & ~edges.must] = -np.inf
    out[edges.never | bars.parted(edges) | bars.sources(edges)] = -np.inf
    return np.asarray(out)


def _rank(edges: Edges, bits: Floats, own: Ints) -> Ints:
    """Place of each edge from the best; equals are shuffled, by their place in the component and always the same way.

    In order they would all wait for the first record.
    """
    a, b = own[edges.left].astype(np.uint32), own[edges.right].astype(np.uint32)
    mixed = (a * np.uint32(0x9E3779B1)) ^ ((b + np.uint32(0x7F4A7C15)) * np.uint32(0x85EBCA6B))
    for _ in range(2):
        mixed = (mixed ^ (mixed >> np.uint32(15))) * np.uint32(0x2C1B3C6D)
    order = np.lexsort((b, a, mixed, -bits))
    out = np.empty(len(order), np.int32)
    out[order] = np.arange(len(order), dtype=np.int32)
    return out


def _mutual(edges: Edges, bits: Floats, work: Work) -> Longs:
    """Edges with positive evidence that are the best of both their groups."""
    good = np.flatnonzero(bits > 0)
    edges = edges.of(good)
    rank = _rank(edges, bits[good], work.own)
    best = np.full(work.n, len(good), np.int32)
    np.minimum.at(best, edges.left, rank)
    np.minimum.at(best, edges.right, rank)
    return np.asarray(good[(best[edges.left] == rank) & (best[edges.right] == rank)])


def _alive(edges: Edges, bits: Floats, work: Work) -> Bools:
    """Edges that may still matter: a group on one side has positive evidence somewhere; of many, the best."""
    active = np.zeros(work.n, bool)
    active[edges.left[bits > 0]] = True
    active[edges.right[bits > 0]] = True
    keep = active[edges.left] | active[edges.right]
    if work.most is not None:
        keep &= edges.must | edges.never | best_of(edges.left, edges.right, -_rank(edges, bits, work.own), work.most)
    return np.asarray(keep)


def best_of(left: Ints, right: Ints, value: Floats | Ints, most: int) -> Bools:
    """Edges that are among the `most` greatest of one of their two ends."""
    end, edge = np.concatenate([left, right]), np.tile(np.arange(len(left)), 2)
    order = np.lexsort((-value[edge], end))
    size = np.bincount(end, minlength=1)
    place = np.arange(len(end)) - (np.cumsum(size) - size)[end[order]]
    keep = np.zeros(len(left), bool)
    keep[edge[order[place < most]]] = True
    return keep


def _after(edges: Edges, bits: Floats, a: Ints, b: Ints, group: Ints, work: Work, bars: Bars) -> tuple[Edges, Floats]:
    """The edges once groups `b` went into groups `a`: sums added, and pairs that were never weighed weighed now."""
    into = np.arange(work.n, dtype=np.int32)
    into[b] = a
    changed = np.zeros(work.n, bool)
    changed[a] = changed[b] = True
    touched = changed[edges.left] | changed[edges.right]
    same, old = edges.of(~touched), edges.of(touched)
    if not len(old):
        return same, bits[~touched]
    left, right = _pairs_of_parts(old, into, a, b, work.n)
    fresh = replace(work.fetch(*_members(group, left), *_members(group, right)), left=left, right=right)
    new = _summed(joined(old, fresh), into, work.n)
    return joined(same, new), np.concatenate([bits[~touched], _bits(new, work.bits, bars)])


def _pairs_of_parts(old: Edges, into: Ints, a: Ints, b: Ints, n: int) -> tuple[Ints, Ints]:
    """Two old groups each, the parts of two new groups that touch, between which nothing is known."""
    keys = distinct(_key(into[old.left], into[old.right], n))
    left, right = (keys // n).astype(np.int32), (keys % n).astype(np.int32)
    second = np.full(n, -1, np.int32)
    second[a] = b
    parts = [(x, y) for x in (left, second[left]) for y in (right, second[right])]
    x, y = np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])
    x, y = x[(x >= 0) & (y >= 0)], y[(x >= 0) & (y >= 0)]
    missing = ~among(_key(x, y, n), distinct(_key(old.left, old.right, n)))
    return x[missing], y[missing]


def _key(left: Ints, right: Ints, n: int) -> Longs:
    return np.minimum(left, right).astype(np.int64) * n + np.maximum(left, right)


def among(keys: Longs, listed: Longs) -> Bools:
    """Which keys are in a sorted list."""
    at = np.searchsorted(listed, keys)
    return np.asarray(np.append(listed, -1)[at] == keys)


def _members(group: Ints, wanted: Ints) -> tuple[Ints, Ints]:
    """The records of each wanted group, one group after the other, and how many each has."""
    order = np.argsort(group, kind="stable").astype(np.int32)
    size = np.bincount(group, minlength=len(group)).astype(np.int32)
    begin = np.cumsum(size) - size
    many = size[wanted]
    at = np.repeat(begin[wanted] - (np.cumsum(many) - many), many) + np.arange(int(many.sum()))
    return order[at], many


def joined(*parts: Edges) -> Edges:
    return Edges(*(np.concatenate([getattr(p, f) for p in parts]) for f in NAMES))


def _summed(edges: Edges, into: Ints, n: int) -> Edges:
    """Edges between the new groups: those of their parts added up."""
    key = _key(into[edges.left], into[edges.right], n)
    order = np.argsort(key, kind="stable")
    key = key[order]
    first = np.flatnonzero(np.append(True, key[1:] != key[:-1])) if len(key) else np.zeros(0, np.int64)
    left, right = (key[first] // n).astype(np.int32), (key[first] % n).astype(np.int32)
    return gathered(left, right, edges.of(order), first)


def gathered(left: Ints, right: Ints, edges: Edges, first: Longs) -> Edges:
    """One edge for each run of edges, which begin at `first`."""
    traits = np.add.reduceat(edges.traits, first, axis=0) if len(first) else edges.traits
    flags = (edges.must, edges.never, edges.veto)
    return Edges(left, right, traits, *(np.logical_or.reduceat(f, first) if len(first) else f for f in flags))
