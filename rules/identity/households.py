"""Household ids live on as golden ids do: the household that keeps most of its members keeps its id."""

import pyarrow as pa

from rules import duck
from rules.identity.assign import Mint
from rules.identity.inherit import inherit
from rules.vocabulary import TEXT

HOUSEHOLDS = pa.schema([("household_id", TEXT), ("golden_id", TEXT)])
BEFORE = pa.schema([*HOUSEHOLDS, ("active", pa.bool_())])
"""The last household of every customer there ever was, and whether it is in it today."""


def households(
    labels: pa.Table, before: pa.Table, events: pa.Table, mint: Mint, held: pa.Table | None = None
) -> pa.Table:
    """Today's households (schema HOUSEHOLDS, by golden id); only those of two customers and more.

    `labels`: golden_id and household (a label of this run; null: none). `before`: schema BEFORE. `events`: those of
    this run, by which members of yesterday go by the golden id that superseded theirs. `held`: golden_id of
    customers that are in no cluster today and yet are not gone; they stay with those they were with.
    """
    with duck.session() as con:
        no_one = pa.schema([("golden_id", TEXT)]).empty_table()
        tables = {"labels": labels, "yesterday": before, "events": events, "held": no_one if held is None else held}
        for name, data in tables.items():
            con.register(name, data)
        for statement in _PREPARE:
            con.execute(statement)
        inherit(con)
        nameless = con.sql("""
            select label from member where label not in (select label from heir) group by label order by min(item)
            """).to_arrow_table()
        con.register("fresh", pa.table({"label": nameless["label"], "household_id": mint(nameless.num_rows)}))
        result = con.sql("""
            select household_id, golden_id
            from (select label, before as household_id from heir union all select label, household_id from fresh)
                join today using (label) order by golden_id""").to_arrow_table()
    return result.cast(HOUSEHOLDS)


_PREPARE = (
    """create temp table had as
    select coalesce(e.golden_id, y.golden_id) as golden_id, y.household_id, bool_or(y.active) as active
    from yesterday y left join (select * from events where event = 'merged') e on e.other_golden_id = y.golden_id
    group by all""",
    # A household goes by its first customer: what a run calls it says nothing, and must decide nothing.
    """create temp table called as
    select household, min(golden_id) as first from labels where household is not null group by household""",
    # One customer may be put into two households by two of its records: the first counts. Who neither is nor was in any
    # is left out.
    """create temp table own as
    select golden_id, min(c.first) as household from labels left join called c using (household)
    where household is not null or golden_id in (select golden_id from had where active) group by golden_id""",
    # Where a member is held, its household of yesterday holds, under the label that most of the others have.
    """create temp table bond as
    select household_id, coalesce(mode(o.household order by o.household), 'kept ' || household_id) as household
    from had h left join own o using (golden_id)
    where active and household_id in (select household_id from had join held using (golden_id) where active)
    group by household_id""",
    """create temp table today as
    select golden_id, dense_rank() over (order by first) as label
    from (
        select golden_id, min(golden_id) over (partition by household) as first,
            count(*) over (partition by household) as size
        from (
            select golden_id, coalesce(min(o.household), min(b.household)) as household
            from (select golden_id, household from own union all select golden_id, null from held) o
                left join (select * from had where active) h using (golden_id) left join bond b using (household_id)
            group by golden_id)
        where household is not null)
    where size > 1""",
    """create temp table member as
    select t.golden_id as item, t.label, h.household_id as before, coalesce(h.active, false) as active,
        false as confirmed
    from today t left join had h using (golden_id)""",
    "create temp table kept_count as select null::varchar as before, 0 as kept where false",
    "create temp table born as select null::varchar as before, 0 as born where false",
)
