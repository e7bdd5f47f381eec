"""Ten records a person, most of them bad: the index of a library of lives, keyed by many hands from many hands.

Each record has its own carelessness, so some are nearly whole and some keep next to nothing of the person. Chains form:
two records share a name and no date, a third shares the date and has another name.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from tests.bench.sets.gathering import gathered
from tests.bench.sets.heavy_errors_person import Library
from tests.bench.sets.heavy_errors_written import written

if TYPE_CHECKING:
    from tests.bench.sets.data_set import DataSet

COLUMNS = (
    "full_name", "first_and_surname", "first_name", "surname", "dob", "birth_place", "postcode", "gender", "occupation",
)  # fmt: skip
LARGEST = 20  # records of one person; every size from 1 is equally likely


def heavy_errors(records: int, seed: int) -> DataSet:
    """`records` rows; the same seed makes the same set."""
    rng = Random(seed)
    library = Library(rng)
    rows = []
    entity = 0
    while len(rows) < records:
        person = library.person()
        size = min(rng.randint(1, LARGEST), records - len(rows))
        rows += [(entity, written(person, library, rng)) for _ in range(size)]
        entity += 1
    return gathered(rows, COLUMNS, rng)
