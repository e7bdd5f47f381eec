"""The persons of the multilingual set, family by family; names in home letters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from pipelines.demo import people, scripts
from tests.bench.sets.lands import Land, a_land, in_letters

if TYPE_CHECKING:
    from random import Random

    from pipelines.demo.world import Address

COUPLE, CHILD, GRANDCHILD = 0.22, 0.16, 0.06  # of the households; a grandchild may bear the grandparent's name
SHARED = 0.15  # of the couples have one mobile, and apart from that one e-mail
MOVED, REMARRIED = 0.14, 0.12  # of the persons; of the women, some of whose records bear the former surname
OTHER_MOBILE, OTHER_EMAIL = 0.2, 0.3  # of the persons had another one before
HOSTS = ("post.example", "mail.example", "inbox.example", "email.example")


@dataclass(frozen=True)
class Person:
    land: Land
    female: bool
    given: str
    middle: str  # patronymic or second given name, or empty
    surname: str  # as this person bears it; empty for an Indonesian of one name
    former_surname: str
    born: date
    home: Address
    former_home: Address | None
    mobiles: tuple[str, ...]  # the present one last
    emails: tuple[str, ...]
    style: str  # how this person spells itself in Latin letters


def family(rng: Random) -> list[Person]:
    """Those of one household who are customers."""
    land = a_land(rng)
    names, home = land.surnames.draw(rng), land.home(rng)
    head = _person(land, names, home, rng.randint(24, 85), rng)
    found = [head]
    if rng.random() < COUPLE:
        spouse = _person(land, names, home, max(20, _age(head) + rng.randint(-6, 6)), rng, female=not head.female)
        mobiles = head.mobiles if rng.random() < SHARED else spouse.mobiles
        found.append(replace(spouse, mobiles=mobiles, emails=head.emails if rng.random() < SHARED else spouse.emails))
    if rng.random() < CHILD and _age(head) > 42:
        found.append(_child(head, names, 24, rng))
    if rng.random() < GRANDCHILD and _age(head) > 66:
        grandchild = _child(head, names, 48, rng)
        found.append(replace(grandchild, given=head.given, female=head.female, surname=head.surname))
    return found


def _age(person: Person) -> int:
    return 2026 - person.born.year


def _child(head: Person, names: tuple[str, str], younger: int, rng: Random) -> Person:
    child = _person(head.land, names, head.home, _age(head) - younger - rng.randint(0, 8), rng)
    fathers = head.land.known.get("patronymics", {})
    if head.given in fathers and not head.female:
        return replace(child, middle=fathers[head.given][child.female])
    return child


def _person(
    land: Land, names: tuple[str, str], home: Address, age: int, rng: Random, female: bool | None = None
) -> Person:
    female = rng.random() < 0.5 if female is None else female
    given = land.given["female" if female else "male"].draw(rng)
    single = land.code == "ID" and rng.random() < land.known["single_names"] / 100
    if single:
        given = rng.choice([*land.known["single"], *(name for name, _ in land.surnames.values[20:320])])
    surname = "" if single else names[female]
    style = rng.choice(scripts.STYLES)
    return Person(
        land=land,
        female=female,
        given=given,
        middle=_middle(land, female, rng),
        surname=surname,
        former_surname=land.surnames.draw(rng)[1] if surname and female and rng.random() < REMARRIED else "",
        born=date(2026, 6, 1) - timedelta(days=age * 365 + rng.randrange(365)),
        home=home,
        former_home=land.home(rng) if rng.random() < MOVED else None,
        mobiles=tuple(people.mobile(land.code, rng) for _ in range(1 + (rng.random() < OTHER_MOBILE))),
        emails=tuple(_email(given, surname, style, rng) for _ in range(1 + (rng.random() < OTHER_EMAIL))),
        style=style,
    )


def _middle(land: Land, female: bool, rng: Random) -> str:
    fathers = land.known.get("patronymics")
    if fathers:
        return str(rng.choice(list(fathers.values()))[female])
    share = {"GR": 0.1, "IT": 0.06}.get(land.code, 0.03)
    return land.given["female" if female else "male"].draw(rng) if rng.random() < share else ""


def _email(given: str, surname: str, style: str, rng: Random) -> str:
    first, last = (people.slug(in_letters(n, False, style, True)) for n in (given, surname or given))
    name = rng.choice((f"{first}.{last}", f"{first[0]}{last}", f"{last}{rng.randint(1, 99)}", f"{first}_{last}"))
    return f"{name}{rng.randint(1, 999) if rng.random() < 0.5 else ''}@{rng.choice(HOSTS)}"
