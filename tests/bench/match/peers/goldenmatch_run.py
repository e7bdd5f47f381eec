"""One run of GoldenMatch, in its own environment: `python goldenmatch_run.py JOB.json`.

JOB: {"files": [CSV...], "id": column, "mode": "zero" | "probabilistic", "threads": n, "out": folder}. It writes
pairs.parquet (left, right, probability, said), clusters.parquet (record_id, cluster) and figures.json into the
folder, and prints TIMED when what counts is over. Files are put together as one table; every column is text.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any


def main() -> None:
    job = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    os.environ["GOLDENMATCH_AUTOCONFIG_MEMORY"] = "0"  # no configuration remembered from another set
    import goldenmatch
    import pyarrow as pa
    from pyarrow import csv

    watch = Watch()
    read = [csv.read_csv(file, convert_options=_text(file)) for file in job["files"]]
    table = pa.concat_tables(read, promote_options="default").combine_chunks()
    ids, table = table[job["id"]].to_pylist(), table.drop_columns(job["id"])
    watch.over("load")
    config = goldenmatch.auto_configure_probabilistic_df(table) if job["mode"] == "probabilistic" else None
    found = goldenmatch.dedupe_df(table, config=config)
    clusters = found.clusters  # worked out when it is first asked for
    watch.over("match")
    print("TIMED", flush=True)
    _write(Path(job["out"]), ids, clusters, found.scored_pairs, watch.phases)


class Watch:
    """Seconds on the wall and of CPU since the last phase was over."""

    def __init__(self) -> None:
        self.phases: dict[str, dict[str, float]] = {}
        self.at = (time.perf_counter(), sum(os.times()[:4]))

    def over(self, phase: str) -> None:
        now = (time.perf_counter(), sum(os.times()[:4]))
        self.phases[phase] = {"wall": now[0] - self.at[0], "cpu": now[1] - self.at[1]}
        self.at = now


def _text(file: str) -> Any:
    from pyarrow import csv, string

    names = csv.open_csv(file).schema.names
    return csv.ConvertOptions(column_types=dict.fromkeys(names, string()), strings_can_be_null=True, null_values=[""])


def _write(out: Path, ids: list[str], clusters: dict[int, Any], pairs: list[Any], phases: dict[str, Any]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    cluster = {row: number for number, one in clusters.items() for row in one["members"]}
    labels = [cluster.get(row, -1 - row) for row in range(len(ids))]
    pq.write_table(pa.table({"record_id": ids, "cluster": labels}), out / "clusters.parquet")
    left, right, score = zip(*pairs, strict=True) if pairs else ((), (), ())
    columns = [pa.array([ids[i] for i in side], pa.string()) for side in (left, right)]
    said = pa.array([True] * len(pairs), pa.bool_())  # what it lists is above its own cut
    names = ["left", "right", "probability", "said"]
    pq.write_table(pa.table([*columns, pa.array(score, pa.float64()), said], names=names), out / "pairs.parquet")
    (out / "figures.json").write_text(json.dumps({"phases": phases}), "utf-8")


if __name__ == "__main__":
    main()
