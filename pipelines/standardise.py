"""Stage 2: raw records -> standard records, many batches at a time, source after source.

Corrections of stewards go over the raw cells first. Rows that are as they were in the last published run are taken
over from it; where a source's settings, our code or what was seen in its columns has changed, all are worked again.
While processes work on the batches of one source, the next one is read and looked over here.
"""

import gc
import hashlib
import json
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors.store.runs import RunFolder
from pipelines import workers
from pipelines.context import Run, StageResult
from rules import schema
from rules import vocabulary as words
from rules.standardise import data, facts, own_values, reuse
from rules.standardise.survey import Survey, survey
from rules.standardise.table import empty
from rules.standardise.table import standardise as tables_of

STAGE: Final = "standardise"
ALONE: Final = 20_000
"""Rows below which starting processes costs more than it saves."""
WORKERS: Final = 2
BATCH: Final = 50_000
"""Rows a process works on at a time: what bounds its memory."""
AHEAD: Final = WORKERS + 1
"""Batches that may wait for their turn to be written."""
Tables: TypeAlias = dict[str, pa.Table]
STATE: Final = pa.schema([("settings", pa.string()), ("corrections", pa.string()), ("written", pa.int64())])
"""The table `state`, one row a source: what its standard records depend on besides its rows."""


class _State(NamedTuple):
    settings: str
    corrections: str
    written: int
    """The last of what Goldseam itself wrote into the source."""

    def touched(self) -> set[str]:
        """Records that stewards corrected."""
        return set(json.loads(self.corrections)["record_id"])


@dataclass
class _Sink:
    """The tables of one source, written as its batches come, so that no more than a few of them are in memory."""

    folder: RunFolder
    name: str
    before: RunFolder | None = None
    """The run whose tables are amended, if any: the batches are then kept until the last has come."""
    replaced: pa.Table | None = None
    """Keys of its records that are gone or worked anew."""
    reused: int = 0
    records: int = 0
    _waiting: int = 0
    _all_sent: bool = False
    _held: list[Tables] = field(default_factory=list)
    _writers: dict[str, pq.ParquetWriter] = field(default_factory=dict)

    def expect(self) -> None:
        self._waiting += 1

    def add(self, tables: Tables) -> None:
        self._waiting -= 1
        if self.before:
            self._held.append(tables)
        else:
            self._write(tables)
        self._close_if_whole()

    def all_sent(self) -> None:
        self._all_sent = True
        self._close_if_whole()

    def _write(self, tables: Tables) -> None:
        self.records += tables["records"].num_rows
        for table, rows in tables.items():
            if table not in self._writers:
                path = self.folder.path(STAGE, table, self.name).with_suffix(".tmp")
                self._writers[table] = pq.ParquetWriter(path, rows.schema, compression="zstd", compression_level=1)
            self._writers[table].write_table(rows)

    def _close_if_whole(self) -> None:
        if self._waiting or not self._all_sent:
            return
        if self.before:
            self._amend(self.before)
            return
        if not self._writers:
            self._write(empty())
        for table, writer in self._writers.items():
            writer.close()
            path = self.folder.path(STAGE, table, self.name)
            path.with_suffix(".tmp").rename(path)
            self.folder.keep(STAGE, table, self.name)

    def _amend(self, before: RunFolder) -> None:
        """The tables of before, with the worked rows in place of those that are gone."""
        assert self.replaced is not None  # noqa: S101 - for the type checker: the two come together
        for table, form in words.STANDARD_TABLES.items():
            worked = [form.empty_table(), *(tables[table] for tables in self._held)]
            rows = pa.concat_tables(worked, promote_options="permissive")
            self.folder.amend(STAGE, table, rows, self.replaced, before.parts(STAGE, table)[self.name], self.name)
        self.records, self._held = _rows(self.folder, self.name), []


class _Job(NamedTuple):
    """A batch of raw rows of a source, and what is needed to read them."""

    raw: pa.Table
    source: schema.Source
    seen: Survey
    sink: _Sink


_Done: TypeAlias = tuple[_Sink, int, Tables]
"""Where the tables of a batch go, and the raw rows they were made of."""


def standardise(run: Run) -> StageResult:
    """Write the standard tables of every landed source."""
    sizes = {
        name: part.count for name, part in run.folder.parts("land", "raw").items() if name in run.workspace.sources
    }
    total = sum(sizes.values())
    sinks: list[_Sink] = []
    done = 0
    with ExitStack() as stack:
        pool = stack.enter_context(workers.pool(WORKERS)) if total >= ALONE else None
        for sink, rows, tables in _worked(_jobs(run, list(sizes), sinks), pool):
            sink.add(tables)
            done += rows
            run.progress(done, total)
    run.progress(total, total)
    reused = sum(s.reused for s in sinks)
    note = f"{reused} of {total} rows are as they were in the last published run and were taken over."
    return StageResult(
        STAGE, total, sum(s.records for s in sinks), notes=(note,) if reused else (), counts={"reused": reused}
    )


