"""What others say of who is one customer, gathered for the review queue (rules/identity/upstream.py)."""

import pyarrow as pa

from connectors.store.runs import RunFolder
from pipelines.context import Run
from rules import duck
from rules.identity import upstream


def said(run: Run, brought: pa.Table) -> pa.Table:
    """Schema SAID of rules.identity.candidates; `brought`: records with a golden id of the firm's own."""
    tell = sorted(n for n, s in run.workspace.sources.items() if "merged_into" in s.columns.values())
    return upstream.said(
        _merged(run.folder, tell),
        _merged(run.before, tell),
        brought,
        run.store.candidates().select(["kind", "left", "right", "reason"]),
    )


def _merged(folder: RunFolder | None, sources: list[str]) -> pa.Table:
    """Schema MERGED of these sources."""
    if folder is None or not sources or not folder.parts("validate", "records"):
        return upstream.MERGED.empty_table()
    with duck.session() as con:
        folder.view(con, "validate", "records")
        there = "merged_into" in con.sql("select * from records limit 0").columns
        column = "merged_into" if there else "null::varchar as merged_into"
        found = con.sql(
            f"select source, record_id, {column} from records where list_contains($sources, source)",  # noqa: S608 - our own names
            params={"sources": sources},
        ).to_arrow_table()
    return found.cast(upstream.MERGED)
