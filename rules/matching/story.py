"""How a cluster came about: who was joined first, by which pair, what speaks against it, and where it would part."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from rules.matching import cluster
from rules.matching.clusters.health import WORST, matrix, measure
from rules.matching.clusters.known import Known
from rules.matching.clusters.linkage import CLIP
from rules.matching.clusters.spanning import least_cut, links
from rules.matching.types import Floats, Ints, Longs, Pairs

if TYPE_CHECKING:
    from rules.matching.group import Group

Key: TypeAlias = tuple[str, str]
MOST: Final = cluster.ALL_PAIRS
"""Of larger clusters the joins are not told one by one, and the rest is that of so many of their records."""


@dataclass(frozen=True)
class Link:
    """A pair of records and its match weight in bits; `confirmed`: a person joined them."""

    left: Key
    right: Key
    weight: float
    confirmed: bool = False


@dataclass(frozen=True)
class Join:
    """Two groups that became one: the evidence between them in bits, and the strongest pair."""

    left: tuple[Key, ...]
    right: tuple[Key, ...]
    evidence: float
    link: Link


@dataclass(frozen=True)
class Story:
    """A cluster. `joins` in their order; `weakest`, `cut` and `parts` are None or empty for a single record."""

    records: tuple[Key, ...]
    joins: tuple[Join, ...] = ()
    weakest: Link | None = None
    contrary: tuple[Link, ...] = ()
    """The worst pairs inside, those that speak most against it first."""
    against: int = 0
    """How many pairs inside speak against it."""
    cut: Link | None = None
    """The edge to cut first."""
    parts: tuple[tuple[Key, ...], tuple[Key, ...]] = ((), ())
    """The two customers there would be then, the smaller first."""
    health: float = 1.0


def tell(group: "Group", row: int) -> Story:
    """The story of the cluster that holds a record (its number)."""
    return _told(group, group.clusters, row, joined=True)


def together(group: "Group", rows: Ints) -> Story:
    """The story that some records (their numbers) would have as one customer, whatever became of them; no joins."""
    none = np.zeros(0, np.int32)
    label = np.arange(len(group.encoded), dtype=np.int32)
    label[rows] = rows.min()
    known = Known(label, Pairs(none, none), np.zeros(0), group.clusters.evidence, group.clusters.held.must)
    one = replace(group.clusters, label=label, health=measure(label, known))
    return _told(group, one, int(rows[0]), joined=False)


def _told(group: "Group", clusters: cluster.Clusters, row: int, *, joined: bool) -> Story:
    label, held, evidence = clusters.label, clusters.held, clusters.evidence
    every = np.flatnonzero(label == label[row]).astype(np.int32)
    records = tuple(_key(group, r) for r in every.tolist())
    if len(every) == 1:
        return Story(records)
    members = every[np.arange(min(len(every), MOST)) * len(every) // min(len(every), MOST)]
    none = np.zeros(0, np.int32)
    weights = matrix(Known(label, Pairs(none, none), np.zeros(0), evidence, held.must), members[None])
    named = _Named(group, members, weights[0], held)
    steps = cluster.replay(members, evidence, held) if joined and len(members) == len(every) else []
    tree = links(weights)
    cuts, k = least_cut(tree, weights, CLIP), int(tree.weight[0].argmin())
    sides = sorted((np.flatnonzero(cuts.side[0]), np.flatnonzero(~cuts.side[0])), key=lambda s: (len(s), s[0]))
    row_of = np.searchsorted(clusters.health.cluster, label[row])
    return Story(
        records, tuple(named.join(*step) for step in steps), named.link(int(tree.parent[0, k]), int(tree.node[0, k])),
        named.contrary(), int(clusters.health.contrary[row_of]),
        named.link(int(cuts.parent[0]), int(cuts.node[0])), (named.keys(sides[0]), named.keys(sides[1])),
        float(clusters.health.health[row_of]),
    )  # fmt: skip


def _key(group: "Group", row: int) -> Key:
    return str(group.encoded.sources[row]), str(group.encoded.ids[row])


@dataclass(frozen=True)
class _Named:
    """Places among some records as keys."""

    group: "Group"
    members: Ints
    weights: Floats
    held: cluster.Constraints

    def keys(self, places: Ints | Longs) -> tuple[Key, ...]:
        return tuple(_key(self.group, int(self.members[p])) for p in np.sort(places))

    def link(self, a: int, b: int) -> Link:
        left, right = sorted((int(self.members[a]), int(self.members[b])))
        told = bool((np.sort(self.held.must, axis=1) == (left, right)).all(1).any())
        return Link(_key(self.group, left), _key(self.group, right), float(self.weights[a, b]), told)

    def join(self, left: Ints, right: Ints, evidence: float) -> Join:
        between = self.weights[np.ix_(left, right)]
        a, b = np.unravel_index(int(between.argmax()), between.shape)
        return Join(self.keys(left), self.keys(right), evidence, self.link(int(left[a]), int(right[b])))

    def contrary(self) -> tuple[Link, ...]:
        i, j = np.nonzero(np.triu(self.weights < 0, 1))
        worst = np.argsort(self.weights[i, j], kind="stable")[:WORST]
        return tuple(self.link(int(i[w]), int(j[w])) for w in worst)
