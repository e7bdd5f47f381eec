"""What is written of the persons of the set with households: first records nearly clean, later ones with all that happens."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tests.bench.sets.drawing import words
from tests.bench.sets.errors import Mask, chance, instead, rewritten, swapped_date, wrong_date
from tests.bench.sets.slips import digit, typed

if TYPE_CHECKING:
    from tests.bench.sets.households_people import People
    from tests.bench.sets.names import Ints, Rng

MISSING = {
    "first_name": 0.02, "surname": 0.02, "dob": 0.09, "street": 0.10, "city": 0.03, "postcode": 0.09, "email": 0.24,
    "phone": 0.255,
}  # fmt: skip
PLACEHOLDER = 0.004  # of the records have the birth date 1900-01-01
FIRST_RECORD = 0.15  # how many typing errors a first record has, of those of a later one
# of the later records:
NICKNAME, INITIAL, SWAPPED_NAMES, MARRIED = 0.20, 0.05, 0.025, 0.12
MOVED, NEW_EMAIL, NEW_PHONE = 0.10, 0.15, 0.03
SWAPPED_DATE, WRONG_DATE, SHORT_STREET = 0.09, 0.11, 0.20
TYPED = {"first_name": 0.09, "surname": 0.12, "street": 0.10, "city": 0.03, "postcode": 0.03, "email": 0.03, "phone": 0.01}
SOURCES = {"shop": 0.4, "web": 0.3, "billing": 0.2, "partner": 0.1}


def written(persons: People, who: Ints, later: Mask, rng: Rng) -> dict[str, pa.Array]:
    """The text columns of the records: `who` is the person of each, `later` says which are not the first of theirs."""
    by_letter = Random(int(rng.integers(2**62)))
    made = _facts(persons, who, later, rng)
    made["first_name"] = _called(made["first_name"], later, rng, by_letter)
    made["dob"] = _dates(made["dob"], later, rng, by_letter)
    made["street"] = rewritten(made["street"], later & chance(len(who), SHORT_STREET, rng), _shortened, by_letter)
    for column, share in TYPED.items():
        hit = chance(len(who), share, rng) & (later | chance(len(who), FIRST_RECORD, rng))
        slip = digit if column == "phone" else typed
        made[column] = rewritten(made[column], hit, slip, by_letter)
    swapped = later & chance(len(who), SWAPPED_NAMES, rng)
    first, last = made["first_name"], made["surname"]
    made["first_name"], made["surname"] = instead(first, swapped, last), instead(last, swapped, first)
    for column, share in MISSING.items():
        made[column] = instead(made[column], chance(len(who), share, rng), pa.scalar(None, pa.string()))
    at = rng.choice(len(SOURCES), len(who), p=list(SOURCES.values()))
    return {**made, "source": pa.array(list(SOURCES)).take(pa.array(at))}


def _facts(persons: People, who: Ints, later: Mask, rng: Rng) -> dict[str, pa.Array]:
    """What is true of each record's person, in some later records what was true at another time."""
    rows = pa.array(who)

    def either(now: pa.Array, then: pa.Array, old: Mask) -> pa.Array:
        return instead(now.take(rows), old, then.take(rows))

    def past(share: float) -> Mask:
        return later & chance(len(who), share, rng)

    moved = past(MOVED)
    return {
        "first_name": persons.given.take(rows),
        "surname": either(persons.surname, persons.other_surname, past(MARRIED) & persons.female[who]),
        "dob": pa.array(persons.born.astype("datetime64[D]")).cast(pa.string()).take(rows),
        **{column: either(persons.home[column], persons.other_home[column], moved) for column in persons.home},
        "email": either(persons.email, persons.other_email, past(NEW_EMAIL)),
        "phone": either(persons.phone, persons.other_phone, past(NEW_PHONE)),
    }


def _called(names: pa.Array, later: Mask, rng: Rng, by_letter: Random) -> pa.Array:
    names = rewritten(names, later & chance(len(later), NICKNAME, rng), _nickname, by_letter)
    return instead(names, later & chance(len(later), INITIAL, rng), pc.utf8_slice_codeunits(names, 0, 1))


def _nickname(name: str, rng: Random) -> str:
    """What friends say; a name that has no short form stays."""
    return rng.choice(_short_forms().get(name) or [name])


@cache
def _short_forms() -> dict[str, list[str]]:
    return {**words("british")["female"], **words("british")["male"]}


def _dates(dates: pa.Array, later: Mask, rng: Rng, by_letter: Random) -> pa.Array:
    dates = rewritten(dates, later & chance(len(later), SWAPPED_DATE, rng), swapped_date, by_letter)
    dates = rewritten(dates, later & chance(len(later), WRONG_DATE, rng), wrong_date, by_letter)
    return instead(dates, chance(len(later), PLACEHOLDER, rng), pa.scalar("1900-01-01"))


@cache
def _kinds() -> dict[str, str]:
    return dict(words("british")["street_kinds"])


def _shortened(street: str, _: Random) -> str:
    """12 Mill Road -> 12 Mill Rd."""
    rest, kind = street.rsplit(" ", 1)
    return f"{rest} {_kinds().get(kind, kind)}"
