"""Stage 2: raw records -> standard records, one source after another, many batches at a time.

Corrections of stewards go over the raw cells first. Rows that are as they were in the last published run are taken
over from it; where a source's settings, our code or what was seen in its columns has changed, all are worked again.
"""

import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors.store.runs import RunFolder
from pipelines.context import Run, StageResult
from rules import schema
from rules import vocabulary as words
from rules.standardise import data, facts
from rules.standardise.record_table import CONTACT
from rules.standardise.survey import Survey, survey
from rules.standardise.table import BATCH, empty
from rules.standardise.table import standardise as tables_of

STAGE: Final = "standardise"
ALONE: Final = 20_000
"""Rows below which starting processes costs more than it saves."""
WORKERS: Final = 2
STATE: Final = pa.schema([("settings", pa.string()), ("corrections", pa.string())])
"""The table `state`, one row a source: what its standard records depend on besides its rows."""
Tables: TypeAlias = dict[str, pa.Table]


class _State(NamedTuple):
    settings: str
    corrections: str

    def touched(self) -> set[str]:
        """Records that stewards corrected."""
        return set(json.loads(self.corrections)["record_id"])


def standardise(run: Run) -> StageResult:
    """Write the standard tables of every landed source."""
    present = run.folder.parts("land", "raw")
    corrections = _corrections(run)
    sizes = {name: pq.read_metadata(path).num_rows for name, path in present.items()}
    total, done, reused = sum(sizes.values()), 0, 0
    notes: list[str] = []
    out = 0
    with ExitStack() as stack:
        pool = stack.enter_context(_pool()) if total >= ALONE else None
        for name in present:
            if name not in run.workspace.sources:
                continue
            written, kept = _source(run, name, corrections, pool)
            done += sizes[name]
            out += written
            reused += kept
            run.progress(done, total)
    if reused:
        notes.append(f"{reused} of {total} rows are as they were in the last published run and were taken over.")
    return StageResult(STAGE, total, out, notes=tuple(notes), counts={"reused": reused})


def _facts(run: Run, name: str, source: schema.Source) -> None:
    """What the source says about customers, its dates and amounts in one form."""
    if name in run.folder.parts("land", "facts"):
        run.folder.write(STAGE, "facts", facts.standardise(run.folder.read("land", "facts", name), source), name)


def _pool() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn"))


def _corrections(run: Run) -> pa.Table:
    """source, record_id, field (a raw column), value: what stewards corrected."""
    asked = getattr(run.store, "corrections", None)
    found = asked() if asked else None
    return (
        found
        if found is not None
        else pa.table({n: pa.nulls(0, pa.string()) for n in ("source", "record_id", "field", "value")})
    )


def _source(run: Run, name: str, corrections: pa.Table, pool: ProcessPoolExecutor | None) -> tuple[int, int]:
    """Records written, and rows taken over."""
    source = run.workspace.sources[name]
    landed = _landed(run, name)
    mine = corrections.filter(pc.equal(corrections["source"], name)).select(["record_id", "field", "value"])
    raw = _corrected(landed, mine)
    seen = survey(raw, source)
    now = _State(_settings(source, seen), json.dumps(mine.to_pydict(), sort_keys=True))
    before, then = _before(run, name)
    if before is None or then is None or then.settings != now.settings:
        before, then = None, None
    if before and then == now and run.folder.parts("land", "raw")[name] == before.parts("land", "raw")[name]:
        run.folder.take_over(STAGE, name, before)
        return before.read(STAGE, "records", name, columns=["record_id"]).num_rows, raw.num_rows
    kept = _kept(name, raw, before, now.touched() | then.touched()) if before and then else np.zeros(raw.num_rows, bool)
    fresh = raw.filter(pa.array(~kept)) if kept.any() else raw
    batches = _worked(fresh, name, source, seen, pool)
    if kept.any() and before:
        batches = _merged(raw, kept, before, name, batches)
    written = _write(run.folder, name, batches)
    _facts(run, name, source)
    run.folder.write(STAGE, "state", pa.table([[now.settings], [now.corrections]], schema=STATE), name)
    return written, int(kept.sum())


def _landed(run: Run, name: str) -> pa.Table:
    return pq.read_table(run.folder.parts("land", "raw")[name])


def _corrected(raw: pa.Table, corrections: pa.Table) -> pa.Table:
    """The raw table with the corrected cells; corrections of columns or records that are gone change nothing."""
    wanted: dict[str, dict[str, str]] = {}
    for record, column, value in zip(
        *(corrections[c].to_pylist() for c in ("record_id", "field", "value")), strict=True
    ):
        if column in raw.column_names and column not in words.RAW_PREFIX:
            wanted.setdefault(column, {})[record] = value
    for column, by_record in wanted.items():
        at = pc.index_in(raw["_record_id"], pa.array(list(by_record), pa.string()))
        values = pa.array(list(by_record.values()), pa.string()).take(at.combine_chunks())
        fixed = pc.if_else(pc.is_valid(at), values, raw[column].combine_chunks().cast(pa.string()))
        raw = raw.set_column(raw.column_names.index(column), column, fixed)
    return raw


