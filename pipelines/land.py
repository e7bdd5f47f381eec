"""Stage 1: every row of every source as it was, with its key, its place and its hash; customers and facts apart.

A source that did not change since the last published run is taken over from it; one that fails carries its last
good snapshot forward, and the others go on.
"""

import json
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors import sources
from connectors.sources import Landed, SourceFailed, checks, fingerprint
from connectors.sources.base import PREFIX_SCHEMA
from pipelines.context import Run, StageResult
from rules import facts, keys
from rules.schema import Source
from rules.vocabulary import FACTS, RAW_PREFIX, REJECTS, SOURCES

STAGE = "land"
FILES = 5
"""Files of a source that are named one by one."""
FACT_ROWS = "fact_rows"
"""Table of the raw rows of sources that hold facts and no customers: kept, and not standardised."""


def land(run: Run) -> StageResult:
    """Land every source of the workspace. Writes `raw`, `facts`, `rejects`, `keys` a source, and `sources`."""
    began = time.process_time()
    before = _published(run)
    rows: list[dict[str, Any]] = []
    notes: list[str] = []
    warnings: list[str] = []
    declared = sorted(run.workspace.sources.items())
    for number, (name, source) in enumerate(declared, 1):
        row, said = _land_one(run, name, source, before.get(name))
        rows.append(row)
        told = warnings if row["state"] in ("failed", "carried") else notes
        told += [f"{name}: {note}" for note in said]
        run.progress(number, len(declared))
    run.folder.write(STAGE, "sources", pa.Table.from_pylist(rows, SOURCES))
    return replace(_result(rows, notes, time.process_time() - began), warnings=tuple(warnings))


def _result(rows: list[dict[str, Any]], notes: list[str], seconds: float) -> StageResult:
    states = Counter(row["state"] for row in rows)
    sums = {key: sum(row[key] for row in rows) for key in ("rows", "rejected", "facts")}
    counts = {**sums, **{state: states[state] for state in ("landed", "unchanged", "carried", "failed")}}
    return StageResult(STAGE, sums["rows"] + sums["rejected"], sums["rows"], seconds, tuple(notes), counts)


def _published(run: Run) -> dict[str, dict[str, Any]]:
    """What became of each source in the last published run."""
    if run.before is None:
        return {}
    try:
        return {row["source"]: row for row in run.before.read(STAGE, "sources").to_pylist()}
    except FileNotFoundError:
        return {}


def _land_one(run: Run, name: str, source: Source, was: dict[str, Any] | None) -> tuple[dict[str, Any], Iterable[str]]:
    """The row of `sources` for one source, and what is to be said about it."""
    usable = was if was and was["state"] != "failed" else None
    try:
        digest = fingerprint.of_files(source, run.workspace.root)
        if usable and digest == usable["fingerprint"]:
            return _unchanged(run, name, usable), ()
        landed = sources.read(name, source, run.workspace.root)
        digest = digest or fingerprint.of_rows(source, landed.raw)
        if usable and digest == usable["fingerprint"]:
            return _unchanged(run, name, usable), landed.notes
        batch = _prepare(run, name, source, landed, usable)
    except SourceFailed as failure:
        return _failed(run, name, source, failure, usable)
    return _write(run, name, source, batch, digest, usable), batch.notes


@dataclass(frozen=True)
class _Batch:
    """One source, ready to be written."""

    raw: pa.Table
    facts: pa.Table
    rejects: pa.Table
    known: pa.Table | None
    files: str
    notes: tuple[str, ...]
    before: pa.Table | None


# --- keys and checks ----------------------------------------------------------------------------------------


def _prepare(run: Run, name: str, source: Source, landed: Landed, was: dict[str, Any] | None) -> _Batch:
    """Checked, keyed, with facts apart. Raises SourceFailed where the source is not what it was declared to be."""
    before = _before(run, name, "raw" if facts.holds_customers(source) else FACT_ROWS) if was else None
    problems = checks.columns(landed.raw, source, keys.own_columns(before) if before is not None else ())
    _raise(problems)
    if source.fold and source.id:
        folded = facts.fold(landed.raw, source.id)
        hashed = folded.set_column(RAW_PREFIX.index("_hash"), "_hash", keys.content_hash(folded))
        landed = replace(landed, raw=hashed)
    raw, notes, known, rejects = _keyed(run, name, source, landed, before)
    if source.mode == "append" and before is not None:
        raw = _appended(raw, before)
    _raise(checks.expectations(raw, source, (was["rows"] or was["facts"]) if was else 0))
    found = landed.facts
    if source.yields == "fact":
        found = facts.facts(raw, name, source)
    names = [path.name for path in landed.files]
    files = "; ".join(names[:FILES]) + (f"; … ({len(names)} files)" if len(names) > FILES else "")
    return _Batch(raw, found, rejects, known, files, (*landed.notes, *notes), before)


def _raise(failures: list[SourceFailed]) -> None:
    """Raise all failures as one."""
    if len(failures) == 1:
        raise failures[0]
    if failures:
        first = failures[0]
        reasons = "; ".join(f.reason for f in failures)
        raise SourceFailed(
            reasons, first.remedy, file=first.file, sheet=first.sheet, line=first.line, column=first.column
        )


