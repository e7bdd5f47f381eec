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
from typing import Any
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
from connectors.sources.databases import sql_drivers
from rules.schema import Source

_FORM = "Write it like sqlite:///inbox/shop.db or postgresql://user@host/base; secrets by env:NAME"
_LOST = re.compile(r"lost connection|closed the connection|terminat|broken pipe|reset by peer|SSL SYSCALL", re.I)


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
    except UnicodeEncodeError as error:
        remedy = "Rename the column, or leave it out by `query`"
        raise SourceFailed("a column's name is no text, and cannot be asked for", remedy, file=what) from error
    except SQLAlchemyError as error:
        raise _refused(error, what, address) from error
    finally:
        engine.dispose()


def _address(url: str, root: Path, shown: str) -> sa.URL:
    try:
        parsed = sa.make_url(url)
    except (ArgumentError, ValueError) as error:
        raise SourceFailed("this is no database address", _FORM, file=_known(shown)) from error
    parsed = parsed.set(drivername=sql_drivers.DRIVERS.get(parsed.drivername, parsed.drivername))
    if parsed.get_backend_name() != "sqlite" and "@" in f"{parsed.host}{parsed.database}":
        reason = "this is no database address: an @ stands where its host or database does"
        raise SourceFailed(reason, "In a password write %40 for @, %2F for /, %3A for :", file=_known(shown))
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        return parsed
    path = root / parsed.database
    if not path.is_file():
        raise SourceFailed("there is no such database file", "Correct `location`", file=parsed.database)
    _demand_whole(path, parsed.database)
    # Read only: a source is never written to, and reading must not create a file.
    return parsed.set(database=f"file:{quote(str(path))}", query={"mode": "ro", "uri": "true"})


def _known(shown: str) -> str:
    """What to call an address of which nobody can say where its password stands."""
    return shown if shown.startswith("env:") else "location"


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
        engine = sa.create_engine(
            address, connect_args=sql_drivers.limits(address.get_driver_name(), source.patience), poolclass=sa.NullPool
        )
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        remedy = "Install the driver: the extras postgres, mysql and mssql of Goldseam bring one"
        raise SourceFailed(f"no driver for this database: {error}", remedy, file=source.table or "query") from error
    except (ArgumentError, ValueError, TypeError) as error:
        raise SourceFailed("this is no database address", _FORM, file=source.table or "query") from error
    statements = [
        said.format(milliseconds=math.ceil(source.patience * 1000))
        for said in sql_drivers.SESSION.get(engine.dialect.name, ())
    ]

    @sa.event.listens_for(engine, "connect")
    def _prepare(raw: Any, _record: object) -> None:
        sql_drivers.as_they_are(raw, engine.dialect.driver)
        cursor = raw.cursor()
        for statement in statements:
            cursor.execute(statement)
        cursor.close()
        raw.commit()

    return engine


def _refused(error: SQLAlchemyError, what: str, address: sa.URL) -> SourceFailed:
    said = _first_line(getattr(error, "orig", None) or error)
    if isinstance(error, DataError):  # these quote the value
        said = re.sub(r"(['\"]).*\1", "…", said)
    for secret in {address.password, *(v for k, v in address.query.items() if "pass" in k.lower())}:
        said = said.replace(str(secret), "***") if secret else said
    if isinstance(error, DBAPIError) and (error.connection_invalidated or _LOST.search(said)):
        reason = f"the connection to the database was lost: {said}"
        return SourceFailed(reason, "Nothing of it was used: the next run reads it anew", file=what, passing=True)
    return SourceFailed(f"the database refused: {said}", "Check address, rights, table and query", file=what)


def _first_line(error: BaseException) -> str:
    """The first line of what a driver says: some say bytes, some a number before the words, some both in a pair."""
    parts = [part for arg in error.args for part in (arg if isinstance(arg, tuple) else (arg,))]
    words = [part.decode("utf-8", "replace") if isinstance(part, bytes) else part for part in parts]
    lines = [line.strip() for said in words if isinstance(said, str) for line in said.splitlines()]
    return next((line for line in lines if line and not line.startswith("DB-Lib error")), type(error).__name__)


def _no_table(engine: sa.Engine, wanted: str) -> SourceFailed:
    from rapidfuzz import process

    seen = sa.inspect(engine)
    schema = wanted.rpartition(".")[0] or None
    names = sorted([*seen.get_table_names(schema), *seen.get_view_names(schema)])
    near = process.extractOne(wanted, names, score_cutoff=60)
    remedy = f"Did you mean {near[0]!r}?" if near else f"It has: {', '.join(names[:20]) or 'none'}"
    return SourceFailed(f"there is no table {wanted!r} in the database", remedy, file=wanted)
