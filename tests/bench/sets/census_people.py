"""The people of a census-like set: households with addresses, and the same town a year later."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from tests.bench.sets.drawing import Ranked, words
from tests.bench.sets.names import composed

if TYPE_CHECKING:
    from random import Random

# Shares a year.
MOVES, LEAVES, MARRIES, GONE, CHANGES_NAME = 0.09, 0.12, 0.02, 0.015, 0.6
UNIT, NEWCOMERS = 0.22, 0.04  # of the dwellings, of the households
JUNIOR, TWINS = 0.035, 0.02  # of the sons bear the name of the head, of the children are born with the next
INSTITUTION = 0.001  # of the households is a dormitory or a nursing home: dozens of strangers at one address
RELATIONS = ("Reference person", "Spouse", "Biological child", "Parent", "Sibling", "Housemate or roommate",
             "Other relative", "Group quarters")  # fmt: skip


@dataclass(frozen=True)
class Person:
    number: int
    first: str
    middle: str
    surname: str
    born: date
    sex: str
    relation: str


@dataclass
class Household:
    street_number: str
    street_name: str
    unit: str
    city: str
    zipcode: str
    people: list[Person] = field(default_factory=list)


class Town:
    """Draws households one after another; every person has a number of its own."""

    def __init__(self, rng: Random, households: int) -> None:
        lists = words("english")
        tail = composed([lists["heads"], lists["tails"]], 1_500, seed=3)
        self.rng, self._number = rng, 0
        self.surnames = Ranked([*lists["surnames"], *tail], slope=0.9, shift=4)
        self.given = {"Male": Ranked(list(lists["male"]), 0.7, 5), "Female": Ranked(list(lists["female"]), 0.7, 5)}
        kinds = ("St", "Ave", "Rd", "Dr", "Ln", "Ct", "Blvd", "Pl")
        self.streets = Ranked([f"{name} {kind}" for kind in kinds for name in lists["streets"]], slope=0.6, shift=10)
        self.places = Ranked([(c, f"{z:05}") for z, c in enumerate(lists["cities"][:4], 47_301)], slope=2.5, shift=1)
        self.households = [self.household() for _ in range(households)]

    def dwelling(self) -> Household:
        rng = self.rng
        city, zipcode = self.places.draw(rng)
        unit = f"{rng.choice(('Apt', 'Unit', '#'))} {rng.randint(1, 40)}" if rng.random() < UNIT else ""
        return Household(str(rng.randint(1, 9_800)), self.streets.draw(rng), unit, city, zipcode)

    def household(self) -> Household:
        rng, home = self.rng, self.dwelling()
        if rng.random() < INSTITUTION:
            least = rng.choice((18, 75))
            home.people = [self.person("", rng.randint(least, least + 10), RELATIONS[-1]) for _ in range(40)]
            return home
        head = self.person("", rng.randint(22, 85), RELATIONS[0])
        home.people = [head]
        age = _age(head)
        if rng.random() < 0.5:
            own = "" if rng.random() < 0.15 else head.surname
            other = {"Male": "Female", "Female": "Male"}[head.sex] if rng.random() < 0.97 else head.sex
            home.people.append(self.person(own, max(20, age + rng.randint(-7, 6)), RELATIONS[1], other))
        if age < 62:
            self._children(home, age)
        kin = rng.choices(range(5), [0.83, 0.06, 0.05, 0.04, 0.02])[0]
        for _ in range(1 if kin in (1, 2, 4) else kin and rng.randint(1, 3)):
            self._lodger(home, kin, age)
        return home

    def _children(self, home: Household, age: int) -> None:
        rng, head = self.rng, home.people[0]
        for _ in range(rng.choices(range(6), [0.42, 0.2, 0.21, 0.1, 0.05, 0.02])[0]):
            child = self.person(head.surname, rng.randint(0, max(0, age - 21)), RELATIONS[2])
            if child.sex == head.sex and rng.random() < JUNIOR:
                child = replace(child, first=head.first)
            home.people.append(child)
            if rng.random() < TWINS:
                home.people.append(replace(self.person(head.surname, 0, RELATIONS[2]), born=child.born))

    def _lodger(self, home: Household, kin: int, age: int) -> None:
        rng = self.rng
        relation = RELATIONS[kin + 2]
        years = {1: age + rng.randint(20, 34), 2: max(18, age + rng.randint(-9, 9))}.get(kin, rng.randint(18, 70))
        own = home.people[0].surname if kin in (1, 2) and rng.random() < 0.7 else ""
        home.people.append(self.person(own, min(years, 99), relation))

    def person(self, surname: str, age: int, relation: str, sex: str = "") -> Person:
        rng = self.rng
        self._number += 1
        sex = sex or rng.choice(("Male", "Female"))
        born = date(2019, 4, 1) - timedelta(days=365 * age + rng.randrange(365))
        first, middle = self.given[sex].draw(rng), self.given[sex].draw(rng)[0]
        return Person(self._number, first, middle, surname or self.surnames.draw(rng), born, sex, relation)


def _age(person: Person) -> int:
    return 2019 - person.born.year


def a_year_later(before: list[Household], town: Town) -> list[Household]:
    """Some households moved, some children left home, some people married, died or went away, some came."""
    rng, after, single = town.rng, [], []
    for old in before:
        home = replace(town.dwelling() if rng.random() < MOVES else old, people=[])
        for person in old.people:
            grown = person.relation != RELATIONS[0] and _age(person) >= 18
            if rng.random() < GONE:
                continue
            if grown and person.relation != RELATIONS[1] and rng.random() < LEAVES:
                single.append((len(after), person))
            else:
                home.people.append(_in_turn(person, home))
        if rng.random() < MARRIES and len(home.people) == 1:
            _marry(home, single, town)
        after.append(home)
    for at, person in single:
        after.insert(at, replace(town.dwelling(), people=[replace(person, relation=RELATIONS[0])]))
    for _ in range(round(NEWCOMERS * len(before))):
        after.insert(rng.randrange(len(after)), town.household())
    return after


def _in_turn(person: Person, home: Household) -> Person:
    """The same person; who stands first on the form is the reference person."""
    if not home.people and person.relation == RELATIONS[1]:
        return replace(person, relation=RELATIONS[0])
    return person


def _marry(home: Household, single: list[tuple[int, Person]], town: Town) -> None:
    head = home.people[0]
    if single and single[-1][1].sex != head.sex:
        _, spouse = single.pop()
    else:
        spouse = town.person("", max(20, _age(head)), RELATIONS[1])
    surname = head.surname if spouse.sex == "Female" and town.rng.random() < CHANGES_NAME else spouse.surname
    home.people.append(replace(spouse, surname=surname, relation=RELATIONS[1]))
