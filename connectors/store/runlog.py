"""Runs on record: begun, finished, published; and how far each source was read."""

import hashlib
import json
from datetime import datetime
from typing import Any

import pyarrow as pa
from sqlalchemy import func, insert, select, update

from connectors.store import tables
from connectors.store.base import Base, instant


class RunLog(Base):
    """The runs of a workspace."""

    def begin_run(self, run_id: str, started: datetime | str) -> None:
        """Put a run on record. Raises sqlalchemy.exc.IntegrityError where the id is taken."""
        with self.writing() as connection:
            connection.execute(insert(tables.runs).values(run_id=run_id, started=instant(started), status="running"))

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
        runs = tables.runs
        latest = select(func.max(runs.c.version)).where(runs.c.started <= instant(time))
        with self.engine.connect() as connection:
            return int(connection.execute(latest).scalar() or 0)

    def watermarks(self) -> pa.Table:
        """Each source as it last went into a publication: the columns of `sources`."""
        return self.table(select(tables.sources).order_by(tables.sources.c.source))

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
        """A digest of all that people decided: while it stays, decisions and corrections ask for no new run."""
        counts = [
            select(func.coalesce(func.max(t.c.seq), 0)) for t in (tables.decisions, tables.corrections, tables.releases)
        ]
        with self.engine.connect() as connection:
            seen = [int(connection.execute(count).scalar_one()) for count in counts]
        return hashlib.sha256(repr(seen).encode()).hexdigest()
