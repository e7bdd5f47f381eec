"""Looking again at a run that is over: its folder, opened as it was."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from connectors import workspace as workspaces
from connectors.store.runs import RunFolder
from connectors.store.state import Store
from pipelines import report
from pipelines.context import Run


class NoSuchRun(Exception):
    """There is no run to look at; the message says which there are."""


@contextmanager
def opened(root: Path, run_id: str | None = None) -> Iterator[Run]:
    """An earlier run; none named: the one that is published, else the latest. Raises NoSuchRun."""
    workspace = workspaces.read(root)
    with Store.open(workspace.database_url) as store:
        runs = {row["run_id"]: row for row in store.runs().to_pylist()}
        wanted = run_id or store.last_published() or next(iter(runs), None)
        folder = workspace.var / "runs" / (wanted or "")
        if wanted is None or wanted not in runs or not folder.exists():
            known = ", ".join(r for r in runs if (workspace.var / "runs" / r).exists())
            ask = f"Kept runs: {known}" if known else f"Run it first: goldseam run -w {root}"
            raise NoSuchRun(f"there is no run {wanted or 'yet'} in {root}. {ask}")
        started = datetime.fromisoformat(str(runs[wanted]["started"]))
        yield Run(workspace, RunFolder.open(workspace.var / "runs", wanted), store, started)


@contextmanager
def matched(root: Path) -> Iterator[Run]:
    """The same run, as far as its records were compared. Raises NoSuchRun where it stopped before."""
    with opened(root) as run:
        if not run.folder.parts("identify", "crosswalk"):
            remedy = f"See to what stopped it, then: goldseam run -w {root}"
            raise NoSuchRun(f"run {run.id} stopped before its records were compared. {remedy}")
        yield run


def scorecard(root: Path, run_id: str | None = None) -> Path:
    """Write the scorecard of a run again; -> where it is. Raises NoSuchRun."""
    with opened(root, run_id) as run:
        report.report(run)
        return Path(shutil.copyfile(report.file(run), root / "scorecard.html"))
