"""How two different values of one kind are compared: one function a kind, texts in, agreement levels out.

Each function sees every distinct pair of values once and gives int8 levels: 0 different, higher more alike, below
the highest level of the kind, which is equality (a function may give it to values that mean the same). The levels
of a kind are named in LEVELS, for people.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler
from rapidfuzz.fuzz import token_set_ratio, token_sort_ratio

from rules.matching import firm_words, names
from rules.matching.types import Bools, Bytes, Floats, Texts
from rules.standardise import streets

_WAYS: Final = frozenset(("n", "s", "e", "w", "ne", "nw", "se", "sw"))

LEVELS: Final[dict[str, tuple[str, ...]]] = {
    "name": ("different", "a little alike", "very alike", "equal"),
    "full_name": ("different", "partly alike", "very alike", "equal"),
    "word": ("different", "alike", "equal"),
    "text": ("different", "alike", "equal"),
    "street": ("different", "alike", "equal"),
    "exact": ("different", "equal"),
    "date": ("different", "two of day, month and year equal", "one digit off or day and month swapped", "equal"),
    "number": ("different", "one digit off", "equal"),
    "email": ("different", "alike", "same name at another provider", "equal"),
    "organisation": ("different", "some words in common", "one contains the other", "very alike", "equal"),
    "address": ("different", "same street, other number", "same street, number missing", "nearly the same", "equal"),
    "postcode": ("different", "same area or one digit off", "equal"),
}

USUAL: Final[dict[str, float]] = {
    "name": 0.005, "full_name": 1e-4, "word": 0.03, "text": 0.03, "street": 0.001, "exact": 0.1, "date": 1e-4,
    "number": 1e-6, "email": 1e-6, "organisation": 1e-4, "address": 1e-4, "postcode": 0.005,
}  # fmt: skip
"""How often values of strangers are equal in a usual table: what is assumed where a table is too small to tell."""


def sizes(kind: str) -> int:
    """Number of levels of a kind, missing not counted."""
    return len(LEVELS[kind])


def _ordered(a: Texts, b: Texts) -> tuple[Texts, Texts]:
    """Each pair in one fixed order, for measures that are not quite symmetric."""
    swap = np.asarray(a > b, bool)
    return np.where(swap, b, a), np.where(swap, a, b)


def _jaro(a: Texts, b: Texts) -> Floats:
    return process.cpdist(*_ordered(a, b), scorer=JaroWinkler.similarity, dtype=np.float32).astype(np.float64)


def _edits(a: Texts, b: Texts, at_most: int) -> Floats:
    return process.cpdist(a, b, scorer=DamerauLevenshtein.distance, score_cutoff=at_most, dtype=np.int32).astype(
        np.float64
    )


def _each(values: Texts, test: Callable[[str], object]) -> Bools:
    return np.fromiter((bool(test(v)) for v in values), bool, len(values))


def name(a: Texts, b: Texts) -> Bytes:
    """Parts of a name: Jaro-Winkler, and where that sees nothing: initials, short forms, one of several names."""
    jaro = _jaro(a, b)
    out = (jaro >= 0.92).astype(np.int8) + (jaro >= 0.8)
    for i in np.flatnonzero(out < 2):
        out[i] = max(int(out[i]), names.part_level(a[i], b[i]))
    return out.astype(np.int8)


def full_name(a: Texts, b: Texts) -> Bytes:
    """Whole names, parts in any order; the same parts in another order are equal."""
    out = np.zeros(len(a), np.int8)
    likely = process.cpdist(a, b, scorer=token_set_ratio, dtype=np.float32) >= 50
    for i in np.flatnonzero(likely):
        s = names.similarity(a[i], b[i])
        out[i] = 3 if s >= 0.99 else 2 if s >= 0.88 else 1 if s >= 0.7 else 0
    return out


def word(a: Texts, b: Texts) -> Bytes:
    return (_jaro(a, b) >= 0.9).astype(np.int8)


def street(a: Texts, b: Texts) -> Bytes:
    """Streets by their names: the kind of street or the direction may be missing on a side, but not be another."""
    return np.fromiter((_street(x, y) for x, y in zip(*_ordered(a, b), strict=True)), np.int8, len(a))


def _street(a: str, b: str) -> int:
    (name, kind, way), (other, other_kind, other_way) = _parts(a), _parts(b)
    if (way and other_way and way != other_way) or _numbers(name) != _numbers(other):
        return 0
    if name == other:
        return 1 if kind and other_kind and kind != other_kind else 2
    if name and other and (set(name) <= set(other) or set(other) <= set(name)):
        return 1
    return int(JaroWinkler.similarity("".join(name), "".join(other)) >= 0.9)


@lru_cache(maxsize=1 << 17)
def _parts(text: str) -> tuple[tuple[str, ...], str, str]:
    """The name of a street, the words for its kind, and its direction."""
    words = text.split()
    kind = [w for w in words if w in streets.kind_words()]
    way = [w for w in words if w in _WAYS]
    name = tuple(w for w in words if w not in kind and w not in way)
    return (name, " ".join(kind), " ".join(way)) if name else (tuple(words), "", "")


def _numbers(words: tuple[str, ...]) -> str:
    """The first number in a street's name: 59th and 60th Street are two streets, however alike."""
    return next((w for w in words if w.isdigit()), "")


