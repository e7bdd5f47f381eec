"""What the parts of the store share: the engine, and record keys."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection, Engine, Select

from connectors.store import bulk
from connectors.store.engine import writing


@dataclass(frozen=True)
class Base:
    """An open database."""

    engine: Engine

    def table(self, select: Select[Any]) -> pa.Table:
        """What a query gives, as an Arrow table."""
        with self.engine.connect() as connection:
            return bulk.read(connection, select)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One writing transaction: committed at the end of the block, rolled back where it fails."""
        with writing(self.engine) as connection, connection.begin():
            yield connection


def instant(time: datetime | str | None) -> str:
    """A time as the database keeps it: ISO 8601 in UTC, to the second."""
    if isinstance(time, str):
        return time
    return (time or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds")
