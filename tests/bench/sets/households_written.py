"""What is written of the persons of the set with households: first records nearly clean, later ones as life goes."""

from __future__ import annotations

from dataclasses import dataclass
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
    from tests.bench.sets.names import Floats, Ints, Rng

MISSING = {
    "first_name": 0.02, "surname": 0.02, "dob": 0.08, "street": 0.10, "city": 0.03, "postcode": 0.09, "email": 0.20,
    "phone": 0.25,
}  # fmt: skip
PLACEHOLDER = 0.004  # of the records have the birth date 1900-01-01
CARELESS = (0.25, 1.6, 0.8)  # of the later records; how much likelier all below is in these, and in the others
FIRST_RECORD = 0.15  # how likely a typing error is in a first record, against a later one
# of the later records:
NICKNAME, INITIAL, SWAPPED_NAMES, MARRIED = 0.20, 0.05, 0.025, 0.12
MOVED, NEW_EMAIL, NEW_PHONE = 0.10, 0.22, 0.035
SWAPPED_DATE, WRONG_DATE, SHORT_STREET = 0.10, 0.12, 0.20
TYPED = {
    "first_name": 0.10, "surname": 0.12, "street": 0.10, "city": 0.04, "postcode": 0.03, "email": 0.03, "phone": 0.01,
}  # fmt: skip
SOURCES = {"shop": 0.4, "web": 0.3, "billing": 0.2, "partner": 0.1}


@dataclass(frozen=True)
class Clerks:
    """Those who write the records: how likely trouble is in each, and the dice."""

    trouble: Floats
    """0 in a first record, about 1 in a later one; the shares above are multiplied by it."""
    rng: Rng
    letters: Random

    def hit(self, share: float) -> Mask:
        return np.asarray(self.rng.random(len(self.trouble)) < share * self.trouble)

    def mistyping(self, share: float) -> Mask:
        return np.asarray(self.rng.random(len(self.trouble)) < share * np.maximum(self.trouble, FIRST_RECORD))


def written(persons: People, who: Ints, later: Mask, rng: Rng) -> dict[str, pa.Array]:
    """The text columns of the records: `who` is the person of each, `later` says which are not the first of theirs."""
    share, careless, careful = CARELESS
    trouble = later * np.where(chance(len(who), share, rng), careless, careful)
    clerks = Clerks(trouble, rng, Random(int(rng.integers(2**62))))
    made = _facts(persons, who, clerks)
    made["first_name"] = _called(made["first_name"], clerks)
    made["dob"] = _dates(made["dob"], clerks)
    made["street"] = rewritten(made["street"], clerks.hit(SHORT_STREET), _shortened, clerks.letters)
    for column, often in TYPED.items():
        slip = digit if column == "phone" else typed
        made[column] = rewritten(made[column], clerks.mistyping(often), slip, clerks.letters)
    swapped, first, last = clerks.hit(SWAPPED_NAMES), made["first_name"], made["surname"]
    made["first_name"], made["surname"] = instead(first, swapped, last), instead(last, swapped, first)
    for column, often in MISSING.items():
        made[column] = instead(made[column], chance(len(who), often, rng), pa.scalar(None, pa.string()))
    at = rng.choice(len(SOURCES), len(who), p=list(SOURCES.values()))
    return {**made, "source": pa.array(list(SOURCES)).take(pa.array(at))}


def _facts(persons: People, who: Ints, clerks: Clerks) -> dict[str, pa.Array]:
    """What is true of each record's person, in some later records what was true at another time."""
    rows = pa.array(who)

    def either(now: pa.Array, then: pa.Array, old: Mask) -> pa.Array:
        return instead(now.take(rows), old, then.take(rows))

    moved = clerks.hit(MOVED)
    married = clerks.hit(MARRIED) & persons.female[who]
    return {
        "first_name": persons.given.take(rows),
        "surname": either(persons.surname, persons.other_surname, married),
        "dob": pa.array(persons.born.astype("datetime64[D]")).cast(pa.string()).take(rows),
        **{column: either(persons.home[column], persons.other_home[column], moved) for column in persons.home},
        "email": either(persons.email, persons.other_email, clerks.hit(NEW_EMAIL)),
        "phone": either(persons.phone, persons.other_phone, clerks.hit(NEW_PHONE)),
    }


def _called(names: pa.Array, clerks: Clerks) -> pa.Array:
    names = rewritten(names, clerks.hit(NICKNAME), _nickname, clerks.letters)
    return instead(names, clerks.hit(INITIAL), pc.utf8_slice_codeunits(names, 0, 1))


def _nickname(name: str, rng: Random) -> str:
    """What friends say; a name that has no short form stays."""
    return rng.choice(_short_forms().get(name) or [name])


@cache
def _short_forms() -> dict[str, list[str]]:
    return {**words("british")["female"], **words("british")["male"]}


def _dates(dates: pa.Array, clerks: Clerks) -> pa.Array:
    dates = rewritten(dates, clerks.hit(SWAPPED_DATE), swapped_date, clerks.letters)
    dates = rewritten(dates, clerks.hit(WRONG_DATE), wrong_date, clerks.letters)
    return instead(dates, chance(len(dates), PLACEHOLDER, clerks.rng), pa.scalar("1900-01-01"))


def _shortened(street: str, _: Random) -> str:
    """12 Mill Road -> 12 Mill Rd."""
    rest, kind = street.rsplit(" ", 1)
    return f"{rest} {words('british')['street_kinds'].get(kind, kind)}"
