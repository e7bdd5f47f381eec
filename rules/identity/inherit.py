"""Which group of today carries on which id of yesterday: greatest overlap, one to one.

Groups and ids form a bipartite graph whose edges are weighed by the members they share. Nearly every group
shares members with one id only, and it with no other group: those are settled in SQL. What is contested is
settled edge by edge, the strongest first:

1. more members that a person confirmed,
2. more members that were active yesterday (a vanished record that comes back counts less),
3. more members in all,
4. more members that are kept though they are not in today's groups,
5. the older id, then the members that have it longest, and then the smaller member key: the same whatever the order
   of the rows.
"""

from collections.abc import Callable
from typing import Final

import duckdb
import pyarrow as pa

ORDER: Final = "confirmed desc, active desc, records desc, kept desc, born, before, since, first"
Since = Callable[[list[str]], pa.Table]
"""Ids -> item and since: in which publication each member came to the id that it has (the smaller, the longer)."""

_VOTES: Final = """
    create temp table vote as
    select v.*, coalesce(k.kept, 0) as kept, coalesce(b.born, 9223372036854775807) as born, f.first,
        count(*) over (partition by label) as rivals, count(*) over (partition by before) as claims, 0 as since
    from (
        select label, before, count(*) filter (confirmed) as confirmed, count(*) filter (active) as active,
            count(*) as records
        from member where before is not null group by label, before) v
    join (select label, min(item) as first from member group by label) f using (label)
    left join kept_count k using (before)
    left join born b using (before)"""


def inherit(con: duckdb.DuckDBPyConnection, since: Since | None = None) -> None:
    """Settle who carries on which id.

    Reads the tables `member` (item, label, before, active, confirmed; a row an item and id it had), `kept_count`
    (before, kept) and `born` (before, born). Makes `vote` (label, before, and the weights above) and `heir`
    (label, before): each label and each id at most once.
    """
    con.execute(_VOTES)
    if since:
        _weigh_age(con, since)
    con.execute("create temp table heir as select label, before from vote where rivals = 1 and claims = 1")
    contested = con.sql(
        f"select label, before from vote where rivals > 1 or claims > 1 order by {ORDER}"  # noqa: S608 - our own names
    ).to_arrow_table()
    labels, ids = _settle(contested)
    won = pa.table(
        {"label": pa.array(labels, contested.schema.field("label").type), "before": pa.array(ids, pa.string())}
    )
    con.register("won", won)
    con.execute("insert into heir select label, before from won")
    con.unregister("won")


def _weigh_age(con: duckdb.DuckDBPyConnection, since: Since) -> None:
    """Since when the members of each claim have the id, where several groups claim it."""
    wanted = con.sql("select distinct before from vote where claims > 1").to_arrow_table()["before"].to_pylist()
    if wanted:
        con.register("age", since(wanted))
        con.execute("""
            update vote set since = aged.since from (
                select m.label, m.before, min(a.since) as since
                from member m join age a using (item) group by 1, 2) aged
            where (vote.label, vote.before) = (aged.label, aged.before)""")
        con.unregister("age")


def _settle(contested: pa.Table) -> tuple[list[int], list[str]]:
    """The strongest edge first; an edge whose group or id is settled already falls away."""
    labels: dict[int, str] = {}
    taken: set[str] = set()
    for label, before in zip(contested["label"].to_pylist(), contested["before"].to_pylist(), strict=True):
        if label not in labels and before not in taken:
            labels[label] = before
            taken.add(before)
    return list(labels), list(labels.values())
