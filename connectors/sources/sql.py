"""A table or query of any database that SQLAlchemy reaches, every value as text."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, NoSuchTableError, SQLAlchemyError

from connectors.sources import header, places
from connectors.sources.base import Grid, Landed, SourceFailed
from connectors.sources.csv import wanted_columns
from connectors.sources.spreadsheet import text
from connectors.sources.tables import land
from rules.schema import Source

BATCH = 50_000


def read(name: str, source: Source, root: Path) -> Landed:
    """All rows of the table or query. Raises SourceFailed where the database cannot be reached or read."""
    what = source.table or "query"
    engine = _engine(places.expand(source.location), root, source.location)
    try:
        with engine.connect() as connection:
            result = connection.execution_options(stream_results=True).execute(_statement(connection, source))
            names = header.as_mapped(header.unique(list(result.keys())), wanted_columns(source))
            table = pa.concat_tables([_empty(names), *(pa.table(b, names=names) for b in _batches(result))])
    except NoSuchTableError as error:
        raise _no_table(engine, what) from error
    except SQLAlchemyError as error:
        cause = str(getattr(error, "orig", None) or error).splitlines()[0]
        reason = f"the database refused: {cause}"
        raise SourceFailed(reason, "Check address, rights, table and query", file=what) from error
    finally:
        engine.dispose()
    lines = pa.array(range(1, len(table) + 1), pa.int64())
    return land(name, [Grid(what, None, table, lines)], apostrophes=source.apostrophes)


def _engine(url: str, root: Path, shown: str) -> sa.Engine:
    try:
        parsed = sa.make_url(url)
        if parsed.get_backend_name() == "sqlite" and parsed.database and parsed.database != ":memory:":
            path = root / parsed.database
            if not path.exists():
                raise SourceFailed("there is no such database file", "Correct `location`", file=parsed.database)
            # Read only: a source is never written to, and reading must not create a file.
            parsed = parsed.set(database=f"file:{path}", query={"mode": "ro", "uri": "true"})
        return sa.create_engine(parsed)
    except (ArgumentError, ValueError) as error:
        remedy = "Write it like sqlite:///inbox/shop.db or postgresql+psycopg://user@host/base; secrets by env:NAME"
        raise SourceFailed("this is no database address", remedy, file=_hidden(shown)) from error
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        remedy = "Install the driver: the extras postgres, mysql and mssql of Goldseam bring one"
        raise SourceFailed(f"no driver for this database: {error}", remedy, file=_hidden(shown)) from error


def _hidden(location: str) -> str:
    """A location without a password in it."""
    try:
        return str(sa.make_url(location))
    except ArgumentError:
        return location if location.startswith("env:") else "location"


def _statement(connection: sa.Connection, source: Source) -> Any:
    """The query as it is, or the whole table in the order of its key, so that each run reads it alike."""
    if source.query:
        return sa.text(source.query)
    schema, _, table = str(source.table).rpartition(".")
    reflected = sa.Table(table, sa.MetaData(), schema=schema or None, autoload_with=connection)
    order = [reflected.c[name] for name in source.id if name in reflected.c] or list(reflected.primary_key)
    # Types of the driver, not of SQLAlchemy: a date that is no date must not end the run.
    return sa.select(*(sa.type_coerce(c, sa.types.NullType()).label(c.name) for c in reflected.c)).order_by(*order)


def _empty(names: list[str]) -> pa.Table:
    return pa.schema([(name, pa.string()) for name in names]).empty_table()


def _batches(result: sa.CursorResult[Any]) -> Iterator[list[pa.Array]]:
    while rows := result.fetchmany(BATCH):
        yield [_column(list(cells)) for cells in zip(*rows, strict=True)]


def _column(cells: list[Any]) -> pa.Array:
    try:
        return pa.array(cells, pa.string())
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([None if cell is None else as_text(cell) for cell in cells], pa.string())


def as_text(value: Any) -> str:
    """A value of a driver as text; decimals keep their digits, bytes are read as UTF-8."""
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "replace")
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.datetime) and value.tzinfo:
        return value.isoformat(sep=" ")
    return text(value)


def _no_table(engine: sa.Engine, wanted: str) -> SourceFailed:
    from rapidfuzz import process

    names = sorted([*sa.inspect(engine).get_table_names(), *sa.inspect(engine).get_view_names()])
    near = process.extractOne(wanted, names, score_cutoff=60)
    remedy = f"Did you mean {near[0]!r}?" if near else f"It has: {', '.join(names) or 'none'}"
    return SourceFailed(f"there is no table {wanted!r} in the database", remedy, file=wanted)
