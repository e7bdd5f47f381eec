"""Taking a record down: which values a desk notes, in which letters, and what it gets wrong."""

from datetime import date
from random import Random
from typing import Any

from pipelines.demo import material, naming, places, scripts
from pipelines.demo.sighting import Sighting
from pipelines.demo.world import Address, Customer

WRONG_DATE = 0.012  # of birth dates: a digit or the year wrong
FIRMS_LANDLINE = 0.5  # of a firm's records, where there is room for a number: its landline stands there
CODE_PAGE = {"forms": "cp1253", "tickets": "cp1254"}
"""Desks whose computers know one alphabet only."""


def take_down(row: Sighting, rng: Random) -> None:
    """Fill a row's values as its desk would."""
    one = row.whom
    habits = material.habits(row.source)
    row.native = _native(one, row.source, habits, rng)
    if one.organisation:
        row.values["company"] = naming.company(one, row.native, habits, rng)
        if row.contact:
            _contact(row, row.contact, habits, rng)
    else:
        _name(row, one, habits, rng)
    for what, share in habits["asks"].items():
        share = max(share, FIRMS_LANDLINE) if one.organisation and what == "landline" else share
        if what not in row.values and rng.random() < share:
            note(row, what, rng)
    if one.country != "GR" and {"address", "city"} & habits["asks"].keys():
        row.values["country"] = one.country  # a foreigner's country is noted even where nothing else is
    if "birth_date" in row.values and not one.alike and rng.random() < WRONG_DATE:
        row.values["birth_date"] = _wrong(date.fromisoformat(row.values["birth_date"]), rng).isoformat()
    _case(row, habits, rng)


def _native(one: Customer, source: str, habits: dict[str, Any], rng: Random) -> bool:
    alphabet = material.country(one.country)["script"]
    if source == "tickets" or (source == "forms" and alphabet == "russian"):
        return bool(alphabet == "latin")
    return alphabet == "latin" or bool(rng.random() >= habits["latin"])


def _name(row: Sighting, one: Customer, habits: dict[str, Any], rng: Random) -> None:
    given, whole = naming.given(one, row.native, habits, rng)
    if not whole and ("twin" in one.special or not one.surname):
        given, whole = naming.given(one, row.native, {**habits, "initial": 0}, rng)
    surname = naming.surname(one, one.surname_on(row.on), row.native, habits, rng)
    if rng.random() < habits["typo"]:
        given, surname = (
            (naming.typo(given, rng), surname) if rng.random() < 0.4 else (given, naming.typo(surname, rng))
        )
    if whole and surname and rng.random() < habits["swap"]:
        given, surname = surname, given
    row.values |= {"given": given, "surname": surname}
    row.bare = not whole
    if one.middle and rng.random() < habits["asks"].get("middle", 0):
        row.values["middle"] = naming.letters(one.middle, one, row.native, habits, rng)


def _contact(row: Sighting, who: Customer, habits: dict[str, Any], rng: Random) -> None:
    """A firm's contact beside it: the mobile and often the e-mail address are then the contact's."""
    row.values["given"], whole = naming.given(who, row.native, {**habits, "initial": 0}, rng)
    row.values["surname"] = naming.surname(who, who.surname, row.native, habits, rng)
    row.bare = not whole
    if rng.random() < 0.8 or not who.work_email:
        row.values["mobile"] = who.mobile
    if who.work_email and "email" in habits["asks"] and ("mobile" not in row.values or rng.random() < 0.6):
        row.values["email"] = who.work_email


def note(row: Sighting, what: str, rng: Random) -> None:
    """Note one value, if the customer has it."""
    one = row.whom
    habits = material.habits(row.source)
    stale = one.moved and rng.random() < habits["stale"]
    home = one.moved[1] if one.moved and stale else one.address_on(row.on)
    if home and what in {"address", "city"}:
        _address(row, one, home, what, rng)
    elif home and what == "landline":
        row.values["landline"] = home.landline
    elif what == "birth_date" and one.birth_date:
        row.values[what] = one.birth_date.isoformat()
    elif what in {"mobile", "email", "tax_id"} and getattr(one, what):
        row.values[what] = getattr(one, what)


def _address(row: Sighting, one: Customer, home: Address, what: str, rng: Random) -> None:
    habits = material.habits(row.source)
    row.values["city"] = places.city(home, row.native, rng)
    row.values["country"] = home.country
    if what == "city":
        return
    street = places.street(home, row.native, naming.style(one, habits, rng), rng)
    row.values |= {
        "street": street, "number": home.number, "unit": home.unit, "postcode": home.postcode,
        "line": places.line(home, street, rng), "region": places.region(home),
        "address": f"{home.country} {home.city} {home.street} {home.number} {home.unit}",
    }  # fmt: skip


def _wrong(day: date, rng: Random) -> date:
    if day.day <= 12 and rng.random() < 0.6:
        return date(day.year, day.day, day.month)
    return date(day.year + rng.choice([-10, -1, 1, 10]), day.month, min(day.day, 28))


def _case(row: Sighting, habits: dict[str, Any], rng: Random) -> None:
    """Capitals, and the letters that the desk's computer knows."""
    capitals = rng.random() < habits["upper"]
    for key in ("given", "middle", "surname", "company", "street", "line", "city"):
        text = row.values.get(key)
        if text and capitals:
            text = _upper(text, row)
        if text and row.source in CODE_PAGE:
            text = _in_code_page(text, CODE_PAGE[row.source])
        if text:
            row.values[key] = text


def _upper(text: str, row: Sighting) -> str:
    """Greek capitals bear no accents; a Turkish i keeps its dot."""
    if row.customer and row.customer.country == "TR":
        return text.replace("i", "İ").upper()
    return scripts.plain(text).upper() if not scripts.is_latin(text) else text.upper()


def _in_code_page(text: str, page: str) -> str:
    return "".join(c if c.encode(page, "ignore") else scripts.plain(scripts.latin(c)) for c in text)
