"""The way into and out of record numbers: decisions to constraints, scored pairs to the pairs table."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules.matching.cluster import Constraints
from rules.matching.expected import RELATIONS
from rules.matching.types import Ints
from rules.vocabulary import PAIRS, Relation

if TYPE_CHECKING:
    from rules.matching.group import Group


def constraints_of(decisions: list[pa.Table], part: pa.Table, link: bool) -> Constraints:
    """Decisions (`kind` same, different or split; others are no constraint) as pairs of row numbers of `part`."""
    group = None
    if link:
        group = part["source"].combine_chunks().dictionary_encode()
        group = pa.concat_arrays(group.chunks) if isinstance(group, pa.ChunkedArray) else group
        group = group.indices.to_numpy(zero_copy_only=False).astype(np.int32)
    if not any(len(d) for d in decisions):
        return Constraints(group=group)
    row = {key: i for i, key in enumerate(zip(part["source"].to_pylist(), part["record_id"].to_pylist(), strict=True))}
    return Constraints(
        _rows(decisions, row, ("same",)), _rows(decisions, row, ("different", "split", "related")), group
    )


def _rows(decisions: list[pa.Table], row: dict[Any, int], kinds: tuple[str, ...]) -> Ints:
    out = []
    for table in decisions:
        for d in table.filter(pc.is_in(table["kind"], pa.array(kinds))).to_pylist():
            left, right = row.get((d["left_source"], d["left_id"])), row.get((d["right_source"], d["right_id"]))
            if left is not None and right is not None and left != right:
                out.append((left, right))
    return np.array(sorted(set(out)), np.int32).reshape(-1, 2)


def pairs_table(groups: list["Group"]) -> pa.Table:
    """vocabulary.PAIRS of all groups, with `level_<column>`; columns that a group does not compare are null."""
    parts = [_pairs(g) for g in groups]
    return pa.concat_tables(parts, promote_options="default").combine_chunks()


def _pairs(group: "Group") -> pa.Table:
    left, right = pa.array(group.scored.pairs.left), pa.array(group.scored.pairs.right)
    words = pa.array([*map(str, RELATIONS), str(Relation.UNRELATED)])
    e = group.encoded
    columns = [
        e.sources.take(left), e.ids.take(left), e.sources.take(right), e.ids.take(right),
        pa.array(group.scored.weight), pa.array(group.scored.probability), words.take(pa.array(group.scored.relation)),
    ]  # fmt: skip
    table = pa.table(columns, schema=PAIRS)
    for i, f in enumerate(group.model.fields):
        table = table.append_column(f"level_{f.name}", pa.array(np.ascontiguousarray(group.levels[:, i])))
    return table
