"""A Prefect server for as long as nobody has another, in a process that ends with ours.

The server that Prefect itself starts for a flow outlives a process that is killed, and it has no scheduler, without
which no night would ever begin. Run as a module this file is the child: it serves until its standard input closes,
which the operating system does whenever the parent ends, however it ends.
"""

import atexit
import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final
from urllib.error import HTTPError
from urllib.request import urlopen

HOST: Final = "127.0.0.1"
PATIENCE: Final = 180.0
"""Seconds in which it must have started; the first time it makes its database."""
SILENT: Final = 300.0
"""Seconds of silence after which a server is taken for gone."""
APP: Final = "prefect.server.api.server:create_app"
_LASTING: Final[list[str]] = []


class NoServer(Exception):
    """It did not start; the message says where its log is."""


@contextmanager
def started(var: Path, *, scheduler: bool = True) -> Iterator[str]:
    """The address of the API of a server of our own, while the block runs. Raises NoServer.

    Its database and its log are in `var/prefect`. Without its scheduler it only takes flows down.
    """
    own_database(var)
    log = var / "prefect" / "server.log"
    port = _free_port()
    with log.open("ab") as out:
        child = subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-m", __name__, str(port)],
            stdin=subprocess.PIPE, stdout=out, stderr=out, env=_environment(scheduler),
        )  # fmt: skip
    try:
        _await(child, f"http://{HOST}:{port}/api", log)
        yield f"http://{HOST}:{port}/api"
    finally:
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def lasting(var: Path) -> str:
    """The address of a server of our own, without a scheduler, that lasts as long as this process. Raises NoServer.

    Prefect knows one server a process, and hands it what became of tasks to the very end.
    """
    if not _LASTING:
        stack = ExitStack()
        _LASTING.append(stack.enter_context(started(var, scheduler=False)))
        atexit.register(stack.close)
    return _LASTING[0]


def own_database(var: Path) -> None:
    """Whatever server Prefect starts for this process keeps its database in the workspace, unless another is set.

    Several servers on one SQLite file would wait for each other.
    """
    home = (var / "prefect").resolve()
    home.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("PREFECT_SERVER_DATABASE_CONNECTION_URL", f"sqlite+aiosqlite:///{home}/prefect.db")


def may_be_set() -> bool:
    """Whether Prefect, which is slow to import, may know of a server of the user's: from the environment, a profile, or
    settings in the folder of work.
    """
    if (url := os.environ.get("PREFECT_API_URL")) is not None:
        return bool(url)
    home = Path(os.environ.get("PREFECT_HOME") or Path.home() / ".prefect")
    profiles = Path(os.environ.get("PREFECT_PROFILES_PATH") or home / "profiles.toml")
    said = {
        profiles: b"API_URL",
        Path("prefect.toml"): b"",
        Path(".env"): b"API_URL",
        Path("pyproject.toml"): b"[tool.prefect",
    }
    return any(path.is_file() and word in path.read_bytes() for path, word in said.items())


def _environment(scheduler: bool) -> dict[str, str]:
    """A server says nothing to anybody outside, and only what goes wrong to its log."""
    return {
        **os.environ,
        "PREFECT__SERVER_FINAL": "1",
        **({} if scheduler else {"PREFECT__SERVER_EPHEMERAL": "1"}),
        "DO_NOT_TRACK": "1",
        "PREFECT_API_URL": "",
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
        "PREFECT_UI_ENABLED": "false",
    }


def _free_port() -> int:
    with socket.socket() as free:
        free.bind((HOST, 0))
        return int(free.getsockname()[1])


def _await(child: "subprocess.Popen[bytes]", api: str, log: Path) -> None:
    """Until it answers. Raises NoServer."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and child.poll() is None:
        if answers(api):
            return
        time.sleep(0.2)
    raise NoServer(f"The Prefect server did not start. Its log says why: {log}")


def answers(api: str) -> bool:
    """Whether there is a server at an address; one that asks who we are is one, too."""
    try:
        with urlopen(f"{api}/health", timeout=10):  # noqa: S310 - an address of the user's own
            return True
    except HTTPError:
        return True
    except (OSError, http.client.HTTPException):
        return False


def watch(api: str, say: Callable[[str], None], silent: float = SILENT) -> None:
    """Raises NoServer where a server does not answer; ends this process when it has not for `silent` seconds.

    Prefect gives a silent server up after three attempts and then stays, without serving anything. A process that is
    ended is begun again by whoever runs the service. A night that is under way has a process of its own.
    """
    if not answers(api):
        raise NoServer(f"The Prefect server at {api} does not answer. See that it runs, then start the nights again")

    def look() -> None:
        heard = time.monotonic()
        while time.monotonic() - heard < silent:
            time.sleep(silent / 10)
            if answers(api):
                heard = time.monotonic()
        say(f"The Prefect server at {api} does not answer any more: the service ends")
        os._exit(1)

    threading.Thread(target=look, name="Prefect server", daemon=True).start()


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    import uvicorn

    threading.Thread(target=_end_with_parent, daemon=True).start()
    uvicorn.run(APP, factory=True, host=HOST, port=int(sys.argv[1]), log_level="error", lifespan="on")
