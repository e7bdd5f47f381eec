"""What `report.html` of a deduplication is made from."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.dedupe.reading import Read
from reports import dedupe as report
from reports import story, waterfall
from rules.matching.engine import Matched
from rules.matching.kinds import LEVELS
from rules.record_key import key_of
from rules.vocabulary import RAW_PREFIX, Relation

if TYPE_CHECKING:
    from pipelines.dedupe import Request

GROUPS: Final = 12
ROWS: Final = 12
SAMPLES: Final = 6
JOINS: Final = 20
BINS: Final = 20
TINY: Final = 1e-9


def html(reads: Sequence[Read], matched: Matched, clusters: pa.Table, request: "Request") -> str:
    """The page."""
    sizes = Counter(Counter(clusters["cluster_id"].to_pylist()).values())
    used, merge, review = thresholds(matched, merge_only=request.merge_only)
    return report.render(
        report.DedupeReport(
            inputs=[report.Input(path.name, len(r.raw)) for path, r in zip(request.files, reads, strict=True)],
            records=len(clusters),
            customers=sum(sizes.values()),
            sizes=sorted(sizes.items()),
            columns=[c for r in reads for c in _columns(r)],
            blocking=list(_blocking(matched)),
            pairs=sum(group.compared for group in matched.groups.values()),
            bins=_bins(matched),
            merge=merge,
            review=review,
            used=used,
            groups=list(_groups(reads, clusters, matched)),
            samples=list(_samples(matched, clusters, used)),
            classes=list(_classes(matched)),
            weights=list(_weights(matched)),
            relations=_relations(matched),
            files=["clusters.csv", "golden.csv", "pairs.parquet"],
            notes=[*(note for r in reads for note in r.notes), *matched.notes],
            link=request.link,
        )
    )


def _blocking(matched: Matched) -> Iterable[report.Blocking]:
    used = [(party, c) for party, c in matched.blocking if c.used]
    several = len({party for party, _ in used}) > 1
    for party, c in used:
        yield report.Blocking(
            (" + ".join(c.rule) or c.text) + (f" ({party})" if several else ""), c.pairs, c.largest, c.reason
        )


def thresholds(matched: Matched, *, merge_only: bool) -> tuple[float, float, float]:
    """Joined from, joined unseen from and shown to people from; of the type of party with the most records."""
    held = {party: len(group.encoded) for party, group in matched.groups.items()}
    for party in sorted(held, key=lambda p: -held[p]):
        if party in matched.thresholds:
            t = matched.thresholds[party]
            return t.merge if merge_only else t.best, t.merge, t.review
    return 0.5, 0.995, 0.2


def _columns(read: Read) -> Iterable[report.Column]:
    for m in read.meanings:
        filled = 1 - read.raw[m.column].null_count / max(len(read.raw), 1)
        yield report.Column(m.column, m.target, m.confidence, m.why, filled)


def _bins(matched: Matched) -> list[int]:
    probability = matched.pairs["match_probability"].to_numpy(zero_copy_only=False)
    return [int(n) for n in np.histogram(probability, bins=BINS, range=(0, 1))[0]]


def _groups(reads: Sequence[Read], clusters: pa.Table, matched: Matched) -> Iterable[report.Group]:
    """The largest clusters with their rows as they stood, under the columns that mean something."""
    counts = Counter(clusters["cluster_id"].to_pylist())
    largest = [c for c, n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:GROUPS] if n > 1]
    raw = {r.name: r.raw for r in reads}
    columns = tuple(dict.fromkeys(m.column for r in reads for m in r.meanings if m.target != "ignore"))
    for number in largest:
        members = clusters.filter(pc.equal(clusters["cluster_id"], number)).slice(0, ROWS).to_pylist()
        found = [(m, _raw_row(raw[m["source"]], m["record_id"])) for m in members]
        shown = tuple(c for c in columns if any(row.get(c) for _, row in found))
        rows = tuple(report.Row(key_of(m), tuple(row.get(c) or "" for c in shown)) for m, row in found)
        told = matched.story((members[0]["source"], members[0]["record_id"]))
        joins = [story.join(step) for step in told.joins[:JOINS]]
        yield report.Group(str(number), counts[number], shown, rows, story.facts(told), joins)


def _raw_row(raw: pa.Table, record_id: str) -> dict[str, str | None]:
    row = raw.filter(pc.equal(raw["_record_id"], record_id)).slice(0, 1).to_pylist()[0]
    return {c: v for c, v in row.items() if c not in RAW_PREFIX}


def _samples(matched: Matched, clusters: pa.Table, used: float) -> Iterable[report.Sample]:
    """The pairs nearest to the threshold, half of them below it; what became of each is as the clusters have it."""
    columns = (clusters[name].to_pylist() for name in ("source", "record_id", "cluster_id"))
    cluster = {(source, record): number for source, record, number in zip(*columns, strict=True)}
    probability = matched.pairs["match_probability"].to_numpy(zero_copy_only=False)
    above = np.flatnonzero(probability >= used)
    below = np.flatnonzero(probability < used)
    nearest = [
        *above[np.argsort(probability[above], kind="stable")][: SAMPLES // 2],
        *below[np.argsort(-probability[below], kind="stable")][: SAMPLES // 2],
    ]
    for row in matched.pairs.take(pa.array(np.array(nearest, np.int64))).to_pylist():
        left, right = (row["left_source"], row["left_id"]), (row["right_source"], row["right_id"])
        told = matched.explain(left, right)
        evidence = waterfall.steps(told)
        joined = cluster[left] == cluster[right]
        yield report.Sample(
            ":".join(left), ":".join(right), row["match_probability"], row["relation"], joined, evidence, told.sentence
        )


def _classes(matched: Matched) -> Iterable[report.LatentClass]:
    """The kinds of pairs of each type of party, and the rest, that only chance brought together."""
    for party, model in matched.models.items():
        name = f" ({party})" if len(matched.models) > 1 else ""
        share = dict.fromkeys(map(str, Relation), 0.0)
        for relation, part in zip(model.relations, model.share, strict=True):
            share[str(relation)] += float(part)
        share[str(Relation.UNRELATED)] += max(0.0, 1.0 - sum(share.values()))
        for relation in Relation:
            if pairs := round(share[str(relation)] * model.pairs):
                yield report.LatentClass(f"{relation}{name}", share[str(relation)], pairs)


def _weights(matched: Matched) -> Iterable[report.Weight]:
    """What each level of agreement that was seen is worth by itself, in bits.

    log2 of its share among pairs of one customer over its share among random pairs; of the type of party that has
    the most records.
    """
    party = max(matched.models, key=lambda p: len(matched.groups[p].encoded), default=None)
    if party is None:
        return
    model, levels = matched.models[party], matched.groups[party].levels
    same = model.columns(Relation.SAME, Relation.MOVED)
    share = model.share[same] / max(float(model.share[same].sum()), TINY)
    for n, (field, start) in enumerate(zip(model.fields, model.starts, strict=True)):
        for level, name in reversed(list(enumerate(LEVELS[field.kind]))):
            if pairs := int((levels[:, n] == level).sum()):
                m = float(model.theta[start + level, same] @ share)
                bits = float(np.log2(max(m, TINY) / max(float(model.random[n][level]), TINY)))
                yield report.Weight(field.name, name, bits, pairs)


def _relations(matched: Matched) -> list[tuple[str, int]]:
    counts = Counter(matched.pairs["relation"].to_pylist())
    return [(str(r), counts[str(r)]) for r in Relation if counts[str(r)]]
