"""A source to which only new rows come: what was landed before stands beside what came now."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.sources.places.arrivals import Arrival
from pipelines.landing.batch import Batch
from pipelines.landing.last import Last
from rules import keys
from rules.keys import memory
from rules.vocabulary import RAW_PREFIX

SAME = 0.5
"""Share of its earlier rows that a corrected file still has; with fewer it is another file under the old name."""


def whole(batch: Batch, last: Last) -> Batch:
    """Everything that was ever landed: rows and facts that did not come again, then today's; rejects of each file."""
    assert batch.before is not None  # noqa: S101 - for the type checker: the caller asked
    rejects, earlier = batch.rejects, last.table("rejects")
    if earlier is not None:
        read = pa.concat_arrays([pc.unique(batch.raw["_file"]), pc.unique(rejects["file"])])
        rejects = pa.concat_tables([_without(earlier, "file", read), rejects], promote_options="default")
    found, facts = batch.facts, last.table("facts")
    if facts is not None:
        found = pa.concat_tables([_without(facts, "record_id", found["record_id"]), found])
    raw = [_without(batch.before, "_record_id", batch.raw["_record_id"]), batch.raw]
    return replace(batch, raw=pa.concat_tables(raw, promote_options="default"), facts=found, rejects=rejects)


def _without(table: pa.Table, column: str, values: pa.Array | pa.ChunkedArray) -> pa.Table:
    """The rows whose cell is none of the values."""
    return table.filter(pc.invert(pc.is_in(table[column], value_set=pc.unique(values))))


def carried(last: Last, before: pa.Table, raw: pa.Table, arrival: Arrival) -> keys.Keyed:
    """Keys for rows without any, where files landed before are read again: a corrected row of theirs keeps its key.

    The rows of other files are new ones, unless they are equal to one that was landed before.
    """
    corrected = pc.is_in(raw["_file"], value_set=pa.array(sorted(arrival.choice.again)))
    names = pa.array(sorted(frozenset().union(*arrival.choice.again.values())))
    theirs = _read_today(before.filter(pc.is_in(before["_file"], value_set=names)), raw, arrival)
    same = pc.mean(pc.is_in(theirs["_hash"], value_set=pc.unique(raw["_hash"].filter(corrected))))
    alike = (same.as_py() or 0.0) >= SAME
    columns = last.source.columns
    others = _without(before, "_record_id", theirs["_record_id"])["_record_id"]
    first = _carry(theirs, raw.filter(corrected), last.keys(), others, columns, alike=alike)
    left = _without(before, "_record_id", first.ids)
    second = _carry(left, raw.filter(pc.invert(corrected)), first.known, first.ids, columns, alike=False)
    order = np.argsort(~corrected.to_numpy(zero_copy_only=False), kind="stable")
    ids = pa.concat_arrays([first.ids, second.ids]).take(pa.array(np.argsort(order)))
    return replace(second, ids=ids, notes=(*first.notes, *second.notes), doubts=first.doubts)


def _read_today(theirs: pa.Table, raw: pa.Table, arrival: Arrival) -> pa.Table:
    """Earlier rows with the hash that today's declaration gives them, where their file is as it was: told by place."""
    as_landed = arrival.as_landed()
    today = {old: name for name, before in arrival.choice.again.items() if name in as_landed for old in before}
    named = pa.array([today.get(name) for name in theirs["_file"].to_pylist()], pa.string())
    here = pc.index_in(_place(theirs, named), value_set=_place(raw, raw["_file"].combine_chunks()))
    hashes = pc.coalesce(raw["_hash"].combine_chunks().take(here), theirs["_hash"].combine_chunks())
    return theirs.set_column(RAW_PREFIX.index("_hash"), "_hash", hashes)


def _place(table: pa.Table, files: pa.Array) -> pa.Array:
    """File, sheet and line as one text; null without a file."""
    sheets = pc.fill_null(table["_sheet"], "").combine_chunks()
    return pc.binary_join_element_wise(files, sheets, table["_line"].cast(pa.string()).combine_chunks(), "\x1f")


def _carry(
    before: pa.Table,
    raw: pa.Table,
    known: pa.Table | None,
    others: pa.Array | pa.ChunkedArray,
    columns: Mapping[str, str],
    *,
    alike: bool,
) -> keys.Keyed:
    """Keys carried from some of the earlier rows. Those in `others` belong to other rows: remembered, and not given."""
    known = memory.known_of(known)
    taken = pc.is_in(known["record_id"], value_set=pc.unique(others))
    reserved = known.filter(taken)
    nothing = {
        "hash": pa.array([""] * len(reserved)),
        "traces": pa.nulls(len(reserved), keys.KNOWN.field("traces").type),
    }
    hidden = pa.table({"record_id": reserved["record_id"], **nothing}, keys.KNOWN)
    keyed = keys.carry(
        before, raw, pa.concat_tables([known.filter(pc.invert(taken)), hidden]), columns=columns, alike=alike
    )
    assert keyed.known is not None  # noqa: S101 - for the type checker: carried keys are remembered
    rest = _without(keyed.known, "record_id", reserved["record_id"])
    return replace(keyed, known=pa.concat_tables([rest, reserved]).sort_by("record_id"))
