"""A connection to a database that reads and never writes, gives up in time, and tells no password.

Sessions are read only where the server knows such a thing (PostgreSQL, MySQL, MariaDB, SQLite); everywhere nothing is
ever committed, and a query is one SELECT. Times with a zone are told in UTC, so that their text does not hang on the
settings of a server.
"""

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    NoSuchModuleError,
    NoSuchTableError,
    SQLAlchemyError,
)

from connectors.sources import places
from connectors.sources.base import SourceFailed
from rules.schema import Source

DRIVERS: Final = {
    "postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql", "mssql": "mssql+pymssql",
}  # fmt: skip
"""The driver of our extras, where an address names none."""
SESSION: Final[dict[str, tuple[str, ...]]] = {
    # The time limit holds for each block of rows that is fetched, since they are fetched by a cursor.
    "postgresql": (
        "SET default_transaction_read_only = on", "SET TIME ZONE 'UTC'", "SET statement_timeout = {milliseconds}",
    ),
    # Their time limit is for all rows together: how long a server may be silent, the driver says (read_timeout).
    "mysql": ("SET SESSION TRANSACTION READ ONLY", "SET time_zone = '+00:00'"),
    "mariadb": ("SET SESSION TRANSACTION READ ONLY", "SET time_zone = '+00:00'"),
    "mssql": ("SET LOCK_TIMEOUT {milliseconds}",),
    "sqlite": ("PRAGMA query_only = ON",),
}  # fmt: skip
_FORM = "Write it like sqlite:///inbox/shop.db or postgresql://user@host/base; secrets by env:NAME"
_LOST = re.compile(r"lost connection|closed the connection|terminat|broken pipe|reset by peer|SSL SYSCALL|2013", re.I)


@contextmanager
def connected(source: Source, root: Path) -> Iterator[sa.Connection]:
    """A connection to the database of a source. Raises SourceFailed, whatever goes wrong while it is used."""
    what = source.table or "query"
    address = _address(places.expand(source.location), root, source.location)
    engine = _engine(address, source)
    try:
        with engine.connect() as connection:
            yield connection
    except NoSuchTableError as error:
        raise _no_table(engine, what) from error
    except UnicodeDecodeError as error:
        remedy = "Name it in `location`: ?charset=… (MySQL), ?client_encoding=… (PostgreSQL)"
        raise SourceFailed("a text is not in the encoding of the connection", remedy, file=what) from error
    except SQLAlchemyError as error:
        raise _refused(error, what, address) from error
    finally:
        engine.dispose()


def _address(url: str, root: Path, shown: str) -> sa.URL:
    try:
        parsed = sa.make_url(url)
    except (ArgumentError, ValueError) as error:
        known = shown if shown.startswith("env:") else "location"  # who can say where its password stands?
        raise SourceFailed("this is no database address", _FORM, file=known) from error
    parsed = parsed.set(drivername=DRIVERS.get(parsed.drivername, parsed.drivername))
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        return parsed
    path = root / parsed.database
    if not path.is_file():
        raise SourceFailed("there is no such database file", "Correct `location`", file=parsed.database)
    _demand_whole(path, parsed.database)
    # Read only: a source is never written to, and reading must not create a file.
    return parsed.set(database=f"file:{quote(str(path))}", query={"mode": "ro", "uri": "true"})


def _demand_whole(path: Path, name: str) -> None:
    """Refuses an SQLite file that breaks off: SQLite itself reads zeros in place of what is missing.

    Page size, page count and the two counters that say whether the count is valid stand in the header (SQLite file
    format, section 1.3).
    """
    with path.open("rb") as file:
        head = file.read(100)
    if not head.startswith(b"SQLite format 3\0") or head[24:28] != head[92:96]:
        return
    size = int.from_bytes(head[16:18]) or 1
    pages = int.from_bytes(head[28:32])
    if path.stat().st_size < pages * (65_536 if size == 1 else size):
        raise SourceFailed("the database file is truncated", "Copy it again, while nobody writes to it", file=name)


