"""One run of Goldseam, in a process of its own: `python -m tests.bench.match.goldseam_run JOB.json`.

JOB: {"files": [CSV...], "id": column, "link": bool, "mode": "dedupe" | "features" | "given", "labels": CSV or null,
"rules": YAML or null, "features": Parquet, "curve": [thresholds], "threads": n, "out": folder, "ask": number of labels
to ask for afterwards, by the rules of `goldseam label`, or null, "truth": CSV that answers}.
dedupe    `goldseam dedupe` as it is: reading, standardising, matching, golden records, the report
features  reading and standardising alone, into the Parquet file
given     matching alone, from the Parquet file

It writes pairs.parquet (left, right, probability; said: joined at the default threshold; sure: from the merge
threshold; ask: shown to people), clusters.parquet (record_id, cluster, sure, one column for each threshold of the
curve) and figures.json (phases; gone: candidate pairs that were not kept), and prints TIMED when what counts is over.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from rules.matching.engine import Matched
from rules.matching.group import Group
from tests.bench.match import asking
from tests.bench.match.measure import Labels


class Watch:
    """Seconds on the wall and of CPU since the last phase was over."""

    def __init__(self) -> None:
        self.phases: dict[str, dict[str, float]] = {}
        self.at = (time.perf_counter(), sum(os.times()[:4]))

    def over(self, phase: str) -> None:
        now = (time.perf_counter(), sum(os.times()[:4]))
        self.phases[phase] = {"wall": now[0] - self.at[0], "cpu": now[1] - self.at[1]}
        self.at = now


def main() -> None:
    job = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    watch, out = Watch(), Path(job["out"])
    matched = {"dedupe": _dedupe, "given": _given, "features": _features}[job["mode"]](job, watch)
    print("TIMED", flush=True)
    gone = sum(g.kept.gone for g in matched.groups.values()) if matched else 0
    (out / "figures.json").write_text(json.dumps({"phases": watch.phases, "gone": gone}), "utf-8")
    if matched is not None:
        _write_pairs(matched, out)
        _write_clusters(matched, job, out)
        if job.get("ask"):
            asking.ask(matched, Path(job["truth"]), out / "asked.csv", job["ask"])


def _dedupe(job: dict[str, Any], watch: Watch) -> Matched:
    from pipelines.dedupe import Request, dedupe

    began = {"matching": "load", "choosing values": "match", "done": "rest"}
    seen: set[str] = set()

    def told(step: str, done: float, total: float) -> None:  # noqa: ARG001 - the signature is dedupe's
        if step in began and step not in seen:
            watch.over(began[step])
        seen.add(step)

    labels, rules = (Path(job[k]) if job.get(k) else None for k in ("labels", "rules"))
    files = [Path(file) for file in job["files"]]
    request = Request(files, Path(job["out"]) / "result", job["link"], job["id"], rules, labels)
    return dedupe(request, told).matched


def _features(job: dict[str, Any], watch: Watch) -> None:
    from pipelines.dedupe import reading
    from pipelines.features import features
    from rules.vocabulary import STANDARD_TABLES

    reads = reading.read([Path(file) for file in job["files"]], job["id"], {}, None)
    names = ("records", "points", "addresses", "flags")
    assert set(names) <= set(STANDARD_TABLES)
    tables = (pa.concat_tables([r.tables[n] for r in reads], promote_options="default") for n in names)
    pq.write_table(features(*tables), job["features"])
    watch.over("load")


def _given(job: dict[str, Any], watch: Watch) -> Matched:
    from rules.matching import config, engine

    rules = Path(job["rules"])
    settings = config.read(rules.read_text("utf-8"), rules.name)
    held = [pq.read_table(job["features"])]
    watch.over("load")
    # Handed over and not kept, as `goldseam dedupe` does: a million records are a quarter of a gigabyte.
    found = engine.match(held.pop(), config=settings, link=job["link"], threads=job["threads"])
    watch.over("match")
    return found


def _write_pairs(matched: Matched, out: Path) -> None:
    parts = []
    for group in matched.groups.values():
        pairs, probability, cut = group.scored.pairs, group.scored.probability, group.model.thresholds
        sides = [group.encoded.ids.take(pa.array(rows)) for rows in (pairs.left, pairs.right)]
        said, sure = probability >= cut.best, probability >= cut.merge
        ask = (probability >= cut.review) & ~sure
        names = ["left", "right", "probability", "said", "sure", "ask"]
        parts.append(pa.table([*sides, *map(pa.array, (probability, said, sure, ask))], names=names))
    pq.write_table(pa.concat_tables(parts), out / "pairs.parquet")


def _write_clusters(matched: Matched, job: dict[str, Any], out: Path) -> None:
    groups = [group for group in matched.groups.values() if len(group.encoded)]
    columns = {
        "record_id": pa.concat_arrays([_plain(g.encoded.ids) for g in groups]),
        "cluster": _joined([g.clusters.label for g in groups]),
        "sure": _joined([_at(g, g.model.thresholds.merge, job["link"]) for g in groups]),
    }
    for threshold in job["curve"]:
        columns[str(threshold)] = _joined([_at(g, threshold, job["link"]) for g in groups])
    pq.write_table(pa.table(columns), out / "clusters.parquet")


def _plain(ids: Any) -> pa.Array:
    return pa.concat_arrays(ids.chunks) if isinstance(ids, pa.ChunkedArray) else ids


def _joined(labels: list[Any]) -> pa.Array:
    """Labels of several groups of records, none of them in two groups."""
    out, at = [], 0
    for label in labels:
        out.append(label.astype(np.int64) + at)
        at += int(label.max(initial=-1)) + 1
    return pa.array(np.concatenate(out))


def _at(group: Group, threshold: float, link: bool) -> Labels:
    """The clusters that another threshold would have given."""
    from rules.matching.cluster import Constraints
    from rules.matching.group import clustered

    sources = group.encoded.sources.to_numpy(zero_copy_only=False).astype(str)
    held = Constraints(group=np.unique(sources, return_inverse=True)[1].astype(np.int32) if link else None)
    return clustered(group.scored, group.encoded, group.model, group.holders, threshold, held).label


if __name__ == "__main__":
    main()
