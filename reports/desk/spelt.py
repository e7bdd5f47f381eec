"""Values letter by letter, in Latin as matching writes them, each letter knowing the character that it came from."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from anyascii import anyascii
from rapidfuzz.distance import Levenshtein

from rules.standardise import latin as letters

_MARKED: Final = r"[^\W_][\u0300-\u036f]*"
WORD: Final = re.compile(
    rf"(?:[^\W\d_]\.)+[^\W\d_](?![^\W_])\.?|(?:{_MARKED})+(?:['’‘`´ʼ](?:{_MARKED})+)*"  # as people type them
)
"""A word or a number; the letters of an abbreviation (`S.A.`) are one."""


@dataclass(frozen=True)
class Word:
    """A word of a value: `letters` small and Latin, `places` the character each came from, from `start` to `end`."""

    letters: str
    places: tuple[int, ...]
    start: int
    end: int
    script: str
    """Of its first letter; empty for a number."""

    @property
    def all(self) -> range:
        """Every place of it, those that no letter came from too."""
        return range(self.start, self.end)


def latin(text: str) -> str:
    """The value in Latin letters, one case a word; empty where it has no others."""
    foreign = any(ch.isalpha() and "LATIN" not in unicodedata.name(ch, "LATIN") for ch in text)
    return WORD.sub(lambda found: _cased(found.group()), text) if foreign else ""


@lru_cache(maxsize=1 << 12)
def words(text: str) -> tuple[Word, ...]:
    """The words and numbers of a value, as they stand."""
    return tuple(_words(text))


def folded(text: str) -> str:
    """What counts of a value: its letters and digits, in Latin, small."""
    return "".join(word.letters for word in words(text))


def script(ch: str) -> str:
    return unicodedata.name(ch, "?").split()[0]


def _words(text: str) -> Iterator[Word]:
    for found in WORD.finditer(text):
        if spelt := _latin(found.group()):
            first = next((script(ch) for ch in found.group() if ch.isalpha()), "")
            places = _places(found.group(), spelt, found.start())
            yield Word(spelt, places, found.start(), found.end(), first)


def _latin(word: str) -> str:
    return letters.latin(word).replace(" ", "") or "".join(ch for ch in anyascii(word).lower() if ch.isalnum())


def _places(word: str, spelt: str, start: int) -> tuple[int, ...]:
    """Where each letter of a word comes from: `ου` as a whole is `ou`, so letters are aligned with the characters'."""
    alone = [(ch, start + n) for n, one in enumerate(word) for ch in anyascii(one).lower() if ch.isalnum()]
    found: list[int] = []
    for step in Levenshtein.opcodes("".join(ch for ch, _ in alone), spelt):
        if step.tag in ("equal", "replace"):
            found += (place for _, place in alone[step.src_start : step.src_end])
        elif step.tag == "insert":
            before = alone[max(step.src_start - 1, 0)][1] if alone else start
            found += [before] * (step.dest_end - step.dest_start)
    return tuple(found)


def _cased(word: str) -> str:
    """A word in Latin, in capitals where it was: `Θ` is `Th`, `ΘΗΒΑ` is `THIVA`."""
    if word.isascii() or not any(ch.isalpha() for ch in word):
        return word
    if "." in word:  # an abbreviation
        return ".".join(_cased(part) for part in word.split("."))
    spelt = _latin(word)
    return spelt.upper() if len(word) > 1 and word.isupper() else spelt.capitalize() if word[0].isupper() else spelt
