"""Columns without a known meaning that still speak for one customer: birth place, occupation, a club's number.

What a column says is measured on likely matches, records that are equal in two fields whose equality together is no
coincidence: equal values must be far commoner there than among strangers (Kullback and Leibler 1951, in nats).
"""

from collections.abc import Sequence
from itertools import combinations
from typing import Final

import numpy as np

from rules.matching.chance import equal_by_chance
from rules.matching.encode import Column, Encoded
from rules.matching.types import Ints, Longs

LEAST_NATS: Final = 0.35
"""A column says so much, on average over all pairs of one customer, before it is compared."""
LEAST_PAIRS: Final = 60
"""Likely matches in which both sides are known."""
MOST: Final = 4
"""Columns that are compared, the most telling first."""
BEYOND: Final = 5.0
"""Two fields whose equality together is so many times commoner than by chance show likely matches."""
LARGEST: Final = 12
SAMPLE: Final = 20_000
REDUNDANT: Final = 0.3
"""Where so many values repeat a word of another field of the same record, the column says nothing new."""
LOOKED_AT: Final = 2_000


def telling(encoded: Encoded, known: Sequence[str]) -> list[str]:
    """Names of `text.*` columns worth comparing beside the `known` fields, the most telling first."""
    offered = [n for n in sorted(encoded.columns) if n.startswith("text.") and encoded.columns[n].fill > 0]
    left, right = _likely(encoded, known) if offered else (np.zeros(0, np.int32),) * 2
    said = {n: _nats(encoded.columns[n], left, right) for n in offered}
    found = [n for n in sorted(offered, key=lambda n: (-said[n], n)) if said[n] >= LEAST_NATS]
    return [n for n in found if not _repeats(encoded, n, known)][:MOST]


def _likely(encoded: Encoded, known: Sequence[str]) -> tuple[Ints, Ints]:
    """Pairs of neighbours within small groups of records that are equal in two known fields."""
    n = len(encoded)
    found: list[Longs] = []
    for one, other in combinations([encoded.columns[k] for k in known], 2):
        a, b = one.first, other.first
        rows = np.flatnonzero((a >= 0) & (b >= 0))
        key = a[rows].astype(np.int64) * (len(other.values) + 1) + b[rows]
        order = np.argsort(key, kind="stable")
        _, size = np.unique(key, return_counts=True)
        pairs = float((size * (size - 1.0) / 2).sum())
        by_chance = equal_by_chance(one) * equal_by_chance(other) * len(rows) * (len(rows) - 1) / 2
        if pairs < BEYOND * max(by_chance, 1.0):
            continue
        begin = np.cumsum(size) - size
        those = np.flatnonzero((size > 1) & (size <= LARGEST))
        left, right = rows[order[begin[those]]], rows[order[begin[those] + size[those] - 1]]
        found.append(np.minimum(left, right).astype(np.int64) * n + np.maximum(left, right))
    every = np.unique(np.concatenate(found)) if found else np.zeros(0, np.int64)
    every = every[:: max(1, len(every) // SAMPLE)]
    return (every // max(n, 1)).astype(np.int32), (every % max(n, 1)).astype(np.int32)


def _nats(column: Column, left: Ints, right: Ints) -> float:
    a, b = column.first[left], column.first[right]
    both = (a >= 0) & (b >= 0)
    if both.sum() < LEAST_PAIRS:
        return 0.0
    equal = float(np.clip((a == b)[both].mean(), 1e-6, 1 - 1e-6))
    chance = float(np.clip(equal_by_chance(column), 1e-6, 1 - 1e-6))
    if equal <= chance:
        return 0.0
    told = equal * np.log(equal / chance) + (1 - equal) * np.log((1 - equal) / (1 - chance))
    return float(told * both.mean())


def _repeats(encoded: Encoded, name: str, known: Sequence[str]) -> bool:
    """Whether the values of a column are made of those of the known fields."""
    rows = np.flatnonzero(encoded.columns[name].first >= 0)
    rows = rows[:: max(1, len(rows) // LOOKED_AT)]
    own = _words(encoded.columns[name], rows)
    others = [_words(encoded.columns[k], rows) for k in known]
    again = [bool(w & set().union(*o)) for w, *o in zip(own, *others, strict=True)]
    return bool(again) and float(np.mean(again)) >= REDUNDANT


def _words(column: Column, rows: Longs) -> list[set[str]]:
    codes = column.first[rows]
    texts = iter(column.text(codes[codes >= 0]).tolist())
    return [set(str(next(texts)).split()) if c >= 0 else set() for c in codes.tolist()]
