"""What validate writes: the standard tables without what failed, and what failed, with its reasons."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors.store.parts import Part
from connectors.store.runs import RECORD, RunFolder
from pipelines.context import Run
from pipelines.tested import Portion
from rules.expectations import outcome
from rules.expectations.checking import Checked
from rules.standardise.record_table import CONTACT
from rules.vocabulary import FLAGS, QUARANTINE, RAW_PREFIX, RESULTS, STANDARD_TABLES, Severity

STAGE = "validate"
BATCH = 200_000
"""Rows held at once."""
NOBODY: Final = pa.array([], pa.string())


@dataclass
class Passing:
    """What of one source passes on, and what fails: what is tested of it (`portion`) put to what was known."""

    run: Run
    source: str
    portion: Portion
    checked: Checked
    failed: pa.Table
    """kept.KEPT, of all sources."""
    released: pa.Table

    def write(self) -> None:
        """Everything of a source that is tested whole."""
        for table in (t for t in STANDARD_TABLES if t != "flags"):
            self._table(table, self.out)
        self._table("facts", NOBODY)
        self._write("flags", self._flags())
        self._write("quarantine", self._quarantine())
        self._write("failures", of(self.failed, self.source))
        self._write("results", self._results)

    def amend(self, then: pa.Table) -> None:
        """What was written for the last published run, with what has become of the records that are tested again.

        `then`: what was counted of them before, rows of vocabulary.RESULTS.
        """
        for table in (t for t in STANDARD_TABLES if t != "flags"):
            self._amend_table(table)
        if self.portion.facts:
            self._table("facts", NOBODY)
        elif facts := self._before.parts(STAGE, "facts").get(self.source):
            self._folder.keep(STAGE, "facts", self.source, facts)
        self._amend("flags", self._flags())
        self._amend("failures", of(self.failed, self.source))
        held = self._before.parts(STAGE, "quarantine")[self.source].without(self._gone, RECORD)
        self._write("quarantine", pa.concat_tables([held, self._quarantine()]))
        known = self._before.read(STAGE, "results", self.source)
        self._write("results", counted_anew(known, of(then, self.source), self._results))

    @property
    def _folder(self) -> RunFolder:
        return self.run.folder

    @property
    def _before(self) -> RunFolder:
        assert self.run.before is not None  # noqa: S101 - for the type checker: without it nothing is amended
        return self.run.before

    @cached_property
    def failures(self) -> pa.Table:
        return of(self.checked.failures, self.source)

    @property
    def _results(self) -> pa.Table:
        return of(self.checked.results, self.source)

    @cached_property
    def out(self) -> pa.Array:
        """Ids of the records that are quarantined."""
        failed = self.failures.filter(pc.equal(self.failures["severity"], str(Severity.CRITICAL)))["record_id"]
        hashes = self._records(pc.unique(failed))
        return NOBODY if hashes is None else outcome.quarantined(self.failures, self.released, hashes)

    def _records(self, ids: pa.Array) -> pa.Table | None:
        """record_id and hash of some records; None where the source has no table of records."""
        part = self._folder.parts("standardise", "records").get(self.source)
        return part and part.read(["record_id", "hash"], pc.field("record_id").isin(ids))

    def _failed(self, table: str) -> pa.Table:
        return self.failures.filter(pc.equal(self.failures["table"], table))

    def _withholds(self, table: str, out: pa.Array) -> bool:
        return bool(len(out) or pc.any(pc.equal(self._failed(table)["severity"], str(Severity.WARNING))).as_py())

    def _table(self, table: str, out: pa.Array) -> None:
        """One table, as it is where nothing failed, else piece by piece."""
        part = self._folder.parts("standardise", table).get(self.source)
        if part is None:
            return
        if not self._withholds(table, out):
            self._folder.keep(STAGE, table, self.source, part)
            return
        temporary = self._folder.path(STAGE, table, self.source).with_suffix(".tmp")
        with pq.ParquetWriter(temporary, part.schema, compression="zstd", compression_level=1) as writer:
            for first, rows in _pieces(part):
                writer.write_table(outcome.withhold(table, rows, first, self._failed(table), out).cast(part.schema))
        temporary.rename(temporary.with_suffix(".parquet"))
        self._folder.keep(STAGE, table, self.source)

    def _amend_table(self, table: str) -> None:
        """One table: as it was standardised where nothing ever failed, else with a layer over what passed before."""
        part = self._folder.parts("standardise", table).get(self.source)
        if part is None:
            return
        as_it_was = self._before.parts("standardise", table)[self.source]
        if self._before.parts(STAGE, table)[self.source] == as_it_was and not self._withholds(table, self.out):
            self._folder.keep(STAGE, table, self.source, part)
            return
        rows = self.portion.read(part, table)
        self._amend(table, outcome.withhold(table, rows, 0, self._failed(table), self.out).cast(part.schema))

    @property
    def _gone(self) -> pa.Table:
        return pa.table({"record_id": self.portion.ids})

    def _amend(self, table: str, rows: pa.Table) -> None:
        earlier = self._before.parts(STAGE, table)[self.source]
        self._folder.amend(STAGE, table, rows, self._gone, earlier, self.source)

    def _write(self, table: str, rows: pa.Table) -> None:
        self._folder.write(STAGE, table, rows, self.source)

    def _flags(self) -> pa.Table:
        """The flags of the records that passed, and those that validation raised."""
        part = self._folder.parts("standardise", "flags").get(self.source)
        earlier = self.portion.read(part, "flags") if part else FLAGS.empty_table()
        if len(self.out):
            earlier = earlier.filter(pc.invert(pc.is_in(earlier["record_id"], value_set=self.out)))
        return pa.concat_tables([earlier, outcome.flags(self.failures, self.out)], promote_options="permissive")

    def _quarantine(self) -> pa.Table:
        """Rows of vocabulary.QUARANTINE."""
        records = self._records(self.out) if len(self.out) else None
        if records is None:
            return QUARANTINE.empty_table()
        raw = _raw(self._folder, self.source, {base(record) for record in self.out.to_pylist()})
        reasons = outcome.reasons(self.failures, self.out)
        rows = [
            {**raw.get(base(key), _UNSEEN), **record, "source": self.source, "reasons": reasons[key]}
            for record in sorted(records.to_pylist(), key=lambda r: str(r["record_id"]))
            for key in [record["record_id"]]
        ]
        return pa.Table.from_pylist(rows, QUARANTINE)


def of(table: pa.Table, source: str) -> pa.Table:
    """The rows of one source."""
    return table.filter(pc.equal(table["source"], source))


def counted_anew(before: pa.Table, then: pa.Table, now: pa.Table) -> pa.Table:
    """Results of a source (vocabulary.RESULTS): those of before less `then`, and `now`; no row of nothing."""
    keys = [name for name in RESULTS.names if name not in ("checked", "failed")]
    less = {name: pc.negate(then[name]) for name in ("checked", "failed")}
    taken = pa.table({name: less.get(name, then[name]) for name in RESULTS.names}, schema=RESULTS)
    sums = pa.concat_tables([before, taken, now]).group_by(keys).aggregate([("checked", "sum"), ("failed", "sum")])
    told = sums.rename_columns([*keys, "checked", "failed"]).select(RESULTS.names)
    return told.filter(pc.greater(told["checked"], 0)).sort_by([("table", "ascending"), ("rule", "ascending")])


def relocate(run: Run, source: str) -> None:
    """Say of the quarantined records of a source where they stand now: rows move though nothing in them changes."""
    folder = run.folder
    held = folder.parts(STAGE, "quarantine").get(source)
    stood, stand = (f and f.parts("land", "raw").get(source) for f in (run.before, folder))
    if held is None or stood == stand or not held.count:
        return
    rows = held.read()
    now = _raw(folder, source, {base(record) for record in rows["record_id"].to_pylist()})
    told = [{**row, **now.get(base(row["record_id"]), _UNSEEN)} for row in rows.to_pylist()]
    folder.write(STAGE, "quarantine", pa.Table.from_pylist(told, QUARANTINE), source)


def _pieces(part: Part) -> Iterator[tuple[int, pa.Table]]:
    """The rows of a part, some at a time, each with the number of its first row."""
    first = 0
    for rows in part.batches(BATCH):
        yield first, rows
        first += rows.num_rows


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
