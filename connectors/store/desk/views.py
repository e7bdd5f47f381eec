"""Filters of the queue that people keep under a name: their own, and those of everybody."""

from typing import Any, Final

from sqlalchemy import delete, insert, select

from connectors.store import tables
from connectors.store.base import Base
from connectors.store.decisions import number

EVERYBODY: Final = ""
"""Stands for the user of a view that all have."""
views = tables.views


class Views(Base):
    """Saved views. `query` is that of the queue's address."""

    def views(self, user: str) -> list[dict[str, Any]]:
        """Those a user has, everybody's first, by name: seq, user, name, query."""
        query = select(views).where(views.c.user.in_((EVERYBODY, user))).order_by(views.c.user, views.c.name)
        rows: list[dict[str, Any]] = self.table(query).to_pylist()
        return sorted(rows, key=lambda row: (row["user"] != EVERYBODY, row["name"].casefold()))

    def keep_view(self, user: str, name: str, query: str) -> int:
        """Keep a filter under a name, in place of the one that had it; -> its number."""
        mine = (views.c.user == user) & (views.c.name == name)
        with self.writing() as connection:
            connection.execute(delete(views).where(mine))
            return number(connection.execute(insert(views).values(user=user, name=name, query=query)))

    def one_view(self, seq: int) -> dict[str, Any] | None:
        rows: list[dict[str, Any]] = self.table(select(views).where(views.c.seq == seq)).to_pylist()
        return rows[0] if rows else None

    def drop_view(self, seq: int) -> None:
        with self.writing() as connection:
            connection.execute(delete(views).where(views.c.seq == seq))
