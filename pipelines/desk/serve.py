"""The desk of a workspace as a server."""

from pathlib import Path
from typing import Final

from connectors import workspace as workspaces
from connectors.store.state import Store
from pipelines.desk.service import DeskService

HERE: Final = ("127.0.0.1", "localhost", "::1")


class NotSafe(Exception):
    """A way of serving that would show customers to others; the message says what to do."""


def serve(root: Path, host: str, port: int, *, behind_proxy: bool) -> None:
    """Serve until interrupted. `behind_proxy`: a server in front speaks https and names whom it asks for.

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
        app = desk(DeskService(workspace, store))
        uvicorn.run(
            app, host=host, port=port, log_level="warning", proxy_headers=behind_proxy, access_log=False,
            server_header=False,
        )  # fmt: skip
