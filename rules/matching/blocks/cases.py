"""The matches that blocking rules are to find: likely ones, and made-up ones put together from their agreements.

A made-up match takes the agreement of each group of columns from another likely match, one that was found without
that group: so matches in which everything goes a little wrong are thought of, which no quick look finds.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from rules.matching.blocks.likely import Likely
from rules.matching.blocks.offered import Key
from rules.matching.encode import Encoded
from rules.matching.types import Bools, Floats

MADE_UP: Final = 4_000
PRIOR: Final = 10.0
"""Weight of what is assumed about a group before anything is seen, in pairs."""
AGREE: Final = 0.85
"""How often the values of one customer are equal, before anything is seen."""
FORM_AGREES: Final = 0.5
"""How often a form is equal where the whole is not, before anything is seen."""
AGAIN: Final = 0.2
"""What a case that one rule finds is still worth to another: one like it may miss the first."""


def cases(encoded: Encoded, offered: list[Key], seen: Likely, seed: int = 1) -> tuple[Bools, Floats]:
    """Matches to be found, (cases, keys), and their weights: those seen, and made-up ones of as much weight."""
    rng = np.random.default_rng(seed)
    made = np.zeros((MADE_UP, len(offered)), bool)
    for g, group in enumerate(seen.groups):
        of = [i for i, k in enumerate(offered) if k.of == group]
        apart = seen.apart[:, g] if float(seen.apart[:, g].sum()) >= PRIOR else seen.weight
        known = float(apart.sum())
        real = rng.random(MADE_UP) < known / (known + PRIOR)
        made[:, of] = _assumed(encoded, [offered[i] for i in of], rng)
        if known:
            drawn = rng.choice(len(apart), int(real.sum()), p=apart / known)
            made[np.ix_(np.flatnonzero(real), np.array(of))] = seen.agree[drawn][:, of]
    sure = float(seen.weight.sum())
    share = 0.5 * sure / (sure + PRIOR)
    each = [seen.weight * share / max(sure, 1e-9), np.full(MADE_UP, (1 - share) / MADE_UP)]
    return np.concatenate([seen.agree, made]), np.concatenate(each)


def distinct(agree: Bools, weight: Floats) -> tuple[Bools, Floats]:
    """The distinct cases, (keys, cases), and their weights together."""
    packed = np.ascontiguousarray(np.packbits(agree, axis=1))
    row = packed.view([("", packed.dtype)] * packed.shape[1]).ravel()
    _, first, of = np.unique(row, return_index=True, return_inverse=True)
    return np.ascontiguousarray(agree[first].T), np.bincount(of, weights=weight).astype(np.float64)


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


@dataclass
class Cover:
    """What is found already: each rule that finds a case leaves this part of it to be found by another."""

    agree: Bools
    """(keys, cases)"""
    left: Floats
    ever: Bools = field(init=False)
    """The cases that a rule has found."""

    def __post_init__(self) -> None:
        self.ever = np.zeros(len(self.left), bool)

    def found(self, rule: tuple[int, ...]) -> Bools:
        """The cases that agree on every key of a rule."""
        return np.asarray(np.logical_and.reduce(self.agree[list(rule)]))

    def gain(self, rule: tuple[int, ...]) -> float:
        return float(self.left[self.found(rule)].sum())

    def take(self, rule: tuple[int, ...]) -> None:
        found = self.found(rule)
        self.left[found] *= AGAIN
        self.ever |= found
