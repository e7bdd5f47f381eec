"""The published run, opened for the desk: its tables as views, its model, looked up by record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from threading import Lock
from typing import Final

import duckdb
import pyarrow as pa

from connectors.store.runs import RunFolder
from connectors.store.state import Store
from connectors.workspace import Workspace
from pipelines.context import Run
from pipelines.features import STAGE
from pipelines.match import MODEL, config_of
from rules import survivorship
from rules import vocabulary as words
from rules.matching import engine
from rules.matching.config import Matching
from rules.matching.engine import Matched
from rules.record_key import split_key

VIEWS: Final = {
    "match": ("features",), "validate": tuple(words.STANDARD_TABLES), "identify": ("clusters",),
    "survive": ("provenance",),
}  # fmt: skip
FEW: Final = 30
NAMES: Final = "source, record_id, full_name, given_name, middle_name, surname, organisation_name"


@dataclass(frozen=True)
class Look:
    """One publication. Its methods may be called from several threads."""

    run: Run

    @cached_property
    def _con(self) -> duckdb.DuckDBPyConnection:
        con = duckdb.connect(config={"threads": 2})
        for stage, tables in VIEWS.items():
            for table in tables:
                if self.run.folder.parts(stage, table):
                    self.run.folder.view(con, stage, table)
                elif table in words.STANDARD_TABLES:
                    con.execute(f"create table {table} as {_nothing(words.STANDARD_TABLES[table])}")
        return con

    def rows(self, table: str, keys: Sequence[str]) -> pa.Table:
        """The rows of some records in a table of VIEWS."""
        wanted = pa.table({"source": [split_key(k)[0] for k in keys], "record_id": [split_key(k)[1] for k in keys]})
        ids = list(dict.fromkeys(wanted["record_id"].to_pylist()))
        # Of a few, the file is asked for these alone: that is quicker than to read all of it for the join.
        among = f"where t.record_id in ({', '.join('?' for _ in ids)})" if 0 < len(ids) <= FEW else ""
        query = f"select t.* from {table} t semi join wanted using (source, record_id) {among}"  # noqa: S608 - our own names
        with self._con.cursor() as con:
            con.register("wanted", wanted)
            return con.sql(query, params=ids if among else None).to_arrow_table()

    def names(self, keys: Sequence[str]) -> pa.Table:
        """The columns NAMES of some records: kept in memory, since a queue shows a hundred at a time."""
        wanted = pa.table({"source": [split_key(k)[0] for k in keys], "record_id": [split_key(k)[1] for k in keys]})
        with self._named.cursor() as con:
            con.register("wanted", wanted)
            return con.sql("select n.* from names n semi join wanted using (source, record_id)").to_arrow_table()

    @cached_property
    def _named(self) -> duckdb.DuckDBPyConnection:
        self._con.execute(f"create table if not exists names as select {NAMES} from records")  # noqa: S608 - our own names
        return self._con

    def provenance(self, golden_id: str) -> pa.Table:
        """Where each field of a customer came from, as published (schema PROVENANCE)."""
        if not self.run.folder.parts("survive", "provenance"):
            return words.PROVENANCE.empty_table()
        with self._con.cursor() as con:
            found = con.sql("select * from provenance where golden_id = $id order by field", params={"id": golden_id})
            return found.to_arrow_table()

    def raw(self, keys: Sequence[str]) -> list[dict[str, object]]:
        """The rows of some records as they stood, with `_source`."""
        found: list[dict[str, object]] = []
        of: dict[str, list[str]] = {}
        for key in keys:
            source, record = split_key(key)
            of.setdefault(source, []).append(record)
        for source, records in of.items():
            if part := self.run.folder.parts("land", "raw").get(source):
                rows = part.read(filters=[("_record_id", "in", records)]).to_pylist()
                found += [{"_source": source, **row} for row in rows]
        return found

    def compared(self, keys: Sequence[str]) -> Matched:
        """These records matched among themselves, under the run's model: their pairs weigh what they weigh in the run,
        since how common values count is frozen with the model.
        """
        return engine.match(
            self.rows("features", keys), config=self._config, model=self._model, frequencies=self._counts
        )

    @cached_property
    def _config(self) -> Matching:
        """The run's settings; it found already which values are no evidence, and no pairs are looked for."""
        said = config_of(self.run)
        known: dict[str, tuple[str, ...]] = dict(said.leave_out)
        if self.run.folder.parts(STAGE, "left_out"):
            for row in self.run.folder.read(STAGE, "left_out", columns=["column", "value"]).to_pylist():
                known[row["column"]] = (*known.get(row["column"], ()), row["value"])
        return said.model_copy(update={"leave_out": known, "blocking": ()})

    @cached_property
    def _model(self) -> str:
        return (self.run.folder.root / STAGE / MODEL).read_text("utf-8")

    @cached_property
    def _counts(self) -> pa.Table | None:
        return self.run.folder.read(STAGE, "frequencies") if self.run.folder.parts(STAGE, "frequencies") else None

    @cached_property
    def spelling(self) -> survivorship.Frequencies | None:
        """How often words are written, as the run's golden records were made by."""
        folder = self.run.folder
        return survivorship.Frequencies(folder.read("survive", "frequencies")) if self._spelled else None

    @property
    def _spelled(self) -> bool:
        return bool(self.run.folder.parts("survive", "frequencies"))


class Looks:
    """The publication in force; another one is opened when it is published."""

    def __init__(self, workspace: Workspace, store: Store) -> None:
        self.workspace, self.store = workspace, store
        self._turn = Lock()
        self._open: Look | None = None

    def now(self) -> Look | None:
        """None: nothing is published, or the folder of the run is gone."""
        run_id = self.store.last_published()
        with self._turn:
            if run_id is None:
                return None
            if self._open is None or self._open.run.id != run_id:
                folder = RunFolder.open(self.workspace.var / "runs", run_id)
                if not folder.whole():
                    return None
                self._open = Look(Run(self.workspace, folder, self.store, datetime.now().astimezone()))
            return self._open


def _nothing(schema: pa.Schema) -> str:
    columns = ", ".join(f'null::varchar as "{name}"' for name in schema.names)
    return f"select {columns} limit 0"