def _keyed(
    run: Run, name: str, source: Source, landed: Landed, before: pa.Table | None
) -> tuple[pa.Table, tuple[str, ...], pa.Table | None, pa.Table]:
    """Raw rows with their keys; notes; keys to remember; rejects, rows without a key among them."""
    raw = landed.raw
    known = _known(run, name)
    if not raw["_record_id"].null_count:
        return raw, (), None, landed.rejects
    if not source.id:
        keyed = keys.carry(before, raw, known, alike=source.mode == "full")
        return _with_ids(raw, keyed), keyed.notes, keyed.known, landed.rejects
    declared = keys.declared(raw, source.id)
    raw = _with_ids(raw, declared)
    missing = raw.filter(pc.is_null(raw["_record_id"]))
    raw = raw.filter(pc.is_valid(raw["_record_id"]))
    rejects = pa.concat_tables([landed.rejects, _without_id(missing, name, source)])
    again = keys.recycled(before, raw, source.columns, known)
    notes = (*declared.notes, *again.notes)
    if len(missing):
        notes += (f"{len(missing)} rows have no {' and no '.join(source.id)} and were rejected",)
    return _with_ids(raw, again), notes, again.known, rejects


def _with_ids(raw: pa.Table, keyed: keys.Keyed) -> pa.Table:
    return raw.set_column(RAW_PREFIX.index("_record_id"), "_record_id", keyed.ids)


def _without_id(missing: pa.Table, name: str, source: Source) -> pa.Table:
    """Rows whose key columns are all empty, as rejects."""
    remedy = f"Fill in {', '.join(source.id)}; or take `id` out of the declaration, and keys are carried"
    rows = [
        {
            "source": name,
            **{key: row[f"_{key}"] for key in ("file", "sheet", "line")},
            "content": json.dumps({k: v for k, v in row.items() if k not in RAW_PREFIX and v}, ensure_ascii=False),
            "reason": f"the record key ({', '.join(source.id)}) is empty",
            "remedy": remedy,
        }
        for row in missing.to_pylist()
    ]
    return pa.Table.from_pylist(rows, REJECTS)


def _appended(raw: pa.Table, before: pa.Table) -> pa.Table:
    """The rows of a source to which only new ones come: those of before that did not come again, then today's."""
    kept = before.filter(pc.invert(pc.is_in(before["_record_id"], value_set=raw["_record_id"].combine_chunks())))
    return pa.concat_tables([kept, raw], promote_options="default")


# --- writing ------------------------------------------------------------------------------------------------


def _write(
    run: Run, name: str, source: Source, batch: _Batch, digest: str, was: dict[str, Any] | None
) -> dict[str, Any]:
    """Write a source's tables; count it as changed where its records or its declaration are not those of before."""
    customers = facts.holds_customers(source)
    run.folder.write(STAGE, "raw", batch.raw if customers else batch.raw.slice(0, 0), name)
    if not customers:
        run.folder.write(STAGE, FACT_ROWS, batch.raw, name)
    run.folder.write(STAGE, "facts", batch.facts, name)
    run.folder.write(STAGE, "rejects", batch.rejects, name)
    if batch.known is not None:
        run.folder.write(STAGE, "keys", batch.known, name)
    same_settings = was is not None and was["fingerprint"].startswith(fingerprint.settings(source))
    if not (same_settings and batch.before is not None and _same_records(batch.raw, batch.before)):
        run.changed.add(name)
    return _row(
        name,
        "landed",
        rows=len(batch.raw) if customers else 0,
        rejected=len(batch.rejects),
        facts=len(batch.facts),
        files=batch.files,
        unmapped=", ".join(checks.unmapped(batch.raw, source)),
        fingerprint=digest,
    )


def _same_records(raw: pa.Table, before: pa.Table) -> bool:
    tables = [t.select(["_record_id", "_hash"]).sort_by("_record_id").combine_chunks() for t in (raw, before)]
    return len(raw) == len(before) and bool(tables[0].equals(tables[1]))


def _unchanged(run: Run, name: str, was: dict[str, Any]) -> dict[str, Any]:
    assert run.before is not None  # noqa: S101 - for the type checker: `was` is of that run
    run.folder.take_over(STAGE, name, run.before)
    return {**was, "state": "unchanged", "reason": None, "remedy": None}


def _failed(
    run: Run, name: str, source: Source, failure: SourceFailed, was: dict[str, Any] | None
) -> tuple[dict[str, Any], Iterable[str]]:
    """The last good snapshot stands in for a source that failed; without one it is empty in this run."""
    reason = f"{failure.place}: {failure.reason}" if failure.place else failure.reason
    if was and run.before:
        run.folder.take_over(STAGE, name, run.before)
        note = f"{failure}. Its last good snapshot ({was['rows']:,} rows) stands in"
        return {**was, "state": "carried", "reason": reason, "remedy": failure.remedy}, [note]
    columns = dict.fromkeys((*source.id, *source.columns))
    empty = pa.schema([*PREFIX_SCHEMA, *((c, pa.string()) for c in columns)]).empty_table()
    for table, data in (("raw", empty), ("facts", FACTS.empty_table()), ("rejects", REJECTS.empty_table())):
        run.folder.write(STAGE, table, data, name)
    run.changed.add(name)
    return _row(name, "failed", reason=reason, remedy=failure.remedy), [str(failure)]


def _row(name: str, state: str, **values: Any) -> dict[str, Any]:
    empty = {"rows": 0, "rejected": 0, "facts": 0, "files": "", "unmapped": "", "fingerprint": ""}
    return {"source": name, "state": state, "reason": None, "remedy": None, **empty, **values}


def _known(run: Run, name: str) -> pa.Table | None:
    """Every key that a source was ever given; from beside the state database where the last run has none of it."""
    kept = run.workspace.var / "keys" / f"{name}.parquet"
    known = _before(run, name, "keys")
    return pq.read_table(kept) if known is None and kept.exists() else known


def _before(run: Run, name: str, table: str) -> pa.Table | None:
    """A part of the last published run, where there is one."""
    if run.before is None or name not in run.before.parts(STAGE, table):
        return None
    return run.before.read(STAGE, table, name)
