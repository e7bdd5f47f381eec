"""What a new matching model changes: which customers, why, and how well judgements are predicted before and after."""

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from pipelines.weighing import weights
from rules.matching.engine import Matched
from rules.matching.group import Group
from rules.matching.labels.learn import Learned
from rules.matching.model import Model
from rules.matching.score import weigh
from rules.matching.types import Floats

KEYS: Final = ("source", "record_id")
LOOKED_AT: Final = 30
"""Records of one change among which the pair that decides is looked for."""
ERROR: Final = 0.01
"""A judgement that is wrong costs no more than this probability does."""
EDGES: Final = (0.0, 0.05, 0.2, 0.5, 0.8, 0.95, 1.0)
Key = tuple[str, str]


@dataclass(frozen=True)
class Change:
    """Customers that one change touches. `kind`: joined, split, or regrouped (both at once)."""

    kind: str
    before: int
    """Customers they are now."""
    after: int
    records: tuple[Key, ...]
    between: tuple[tuple[Key, int, int], ...] = ()
    """Each record with its customer now and then."""
    why: str = ""
    pair: tuple[Key, Key] | None = None
    """The pair that `why` is about."""


@dataclass(frozen=True)
class Reliability:
    """How well judgements are predicted, each without itself: mean log loss (nats), and how many are on the right side
    of the single best threshold.
    """

    judgements: int
    loss_before: float
    loss_after: float
    right_before: int
    right_after: int
    bins: tuple[tuple[float, float, int, float, float], ...]
    """From, to, judgements, part judged the same, mean probability: after."""


def changes(old: pa.Table, new: pa.Table) -> tuple[Change, ...]:
    """Every change from one clustering of the records to another, the one with most records first.

    Both: source, record_id, cluster_id. Records that are not in both are left out.
    """
    both = old.select([*KEYS, "cluster_id"]).join(new.select([*KEYS, "cluster_id"]), list(KEYS), right_suffix="_new")
    both = both.filter(both["cluster_id_new"].is_valid()).sort_by([(k, "ascending") for k in KEYS])
    a, b = (np.unique(both[c].to_numpy(), return_inverse=True)[1] for c in ("cluster_id", "cluster_id_new"))
    if not len(a):
        return ()
    n, m = int(a.max()) + 1, int(b.max()) + 1
    graph = coo_matrix((np.ones(len(a), np.int8), (a, b + n)), shape=(n + m, n + m))
    component = connected_components(graph, directed=False)[1]
    olds, news = np.bincount(component[:n], minlength=n + m), np.bincount(component[n:], minlength=n + m)
    touched = np.flatnonzero((olds + news > 2)[component[a]])
    rows: dict[int, list[int]] = defaultdict(list)
    for i in touched:
        rows[int(component[a[i]])].append(int(i))
    keys = list(zip(both["source"].to_pylist(), both["record_id"].to_pylist(), strict=True))
    found = [
        Change(
            _kind(int(olds[c]), int(news[c])),
            int(olds[c]),
            int(news[c]),
            tuple(keys[i] for i in at),
            tuple((keys[i], int(a[i]), int(b[i])) for i in at),
        )
        for c, at in rows.items()
    ]
    return tuple(sorted(found, key=lambda c: (-len(c.records), c.records)))


def _kind(before: int, after: int) -> str:
    if after == 1:
        return "joined"
    return "split" if before == 1 else "regrouped"


def by_kind(found: tuple[Change, ...]) -> dict[str, int]:
    """Customers of today that each kind of change touches."""
    out: Counter[str] = Counter()
    for change in found:
        out[change.kind] += change.before
    return dict(sorted(out.items()))


def with_reasons(found: tuple[Change, ...], new: Matched, most: int) -> tuple[Change, ...]:
    """The changes; the first `most` with the pair that decides and what the new model says of it."""
    return (*(_because(change, new) for change in found[:most]), *found[most:])


def _because(change: Change, new: Matched) -> Change:
    """The likeliest pair of those that come together, or the least likely of those that are parted."""
    apart, together = (2, 1) if change.kind == "split" else (1, 2)
    some = change.between[:LOOKED_AT]
    keys = [
        (one[0], other[0])
        for i, one in enumerate(some)
        for other in some[i + 1 :]
        if one[apart] != other[apart] and one[together] == other[together]
    ]
    weight = weights(new, keys)
    if np.isnan(weight).all():  # so it is where there is no pair, too
        return change
    pair = keys[int(np.nanargmin(weight) if change.kind == "split" else np.nanargmax(weight))]
    return replace(change, why=new.explain(*pair).sentence, pair=pair)


def reliability(new: Matched, in_use: dict[str, Model]) -> dict[str, Reliability]:
    """By type of party, how well the model in use and the new one predict the judgements, where there are any.

    The new one predicts each judgement without having learned from it; the one in use may have learned from some.
    """
    out = {}
    for kind, group in new.groups.items():
        if group.learned is not None:
            out[kind] = _reliability(group, group.learned, in_use.get(kind))
    return out


def _reliability(group: Group, learned: Learned, old: Model | None) -> Reliability:
    before, cut = learned.before, group.model.thresholds.best
    same = learned.judged.same
    known = old is not None and all(f.name in group.encoded.columns for f in old.fields)
    if old is not None and known:
        before = weigh(learned.judged.pairs, group.encoded, old, group.holders).probability
        cut = old.thresholds.best
    return Reliability(
        len(same),
        _loss(before, same),
        _loss(learned.after, same),
        int(((before >= cut) == (same > 0.5)).sum()),
        int(((learned.after >= group.model.thresholds.best) == (same > 0.5)).sum()),
        _bins(learned.after, same),
    )


def _loss(p: Floats, same: Floats) -> float:
    p = np.clip(p, ERROR, 1 - ERROR)
    return float(-np.log(np.where(same > 0.5, p, 1 - p)).mean())


def _bins(p: Floats, same: Floats) -> tuple[tuple[float, float, int, float, float], ...]:
    at = np.clip(np.digitize(p, EDGES) - 1, 0, len(EDGES) - 2)
    return tuple(
        (EDGES[b], EDGES[b + 1], int((at == b).sum()), float(same[at == b].mean()), float(p[at == b].mean()))
        for b in range(len(EDGES) - 1)
        if (at == b).any()
    )
