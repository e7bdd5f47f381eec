"""A table or query of any database that SQLAlchemy reaches, every value as text.

With `watermark: COLUMN` (and `id`), later runs ask only for rows whose watermark is at or above the highest that was
published, and for those that have none; they are laid over the published snapshot by their ids. So a tie within one
second is asked again, and a row that was deleted in the database stays: it is not seen to be gone. Whoever wants
everything asked again takes `watermark` out for one run. A row that another program commits late, under a time that
lies below the highest, is seen only then too. `mode: append` keeps rows that are gone in any case.
"""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from connectors.sources.base import Landed, SourceFailed, wanted_columns
from connectors.sources.databases import sql_watermark
from connectors.sources.databases.sql_engine import connected
from connectors.sources.databases.sql_statement import Asked
from connectors.sources.databases.sql_values import as_column
from connectors.sources.places.patience import Sign, waited_for
from connectors.sources.tables import header, without_apostrophes
from rules.keys import hashed
from rules.schema import Source
from rules.vocabulary import RAW_PREFIX

BATCH = 50_000


def read(name: str, source: Source, root: Path) -> Landed:
    """All rows of the table or query. Raises SourceFailed where the database cannot be reached or read."""
    del name
    what = source.table or "query"

    def work(sign: Sign) -> pa.Table:
        with connected(source, root) as connection:
            return _rows(connection, Asked(connection, source).everything(), source, sign)

    table = waited_for(work, source.patience, what)
    if not table.num_rows:
        raise SourceFailed("the database holds no row of it", "Check table, query and rights", file=what)
    return Landed(_raw(table, what))


def read_since(name: str, source: Source, root: Path, before: pa.Table) -> Landed:
    """The whole snapshot again: the published one (`before`, a raw table) with what changed in the database laid over.

    Everything is asked for where the watermark cannot say what changed; a note says why. Raises SourceFailed.
    """
    what = source.table or "query"
    was = before.drop_columns([column for column in source.choices if column in before.column_names])

    def work(sign: Sign) -> pa.Table | str:
        with connected(source, root) as connection:
            asked = Asked(connection, source)
            names = header.as_mapped(header.unique(asked.names), wanted_columns(source))
            found = connection.execute(asked.example()).scalar()
            highest = sql_watermark.highest(was, names, source, found)
            if isinstance(highest, sql_watermark.Doubt):
                return highest.reason
            return _rows(connection, asked.since(highest), source, sign)

    asked = waited_for(work, source.patience, what)
    new = None if isinstance(asked, str) else sql_watermark.laid_over(was, _raw(asked, what), source.id)
    if new is None or isinstance(new, str):
        landed = read(name, source, root)
        return Landed(landed.raw, notes=(f"{what}: everything was asked for, since {new or asked}",))
    rows = "row" if new.asked == 1 else "rows"
    said = f"{what}: {new.asked:,} {rows} asked for, {new.changed:,} changed; {new.kept:,} as published"
    return Landed(new.raw, notes=(said,))


def _rows(connection: sa.Connection, statement: sa.Executable, source: Source, sign: Sign) -> pa.Table:
    """The answer of a database as columns of text, fetched block by block; each is a sign of life."""
    result = connection.execution_options(stream_results=True, max_row_buffer=BATCH).execute(statement)
    names = header.as_mapped(header.unique(list(result.keys())), wanted_columns(source))
    tables = [pa.schema([(name, pa.string()) for name in names]).empty_table()]
    while rows := result.fetchmany(BATCH):
        tables.append(pa.table([as_column(list(cells)) for cells in zip(*rows, strict=True)], names=names))
        sign()
    table = pa.concat_tables(tables)
    return without_apostrophes(table) if source.apostrophes else table


def _raw(table: pa.Table, what: str) -> pa.Table:
    """Columns of text as a raw table: empty text is no value, lines count rows."""
    size = len(table)
    nothing = pa.scalar(None, pa.string())
    cells = [pc.if_else(pc.equal(column, ""), nothing, column) for column in table.columns]
    lines = pa.array(range(1, size + 1), pa.int64())
    places = [pa.nulls(size, pa.string()), pa.repeat(pa.scalar(what), size), pa.nulls(size, pa.string()), lines]
    raw = pa.table([*places, pa.nulls(size, pa.string()), *cells], names=[*RAW_PREFIX, *table.column_names])
    return hashed(raw).combine_chunks()
