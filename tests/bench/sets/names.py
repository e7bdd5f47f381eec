"""British names by frequency: the common ones of data/british.yml first, then a long tail composed of syllables."""

from __future__ import annotations

from functools import cache
from math import prod

import numpy as np
import numpy.typing as npt

from tests.bench.sets.drawing import words

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Rng = np.random.Generator


def composed(parts: list[list[str]], count: int, seed: int) -> list[str]:
    """So many distinct names, a part of every list joined each; ValueError where the parts do not suffice."""
    sizes = [len(part) for part in parts]
    chosen = np.random.default_rng(seed).permutation(prod(sizes))[: 2 * count]  # some names come about in two ways
    pieces = [np.array(part)[at].tolist() for part, at in zip(parts, np.unravel_index(chosen, sizes), strict=True)]
    made = dict.fromkeys("".join(name) for name in zip(*pieces, strict=True))
    if len(made) < count:
        raise ValueError(f"only {len(made)} names were composed, not {count}")
    return list(made)[:count]


@cache
def given_names(sex: str, tail: int = 1_000) -> tuple[str, ...]:
    """Given names of one sex ("female", "male") by falling frequency."""
    lists = words("british")
    rare = composed([lists["given_beginnings"], lists["given_middles"], lists[f"{sex}_ends"]], tail, seed=1)
    return tuple(dict.fromkeys([*lists[sex], *rare]))


@cache
def surnames(tail: int = 60_000) -> tuple[str, ...]:
    """Surnames by falling frequency."""
    lists = words("british")
    rare = composed([lists["surname_beginnings"], lists["surname_middles"], lists["surname_ends"]], tail, seed=2)
    return tuple(dict.fromkeys([*lists["surnames"], *rare]))


def zipf(values: int, shift: float, slope: float) -> Floats:
    """Shares by rank r = 1, 2, ... after Zipf and Mandelbrot: 1 / (r + shift) ** slope, made to sum to 1."""
    weight = 1 / (np.arange(1, values + 1) + shift) ** slope
    return np.asarray(weight / weight.sum())


def draw(shares: Floats, count: int, rng: Rng) -> Ints:
    """So many ranks (counted from 0), each as often as its share says."""
    return np.searchsorted(np.cumsum(shares), rng.random(count)).clip(0, len(shares) - 1).astype(np.int64)
