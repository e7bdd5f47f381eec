"""The figures of one run: what it wrote, held against the truth."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import csv

from tests.bench.match import measure
from tests.bench.match.measure import Bools, Floats, Labels, Quality

CURVE: Final = (0.01, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
"""Thresholds at which clusters are judged, of every tool."""
BEYOND: Final = (0.001, 0.9995, 0.9999, 0.99999)
"""And of tools whose clusters are connected components, which cost nothing to try."""


class Truth:
    """Entity of each record."""

    def __init__(self, path: Path) -> None:
        text = csv.ConvertOptions(column_types={"rec_id": pa.string(), "entity_id": pa.string()})
        table = csv.read_csv(path, convert_options=text)
        self.ids = table["rec_id"].combine_chunks()
        self.entity = table["entity_id"].combine_chunks().dictionary_encode().indices.to_numpy().astype(np.int64)
        self.pairs = measure.pairs_within(self.entity)

    def rows(self, ids: pa.ChunkedArray) -> Labels:
        """Row of each id. Raises ValueError on one that is not a record."""
        at = pc.index_in(ids, self.ids)
        if at.null_count:
            raise ValueError(f"{at.null_count} ids are no records")
        return at.to_numpy().astype(np.int64)


def judge(out: Path, truth: Truth, *, probabilities: bool = True) -> dict[str, Any]:
    """Everything about the pairs and clusters in the folder `out`.

    probabilities: the scores claim to be probabilities, so that they can be held to it. Raises ValueError where not
    every record is in exactly one cluster.
    """
    pairs = pq.read_table(out / "pairs.parquet")
    left, right = truth.rows(pairs["left"]), truth.rows(pairs["right"])
    same = truth.entity[left] == truth.entity[right]
    probability = pairs["probability"].to_numpy()
    threshold, best = measure.best_pairs(probability, same, truth.pairs)
    found = {
        "records": len(truth.entity), "true_pairs": truth.pairs, "pairs": len(pairs) + _gone(out),
        "blocking_recall": int(same.sum()) / max(truth.pairs, 1),
        "pair": _plain(_said(pairs, "said", same, truth)),
        "pair_best": {"threshold": threshold, **_plain(best)},
        "clusters": _clusters(out, truth, left, right, probability),
    }  # fmt: skip
    if probabilities:
        bins = measure.reliability(probability, same)
        found["calibration"] = {
            "expected_error": measure.expected_error(bins), "worst_error": measure.worst_error(bins),
            "bins": [{**asdict(b), "error": b.error} for b in bins],
        }  # fmt: skip
    if "sure" in pairs.column_names:
        found["merge"] = _plain(_said(pairs, "sure", same, truth))
        found["review_per_1000"] = 1000 * (pc.sum(pairs["ask"]).as_py() or 0) / max(len(truth.entity), 1)
    return found


def _gone(out: Path) -> int:
    """Candidate pairs that were compared and are not in the file."""
    path = out / "figures.json"
    return int(json.loads(path.read_text("utf-8")).get("gone", 0)) if path.exists() else 0


def _said(pairs: pa.Table, column: str, same: Bools, truth: Truth) -> Quality:
    said = pairs[column].to_numpy()
    return Quality(int((said & same).sum()), int(said.sum()), truth.pairs)


def _plain(quality: Quality) -> dict[str, float]:
    return {"precision": quality.precision, "recall": quality.recall, "f1": quality.f1}


def _clusters(out: Path, truth: Truth, left: Labels, right: Labels, probability: Floats) -> dict[str, Any]:
    """Quality at the default threshold, the curve, the best of it, and the golden records that mix entities."""
    table = pq.read_table(out / "clusters.parquet")
    rows = truth.rows(table["record_id"])
    if len(np.unique(rows)) != len(truth.entity) or len(rows) != len(truth.entity):
        raise ValueError("not every record is in exactly one cluster")
    entity = truth.entity[rows]
    label = measure.codes(table["cluster"].to_numpy())
    default = measure.clusters(label, entity)
    curve = {t: measure.clusters(measure.codes(table[t].to_numpy()), entity) for t in table.column_names if t[0] == "0"}
    if not curve:
        curve = {str(t): _components(left, right, probability >= t, truth) for t in sorted((*CURVE, *BEYOND))}
    best = max(curve, key=lambda t: curve[t].f1)
    found = {
        **_plain(default), "largest": int(np.bincount(label).max()), "count": int(label.max()) + 1,
        "mixed": measure.mixed(label, entity), "curve": {t: q.f1 for t, q in curve.items()},
        "best": {"threshold": float(best), **_plain(curve[best])},
    }  # fmt: skip
    if "sure" in table.column_names:
        found["mixed_sure"] = measure.mixed(table["sure"].to_numpy(), entity)
    return found


def _components(left: Labels, right: Labels, joined: Bools, truth: Truth) -> Quality:
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    n = len(truth.entity)
    graph = coo_matrix((np.ones(int(joined.sum()), np.int8), (left[joined], right[joined])), shape=(n, n))
    return measure.clusters(connected_components(graph, directed=False)[1].astype(np.int64), truth.entity)
