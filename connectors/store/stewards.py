"""The quarantine as people work on it: what is in it, what was corrected, what was let through."""

import json
from datetime import datetime
from typing import Any, Final

import pyarrow as pa
from sqlalchemy import Select, func, insert, select

from connectors.store import tables
from connectors.store.base import Base, instant
from connectors.store.versioned import visible
from rules.vocabulary import TEXT

ITEM: Final = pa.schema([
    ("source", TEXT), ("record_id", TEXT), ("reasons", pa.list_(TEXT)), ("raw", TEXT), ("file", TEXT), ("sheet", TEXT),
    ("line", pa.int64()), ("hash", TEXT), ("first_run", TEXT), ("state", TEXT), ("owner", TEXT),
])  # fmt: skip
STATES: Final = ("open", "corrected", "released")


class Stewards(Base):
    """Quarantined rows. What people do to one takes effect with the next run."""

    def quarantine_items(self, state: str | None = None) -> pa.Table:
        """Rows in quarantine, by source and record; `state`: open, corrected or released (None: all).

        Raises ValueError on another state.
        """
        if state is not None and state not in STATES:
            message = f"{state!r} is no state of a quarantined row; there are {', '.join(STATES)}"
            raise ValueError(message)
        corrected = self._corrected()
        released = {(r["source"], r["record_id"], r["hash"]) for r in self.released().to_pylist()}
        rows = self.table(_items()).to_pylist()
        for row in rows:
            key = (row["source"], row["record_id"])
            row["reasons"] = json.loads(row["reasons"])
            fixed = "corrected" if key in corrected else "open"
            row["state"] = "released" if (*key, row["hash"]) in released else fixed
        return pa.Table.from_pylist([r for r in rows if state in (None, r["state"])], ITEM)

    def correct(
        self,
        source: str,
        record_id: str,
        values: dict[str, str],
        user: str,
        reason: str = "",
        time: datetime | str | None = None,
    ) -> None:
        """Set cells of a source row, by the source's own headers; the raw row stays as it is."""
        told = {"source": source, "record_id": record_id, "user": user, "reason": reason, "time": instant(time)}
        rows = [{"field": field, "value": value, **told} for field, value in values.items()]
        if rows:
            with self.writing() as connection:
                connection.execute(insert(tables.corrections), rows)

    def release(
        self, source: str, record_id: str, user: str, reason: str = "", time: datetime | str | None = None
    ) -> None:
        """Let a quarantined row through as it is, for as long as its content stays. Raises KeyError where none is."""
        table = tables.quarantine
        at = select(table.c.hash).where(visible(table), table.c.source == source, table.c.record_id == record_id)
        with self.writing() as connection:
            found = connection.execute(at).one_or_none()
            if found is None:
                message = f"{source}:{record_id} is not in quarantine"
                raise KeyError(message)
            told = {"source": source, "record_id": record_id, "hash": found.hash, "user": user, "reason": reason}
            connection.execute(insert(tables.releases).values(**told, time=instant(time)))

    def corrections(self) -> pa.Table:
        """Cells in force: source, record_id, field (the source's header), value."""
        c = tables.corrections.c
        rows = self.table(select(c.source, c.record_id, c.field, c.value).order_by(c.seq))
        last = {(r["source"], r["record_id"], r["field"]): r["value"] for r in rows.to_pylist()}
        return pa.Table.from_pylist(
            [dict(zip(rows.column_names, (*key, value), strict=True)) for key, value in sorted(last.items())],
            rows.schema,
        )

    def released(self) -> pa.Table:
        """Rows let through, each with the hash of the content it was let through with."""
        c = tables.releases.c
        return self.table(select(c.source, c.record_id, c.hash).distinct().order_by(c.source, c.record_id, c.hash))

    def _corrected(self) -> set[tuple[str, str]]:
        """Rows corrected since the last run that looked: one that is still here after that run is open again."""
        runs, c = tables.runs, tables.corrections.c
        judged = select(func.max(runs.c.started)).where(runs.c.status.in_(("published", "unchanged"))).scalar_subquery()
        found = self.table(select(c.source, c.record_id).where(c.time >= func.coalesce(judged, "")).distinct())
        return {(row["source"], row["record_id"]) for row in found.to_pylist()}


def _items() -> Select[Any]:
    q = tables.quarantine
    names = ("source", "record_id", "reasons", "raw", "file", "sheet", "line", "hash", "first_run", "owner")
    return select(*(q.c[name] for name in names)).where(visible(q)).order_by(q.c.source, q.c.record_id)
