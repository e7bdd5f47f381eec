"""Stage 5: clusters get the golden ids that live on; what people should look at is queued.

Reads `match` (labels, pairs), `validate` (quarantine, facts), `land` (sources), and the published crosswalk and
decisions. Writes `crosswalk`, `events`, `clusters`, `households`, `candidates`, and `base`: the publication all of it
was worked out against.
"""

from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from connectors.store import ids
from pipelines import brought, lineage, review
from pipelines.context import Run, StageResult
from rules import identity
from rules.identity.assign import KEPT, Mint

STAGE: Final = "identify"
LONGEST_QUEUE: Final = 100_000
"""Candidates kept; more than that no team works through, and the most valuable come first."""


def identify(run: Run, mint: Mint | None = None) -> StageResult:
    """Golden ids for the clusters of this run. `mint` makes new golden ids; None: at random."""
    labels = run.folder.read("match", "labels")
    yesterday = run.store.crosswalk()
    own = brought.brought(run, labels, yesterday)
    decisions = run.store.decisions()
    found = identity.assign(
        labels,
        own.crosswalk,
        mint or ids.mint("G", own.known["golden_id"]),
        confirmed=_confirmed(decisions),
        kept=_kept(run, labels, yesterday),
        known=own.known,
        again=identity.continued(decisions, labels, yesterday),
        since=run.store.held_since,
    )
    events = brought.told(run, lineage.explained(run, found.events, own.crosswalk, found.crosswalk))
    clusters = _clusters(labels, found)
    run.progress(1, 2)
    queue = review.queue(run, labels, own.said)
    write = run.folder.write
    write(STAGE, "crosswalk", found.crosswalk)
    write(STAGE, "events", events)
    write(STAGE, "clusters", clusters)
    write(STAGE, "households", _households(run, clusters, events, found.crosswalk))
    write(STAGE, "candidates", queue.slice(0, LONGEST_QUEUE))
    write(STAGE, "base", pa.table({"version": pa.array([run.store.version()], pa.int64())}))
    run.progress(2, 2)
    notes = [
        *_undeclared(run, yesterday), *brought.notes(own, found.crosswalk), *_contradicted(queue), *_too_long(queue)
    ]  # fmt: skip
    return StageResult(STAGE, labels.num_rows, found.clusters.num_rows, notes=tuple(notes), counts=_counts(events))


def _counts(events: pa.Table) -> dict[str, int]:
    counts = pc.value_counts(events["event"]).to_pylist()
    return {row["values"]: row["counts"] for row in counts}


def _confirmed(decisions: pa.Table) -> pa.Table:
    """Keys of records that a person joined to others, or whose values a person set."""
    chosen = decisions.filter(pc.is_in(decisions["kind"], value_set=pa.array(["same", "value"])))
    left = chosen.select(["left_source", "left_id"]).rename_columns(["source", "record_id"])
    right = chosen.select(["right_source", "right_id"]).rename_columns(["source", "record_id"])
    return pa.concat_tables([left, right]).drop_null()


def _kept(run: Run, labels: pa.Table, yesterday: pa.Table) -> pa.Table:
    """Records in no cluster that are not gone: quarantined, or of a source that did not say what is missing.

    Only a source that landed whole, and is declared `full`, tells by a row's absence that the record is gone.
    """
    con = duckdb.connect()
    con.register("labels", labels)
    con.register("yesterday", yesterday)
    con.register("quarantine", run.folder.read("validate", "quarantine", columns=["source", "record_id"]))
    con.register("speaks", pa.table({"source": pa.array(_telling(run, yesterday), pa.string())}))
    kept = con.sql("""
        select distinct source, record_id, 'quarantined' as state from quarantine
        union all
        select source, record_id, state from yesterday y where state <> 'retired'
            and source not in (select source from speaks)
            and not exists (select 1 from labels l where (l.source, l.record_id) = (y.source, y.record_id))
            and not exists (select 1 from quarantine q where (q.source, q.record_id) = (y.source, y.record_id))
        """).to_arrow_table()
    con.close()
    return kept.cast(KEPT)


def _telling(run: Run, yesterday: pa.Table) -> list[str]:
    """Sources whose missing rows are gone. A source that is no longer declared has nothing left to say: all is gone."""
    landed = {row["source"]: row["state"] for row in run.folder.read("land", "sources").to_pylist()}
    declared = run.workspace.sources
    silent = {n for n, s in declared.items() if s.mode == "append" or landed.get(n) not in ("landed", "unchanged")}
    published = pc.unique(yesterday["source"]).to_pylist()
    return sorted({*published, *declared} - silent)


def _undeclared(run: Run, yesterday: pa.Table) -> list[str]:
    """Sources that were published and are declared no more: said, because a renamed file looks the same."""
    active = yesterday.filter(pc.not_equal(yesterday["state"], "retired"))
    counts = {row["values"]: row["counts"] for row in pc.value_counts(active["source"]).to_pylist()}
    return [
        f"the source {name} is declared no more: its {number} records are retired. Name it back if it was renamed"
        for name, number in sorted(counts.items())
        if name not in run.workspace.sources
    ]


def _clusters(labels: pa.Table, found: identity.Identified) -> pa.Table:
    """The labels with each cluster's golden id, by record key."""
    con = duckdb.connect()
    con.register("labels", labels)
    con.register("named", found.clusters)
    clusters = con.sql("""
        select source, record_id, cluster_id, household, golden_id from labels join named using (cluster_id)
        order by source, record_id""").to_arrow_table()
    con.close()
    return clusters


def _households(run: Run, clusters: pa.Table, events: pa.Table, crosswalk: pa.Table) -> pa.Table:
    """Those of this run's labels; a customer that is held stays with those it was with."""
    before = run.store.past_households()
    held = pc.unique(crosswalk.filter(pc.not_equal(crosswalk["state"], "retired"))["golden_id"].drop_null())
    held = held.filter(pc.invert(pc.is_in(held, value_set=clusters["golden_id"])))
    labels = clusters.select(["golden_id", "household"])
    mint = ids.mint("H", before["household_id"])
    return identity.households(labels, before, events, mint, pa.table({"golden_id": held}))


def _contradicted(queue: pa.Table) -> list[str]:
    """A sentence a decision that the data now contradict; it holds all the same."""
    return [
        f"{row['reason']}; it holds until it is undone"
        for row in queue.filter(pc.equal(queue["kind"], "decision")).to_pylist()
    ]


def _too_long(queue: pa.Table) -> list[str]:
    if queue.num_rows <= LONGEST_QUEUE:
        return []
    return [f"{queue.num_rows} candidates for review; the {LONGEST_QUEUE} most valuable are queued"]
