"""What is written of a source: what landed, or the last good snapshot that stands in."""

import traceback
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa

from connectors.sources import SourceFailed, checks
from connectors.sources.base import PREFIX_SCHEMA
from connectors.sources.failing import GaveUp
from pipelines import rejected
from pipelines.context import Run, counted
from pipelines.landing.batch import Batch
from pipelines.landing.last import FACT_ROWS, STAGE, Last, Row
from rules import facts
from rules.vocabulary import FACTS, REJECTS

FILES = 5
"""Files of a source that are named one by one."""


def landed(last: Last, batch: Batch, digest: str, files: pa.Table) -> Row:
    """Write a source's tables; count it as changed where its records or its declaration are not those of before."""
    run, name, customers = last.run, last.name, facts.holds_customers(last.source)
    tables: Mapping[str, pa.Table | None] = {
        "raw": batch.raw if customers else batch.raw.slice(0, 0),
        FACT_ROWS: None if customers else batch.raw,
        "facts": batch.facts,
        "rejects": batch.rejects,
        "keys": batch.known,
        "key_doubts": batch.doubts,
        "missing": batch.missing,
        "files": files,
    }
    for table, data in tables.items():
        if data is not None:
            run.folder.write(STAGE, table, data, name)
    if not (last.same_settings and batch.before is not None and _same_records(batch.raw, batch.before)):
        run.changed.add(name)
    return _row(
        last,
        "landed",
        rows=len(batch.raw) if customers else 0,
        rejected=rejected.of_data(batch.rejects).num_rows,
        facts=len(batch.facts),
        files=_named(files["file"].to_pylist()),
        unmapped=", ".join(checks.unmapped(batch.raw, last.source)),
        fingerprint=digest,
        landed_at=_instant(run.started),
    )


def _named(files: list[str]) -> str:
    more = f"; … ({len(files)} files)" if len(files) > FILES else ""
    return "; ".join(files[:FILES]) + more


def _same_records(raw: pa.Table, before: pa.Table) -> bool:
    tables = [t.select(["_record_id", "_hash"]).sort_by("_record_id").combine_chunks() for t in (raw, before)]
    return len(raw) == len(before) and bool(tables[0].equals(tables[1]))


def unchanged(last: Last, files: pa.Table | None) -> Row:
    """The snapshot of the last published run is today's; `files`: the record of its files, where names are new."""
    row = _taken_over(last)
    if files is not None:
        last.run.folder.write(STAGE, "files", files, last.name)
    return {**row, "state": "unchanged", "landed_at": _instant(last.run.started)}


def stood(run: Run, row: Row) -> Row:
    """A source that this run does not read: what became of it in the last published run, and when, stands."""
    assert run.before is not None  # noqa: S101 - for the type checker: the row is of that run
    run.folder.take_over(STAGE, row["source"], run.before)
    return {**row, "state": "unchanged" if row["state"] == "landed" else row["state"]}


def failed(last: Last, failure: SourceFailed) -> tuple[Row, Iterable[str]]:
    """The last good snapshot stands in for a source that failed; without one it is empty in this run."""
    reason = f"{failure.place}: {failure.reason}" if failure.place else failure.reason
    told = {"reason": reason, "remedy": failure.remedy}
    if last.row:
        row = {**_taken_over(last), "state": "carried", **told}
        number = counted(last.count(), "row")
        stands = f"Its last good snapshot ({number}{since(row, last.run.started)}) stands in"
        return row, [f"{failure}. {stands}{_details(last, failure)}"]
    columns = dict.fromkeys((*last.source.id, *last.source.columns))
    empty = pa.schema([*PREFIX_SCHEMA, *((c, pa.string()) for c in columns)]).empty_table()
    for table, data in (("raw", empty), ("facts", FACTS.empty_table()), ("rejects", REJECTS.empty_table())):
        last.run.folder.write(STAGE, table, data, last.name)
    last.run.changed.add(last.name)
    return _row(last, "failed", **told), [f"{failure}{_details(last, failure)}"]


def _details(last: Last, failure: SourceFailed) -> str:
    """Where the traceback is kept of what no reader foresaw; a customer's data in it is no more than the folder has."""
    if not isinstance(failure, GaveUp):
        return ""
    path = last.run.folder.root / STAGE / f"{last.name}.error.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(traceback.format_exception(failure)), "utf-8")
    return f". Details: {path}"


def age(row: Row, now: datetime) -> int | None:
    """Whole days since a source last landed; None where that is not known."""
    return (now - datetime.fromisoformat(row["landed_at"])).days if row.get("landed_at") else None


def since(row: Row, now: datetime) -> str:
    """`, of 2026-01-01, 3 days old`."""
    days = age(row, now)
    if days is None:
        return ""
    return f" of {row['landed_at'][:10]}, {counted(days, 'day') if days else 'less than a day'} old"


def _taken_over(last: Last) -> dict[str, Any]:
    """The row of before, and its parts as this run's."""
    assert last.run.before is not None  # noqa: S101 - for the type checker: the row is of that run
    assert last.row is not None  # noqa: S101 - likewise
    last.run.folder.take_over(STAGE, last.name, last.run.before)
    return {**last.row, "reason": None, "remedy": None}


def _row(last: Last, state: str, **values: Any) -> Row:
    empty = {"rows": 0, "rejected": 0, "facts": 0, "files": "", "unmapped": "", "fingerprint": ""}
    return {"source": last.name, "state": state, "reason": None, "remedy": None, "landed_at": None, **empty, **values}


def _instant(time: datetime) -> str:
    return time.isoformat(timespec="seconds")
