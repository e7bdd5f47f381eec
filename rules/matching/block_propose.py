"""Blocking rules proposed from the data: combinations of one to three keys, the most matches for the fewest pairs.

Greedy weighted cover (Bilenko, Kamath and Mooney 2006 choose blocking so with labels): the gain of a rule is measured
on likely matches and on made-up ones, which put together the agreements of several likely matches group by group, so
that a match in which everything goes a little wrong is thought of too. Its cost is the number of its pairs, counted on a
sample.
"""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final, TypeAlias

import numpy as np

from rules.matching import keys
from rules.matching.block_keys import Key
from rules.matching.block_likely import Likely
from rules.matching.block_sample import entries, rows, taken
from rules.matching.encode import Column, Encoded
from rules.matching.types import Bools, Floats

SAMPLE: Final = 20_000
"""Records on which pairs are counted."""
MADE_UP: Final = 4_000
PRIOR: Final = 10.0
"""Weight of what is assumed about a group before anything is seen, in pairs."""
AGREE: Final = 0.85
"""How often the values of one customer are equal, before anything is seen; and a form where the whole is not."""
FORM_AGREES: Final = 0.5
FEW: Final = 0.02
"""A rule of fewer pairs a record than this is not narrowed by a further key."""
AGAIN: Final = 0.1
"""What a case that one rule finds is still worth to another: one like it may miss the first."""


@dataclass
class Counted:
    """Pairs that share keys, counted on a sample of the records without joining them."""

    encoded: Encoded
    names: list[str]
    scale: float
    made: dict[str, Column] = field(default_factory=dict)

    @staticmethod
    def on(encoded: Encoded, offered: list[Key]) -> "Counted":
        n = len(encoded)
        at = rows(n, SAMPLE, seed=2)
        part = taken(encoded, at) if len(at) < n else encoded
        return Counted(part, [k.name for k in offered], n * (n - 1) / max(len(at) * (len(at) - 1), 1))

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
        return float((size * (size - 1) / 2).sum()) * self.scale


def chance(counted: Counted) -> Floats:
    """By key, how often two records that have it agree on it; never quite nothing."""
    out = np.ones(len(counted.names))
    for i, name in enumerate(counted.names):
        column = counted.column(name)
        total = float(column.counts.sum())
        same = float((column.counts * (column.counts - 1.0)).sum())
        out[i] = (same + 1) / (total * (total - 1) + len(column.values) + 1)
    return np.clip(out, 1e-9, 1.0)


def cases(encoded: Encoded, offered: list[Key], seen: Likely, seed: int = 1) -> tuple[Bools, Floats]:
    """Matches to be found, (cases, keys), and their weights: those seen, and made-up ones of as much weight."""
    rng = np.random.default_rng(seed)
    made, total = np.zeros((MADE_UP, len(offered)), bool), len(seen.weight)
    for g, group in enumerate(seen.groups):
        of = [i for i, k in enumerate(offered) if k.of == group]
        apart = seen.without[:, g] if float(seen.weight[seen.without[:, g]].sum()) >= PRIOR else np.ones(total, bool)
        known = float(seen.weight[apart].sum())
        real = rng.random(MADE_UP) < known / (known + PRIOR)
        made[:, of] = _assumed(encoded, [offered[i] for i in of], rng)
        if known:
            drawn = rng.choice(np.flatnonzero(apart), int(real.sum()), p=seen.weight[apart] / known)
            made[np.ix_(real, of)] = seen.agree[drawn][:, of]
    sure = float(seen.weight.sum())
    share = 0.5 * sure / (sure + PRIOR)
    each = [seen.weight * share / max(sure, 1e-9), np.full(MADE_UP, (1 - share) / MADE_UP)]
    return np.concatenate([seen.agree, made]), np.concatenate(each)


def distinct(agree: Bools, weight: Floats) -> tuple[Bools, Floats]:
    """The distinct cases, (keys, cases), and their weights together."""
    packed = np.ascontiguousarray(np.packbits(agree, axis=1))
    row = packed.view([("", packed.dtype)] * packed.shape[1]).ravel()
    _, first, of = np.unique(row, return_index=True, return_inverse=True)
    return np.ascontiguousarray(agree[first].T), np.bincount(of, weights=weight)


