"""The health of clusters as tables: which hang by a thread, what speaks against them, and where to cut first."""

from typing import Final

import numpy as np
import pyarrow as pa

from rules.matching.clusters.health import Health
from rules.matching.encode import Encoded
from rules.matching.types import Floats, Ints, Longs


def _pair(name: str) -> list[pa.Field]:
    parts = ("left_source", "left_id", "right_source", "right_id")
    return [pa.field(f"{name}{part}", pa.string()) for part in parts]


HEALTH: Final = pa.schema([
    ("cluster_id", pa.int64()), ("records", pa.int64()), ("health", pa.float64()),
    ("weakest_weight", pa.float64()), *_pair("weakest_"),
    ("contrary", pa.int64()), ("worst_weight", pa.float64()),
    ("cut_weight", pa.float64()), *_pair("cut_"), ("cut_records", pa.int64()),
])  # fmt: skip
"""One row a cluster of two and more records; what each column says: `health.Health`. Weights in bits.

`cut_weight` is the mean evidence across the least cut, `cut_left…` to `cut_right…` the edge to cut first, and
`cut_records` how many records would then go. `worst_weight` is null where nothing speaks against the cluster.
"""
CONTRARY: Final = pa.schema([("cluster_id", pa.int64()), *_pair(""), ("match_weight", pa.float64())])
"""The worst pairs inside clusters that speak against them, at most three a cluster."""


def health_table(h: Health, encoded: Encoded, number: Longs) -> pa.Table:
    """HEALTH of clusters of these records; `number`: of each row of `h` the number that its cluster has for others."""
    columns = [
        number, h.records, h.health, h.weakest, *_keys(encoded, h.weakest_pair), h.contrary,
        _known(h.worst[:, 0]), h.cut, *_keys(encoded, h.cut_pair), h.apart,
    ]  # fmt: skip
    return pa.table(columns, schema=HEALTH)


def contrary_table(h: Health, encoded: Encoded, number: Longs) -> pa.Table:
    """CONTRARY of the same."""
    found = np.isfinite(h.worst).ravel()
    cluster = np.repeat(number, h.worst.shape[1])[found]
    pairs = h.worst_pairs.reshape(-1, 2)[found]
    return pa.table([cluster, *_keys(encoded, pairs), h.worst.ravel()[found]], schema=CONTRARY)


def _known(weight: Floats) -> pa.Array:
    return pa.array(weight, mask=~np.isfinite(weight))


def _keys(e: Encoded, pairs: Ints) -> list[pa.Array]:
    left, right = (pa.array(np.ascontiguousarray(pairs[:, side])) for side in (0, 1))
    return [e.sources.take(left), e.ids.take(left), e.sources.take(right), e.ids.take(right)]
