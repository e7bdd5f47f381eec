"""Why customers merged or split: where a decision of a person did it, the event names the person and the decision."""

import duckdb
import pyarrow as pa

from rules.vocabulary import EVENTS


def attribute(events: pa.Table, before: pa.Table, after: pa.Table, decisions: pa.Table) -> pa.Table:
    """The events with cause, user and detail where decisions in force explain them.

    `before` and `after`: the crosswalk of yesterday and of today. A decision `same` explains the merge of the two
    customers its records belonged to; one that keeps two records apart explains the split that parted them.
    """
    if not (events.num_rows and decisions.num_rows):
        return events
    con = duckdb.connect()
    for name, data in (("events", events), ("before", before), ("after", after), ("decisions", decisions)):
        con.register(name, data)
    result = con.sql(_EXPLAINED).to_arrow_table()
    con.close()
    return result.cast(EVENTS)


_EXPLAINED = """
    with about as (
        select d.seq, d.kind, d.user, d.reason, bl.golden_id as left_was, br.golden_id as right_was,
            al.golden_id as left_is, ar.golden_id as right_is
        from decisions d
        left join before bl on (bl.source, bl.record_id) = (d.left_source, d.left_id)
        left join before br on (br.source, br.record_id) = (d.right_source, d.right_id)
        left join after al on (al.source, al.record_id) = (d.left_source, d.left_id)
        left join after ar on (ar.source, ar.record_id) = (d.right_source, d.right_id)
        where d.kind <> 'value'),
    explained as (
        select 'merged' as event, left_is as golden_id, was.golden_id as other_golden_id, seq, a.user, reason
        from about a, unnest([left_was, right_was]) as was(golden_id)
        where kind = 'same' and left_is = right_is and was.golden_id <> left_is
        union all
        select 'split', part.golden_id, left_was, seq, a.user, reason
        from about a, unnest([left_is, right_is]) as part(golden_id)
        where kind <> 'same' and left_was = right_was and left_is <> right_is and part.golden_id <> left_was),
    last as (
        select event, golden_id, other_golden_id, max(seq) as seq, max_by(x.user, seq) as user,
            max_by(reason, seq) as reason
        from explained x group by all)
    select e.event, e.golden_id, e.other_golden_id, case when l.seq is null then e.cause else 'decision' end as cause,
        coalesce(l.user, e.user) as user,
        case when l.seq is null then e.detail
            else concat_ws(': ', 'decision ' || l.seq, nullif(l.reason, '')) end as detail
    from (select *, row_number() over () as place from events) e
        left join last l using (event, golden_id, other_golden_id)
    order by place"""
