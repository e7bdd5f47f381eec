"""What others say of who is one customer, as evidence for people and never obeyed: users of a CRM, and old ids.

A CRM whose rows say into which other row its users merged them (`merged_into`) says that the two are one; where a row
said so yesterday and no longer does, they say that the two are not. Records that the firm had under one golden id it
says are one.
"""

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from rules import duck
from rules.identity.candidates import SAID
from rules.vocabulary import KEY, TEXT

MERGED: Final = pa.schema([*KEY, ("merged_into", TEXT)])
"""Every record of a source that tells merges; `merged_into` null: it says nothing."""
BROUGHT: Final = pa.schema([*KEY, ("golden_id", TEXT)])
PARTED: Final = "users of {} have parted these again"


def said(now: pa.Table, before: pa.Table, brought: pa.Table, asked: pa.Table) -> pa.Table:
    """Schema SAID. `now`, `before`: schema MERGED, of this run and the last published one; `brought`: schema BROUGHT.

    `asked`: the queue as published (kind, left, right, reason): what users parted stays asked, though they say it once.
    """
    asked = asked.filter(pc.match_like(asked["reason"], PARTED.format("%")))
    if not (now.num_rows or brought.num_rows or asked.num_rows):
        return SAID.empty_table()
    found = duck.ask(_SAID, {"parted": PARTED.format("%")}, now=now, was=before, brought=brought, asked=asked)
    return found.cast(SAID)


_SAID: Final = """
    with merges as (
        select source, source || ':' || record_id as "left", merged_into as "right" from now
        where merged_into is not null),
    once as (
        select w.source, w.source || ':' || w.record_id as "left", w.merged_into as "right"
        from was w join now n using (source, record_id)
        where w.merged_into is not null and n.merged_into is distinct from w.merged_into),
    owned as (
        select golden_id, source || ':' || record_id as key from brought),
    first as (select golden_id, min(key) as key from owned group by golden_id)
    select "left", "right", true as joins, 'users of ' || source || ' have merged these' as reason from merges
    union all
    select f.key, o.key, true, 'one customer by the firm''s own id ' || golden_id
    from owned o join first f using (golden_id) where f.key <> o.key
    union all
    select "left", "right", false, replace($parted, '%', source) from once
    union all
    select "left", "right", false, reason from asked a
    where not exists (
        select 1 from merges m where (m."left", m."right") in ((a."left", a."right"), (a."right", a."left")))
    order by all"""