def _settings(source: schema.Source, seen: Survey) -> str:
    """A fingerprint of all that standard records depend on besides their rows and the corrections."""
    parts = [source.model_dump(mode="json"), seen.as_data(), data.fingerprint()]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def _before(run: Run, name: str) -> tuple[RunFolder | None, _State | None]:
    """The last published run and its state of a source, if it worked that."""
    if (
        run.before is None
        or name not in run.before.parts(STAGE, "state")
        or name not in run.before.parts("land", "raw")
    ):
        return None, None
    state = run.before.read(STAGE, "state", name).to_pylist()[0]
    return run.before, _State(state["settings"], state["corrections"])


def _kept(name: str, raw: pa.Table, before: RunFolder, touched: set[str]) -> npt.NDArray[np.bool_]:
    """Which rows stood, with the same key and content, in the last published run, and no steward has touched since."""
    earlier = pq.read_table(before.parts("land", "raw")[name])
    if earlier.column_names != raw.column_names:
        return np.zeros(raw.num_rows, bool)
    same = pc.is_in(_row_keys(raw), _row_keys(earlier).combine_chunks()).to_numpy()
    corrected = pc.is_in(raw["_record_id"], pa.array(sorted(touched), pa.string())).to_numpy()
    kept: npt.NDArray[np.bool_] = same & ~corrected
    return kept


def _row_keys(raw: pa.Table) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(raw["_record_id"], raw["_hash"], "\x1f")


def _worked(
    raw: pa.Table, name: str, source: schema.Source, seen: Survey, pool: ProcessPoolExecutor | None
) -> Iterator[Tables]:
    """The tables of each batch, in order; two batches at a time where there is a pool."""
    if pool is None or raw.num_rows <= BATCH // 10:
        yield tables_of(raw, name, source, seen=seen)
        return
    waiting: list[Future[Tables]] = []
    size = min(BATCH, -(-raw.num_rows // WORKERS))
    for start in range(0, raw.num_rows, size):
        waiting.append(pool.submit(_work, _packed(raw.slice(start, size)), name, source, seen))
        if len(waiting) > WORKERS:
            yield waiting.pop(0).result()
    for future in waiting:
        yield future.result()


def _packed(raw: pa.Table) -> bytes:
    """A slice by itself: pickled as it is, it would take the whole table along."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, raw.schema) as stream:
        stream.write_table(raw)
    return bytes(sink.getvalue().to_pybytes())


def _work(packed: bytes, name: str, source: schema.Source, seen: Survey) -> Tables:
    """In a process of its own: one batch."""
    return tables_of(pa.ipc.open_stream(packed).read_all(), name, source, seen=seen)


def _merged(
    raw: pa.Table, kept: npt.NDArray[np.bool_], before: RunFolder, name: str, fresh: Iterator[Tables]
) -> Iterator[Tables]:
    """Rows taken over and rows worked on, in the order of the raw table, with the place where each now stands."""
    worked = [*fresh]
    ids = raw["_record_id"].combine_chunks()
    taken = ids.filter(pa.array(kept))
    merged: Tables = {}
    for table in words.STANDARD_TABLES:
        earlier = before.read(STAGE, table, name)
        mine = earlier.filter(pc.is_in(_owner(earlier, ids), taken))
        both = pa.concat_tables([mine, *(w[table] for w in worked)], promote_options="permissive")
        at = pc.index_in(_owner(both, ids), ids).combine_chunks().to_numpy(zero_copy_only=False)
        merged[table] = both.take(pa.array(np.argsort(at, kind="stable")))
    merged["records"] = _replaced(merged["records"], raw)
    yield merged


def _owner(table: pa.Table, ids: pa.Array) -> pa.ChunkedArray:
    """The raw record of each row: a contact belongs to its organisation's."""
    own = table["record_id"]
    return pc.if_else(pc.is_in(own, ids), own, pc.replace_substring_regex(own, f"{CONTACT}$", ""))


def _replaced(records: pa.Table, raw: pa.Table) -> pa.Table:
    """Records with file, sheet and line of the raw table: a sorted sheet moves its rows."""
    ids = raw["_record_id"].combine_chunks()
    at = pc.index_in(_owner(records, ids), ids)
    for column in ("file", "sheet", "line"):
        moved = raw[f"_{column}"].combine_chunks().take(at.combine_chunks())
        index = records.column_names.index(column)
        records = records.set_column(index, records.schema.field(index), moved.cast(records.schema.field(index).type))
    return records


def _write(folder: RunFolder, name: str, batches: Iterator[Tables]) -> int:
    """Write each table as its batches come, so that no more than a few of them are in memory. Records written."""
    with ExitStack() as stack:
        writers: dict[str, pq.ParquetWriter] = {}
        records = 0
        for tables in batches:
            records += tables["records"].num_rows
            for table, rows in tables.items():
                if table not in writers:
                    path = folder.path(STAGE, table, name).with_suffix(".tmp")
                    writers[table] = stack.enter_context(
                        pq.ParquetWriter(path, rows.schema, compression="zstd", compression_level=1)
                    )
                writers[table].write_table(rows)
    for table in words.STANDARD_TABLES:
        path = folder.path(STAGE, table, name)
        if table in writers:
            path.with_suffix(".tmp").rename(path)
            folder.keep(STAGE, table, name)
        else:
            folder.write(STAGE, table, empty()[table], name)
    return records
