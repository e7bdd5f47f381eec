"""One run at a time, and no dead one stands in the way."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from connectors.store import lock
from connectors.store.engine import connect
from connectors.store.lock import Busy, held
from tests.databases import database

HOLDS = """
import sys, time
from pathlib import Path
from connectors.store.lock import held

with held(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""

CUT = """
    select pg_terminate_backend(pid, 10000) from pg_locks
    where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())"""
"""Ends the sessions that hold the lock, and waits (ms) until they have ended: true for each that did."""


def test_a_lock_says_who_holds_it_and_is_free_when_its_holder_was_killed(tmp_path: Path) -> None:
    """Command, process, machine and time; what the dead one wrote stops nobody."""
    path = tmp_path / "var" / "run.lock"
    with subprocess.Popen([sys.executable, "-c", HOLDS, str(path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        holder.stdout.readline()
        with pytest.raises(Busy) as busy, held(path):
            pass
        said = str(busy.value)
        assert f"-c {path}`, process {holder.pid} on {socket.gethostname()}, since 20" in said
        os.kill(holder.pid, signal.SIGKILL)
    with held(path):
        assert f"process {os.getpid()} on" in path.read_text("utf-8")


def test_a_state_database_on_postgresql_is_held_against_other_machines(tmp_path: Path) -> None:
    """A run elsewhere has another folder and the same database; where a session was cut, its lock went with it."""
    with database("postgresql", tmp_path) as url:
        here, there = connect(url), connect(url)
        with lock.database(here):
            holder = rf"process {os.getpid()} on {socket.gethostname()}, since"
            with pytest.raises(Busy, match=holder), lock.database(there):
                pass
            with there.connect() as other:
                assert other.execute(text(CUT)).scalars().all() == [True]
            with lock.database(there):
                pass
        with lock.database(there):
            pass
        here.dispose()
        there.dispose()


def test_what_holds_customers_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    """Other users of the machine cannot open a new folder of state; one that is there stays as it is."""
    with held(tmp_path / "var" / "run.lock"):
        assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700
    (tmp_path / "open").mkdir(mode=0o755)
    (tmp_path / "open").chmod(0o755)
    connect(f"sqlite:///{tmp_path / 'open' / 'state.db'}").dispose()
    connect(f"sqlite:///{tmp_path / 'own' / 'state.db'}").dispose()
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("open", "own")] == [0o755, 0o700]
