"""Blocking rules proposed from the data: combinations of one to three keys, the most matches for the fewest pairs.

Greedy weighted cover, as Bilenko, Kamath and Mooney (2006) choose blocking with labels: here without, on the cases of
`block_cases`. The cost of a rule is the number of its pairs.
"""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final, TypeAlias

from rules.matching.blocks.cases import Cover
from rules.matching.blocks.count import Counted
from rules.matching.blocks.offered import Key

MOST_LEFT: Final = 50
FEW: Final = 0.02
"""A rule of fewer pairs a record than this is not narrowed by a further key."""


@dataclass(order=True)
class Proposal:
    """A rule that may be worth its pairs, in the order of a heap: the most worth first."""

    order: float
    """The negative worth: matches that it adds for each of its pairs."""
    rule: tuple[int, ...]
    pairs: float = field(compare=False)
    counted: bool = field(compare=False, default=True)
    """Whether the pairs are counted, or guessed from those of its parts."""


Accept: TypeAlias = Callable[[tuple[int, ...], float], float | None]
"""Told a rule and its pairs; answers None: taken, or the pairs that it really has, or inf: never."""


@dataclass(frozen=True)
class Limits:
    """What rules may cost."""

    most: float
    """Pairs of one rule."""
    least: float
    """Share of the matches that a rule must add for each of its pairs."""
    overhead: float
    """What a rule costs however few its pairs, in pairs."""
    rules: int
    """How many may be taken."""
    matches: float
    """How many matches are expected in all."""


def propose(offered: list[Key], counted: Counted, cover: Cover, limits: Limits, accept: Accept) -> list[Proposal]:
    """Hand rules to `accept`, from the most matches a pair down; some of those not handed on, the best first.

    Lazily greedy: what a rule adds only shrinks as others are taken, so only the first in the row is looked at anew.
    """
    heap = [
        Proposal(-cover.gain(r) / (p + limits.overhead), r, p, c)
        for r, p, c in _combinations(offered, counted, cover, limits)
    ]
    heapq.heapify(heap)
    taken = 0
    while heap and taken < limits.rules and heap[0].order <= -limits.least:
        top = heapq.heappop(heap)
        gain = cover.gain(top.rule)
        if top.pairs > limits.most or not gain:
            continue
        top.order = -gain / (top.pairs + limits.overhead)
        if heap and heap[0] < top:
            heapq.heappush(heap, top)
            continue
        if not top.counted:
            pairs = counted.pairs(top.rule)
            heapq.heappush(heap, Proposal(-gain / (pairs + limits.overhead), top.rule, pairs))
            continue
        answer = accept(top.rule, top.pairs)
        if answer is None:
            taken += 1
            cover.take(top.rule)
        elif answer < float("inf"):
            heapq.heappush(heap, Proposal(-gain / (answer + limits.overhead), top.rule, answer))
    return [p for p in sorted(heap)[:MOST_LEFT] if p.counted]


def _combinations(
    offered: list[Key], counted: Counted, cover: Cover, limits: Limits
) -> Iterator[tuple[tuple[int, ...], float, bool]]:
    """One, two and three keys that do not say the same, and their pairs; more keys only where fewer give many pairs."""
    few = FEW * len(counted.encoded) * counted.scale**0.5
    one = {i: counted.pairs((i,)) for i in range(len(offered))}
    wide = [i for i in one if one[i] > few]
    two = {(i, j): counted.pairs((i, j)) for i, j in combinations(wide, 2) if not offered[i].clashes(offered[j])}
    yield from (((i,), pairs, True) for i, pairs in one.items())
    yield from ((rule, pairs, True) for rule, pairs in two.items())
    strangers = {r: max(p - cover.gain(r) * limits.matches, 0) for r, p in two.items()}
    for i, j, k in combinations(wide, 3):
        parts = [two.get(r, 0.0) for r in ((i, j), (i, k), (j, k))]
        if min(parts) > few:
            ij, ik, jk = (strangers[r] for r in ((i, j), (i, k), (j, k)))
            guess = max(ij * ik / one[i], ij * jk / one[j], ik * jk / one[k])
            yield (i, j, k), min(guess + cover.gain((i, j, k)) * limits.matches, *parts), False
