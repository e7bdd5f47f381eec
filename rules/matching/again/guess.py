"""The first guess at customers: where a change reaches it, guessed again from the pairs that are nearly sure."""

from dataclasses import dataclass

import numpy as np

from rules.matching.again.before import Before
from rules.matching.cluster import components
from rules.matching.encode import Encoded
from rules.matching.group import SURE
from rules.matching.model import Model
from rules.matching.score import weigh
from rules.matching.types import Bools, Ints, Longs, pair_key, unpacked


@dataclass(frozen=True)
class Guess:
    """The first guess of now."""

    label: Ints
    touched: Bools
    """Records whose pairs are to be found again."""
    pairs: Longs
    """Those pairs (types.pair_key), sorted."""
    other: Bools
    """Records that may be guessed to be one with others than then."""


def guess(encoded: Encoded, model: Model, before: Before, touched: Bools, pairs: Longs) -> Guess:
    """The customers of now. `pairs`: candidates with a `touched` record."""
    n = len(encoded)
    of = before.of_now(n)
    parted = np.zeros(int(before.guess.max(initial=0)) + 1, bool)
    parted[before.guess[(before.row < 0) | np.append(touched, False)[before.row]]] = True
    apart = touched | (of < 0)
    apart[of >= 0] |= parted[before.guess[of[of >= 0]]]
    likely = unpacked(np.concatenate([pairs, _inside(before, apart, touched)]))
    sure = weigh(likely, encoded, model, None).probability >= SURE
    whole = np.flatnonzero(~apart)
    first = _first_of(before.guess[of[whole]], whole)
    left, right = np.concatenate([likely.left[sure], first]), np.concatenate([likely.right[sure], whole])
    label = components(left, right, n)
    other = np.zeros(int(label.max(initial=0)) + 1, bool)
    other[label[apart]] = True
    return Guess(label, touched, pairs, np.asarray(other[label]))


def _inside(before: Before, apart: Bools, touched: Bools) -> Longs:
    """The earlier candidates of the first round between records of customers that are guessed again."""
    now = before.now
    there = (now.left >= 0) & (now.right >= 0) & ~before.links.second
    a, b = now.left[there], now.right[there]
    inside = apart[a] & apart[b] & ~touched[a] & ~touched[b]
    return pair_key(a[inside], b[inside])


def _first_of(group: Ints, rows: Longs) -> Longs:
    """For each of some rows the first row of its group."""
    first = np.zeros(int(group.max(initial=0)) + 1, np.int64)
    first[group[::-1]] = rows[::-1]
    return np.asarray(first[group])
