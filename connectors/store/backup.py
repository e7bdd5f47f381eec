"""The state database in a backup: each table a Parquet file, so that what was SQLite may become PostgreSQL.

All of it is read in one transaction, and written back in one: a backup holds no half of a publication that was
being made, and whoever reads while it is restored sees what was before, or what is after.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import pyarrow as pa
from sqlalchemy import Connection, Engine, delete, func, insert, inspect, null, select, text

from connectors.store import bulk, migrate, tables
from connectors.store.base import instant
from connectors.store.engine import connect, writing
from connectors.store.migrations import HEAD

APPENDED: Final = (
    "decisions", "corrections", "releases", "returns", "adopted", "written", "models", "users", "acts", "batches",
)  # fmt: skip
"""Tables that nothing is taken out of: who has more rows knows more."""
PASSING: Final = ("sessions", "claims")
"""Tables of what is so for some minutes or hours: nobody is signed in by a backup."""
LEFT_OUT: Final = {"users": ("password",)}
"""Columns that are in no backup: a backup lies about where a database does not."""


@dataclass(frozen=True)
class Standing:
    """How far a state has come."""

    revision: str = ""
    publications: dict[str, str] = field(default_factory=dict)
    """By number, the run that made it."""
    rows: dict[str, int] = field(default_factory=dict)
    """Of each table that only grows."""

    @property
    def version(self) -> int:
        return max(map(int, self.publications), default=0)

    def lacks(self, other: "Standing") -> list[str]:
        """What another state has and this one has not, in words."""
        more = {n: run for n, run in other.publications.items() if self.publications.get(n) != run}
        found = [f"publication {n} (run {run})" for n, run in sorted(more.items(), key=lambda item: int(item[0]))]
        grown = {name: other.rows.get(name, 0) - self.rows.get(name, 0) for name in APPENDED}
        return [*found, *(f"{count:,} of {name}" for name, count in grown.items() if count > 0)]

    def as_json(self) -> dict[str, object]:
        return asdict(self)


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one moment of a database, however long it reads."""
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


def standing(connection: Connection) -> Standing:
    """How far a database has come."""
    runs = tables.runs.c
    made = connection.execute(select(runs.version, runs.run_id).where(runs.version.is_not(None)))
    rows = {
        name: int(connection.execute(select(func.count()).select_from(tables.metadata.tables[name])).scalar_one())
        for name in APPENDED
    }
    return Standing(migrate.revision(connection) or "", {str(version): run_id for version, run_id in made}, rows)


def contents(connection: Connection) -> Iterator[tuple[str, Iterator[pa.Table]]]:
    """Every table by name, in the order in which they may be filled, its rows some at a time."""
    for table in (t for t in tables.metadata.sorted_tables if t.name not in PASSING):
        left_out = LEFT_OUT.get(table.name, ())
        columns = [null().label(c.name) if c.name in left_out else c for c in table.c]
        yield table.name, bulk.batches(connection, select(*columns).order_by(*table.primary_key))


Content = Iterable[tuple[str, Iterable[pa.Table]]]
"""Tables by name, in the order in which they may be filled."""


def restore(engine: Engine, content: Content, mark: str) -> None:
    """Put a backup's rows in the place of those of a database, whose tables (and who may read them) stay.

    `mark` goes into the audit: by it a database is known for the restored one.
    """
    with writing(engine) as connection, connection.begin():
        _fill(connection, content)
        connection.execute(insert(tables.audit).values(time=instant(None), action=RESTORED, subject=mark))


@contextmanager
def migrated(revision: str, content: Content, scratch: Path) -> Iterator[Content]:
    """A backup of an earlier Goldseam as the tables of this one, by way of a database in a file of its own.

    Raises migrate.TooNew where it is of a later one.
    """
    if revision == HEAD:
        yield content
        return
    if revision not in migrate.known():
        raise migrate.TooNew(f"the backup is of a later Goldseam (revision {revision}). Update Goldseam")
    engine = connect(f"sqlite:///{scratch}")
    with writing(engine) as connection:
        migrate.to(connection, revision)
        _fill(connection, content)
        migrate.to(connection, HEAD)
        connection.commit()
        yield contents(connection)
    engine.dispose()


def _fill(connection: Connection, content: Content) -> None:
    """Empty all tables, then add the rows."""
    names = [name for name in inspect(connection).get_table_names() if name in tables.metadata.tables]
    if connection.dialect.name == "postgresql":
        connection.execute(text("truncate table " + ", ".join(f'"{name}"' for name in names)))
    else:
        for table in reversed(tables.metadata.sorted_tables):
            if table.name in names:
                connection.execute(delete(table))
    for name, rows in content:
        for batch in rows:
            bulk.add(connection, name, batch)
    _number_on(connection)


RESTORED: Final = "restored"


def restored(connection: Connection, mark: str) -> bool:
    """Whether a database is the one that was restored with a mark."""
    a = tables.audit.c
    found = select(a.seq).where(a.action == RESTORED, a.subject == mark)
    return connection.execute(found).first() is not None


def _number_on(connection: Connection) -> None:
    """PostgreSQL numbers rows by a sequence, which knows nothing of rows that brought their number along."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables.metadata.sorted_tables:
        for column in table.primary_key:
            if column.autoincrement is True:
                last = f'select coalesce(max("{column.name}"), 0) + 1 from "{table.name}"'  # noqa: S608 - our own names
                sequence = f"pg_get_serial_sequence('{table.name}', '{column.name}')"
                connection.execute(text(f"select setval({sequence}, ({last}), false)"))
