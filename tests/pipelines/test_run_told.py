"""A run tells its stages once: bars that go, or a line each, and then the summary."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pipelines.cli import show
from pipelines.cli.watch import Bar, Bars
from pipelines.context import StageResult
from pipelines.runner import Summary

TELL = """
import sys
from pathlib import Path
from pipelines.cli import show
from pipelines.cli.watch import Bars
from pipelines.context import StageResult
from pipelines.runner import Summary
result = StageResult("land", 121, 120, 3.0)
with Bars() as bars:
    bars.end(result)
show.summary(Summary("r", "published", [result]), Path(sys.argv[1]), stages=not bars.has_told)
"""


@pytest.mark.parametrize("together", [True, False])
def test_stages_stand_once_in_each_place(tmp_path: Path, *, together: bool) -> None:
    """In one file (`2>&1`, the mail of cron) each stage stands once; output and errors apart are each whole."""
    (tmp_path / "tell.py").write_text(TELL, "utf-8")
    apart = subprocess.STDOUT if together else subprocess.PIPE
    found = subprocess.run(
        [sys.executable, str(tmp_path / "tell.py"), str(tmp_path)], check=True, stdout=subprocess.PIPE, stderr=apart,
        text=True, env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert found.stdout.count("land ") == 1
    assert "Published." in found.stdout
    assert together or found.stderr.count("land ") == 1


def test_bars_of_a_run_go_when_it_is_done() -> None:
    """On a terminal the table of the summary tells the same; the bar of another command is all there is, and stays."""
    assert (Bars().progress.live.transient, Bar().progress.live.transient) == (True, False)


def test_the_table_is_left_out_where_it_was_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The rest of the summary stands without it."""
    summary = Summary("r", "published", [StageResult("land", 121, 120, 3.0)])
    show.summary(summary, tmp_path, stages=False)
    assert capsys.readouterr().out.split("\n")[0] == "Published."


DIFFERENCE = {
    "since": 3, "created": 0, "merged": 2, "split": 0, "changed": 1, "retired": 0, "returned": 0,
    "fields": {"phone": 1},
    "surprises": [{"what": "merged", "golden_id": "G1", "rank": 31.5, "why": "2 customers would be merged into it"}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"status": "held", "reasons": ["too many"]}, ["Held: not published", "too many", "goldseam publish r -w"]),
        (
            {"status": "held", "dry": True, "would_be": "published"},
            ["the run would be published.", "goldseam publish r"],
        ),
        ({"status": "unchanged", "dry": True, "would_be": "unchanged"}, ["the run would change nothing."]),
        ({"status": "published"}, ["Published."]),
    ],
    ids=["held", "dry", "dry and the same", "published"],
)
def test_a_person_is_told_what_changes(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, how: dict[str, Any], words: list[str]
) -> None:
    """Counts, fields and surprises of every run; of one that waits, how it is published."""
    show.summary(Summary("r", difference=DIFFERENCE, **how), tmp_path)
    told = capsys.readouterr().out
    for word in (*words, "2 merged into others, 1 changed", "phone 1 time", "31.5  G1: 2 customers would be merged"):
        assert word in told
    assert ("goldseam publish r" in told) == (how["status"] == "held")
