"""Why customers merged or split: a decision of a person, a rule that changed, or else the data.

A decision names its user and its reason. Where no decision says it itself, no record of the customers concerned is
new, gone or other than it was, and somebody decided on one of their records since the last publication, it followed
from that: the other records went where their evidence is. Else, where rules, model or program are no longer those of
the last publication, the rule is the cause. Whatever is left the data caused.
"""

from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa

from rules import duck
from rules.vocabulary import DECISIONS, EVENTS, KEY

FOLLOWED: Final = "followed from "
"""So begins the detail of what a decision on another record brought about."""


@dataclass(frozen=True)
class Known:
    """What may have caused the events of a run."""

    decisions: pa.Table
    """In force (schema DECISIONS)."""
    history: pa.Table = field(default_factory=DECISIONS.empty_table)
    """Every decision ever made: what an undoing undid is looked up here."""
    since: str = ""
    """The time (ISO 8601, UTC) of the last publication: undoings from then on count."""
    changed: pa.Table = field(default_factory=lambda: pa.schema(KEY).empty_table())
    """Keys of records that are new, gone or other than in the last publication."""
    rules: str = ""
    """What else changed since: `the rules`, `the matching model`; empty where nothing did."""


def attribute(events: pa.Table, before: pa.Table, after: pa.Table, known: Known) -> pa.Table:
    """The events (schema EVENTS) with cause (data, rule, decision), user and detail.

    `before` and `after`: the crosswalk of yesterday and of today. A decision `same` explains the merge of the two
    customers its records belonged to; one that keeps two records apart explains the split that parted them. An undoing
    explains what the decision that it took back had prevented. What follows from a decision on another record of the
    customers says so in its detail.
    """
    told = {row["event"] for row in events.select(["event"]).group_by("event").aggregate([]).to_pylist()}
    if not told & {"merged", "split"}:
        return events
    with duck.session() as con:
        tables = {"events": events, "before": before, "after": after, "decisions": known.decisions,
                  "history": known.history, "changed": known.changed}  # fmt: skip
        for name, data in tables.items():
            con.register(name, data)
        con.execute("create temp table decided as " + _DECIDED, {"since": known.since})
        con.execute("create temp table touched as " + _TOUCHED)
        con.execute("create temp table about as " + _ABOUT)
        result = con.sql(_CAUSED, params={"rules": known.rules, "followed": FOLLOWED}).to_arrow_table()
    return result.cast(EVENTS)


# Decisions in force, and what undoings since the last publication amount to: apart for same, same for apart.
_DECIDED = """
    select seq, kind = 'same' as joins, left_source, left_id, right_source, right_id, d.user, reason,
        'decision ' || seq as told, time >= $since as fresh
    from decisions d where kind not in ('value', 'undo')
    union all
    select u.seq, o.kind <> 'same', u.left_source, u.left_id, u.right_source, u.right_id, u.user, u.reason,
        'decision ' || u.seq || ', which took back decision ' || o.seq, true
    from history u join history o on o.seq = u.undoes
    where u.kind = 'undo' and o.kind not in ('value', 'undo') and u.time >= $since"""

# Merges and splits (by their place) in which a record of one of the two customers, of yesterday or today, changed.
_TOUCHED = """
    with placed as (
        select row_number() over () as place, event, golden_id, other_golden_id from events),
    concerned as (
        select place, unnest([golden_id, other_golden_id]) as golden_id
        from placed where event in ('merged', 'split'))
    select distinct place
    from concerned join (select * from before union all select * from after) using (golden_id)
        join changed using (source, record_id)"""

# What was decided, with the customers of its two records yesterday and today.
_ABOUT = """
    select d.*, bl.golden_id as left_was, br.golden_id as right_was, al.golden_id as left_is, ar.golden_id as right_is
    from decided d
        left join before bl on (bl.source, bl.record_id) = (d.left_source, d.left_id)
        left join before br on (br.source, br.record_id) = (d.right_source, d.right_id)
        left join after al on (al.source, al.record_id) = (d.left_source, d.left_id)
        left join after ar on (ar.source, ar.record_id) = (d.right_source, d.right_id)"""

_CAUSED = """
    with placed as (select *, row_number() over () as place from events),
    explained as (
        select 'merged' as event, left_is as golden_id, was.golden_id as other_golden_id, seq, a.user, told, reason
        from about a, unnest([left_was, right_was]) as was(golden_id)
        where joins and left_is = right_is and was.golden_id <> left_is
        union all
        select 'split', part.golden_id, left_was, seq, a.user, told, reason
        from about a, unnest([left_is, right_is]) as part(golden_id)
        where not joins and left_was = right_was and left_is <> right_is and part.golden_id <> left_was),
    last as (
        select event, golden_id, other_golden_id, max(seq) as seq, max_by(x.user, seq) as user,
            max_by(concat_ws(': ', told, nullif(reason, '')), seq) as told
        from explained x group by all),
    near as (
        select unnest([left_was, right_was, left_is, right_is]) as golden_id, seq, a.user, told, reason
        from about a where fresh),
    followed as (
        select place, max(seq) as seq, max_by(n.user, seq) as user,
            $followed || max_by(concat_ws(': ', told, nullif(reason, '')), seq) as told
        from placed p, unnest([p.golden_id, p.other_golden_id]) as mine(golden_id) join near n using (golden_id)
        where event in ('merged', 'split') group by place)
    select e.event, e.golden_id, e.other_golden_id,
        case when l.seq is not null or (f.seq is not null and t.place is null) then 'decision'
            when $rules <> '' and e.event in ('merged', 'split') and t.place is null then 'rule'
            else e.cause end as cause,
        coalesce(l.user, case when t.place is null then f.user end, e.user) as user,
        case when l.seq is not null then l.told
            when f.seq is not null and t.place is null then f.told
            when $rules <> '' and e.event in ('merged', 'split') and t.place is null then $rules
            else e.detail end as detail
    from placed e
        left join last l using (event, golden_id, other_golden_id)
        left join touched t using (place)
        left join followed f using (place)
    order by place"""
