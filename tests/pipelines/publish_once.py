"""Called by test_publish_crash.py in a process of its own: publish a run that is ready, and die at a boundary."""

import os
import signal
from pathlib import Path

from connectors.store.runs import RunFolder
from connectors.store.state import Store
from pipelines.context import Run
from pipelines.publish import publish
from tests.pipelines.nights import START, workspace


def main(root: str, run_id: str, url: str, boundary: str) -> None:
    def die(name: str) -> None:
        if name == boundary:
            os.kill(os.getpid(), signal.SIGKILL)

    space = workspace(Path(root), "crm", "shop")
    publish(Run(space, RunFolder.open(space.var / "runs", run_id), Store.open(url), START), die)