def _engine(address: sa.URL, source: Source) -> sa.Engine:
    try:
        engine = sa.create_engine(address, connect_args=_limits(address, source.patience), poolclass=sa.NullPool)
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        remedy = "Install the driver: the extras postgres, mysql and mssql of Goldseam bring one"
        raise SourceFailed(f"no driver for this database: {error}", remedy, file=source.table or "query") from error
    except (ArgumentError, ValueError, TypeError) as error:
        raise SourceFailed("this is no database address", _FORM, file=source.table or "query") from error
    statements = [
        said.format(milliseconds=math.ceil(source.patience * 1000)) for said in SESSION.get(engine.dialect.name, ())
    ]

    @sa.event.listens_for(engine, "connect")
    def _prepare(raw: Any, _record: object) -> None:
        _as_they_are(raw, engine.dialect.driver)
        cursor = raw.cursor()
        for statement in statements:
            cursor.execute(statement)
        cursor.close()
        raw.commit()

    return engine


def _limits(address: sa.URL, patience: float) -> dict[str, Any]:
    """What each driver calls the seconds that it waits for a server."""
    seconds = max(1, math.ceil(patience))
    alive = {"keepalives_idle": seconds, "keepalives_interval": seconds, "keepalives_count": 2}
    libpq = {"connect_timeout": seconds, **alive, "tcp_user_timeout": seconds * 1000}
    known: dict[str, dict[str, Any]] = {
        "psycopg": libpq,
        "psycopg2": libpq,
        "pymysql": dict.fromkeys(("connect_timeout", "read_timeout", "write_timeout"), seconds),
        "pymssql": {"login_timeout": seconds, "timeout": seconds},
        "pyodbc": {"timeout": seconds},
        "pysqlite": {"timeout": patience},
    }
    return known.get(address.get_driver_name(), {})


def _as_they_are(raw: Any, driver: str) -> None:
    """Tell a driver to hand out values as the database holds them."""
    if driver == "psycopg":
        from psycopg.types.string import TextLoader

        for name in ("json", "jsonb"):
            raw.adapters.register_loader(name, TextLoader)  # or 1.10 would come as 1.1
    if driver == "pymysql":
        from pymysql.constants import FIELD_TYPE

        raw.decoders = {**raw.decoders, FIELD_TYPE.BIT: lambda bits: int.from_bytes(bits)}
    if driver == "pysqlite":
        raw.text_factory = _text_or_bytes


def _text_or_bytes(value: bytes) -> str | bytes:
    """SQLite keeps any bytes as text: those that are none must not end the run."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value


def _refused(error: SQLAlchemyError, what: str, address: sa.URL) -> SourceFailed:
    cause = str(getattr(error, "orig", None) or error).strip().splitlines()
    said = cause[0] if cause else type(error).__name__
    if isinstance(error, DataError):  # these quote the value
        said = re.sub(r"(['\"]).*\1", "…", said)
    for secret in {address.password, *(v for k, v in address.query.items() if "pass" in k.lower())}:
        said = said.replace(str(secret), "***") if secret else said
    if isinstance(error, DBAPIError) and (error.connection_invalidated or _LOST.search(said)):
        reason = f"the connection to the database was lost: {said}"
        return SourceFailed(reason, "Nothing of it was used: the next run reads it anew", file=what)
    return SourceFailed(f"the database refused: {said}", "Check address, rights, table and query", file=what)


def _no_table(engine: sa.Engine, wanted: str) -> SourceFailed:
    from rapidfuzz import process

    seen = sa.inspect(engine)
    schema = wanted.rpartition(".")[0] or None
    names = sorted([*seen.get_table_names(schema), *seen.get_view_names(schema)])
    near = process.extractOne(wanted, names, score_cutoff=60)
    remedy = f"Did you mean {near[0]!r}?" if near else f"It has: {', '.join(names[:20]) or 'none'}"
    return SourceFailed(f"there is no table {wanted!r} in the database", remedy, file=wanted)
