"""How numbers and dates look in a file: the ways in which people and programs write them."""

from datetime import date
from functools import cache
from random import Random

import phonenumbers
from phonenumbers import PhoneNumberFormat as Format


@cache
def _ways(e164: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """How a number is written at home, and from abroad."""
    number = phonenumbers.parse(e164)
    home = phonenumbers.format_number(number, Format.NATIONAL)
    abroad = phonenumbers.format_number(number, Format.INTERNATIONAL)
    digits = "".join(filter(str.isdigit, home))
    return (home, digits, home.replace(" ", "-"), digits), (
        abroad,
        e164,
        abroad.replace("+", "00"),
        abroad.replace(" ", "-"),
    )


def phone(e164: str, home: bool, rng: Random) -> str:
    """A number as people write it; the country's own way only where the reader can know the country."""
    if not e164:
        return ""
    at_home, abroad = _ways(e164)
    return rng.choice(at_home if home and rng.random() < 0.7 else abroad)


def day(iso: str, pattern: str = "%d/%m/%Y") -> str:
    return date.fromisoformat(iso).strftime(pattern) if iso else ""


def tax_id(number: str, country: str, rng: Random) -> str:
    """With or without the country's prefix, blanks or dots."""
    prefix = {"GR": "EL"}.get(country, country)
    if (
        number
        and country in {"GR", "IT", "ES", "GB"}
        and not (country == "IT" and len(number) == 16)
        and rng.random() < 0.3
    ):
        return rng.choice([f"{prefix}{number}", f"{prefix} {number}"])
    if number and country == "ID" and rng.random() < 0.5:
        return f"{number[:2]}.{number[2:5]}.{number[5:8]}.{number[8]}-{number[9:12]}.{number[12:]}"
    return number
