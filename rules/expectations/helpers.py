"""Helper columns: what a rule needs to know from other rows or other tables, worked out before it is tested."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from rules.expectations import columns

Mask = NDArray[np.bool_]

_NONE: Final = pa.table({"source": pa.array([], pa.string()), "record_id": pa.array([], pa.string())})
IDS: Final = ("tax_id_norm", "national_id_norm", "iban_norm", "customer_no")
NAMES: Final = ("name_latin", "org_core")

NEEDS: Final[dict[str, tuple[str, ...]]] = {
    "identified_by": (*NAMES, *IDS),
    "contact_of_exists": ("contact_of",),
    "domain": ("kind", "canonical"),
    "record_country": (),
    "customer_exists": ("customer_source", "customer_id"),
    "source_numbers": ("number",),
    "seller": ("payload",),
    "stated_country": ("country",),
    "assumed_country": ("country",),
}
"""Helper column -> columns of its own table that it is made from."""


@dataclass
class Rows:
    """The tables of a run, every source's rows in one piece, and what of them is withheld so far."""

    tables: Mapping[str, pa.Table]
    """records, points, addresses, facts; and `keys`, the source and record_id of every customer record of the
    run, also of sources that are not checked now (without it: those of `records`)."""
    others: Mapping[str, pa.Table] = field(default_factory=dict)
    """Table -> rows that are not checked and yet count, with the columns that are counted."""
    withheld: dict[str, dict[str, Mask]] = field(default_factory=dict)
    """Table -> column -> rows whose cell failed a warning."""
    assumed: frozenset[str] = frozenset()
    """Sources that have no column for the country: theirs is the default of the source."""

    def usable(self, table: str, column: str) -> Mask:
        """Rows that have a value in a column which is not withheld."""
        filled = numpy(pc.is_valid(self.tables[table][column]))
        withheld = self.withheld.get(table, {}).get(column)
        return filled if withheld is None else filled & ~withheld

    def key(self, table: str, source: str = "source", record: str = "record_id") -> pa.Array:
        """The record key of each row as one text, `SOURCE:ID`."""
        data = self.tables[table]
        return pc.binary_join_element_wise(text(data[source]), text(data[record]), ":")

    @property
    def customers(self) -> pa.Table:
        """Source and record_id of every customer record of the run."""
        return self.tables.get("keys", self.tables.get("records", _NONE))

    def known_keys(self) -> pa.Array:
        known = self.customers
        return pc.binary_join_element_wise(text(known["source"]), text(known["record_id"]), ":")


def column(rows: Rows, table: str, name: str) -> pa.Array:
    """A helper column of a table, as long as the table."""
    for prefix in columns.COUNTERS:
        if name.startswith(prefix):
            return _counted(rows, table, prefix, name.removeprefix(prefix).split(","))
    return _MADE[name](rows)


def needs(table: str, name: str) -> set[str]:
    """The columns of its own table that a column is made from: itself, where it is no helper."""
    for prefix in columns.COUNTERS:
        if name.startswith(prefix):
            return {need for part in name.removeprefix(prefix).split(",") for need in needs(table, part)}
    return set(NEEDS[name]) if name in columns.HELPERS[table] else {name}


def is_helper(table: str, name: str) -> bool:
    return name in columns.HELPERS[table] or name.startswith(tuple(columns.COUNTERS))


def _identified_by(rows: Rows) -> pa.Array:
    names = np.logical_or.reduce([rows.usable("records", c) for c in NAMES])
    ids = np.logical_or.reduce([rows.usable("records", c) for c in IDS])
    reached = np.zeros(len(names), dtype=bool)
    if "points" in rows.tables:
        usable = pa.array(rows.usable("points", "canonical"))
        reached = numpy(pc.is_in(rows.key("records"), value_set=rows.key("points").filter(usable)))
    words = ("name", "contact point", "id")
    codes = np.select([names, reached, ids], [0, 1, 2], default=-1)
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32(), mask=codes < 0), pa.array(words))


def _contact_of_exists(rows: Rows) -> pa.Array:
    named = text(rows.tables["records"]["contact_of"])
    return _yes_no(pc.is_in(named, value_set=rows.known_keys()), pc.is_valid(named))


def _domain(rows: Rows) -> pa.Array:
    found = pc.extract_regex(text(rows.tables["points"]["canonical"]), r"@(?P<domain>[^@]+)$")
    return pc.struct_field(found, "domain")


