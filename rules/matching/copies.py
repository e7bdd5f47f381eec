"""Records equal in every column: one record typed several times, whatever a model makes of it.

With a name and something of one's own (a contact point, an id, an address, or a birth date and one thing more) such
records are one customer: 3 groups of 12,800 in the sets with truth hold two. Of a record that comes many times a few
copies are matched and the others go with them: else values in many rows would look like placeholders, blocks grow too
large, and likely pairs say nothing but that copies are alike.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules.matching.block import Blocks
from rules.matching.encode import Column, Encoded
from rules.matching.types import Bools, Ints, Longs, Pairs, grouped

COPY: Final = "copy"
MANY: Final = 10
"""Copies of one record that are matched like any others."""
KEPT: Final = 3
"""Of a record with more copies, so many of them are matched."""
WEIGHT: Final = 10.0
"""Lowest weight of two copies, in bits."""
NAMES: Final = ("surname", "given_name", "name", "organisation")
OWN: Final = ("emails", "mobiles", "phones", "tax_id", "national_id", "customer_no", "address")
MORE: Final = ("middle_name", "gender", "city", "postcode")
"""What identifies together with a birth date. Of a million people some share a name and a birth date: whether two such
records are one customer is left to the model, but of more than a few it is certain.
"""
SURE, LIKELY = "sure", "likely"
DERIVED: Final = ("address", "address_key")
"""Columns made of others."""


@dataclass(frozen=True)
class Further:
    """Records that go with another: `record` the number of each, `like` that of the copy that stands for it.

    Of a record's copies the one of the highest number that is matched stands for those that are not.
    """

    record: Ints
    like: Ints

    def __len__(self) -> int:
        return len(self.record)


NONE: Final = Further(np.zeros(0, np.int32), np.zeros(0, np.int32))


def numbered(encoded: Encoded) -> Encoded:
    """The records with a column `copy`, one number for all copies of one record, where there are any."""
    own = _known(encoded, *OWN) | (_known(encoded, "birth_date") & _known(encoded, *MORE))
    rows = np.flatnonzero(_known(encoded, *NAMES) & (own | _known(encoded, "birth_date")))
    sums, code = grouped(_sums(encoded)[rows])
    several = np.bincount(code, minlength=len(sums)) > 1
    if not several.any():
        return encoded
    number = np.where(several, np.cumsum(several) - 1, -1)
    codes = np.full(len(encoded), -1, np.int32)
    codes[rows] = number[code]
    sure = np.zeros(int(several.sum()), bool)
    sure[number[code[several[code]]]] = own[rows[several[code]]]
    return encoded.with_columns(Column(COPY, pa.array(np.where(sure, SURE, LIKELY)), codes))


def _known(encoded: Encoded, *names: str) -> Bools:
    found = [encoded.columns[n].first >= 0 for n in names if n in encoded.columns]
    return np.any(found, axis=0) if found else np.zeros(len(encoded), bool)


def _sums(encoded: Encoded) -> Longs:
    """A number for each record: equal where all columns are, and else, but for one chance in 10^19 a pair, different.

    The sum of a random 64 bit number for each value of each column (Zobrist 1970).
    """
    out = np.zeros(len(encoded), np.int64)
    rng = np.random.default_rng(1)
    limits = np.iinfo(np.int64)
    for name, column in sorted(encoded.columns.items()):
        if name in DERIVED or not len(column.codes):
            continue
        drawn = np.append(rng.integers(limits.min, limits.max, len(column.values)), 0)
        each = drawn[column.codes]
        if column.offsets is None:
            out += each
        else:  # sums and differences wrap around, which is what is wanted
            total = np.append(0, np.cumsum(each))
            out += total[column.offsets[1:]] - total[column.offsets[:-1]]
    return out


def alike(pairs: Pairs, encoded: Encoded) -> Bools:
    """Pairs of copies."""
    column = encoded.columns.get(COPY)
    if column is None:
        return np.zeros(len(pairs), bool)
    a, b = column.codes[pairs.left], column.codes[pairs.right]
    return np.asarray((a == b) & (a >= 0))


def same(pairs: Pairs, encoded: Encoded) -> Bools:
    """Pairs of copies that are surely one customer."""
    found = alike(pairs, encoded)
    if found.any():
        column = encoded.columns[COPY]
        found[found] = column.held.once(_sure)[column.codes[pairs.left[found]]]
    return found


def _sure(values: pa.Array) -> Bools:
    return np.asarray(pc.equal(values, SURE).to_numpy(zero_copy_only=False))


def together(encoded: Encoded) -> list[Blocks]:
    """The rule that brings copies together, whatever other rules there are; none where there are no copies."""
    column = encoded.columns.get(COPY)
    if column is None:
        return []
    rows = np.flatnonzero(column.codes >= 0).astype(np.int32)
    return [Blocks((COPY,), rows, column.codes[rows], largest=int(column.counts.max()))]


def further(encoded: Encoded, named: Ints) -> Further:
    """The copies beyond the first few of records that have many; records that people `named` are matched themselves."""
    column = encoded.columns.get(COPY)
    if column is None:
        return NONE
    codes = column.codes.copy()
    codes[named] = -1
    rows = np.flatnonzero(codes >= 0)
    rows = rows[np.argsort(codes[rows], kind="stable")]
    _, begin, of, size = np.unique(codes[rows], return_index=True, return_inverse=True, return_counts=True)
    place = np.arange(len(rows)) - begin[of]
    like = rows[begin + np.minimum(size, KEPT) - 1]
    aside = (place >= KEPT) & (size > MANY)[of]
    return Further(rows[aside].astype(np.int32), like[of][aside].astype(np.int32))
