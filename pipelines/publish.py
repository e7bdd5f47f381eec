"""Stage 7: the golden table becomes what everyone sees, in one step, or stays what it was.

1. The files go to `published/<run id>/`, where nobody looks yet.
2. The rows go into the state database, invisible; then its pointer moves. This is the moment of publication.
3. `published/latest` is swung over.

A crash before 2 leaves yesterday's publication in force, one after it leaves the link behind: `repair`, which every
publication begins with, brings both in line with the state database. Where nothing changed nothing is published.

Where the run stands on the publication in force, only what its folder holds otherwise than that of the run before is
compared (scope.py), and files are made out of those in force (published_files.py).
"""

import json
from dataclasses import dataclass, replace
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors.sinks import files
from connectors.store import proposal
from connectors.store.base import instant
from connectors.store.proposal import Compared, Proposed, Scope
from connectors.store.publication import Boundary, Publication, nowhere
from connectors.store.runs import RunFolder
from connectors.store.state import Store
from connectors.workspace import Workspace
from pipelines import published_files, scope
from pipelines.context import Run, StageResult
from pipelines.published_files import Earlier, Over, Provenance, Tables
from rules.vocabulary import CONTACT_POINTS, CROSSWALK, EVENTS, FACTS, GOLDEN, QUEUE, RELATIONS, RESULTS, SOURCES

COUNTED: Final = ("created", "merged", "split", "changed", "retired")
BY_RECORD: Final = [("source", "ascending"), ("record_id", "ascending")]
"""The order of the crosswalk as it is published; that of an amended table is another."""


def publish(run: Run, at: Boundary = nowhere) -> StageResult:
    """Publish a run. -> counts of created, merged, split, changed, retired customers; `published` 1 where it did.

    `at` is called with the name of each point at which a crash would leave something else behind. Raises
    publication.Conflict where another run was published since this one was worked out.
    """
    repair(run.workspace, run.store)
    ready = prepared(run)
    new, found = ready.new, ready.found
    counts = _counts(found.publication.events)
    run.progress(1, 4)
    if found.news:
        _write(run, ready, at)
    run.prepared = None  # a million customers' rows
    counts["published"] = int(found.news)
    return StageResult("publish", new.crosswalk.num_rows, len(found.ids), notes=_notes(found), counts=counts)


def repair(workspace: Workspace, store: Store) -> list[str]:
    """Bring files and link in line with the state database after a crash; call it only under the lock of a run.

    -> sentences on what was mended.
    """
    folder = workspace.root / "published"
    mended = ["a publication that was cut off was taken back"] if store.repair() else []
    current = store.last_published()
    history = store.runs()
    made = history.filter(pc.is_valid(history["version"]))["run_id"].to_pylist()
    kept = {*made[: workspace.firm.keep_runs], *([current] if current else [])}
    mended += [f"published/{name} was removed: never published, or past keeping" for name in files.clear(folder, kept)]
    if current and not (folder / current).exists():
        _write_again(workspace, store, current)
        mended.append(f"published/{current} was missing and was written again from the state database")
    if current and files.pointed(folder) != current:
        files.point(folder, current)
        mended.append(f"published/latest points to {current} again")
    return mended


@dataclass(frozen=True)
class Prepared:
    """All that a run would publish, and how that differs from what is published."""

    new: Proposed
    found: Compared
    earlier: Earlier | None = None
    """The files in force, where only what is not as in them was compared."""


def prepared(run: Run) -> Prepared:
    """What publish is about to write; worked out once a run."""
    if run.prepared is None:
        earlier = published_files.earlier(run)
        within = scope.scope(run, earlier)
        new = proposed(run, within)
        run.prepared = Prepared(new, proposal.compare(run.store, new), earlier if within else None)
    ready: Prepared = run.prepared
    return ready


def proposed(run: Run, within: Scope | None = None) -> Proposed:
    """All that this run would publish, from its folder; `within`: of customers, only those in scope."""
    read = run.folder.read
    return Proposed(
        run_id=run.id,
        base=read("identify", "base")["version"][0].as_py(),
        time=instant(run.started),
        golden=_of_customers(run, "golden", GOLDEN, within),
        contact_points=_of_customers(run, "contact_points", CONTACT_POINTS, within),
        relations=_of_customers(run, "relations", RELATIONS, within),
        crosswalk=read("identify", "crosswalk").select(CROSSWALK.names).cast(CROSSWALK).sort_by(BY_RECORD),
        households=read("identify", "households"),
        candidates=_queue(run),
        quarantine=_quarantine(run),
        facts=_or_empty(run, "validate", "facts", FACTS),
        events=read("identify", "events").select(EVENTS.names).cast(EVENTS),
        results=_or_empty(run, "validate", "results", RESULTS),
        sources=read("land", "sources").select(SOURCES.names).cast(SOURCES),
        model=_model(run),
        scope=within,
    )


