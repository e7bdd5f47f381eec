"""What goes wrong in one value when people write, read, hear and type it; a slip always changes the value if it can."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

_ROWS = (
    "qwertzuiopü", "asdfghjklöä", "yxcvbnm", "1234567890", "ςερτυθιοπ", "ασδφγηξκλ", "ζχψωβνμ", "йцукенгшщзхъ",
    "фывапролджэ", "ячсмитьбю",
)  # fmt: skip
_BESIDE = {
    letter: [row[p] for p in (at - 1, at + 1) if 0 <= p < len(row)] for row in _ROWS for at, letter in enumerate(row)
}
_HEARD = [
    (a, b)
    for pair in (
        "ph f", "ck k", "tz z", "ss s", "th t", "ei ai", "ey ei", "ie i", "mm m", "nn n", "ll l", "tt t", "ff f",
        "dt t", "ä ae", "ö oe", "ü ue", "ß ss", "c k", "v w", "sch sh", "ai ay", "ah a", "eh e", "oh o", "y i", "j y",
        "z s", "d t", "b p", "ee ea", "ou u", "gh g", "x ks", "qu kw", "er ar", "en an", "on an",
    )
    for a, b in (pair.split(), pair.split()[::-1])
]  # fmt: skip


def typed(word: str, rng: Random) -> str:
    """One slip of the keyboard: a letter lost, doubled, swapped with the next, or replaced by its neighbour."""
    if len(word) < 2:
        return word
    at, kind = rng.randrange(len(word)), rng.random()
    if kind < 0.2 and len(word) > 3:
        return word[:at] + word[at + 1 :]
    if kind < 0.4:
        return word[: at + 1] + rng.choice(_BESIDE.get(word[at].lower(), [word[at].lower()])) + word[at + 1 :]
    if kind < 0.6:
        at = min(at, len(word) - 2)
        swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        return swapped if swapped != word else word[:at] + word[at + 1 :]
    other = rng.choice(_BESIDE.get(word[at].lower(), "aeirnst" if word[at] < "\u0370" else word[at].lower()))
    return word[:at] + (other.upper() if word[at].isupper() else other) + word[at + 1 :]


def heard(word: str, rng: Random) -> str:
    """The same sound in other letters; a slip of the keyboard where no sound of the word has two spellings."""
    low = word.lower()
    ways = [(m.start(), a, b) for a, b in _HEARD for m in re.finditer(re.escape(a), low)]
    if not ways:
        return typed(word, rng)
    at, a, b = rng.choice(ways)
    written = word[:at] + b + word[at + len(a) :]
    return written[:1].upper() + written[1:] if word[:1].isupper() else written


def digit(number: str, rng: Random) -> str:
    """One digit replaced by another one."""
    places = [at for at, c in enumerate(number) if c.isdigit()]
    if not places:
        return number
    at = rng.choice(places)
    return number[:at] + rng.choice([d for d in "0123456789" if d != number[at]]) + number[at + 1 :]
