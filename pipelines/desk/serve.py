"""The desk of a workspace as a server."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Final, Protocol

from connectors import workspace as workspaces
from connectors.store.state import Store
from pipelines.desk.service import DeskService

HERE: Final = ("127.0.0.1", "localhost", "::1")
EVERY: Final = 2.0
"""Seconds between two looks for a new publication."""
log = logging.getLogger(__name__)


class Readied(Protocol):
    """What is made ready after each publication."""

    def make_ready(self) -> None: ...


class NotSafe(Exception):
    """A way of serving that would show customers to others; the message says what to do."""


def serve(root: Path, host: str, port: int, *, behind_proxy: bool, proxies: Sequence[str] = HERE) -> None:
    """Serve until interrupted. `behind_proxy`: a server in front speaks https and names whom it asks for; that is
    believed where its address is one of `proxies` (anybody could name any address, and try passwords without end).

    Raises NotSafe where passwords would cross a network unencrypted.
    """
    import uvicorn

    from reports.desk.app import desk

    if host not in HERE and not behind_proxy:
        raise NotSafe(
            f"on {host} passwords and customers would cross the network unencrypted. Put a server with https in front "
            "(README, The desk) and say --behind-proxy, or serve this machine alone with --host 127.0.0.1"
        )
    workspace = workspaces.read(root)
    with Store.open(workspace.database_url) as store:
        service = DeskService(workspace, store)
        with kept_ready(service):
            uvicorn.run(
                desk(service, https=behind_proxy), host=host, port=port, log_level="warning",
                proxy_headers=behind_proxy, forwarded_allow_ips=list(proxies), access_log=False, server_header=False,
            )  # fmt: skip


@contextmanager
def kept_ready(service: Readied) -> Iterator[None]:
    """After each publication what takes long the first time is done, before somebody waits for it."""
    over = Event()

    def follow() -> None:
        while True:
            try:
                service.make_ready()
            except Exception:  # the desk works without; the next publication may go better
                log.exception("the desk could not be made ready for the new publication, and is slower")
            if over.wait(EVERY):
                return

    thread = Thread(target=follow, name="ready", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
