"""Re-run these customers: what was decided on them is published at once, not with the next night.

It is a run as any other, under the lock and the gates, but for one thing: it reads no source. What the last published
run landed stands, so that it goes on with what was decided since, and takes seconds. Every decision made so far takes
effect with it: which run stood under which decisions is on record for all customers at once.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from threading import Lock, Thread
from typing import Final

from connectors import workspace as workspaces
from connectors.store import lock
from connectors.store.base import instant
from connectors.store.state import Store
from connectors.workspace import Workspace
from pipelines import inputs, runner, yesterday
from pipelines.context import Run, RunFailed
from pipelines.stages import STAGES, Stage
from pipelines.summary import Summary, Watcher
from reports.desk.services import Key, Rerun
from reports.format import plural, seconds
from rules.mistakes import Mistakes

DOES: Final = {
    "land": "looking what was decided", "standardise": "taking over what stayed", "validate": "taking over what stayed",
    "match": "weighing again", "identify": "giving golden ids", "survive": "choosing values", "publish": "publishing",
    "report": "drawing the scorecard",
}  # fmt: skip
log = logging.getLogger(__name__)


class NotNow(Exception):
    """It would publish something else than what was decided; the message says what, and what to do."""


class Reruns:
    """One at a time. Its methods may be called from several threads."""

    def __init__(self, workspace: Workspace, store: Store, records: Callable[[str], Sequence[Key]]) -> None:
        """`records`: the active records of a customer."""
        self._workspace, self._store, self._records = workspace, store, records
        self._turn = Lock()
        self._last: Rerun | None = None

    def last(self) -> Rerun | None:
        return self._last

    def begin(self, golden_ids: Sequence[str], user: str) -> Rerun:
        """See Services.rerun."""
        with self._turn:
            if self._last is None or not self._last.running:
                self._last = Rerun(user, instant(None), tuple(golden_ids), "running", "Beginning")
                Thread(target=self._work, args=(self._last,), name="re-run").start()
            return self._last

    def _work(self, asked: Rerun) -> None:
        began, keys = time.perf_counter(), [key for g in asked.golden_ids for key in self._records(g)]
        try:
            workspace = workspaces.read(self._workspace.root)
            demand(workspace, self._store)
            summary = runner.run(workspace, _Watching(self._at), unread=True)
            over = _outcome(asked, summary, time.perf_counter() - began)
        except lock.Busy:
            over = replace(asked, state="refused", told=BUSY)
        except (NotNow, Mistakes) as error:
            over = replace(asked, state="refused", told=str(error))
        except RunFailed as error:
            over = replace(asked, state="failed", told=str(error))
        except Exception as error:
            log.exception("a re-run broke")
            over = replace(
                asked, state="failed", told=f"It broke ({type(error).__name__}); the log of the desk says at what"
            )
        self._last = replace(over, done=1.0, became=self._homes(keys))

    def _at(self, told: str, done: float) -> None:
        if self._last:
            self._last = replace(self._last, told=told, done=done)

    def _homes(self, keys: Sequence[Key]) -> tuple[tuple[str, int], ...]:
        homes = self._store.homes_of(keys) if keys else {}
        return tuple(Counter(h["golden_id"] for h in homes.values() if h["state"] == "active").most_common())


BUSY: Final = (
    "Another run of the whole table is under way. What was decided before it began is in it; "
    "try again when it has ended"
)


def demand(workspace: Workspace, store: Store) -> None:
    """Raises NotNow where there is nothing published to go on from, or more has changed than what people decided."""
    before = yesterday.folder(workspace, store)
    if store.last_published() is None:
        raise NotNow("Nothing is published yet: what was decided takes effect with the first run")
    if before is None:
        raise NotNow("The files of the last run are gone, so that all must be worked out anew: the next run does")
    run = Run(workspace, before, store, datetime.now(UTC))
    if words := inputs.moved(run, yesterday.looked(run, before)):
        raise NotNow(
            f"Since the last run {words}: a re-run now would publish that too. "
            "What was decided takes effect with the next run"
        )


class _Watching(Watcher):
    """Tells how far a run is."""

    def __init__(self, tell: Callable[[str, float], None]) -> None:
        self._tell = tell

    def begin(self, stage: Stage) -> Callable[[float, float], None]:
        at = STAGES.index(stage)

        def progress(done: float, total: float) -> None:
            self._tell(DOES[stage.name], (at + done / max(total, 1)) / len(STAGES))

        progress(0, 1)
        return progress


def _outcome(asked: Rerun, summary: Summary, took: float) -> Rerun:
    """The state, and what is told of it."""
    reasons = "; ".join(summary.reasons)
    if summary.status == "published":
        changed = ", ".join(plural(n, "customer") + f" {what}" for what, n in summary.changes.items() if n)
        told = f"Published in {seconds(took)}: {changed or 'what was decided'}"
        return replace(asked, state="published", told=told)
    if summary.status == "unchanged":
        told = "There was nothing to do: all that was decided so far is in the golden table"
        return replace(asked, state="unchanged", told=told)
    if summary.status == "held":
        remedy = f"To publish it all the same: goldseam publish {summary.run_id}"
        return replace(asked, state="held", told=f"Held by a gate, nothing was published: {reasons}. {remedy}")
    return replace(asked, state="failed", told=reasons or "It failed, nothing was published")
