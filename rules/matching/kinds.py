"""How two different values of one kind are compared: one function a kind, codes in, agreement levels out.

Each function sees every distinct pair of values once and gives int8 levels: 0 different, higher more alike, below
the highest level of the kind, which is equality (a function may give it to values that mean the same). The levels
of a kind are named in LEVELS, for people.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz import process
from rapidfuzz.distance import OSA, DamerauLevenshtein, JaroWinkler
from rapidfuzz.fuzz import token_set_ratio, token_sort_ratio

from rules.matching import firm_words, name_parts, names, street_names
from rules.matching.types import Bytes, Floats, Ints
from rules.matching.values import Values, numbers

_WHOLE_DATE: Final = len("2000-01-31")

LEVELS: Final[dict[str, tuple[str, ...]]] = {
    "name": ("different", "a little alike", "very alike", "equal"),
    "full_name": ("different", "partly alike", "very alike", "equal"),
    "word": ("different", "alike", "equal"),
    "text": ("different", "alike", "equal"),
    "street": ("different", "alike", "equal"),
    "exact": ("different", "equal"),
    "date": ("different", "two of day, month and year equal", "one digit off or day and month swapped", "equal"),
    "number": ("different", "one digit off", "equal"),
    "email": ("different", "alike", "same name before the @", "equal"),
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


def _compared(scorer: Any, values: Values, x: Ints, y: Ints, *, cutoff: float | None = None) -> Floats:
    a, b = values.text(x), values.text(y)
    return np.asarray(process.cpdist(a, b, scorer=scorer, score_cutoff=cutoff, dtype=np.float32), np.float64)


def _jaro(values: Values, x: Ints, y: Ints) -> Floats:
    rank = values.rank()  # one fixed order: the measure is not quite symmetric
    swap = rank[x] > rank[y]
    return _compared(JaroWinkler.similarity, values, np.where(swap, y, x), np.where(swap, x, y))


def _edits(values: Values, x: Ints, y: Ints, at_most: int) -> Floats:
    """Letters put in, taken out, changed or swapped (Damerau 1964), up to `at_most`, which is 1 or 2; else more.

    With a letter between two that are swapped, two edits are three where no letter may be edited twice (OSA), which is
    five times as fast; all others are the same in both.
    """
    out = _compared(OSA.distance, values, x, y, cutoff=at_most if at_most == 1 else 3)
    if at_most > 1:
        doubt = np.flatnonzero(out == 3)
        out[doubt] = _compared(DamerauLevenshtein.distance, values, x[doubt], y[doubt], cutoff=at_most)
    return out


def name(values: Values, x: Ints, y: Ints) -> Bytes:
    """Parts of a name: Jaro-Winkler, and where that sees nothing: initials, short forms, one of several names."""
    jaro = _jaro(values, x, y)
    out = (jaro >= 0.92).astype(np.int8) + (jaro >= 0.8)
    low = np.flatnonzero(out < 2)
    out[low] = np.maximum(out[low], name_parts.levels(values, x[low], y[low]))
    return out.astype(np.int8)


def full_name(values: Values, x: Ints, y: Ints) -> Bytes:
    """Whole names, parts in any order; the same parts in another order are equal."""
    out = np.zeros(len(x), np.int8)
    likely = np.flatnonzero(_compared(token_set_ratio, values, x, y) >= 50)
    for i, a, b in zip(likely, values.text(x[likely]), values.text(y[likely]), strict=True):
        s = names.persons_alike(a, b)
        out[i] = 3 if s >= 0.99 else 2 if s >= 0.88 else 1 if s >= 0.7 else 0
    return out


def word(values: Values, x: Ints, y: Ints) -> Bytes:
    return (_jaro(values, x, y) >= 0.9).astype(np.int8)


def text(values: Values, x: Ints, y: Ints) -> Bytes:
    return (_compared(token_sort_ratio, values, x, y) >= 85).astype(np.int8)


def exact(values: Values, x: Ints, y: Ints) -> Bytes:  # noqa: ARG001 - one signature for all kinds
    return np.zeros(len(x), np.int8)


def date(values: Values, x: Ints, y: Ints) -> Bytes:
    """ISO dates. A year or a year and month alone that fits the other date counts as two parts equal."""
    a, b = values.forms(_date_parts, x, y)
    parts, others = (a >= 0).sum(1), (b >= 0).sum(1)
    same = ((a == b) & (a >= 0)).sum(1)
    out: Bytes = ((same >= 2) | ((same == np.minimum(parts, others)) & (same > 0))).astype(np.int8)
    whole = np.flatnonzero((parts == 3) & (others == 3))
    a, b = a[whole], b[whole]
    out[whole[(a[:, 0] == b[:, 0]) & (a[:, 1] == b[:, 2]) & (a[:, 2] == b[:, 1])]] = 2
    out[_edits(values, x, y, 1) <= 1] = 2
    return out


def _date_parts(date: str) -> list[str]:
    return date.split("-")


def number(values: Values, x: Ints, y: Ints) -> Bytes:
    return (_edits(values, x, y, 1) <= 1).astype(np.int8)


def postcode(values: Values, x: Ints, y: Ints) -> Bytes:
    area = values.once(_areas)
    return np.asarray((_edits(values, x, y, 1) <= 1) | ((area[x] == area[y]) & (area[x] >= 0)), np.int8)


def _areas(postcodes: pa.Array) -> Ints:
    start = pc.utf8_slice_codeunits(postcodes, 0, 3)
    return numbers(pc.if_else(pc.equal(pc.utf8_length(start), 3), start, None))


def email(values: Values, x: Ints, y: Ints) -> Bytes:
    """The same local part at another provider; else addresses alike but for a few letters."""
    local = values.once(_locals)
    out = (_edits(values, x, y, 2) <= 2).astype(np.int8)
    out[local[x] == local[y]] = 2
    return out


def _locals(addresses: pa.Array) -> Ints:
    return numbers(pc.list_element(pc.split_pattern(addresses, "@", max_splits=1), 0))


def organisation(values: Values, x: Ints, y: Ints) -> Bytes:
    """Word by word, each by what it says in this table."""
    return firm_words.levels(values.text(x), values.text(y), values.once(word_weights))


def word_weights(names: pa.Array) -> firm_words.Weights:
    """What each word of names of organisations weighs."""
    return firm_words.weights(*firm_words.held(names.to_pylist()))


KINDS: Final[dict[str, Callable[[Values, Ints, Ints], Bytes]]] = {
    "name": name, "full_name": full_name, "word": word, "text": text, "street": street_names.levels, "exact": exact,
    "date": date, "number": number, "email": email, "organisation": organisation, "postcode": postcode,
}  # fmt: skip
"""By kind the levels of pairs of codes, of different values; `address` is put together in compare.py."""


def equal(kind: str, values: pa.Array) -> Bytes:
    """For each value the level of two that are equal: a year alone says no more than that the years are equal."""
    out = np.full(len(values), sizes(kind) - 1, np.int8)
    if kind == "date":
        out[~is_whole(values).to_numpy(zero_copy_only=False)] = 1
    return out


def is_whole(dates: pa.Array) -> pa.Array:
    """Which dates are whole: not a year, or a year and a month, alone."""
    return pc.greater_equal(pc.utf8_length(dates), _WHOLE_DATE)
