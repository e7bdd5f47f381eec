"""What people should look at, the most valuable first.

- pairs in the uncertain band between the two thresholds that were not joined, one (the best) for any two clusters;
- records that hang in their cluster by evidence below the merge threshold alone;
- clusters that hold a pair whose evidence speaks against them (a household, a namesake);
- rows without an id that got a new key, though they resemble an earlier record that is gone (kind `key`);
- records that somebody upstream joined or parted (a user of the CRM, an old golden id) where the evidence does not.

`worth` is uncertainty x `records` touched x pairs that the decision `settles` x `money` billed, each but the first on
a logarithmic scale: a doubt about a customer of ten invoices comes before the same doubt about a stray lead.
"""

import pyarrow as pa

from rules import duck
from rules.vocabulary import CANDIDATES, KEY, TEXT

DOUBTS = pa.schema([*KEY, ("earlier", pa.string()), ("likeness", pa.float64())])
"""A record with a new key, and the key (of the same source) of the record that it may be; see rules.keys.doubts."""
SAID = pa.schema([("left", TEXT), ("right", TEXT), ("joins", pa.bool_()), ("reason", TEXT)])
"""What somebody upstream says of two records `SOURCE:ID`: that they are one customer (`joins`), or two."""
BILLED = pa.schema([*KEY, ("amount", pa.float64())])


def candidates(
    pairs: pa.Table,
    clusters: pa.Table,
    decisions: pa.Table,
    *,
    merge: float,
    review: float,
    billed: pa.Table | None = None,
    doubts: pa.Table | None = None,
    said: pa.Table | None = None,
) -> pa.Table:
    """Everything worth a look (schema CANDIDATES), by worth.

    `pairs`: schema PAIRS; `clusters`: source, record_id, cluster_id; `decisions` in force: what is decided is not
    asked again; `billed`: schema BILLED, several rows a record are added up; `doubts`: schema DOUBTS;
    `said`: schema SAID, of which only what the clusters do not obey is asked.
    """
    with duck.session() as con:
        con.register("pairs", pairs)
        con.register("clusters", clusters)
        con.register("decisions", decisions)
        con.register("billed", BILLED.empty_table() if billed is None else billed)
        con.register("unsure", DOUBTS.empty_table() if doubts is None else doubts)
        con.register("told", SAID.empty_table() if said is None else said)
        for statement in _PREPARE:
            con.execute(statement)
        con.execute("create temp table doubt as " + _DOUBTS, {"merge": merge, "review": review})
        con.execute("create temp table claim as " + _CLAIMS)
        result = con.sql(f"{_WEIGHED} union all {_SAID} union all {_KEYS} order by {_ORDER}").to_arrow_table()
    return result.cast(CANDIDATES)


_PREPARE = (
    "create temp table of as select source || ':' || record_id as key, cluster_id from clusters",
    """create temp table seen as
    select least(p.l, p.r) as left, greatest(p.l, p.r) as right, p.weight, p.probability, p.relation,
        a.cluster_id as one, b.cluster_id as other
    from (
        select left_source || ':' || left_id as l, right_source || ':' || right_id as r, match_weight as weight,
            match_probability as probability, relation
        from pairs) p
    join of a on a.key = p.l join of b on b.key = p.r""",
    """create temp table worth as
    select cluster_id, count(*) as records, coalesce(sum(amount), 0) as money
    from of left join (
        select source || ':' || record_id as key, sum(abs(amount)) as amount from billed group by 1) using (key)
    group by cluster_id""",
    """create temp table decided as
    select distinct least(a.cluster_id, b.cluster_id) as low, greatest(a.cluster_id, b.cluster_id) as high
    from decisions d join of a on a.key = d.left_source || ':' || d.left_id
        join of b on b.key = d.right_source || ':' || d.right_id
    where d.kind in ('same', 'different', 'related', 'split')""",
)

_PAIR = 'struct_pack("left", "right", weight, probability, relation)'

