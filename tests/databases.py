"""State databases for tests: SQLite, and a real PostgreSQL that the tests start themselves.

The server's programs are Debian's package `postgresql` (`make test` installs it). `GOLDSEAM_TEST_POSTGRES` names a
server to use instead. Where there is neither, the tests of PostgreSQL skip; in CI they fail.
"""

import atexit
import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

KINDS = ("sqlite", "postgresql")
START_SECONDS = 60


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database; a PostgreSQL one is dropped in the end."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/state.db"
        return
    server = make_url(postgres())
    name = f"goldseam_{uuid.uuid4().hex}"
    admin = create_engine(server.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"create database {name}"))
        yield server.set(database=name).render_as_string(hide_password=False)
        connection.execute(text(f"drop database {name} with (force)"))
    admin.dispose()


@cache
def postgres() -> str:
    """The URL of a PostgreSQL server, one a test process: given by the environment, else started here."""
    if given := os.environ.get("GOLDSEAM_TEST_POSTGRES"):
        return given
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not programs:
        message = "there is no PostgreSQL: install Debian's package postgresql"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(message)
    return _start(programs[-1].parent)


def _start(programs: Path) -> str:
    """A server of its own folder and port, stopped and removed when the process ends."""
    folder = Path(tempfile.mkdtemp(prefix="goldseam-postgres-"))
    user = _user(folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = folder / "data"
    run = {"check": True, "stdout": subprocess.DEVNULL, "cwd": folder}
    subprocess.run([*user, programs / "initdb", "-D", data, "-U", "goldseam", "-A", "trust", "-E", "UTF8"], **run)
    settings = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    start = [
        *user,
        programs / "pg_ctl",
        "-D",
        data,
        "-o",
        settings,
        "-l",
        folder / "log",
        "-w",
        "-t",
        str(START_SECONDS),
    ]
    subprocess.run([*start, "start"], **run)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    stop = [*user, programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"]
    atexit.register(subprocess.run, stop, stdout=subprocess.DEVNULL, cwd=folder)
    return f"postgresql://goldseam@127.0.0.1:{port}/postgres"


def _user(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root: then it runs as the package's own user."""
    if os.getuid():
        return []
    shutil.chown(folder, "postgres", "postgres")
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
