"""Reading a source again where it failed for a reason that may pass."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from connectors.sources import SourceFailed
from connectors.sources.passing import may_pass

T = TypeVar("T")


@dataclass(frozen=True)
class Retries:
    """How often, and after how many seconds for the first time; doubled each further time, without chance in it."""

    times: int = 0
    first_seconds: float = 0.0
    sleep: Callable[[float], None] = time.sleep

    def of(self, read: Callable[[], T]) -> tuple[T, tuple[str, ...]]:
        """What `read` gives, and what is to be said about it. Raises the SourceFailed of the last attempt."""
        failures: list[SourceFailed] = []
        while True:
            try:
                return read(), _said(failures)
            except SourceFailed as failure:
                if len(failures) == self.times or not may_pass(failure):
                    raise
                failures.append(failure)
            self.sleep(self.first_seconds * 2 ** (len(failures) - 1))


def _said(failures: list[SourceFailed]) -> tuple[str, ...]:
    if not failures:
        return ()
    times = "once" if len(failures) == 1 else f"{len(failures)} times"
    return (f"it failed {times} before it could be read: {failures[-1].reason}",)
