"""Addresses: a line or a whole address taken into its parts, and the forms that are compared.

Only plain evidence takes a line apart: words for house number and flat, a postcode of the country, the custom of
the country for the side on which the number stands. What remains unclear stays in `street`.
"""

import re
from functools import cache, lru_cache
from typing import Final, NamedTuple

from rules.standardise import address_tails, countries, data, latin, notation, places, streets
from rules.standardise.address_tails import EDGES


class Address(NamedTuple):
    """As it stood, then the forms that are compared, then the doubts (rule by field, `field:rule field:rule`)."""

    full: str | None
    street: str | None
    house_number: str | None
    unit: str | None
    postcode: str | None
    city: str | None
    region: str | None
    country: str | None
    street_norm: str | None
    house_norm: str | None
    unit_norm: str | None
    postcode_norm: str | None
    city_norm: str | None
    region_norm: str | None
    address_key: str | None
    doubts: str | None


class Line(NamedTuple):
    street: str | None
    house_number: str | None
    unit: str | None


_NUMBER: Final = r"\d{1,5}(?:\s?[-–/+]\s?\d{1,4})?(?:\s?[/-]?\s?[^\W\d_](?![^\W_]))?"
_LEADING = re.compile(r"^(\d{1,6}(?:\s?[-–/]\s?\d{1,5})?(?:[/-]?[^\W\d_])?(?:\s1/2)?)(?:\s*,\s*|\s+)(?=[^\W_]|[\"'«(])")
_TRAILING = re.compile(rf"(?<=[^\W\d_][\s,.])\s*({_NUMBER})$|(?<=\d\.\s)({_NUMBER})$")
_BUILDING = re.compile(rf"^([^\d,]{{3,}}),\s*({_NUMBER})\s+([^\d,]+)((?:,.*)?)$")
"""`Chrysler Building, 405 Lexington Avenue`: the house has a name and a number."""
_NUMBER_FIRST: Final = frozenset(
    ("US", "GB", "CA", "AU", "NZ", "IE", "FR", "ZA", "IN", "SG", "HK", "PH", "LU", "MT", "TH")
)


def read(
    default: str | None = None, full: str | None = None, street: str | None = None, house_number: str | None = None,
    unit: str | None = None, postcode: str | None = None, city: str | None = None, region: str | None = None,
    country: str | None = None,
) -> Address:  # fmt: skip
    """An address from whatever parts a source has. `default` is the country that stands in for a missing one."""
    code = countries.read(country) if country else None
    doubt = ["country:country_unknown"] if country and not code else []
    line = street
    if full and not street:
        tail = address_tails.whole(full, code or default)
        line = tail.line
        postcode, city, region = postcode or tail.postcode, city or tail.city, region or tail.region
        code = code or tail.country
    code = code or default
    parts = _line(line.replace("\n", ", "), code, house_number, unit) if line else Line(None, house_number, unit)
    if line and line != parts.street:
        full = full or line
    return _compared(full, parts, postcode, city, region, code, doubt)


def _compared(
    full: str | None, parts: Line, postcode: str | None, city: str | None, region: str | None, code: str | None,
    doubts: list[str],
) -> Address:  # fmt: skip
    street_norm = None
    if parts.street:
        street_norm = streets.BOX if parts.house_number and _is_box(parts.street) else streets.norm(parts.street, code)
    house_norm = house(parts.house_number) if parts.house_number else None
    if parts.house_number and notation.is_date(parts.house_number):
        house_norm, doubts = None, [*doubts, "house_number:house_number_as_date"]
    postcode = postcode.lstrip("'") or None if postcode else None  # a spreadsheet's mark for text
    postcode_norm, doubt = places.postcode(postcode, code) if postcode else (None, None)
    if doubt:
        doubts = [*doubts, f"postcode:{doubt}"]
        postcode = postcode_norm if doubt == "postcode_repaired" else postcode
    return Address(
        full, parts.street, parts.house_number, parts.unit, postcode, city, region, code, street_norm, house_norm,
        latin.latin(parts.unit).replace(" ", "") or None if parts.unit else None,
        postcode_norm,
        places.city(city, code) if city else None,
        places.region(region, code) if region else None,
        streets.key(street_norm, house_norm),
        " ".join(doubts) or None,
    )  # fmt: skip


@lru_cache(maxsize=1 << 16)
def house(text: str) -> str | None:
    """`No: 012 A` is `12a`; a range stays one (`12-14`)."""
    bare = re.sub(r"\.0+$", "", text)
    bare = _number_word().sub("", bare)
    found = " ".join(latin.token(w) for w in latin.words(bare))
    found = re.sub(r"(?<=\d) (?=[a-z]\b)", "", found)
    return re.sub(r"\b0+(?=\d)", "", found).replace(" ", "-") or None


def _line(text: str, country: str | None, house_number: str | None, unit: str | None) -> Line:
    """Street, house number and flat of a line; columns of their own win over what the line says."""
    text = text.strip(EDGES + "\n")
    if country in (None, "ID"):
        text = _RT_RW.sub(r"RT \1 RW \2", text)
    said = frozenset(latin.words(text))
    boxed = _box().search(text) if said & _starts("box") else None
    if boxed:
        return Line(text[boxed.start() : boxed.start(1)].strip(" :#"), boxed.group(1), unit)
    text, found_unit = _unit_apart(text) if said & _starts("units") or _MARKS.search(text) else (text, None)
    text, found_number, behind = _number_apart(
        text, country, marked=bool(said & _starts("number") or _MARKS.search(text))
    )
    if house_number and found_number and house(found_number) != house(house_number):
        street = " ".join(filter(None, (found_number, text))) if not behind else f"{text} {found_number}"
        return Line(street, house_number, unit or found_unit)
    return Line(text or None, house_number or found_number, unit or found_unit)


