"""Streets by their names: the kind of street or the direction may be missing on a side, but not be another."""

from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from rules.matching.types import Bytes, Ints
from rules.matching.values import Values, ordered, within
from rules.standardise import streets

ALIKE: Final = 0.9
"""From this likeness on (Jaro-Winkler) two names are one misspelt."""
_WAYS: Final = frozenset(("n", "s", "e", "w", "ne", "nw", "se", "sw"))


class Street(NamedTuple):
    name: tuple[str, ...]
    kind: str
    """The words for its kind."""
    way: str
    """Its direction."""
    number: str
    """The first number in its name: 59th and 60th Street are two streets, however alike."""


def levels(values: Values, x: Ints, y: Ints) -> Bytes:
    """Levels of kind `street`."""
    name, other = values.forms(_name, x, y)
    (kind, way, number), (other_kind, other_way, other_number) = (signs.T for signs in values.forms(_signs, x, y))
    same = (name == other).all(1)
    out = np.where(same, np.where((kind >= 0) & (other_kind >= 0) & (kind != other_kind), 1, 2), 0).astype(np.int8)
    named = (name >= 0).any(1) & (other >= 0).any(1)
    out[~same & named & (within(name, other) | within(other, name))] = 1
    apart = (number != other_number) | ((way >= 0) & (other_way >= 0) & (way != other_way))
    out[apart] = 0
    look = np.flatnonzero(~apart & (out == 0))
    joined = ordered(values.formed(_joined, x[look]), values.formed(_joined, y[look]))
    likeness = process.cpdist(*joined, scorer=JaroWinkler.similarity, score_cutoff=ALIKE, dtype=np.float64)
    out[look] = likeness >= ALIKE
    return out


def _name(text: str) -> tuple[str, ...]:
    return read(text).name


def _signs(text: str) -> tuple[str, str, str]:
    return read(text)[1:]


def _joined(text: str) -> str:
    return "".join(read(text).name)


@lru_cache(maxsize=1 << 17)
def read(text: str) -> Street:
    """A street in comparison form as its parts."""
    words, kinds = text.split(), streets.kind_words()
    kind = [w for w in words if w in kinds]
    way = [w for w in words if w in _WAYS]
    name = tuple(w for w in words if w not in kind and w not in way)
    if not name:
        name, kind, way = tuple(words), [], []
    return Street(name, " ".join(kind), " ".join(way), next((w for w in name if w.isdigit()), ""))
