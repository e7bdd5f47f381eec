"""Persons with four columns and nothing more; each value is spoiled one time in five.

Two sets: `four_columns` has names, birth date and postcode; `name_and_place` has names, city and postcode.
In the second one record of each person is whole, but who shares the postcode shares the city.
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING

from tests.bench.sets.drawing import Ranked, words
from tests.bench.sets.gathering import Row, gathered
from tests.bench.sets.names import composed, given_names, surnames
from tests.bench.sets.slips import digit, heard, typed

if TYPE_CHECKING:
    from tests.bench.sets.data_set import DataSet

SPOILED = 0.2  # of the values, each apart from the others
SIZES = ([1, 2, 3, 4], [0.55, 0.25, 0.13, 0.07])  # records of a person, and their shares
MISSING, ANOTHERS = 0.3, 0.15  # of the spoiled values: left out, another person's
CITIES, POSTCODES = 400, 1_500  # large ones hold a hundred times as many people as small ones
SWAPPED = 0.03  # of the records bear the first name and the surname in each other's column


def four_columns(records: int, seed: int) -> DataSet:
    """`records` rows with a birth date; the same seed makes the same set."""
    return _made(records, seed, ("first_name", "surname", "birth_date", "postcode"), whole=0, rare=1_500)


def name_and_place(records: int, seed: int) -> DataSet:
    """`records` rows with a city in the place of the birth date."""
    return _made(records, seed, ("first_name", "surname", "city", "postcode"), whole=1, rare=12_000)


def _made(records: int, seed: int, columns: tuple[str, ...], whole: int, rare: int) -> DataSet:
    """`whole`: how many records of a person are not spoiled; `rare`: surnames beyond the common ones."""
    rng = Random(seed)
    draw = _Drawer(rng, columns, rare)
    rows: list[tuple[int, Row]] = []
    entity = 0
    while len(rows) < records:
        person = draw.person()
        size = min(rng.choices(*SIZES)[0], records - len(rows))
        rows += [(entity, person if at < whole else draw.written(person)) for at in range(size)]
        entity += 1
    return gathered(rows, columns, rng)


class _Drawer:
    def __init__(self, rng: Random, columns: tuple[str, ...], rare: int) -> None:
        british, english = words("british"), words("english")
        self.rng, self.columns = rng, columns
        self.surnames = Ranked(surnames(rare), slope=0.85, shift=6)
        self.given = [Ranked(given_names(sex, rare // 20), slope=1.0, shift=6) for sex in ("male", "female")]
        self.short = {**british["male"], **british["female"]}
        towns = composed([english["heads"], english["tails"]], CITIES, seed=4)
        cities = Ranked([*english["cities"], *towns], slope=0.9, shift=4)
        self.places = Ranked([(code, cities.draw(rng)) for code in _codes(rng)], slope=0.7, shift=4)

    def person(self) -> Row:
        born = date(1930, 1, 1) + timedelta(days=self.rng.randrange(365 * 75))
        postcode, city = self.places.draw(self.rng)
        known = {
            "first_name": self.rng.choice(self.given).draw(self.rng),
            "surname": self.surnames.draw(self.rng),
            "birth_date": born.isoformat(),
            "postcode": postcode,
            "city": city,
        }
        return {column: known[column] for column in self.columns}

    def written(self, person: Row) -> Row:
        """A record of the person: each value spoiled with the probability SPOILED."""
        row = {c: self._spoiled(c, str(v)) if self.rng.random() < SPOILED else v for c, v in person.items()}
        if self.rng.random() < SWAPPED:
            row["first_name"], row["surname"] = row["surname"], row["first_name"]
        return row

    def _spoiled(self, column: str, value: str) -> str | None:
        kind = self.rng.random()
        if kind < MISSING:
            return None
        if kind < MISSING + ANOTHERS:
            return self.person()[column]
        if column == "birth_date":
            return self._other_day(value, kind)
        if column == "postcode":
            return digit(value, self.rng)
        if column == "first_name" and kind < 0.65 and self.short.get(value):
            return str(self.rng.choice(self.short[value]))
        return heard(value, self.rng) if kind < 0.75 else typed(value, self.rng)

    def _other_day(self, value: str, kind: float) -> str:
        """Day and month in each other's place, or another digit; still a date."""
        year, month, day = value.split("-")
        if kind < 0.55 and int(day) <= 12 and day != month:
            return f"{year}-{day}-{month}"
        while True:
            other = digit(value, self.rng)
            if _is_date(other):
                return other


def _codes(rng: Random) -> list[str]:
    return [str(code) for code in rng.sample(range(10_000, 99_999), POSTCODES)]


def _is_date(text: str) -> bool:
    try:
        return 1900 < date.fromisoformat(text).year < 2020
    except ValueError:
        return False
