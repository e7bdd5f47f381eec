"""A census-like list and a second list a year later: families live together and share surname and address.

Nobody is twice in one list, but who takes a pair within a household for one person merges the family.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from tests.bench.sets.census_people import Town, a_year_later
from tests.bench.sets.census_written import form
from tests.bench.sets.gathering import gathered

if TYPE_CHECKING:
    from tests.bench.sets.data_set import DataSet

COLUMNS = (
    "list", "first_name", "middle_initial", "surname", "date_of_birth", "sex", "relation_to_head", "street_number",
    "street_name", "unit", "city", "state", "zipcode",
)  # fmt: skip
ANSWERED = 0.96  # of the persons stand in the one list, and apart from that in the other


def census(records: int, seed: int) -> DataSet:
    """`records` rows, half of them in each list; the same seed makes the same set."""
    rng = Random(seed)
    town = Town(rng, households=records // 4 + 10)  # more than are listed
    second = a_year_later(town.households, town)
    rows = []
    for year, households in (("2019", town.households), ("2020", second)):
        forms = [
            (person.number, {"list": year, **form(person, household, rng)})
            for household in households
            for person in household.people
            if rng.random() < ANSWERED
        ]
        rows += forms[: records // 2]
    return gathered(rows, COLUMNS, rng)
