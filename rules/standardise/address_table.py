"""The table `addresses`: every address of a batch, one row each, with its parts in comparison form."""

from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules import vocabulary as words
from rules.standardise import addresses, dates, note_table
from rules.standardise.batch import Batch, flat
from rules.standardise.cells import TEXT, Cells, parted, together
from rules.standardise.parties import Mask
from rules.standardise.plan import Place

_OWN = addresses.Address._fields[:-1]


def read(batch: Batch) -> pa.Table:
    """Columns `row`, `position`, type, parts, comparison forms, since: in the order of rows and places."""
    found = [part for n, place in enumerate(batch.plan.places) if (part := _place(batch, place, n)).num_rows]
    if (noted := note_table.places(batch, _OWN)) is not None:
        found.append(noted)
    if not found:
        return schema().empty_table()
    whole = pa.concat_tables(found)
    order = np.lexsort((whole["position"].to_numpy(), whole["row"].to_numpy()))
    return whole.take(pa.array(order)).select(schema().names).cast(schema())


def schema() -> pa.Schema:
    own = [(f.name, f.type) for f in words.ADDRESSES if f.name not in ("source", "record_id")]
    return pa.schema([("row", pa.int64()), *own])


def of_contact(places: pa.Table, split: pa.Array) -> Mask:
    """Which addresses are the contact's, in rows that are two records: those declared to be of a home."""
    home = pc.equal(places["type"], "home").fill_null(False).to_numpy()
    theirs: Mask = split.to_numpy(zero_copy_only=False)[places["row"].to_numpy()] & home
    return theirs


def _place(batch: Batch, place: Place, position: int) -> pa.Table:
    default = batch.source.country
    parts = [batch.lines(place.parts.get(p, ()), f"address.{p}") for p in words.ADDRESS_PARTS]
    _note_cells(batch, place, position)
    keyed = together(parts)
    width = len(addresses.Address._fields)
    reader = parted(partial(addresses.read, default))
    columns = keyed.read(reader, width)
    filled = pc.is_valid(keyed.column())
    rows = pa.array(np.flatnonzero(filled.to_numpy(zero_copy_only=False)), pa.int64())
    _note_doubts(batch, columns, parts, position)
    table = {name: column.column().filter(filled) for name, column in zip(_OWN, columns[:-1], strict=True)}
    return pa.table({
        "row": rows,
        "position": pa.array([position] * len(rows), pa.int32()),
        "type": pa.array([place.type or "other"] * len(rows), TEXT),
        **table,
        "since": _since(batch, place).take(rows),
    })  # fmt: skip


def _note_cells(batch: Batch, place: Place, position: int) -> None:
    """Placeholders and garbled letters of the parts."""
    for part, headers in place.parts.items():
        for header in headers:
            _, rules = batch.cells(header, f"address.{part}", names=True)
            batch.doubts.note("addresses", part, rules, flat(batch.raw[header]), positions=position)


def _note_doubts(batch: Batch, columns: list[Cells], parts: list[Cells], position: int) -> None:
    """Doubts of the reader, written `field:rule`."""
    said = columns[-1]
    for pair in {pair for v in said.values.drop_null().to_pylist() for pair in v.split()}:
        name, rule = pair.split(":")
        rules = said.read_one(lambda v, pair=pair, rule=rule: rule if pair in v.split() else None)  # type: ignore[misc]  # bound per turn
        value = parts[words.ADDRESS_PARTS.index(name)].column()
        batch.doubts.note("addresses", name, rules, value, positions=position)


def _since(batch: Batch, place: Place) -> pa.Array:
    if place.since is None or place.since not in batch.raw.column_names:
        return pa.nulls(batch.rows, TEXT)
    order = batch.survey.date_orders.get(place.since)
    cells = Cells.of(batch.raw[place.since])
    return cells.read_one(
        lambda t: (dates.moment(t.strip(), order, batch.source.country)[0] or "")[:10] or None
    ).column()


def countries(batch: Batch, table: pa.Table) -> Cells:
    """The country of each row: of its first address that names one, or the source's."""
    default = batch.source.country
    own = table.filter(pc.is_valid(table["country"]))
    named = pc.unique(own["country"]).to_pylist()
    if not named or named == [default]:
        return Cells.constant(default, batch.rows)
    rows, first = np.unique(own["row"].to_numpy(), return_index=True)
    column = np.full(batch.rows, default, dtype=object)
    column[rows] = np.array(own["country"].to_pylist(), dtype=object)[first]
    return Cells.of(pa.array(column, TEXT))