def text(a: Texts, b: Texts) -> Bytes:
    ratio = np.asarray(process.cpdist(a, b, scorer=token_sort_ratio, dtype=np.float32))
    return (ratio >= 85).astype(np.int8)


def exact(a: Texts, b: Texts) -> Bytes:  # noqa: ARG001 - one signature for all kinds
    return np.zeros(len(a), np.int8)


def date(a: Texts, b: Texts) -> Bytes:
    """ISO dates. A year or a year and month alone that fits the other date counts as two parts equal."""
    edits = _edits(a, b, 2)
    out = np.where(edits <= 1, 2, 0).astype(np.int8)
    for i in np.flatnonzero(edits > 1):
        x, y = a[i].split("-"), b[i].split("-")
        same = sum(p == q for p, q in zip(x, y, strict=False))
        if len(x) == len(y) == 3 and x[0] == y[0] and x[1] == y[2] and x[2] == y[1]:
            out[i] = 2
        elif same >= 2 or (same == min(len(x), len(y)) and same > 0):
            out[i] = 1
    return out


def number(a: Texts, b: Texts) -> Bytes:
    return (_edits(a, b, 1) <= 1).astype(np.int8)


def postcode(a: Texts, b: Texts) -> Bytes:
    near = _edits(a, b, 1) <= 1
    area = np.fromiter((len(x) > 3 and x[:3] == y[:3] for x, y in zip(a, b, strict=True)), bool, len(a))
    return np.asarray(near | area, np.int8)


def email(a: Texts, b: Texts) -> Bytes:
    """The same local part at another provider; else addresses alike but for a few letters."""
    out = (_edits(a, b, 2) <= 2).astype(np.int8)
    same = (x.partition("@")[0] == y.partition("@")[0] for x, y in zip(a, b, strict=True))
    out[np.fromiter(same, bool, len(a))] = 2
    return out


def organisation(a: Texts, b: Texts, words: firm_words.Weights | None = None) -> Bytes:
    """`words`: what each word says; else by its frequency in these texts."""
    return firm_words.levels(a, b, firm_words.weights({*a, *b}) if words is None else words)


KINDS: Final[dict[str, Callable[[Texts, Texts], Bytes]]] = {
    "name": name, "full_name": full_name, "word": word, "text": text, "street": street, "exact": exact, "date": date,
    "number": number, "email": email, "organisation": organisation, "postcode": postcode,
}  # fmt: skip
"""`address` is put together from street and number in compare.py."""


def differing(kind: str, a: Texts, b: Texts, words: Callable[[], firm_words.Weights]) -> Bytes:
    """Levels of pairs of different values; `words` is asked where a kind must know how common words are."""
    return organisation(a, b, words()) if kind == "organisation" else KINDS[kind](a, b)
