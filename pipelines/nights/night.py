"""One night, from beginning to end: wait for late files, make the run within its time, tell people and monitors.

Whoever walks through the stages (Prefect, or the plain runner) is handed over as `walk`; all else is the same.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol, Unpack

from connectors import notify
from connectors.notify.heartbeat import beat
from connectors.store.lock import Busy
from connectors.workspace import Workspace
from pipelines import failure
from pipelines.context import How, RunFailed
from pipelines.landing.retried import Retries
from pipelines.nights import words
from pipelines.nights.figures import changes, customers
from pipelines.nights.late_files import Waiting
from pipelines.nights.limits import Limited
from pipelines.nights.record import Night, Nights
from pipelines.nights.schedule import EARLY, Schedule
from pipelines.summary import Summary, Watcher
from rules.schema import Mistakes


class Walk(Protocol):
    """A run of the workspace: runner.run, or the same as a Prefect flow."""

    def __call__(self, watcher: Watcher, **how: Unpack[How]) -> Summary: ...


@dataclass
class Keeper:
    """Who sees one night through."""

    workspace: Workspace
    schedule: Schedule | None
    """None: it is begun by hand, and waits for nothing."""
    shadow: bool
    say: Callable[[str], None]
    watcher: Watcher = field(default_factory=Watcher)

    def __post_init__(self) -> None:
        self.settings = self.workspace.firm.nightly
        self.nights = Nights(self.workspace.var)
        self.night = Night.begin(datetime.now(UTC), self.shadow)

    def keep(self, walk: Walk) -> Summary:
        """The night. Raises what the run raises (RunFailed, Busy, Mistakes), after it is on record and told."""
        self._save()
        self._trouble(beat(self.settings.heartbeat, "start"))
        try:
            missing = self._waited()
            self._save(status="running", looked=_now())
            summary = self._run(walk, missing)
        except BaseException as error:
            self._end(error.summary if isinstance(error, RunFailed) else Summary(""), "failed", _reasons(error))
            raise
        said = [f"no new file of {name} came by {clock}" for name, clock in missing.items()]
        self._end(summary, summary.would_be or summary.status, [*summary.reasons, *said])
        return summary

    def _waited(self) -> dict[str, str]:
        """Wait for late files; -> sources whose file did not come, and until when it was waited for."""
        if self.schedule is None:
            return {}
        due = self.schedule.due(datetime.now(UTC))
        until = {name: self.schedule.until(due, clock) for name, clock in self.settings.wait_for.items()}
        since = self.nights.looked(self.schedule.due(due - EARLY), due)
        missing = Waiting(self.workspace, until, since, self.say).wait()
        for name, clock in missing.items():
            self.say(f"no new file of {name} came by {clock}; the night goes on with what is there")
        return missing

    def _run(self, walk: Walk, missing: dict[str, str]) -> Summary:
        retries = Retries(self.settings.retries.times, self.settings.retries.first_seconds)
        with Limited(self.watcher, self.settings.timeouts, self._stuck) as limited:
            return walk(limited, dry=self.shadow, retries=retries, missing=missing)

    def _stuck(self, why: str) -> None:
        """The process is about to be ended from outside the run, which cannot tell any more."""
        self._end(Summary(""), "failed", [why])

    def _end(self, ran: Summary, status: str, reasons: list[str]) -> None:
        """Put the end of the night on record, then tell it."""
        self._save(
            status=status, ended=_now(), run_id=ran.run_id, golden=customers(ran), changes=changes(ran),
            quarantined=sum(ran.quarantined.values()), reasons=tuple(reasons),
        )  # fmt: skip
        message = words.ended(self.workspace, self.night)
        self.say(message.headline)
        if words.EVENTS[status] in self.settings.notify.tell:
            self._trouble(notify.tell(self.settings.notify, message))
        self._trouble(beat(self.settings.heartbeat, "fail" if status == "failed" else "", message.headline))
        if status != "failed":
            with suppress(OSError):
                self.nights.heartbeat.touch()

    def _trouble(self, said: list[str]) -> None:
        """What went wrong in telling: said here, and kept for whoever looks; a night does not fail for it."""
        for sentence in said:
            self.say(sentence)
        if said:
            self._save(told=(*self.night.told, *said))

    def _save(self, **changes: Any) -> None:
        self.night = self.night.but(**changes)
        try:
            self.nights.save(self.night)
        except OSError as error:  # a full disk: the run says so itself, and people are to be told of it
            self.say(f"the night could not be put on record: {failure.reason(error)}")


def _reasons(error: BaseException) -> list[str]:
    """Why a night failed, without a customer's data."""
    match error:
        case RunFailed():
            return list(error.summary.reasons)
        case Mistakes():
            return [str(problem) for problem in error.problems]
        case Busy():
            return [str(error)]
    return [failure.reason(error)]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
