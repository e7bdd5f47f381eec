"""What a run would change, for people: counts, fields, and the largest surprises with why.

A surprise is large where much hangs on it and where it seldom happens: its rank is *size* times *bits*. Size grows
with the records of the customer and what was billed to it, each by its order of magnitude. Bits are its surprisal:
minus the binary logarithm of the share of all customers to whom as much of the kind happens in this run; for a field
that changes in many customers at once, how many times more often than in the nights before.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import log, log2
from typing import Any, Final

import duckdb
import pyarrow as pa

from rules import duck
from rules.vocabulary import TEXT

COUNTED: Final = ("created", "merged", "split", "changed", "retired", "returned")
COUNTS: Final = ("records", "sources", "quality", "household_id")
"""Fields of a customer that follow from others: that they change in many surprises nobody."""
MOST: Final = 10
"""Surprises that are told."""
BILLED: Final = pa.schema([("golden_id", TEXT), ("amount", pa.float64())])


@dataclass(frozen=True)
class Surprise:
    """`what`: merged, split, retired, grown, created, remade, or field (then there is no golden id)."""

    what: str
    golden_id: str | None
    rank: float
    why: str


@dataclass(frozen=True)
class Difference:
    """`since`: the publication it is a difference to, 0 before the first. `fields`: customers changed, by field."""

    since: int
    counts: dict[str, int]
    fields: dict[str, int]
    surprises: tuple[Surprise, ...] = ()

    def as_json(self) -> dict[str, Any]:
        told = asdict(self)
        return {"since": self.since, **told.pop("counts"), "fields": self.fields, "surprises": list(told["surprises"])}


def difference(
    since: int,
    customers: int,
    events: pa.Table,
    before: pa.Table,
    after: pa.Table,
    billed: pa.Table,
    usual: Mapping[str, float],
) -> Difference:
    """`customers`: published before. `events` (schema EVENTS, with `changed`). `before`, `after`: the golden rows of
    the customers that the events name, then and now. `billed`: schema BILLED. `usual`: customers in whom each field
    changes in a usual night.
    """
    with duck.session() as con:
        for name, table in (("events", events), ("was", before), ("now", after), ("billed", billed)):
            con.register(name, table)
        events_of = dict(_rows(con, "select event, count(*) from events group by 1 order by 1"))
        counts = dict.fromkeys(COUNTED, 0) | events_of
        fields = dict(_rows(con, _FIELDS))
        all_ = max(customers + counts["created"], 1)
        found = [Surprise(what, id_, rank, _why(what, *told)) for what, id_, rank, *told in _rows(con, _LARGEST, all_)]
    told = {name: number for name, number in fields.items() if number > 1 and name not in COUNTS}
    found += [_of_field(name, number, usual.get(name, 0.0)) for name, number in told.items()]
    ranked = sorted(found, key=lambda s: (-s.rank, s.what, s.golden_id or s.why))
    return Difference(since, counts, fields, tuple(s for s in ranked if s.rank > 0)[:MOST])


def _rows(con: duckdb.DuckDBPyConnection, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
    return con.execute(sql, parameters).fetchall()


_FIELDS: Final = """
    select field, count(*) from (
        select unnest(string_split(detail, ', ')) as field from events where event = 'changed') group by 1
    order by 2 desc, 1"""

# One row a customer and kind; `much`: how much of its kind it is.
_LARGEST: Final = f"""
    with joined as (
        select e.golden_id, count(*) as much from events e where event = 'merged' group by 1),
    parted as (
        select other_golden_id as golden_id, count(*) as much from events where event = 'split' group by 1),
    kinds as (
        select 'merged' as what, golden_id, much, much as other from joined
        union all by name select 'split' as what, golden_id, much, much as other from parted
        union all by name
        select 'retired' as what, golden_id, w.records as much, 0 as other from events join was w using (golden_id)
        where event = 'retired'
        union all by name
        select 'grown' as what, n.golden_id, n.records - w.records as much, w.records as other
        from now n join was w using (golden_id) where n.records > w.records
            and golden_id not in (select golden_id from joined)
        union all by name
        select 'created' as what, golden_id, n.records as much, 0 as other from events join now n using (golden_id)
        where event = 'created' and n.records > 1
        union all by name
        select 'remade' as what, golden_id, anew as much, 0 as other from (
            select n.golden_id, coalesce((n.display_name <> w.display_name)::int, 0)
                + coalesce((n.birth_date <> w.birth_date)::int, 0) + coalesce((n.tax_id <> w.tax_id)::int, 0) as anew
            from now n join was w using (golden_id)) where anew > 1),
    weighed as (
        select what, golden_id, much, other, greatest(coalesce(w.records, 0), coalesce(n.records, 0)) as records,
            coalesce(b.amount, 0) as amount,
            count(*) over (partition by what)
                - rank() over (partition by what order by much) + 1 as as_much
        from kinds left join was w using (golden_id) left join now n using (golden_id)
            left join billed b using (golden_id)),
    ranked as (
        select *, round((1 + ln(greatest(records, 1))) * (1 + log10(1 + amount)) * log2(?::double / as_much), 2) as rank
        from weighed qualify row_number() over (partition by golden_id order by rank desc, what) = 1)
    select what, golden_id, rank, much, other, records, amount from ranked where rank > 0
    order by rank desc, what, golden_id limit {MOST}"""  # noqa: S608 - our own number


def _why(what: str, much: int, other: int, records: int, amount: float) -> str:
    """The words of a surprise about one customer."""
    worth = _worth(records, amount)
    match what:
        case "merged":
            return f"{_counted(much, 'customer')} published before {'goes' if much == 1 else 'go'} into it: {worth}"
        case "split":
            return f"it falls apart into {much + 1:,} customers: {worth}"
        case "retired":
            return f"it is retired, as no source has it any more: {worth}"
        case "grown":
            return f"it grows from {other:,} to {_counted(records, 'record')}: {worth}"
        case "created":
            return f"it is new, and of {_counted(records, 'record')} at once: {worth}"
    return f"{much} of its name, birth date and tax id are others at once: {worth}"


def _worth(records: int, amount: float) -> str:
    return _counted(records, "record") + (f", {amount:,.2f} billed" if amount else "")


def _counted(number: int, one: str) -> str:
    return f"{number:,} {one}{'' if number == 1 else 's'}"


def _of_field(name: str, number: int, usual: float) -> Surprise:
    """A field that changes in many customers at once."""
    bits = log2((number + 1) / (usual + 1))
    expected = f"{usual:,.0f} in a usual night" if usual else "in none of the nights before"
    why = f"{name} changes for {_counted(number, 'customer')}; {expected}"
    return Surprise("field", None, round((1 + log(number)) * bits, 2), why)
