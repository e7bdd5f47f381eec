"""Golden ids that the firm brought along (`goldseam adopt`), for records that no run has published yet."""

from dataclasses import dataclass

import duckdb
import pyarrow as pa

from pipelines.context import Run, counted
from rules import duck
from rules.identity.assign import KNOWN
from rules.vocabulary import CROSSWALK, EVENTS, KEY, TEXT

LATER = 1 << 60
"""Adopted ids are younger than any published one."""
_USED = pa.schema([*KEY, ("golden_id", TEXT), ("born", pa.int64())])


@dataclass(frozen=True)
class Brought:
    """What was brought along."""

    used: pa.Table
    """source, record_id, golden_id, born of the records that bring an id into this run."""
    said: pa.Table
    """source, record_id, golden_id of all, also those whose id stands for a customer already: what the firm says of who
    is one."""
    waiting: int = 0
    """Records with an adopted id that no source has had yet."""

    def onto(self, yesterday: pa.Table) -> pa.Table:
        """A crosswalk (schema CROSSWALK) with the records that bring an id."""
        if not self.used.num_rows:
            return yesterday
        first = duck.ask(
            """
            select source, record_id, golden_id, 'adopted' as state from used
            union all from yesterday anti join used using (source, record_id)""",
            used=self.used,
            yesterday=yesterday,
        )
        return first.cast(CROSSWALK)

    def known(self, known: pa.Table) -> pa.Table:
        """Golden ids (schema KNOWN) with those that are brought, and stood for nobody yet."""
        if not self.used.num_rows:
            return known
        ids = duck.ask("select distinct golden_id, born, null::boolean as alive from used", used=self.used)
        return pa.concat_tables([known.cast(KNOWN), ids.cast(KNOWN)])


def brought(con: duckdb.DuckDBPyConnection, run: Run) -> Brought:
    """What of it bears on this run. `con` has `labels`, the records of this run, and `yesterday`, the crosswalk."""
    adopted = run.store.adopted()
    if not adopted.num_rows:
        return Brought(_USED.empty_table(), adopted)
    con.register("adopted", adopted)
    con.register("ids", run.store.adopted_ids())
    con.execute("""
        create temp table open as
        select a.source, a.record_id, a.golden_id, l.source is not null as here
        from adopted a left join labels l using (source, record_id)
        where not exists (select 1 from yesterday y
            where (y.source, y.record_id) = (a.source, a.record_id) and y.golden_id is not null)""")
    wanted = con.sql("select distinct golden_id from open where here").to_arrow_table()["golden_id"]
    con.register("known", run.store.known_ids(wanted.to_pylist()))
    used = con.sql(
        """
        select source, record_id, golden_id, born + $later as born from open join ids using (golden_id)
        where here and golden_id not in (select golden_id from known) order by all""",
        params={"later": LATER},
    ).to_arrow_table()
    said = con.sql("select source, record_id, golden_id from adopted order by all").to_arrow_table()
    waiting = con.sql("select count(*) from open where not here").fetchall()[0][0]
    return Brought(used.cast(_USED), said, int(waiting))


def told(run: Run, events: pa.Table) -> pa.Table:
    """The events (schema EVENTS); who came under an id of the firm's own was brought by the person who adopted it."""
    adopted = run.store.adopted()
    if not adopted.num_rows:
        return events
    found = duck.ask(
        """
        with owner as (select golden_id, min(a.user) as who, min(file) as file from adopted a group by golden_id)
        select event, e.golden_id, other_golden_id, if(b.who is null, cause, 'decision') as cause,
            coalesce(b.who, e.user) as user, if(b.who is null, detail, 'adopted from ' || b.file) as detail
        from (select *, row_number() over () as place from events) e
            left join owner b on b.golden_id = e.golden_id and e.event = 'created'
        order by place""",
        events=events,
        adopted=adopted,
    )
    return found.cast(EVENTS)


def notes(found: Brought, crosswalk: pa.Table) -> list[str]:
    """What became of the ids that were brought along; `crosswalk`: today's."""
    said = []
    if found.waiting:
        said.append(f"{counted(found.waiting, 'adopted golden id')} wait: no source has their record yet")
    if found.used.num_rows:
        counts = duck.ask(
            """
            with told as (select u.golden_id as own, c.golden_id from used u join crosswalk c using (source, record_id))
            select (select count(*) from (select own from told group by own having count(distinct golden_id) > 1)),
                (select count(*) from (
                    select golden_id from told group by golden_id having count(distinct own) > 1))""",
            used=found.used,
            crosswalk=crosswalk,
        )
        parted, joined = (column[0].as_py() for column in counts.columns)
        if parted:
            what = "of which the data keep records apart: the largest part has the id, the others have new ones"
            said.append(f"{counted(parted, 'adopted golden id')} {what}")
        if joined:
            what = "joined of several adopted golden ids: one stands, the others lead to it"
            said.append(f"{counted(joined, 'customer')} {what}")
    return said
