"""Judgements of people on pairs of records, as row numbers: what they said, and where they contradict each other."""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules.matching.types import Bytes, Floats, Ints, Pairs
from rules.vocabulary import Judgement

CODES = (Judgement.DIFFERENT, Judgement.SAME, Judgement.RELATED)
COLUMNS = ("left_source", "left_id", "right_source", "right_id")


@dataclass(frozen=True)
class Judged:
    """Pairs that people judged, each once, left < right; `said`: numbers in CODES."""

    pairs: Pairs
    said: Bytes
    contradicted: int = 0
    """Pairs that were judged both the same and not: nothing is learned from them."""

    def __len__(self) -> int:
        return len(self.pairs)

    @property
    def same(self) -> Floats:
        """1 where a pair was judged the same, else 0."""
        return (self.said == CODES.index(Judgement.SAME)).astype(float)

    def take(self, rows: Ints) -> "Judged":
        return Judged(Pairs(self.pairs.left[rows], self.pairs.right[rows]), self.said[rows])
