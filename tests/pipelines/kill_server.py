"""Run by kills.py: a process that has everything imported, and forks for each run, so that a run costs no start.

python kill_server.py; then on its input one line of JSON a run: {"root", "url", "now", "at"}. It answers with a line
that says the run's process, and another one with how that ended: the run's status, or -9 where it was killed. `at` is
the number of the boundary (a commit, a file put in place) at which the process kills itself; null: none.
{"module", "given"} calls the `main` of a module instead, with these texts.
"""

import importlib
import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from connectors import workspace
from pipelines import runner
from tests import one_database

REPLACED = ("rename", "replace", "symlink", "unlink")
"""Functions of `os` that put a file in its place, or take it away."""


class Boundaries:
    """Counts what would leave another state behind, before and after it; ends the process at one of them."""

    def __init__(self, at: int | None) -> None:
        self.at, self.passed = at, 0
        event.listen(Engine, "commit", lambda _: self.here())
        for name in REPLACED:
            setattr(os, name, self._between(getattr(os, name)))

    def here(self) -> None:
        self.passed += 1
        if self.passed == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def _between(self, does: Callable[..., None]) -> Callable[..., None]:
        def between(*args: Any, **more: Any) -> None:
            self.here()
            does(*args, **more)
            self.here()

        return between


def work(root: str, url: str | None, now: str, at: int | None, told: Path) -> None:
    """One run; what it came to goes into a file: the status, the boundaries passed, what was resumed, the modules."""
    if url:
        os.environ["GOLDSEAM_DATABASE_URL"] = url
    met = Boundaries(at)
    summary = runner.run(workspace.read(Path(root)), now=datetime.fromisoformat(now))
    answer = {"status": summary.status, "passed": met.passed, "resumed": summary.resumed.get("after")}
    told.write_text(json.dumps({**answer, "modules": sorted(sys.modules)}), "utf-8")


def fork(job: dict[str, Any], told: Path) -> None:
    told.unlink(missing_ok=True)
    main = importlib.import_module(job.get("module", "rules.expectations.engine"))  # before the fork: once for all
    if (pid := os.fork()) == 0:
        code = 1
        try:
            with one_database.shared():
                work(**job, told=told) if "root" in job else main.main(*job["given"])
            code = 0
        finally:
            os._exit(code)
    print(pid, flush=True)
    ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    answer = json.loads(told.read_text("utf-8")) if ended == 0 and told.exists() else {"status": ended}
    for name in answer.pop("modules", ()):  # from the first run on nothing is left to import
        if name not in sys.modules:
            with suppress(Exception):
                importlib.import_module(name)
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    for line in sys.stdin:
        fork(json.loads(line), Path(sys.argv[1]))
