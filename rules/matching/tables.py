"""The way into and out of record numbers: decisions to constraints, scored pairs and what else was found to tables."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules.matching import copies
from rules.matching.blocks.choose import Considered
from rules.matching.cluster import Constraints
from rules.matching.config import Field
from rules.matching.encode import Encoded
from rules.matching.expected import RELATIONS
from rules.matching.score import Scored
from rules.matching.shared import LeftOut
from rules.matching.spread import spread
from rules.matching.types import Bytes, Ints, Pairs
from rules.vocabulary import PAIRS, Relation

if TYPE_CHECKING:
    from rules.matching.group import Group
    from rules.matching.prepared import Part


BLOCKING: Final = pa.schema([
    ("party_type", pa.string()), ("rule", pa.string()), ("pairs", pa.int64()), ("largest", pa.int64()),
    ("refused_blocks", pa.int64()), ("refused_pairs", pa.int64()), ("used", pa.bool_()), ("reason", pa.string()),
    ("recall", pa.float64()), ("adds", pa.float64()), ("found", pa.float64()),
])  # fmt: skip
LEFT_OUT: Final = pa.schema([
    ("party_type", pa.string()), ("column", pa.string()), ("value", pa.string()), ("records", pa.int64()),
    ("reason", pa.string()),
])  # fmt: skip


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


def pairs_table(group: "Group", keys: pa.Table, part: "Part", most: int) -> pa.Table:
    """vocabulary.PAIRS of one type of party, with `level_<column>`; then those of copies that were not matched.

    `keys`: `source, record_id` of all records, `most`: pairs of copies that are listed one by one.
    """
    table = pairs_of(group.encoded, group.scored, group.levels, group.model.fields)
    if not len(part.aside):
        return table
    pairs = group.scored.pairs
    alike = copies.alike(pairs, group.encoded)
    place, further = spread(Pairs(part.rows[pairs.left], part.rows[pairs.right]), alike, part.aside, most)
    more = table.take(pa.array(place))
    for name, rows in (("left", further.left), ("right", further.right)):
        of = keys.take(pa.array(rows))
        for end, column in (("source", "source"), ("id", "record_id")):
            at = more.column_names.index(f"{name}_{end}")
            more = more.set_column(at, more.schema.field(at), of[column])
    return pa.concat_tables([table, more])


def pairs_of(encoded: Encoded, scored: Scored, levels: Bytes, fields: tuple[Field, ...]) -> pa.Table:
    """vocabulary.PAIRS of scored pairs, with `level_<column>`."""
    left, right = pa.array(scored.pairs.left), pa.array(scored.pairs.right)
    words = pa.array([*map(str, RELATIONS), str(Relation.UNRELATED)])
    columns = [
        encoded.sources.take(left), encoded.ids.take(left), encoded.sources.take(right), encoded.ids.take(right),
        pa.array(scored.weight), pa.array(scored.probability), words.take(pa.array(scored.relation)),
    ]  # fmt: skip
    table = pa.table(columns, schema=PAIRS)
    for i, f in enumerate(fields):
        table = table.append_column(f"level_{f.name}", pa.array(np.ascontiguousarray(levels[:, i])))
    return table


def blocking_table(rules: list[tuple[str, Considered]]) -> pa.Table:
    """BLOCKING of rules by type of party."""
    rows = [{"party_type": p, **vars(c), "rule": ", ".join(c.rule) or c.text} for p, c in rules]
    return pa.Table.from_pylist(rows, schema=BLOCKING)


def left_out_table(values: list[tuple[str, LeftOut]]) -> pa.Table:
    """LEFT_OUT of values by type of party."""
    return pa.Table.from_pylist([{"party_type": p, **vars(v)} for p, v in values], schema=LEFT_OUT)
