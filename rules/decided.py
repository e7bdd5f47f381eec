"""What a person may set a field of a customer to: a value that reads as one, in the form in which such values stand."""

import unicodedata
from collections.abc import Callable
from typing import Final

from rules.expectations.conditions import postcode_fits
from rules.near import meant
from rules.standardise import countries, dates, emails, phones
from rules.vocabulary import GOLDEN, PartyType

_NOBODYS: Final = (
    "golden_id", "display_name", "household_id", "records", "sources", "quality", "version", "updated_at",
)  # fmt: skip
FIELDS: Final = tuple(name for name in GOLDEN.names if name not in _NOBODYS)
"""Fields of a customer of which a person may set the value."""
LONGEST: Final = 500
"""Characters of a value."""
_DIRECTION: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Bidi_Control of Unicode (UAX 9): unseen themselves, they make a text look like another."""


class NotAValue(ValueError):
    """What a person wrote is no value of the field; the message says why, and how to write it."""


def settled(field: str, text: str, country: str | None = None, today: str = "", home: str | None = None) -> str:
    """The value as it will stand. `country`: where telephone numbers without a country are called; `today`: the ISO
    date after which nobody was born; `home`: the customer's country, where its numbers are called before `country`, and
    whose form its postcode has.

    Raises NotAValue, also where customers have no such field.
    """
    if field not in FIELDS:
        remedy = meant(field, FIELDS, f"There are: {', '.join(FIELDS)}")
        raise NotAValue(f"a customer has no field {field!r}. {remedy}")
    plain = " ".join(text.split())
    if not plain:
        raise NotAValue(f"{field} is empty. Write the value after the =; a value cannot be decided away")
    demand_plain(field, plain)
    read = _READ.get(field)
    value = read(plain, home or country) if read else plain
    if field == "birth_date" and today and value > today:
        raise NotAValue(f"{value} lies ahead: nobody was born then. Write the day as 1990-02-28")
    if field == "postcode" and home and not postcode_fits(value, home):
        raise NotAValue(
            f"{value!r} is no postcode of {home}. Write the whole of it, as on a letter; if the customer lives "
            "elsewhere, set the country first"
        )
    return value


def demand_plain(field: str, text: str) -> None:
    """Raises NotAValue where a text is longer than any value, or holds what nobody sees."""
    if len(text) > LONGEST:
        raise NotAValue(f"{field} would have {len(text):,} characters. Write {LONGEST} at most")
    for place, letter in enumerate(text, 1):
        if letter in _DIRECTION or unicodedata.category(letter) == "Cc":
            raise NotAValue(
                f"{field} holds a character that cannot be seen (U+{ord(letter):04X}, the {place}. one). "
                "Type the value anew instead of pasting it"
            )


def _birth_date(text: str, _: str | None) -> str:
    day, doubt = dates.read(text)
    if day is None or doubt:
        raise NotAValue(f"{text!r} is no birth date that can be read in one way only. Write it as 1990-02-28")
    return day


def _email(text: str, _: str | None) -> str:
    if len(found := emails.read(text)) != 1 or not found[0].canonical:
        raise NotAValue(f"{text!r} is no e-mail address. Write one, as anna@example.org")
    return text


def _phone(text: str, country: str | None) -> str:
    if len(found := phones.read(text, country)) != 1 or not found[0].canonical:
        raise NotAValue(f"{text!r} is no telephone number. Write one, with its country, as +30 210 1234567")
    return text


def _country(text: str, _: str | None) -> str:
    code = countries.read(text)
    if code is None:
        raise NotAValue(f"{text!r} is no country. Write its two letters, as GR")
    return code


def _party_type(text: str, _: str | None) -> str:
    kinds = [str(kind) for kind in PartyType]
    if text not in kinds:
        remedy = meant(text, kinds, f"There are: {', '.join(kinds)}")
        raise NotAValue(f"{text!r} is no type of customer. {remedy}")
    return text


_READ: Final[dict[str, Callable[[str, str | None], str]]] = {
    "birth_date": _birth_date, "email": _email, "phone": _phone, "country": _country, "party_type": _party_type,
}  # fmt: skip
