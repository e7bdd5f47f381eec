"""How long a run and each of its stages may take. One that takes longer is failed, and lets go of the workspace.

The alarm of the operating system interrupts the main thread, also where it waits for a place on the network or for
DuckDB. A library that does not come back even then keeps the process for `GRACE` seconds; after that it is ended,
and the lock is free, since the operating system holds it for the process.
"""

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Final, Self

from pipelines.context import StageResult
from pipelines.failure import TookTooLong
from pipelines.stages import Stage
from pipelines.summary import Watcher
from rules.nights import Timeouts

GRACE: Final = 120.0
"""Seconds that a run has to end itself and put on record that it did."""


class Limited(Watcher):
    """Watches the clock for the one who watches the run. Use it as a context, in the main thread.

    `stuck` is called just before a process is ended that does not end itself.
    """

    def __init__(self, inner: Watcher, timeouts: Timeouts, stuck: Callable[[str], None], grace: float = GRACE) -> None:
        self.inner, self.timeouts, self.stuck, self.grace = inner, timeouts, stuck, grace
        self._ends = time.monotonic() + timeouts.run_minutes * 60
        self._why = ""
        self._last: threading.Timer | None = None

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGALRM, self._raise)
        self._ends = time.monotonic() + self.timeouts.run_minutes * 60
        self._arm(None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._before)
        if self._last:
            self._last.cancel()

    def begin(self, stage: Stage) -> Callable[[float, float], None]:
        self._arm(stage.name)
        return self.inner.begin(stage)

    def end(self, result: StageResult) -> None:
        self._arm(None)
        self.inner.end(result)

    def _arm(self, stage: str | None) -> None:
        """Set the alarm to whichever limit comes first. A run that is over its time already has had its alarm."""
        if self._last:
            return
        left = self._ends - time.monotonic()
        said = f"The run took longer than {self.timeouts.run_minutes:g} minutes (timeouts.run_minutes)"
        limit = self.timeouts.stage_minutes
        if stage and limit and limit * 60 < left:
            left = limit * 60
            said = f"The stage {stage} took longer than {limit:g} minutes (timeouts.stage_minutes)"
        self._why = f"{said} and was stopped. Look at what it waited for, or allow it more in goldseam.yml."
        signal.setitimer(signal.ITIMER_REAL, max(left, 0.001))

    def _raise(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - as handlers are called
        self._last = threading.Timer(self.grace, self._end)
        self._last.daemon = True
        self._last.start()
        raise TookTooLong(self._why)

    def _end(self) -> None:
        with suppress(Exception):
            self.stuck(self._why)
        os._exit(1)
