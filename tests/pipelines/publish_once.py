"""Run by test_publish_crash.py in a process of its own: publish a night and die, with SIGKILL, at a boundary.

python publish_once.py ROOT NIGHT URL BOUNDARY
"""

import os
import signal
import sys
from pathlib import Path

from connectors.store import publication
from pipelines.publish import publish
from tests.pipelines.nights import FIRST, SECOND, night, ready, workspace


def main(root: Path, number: int, url: str, boundary: str) -> None:
    def die(name: str) -> None:
        if name == boundary:
            os.kill(os.getpid(), signal.SIGKILL)

    run = night(workspace(root, "crm", "shop"), number, (FIRST, SECOND)[number - 1], url=url)
    ready(run, (FIRST, SECOND)[number - 1])
    publish(run, die)
    run.store.close()


if __name__ == "__main__":
    publication.CHUNK = 1  # a boundary a row
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4])
