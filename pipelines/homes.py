"""The households of a run: all anew, or those for which anything changed, and the others as they were."""

from typing import Final

import duckdb
import pyarrow as pa

from connectors.store import ids
from connectors.store.runs import RunFolder
from pipelines import concerned
from pipelines.concerned import STAGE, Concerned
from pipelines.context import Run
from rules import identity
from rules.identity.households import BEFORE, HOUSEHOLDS

NAME: Final = "households"


def write(con: duckdb.DuckDBPyConnection, run: Run, anew: Concerned, crosswalk: pa.Table, events: pa.Table) -> None:
    """The table `households`; a customer that is held stays with those it was with.

    `con`: as `concerned` left it; `crosswalk`: today's of the records concerned. The run's `clusters` are written.
    """
    run.folder.view(con, STAGE, "clusters", "clusters_now")
    con.execute("create temp table living as select source, record_id, golden_id, household from clusters_now")
    con.register("found", crosswalk)
    con.register("events", events)
    if anew.base is None or not anew.base.parts(STAGE, NAME):
        con.execute(f"create temp table held as {_HELD}")
        run.folder.write(STAGE, NAME, _made(con, run, run.store.past_households(), events))
        return
    con.execute(f"create temp table held as {_HELD} union {_HELD_BESIDE}")
    before = _circle(con, run, anew.base)
    con.register("homes_then", before)
    old = con.sql("select household_id, golden_id from homes_then where active").to_arrow_table().cast(HOUSEHOLDS)
    made = _made(con, run, before, events, "semi join circle using (golden_id)")
    concerned.amend(run, anew.base, NAME, old, made, ("golden_id",))


def _made(con: duckdb.DuckDBPyConnection, run: Run, before: pa.Table, events: pa.Table, whose: str = "") -> pa.Table:
    labels = con.sql(f"select golden_id, household from living {whose}").to_arrow_table()  # noqa: S608 - our own words
    held = con.sql(f"from held {whose}").to_arrow_table()
    return identity.households(labels, before, events, ids.mint("H", run.store.used), held)


def _circle(con: duckdb.DuckDBPyConnection, run: Run, base: RunFolder) -> pa.Table:
    """Make `circle`, the golden ids of all whose household may be another; -> schema BEFORE of these.

    What changed is closed over the households of today and of before, as `concerned` closes it over clusters and ids.
    """
    base.view(con, STAGE, NAME, "households_then")
    con.execute("create temp table had as select household_id, golden_id, true as active from households_then")
    con.execute("create temp table sought as select null::varchar as golden_id where false")
    con.execute(_TOUCHED)
    before = -1
    while (now := con.sql("select count(*) from circle").fetchall()[0][0]) != before:
        before = now
        _remember(con, run)
        con.execute(_GROWN)
        con.execute("create or replace temp table circle as from grown")
    return con.sql("from had semi join circle using (golden_id)").to_arrow_table().cast(BEFORE)


def _remember(con: duckdb.DuckDBPyConnection, run: Run) -> None:
    """Add to `had` the last household of those in the circle that are in none now."""
    new = con.sql("from circle anti join had using (golden_id) anti join sought using (golden_id)").to_arrow_table()
    con.register("new", new)
    con.execute("insert into sought from new")
    con.register("last", run.store.past_households(new["golden_id"].to_pylist()))
    con.execute("insert into had by name from last")
    con.unregister("new")
    con.unregister("last")


# Customers of whom a record is not retired, and none is in a cluster; but for one that ends (withdrawn.py).
_HELD: Final = """
    select distinct golden_id from found
    where state <> 'retired' and golden_id is not null and golden_id not in (select golden_id from living)
        and golden_id not in (select golden_id from events where event = 'retired')"""
_HELD_BESIDE: Final = """
    select distinct golden_id from yesterday semi join kept using (source, record_id)
        anti join area using (source, record_id)
    where golden_id is not null and golden_id not in (select golden_id from living)"""

_TOUCHED: Final = """
    create temp table circle as
    select golden_id from (
        select golden_id from yesterday semi join area using (source, record_id)
        union select golden_id from found
        union select golden_id from living semi join replaced using (source, record_id))
    where golden_id is not null"""

_GROWN: Final = """
    create or replace temp table grown as
    with homes as (
        select household from living semi join circle using (golden_id) where household is not null),
    known as (select household_id from had semi join circle using (golden_id))
    from circle
    union select golden_id from living semi join homes using (household)
    union select golden_id from had semi join known using (household_id)"""
