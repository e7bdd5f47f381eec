"""E-mail addresses made of the names: their likeness is that of the names, and must not count twice."""

import re
from functools import lru_cache
from typing import Final

import numpy as np

from rules.matching.config import Field
from rules.matching.encode import Column, Encoded
from rules.matching.types import Bools, Bytes, Ints, Pairs, distinct

_SIGNS: Final = re.compile(r"[\W_]+")
_DIGITS: Final = re.compile(r"\d+")
SAME_LOCAL: Final = 2
"""Level of kind `email`: the same local part at another provider."""


def explained(levels: Bytes, pairs: Pairs, encoded: Encoded, fields: tuple[Field, ...]) -> None:
    """Sets e-mail levels to different where addresses are alike only as names are: anna.rossi1@x and anna.rossi7@x.

    One local part with one number at two providers stays: a number is chosen. Equal addresses stay equal, unless they
    are made of the names alone and the birth dates are different: such an address is what a clerk invents.
    """
    at = next((i for i, f in enumerate(fields) if f.name == "emails" and f.kind == "email"), None)
    if at is None or not {"given_name", "surname"} <= encoded.columns.keys():
        return
    born = next((levels[:, i] for i, f in enumerate(fields) if f.name == "birth_date"), np.full(len(levels), -1))
    rows = np.flatnonzero((levels[:, at] > 0) & ((levels[:, at] <= SAME_LOCAL) | (born == 0)))
    if not len(rows):
        return
    left, right = pairs.left[rows], pairs.right[rows]
    made, number = _made_of_names(encoded, distinct(np.concatenate([left, right])))
    chosen = number[left] & number[right] & (levels[rows, at] >= SAME_LOCAL)
    named = rows[made[left] & made[right] & ~chosen]
    levels[named, at] = np.where(levels[named, at] > SAME_LOCAL, -1, 0)


def _made_of_names(encoded: Encoded, records: Ints) -> tuple[Bools, Bools]:
    """For each record number: whether its addresses are all made of its names, and whether they hold a number."""
    made, number = np.zeros(len(encoded), bool), np.zeros(len(encoded), bool)
    given, surname, emails = (_texts(encoded.columns[c], records) for c in ("given_name", "surname", "emails"))
    for record, g, s, e in zip(records.tolist(), given, surname, emails, strict=True):
        made[record] = bool(e) and all(_of_names(a.partition("@")[0], " ".join((*g, *s))) for a in e)
        number[record] = any(_DIGITS.search(a.partition("@")[0]) for a in e)
    return made, number


def _texts(column: Column, records: Ints) -> list[list[str]]:
    """The values of some records, as texts."""
    size = column.sizes[records]
    if column.offsets is None:
        codes = column.codes[records]
        codes = codes[codes >= 0]
    else:
        begin = np.repeat(column.begin[records] - (np.cumsum(size) - size), size)
        codes = column.codes[begin + np.arange(int(size.sum()))]
    text = column.text(codes).tolist()
    ends = np.cumsum(size).tolist()
    return [text[e - n : e] for e, n in zip(ends, size.tolist(), strict=True)]


@lru_cache(maxsize=100_000)
def _of_names(local: str, names: str) -> bool:
    """Whether a local part is made of parts of the names or their initials, at least one of them whole, and digits."""
    left, whole = _DIGITS.sub("", _SIGNS.sub("", local)), False
    for part in sorted(names.split(), key=len, reverse=True):
        if len(part) > 1 and part in left:
            left, whole = left.replace(part, "", 1), True
        elif part[:1] in left and len(left) <= len(names.split()):
            left = left.replace(part[:1], "", 1)
    return whole and not left
