"""Pairs that share keys, counted without joining them: on a sample of the records where they are many."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from rules.matching import keys
from rules.matching.blocks.offered import Key
from rules.matching.blocks.sample import entries, rows, taken
from rules.matching.encode import Column, Encoded
from rules.matching.types import Floats

SAMPLE: Final = 20_000
"""Records on which pairs are counted."""
ODD: Final = 0.03
"""Share of the records that may be in blocks too large, without their pairs being counted."""


@dataclass
class Counted:
    """The records on which pairs are counted, and their keys as far as they were needed yet.

    `scale`: pairs of all records for each pair of these.
    """

    encoded: Encoded
    scale: float
    largest: float
    """Records of a block that is too large, among these."""
    names: list[str] = field(default_factory=list)
    """The keys that rules name by their numbers."""
    made: dict[str, Column] = field(default_factory=dict)

    @staticmethod
    def on(encoded: Encoded, largest_block: int) -> "Counted":
        n = len(encoded)
        at = rows(n, SAMPLE, seed=2)
        part = taken(encoded, at) if len(at) < n else encoded
        scale = n * (n - 1) / max(len(at) * (len(at) - 1), 1)
        return Counted(part, scale, max(largest_block / scale**0.5, 5))

    def column(self, name: str) -> Column:
        if name not in self.made:
            self.made[name] = keys.column(self.encoded, name)
        return self.made[name]

    def pairs(self, rule: tuple[int, ...]) -> float:
        """Pairs of all the records that agree on these keys."""
        import pandas as pd  # its hash table is several times faster than sorting

        columns = sorted((self.column(self.names[i]) for i in rule), key=lambda c: c.offsets is None)
        record, key = entries(columns[0])
        key = key.astype(np.int64)
        for column in columns[1:]:
            # Of a second list only the first value counts: a rule with two lists would join every with every.
            part = column.first[record]
            record, key = record[part >= 0], (key * (len(column.values) + 1) + part)[part >= 0]
        size = np.bincount(pd.factorize(key)[0]).astype(np.float64) if len(key) else np.zeros(1)
        # A placeholder makes one huge block, which will be split; where most blocks are huge the rule is no good.
        large = size > self.largest
        if large.any() and size[large].sum() <= ODD * size.sum():
            size = size[~large]
        return float((size * (size - 1) / 2).sum()) * self.scale


def telling(counted: Counted, offered: list[Key]) -> list[Key]:
    """The keys without those that part the records just as an earlier form of their column does."""
    seen: set[tuple[str, int, int, int]] = set()
    out = []
    for key in offered:
        column = counted.column(key.name)
        sizes = column.counts[column.counts > 0]
        mark = (key.column, len(sizes), int(sizes.sum()), int((sizes**2).sum()))
        if mark not in seen:
            out.append(key)
        seen.add(mark)
    return out


def chance(counted: Counted) -> Floats:
    """By key, how often two records that have it agree on it; never quite nothing."""
    out = np.ones(len(counted.names))
    for i, name in enumerate(counted.names):
        column = counted.column(name)
        total = float(column.counts.sum())
        same = float((column.counts * (column.counts - 1.0)).sum())
        out[i] = (same + 1) / (total * (total - 1) + len(column.values) + 1)
    return np.clip(out, 1e-9, 1.0)
