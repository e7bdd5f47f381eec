"""One run at a time: a lock that the operating system lets go of when its holder dies, however it dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Busy(Exception):
    """Another process holds the lock; the message says which."""


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the lock while the block runs. Raises Busy at once where another process holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            holder = file.read().strip() or "another process"
            message = f"another run of this workspace is under way ({holder}). Wait for it to end, then run again"
            raise Busy(message) from error
        file.truncate(0)
        file.write(f"process {os.getpid()}")
        file.flush()
        yield
