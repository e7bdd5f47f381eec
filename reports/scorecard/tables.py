"""What a run left behind, as views of an in-memory DuckDB; a table that a run never reached is an empty view.

So a run that stopped early gives a report of as far as it got, and no query asks twice whether a table is there.
"""

from dataclasses import dataclass, field
from typing import Any, Final

import duckdb

from connectors.store.parts import joined
from connectors.store.runs import RunFolder
from rules import vocabulary as words
from rules.matching.clusters.health_tables import HEALTH

# View, stage, table, schema. `records` are those that standardise made, before anything was set aside.
VIEWS: Final = (
    ("sources", "land", "sources", words.SOURCES),
    ("rejects", "land", "rejects", words.REJECTS),
    ("records", "standardise", "records", words.RECORDS),
    ("points", "standardise", "points", words.POINTS),
    ("addresses", "standardise", "addresses", words.ADDRESSES),
    ("doubts", "standardise", "flags", words.FLAGS),
    ("flags", "validate", "flags", words.FLAGS),
    ("results", "validate", "results", words.RESULTS),
    ("quarantine", "validate", "quarantine", words.QUARANTINE),
    ("pairs", "match", "pairs", words.PAIRS),
    ("labels", "match", "labels", words.CLUSTERS),
    ("health", "match", "health", HEALTH),
    ("crosswalk", "identify", "crosswalk", words.CROSSWALK),
    ("events", "identify", "events", words.EVENTS),
    ("candidates", "identify", "candidates", words.CANDIDATES),
    ("golden_now", "survive", "golden", words.GOLDEN),
)
STAGES: Final = ("land", "standardise", "validate", "match", "identify", "survive")

MEMBERS: Final = """
    CREATE TEMP TABLE members AS
    SELECT source, record_id, golden_id FROM crosswalk
    WHERE coalesce(state, 'active') = 'active' AND golden_id IS NOT NULL
"""
GROUPED: Final = """
    CREATE TEMP TABLE members AS SELECT source, record_id, 'cluster ' || cluster_id AS golden_id FROM labels
"""
# What several questions begin with is worked out once: a customer's columns that the page speaks of, its records by
# source, and in all.
SHARED: Final = (
    """CREATE TEMP TABLE golden AS
    SELECT golden_id, display_name, party_type, status, household_id, email, phone, street, postcode, city, country,
           birth_date, tax_id, records
    FROM golden_now""",
    "CREATE TEMP TABLE held AS SELECT golden_id, source, count(*) AS n FROM members GROUP BY ALL",
    "CREATE TEMP TABLE sizes AS SELECT golden_id, sum(n)::BIGINT AS n, count(*) AS s FROM held GROUP BY 1",
)
NAME: Final = """
    coalesce(nullif(organisation_name, ''), nullif(full_name, ''),
             nullif(concat_ws(' ', given_name, middle_name, surname), ''))
"""
"""The name of a record as a person would say it."""


@dataclass
class Tables:
    """A run's tables; `missing` names the stages that left none."""

    con: duckdb.DuckDBPyConnection
    missing: tuple[str, ...]
    found: set[str] = field(default_factory=set)

    @classmethod
    def open(cls, folder: RunFolder, before: RunFolder | None = None) -> "Tables":
        """The tables of a run, and the golden customers of the last published one.

        `golden_now` and `golden_before` are the customers of both, without those that are surely the same in both.
        """
        con = duckdb.connect()
        found = {view for view, stage, table, schema in VIEWS if _view(con, folder, view, stage, table, schema)}
        _view(con, before or RunFolder(folder.runs, ""), "golden_before", "survive", "golden", words.GOLDEN)
        for statement in (MEMBERS if "crosswalk" in found else GROUPED, *SHARED):
            con.execute(statement)
        _leave_out_same(con, folder, before)
        present = {stage for view, stage, _, _ in VIEWS if view in found}
        return cls(con, tuple(stage for stage in STAGES if stage not in present), found)

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        return self.con.execute(sql, list(values)).fetchall()

    def one(self, sql: str, *values: Any) -> Any:
        """The first value of the first row."""
        return self.rows(sql, *values)[0][0]


def _leave_out_same(con: duckdb.DuckDBPyConnection, folder: RunFolder, before: RunFolder | None) -> None:
    """Of customers that survived anew one by one, only those are compared with what they were."""
    now, then = (f.parts("survive", "golden").get("all") if f else None for f in (folder, before))
    renewed = now.replaced_since(then, ("golden_id",)) if now and then and now.whole() and then.whole() else None
    if renewed is None:
        return
    con.register("renewed", renewed)
    for view in ("golden_now", "golden_before"):
        con.execute(f"CREATE TEMP TABLE renewed_{view} AS FROM {view} SEMI JOIN renewed USING (golden_id)")
        con.execute(f"DROP VIEW {view}")
        con.execute(f"ALTER TABLE renewed_{view} RENAME TO {view}")


def _view(con: duckdb.DuckDBPyConnection, folder: RunFolder, view: str, stage: str, table: str, schema: Any) -> bool:
    found = [part for part in folder.parts(stage, table).values() if part.whole()]
    if found:
        con.sql(joined(found)).create_view(view)
        return True
    con.register(view, schema.empty_table())
    return False
