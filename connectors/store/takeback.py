"""The publication by which the table becomes what it was at an earlier one. Nothing is deleted: what was is said anew.

Golden ids keep their promise. One that was superseded or retired since then stands for its customer again; one that
was born since then is superseded by the customer it split off from, or retired, and never used again. Values are those
of then; the customer's version goes on rising, so that whoever follows the feed takes the row for the news it is.
"""

from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
from sqlalchemy import select

from connectors.store import golden, tables
from connectors.store.golden import VALUES, GoldenDifference
from connectors.store.publication import Act, Publication
from connectors.store.state import Store
from connectors.store.versioned import GROUPS, Difference, Versioned, stamps, visible
from rules import duck
from rules.vocabulary import EVENTS, GOLDEN

CAUSE: Final = "rollback"


@dataclass(frozen=True)
class TakenBack:
    """A publication to be, and the golden table whole as it is to be."""

    publication: Publication
    golden: pa.Table


def take_back(store: Store, to: int, run_id: str, now: str, act: Act) -> TakenBack:
    """What makes the table that of publication `to` again (0: empty). `run_id`: the run that takes back."""
    change, events = _golden(store, to, now, act.reason or None)
    for name, value in (("cause", CAUSE), ("user", act.user)):
        events = events.set_column(events.schema.get_field_index(name), name, _all(value, events))
    what = Publication(
        run_id=run_id,
        base=store.version(),
        time=now,
        golden=change,
        groups={of.name: _group(store, of, to) for of in GROUPS},
        events=events,
        results=store.results(version=to),
        sources=store.sources_at(to),
        act=act,
        marks=store.marks_at(to),
    )
    return TakenBack(what, change.rows)


def _group(store: Store, of: Versioned, to: int) -> Difference:
    """Groups that are no longer as they were: those of now end, and those of then begin."""
    key = ", ".join(f'"{k}"' for k in of.key)
    columns = [c for c in of.table.c if c.name not in ("from_version", "to_version")]
    with duck.session() as con:
        con.register("now", store.table(stamps(of).where(of.table.c.from_version > to)))
        then = store.table(select(*columns).where(visible(of.table, to), of.table.c.to_version.is_not(None)))
        con.register("was", then if "digest" in then.column_names else _digested(then))
        same = f"(select {key} from now join (select distinct {key}, digest from was) using ({key}, digest))"  # noqa: S608 - our own names
        closed = con.sql(f"select {key} from now anti join {same} using ({key}) order by all")  # noqa: S608 - likewise
        names = ", ".join(f'"{c.name}"' for c in columns)
        opened = con.sql(f"select {names} from was anti join {same} using ({key}) order by {key}")  # noqa: S608 - likewise
        return Difference(closed.to_arrow_table(), opened.to_arrow_table())


def _digested(crosswalk: pa.Table) -> pa.Table:
    """The crosswalk has no digest of its own (versioned.stamps)."""
    return duck.ask("select *, coalesce(golden_id, '') || ' ' || state as digest from rows", rows=crosswalk)


def _all(value: str, rows: pa.Table) -> pa.Array:
    return pa.array([value] * rows.num_rows, pa.string())


def _golden(store: Store, to: int, now: str, reason: str | None) -> tuple[GoldenDifference, pa.Table]:
    """The change of the golden table, and its events."""
    c = tables.golden.c
    with duck.session() as con:
        con.register("current", store.table(select(tables.golden).where(visible(tables.golden), c.from_version > to)))
        ended = visible(tables.golden, to), c.to_version.is_not(None)
        con.register("was", store.table(select(tables.golden).where(*ended)))
        con.register("origins", _origins(store, to))
        con.register("whole", store.golden(version=to))
        con.execute("create temp table turned as " + _TURNED)
        con.execute("create temp table opened as " + _OPENED, {"now": now})
        opened = con.sql("select * from opened order by state <> 'current', golden_id").to_arrow_table()
        changed = con.sql("select golden_id from turned where was = 'current' and is_ = 'current' order by 1")
        ids = changed.to_arrow_table()
        rows = con.sql(_WHOLE).to_arrow_table().cast(GOLDEN)
        before = con.sql("select * from current").to_arrow_table()
        events = con.sql(_EVENTS, params={"reason": reason}).to_arrow_table().cast(EVENTS)
    change = GoldenDifference(rows, opened.select(["golden_id"]), opened, ids, ids.slice(0, 0))
    return change, pa.concat_tables([events, golden.changes(before, rows, ids)])


def _origins(store: Store, to: int) -> pa.Table:
    """golden_id and origin: what each id that split off since `to` goes back into, over splits of splits."""
    e = tables.events.c
    query = select(e.golden_id, e.other_golden_id).where(e.event == "split", e.version > to).order_by(e.seq)
    first: dict[str, str] = {}
    for row in store.table(query).to_pylist():
        first.setdefault(row["golden_id"], row["other_golden_id"])
    ends = {name: _end(first, name) for name in first}
    return pa.table({"golden_id": pa.array(ends.keys(), pa.string()), "origin": pa.array(ends.values(), pa.string())})


def _end(step: dict[str, Any], name: str) -> str:
    seen = set()
    while name in step and name not in seen:
        seen.add(name)
        name = step[name]
    return name


# One row a golden id that is to be another: `was` its state then (null: it was not born), `is_` its state now.
_TURNED: Final = """
    select c.golden_id, w.state as was, c.state as is_, c.resolves_to as now_resolves, c.version + 1 as version,
        case when w.golden_id is not null then w.state when o.origin is not null then 'superseded' else 'retired' end
            as state,
        case when w.golden_id is not null then w.resolves_to else o.origin end as resolves_to
    from current c left join was w using (golden_id)
        left join (select golden_id, origin from origins where origin in (select golden_id from whole)) o
            on o.golden_id = c.golden_id
    where (w.golden_id is null and c.state = 'current')
        or (w.golden_id is not null and (w.state <> c.state or w.digest is distinct from c.digest
            or w.resolves_to is distinct from c.resolves_to or w.quality is distinct from c.quality))"""

_OPENED: Final = f"""
    select t.golden_id, t.state, t.resolves_to, w.digest, {", ".join(f'w."{name}"' for name in VALUES)}, t.version,
        $now as updated_at
    from turned t left join was w on w.golden_id = t.golden_id and t.state = 'current'"""  # noqa: S608 - our own names

_WHOLE: Final = f"""
    select {", ".join(f'w."{name}"' for name in ("golden_id", *VALUES))}, coalesce(o.version, w.version) as version,
        coalesce(o.updated_at, w.updated_at) as updated_at
    from whole w left join opened o using (golden_id) order by golden_id"""  # noqa: S608 - our own names

_EVENTS: Final = """
    select event, golden_id, other as other_golden_id, null::varchar as cause, null::varchar as user,
        $reason::varchar as detail
    from (
        select 1 as rank, 'returned' as event, golden_id, null::varchar as other from turned
            where state = 'current' and is_ = 'retired'
        union all select 2, 'merged', resolves_to, golden_id from turned
            where state = 'superseded' and is_ = 'current'
        union all select 3, 'split', golden_id, now_resolves from turned
            where state = 'current' and is_ = 'superseded'
        union all select 4, 'retired', golden_id, null from turned where state = 'retired' and is_ = 'current')
    order by rank, golden_id, other"""
