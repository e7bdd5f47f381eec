"""A record of a person in the multilingual set, as one desk writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.demo import places, scripts
from tests.bench.sets.lands import in_letters
from tests.bench.sets.slips import typed

if TYPE_CHECKING:
    from random import Random

    from tests.bench.sets.gathering import Row
    from tests.bench.sets.multilingual_people import Person

NATIVE, BARE = 0.55, 0.3  # of the records: in home letters, without accents and dots
SHORT, INITIAL, SWAPPED, TYPO = 0.12, 0.05, 0.03, 0.06
CAPITALS = 0.1
MASCULINE = 0.05  # of women's surnames are written as a man bears them
MISSING = {"middle_name": 0.6, "birth_date": 0.28, "street": 0.2, "postcode": 0.2, "city": 0.08, "country": 0.3,
           "phone": 0.3, "email": 0.42}  # fmt: skip
DATE_WRONG, DAY_MONTH, LANDLINE = 0.03, 0.02, 0.3


def written(person: Person, at: int, rng: Random) -> Row:
    """The person's record number `at`; the first ones are the older ones."""
    native = rng.random() < NATIVE
    bare = rng.random() < BARE
    style = person.style if rng.random() < 0.7 else rng.choice(scripts.STYLES)
    home = person.former_home if person.former_home and (at % 2 == 0) else person.home
    first, surname = _given(person, rng), _surname(person, at, rng)
    if rng.random() < SWAPPED:
        first, surname = surname, first
    names = {"first_name": first, "middle_name": person.middle, "surname": surname}
    row: Row = {column: _name(text, native, style, bare, rng) for column, text in names.items()}
    row |= {
        "birth_date": _born(person, rng),
        "street": in_letters(person.land.line(home, native, style, rng), True, style, bare),
        "postcode": home.postcode.replace(" ", "") if rng.random() < 0.3 else home.postcode,
        "city": in_letters(places.city(home, native, rng), True, style, bare),
        "country": person.land.code,
        "phone": person.land.phone(home.landline if rng.random() < LANDLINE else rng.choice(person.mobiles), rng),
        "email": rng.choice(person.emails),
    }
    if rng.random() < CAPITALS:
        row |= {column: scripts.plain(str(row[column])).upper() for column in names if row[column]}
    return {column: None if rng.random() < MISSING.get(column, 0) else value for column, value in row.items()}


def _given(person: Person, rng: Random) -> str:
    kind, short = rng.random(), person.land.short.get(person.given, [])
    if kind < SHORT and short:
        return rng.choice(short)
    return f"{person.given[0]}." if kind > 1 - INITIAL and person.surname else person.given


def _surname(person: Person, at: int, rng: Random) -> str:
    if person.former_surname and at % 2 == 0:
        return person.former_surname
    if person.female and rng.random() < MASCULINE:
        return next((man for man, woman in person.land.surnames.values if woman == person.surname), person.surname)
    return person.surname


def _name(text: str, native: bool, style: str, bare: bool, rng: Random) -> str:
    written_name = in_letters(text, native, style, bare)
    return typed(written_name, rng) if len(written_name) > 3 and rng.random() < TYPO else written_name


def _born(person: Person, rng: Random) -> str:
    born, kind = person.born, rng.random()
    if kind < DAY_MONTH and born.day <= 12:
        return f"{born.year}-{born.day:02}-{born.month:02}"
    text = born.isoformat()
    return text[:8] + f"{rng.randint(1, 28):02}" if kind > 1 - DATE_WRONG else text
