"""What one customer has one of, as codes: the number of a valid tax id in each scheme, a generation.

Pairs that differ are vetoed when they are weighed (`vetoes`, `generations`). In a large cluster not every pair is
weighed; with codes it is seen of groups too.
"""

from typing import Final

import numpy as np
import pyarrow.compute as pc

from rules.matching.encode import Column, Encoded
from rules.matching.generations import GENERATION
from rules.matching.types import Ints

SCHEMES: Final = 8
"""Schemes of tax ids that are looked at, those of the most values."""


def codes(encoded: Encoded) -> Ints | None:
    """int32 of shape (records, kinds of codes), -1 for none; None where no record has any."""
    found = []
    ids, generation = encoded.columns.get("tax_id"), encoded.columns.get(GENERATION)
    if ids is not None and len(ids.values):
        found += _by_scheme(ids)
    if generation is not None:
        found.append(generation.codes)
    return np.stack(found, 1).astype(np.int32) if found else None


def _by_scheme(ids: Column) -> list[Ints]:
    """For each scheme the code of each record's id; only ids written `scheme:number` are known to be valid."""
    scheme = pc.struct_field(pc.extract_regex(ids.values, "^(?P<scheme>[^:]+):"), "scheme").dictionary_encode()
    of = pc.fill_null(scheme.indices, -1).to_numpy(zero_copy_only=False)
    many = np.bincount(of[of >= 0], minlength=1)
    first = ids.first
    own = np.where(first >= 0, of[first], -1)
    largest = np.argsort(-many, kind="stable")[:SCHEMES]
    return [np.where(own == s, first, -1).astype(np.int32) for s in largest.tolist() if many[s]]
