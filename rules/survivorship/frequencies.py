"""How often values and letters are written in a column: what makes a spelling likely before anyone votes.

A frozen artefact like the matching model: survive it from run to run, so that a customer's name does not
change because another customer came.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules.survivorship import text
from rules.survivorship.runs import Ints, Runs, numbered

SCHEMA = pa.schema([("field", pa.string()), ("kind", pa.string()), ("text", pa.string()), ("count", pa.int64())])
VALUE, LETTERS, SIZE = "value", "letters", "golden records"
_BITS = 21  # a code point


@dataclass(frozen=True)
class Frequencies:
    """Counts of golden records by value and by three letters in a row, for each field."""

    table: pa.Table
    """Columns of SCHEMA; what stands with one golden record only is left out."""

    @property
    def size(self) -> int:
        """How many golden records were counted."""
        return int(self._of("", SIZE)["count"][0].as_py())

    def values(self, field: str, values: pa.Array) -> Ints:
        """How many golden records hold each value (in its plain form); at least 1."""
        return self._look_up(field, VALUE, values)

    def letters(self, field: str, values: pa.Array) -> Ints:
        """How many golden records hold the rarest three letters of each value; at least 1."""
        grams, runs = _grams(values)
        if not len(values):
            return np.zeros(0, np.int64)
        known = self._of(field, LETTERS)
        keys = _keys_of(known["text"].combine_chunks())
        order = np.argsort(keys)
        counts = known["count"].to_numpy()[order]
        at = np.minimum(np.searchsorted(keys[order], grams), max(len(keys) - 1, 0))
        found = np.where(keys[order][at] == grams, counts[at], 1) if len(keys) else np.ones(len(grams), np.int64)
        return np.asarray(runs.min(found), np.int64)

    def _look_up(self, field: str, kind: str, texts: pa.Array) -> Ints:
        known = self._of(field, kind)
        at = pc.index_in(texts, value_set=known["text"].combine_chunks())
        counts = pc.take(known["count"].combine_chunks(), at)
        return np.asarray(pc.fill_null(counts, 1).to_numpy(zero_copy_only=False))

    def _of(self, field: str, kind: str) -> pa.Table:
        mask = pc.and_(pc.equal(self.table["field"], field), pc.equal(self.table["kind"], kind))
        return self.table.filter(mask)


def fit(columns: Mapping[str, tuple[Ints, pa.Array]], size: int) -> Frequencies:
    """Count columns given as (golden record, plain value) a row, of so many golden records; null counts nothing."""
    parts = [pa.table([[""], [SIZE], [""], [size]], schema=SCHEMA)]
    for field, (golden, plain) in sorted(columns.items()):
        codes = pc.dictionary_encode(plain)
        indices = pc.fill_null(codes.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
        held = indices >= 0
        _, first = numbered(indices[held], golden[held])
        counts = np.bincount(indices[held][first], minlength=len(codes.dictionary))
        parts.append(_table(field, VALUE, codes.dictionary, counts))
        parts.append(_count_letters(field, codes.dictionary, counts))
    return Frequencies(pa.concat_tables(parts))


def _count_letters(field: str, values: pa.Array, counts: Ints) -> pa.Table:
    grams, runs = _grams(values)
    keys, inverse = np.unique(grams, return_inverse=True)
    totals = np.bincount(inverse, weights=counts[runs.of] if len(grams) else None, minlength=len(keys))
    kept = totals > 1
    texts = ["".join(chr(int(k) >> shift & (1 << _BITS) - 1) for shift in (2 * _BITS, _BITS, 0)) for k in keys[kept]]
    return _table(field, LETTERS, pa.array(texts, pa.string()), totals[kept].astype(np.int64))


def _table(field: str, kind: str, texts: pa.Array, counts: Ints) -> pa.Table:
    rows = pa.table({"text": texts, "count": pa.array(counts, pa.int64())})
    rows = rows.filter(pc.greater(rows["count"], 1)).sort_by("text")
    words = [pa.array([word] * len(rows), pa.string()) for word in (field, kind)]
    return pa.table([*words, rows["text"], rows["count"]], schema=SCHEMA)


def _grams(values: pa.Array) -> tuple[Ints, Runs]:
    """Every three characters in a row of each value, whose ends are marked, as one number; runs are values."""
    marked = pc.binary_join_element_wise(pa.scalar("^"), pc.fill_null(values, ""), pa.scalar("$"), "")
    length = pc.utf8_length(marked).to_numpy(zero_copy_only=False).astype(np.int64)
    points = np.frombuffer("".join(marked.to_pylist()).encode("utf-32-le"), np.uint32).astype(np.int64)
    # The plain form may be empty ("^$"): it has one window, which reaches into what follows it.
    points = np.append(points, [0, 0])
    windows = np.maximum(length - 2, 1)
    begin = np.cumsum(length) - length
    value = np.repeat(np.arange(len(length)), windows)
    offset = np.arange(len(value)) - np.repeat(np.cumsum(windows) - windows, windows)
    at = begin[value] + offset
    keys = (points[at] << 2 * _BITS) | (points[at + 1] << _BITS) | points[at + 2]
    return keys, Runs.over(value)


def _keys_of(texts: pa.Array) -> Ints:
    points = np.frombuffer("".join(texts.to_pylist()).encode("utf-32-le"), np.uint32).astype(np.int64)
    triples = points.reshape(-1, 3)
    return np.asarray((triples[:, 0] << 2 * _BITS) | (triples[:, 1] << _BITS) | triples[:, 2])


def plain_form(form: pa.Array, value: pa.Array) -> pa.Array:
    """The value that is compared: its comparison form where it has one, without case and accents."""
    coded = pc.dictionary_encode(pc.coalesce(form, value))
    return pc.take(text.plain(coded.dictionary), coded.indices)
