"""Run folders are kept as `keep_runs` says, whatever became of the runs."""

from collections.abc import Callable
from pathlib import Path

from pipelines import init
from pipelines.runner import Summary


def test_nights_that_come_to_nothing_do_not_fill_the_disk(tmp_path: Path, go: Callable[[Path], Summary]) -> None:
    """A source that is gone for weeks leaves a run every night, and none is published."""
    root = tmp_path / "firm"
    init.write(root)
    settings = root / "goldseam.yml"
    settings.write_text(settings.read_text("utf-8").replace("keep_runs: 14", "keep_runs: 2"), "utf-8")
    (root / "inbox" / "customers.csv").unlink()
    for number in range(4):
        (root / "var" / "runs" / f"2025120{number}T033000Z-abcd").mkdir(parents=True)
    run = go(root)
    assert run.status == "failed"
    kept = {folder.name for folder in (root / "var" / "runs").iterdir()}
    assert kept == {"20251203T033000Z-abcd", run.run_id}
