"""Judgements of people on pairs of records, as row numbers: what they said, and where they contradict each other."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules.matching.types import Bytes, Floats, Ints, Longs, Pairs
from rules.vocabulary import Judgement

CODES: Final = (Judgement.DIFFERENT, Judgement.SAME, Judgement.RELATED)
ANSWERS: Final = {"different": 0, "split": 0, "same": 1, "related": 2}
"""Judgements of a file of labels and kinds of decisions -> numbers in CODES; other decisions judge no pair."""
SIDES: Final = (("left_source", "left_id"), ("right_source", "right_id"))


@dataclass(frozen=True)
class Judged:
    """Pairs that people judged, each once, left < right; `said`: numbers in CODES."""

    pairs: Pairs
    said: Bytes
    contradicted: int = 0
    """Pairs that were judged the same and not the same: nothing is learned from them."""
    rows: int = 0
    """Judgements that were read for these pairs, however often each was judged."""

    def __len__(self) -> int:
        return len(self.pairs)

    @property
    def same(self) -> Floats:
        """1 where a pair was judged the same, else 0."""
        return np.asarray(self.said == CODES.index(Judgement.SAME), float)

    def take(self, rows: Ints | Longs) -> "Judged":
        return Judged(Pairs(self.pairs.left[rows], self.pairs.right[rows]), self.said[rows])


def judgements(tables: Iterable[pa.Table], sources: pa.Array, ids: pa.Array) -> Judged:
    """What tables of labels (`judgement`) or decisions (`kind`) say of these records; other records are left out.

    Of several judgements of one pair the last holds, unless some say the same and others do not.
    """
    keys = _keys(sources, ids)
    parts = [_rows(t, keys) for t in tables if len(t)]
    every = np.concatenate([np.zeros((0, 3), np.int64), *parts])
    if not len(every):
        return Judged(Pairs(np.zeros(0, np.int32), np.zeros(0, np.int32)), np.zeros(0, np.int8))
    pair = np.minimum(every[:, 0], every[:, 1]) * len(ids) + np.maximum(every[:, 0], every[:, 1])
    unique, of = np.unique(pair, return_inverse=True)
    last = np.zeros(len(unique), np.int64)
    last[of] = np.arange(len(pair))  # a later entry overwrites an earlier one
    yes = np.bincount(of, every[:, 2] == ANSWERS["same"])
    clear = (yes == 0) | (yes == np.bincount(of))
    held = unique[clear]
    pairs = Pairs((held // len(ids)).astype(np.int32), (held % len(ids)).astype(np.int32))
    return Judged(pairs, every[last[clear], 2].astype(np.int8), int((~clear).sum()), len(every))


def _keys(sources: pa.Array | pa.ChunkedArray, ids: pa.Array | pa.ChunkedArray) -> pa.Array:
    """One text for each record: source and id with a character between them that stands in neither."""
    return pc.binary_join_element_wise(sources.cast(pa.string()), ids.cast(pa.string()), "\x1f")


def _rows(table: pa.Table, keys: pa.Array) -> Longs:
    """(judgements, 3): left row, right row and answer, of those whose records are here."""
    said = table["judgement" if "judgement" in table.column_names else "kind"].to_pylist()
    at = [pc.fill_null(pc.index_in(_keys(table[s], table[i]), keys), -1).to_numpy() for s, i in SIDES]
    rows: Longs = np.stack([*at, np.array([ANSWERS.get(s, -1) for s in said])], 1).astype(np.int64)
    return np.asarray(rows[(rows >= 0).all(1) & (rows[:, 0] != rows[:, 1])])
