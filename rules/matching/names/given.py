"""Given names that are one (Robert, Bob; Konstantinos, Kostas), and names of men and of women."""

from functools import cache, lru_cache
from typing import Final

from rules.matching.names import lists, sound

_SHORTEST: Final = 4
"""Sounds that an unlisted spelling must have to be taken for a listed name that sounds the same."""


@cache
def _groups() -> tuple[dict[str, frozenset[int]], dict[str, frozenset[int]], int]:
    """By spelling, by sound, and the number of the first group of women."""
    table = lists.table("given_names")
    spelled: dict[str, set[int]] = {}
    heard: dict[str, set[int]] = {}
    for number, line in enumerate([*table["male"], *table["female"]]):
        for name in line.split():
            spelled.setdefault(name, set()).add(number)
            if not sound.is_consonantal(name) and len(heard_as := sound.sounds(name)) >= _SHORTEST:
                heard.setdefault(heard_as, set()).add(number)
    by_spelling, by_sound = ({w: frozenset(g) for w, g in t.items()} for t in (spelled, heard))
    return by_spelling, by_sound, len(table["male"])


@lru_cache(maxsize=1 << 16)
def groups(word: str) -> frozenset[int]:
    """Numbers of the names that a word may stand for: in Latin letters, or in a script without vowels."""
    by_spelling, by_sound, _ = _groups()
    found = by_spelling.get(word)
    if found is not None or sound.is_consonantal(word):
        return found or frozenset()
    found = by_sound.get(sound.sounds(word))
    if found is None and not sound.LOOKS.isdisjoint(word):
        found = by_sound.get(sound.as_greeklish(word))
    return found or frozenset()


def listed(word: str) -> frozenset[int]:
    """Numbers of the names that are spelled so: what only sounds like a name may be another one misspelt."""
    return _groups()[0].get(word, frozenset())


def gender(found: frozenset[int]) -> str:
    """`m` or `f` where all groups of a name are of one; empty otherwise."""
    women = _groups()[2]
    if not found:
        return ""
    return "m" if max(found) < women else "f" if min(found) >= women else ""


def same_given(a: str, b: str) -> bool:
    """Whether two given names are forms of one name (Robert, Bob; Konstantinos, Kostas)."""
    return not groups(a).isdisjoint(groups(b))