def _worked(jobs: Iterator[_Job], pool: ProcessPoolExecutor | None) -> Iterator[_Done]:
    """The tables of each batch, in the order of jobs, whichever process was quicker."""
    waiting: deque[tuple[_Sink, int, Future[Tables]]] = deque()
    for job in jobs:
        name, size = job.sink.name, job.raw.num_rows
        if pool is None or size <= BATCH // 10:
            tables = Future[Tables]()
            tables.set_result(tables_of(job.raw, name, job.source, seen=job.seen))
        else:
            tables = pool.submit(_work, _packed(job.raw), name, job.source, job.seen)
        waiting.append((job.sink, size, tables))
        if pool is None or len(waiting) > AHEAD:
            sink, rows, future = waiting.popleft()
            yield sink, rows, future.result()
    for sink, rows, future in waiting:
        yield sink, rows, future.result()


def _packed(raw: pa.Table) -> bytes:
    """A slice by itself: pickled as it is, it would take the whole table along."""
    out = pa.BufferOutputStream()
    with pa.ipc.new_stream(out, raw.schema) as stream:
        stream.write_table(raw)
    return bytes(out.getvalue().to_pybytes())


def _work(packed: bytes, name: str, source: schema.Source, seen: Survey) -> Tables:
    """In a process of its own: one batch.

    The collector of cycles stands still meanwhile: it would look at every text again and again, a quarter of the time.
    """
    gc.disable()
    try:
        return tables_of(pa.ipc.open_stream(packed).read_all(), name, source, seen=seen)
    finally:
        gc.enable()


def _jobs(run: Run, names: list[str], sinks: list[_Sink]) -> Iterator[_Job]:
    """The batches of all sources, with a sink for each source. Rows taken over make none."""
    asked = getattr(run.store, "corrections", None)
    fields = ("source", "record_id", "field", "value")
    corrections = (asked() if asked else None) or pa.table({n: pa.nulls(0, pa.string()) for n in fields})
    for name in names:
        mine = corrections.filter(pc.equal(corrections["source"], name)).select(fields[1:])
        yield from _source(run, name, mine, sinks)
        _facts(run, name)


def _source(run: Run, name: str, corrections: pa.Table, sinks: list[_Sink]) -> Iterator[_Job]:
    """The batches of one source."""
    source = run.workspace.sources[name]
    landed = run.folder.parts("land", "raw")[name]
    raw = _corrected(landed.read(), corrections)
    seen = survey(raw, source)
    written = _written(run, name)
    raw = own_values.without(raw, written, source, seen.date_orders)
    last = pc.max(written["seq"]).as_py() or 0
    now = _State(_settings(source, seen), json.dumps(corrections.to_pydict(), sort_keys=True), last)
    before, then = _before(run, name)
    if before is None or then is None or then.settings != now.settings or then.written > now.written:
        before = then = None
    sink = _Sink(run.folder, name)
    sinks.append(sink)
    if before and then == now and landed == before.parts("land", "raw")[name]:
        run.folder.take_over(STAGE, name, before)
        sink.records, sink.reused = _rows(before, name), raw.num_rows
        return
    run.folder.write(STAGE, "state", pa.Table.from_pylist([now._asdict()], STATE), name)
    fresh = raw
    if before and then:
        earlier = before.read("land", "raw", name)
        since = written.filter(pc.greater(written["seq"], then.written))["record_id"].to_pylist()
        kept = reuse.unchanged(raw, earlier, now.touched() | then.touched() | {*since})
        if kept.any():
            fresh = raw.filter(pa.array(~kept))
            sink.reused, sink.before = int(kept.sum()), before
            sink.replaced = reuse.replaced(raw, kept, earlier)
    yield from _batches(fresh, source, seen, sink)
    sink.all_sent()


def _batches(raw: pa.Table, source: schema.Source, seen: Survey, sink: _Sink) -> Iterator[_Job]:
    """Slices of one size, no larger than BATCH."""
    parts = max(1, -(-raw.num_rows // BATCH))
    size = max(1, -(-raw.num_rows // parts))
    for start in range(0, max(raw.num_rows, 1), size):
        sink.expect()
        yield _Job(raw.slice(start, size), source, seen, sink)


def _rows(folder: RunFolder, name: str) -> int:
    return folder.parts(STAGE, "records")[name].count


def _facts(run: Run, name: str) -> None:
    """What the source says about customers, its dates and amounts in one form."""
    if name in run.folder.parts("land", "facts") and name not in run.folder.parts(STAGE, "facts"):
        found = facts.standardise(run.folder.read("land", "facts", name), run.workspace.sources[name])
        run.folder.write(STAGE, "facts", found, name)


def _written(run: Run, source: str) -> pa.Table:
    """What Goldseam itself wrote into a source."""
    asked = getattr(run.store, "written", None)
    return own_values.WRITTEN.empty_table() if asked is None else asked(source)


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
    base = run.base
    if base is None or name not in base.parts(STAGE, "state") or name not in base.parts("land", "raw"):
        return None, None
    state = base.read(STAGE, "state", name).to_pylist()[0]
    return base, _State(**{"written": 0, **state})
