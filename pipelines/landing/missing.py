"""Records that a full export lacks, and that are not gone yet: they stand as they were until `expect.retire_after`."""

from dataclasses import replace
from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.context import counted
from pipelines.landing.batch import Batch
from pipelines.landing.last import MISSING, Last


def waited_for(today: Batch, last: Last) -> Batch:
    """Today's rows, and those of before that are missing for less than `retire_after` days."""
    days = last.source.expect.retire_after
    if not days or last.source.mode != "full" or last.source.yields != "customer":
        return today
    missing = _missing(today, last)
    late = missing.filter(_due(missing, last.run.started, days))
    waiting = missing.filter(pc.invert(_due(missing, last.run.started, days)))
    assert today.before is not None or not len(missing)  # noqa: S101 - for the type checker: nothing is missing then
    rows = [today.raw]
    if today.before is not None and len(waiting):
        rows.append(today.before.filter(pc.is_in(today.before["_record_id"], value_set=_ids(waiting))))
    notes = (f"{counted(len(waiting), 'record')} missing, and kept for now (`retire_after: {days}`)",) * bool(waiting)
    notes += (f"{counted(len(late), 'record')} missing for {counted(days, 'day')}: gone",) * bool(late)
    raw = pa.concat_tables(rows, promote_options="default")
    return replace(today, raw=raw, missing=waiting, notes=(*today.notes, *notes))


def _missing(today: Batch, last: Last) -> pa.Table:
    """Which rows of before did not come today, and since when."""
    if today.before is None:
        return MISSING.empty_table()
    before = today.before["_record_id"].cast(pa.string())
    gone = pc.unique(before.filter(pc.invert(pc.is_in(before, value_set=_ids(today.raw, "_record_id")))))
    known = last.missing()
    since = known["since"].combine_chunks().take(pc.index_in(gone, value_set=_ids(known)))
    told = pc.fill_null(since, last.run.started.isoformat(timespec="seconds"))
    return pa.table([gone, told], schema=MISSING)


def _ids(table: pa.Table, column: str = "record_id") -> pa.Array:
    return pc.unique(table[column].cast(pa.string()))


def _due(missing: pa.Table, now: datetime, days: int) -> pa.Array:
    """Which have been missing long enough."""
    until = [datetime.fromisoformat(text) + timedelta(days=days) <= now for text in missing["since"].to_pylist()]
    return pa.array(until, pa.bool_())


def due(last: Last) -> bool:
    """Whether a record that is missing is gone today, though the source gave nothing new."""
    days = last.source.expect.retire_after
    return bool(days) and bool(pc.any(_due(last.missing(), last.run.started, days)).as_py())
