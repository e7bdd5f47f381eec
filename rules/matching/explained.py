"""E-mail addresses made of the names: their likeness is that of the names, and must not count twice."""

from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules.matching import name_made
from rules.matching.blocks.sample import entries
from rules.matching.config import Field
from rules.matching.encode import Column, Encoded
from rules.matching.types import Bools, Bytes, Ints, Longs, Pairs, Texts, distinct

_NO_LETTERS: Final = r"[^\pL\p{Nl}\p{No}]+"
SAME_LOCAL: Final = 2
"""Level of kind `email`: one local part, at two providers or made of the names."""


def explained(levels: Bytes, pairs: Pairs, encoded: Encoded, fields: tuple[Field, ...]) -> None:
    """Lowers the levels of e-mail addresses that are alike as names are: anna.rossi1@x and anna.rossi7@x differ.

    Equal ones fall to SAME_LOCAL where everybody has an address at their host: among a million people namesakes share
    such addresses, for clerks make them up, and how often they do is learned. One local part with one number stays as
    it is: a number is chosen.
    """
    at = next((i for i, f in enumerate(fields) if f.name == "emails" and f.kind == "email"), None)
    if at is None or not {"given_name", "surname"} <= encoded.columns.keys():
        return
    rows = np.flatnonzero(levels[:, at] > 0)
    if not len(rows):
        return
    records = distinct(np.concatenate([pairs.left[rows], pairs.right[rows]]))
    left, right = (np.searchsorted(records, side[rows]) for side in (pairs.left, pairs.right))
    numbered, public = _addresses(encoded.columns["emails"], records)
    level = levels[rows, at]
    one_local = level >= SAME_LOCAL
    shared = one_local & public[left] & public[right]
    chosen = one_local & numbered[left] & numbered[right]
    look = np.flatnonzero((shared | (level <= SAME_LOCAL)) & ~chosen)
    named = rows[look[_made_of_names(encoded, records[left[look]], records[right[look]], shared[look])]]
    levels[named, at] = np.where(levels[named, at] > SAME_LOCAL, SAME_LOCAL, 0)


def _addresses(emails: Column, records: Ints) -> tuple[Bools, Bools]:
    """For each record whether an address of it holds a number, and whether all are at hosts of everybody."""
    owner, codes = entries(emails.take(records))
    numbered, public = (emails.held.once(of)[codes] for of in (_numbered, name_made.public))
    n = len(records)
    return np.bincount(owner[numbered], minlength=n) > 0, np.bincount(owner[~public], minlength=n) == 0


def _numbered(addresses: pa.Array) -> Bools:
    return np.asarray(pc.match_substring_regex(addresses, r"\p{Nd}[^@]*(@|$)").to_numpy(zero_copy_only=False))


def _made_of_names(encoded: Encoded, left: Ints, right: Ints, shared: Bools) -> Bools:
    """Which pairs of records have addresses made of the names: of both, or where one is `shared`, of either's.

    Tommy Hill has the address of Thomas Hill.
    """
    records = distinct(np.concatenate([left, right]))
    said = _said(encoded, records)
    a, b = np.searchsorted(records, left), np.searchsorted(records, right)
    made = (said.made[a] & said.made[b]) | (shared & (said.made[a] | said.made[b]))
    for i in np.flatnonzero(shared & ~made):
        made[i] = any(name_made.nearly(said.letters[k], said.names[k]) for k in (a[i], b[i]))
    return made


class _Said(NamedTuple):
    """Of some records, in their order."""

    made: Bools
    """Whether the addresses are all made of the names."""
    letters: Texts
    """Those before the @ of the address; none where there are several addresses."""
    names: Texts


def _said(encoded: Encoded, records: Ints) -> _Said:
    owner, codes = entries(emails := encoded.columns["emails"].take(records))
    local = pc.list_element(pc.split_pattern(emails.values.take(pa.array(codes)), "@", max_splits=1), 0)
    letters = pc.replace_substring_regex(local, _NO_LETTERS, "").to_numpy(zero_copy_only=False)
    given, surname = (_joined(encoded.columns[c].take(records)) for c in ("given_name", "surname"))
    names = pc.binary_join_element_wise(given, surname, " ").to_numpy(zero_copy_only=False)
    each = np.fromiter(map(name_made.exactly, letters, names[owner]), bool, len(letters))
    made = np.bincount(owner[~each], minlength=len(records)) == 0
    first = np.searchsorted(owner, np.arange(len(records)))
    return _Said(made, np.where(emails.sizes == 1, letters[first], ""), names)


def _joined(column: Column) -> pa.Array:
    """The values of each record in one text."""
    _, codes = entries(column)
    ends: Longs = np.concatenate([[0], np.cumsum(column.sizes)])
    return pc.binary_join(pa.LargeListArray.from_arrays(pa.array(ends), column.values.take(pa.array(codes))), " ")
