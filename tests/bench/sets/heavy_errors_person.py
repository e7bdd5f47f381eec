"""The persons behind the set with heavy errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.bench.sets.drawing import Ranked, words
from tests.bench.sets.names import composed

if TYPE_CHECKING:
    from random import Random

TITLED, WITH_AFTER, ALIAS = 0.12, 0.05, 0.12  # of the persons
KIN = 0.14  # of the persons are a child of the one before: surname, place and often the occupation are the parent's
SAME_NAME, SAME_CODE = 0.3, 0.4  # of the kin: called as the parent, living where the parent lived
ONLY_YEAR = 0.35  # of the persons have no more than a year of birth in any book


@dataclass(frozen=True)
class Person:
    first: str
    middle: tuple[str, ...]
    surname: str
    alias: str  # another surname in some books, or empty
    title: str
    after: str
    born: str
    place: str
    postcode: str
    female: bool
    occupation: str
    other_occupation: str


class Library:
    """Draws persons, and the words that a careless hand puts in the place of others."""

    def __init__(self, rng: Random) -> None:
        names, lives = words("english"), words("notables")
        tail = composed([names["heads"], names["tails"]], 1_200, seed=2)
        self.rng, self.lives = rng, lives
        self.surnames = Ranked([*names["surnames"], *tail], slope=0.8, shift=6)
        self.given = {True: Ranked(list(names["female"]), 1.0, 3), False: Ranked(list(names["male"]), 1.0, 3)}
        self.short: dict[str, list[str]] = {**names["male"], **names["female"]}
        self.places = Ranked(lives["places"], slope=1.0, shift=1)
        self.occupations = Ranked(lives["occupations"], slope=0.9, shift=2)
        self._last: Person | None = None

    def person(self) -> Person:
        kin = self._last if self.rng.random() < KIN else None
        self._last = self._person(kin)
        return self._last

    def _person(self, kin: Person | None) -> Person:
        rng, female = self.rng, self.rng.random() < 0.2
        place = kin.place if kin else self.places.draw(rng)
        return Person(
            first=self._first(kin, female),
            middle=tuple(self.given[female].draw(rng) for _ in range(rng.choices([0, 1, 2], [0.45, 0.4, 0.15])[0])),
            surname=kin.surname if kin else self.surnames.draw(rng),
            alias=self.surnames.draw(rng) if rng.random() < ALIAS + 0.2 * female else "",
            title=rng.choice(self.lives["titles"]) if rng.random() < TITLED and not female else "",
            after=rng.choice(self.lives["after"]) if rng.random() < WITH_AFTER else "",
            born=self._born(kin),
            place=place,
            postcode=kin.postcode if kin and rng.random() < SAME_CODE else self.postcode(place),
            female=female,
            occupation=kin.occupation if kin and rng.random() < 0.6 else self.occupations.draw(rng),
            other_occupation=self.occupations.draw(rng),
        )

    def _first(self, kin: Person | None, female: bool) -> str:
        if kin and kin.female == female and self.rng.random() < SAME_NAME:
            return kin.first
        return self.given[female].draw(self.rng)

    def _born(self, kin: Person | None) -> str:
        rng = self.rng
        year = int(kin.born[:4]) + rng.randint(20, 40) if kin else rng.randint(1780, 1890)
        if rng.random() < ONLY_YEAR:
            return f"{year}-01-01"
        return f"{year}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"

    def postcode(self, place: str) -> str:
        """One of the invented codes of a place: its letters, a district, and an end."""
        rng = self.rng
        area = place[0] + place[len(place) // 2]
        return f"{area.upper()}{rng.randint(1, 12)} {rng.randint(1, 9)}{rng.choice('ABDEFGHJ')}{rng.choice('LNPQRSTU')}"
