"""The whole clientele: how many of whom, and who is hard to tell from whom."""

from collections.abc import Callable, Iterator
from itertools import chain, pairwise, repeat
from random import Random

from pipelines.demo import firms, material, people
from pipelines.demo.world import Address, Customer

FIRMS, CONTACTS = 0.18, 0.6  # of all customers; of all firms
TWINS, NAMESAKES, FAMILIES = 0.012, 0.01, 0.34  # of all customers, as persons in such groups
MOVED, MARRIED = 0.07, 0.35  # of persons; of women in countries where a wife takes the name, in families
COUPLES_SHARING = 0.03  # of families: one mobile, or one e-mail address, for two
REISSUED = 0.003  # of persons: a mobile number that was somebody else's before

Maker = Callable[[int, str, Random, str], list[Customer]]
"""First number, country, randomness, name of the household -> persons."""


def populate(customers: int, seed: int) -> list[Customer]:
    """Exactly so many true customers, firms first, each firm's contact person among the persons."""
    rng = Random(f"{seed}:population")  # noqa: S311 - a demo, not a secret
    everyone = _firms(round(customers * FIRMS), rng)
    for n, maker in enumerate(_groups(customers, rng)):
        if len(everyone) >= customers:
            break
        group = maker(len(everyone) + 1, _country(rng), rng, f"h{n:04d}")
        everyone += group if len(everyone) + len(group) <= customers else group[:1]
    persons = [c for c in everyone if not c.organisation]
    _lives(persons, rng)
    _make_unique(everyone, rng)
    _shared_points(persons, rng)
    return everyone


def _country(rng: Random) -> str:
    codes = [c.upper() for c in material.COUNTRIES]
    return rng.choices(codes, [material.country(c)["share"] for c in codes])[0]


def _firms(count: int, rng: Random) -> list[Customer]:
    taken: set[str] = set()
    found: list[Customer] = []
    for _ in range(count):
        one = firms.firm(len(found) + 1, _country(rng), rng, taken)
        found.append(one)
        if rng.random() < CONTACTS:
            found.append(firms.contact(len(found) + 1, one, rng))
    _neighbours([c for c in found if c.organisation], rng)
    return found


def _neighbours(known: list[Customer], rng: Random) -> None:
    """A few pairs of firms share a building and its switchboard."""
    by_country: dict[str, Customer] = {}
    for one in known:
        other = by_country.get(one.country)
        if other and rng.random() < 0.03:
            one.address = other.address
        by_country[one.country] = one


def _groups(customers: int, rng: Random) -> Iterator[Maker]:
    """Makers of the next persons: families, twins, namesakes and singles in their numbers, shuffled; then singles."""
    counts = {
        people.twins: customers * TWINS / 2,
        people.namesakes: customers * NAMESAKES / 2,
        people.family: customers * FAMILIES / 2.8,
        people.single: customers * (1 - FIRMS * (1 + CONTACTS) - TWINS - NAMESAKES - FAMILIES),
    }
    makers = [maker for maker, count in counts.items() for _ in range(round(count))]
    rng.shuffle(makers)
    return chain(makers, repeat(people.single))


def _lives(persons: list[Customer], rng: Random) -> None:
    """Some moved; some women of families where a wife takes her husband's name bore another before."""
    for one in persons:
        if one.special:
            continue
        if one.female and one.household and one.country in {"RU", "TR", "GB"} and rng.random() < MARRIED:
            people.marry(one, rng)
        elif rng.random() < MOVED:
            people.move(one, rng)


def _make_unique(everyone: list[Customer], rng: Random) -> None:
    """No two customers share a mobile, an address or its landline by accident: sharing is decided below."""
    points: set[str] = set()
    homes: dict[str, Address] = {}
    for one in everyone:
        while one.mobile in points:
            one.mobile = people.mobile(one.country, rng)
        while one.email in points:
            local, host = one.email.split("@")
            one.email = f"{local}{rng.randrange(10)}@{host}"
        points |= {one.mobile, one.email} - {""}
        for home in filter(None, [one.address, one.moved and one.moved[1]]):
            if homes.setdefault(home.landline, home) is not home:
                _new_home(one, home, rng)


def _new_home(one: Customer, home: Address, rng: Random) -> None:
    if one.moved and one.moved[1] is home:
        people.move(one, rng)
    elif not one.household:
        one.address = people.address(one.country, rng)


def _shared_points(persons: list[Customer], rng: Random) -> None:
    """Couples with one mobile or one e-mail address for both, and numbers given out a second time."""
    for one, other in pairwise(persons):
        if one.household and one.household == other.household and not (one.alike or other.alike):
            if rng.random() < COUPLES_SHARING:
                other.mobile = one.mobile
            elif rng.random() < COUPLES_SHARING and one.email:
                other.email = one.email
    plain = [c for c in persons if not c.alike and not c.employer]
    for _ in range(round(len(persons) * REISSUED)):
        one, other = rng.sample(plain, 2)
        if one.country == other.country:
            other.mobile = one.mobile
