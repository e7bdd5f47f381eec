"""Writing one publication into the state database so that nobody ever sees half of it.

1. `published.writing` says which publication is being written.
2. Its rows go in, a few thousand a transaction, invisible because they begin with a version that the pointer has
   not reached.
3. One small transaction moves the pointer, with the run's status, watermarks and model.

Killed before 3, nothing happened: `repair` removes what was written. Killed after it, everything happened.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pyarrow as pa
from sqlalchemy import Connection, Engine, Table, delete, func, insert, select, update

from connectors.store import bulk, tables
from connectors.store.engine import writing
from connectors.store.golden import GoldenDifference
from connectors.store.versioned import GROUPS, Difference

Boundary = Callable[[str], None]
"""Called with a name at each point at which a crash leaves another state behind; tests kill the process there."""


def nowhere(name: str) -> None:
    """The boundary nobody waits at."""


class Conflict(Exception):
    """Another publication is being written, or the run was worked out against an older one."""


@dataclass(frozen=True)
class Act:
    """What a person did, as the audit has it: recorded in the step that makes it true."""

    user: str
    action: str
    time: str
    reason: str = ""


@dataclass(frozen=True)
class Publication:
    """All that one run publishes; `base` is the publication it was worked out against."""

    run_id: str
    base: int
    time: str
    golden: GoldenDifference
    groups: dict[str, Difference]
    events: pa.Table
    results: pa.Table
    sources: pa.Table
    model: str | None = None
    watermarks: dict[str, str] = field(default_factory=dict)
    """By source, how far an incremental source was read (a date, a cursor)."""
    act: Act | None = None
    """Who published it, where somebody had to say so."""
    marks: pa.Table | None = None
    """The whole of `sources` as it is to be; None: what landed in this run takes its place in it."""

    @property
    def version(self) -> int:
        return self.base + 1


def write(engine: Engine, what: Publication, at: Boundary = nowhere) -> None:
    """Publish. Raises Conflict where `what` was not worked out against what is published now."""
    with writing(engine) as connection:
        _claim(connection, what)
        at("claimed")
        for place in _rows(connection, what):
            at(place)
        at("rows written")
        with connection.begin():
            _move_pointer(connection, what)
        at("pointer moved")


def _claim(connection: Connection, what: Publication) -> None:
    with connection.begin():
        pointer = connection.execute(select(tables.published).with_for_update()).one()
        if pointer.version != what.base or pointer.writing is not None:
            message = (
                f"run {what.run_id} was worked out against publication {what.base}, but {pointer.version} is in force"
                f"{' and another is being written' if pointer.writing else ''}. Run again"
            )
            raise Conflict(message)
        connection.execute(update(tables.published).values(writing=what.version))


def _rows(connection: Connection, what: Publication) -> Iterator[str]:
    """Write all rows; yields after each transaction what it was part of."""
    for of in GROUPS:
        change = what.groups[of.name]
        yield from _change(connection, of.table, change.closed, change.opened, what.version)
    feed = _numbered(connection, tables.golden, "cursor", what.golden.opened)
    yield from _change(connection, tables.golden, what.golden.closed, feed, what.version)
    for table, rows in ((tables.events, what.events), (tables.quality_results, what.results)):
        numbered = _numbered(connection, table, "seq", rows)
        for _ in bulk.insert(connection, table, _begins(numbered, what.version, "version")):
            yield f"{table.name} added"


def _change(connection: Connection, table: Table, closed: pa.Table, opened: pa.Table, version: int) -> Iterator[str]:
    for _ in bulk.close(connection, table, closed, version):
        yield f"{table.name} closed"
    for _ in bulk.insert(connection, table, _begins(opened, version)):
        yield f"{table.name} opened"


def _begins(rows: pa.Table, version: int, column: str = "from_version") -> pa.Table:
    return rows.append_column(column, pa.repeat(pa.scalar(version, pa.int32()), rows.num_rows))


def _numbered(connection: Connection, table: Table, column: str, rows: pa.Table) -> pa.Table:
    """The rows numbered on from the highest number in the table."""
    with connection.begin():
        last = connection.execute(select(func.coalesce(func.max(table.c[column]), 0))).scalar_one()
    return rows.append_column(column, pa.array(range(last + 1, last + 1 + rows.num_rows), pa.int64()))


def _move_pointer(connection: Connection, what: Publication) -> None:
    for row in what.sources.to_pylist():
        _source(connection, what, row)
    if what.marks is not None:
        connection.execute(delete(tables.sources))
        for mark in what.marks.to_pylist():
            connection.execute(insert(tables.sources).values(**mark))
    if what.act is not None:
        told = {"user": what.act.user, "action": what.act.action, "time": what.act.time, "detail": what.act.reason}
        connection.execute(insert(tables.audit).values(subject=what.run_id, **told))
    if what.model is not None and _is_new(connection, what.model):
        number = connection.execute(select(func.coalesce(func.max(tables.models.c.number), 0))).scalar_one() + 1
        values = {"number": number, "from_version": what.version, "run_id": what.run_id, "time": what.time}
        connection.execute(insert(tables.models).values(**values, model=what.model))
    done = {"status": "published", "version": what.version}
    connection.execute(update(tables.runs).where(tables.runs.c.run_id == what.run_id).values(**done))
    pointer = {"version": what.version, "writing": None, "run_id": what.run_id, "at": what.time}
    connection.execute(update(tables.published).values(**pointer))


def _is_new(connection: Connection, model: str) -> bool:
    """Whether a model was never in force: a run that began before people took up another one does not bring it back."""
    known = select(tables.models.c.number).where(tables.models.c.model == model).limit(1)
    return connection.execute(known).first() is None


def _source(connection: Connection, what: Publication, row: dict[str, object]) -> None:
    """What a source was in this run; and its watermark, where it really landed."""
    history = {c.name: row.get(c.name) for c in tables.run_sources.c} | {"run_id": what.run_id}
    connection.execute(insert(tables.run_sources).values(**history))
    if row["state"] not in ("landed", "unchanged"):
        return
    connection.execute(delete(tables.sources).where(tables.sources.c.source == row["source"]))
    kept = {name: row.get(name) for name in ("source", "state", "fingerprint", "rows")}
    mark = {"watermark": what.watermarks.get(str(row["source"])), "run_id": what.run_id, "landed": what.time}
    connection.execute(insert(tables.sources).values(**kept, **mark))


def repair(engine: Engine) -> bool:
    """Take back a publication that was never finished; -> whether there was one.

    Call it only while no other process publishes: it cannot tell a dead one from one that is writing.
    """
    with writing(engine) as connection:
        with connection.begin():
            version, unfinished = connection.execute(
                select(tables.published.c.version, tables.published.c.writing)
            ).one()
        if unfinished is None:
            return False
        for table in (*(of.table for of in GROUPS), tables.golden):
            with connection.begin():
                connection.execute(delete(table).where(table.c.from_version > version))
                connection.execute(update(table).where(table.c.to_version > version).values(to_version=None))
        with connection.begin():
            for table in (tables.events, tables.quality_results):
                connection.execute(delete(table).where(table.c.version > version))
            connection.execute(update(tables.published).values(writing=None))
    return True
