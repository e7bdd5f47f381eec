"""E-mail addresses made of the names: their likeness is that of the names, and must not count twice."""

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules.matching.config import Field
from rules.matching.encode import Column, Encoded
from rules.matching.types import Bools, Bytes, Ints, Pairs, distinct

_NO_LETTERS: Final = r"[^\pL\p{Nl}\p{No}]+"
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
    emails, owner = _texts(encoded.columns["emails"], records)
    given, surname = (_joined(encoded.columns[c], records) for c in ("given_name", "surname"))
    names = pc.binary_join_element_wise(given, surname, " ").take(owner)
    local = pc.list_element(pc.split_pattern(emails, "@", max_splits=1), 0)
    letters = pc.replace_substring_regex(local, _NO_LETTERS, "").to_pylist()
    each = np.fromiter(map(_of_names, letters, names.to_pylist()), bool, len(letters))
    made, number = np.zeros(len(encoded), bool), np.zeros(len(encoded), bool)
    made[records[owner]] = True
    made[records[owner.to_numpy()[~each]]] = False
    number[records[owner.filter(pc.match_substring_regex(local, r"\p{Nd}"))]] = True
    return made, number


def _texts(column: Column, records: Ints) -> tuple[pa.Array, pa.Array]:
    """The values of some records, one after the other, and for each the place of its record."""
    size = column.sizes[records]
    if column.offsets is None:
        codes = column.codes[records]
        codes = codes[codes >= 0]
    else:
        begin = np.repeat(column.begin[records] - (np.cumsum(size) - size), size)
        codes = column.codes[begin + np.arange(int(size.sum()))]
    return column.values.take(pa.array(codes)), pa.array(np.repeat(np.arange(len(records)), size))


def _joined(column: Column, records: Ints) -> pa.Array:
    """The values of each record in one text."""
    texts, _ = _texts(column, records)
    ends = np.concatenate([[0], np.cumsum(column.sizes[records])])
    return pc.binary_join(pa.LargeListArray.from_arrays(pa.array(ends), texts), " ")


def _of_names(letters: str, names: str) -> bool:
    """Whether the letters are made of parts of the names or their initials, at least one of them whole."""
    left, whole, parts = letters, False, names.split()
    for part in sorted(parts, key=len, reverse=True):
        if len(part) > 1 and part in left:
            left, whole = left.replace(part, "", 1), True
        elif part[:1] in left and len(left) <= len(parts):
            left = left.replace(part[:1], "", 1)
    return whole and not left
