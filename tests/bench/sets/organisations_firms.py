"""The firms and their sites behind the set of organisations; names in home letters, without the legal form."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipelines.demo import numbers, people, scripts
from tests.bench.sets.drawing import words
from tests.bench.sets.lands import Land, a_land, in_letters

if TYPE_CHECKING:
    from random import Random

    from pipelines.demo.world import Address

SITES = ([1, 2, 3, 4, 6, 9, 15], [0.74, 0.12, 0.06, 0.04, 0.02, 0.015, 0.005])  # of a firm, and their shares
SAME_CITY = 0.3  # of the further sites stand in the city of the head office
OWN_PHONE, OWN_EMAIL = 0.55, 0.4  # of the further sites; the others give the switchboard and the firm's e-mail
SISTER, RENAMED, MOVED = 0.04, 0.05, 0.06  # of the firms have a sister company, had another name; of the sites
ACCOUNTANT, FREE_MAIL = 0.05, 0.25  # of the firms of one site give their accountant's; write from a free address
CONTACTS = 3  # of a site, at most
HOSTS = ("post.example", "mail.example", "inbox.example")


@dataclass(frozen=True)
class Firm:
    land: Land
    name: str
    former_name: str
    form: int  # of the forms of its country
    tax_id: str
    style: str
    domain: str  # empty for one that writes from a free address
    email: str
    phone: str


@dataclass(frozen=True)
class Site:
    firm: Firm
    home: Address
    former_home: Address | None
    branch: str  # what is said after the name, in the ways it is said; empty for a firm of one site
    phone: str
    email: str
    contacts: tuple[str, ...]


class Trade:
    """Draws firms; some accountants serve many of them."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self._accountants: dict[str, list[tuple[str, str]]] = {}

    def sites(self) -> list[Site]:
        """The sites of a firm, and of its sister company if it has one."""
        rng = self.rng
        land = a_land(rng)
        homes = self._homes(land)
        firm = self._firm(land, homes[0].landline)
        found = [self._site(firm, home, at, len(homes)) for at, home in enumerate(homes)]
        if rng.random() < SISTER:
            found.append(self._site(self._sister(firm), homes[0], 0, 1))
        return found

    def _firm(self, land: Land, switchboard: str) -> Firm:
        rng, name = self.rng, self._name(land)
        style = rng.choice(scripts.STYLES)
        slug = "-".join(people.slug(part) for part in in_letters(name, False, style, True).split())
        domain = "" if rng.random() < FREE_MAIL else f"{slug}.example"
        email = f"{rng.choice(land.known['firms']['roles'])}@{domain}"
        return Firm(
            land=land,
            name=name,
            former_name=self._name(land) if rng.random() < RENAMED else "",
            form=int(len(land.known["firms"]["forms"]) * rng.random() ** 1.5),
            tax_id=numbers.tax_id_of_firm(land.code, rng),
            style=style,
            domain=domain,
            email=email if domain else f"{slug.replace('-', '')}{rng.randint(1, 99)}@{rng.choice(HOSTS)}",
            phone=switchboard,
        )

    def _name(self, land: Land) -> str:
        rng, demo, more = self.rng, land.known["firms"], words("firms")[land.code]
        kind = rng.choice([*demo["kinds"], *more["kinds"]])
        name = rng.choice([*demo["names"], *more["names"]])
        surname = land.surnames.draw(rng)[0]
        pattern = rng.choice([*demo["patterns"], "{surname} {kind}", "{kind} {surname}", "{surname} {name}"])
        return str(pattern.format(kind=kind, name=name, surname=surname))

    def _homes(self, land: Land) -> list[Address]:
        """The head office, and the further sites."""
        rng = self.rng
        homes = [land.home(rng)]
        for _ in range(rng.choices(*SITES)[0] - 1):
            home = land.home(rng)
            while rng.random() < SAME_CITY and home.city != homes[0].city:
                home = land.home(rng)
            homes.append(home)
        return homes

    def _site(self, firm: Firm, home: Address, at: int, of: int) -> Site:
        rng, more = self.rng, words("firms")[firm.land.code]
        phone = home.landline if at == 0 or rng.random() < OWN_PHONE else firm.phone
        email = firm.email
        if at > 0 and firm.domain and rng.random() < OWN_EMAIL:
            email = f"{people.slug(in_letters(home.city, False, firm.style, True))}{at}@{firm.domain}"
        if of == 1 and rng.random() < ACCOUNTANT:
            phone, email = self._accountant(firm.land)
        ways = more["head"] if at == 0 else [way.format(city=home.city) for way in more["branch"]]
        return Site(
            firm=firm,
            home=home,
            former_home=firm.land.home(rng) if rng.random() < MOVED else None,
            branch=rng.choice(ways) if of > 1 else "",
            phone=phone,
            email=email,
            contacts=tuple(self._contact(firm.land) for _ in range(rng.randint(1, CONTACTS))),
        )

    def _accountant(self, land: Land) -> tuple[str, str]:
        """The phone and e-mail of one who keeps the books of a dozen firms."""
        known = self._accountants.setdefault(land.code, [])
        if not known or self.rng.random() < 0.08:
            slug = people.slug(in_letters(land.surnames.draw(self.rng)[0], False, "official", True))
            known.append((land.home(self.rng).landline, f"studio.{slug}@{self.rng.choice(HOSTS)}"))
        return self.rng.choice(known)

    def _contact(self, land: Land) -> str:
        sex = self.rng.choice(("male", "female"))
        return f"{land.given[sex].draw(self.rng)} {land.surnames.draw(self.rng)[sex == 'female']}"

    def _sister(self, firm: Firm) -> Firm:
        """A company of nearly the same name at the same address, with a tax id of its own."""
        more = words("firms")[firm.land.code]
        return replace(
            firm,
            name=f"{firm.name} {self.rng.choice(more['holding'])}",
            former_name="",
            form=0,
            tax_id=numbers.tax_id_of_firm(firm.land.code, self.rng),
        )
