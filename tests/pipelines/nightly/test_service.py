"""`goldseam nightly` as a service: with a Prefect server of its own, and with one on PostgreSQL. Takes minutes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from pipelines import init
from pipelines.nights.record import Night, Nights
from tests.databases import _free_port as free_port
from tests.databases import database

pytestmark = pytest.mark.soak

PROGRAM = str(Path(sys.executable).with_name("goldseam"))
PREFECT = str(Path(sys.executable).with_name("prefect"))
PATIENCE = 400.0


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace as `goldseam init` writes it."""
    init.write(tmp_path / "firm")
    return tmp_path / "firm"


def environment(folder: Path, **more: str) -> dict[str, str]:
    """A Prefect home of the test's own, and no server that anybody else has."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    return {**kept, "PREFECT_HOME": str(folder / "prefect"), "DO_NOT_TRACK": "1", **more}


@contextmanager
def running(words: list[str], folder: Path, **more: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A process, ended with all its children when the block is left; what it says is in a file."""
    with (folder / f"{Path(words[0]).name}.log").open("wb") as out:
        process = subprocess.Popen(words, stdout=out, stderr=out, env=environment(folder, **more))
    try:
        yield process
    finally:
        family = [*psutil.Process(process.pid).children(recursive=True)] if process.poll() is None else []
        process.kill()
        process.wait()
        for child in family:
            child.kill() if child.is_running() else None


def until(true: Callable[[], Any]) -> Any:
    """What becomes true within minutes."""
    over = time.monotonic() + PATIENCE
    while time.monotonic() < over:
        if found := true():
            return found
        time.sleep(0.5)
    raise AssertionError("it did not come true")


def ended(root: Path, number: int = 1) -> Callable[[], list[Night]]:
    def nights() -> list[Night]:
        found = [night for night in Nights(root / "var").all() if night.ended]
        return found if len(found) >= number else []

    return nights


def asked(api: str, path: str, body: dict[str, Any]) -> Any:
    return httpx.post(f"{api}/{path}", json=body, timeout=20).raise_for_status().json()


def outcome(root: Path) -> tuple[str, tuple[str, ...]]:
    """Of the first night, when it has ended, and why."""
    night = until(ended(root))[-1]
    return night.status, night.reasons


EVERY_MINUTE = ["--cron", "* * * * *", "--timezone", "UTC"]


def test_nights_are_served_without_anybodys_server(root: Path, tmp_path: Path) -> None:
    """The schedule fires, the night publishes; a stop ends service, night and server in time."""
    with running([PROGRAM, "nightly", "-w", str(root), *EVERY_MINUTE], tmp_path) as service:
        assert outcome(root) == ("published", ())
        children = psutil.Process(service.pid).children(recursive=True)
        service.send_signal(signal.SIGTERM)
        service.wait(100)
        until(lambda: not any(child.is_running() and child.status() != "zombie" for child in children))
    log = (root / "var" / "prefect" / "server.log").read_text()
    assert "ERROR" not in log
    assert "Traceback" not in (tmp_path / "goldseam.log").read_text()


def test_a_service_that_is_killed_leaves_no_server_and_the_next_one_goes_on(root: Path, tmp_path: Path) -> None:
    """kill -9: its server ends with it, and a new service has its nights."""
    with running([PROGRAM, "nightly", "-w", str(root), *EVERY_MINUTE], tmp_path) as service:
        until(ended(root))
        servers = [p for p in psutil.Process(service.pid).children() if "pipelines.nights.server" in p.cmdline()]
        service.kill()
        service.wait()
        until(lambda: not any(server.is_running() and server.status() != "zombie" for server in servers))
    nights = len(Nights(root / "var").all())
    with running([PROGRAM, "nightly", "-w", str(root), *EVERY_MINUTE], tmp_path):
        assert until(ended(root, nights + 1))[0].status == "unchanged"


def test_a_run_that_is_killed_leaves_no_server(root: Path, tmp_path: Path) -> None:
    """kill -9 of `goldseam run`: the server that it had begun ends with it."""
    with running([PROGRAM, "run", "-w", str(root)], tmp_path) as run:
        children = psutil.Process(run.pid).children
        servers = until(lambda: [p for p in children() if "pipelines.nights.server" in p.cmdline()])
        run.kill()
        run.wait()
        until(lambda: not any(server.is_running() and server.status() != "zombie" for server in servers))


@pytest.fixture
def api(tmp_path: Path) -> Iterator[str]:
    """A Prefect server on a real PostgreSQL."""
    with database("postgresql", tmp_path) as url:
        address = url.replace("postgresql://", "postgresql+asyncpg://")
        port = free_port()
        api = f"http://127.0.0.1:{port}/api"
        words = [PREFECT, "server", "start", "--host", "127.0.0.1", "--port", str(port)]
        more = {"PREFECT_SERVER_DATABASE_CONNECTION_URL": address, "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
        with running(words, tmp_path, **more):
            until(lambda: _answers(f"{api}/health"))
            yield api


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).is_success
    except httpx.HTTPError:
        return False


def test_nights_are_served_with_a_prefect_server_on_postgresql(root: Path, tmp_path: Path, api: str) -> None:
    """The flow run ends as published, with its tables and its scorecard as artifacts; no other server is started."""
    with running([PROGRAM, "nightly", "-w", str(root), *EVERY_MINUTE], tmp_path, PREFECT_API_URL=api):
        assert outcome(root) == ("published", ())
        runs = until(
            lambda: asked(api, "flow_runs/filter", {"flow_runs": {"state": {"name": {"any_": ["Published"]}}}})
        )
    assert runs[-1]["state"]["message"] == "published"
    keys = {artifact["key"] for artifact in asked(api, "artifacts/filter", {})}
    assert keys >= {"goldseam-stages", "goldseam-changes", "goldseam-quarantine", "goldseam-scorecard"}
    assert not (root / "var" / "prefect" / "server.log").exists()


def test_the_prefect_file_of_a_workspace_deploys(root: Path, tmp_path: Path, api: str) -> None:
    """`prefect deploy` takes it as it is, after its path is set, and a worker's run publishes."""
    file = root / "deploy" / "prefect.yaml"
    file.write_text(file.read_text("utf-8").replace("/srv/my-firm", str(root)), "utf-8")
    for words in (
        ["work-pool", "create", "goldseam", "--type", "process"],
        ["--no-prompt", "deploy", "--prefect-file", str(file), "--all"],
        ["deployment", "run", "goldseam-nightly/my-firm"],
    ):
        subprocess.run([PREFECT, *words], env=environment(tmp_path, PREFECT_API_URL=api), check=True, timeout=PATIENCE)
    worker = [PREFECT, "worker", "start", "--pool", "goldseam", "--limit", "1"]
    with running(worker, tmp_path, PREFECT_API_URL=api):
        assert outcome(root) == ("published", ())
