"""Runs on record: begun, finished, published; and how far each source was read."""

import hashlib
import json
from datetime import datetime
from typing import Any

import pyarrow as pa
from sqlalchemy import Select, func, insert, select, update

from connectors.store import tables
from connectors.store.base import Base, instant
from rules.vocabulary import SOURCES


class RunLog(Base):
    """The runs of a workspace."""

    def begin_run(self, run_id: str, started: datetime | str, summary: dict[str, Any] | None = None) -> None:
        """Put a run on record. Raises sqlalchemy.exc.IntegrityError where the id is taken.

        `summary`: what there is to say of it already, should it be killed once it is published.
        """
        told = None if summary is None else json.dumps(summary, ensure_ascii=False)
        values = {"run_id": run_id, "started": instant(started), "status": "running", "summary": told}
        with self.writing() as connection:
            connection.execute(insert(tables.runs).values(**values))

    def take_up(self, run_id: str, started: datetime | str) -> None:
        """A held run, or a dry one that is not on record yet, is about to be published: its end is still to come."""
        c = tables.runs.c
        with self.writing() as connection:
            if not connection.execute(update(tables.runs).where(c.run_id == run_id).values(finished=None)).rowcount:
                values = {"run_id": run_id, "started": instant(started), "status": "held"}
                connection.execute(insert(tables.runs).values(**values))

    def finish_run(
        self, run_id: str, status: str, summary: dict[str, Any], finished: datetime | str | None = None
    ) -> None:
        """How a run ended: published, unchanged, held or failed.

        What was published stays so, whatever went wrong after it.
        """
        table = tables.runs
        told = {"finished": instant(finished), "summary": json.dumps(summary, ensure_ascii=False)}
        with self.writing() as connection:
            connection.execute(update(table).where(table.c.run_id == run_id).values(**told))
            unpublished = (table.c.run_id == run_id) & table.c.version.is_(None)
            connection.execute(update(table).where(unpublished).values(status=status))

    def abandon_runs(self) -> int:
        """Runs that were killed are failed ones; -> how many. Call it only under the lock of a run."""
        table = tables.runs
        told = {"status": "failed", "summary": json.dumps({"reasons": ["the run was killed"]})}
        with self.writing() as connection:
            return connection.execute(update(table).where(table.c.status == "running").values(**told)).rowcount

    def runs(self) -> pa.Table:
        """Every run, the latest first: run_id, started, finished, status, version, summary (JSON)."""
        table = tables.runs
        columns = [table.c[n] for n in ("run_id", "started", "finished", "status", "version", "summary")]
        return self.table(select(*columns).order_by(table.c.started.desc(), table.c.run_id.desc()))

    def last_published(self) -> str | None:
        """The run whose publication is in force."""
        with self.engine.connect() as connection:
            run_id: str | None = connection.execute(select(tables.published.c.run_id)).scalar()
        return run_id

    def version(self) -> int:
        """The publication in force; 0 before the first."""
        with self.engine.connect() as connection:
            return int(connection.execute(select(tables.published.c.version)).scalar_one())

    def version_at(self, time: datetime | str) -> int:
        """The publication that was in force at a time; 0 before the first."""
        made = publications().subquery()
        latest = select(func.max(made.c.version)).where(made.c.time <= instant(time))
        with self.engine.connect() as connection:
            return int(connection.execute(latest).scalar() or 0)

    def watermarks(self) -> pa.Table:
        """Each source as it last went into a publication: the columns of `sources`."""
        return self.table(select(tables.sources).order_by(tables.sources.c.source))

    def sources_at(self, version: int) -> pa.Table:
        """Every source as it was in the run of a publication (schema SOURCES, what is on record of it)."""
        c, runs = tables.run_sources.c, tables.runs.c
        kept = [c[name] for name in SOURCES.names if name in c]
        query = select(*kept).join_from(tables.run_sources, tables.runs, c.run_id == runs.run_id)
        return self.table(query.where(runs.version == version).order_by(c.source))

    def marks_at(self, version: int) -> pa.Table:
        """The watermarks of those sources as they were then: when each last landed."""
        c, runs = tables.run_sources.c, tables.runs.c
        columns = [c.source, c.state, c.fingerprint, c.run_id, runs.started.label("landed"), c.rows]
        query = select(*columns).join_from(tables.run_sources, tables.runs, c.run_id == runs.run_id)
        landed = query.where(runs.version <= version, c.state.in_(("landed", "unchanged"))).order_by(runs.version)
        of_then = set(self.sources_at(version)["source"].to_pylist())
        last = {row["source"]: row for row in self.table(landed).to_pylist() if row["source"] in of_then}
        return pa.Table.from_pylist(list(last.values()))

    def model(self) -> str | None:
        """The matching model in force (JSON); None before the first publication."""
        models = tables.models
        latest = select(models.c.model).order_by(models.c.number.desc()).limit(1)
        with self.engine.connect() as connection:
            model: str | None = connection.execute(latest).scalar()
        return model

    def models(self) -> pa.Table:
        """Every matching model, the one in force first: number, run_id (the run it was learnt from), time, model."""
        c = tables.models.c
        return self.table(select(c.number, c.run_id, c.time, c.model).order_by(c.number.desc()))

    def save_model(self, model: str, run_id: str, time: datetime | str | None = None) -> None:
        """Make a matching model (JSON) the one in force from the next run on; `run_id`: the run it was learnt from."""
        models = tables.models
        with self.writing() as connection:
            number = connection.execute(select(func.coalesce(func.max(models.c.number), 0))).scalar_one() + 1
            version = connection.execute(select(tables.published.c.version)).scalar_one()
            values = {"number": number, "from_version": version, "run_id": run_id, "time": instant(time)}
            connection.execute(insert(models).values(**values, model=model))

    def fingerprint(self) -> str:
        """A digest of all that people decided and sinks wrote: while it stays, neither asks for a new run."""
        told = (tables.decisions, tables.corrections, tables.releases, tables.adopted, tables.written)
        counts = [select(func.coalesce(func.max(t.c.seq), 0)) for t in told]
        with self.engine.connect() as connection:
            seen = [int(connection.execute(count).scalar_one()) for count in counts]
        return hashlib.sha256(repr(seen).encode()).hexdigest()


def publications() -> Select[Any]:
    """Every publication in order: version, run_id, time.

    The time is the start of its run; of a run that waited until a person published it, when that was.
    """
    runs, audit = tables.runs.c, tables.audit.c
    after_all = select(func.max(audit.time)).where(audit.subject == runs.run_id, audit.action == "publish")
    time = func.coalesce(after_all.scalar_subquery(), runs.started).label("time")
    return select(runs.version, runs.run_id, time).where(runs.version.is_not(None)).order_by(runs.version)
