"""Customers of four scripts: one person stands in home letters here and in Latin ones there, in full and in short.

The hard points: families (a wife's surname has another end, a grandson bears his grandfather's whole name), namesakes
among few given names, and records whose letters have nothing in common.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from tests.bench.sets.gathering import gathered
from tests.bench.sets.multilingual_people import family
from tests.bench.sets.multilingual_written import written

if TYPE_CHECKING:
    from tests.bench.sets.data_set import DataSet

COLUMNS = (
    "first_name", "middle_name", "surname", "birth_date", "street", "postcode", "city", "country", "phone", "email",
)  # fmt: skip
SIZES = ([1, 2, 3, 4, 5], [0.58, 0.24, 0.11, 0.05, 0.02])  # records of a person, and their shares


def multilingual(records: int, seed: int) -> DataSet:
    """`records` rows; the same seed makes the same set."""
    rng = Random(seed)
    rows = []
    entity = 0
    while len(rows) < records:
        for person in family(rng):
            entity += 1
            size = min(rng.choices(*SIZES)[0], records - len(rows))
            rows += [(entity, written(person, at, rng)) for at in range(size)]
    return gathered(rows, COLUMNS, rng)
