"""Inventing persons: names as a country bears them, birth dates, numbers, and families at one address."""

from datetime import date, timedelta
from random import Random
from typing import Any

from pipelines.demo import material, numbers, scripts
from pipelines.demo.world import TODAY, Address, Customer

MAIL_HOSTS = ("post.example", "mail.example", "inbox.example", "seamail.example", "example.com", "example.org")
PATRONYMIC, DAUGHTERS = 0, 1


def pick(items: Any, rng: Random) -> Any:
    """One of a list, the first ones somewhat more often, as with real names."""
    known = list(items)
    return known[int(len(known) * rng.random() ** 1.25)]


def address(country: str, rng: Random) -> Address:
    """A new address; one in seven British or Russian ones is a flat."""
    known = material.country(country)
    city = pick(known["cities"], rng)
    flat = country in {"GB", "RU"} and rng.random() < 0.14
    return Address(
        country=country,
        street=rng.choice(known["streets"]),
        number=str(rng.randrange(1, 140)) + ("" if rng.random() < 0.92 else rng.choice("AB")),
        unit=str(rng.randrange(1, 90)) if flat else "",
        postcode=numbers.fill(city["postcode"], rng),
        city=city["name"],
        landline=numbers.phone(city["phone"], country, rng),
    )


def mobile(country: str, rng: Random) -> str:
    return numbers.phone(rng.choice(material.country(country)["mobiles"]), country, rng)


def birth_date(rng: Random, youngest: int = 26, eldest: int = 82) -> date:
    return TODAY - timedelta(days=rng.randrange(youngest * 365, eldest * 365))


def surname_for(surname: str, country: str, female: bool) -> str:
    """A family's name as a man or a woman bears it; a family is named as its men are."""
    known = material.country(country)["surnames"]
    return known[surname] if female and isinstance(known, dict) else surname


def given_name(country: str, female: bool, rng: Random) -> str:
    return str(pick(material.country(country)["female" if female else "male"], rng))


def person(number: int, country: str, rng: Random, **known: Any) -> Customer:
    """A person of a country; what is `known` already (family, address, birth date) is taken as given."""
    data = material.country(country)
    female = known.pop("female", rng.random() < 0.5)
    family = known.pop("family", None) or pick(data["surnames"], rng)
    born, second = known.pop("birth_date", None) or birth_date(rng), known.pop("second", None)
    one = Customer(
        id=f"c{number:04d}",
        country=country,
        female=female,
        given=known.pop("given", None) or given_name(country, female, rng),
        surname=surname_for(family, country, female),
        birth_date=born,
        spelling="spoken" if rng.random() < 0.4 else "official",
        mobile=mobile(country, rng),
        address=known.pop("address", None) or address(country, rng),
        **known,
    )
    _second_names(one, data, second, rng)
    _papers(one, rng)
    return one


def _papers(one: Customer, rng: Random) -> None:
    """What goes by the name: an Italian's codice fiscale holds its letters, a mailbox often too."""
    given, surname = (scripts.plain(scripts.latin(n)) for n in (one.given, one.surname))
    born = one.birth_date or TODAY
    one.tax_id = numbers.tax_id_of_person(one.country, rng, given, surname, born, one.female) or ""
    one.email = email(one, rng)


def _second_names(one: Customer, data: dict[str, Any], second: str | None, rng: Random) -> None:
    """Patronymics, second surnames, middle names, and Indonesians with one name only."""
    if "patronymics" in data and not one.middle:
        one.middle = data["patronymics"][rng.choice(sorted(data["patronymics"]))][
            DAUGHTERS if one.female else PATRONYMIC
        ]
    if data.get("second_surname"):
        one.surname += f" {second or pick(data['surnames'], rng)}"
    if "middle_names" in data and rng.random() < 0.4:
        one.middle = rng.choice(data["middle_names"])
    if rng.random() * 100 < data.get("single_names", 0) and not one.household:
        one.given, one.surname = rng.choice(data["single"]), ""
        one.special.add("single-name")


def email(one: Customer, rng: Random) -> str:
    """An address as people choose them; one in ten has none."""
    if rng.random() < 0.1:
        return ""
    given, surname = (slug(scripts.latin(n, one.spelling)) for n in (one.given, one.surname or "mail"))
    year = f"{one.birth_date:%y}" if one.birth_date else ""
    local = rng.choice([f"{given}.{surname}", f"{given[0]}{surname}", f"{given}{year}", f"{surname}.{given}{year}"])
    return f"{local}{rng.choice(['', '', str(rng.randrange(100))])}@{rng.choice(MAIL_HOSTS)}"


