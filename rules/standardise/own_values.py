"""Values that Goldseam itself wrote into a source, and that come back from there: nobody has said them.

They are taken out before anything is made of the row, so that they neither vote nor bear witness that two records are
one; and a date of change on the day of writing is our own, and makes nothing recent. A row of which nothing would be
left to tell a customer by stays whole: it is one that Goldseam made, and must still find its customer.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules.schema import Source
from rules.standardise import dates
from rules.vocabulary import TEXT

WRITTEN: Final = pa.schema([("record_id", TEXT), ("field", TEXT), ("value", TEXT), ("time", TEXT), ("seq", pa.int64())])
"""What was ever written into the records of a source, numbered; `field`: the word of its column map."""
TELLING: Final = (
    "full_name", "given_name", "surname", "organisation_name", "tax_id", "national_id", "customer_no", "email", "phone",
)  # fmt: skip


def without(raw: pa.Table, written: pa.Table, source: Source, date_orders: Mapping[str, str]) -> pa.Table:
    """The raw rows of a source, our own values empty. `date_orders`: of its columns of dates (survey)."""
    if not written.num_rows:
        return raw
    own = _own(raw, written, source)
    telling = [h for h, target in source.columns.items() if target.split(".")[0] in TELLING and h in raw.column_names]
    left = np.zeros(raw.num_rows, bool)
    for header in telling:
        left |= _filled(raw[header]) & ~own.get(header, np.zeros(raw.num_rows, bool))
    touched = np.zeros(raw.num_rows, bool)
    for header, mask in own.items():
        raw = _emptied(raw, header, mask & left)
        touched |= mask & left
    return _undated(raw, written, source, date_orders, touched)


def _own(raw: pa.Table, written: pa.Table, source: Source) -> dict[str, np.ndarray]:
    """By column, which cells hold what was written there, however it is punctuated."""
    found = {}
    for header, target in source.columns.items():
        mine = written.filter(pc.equal(written["field"], target))
        if header in raw.column_names and mine.num_rows:
            ours = pc.is_in(_keyed(raw["_record_id"], raw[header]), value_set=_keyed(mine["record_id"], mine["value"]))
            found[header] = ours.to_numpy(zero_copy_only=False) & _filled(raw[header])
    return found


def _keyed(ids: pa.ChunkedArray, cells: pa.ChunkedArray) -> pa.Array:
    folded = pc.replace_substring_regex(pc.utf8_lower(pc.fill_null(cells.cast(TEXT), "")), r"[^\p{L}\p{N}]", "")
    return pc.binary_join_element_wise(ids.cast(TEXT), folded, "\x1f").combine_chunks()


def _filled(cells: pa.ChunkedArray) -> np.ndarray:
    trimmed = pc.utf8_trim_whitespace(pc.fill_null(cells.cast(TEXT), ""))
    return np.asarray(pc.not_equal(trimmed, "").to_numpy(zero_copy_only=False))


def _emptied(raw: pa.Table, header: str, mask: np.ndarray) -> pa.Table:
    if not mask.any():
        return raw
    kept = pc.if_else(pa.array(mask), pa.scalar(None, raw.schema.field(header).type), raw[header])
    return raw.set_column(raw.column_names.index(header), raw.schema.field(header), kept)


def _undated(
    raw: pa.Table, written: pa.Table, source: Source, date_orders: Mapping[str, str], touched: np.ndarray
) -> pa.Table:
    """Rows that hold our values, without a date of change that is the day of writing or one beside it (time zones)."""
    said = source.updated_at.values() if isinstance(source.updated_at, dict) else [source.updated_at]
    mapped = [h for h, target in source.columns.items() if target == "updated_at"]
    headers = [h for h in dict.fromkeys([*said, *mapped]) if h in raw.column_names]
    if not headers or not touched.any():
        return raw
    days: dict[str, set[date]] = {}
    for record, time in zip(written["record_id"].to_pylist(), written["time"].to_pylist(), strict=True):
        days.setdefault(record, set()).add(datetime.fromisoformat(time).date())
    ids = raw["_record_id"].to_pylist()
    for header in headers:
        mask, cells = np.zeros(raw.num_rows, bool), raw[header]
        for row in np.flatnonzero(touched).tolist():
            iso, _ = dates.moment(str(cells[row].as_py() or ""), date_orders.get(header), source.country)
            day = date.fromisoformat(iso[:10]) if iso and len(iso) >= 10 else None
            mask[row] = day is not None and any(abs((day - ours).days) <= 1 for ours in days[ids[row]])
        raw = _emptied(raw, header, mask)
    return raw
