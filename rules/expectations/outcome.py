"""What becomes of a row that fails: quarantined whole, a cell withheld, or a flag raised."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules.expectations import columns
from rules.expectations.helpers import text
from rules.vocabulary import FLAGS, Flag, Severity

WHOLE: Final = {"points": ("value", "canonical")}
"""Tables of which a row is taken out when one of these columns is withheld: nothing would be left of it."""


def of_source(failures: pa.Table, source: str) -> pa.Table:
    return failures.filter(pc.equal(failures["source"], source))


def quarantined(failures: pa.Table, released: pa.Table, hashes: pa.Table) -> pa.Array:
    """Ids of one source's records that fail a critical rule, in order, each once.

    A record that a steward released (`released`: record_id, hash) passes while `hashes` (record_id, hash of the
    records as they are now) has the same hash for it.
    """
    critical = failures.filter(pc.equal(failures["severity"], str(Severity.CRITICAL)))
    ids = pc.unique(text(critical["record_id"]))
    now = pc.binary_join_element_wise(text(hashes["record_id"]), pc.fill_null(text(hashes["hash"]), ""), "\x1f")
    then = pc.binary_join_element_wise(text(released["record_id"]), pc.fill_null(text(released["hash"]), ""), "\x1f")
    passing = text(hashes["record_id"]).filter(pc.is_in(now, value_set=then))
    held = ids.filter(pc.invert(pc.is_in(ids, value_set=passing)))
    return held.take(pc.sort_indices(held))


def withhold(table: str, rows: pa.Table, first: int, failures: pa.Table, out: pa.Array) -> pa.Table:
    """A piece of one source's table without the records of `out`, and with withheld cells empty.

    `first` is the number of the piece's first row in that table; `failures` are of that source and table. A cell
    is withheld with the forms made from it; an entry of `points` whose value is withheld goes as a whole.
    """
    warned = failures.filter(pc.equal(failures["severity"], str(Severity.WARNING)))
    at = warned["row"].to_numpy() - first
    here = (at >= 0) & (at < rows.num_rows)
    at, names = at[here], text(warned["field"]).filter(pa.array(here))
    keep = np.ones(rows.num_rows, dtype=bool)
    for field in sorted(pc.unique(names).to_pylist()):
        mask = np.zeros(rows.num_rows, dtype=bool)
        mask[at[pc.equal(names, field).to_numpy(zero_copy_only=False)]] = True
        if field in WHOLE.get(table, ()):
            keep &= ~mask
            continue
        if (table, field) == ("addresses", "postcode"):
            rows = _rekeyed(rows, mask)
        rows = _emptied(rows, columns.withheld_with(table, field), mask)
    if len(out):
        keep &= ~pc.is_in(text(rows["record_id"]), value_set=out).to_numpy(zero_copy_only=False)
    return rows if keep.all() else rows.filter(pa.array(keep))


def _emptied(rows: pa.Table, names: tuple[str, ...], mask: Any) -> pa.Table:
    for name in (n for n in names if n in rows.column_names):
        kept = pc.if_else(pa.array(mask), pa.scalar(None, rows[name].type), rows[name])
        rows = rows.set_column(rows.column_names.index(name), rows.schema.field(name), kept)
    return rows


def _rekeyed(rows: pa.Table, mask: Any) -> pa.Table:
    """Address keys without the postcode that is withheld; what else is in them can still be compared."""
    at = np.flatnonzero(mask)
    keys, postcodes = rows["address_key"].take(at).to_pylist(), rows["postcode_norm"].take(at).to_pylist()
    left = [
        " ".join(w for w in (key or "").split() if w != code) or None for key, code in zip(keys, postcodes, strict=True)
    ]
    new = pc.replace_with_mask(rows["address_key"].combine_chunks(), pa.array(mask), pa.array(left, pa.string()))
    return rows.set_column(rows.column_names.index("address_key"), "address_key", new)


def flags(failures: pa.Table, out: pa.Array) -> pa.Table:
    """One source's failures as rows of vocabulary.FLAGS, in their order.

    A failed warning is `withheld`, a failed info what its rule says; an empty cell that should not be empty is
    `invalid`, since there is nothing to withhold. Quarantined records (`out`) are told of in `quarantine` alone.
    """
    gone = pc.and_(pc.is_in(text(failures["record_id"]), value_set=out), pc.not_equal(failures["table"], "facts"))
    critical = pc.equal(failures["severity"], str(Severity.CRITICAL))
    left = failures.filter(pc.invert(pc.or_(gone, critical)))
    warned = pc.if_else(pc.is_valid(left["value"]), str(Flag.WITHHELD), str(Flag.INVALID))
    raised = pc.if_else(pc.equal(left["severity"], str(Severity.WARNING)), warned, left["flag"])
    told = {
        **{name: left[name] for name in FLAGS.names},
        "flag": raised,
        "field": pc.replace_substring_regex(left["field"], f"^{columns.NEVER_EMPTY}", ""),
    }
    return pa.table(told).select(FLAGS.names).cast(FLAGS)


def reasons(failures: pa.Table, out: pa.Array) -> dict[str, list[str]]:
    """Quarantined record -> every reason: what makes it unidentifiable first, then what is wrong with its cells."""
    found: dict[str, list[str]] = {record: [] for record in out.to_pylist()}
    mine = pc.and_(pc.is_in(text(failures["record_id"]), value_set=out), pc.not_equal(failures["table"], "facts"))
    rows = failures.filter(mine).to_pylist()
    for severity in (Severity.CRITICAL, Severity.WARNING):
        for row in (r for r in rows if r["severity"] == str(severity)):
            told = row["message"] if severity is Severity.CRITICAL else _cell(row)
            if told not in found[row["record_id"]]:
                found[row["record_id"]].append(told)
    return found


def _cell(row: Mapping[str, Any]) -> str:
    value = f" {row['value']!r}" if row["value"] is not None else ""
    return f"{row['field'].removeprefix(columns.NEVER_EMPTY)}{value}: {row['message']}"
