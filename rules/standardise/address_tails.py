"""Whole addresses: the line of the street, and what stands behind it (postcode, city, region, country)."""

import re
from typing import Final, NamedTuple

from rules.standardise import countries, latin, places, streets


class Tail(NamedTuple):
    """A whole address: its line, and what stood behind."""

    line: str
    postcode: str | None = None
    city: str | None = None
    region: str | None = None
    country: str | None = None


EDGES: Final = " ,;-–/|"
"""What may stand around a part of an address and is none of it."""
_BETWEEN = re.compile(r"\s*[,;\n]\s*")
_ANY_POSTCODE = re.compile(
    r"(?<![\w-])(\d{3}\s\d{2}|\d{5}(?:-\d{4})?|\d{6}|[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}|\d{4}\s?[A-Z]{2})(?![\w-])"
)


def whole(text: str, country: str | None = None) -> Tail:
    """A whole address in its line and what stands behind it: postcode, city, region, country."""
    segments = [s for s in _BETWEEN.split(text) if s]
    code = None
    if len(segments) > 1 and (len(segments[-1]) > 3 or segments[-1].upper() in ("USA", "UK")):
        code = countries.read(segments[-1])
        segments = segments[:-1] if code else segments
    for at in range(len(segments) - 1, -1, -1):
        found = _postcode_in(segments[at], code or country, alone=at > 0 or len(segments) > 2)
        if found:
            return _around(segments, at, found, code, country)
    if len(segments) > 1 and not re.search(r"\d", segments[-1]):
        line, city, region = _city_behind(segments, code or country)
        return Tail(line, None, city, region, code)
    return Tail(", ".join(segments), None, None, None, code)


def _postcode_in(segment: str, country: str | None, *, alone: bool) -> re.Match[str] | None:
    """The last thing in a segment that is written like a postcode; in the first segment never at its start."""
    pattern = places.pattern(country) or _ANY_POSTCODE
    found = [m for m in pattern.finditer(segment) if alone or m.start() > 0]
    return found[-1] if found else None


def _around(segments: list[str], at: int, found: re.Match[str], code: str | None, country: str | None) -> Tail:
    """City and region beside the postcode."""
    before, behind = segments[at][: found.start()].strip(EDGES), segments[at][found.end() :].strip(EDGES)
    ahead, after = segments[:at], segments[at + 1 :]
    if _is_region(before.split()[-1:], code or country):
        *words, region = before.split()
        city, ahead = _city_of(words, ahead)
        return Tail(", ".join(ahead), found.group(1), city, region, code)
    if behind:
        if before:
            ahead = [*ahead, before]
        return Tail(", ".join(ahead), found.group(1), behind, " ".join(after) or None, code)
    if at == 0 and before:
        return Tail(before, found.group(1), after[0] if after else None, None, code)
    if before:
        return Tail(", ".join(ahead), found.group(1), before, None, code)
    if after and not re.search(r"\d", after[0]):
        return Tail(", ".join([*ahead, *after[1:]]), found.group(1), after[0], None, code)
    city = ahead[-1] if len(ahead) > 1 and not re.search(r"\d", ahead[-1]) else None
    return Tail(", ".join(ahead[:-1] if city else ahead), found.group(1), city, None, code)


def _is_region(words: list[str], country: str | None) -> bool:
    """A state's code in capitals, where the country has such codes or is not known."""
    known = [country] if country else ["US", "AU", "CA"]
    return bool(words) and words[0].isupper() and any(words[0].lower() in places.regions(c or "") for c in known)


def _city_of(words: list[str], ahead: list[str]) -> tuple[str | None, list[str]]:
    """The city before a state's code: of the same segment, or the one before; behind the street where no comma is."""
    if ahead and words:
        return " ".join(words), ahead
    if ahead and len(ahead) > 1:
        return ahead[-1], ahead[:-1]
    line = ahead or [" ".join(words)]
    parts = line[0].split()
    ends = [i for i, w in enumerate(parts) if i > 1 and streets.kinds().get(latin.latin(w)) and i < len(parts) - 1]
    return (" ".join(parts[ends[-1] + 1 :]), [" ".join(parts[: ends[-1] + 1])]) if ends else (None, line)


def _city_behind(segments: list[str], country: str | None) -> tuple[str, str | None, str | None]:
    """Line, city and region of an address without postcode whose last segment holds no number."""
    if _is_region(segments[-1].split()[-1:], country):
        *words, region = segments[-1].split()
        city, ahead = _city_of(words, segments[:-1])
        return ", ".join(ahead), city, region
    return ", ".join(segments[:-1]), segments[-1], None
