"""The most confident errors of a run, the two records side by side: so that one can see whether the truth is right."""

from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

from tests.bench.match.judge import Truth
from tests.bench.match.sets import ID, Ready

SHOWN: Final = 20
"""Errors of each kind."""


def write(out: Path, ready: Ready, truth: Truth, path: Path) -> None:
    """A CSV: false pairs of the highest and true pairs of the lowest probability; two lines each, left and right."""
    pairs = pq.read_table(out / "pairs.parquet", columns=["left", "right", "probability"])
    same = truth.entity[truth.rows(pairs["left"])] == truth.entity[truth.rows(pairs["right"])]
    probability = pairs["probability"].to_numpy()
    chosen = [
        (kind, at[np.argsort(sign * probability[at], kind="stable")[:SHOWN]])
        for kind, at, sign in (("false", np.flatnonzero(~same), -1), ("missed", np.flatnonzero(same), 1))
    ]
    records = _records(ready)
    row = {key: n for n, key in enumerate(records[ID].to_pylist())}
    lines = [
        (kind, probability[n], row[pairs[side][int(n)].as_py()])
        for kind, those in chosen
        for n in those
        for side in ("left", "right")
    ]
    kinds, chances, rows = (list(column) for column in zip(*lines, strict=True)) if lines else ([], [], [])
    shown = records.take(pa.array(rows, pa.int64()))
    head = pa.table({"error": pa.array(kinds, pa.string()), "probability": pa.array(chances, pa.float64())})
    for name in shown.column_names:
        head = head.append_column(name, shown[name])
    csv.write_csv(head, path)


def _records(ready: Ready) -> pa.Table:
    read = []
    for file in ready.files:
        names = csv.open_csv(file).schema.names
        options = csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()))
        read.append(csv.read_csv(file, csv.ReadOptions(block_size=16_000_000), convert_options=options))
    return pa.concat_tables(read, promote_options="default").combine_chunks()
