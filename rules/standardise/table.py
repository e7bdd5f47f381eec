"""A source's raw rows -> the standard tables: `standardise` is what the stage calls.

A row that names an organisation and a person becomes two records: `ID`, the organisation, and `ID/contact`, the
person, whose `contact_of` is the organisation's key. Name, birth date, gender and personal number go with the
person, and so do home addresses, phones and e-mail addresses whose column calls them private and, where no column
tells, mobiles and e-mail addresses that are not an office's (info@, sales@); all else stays with the organisation.
Where both bear one name (a sole trader), or the source declares its rows persons, the row stays one.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from rules import consents, schema
from rules import vocabulary as words
from rules.standardise import address_table, dates, doubts, plan, point_table, record_table
from rules.standardise.batch import Batch
from rules.standardise.cells import TEXT, Cells
from rules.standardise.parties import Mask
from rules.standardise.survey import Survey, survey

BATCH: Final = 100_000
"""Rows worked on at a time: bounds memory, and is the unit of work of the stage's processes."""


def standardise(
    raw: pa.Table,
    name: str,
    source: schema.Source,
    *,
    date_orders: Mapping[str, str] | None = None,
    split_contacts: bool = True,
    seen: Survey | None = None,
) -> dict[str, pa.Table]:
    """The tables of `vocabulary.STANDARD_TABLES` for a raw table (own headers as text, and RAW_PREFIX).

    `date_orders` settles columns of dates by header; `seen` is what `survey` found in the whole of which `raw` is a
    part. Without them both are read off `raw`. Raises KeyError where a column of RAW_PREFIX is missing.
    """
    seen = seen or survey(raw, source, date_orders)
    wanted = plan.make(raw.column_names, source)
    parts = [_batch(Batch(part, name, source, wanted, seen), split_contacts) for part in _slices(raw)]
    return {table: pa.concat_tables([part[table] for part in parts]) for table in words.STANDARD_TABLES}


def _slices(raw: pa.Table) -> Iterator[pa.Table]:
    for start in range(0, max(raw.num_rows, 1), BATCH):
        yield raw.slice(start, BATCH)


def _batch(batch: Batch, split_contacts: bool) -> dict[str, pa.Table]:
    if batch.plan.is_empty or not batch.rows:
        return empty(batch.plan)
    places = address_table.read(batch)
    country = address_table.countries(batch, places)
    columns, split = record_table.read(batch, country, split_contacts=split_contacts)
    points = point_table.read(batch, country)
    moved, homes = point_table.of_contact(points, split), address_table.of_contact(places, split)
    tables = {
        "records": record_table.table(columns, split, batch.name, batch.ids),
        "points": _keyed(points, batch, words.POINTS, moved),
        "addresses": _keyed(places, batch, words.ADDRESSES, homes),
        "consents": _consents(batch),
    }
    return {
        **tables,
        "flags": _flags(batch, split, {"points": points.filter(moved), "addresses": places.filter(homes)}),
    }


def empty(wanted: plan.Plan | None = None) -> dict[str, pa.Table]:
    """The standard tables without rows."""
    tables = {name: table.empty_table() for name, table in words.STANDARD_TABLES.items()}
    for name in wanted.texts if wanted else ():
        tables["records"] = tables["records"].append_column(name, pa.nulls(0, TEXT))
    return tables


def _ids(batch: Batch, rows: pa.Array | pa.ChunkedArray, contact: Mask | None) -> pa.Array:
    own = batch.ids.take(rows.combine_chunks() if isinstance(rows, pa.ChunkedArray) else rows)
    if contact is None or not contact.any():
        return own
    return pc.if_else(pa.array(contact), pc.binary_join_element_wise(own, pa.scalar(record_table.CONTACT), ""), own)


def _keyed(table: pa.Table, batch: Batch, schema_: pa.Schema, contact: Mask | None) -> pa.Table:
    """A table of rows as a table of records."""
    ids = _ids(batch, table["row"], contact)
    columns = {"source": pa.array([batch.name] * table.num_rows, TEXT), "record_id": ids}
    return pa.table(
        [columns.get(n, table[n] if n in table.column_names else None) for n in schema_.names], schema=schema_
    )


def _flags(batch: Batch, split: pa.Array, moved: Mapping[str, pa.Table]) -> pa.Table:
    """Doubts as rows of flags, each with the record that holds the value; `moved`: the entries that are a contact's."""
    rows = batch.doubts.rows()
    divided = split.to_numpy(zero_copy_only=False)[rows["row"].to_numpy()]
    personal = pc.is_in(rows["field"], pa.array(record_table.PERSONAL)).to_numpy() & divided
    for name, entries in moved.items():
        at = _spot(entries["row"], entries["position"])
        of_table = pc.equal(rows["table"], name).to_numpy()
        personal |= of_table & np.isin(_spot(rows["row"], rows["position"].fill_null(-1)), at)
    return doubts.flags(rows, batch.name, _ids(batch, rows["row"], personal))


def _spot(rows: pa.ChunkedArray, positions: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    spot: npt.NDArray[np.int64] = rows.to_numpy() * (1 << 20) + positions.to_numpy()
    return spot


def _consents(batch: Batch) -> pa.Table:
    """One row a filled consent column: yes, no, or the text as it stood."""
    parts = [part for consent in batch.plan.consents if (part := _consent(batch, consent)).num_rows]
    return pa.concat_tables(parts) if parts else words.CONSENTS.empty_table()


def _consent(batch: Batch, consent: plan.Consent) -> pa.Table:
    target = f"consent.{consent.purpose}"
    cells = batch.one_line(consent.header, target, table="consents", kind="yes_no")
    given = cells.read_one(lambda t: consents.given(t, consent.header) or ("yes" if dates.day(t)[0] else t))
    when = cells.read_one(
        lambda t: dates.day(t, batch.survey.date_orders.get(consent.header))[0] if len(t) > 5 else None
    )
    if consent.since in batch.raw.column_names:
        order = batch.survey.date_orders.get(consent.since or "")
        dated = Cells.of(batch.raw[consent.since]).read_one(
            lambda t: (dates.moment(t.strip(), order)[0] or "")[:10] or None
        )
        when = dated.otherwise(when)
    rows = pa.array(np.flatnonzero(pc.is_valid(cells.column()).to_numpy(zero_copy_only=False)), pa.int64())
    size = len(rows)
    return pa.table(
        [
            pa.array([batch.name] * size, TEXT), batch.ids.take(rows), pa.nulls(size, TEXT),
            pa.array([consent.purpose] * size, TEXT), given.column().take(rows), when.column().take(rows),
        ],
        schema=words.CONSENTS,
    )  # fmt: skip
