"""A record of a site in the set of organisations, as one desk writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.demo import places, scripts
from tests.bench.sets.drawing import words
from tests.bench.sets.lands import in_letters
from tests.bench.sets.slips import digit, typed

if TYPE_CHECKING:
    from random import Random

    from tests.bench.sets.gathering import Row
    from tests.bench.sets.organisations_firms import Site

NATIVE, BARE = 0.7, 0.3  # of the records: in home letters, without accents and dots
NO_FORM, FORM_AT_OTHER_END, ABBREVIATED, TYPO, CAPITALS, NO_BRANCH = 0.2, 0.05, 0.15, 0.05, 0.12, 0.4
MISSING = {"contact": 0.5, "street": 0.15, "postcode": 0.2, "city": 0.08, "country": 0.4, "phone": 0.3, "email": 0.35,
           "website": 0.7, "tax_id": 0.45}  # fmt: skip
ID_WRONG, PREFIXED, PERSONAL_MAIL = 0.02, 0.15, 0.2
PREFIXES = {"GR": "EL", "IT": "IT", "TR": "TR", "RU": "", "ID": ""}


def written(site: Site, at: int, rng: Random) -> Row:
    """The site's record number `at`; the first ones are the older ones."""
    firm, native, bare = site.firm, rng.random() < NATIVE, rng.random() < BARE
    style = firm.style if rng.random() < 0.7 else rng.choice(scripts.STYLES)
    home = site.former_home if site.former_home and at % 2 == 0 else site.home
    contact = rng.choice(site.contacts)
    row: Row = {
        "company": _company(site, at, native, style, bare, rng),
        "contact": in_letters(contact, native, style, bare),
        "street": in_letters(firm.land.line(home, native, style, rng), True, style, bare),
        "postcode": home.postcode.replace(" ", "") if rng.random() < 0.3 else home.postcode,
        "city": in_letters(places.city(home, native, rng), True, style, bare),
        "country": firm.land.code,
        "phone": firm.land.phone(site.phone, rng),
        "email": _email(site, contact, rng),
        "website": f"{rng.choice(('www.', 'http://www.', 'https://', ''))}{firm.domain}" if firm.domain else None,
        "tax_id": _tax_id(site, rng),
    }
    return {column: None if rng.random() < MISSING.get(column, 0) else value for column, value in row.items()}


def _company(site: Site, at: int, native: bool, style: str, bare: bool, rng: Random) -> str:
    firm, known = site.firm, site.firm.land.known["firms"]
    name = firm.former_name if firm.former_name and at % 2 == 0 else firm.name
    if rng.random() < ABBREVIATED:
        name = _shorter(name, words("firms")[firm.land.code]["short"], rng)
    if rng.random() < TYPO:
        name = typed(name, rng)
    name = in_letters(name, native, style, bare)
    forms = known["forms"] if native or not known["forms_abroad"] else known["forms_abroad"]
    form = str(rng.choice(forms[firm.form]))
    if native and known.get("quoted") and rng.random() < 0.6:
        name = f"«{name}»"
    if rng.random() > NO_FORM:
        first = bool(known.get("form_first")) != (rng.random() < FORM_AT_OTHER_END)
        name = f"{form} {name}" if first else f"{name} {form}"
    if site.branch and rng.random() > NO_BRANCH:
        name += rng.choice((" - ", ", ", " ", " / ")) + in_letters(site.branch, native, style, bare)
    return scripts.plain(name).upper() if rng.random() < CAPITALS else name


def _shorter(name: str, short: dict[str, str], rng: Random) -> str:
    """Words in their usual abbreviations; where there are none, the last word left out."""
    other = name
    for word, brief in short.items():
        other = other.replace(word, brief)
    if other == name and len(name.split()) > 2 and rng.random() < 0.5:
        return " ".join(name.split()[:-1])
    return other


def _email(site: Site, contact: str, rng: Random) -> str:
    """The site's address, or that of the person to talk to at the firm's domain."""
    if site.firm.domain and site.email.endswith(site.firm.domain) and rng.random() < PERSONAL_MAIL:
        parts = in_letters(contact, False, site.firm.style, True).lower().split()
        return f"{parts[0][0]}.{parts[-1]}@{site.firm.domain}".replace("'", "")
    return site.email


def _tax_id(site: Site, rng: Random) -> str:
    number = digit(site.firm.tax_id, rng) if rng.random() < ID_WRONG else site.firm.tax_id
    return PREFIXES[site.firm.land.code] + number if rng.random() < PREFIXED else number
