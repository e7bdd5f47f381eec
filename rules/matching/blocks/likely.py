"""Likely matches without a model and without truth: what recall of blocking is estimated on.

Pairs that share any two columns (or one rare value) are looked up for a sample of the records and weighed by what they
agree on: the rarer the shared values, the more. Each is weighed without each group of columns, too, so that the
agreement of a group is measured on pairs that are likely whatever it says (as capture and recapture; Lincoln 1930).
"""

from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from rules.matching import keys
from rules.matching.blocks.offered import Key
from rules.matching.blocks.sample import mates, rows, taken
from rules.matching.compare import matched
from rules.matching.encode import Column, Encoded
from rules.matching.types import Bools, Floats, Pairs, unpacked

ANCHORS: Final = 5_000
"""Records whose partners are looked for."""
MOST_PAIRS: Final = 60_000
"""What two columns give in more pairs tells little."""
MOST_BITS: Final = 12.0
"""No shared value counts for more: people who live together share values however rare."""
MARGIN: Final = 4.0
"""Bits by which the evidence must exceed what chance allows, so that a match is as likely as not."""
DOUBT: Final = 4.0
"""Pairs with so many bits less are left out."""


@dataclass(frozen=True)
class Likely:
    """Pairs that are probably matches."""

    agree: Bools
    """(pairs, keys): whether the pair agrees on the key."""
    weight: Floats
    """Probability that it is a match, roughly."""
    apart: Floats
    """(pairs, groups): the same probability, judged without the group."""
    groups: list[str]
    a_record: float
    """Likely matches of one record, on average."""


def likely(encoded: Encoded, offered: list[Key], chance: Floats) -> Likely:
    """The likely matches of a sample of the records. `chance`: by key, how often two strangers agree on it."""
    n = len(encoded)
    anchor = np.zeros(n, bool)
    anchor[rows(n, ANCHORS)] = True
    pairs = _found(encoded, offered, anchor)
    used = np.unique(np.concatenate([pairs.left, pairs.right])).astype(np.int64)
    part = taken(encoded, used)
    at = Pairs(*(np.searchsorted(used, side).astype(np.int32) for side in (pairs.left, pairs.right)))
    agree = np.zeros((len(pairs), len(offered)), bool)
    for i, key in enumerate(offered):
        if keys.has(part, key.name):
            agree[:, i] = matched(keys.column(part, key.name), at.left, at.right) >= 0
    groups = sorted({k.of for k in offered})
    bits = _evidence(encoded, offered, groups, chance, pairs, agree)
    total = bits.sum(1) - np.log2(max(n, 2)) - MARGIN
    without = total[:, None] - bits
    few = np.maximum(total, without.max(1, initial=-np.inf)) > -DOUBT
    # A pair of two anchors is found from both sides.
    ends = anchor[pairs.left[few]].astype(int) + anchor[pairs.right[few]]
    weight = _probability(total[few])
    a_record = float((ends * weight).sum()) / max(int(anchor.sum()), 1)
    return Likely(agree[few], weight, _probability(without[few]), groups, a_record)


def _probability(bits: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp2(-np.clip(bits, -50, 50))))


def _evidence(
    encoded: Encoded, offered: list[Key], groups: list[str], chance: Floats, pairs: Pairs, agree: Bools
) -> Floats:
    """(pairs, groups): bits for a match; of each column its most telling form that agrees, of a group the most."""
    by_column: dict[str, Floats] = {}
    for i, key in enumerate(offered):
        bits = np.where(agree[:, i], -np.log2(chance[i]), 0.0)
        if key.name == key.column:
            bits[agree[:, i]] = _rarity(encoded.columns[key.column], pairs, agree[:, i])
        by_column[key.column] = np.maximum(by_column.get(key.column, 0.0), bits)
    told = {k.column: k for k in offered}
    for name, bits in by_column.items():
        known = (encoded.columns[name].sizes[pairs.left] > 0) & (encoded.columns[name].sizes[pairs.right] > 0)
        bits[known & (bits == 0)] = -told[name].differ
    each = [_together({n: b for n, b in by_column.items() if told[n].of == group}, told) for group in groups]
    return np.stack(each, axis=1)


def _together(bits: dict[str, Floats], told: dict[str, Key]) -> Floats:
    """Evidence of one group: the parts of a name together or the whole; of an address the most telling part."""
    parts = [n for n in bits if any(n in told[w].holds for w in bits)]
    if told and parts and "surname" in parts:
        whole = [b for n, b in bits.items() if n not in parts]
        return np.asarray(np.maximum(sum(bits[n] for n in parts), np.max(whole, axis=0)))
    return np.asarray(np.minimum(np.max(list(bits.values()), axis=0), MOST_BITS))


def _rarity(column: Column, pairs: Pairs, agree: Bools) -> Floats:
    """Bits of each shared value: how few others have it."""
    code = matched(column, pairs.left[agree], pairs.right[agree])
    total = max(int(column.counts.sum()), 1)
    return np.asarray(np.log2(total / np.maximum(column.counts[code] - 1, 1)))


def _found(encoded: Encoded, offered: list[Key], anchor: Bools) -> Pairs:
    """Pairs of an anchor that share two whole columns or one value that is not common."""
    whole = [k for k in offered if k.name == k.column and not k.holds] or offered
    seeds: list[tuple[Key, ...]] = [(k,) for k in whole]
    seeds += [pair for pair in combinations(whole, 2) if not pair[0].clashes(pair[1])]
    found = [np.zeros(0, np.int64)]
    for seed in seeds:
        left, right = mates([encoded.columns[k.column] for k in seed], anchor)
        if len(left) <= MOST_PAIRS:
            found.append(left.astype(np.int64) << 32 | right)
    key = np.unique(np.concatenate(found))
    return unpacked(key)
