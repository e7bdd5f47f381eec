"""What is asked of a database: a table or one SELECT, the whole of it or what changed since."""

import re
from typing import Any, Final

import sqlalchemy as sa

from connectors.sources.base import SourceFailed
from rules.schema import Source

_ASIDE = re.compile(
    r"""--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]""",
    re.DOTALL,
)
"""Comments, texts and quoted names: what may hold any word."""
_SELECTS: Final = ("select", "with", "values", "table")
_FILES = re.compile(r"\binto\s+(?:outfile|dumpfile)\b", re.IGNORECASE)
_ADVICE: Final = "Write `query` as one SELECT: a source is only ever read"


def plain_query(query: str) -> str:
    """A query without the semicolon at its end. Raises SourceFailed where it is not one SELECT."""
    query = query.strip().rstrip(";").rstrip()
    bare = _ASIDE.sub(" ", query)
    words = bare.replace("(", " ").split()
    if not words or words[0].lower() not in _SELECTS:
        raise SourceFailed("the query was refused: it is no SELECT", _ADVICE, file="query")
    if ";" in bare:
        raise SourceFailed("the query was refused: it holds several statements", _ADVICE, file="query")
    if _FILES.search(bare):
        raise SourceFailed("the query was refused: it writes a file", _ADVICE, file="query")
    return query


class Asked:
    """A table or query of one database. Values come as the driver has them: a date that is no date must not end the
    run, so that no type of SQLAlchemy stands between."""

    def __init__(self, connection: sa.Connection, source: Source) -> None:
        self._source = source
        self._table: sa.Table | None = None
        self._from: Any = None
        self._order: list[sa.ColumnElement[Any]] = []
        if source.query:
            # Colons are the query's own, and no parameters of ours.
            self._from = sa.text("(" + plain_query(source.query).replace(":", r"\:") + "\n) asked")
            nothing = sa.select(sa.text("*")).select_from(self._from).where(sa.literal_column("1") == sa.literal(0))
            columns = connection.execute(nothing).keys() if source.watermark else ()
            self.names = [str(name) for name in columns]
        else:
            self._reflect(connection, source)

    def _reflect(self, connection: sa.Connection, source: Source) -> None:
        schema, _, name = str(source.table).rpartition(".")
        try:
            table = sa.Table(name, sa.MetaData(), schema=schema or None, autoload_with=connection)
        except (TypeError, KeyError, IndexError, AttributeError) as error:  # SQLAlchemy reads what SQLite calls its own
            reason = "what the database says of the table cannot be read: it is damaged, or of a kind that nobody knows"
            raise SourceFailed(reason, "Ask by `query` instead of `table`", file=name) from error
        self._from = self._table = table
        self.names = [column.name for column in table.c]
        self._order = [table.c[name] for name in source.id if name in table.c] or list(table.primary_key)

    def everything(self) -> sa.Executable:
        """All rows: of a table in the order of its key, so that each run reads it alike; of a query as it says."""
        if self._source.query:
            return sa.text(plain_query(self._source.query).replace(":", r"\:"))
        return self._columns().order_by(*self._order)

    def since(self, highest: Any) -> sa.Executable:
        """The rows whose watermark is at or above a value, and those that have none."""
        mark = self._mark()
        value = sa.bindparam("highest", highest, type_=sa.types.NullType())
        return self._columns().where(sa.or_(mark >= value, mark.is_(None))).order_by(*self._order)

    def example(self) -> sa.Executable:
        """One value of the watermark, which tells its type."""
        mark = self._mark()
        return sa.select(mark).select_from(self._from).where(mark.is_not(None)).limit(1)

    def _columns(self) -> sa.Select[Any]:
        if self._table is None:
            return sa.select(sa.text("*")).select_from(self._from)
        return sa.select(*(sa.type_coerce(c, sa.types.NullType()).label(c.name) for c in self._table.c))

    def _mark(self) -> sa.ColumnElement[Any]:
        """The watermark's column, however it is spelled. Raises SourceFailed where there is none of its name."""
        wanted = str(self._source.watermark)
        found = next((n for n in self.names if n == wanted), None)
        found = found or next((n for n in self.names if n.casefold() == wanted.casefold()), None)
        if found is None:
            reason = f"there is no column {wanted!r}, which `watermark` names"
            remedy = f"It has: {', '.join(self.names)}"
            raise SourceFailed(reason, remedy, file=self._source.table or "query", column=wanted)
        if self._table is None:
            return sa.column(found, sa.types.NullType())
        return sa.type_coerce(self._table.c[found], sa.types.NullType())
