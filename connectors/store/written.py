"""What Goldseam wrote into the records of a source: such a value says nothing when it comes back."""

from collections.abc import Iterable
from datetime import datetime

import pyarrow as pa
from sqlalchemy import insert, select

from connectors.store import tables
from connectors.store.base import Base, instant

Cell = tuple[str, str, str, str | None]
"""Source, record id, field (the word of the source's column map, as `surname` or `email`), value."""


class Written(Base):
    """The memory of the sinks."""

    def wrote(self, cells: Iterable[Cell], time: datetime | str | None = None) -> None:
        """Put on record what was just written into a source. A cell that held the value already is not to be told."""
        names = ("source", "record_id", "field", "value")
        values = [{**dict(zip(names, cell, strict=True)), "time": instant(time)} for cell in cells]
        if values:
            with self.writing() as connection:
                connection.execute(insert(tables.written), values)

    def written(self, source: str) -> pa.Table:
        """What was ever written into a source's records, in order: record_id, field, value, time, seq."""
        c = tables.written.c
        rows = select(c.record_id, c.field, c.value, c.time, c.seq).where(c.source == source)
        return self.table(rows.order_by(c.seq))
