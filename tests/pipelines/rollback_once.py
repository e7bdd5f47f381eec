"""Called by test_rollback_crash.py in a process of its own: take a run back, and die at a boundary by SIGKILL."""

import os
import signal
from datetime import UTC, datetime
from pathlib import Path

from pipelines.rollback import rollback
from tests.pipelines.nights import workspace


def main(root: str, run_id: str, url: str, boundary: str) -> None:
    def die(name: str) -> None:
        if name == boundary:
            os.kill(os.getpid(), signal.SIGKILL)

    os.environ["GOLDSEAM_DATABASE_URL"] = url
    now = datetime(2026, 5, 1, tzinfo=UTC)
    rollback(workspace(Path(root), "crm", "shop"), run_id, "maria", "a wrong file", at=die, now=now)
