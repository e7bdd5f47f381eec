"""Rows that are as they were in an earlier run: which they are, and which records the others replace."""

from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from rules.standardise.record_table import CONTACT

Mask: TypeAlias = npt.NDArray[np.bool_]


def unchanged(raw: pa.Table, earlier: pa.Table, touched: Iterable[str]) -> Mask:
    """Which rows stood, with the same key and content, in an earlier raw table. `touched`: records to work anew."""
    if earlier.column_names != raw.column_names:
        return np.zeros(raw.num_rows, bool)
    same = pc.is_in(_row_keys(raw), _row_keys(earlier).combine_chunks()).to_numpy()
    corrected = pc.is_in(raw["_record_id"], pa.array(sorted(touched), pa.string())).to_numpy()
    kept: Mask = same & ~corrected
    return kept


def _row_keys(raw: pa.Table) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(raw["_record_id"], raw["_hash"], "\x1f")


def replaced(raw: pa.Table, kept: Mask, earlier: pa.Table) -> pa.Table:
    """Keys (column `record_id`) of the standard records that are worked anew or gone, those of contacts among them."""
    ids = pa.concat_arrays([earlier["_record_id"].combine_chunks(), raw["_record_id"].combine_chunks()])
    taken = raw["_record_id"].combine_chunks().filter(pa.array(kept))
    own = pc.unique(ids.filter(pc.invert(pc.is_in(ids, value_set=taken))))
    contacts = pc.binary_join_element_wise(own, pa.scalar(CONTACT), "")
    return pa.table(
        {"record_id": pa.concat_arrays([own, contacts.filter(pc.invert(pc.is_in(contacts, value_set=taken)))])}
    )
