"""What was found of every type of party, put together with what stays as it was."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules.matching.again.before import ROWS, Before, Links
from rules.matching.blocks.choose import Considered
from rules.matching.cluster import Clusters
from rules.matching.clusters.health_tables import contrary_table, health_table
from rules.matching.encode import Encoded
from rules.matching.group import remarks
from rules.matching.households import households
from rules.matching.model import Model
from rules.matching.score import Scored
from rules.matching.shared import LeftOut
from rules.matching.tables import blocking_table, left_out_table, pairs_of
from rules.matching.types import Bools, Bytes, Ints, Longs
from rules.vocabulary import CLUSTERS, KEY, PartyType

ENDS: Final = ("left_source", "left_id", "right_source", "right_id")


@dataclass(frozen=True)
class Earlier:
    """What an earlier run found and read; tables as it wrote them."""

    rows: pa.Table
    links: pa.Table
    left_out: pa.Table
    health: pa.Table
    contrary: pa.Table
    decisions: pa.Table
    features: pa.Table
    """Of the records that changed since, or are gone, as they were."""
    forms: pa.Table
    """frozen.FORMS."""


@dataclass(frozen=True)
class Night:
    """What is found, and how it differs from what was found earlier."""

    labels: pa.Table
    """vocabulary.CLUSTERS of all records; a cluster of the same records has the number that it had."""
    relabelled: pa.Table
    """Those of the records whose cluster or household is another, and of new ones."""
    moved: pa.Table
    """Keys of these, and of records that are gone."""
    pairs: pa.Table
    """Pairs that were scored again."""
    gone: pa.Table
    """Keys of both ends of the earlier pairs that are no more, or were scored again."""
    health: pa.Table
    contrary: pa.Table
    rows: pa.Table
    links: pa.Table
    blocking: pa.Table
    left_out: pa.Table
    notes: tuple[str, ...]
    compared: int
    """Pairs in all."""


@dataclass(frozen=True)
class Found:
    """What was found of one type of party."""

    kind: PartyType
    encoded: Encoded
    model: Model
    guess: Ints
    links: Links
    levels: Bytes
    """Of the last links, which were scored again."""
    stays: Bools
    """Of the earlier links."""
    reached: Bools
    clusters: Clusters
    considered: list[Considered]
    left_out: list[LeftOut]
    rows: Ints
    before: Before


def together(keys: pa.Table, found: list[Found], earlier: Earlier) -> Night:
    """All that was found as one; `keys`: source, record_id of all records, in order."""
    number = int(pc.max(earlier.rows["cluster_id"]).as_py() or 0) + 1 if len(earlier.rows) else 0
    cluster, household = np.zeros(len(keys), np.int64), np.full(len(keys), -1, np.int64)
    health, contrary, ended = [], [], [np.zeros(0, np.int64)]
    for one in found:
        cluster[one.rows], number = _numbered(one, number)
        own = cluster[one.rows]
        first = np.zeros(int(one.clusters.label.max(initial=-1)) + 1, np.int64)
        first[one.clusters.label] = own
        h = one.clusters.health
        health.append(health_table(h, one.encoded, first[h.cluster]))
        contrary.append(contrary_table(h, one.encoded, first[h.cluster]))
        ended.append(one.before.cluster[(one.before.row < 0) | np.append(one.reached, False)[one.before.row]])
        if one.kind == PartyType.PERSON:
            scored = Scored(one.links.pairs, one.links.weight, one.links.relation)
            household[one.rows] = households(scored, own)
    home = pc.binary_join_element_wise("h", pa.array(household, mask=household < 0).cast(pa.string()), "")
    labels = pa.table([keys["source"], keys["record_id"], pa.array(cluster), home], schema=CLUSTERS)
    rows = pa.concat_tables([_rows(one, labels, household) for one in found])
    other = labels.take(pa.array(np.concatenate([_relabelled(one, cluster, household) for one in found])))
    gone = pa.array(np.concatenate(ended))
    pairs = [pairs_of(one.encoded, *_fresh(one), one.model.fields) for one in found]
    return Night(
        labels=labels,
        relabelled=other,
        moved=pa.concat_tables([_keys(other), *(_keys(_then(one, earlier.rows, one.before.row < 0)) for one in found)]),
        pairs=pa.concat_tables(pairs, promote_options="default"),
        gone=pa.concat_tables([_gone(one, earlier.rows) for one in found]),
        health=_kept(earlier.health, gone, health),
        contrary=_kept(earlier.contrary, gone, contrary),
        rows=rows,
        links=pa.concat_tables([one.links.table(one.kind) for one in found]),
        blocking=blocking_table([(str(one.kind), c) for one in found for c in one.considered]),
        left_out=left_out_table([(str(one.kind), v) for one in found for v in one.left_out]),
        notes=tuple(_notes(found)),
        compared=sum(len(one.links) for one in found),
    )


def _numbered(one: Found, number: int) -> tuple[Longs, int]:
    """The number of each record's cluster: that of then where it has the same records; new ones from `number` on."""
    then = one.before.of_now(len(one.reached))
    out = np.where(then >= 0, np.append(one.before.cluster, -1)[then], -1)
    rows = np.flatnonzero(one.reached)
    label = one.clusters.label[rows]
    size = np.bincount(label, minlength=1)
    low, high = np.full(len(size), np.iinfo(np.int64).max), np.full(len(size), -1, np.int64)
    np.minimum.at(low, label, out[rows])
    np.maximum.at(high, label, out[rows])
    were = np.bincount(one.before.cluster, minlength=1) if len(one.before.cluster) else np.zeros(1, np.int64)
    same = (size > 0) & (low == high) & (low >= 0)
    same[same] = were[low[same]] == size[same]
    new = (size > 0) & ~same
    of = np.where(same, low, number - 1 + np.cumsum(new))
    out[rows] = of[label]
    return out, number + int(new.sum())


