"""What a run would publish, and how that differs from what is published: nothing is written here."""

from dataclasses import dataclass, fields

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from connectors.store import golden
from connectors.store.golden import ENDS, GoldenDifference
from connectors.store.publication import Publication
from connectors.store.published import MANY
from connectors.store.state import Store
from connectors.store.versioned import GROUPS, Difference, difference


@dataclass(frozen=True)
class Proposed:
    """The tables of a run. `golden`, `contact_points`, `relations` as survive made them; `quarantine` with owner."""

    run_id: str
    base: int
    time: str
    golden: pa.Table
    contact_points: pa.Table
    relations: pa.Table
    crosswalk: pa.Table
    households: pa.Table
    candidates: pa.Table
    quarantine: pa.Table
    facts: pa.Table
    events: pa.Table
    results: pa.Table
    sources: pa.Table
    model: str | None = None


@dataclass(frozen=True)
class Compared:
    """A publication to be, and the tables of it whole, held customers included, as its files hold them."""

    publication: Publication
    golden: pa.Table
    contact_points: pa.Table
    relations: pa.Table
    held: list[str]
    before: pa.Table
    """Golden rows as published of the customers that change, split off from, or end."""

    @property
    def news(self) -> bool:
        """Whether there is anything to publish."""
        what = self.publication
        return bool(what.golden) or any(what.groups.values()) or what.model is not None


def compare(store: Store, new: Proposed) -> Compared:
    """How a run's tables differ from what is published now."""
    change = golden.difference(
        store.stamps("golden"), new.golden, new.contact_points, new.relations, ends(new.events), new.time
    )
    held = change.held["golden_id"].to_pylist()
    rows = {field.name: getattr(new, field.name) for field in fields(new)}
    for name in ("contact_points", "relations"):
        rows[name] = _with_held(rows[name], store.detail(name, ids=held))
    for name in ("quarantine", "candidates"):
        rows[name] = _waiting_since(rows[name], store.first_runs(name), new.run_id)
    groups = {of.name: difference(of, store.stamps(of.name), rows[of.name]) for of in GROUPS}
    before = _touched(store, new.events, change)
    return Compared(
        publication=_publication(store, new, change, groups, before),
        golden=_with_held(change.rows, store.golden(ids=held)),
        contact_points=rows["contact_points"],
        relations=rows["relations"],
        held=held,
        before=before,
    )


def ends(events: pa.Table) -> pa.Table:
    """Golden ids that end with these events (schema golden.ENDS)."""
    con = duckdb.connect()
    con.register("events", events)
    found = con.sql("""
        select other_golden_id as golden_id, 'superseded' as state, golden_id as resolves_to
        from events where event = 'merged'
        union all select golden_id, 'retired', null from events where event = 'retired' order by 1""").to_arrow_table()
    con.close()
    return found.cast(ENDS)


def _touched(store: Store, events: pa.Table, change: GoldenDifference) -> pa.Table:
    """Golden rows, as published, of the customers of which there is something to tell."""
    told = events.filter(pc.not_equal(events["event"], "created"))
    named = pa.chunked_array(
        [*change.changed["golden_id"].chunks, *told["golden_id"].chunks, *told["other_golden_id"].chunks], pa.string()
    )
    ids = pc.unique(named.drop_null()).to_pylist()
    return store.golden(ids=None if len(ids) > MANY else ids)


def _publication(
    store: Store, new: Proposed, change: GoldenDifference, groups: dict[str, Difference], before: pa.Table
) -> Publication:
    return Publication(
        run_id=new.run_id,
        base=new.base,
        time=new.time,
        golden=change,
        groups=groups,
        events=pa.concat_tables([new.events, golden.changes(before, change.rows, change.changed)]),
        results=new.results,
        sources=new.sources,
        model=None if new.model == store.model() else new.model,
    )


def _with_held(new: pa.Table, held: pa.Table) -> pa.Table:
    """The new rows and those of customers that stay as they are."""
    if not held.num_rows:
        return new
    both = pa.concat_tables([new, held.select(new.column_names).cast(new.schema)])
    return both.take(pc.sort_indices(both, [("golden_id", "ascending")]))


def _waiting_since(rows: pa.Table, before: pa.Table, run_id: str) -> pa.Table:
    """`first_run`: the run that first put this row in the queue."""
    con = duckdb.connect()
    con.register("rows", rows)
    con.register("before", before)
    key = ", ".join(f'"{name}"' for name in before.column_names if name != "first_run")
    since = con.sql(
        f"select rows.*, coalesce(first_run, $run) as first_run from rows left join before using ({key})",  # noqa: S608 - our own names
        params={"run": run_id},
    ).to_arrow_table()
    con.close()
    return since