def slug(text: str) -> str:
    return "".join(c for c in scripts.plain(text).lower() if c.isascii() and c.isalnum()) or "x"


def single(number: int, country: str, rng: Random, _household: str) -> list[Customer]:
    """Somebody living alone, as far as the firm knows."""
    return [person(number, country, rng)]


def family(first: int, country: str, rng: Random, household: str) -> list[Customer]:
    """Two to four people of one family at one address with one landline."""
    home = address(country, rng)
    husband = person(first, country, rng, female=False, address=home, household=household,
                     birth_date=birth_date(rng, 55, 78))  # fmt: skip
    known = material.country(country)
    name = husband.surname.split(" ")[0] if known.get("second_surname") else husband.surname
    keeps = country == "ES" or (country in {"GR", "IT", "ID"} and rng.random() < 0.55)
    wife = person(first + 1, country, rng, female=True, address=home, household=household,
                  family=None if keeps else name, birth_date=_about(husband.birth_date, 0, rng))  # fmt: skip
    members = [husband, wife]
    for _ in range(rng.choice([0, 0, 1, 1, 2])):
        members.append(_child(first + len(members), country, rng, husband, wife, name))
    return _of_different_names(members, rng)


def _of_different_names(members: list[Customer], rng: Random) -> list[Customer]:
    """No two of a household are called alike, but for those who are meant to be (`namesakes`)."""
    taken: set[str] = set()
    for one in members:
        while one.given in taken:
            one.given = given_name(one.country, one.female, rng)
            _papers(one, rng)
        taken.add(one.given)
    return members


def _child(number: int, country: str, rng: Random, father: Customer, mother: Customer, name: str) -> Customer:
    """Bears the father's surname; in Russia his given name as patronymic, in Spain the mother's surname behind it."""
    female = rng.random() < 0.5
    middle = material.country(country).get("patronymics", {}).get(father.given)
    known = {"middle": middle[DAUGHTERS if female else PATRONYMIC]} if middle else {}
    return person(
        number, country, rng, female=female, address=father.address, household=father.household, family=name,
        birth_date=_about(father.birth_date, 26, rng), second=mother.surname.split(" ")[0], **known,
    )  # fmt: skip


def _about(day: date | None, years_later: int, rng: Random) -> date:
    return (day or TODAY) + timedelta(days=years_later * 365 + rng.randrange(-900, 900))


def twins(first: int, country: str, rng: Random, household: str) -> list[Customer]:
    """Two of one birthday, surname, address and landline, whose given names begin differently."""
    elder = person(first, country, rng, household=household)
    younger = person(first + 1, country, rng, household=household, address=elder.address, birth_date=elder.birth_date)
    while younger.given[0] == elder.given[0]:
        younger.given = given_name(country, younger.female, rng)
    return _of_one_surname(elder, younger, "twin", rng)


def namesakes(first: int, country: str, rng: Random, household: str) -> list[Customer]:
    """Father and son of one name at one address, a generation apart."""
    father = person(first, country, rng, female=False, household=household, birth_date=birth_date(rng, 55, 80))
    son = person(first + 1, country, rng, female=False, household=household, given=father.given,
                 address=father.address, birth_date=_about(father.birth_date, 28, rng))  # fmt: skip
    return _of_one_surname(father, son, "namesake", rng)


def _of_one_surname(head: Customer, other: Customer, special: str, rng: Random) -> list[Customer]:
    """Give the other the surname of the first, as a man or a woman bears it."""
    known = material.country(head.country)["surnames"]
    women = {v: k for k, v in known.items()} if isinstance(known, dict) else {}
    man = women.get(head.surname, head.surname) if head.female else head.surname
    other.surname = surname_for(man, other.country, other.female)
    _papers(other, rng)
    for one in (head, other):
        one.special.add(special)
    return [head, other]


def move(one: Customer, rng: Random) -> None:
    """Let somebody have lived elsewhere before."""
    one.moved = (TODAY - timedelta(days=rng.randrange(300, 2600)), address(one.country, rng))


def marry(one: Customer, rng: Random) -> None:
    """Let a woman have borne another surname before."""
    maiden = surname_for(pick(material.country(one.country)["surnames"], rng), one.country, female=True)
    if maiden != one.surname:
        one.married = (TODAY - timedelta(days=rng.randrange(300, 2600)), maiden)
        one.special.add("married")
