"""The rows of a source, checked and keyed, with facts apart: what is written of it."""

import json
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from connectors.sources import Landed, SourceFailed, checks
from connectors.sources.arrivals import Arrival
from pipelines.landing import append
from pipelines.landing.last import Last
from rules import facts, keys
from rules.schema import Source
from rules.vocabulary import RAW_PREFIX, REJECTS


@dataclass(frozen=True)
class Batch:
    """One source, ready to be written."""

    raw: pa.Table
    facts: pa.Table
    rejects: pa.Table
    known: pa.Table | None
    """Every key that it was ever given, to be handed in next time (keys.KNOWN)."""
    before: pa.Table | None
    """Its raw rows in the last published run."""
    notes: tuple[str, ...] = ()
    doubts: pa.Table | None = None
    """Rows with a new key that may be an earlier record (keys.KEY_DOUBTS)."""


def prepare(landed: Landed, last: Last, arrival: Arrival) -> Batch:
    """What came of a source. Raises SourceFailed where the source is not what it was declared to be."""
    source, before = last.source, last.rows()
    _raise(checks.columns(landed.raw, source, keys.own_columns(before) if before is not None else ()))
    if source.fold and source.id:
        folded = facts.fold(landed.raw, source.id)
        hashed = folded.set_column(RAW_PREFIX.index("_hash"), "_hash", keys.content_hash(folded))
        landed = replace(landed, raw=hashed)
    batch = _keyed(landed, last, before, arrival)
    if source.mode == "append" and before is not None:
        batch = append.whole(batch, last)
    _raise(checks.expectations(batch.raw, source, last.count()))
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
        return replace(batch, raw=_with_ids(raw, keyed), known=keyed.known, notes=keyed.notes, doubts=doubts)
    declared = keys.declared(raw, source.id, before, known)
    raw = _with_ids(raw, declared)
    missing = raw.filter(pc.is_null(raw["_record_id"]))
    raw = raw.filter(pc.is_valid(raw["_record_id"]))
    rejects = pa.concat_tables([landed.rejects, _without_id(missing, last.name, source)])
    twice = keys.recycled(before, raw, source.columns, declared.known, whole=source.mode == "full")
    notes = (*declared.notes, *twice.notes)
    if len(missing):
        notes += (f"{len(missing)} rows have no {' and no '.join(source.id)} and were rejected",)
    return replace(batch, raw=_with_ids(raw, twice), rejects=rejects, known=twice.known, notes=notes)


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
