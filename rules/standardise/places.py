"""Postcodes, cities and regions in the form that is compared."""

import re
from functools import cache, lru_cache

from rules.standardise import data, latin, notation

_NOT_PART = re.compile(r"[^A-Z0-9]")
_TOWN = re.compile(r"^(?:г\.?|гор\.?|город|пос\.?|с\.|δήμος|δ\.|city of|kota|kab\.?|m\.)\s+", re.IGNORECASE)
_BRACKETS = re.compile(r"\s*[(\[].*?[)\]]\s*")
_ZIP4 = re.compile(r"^\d{5}-\d{4}$")
_PROVINCE = re.compile(r"\s+[A-Z]{2}$")


@cache
def pattern(country: str | None) -> re.Pattern[str] | None:
    """How postcodes of a country are written, to be searched within a line."""
    found = data.words("postcodes").get(country or "")
    return re.compile(rf"(?<![\w-])(?:[A-Z]{{1,2}}-)?({found['pattern']})(?![\w-])", re.IGNORECASE) if found else None


@lru_cache(maxsize=1 << 16)
def postcode(text: str, country: str | None = None) -> tuple[str | None, str | None]:
    """Capitals and digits without blanks (a US code without its last four), and a doubt where a zero was put back."""
    whole, odd = notation.plain(text)
    if odd == "rounded":
        return None, "postcode_rounded"
    if notation.is_date(text):
        return None, "postcode_as_date"
    bare = re.sub(r"[.,]0+$", "", whole)
    bare = _NOT_PART.sub("", latin.clean(bare).upper())
    if len(bare) == 9 and bare.isdigit() and (country == "US" or _ZIP4.match(text)):
        return bare[:5], None
    if set(bare) == {"0"}:
        return None, "placeholder"
    return _with_zeros(bare, country) if bare.isdigit() else (bare or None, None)


def _with_zeros(code: str, country: str | None) -> tuple[str, str | None]:
    """A code of digits, and a doubt where the zeros were put back that those of its country may begin with."""
    form = data.words("postcodes").get(country or "", {})
    digits = form.get("digits", 0)
    if 0 < digits - len(code) <= form.get("zeros", 1) and len(code) >= 3:
        return code.zfill(digits), "postcode_repaired"
    return code, None


@cache
def _cities() -> dict[str, str]:
    return {latin.latin(name): city for city, many in data.words("cities").items() for name in [city, *many]}


@lru_cache(maxsize=1 << 16)
def city(text: str, country: str | None = None) -> str | None:
    """Latin letters; cities of several names by one of them (Athens, Αθήνα)."""
    bare = _BRACKETS.sub(" ", _TOWN.sub("", text)).strip() or text
    if country == "IT":
        bare = _PROVINCE.sub("", bare)
    found = latin.latin(bare)
    return _cities().get(found, found) or None


@cache
def regions(country: str) -> dict[str, str]:
    """Names and codes of a country's states -> code."""
    return {word: code for code, name in data.words("regions").get(country, {}).items() for word in (code, name)}


@lru_cache(maxsize=1 << 14)
def region(text: str, country: str | None = None) -> str | None:
    found = latin.latin(text)
    for known in [country] if country else ["US", "AU", "CA"]:
        if found in regions(known):
            return regions(known)[found]
    return found or None
