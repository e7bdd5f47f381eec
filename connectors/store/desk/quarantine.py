"""The quarantine as a queue: filtered, searched, those that wait longest first."""

import json
from dataclasses import dataclass
from typing import Any, Final

import duckdb
import pyarrow as pa
from sqlalchemy import ColumnElement, func, select

from connectors.store import tables
from connectors.store.desk.asked import before_day, most_frequent, said
from connectors.store.stewards import Key, Stewards, items, state_of, told
from connectors.store.versioned import visible
from rules import search

q = tables.quarantine
NOBODY: Final = "-"
"""Stands for an owner whom no source names."""


@dataclass(frozen=True)
class Wanted:
    """A part of the quarantine. Empty words mean: whatever it is."""

    source: str = ""
    owner: str = ""
    """`-`: of a source without an owner."""
    reason: str = ""
    state: str = ""
    before: str = ""
    """Here since a day before this one (ISO)."""
    text: str = ""
    sources: tuple[str, ...] | None = None
    """Of these sources only: a user's limits."""

    def asked(self) -> dict[str, str]:
        """What is not empty, as the query of an address has it."""
        return said(self, "sources")


class QuarantineQueue(Stewards):
    """Rows in quarantine, in the order in which they came."""

    def quarantine_keys(self, asked: Wanted) -> list[Key]:
        """Which rows a filter holds, those that wait longest first."""
        order = (q.c.first_run, q.c.source, q.c.record_id)
        columns = (*order[1:], *((q.c.raw, q.c.reasons) if asked.text else ()))
        found = self.table(select(*columns).where(visible(q), *_conditions(asked)).order_by(*order))
        if asked.text:
            found = _saying(found, asked.text)
        return list(zip(found["source"].to_pylist(), found["record_id"].to_pylist(), strict=True))

    def quarantine_page(self, keys: list[Key]) -> list[dict[str, Any]]:
        """Rows (ITEM) of some keys, in their order."""
        rows = {(r["source"], r["record_id"]): r for r in self.quarantined(keys)}
        return [rows[key] for key in keys if key in rows]

    def held_as(self, record_id: str, sources: tuple[str, ...] | None) -> list[Key]:
        """Rows of any source (of these, where there are limits) that wait under an id of their source."""
        mine = Wanted(sources=sources)
        query = select(q.c.source, q.c.record_id).where(visible(q), q.c.record_id == record_id, *_conditions(mine))
        with self.engine.connect() as connection:
            return [(row.source, row.record_id) for row in connection.execute(query.order_by(q.c.source))]

    def quarantine_words(self, sources: tuple[str, ...] | None) -> dict[str, list[str]]:
        """What a filter can be made of: sources, owners and reasons, the most frequent first."""
        found: dict[str, list[str]] = {}
        with self.engine.connect() as connection:
            for name, column in (("source", q.c.source), ("owner", q.c.owner), ("reason", q.c.reasons)):
                counted = select(column, func.count()).where(visible(q), *_conditions(Wanted(sources=sources)))
                found[name] = most_frequent(
                    (json.loads(value) if name == "reason" else [value or NOBODY], many)
                    for value, many in connection.execute(counted.group_by(column))
                )
        return found

    def returned(self, owner: str, sources: tuple[str, ...] | None = None) -> pa.Table:
        """Rows (ITEM) that an owner is to correct at the source."""
        asked = Wanted(owner=owner, state="returned", sources=sources)
        return told(self.table(items().where(*_conditions(asked)).order_by(q.c.source, q.c.file, q.c.sheet, q.c.line)))

    def owners_of_returned(self, sources: tuple[str, ...] | None = None) -> list[tuple[str, int, str]]:
        """Owner (`-`: none), how many rows wait for them, and the run in which the first of these came."""
        query = select(q.c.owner, func.count(), func.min(q.c.first_run)).group_by(q.c.owner).order_by(q.c.owner)
        with self.engine.connect() as connection:
            rows = connection.execute(query.where(visible(q), *_conditions(Wanted(state="returned", sources=sources))))
            return [(row[0] or NOBODY, int(row[1]), row[2] or "") for row in rows]


def _conditions(asked: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.sources is not None:
        found.append(q.c.source.in_(asked.sources))
    if asked.source:
        found.append(q.c.source == asked.source)
    if asked.owner:
        found.append(q.c.owner.is_(None) if asked.owner == NOBODY else q.c.owner == asked.owner)
    if asked.reason:
        found.append(q.c.reasons.contains(json.dumps(asked.reason, ensure_ascii=False), autoescape=True))
    if asked.before:
        found.append(before_day(q.c.first_run, asked.before))
    if asked.state:
        found.append(state_of() == asked.state)
    return found


def _saying(rows: pa.Table, text: str) -> pa.Table:
    """The rows in which each word of a text stands somewhere."""
    words = search.folded(text).split()
    said = search.sql("concat_ws(' ', source, record_id, raw, reasons)")
    every = " and ".join("contains(said, ?)" for _ in words) or "true"
    with duckdb.connect(config={"threads": 1}) as con:
        con.register("held", rows)
        query = (
            f"select * exclude (said, n) from (select *, {said} as said, row_number() over () as n from held) "  # noqa: S608 - our own names
            f"where {every} order by n"
        )
        return con.sql(query, params=words).to_arrow_table()
