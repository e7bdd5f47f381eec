"""What changed in the golden table: the rows to publish, and the rows that the change feed gains.

A customer's version rises when its golden record, its contact points (kind, type, value, primary) or its
relations change. Its quality score alone, which fades a little from day to day, counts as a change only once it
has moved by more than `QUALITY_STEP`; until then the published score stands.
"""

from dataclasses import dataclass, field
from typing import Any, Final

import duckdb
import pyarrow as pa
from sqlalchemy import Select, select

from connectors.store.tables import golden as table
from connectors.store.versioned import digest, visible
from rules import duck
from rules.vocabulary import EVENTS, GOLDEN, TEXT

QUALITY_STEP: Final = 0.05
VALUES: Final = [f.name for f in GOLDEN if f.name not in ("golden_id", "version", "updated_at")]
COMPARED: Final = [name for name in VALUES if name != "quality"]
POINT: Final = ["kind", "type", "value", "primary"]
RELATION: Final = ["relation", "other_golden_id"]
ENDS: Final = pa.schema([("golden_id", TEXT), ("state", TEXT), ("resolves_to", TEXT)])
"""Golden ids that end: state superseded (and what it resolves to) or retired."""


@dataclass(frozen=True)
class GoldenDifference:
    """`rows`: the customers as published (schema GOLDEN), the held ones left out. `opened` are feed rows in order."""

    rows: pa.Table
    closed: pa.Table
    opened: pa.Table
    changed: pa.Table
    """golden_id of customers that were published before and look different now."""
    held: pa.Table
    """golden_id of customers published before of which this run says nothing: their last good version stays."""
    counts: dict[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.opened.num_rows)


def stamps() -> Select[Any]:
    """The last state of every golden id there ever was."""
    c = table.c
    return select(c.golden_id, c.state, c.resolves_to, c.digest, c.version, c.updated_at, c.quality).where(
        visible(table)
    )


def difference(
    published: pa.Table, new: pa.Table, points: pa.Table, relations: pa.Table, ends: pa.Table, now: str
) -> GoldenDifference:
    """`published` as `stamps` gives it; `new`, `points`, `relations` as survive made them; `ends` has schema ENDS."""
    with duck.session() as con:
        for name, data in (
            ("published", published),
            ("new", new),
            ("points", points),
            ("relations", relations),
            ("ends", ends),
        ):
            con.register(name, data)
        con.execute(_FRESH)
        con.execute("create temp table weighed as " + _WEIGHED, {"step": QUALITY_STEP, "now": now})
        con.execute("create temp table ended as " + _ENDED)
        return GoldenDifference(
            rows=_get(con, f"select {_columns(GOLDEN.names)} from weighed order by golden_id").cast(GOLDEN),  # noqa: S608 - our own names
            closed=_get(con, _CLOSED),
            opened=_get(con, _OPENED, now=now),
            changed=_get(con, "select golden_id from weighed where news and was = 'current' order by 1"),
            held=_get(con, _HELD),
        )


def changes(before: pa.Table, after: pa.Table, ids: pa.Table) -> pa.Table:
    """One event `changed` a customer (schema EVENTS); its detail names the fields that differ."""
    named = ", ".join(f'case when b."{c}" is distinct from a."{c}" then \'{c}\' end' for c in VALUES)
    events = duck.ask(
        f"""with seen as (
            select golden_id, concat_ws(', ', {named}) as fields
            from ids join before b using (golden_id) join after a using (golden_id))
        select 'changed' as event, golden_id, null::varchar as other_golden_id, 'data' as cause, null::varchar as user,
            case when fields = '' then 'contact points or relations' else fields end as detail
        from seen order by golden_id""",  # noqa: S608 - our own names
        before=before, after=after, ids=ids,
    )  # fmt: skip
    return events.cast(EVENTS)


def _get(con: duckdb.DuckDBPyConnection, sql: str, **parameters: object) -> pa.Table:
    return con.sql(sql, params=parameters or None).to_arrow_table()


def _columns(names: list[str], of: str = "") -> str:
    return ", ".join(f'{of}"{name}"' for name in names)


def _group(name: str, columns: list[str]) -> str:
    parts = f"select golden_id, {digest(columns)} as part from {name}"  # noqa: S608 - our own names
    return f"(select golden_id, string_agg(part, '' order by part) as {name} from ({parts}) group by golden_id)"  # noqa: S608 - our own names


_FRESH: Final = f"""
    create temp table fresh as
    with own as (select *, {digest(COMPARED)} as part from new)
    select o.* exclude (part),
        substr(md5(concat_ws('/', part, coalesce(points, ''), coalesce(relations, ''))), 1, 16) as digest
    from own o left join {_group("points", POINT)} using (golden_id)
        left join {_group("relations", RELATION)} using (golden_id)"""  # noqa: S608 - our own names

# news: this customer's row is written. Where it is not, the published quality, version and day stand.
_WEIGHED: Final = f"""
    select f.golden_id, {_columns(COMPARED, "f.")}, f.digest, p.state as was, p.resolves_to as had_resolved,
        p.golden_id is null or p.state <> 'current' or p.digest is distinct from f.digest
            or coalesce(abs(p.quality - f.quality) > $step, p.quality is distinct from f.quality) as news,
        case when news then f.quality else p.quality end as quality,
        case when news then coalesce(p.version, 0) + 1 else p.version end as version,
        case when news then $now else p.updated_at end as updated_at
    from fresh f left join published p using (golden_id)"""  # noqa: S608 - our own names

_ENDED: Final = """
    select e.golden_id, e.state, e.resolves_to, coalesce(p.version, 0) + 1 as version
    from ends e left join published p using (golden_id)
    where p.golden_id is null or p.state is distinct from e.state or p.resolves_to is distinct from e.resolves_to"""

_CLOSED: Final = """
    select golden_id from published
    where golden_id in (select golden_id from weighed where news) or golden_id in (select golden_id from ended)
    order by 1"""

# Customers before ends: who follows the feed knows the survivor when it hears what is superseded by it.
_OPENED: Final = f"""
    select * from (
        select golden_id, 'current' as state, null::varchar as resolves_to, digest, {_columns(VALUES)}, version,
            updated_at
        from weighed where news
        union all by name
        select golden_id, state, resolves_to, version, $now as updated_at from ended)
    order by state <> 'current', golden_id"""  # noqa: S608 - our own names

_HELD: Final = """
    select golden_id from published p where state = 'current'
        and not exists (select 1 from fresh f where f.golden_id = p.golden_id)
        and not exists (select 1 from ends e where e.golden_id = p.golden_id)
    order by 1"""
