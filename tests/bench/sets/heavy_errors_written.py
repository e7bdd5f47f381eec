"""A record of a person in the set with heavy errors: each field goes wrong in the ways of its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench.sets.slips import digit, heard, typed

if TYPE_CHECKING:
    from random import Random

    from tests.bench.sets.gathering import Row
    from tests.bench.sets.heavy_errors_person import Library, Person

MISSING = {"first_name": 0.05, "surname": 0.03, "dob": 0.12, "birth_place": 0.3, "postcode": 0.3, "gender": 0.25,
           "occupation": 0.3}  # fmt: skip
CARELESS = (0.9, 3.6)  # of a record: the beta distribution from which its share of wrong fields is drawn


def written(person: Person, library: Library, rng: Random) -> Row:
    careless = rng.betavariate(*CARELESS)

    def wrong(share: float = 1.0) -> bool:
        return rng.random() < careless * share

    first = _first(person, library, rng) if wrong() else person.first
    surname = _surname(person, library, rng) if wrong(0.9) else person.surname
    row: Row = {
        "first_name": first,
        "surname": surname,
        "dob": _born(person.born, rng) if wrong() else person.born,
        "birth_place": _place(person, library, rng) if wrong(0.7) else person.place,
        "postcode": _postcode(person, library, rng) if wrong(0.8) else person.postcode,
        "gender": "female" if person.female != wrong(0.03) else "male",
        "occupation": _occupation(person, library, rng) if wrong(0.8) else person.occupation,
    }
    for column, share in MISSING.items():
        if rng.random() < share * (0.5 + careless):
            row[column] = None
    whole = [part for part in (first, surname) if part]
    return {**row, "first_and_surname": " ".join(whole), "full_name": _full(person, first, surname, wrong(), rng)}


def _full(person: Person, first: str, surname: str, bare: bool, rng: Random) -> str:
    middle = [m if rng.random() < 0.6 else f"{m[0]}." for m in person.middle]
    parts = [first, surname] if bare else [person.title, first, *middle, surname, person.after]
    return " ".join(part for part in parts if part)


def _first(person: Person, library: Library, rng: Random) -> str:
    """The short form, the initial, a middle name instead, a slip, or another name altogether."""
    kind, short = rng.random(), library.short[person.first]
    if kind < 0.25 and short:
        return rng.choice(short)
    if kind < 0.4:
        return person.first[0]
    if kind < 0.5 and person.middle:
        return person.middle[0]
    if kind < 0.55:
        return library.given[person.female].draw(rng)
    return _slipped(person.first, rng)


def _surname(person: Person, library: Library, rng: Random) -> str:
    kind = rng.random()
    if kind < 0.5 and person.alias:
        return person.alias
    if kind < 0.1:
        return library.surnames.draw(rng)
    return _slipped(person.surname, rng)


def _slipped(name: str, rng: Random) -> str:
    for _ in range(rng.choices([1, 2, 3], [0.6, 0.3, 0.1])[0]):
        name = heard(name, rng) if rng.random() < 0.4 else typed(name, rng)
    return name


def _born(born: str, rng: Random) -> str:
    """Only the year, a year or a few beside it, or another day of that year."""
    year, kind = int(born[:4]), rng.random()
    if kind < 0.35:
        return f"{year}-01-01"
    if kind < 0.65:
        return f"{year + rng.choice((-10, -3, -2, -1, -1, 1, 1, 2, 3, 10))}{born[4:]}"
    if kind < 0.8:
        return f"{year}{born[4:8]}{rng.randint(1, 28):02}"
    return f"{year}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"


def _place(person: Person, library: Library, rng: Random) -> str:
    return library.places.draw(rng) if rng.random() < 0.5 else typed(person.place, rng)


def _postcode(person: Person, library: Library, rng: Random) -> str:
    kind = rng.random()
    if kind < 0.4:
        return library.postcode(person.place)
    return digit(person.postcode, rng) if kind < 0.8 else typed(person.postcode, rng).upper()


def _occupation(person: Person, library: Library, rng: Random) -> str:
    return person.other_occupation if rng.random() < 0.6 else library.occupations.draw(rng)
