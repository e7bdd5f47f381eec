"""How a name sounds, in one letter a sound (`rules/defaults/matching/sounds.yml`), and the keys made of it.

Spelling to sound by rules that hold for most romanisations at once: what a rule gets wrong it gets wrong for both
names, and sounds that are easily taken for one another are near in `distance`.
"""

import re
from functools import cache, lru_cache
from typing import Final

from rules.matching.names import lists

_ARABIC = re.compile(r"[\u0600-\u06ff\u0750-\u077f]")
_HEBREW = re.compile(r"[\u0590-\u05ff]")
_BRAHMIC = re.compile(r"[\u0900-\u0dff\u0e00-\u109f\u1780-\u17ff]")
_TWICE = re.compile(r"(.)\1+")
LOOKS: Final = frozenset("wxh839")
"""Letters by which a Greek name in Latin letters may be told from others."""
_FIRST: Final = "aeiouj"
_UNSURE: Final = str.maketrans("", "", "aeioujhGX")
"""Sounds that one spelling of a name has and another lacks: vowels, h, a soft g, a written ch."""
_CLASSES: Final = str.maketrans("pbfvwdtzsZSCJcxgklrmn", "pppppttsssssssskklrmn")
"""Sounds that are taken for one another in one letter: for keys that spellings of one name share."""


def is_consonantal(word: str) -> bool:
    """Whether a word is in a script that leaves vowels out: most (Arabic, Hebrew) or some (those of India)."""
    return not word.isascii() and bool(_ARABIC.search(word) or _HEBREW.search(word) or _BRAHMIC.search(word))


@lru_cache(maxsize=1 << 17)
def sounds(word: str) -> str:
    """The sounds of one clean word in any script; empty where it has none."""
    from rules.standardise import latin

    if word.isascii():
        word = latin.token(word)
        return as_greeklish(word) if not LOOKS.isdisjoint(word) and _greeklish()[0].search(word) else spelled(word)
    if _ARABIC.search(word) or _HEBREW.search(word):
        return _consonants(word)
    return spelled(latin.token(word.translate(_accents())))


def spelled(word: str) -> str:
    """The sounds of a word in plain Latin letters, those that are written twice but once."""
    return _once(_spellings()[0].sub(_sound, word))


def _once(heard: str) -> str:
    """Without the second of two equal sounds; most words have none, which is told five times as fast."""
    return _TWICE.sub(r"\1", heard) if _TWICE.search(heard) else heard


@lru_cache(maxsize=1 << 16)
def as_greeklish(word: str) -> str:
    """The sounds of a Latin word of which letters stand for the Greek or Cyrillic ones they look like (x, w, h, 8)."""
    heard = word
    for letters, put in _greeklish()[1]:
        heard = letters.sub(put, heard)
    return spelled(heard)


@cache
def _greeklish() -> tuple[re.Pattern[str], tuple[tuple[re.Pattern[str], str], ...]]:
    """What no other spelling has, and what each letter stands for."""
    table = lists.table("sounds")["greeklish"]
    put = tuple((re.compile(rule["write"]), rule["put"]) for rule in table["letters"])
    return re.compile("|".join(table["sure"])), put


def _sound(match: re.Match[str]) -> str:
    return _spellings()[1][match.lastgroup or ""]


@cache
def _spellings() -> tuple[re.Pattern[str], dict[str, str]]:
    """One pattern of all spellings, and the sound of each of its groups; by first letters, which is twice as fast."""
    parts: dict[str, list[str]] = {}
    of = {}
    for number, rule in enumerate(lists.table("sounds")["spellings"]):
        before = f"(?=[{rule['before']}])" if "before" in rule else ""
        start = "^" if rule["write"].startswith("^") else ""
        letter, rest = rule["write"][len(start)], rule["write"][len(start) + 1 :]
        parts.setdefault(letter, []).append(f"(?P<s{number}>{'(?<=^.)' if start else ''}{rest}{before})")
        of[f"s{number}"] = rule["sound"]
    return re.compile("|".join(f"{letter}(?:{'|'.join(many)})" for letter, many in parts.items())), of


@cache
def _accents() -> dict[int, str]:
    return {ord(letter): put for letter, put in lists.table("sounds")["accents"].items()}


def _consonants(word: str) -> str:
    tables = lists.table("sounds")
    letters = tables["consonantal"]["arabic" if _ARABIC.search(word) else "hebrew"]
    if len(word) > 4 and word.startswith(tables["article"]):
        word = word.removeprefix(tables["article"])
    return "".join(letters.get(c, "") for c in word)


@lru_cache(maxsize=200_000)
def skeleton(word: str) -> str:
    """Consonants of a word, those easily taken for one another in one letter: a key to block by, no evidence.

    The first sound counts even where it is a vowel, but all vowels as one.
    """
    heard = sounds(word)
    return ("a" if heard and heard[0] in _FIRST else "") + _coarse(heard)


@lru_cache(maxsize=1 << 17)
def coarse(word: str) -> str:
    """The skeleton without its first vowel: what two words must share in part to be compared at all."""
    return _coarse(sounds(word))


def _coarse(heard: str) -> str:
    return _once(heard.translate(_UNSURE).translate(_CLASSES))
