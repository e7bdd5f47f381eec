"""What the last published run has of a source."""

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from connectors.sources import fingerprint
from connectors.sources.places.known_files import Known
from pipelines.context import Run
from rules import facts
from rules.schema import Source

STAGE = "land"
FACT_ROWS = "fact_rows"
"""Table of the raw rows of sources that hold facts and no customers: kept, and not standardised."""

MISSING = pa.schema([("record_id", pa.string()), ("since", pa.string())])
"""Records that a full source lacks and that stand as they were, and since which run (ISO time)."""

Row = dict[str, Any]
"""A row of vocabulary.SOURCES."""


def published(run: Run) -> dict[str, Row]:
    """What became of each source in the last published run."""
    if run.before is None:
        return {}
    try:
        return {row["source"]: row for row in run.before.read(STAGE, "sources").to_pylist()}
    except FileNotFoundError:
        return {}


@dataclass(frozen=True)
class Last:
    """One source as the last published run has it. `row` is None where it has no snapshot that could stand in."""

    run: Run
    name: str
    source: Source
    row: Row | None

    @classmethod
    def of(cls, run: Run, name: str, source: Source, row: Row | None) -> "Last":
        return cls(run, name, source, row if row and row["state"] != "failed" else None)

    @property
    def same_settings(self) -> bool:
        """Whether it was landed under today's declaration."""
        return self.row is not None and self.row["fingerprint"].startswith(fingerprint.settings(self.source))

    def holds(self, digest: str | None) -> bool:
        """Whether it was landed from the same content, under the same declaration."""
        return self.row is not None and digest == self.row["fingerprint"]

    def count(self) -> int:
        """Its rows."""
        return int(self.row["rows"] or self.row["facts"]) if self.row else 0

    def rows(self) -> pa.Table | None:
        """Its raw rows, those of a source of facts too."""
        return self.table("raw" if facts.holds_customers(self.source) else FACT_ROWS) if self.row else None

    def files(self) -> Known:
        return Known(self.table("files") if self.row else None)

    def keys(self) -> pa.Table | None:
        """Every key that it was ever given; from beside the state database where the last run has none of it."""
        kept = self.run.workspace.var / "keys" / f"{self.name}.parquet"
        known = self.table("keys")
        return pq.read_table(kept) if known is None and kept.exists() else known

    def missing(self) -> pa.Table:
        """Its records that were missing already, and are kept for now (schema MISSING)."""
        found = self.table("missing")
        return MISSING.empty_table() if found is None else found

    def table(self, table: str) -> pa.Table | None:
        """A part of the last published run, where there is one."""
        before = self.run.before
        if before is None or self.name not in before.parts(STAGE, table):
            return None
        return before.read(STAGE, table, self.name)