def _assumed(encoded: Encoded, of: list[Key], rng: np.random.Generator) -> Bools:
    """Agreements of one group as they usually are."""
    out = np.zeros((MADE_UP, len(of)), bool)
    for column in dict.fromkeys(k.column for k in of):
        known = rng.random(MADE_UP) < encoded.columns[column].fill ** 2
        equal = rng.random(MADE_UP) < AGREE
        for i, key in enumerate(of):
            if key.column == column:
                whole = key.name == key.column
                out[:, i] = known & (equal | ((rng.random(MADE_UP) < FORM_AGREES) & (not whole)))
    return out


@dataclass(order=True)
class Proposal:
    """A rule that may be worth its pairs, in the order of a heap: the most worth first."""

    order: float
    """The negative worth: matches that it adds for each of its pairs."""
    rule: tuple[int, ...]
    pairs: float = field(compare=False)
    counted: bool = field(compare=False, default=True)
    """Whether the pairs are counted, or guessed from those of its parts."""


@dataclass
class Cover:
    """What is found already: each rule that finds a case leaves this part of it to be found by another."""

    agree: Bools
    """(keys, cases)"""
    left: Floats

    def found(self, rule: tuple[int, ...]) -> Bools:
        """The cases that agree on every key of a rule."""
        return np.asarray(np.logical_and.reduce(self.agree[list(rule)]))

    def gain(self, rule: tuple[int, ...]) -> float:
        return float(self.left @ self.found(rule))

    def take(self, rule: tuple[int, ...]) -> None:
        self.left[self.found(rule)] *= AGAIN


Accept: TypeAlias = Callable[[tuple[int, ...], float, float], float | None]
"""Told a rule, its pairs and its gain; answers None: taken, or the pairs that it really has, or inf: never."""


def propose(
    offered: list[Key], counted: Counted, cover: Cover, most: float, least: float, overhead: float, accept: Accept
) -> None:
    """Hand rules to `accept`, from the most matches a pair down to `least`; none of more than `most` pairs.

    `overhead`: what a rule costs however few its pairs, in pairs. Lazily greedy: what is left to gain only shrinks.
    """
    heap = [Proposal(-cover.gain(r) / (p + overhead), r, p, c) for r, p, c in _combinations(offered, counted, most)]
    heap = [p for p in heap if p.order <= -least]
    heapq.heapify(heap)
    while heap:
        top = heapq.heappop(heap)
        if top.order > -least:
            break
        if not top.counted:
            top = Proposal(0, top.rule, counted.pairs(top.rule))
        if top.pairs > most:
            continue
        gain = cover.gain(top.rule)
        if not gain:
            continue
        top.order = -gain / (top.pairs + overhead)
        if heap and heap[0] < top:
            heapq.heappush(heap, top)
            continue
        answer = accept(top.rule, top.pairs, gain)
        if answer is None:
            cover.take(top.rule)
        elif answer < float("inf"):
            heapq.heappush(heap, Proposal(-gain / (answer + overhead), top.rule, answer))


def _combinations(offered: list[Key], counted: Counted, most: float) -> Iterator[tuple[tuple[int, ...], float, bool]]:
    """One, two and three keys that do not say the same; more keys only where fewer give many pairs."""
    few = FEW * len(counted.encoded) * counted.scale**0.5
    one = {i: counted.pairs((i,)) for i in range(len(offered))}
    wide = [i for i in one if one[i] > few]
    two: dict[tuple[int, int], float] = {}
    for i, j in combinations(wide, 2):
        if not offered[i].clashes(offered[j]):
            two[i, j] = counted.pairs((i, j))
    yield from (((i,), pairs, True) for i, pairs in one.items())
    yield from ((rule, pairs, True) for rule, pairs in two.items())
    for i, j, k in combinations(wide, 3):
        ij, ik, jk = two.get((i, j), 0.0), two.get((i, k), 0.0), two.get((j, k), 0.0)
        if min(ij, ik, jk) > few:
            guess = max(ij * ik / one[i], ij * jk / one[j], ik * jk / one[k])
            if guess < most:
                yield (i, j, k), min(guess, ij, ik, jk), False
