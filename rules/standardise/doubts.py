"""Doubts gathered while a batch is read, and the rows of `flags` they become."""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules import vocabulary as words
from rules.standardise import data
from rules.standardise.cells import TEXT, Cells


@dataclass
class Doubts:
    """`row` is a row of the batch; whose record it is in the end is settled when the flags are made."""

    _parts: list[pa.Table] = field(default_factory=list)

    def note(
        self,
        table: str,
        name: str,
        rules: Cells | pa.Array,
        values: pa.Array,
        *,
        rows: pa.Array | None = None,
        positions: pa.Array | int | None = None,
    ) -> None:
        """Keep the rows whose rule is not null. `rules` and `values` are of one length; `rows` names their rows."""
        if isinstance(rules, Cells):
            if rules.is_empty():
                return
            rules = rules.column()
        mask = pc.is_valid(rules)
        size = pc.sum(mask).as_py() or 0
        if not size:
            return
        if rows is None:
            rows = pa.array(np.arange(len(rules)), pa.int64())
        at = positions if isinstance(positions, pa.Array) else pa.array([positions] * len(rules), pa.int32())
        columns = [rows.filter(mask), at.filter(mask), rules.filter(mask), values.filter(mask)]
        part = pa.table(columns, names=["row", "position", "rule", "value"])
        part = part.append_column("table", pa.array([table] * size, TEXT)).append_column(
            "field", pa.array([name] * size, TEXT)
        )
        self._parts.append(part)

    def rows(self) -> pa.Table:
        """row, position, rule, value, table, field: in the order of rows."""
        if not self._parts:
            names = {
                "row": pa.int64(),
                "position": pa.int32(),
                "rule": TEXT,
                "value": TEXT,
                "table": TEXT,
                "field": TEXT,
            }
            return pa.table({n: pa.nulls(0, t) for n, t in names.items()})
        whole = pa.concat_tables(self._parts)
        order = np.argsort(whole["row"].to_numpy(), kind="stable")
        return whole.take(pa.array(order))


def flags(rows: pa.Table, source: str, record_ids: pa.Array) -> pa.Table:
    """Rows of `vocabulary.FLAGS`, with the flag and the sentence of each rule."""
    table = data.words("doubts")
    coded = rows["rule"].combine_chunks().dictionary_encode()
    known = coded.dictionary.to_pylist()
    flag = pa.array([table[r]["flag"] for r in known], TEXT).take(coded.indices)
    message = pa.array([table[r]["message"] for r in known], TEXT).take(coded.indices)
    return pa.table(
        [
            pa.array([source] * rows.num_rows, TEXT), record_ids, rows["table"], rows["position"], rows["field"], flag,
            rows["rule"], rows["value"], message,
        ],
        schema=words.FLAGS,
    )  # fmt: skip
