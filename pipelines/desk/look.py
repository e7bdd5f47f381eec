"""The published run, opened for the desk: its records, looked up one by one, and its model."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from threading import Lock

import pyarrow as pa

from connectors.store.runs import RunFolder
from connectors.store.state import Store
from connectors.workspace import Workspace
from pipelines.context import Run
from pipelines.desk.tables import Tables
from pipelines.features import STAGE
from pipelines.match import MODEL, config_of
from rules import survivorship
from rules.matching import engine
from rules.matching.config import Matching
from rules.matching.engine import Matched
from rules.matching.frozen import Frozen
from rules.vocabulary import PartyType


@dataclass(frozen=True)
class Look:
    """One publication. Its methods may be called from several threads."""

    run: Run
    tables: Tables

    def compared(self, keys: Sequence[str], decisions: pa.Table | None = None) -> Matched:
        """These records matched among themselves, under the run's model: their pairs weigh what they weigh in the run,
        since how common values count is frozen with the model. `decisions`: schema DECISIONS, which bind.
        """
        return engine.match(
            self.tables.rows("features", keys), config=self._config, model=self._model, frequencies=self._counts,
            constraints=decisions,
        )  # fmt: skip

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
    def _counts(self) -> dict[str, Frozen] | None:
        if not self.run.folder.parts(STAGE, "frequencies"):
            return None
        kept = self.run.folder.read(STAGE, "frequencies")
        return {kind: found for kind in PartyType if (found := engine.frozen_counts(kept, kind))}

    @cached_property
    def spelling(self) -> survivorship.Frequencies | None:
        """How often words are written, as the run's golden records were made by."""
        folder = self.run.folder
        kept = folder.parts("survive", "frequencies")
        return survivorship.Frequencies(folder.read("survive", "frequencies")) if kept else None


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
                run = Run(self.workspace, folder, self.store, datetime.now().astimezone())
                self._open = Look(run, Tables(folder))
            return self._open

    def settle(self) -> None:
        """Have what is published where single records are found at once: it may take seconds, and nobody waits."""
        look = self.now()
        if look and not look.tables.settled:
            look.tables.settle(self.workspace.var / "desk")
