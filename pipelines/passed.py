"""What validate writes: the standard tables without what failed, and what failed, with its reasons."""

import json
from collections.abc import Iterator
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors.store.parts import Part
from connectors.store.runs import RunFolder
from pipelines.context import Run, counted
from rules.expectations import outcome
from rules.expectations.checking import Checked
from rules.expectations.columns import NEVER_EMPTY
from rules.standardise.record_table import CONTACT
from rules.vocabulary import FLAGS, QUARANTINE, RAW_PREFIX, STANDARD_TABLES, Severity

STAGE = "validate"
BATCH = 200_000
"""Rows held at once."""


def write(run: Run, source: str, checked: Checked, released: pa.Table) -> None:
    """Everything of one source: its five tables, its facts, its results and its quarantine."""
    folder = run.folder
    failures = outcome.of_source(checked.failures, source)
    out = outcome.quarantined(failures, released, _hashes(folder, source, failures))
    for table in (t for t in STANDARD_TABLES if t != "flags"):
        _table(folder, "standardise", table, source, failures, out)
    _flags(folder, source, failures, out)
    _table(folder, "standardise", "facts", source, failures, pa.array([], pa.string()))
    folder.write(STAGE, "results", checked.results.filter(pc.equal(checked.results["source"], source)), source)
    folder.write(STAGE, "quarantine", _quarantine(folder, source, failures, out), source)


def _hashes(folder: RunFolder, source: str, failures: pa.Table) -> pa.Table:
    """record_id and hash of the records that fail a critical rule."""
    part = folder.parts("standardise", "records").get(source)
    if part is None:
        return pa.table({"record_id": pa.array([], pa.string()), "hash": pa.array([], pa.string())})
    failed = failures.filter(pc.equal(failures["severity"], str(Severity.CRITICAL)))["record_id"]
    return part.read(["record_id", "hash"], pc.field("record_id").isin(pc.unique(failed)))


def _table(folder: RunFolder, stage: str, table: str, source: str, failures: pa.Table, out: pa.Array) -> None:
    """One table of one source, as it is where nothing failed, else piece by piece."""
    part = folder.parts(stage, table).get(source)
    if part is None:
        return
    mine = failures.filter(pc.equal(failures["table"], table))
    if not len(out) and not pc.any(pc.equal(mine["severity"], str(Severity.WARNING))).as_py():
        folder.keep(STAGE, table, source, part)
        return
    temporary = folder.path(STAGE, table, source).with_suffix(".tmp")
    with pq.ParquetWriter(temporary, part.schema, compression="zstd", compression_level=1) as writer:
        for first, rows in _pieces(part):
            writer.write_table(outcome.withhold(table, rows, first, mine, out).cast(part.schema))
    temporary.rename(temporary.with_suffix(".parquet"))
    folder.keep(STAGE, table, source)


def _pieces(part: Part) -> Iterator[tuple[int, pa.Table]]:
    """The rows of a part, some at a time, each with the number of its first row."""
    first = 0
    for rows in part.batches(BATCH):
        yield first, rows
        first += rows.num_rows


def _flags(folder: RunFolder, source: str, failures: pa.Table, out: pa.Array) -> None:
    """The flags of the records that passed, and those that validation raised."""
    part = folder.parts("standardise", "flags").get(source)
    earlier = part.read() if part else FLAGS.empty_table()
    if len(out):
        earlier = earlier.filter(pc.invert(pc.is_in(earlier["record_id"], value_set=out)))
    found = pa.concat_tables([earlier, outcome.flags(failures, out)], promote_options="permissive")
    folder.write(STAGE, "flags", found, source)


def _quarantine(folder: RunFolder, source: str, failures: pa.Table, out: pa.Array) -> pa.Table:
    """Rows of vocabulary.QUARANTINE."""
    part = folder.parts("standardise", "records").get(source)
    if part is None or not len(out):
        return QUARANTINE.empty_table()
    records = part.read(["record_id", "hash"], pc.field("record_id").isin(out)).to_pylist()
    raw = _raw(folder, source, {base(record) for record in out.to_pylist()})
    reasons = outcome.reasons(failures, out)
    rows = [
        {**raw.get(base(key), _UNSEEN), **record, "source": source, "reasons": reasons[key]}
        for record in sorted(records, key=lambda r: str(r["record_id"]))
        for key in [record["record_id"]]
    ]
    return pa.Table.from_pylist(rows, QUARANTINE)


_UNSEEN: Final[dict[str, Any]] = {"raw": "{}", "file": None, "sheet": None, "line": None}


def base(record_id: str) -> str:
    """The id of the raw row that a record was read from."""
    return record_id.removesuffix(CONTACT)


def _raw(folder: RunFolder, source: str, ids: set[str]) -> dict[str, dict[str, Any]]:
    """Raw rows by id, each as JSON of its own columns, and where they stand."""
    part = folder.parts("land", "raw").get(source)
    if part is None:
        return {}
    rows = part.read(filters=pc.field("_record_id").isin(sorted(ids))).to_pylist()
    return {
        row["_record_id"]: {
            "raw": json.dumps({k: v for k, v in row.items() if k not in RAW_PREFIX}, ensure_ascii=False),
            **{place: row[f"_{place}"] for place in ("file", "sheet", "line")},
        }
        for row in rows
    }


def count(folder: RunFolder, stage: str, table: str) -> int:
    """Rows of a table, all its parts together."""
    return sum(part.count for part in folder.parts(stage, table).values())


def withheld(folder: RunFolder) -> list[str]:
    """A sentence a rule that withheld cells, most cells first."""
    if not folder.parts(STAGE, "results"):
        return []
    results = folder.read(STAGE, "results", columns=["field", "severity", "message", "failed"])
    warned = results.filter(pc.equal(results["severity"], str(Severity.WARNING)))
    sums = warned.group_by(["field", "message"]).aggregate([("failed", "sum")]).to_pylist()
    told = [(row["failed_sum"], row["field"], row["message"]) for row in sums if row["failed_sum"]]
    return [
        f"{_cells(n, field)} withheld: {message}" for n, field, message in sorted(told, key=lambda t: (-t[0], *t[1:]))
    ]


def _cells(number: int, field: str) -> str:
    if field == "value":
        return counted(number, "entry", "entries")
    column = field.removeprefix(NEVER_EMPTY)
    return counted(number, f"cell of {column}", f"cells of {column}")
