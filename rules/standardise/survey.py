"""What only a whole column can tell, found before its rows are worked on in batches.

Order of day and month, the habit of writing surnames first, and heaps of birthdays on 1 January. All of it is
independent of the order of rows.
"""

import math
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from rules import schema
from rules import vocabulary as words
from rules.standardise import dates, names, plan, text

_SAMPLE: Final = 20_000
"""Distinct values looked at in a column, chosen by their checksum."""
_HEAP: Final = 5.0
"""Standard deviations by which 1 January must stand out; 0.2 % of invented dates in 20,000 show so much."""


@dataclass(frozen=True)
class Survey:
    date_orders: Mapping[str, str] = field(default_factory=dict)
    """Header -> DMY, MDY or YMD; headers that nothing decides are missing."""
    name_orders: Mapping[str, str] = field(default_factory=dict)
    heaped: tuple[str, ...] = ()
    """Headers of birth dates that heap on 1 January."""
    hollow: tuple[str, ...] = ()
    """Headers under which nothing but one placeholder stands: the habit of a program, no doubt about a value."""

    def as_data(self) -> dict[str, Any]:
        """Plain data, for telling whether two surveys agree."""
        return {k: sorted(v.items()) if isinstance(v, Mapping) else v for k, v in asdict(self).items()}


def survey(raw: pa.Table, source: schema.Source, date_orders: Mapping[str, str] | None = None) -> Survey:
    """Look at the columns of a raw table that hold dates and whole names."""
    wanted = plan.make(raw.column_names, source)
    orders = dict(date_orders) if date_orders is not None else _date_orders(raw, source, wanted)
    births = wanted.scalars.get("birth_date", ())
    whole = wanted.scalars.get("full_name", ())
    habits = {h: names.column_order(_distinct(raw[h]), source.country) for h in whole}
    return Survey(
        date_orders=orders,
        name_orders={h: habit for h, habit in habits.items() if habit},
        heaped=tuple(h for h in births if _heaps(raw[h], orders.get(h), source.country)),
        hollow=tuple(h for h in raw.column_names if h not in words.RAW_PREFIX and _is_hollow(raw[h])),
    )


def _is_hollow(column: pa.ChunkedArray) -> bool:
    head = pc.unique(column.slice(0, 100).cast(pa.string())).drop_null()
    if len(head) > 2 or column.length() < 2:
        return False
    values = pc.unique(column.cast(pa.string())).drop_null()
    values = values.filter(pc.not_equal(values, ""))
    return len(values) == 1 and text.placeholders(text.mend(values)[0]).null_count == 0


def _date_orders(raw: pa.Table, source: schema.Source, wanted: plan.Plan) -> dict[str, str]:
    headers = [h for t in ("birth_date", "entered_at", "updated_at") for h in wanted.scalars.get(t, ())]
    headers += [h for h in wanted.dated() if h]
    headers = [h for h in dict.fromkeys(headers) if h in raw.column_names]
    if source.date_order:
        return dict.fromkeys(headers, source.date_order)
    found = {h: dates.column_order(_distinct(raw[h])) for h in headers}
    return {h: order for h, order in found.items() if order}


def _distinct(column: pa.ChunkedArray) -> list[str]:
    """Distinct texts in sorted order, at most a sample of them."""
    values = pc.unique(column.cast(pa.string())).drop_null()
    if len(values) > _SAMPLE:
        step = math.ceil(len(values) / _SAMPLE)
        values = pa.array([v for v in values.to_pylist() if zlib.crc32(v.encode()) % step == 0], pa.string())
    return sorted(text.mend(values)[0].to_pylist())


def _heaps(column: pa.ChunkedArray, order: str | None, country: str | None) -> bool:
    counts = pc.value_counts(column.cast(pa.string()))
    values, sizes = counts.field("values"), counts.field("counts")
    read = [dates.read(v, order, country)[0] for v in text.mend(values)[0].fill_null("").to_pylist()]
    whole = [(iso, n) for iso, n in zip(read, sizes.to_pylist(), strict=True) if iso and len(iso) == 10]
    return _stands_out(whole)


def _stands_out(counted: Iterable[tuple[str, int]]) -> bool:
    counted = list(counted)
    total = sum(n for _, n in counted)
    if total < 200:
        return False
    first = sum(n for iso, n in counted if iso.endswith("-01-01"))
    expected = total / 365.25
    return (first - expected) / math.sqrt(expected) > _HEAP
