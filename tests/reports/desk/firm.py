"""A firm whose first night is over, and its desk: as an application to ask, or as a server for a real browser."""

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import uvicorn
from fastapi.testclient import TestClient

from connectors import workspace as workspaces
from connectors.store.desk import passwords
from connectors.store.desk.filter import Case, Filter
from connectors.store.state import Store
from pipelines import demo, runner
from pipelines.desk.service import DeskService
from reports.desk.app import desk
from rules.desk import Desk as Settings

PASSWORD = "broken bowls, mended with gold"  # noqa: S105 - of a made-up firm
PEOPLE = {"vera": "viewer", "stella": "steward", "stavros": "steward", "lena": "lead", "ada": "admin"}
CUSTOMERS = 120


def first_night(root: Path) -> Path:
    """A demo firm of a few customers, published once, and somebody of each role."""
    demo.write(root, customers=CUSTOMERS)
    workspace = workspaces.read(root)
    assert runner.run(workspace).status == "published"
    kept = passwords.digest(PASSWORD)
    with Store.open(workspace.database_url) as store:
        for name, role in PEOPLE.items():
            store.add_user(name, role, password=kept)
    return root


@dataclass
class Opened:
    """A desk over a copy of the firm."""

    root: Path
    store: Store
    service: DeskService

    def client(self, name: str | None = "stella") -> TestClient:
        """A browser without windows, signed in as somebody; it does not follow redirections by itself."""
        client = TestClient(desk(self.service), "https://desk.example", follow_redirects=False)
        client.headers["accept"] = "text/html"
        if name:
            token, csrf = self.store.open_session(name, 1)
            client.cookies.set("goldseam", token)
            client.headers["x-csrf-token"] = csrf
        return client

    def case(self, nth: int = 0) -> Case:
        """The case that is the most valuable, or the next one, and so on."""
        row = self.store.queue(Filter(), 1, nth)[0]
        return Case(row["kind"], row["left"], row["right"])

    def set(self, **settings: Any) -> None:
        """Settings of the desk, as goldseam.yml has them."""
        workspace = self.service.workspace
        firm = workspace.firm.model_copy(update={"desk": Settings.model_validate(settings)})
        self.service.workspace = replace(workspace, firm=firm)

    @contextmanager
    def served(self) -> Iterator[str]:
        """The address of the desk, served until the block ends."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(desk(self.service), port=port, log_level="error"))
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{port}"
        server.should_exit = True
        thread.join()


@contextmanager
def opened(template: Path, root: Path) -> Iterator[Opened]:
    """A copy of the firm of its own, with its desk."""
    shutil.copytree(template, root, symlinks=True)
    workspace = workspaces.read(root)
    with Store.open(workspace.database_url) as store:
        yield Opened(root, store, DeskService(workspace, store))
