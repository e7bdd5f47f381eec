"""Opening the state database, and all that SQLite and PostgreSQL do differently.

SQLite: write-ahead log (readers never wait), writers take their lock at once and wait for each other up to
`BUSY` seconds. PostgreSQL: psycopg, and COPY where rows come in bulk (bulk.py).
"""

import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from connectors.private import private

BUSY = 30
"""Seconds a writer waits for another on SQLite."""
LOOK = 0.002
"""Seconds between two looks whether it is free."""
TAKEN = (OperationalError, NoConnection)
"""What is raised where others have the database for longer than that, or it is not there."""
CHUNK = 2_000
"""Rows written in one transaction: a steward who decides meanwhile waits for one chunk at most."""


def connect(url: str) -> Engine:
    """An engine for a state database; a SQLite file's folder is made. Raises ValueError on another kind of database."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed)
    if parsed.get_backend_name() == "postgresql":
        return create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True, hide_parameters=True)
    message = f"the state database is SQLite or PostgreSQL, not {parsed.get_backend_name()}: correct `database`"
    raise ValueError(message)


def _sqlite(url: URL) -> Engine:
    if url.database:
        private(Path(url.database).parent)
    engine = create_engine(url, connect_args={"timeout": BUSY}, hide_parameters=True)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _: Any) -> None:
    """Settings of a new SQLite connection. Transactions are begun by `_begin`, not by the driver."""
    connection.isolation_level = None
    for setting in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "cache_size=-131072"):
        connection.execute(f"PRAGMA {setting}")


def _begin(connection: Connection) -> None:
    """A writer takes the write lock before it reads, so that nothing it read can change before it writes."""
    if not connection.get_execution_options().get("writes"):
        connection.exec_driver_sql("BEGIN")
        return
    connection.exec_driver_sql("PRAGMA busy_timeout=0")
    try:
        _take_turn(connection)
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY * 1000}")


def _take_turn(connection: Connection) -> None:
    """Wait for the write lock. SQLite itself would look every 100 ms only, and miss each time that a publication lets
    it go between two chunks.
    """
    until = time.monotonic() + BUSY
    while True:
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            return
        except OperationalError as error:
            if "locked" not in str(error.orig) or time.monotonic() > until:
                raise
        time.sleep(LOOK)


def writing(engine: Engine) -> Connection:
    """A connection whose transactions write."""
    return engine.connect().execution_options(writes=True)


def lock(connection: Connection, table: str) -> None:
    """Keep other writers of a table out until this transaction ends, so that what is read here stays true."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f'lock table "{table}" in share row exclusive mode'))
