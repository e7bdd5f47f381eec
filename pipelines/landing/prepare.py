"""From what a source holds to what is written of it: checked, keyed, facts apart."""

import json
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from connectors.sources import Landed, SourceFailed, checks
from connectors.sources.places.arrivals import Arrival
from pipelines.context import counted
from pipelines.landing import append, missing
from pipelines.landing.batch import Batch
from pipelines.landing.last import Last
from rules import facts, keys
from rules.schema import Source
from rules.vocabulary import RAW_PREFIX, REJECTS


def prepare(landed: Landed, last: Last, arrival: Arrival) -> Batch:
    """What came of a source. Raises SourceFailed where the source is not what it was declared to be."""
    source, before = last.source, last.rows()
    _raise(checks.columns(landed.raw, source, keys.own_columns(before) if before is not None else ()))
    if source.fold and source.id:
        landed = replace(landed, raw=keys.hashed(facts.fold(landed.raw, source.id)))
    today = _keyed(landed, last, before, arrival)
    batch = append.whole(today, last) if source.mode == "append" and before is not None else today
    _raise(checks.expectations(today.raw, source, last.count() - len(last.missing()), len(batch.raw)))
    batch = missing.waited_for(batch, last)
    if source.yields == "fact":
        batch = replace(batch, facts=facts.facts(batch.raw, last.name, source))
    return replace(batch, notes=(*landed.notes, *batch.notes))


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


def _keyed(landed: Landed, last: Last, before: pa.Table | None, arrival: Arrival) -> Batch:
    """The rows with their keys; a row without one is a reject."""
    raw, source, known = landed.raw, last.source, last.keys()
    batch = Batch(raw, landed.facts, landed.rejects, None, before)
    if len(raw) and not raw["_record_id"].null_count:
        return batch
    if not source.id:
        if arrival.choice.again and before is not None:
            keyed = append.carried(last, before, raw, arrival)
        else:
            keyed = keys.carry(before, raw, known, alike=source.mode == "full", columns=source.columns)
        doubts = keys.still_open(last.table("key_doubts"), keyed.doubts, keyed.ids)
        return replace(batch, raw=keys.identified(raw, keyed.ids), known=keyed.known, notes=keyed.notes, doubts=doubts)
    declared = keys.declared(raw, source.id, before, known)
    raw = keys.identified(raw, declared.ids)
    missing = raw.filter(pc.is_null(raw["_record_id"]))
    raw = raw.filter(pc.is_valid(raw["_record_id"]))
    rejects = pa.concat_tables([landed.rejects, _without_id(missing, last.name, source)])
    twice = keys.recycled(before, raw, source.columns, declared.known, whole=source.mode == "full")
    notes = (*declared.notes, *twice.notes)
    if len(missing):
        notes += (f"{counted(len(missing), 'row')} without {' or '.join(source.id)} rejected",)
    return replace(batch, raw=keys.identified(raw, twice.ids), rejects=rejects, known=twice.known, notes=notes)


def _without_id(missing: pa.Table, name: str, source: Source) -> pa.Table:
    """Rows whose key columns are all empty, as rejects."""
    own = [name for name in missing.column_names if name not in RAW_PREFIX]
    remedy = f"Fill in {', '.join(source.id)}; or take `id` out of the declaration, and keys are carried"
    rows = [
        {
            "source": name,
            **{key: row[f"_{key}"] for key in ("file", "sheet", "line")},
            "content": json.dumps({k: v for k, v in row.items() if k not in RAW_PREFIX and v}, ensure_ascii=False),
            "reason": f"the record key ({', '.join(source.id)}) is empty",
            "remedy": remedy,
            "raw": json.dumps({name: row[name] for name in own}, ensure_ascii=False),
        }
        for row in missing.to_pylist()
    ]
    return pa.Table.from_pylist(rows, REJECTS)
