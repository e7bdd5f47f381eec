"""Rows that acts lay over the quarantine: corrections, releases, returns. Only added to: another takes one back."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Table, insert, select, tuple_, union_all

from connectors.store import tables
from connectors.store.base import instant
from connectors.store.keyed import few_hundred
from connectors.store.undone import standing
from rules.standardise.record_table import CONTACT

LAID: Final = (tables.corrections, tables.releases, tables.returns)
PUBLISHED: Final = (tables.corrections, tables.releases)
"""Those of which the golden table is made, too."""
Key = tuple[str, str]
"""Source and record id."""


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


def made_by(connection: Connection, acts: Sequence[int], of: Sequence[Table] = LAID) -> set[int]:
    """Those of some acts that laid something, or took it back."""
    each = union_all(*(select(table.c.act).where(table.c.act.in_(acts)) for table in of))
    return {int(act) for (act,) in connection.execute(each)} if acts else set()


def last(connection: Connection, keys: Iterable[Key], since: int = 0, but: str = "") -> Row[Any] | None:
    """The last act since another that laid something over the rows of some records, or took it back, as `act`, with its
    `user` and `time`; `but`: of anybody but this person.
    """
    found: list[Row[Any]] = []
    for some in few_hundred(sorted({each for key in keys for each in _of_one_row(key)})):
        for table in LAID:
            c = table.c
            theirs = (tuple_(c.source, c.record_id).in_(some), c.act > since, c.user != but)
            found += connection.execute(select(c.act, c.user, c.time).where(*theirs).order_by(c.act.desc()).limit(1))
    return max(found, key=lambda row: int(row.act), default=None)


def repeated(connection: Connection, table: Table, rows: Sequence[dict[str, Any]], user: str) -> int | None:
    """The last act over these records, where it is this person's, laid the same, and stands: what is sent twice is one
    act, or undoing it would leave the other.
    """
    found = last(connection, ((row["source"], row["record_id"]) for row in rows))
    if found is None or found.user != user:
        return None
    names = [name for name in _ABOUT if name in table.c]
    laid = select(*(table.c[name] for name in names)).where(table.c.act == found.act, in_force(table))
    same = {tuple(row) for row in connection.execute(laid)} == {tuple(row[name] for name in names) for row in rows}
    return int(found.act) if same else None


def _of_one_row(key: Key) -> tuple[Key, Key]:
    """The records that are read from one row: a contact of a row is a record of its own."""
    source, row = key[0], key[1].removesuffix(CONTACT)
    return (source, row), (source, row + CONTACT)


_ABOUT: Final = ("source", "record_id", "field", "value", "hash")


def _row(connection: Connection, table: Table, seq: int) -> Any:
    return connection.execute(select(table).where(table.c.seq == seq)).one()
