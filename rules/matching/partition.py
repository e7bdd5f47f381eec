"""The seam for an engine on many machines: pairs as Arrow batches, scored where the dictionaries are.

`block` is SQL, so any SQL engine can do it. What it gives is cut into partitions; each goes out as a batch of record
numbers and codes (`batch`), the dictionaries go to every worker once (`Broadcast`), and `scored` needs nothing else.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from rules.matching.compare import compare
from rules.matching.encode import Column, Encoded, Whole
from rules.matching.frequency import Holders
from rules.matching.model import Model
from rules.matching.score import score
from rules.matching.types import Ints, Longs, Pairs, count

SIDES = ("left", "right")
CLUSTER = "cluster"
"""The column for the first guess at the customer of each record."""


@dataclass(frozen=True)
class Dictionary:
    """The values of a column, and what is known of it as a whole."""

    values: pa.Array
    several: bool
    """Whether a record may have several."""
    whole: Whole
    clusters: Longs | None
    """In how many customers each value stands, of columns that are compared."""


@dataclass(frozen=True)
class Broadcast:
    """What every worker holds; can be pickled."""

    model: Model
    columns: dict[str, Dictionary]


def broadcast(encoded: Encoded, model: Model, known: Holders) -> Broadcast:
    """The model and the dictionaries of all columns, without the records."""
    return Broadcast(model, {name: _dictionary(c, known) for name, c in encoded.columns.items()})


def _dictionary(column: Column, known: Holders) -> Dictionary:
    whole = Whole(column.counts, column.fill)
    return Dictionary(column.values, column.offsets is not None, whole, known.clusters.get(column.name))


def batch(pairs: Pairs, encoded: Encoded, known: Holders) -> pa.RecordBatch:
    """One row a pair: `left` and `right` record number, and of each column the codes of both sides, -1 missing."""
    out: dict[str, pa.Array] = {}
    for side, rows in zip(SIDES, (pairs.left, pairs.right), strict=True):
        out[side] = pa.array(rows)
        out[f"{side}.{CLUSTER}"] = pa.array(known.label[rows])
        out |= {f"{side}.{name}": _codes(column, rows) for name, column in encoded.columns.items()}
    return pa.RecordBatch.from_pydict(out)


def _codes(column: Column, rows: Ints) -> pa.Array:
    if column.offsets is None:
        return pa.array(column.codes[rows])
    whole = pa.LargeListArray.from_arrays(pa.array(column.offsets), pa.array(column.codes))
    return whole.take(pa.array(rows))


def scored(given: pa.RecordBatch, held: Broadcast) -> pa.RecordBatch:
    """The pairs of a batch with `weight`, `relation` (number in RELATIONS) and `level.<column>`."""
    n = given.num_rows
    columns = {name: _column(name, given, d) for name, d in held.columns.items()}
    keys = pa.nulls(2 * n, pa.string())
    encoded = Encoded(keys, keys, columns)
    pairs = Pairs(np.arange(n, dtype=np.int32), np.arange(n, 2 * n, dtype=np.int32))
    clusters = {name: d.clusters for name, d in held.columns.items() if d.clusters is not None}
    known = Holders(_both(given, CLUSTER).to_numpy(), clusters)
    levels = compare(pairs, encoded, held.model.fields).levels
    found = score(count(levels, held.model.sizes), pairs, encoded, held.model, known)
    out = {s: given.column(s) for s in SIDES} | {"weight": pa.array(found.weight), "relation": pa.array(found.relation)}
    for i, f in enumerate(held.model.fields):
        out[f"level.{f.name}"] = pa.array(np.ascontiguousarray(levels[:, i]))
    return pa.RecordBatch.from_pydict(out)


def _both(given: pa.RecordBatch, name: str) -> pa.Array:
    """A column of the left records, then of the right ones."""
    return pa.concat_arrays([given.column(f"{side}.{name}") for side in SIDES])


def _column(name: str, given: pa.RecordBatch, held: Dictionary) -> Column:
    codes = _both(given, name)
    if not held.several:
        return Column(name, held.values, codes.to_numpy(), whole=held.whole)
    offsets = codes.offsets.to_numpy().astype(np.int64)
    return Column(name, held.values, codes.flatten().to_numpy(), offsets - offsets[0], held.whole)
