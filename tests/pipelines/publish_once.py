"""Run by test_publish_crash.py in a process of its own: publish a run that is ready, and die at a boundary by SIGKILL.

python publish_once.py ROOT RUN URL BOUNDARY
"""

import os
import signal
import sys
from pathlib import Path

from connectors.store.runs import RunFolder
from connectors.store.state import Store
from pipelines.context import Run
from pipelines.publish import publish
from tests.pipelines.nights import START, workspace


def main(root: Path, run_id: str, url: str, boundary: str) -> None:
    def die(name: str) -> None:
        if name == boundary:
            os.kill(os.getpid(), signal.SIGKILL)

    space = workspace(root, "crm", "shop")
    publish(Run(space, RunFolder.open(space.var / "runs", run_id), Store.open(url), START), die)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4])
