"""What Goldseam's own types of rule accept, one value or pair of values at a time.

Each of them is asked once for each distinct value (engine.py sees to it), so plain Python is fast enough. A
pair that cannot be judged (an unknown country, a number of another kind) is accepted: other rules judge those.
"""

import re
from datetime import date
from functools import cache
from importlib import import_module
from typing import Any, Final

from stdnum.exceptions import ValidationError

from rules.expectations import lists

DATE: Final = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ].+)?)?)?")
NUMBER: Final = re.compile(r"[+-]?(\d+|\d{1,3}([.,' \u00a0\u202f]\d{3})+)([.,]\d+)?([eE][+-]?\d+)?")


def is_date(value: str, min_value: str | None = None, max_value: str | None = None) -> bool:
    """An ISO 8601 date, also a year or a year and month alone, or a time, within bounds that are dates."""
    found = DATE.fullmatch(value)
    if not found:
        return False
    try:
        date(*(int(part or 1) for part in found.groups()))
    except ValueError:
        return False
    day = value[:10]
    return (min_value is None or day >= min_value[: len(day)]) and (max_value is None or day <= max_value[: len(day)])


def is_number(value: str) -> bool:
    """Digits with one decimal mark, point or comma, with or without marks between thousands."""
    return bool(NUMBER.fullmatch(value.strip()))


def has_checksum(value: str, scheme: str) -> bool:
    """A number that its scheme (a module of python-stdnum) accepts, check digits included."""
    return bool(_scheme(scheme).is_valid(value))


def in_order(earlier: str, later: str) -> bool:
    """Two dates of which the first is not after the second, as far as both are known."""
    if not (is_date(earlier) and is_date(later)):
        return True
    known = min(len(earlier), len(later), 10)
    return earlier[:known] <= later[:known]


def postcode_fits(postcode: str, country: str) -> bool:
    """A postcode of the form that the country (ISO 3166 alpha-2) uses; postcodes.yml has the forms."""
    form = lists.postcodes().get(country)
    return form is None or bool(form.fullmatch(re.sub(r"[\s-]", "", postcode).upper()))


def phone_fits(phone: str, country: str) -> bool:
    """A number in E.164 whose prefix is the country's; countries that share a prefix are not told apart."""
    prefix = _prefix(country)
    return not prefix or not phone.startswith("+") or phone.startswith(f"+{prefix}")


def birth_date_fits(birth_date: str, number: str, scheme: str) -> bool:
    """A birth date that is the one within a personal number; the century, which many numbers leave open, apart."""
    held = _held(scheme, "get_birth_date", number)
    if held is None or not is_date(birth_date):
        return True
    known = birth_date[2:10]
    return bool(held.isoformat()[2:].startswith(known))


def gender_fits(gender: str, number: str, scheme: str) -> bool:
    """A gender (its first letter: m or f) that is the one within a personal number."""
    held = _held(scheme, "get_gender", number)
    given = gender[:1].casefold()
    return held is None or given not in ("m", "f") or bool(held.casefold() == given)


@cache
def _scheme(name: str) -> Any:
    return import_module(f"stdnum.{name}")


@cache
def _prefix(country: str) -> int:
    from phonenumbers import country_code_for_region  # its tables are slow to load, and few rules need them

    return int(country_code_for_region(country))


def _held(scheme: str, getter: str, number: str) -> Any:
    """What a personal number says; None where it is not of that scheme, or is a firm's, which says nothing."""
    module = _scheme(scheme)
    try:
        return getattr(module, getter)(number) if module.is_valid(number) else None
    except ValidationError:  # Italy: the number of a VAT payer is a valid personal number without a date
        return None
