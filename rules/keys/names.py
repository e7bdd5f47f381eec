"""Whether two names may be of one person or firm: word by word, whatever the script, the order or the spelling."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

NAME_TARGETS = ("full_name", "given_name", "middle_name", "surname", "birth_name", "organisation_name")
ALIKE = 75
"""Ratio (0 to 100) from which two words of a name may be spellings of one another."""
SLIP = 5
"""Letters a name must have for one wrong letter to be a slip."""
SHORTEST = 3
"""Letters a skeleton of consonants must have to speak for two words."""


@dataclass(frozen=True)
class Compared:
    """Words that two names have in common (one spelling of it), and that only the one or the other has."""

    common: tuple[str, ...]
    lost: tuple[str, ...]
    gained: tuple[str, ...]

    @property
    def replaced(self) -> bool:
        """A word went and another came that does not resemble it."""
        return bool(self.lost and self.gained)


def compare(before: Mapping[str, Sequence[str]], now: Mapping[str, Sequence[str]]) -> Compared:
    """The names of two rows, given as target -> values; words pair off one to one, the most alike first."""
    left, right = words(before), words(now)
    if _one_slip(before, now):
        return Compared(tuple(left), (), ())
    scored = sorted(
        ((-like, n, m) for n, a in enumerate(left) for m, b in enumerate(right) if (like := resemblance(a, b))),
    )
    used: tuple[set[int], set[int]] = (set(), set())
    common: list[str] = []
    for _, n, m in scored:
        if n not in used[0] and m not in used[1]:
            used[0].add(n)
            used[1].add(m)
            common.append(left[n])
    rest = [
        tuple(w for n, w in enumerate(side) if n not in taken) for side, taken in zip((left, right), used, strict=True)
    ]
    return Compared(tuple(common), rest[0], rest[1])


def _one_slip(before: Mapping[str, Sequence[str]], now: Mapping[str, Sequence[str]]) -> bool:
    """The names as they stand differ by one letter, a lost blank too."""
    texts = [" ".join(v for t in NAME_TARGETS for v in cells.get(t, ())).casefold() for cells in (before, now)]
    return min(map(len, texts)) >= SLIP and OSA.distance(*texts, score_cutoff=1) <= 1


def words(cells: Mapping[str, Sequence[str]]) -> list[str]:
    """The Latin words of all names of a row, once each, without titles, particles and legal forms."""
    found = [w for target in NAME_TARGETS for text in cells.get(target, ()) for w in _words(text, target)]
    return list(dict.fromkeys(found))


@lru_cache(maxsize=1 << 14)
def _words(text: str, target: str) -> tuple[str, ...]:
    from rules.standardise import data, latin, names, organisations

    if target == "organisation_name" or (target == "full_name" and organisations.has_form(text)):
        core = organisations.read(text).core or ""
    else:
        core = latin.latin(names.bare(text))
    particles = data.words("name_parts")["particles"]
    every = re.findall(r"[a-z]+|\d+", core)
    return tuple(w for w in every if w not in particles) or tuple(every)


@lru_cache(maxsize=1 << 15)
def resemblance(left: str, right: str) -> int:
    """0 (other words) to 100 (equal) of two Latin words: spelling, initial, sound, or a form of one given name."""
    from rules.matching.names import same_given
    from rules.standardise import latin

    if left == right:
        return 100
    if 1 in (len(left), len(right)):
        return 80 if left[0] == right[0] else 0
    ratio = fuzz.ratio(left, right)
    if ratio >= ALIKE:
        return int(ratio)
    sound = latin.skeleton(left)
    if len(sound) >= SHORTEST and sound == latin.skeleton(right):
        return ALIKE
    return ALIKE if left == right or same_given(left, right) else 0
