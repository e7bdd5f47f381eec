"""Tax and personal numbers: the form a scheme writes, its check digits, and what is typed to fill the field.

Check digits by python-stdnum. They are weak evidence: a random Greek, Russian or Turkish company number passes
one time in ten, so placeholders that pass are refused by name.
"""

import importlib
import re
from functools import cache
from typing import Any, Final

from rules import suspicion
from rules.standardise import countries, data, latin

Number = tuple[str | None, str | None, str | None]
"""The number as its scheme writes it (None: refused), the scheme (`gr.vat`), and the doubt."""

_CAPITALS: Final = str.maketrans("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧАВЕКМНОРСТУХ", "ABEZHIKMNOPTYXABEKMHOPCTYX")
_NOT_PART = re.compile(r"[^A-Z0-9]")
_FLOAT = re.compile(r"^(\d+)\.0$")
_GREEK_CARD = re.compile(r"^[A-Z]{1,2}\d{6}$")


@cache
def _labels() -> re.Pattern[str]:
    labels = sorted(data.words("identifiers")["labels"], key=len, reverse=True)
    words = "|".join(re.escape(label).replace(r"\ ", r"[\s.\-]*") for label in labels)
    return re.compile(rf"^\s*(?:{words})(?![^\W\d_])[\s.:#№\-]*", re.IGNORECASE)


def compact(text: str) -> str:
    """Latin capitals and digits only, without a label in front (`ΑΦΜ: 094 259 216` is `094259216`)."""
    text = _FLOAT.sub(r"\1", text)
    dotless = re.sub(r"(?<=\w)\.(?=\w\b)|(?<=\b\w)\.", "", text)
    bare = _labels().sub("", dotless)
    return _NOT_PART.sub("", latin.clean(bare or text).upper().translate(_CAPITALS))


def tax_id(text: str, country: str | None = None) -> Number:
    """A tax number of a country (its own prefix wins over the record's country)."""
    number = compact(text)
    if not any(c.isdigit() for c in number):
        return None, None, "tax_id_invalid"
    country, number = _prefixed(number, country)
    found = _checked(number, country, "tax", "tax_id")
    return found if found[0] and found[1] else _unmistakable(number) or found


def national_id(text: str, country: str | None = None) -> Number:
    """A personal number. Numbers of unknown kind (identity cards, passports) pass unchecked.

    Where a person's number is the tax number as well, it is read as that: the scheme is then one of `both`.
    """
    number = compact(text)
    if found := _of_both(number, country) or _unmistakable(number):
        return found
    if country == "GR" and _GREEK_CARD.match(number):
        return _refused(number, "national_id") or (number, "gr.card", None)
    return _checked(number, country, "personal", "national_id")


def _prefixed(number: str, country: str | None) -> tuple[str | None, str]:
    """The country a VAT number names itself, and the number without that prefix."""
    if len(number) < 7 or not number[:2].isalpha() or not any(c.isdigit() for c in number[2:6]):
        return country, number
    prefix = data.words("identifiers")["prefixes"].get(number[:2], number[:2])
    if prefix not in data.words("identifiers")["tax"]:
        return _elsewhere(prefix, number, country)
    if prefix == country or any(_accepts(c, number[2:]) for c in _checkers("tax", prefix)):
        return prefix, number[2:]
    return country, number


def _elsewhere(prefix: str, number: str, country: str | None) -> tuple[str | None, str]:
    """A number of a country without a known scheme (`SM12345`), unless its own country accepts it as it stands."""
    known = countries.read(prefix) == prefix and number[2:].isdigit() and not _GREEK_CARD.match(number)
    own = country is None or any(_accepts(c, number) for c in _checkers("tax", country))
    return (prefix, number[2:]) if known and not own else (country, number)


def _checked(number: str, country: str | None, kind: str, field: str) -> Number:
    refused = _refused(number, field)
    if refused:
        return refused
    checkers = _checkers(kind, country)
    if not checkers:
        return number, f"{country.lower()}.other" if country else None, None
    for candidate in [number, *_padded(number, kind, country)]:
        for name in checkers:
            found = _accepts(name, candidate)
            if found and found not in _deny():
                lost_zero = len(found) > len(number) and found.lstrip("0") == number.lstrip("0")
                return found, name, "tax_id_repaired" if lost_zero else None
    if kind == "personal" and not _looks_like(number, country):
        return number, None, None
    return None, None, f"{field}_invalid"


def _of_both(number: str, country: str | None) -> Number | None:
    """A person's number under a scheme that is the tax number's too."""
    table = data.words("identifiers")["both"].get(country or "")
    if table is None or len(number) not in table["lengths"]:
        return None
    found = tax_id(number, country)
    return found if found[1] in table["schemes"] else None


def is_tax_id(scheme: str | None) -> bool:
    """Whether a person's number under this scheme is that person's tax number."""
    table = data.words("identifiers")
    return scheme in table["unmistakable"] or any(scheme in one["schemes"] for one in table["both"].values())


def _unmistakable(number: str) -> Number | None:
    """A number that no other scheme could have written, whatever the country."""
    for name, written in data.words("identifiers")["unmistakable"].items():
        if re.fullmatch(written, number) and (found := _accepts(name, number)):
            return found, name, None
    return None


def _refused(number: str, field: str) -> Number | None:
    """What no customer has: nothing, one digit over and over, a counted-out run, a number of the deny list."""
    if len(number) < 4:
        return None, None, f"{field}_invalid"
    digits = re.sub(r"\D", "", number)
    run = (
        number.isdigit() and len(digits) >= 6 and (digits in "01234567890123456789" or digits in "98765432109876543210")
    )
    one = (len(set(digits)) == 1 and len(digits) > 3) or suspicion.digits(digits) == "one_digit"
    if number in _deny() or run or one:
        return None, None, f"{field}_placeholder"
    return None


@cache
def _deny() -> frozenset[str]:
    return frozenset(data.words("identifiers")["deny"])


@cache
def _checkers(kind: str, country: str | None) -> tuple[str, ...]:
    return tuple(data.words("identifiers")[kind].get(country or "", {}).get("checkers", ()))


def _padded(number: str, kind: str, country: str | None) -> list[str]:
    """The number with the one or two leading zeros that a spreadsheet drops."""
    lengths = data.words("identifiers")[kind].get(country or "", {}).get("digits", ())
    return ["0" * lost + number for lost in (1, 2) if number.isdigit() and len(number) + lost in lengths]


def _looks_like(number: str, country: str | None) -> bool:
    """Whether a personal number has the length of the country's scheme, so that wrong check digits mean a slip."""
    return number.isdigit() and len(number) in data.words("identifiers")["personal"].get(country or "", {}).get(
        "digits", ()
    )


@cache
def _module(name: str) -> Any:
    return importlib.import_module(f"stdnum.{name}")


def _accepts(name: str, number: str) -> str | None:
    """The number in a scheme's compact form, or None where the scheme refuses it."""
    try:
        return str(_module(name).validate(number))
    except Exception:
        return None
