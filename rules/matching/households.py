"""Households: clusters held together by pairs whose relation is household."""

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from rules.matching.expected import RELATIONS
from rules.matching.score import Scored
from rules.matching.types import Ints, Longs
from rules.vocabulary import Relation

MOST = 12
"""More customers than this at one address are an institution, not a household."""


def households(scored: Scored, label: Ints | Longs) -> Longs:
    """For each record the number of its household (the lowest of its clusters), -1 where it lives alone."""
    kin = scored.relation == RELATIONS.index(Relation.HOUSEHOLD)
    a, b = label[scored.pairs.left[kin]], label[scored.pairs.right[kin]]
    apart = a != b
    n = int(label.max(initial=-1)) + 1
    graph = coo_matrix((np.ones(int(apart.sum()), np.int8), (a[apart], b[apart])), shape=(n, n))
    home = connected_components(graph, directed=False)[1]
    size = np.bincount(home, minlength=1)
    first = np.full(len(size), n, np.int64)
    np.minimum.at(first, home, np.arange(n))
    number = np.where((size[home] > 1) & (size[home] <= MOST), first[home], -1)
    return np.asarray(number[label]) if n else np.zeros(0, np.int64)
