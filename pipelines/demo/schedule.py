"""Who turns up where, how often and when: the rows of every source, still without values."""

from datetime import date, timedelta
from random import Random

from pipelines.demo import material
from pipelines.demo.sighting import Sighting
from pipelines.demo.world import TODAY, Customer

SOURCES = ("sales", "forms", "diary", "web", "shop", "collections", "tickets", "invoices")
_TIMES = [1, 2, 3, 4, 5, 6, 7]
_OFTEN = {False: [29, 29, 21, 11, 6, 3, 1], True: [22, 28, 22, 14, 8, 4, 2]}  # by organisation
AGAIN = 0.12  # of appearances: at a desk that knows the customer already
WITH_TAX_ID = ("sales", "forms", "collections")
WITH_BIRTH_DATE = ("forms", "web", "collections")


def schedule(customers: list[Customer], seed: int) -> list[Sighting]:
    """Every appearance, in order of customer; each customer appears at least once."""
    rng = Random(f"{seed}:schedule")  # noqa: S311 - a demo, not a secret
    found: list[Sighting] = []
    for one in customers:
        if one.employer:
            found += _private(one, rng)
        else:
            found += _appearances(one, rng.choices(_TIMES, _OFTEN[one.organisation])[0], rng)
    return found


def _private(one: Customer, rng: Random) -> list[Sighting]:
    """A contact person buys for itself, too, now and then."""
    return _appearances(one, rng.choice([1, 1, 2]), rng) if rng.random() < 0.35 else []


def _appearances(one: Customer, times: int, rng: Random) -> list[Sighting]:
    desks: list[str] = []
    for _ in range(times):
        open_to = _open_to(one, desks)
        again = desks and rng.random() < AGAIN
        weights = [material.habits(s)["draw"]["organisation" if one.organisation else "person"] for s in open_to]
        desks.append(rng.choice(desks) if again or not open_to else rng.choices(open_to, weights)[0])
    others = [s for s in desks if s != "invoices"]
    if "invoices" in desks and others and not set(others) & set(WITH_TAX_ID):
        desks[desks.index(others[0])] = "sales"  # or nothing would link the invoices
    rows = [Sighting(source, one, _day(rng)) for source in desks]
    if one.contact:
        _note_contact(rows, one.contact, rng)
    return rows


def _open_to(one: Customer, seen: list[str]) -> list[str]:
    """The desks where a customer may turn up next: a firm with a contact person first where that is noted, and
    father and son of one name only where they are asked for their birth dates."""
    desks = [s for s in SOURCES if s not in seen]
    if one.contact and not seen:
        desks = [s for s in desks if material.habits(s).get("contact")]
    if one.employer:
        desks = [s for s in desks if s != "invoices"]
    if "namesake" in one.special:
        desks = [s for s in desks if s in WITH_BIRTH_DATE]
    elif one.alike or (not one.organisation and one.country != "IT"):
        desks = [s for s in desks if s != "invoices"]
    return desks


def _note_contact(rows: list[Sighting], contact: Customer, rng: Random) -> None:
    noting = [r for r in rows if material.habits(r.source).get("contact")]
    for n, row in enumerate(noting):
        if n == 0 or rng.random() < 0.75:
            row.contact = contact


def _day(rng: Random) -> date:
    """A day of the last seven years, recent ones oftener."""
    return TODAY - timedelta(days=int(2500 * rng.random() ** 1.6) + 1)
