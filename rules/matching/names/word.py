"""What is known of one word of a name, worked out once a distinct word."""

import re
from functools import cache, lru_cache
from typing import Final, NamedTuple

from rules.matching.names import given, lists, sound

FULL: Final = 0.6
"""Weight from which a word is a name of its own, not an initial or a particle."""


class Word(NamedTuple):
    latin: str
    """Letters a-z and digits."""
    heard: str
    """Sounds: see sounds.yml."""
    length: float
    """How much there is to hear: a vowel is half a consonant."""
    script: str
    """latin, greek, cyrillic, consonantal or other."""
    given: frozenset[int]
    """Numbers of the given names it may be."""
    gender: str
    known: bool
    """On a list of given names: spelled as it is meant."""
    patronymic: bool
    weight: float
    """Of a person's name."""


@lru_cache(maxsize=1 << 16)
def word(text: str) -> Word:
    """One clean word; a dot behind it says that it is cut short."""
    from rules.standardise import latin

    bare = text.rstrip(".")
    plain = latin.token(bare)
    heard = sound.sounds(bare)
    groups = given.groups(bare if sound.is_consonantal(bare) else plain)
    known = bool(groups) or plain in lists.known_given()
    patronymic = _patronymic().search(plain) is not None
    from rules.matching.names.distance import length

    weight = _weight(text, plain, patronymic, known)
    return Word(plain, heard, length(heard), _script(bare), groups, given.gender(groups), known, patronymic, weight)


def _script(bare: str) -> str:
    from rules.standardise import latin

    if bare.isascii():
        return "latin"
    if sound.is_consonantal(bare):
        return "consonantal"
    if latin.GREEK.search(bare):
        return "greek"
    if latin.CYRILLIC.search(bare):
        return "cyrillic"
    return "latin" if latin.unaccented(bare).isascii() else "other"


def _weight(text: str, plain: str, patronymic: bool, known: bool) -> float:
    if len(plain) <= 1 or text.endswith("."):
        return 0.5
    if plain in lists.words("particles"):
        return 0.12
    if patronymic:
        return 0.65
    if len(plain) == 2:
        return 0.7
    return 0.9 if known or plain in lists.known_surnames() else 1.0


@cache
def _patronymic() -> re.Pattern[str]:
    from rules.standardise import data

    return re.compile(f"...(?:{'|'.join(data.words('name_parts')['patronymics'])})$")
