"""One run at a time: a lock that the operating system lets go of when its holder dies, however it dies.

Between machines that share a folder the lock holds as far as the file system carries `flock` (NFS from version 4 on
does, and lets go some time after the other machine died).
"""

import fcntl
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from connectors.private import private

if TYPE_CHECKING:
    from sqlalchemy import Engine


class Busy(Exception):
    """Another process holds the lock; the message says which."""


@contextmanager
def held(path: Path, otherwise: str = "another run of this workspace is under way") -> Iterator[None]:
    """Hold the lock while the block runs. Raises Busy at once where another process holds it: `otherwise`, and who.

    What a dead holder left in the file stops nobody: the lock went with it.
    """
    private(path.parent)
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            message = f"{otherwise} ({file.read().strip() or 'by another process'})"
            raise Busy(f"{message}. Wait for it to end, then run again") from error
        file.truncate(0)
        file.write(_me())
        file.flush()
        yield


def demand(path: Path) -> None:
    """Raises Busy where another process holds the lock; whoever then takes it may still be told so."""
    with held(path):
        pass


@contextmanager
def database(engine: "Engine") -> Iterator[None]:
    """Hold a state database on PostgreSQL against runs on other machines, which know nothing of a file here.

    A SQLite database needs none: it lies where the file lies. Raises Busy at once where another session holds it. The
    server lets go when the session ends, however it ends.
    """
    if engine.dialect.name != "postgresql":
        yield
        return
    from sqlalchemy import text  # slow to import

    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as session:
        if not session.execute(text("select pg_try_advisory_lock(:key)"), {"key": KEY}).scalar():
            holder = session.execute(text(HOLDER), {"key": KEY}).scalar()
            message = f"another run on this state database is under way ({holder or 'just ended'})"
            raise Busy(f"{message}. Wait for it to end, then run again")
        session.execute(text("select set_config('application_name', :me, false)"), {"me": _process()})
        try:
            yield
        finally:
            with suppress(Exception):  # the session may be gone, and the lock with it
                session.execute(text("select pg_advisory_unlock(:key)"), {"key": KEY})
                session.execute(text("set application_name to default"))


KEY: Final = 0x676F6C6473  # "golds"
HOLDER: Final = """
    select application_name from pg_locks join pg_stat_activity using (pid)
    where locktype = 'advisory' and granted and (classid::bigint << 32) + objid::bigint = :key
        and pg_locks.database = (select oid from pg_database where datname = current_database())"""


def _me() -> str:
    """`goldseam run -w firm`, process 4711 on host, since 2026-01-01 03:30 UTC."""
    command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:]]).split("\n")[0][:200]
    return f"`{command}`, {_process()}"


def _process() -> str:
    return f"process {os.getpid()} on {socket.gethostname()}, since {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
