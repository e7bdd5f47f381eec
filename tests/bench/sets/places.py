"""A country of towns, postcodes and streets: a postcode is one street of one town, many towns have the same streets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
import pyarrow as pa
from phonenumbers import is_valid_number, parse

from tests.bench.sets.drawing import words
from tests.bench.sets.names import Floats, Ints, Rng, composed, draw, surnames, zipf

TOWNS = 400
POSTCODES = 45_000
LETTERS = np.array(list("ABCDEFGHJKLMNPQRSTUWXYZ"))


@dataclass(frozen=True)
class Places:
    """Postcodes by number, 0 to POSTCODES - 1: `town` and `street` number the texts in `towns` and `streets`."""

    town: Ints
    street: Ints
    postcodes: pa.Array
    towns: pa.Array
    streets: pa.Array
    shares: Floats
    """How many of the people live in each postcode."""

    def homes(self, count: int, rng: Rng) -> tuple[Ints, Ints]:
        """So many homes: postcode and house number, small numbers a little commoner."""
        return draw(self.shares, count, rng), 1 + np.minimum(rng.integers(0, 120, count), rng.integers(0, 180, count))


@cache
def places() -> Places:
    """The country; always the same."""
    rng = np.random.default_rng(3)
    lists = words("british")
    town = np.sort(draw(zipf(TOWNS, shift=4, slope=0.75), POSTCODES, rng))
    streets = _streets()
    street = draw(zipf(len(streets), shift=12, slope=0.75), POSTCODES, rng)
    towns = composed([lists["town_beginnings"], lists["town_ends"]], TOWNS, seed=4)
    shares = rng.gamma(2.5, size=POSTCODES)
    return Places(town, street, pa.array(_codes(town, rng)), pa.array(towns), pa.array(streets), shares / shares.sum())


@cache
def area_codes() -> list[str]:
    """Codes of landlines with six digits behind that a number may have: 01 and three digits."""
    every = [f"01{number}" for number in range(200, 1_000)]
    return [code for code in every if all(is_valid_number(parse(f"{code}{end}", "GB")) for end in ("234567", "890123"))]


def _codes(town: Ints, rng: Rng) -> list[str]:
    """Postcodes like AB12 3CD: two letters a town, a district of about 30 postcodes, a sector, two letters more."""
    first = np.flatnonzero(np.r_[True, town[1:] != town[:-1]])
    within = np.arange(len(town)) - np.repeat(first, np.diff(np.r_[first, len(town)]))
    pairs = ["".join(pair) for pair in product(LETTERS, LETTERS)]
    areas = [pairs[at] for at in rng.permutation(len(pairs))[: int(town.max()) + 1]]
    unit = within % 45  # no two of a district are equal: the sector and both letters count it up
    sector, last = 1 + unit % 9, LETTERS[rng.integers(0, len(LETTERS), len(town))]
    return [
        f"{areas[t]}{1 + w // 45} {s}{LETTERS[u // 2]}{x}"
        for t, w, s, u, x in zip(town, within, sector, unit, last, strict=True)
    ]


def _streets() -> list[str]:
    """Street names by falling frequency: known words, then surnames, each with every kind of street."""
    lists = words("british")
    kinds = list(lists["street_kinds"])
    known = [f"{word} {kinds[(at + step) % 5]}" for step in range(5) for at, word in enumerate(lists["street_words"])]
    named = [f"{name} {kinds[at % len(kinds)]}" for at, name in enumerate(surnames()[:3_000])]
    return list(dict.fromkeys([*known, *named]))
