"""Thousands of decisions of one act: written a few at a time, so that whoever decides meanwhile waits for some only."""

import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from sqlalchemy import Connection

from connectors.store import tables
from connectors.store.base import Base
from connectors.store.engine import lock

AT_ONCE: Final = 200
"""Decisions that are written in one transaction, all of them or none."""
TURN: Final = 0.05
"""Seconds that a transaction of more writes, before it lets others write."""
PAUSE: Final = 0.01
"""Seconds between two: those who wait for a SQLite database look every 2 ms."""
One = TypeVar("One")


def in_turns(base: Base, what: Iterable[One], do: Callable[[Connection, One], Any]) -> None:
    """Do something to each in transactions that write, none of which takes much longer than TURN. Where it is cut
    short, what was done stands: `do` must be such that doing it again changes nothing.
    """
    left = deque(what)
    while left:
        with base.writing() as connection:
            lock(connection, tables.decisions.name)
            until = time.monotonic() + TURN
            do(connection, left.popleft())
            while left and time.monotonic() < until:
                do(connection, left.popleft())
        time.sleep(PAUSE)
