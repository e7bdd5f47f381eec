"""Values that were perhaps invented by whoever typed them in: a doubt, never a proof, never a deletion.

Signals and thresholds as measured in the project's research on 44 invented and 3,013 good names (average
precision of the signals together 0.985). Names that are on the lists of common names are never suspected, nor is
a name suspected for being short where it has two parts (Ng Wei, Jo Wu).
"""

import itertools
import math
import re
from collections import Counter
from functools import cache, lru_cache
from typing import Final

from rules.standardise import data, latin

_ROWS: Final = (
    "qwertyuiop", "asdfghjkl", "zxcvbnm", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю", "ςερτυθιοπ", "ασδφγηξκλ",
    "ζχψωβνμ",
    "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn",
)  # fmt: skip
_NEIGHBOURS: Final = frozenset(row[i : i + 2] for row in _ROWS for i in range(len(row) - 1)) | frozenset(
    row[i : i + 2][::-1] for row in _ROWS for i in range(len(row) - 1)
)
_KEYBOARD_SHARE: Final = 0.6
_SURPRISE: Final = 4.9
"""Mean bits a letter above which fewer than one in a thousand of the listed names lies."""
_VOWELS: Final = 0.2
"""A name with a greater share of vowels than this is never improbable: Polish would be."""


@lru_cache(maxsize=1 << 16)
def name(text: str) -> str | None:
    """The rule that suspects a person's name, or None: `name_with_digit`, `name_too_short`, `name_keyboard_run`..."""
    words = [w for w in latin.words(text) if w]
    if any(c.isdigit() for c in text):
        return "name_with_digit"
    plain = [latin.token(w) for w in words]
    if (len(words) == 1 and len(plain[0]) < 2) or not words:
        return "name_too_short"
    for word, latinised in zip(words, plain, strict=True):
        if latinised in known():
            continue
        if len(word) >= 3 and len(set(word)) == 1:
            return "name_repeated_letter"
        if len(word) >= 5 and _keyboard(word) >= _KEYBOARD_SHARE:
            return "name_keyboard_run"
        if _improbable(latinised):
            return "name_improbable"
    return None


_STEPS = re.compile("|".join(run[i : i + 3] for run in ("0123456789", "9876543210") for i in range(8)))
_RUN = re.compile(r"(\d)\1{5}")
_NOTABLE = re.compile(rf"{_STEPS.pattern}|{_RUN.pattern}")
_COUNTED = re.compile("|".join(run[i : i + 7] for run in ("01234567890", "9876543210") for i in range(len(run) - 6)))


def digits(text: str) -> str | None:
    """Why a row of digits looks invented: `few`, `one_digit`, `steps`, `run`, `repeats`; None if it does not."""
    found = text if text.isdecimal() else re.sub(r"\D", "", text)
    size = len(found)
    if size < 6:
        return "few"
    kinds = set(found)
    if len(kinds) > max(3, 1 + 0.2 * size) and not _NOTABLE.search(found):
        return None
    if len(kinds) <= 1 + 0.2 * size and max(map(found.count, kinds)) >= 0.8 * size:
        return "one_digit"
    if _STEPS.search(found):
        steps = [ord(b) - ord(a) for a, b in itertools.pairwise(found)]
        if max(steps.count(1), steps.count(-1)) >= 0.8 * len(steps):
            return "steps"
    if _RUN.search(found):
        return "run"
    return "repeats" if len(kinds) <= 3 and any(_has_period(found, n) for n in (1, 2, 3)) else None


def invented(text: str) -> bool:
    """Whether a whole number of digits looks typed to fill the field."""
    if len(set(text)) > max(3, 1 + 0.2 * len(text)) and not _NOTABLE.search(text):
        return False  # what nearly all numbers are
    return digits(text) not in (None, "few") or counted(text)


def counted(text: str) -> bool:
    """Whether seven digits in a row count up or down, as in 6912345678."""
    return _NOTABLE.search(text) is not None and _COUNTED.search(text) is not None


def _has_period(text: str, period: int) -> bool:
    return len(text) >= 2 * period and text == (text[:period] * len(text))[: len(text)]


def _keyboard(word: str) -> float:
    """The share of letter pairs that are neighbours on a keyboard's row, or doubled."""
    pairs = [word[i : i + 2] for i in range(len(word) - 1)]
    return sum(p in _NEIGHBOURS or p[0] == p[1] for p in pairs) / len(pairs)


def _improbable(word: str) -> bool:
    vowels = sum(c in "aeiouy" for c in word)
    return len(word) >= 5 and vowels < _VOWELS * len(word) and surprise(word) > _SURPRISE


@cache
def known() -> frozenset[str]:
    """Common given names and surnames of the world, in Latin letters."""
    return frozenset(data.lines("given_names")) | frozenset(data.lines("surnames"))


@cache
def _trigrams() -> tuple[Counter[str], Counter[str]]:
    three: Counter[str] = Counter()
    two: Counter[str] = Counter()
    for word in sorted(known()):
        padded = f"^^{word}$"
        for i in range(len(padded) - 2):
            three[padded[i : i + 3]] += 1
            two[padded[i : i + 2]] += 1
    return three, two


@lru_cache(maxsize=1 << 16)
def surprise(word: str) -> float:
    """Mean bits a letter of a Latin word under a trigram model of known names (add-one over 27 letters, backed off)."""
    three, two = _trigrams()
    padded = f"^^{word}$"
    bits = 0.0
    for i in range(len(padded) - 2):
        seen = three[padded[i : i + 3]]
        bits -= math.log2((seen + 0.2) / (two[padded[i : i + 2]] + 0.2 * 27))
    return bits / (len(word) + 1)
