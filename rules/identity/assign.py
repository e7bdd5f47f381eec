"""From the clusters of a run and yesterday's crosswalk: today's crosswalk, and what happened to whom.

A golden id is minted once and never derived from data. Where clusters merge, one id survives and the others are
superseded by it; where one splits, the part with the greatest overlap keeps the id and the rest get new ones.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import duckdb
import pyarrow as pa

from rules import duck
from rules.identity.binding import AGAIN
from rules.identity.inherit import ORDER, Since, inherit
from rules.vocabulary import CROSSWALK, EVENTS, KEY, TEXT

Mint = Callable[[int], pa.Array]
"""How many -> so many ids that were never used."""

KEPT: Final = pa.schema([*KEY, ("state", TEXT)])
"""Records that are in no cluster today and yet are not gone: `quarantined`, or `active` with their last version."""
KNOWN: Final = pa.schema([("golden_id", TEXT), ("born", pa.int64()), ("alive", pa.bool_())])
"""Every golden id there ever was, in order of birth, and whether it stands for a customer today; null: the firm's own
id, adopted, which stood for nobody yet."""


@dataclass(frozen=True)
class Identified:
    """`crosswalk` (schema CROSSWALK, by record key), `events` (schema EVENTS) and cluster_id -> golden_id."""

    crosswalk: pa.Table
    events: pa.Table
    clusters: pa.Table


def assign(
    clusters: pa.Table,
    crosswalk: pa.Table,
    mint: Mint,
    *,
    confirmed: pa.Table | None = None,
    kept: pa.Table | None = None,
    known: pa.Table | None = None,
    again: pa.Table | None = None,
    since: Since | None = None,
    withdrawn: pa.Table | None = None,
) -> Identified:
    """Give every cluster its golden id and every record its state.

    `clusters`: source, record_id, cluster_id (any numbers). `crosswalk`: yesterday's. `confirmed`: keys of records
    that a person joined or corrected. `kept`: schema KEPT. A record of yesterday that is in neither is retired.
    `withdrawn`: keys of kept records that keep no customer alive.
    `known`: schema KNOWN; without it the crosswalk tells. `again`: schema AGAIN, records that go on where retired ones
    ended: they bring the golden id of those. `since`: whose part of a split had the id first keeps it, where nothing
    else tells. The order of rows changes nothing.
    """
    with duck.session() as con:
        empty = pa.schema(KEY).empty_table()
        con.register("clusters", clusters.select(["source", "record_id", "cluster_id"]))
        con.register("yesterday", crosswalk)
        con.register("confirmed", empty if confirmed is None else confirmed)
        con.register("kept", KEPT.empty_table() if kept is None else kept)
        con.register("known", _known(con) if known is None else known)
        con.register("again", AGAIN.empty_table() if again is None else again)
        con.register("withdrawn", empty if withdrawn is None else withdrawn)
        for statement in _PREPARE:
            con.execute(statement)
        inherit(con, since)
        _name(con, mint)
        for statement in _SETTLE:
            con.execute(statement)
        return Identified(
            crosswalk=con.sql(_CROSSWALK).to_arrow_table().cast(CROSSWALK),
            events=con.sql(_EVENTS).to_arrow_table().cast(EVENTS),
            clusters=con.sql("select label as cluster_id, golden_id from named order by 1").to_arrow_table(),
        )


def _known(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """What a crosswalk alone tells of its golden ids; the smaller id passes for the older one."""
    found = con.sql("""
        select golden_id, row_number() over (order by golden_id) as born, bool_or(state <> 'retired') as alive
        from yesterday where golden_id is not null group by golden_id""").to_arrow_table()
    return found.cast(KNOWN)


def _name(con: duckdb.DuckDBPyConnection, mint: Mint) -> None:
    """`named`: each cluster with its golden id. New ids go to those that inherit none, in order of their keys."""
    nameless = con.sql("""
        select label from member where label not in (select label from heir) group by label order by min(item)
        """).to_arrow_table()
    fresh = pa.table({"label": nameless["label"], "golden_id": mint(nameless.num_rows)})
    con.register("fresh", fresh)
    con.execute("""
        create temp table named as
        select label, before as golden_id, false as minted from heir
        union all select label, golden_id, true from fresh""")
    con.unregister("fresh")


_PREPARE: Final = (
    # chr(0) sorts before every character, so that items sort as their keys do.
    # A record that goes on where one of its own source ended has its own id by mistake: that one counts for little.
    """create temp table member as
    with here as (
        select c.source || chr(0) || c.record_id as item, c.cluster_id as label, c.source, c.record_id,
            y.golden_id as before, coalesce(y.state = 'active', false) as active
        from clusters c left join yesterday y using (source, record_id)),
    other as (
        select h.item, h.label, h.source, h.record_id, a.earlier as before, a.own
        from here h join again a using (source, record_id) where a.earlier is distinct from h.before),
    mistaken as (select distinct item from other where own)
    select h.*, f.source is not null as confirmed
    from here h left join (select distinct source, record_id from confirmed) f using (source, record_id)
    where item not in (select item from mistaken)
    union all select *, false from (select * replace (false as active) from here semi join mistaken using (item))
    union all select item, label, source, record_id, before, false, false from other""",
    # Yesterday's records that are in no cluster: kept as they are, or gone.
    """create temp table absent as
    select y.source, y.record_id, y.golden_id, k.state, w.source is not null as withdrawn
    from (select * from yesterday y where not exists (
            select 1 from clusters c where c.source = y.source and c.record_id = y.record_id)) y
        left join kept k using (source, record_id) left join withdrawn w using (source, record_id)""",
    """create temp table kept_count as
    select golden_id as before, count(*) as kept from absent
    where state is not null and golden_id is not null group by 1""",
    "create temp table born as select golden_id as before, born, alive from known",
)

_SETTLE: Final = (
    # An id that claimed members and inherited no cluster goes into the one that holds most of them.
    f"""create temp table superseded as
    select v.before as golden_id, n.golden_id as survivor
    from (select * from vote where before not in (select before from heir)
            qualify row_number() over (partition by before order by {ORDER.replace("before, ", "")}) = 1) v
        join named n using (label)""",  # noqa: S608 - our own names
    # A new id whose records had one: a part that split off. Its origin is where most of its records were.
    f"""create temp table split as
    select n.golden_id, v.before as origin
    from (select * from vote qualify row_number() over (partition by label order by {ORDER}) = 1) v
        join named n using (label) where n.minted""",  # noqa: S608 - our own names
    """create temp table gone as
    select a.source, a.record_id, coalesce(s.survivor, a.golden_id) as golden_id, a.state, a.withdrawn
    from absent a left join superseded s using (golden_id)""",
    """create temp table retired as
    select golden_id from (select before as golden_id from born where alive)
    where golden_id not in (select golden_id from named)
        and golden_id not in (select golden_id from superseded)
        and golden_id not in (
            select golden_id from gone where state is not null and golden_id is not null and not withdrawn)""",
)
# A record that never had a golden id and is gone leaves nothing behind. One that was withdrawn is in no customer that
# lives on; the one that ends with it comes back with it.
_CROSSWALK: Final = """
    select m.source, m.record_id, n.golden_id, 'active' as state
    from (select distinct source, record_id, label from member) m join named n using (label)
    union all
    select source, record_id, case when not withdrawn or golden_id in (from retired) then golden_id end,
        coalesce(state, 'retired')
    from gone
    where state is not null or golden_id is not null
    union all
    select source, record_id, null, state from kept k where state = 'quarantined'
        and not exists (select 1 from yesterday y where y.source = k.source and y.record_id = k.record_id)
    order by source, record_id"""

_EVENTS: Final = """
    select event, golden_id, other as other_golden_id, 'data' as cause, null::varchar as user, null::varchar as detail
    from (
        select 1 as rank, 'created' as event, golden_id, null::varchar as other from named
            where minted and golden_id not in (select golden_id from split)
                or golden_id in (select before from born where alive is null)
        union all select 2, 'returned', golden_id, null from named
            where not minted and golden_id in (select before from born where not alive)
        union all select 3, 'merged', survivor, golden_id from superseded
        union all select 4, 'split', golden_id, origin from split
        union all select 5, 'retired', golden_id, null from retired)
    order by rank, golden_id, other"""
