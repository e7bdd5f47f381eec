"""Servers that never answer, fall silent or hang up: a failure in words, in time."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from connectors import sources
from connectors.sources import SourceFailed
from rules.schema import Source
from tests.databases import database, postgres

ROWS = {
    "postgresql": "select i, repeat('x', 100) as word from generate_series(1, 200000) as i",
    "mariadb": "select seq as i, repeat('x', 100) as word from seq_1_to_200000",
}
ENOUGH = 2 << 20
"""Bytes of an answer after which a server is lost."""


@contextmanager
def go_between(server: tuple[str, int], hangs_up: bool) -> Iterator[int]:
    """The port of somebody who passes on what a server says, up to ENOUGH bytes, then hangs up or falls silent."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        threading.Thread(target=_pass_on, args=(door, server, hangs_up), daemon=True).start()
        yield door.getsockname()[1]


def _pass_on(door: socket.socket, server: tuple[str, int], hangs_up: bool) -> None:
    while True:
        try:
            client, _ = door.accept()
        except OSError:
            return
        behind = socket.create_connection(server)
        threading.Thread(target=_copy, args=(client, behind, None), daemon=True).start()
        threading.Thread(target=_copy, args=(behind, client, hangs_up), daemon=True).start()


def _copy(source: socket.socket, target: socket.socket, hangs_up: bool | None) -> None:
    """`hangs_up` None: all of it."""
    passed = 0
    try:
        while data := source.recv(1 << 16):
            target.sendall(data)
            passed += len(data)
            if hangs_up is not None and passed > ENOUGH:
                break
        else:
            hangs_up = True
        if hangs_up:
            target.shutdown(socket.SHUT_RDWR)
            target.close()
    except OSError:
        pass


def read(url: str, patience: float, query: str = "select 1 as a") -> sources.Landed:
    source = Source.model_validate({"kind": "sql", "location": url, "query": query, "patience": patience})
    return sources.read("shop", source, Path())


@pytest.mark.parametrize("scheme", ["postgresql", "mysql"])
def test_server_that_never_answers(scheme: str) -> None:
    """One that takes the call and says nothing is given up after `patience` seconds, and is named as what it is."""
    with socket.create_server(("127.0.0.1", 0)) as dumb:
        began = time.monotonic()
        with pytest.raises(SourceFailed, match=r"(?i)no sign of life|time|refused"):
            read(f"{scheme}://u:s3cret@127.0.0.1:{dumb.getsockname()[1]}/b", patience=1)
        assert time.monotonic() - began < 4


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
@pytest.mark.parametrize("hangs_up", [True, False])
def test_server_lost_in_mid_read(kind: str, hangs_up: bool, tmp_path: Path) -> None:
    """Half an answer is none: the source fails at once where the server hangs up, in time where it falls silent."""
    with database(kind, tmp_path) as url, go_between(("127.0.0.1", sa.make_url(url).port or 0), hangs_up) as port:
        began = time.monotonic()
        through = sa.make_url(url).set(port=port).render_as_string(hide_password=False)
        with pytest.raises(SourceFailed, match=r"was lost|no sign of life"):
            read(through, patience=2, query=ROWS[kind])
        assert time.monotonic() - began < 6


def test_query_that_takes_too_long() -> None:
    """A server that computes for longer than `patience` without a row is told to stop."""
    with pytest.raises(SourceFailed, match=r"timeout|no sign of life"):
        read(postgres(), patience=1, query="select pg_sleep(30)")
