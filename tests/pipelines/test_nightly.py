"""The run as a Prefect flow: the same stages, the same result, no server to set up."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines import init

# A server takes longer to start than a run: both runs are of one process, which tells each one's exit code.
RUNS = """
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from pipelines import match
from pipelines.cli import main

def breaks(run):
    raise ValueError("could not convert 'Maria Rossi'")

def run(name):
    with open(f"{name}.json", "w") as out, open(f"{name}.txt", "w") as err, redirect_stdout(out), redirect_stderr(err):
        sys.argv = ["goldseam", "run", "-w", name, "--json"]
        try:
            main()
            code = 0
        except SystemExit as ended:
            code = ended.code
    Path(f"{name}.code").write_text(str(code or 0))

works, match.match = match.match, breaks
run("broken")
match.match = works
run("firm")
"""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two workspaces, each run with Prefect by one process; beside them what the runs told."""
    folder = tmp_path_factory.mktemp("nights")
    for name in ("broken", "firm"):
        init.write(folder / name)
    prefect = folder / "prefect"
    home = {**os.environ, "PREFECT_HOME": str(prefect), "PREFECT_API_URL": "",
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{prefect}/records.db"}  # fmt: skip
    with (folder / "process.txt").open("w", encoding="utf-8") as told:  # no pipe: an orphaned server would hold it open
        subprocess.run([sys.executable, "-c", RUNS], stdout=told, stderr=told, cwd=folder, env=home, check=True,
                       timeout=300)  # fmt: skip
    return folder


def test_a_stage_that_breaks_in_the_flow_is_told_once_and_without_personal_data(ran: Path) -> None:
    """Exit code 1, one JSON document, no traceback of Prefect's, and nothing of a customer in its records."""
    assert (ran / "broken.code").read_text("utf-8") == "1"
    assert json.loads((ran / "broken.json").read_text("utf-8"))["status"] == "failed"
    told = (ran / "broken.txt").read_text("utf-8")
    assert "The stage match failed" in told
    for text in (told, (ran / "process.txt").read_text("utf-8")):
        assert "Traceback" not in text
        assert "INFO" not in text
    records = b"".join(path.read_bytes() for path in (ran / "prefect").rglob("*") if path.is_file())
    assert b"goldseam-" in records  # the name of the flow: it is the records that were read
    assert b"Maria Rossi" not in records


def test_the_flow_publishes_what_the_plain_run_publishes(ran: Path) -> None:
    """All eight stages ran as tasks, and the golden table is there."""
    told = json.loads((ran / "firm.json").read_text("utf-8"))
    assert (ran / "firm.code").read_text("utf-8") == "0"
    assert told["status"] == "published"
    assert len(told["stages"]) == 8
    assert (ran / "firm" / "published" / "latest" / "golden.csv").exists()
