"""How often somebody may try a password: those that failed, and those that are being tried at this moment."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from threading import Lock
from typing import Final

from reports.desk.access import Refused
from reports.desk.services import Services

WINDOW: Final = timedelta(minutes=15)
MOST: Final = {"name": 5, "address": 30}
"""Attempts in that time, after which nobody may try: for one name, and from one address."""


class Attempts:
    """Those that one desk is trying. Proving a password takes a while, in which others begin: they count, too."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._running: Counter[str] = Counter()

    @contextmanager
    def one(self, desk: Services, name: str, address: str) -> Iterator[None]:
        """An attempt, for as long as it takes; who fails notes that before it ends. Raises Refused."""
        subjects = {subject_of(kind, said): MOST[kind] for kind, said in (("name", name), ("address", address))}
        self._begin(desk, subjects)
        try:
            yield
        finally:
            with self._lock:
                self._running.subtract(subjects.keys())
                self._running += Counter()  # forgets what is at nothing

    def _begin(self, desk: Services, subjects: Mapping[str, int]) -> None:
        since = datetime.now(UTC) - WINDOW
        with self._lock:
            for subject, most in subjects.items():
                if self._running[subject] + desk.store.refused(subject, since) >= most:
                    minutes = int(WINDOW.total_seconds() // 60)
                    raise Refused(429, f"Signing in failed too often. Wait {minutes} minutes, or ask an administrator")
            self._running.update(subjects.keys())


def unknown(name: str) -> str:
    """What the audit calls a name that nobody has: it may be a password, typed into the wrong field. So short a digest
    tells whether it was the same again, and confirms no guess of what it was.
    """
    return f"nobody {sha256(name.encode(errors='replace')).hexdigest()[:4]}"


def subject_of(kind: str, said: str) -> str:
    """As the audit has it."""
    return f"{kind} {said}"[:80]
