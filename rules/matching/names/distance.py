"""How far apart two words sound: an edit distance in which sounds that are taken for one another cost little.

Method: weighted edit distance with transpositions (Damerau 1964; Wagner and Fischer 1974), costs from sounds.yml.
"""

from functools import cache
from typing import Final

from rules.matching.names import lists

_UNLISTED: Final = 1.0
_VOWEL_FOR_VOWEL: Final = 0.4
_VOWEL_LACKING: Final = 0.35
_SWAPPED: Final = 0.8
_FIRST: Final = 1.4
"""A change of the first sound counts more: it is heard and typed with more care."""
_SOUNDS: Final = "aeioubpfvwdtzsSZCJcGXxkghlrmnjy0123456789"


@cache
def _costs(alphabet: str) -> tuple[dict[str, float], dict[str, float]]:
    """Cost of each pair of sounds and of each lacking sound. Vowels cost more where both names are in one script,
    and next to nothing where one script leaves them out."""
    vowel = {"same": 1.5, "other": 1.0, "consonantal": 0.15}[alphabet]
    near = _near()
    pairs = {}
    for p in _SOUNDS:
        for q in _SOUNDS:
            vowels = p in "aeiou" and q in "aeiou"
            cost = near.get(p + q, _VOWEL_FOR_VOWEL if vowels else _UNLISTED)
            pairs[p + q] = 0.0 if p == q else cost * vowel if vowels else cost
    lacks = lists.table("sounds")["lacking"]
    lacking = {}
    for p in _SOUNDS:
        cost = float(lacks.get(p, _VOWEL_LACKING if p in "aeiou" else _UNLISTED))
        lacking[p] = cost * vowel if p in "aeiou" or (vowel < 1 and p in "wjh") else cost
    return pairs, lacking


def _near() -> dict[str, float]:
    found: dict[str, float] = {}
    for cost, pairs in lists.table("sounds")["near"].items():
        for pair in pairs:
            found[pair] = found[pair[::-1]] = float(cost)
    return found


def length(heard: str) -> float:
    """How much there is to hear: a vowel is half a consonant."""
    return len(heard) - 0.5 * sum(map(heard.count, "aeiou"))


def distance(a: str, b: str, alphabet: str = "same") -> float:
    """Cost of turning the sounds `a` into `b`. `alphabet`: same, other (two scripts) or consonantal."""
    pairs, lacking = _costs(alphabet)
    first = _FIRST if a[:1] != b[:1] else 1.0
    while a and b and a[-1] == b[-1]:
        a, b = a[:-1], b[:-1]
    start = 0
    for p, q in zip(a, b, strict=False):
        if p != q:
            break
        start += 1
    return _edits(a[start:], b[start:], pairs, lacking, first)


def _edits(a: str, b: str, pairs: dict[str, float], lacking: dict[str, float], first: float) -> float:
    before: list[float] = []
    row = [0.0]
    for q in b:
        row.append(row[-1] + lacking[q])
    for i, p in enumerate(a):
        two_before, before = before, row
        drop = lacking[p]
        row = [before[0] + drop]
        for j, q in enumerate(b):
            swap = pairs[p + q]
            best = before[j] + (swap * first if i == j == 0 and swap < 1 else swap)
            if (cost := before[j + 1] + drop) < best:
                best = cost
            if (cost := row[j] + lacking[q]) < best:
                best = cost
            if i and j and p == b[j - 1] and a[i - 1] == q and (cost := two_before[j - 1] + _SWAPPED) < best:
                best = cost
            row.append(best)
    return row[-1]
