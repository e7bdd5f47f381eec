"""What a run would publish, and how that differs from what is published: nothing is written here.

Where the run stands on the publication in force, and it is known which groups can differ from it (`Scope`), the state
database is asked for these only; the outcome is that of comparing all.
"""

from dataclasses import dataclass, fields

import pyarrow as pa
import pyarrow.compute as pc

from connectors.store import golden
from connectors.store.golden import ENDS, GoldenDifference
from connectors.store.keyed import MANY, among
from connectors.store.publication import Publication
from connectors.store.state import Store
from connectors.store.versioned import GROUPS, Difference, Versioned, difference
from rules import duck


@dataclass(frozen=True)
class Scope:
    """What of a run can differ from the publication in force."""

    customers: pa.Table
    """golden_id of the customers of whom anything can: new, changed and ended ones."""
    keys: dict[str, pa.Table]
    """By name of another versioned table, keys of the groups that can; of a table that is not named all can."""
    published: pa.ChunkedArray
    """Golden ids of all customers as published."""
    current: pa.ChunkedArray
    """Golden ids of all customers of the run."""


@dataclass(frozen=True)
class Proposed:
    """The tables of a run. `golden`, `contact_points`, `relations` as survive made them; `quarantine` with owner.

    With a `scope` these three hold only the rows of its customers; the others are whole.
    """

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
    scope: Scope | None = None


@dataclass(frozen=True)
class Compared:
    """A publication to be, and its tables, held customers included, as its files hold them.

    Whole, or only the customers in scope.
    """

    publication: Publication
    golden: pa.Table
    contact_points: pa.Table
    relations: pa.Table
    held: list[str]
    before: pa.Table
    """Golden rows as published of the customers that change, split off from, or end."""
    ids: pa.ChunkedArray
    """Golden ids of all customers as they are to be."""
    customers: int
    """How many are published now."""

    @property
    def news(self) -> bool:
        """Whether there is anything to publish."""
        what = self.publication
        return bool(what.golden) or any(what.groups.values()) or what.model is not None


def compare(store: Store, new: Proposed) -> Compared:
    """How a run's tables differ from what is published now."""
    scope = new.scope
    seen, ended = store.stamps("golden", scope.customers if scope else None), ends(new.events)
    change = golden.difference(seen, new.golden, new.contact_points, new.relations, ended, new.time)
    here = change.held["golden_id"].to_pylist()
    rows = {f.name: getattr(new, f.name) for f in fields(new)}
    for name in ("contact_points", "relations"):
        rows[name] = _with_held(rows[name], store.detail(name, ids=here))
    groups = {of.name: _group(store, of, rows[of.name], new) for of in GROUPS}
    before = _touched(store, new.events, change)
    whole = _with_held(change.rows, store.golden(ids=here))
    held = _held(scope, ended) if scope else change.held["golden_id"]
    return Compared(
        publication=_publication(store, new, change, groups, before),
        golden=whole,
        contact_points=rows["contact_points"],
        relations=rows["relations"],
        held=held.to_pylist(),
        before=before,
        ids=pa.chunked_array([*scope.current.chunks, *held.chunks], pa.string()) if scope else whole["golden_id"],
        customers=len(scope.published) if scope else pc.sum(pc.equal(seen["state"], "current")).as_py() or 0,
    )


def _group(store: Store, of: Versioned, rows: pa.Table, new: Proposed) -> Difference:
    """What must be written of a versioned table."""
    keys, scope = None, new.scope
    if scope and of.name in ("contact_points", "relations"):
        keys = scope.customers
    elif scope and of.name in scope.keys:
        keys = scope.keys[of.name]
        if not keys.num_rows:
            return Difference(keys, keys)
        rows = among(rows, keys)
    if of.name in ("quarantine", "candidates"):
        rows = _waiting_since(rows, store.first_runs(of.name, keys), new.run_id)
    return difference(of, store.stamps(of.name, keys), rows)


def _held(scope: Scope, ended: pa.Table) -> pa.ChunkedArray:
    """Golden ids published before of which the run says nothing, in order."""
    ids = {"published": scope.published, "current": scope.current, "ended": ended["golden_id"]}
    found = duck.ask(
        "from published anti join current using (golden_id) anti join ended using (golden_id) order by 1",
        **{name: pa.table({"golden_id": of}) for name, of in ids.items()},
    )
    return found["golden_id"]


def ends(events: pa.Table) -> pa.Table:
    """Golden ids that end with these events (schema golden.ENDS)."""
    found = duck.ask(
        """
        select other_golden_id as golden_id, 'superseded' as state, golden_id as resolves_to
        from events where event = 'merged'
        union all select golden_id, 'retired', null from events where event = 'retired' order by 1""",
        events=events,
    )
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
    key = ", ".join(f'"{name}"' for name in before.column_names if name != "first_run")
    return duck.ask(
        f"select rows.*, coalesce(first_run, $run) as first_run from rows left join before using ({key})",  # noqa: S608 - our own names
        {"run": run_id},
        rows=rows,
        before=before,
    )
