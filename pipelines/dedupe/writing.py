"""The tables that `goldseam dedupe` writes."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors.sinks.files import write_csv
from pipelines.dedupe import left_over
from pipelines.dedupe.reading import Read
from rules import survivorship
from rules.matching.engine import Matched
from rules.vocabulary import GOLDEN, KEY


def clusters(reads: Sequence[Read], matched: Matched) -> pa.Table:
    """source, record_id, cluster_id: every record of the input once, in its order, clusters numbered as they come.

    A record that matching never saw, for there was nothing to compare, is a cluster of its own.
    """
    keys = pa.concat_tables(
        [
            pa.table({"source": pa.repeat(r.name, len(r.raw)), "record_id": r.raw["_record_id"].combine_chunks()})
            for r in reads
        ]
    )
    keys = keys.append_column("row", pa.array(np.arange(len(keys))))
    joined = keys.join(matched.labels.select(["source", "record_id", "cluster_id"]), ["source", "record_id"])
    joined = joined.sort_by("row")
    alone = pc.subtract(-1, joined["row"])
    label = pc.coalesce(joined["cluster_id"], alone).combine_chunks().dictionary_encode()  # by first appearance
    number = pc.add(label.indices.cast(pa.int64()), 1)
    return pa.table([joined["source"], joined["record_id"], number], names=["source", "record_id", "cluster_id"])


def golden(reads: Sequence[Read], tables: dict[str, pa.Table], clusters: pa.Table, matched: Matched) -> pa.Table:
    """One row a cluster: cluster_id, the columns of vocabulary.GOLDEN, then those that had no place among them.

    `golden_id` is the cluster's number once more, so that whatever reads the golden table of a workspace reads this.
    """
    text = clusters["cluster_id"].cast(pa.string())
    numbered = clusters.select([f.name for f in KEY]).append_column("golden_id", text)
    found = survivorship.survive(tables, numbered, households=_households(numbered, matched))["golden"]
    every = pa.table({"cluster_id": pc.unique(clusters["cluster_id"])})
    found = found.append_column("cluster_id", found["golden_id"].cast(pa.int64()))
    found = every.join(found, "cluster_id").sort_by("cluster_id")
    found = found.set_column(1, "golden_id", found["cluster_id"].cast(pa.string()))
    found = _named(found, clusters)
    return left_over.beside(found.select(["cluster_id", *GOLDEN.names]), reads, clusters)


def _named(golden: pa.Table, clusters: pa.Table) -> pa.Table:
    """Records that could not be standardised are customers too: called by their keys."""
    if not golden["records"].null_count:
        return golden
    alone = clusters.group_by("cluster_id", use_threads=False).aggregate([("source", "first"), ("record_id", "first")])
    key = pc.binary_join_element_wise(alone["source_first"], alone["record_id_first"], ":")
    for name, usual in (("records", pa.scalar(1)), ("sources", alone["source_first"]), ("display_name", key)):
        golden = golden.set_column(golden.column_names.index(name), name, pc.coalesce(golden[name], usual))
    return golden


def _households(numbered: pa.Table, matched: Matched) -> pa.Table:
    """household_id, golden_id: one row a cluster that lives in a household; numbered as they come."""
    homes = matched.labels.select(["source", "record_id", "household"])
    joined = numbered.join(homes.filter(pc.is_valid(homes["household"])), ["source", "record_id"], join_type="inner")
    joined = joined.append_column("number", joined["golden_id"].cast(pa.int64())).sort_by("number")
    first = joined.group_by("golden_id", use_threads=False).aggregate([("household", "first")])
    home = first["household_first"].combine_chunks().dictionary_encode().indices
    number = pc.binary_join_element_wise("h", pc.add(home.cast(pa.int64()), 1).cast(pa.string()), "")
    return pa.table({"household_id": number, "golden_id": first["golden_id"]})


def write(out: Path, clusters: pa.Table, golden: pa.Table, matched: Matched) -> tuple[Path, ...]:
    """clusters.csv, golden.csv, pairs.parquet; -> their paths."""
    paths = (out / "clusters.csv", out / "golden.csv", out / "pairs.parquet")
    write_csv(paths[0], clusters)
    write_csv(paths[1], golden)
    pq.write_table(matched.pairs, paths[2], compression="zstd")
    return paths
