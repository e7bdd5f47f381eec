"""A country's name in ten languages, or its code, to ISO 3166 alpha-2 (tax authorities' EL is GR)."""

from functools import cache, lru_cache

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

from rules.standardise import data, latin


@cache
def _names() -> dict[str, str]:
    table = data.words("countries")
    names = {
        code.lower(): code for regions in COUNTRY_CODE_TO_REGION_CODE.values() for code in regions if code.isalpha()
    }
    for code, many in table.items():
        names.update({_bare(name): code for name in [code, *many]})
    return names


def _bare(text: str) -> str:
    return latin.latin(text).replace(" ", "")


@lru_cache(maxsize=1 << 12)
def read(text: str) -> str | None:
    """The code of a country, or None where no country has this name."""
    return _names().get(_bare(text))


@cache
def language(country: str | None) -> str | None:
    """The language whose spelling of Cyrillic a country uses, where it is not Russian."""
    return {"UA": "uk", "BG": "bg", "RS": "sr", "MK": "mk", "ME": "sr"}.get(country or "")