def _record_country(rows: Rows) -> pa.Array:
    points = rows.key("points")
    if "addresses" not in rows.tables:
        return pa.nulls(len(points), pa.string())
    country = _country(rows, assumed=False)
    filled = pc.is_valid(country)
    # index_in gives the first of equal keys, and a source's addresses stand in their order
    place = pc.index_in(points, value_set=rows.key("addresses").filter(filled))
    return country.filter(filled).take(place)


def _country(rows: Rows, *, assumed: bool) -> pa.Array:
    addresses = rows.tables["addresses"]
    of = pc.is_in(text(addresses["source"]), value_set=pa.array(sorted(rows.assumed), pa.string()))
    return pc.if_else(of if assumed else pc.invert(of), text(addresses["country"]), pa.scalar(None, pa.string()))


def _customer_exists(rows: Rows) -> pa.Array:
    facts, known = rows.tables["facts"], rows.known_keys()
    landed = pc.unique(text(rows.customers["source"]))
    judged = pc.and_(pc.is_valid(facts["customer_id"]), pc.is_in(text(facts["customer_source"]), value_set=landed))
    return _yes_no(pc.is_in(rows.key("facts", "customer_source", "customer_id"), value_set=known), judged)


def _source_numbers(rows: Rows) -> pa.Array:
    facts = rows.tables["facts"]
    numbering = pc.unique(text(facts["source"]).filter(pc.is_valid(text(facts["number"]))))
    found = pc.is_in(text(facts["source"]), value_set=numbering)
    return _yes_no(found, pc.is_valid(found))


def _seller(rows: Rows) -> pa.Array:
    """The payload's `seller`, text or object, as text. Facts of one seller share their text, so it is a key."""
    found = pc.extract_regex(
        text(rows.tables["facts"]["payload"]), r'"seller"\s*:\s*(?P<seller>"(?:[^"\\]|\\.)*"|\{[^{}]*\})'
    )
    return pc.struct_field(found, "seller")


_MADE: Final[dict[str, Callable[[Rows], pa.Array]]] = {
    "identified_by": _identified_by,
    "contact_of_exists": _contact_of_exists,
    "domain": _domain,
    "record_country": _record_country,
    "customer_exists": _customer_exists,
    "source_numbers": _source_numbers,
    "seller": _seller,
    "stated_country": lambda rows: _country(rows, assumed=False),
    "assumed_country": lambda rows: _country(rows, assumed=True),
}


def _counted(rows: Rows, table: str, prefix: str, names: list[str]) -> pa.Array:
    data = rows.tables[table]
    parts = [column(rows, table, n) if is_helper(table, n) else data[n] for n in names]
    counted = [data["source"], *parts]
    more = rows.others.get(table) if prefix == "count_of:" else None
    if more is not None and {*names} <= {*more.column_names}:
        counted = [pa.concat_arrays([text(p), text(more[n])]) for p, n in zip(counted, ["source", *names], strict=True)]
    group, sizes = _groups(counted)
    group = group[: len(data)]
    if prefix == "count_of:":
        numbers = sizes[group]
    else:
        order = np.argsort(group, kind="stable")
        starts = np.cumsum(sizes) - sizes
        numbers = np.empty(len(group), dtype=np.int64)
        numbers[order] = np.arange(len(group)) - starts[group[order]] + 1
    return pa.array(numbers.astype(np.float64), mask=~numpy(pc.is_valid(parts[0])))


def _groups(parts: list[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """A number for each row, equal where all parts are equal (an empty cell equals another); rows a number."""
    group = np.zeros(len(parts[0]), dtype=np.int64)
    sizes = np.array([len(group)])
    for part in parts:
        codes = text(part).dictionary_encode(null_encoding="encode").indices.to_numpy(zero_copy_only=False)
        combined = group * (int(codes.max(initial=0)) + 1) + codes
        _, group, sizes = np.unique(combined, return_inverse=True, return_counts=True)
    return group, sizes


def _yes_no(found: Any, judged: Any) -> pa.Array:
    codes = pa.array(np.where(numpy(found), 1, 0), pa.int32(), mask=~numpy(judged))
    return pa.DictionaryArray.from_arrays(codes, pa.array(["no", "yes"]))


def text(data: Any) -> pa.Array:
    """A column in one piece, without dictionary."""
    whole = data.combine_chunks() if isinstance(data, pa.ChunkedArray) else data
    whole = whole.combine_chunks() if isinstance(whole, pa.ChunkedArray) else whole
    return whole.cast(pa.string()) if not pa.types.is_string(whole.type) else whole


def numpy(data: Any) -> Mask:
    found: Mask = data.to_numpy() if isinstance(data, pa.ChunkedArray) else data.to_numpy(zero_copy_only=False)
    return found.astype(bool)
