"""Stage 5: clusters get the golden ids that live on; what people should look at is queued.

Reads `match` (labels, pairs), `validate` (quarantine, facts), `land` (sources), and the published crosswalk and
decisions. Writes `crosswalk`, `events`, `clusters`, `households`, `candidates`, and `base`: the publication all of it
was worked out against. Where the labels are those of the last published run but for some, only what depends on these
is worked out, and the other rows stay.
"""

from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from connectors.store import ids
from pipelines import absent, brought, concerned, facets, homes, lineage, review, withdrawn
from pipelines.concerned import CLAIMS, STAGE, Concerned
from pipelines.context import Run, StageResult
from rules import duck, identity
from rules.identity.assign import Mint

LONGEST_QUEUE: Final = 100_000
"""Candidates kept; more than that no team works through, and the most valuable come first."""


def identify(run: Run, mint: Mint | None = None) -> StageResult:
    """Golden ids for the clusters of this run. `mint` makes new golden ids; None: at random."""
    with duck.session() as con:
        return _identified(con, run, mint or ids.mint("G", run.store.used))


def _identified(con: duckdb.DuckDBPyConnection, run: Run, mint: Mint) -> StageResult:
    base = concerned.ground(run)
    concerned.tables(con, run, base)
    decisions = run.store.decisions()
    own, again = brought.brought(con, run), _again(con, decisions)
    anew = concerned.concerned(con, run, base, absent.kept(con, run), _claims(own, again))
    before = own.onto(anew.crosswalk)
    found = identity.assign(
        anew.labels,
        before,
        mint,
        confirmed=_confirmed(decisions),
        kept=anew.kept,
        known=own.known(run.store.known_ids(anew.ids)),
        again=again,
        since=run.store.held_since,
        withdrawn=withdrawn.withdrawn(con, run),
    )
    events = brought.told(run, lineage.explained(run, found.events, before, found.crosswalk))
    run.progress(1, 2)
    queue = review.queue(con, run, own.said)
    _write(con, run, anew, found)
    homes.write(con, run, anew, found.crosswalk, events)
    run.folder.write(STAGE, "events", events)
    run.folder.write(STAGE, "candidates", facets.with_facets(run, queue.slice(0, LONGEST_QUEUE)))
    run.folder.write(STAGE, "base", pa.table({"version": pa.array([run.store.version()], pa.int64())}))
    run.progress(2, 2)
    notes = [
        *absent.undeclared(con, run), *brought.notes(own, found.crosswalk), *_contradicted(queue), *_too_long(queue)
    ]  # fmt: skip
    records, clusters = con.sql("select count(*), count(distinct cluster_id) from labels").fetchall()[0]
    return StageResult(STAGE, records, clusters, notes=tuple(notes), counts=_counts(events))


def _counts(events: pa.Table) -> dict[str, int]:
    counts = pc.value_counts(events["event"]).to_pylist()
    return {row["values"]: row["counts"] for row in counts}


def _confirmed(decisions: pa.Table) -> pa.Table:
    """Keys of records that a person joined to others, or whose values a person set."""
    chosen = decisions.filter(pc.is_in(decisions["kind"], value_set=pa.array(["same", "value"])))
    left = chosen.select(["left_source", "left_id"]).rename_columns(["source", "record_id"])
    right = chosen.select(["right_source", "right_id"]).rename_columns(["source", "record_id"])
    return pa.concat_tables([left, right]).drop_null()


def _again(con: duckdb.DuckDBPyConnection, decisions: pa.Table) -> pa.Table:
    """Records that go on where others ended, as people say (schema AGAIN)."""
    con.register("decisions", decisions)
    named = """where (source, record_id) in (
        select left_source, left_id from decisions union select right_source, right_id from decisions)"""
    records = con.sql(f"from labels {named}").to_arrow_table()
    crosswalk = con.sql(f"from yesterday {named}").to_arrow_table()
    return identity.continued(decisions, records, crosswalk)


def _claims(own: brought.Brought, again: pa.Table) -> pa.Table:
    """Golden ids (schema CLAIMS) that records bring along besides those that they had."""
    earlier = again.select(["source", "record_id", "earlier"]).rename_columns(CLAIMS.names)
    return pa.concat_tables([earlier.cast(CLAIMS), own.used.select(CLAIMS.names).cast(CLAIMS)])


def _write(con: duckdb.DuckDBPyConnection, run: Run, anew: Concerned, found: identity.Identified) -> None:
    """The crosswalk, and the labels with each cluster's golden id, both by record key."""
    con.register("named", found.clusters)
    if anew.base is None:
        run.folder.write(STAGE, "crosswalk", found.crosswalk)
        run.folder.write(STAGE, "clusters", con.sql(_CLUSTERS).to_arrow_table())
        return
    anew.base.view(con, STAGE, "clusters", "clusters_then")
    con.execute("create temp table due as select * from area union from replaced")
    old = con.sql("from clusters_then semi join due using (source, record_id)").to_arrow_table()
    con.register("old", old)
    concerned.amend(run, anew.base, "crosswalk", anew.crosswalk, found.crosswalk)
    concerned.amend(run, anew.base, "clusters", old, con.sql(_CLUSTERS_DUE).to_arrow_table())


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


_CLUSTERS: Final = """
    select source, record_id, cluster_id, household, golden_id from labels join named using (cluster_id)
    order by source, record_id"""

# A record whose household alone is another has the golden id that it had.
_CLUSTERS_DUE: Final = """
    select l.source, l.record_id, l.cluster_id, l.household, coalesce(n.golden_id, o.golden_id) as golden_id
    from (from labels semi join due using (source, record_id)) l
        left join named n using (cluster_id) left join old o using (source, record_id)
    order by 1, 2"""
