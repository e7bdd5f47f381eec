"""What goes on between the nights: the schedule is served, and somebody watches that nights begin and end in time."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from connectors import notify
from connectors.workspace import Workspace
from pipelines import check, failure
from pipelines.nights import words
from pipelines.nights.record import Night, Nights
from pipelines.nights.schedule import EARLY, Schedule
from rules.schema import Mistakes

EVERY: Final = 30.0
"""Seconds between two looks at the nights."""


@dataclass
class Watch:
    """Tells people of nights that are late: not begun, not ended, or ended by nobody. Each once."""

    workspace: Workspace
    schedule: Schedule
    since: datetime
    """When the watch began; nights that were to begin before are missed ones, told if any was ever on record."""
    say: Callable[[str], None]
    _told: set[tuple[str, datetime]] = field(default_factory=set)

    def look(self, now: datetime) -> list[str]:
        """What is wrong with the night that was last to begin, said now for the first time."""
        due = self.schedule.due(now)
        nights = Nights(self.workspace.var).all()
        if due < self.since and not nights:
            return []
        night = next((n for n in nights if datetime.fromisoformat(n.began) >= due - EARLY), None)
        found = self._not_begun(due, now) if night is None else self._not_ended(night, due, now)
        if found is None or (found[0], due) in self._told:
            return []
        self._told.add((found[0], due))
        return [found[1]]

    def _not_begun(self, due: datetime, now: datetime) -> tuple[str, str] | None:
        """Its kind and words."""
        late = self.workspace.firm.nightly.late.begin_minutes
        if now < due + timedelta(minutes=late):
            return None
        remedy = f"To make up for it: goldseam nightly --once -w {self.workspace.root}"
        return "not begun", f"The night of {due:%Y-%m-%d %H:%M %Z} has not begun.{self._mistake()} {remedy}"

    def _mistake(self) -> str:
        """Why a night cannot begin: settings that were changed since the service began, and cannot be read any more."""
        try:
            check.read(self.workspace.root)
        except Mistakes as mistakes:
            return f" {mistakes.problems[0]}."
        return ""

    def _not_ended(self, night: Night, due: datetime, now: datetime) -> tuple[str, str] | None:
        if night.ended:
            return None
        if not night.alive:
            said = f"its process {night.pid} is gone: it was killed, or the machine was restarted"
            return "killed", f"The night of {due:%Y-%m-%d %H:%M %Z} will not end, {said}. The next run resumes it"
        clock = self.workspace.firm.nightly.late.end_by
        if clock and now >= self.schedule.until(due, clock):
            return "not ended", f"The night of {due:%Y-%m-%d %H:%M %Z} has not ended by {clock}; it is still going on"
        return None

    def tell(self, now: datetime) -> None:
        """Look, and tell whoever is to be told of late nights."""
        settings = self.workspace.firm.nightly.notify
        for why in self.look(now):
            self.say(why)
            if "late" in settings.tell:
                message = words.late(self.workspace, why)
                for trouble in notify.tell(settings, message):
                    self.say(trouble)

    def start(self) -> threading.Event:
        """Watch in a thread of its own; -> what ends it."""
        over = threading.Event()

        def watch() -> None:
            while not over.wait(EVERY):
                try:
                    self.tell(datetime.now(UTC))
                except Exception as error:  # whatever it was, the next look must take place
                    self.say(f"whether the nights are late could not be seen: {failure.reason(error)}")

        threading.Thread(target=watch, name="late nights", daemon=True).start()
        return over
