"""What changed: a table as it will be, against the rows that are published now.

Rows that belong together (the contact points of one customer) form a *group* with one key; a group is
replaced whole when anything in it changes, so each row carries its group's digest, and a comparison reads keys
and digests only.
"""

from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
from sqlalchemy import ColumnElement, Select, Table, and_, func, or_, select

from connectors.store import tables
from rules import duck

Condition = ColumnElement[bool]


@dataclass(frozen=True)
class Versioned:
    """A versioned table: which columns make the key of a group, and which do not make a change."""

    table: Table
    key: tuple[str, ...]
    ignored: tuple[str, ...] = ()
    """Columns that may differ without the row being written again."""

    @property
    def name(self) -> str:
        return self.table.name

    @property
    def ordered(self) -> bool:
        return "ordinal" in self.table.c

    @property
    def payload(self) -> list[str]:
        technical = {"from_version", "to_version", "digest", "ordinal"}
        return [c.name for c in self.table.c if c.name not in technical]


RECORD: Final = ("source", "record_id")
GROUPS: Final = (
    Versioned(tables.crosswalk, RECORD),
    Versioned(tables.contact_points, ("golden_id",)),
    Versioned(tables.relations, ("golden_id",)),
    Versioned(tables.households, ("golden_id",)),
    Versioned(tables.facts, RECORD),
    Versioned(tables.quarantine, RECORD, ignored=("first_run",)),
    Versioned(tables.candidates, ("kind", "left", "right"), ignored=("first_run",)),
)
"""Every versioned table but `golden`, which is a feed as well (golden.py)."""


@dataclass(frozen=True)
class Difference:
    """What must be written: keys of groups that end, and rows that begin."""

    closed: pa.Table
    opened: pa.Table

    def __bool__(self) -> bool:
        return bool(self.closed.num_rows or self.opened.num_rows)


def visible(table: Table, version: int | None = None) -> Condition:
    """Rows of a versioned table at a publication; None: at the pointer, in the same breath as it is read."""
    at: Any = version
    if at is None:
        at = select(tables.published.c.version).scalar_subquery()
    ends = table.c.to_version
    return and_(table.c.from_version <= at, or_(ends.is_(None), ends > at))


def stamps(of: Versioned) -> Select[Any]:
    """Key and digest of each published group."""
    keys = [of.table.c[name] for name in of.key]
    if "digest" not in of.table.c:  # crosswalk: its two columns are shorter than a digest
        text = func.coalesce(of.table.c.golden_id, "") + " " + of.table.c.state
        return select(*keys, text.label("digest")).where(visible(of.table))
    chosen = select(*keys, of.table.c.digest).where(visible(of.table))
    return chosen.where(of.table.c.ordinal == 0) if of.ordered else chosen


def difference(of: Versioned, published: pa.Table, new: pa.Table) -> Difference:
    """`published` as `stamps` gives it, `new` with the payload columns of the table."""
    with duck.session() as con:
        con.register("published", published)
        con.register("rows", new)
        con.execute(f"create temp table fresh as {_digested(of)}")
        key = ", ".join(f'"{k}"' for k in of.key)
        groups = f"(select distinct {key}, digest from fresh)"  # noqa: S608 - our own names
        closed = con.sql(f"""
            select {key} from published p left join {groups} f using ({key})
            where f.digest is distinct from p.digest order by all""").to_arrow_table()  # noqa: S608 - our own names
        columns = ", ".join(f'f."{c}"' for c in _written(of))
        opened = con.sql(f"""
            select {columns} from fresh f left join published p using ({key})
            where p.digest is distinct from f.digest order by {_order(of)}""").to_arrow_table()  # noqa: S608 - our own names
    return Difference(closed, opened)


def digest(columns: list[str]) -> str:
    """SQL of a digest of one row: the same in every release of DuckDB, and null is not the empty text."""
    parts = ", ".join(f'coalesce(cast("{c}" as varchar), chr(30))' for c in columns)
    return f"substr(md5(concat_ws(chr(31), {parts})), 1, 16)"


def _digested(of: Versioned) -> str:
    """SQL of the new rows, each with its group's digest and its number in the group."""
    compared = [c for c in of.payload if c not in (*of.key, *of.ignored)]
    if "digest" not in of.table.c:
        return "select *, coalesce(golden_id, '') || ' ' || state as digest from rows"
    if not of.ordered:
        return f"select *, {digest(compared)} as digest from rows"  # noqa: S608 - our own names
    key = ", ".join(f'"{k}"' for k in of.key)
    # Rows of a group are numbered by their content, so that the order in which they come changes nothing.
    content = ", ".join(f'"{c}"' for c in compared)
    return f"""
        with numbered as (
            select *, {digest(compared)} as part,
                row_number() over (partition by {key} order by {content}) - 1 as ordinal
            from rows),
        whole as (
            select {key}, substr(md5(string_agg(part, '' order by ordinal)), 1, 16) as digest
            from numbered group by {key})
        select * exclude (part) from numbered join whole using ({key})"""  # noqa: S608 - our own names


def _written(of: Versioned) -> list[str]:
    return [c.name for c in of.table.c if c.name not in ("from_version", "to_version")]


def _order(of: Versioned) -> str:
    return ", ".join(f'f."{c}"' for c in (*of.key, *(["ordinal"] if of.ordered else [])))
