"""Why customers merged and split in this run: decisions, rules, records that changed, and the evidence of the data."""

import pyarrow as pa
import pyarrow.compute as pc

from pipelines import inputs
from pipelines.context import Run
from rules import duck, identity
from rules.vocabulary import EVENTS, KEY


def explained(run: Run, events: pa.Table, before: pa.Table, after: pa.Table) -> pa.Table:
    """The events (schema EVENTS) with their cause, and what speaks for it; `before`, `after`: crosswalks."""
    rules, history, since = inputs.changed(run), run.store.decision_history(), _since(run)
    asked = rules or any(time >= since for time in history["time"].to_pylist())
    known = identity.Known(
        decisions=run.store.decisions(), history=history, since=since,
        changed=changed(run) if asked else pa.schema(KEY).empty_table(), rules=rules,
    )  # fmt: skip
    return _with_evidence(run, identity.attribute(events, before, after, known), before)


def _since(run: Run) -> str:
    """When the run began whose publication is in force: what people did later, it did not know."""
    last = run.store.last_published()
    return next((row["started"] for row in run.store.runs().to_pylist() if row["run_id"] == last), "")


def changed(run: Run) -> pa.Table:
    """Keys of the records that are new, gone or other than in the last published run."""
    with duck.session() as con:
        for name, folder in (("now", run.folder), ("was", run.before)):
            if folder is None or not folder.parts("validate", "records"):
                con.register(name, pa.schema([*KEY, ("hash", pa.string())]).empty_table())
            else:
                folder.view(con, "validate", "records", name)
        found = con.sql("""
            select source, record_id from now full join was using (source, record_id)
            where now.hash is distinct from was.hash""").to_arrow_table()
    return found.cast(pa.schema(KEY))


def _with_evidence(run: Run, events: pa.Table, before: pa.Table) -> pa.Table:
    """Merges that no person brought about name the best pair of records between the two customers."""
    merged = events.filter((pc.field("event") == "merged") & (pc.field("cause") != "decision"))
    if not merged.num_rows or not run.folder.parts("match", "pairs"):
        return events
    with duck.session() as con:
        for name, data in (("events", events), ("before", before)):
            con.register(name, data)
        run.folder.view(con, "match", "pairs")
        found = con.sql(_EVIDENCE).to_arrow_table()
    return found.cast(EVENTS)


_EVIDENCE = """
    with placed as (select *, row_number() over () as place from events),
    merged as (select place, golden_id, other_golden_id from placed where event = 'merged' and cause <> 'decision'),
    of as (select source, record_id, golden_id from before
        where golden_id in (select golden_id from merged union select other_golden_id from merged)),
    best as (
        select place, max(match_probability) as probability, max_by(
            left_source || ':' || left_id || ' and ' || right_source || ':' || right_id,
            (match_probability, left_source, left_id, right_source, right_id)) as pair
        from pairs p join of l on (l.source, l.record_id) = (p.left_source, p.left_id)
            join of r on (r.source, r.record_id) = (p.right_source, p.right_id)
            join merged m on (m.golden_id, m.other_golden_id) in (
                (l.golden_id, r.golden_id), (r.golden_id, l.golden_id))
        group by place)
    select p.* exclude (place) replace (
        case when b.place is null then detail
            else concat_ws('; ', detail, pair || ' are alike (' || round(probability, 3) || ')') end as detail)
    from placed p left join best b using (place) order by place"""
