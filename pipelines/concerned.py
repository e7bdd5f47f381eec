"""Which records must be identified anew: those of customers of which anything changed that ids depend on.

Which id a customer carries on depends on its records of today and yesterday, on who else claims the ids of these, and
on what people say of them. So what changed is closed over shared clusters and shared golden ids; all other customers
stay as the last published run left them.
"""

from dataclasses import dataclass
from typing import Final

import duckdb
import pyarrow as pa

from connectors.store.runs import RunFolder
from pipelines import yesterday
from pipelines.context import Run
from rules import duck
from rules.identity.assign import KEPT
from rules.vocabulary import CROSSWALK, KEY, TEXT

STAGE: Final = "identify"
RECORD: Final = ("source", "record_id")
CLAIMS: Final = pa.schema([*KEY, ("golden_id", TEXT)])
MOST: Final = 0.3
"""Where more records than this share are concerned, all are identified anew: that is quicker."""


@dataclass(frozen=True)
class Concerned:
    """The records that are identified anew."""

    labels: pa.Table
    crosswalk: pa.Table
    """Yesterday's rows of them (schema CROSSWALK)."""
    kept: pa.Table
    """Schema KEPT."""
    base: RunFolder | None
    """The run whose rows of all other records stay; None: there are no others."""

    @property
    def ids(self) -> list[str] | None:
        """The golden ids that they had; None: every one."""
        return None if self.base is None else self.crosswalk["golden_id"].drop_null().unique().to_pylist()


def ground(run: Run) -> RunFolder | None:
    """The folder of the last published run, where the publication in force is what it wrote."""
    before = run.before
    if before is None or not all(before.parts(STAGE, name) for name in ("base", "crosswalk", "clusters")):
        return None
    published = before.id == run.store.last_published()
    return before if yesterday.publication(before, published) == run.store.version() else None


def tables(con: duckdb.DuckDBPyConnection, run: Run, base: RunFolder | None) -> None:
    """Make `labels` (this run's) and `yesterday` (the published crosswalk), each whole."""
    run.folder.view(con, "match", "labels", "matched")
    con.execute("create temp table labels as select source, record_id, cluster_id, household from matched")
    if base:
        base.view(con, STAGE, "crosswalk", "published")
    else:
        con.register("published", run.store.crosswalk())
    con.execute(f"create temp table yesterday as select {', '.join(CROSSWALK.names)} from published")  # noqa: S608 - our own names


def concerned(
    con: duckdb.DuckDBPyConnection, run: Run, base: RunFolder | None, kept: pa.Table, claims: pa.Table
) -> Concerned:
    """The records to identify anew, of the tables that `tables` made.

    `kept`: every record that is in no cluster and not gone. `claims`: schema CLAIMS, golden ids of other records that
    these bring along. Where these are not all, `con` has their keys as `area`, and as `replaced` the keys of the
    records whose label is another.
    """
    con.register("kept", kept)
    con.register("claims", claims)
    base = base if base and _area(con, run, base) else None
    some = "semi join area using (source, record_id)" if base else ""
    return Concerned(
        con.sql(f"from labels {some}").to_arrow_table(),
        con.sql(f"from yesterday {some}").to_arrow_table().cast(CROSSWALK),
        con.sql(f"from kept {some}").to_arrow_table().cast(KEPT),
        base,
    )


def replaced(run: Run, base: RunFolder) -> pa.Table | None:
    """Keys of the records whose label is another than in an earlier run; None: nobody knows."""
    now, was = (folder.parts("match", "labels").get("all") for folder in (run.folder, base))
    return now.replaced_since(was, RECORD) if now and was else None


def amend(run: Run, base: RunFolder, name: str, old: pa.Table, new: pa.Table, key: tuple[str, ...] = RECORD) -> None:
    """Write a table as the earlier run's with the rows `old` exchanged for `new`; `key` names its rows."""
    with duck.session() as con:
        con.register("old", old.select(new.column_names))
        con.register("new", new)
        con.execute("create temp table fresh as (from new except from old)")
        con.execute("create temp table lost as (from old except from new)")
        names = ", ".join(key)
        gone = con.sql(f"select {names} from fresh union select {names} from lost").to_arrow_table()  # noqa: S608 - our own names
        data = con.sql("from fresh").to_arrow_table().cast(new.schema)
        run.folder.amend(STAGE, name, data, gone, base.parts(STAGE, name)["all"], by=(key,))


def _area(con: duckdb.DuckDBPyConnection, run: Run, base: RunFolder) -> bool:
    """Make `area`, source and record_id of the records concerned. False: these are all, or too many."""
    labelled = replaced(run, base)
    if labelled is None:
        return False
    con.register("replaced", labelled)
    base.view(con, "match", "labels", "matched_then")
    con.execute(_BEGIN)
    most = MOST * max(_count(con, "labels"), 1)
    before = -1
    while (now := _count(con, "area")) != before:
        if now > most:
            con.execute("drop table area")
            return False
        before = now
        con.execute(_GROWN)
        con.execute("create or replace temp table area as from grown")
    return True


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(con.sql(f"select count(*) from {table}").fetchall()[0][0])  # noqa: S608 - our own names


# Records that are in another cluster than they were, whose state is another, or of whom somebody says something.
_BEGIN: Final = """
    create temp table area as
    select coalesce(n.source, w.source) as source, coalesce(n.record_id, w.record_id) as record_id
    from (from labels semi join replaced using (source, record_id)) n
        full join (from matched_then semi join replaced using (source, record_id)) w
            on (n.source, n.record_id) = (w.source, w.record_id)
    where n.cluster_id is distinct from w.cluster_id
    union
    select source, record_id
    from (from yesterday anti join labels using (source, record_id)) y left join kept k using (source, record_id)
    where coalesce(k.state, 'retired') <> y.state
    union select source, record_id from kept anti join yesterday using (source, record_id)
    union select source, record_id from claims"""

_GROWN: Final = """
    create or replace temp table grown as
    with ids as (
        select golden_id from yesterday semi join area using (source, record_id) where golden_id is not null
        union select golden_id from claims),
    groups as (select cluster_id from labels semi join area using (source, record_id))
    select source, record_id from area
    union select source, record_id from yesterday semi join ids using (golden_id)
    union select source, record_id from labels semi join groups using (cluster_id)"""