# Two clusters (or one, where one = other) a row.
_DOUBTS = f"""
    with ranked as (select *, {_PAIR} as pair, (probability, "left", "right") as place from seen)
    select 'pair' as kind, max_by(pair, place) as best, least(one, other) as low, greatest(one, other) as high,
        count(*) as settles, 4 * max(probability) * (1 - max(probability)) + 0.1 as uncertainty,
        case when max(probability) >= $merge then 'alike, but other evidence keeps them apart'
            else 'not sure enough to join unseen' end as reason
    from ranked where one <> other and probability >= $review group by low, high
    union all
    select 'pair', pair, one, one, 1, 4 * probability * (1 - probability) + 0.1, 'joined, but on weak evidence only'
    from (
        select * from (select *, unnest(["left", "right"]) as key from ranked where one = other)
        qualify row_number() over (partition by key order by probability desc, "left", "right") = 1)
    where probability < $merge and probability >= $review group by pair, one, probability
    union all
    select 'cluster', min_by(pair, place), one, one, count(*), 1.0, 'in one cluster, but these two look like ' ||
        case min_by(relation, place) when 'household' then 'two people of one household'
            when 'namesake' then 'namesakes' else 'different customers' end
    from ranked where one = other and probability < $review and relation not in ('same', 'moved') group by one"""  # noqa: S608 - our own names

_WEIGHED = """
    select kind, best."left" as "left", best."right" as "right", low as cluster_id,
        round(best.weight, 4) as match_weight, round(best.probability, 6) as match_probability,
        best.relation as relation, reason,
        round(uncertainty * (1 + ln(a.records + if(low = high, 0, b.records))) * (1 + ln(settles))
            * (1 + log10(1 + a.money + if(low = high, 0, b.money))), 4) as worth,
        a.records + if(low = high, 0, b.records) as records, a.money + if(low = high, 0, b.money) as money, settles
    from doubt join worth a on a.cluster_id = low join worth b on b.cluster_id = high
    where not exists (select 1 from decided d where d.low = doubt.low and d.high = doubt.high)
        and not exists (select 1 from claim c where (c."left", c."right") = (best."left", best."right"))"""

# What upstream says and the clusters do not obey, one claim for any two records.
_CLAIMS = """
    select least(t."left", t."right") as "left", greatest(t."left", t."right") as "right",
        least(a.cluster_id, b.cluster_id) as low, greatest(a.cluster_id, b.cluster_id) as high, min(reason) as reason
    from told t join of a on a.key = t."left" join of b on b.key = t."right"
    where joins = (a.cluster_id <> b.cluster_id) and not exists (
        select 1 from decisions d where d.kind in ('same', 'different', 'related', 'split')
            and (d.left_source || ':' || d.left_id, d.right_source || ':' || d.right_id)
                in ((t."left", t."right"), (t."right", t."left")))
    group by 1, 2, 3, 4"""

_SAID = """
    select 'pair', c."left", c."right", low, round(s.weight, 4), round(s.probability, 6), s.relation, c.reason,
        round(1.1 * (1 + ln(a.records + if(low = high, 0, b.records)))
            * (1 + log10(1 + a.money + if(low = high, 0, b.money))), 4),
        a.records + if(low = high, 0, b.records), a.money + if(low = high, 0, b.money), 1
    from claim c join worth a on a.cluster_id = low join worth b on b.cluster_id = high
        left join seen s on (s."left", s."right") = (c."left", c."right")
    where low = high or not exists (select 1 from decided d where d.low = c.low and d.high = c.high)"""

_ORDER = 'worth desc, "left", "right", kind'

# The earlier record is in no cluster: it is gone. What was billed to it counts, and it is one record more.
_KEYS = """
    select 'key', k, e, cluster_id, null, round(likeness, 6), null,
        'a row without an id got a new key, but resembles this record, which is gone',
        round((4 * likeness * (1 - likeness) + 0.1) * (1 + ln(w.records + 1)) * (1 + log10(1 + w.money
            + coalesce((select sum(abs(amount)) from billed b where b.source || ':' || b.record_id = e), 0))), 4),
        w.records + 1,
        w.money + coalesce((select sum(abs(amount)) from billed b where b.source || ':' || b.record_id = e), 0), 1
    from (select source || ':' || record_id as k, source || ':' || earlier as e, likeness from unsure)
        join of on of.key = k join worth w using (cluster_id)
    where not exists (
        select 1 from decisions d where d.kind in ('same', 'different', 'related', 'split')
            and ((d.left_source || ':' || d.left_id, d.right_source || ':' || d.right_id) = (k, e)
                or (d.left_source || ':' || d.left_id, d.right_source || ':' || d.right_id) = (e, k)))"""
