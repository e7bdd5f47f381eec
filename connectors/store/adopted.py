"""Golden ids that a firm brings along: the first crosswalk, until the run that publishes their records."""

from collections.abc import Iterable
from datetime import datetime

import pyarrow as pa
from sqlalchemy import func, insert, select

from connectors.store import tables
from connectors.store.base import Base, instant

Row = tuple[str, str, str]
"""Source, record id, golden id."""


class Adopted(Base):
    """What `goldseam adopt` took over."""

    def adopt(self, rows: Iterable[Row], *, user: str, file: str, time: datetime | str | None = None) -> None:
        """Put golden ids on record, all of them or none; the last one of a record counts."""
        told = {"user": user, "file": file, "time": instant(time)}
        values = [{"source": s, "record_id": r, "golden_id": g, **told} for s, r, g in rows]
        if values:
            with self.writing() as connection:
                connection.execute(insert(tables.adopted), values)

    def adopted(self) -> pa.Table:
        """The golden id that each record brings along, by record: source, record_id, golden_id, user, time, file."""
        c = tables.adopted.c
        last = select(func.max(c.seq).label("seq")).group_by(c.source, c.record_id).subquery()
        columns = (c.source, c.record_id, c.golden_id, c.user, c.time, c.file)
        rows = select(*columns).join_from(tables.adopted, last, last.c.seq == c.seq)
        return self.table(rows.order_by(c.source, c.record_id))

    def adopted_ids(self) -> pa.Table:
        """Every golden id that was ever brought along, replaced ones too: golden_id, born (the order of adoption)."""
        c = tables.adopted.c
        return self.table(select(c.golden_id, func.min(c.seq).label("born")).group_by(c.golden_id))
