"""Rows that are as they were in an earlier run: which they are, and how they join those that were worked anew."""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from rules import vocabulary as words
from rules.standardise.record_table import CONTACT

Mask: TypeAlias = npt.NDArray[np.bool_]
Tables: TypeAlias = dict[str, pa.Table]


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


def merged(raw: pa.Table, kept: Mask, earlier: Mapping[str, pa.Table], worked: list[Tables]) -> Tables:
    """Rows taken over and rows worked on, in the order of the raw table, with the place where each now stands."""
    ids = raw["_record_id"].combine_chunks()
    taken = ids.filter(pa.array(kept))
    found: Tables = {}
    for table in words.STANDARD_TABLES:
        mine = earlier[table].filter(pc.is_in(_owner(earlier[table], ids), taken))
        both = pa.concat_tables([mine, *(w[table] for w in worked)], promote_options="permissive")
        at = pc.index_in(_owner(both, ids), ids).combine_chunks().to_numpy(zero_copy_only=False)
        found[table] = both.take(pa.array(np.argsort(at, kind="stable")))
    found["records"] = _placed(found["records"], raw)
    return found


def _owner(table: pa.Table, ids: pa.Array) -> pa.ChunkedArray:
    """The raw record of each row: a contact belongs to its organisation's."""
    own = table["record_id"]
    return pc.if_else(pc.is_in(own, ids), own, pc.replace_substring_regex(own, f"{CONTACT}$", ""))


def _placed(records: pa.Table, raw: pa.Table) -> pa.Table:
    """Records with file, sheet and line of the raw table: a sorted sheet moves its rows."""
    ids = raw["_record_id"].combine_chunks()
    at = pc.index_in(_owner(records, ids), ids)
    for column in ("file", "sheet", "line"):
        moved = raw[f"_{column}"].combine_chunks().take(at.combine_chunks())
        index = records.column_names.index(column)
        records = records.set_column(index, records.schema.field(index), moved.cast(records.schema.field(index).type))
    return records
