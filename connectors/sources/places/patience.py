"""Waiting for a place that may be dead: a network share, a server that accepts and never answers."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeAlias, TypeVar

from connectors.sources.base import SourceFailed

T = TypeVar("T")
Sign: TypeAlias = Callable[[], None]
"""To be called by work that goes on: a block has come, a file is done."""


def waited_for(work: Callable[[Sign], T], seconds: float, place: str) -> T:
    """What `work` gives. Raises SourceFailed where it gives no sign of life for so many seconds.

    The work is done in a thread of its own, since nothing else gets away from a system call that never returns. The
    thread is left behind then, and ends with the process.
    """
    task = _Task(work)
    threading.Thread(target=task.run, name=f"goldseam {place}", daemon=True).start()
    while not task.done.wait(max(0.0, task.alive_at + seconds - time.monotonic())):
        if time.monotonic() - task.alive_at >= seconds:
            reason = f"the place gave no sign of life for {seconds:g} seconds"
            remedy = "Check the address and the network; a slow place needs more `patience`"
            raise SourceFailed(reason, remedy, file=place, passing=True)
    return task.result()


class _Task(Generic[T]):
    """One piece of work, its outcome, and when it last gave a sign."""

    def __init__(self, work: Callable[[Sign], T]) -> None:
        self.done = threading.Event()
        self.alive_at = time.monotonic()
        self._work = work
        self._outcome: list[T] = []
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            self._outcome.append(self._work(self._sign))
        except BaseException as error:  # it is raised again in the thread that waits
            self._error = error
        finally:
            self.done.set()

    def result(self) -> T:
        if self._error is not None:
            raise self._error
        return self._outcome[0]

    def _sign(self) -> None:
        self.alive_at = time.monotonic()
