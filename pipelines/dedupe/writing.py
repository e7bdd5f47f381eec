"""The tables that `goldseam dedupe` writes."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from pipelines.dedupe.reading import Read
from rules import survivorship
from rules.matching.engine import Matched
from rules.vocabulary import KEY


def clusters(reads: Sequence[Read], matched: Matched) -> pa.Table:
    """source, record_id, cluster_id: every record of the input once, in its order, clusters numbered as they come."""
    keys = pa.concat_tables(
        [
            pa.table({"source": pa.repeat(r.name, len(r.raw)), "record_id": r.raw["_record_id"].combine_chunks()})
            for r in reads
        ]
    )
    keys = keys.append_column("row", pa.array(np.arange(len(keys))))
    joined = keys.join(matched.labels.select(["source", "record_id", "cluster_id"]), ["source", "record_id"])
    joined = joined.sort_by("row")
    label = joined["cluster_id"].combine_chunks().dictionary_encode()  # numbers by first appearance
    number = pc.add(label.indices.cast(pa.int64()), 1)
    return pa.table([joined["source"], joined["record_id"], number], names=["source", "record_id", "cluster_id"])


def golden(tables: dict[str, pa.Table], clusters: pa.Table) -> pa.Table:
    """One golden record a cluster; `golden_id` is the cluster's number. Columns without any value are left out."""
    numbered = clusters.select([f.name for f in KEY]).append_column(
        "golden_id", clusters["cluster_id"].cast(pa.string())
    )
    found = survivorship.survive(tables, numbered)["golden"]
    found = found.rename_columns(["cluster_id" if c == "golden_id" else c for c in found.column_names])
    found = found.set_column(0, "cluster_id", found["cluster_id"].cast(pa.int64())).sort_by("cluster_id")
    return found.select([c for c in found.column_names if found[c].null_count < len(found)])


def write(out: Path, clusters: pa.Table, golden: pa.Table, matched: Matched) -> tuple[Path, ...]:
    """clusters.csv, golden.csv, pairs.parquet; -> their paths."""
    paths = (out / "clusters.csv", out / "golden.csv", out / "pairs.parquet")
    _csv(clusters, paths[0])
    _csv(golden, paths[1])
    pq.write_table(matched.pairs, paths[2], compression="zstd")
    return paths


def _csv(table: pa.Table, path: Path) -> None:
    """RFC 4180 but for line ends; quotes where they are needed only."""
    options = arrow_csv.WriteOptions(quoting_style="needed", quoting_header="needed")
    arrow_csv.write_csv(table, path, options)
