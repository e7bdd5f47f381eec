"""The run as a Prefect flow: the same stages, the same result, no server to set up."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def told(firm: Path, tmp_path: Path) -> dict[str, object]:
    """The JSON of a run with Prefect, in a process and a Prefect home of its own."""
    home = {**os.environ, "PREFECT_HOME": str(tmp_path / "prefect"), "PREFECT_API_URL": ""}
    out = tmp_path / "out.json"
    with out.open("w", encoding="utf-8") as file:  # a file, since an orphaned server would keep a pipe open
        subprocess.run(
            [str(Path(sys.executable).with_name("goldseam")), "run", "-w", str(firm), "--json"],
            stdout=file, stderr=subprocess.DEVNULL, env=home, check=True, timeout=300,
        )  # fmt: skip
    found: dict[str, object] = json.loads(out.read_text("utf-8"))
    return found


def test_the_flow_publishes_what_the_plain_run_publishes(told: dict[str, object], firm: Path) -> None:
    """All eight stages ran as tasks, and the golden table is there."""
    assert told["status"] == "published"
    stages = told["stages"]
    assert isinstance(stages, list)
    assert len(stages) == 8
    assert (firm / "published" / "latest" / "golden.csv").exists()