def _queue(run: Run) -> pa.Table:
    """Runs of earlier releases tell less of a candidate."""
    both = [QUEUE.empty_table(), run.folder.read("identify", "candidates")]
    return pa.concat_tables(both, promote_options="permissive").drop_columns(["cluster_id"])


def _of_customers(run: Run, table: str, schema: pa.Schema, within: Scope | None) -> pa.Table:
    if within is None:
        return run.folder.read("survive", table).select(schema.names).cast(schema)
    wanted = pc.field("golden_id").isin(within.customers["golden_id"].combine_chunks())
    found = [part.read(filters=wanted) for part in run.folder.parts("survive", table).values()]
    return pa.concat_tables(found, promote_options="permissive").select(schema.names).cast(schema)


def _or_empty(run: Run, stage: str, table: str, schema: pa.Schema) -> pa.Table:
    if not run.folder.parts(stage, table):
        return schema.empty_table()
    return run.folder.read(stage, table).select(schema.names).cast(schema)


def _quarantine(run: Run) -> pa.Table:
    """Quarantined rows as the state database keeps them: reasons as JSON, and who owns the source."""
    rows = run.folder.read("validate", "quarantine")
    reasons = [json.dumps(r or [], ensure_ascii=False) for r in rows["reasons"].to_pylist()]
    declared = run.workspace.sources
    owners = [declared[s].owner if s in declared else None for s in rows["source"].to_pylist()]
    columns = {name: rows[name] for name in ("source", "record_id", "raw", "file", "sheet", "line", "hash")}
    return pa.table({**columns, "reasons": pa.array(reasons, pa.string()), "owner": pa.array(owners, pa.string())})


def _model(run: Run) -> str | None:
    path = run.folder.root / "match" / "model.json"
    return path.read_text("utf-8") if path.exists() else None


def _counts(events: pa.Table) -> dict[str, int]:
    seen = {row["values"]: row["counts"] for row in pc.value_counts(events["event"]).to_pylist()}
    return {name: seen.get(name, 0) for name in COUNTED}


def _write(run: Run, ready: Prepared, at: Boundary) -> None:
    new, found = ready.new, ready.found
    over = None
    if ready.earlier and new.scope:
        over = Over(ready.earlier, new.scope.customers["golden_id"].combine_chunks())
    tables = Tables(
        found.golden, found.contact_points, found.relations, new.crosswalk, _provenance(run, found.held), over
    )
    put_in_force(run, replace(found.publication, act=run.act), tables, at)


def put_in_force(run: Run, what: Publication, tables: Tables, at: Boundary) -> None:
    """Files, then the state database, then the link. `tables`: as they are to be."""
    folder = run.workspace.root / "published"
    draft = files.draft(folder, run.id)
    lines = published_files.write(tables, draft, run.id, what.version)
    at("files drafted")
    settled = files.settle(draft, folder, run.id)
    if lines is not None:
        published_files.keep(run, settled, lines)
    at("files settled")
    run.progress(2, 4)
    run.store.publish(what, at)
    run.progress(3, 4)
    files.point(folder, run.id)
    at("link swung")
    run.progress(4, 4)


def _provenance(run: Run, held: list[str]) -> Provenance:
    before = run.workspace.root / "published" / (run.store.last_published() or "") / "provenance.parquet"
    kept = pq.read_table(before, filters=[("golden_id", "in", held)]) if held and before.exists() else None
    return Provenance(published_files.provenance_of(run.folder), kept)


def _write_again(workspace: Workspace, store: Store, run_id: str) -> None:
    """The files of the publication in force, out of the state database; provenance as far as the run is still there."""
    folder = workspace.root / "published"
    run = RunFolder.open(workspace.var / "runs", run_id)
    draft = files.draft(folder, run_id)
    tables = Tables(
        store.golden(),
        store.detail("contact_points"),
        store.detail("relations"),
        store.crosswalk(),
        Provenance(published_files.provenance_of(run)),
    )
    published_files.write(tables, draft, run_id, store.version())
    files.settle(draft, folder, run_id)


def _notes(found: Compared) -> tuple[str, ...]:
    if not found.held:
        return ()
    reason = "all their records are quarantined or of sources that did not say what is missing"
    return (f"{len(found.held)} customers stay as they were: {reason}",)
