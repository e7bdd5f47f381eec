"""Records as dictionary codes: each text is held once, a record is a number, a pair is two of them.

`encode` sorts by record key first, so that nothing after it depends on the order of the input.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules.matching.types import Floats, Ints, Longs, Texts
from rules.matching.values import Values

pa.set_memory_pool(pa.system_memory_pool())
"""Arrow's own allocator gives memory back at once and gets it again page by page, zeroed: with that of the system a
million persons take a fifth less CPU time and a tenth less memory (measured)."""

NAMES = ("given_name", "middle_name", "surname", "birth_name")


@dataclass(frozen=True)
class Whole:
    """What is known of a column as a whole, where only some of its records are at hand."""

    counts: Longs
    fill: float


@dataclass(frozen=True)
class Column:
    """A column in codes: code -1 is missing. A list column has `offsets` (records + 1) into `codes`."""

    name: str
    values: pa.Array
    codes: Ints
    offsets: Longs | None = None
    whole: Whole | None = None

    @cached_property
    def sizes(self) -> Longs:
        """Number of values of each record."""
        if self.offsets is None:
            return (self.codes >= 0).astype(np.int64)
        return np.diff(self.offsets)

    @cached_property
    def counts(self) -> Longs:
        """In how many records (entries, for lists) each value stands."""
        if self.whole is not None:
            return self.whole.counts
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.values)).astype(np.int64)

    @cached_property
    def frequency(self) -> Floats:
        """Share of each value among all entries."""
        return self.counts / max(int(self.counts.sum()), 1)

    @cached_property
    def fill(self) -> float:
        """Share of the records that have a value."""
        if self.whole is not None:
            return self.whole.fill
        return float((self.sizes > 0).mean()) if len(self.sizes) else 0.0

    @cached_property
    def held(self) -> Values:
        """The values, with what is worked out once for each; columns of the same values share it."""
        return Values.of(self.values)

    @property
    def begin(self) -> Longs:
        """Where the values of each record begin in `codes`."""
        return np.arange(len(self.codes)) if self.offsets is None else self.offsets[:-1]

    @cached_property
    def first(self) -> Ints:
        """The first value of each record."""
        if self.offsets is None:
            return self.codes
        out = np.full(len(self.sizes), -1, np.int32)
        has = self.sizes > 0
        out[has] = self.codes[self.offsets[:-1][has]]
        return out

    def text(self, codes: Ints) -> Texts:
        """The values of codes, none of them missing, as str objects."""
        return self.held.text(codes)

    def of(self, record: int) -> list[str]:
        """All values of one record."""
        codes = (
            self.codes[record : record + 1]
            if self.offsets is None
            else self.codes[slice(*self.offsets[record : record + 2])]
        )
        return [str(v) for v in self.values.take(pa.array(codes[codes >= 0])).to_pylist()]

    def take(self, records: Ints) -> "Column":
        """The same column of some of the records, in their order; its values stay as they are."""
        if self.offsets is None:
            return Column(self.name, self.values, self.codes[records])
        size = self.sizes[records]
        offsets = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
        at = np.arange(offsets[-1]) + np.repeat(self.offsets[records] - offsets[:-1], size)
        return Column(self.name, self.values, self.codes[at], offsets)

    def without(self, codes: Ints) -> "Column":
        """The same column in which some values count as missing."""
        gone = np.zeros(len(self.values) + 1, bool)
        gone[codes] = True
        drop = gone[self.codes]
        if self.offsets is None:
            return Column(self.name, self.values, np.where(drop, np.int32(-1), self.codes))
        kept = np.concatenate([[0], np.cumsum(~drop)])
        return Column(self.name, self.values, self.codes[~drop], kept[self.offsets])


@dataclass(frozen=True)
class Encoded:
    """Records of one type of party: their keys, sorted, and their columns in codes."""

    sources: pa.Array
    ids: pa.Array
    columns: dict[str, Column]

    def __len__(self) -> int:
        return len(self.sources)

    @cached_property
    def source_codes(self) -> Ints:
        codes: Ints = self.sources.dictionary_encode().indices.to_numpy(zero_copy_only=False).astype(np.int32)
        return codes

    def take(self, records: Ints) -> "Encoded":
        """Some of the records, in their order."""
        rows = pa.array(records)
        columns = {name: column.take(records) for name, column in self.columns.items()}
        return Encoded(self.sources.take(rows), self.ids.take(rows), columns)

    def with_columns(self, *columns: Column) -> "Encoded":
        return Encoded(self.sources, self.ids, {**self.columns, **{c.name: c for c in columns}})


def empty(name: str, records: int) -> Column:
    """A column without a value: what a model knows and these records lack."""
    return Column(name, pa.array([], pa.string()), np.full(records, -1, np.int32))


def by_key(features: pa.Table) -> pa.Table:
    """The table sorted by source and record id."""
    if _sorted(_flat(features["source"]), _flat(features["record_id"])):
        return features
    return features.take(pc.sort_indices(features, sort_keys=[("source", "ascending"), ("record_id", "ascending")]))


def _sorted(first: pa.Array, second: pa.Array) -> bool:
    """Whether rows stand in the order of two texts; a tenth of the time that sorting them takes."""
    equal = pc.equal(first[:-1], first[1:])
    later = pc.or_(pc.less(first[:-1], first[1:]), pc.and_(equal, pc.less_equal(second[:-1], second[1:])))
    return bool(pc.all(later, min_count=0).as_py())


def encode(records: pa.Table) -> Encoded:
    """Features (vocabulary.FEATURES and text.NAME columns) in codes, records in the order of their keys."""
    table = by_key(records)
    text = [n for n in table.column_names if n not in ("source", "record_id", "party_type")]
    columns = {n: _column(n, _flat(table[n])) for n in text if n not in NAMES}
    columns |= _names(table)
    columns |= _address(columns, len(table))
    return Encoded(_flat(table["source"]), _flat(table["record_id"]), columns)


def _flat(column: pa.ChunkedArray) -> pa.Array:
    array = column.combine_chunks()
    return pa.concat_arrays(array.chunks) if isinstance(array, pa.ChunkedArray) else array


def _column(name: str, array: pa.Array) -> Column:
    if not pa.types.is_list(array.type) and not pa.types.is_large_list(array.type):
        values, codes = _dictionary(array)
        return Column(name, values, codes)
    offsets = np.concatenate([[0], np.cumsum(pc.fill_null(pc.list_value_length(array), 0).to_numpy())]).astype(np.int64)
    values, codes = _dictionary(pc.list_flatten(array))
    return _distinct_in_record(Column(name, values, codes, offsets))


def _dictionary(array: pa.Array) -> tuple[pa.Array, Ints]:
    """Distinct values in order of first appearance, and the code of each entry; null and empty text are -1."""
    if pa.types.is_null(array.type):
        array = array.cast(pa.string())
    empty = pc.equal(array, "")
    if pc.any(empty).as_py():
        array = pc.if_else(empty, pa.scalar(None, array.type), array)
    coded = array.dictionary_encode()
    codes: Ints = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False)
    return coded.dictionary.cast(pa.string()), codes.astype(np.int32, copy=False)


def _distinct_in_record(column: Column) -> Column:
    """The list column without nulls and without a value that the same record has already."""
    n = len(column.sizes)
    if column.sizes.max(initial=0) <= 1 and (column.codes >= 0).all():
        return column
    record = np.repeat(np.arange(n), column.sizes)
    known = column.codes >= 0
    key = record * (len(column.values) + 1) + column.codes
    _, first = np.unique(key[known], return_index=True)
    kept = np.sort(np.flatnonzero(known)[first])
    sizes = np.bincount(record[kept], minlength=n)
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return Column(column.name, column.values, column.codes[kept], offsets)


def _names(table: pa.Table) -> dict[str, Column]:
    """The parts of a name share one dictionary, so that a part is compared with another; birth names join surnames."""
    parts = [n for n in NAMES if n in table.column_names]
    if not parts:
        return {}
    n = len(table)
    values, codes = _dictionary(pa.concat_arrays([_flat(table[p]).cast(pa.string()) for p in parts]))
    out = {p: Column(p, values, codes[i * n : (i + 1) * n]) for i, p in enumerate(parts)}
    born = out.pop("birth_name", None)
    if born is not None and "surname" in out and (born.codes >= 0).any():
        both = np.stack([out["surname"].codes, born.codes], 1).ravel()
        every = Column("surname", values, both, np.arange(0, 2 * n + 1, 2, dtype=np.int64))
        out["surname"] = _distinct_in_record(every)
    return out


def _address(columns: dict[str, Column], n: int) -> dict[str, Column]:
    """Street, house number and unit as one code: `address`. Its values read `number street unit`."""
    street, house, unit = (columns.get(c) for c in ("street", "house_number", "unit"))
    if street is None:
        return {}
    parts = [c.codes.astype(np.int64) for c in (house, street, unit) if c is not None]
    present = [c for c in (house, street, unit) if c is not None]
    key = np.zeros(n, np.int64)
    for codes, column in zip(parts, present, strict=True):
        key = key * (len(column.values) + 1) + codes + 1
    _, first, codes = np.unique(key, return_index=True, return_inverse=True)
    texts = [pc.fill_null(c.values.take(pa.array(c.codes[first], mask=c.codes[first] < 0)), "") for c in present]
    values = pc.utf8_trim_whitespace(pc.binary_join_element_wise(*texts, " "))
    known = street.codes >= 0
    return {"address": Column("address", values, np.where(known, codes, -1).astype(np.int32))}
