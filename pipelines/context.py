"""What every stage is handed: the run it is part of."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.store.runs import RunFolder
from connectors.workspace import Workspace
from reports.format import noun


@dataclass(frozen=True)
class StageResult:
    """What a stage did, in numbers."""

    name: str
    rows_in: int
    rows_out: int
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    """Sentences for the person who watches: what was left out, what is doubtful."""
    counts: dict[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    """Sentences for the person who must do something: a source that failed."""


class RunFailed(Exception):
    """A stage broke: nothing was published. The message names the stage and where the details are."""

    def __init__(self, message: str, summary: Any) -> None:
        super().__init__(message)
        self.summary = summary
        """What the run came to (runner.Summary), for `--json`."""


def counted(number: int, one: str, many: str = "") -> str:
    """`1 record`, `2,000 records`."""
    return f"{number:,} {noun(number, one, many)}"


def no_progress(done: float, total: float) -> None:
    """Where nobody watches."""


@dataclass
class Run:
    """One run: its settings, its folder, the state database, the folder of the last published run."""

    workspace: Workspace
    folder: RunFolder
    store: Any
    started: datetime
    """With time zone; the only clock a run reads, so that a run can be repeated."""
    before: RunFolder | None = None
    progress: Callable[[float, float], None] = no_progress
    changed: set[str] = field(default_factory=set)
    """Sources whose records differ from the last published run; filled by land."""

    @property
    def id(self) -> str:
        return self.folder.id
