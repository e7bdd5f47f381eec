"""Where two values differ, character by character, across scripts.

Both are written in Latin letters (anyascii), each letter knowing the character it came from; words of both stand for
each other, the other letters are aligned (Levenshtein, by RapidFuzz), and a character is lit where one of its letters
has no counterpart. Blanks,
punctuation and capitals are quiet: they are habits of writing.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from anyascii import anyascii
from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

Kind = Literal["same", "near", "differs"]
ALIKE: Final = 50.0
"""Likeness (of 100) below which letters in common say nothing."""
NATIONAL: Final = 8
"""Last digits that make a telephone number."""
PREFIX: Final = 5
"""Digits before them at most: 007, 0030, 8."""
NEAR_ENOUGH: Final = 40.0
"""Likeness (of 100) from which on two values of a list are shown side by side."""


@dataclass(frozen=True)
class Bit:
    """A stretch of a value. `near`: the same letter with another accent."""

    text: str
    kind: Kind


@dataclass(frozen=True)
class Lit:
    """A value with its differences; `latin`: how it is written in Latin letters, where it is not."""

    bits: tuple[Bit, ...]
    latin: str = ""

    @property
    def text(self) -> str:
        return "".join(bit.text for bit in self.bits)


Letters = tuple[str, list[int]]
"""Small Latin letters, and the place of the character that each came from."""


def latin(text: str) -> str:
    """The value in Latin letters; empty where it has no others."""
    foreign = any(ch.isalpha() and "LATIN" not in unicodedata.name(ch, "LATIN") for ch in text)
    return anyascii(text) if foreign else ""


def folded(text: str) -> str:
    """What counts of a value: its letters and digits, in Latin, small."""
    return "".join(_letters(text)[0])


def lit(left: str, right: str, *, dialled: bool = False) -> tuple[Lit, Lit]:
    """Both values, each with what the other has otherwise; values that have little in common are lit as a whole.

    Words that both have stand for each other, in whatever order; the letters of the others are aligned. dialled: of
    telephone numbers, which are the same with and without the code of the country.
    """
    one, other = _letters(left), _letters(right)
    if dialled and _one_number(one[0], other[0]):
        return plain(left), plain(right)
    if fuzz.ratio(one[0], other[0]) < ALIKE and fuzz.token_sort_ratio(latin_words(left), latin_words(right)) < ALIKE:
        return _whole(left), _whole(right)
    pairs = _same_words(one, other)
    rest = [_without(letters, {pair[side] for pair in pairs}) for side, letters in enumerate((one, other))]
    a, b = ("".join(letters[0][k] for k in kept) for letters, kept in zip((one, other), rest, strict=True))
    for step in Levenshtein.opcodes(a, b):
        if step.tag == "equal":
            pairs += zip(rest[0][step.src_start : step.src_end], rest[1][step.dest_start : step.dest_end], strict=True)
    lone = [_without(letters, {pair[side] for pair in pairs}) for side, letters in enumerate((one, other))]
    places = [(one[1][i], other[1][j]) for i, j in pairs]
    near = [(i, j) for i, j in places if _accent(left[i], right[j])]
    return (
        _lit(left, {one[1][k] for k in lone[0]}, {i for i, _ in near}),
        _lit(right, {other[1][k] for k in lone[1]}, {j for _, j in near}),
    )


def _one_number(one: str, other: str) -> bool:
    """Whether two numbers are one but for what is dialled before it."""
    digits = 0
    for a, b in zip(reversed(one), reversed(other), strict=False):
        if a != b:
            break
        digits += 1
    return digits >= NATIONAL and max(len(one), len(other)) - digits <= PREFIX


def _same_words(one: Letters, other: Letters) -> list[tuple[int, int]]:
    """Letters that stand for each other, as the words that both have do."""
    words, theirs = _words(one), _words(other)
    return [
        pair
        for word, places in words.items()
        for mine, yours in zip(places, theirs.get(word, ()), strict=False)
        for pair in zip(mine, yours, strict=True)
    ]


def _without(letters: Letters, taken: set[int]) -> list[int]:
    return [k for k in range(len(letters[0])) if k not in taken]


def latin_words(text: str) -> str:
    """The value in small Latin letters, its words apart."""
    return anyascii(text).lower()


def _words(letters: Letters) -> dict[str, list[range]]:
    """Where each word stands among the letters: letters of neighbouring characters make a word."""
    found: dict[str, list[range]] = {}
    text, places = letters
    start = 0
    for k in range(1, len(text) + 1):
        if k == len(text) or places[k] - places[k - 1] > 1:
            found.setdefault(text[start:k], []).append(range(start, k))
            start = k
    return found


def _whole(text: str) -> Lit:
    return Lit((Bit(text, "differs"),), latin(text))


def plain(text: str) -> Lit:
    """A value that there is nothing to compare with."""
    return Lit((Bit(text, "same"),), latin(text))


def beside(
    lefts: Sequence[str], rights: Sequence[str], *, dialled: bool = False
) -> list[tuple[Lit | None, Lit | None]]:
    """Two lists of values, the likest beside each other, the others alone."""
    ours, theirs = ([_letters(value)[0] for value in values] for values in (lefts, rights))
    scores = sorted(
        ((fuzz.ratio(a, b), -i, -j) for i, a in enumerate(ours) for j, b in enumerate(theirs)), reverse=True
    )
    partner: dict[int, int] = {}
    for score, i, j in scores:
        alone = len(lefts) == len(rights) == 1
        if (score >= NEAR_ENOUGH or alone) and -i not in partner and -j not in partner.values():
            partner[-i] = -j
    rows: list[tuple[Lit | None, Lit | None]] = [
        lit(a, rights[partner[i]], dialled=dialled) if i in partner else (plain(a), None) for i, a in enumerate(lefts)
    ]
    return [*rows, *((None, plain(b)) for j, b in enumerate(rights) if j not in partner.values())]


def _letters(text: str) -> Letters:
    """Letters and digits in Latin, small, and the place of the character that each came from."""
    out: list[str] = []
    places: list[int] = []
    for place, ch in enumerate(text):
        for letter in anyascii(ch).lower():
            if letter.isalnum():
                out.append(letter)
                places.append(place)
    return "".join(out), places


def _accent(a: str, b: str) -> bool:
    """Whether two characters of one script differ, though their letter is the same."""
    return a.casefold() != b.casefold() and _script(a) == _script(b)


def _script(ch: str) -> str:
    return unicodedata.name(ch, "?").split()[0]


def _lit(text: str, changed: set[int], near: set[int]) -> Lit:
    bits: list[Bit] = []
    for place, ch in enumerate(text):
        kind: Kind = "differs" if place in changed else "near" if place in near else "same"
        if bits and bits[-1].kind == kind:
            bits[-1] = Bit(bits[-1].text + ch, kind)
        else:
            bits.append(Bit(ch, kind))
    return Lit(tuple(bits), latin(text))
