"""`goldseam blocking`: by which values records would be brought together, counted before anything is compared."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as arrow_csv

from pipelines import again
from pipelines.dedupe import reading, settings
from pipelines.features import features
from pipelines.match import blocking_of
from rules.matching.blocks.table import Appraised, appraise
from rules.vocabulary import STANDARD_TABLES

TABLE = pa.schema([
    ("party_type", pa.string()), ("rule", pa.string()), ("pairs", pa.int64()), ("new_pairs", pa.int64()),
    ("largest_block", pa.int64()), ("refused_blocks", pa.int64()), ("refused_pairs", pa.int64()),
    ("recall", pa.float64()), ("adds", pa.float64()), ("found", pa.float64()), ("used", pa.bool_()),
    ("reason", pa.string()),
])  # fmt: skip
"""Columns of the table. `recall`, `adds`, `found`: see rules.matching.blocking.Considered."""


def of_files(
    files: Sequence[Path], *, id_column: str | None = None, rules: Path | None = None,
    overrides: Mapping[str, str] | None = None, country: str | None = None, link: bool = False,
) -> list[Appraised]:  # fmt: skip
    """The blocking rules for files, read as `dedupe` reads them.

    Raises SourceFailed (a file that cannot be read), schema.Mistakes (the matching file, an override).
    """
    settings.read(rules)
    reads = reading.read(files, id_column, overrides or {}, country)
    tables = {t: pa.concat_tables([r.tables[t] for r in reads], promote_options="default") for t in STANDARD_TABLES}
    found = features(tables["records"], tables["points"], tables["addresses"], tables["flags"])
    return appraise(found, settings.read(rules, tables["records"]), link=link)


def of_workspace(root: Path) -> list[Appraised]:
    """The blocking rules for the records of the last run. Raises again.NoSuchRun."""
    with again.matched(root) as run:
        return blocking_of(run)


def table(found: list[Appraised]) -> pa.Table:
    """Every rule that was considered, one a row."""
    rows = [row for part in found for row in _rows(part)]
    return pa.Table.from_pylist(rows, schema=TABLE)


def _rows(part: Appraised) -> list[dict[str, Any]]:
    return [
        {
            "party_type": part.party, "rule": ", ".join(c.rule) or c.text, "pairs": c.pairs, "new_pairs": new,
            "largest_block": c.largest, "refused_blocks": c.refused_blocks, "refused_pairs": c.refused_pairs,
            "recall": c.recall, "adds": c.adds, "found": c.found, "used": c.used, "reason": c.reason,
        }
        for c, new in zip(part.considered, part.new, strict=True)
    ]  # fmt: skip


def summary(found: list[Appraised]) -> dict[str, Any]:
    """The table and its totals, for programs."""
    totals = [
        {"party_type": p.party, "records": p.records, "pairs": p.pairs, "estimated_recall": p.recall} for p in found
    ]
    return {"totals": totals, "rules": table(found).to_pylist()}


def write(found: list[Appraised], path: Path) -> None:
    """The table as CSV."""
    path.parent.mkdir(parents=True, exist_ok=True)
    arrow_csv.write_csv(table(found), path)