_MARKS = re.compile("[#№º°ª]|[.]\\s?(?:kat|stock|og)|\\d(?:st|nd|rd|th|ος|ο|ου)\\b", re.IGNORECASE)


_RT_RW: Final = re.compile(
    r"\brt\.?(?:\s?/\s?rw\.?)?\s?:?\s?(\d{1,3})\s?/\s?(?:rw\b[.:\s]*)?(\d{1,3})\b", re.IGNORECASE
)
"""Indonesia: the two neighbourhoods of an address in one breath, `RT 02/03` or `RT/RW 02/03`."""


@cache
def _starts(key: str) -> frozenset[str]:
    """The first words of a list's entries: a line without any of them is not searched for the list."""
    table = data.words("streets")[key]
    entries = table if isinstance(table, list) else [w for many in table.values() for w in many]
    return frozenset(latin.words(w)[0] for w in entries if latin.words(w))


@cache
def _box() -> re.Pattern[str]:
    words = "|".join(re.escape(w) for w in sorted(data.words("streets")["box"], key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)\s*[:#]?\s*(\d+)", re.IGNORECASE)


@lru_cache(maxsize=1 << 12)
def _is_box(street: str) -> bool:
    return _box().search(f"{street} 1") is not None


@cache
def _unit_words() -> str:
    words = {w.rstrip(".") for many in data.words("streets")["units"].values() for w in many}
    long = sorted((w for w in words if len(w) > 1), key=len, reverse=True)
    short = "".join(sorted(w for w in words if len(w) == 1))
    return rf"(?:{'|'.join(map(re.escape, long))})\.?|[{short}](?=[.:]\s?\d)[.:]"


@cache
def _unit() -> re.Pattern[str]:
    value = r"(?:\d{1,5}(?:[-/]?[^\W\d_])?|[^\W\d_]\d{0,4}|[^\W\d_])(?![^\W_])"
    return re.compile(rf"[\s,(]*(?<![^\W_])((?:{_unit_words()})\s*[:#]?\s*{value}|#\s?{value})\)?", re.IGNORECASE)


_STOREY = re.compile(
    r"[\s,(]*(?<!\w)(\d{1,2}\s?(?:ος|ο|ου|ό|st|nd|rd|th|º|°|o|\.|-?[йи])?\s?"
    r"(?:όροφος|οροφος|όρ\.|ορ\.|floor|flr|fl\.?|этаж|эт\.?|piano|piso|planta|kat|stock|og|étage|etage|lantai))"
    r"(?!\w)(?!\.?[\s:]*\d)\)?|[\s,]+(\d{1,2}\s?[ºª°]\s?(?:[A-Z](?!\w))?)",
    re.IGNORECASE,
)


_UNIT_FIRST: Final = r"(?=\s*[,/-]\s*\d)"


def _unit_apart(text: str) -> tuple[str, str | None]:
    """The line without its flat, floor or office, and that; a line that is nothing else stays a line."""
    found: list[str] = []
    first = re.match(_unit().pattern + _UNIT_FIRST, text, re.IGNORECASE)
    if first:  # `Unit 5, 12 Smith St`
        found, text = [first.group(1)], text[first.end() :].lstrip(EDGES)
    for pattern in (_STOREY, _unit()):
        for match in pattern.finditer(text):
            if match.start() > 0:
                found.append(next(filter(None, match.groups())).strip(EDGES))
        if found:
            text = pattern.sub(lambda m: m.group(0) if m.start() == 0 else " ", text)
    return re.sub(r"\s+", " ", text).strip(EDGES), ", ".join(found) or None


@cache
def _number_word() -> re.Pattern[str]:
    words = "|".join(re.escape(w) for w in sorted(data.words("streets")["number"], key=len, reverse=True))
    return re.compile(rf"(?<![^\W_])(?:{words})\s?[.:]*\s?(?=\d)", re.IGNORECASE)


@cache
def _numbered() -> re.Pattern[str]:
    return re.compile(rf"[\s,]*{_number_word().pattern}({_NUMBER})(?!\d|[^\W\d_]{{2}})", re.IGNORECASE)


def _number_apart(text: str, country: str | None, *, marked: bool) -> tuple[str, str | None, bool]:
    """The street without its number, the number, and whether that stood behind."""
    named = _numbered().search(text) if marked else None
    if named and named.start() > 0:
        rest = f"{text[: named.start()]} {text[named.end() :]}".strip(EDGES)
        return re.sub(r"\s+,|\s+", " ", rest), named.group(1).strip(), True
    front, back = _LEADING.match(text), _TRAILING.search(text)
    if back and not (front and _number_first(text, country)):
        return text[: back.start()].strip(EDGES), (back.group(1) or back.group(2)).strip(), True
    if front:
        return text[front.end() :].strip(EDGES), front.group(1).strip(), False
    inner = re.match(rf"^([^\d,]+?[\s.])\s*({_NUMBER})\s*,\s*(\S.*)$", text)
    if inner and country not in _NUMBER_FIRST:
        return f"{inner.group(1).strip(EDGES)}, {inner.group(3)}", inner.group(2).strip(), True
    named = _BUILDING.match(text) if _number_first(text, country) else None
    if named and not streets.kind_words().isdisjoint(latin.words(latin.latin(named.group(3)))):
        building, number, street, rest = named.groups()
        return f"{street}, {building.strip()}{rest}", number.strip(), False
    return text, None, False


def _number_first(text: str, country: str | None) -> bool:
    """Whether a line with numbers at both ends begins with the house's."""
    return country in _NUMBER_FIRST if country else text.isascii()
