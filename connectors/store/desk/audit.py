"""The audit log: who saw which customer, who signed in, who did what. Only ever added to."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, insert, literal, or_, select, union_all

from connectors.store import tables
from connectors.store.base import Base, instant
from connectors.store.desk.asked import on_day
from connectors.store.engine import TAKEN
from connectors.store.keyed import few_hundred

audit = tables.audit
log = logging.getLogger(__name__)
TERMS: Final = 200
"""Of one condition: a customer may have thousands of records, and SQLite takes 490 such terms."""


@dataclass(frozen=True)
class Noted:
    """A part of the log. Empty words mean: whatever it is."""

    user: str = ""
    action: str = ""
    subjects: Sequence[str] = ()
    """Keys or addresses, of which an entry names one at least."""
    day: str = ""
    """ISO, in UTC."""


class Audit(Base):
    """What people looked at and did, in the order in which they did."""

    def note(
        self, user: str, action: str, subject: str = "", detail: str = "", time: datetime | str | None = None
    ) -> None:
        """Write down that a user did something; `subject` is a key or an address, never a customer's values."""
        row = {"time": instant(time), "user": user, "action": action, "subject": subject, "detail": detail}
        with self.writing() as connection:
            connection.execute(insert(audit).values(**row))

    def note_act(self, user: str, action: str, subject: str = "", detail: str = "") -> None:
        """The same of what stands already: no answer becomes an error because the log cannot be written. It is tried
        twice; then the server's log says what is missing, without whose it was.
        """
        try:
            self.note(user, action, subject, detail)
        except TAKEN:
            try:
                self.note(user, action, subject, detail)
            except TAKEN:
                log.exception("the audit log lacks an entry: %s", action)

    def noted(self, wanted: Noted, before: int | None = None, limit: int = 100) -> list[dict[str, Any]]:
        """Entries, the latest first; `before`: with a smaller number."""
        query = select(audit).where(*_demands(wanted)).order_by(audit.c.seq.desc()).limit(limit)
        if before is not None:
            query = query.where(audit.c.seq < before)
        rows: list[dict[str, Any]] = self.table(query).to_pylist()
        return rows

    def all_noted(self, wanted: Noted) -> Iterator[dict[str, Any]]:
        """Every entry, oldest first, a few at a time: for an export."""
        query = select(audit).where(*_demands(wanted)).order_by(audit.c.seq)
        with self.engine.connect() as connection:
            for row in connection.execution_options(yield_per=1000).execute(query):
                yield row._asdict()

    def noted_actions(self) -> list[str]:
        """Everything that ever was noted, by its word."""
        found: list[str] = self.table(select(audit.c.action).distinct().order_by(audit.c.action))["action"].to_pylist()
        return found


def _demands(wanted: Noted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for column, word in ((audit.c.user, wanted.user), (audit.c.action, wanted.action)):
        if word:
            found.append(column == word)
    if wanted.subjects:
        found.append(audit.c.seq.in_(union_all(*map(_naming, few_hundred(list(wanted.subjects), TERMS)))))
    if wanted.day:
        found.append(on_day(audit.c.time, wanted.day))
    return found


def _naming(subjects: list[str]) -> Select[Any]:
    """Numbers of entries that name one of these: an entry's subject is a key, or some with blanks between."""
    one = audit.alias()
    said = literal(" ").concat(one.c.subject).concat(" ")
    any_of = or_(*(said.contains(f" {subject} ", autoescape=True) for subject in subjects))
    return select(one.c.seq).where(any_of)
