"""Waiting for files that are late: until a file of the source is new since the last night looked, or its time is over.

A file is new if it was written, moved or copied here since (its mtime or ctime); behind an address, if the place says
so. Nothing is locked meanwhile. What a file holds, and whether it is whole, is for the stage `land` to say.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from connectors.sources import SourceFailed
from connectors.sources.places.hands import Hands
from connectors.sources.places.known_files import Known
from connectors.workspace import Workspace

EVERY: Final = 60.0
"""Seconds between two looks."""


@dataclass
class Waiting:
    """The files that a night waits for. `since`: when the night before it looked; None: this is the first."""

    workspace: Workspace
    until: dict[str, datetime]
    """Source -> moment at which waiting for it ends."""
    since: datetime | None
    say: Callable[[str], None]
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def wait(self) -> dict[str, str]:
        """Come back when every file has come or its time is over; -> sources whose file has not, and until when."""
        missing: dict[str, str] = {}
        waited: set[str] = set()
        while late := [name for name in sorted(self.until) if name not in missing and not self.come(name)]:
            now = self.now()
            missing |= {name: f"{self.until[name]:%H:%M}" for name in late if self.until[name] <= now}
            waiting = [name for name in late if name not in missing]
            for name in waiting:
                if name not in waited:
                    self.say(f"waiting for a new file of {name}, until {self.until[name]:%H:%M %Z}")
            waited |= set(waiting)
            if waiting:
                left = min(self.until[name] for name in waiting) - now
                self.sleep(min(EVERY, left.total_seconds()))
        return missing

    def come(self, name: str) -> bool:
        """Whether a file of a source is new. A place that cannot be looked at may be a minute later."""
        try:
            hands = Hands.of(self.workspace.sources[name], self.workspace.root, Known())
            try:
                files = hands.look().files
            finally:
                hands.close()
        except SourceFailed:
            return False
        times = [max(file.modified or 0.0, file.touched or 0.0) for file in files]
        known = [time for time in times if time]  # a place may say no times: then whatever is there counts
        return bool(files) and (self.since is None or not known or max(known) > self.since.timestamp())
