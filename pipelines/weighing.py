"""Any pairs of records weighed once more, by their keys."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from rules.matching.engine import Matched
from rules.matching.score import weigh
from rules.matching.types import Floats, Pairs

Key: TypeAlias = tuple[str, str]


def weights(matched: Matched, pairs: Sequence[tuple[Key, Key]]) -> Floats:
    """Match weight of each pair in bits; nan where the two were never compared: a person and a firm, or unknown."""
    out = np.full(len(pairs), np.nan)
    for group in matched.groups.values():
        rows = [(group.row(a), group.row(b)) for a, b in pairs]
        here = np.array([n for n, (a, b) in enumerate(rows) if a is not None and b is not None], np.int64)
        if len(here):
            both = np.sort(np.array([rows[n] for n in here], np.int32), axis=1)
            one = Pairs(both[:, 0], both[:, 1])
            out[here] = weigh(one, group.encoded, group.model, group.holders).weight
    return out
