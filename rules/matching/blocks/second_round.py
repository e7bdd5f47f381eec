"""A second, looser round of candidates, in the neighbourhood of what matched in the first.

A cluster knows more than its records: two e-mails, three addresses, a name in two spellings. Blocking rules are asked
once more with the values of a cluster mixed (the name of one member with the address of another), and where two
clusters were nearly joined, all their records are compared.
"""

from typing import Final

import numpy as np

from rules.matching import keys
from rules.matching.clusters.contract import among
from rules.matching.encode import Column, Encoded
from rules.matching.types import Floats, Ints, Longs, Pairs, distinct, pair_key, unpacked

NEARLY: Final = 0.05
"""Two clusters with a pair of this probability are looked at whole."""
MOST_MEMBERS: Final = 6
"""Clusters of more records than this mix too many values."""
MOST_MATES: Final = 12
"""A mixed value that more records have leads nowhere."""
MOST_RULES: Final = 4
"""Rules that are asked once more, those that found most for their pairs."""


def second_round(
    encoded: Encoded,
    label: Ints,
    first: Pairs,
    probability: Floats,
    rules: list[tuple[str, ...]],
    most: int,
    *,
    link: bool = False,
) -> Pairs:
    """Pairs that were no candidates in the first round, at most `most`, sorted.

    `label`: what the first round joined; `first`: its pairs, and the `probability` of each; `rules`: from which mixed
    values are looked up. Nearly joined clusters come first, then the rules in their order; a step that would go beyond
    `most` is left out. With `link` only pairs of different sources.
    """
    size = np.bincount(label, minlength=1)
    near = (probability >= NEARLY) & (label[first.left] != label[first.right])
    found = [_crossed(label, size, label[first.left[near]], label[first.right[near]])]
    columns: dict[str, Column] = {}
    mixable = [r for r in rules if 1 < len(r) <= 3 and all(keys.has(encoded, k) for k in r)]
    found += [_mixed(encoded, label, size, [_made(encoded, k, columns) for k in r]) for r in mixable[:MOST_RULES]]
    source = encoded.source_codes if link else np.arange(len(encoded))
    return _new(found, first, source, most)


def _made(encoded: Encoded, key: str, columns: dict[str, Column]) -> Column:
    if key not in columns:
        columns[key] = keys.column(encoded, key)
    return columns[key]


def _members(label: Ints, size: Longs) -> tuple[Ints, Longs]:
    """The records in the order of their clusters, and where each cluster begins."""
    return np.argsort(label, kind="stable").astype(np.int32), np.cumsum(size) - size


def _crossed(label: Ints, size: Longs, a: Ints, b: Ints) -> Longs:
    """Every record of cluster a with every record of cluster b, as sorted keys left << 32 | right."""
    order, begin = _members(label, size)
    fit = (size[a] <= MOST_MEMBERS) & (size[b] <= MOST_MEMBERS) & (size[a] * size[b] > 1)
    both = distinct(pair_key(a[fit], b[fit]))
    x, y = both >> 32, both & 0xFFFFFFFF
    count = size[x] * size[y]
    pair = np.repeat(np.arange(len(both)), count)
    within = np.arange(len(pair)) - np.repeat(np.cumsum(count) - count, count)
    left, right = order[begin[x[pair]] + within // size[y[pair]]], order[begin[y[pair]] + within % size[y[pair]]]
    return distinct(pair_key(left, right))


def _mixed(encoded: Encoded, label: Ints, size: Longs, columns: list[Column]) -> Longs:
    """Records with a key that a cluster has only by mixing its members, each with every member."""
    own, lists = np.arange(len(encoded)), [c.first for c in columns]
    joined = np.flatnonzero((size[label] > 1) & (size[label] <= MOST_MEMBERS))
    a, b = _pairs_within(joined, label, size)
    mixed: list[tuple[Longs, Longs]] = []
    for turn in range(len(columns)):
        # One key from b, the others from a: three keys from three members are too far-fetched.
        parts = [codes[b] if i == turn else codes[a] for i, codes in enumerate(lists)]
        mixed.append((a, _key(parts, columns)))
    record = np.concatenate([m[0] for m in mixed])
    key = np.concatenate([m[1] for m in mixed])
    real = _key(lists, columns)
    return _lookup(own[real >= 0], real[real >= 0], record[key >= 0], key[key >= 0], label, size)


def _pairs_within(joined: Longs, label: Ints, size: Longs) -> tuple[Longs, Longs]:
    """Each record of a cluster with each other record of it, both ways."""
    order, begin = _members(label, size)
    count = size[label[joined]]
    a = np.repeat(joined, count)
    b = order[np.repeat(begin[label[joined]] - (np.cumsum(count) - count), count) + np.arange(len(a))].astype(np.int64)
    return a[a != b], b[a != b]


def _key(parts: list[Ints], columns: list[Column]) -> Longs:
    """The codes of several columns as one number, -1 where one is missing."""
    key, known = np.zeros(len(parts[0]), np.int64), np.ones(len(parts[0]), bool)
    for codes, column in zip(parts, columns, strict=True):
        key = key * (len(column.values) + 1) + codes
        known &= codes >= 0
    return np.where(known, key, -1)


def _lookup(own: Longs, real: Longs, record: Longs, key: Longs, label: Ints, size: Longs) -> Longs:
    """Clusters of the records with a mixed key, crossed with those of the records that have it."""
    order = np.argsort(real)
    own, real = own[order], real[order]
    record, key = record[np.argsort(key)], np.sort(key)  # what is looked up in order is found in half the time
    low, high = np.searchsorted(real, key, "left"), np.searchsorted(real, key, "right")
    count = np.where(high - low <= MOST_MATES, high - low, 0)
    at = np.repeat(low - (np.cumsum(count) - count), count) + np.arange(int(count.sum()))
    a, b = label[np.repeat(record, count)], label[own[at]]
    apart = a != b
    return _crossed(label, size, a[apart], b[apart])


def _new(found: list[Longs], first: Pairs, source: Longs | Ints, most: int) -> Pairs:
    """Those that are new, each once, at most `most`."""
    known = np.sort(first.left.astype(np.int64) << 32 | first.right)
    kept = np.zeros(0, np.int64)
    for each in found:
        fresh = each[~among(each, known) & ~among(each, kept)]
        fresh = fresh[source[fresh >> 32] != source[fresh & 0xFFFFFFFF]]
        if len(kept) + len(fresh) <= most:
            kept = np.sort(np.concatenate([kept, fresh]))
    return unpacked(kept)
