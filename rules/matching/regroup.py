"""Whom a few records would be if they were all there were: every pair of them is weighed, whatever found it."""

from typing import TYPE_CHECKING

import numpy as np

from rules.matching import cluster
from rules.matching.types import Ints, Pairs

if TYPE_CHECKING:
    from rules.matching.group import Group


def regrouped(group: "Group") -> Ints:
    """Labels (as of Clusters) of the records of a group, under its threshold and what people said of them. For a few
    hundred records: the pairs are weighed at once.
    """
    n, made = len(group.encoded), group.clusters
    left, right = np.triu_indices(n, 1)
    pairs = Pairs(left.astype(np.int32), right.astype(np.int32))
    return cluster.cluster(pairs, made.evidence.weight(pairs), n, made.evidence, made.held).label
