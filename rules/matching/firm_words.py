"""Names of organisations compared word by word: a word that many names hold says little, a rare one much.

The measure is soft TF-IDF (Cohen, Ravikumar and Fienberg 2003) with the words' weights from the table itself:
"Chicago Public Schools" shared by five hundred names is worth less than one "Hogar".
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

import numpy as np
import pyarrow as pa
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler
from rapidfuzz.fuzz import token_set_ratio

from rules.matching.names import lists
from rules.matching.types import Bools, Bytes, Ints, Texts

VERY: Final = 0.85
"""Share of the weight of all words that is shared: from here on two names are very alike."""
WITHIN: Final = 0.85
"""Share of the shorter name's weight that the longer one holds: from here on one contains the other."""
SOME: Final = 0.4
HOPEFUL: Final = 50
"""Names less alike than this (token set ratio) have hardly a letter of a word in common and are not looked at."""
ALIKE: Final = 0.9
"""Words of this likeness (Jaro-Winkler) are one word misspelt."""
TELLING: Final = 0.5
"""The rarest word of a name that another contains weighs at least this share of what the rarest of all weighs."""

Weights = Mapping[str, float]


def held(names: Iterable[str]) -> tuple[Counter[str], int]:
    """In how many of different names each word stands, and how many names there are."""
    found: Counter[str] = Counter()
    different = list(names)
    for text in different:
        found.update(set(text.split()))
    return found, len(different)


def weights(found: Mapping[str, int], names: int) -> Weights:
    """Weight of each word of so many names: log of the names over those that hold it."""
    # A round number, so that one more name does not change what the others weigh.
    total = 2 ** (names + 1).bit_length()
    return {word: float(np.log(total / count)) for word, count in found.items()}


def sisters(names: pa.Array) -> Bools:
    """Which names say that they are a firm beside another: its holding, the owner of its walls."""
    return np.array([not lists.sisters().isdisjoint(name.split()) for name in names.to_pylist()], bool)


def houses(names: pa.Array) -> Ints:
    """Which houses under a roof each name says it is, one bit each: a hotel, its restaurant, its bar."""
    kinds, meanings = lists.houses(), lists.meanings()
    said = ({meanings.get(word, "") for word in name.split()} for name in names.to_pylist())
    return np.array([sum(1 << i for i, kind in enumerate(kinds) if kind in found) for found in said], np.int32)


def levels(a: Texts, b: Texts, weight: Weights) -> Bytes:
    """Levels of kind `organisation` for pairs of different names."""
    most = max(weight.values(), default=1.0)
    out = np.zeros(len(a), np.int8)
    for i in np.flatnonzero(process.cpdist(a, b, scorer=token_set_ratio, dtype=np.float32) >= HOPEFUL):
        out[i] = _level(min(a[i], b[i]), max(a[i], b[i]), weight, most)
    return out


def _level(a: str, b: str, weight: Weights, most: float) -> int:
    left, right = dict.fromkeys(a.split()), dict.fromkeys(b.split())
    shared = [(w, w) for w in left if w in right]
    shared += _misspelt([w for w in left if w not in right], [w for w in right if w not in left])
    if not shared:
        return int(a.replace(" ", "") == b.replace(" ", "")) * 3
    said = [min(weight.get(x, most), weight.get(y, most)) for x, y in shared]
    own, other = (sum(weight.get(w, most) for w in side) for side in (left, right))
    got = sum(said)
    if 2 * got >= VERY * (own + other):
        return 3
    if got >= WITHIN * min(own, other):
        return 2 if max(said) >= TELLING * most else 1
    return int(2 * got >= SOME * (own + other))


def _misspelt(left: list[str], right: list[str]) -> list[tuple[str, str]]:
    """Words of two names that are one word, each used once: misspelt or cut short."""
    out = []
    for x in left:
        y = next((y for y in right if _one_word(x, y)), None)
        if y is not None:
            right = [w for w in right if w != y]
            out.append((x, y))
    return out


@lru_cache(maxsize=1 << 17)
def _one_word(x: str, y: str) -> bool:
    short, long = sorted((x, y), key=len)
    if short.isdigit() or long.isdigit() or len(short) < 3:
        return False
    return long.startswith(short) or float(JaroWinkler.similarity(short, long)) >= ALIKE
