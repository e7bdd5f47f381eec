"""How a census form is filled in: short names, wrong digits, what belongs in the next line of the household."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench.sets.drawing import words
from tests.bench.sets.slips import digit, heard, typed

if TYPE_CHECKING:
    from random import Random

    from tests.bench.sets.census_people import Household, Person
    from tests.bench.sets.gathering import Row

MISSING = {"first_name": 0.01, "middle_initial": 0.05, "surname": 0.01, "date_of_birth": 0.02, "sex": 0.01,
           "relation_to_head": 0.02, "street_number": 0.02, "street_name": 0.01, "unit": 0.15, "city": 0.01,
           "state": 0.01, "zipcode": 0.02}  # fmt: skip
SHORT, NAME_SLIP, COPIED, INITIAL_ONLY = 0.04, 0.04, 0.006, 0.01
DATE_WRONG, DAY_MONTH, FIRST_OF_MONTH = 0.04, 0.01, 0.01
NUMBER_WRONG, STREET_WRONG, ZIP_WRONG, SEX_WRONG, MIDDLE_WRONG = 0.02, 0.03, 0.02, 0.005, 0.02


def form(person: Person, household: Household, rng: Random) -> Row:
    neighbour, number = rng.choice(household.people), household.street_number
    row: Row = {
        "first_name": _first(neighbour.first if rng.random() < COPIED else person.first, rng),
        "middle_initial": rng.choice("ABCDEGJLMRST") if rng.random() < MIDDLE_WRONG else person.middle,
        "surname": _slipped(neighbour.surname if rng.random() < COPIED else person.surname, NAME_SLIP, rng),
        "date_of_birth": _born(neighbour if rng.random() < COPIED else person, rng),
        "sex": {"Male": "Female", "Female": "Male"}[person.sex] if rng.random() < SEX_WRONG else person.sex,
        "relation_to_head": person.relation,
        "street_number": digit(number, rng) if rng.random() < NUMBER_WRONG else number,
        "street_name": _slipped(household.street_name, STREET_WRONG, rng),
        "unit": household.unit,
        "city": household.city,
        "state": "IN",
        "zipcode": digit(household.zipcode, rng) if rng.random() < ZIP_WRONG else household.zipcode,
    }
    return {column: None if rng.random() < MISSING[column] else value for column, value in row.items()}


def _first(name: str, rng: Random) -> str:
    short = {**words("english")["male"], **words("english")["female"]}[name]
    if short and rng.random() < SHORT:
        return str(rng.choice(short))
    return name[0] if rng.random() < INITIAL_ONLY else _slipped(name, NAME_SLIP, rng)


def _slipped(text: str, share: float, rng: Random) -> str:
    if rng.random() >= share:
        return text
    return heard(text, rng) if rng.random() < 0.4 else typed(text, rng)


def _born(person: Person, rng: Random) -> str:
    """MM/DD/YYYY, as the form asks."""
    month, day, year = f"{person.born:%m %d %Y}".split()
    kind = rng.random()
    if kind < DAY_MONTH and int(day) <= 12:
        month, day = day, month
    elif kind < DAY_MONTH + FIRST_OF_MONTH:
        day = "01"
    elif kind < DAY_MONTH + FIRST_OF_MONTH + DATE_WRONG:
        part = rng.randrange(3)
        month = f"{rng.randint(1, 12):02}" if part == 0 else month
        day = f"{rng.randint(1, 28):02}" if part == 1 else day
        year = year[:2] + digit(year[2:], rng) if part == 2 else year
    return f"{month}/{day}/{year}"
