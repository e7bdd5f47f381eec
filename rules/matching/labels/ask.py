"""Which pairs a person should be asked about: doubtful ones, of many kinds, and some by chance.

Uncertainty sampling (Lewis and Gale 1994), spread over patterns: of two hundred doubtful pairs of one pattern the
second teaches little. Some pairs are drawn by chance among all that may be the same, so that what people say of them
measures the model honestly.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from rules.matching.types import Bools, Floats, Ints, Longs

BY_CHANCE: Final = 0.15
"""Part of the questions that is drawn by chance."""
MAYBE: Final = 0.01
"""Pairs of a smaller probability are never asked about: nobody would ever be shown them."""
SPREAD: Final = 0.5
"""A pattern is asked about in proportion to its doubt to this power: 1 ignores patterns, 0 asks about all alike."""


@dataclass(frozen=True)
class Questions:
    """Numbers of pairs in the order in which to ask, and which of them were drawn by chance."""

    pairs: Longs
    by_chance: Bools


def questions(probability: Floats, pattern: Ints, taken: Longs, n: int, seed: int) -> Questions:
    """The next `n` questions, or as many as there are. `taken`: pairs that were asked about.

    The same input gives the same questions; `seed` tells one round from the next.
    """
    rng = np.random.default_rng(seed)
    free = probability >= MAYBE
    free[taken] = False
    chance = _drawn(free.astype(float), int(n * BY_CHANCE + rng.random()), rng)
    free[chance] = False
    asked = np.bincount(pattern[taken], minlength=int(pattern.max(initial=-1)) + 1)
    doubtful = _drawn(_worth(probability, pattern, asked) * free, n - len(chance), rng)
    every = np.concatenate([doubtful, chance])
    order = rng.permutation(len(every))
    return Questions(every[order], order >= len(doubtful))


def _worth(probability: Floats, pattern: Ints, asked: Longs) -> Floats:
    """The doubt about each pair, less where its pattern has many doubtful pairs or was asked about already."""
    doubt = probability * (1 - probability)
    of_pattern = np.bincount(pattern, doubt, minlength=len(asked))
    return np.asarray(doubt * (np.maximum(of_pattern, 1e-12) ** (SPREAD - 1) / (1 + asked))[pattern])


def _drawn(weight: Floats, n: int, rng: np.random.Generator) -> Longs:
    """At most n different numbers, each as likely as its weight."""
    at = np.flatnonzero(weight > 0)
    if not len(at):
        return at
    return np.asarray(rng.choice(at, min(n, len(at)), replace=False, p=weight[at] / weight[at].sum()))
