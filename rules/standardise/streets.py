"""A street's name in the form that is compared: Latin letters, its kind spelled one way and put last."""

import re
from functools import cache, lru_cache
from typing import Any, Final

from rules.standardise import data, latin

_ORDINAL = re.compile(r"^(\d+)(?:st|nd|rd|th|is|i|os|o|a|er|e|eme|go|ya|ea)$")
_DOTTED = re.compile(r"\b([VPCLvpcl])\.\s?(le|zza|za|so|go|lo|zale)\b")
_HYPHENED = re.compile(r"\b(пр|б|р|пр)-(кт|т|р|д)\b", re.IGNORECASE)
_CALLE = re.compile(r"\b[cC]/\s*")
BOX: Final = "po box"
_DISTRICT = re.compile(r"^.*\b(?:mahallesi|mahalle|mah|mh)\b\.?[\s,]*(?=\S)", re.IGNORECASE)


def _table(name: str) -> Any:
    return data.words("streets")[name]


@cache
def kinds() -> dict[str, str]:
    """Word -> the one word for its kind of street."""
    return {latin.latin(word): kind for word, kind in data.inverted(_table("kinds")).items()}


@cache
def kind_words() -> frozenset[str]:
    """The words that stand for kinds of street in comparison forms."""
    return frozenset(_table("kinds"))


@cache
def _directions() -> dict[str, str]:
    return data.inverted(_table("directions"))


@cache
def _ordinals() -> dict[str, str]:
    return data.inverted(_table("ordinals"))


@cache
def _words() -> dict[str, str]:
    return data.inverted(_table("words"))


@cache
def _never_first() -> frozenset[str]:
    return frozenset(_table("never_first"))


@cache
def _crossing() -> frozenset[str]:
    return frozenset(_table("crossing"))


@lru_cache(maxsize=1 << 16)
def norm(text: str, country: str | None = None) -> str | None:
    """The comparison form of a street's name without its house number; None where nothing is left."""
    if not text.isascii() or "." in text or "/" in text:
        text = _HYPHENED.sub(r"\1\2", _CALLE.sub("calle ", _DOTTED.sub(r"\1\2", text)))
    text = _DISTRICT.sub("", text)
    words = [w for w in map(latin.token, latin.words(text)) if w]
    words = _turned(_without_crossing(words))
    words, kind = _kind_apart(words, country)
    plain = [_number(_long_form(w)) for w in words]
    plain = [_words().get(w, w) if len(plain) > 1 else w for w in plain]
    if kind == "strasse" and plain:
        plain[-1] += kind
    elif (kind and kind != "street") or not plain:
        plain.append(kind or "")
    return " ".join(plain).strip() or None


def _without_crossing(words: list[str]) -> list[str]:
    cut = next((i for i, w in enumerate(words) if i > 1 and w in _crossing()), None)
    return words[:cut]


def _turned(words: list[str]) -> list[str]:
    """A point of the compass goes in front, as one letter: `Las Vegas Blvd S` is `s las vegas blvd`."""
    if len(words) < 2:
        return words
    if words[-1] in _directions() and len(words) > 2 and words[0] not in _directions():
        return [_directions()[words[-1]], *words[:-1]]
    if words[0] in _directions() and not (len(words) == 2 and words[1] in kinds()):
        return [_directions()[words[0]], *words[1:]]
    return words


def _kind_apart(words: list[str], country: str | None) -> tuple[list[str], str | None]:
    """The words of the name, and the kind of street, which stands first or last."""
    if len(words) < 2:
        return words, None
    last, first = words[-1], words[0]
    if country in ("DE", "AT", "CH") and last in ("str", "strasse"):
        return words[:-1], "strasse"
    if last in kinds() and not (len(words) > 2 and first in kinds() and first not in _never_first() and len(last) < 4):
        return words[:-1], kinds()[last]
    single = _table("single").get(country or "", {})
    if first in single:
        return words[1:], single[first]
    if first in kinds() and first not in _never_first():
        return words[1:], kinds()[first]
    return words, None


@lru_cache(maxsize=1 << 16)
def _long_form(word: str) -> str:
    """`hauptstr` is `hauptstrasse`."""
    return word + "asse" if len(word) > 5 and word.endswith("str") else word


@lru_cache(maxsize=1 << 16)
def _number(word: str) -> str:
    found = _ORDINAL.match(word)
    return found.group(1) if found else _ordinals().get(word, word)


@lru_cache(maxsize=1 << 16)
def key(street_norm: str | None, house_norm: str | None) -> str | None:
    """Sorted numbers, then sorted folded words longer than three letters; None without any number.

    The key is of one place within its city: it holds neither city nor postcode nor kind of street, which records
    often lack.
    """
    words = (street_norm or "").split()
    house = re.match(r"\d+", house_norm or "")
    numbers = sorted([w for w in words if w.isdigit()] + ([house.group()] if house else []))
    if not numbers:
        return None
    names = [latin.fold(w) for w in words if not w.isdigit() and w not in kind_words()]
    chosen = [w for w in names if len(w) > 3] or (names if len(numbers) < 2 else [])
    return " ".join([*numbers, *sorted(chosen)]) if chosen or len(numbers) > 1 else None
