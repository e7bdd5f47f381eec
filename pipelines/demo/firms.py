"""Inventing firms, each with a name of its own, a legal form, and often a person to talk to."""

from random import Random

from pipelines.demo import material, numbers, people, scripts
from pipelines.demo.world import Customer


def firm(number: int, country: str, rng: Random, taken: set[str]) -> Customer:
    """A firm whose name no other firm bears, even in other letters."""
    known = material.country(country)["firms"]
    name = _name(country, rng, taken)
    slug = "".join(c for c in scripts.plain(scripts.latin(name)).lower() if c.isalnum() or c == " ").split()
    return Customer(
        id=f"c{number:04d}",
        country=country,
        organisation=True,
        name=name,
        form=int(len(known["forms"]) * rng.random() ** 1.5),
        spelling=rng.choice(scripts.STYLES),
        tax_id=numbers.tax_id_of_firm(country, rng),
        address=people.address(country, rng),
        email="" if rng.random() < 0.15 else f"{rng.choice(known['roles'])}@{'-'.join(slug)}.example",
    )


def _name(country: str, rng: Random, taken: set[str]) -> str:
    known = material.country(country)
    while True:
        surname = str(rng.choice(list(known["surnames"])))
        words = {"kind": rng.choice(known["firms"]["kinds"]), "name": rng.choice(known["firms"]["names"])}
        name = str(rng.choice(known["firms"]["patterns"]).format(**words, surname=surname))
        key = " ".join(sorted(scripts.latin(name).lower().split()))
        if key not in taken:
            taken.add(key)
            return name


def contact(number: int, employer: Customer, rng: Random) -> Customer:
    """A person who orders for a firm: own mobile, mail at the firm's domain."""
    one = people.person(number, employer.country, rng, employer=employer)
    given, surname = (people.slug(scripts.latin(n, one.spelling)) for n in (one.given, one.surname or "desk"))
    if employer.email and rng.random() < 0.8:
        one.work_email = f"{given}.{surname}@{employer.email.split('@')[1]}"
    employer.contact = one
    return one
