"""The quarantine as people work on it: what is in it, what was corrected, let through, or sent back to its source.

Each of these is an act: it stands in the history, and is undone as one.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import pyarrow as pa
from sqlalchemy import Connection, Select, Table, and_, case, func, insert, literal, select, tuple_, union_all

from connectors.store import laid, tables
from connectors.store.base import Base, instant
from connectors.store.desk.acts import Act, Overtaken, write
from connectors.store.desk.filter import Case
from connectors.store.engine import lock
from connectors.store.keyed import of_keys
from connectors.store.laid import in_force
from connectors.store.versioned import visible
from rules.record_key import key_of
from rules.standardise.record_table import CONTACT
from rules.vocabulary import TEXT

ITEM: Final = pa.schema([
    ("source", TEXT), ("record_id", TEXT), ("reasons", pa.list_(TEXT)), ("raw", TEXT), ("file", TEXT), ("sheet", TEXT),
    ("line", pa.int64()), ("hash", TEXT), ("first_run", TEXT), ("state", TEXT), ("owner", TEXT),
])  # fmt: skip
STATES: Final = ("open", "corrected", "released", "returned")
DID: Final = {
    "correct": "corrected this row", "release": "let this row through", "return": "gave this row back to its source",
}  # fmt: skip
Key = laid.Key
q = tables.quarantine


class Stewards(Base):
    """Quarantined rows. What people do to one takes effect with the next run.

    What is done to one, `seen` being the number of the last act over it (`last_laid`) when it was shown, raises
    Overtaken where somebody else did something to it since. What is sent twice is one act.
    """

    def quarantine_items(self, state: str | None = None) -> pa.Table:
        """Rows in quarantine, by source and record; `state`: one of STATES (None: all).

        Raises ValueError on another state.
        """
        if state is not None and state not in STATES:
            message = f"{state!r} is no state of a quarantined row; there are {', '.join(STATES)}"
            raise ValueError(message)
        query = items().order_by(q.c.source, q.c.record_id)
        return told(self.table(query.where(state_of() == state) if state else query))

    def quarantined(self, keys: Sequence[Key]) -> list[dict[str, Any]]:
        """The rows of some records, as ITEM has them; those that are not in quarantine are left out."""
        wanted = pa.table({"source": [k[0] for k in keys], "record_id": [k[1] for k in keys]})
        rows = of_keys(self, items(), (q.c.source, q.c.record_id), wanted) if keys else ITEM.empty_table()
        found: list[dict[str, Any]] = told(rows).to_pylist() if keys else []
        return found

    def correct(
        self,
        source: str,
        record_id: str,
        values: dict[str, str],
        user: str,
        reason: str = "",
        time: datetime | str | None = None,
        seen: int | None = None,
    ) -> int:
        """Set cells of a source row, by the source's own headers; the raw row stays as it is. -> the act's number."""
        key = {"source": source, "record_id": record_id}
        rows = [{**key, "field": field, "value": value} for field, value in values.items()]
        return self._lay(tables.corrections, Act(user, "correct", text=reason), rows, time, seen)

    def release(
        self, source: str, record_id: str, user: str, reason: str = "", time: datetime | str | None = None,
        seen: int | None = None,
    ) -> int:  # fmt: skip
        """Let a quarantined row through as it is, for as long as its content stays. -> the act's number.

        Raises KeyError where none is.
        """
        return self._lay(
            tables.releases, Act(user, "release", text=reason), self._hashes([(source, record_id)]), time, seen
        )

    def give_back(
        self, keys: Sequence[Key], user: str, reason: str = "", time: datetime | str | None = None,
        seen: int | None = None,
    ) -> int:  # fmt: skip
        """Give quarantined rows back to the owners of their sources, who correct them there. -> the act's number.

        They count as returned for as long as their content stays. Raises KeyError where one is not in quarantine.
        """
        return self._lay(tables.returns, Act(user, "return", text=reason), self._hashes(keys), time, seen)

    def last_laid(self, source: str, record_id: str) -> int:
        """The number of the last act over a row, or what is read from the same one; 0: there is none."""
        with self.engine.connect() as connection:
            found = laid.last(connection, [(source, record_id)])
        return int(found.act) if found else 0

    def corrections(self, *, beneath: bool = False) -> pa.Table:
        """Cells in force: source, record_id, field (the source's header), value; `beneath`: with those beneath others
        that were corrected later.
        """
        c = tables.corrections.c
        rows = self.table(
            select(c.source, c.record_id, c.field, c.value).where(in_force(tables.corrections)).order_by(c.seq)
        )
        if beneath:
            return rows
        last = {(r["source"], r["record_id"], r["field"]): r["value"] for r in rows.to_pylist()}
        return pa.Table.from_pylist(
            [dict(zip(rows.column_names, (*key, value), strict=True)) for key, value in sorted(last.items())],
            rows.schema,
        )

    def corrections_of(self, source: str, record_id: str) -> dict[str, str]:
        """The cells in force of one row, by the source's header."""
        c = tables.corrections.c
        mine = and_(c.source == source, c.record_id == record_id, in_force(tables.corrections))
        rows = self.table(select(c.field, c.value).where(mine).order_by(c.seq)).to_pylist()
        return {row["field"]: row["value"] for row in rows}

    def released(self) -> pa.Table:
        """Rows let through, each with the hash of the content it was let through with."""
        c = tables.releases.c
        rows = select(c.source, c.record_id, c.hash).where(in_force(tables.releases)).distinct()
        return self.table(rows.order_by(c.source, c.record_id, c.hash))

    def _hashes(self, keys: Sequence[Key]) -> list[dict[str, Any]]:
        rows = {(r["source"], r["record_id"]): r for r in self.quarantined(keys)}
        for key in keys:
            if key not in rows:
                message = f"{':'.join(key)} is not in quarantine"
                raise KeyError(message)
        return [{n: row[n] for n in ("source", "record_id", "hash")} for row in rows.values()]

    def _lay(
        self, table: Table, act: Act, rows: list[dict[str, Any]], time: datetime | str | None, seen: int | None
    ) -> int:
        """Rows of one act. Of one record, the act names it as its case."""
        keys = {key_of(row) for row in rows}
        about = Case("quarantine", next(iter(keys)), "") if len(keys) == 1 else None
        said = None if about else f"{len(keys)} rows{f': {act.text}' if act.text else ''}"
        with self.writing() as connection:
            lock(connection, tables.decisions.name)  # as who takes an act back does
            if seen is not None:
                _refuse_overtaken(connection, rows, act.user, seen)
            if (again := laid.repeated(connection, table, rows, act.user)) is not None:
                return again
            number = write(connection, replace(act, case=about, text=said or act.text or None), time)
            more = {"user": act.user, "reason": act.text, "time": instant(time), "act": number}
            if rows:
                connection.execute(insert(table), [{**row, **more} for row in rows])
        return number


def _refuse_overtaken(connection: Connection, rows: Sequence[dict[str, Any]], user: str, seen: int) -> None:
    """Raises Overtaken where somebody else did something to one of the rows after an act's number, or where no act has
    that number yet.
    """
    if seen > (connection.execute(select(func.max(tables.acts.c.seq))).scalar() or 0):
        raise Overtaken("This page is of another state of the desk. Nothing was recorded: load it again")
    found = laid.last(connection, ((row["source"], row["record_id"]) for row in rows), seen, but=user)
    if found is None:
        return
    action = connection.execute(select(tables.acts.c.action).where(tables.acts.c.seq == found.act)).scalar_one()
    did = DID.get(action, "took back what was done with this row")
    raise Overtaken(
        f"{found.user} {did} {found.time[11:16]} UTC, while you were looking. "
        "Nothing of yours was recorded. Look at it again, or go on with the next"
    )


def items() -> Select[Any]:
    """Rows of the publication in force, with `state`."""
    names = ("source", "record_id", "reasons", "raw", "file", "sheet", "line", "hash", "first_run", "owner")
    return select(*(q.c[name] for name in names), state_of().label("state")).where(visible(q))


def state_of() -> Any:
    """Of a quarantined row. One that was corrected and is still here after the run that looked is open again."""
    runs, c = tables.runs, tables.corrections.c
    judged = select(func.max(runs.c.started)).where(runs.c.status.in_(("published", "unchanged"))).scalar_subquery()
    fresh = and_(in_force(tables.corrections), c.time >= func.coalesce(judged, ""))
    # A contact of a row is a record of its own; its cells are corrected in that row.
    fixed = union_all(
        select(c.source, c.record_id).where(fresh), select(c.source, c.record_id + literal(CONTACT)).where(fresh)
    )
    row, whole = tuple_(q.c.source, q.c.record_id), tuple_(q.c.source, q.c.record_id, q.c.hash)
    of = {name: select(t.c.source, t.c.record_id, t.c.hash).where(in_force(t))
          for name, t in (("released", tables.releases), ("returned", tables.returns))}  # fmt: skip
    return case(
        (whole.in_(of["released"]), "released"), (row.in_(fixed), "corrected"), (whole.in_(of["returned"]), "returned"),
        else_="open",
    )  # fmt: skip


def told(rows: pa.Table) -> pa.Table:
    """Rows of `items` with their reasons as lists: schema ITEM."""
    reasons: Iterable[str] = rows["reasons"].to_pylist()
    listed = pa.array([json.loads(text) for text in reasons], pa.list_(TEXT))
    return rows.set_column(rows.column_names.index("reasons"), "reasons", listed).select(ITEM.names).cast(ITEM)
