"""Weights inside components: of candidates as they are, of other pairs weighed when they are asked for."""

from typing import Final

import numpy as np

from rules.matching.clusters.contract import among
from rules.matching.clusters.linkage import Evidence
from rules.matching.types import Floats, Ints, Pairs, distinct, pair_key

CERTAIN: Final = 1000.0
"""Weight of a pair that a person joined, in bits."""


class Known:
    """Match weights of any pairs. `pairs`, `weight`: candidates, above 0 for a match; `must`: joined by people.

    `label`: a component a record; candidates across two of them are not kept.
    """

    def __init__(self, label: Ints, pairs: Pairs, weight: Floats, evidence: Evidence, must: Ints) -> None:
        inside = label[pairs.left] == label[pairs.right]
        key = pair_key(pairs.left[inside], pairs.right[inside])
        order = np.argsort(key)
        self._key, self._weight = np.append(key[order], -1), np.append(weight[inside][order] + evidence.cut, np.nan)
        self._must, self.evidence = distinct(pair_key(must[:, 0], must[:, 1])), evidence

    def weight(self, pairs: Pairs) -> Floats:
        """Match weight of each pair in bits."""
        key = pair_key(pairs.left, pairs.right)
        at = np.searchsorted(self._key[:-1], key)
        weight, told = self._weight[at], among(key, self._must)
        rest = np.flatnonzero((self._key[at] != key) & ~told)
        if len(rest):
            weight[rest] = self.evidence.weight(Pairs(pairs.left[rest], pairs.right[rest])) + self.evidence.cut
        weight[told] = CERTAIN
        return np.asarray(weight)
