"""Databases for tests: SQLite, and a real PostgreSQL and MariaDB that the tests start themselves.

The servers' programs are Debian's packages `postgresql` and `mariadb-server-core` (`make test` installs them).
`GOLDSEAM_TEST_POSTGRES` and `GOLDSEAM_TEST_MARIADB` name servers to use instead. Where there is neither, the tests of
a server skip; in CI they fail.
"""

import atexit
import os
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError

KINDS = ("sqlite", "postgresql")
"""Of state databases."""
SOURCE_KINDS = (*KINDS, "mariadb")
"""Of databases that sources are read from."""
START_SECONDS = 60


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database; one of a server is dropped in the end."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/state.db"
        return
    server = make_url(postgres() if kind == "postgresql" else mariadb())
    driver, force = ("postgresql+psycopg", " with (force)") if kind == "postgresql" else ("mariadb+pymysql", "")
    name = f"goldseam_{uuid.uuid4().hex}"
    admin = create_engine(server.set(drivername=driver), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"create database {name}"))
        yield server.set(database=name).render_as_string(hide_password=False)
        connection.execute(text(f"drop database {name}{force}"))
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
    user, port = _user(folder, "postgres", "postgres"), _free_port()
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


@cache
def mariadb() -> str:
    """The URL of a MariaDB server, one a test process: given by the environment, else started here."""
    if given := os.environ.get("GOLDSEAM_TEST_MARIADB"):
        return given
    program = Path("/usr/sbin/mariadbd")
    if not program.exists():
        message = "there is no MariaDB: install Debian's package mariadb-server-core"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(message)
    return _start_mariadb(program)


def _start_mariadb(program: Path) -> str:
    """A server without users or system tables, of its own folder and port, stopped and removed with the process."""
    folder = Path(tempfile.mkdtemp(prefix="goldseam-mariadb-"))
    user, port = _user(folder, "nobody", "nogroup"), _free_port()
    (folder / "data").mkdir()
    if user:
        shutil.chown(folder / "data", "nobody", "nogroup")
    settings = [
        "--no-defaults", "--skip-grant-tables", "--bind-address=127.0.0.1", f"--port={port}", "--skip-log-bin",
        f"--datadir={folder}/data", f"--socket={folder}/socket", "--innodb-buffer-pool-size=32M",
        "--innodb-log-file-size=8M", "--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync",
        "--character-set-server=utf8mb4",
    ]  # fmt: skip
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([*user, program, *settings], stdout=log, stderr=log, cwd=folder)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(server.wait, START_SECONDS)
    atexit.register(server.kill)
    url = f"mariadb://goldseam@127.0.0.1:{port}/"
    _await(url, folder / "log")
    return url


def _await(url: str, log: Path) -> None:
    """Wait until a server answers."""
    engine = create_engine(make_url(url).set(drivername="mariadb+pymysql"))
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            engine.connect().close()
            return
        except OperationalError:
            if time.monotonic() > until:
                pytest.fail(f"MariaDB did not start: {log.read_text()[-2000:]}")
            time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _user(folder: Path, user: str, group: str) -> list[str]:
    """Servers refuse to run as root: then they run as another user, who owns their folder."""
    if os.getuid():
        return []
    shutil.chown(folder, user, group)
    return ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups"]
