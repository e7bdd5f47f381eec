"""Stage 1: every row of every source as it was, with its key, its place and its hash; customers and facts apart.

A source that did not change since the last published run is taken over from it; one that fails carries its last
good snapshot forward, and the others go on.
"""

import os
import shutil
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from connectors import sources
from connectors.sources import Landed, SourceFailed, fingerprint
from connectors.sources.failing import FULL
from connectors.sources.places.arrivals import Arrival
from pipelines import resume
from pipelines.context import Run, StageResult
from pipelines.landing import last, missing, written
from pipelines.landing.last import STAGE, Last, Row
from pipelines.landing.prepare import prepare
from rules.vocabulary import SOURCES


def land(run: Run) -> StageResult:
    """Land every source of the workspace. Writes `raw`, `facts`, `rejects`, `keys`, `files` a source, and `sources`.

    Raises OSError where the run's folder cannot be written (a full disk): nothing of this run counts then.
    """
    began = time.process_time()
    before = last.published(run)
    rows: list[Row] = []
    said: Iterable[str]
    notes: list[str] = []
    warnings: list[str] = []
    declared = sorted(run.workspace.sources.items())
    with _room(run.folder.root):
        for number, (name, source) in enumerate(declared, 1):
            if run.unread:
                row, said = written.stood(run, before[name]), ()
            else:
                row, said = _land_one(Last.of(run, name, source, before.get(name)))
            rows.append(row)
            told = warnings if row["state"] in ("failed", "carried") else notes
            told += [f"{name}: {note}" for note in said]
            run.progress(number, len(declared))
        run.folder.write(STAGE, "sources", pa.Table.from_pylist(rows, SOURCES))
    return replace(_result(rows, notes, time.process_time() - began), warnings=tuple(warnings))


def _result(rows: list[Row], notes: list[str], seconds: float) -> StageResult:
    states = Counter(row["state"] for row in rows)
    sums = {key: sum(row[key] for row in rows) for key in ("rows", "rejected", "facts")}
    counts = {**sums, **{state: states[state] for state in ("landed", "unchanged", "carried", "failed")}}
    return StageResult(STAGE, sums["rows"] + sums["rejected"], sums["rows"], seconds, tuple(notes), counts)


def _land_one(before: Last) -> tuple[Row, Iterable[str]]:
    """The row of `sources` for one source, and what is to be said about it."""
    try:
        (row, said), tried = before.run.retries.of(partial(_attempt, before))
    except SourceFailed as failure:
        return written.failed(before, failure)
    return row, (*said, *tried)


def _attempt(before: Last) -> tuple[Row, Iterable[str]]:
    """The same, of a source that can be read. Raises SourceFailed."""
    root, due = before.run.workspace.root, missing.due(before)
    anew = due or not before.same_settings
    with sources.gather(before.source, root, before.files(), anew=anew) as arrival:
        digest = fingerprint.of_files(arrival)
        if before.holds(digest) and not due:
            return written.unchanged(before, arrival.renamed()), arrival.notes
        if already := resume.landed(before.run, before.name, digest):
            return already
        landed = _read(before, arrival)
        digest = digest or fingerprint.of_rows(before.source, landed.raw)
        if before.holds(digest) and not due:
            return written.unchanged(before, None), landed.notes
        if already := resume.landed(before.run, before.name, digest):
            return already
        batch = prepare(landed, before, arrival)
        files = _files(before, arrival, batch.raw)
    return written.landed(before, batch, digest, files), (*arrival.notes, *batch.notes)


def _read(before: Last, arrival: Arrival) -> Landed:
    """What has arrived; nothing, in the columns of before, where there is no new file."""
    rows = before.rows()
    if arrival.hands and not arrival.choice.files and rows is not None:
        return Landed(rows.slice(0, 0))
    since = rows if before.same_settings else None  # under another declaration everything is asked for again
    return sources.read_arrived(before.name, arrival, before.run.workspace.root, since)


def _files(before: Last, arrival: Arrival, raw: pa.Table) -> pa.Table:
    """The record of the files that the snapshot is made of (vocabulary.LANDED_FILES)."""
    rows = {row["values"]: row["counts"] for row in pc.value_counts(raw["_file"]).to_pylist()}
    return arrival.record(before.name, rows)


@contextmanager
def _room(folder: Path) -> Iterator[None]:
    """A disk that fills up ends the run; what was landed gives its room back, so that the next run can begin."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        with suppress(OSError):
            shutil.rmtree(folder / STAGE)
        raise OSError(error.errno, os.strerror(error.errno), str(folder)) from error
