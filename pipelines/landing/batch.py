"""What is written of a source."""

from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True)
class Batch:
    """One source, ready to be written."""

    raw: pa.Table
    facts: pa.Table
    rejects: pa.Table
    known: pa.Table | None
    """Every key that it was ever given, to be handed in next time (keys.KNOWN)."""
    before: pa.Table | None
    """Its raw rows in the last published run."""
    notes: tuple[str, ...] = ()
    missing: pa.Table | None = None
    """Rows of `raw` that did not come today, and are kept for now (last.MISSING)."""
    doubts: pa.Table | None = None
    """Rows with a new key that may be an earlier record (keys.KEY_DOUBTS)."""
