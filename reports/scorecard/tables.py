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
    ("golden", "survive", "golden", words.GOLDEN),
)
STAGES: Final = ("land", "standardise", "validate", "match", "identify", "survive")

MEMBERS: Final = """
    CREATE VIEW members AS
    SELECT source, record_id, golden_id FROM crosswalk
    WHERE coalesce(state, 'active') = 'active' AND golden_id IS NOT NULL
"""
GROUPED: Final = """
    CREATE VIEW members AS SELECT source, record_id, 'cluster ' || cluster_id AS golden_id FROM labels
"""
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
        """The tables of a run, and as `golden_before` the golden customers of the last published one."""
        con = duckdb.connect()
        found = {view for view, stage, table, schema in VIEWS if _view(con, folder, view, stage, table, schema)}
        _view(con, before or RunFolder(folder.runs, ""), "golden_before", "survive", "golden", words.GOLDEN)
        con.execute(MEMBERS if "crosswalk" in found else GROUPED)
        present = {stage for view, stage, _, _ in VIEWS if view in found}
        return cls(con, tuple(stage for stage in STAGES if stage not in present), found)

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        return self.con.execute(sql, list(values)).fetchall()

    def one(self, sql: str, *values: Any) -> Any:
        """The first value of the first row."""
        return self.rows(sql, *values)[0][0]


def _view(con: duckdb.DuckDBPyConnection, folder: RunFolder, view: str, stage: str, table: str, schema: Any) -> bool:
    found = [part for part in folder.parts(stage, table).values() if part.whole()]
    if found:
        con.sql(joined(found)).create_view(view)
        return True
    con.register(view, schema.empty_table())
    return False
