"""What every stage is handed: the run it is part of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypedDict

from connectors.store.runs import RunFolder
from connectors.workspace import Workspace
from pipelines.landing.retried import Retries
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


class How(TypedDict, total=False):
    """How a run is made: settings of Run that whoever begins it may choose."""

    dry: bool
    full: bool
    unread: bool
    retries: Retries
    missing: Mapping[str, str]


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
    retries: Retries = field(default_factory=Retries)
    """Of sources that fail for a reason that may pass; a run that somebody watches has none."""
    missing: Mapping[str, str] = field(default_factory=dict)
    """Sources whose new file was waited for in vain -> until when, in words."""
    changed: set[str] = field(default_factory=set)
    """Sources whose records differ from the last published run; filled by land."""
    cut: Any = None
    """A run that was cut off on the ground of this one (resume.Cut), as long as its stages can be taken over."""
    ground: str = ""
    """What the run stands on (resume.ground), from its first whole stage on."""
    dry: bool = False
    """Everything but publishing: the state database and `published/` stay as they are."""
    full: bool = False
    """Everything is worked out anew, whatever stayed as it was."""
    unread: bool = False
    """No source is read: what the last published run landed stands, and only decisions are new."""
    act: Any = None
    """Who publishes this run though gates held it (publication.Act)."""
    prepared: Any = None
    """What publish is about to write (publish.Prepared), worked out once for the difference, the gates and publish."""

    @property
    def base(self) -> RunFolder | None:
        """The folder of the last published run, where what stayed as it was may be taken over from it."""
        return None if self.full else self.before

    @property
    def id(self) -> str:
        return self.folder.id
