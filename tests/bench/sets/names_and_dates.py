"""Persons with nothing but a name and a birth date: central Europe, a tenth of the records are second records.

The hard point: common names are borne by many, and some bearers of one name are born on near days.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from tests.bench.sets.drawing import Ranked, words
from tests.bench.sets.gathering import Row, gathered
from tests.bench.sets.names import composed
from tests.bench.sets.slips import digit, heard, typed

if TYPE_CHECKING:
    from tests.bench.sets.data_set import DataSet

COLUMNS = ("first_name", "second_first_name", "surname", "birth_year", "birth_month", "birth_day")
DUPLICATES = 0.1  # of the records
SECOND_NAME = 0.04  # of the persons
NAMESAKES = 0.0
TWO_SLIPS = 0.2  # of the duplicates, the others differ by one
DAYS = (0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def names_and_dates(records: int, seed: int) -> DataSet:
    """`records` rows; the same seed makes the same set."""
    rng = Random(seed)
    second = round(records * DUPLICATES)
    persons = _persons(records - second, rng)
    rows = list(enumerate(persons))
    rows += [(entity, _written_again(persons[entity], rng)) for entity in rng.sample(range(len(persons)), second)]
    return gathered(rows, COLUMNS, rng)


def _persons(count: int, rng: Random) -> list[Row]:
    lists = words("central_europe")
    tail = composed([lists["heads"], lists["tails"]], 900, seed=1)
    surnames = Ranked([*lists["surnames"], *tail], slope=0.75, shift=8)
    given = [Ranked(lists[sex], slope=0.8, shift=4) for sex in ("male", "female")]
    persons: list[Row] = []
    for _ in range(count):
        if persons and rng.random() < NAMESAKES:
            persons.append(_namesake(rng.choice(persons), rng))
            continue
        names = rng.choice(given)
        two = names.draw(rng) if rng.random() < SECOND_NAME else None
        persons.append(
            {"first_name": names.draw(rng), "second_first_name": two, "surname": surnames.draw(rng), **_birth(rng)}
        )
    return persons


def _birth(rng: Random) -> Row:
    month = rng.randrange(1, 13)
    year = round(rng.triangular(1920, 2012, 1964))
    return {"birth_year": str(year), "birth_month": str(month), "birth_day": str(rng.randint(1, DAYS[month]))}


def _namesake(one: Row, rng: Random) -> Row:
    """Another person of that name; every second one is born in the same month or on the same day of another year."""
    other = {**one, "second_first_name": None, **_birth(rng)}
    if rng.random() < 0.5:
        for part in rng.choice((("birth_year", "birth_month"), ("birth_month", "birth_day"))):
            other[part] = one[part]
    return other


def _written_again(person: Row, rng: Random) -> Row:
    row = dict(person)
    parts = ["first_name", "surname", "birth_year", "birth_month", "birth_day"]
    for part in rng.sample(parts, 2 if rng.random() < TWO_SLIPS else 1):
        value = str(row[part])
        row[part] = _other_number(value, part, rng) if part.startswith("birth") else _other_name(value, rng)
    return row


def _other_name(name: str, rng: Random) -> str:
    return heard(name, rng) if rng.random() < 0.35 else typed(name, rng)


def _other_number(number: str, part: str, rng: Random) -> str:
    """Another digit, and still a year, a month or a day that there is."""
    low, high = {"birth_year": (1900, 2015), "birth_month": (1, 12), "birth_day": (1, 28)}[part]
    for _ in range(50):
        other = str(int(digit(number, rng)))
        if low <= int(other) <= high and other != number:
            return other
    return str(low)
