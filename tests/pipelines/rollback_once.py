"""Run by test_rollback_crash.py in a process of its own: take a run back, and die at a boundary by SIGKILL.

python rollback_once.py ROOT RUN BOUNDARY
"""

import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from pipelines.rollback import rollback
from tests.pipelines.nights import workspace


def main(root: Path, run_id: str, boundary: str) -> None:
    def die(name: str) -> None:
        if name == boundary:
            os.kill(os.getpid(), signal.SIGKILL)

    now = datetime(2026, 5, 1, tzinfo=UTC)
    rollback(workspace(root, "crm", "shop"), run_id, "maria", "a wrong file", at=die, now=now)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
