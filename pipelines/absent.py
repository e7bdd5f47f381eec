"""Records that are in no cluster of a run: who is gone, and who is only missing."""

import duckdb
import pyarrow as pa

from pipelines.context import Run, counted
from rules.identity.assign import KEPT


def kept(con: duckdb.DuckDBPyConnection, run: Run) -> pa.Table:
    """Schema KEPT: those that are not gone: quarantined, or of a source that did not say what is missing.

    Only a source that landed whole, and is declared `full`, tells by a row's absence that the record is gone. `con` has
    `labels` and `yesterday`.
    """
    con.register("quarantine", run.folder.read("validate", "quarantine", columns=["source", "record_id"]))
    con.register("speaks", pa.table({"source": pa.array(_telling(con, run), pa.string())}))
    found = con.sql("""
        select distinct source, record_id, 'quarantined' as state from quarantine
        union all
        select source, record_id, state from yesterday y where state <> 'retired'
            and source not in (select source from speaks)
            and not exists (select 1 from labels l where (l.source, l.record_id) = (y.source, y.record_id))
            and not exists (select 1 from quarantine q where (q.source, q.record_id) = (y.source, y.record_id))""")
    return found.to_arrow_table().cast(KEPT)


def _telling(con: duckdb.DuckDBPyConnection, run: Run) -> list[str]:
    """Sources whose missing rows are gone. A source that is no longer declared has nothing left to say: all is gone."""
    landed = {row["source"]: row["state"] for row in run.folder.read("land", "sources").to_pylist()}
    declared = run.workspace.sources
    silent = {n for n, s in declared.items() if s.mode == "append" or landed.get(n) not in ("landed", "unchanged")}
    published = {source for (source,) in con.sql("select distinct source from yesterday").fetchall()}
    return sorted({*published, *declared} - silent)


def undeclared(con: duckdb.DuckDBPyConnection, run: Run) -> list[str]:
    """Sources that were published and are declared no more: said, because a renamed file looks the same."""
    counts = con.sql("select source, count(*) from yesterday where state <> 'retired' group by 1 order by 1").fetchall()
    return [
        f"the source {name} is declared no more: its {counted(number, 'record is', 'records are')} retired. "
        "Name it back if it was renamed"
        for name, number in counts
        if name not in run.workspace.sources
    ]
