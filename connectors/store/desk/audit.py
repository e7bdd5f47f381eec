"""The audit log: who saw which customer, who signed in, who did what. Only ever added to."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from connectors.store import tables
from connectors.store.base import Base, instant

audit = tables.audit


class Audit(Base):
    """What people looked at and did, in the order in which they did."""

    def note(
        self, user: str, action: str, subject: str = "", detail: str = "", time: datetime | str | None = None
    ) -> None:
        """Write down that a user did something; `subject` is a key or an address, never a customer's values."""
        row = {"time": instant(time), "user": user, "action": action, "subject": subject, "detail": detail}
        with self.writing() as connection:
            connection.execute(insert(audit).values(**row))

    def noted(
        self, user: str | None = None, action: str | None = None, subject: str | None = None, before: int | None = None,
        limit: int = 100,
    ) -> list[dict[str, Any]]:  # fmt: skip
        """Entries, the latest first; `before`: with a smaller number."""
        query = select(audit).order_by(audit.c.seq.desc()).limit(limit)
        for column, wanted in ((audit.c.user, user), (audit.c.action, action), (audit.c.subject, subject)):
            if wanted:
                query = query.where(column == wanted)
        if before is not None:
            query = query.where(audit.c.seq < before)
        rows: list[dict[str, Any]] = self.table(query).to_pylist()
        return rows

    def all_noted(self) -> Iterator[dict[str, Any]]:
        """Every entry, oldest first, a few at a time: for an export."""
        with self.engine.connect() as connection:
            for row in connection.execution_options(yield_per=1000).execute(select(audit).order_by(audit.c.seq)):
                yield row._asdict()
