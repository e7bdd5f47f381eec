"""Rows that acts lay over the quarantine: corrections, releases, returns. Only added to: another takes one back."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Table, insert, select

from connectors.store import tables
from connectors.store.base import instant
from connectors.store.undone import standing

LAID: Final = (tables.corrections, tables.releases, tables.returns)


def in_force(table: Table) -> ColumnElement[bool]:
    """Rows of a table of LAID that count: no taking back, and not taken back."""
    return table.c.undoes.is_(None) & standing(table)


def take_back(
    connection: Connection, act: int, undoing: int, user: str, time: datetime | str | None, reason: str
) -> None:
    """Take back the rows that an act laid, in a transaction that writes; what it took back itself is laid anew."""
    told = {"user": user, "time": instant(time), "reason": reason, "act": undoing}
    for table in LAID:
        for row in connection.execute(select(table).where(table.c.act == act).order_by(table.c.seq)).all():
            if connection.execute(select(table.c.seq).where(table.c.undoes == row.seq)).first():
                continue
            of, undoes = (row, row.seq) if row.undoes is None else (_row(connection, table, row.undoes), None)
            about = {name: of._mapping[name] for name in _ABOUT if name in table.c}
            connection.execute(insert(table).values(**about, **told, undoes=undoes))


_ABOUT: Final = ("source", "record_id", "field", "value", "hash")


def _row(connection: Connection, table: Table, seq: int) -> Any:
    return connection.execute(select(table).where(table.c.seq == seq)).one()
