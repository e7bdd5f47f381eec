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


BREAK = """
import sys
from pipelines import match

def breaks(run):
    raise ValueError("could not convert 'Maria Rossi'")

match.match = breaks
sys.argv = ["goldseam", "run", "-w", sys.argv[1], "--json"]
from pipelines.cli import main
main()
"""


def test_a_stage_that_breaks_in_the_flow_is_told_once_and_without_personal_data(firm: Path, tmp_path: Path) -> None:
    """Exit code 1, one JSON document, no traceback of Prefect's, and nothing of a customer in its records."""
    home = {**os.environ, "PREFECT_HOME": str(tmp_path / "prefect"), "PREFECT_API_URL": ""}
    out, err = tmp_path / "out.json", tmp_path / "err.txt"
    with out.open("w", encoding="utf-8") as stdout, err.open("w", encoding="utf-8") as stderr:
        ended = subprocess.run(
            [sys.executable, "-c", BREAK, str(firm)], stdout=stdout, stderr=stderr, env=home, check=False, timeout=300
        )
    assert ended.returncode == 1
    assert json.loads(out.read_text("utf-8"))["status"] == "failed"
    told = err.read_text("utf-8")
    assert "The stage match failed" in told
    assert "Traceback" not in told
    assert "INFO" not in told
    assert not any(b"Maria Rossi" in path.read_bytes() for path in (tmp_path / "prefect").rglob("*") if path.is_file())


def test_the_flow_publishes_what_the_plain_run_publishes(told: dict[str, object], firm: Path) -> None:
    """All eight stages ran as tasks, and the golden table is there."""
    assert told["status"] == "published"
    stages = told["stages"]
    assert isinstance(stages, list)
    assert len(stages) == 8
    assert (firm / "published" / "latest" / "golden.csv").exists()