def _fresh(one: Found) -> tuple[Scored, Bytes]:
    """The pairs that were scored again."""
    links = one.links.some(np.arange(len(one.links)) >= len(one.links) - len(one.levels))
    return Scored(links.pairs, links.weight, links.relation), one.levels


def _then(one: Found, rows: pa.Table, which: Bools) -> pa.Table:
    """Some of the earlier records of a type of party, of ROWS of all."""
    return rows.filter(pc.equal(rows["party_type"], str(one.kind))).filter(pa.array(which))


def _keys(table: pa.Table) -> pa.Table:
    return table.select(["source", "record_id"]).cast(pa.schema(KEY))


def _gone(one: Found, rows: pa.Table) -> pa.Table:
    """Both ends of the earlier pairs that do not stay."""
    theirs = _then(one, rows, np.ones(len(one.before.row), bool))
    pairs = one.before.links.pairs
    ends = [theirs.take(pa.array(side[~one.stays])) for side in (pairs.left, pairs.right)]
    return pa.table([end[c] for end in ends for c in ("source", "record_id")], names=list(ENDS))


def _rows(one: Found, labels: pa.Table, household: Longs) -> pa.Table:
    theirs = labels.take(pa.array(one.rows))
    party = pa.repeat(str(one.kind), len(theirs))
    columns = [theirs["source"], theirs["record_id"], party, pa.array(one.guess)]
    return pa.table([*columns, theirs["cluster_id"], pa.array(household[one.rows])], schema=ROWS)


def _relabelled(one: Found, cluster: Longs, household: Longs) -> Ints:
    """Numbers, among all, of the records of which cluster or household is another, and of new ones."""
    then = one.before.of_now(len(one.rows))
    same = then >= 0
    for now, was in ((cluster, one.before.cluster), (household, one.before.household)):
        same &= np.append(was, -2)[then] == now[one.rows]
    return one.rows[~same]


def _kept(before: pa.Table, ended: pa.Array, found: list[pa.Table]) -> pa.Table:
    """Rows of clusters that stay as they were, and those of the others."""
    stays = before.filter(pc.invert(pc.is_in(before["cluster_id"], value_set=ended)))
    return pa.concat_tables([stays, *found]).sort_by("cluster_id")


def _notes(found: list[Found]) -> Iterator[str]:
    for one in found:
        if len(one.encoded) > 1:
            yield from remarks(one.kind, one.considered, one.left_out, len(one.encoded))
            yield from one.model.notes
